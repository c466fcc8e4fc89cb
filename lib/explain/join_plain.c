/* Inputs that show something by themselves, in a few words: property lists, signatures,
 * HID services, bundles, profiles. */
#include <string.h>

#include "bundle/bundle.h"
#include "bundle/model.h"
#include "dext/profile.h"
#include "dext/sysext.h"
#include "explain/join.h"
#include "plist/tree.h"

/* CoreFoundation reads a property list whole or not at all. */
static void join_plain_whole(struct dx_join *j, const struct dx_held *h,
                             const struct dext_plist *pl)
{
    const struct dx_problem_at *p = dx_first_break(pl);
    if (pl->stopped) {
        dx_join_unread(j, h, pl->reason);
    } else if (p) {
        dx_join_unread(j, h, dx_sprintf(&j->ctx->arena, "line %u: %s", p->at.line, p->text));
    }
}

static const struct dext_node *join_plain_load(struct dx_join *j, const struct dx_held *h)
{
    struct dx_source src = {h->file, h->data.p, h->data.n};
    const struct dext_plist *pl = dx_plist_load(j->ctx, &src);
    join_plain_whole(j, h, pl);
    dext_ctx_clear(j->ctx);
    return pl->root;
}

static const char *join_plain_text_at(const struct dext_node *dict, const char *key)
{
    const struct dext_node *n = dx_get_kind(dict, key, DEXT_STRING);
    return n ? n->text.p : "";
}

void dx_join_plist(struct dx_join *j, const struct dx_held *h)
{
    struct dx_source src = {h->file, h->data.p, h->data.n};
    const struct dext_plist *pl = dx_plist_load(j->ctx, &src);
    const char *words;
    (void)dx_doc_classify("", pl, &words);
    join_plain_whole(j, h, pl);
    dext_ctx_clear(j->ctx);
    const char *id = join_plain_text_at(pl->root, "CFBundleIdentifier");
    const struct dext_node *all = dx_get_kind(pl->root, "IOKitPersonalities", DEXT_DICT);
    if (!pl->root) {
        words = "nothing that can be read";
    }
    dx_join_holds(j, h, "%s%s%s%s%s", words, *id ? ", " : "", id, *id ? " " : "",
                  *id ? join_plain_text_at(pl->root, "CFBundleShortVersionString") : "");
    if (all) {
        dx_join_holds(j, h, "%s, %u %s", j->inputs[h->input].holds, all->count,
                      all->count == 1 ? "personality" : "personalities");
    }
}

void dx_join_hidutil(struct dx_join *j, const struct dx_held *h)
{
    const struct dext_node *root =
        memchr(h->data.p, '<', h->data.n) || dx_str_has_prefix(h->data, "bplist")
            ? join_plain_load(j, h)
            : NULL;
    const struct dext_node *services = dx_get_kind(root, "ServiceRecords", DEXT_ARRAY);
    const struct dext_node *clients = dx_get_kind(root, "ClientRecords", DEXT_ARRAY);
    struct dx_str rest = h->data, line;
    size_t rows = 0;
    if (services || clients) {
        dx_join_holds(j, h, "services: %u, clients: %u", services ? services->count : 0,
                      clients ? clients->count : 0);
        return;
    }
    while (dx_next_line(&rest, &line)) {
        rows += dx_str_has_prefix(dx_kind_bare(line), "0x");
    }
    dx_join_holds(j, h, "services and devices: %zu", rows);
}

/* ---- signatures ------------------------------------------------------------------------------ */

/* The value of "key=" in the text, or "". */
static const char *join_plain_value_of(struct dx_join *j, const struct dx_held *h, const char *key)
{
    struct dx_str rest = h->data, line;
    while (dx_next_line(&rest, &line)) {
        line = dx_kind_bare(line);
        size_t n = strlen(key);
        if (dx_str_has_prefix(line, key)) {
            struct dx_str v = dx_str_trim((struct dx_str){line.p + n, line.n - n});
            return dx_strndup(&j->ctx->arena, v.p, v.n < 200 ? v.n : 200);
        }
    }
    return "";
}

void dx_join_codesign(struct dx_join *j, const struct dx_held *h)
{
    const char *id = join_plain_value_of(j, h, "Identifier="),
               *by = join_plain_value_of(j, h, "Authority=");
    const char *team = join_plain_value_of(j, h, "TeamIdentifier=");
    bool adhoc = strcmp(join_plain_value_of(j, h, "Signature="), "adhoc") == 0;
    bool driverkit = dx_str_contains(h->data, "com.apple.developer.driverkit");
    if (!*id && dx_str_contains(h->data, ": valid on disk")) {
        dx_join_holds(j, h, "every hash of the bundle holds");
        return;
    }
    dx_join_holds(j, h, "%s, %s%s%s%s%s", *id ? id : "a program",
                  adhoc ? "signed ad hoc"
                  : *by ? "signed by "
                        : "signer not shown",
                  adhoc ? "" : by, *team ? ", team " : "", team,
                  driverkit ? ", with entitlements of DriverKit" : "");
    if (adhoc) {
        dx_join_note(j, h,
                     "an ad-hoc signature carries no entitlements of DriverKit that the "
                     "system accepts, unless System Integrity Protection is off");
    }
}

/* https://developer.apple.com/documentation/security/notarizing-macos-software-before-distribution
 * and spctl(8): a verdict on distribution, not on whether code may run. */
void dx_join_spctl(struct dx_join *j, const struct dx_held *h)
{
    const char *source = join_plain_value_of(j, h, "source=");
    bool accepted = dx_str_contains(h->data, ": accepted");
    dx_join_holds(j, h, "%s%s%s", accepted ? "accepted" : "rejected", *source ? ", source " : "",
                  source);
    if (!accepted && strcmp(source, "no usable signature") == 0) {
        struct dx_conclusion f = {"assessed-unsigned", "", "", "", {{0}}, 0};
        dx_join_say(&f, h->file, 0, "rejected, source=no usable signature");
        dx_timeline_note(j->timeline, &f);
    } else if (!accepted) {
        dx_join_note(j, h, "%s",
                     strcmp(source, "Developer ID") == 0 ||
                             strcmp(source, "Unnotarized Developer ID") == 0
                         ? "signed for distribution, but not notarized: Gatekeeper refuses a copy "
                           "that was downloaded"
                         : "spctl judges distribution, and rejects whatever is signed for "
                           "development; that alone keeps no driver from running");
    }
}

/* ---- db.plist -------------------------------------------------------------------------------- */

/* As rows of systemextensionsctl, so that one reader knows the states. */
static const char *as_list(struct dx_join *j, const struct dext_node *root)
{
    const struct dext_node *all = dx_get_kind(root, "extensions", DEXT_ARRAY);
    struct dx_buf b;
    dx_buf_init(&b, &j->ctx->arena, (size_t)4 << 20);
    dx_buf_printf(&b, "%u extension(s)\n", all ? all->count : 0);
    for (const struct dext_node *e = all ? all->child : NULL; e; e = e->next) {
        const struct dext_node *version = dx_get_kind(e, "bundleVersion", DEXT_DICT);
        const char *id = join_plain_text_at(e, "identifier"),
                   *state = join_plain_text_at(e, "state");
        dx_buf_printf(&b, "\t\t%s\t%s (%s/%s)\t%s\t[%s]\n", join_plain_text_at(e, "teamID"), id,
                      join_plain_text_at(version, "CFBundleShortVersionString"),
                      join_plain_text_at(version, "CFBundleVersion"), id, state);
    }
    return b.toobig ? "" : b.p;
}

void dx_join_database(struct dx_join *j, const struct dx_held *h)
{
    const char *list = as_list(j, join_plain_load(j, h));
    struct dx_held as = *h;
    as.data = dx_str(list);
    dx_join_list(j, &as, false);
}

/* ---- what is on disk ------------------------------------------------------------------------- */

void dx_join_bundle(struct dx_join *j, const struct dx_held *h)
{
    const char *info =
        h->disk && dx_is_folder(j->ctx, h->disk) ? dx_bundle_info_path(j->ctx, h->disk) : NULL;
    struct dx_source src;
    if (!info || dx_source_read(&src, j->ctx, info) < 0) {
        dext_ctx_clear(j->ctx);
        return;
    }
    const struct dext_node *root = dx_plist_load(j->ctx, &src)->root;
    dext_ctx_clear(j->ctx);
    dx_join_holds(j, h, "%s %s", join_plain_text_at(root, "CFBundleIdentifier"),
                  join_plain_text_at(root, "CFBundleShortVersionString"));
}

void dx_join_profile(struct dx_join *j, const struct dx_held *h)
{
    struct dext_profiles all;
    if (!h->disk || dext_profiles_read(&all, j->ctx, h->disk) < 0 || all.count == 0 ||
        all.list[0]->error) {
        if (h->disk) {
            dx_join_unread(j, h, dext_ctx_error(j->ctx));
        }
        dext_ctx_clear(j->ctx);
        return;
    }
    const struct dext_profile *p = all.list[0];
    dx_join_holds(j, h, "%s, for %s%s", p->kind_words, p->app_id,
                  p->driverkit ? ", grants DriverKit" : "");
}
