/* Lists of kernel extensions: what is in the kernel against what System Information says. */
#include <stdlib.h>
#include <string.h>

#include "bundle/model.h"
#include "error/error.h"
#include "explain/join.h"
#include "explain/kexts.h"
#include "plist/tree.h"

#define MOST_DEPTH 12 /* of system_profiler's _items */
#define LEAST_LIST 20 /* kexts of a list that was not cut by grep; every Mac has more than 100 */

static const char *join_kexts_text_of(struct dx_join *j, struct dx_str s)
{
    return dx_strndup(&j->ctx->arena, s.p, s.n);
}

static void third_parties(struct dx_join *j, struct dx_buf *b, const struct dx_kexts *list)
{
    size_t shown = 0;
    for (size_t i = 0; i < list->count; i++) {
        const struct dx_kext *k = &list->list[i];
        if (!dx_is_apple(k->id) && ++shown <= 3) {
            dx_buf_printf(b, "%s%s %s", shown == 1 ? ": " : ", ", join_kexts_text_of(j, k->id),
                          join_kexts_text_of(j, k->version));
        }
    }
    dx_buf_puts(b, shown > 3 ? ", ..." : "");
}

static size_t third_party_count(const struct dx_kexts *list)
{
    size_t n = 0;
    for (size_t i = 0; i < list->count; i++) {
        n += !dx_is_apple(list->list[i].id);
    }
    return n;
}

static bool join_kexts_complete(const struct dx_kexts *list)
{
    return list->count >= LEAST_LIST && dx_kexts_find(list, DX_STR("com.apple.kpi.bsd"));
}

/* Whether what the user gave beside the list is in it, and in which version. */
static void join_kexts_given(struct dx_join *j, const struct dx_held *h,
                             const struct dx_kexts *list, const struct dx_held *info)
{
    struct dx_source src = {info->file, info->data.p, info->data.n};
    const struct dext_plist *pl = dx_plist_load(j->ctx, &src);
    const char *words;
    enum dx_doc_kind kind = dx_doc_classify("", pl, &words);
    const struct dext_node *id = dx_get_kind(pl->root, "CFBundleIdentifier", DEXT_STRING);
    const struct dext_node *version = dx_get_kind(pl->root, "CFBundleVersion", DEXT_STRING);
    dext_ctx_clear(j->ctx);
    if (!dx_is_literal(id) || (kind != DX_DOC_KEXT_INFO && kind != DX_DOC_DEXT_INFO)) {
        return;
    }
    const struct dx_kext *k = dx_kexts_find(list, id->text);
    if (k && kind == DX_DOC_DEXT_INFO) {
        dx_join_note(j, h,
                     "a kernel extension has the driver extension's identifier %s: two of one "
                     "name",
                     id->text.p);
    } else if (k && version && !dx_str_eq(version->text, k->version)) {
        dx_join_note(j, h, "%s is loaded in version %s; the one given is %s", id->text.p,
                     join_kexts_text_of(j, k->version), version->text.p);
    } else if (k) {
        dx_join_note(j, h, "%s is loaded", id->text.p);
    } else if (kind == DX_DOC_KEXT_INFO && join_kexts_complete(list)) {
        dx_join_note(j, h, "%s is not in it: it is not in the kernel", id->text.p);
    }
}

void dx_join_kexts(struct dx_join *j, const struct dx_held *h)
{
    struct dx_kexts list = {NULL, 0, 0};
    struct dx_buf b;
    dx_kexts_read(&list, &j->ctx->arena, h->data);
    size_t others = third_party_count(&list);
    dx_buf_init(&b, &j->ctx->arena, 4000);
    dx_buf_printf(&b, "%zu %s, %zu not Apple's", list.count, list.count == 1 ? "kext" : "kexts",
                  others);
    third_parties(j, &b, &list);
    dx_join_holds(j, h, "%s", b.p);
    for (size_t i = 0; others && i < list.count; i++) {
        const struct dx_kext *k = &list.list[i], *first = dx_kexts_find(&list, k->id);
        if (first != k && !dx_str_eq(first->version, k->version)) {
            dx_join_note(j, h, "%s is listed in two versions: %s and %s",
                         join_kexts_text_of(j, k->id), join_kexts_text_of(j, first->version),
                         join_kexts_text_of(j, k->version));
        }
    }
    for (size_t i = 0; i < j->count; i++) {
        if (j->held[i].kind == DEXT_TEXT_PLIST && !j->held[i].found) {
            join_kexts_given(j, h, &list, &j->held[i]);
        }
    }
    if (list.count && !join_kexts_complete(&list)) {
        dx_join_note(j, h, "it is a part of a list: what is missing may be loaded all the same");
    }
}

/* ---- system_profiler ------------------------------------------------------------------------- */

struct profile {
    struct dx_kexts kexts;
    size_t usb, disabled;
    struct dx_buf types;
    struct dx_arena *arena;
};

static struct dx_str join_kexts_value(const struct dext_node *item, const char *key)
{
    const struct dext_node *n = dx_get_kind(item, key, DEXT_STRING);
    return n ? n->text : DX_STR("");
}

static void join_kexts_item(struct profile *p, const struct dext_node *n)
{
    struct dx_str id = join_kexts_value(n, "spext_bundleid"),
                  loaded = join_kexts_value(n, "spext_loaded");
    struct dx_str at = join_kexts_value(n, "spext_load_address");
    if (id.n) {
        struct dx_kext k = {.id = id, .version = join_kexts_value(n, "spext_version")};
        k.line = dext_node_place(n).line;
        k.has_loaded = loaded.n > 0;
        k.loaded = dx_str_is(loaded, "spext_yes") || dx_str_is_nocase(loaded, "yes");
        k.has_address = at.n > 0;
        k.address = !dx_str_is(at, "0") && !dx_str_is(at, "0x0");
        *DX_PUSH(p->arena, p->kexts.list, p->kexts.count, p->kexts.cap) = k;
    }
    p->usb += dx_get(n, "vendor_id") != NULL || dx_get(n, "USBDeviceKeyVendorID") != NULL;
}

static void items(struct profile *p, const struct dext_node *array, unsigned depth)
{
    for (const struct dext_node *n = array ? array->child : NULL; n; n = n->next) {
        if (n->kind == DEXT_DICT && depth < MOST_DEPTH) {
            join_kexts_item(p, n);
            items(p, dx_get_kind(n, "_items", DEXT_ARRAY), depth + 1);
        }
    }
}

/* An array with a dictionary for each kind of data that was asked for. */
static void read_xml(struct profile *p, struct dext_ctx *ctx, const struct dx_held *h)
{
    struct dx_source src = {h->file, h->data.p, h->data.n};
    const struct dext_node *root = dx_plist_load(ctx, &src)->root;
    bool array = root && root->kind == DEXT_ARRAY;
    for (const struct dext_node *n = array ? root->child : NULL; n; n = n->next) {
        struct dx_str type = join_kexts_value(n, "_dataType");
        const struct dext_node *all = dx_get_kind(n, "_items", DEXT_ARRAY);
        if (type.n) {
            dx_buf_printf(&p->types, "%s%.*s", p->types.n ? ", " : "",
                          (int)(type.n < 60 ? type.n : 60), type.p);
        }
        p->disabled += dx_str_is(type, "SPDisabledSoftwareDataType") && all ? all->count : 0;
        items(p, all, 0);
    }
}

static void read_text(struct profile *p, const struct dx_held *h)
{
    struct dx_str rest = h->data, line;
    dx_kexts_read(&p->kexts, p->arena, h->data);
    while (dx_next_line(&rest, &line)) {
        line = dx_kind_bare(line);
        p->usb += dx_str_has_prefix(line, "Product ID: 0x") ||
                  dx_str_has_prefix(line, "USB Product ID: 0x");
    }
}

static void join_kexts_read_profile(struct profile *p, struct dx_join *j, const struct dx_held *h)
{
    struct dx_str head = dx_str_trim(h->data);
    *p = (struct profile){.arena = &j->ctx->arena};
    dx_buf_init(&p->types, p->arena, 1000);
    if (dx_str_has_prefix(head, "<") || dx_str_has_prefix(head, "bplist")) {
        read_xml(p, j->ctx, h);
        dext_ctx_clear(j->ctx);
    } else {
        read_text(p, h);
    }
}

/* System Information says "Loaded: Yes" of what is approved and in its folder. A kext that is in no
 * collection that was booted has no address, and the kernel's own list lacks it.
 * kmutil(8), on the auxiliary collection. */
static void join_kexts_compare(struct dx_join *j, const struct dx_held *h, const struct profile *p,
                               const struct dx_held *kernel, const struct dx_kexts *list)
{
    struct dx_arena *a = &j->ctx->arena;
    for (size_t i = 0; i < p->kexts.count; i++) {
        const struct dx_kext *k = &p->kexts.list[i];
        if (dx_is_apple(k->id) || !k->loaded || (k->has_address && k->address) ||
            dx_kexts_find(list, k->id)) {
            continue;
        }
        struct dx_conclusion f = {
            "kext-approved-not-loaded", join_kexts_text_of(j, k->id), "", "", {{0}}, 0};
        f.detail =
            dx_sprintf(a, "%s %s: loaded by System Information, but not in the list of %zu kexts",
                       f.subject, join_kexts_text_of(j, k->version), list->count);
        dx_join_say(&f, h->file, k->line,
                    dx_sprintf(a, "%s, Loaded: Yes, %s", f.subject,
                               k->has_address ? "Load Address: 0" : "no load address"));
        dx_join_say(&f, kernel->file, 0, dx_sprintf(a, "%s is not in it", f.subject));
        dx_timeline_note(j->timeline, &f);
    }
}

/* "Kext signature validation error code -67023" */
static void join_kexts_refused(struct dx_join *j, const struct dx_held *h, const struct profile *p)
{
    for (size_t i = 0; i < p->kexts.count; i++) {
        const struct dx_kext *k = &p->kexts.list[i];
        const char *words = join_kexts_text_of(j, k->refused), *minus = strstr(words, " -");
        struct dx_refs refs = {.count = 0};
        if (dx_is_apple(k->id) || !minus) {
            continue;
        }
        struct dx_conclusion f = {
            "kext-signature-reported", join_kexts_text_of(j, k->id), "", words, {{0}}, 0};
        long code = strtol(minus + 1, NULL, 10);
        dx_refs_by_value(&refs, (uint32_t)code, dx_scope_of(DX_STR("codesign")));
        if (refs.count) {
            const struct kb_error *e = &kb_error_rows[refs.row[0]];
            f.detail =
                dx_sprintf(&j->ctx->arena, "%ld is %s: %s", code, kb_s(e->name), kb_s(e->summary));
        }
        dx_join_say(&f, h->file, k->refused_line, words);
        dx_timeline_note(j->timeline, &f);
    }
}

void dx_join_profiler(struct dx_join *j, const struct dx_held *h)
{
    struct profile p;
    struct dx_buf b;
    dx_seen_model(j, h->data);
    if (dx_str_has_prefix(dx_str_trim(h->data), "{")) {
        dx_join_devices(j, h);
        return;
    }
    join_kexts_read_profile(&p, j, h);
    dx_buf_init(&b, &j->ctx->arena, 4000);
    dx_buf_printf(&b, "%s%s", p.types.n ? p.types.p : "", p.types.n ? ": " : "");
    if (p.usb) {
        dx_buf_printf(&b, "%zu USB %s", p.usb, p.usb == 1 ? "device" : "devices");
    }
    if (p.kexts.count) {
        dx_buf_printf(&b, "%s%zu %s, %zu not Apple's", p.usb ? ", " : "", p.kexts.count,
                      p.kexts.count == 1 ? "kext" : "kexts", third_party_count(&p.kexts));
        third_parties(j, &b, &p.kexts);
    }
    if (p.disabled) {
        dx_buf_printf(&b, "%s%zu of disabled software", p.usb || p.kexts.count ? ", " : "",
                      p.disabled);
    }
    dx_join_holds(j, h, "%s", p.usb || p.kexts.count || p.disabled ? b.p : "nothing of drivers");
    join_kexts_refused(j, h, &p);
    for (size_t i = 0; p.kexts.count && i < j->count; i++) {
        struct dx_kexts list = {NULL, 0, 0};
        if (j->held[i].kind == DEXT_TEXT_KEXTS) {
            dx_kexts_read(&list, &j->ctx->arena, j->held[i].data);
            if (join_kexts_complete(&list)) {
                join_kexts_compare(j, h, &p, &j->held[i], &list);
                return;
            }
        }
    }
}
