#include <inttypes.h>
#include <string.h>

#include "dext/registry.h"
#include "explain/join.h"

/* ---- a dump by itself ------------------------------------------------------------------------ */

static const char *node_text(struct dx_join *j, const char *name, const char *class_name,
                             const char *text)
{
    return dx_sprintf(&j->ctx->arena, "%s <class %s>: %s", name, class_name, text);
}

/* A node that was matched and is left alone is found on healthy Macs as well (a driver that came
 * and went): only one that another driver holds is told. */
static void held_nodes(struct dx_join *j, const struct dx_held *dump,
                       const struct dext_reg_dexts *all)
{
    for (size_t i = 0; i < all->unserved_count; i++) {
        const struct dext_reg_unserved *u = &all->unserved[i];
        if (u->holders->driver_count == 0) {
            continue;
        }
        const struct dext_reg_driver *by = &u->holders->drivers[0];
        struct dx_conclusion f = {"matched-held-by-driver", "", "", u->text, {{0}}, 0};
        dx_join_say(&f, dump->file, u->node->line,
                    node_text(j, u->node->name, u->node->class_name, "IODEXTMatchCount"));
        dx_join_say(&f, dump->file, by->node->line,
                    node_text(j, by->node->name, by->node->class_name,
                              by->bundle_id ? by->bundle_id : "stands on it"));
        dx_timeline_note(j->timeline, &f);
    }
}

static bool join_registry_of_apple(const char *id)
{
    return id && strncmp(id, "com.apple.", 10) == 0;
}

/* The kernel counts on a node how often the process of its driver ended unexpectedly and was
 * matched anew (terminatePhase1 in XNU's IOService.cpp): 0 the first time. */
static void crashed_before(struct dx_join *j, const struct dx_held *dump,
                           const struct dext_reg_dexts *all)
{
    for (size_t i = 0; i < all->count; i++) {
        const struct dext_reg_dext *d = &all->list[i];
        if (!d->has_rematch_count || !d->provider || !d->bundle_id ||
            join_registry_of_apple(d->bundle_id) || d->rematch_count == UINT64_MAX) {
            continue;
        }
        struct dx_conclusion f = {"crashed-on-node", d->bundle_id, "", "", {{0}}, 0};
        f.klass = d->user_class ? d->user_class : "";
        f.detail = dx_sprintf(&j->ctx->arena, "%" PRIu64 " time%s on this node",
                              d->rematch_count + 1, d->rematch_count ? "s" : "");
        dx_join_say(&f, dump->file, d->provider->line,
                    node_text(j, d->provider->name, d->provider->class_name, "IORematchCount"));
        dx_timeline_note(j->timeline, &f);
    }
}

static void dead_services(struct dx_join *j, const struct dx_held *dump,
                          const struct dext_reg_dexts *all)
{
    for (size_t i = 0; i < all->count; i++) {
        const struct dext_reg_dext *d = &all->list[i];
        if (!d->service || d->running != DEXT_NO || join_registry_of_apple(d->bundle_id)) {
            continue;
        }
        struct dx_conclusion f = {"service-without-process",
                                  d->bundle_id ? d->bundle_id : "",
                                  d->user_class ? d->user_class : "",
                                  d->attached_text ? d->attached_text : "",
                                  {{0}},
                                  0};
        dx_join_say(&f, dump->file, d->service->line,
                    node_text(j, d->service->name, d->service->class_name, d->service->state));
        if (d->provider) {
            dx_join_say(&f, dump->file, d->provider->line,
                        node_text(j, d->provider->name, d->provider->class_name, "its provider"));
        }
        dx_timeline_note(j->timeline, &f);
    }
}

/* A personality with IOUserClass and without IOUserServerName is no driver extension's: the kernel
 * starts an empty object for it and launches nothing (startCandidate in XNU's IOService.cpp).
 * Objects that a driver makes itself have no IOMatchedPersonality. */
static void nameless_servers(struct dx_join *j, const struct dx_held *dump,
                             struct dext_registry *registry)
{
    const struct dext_reg_node *n;
    for (size_t i = 0; (n = dext_registry_node(registry, i)) != NULL; i++) {
        const struct dext_node *p =
            dext_registry_property(registry, i, "IOMatchedPersonality", NULL);
        const struct dext_node *klass = p ? dext_node_at(p, "IOUserClass") : NULL;
        if (!klass || dext_node_at(p, "IOUserServerName") || !dext_node_at(p, "IOProviderClass")) {
            continue;
        }
        const struct dext_node *id = dext_node_at(p, "CFBundleIdentifier");
        const char *subject = id ? dext_node_text(id) : "";
        if (!join_registry_of_apple(subject)) {
            struct dx_conclusion f = {
                "server-name-missing", subject, dext_node_text(klass), "", {{0}}, 0};
            dx_join_say(&f, dump->file, n->line,
                        node_text(j, n->name, n->class_name, "no IOUserServerName"));
            dx_timeline_note(j->timeline, &f);
        }
    }
}

/* ---- a driver against the dump ----------------------------------------------------------------
 */

static bool is_literal(const char *s)
{
    return s && *s && !strchr(s, '$');
}

struct play {
    struct dx_join *j;
    const struct dx_held *dump;
    struct dext_registry *registry;
    const struct dext_match_result *result;
};

static struct dx_conclusion join_registry_about(const struct dext_match_personality *p,
                                                const char *symptom, const char *detail)
{
    struct dx_conclusion f = {symptom,
                              is_literal(p->bundle_id) ? p->bundle_id : p->name,
                              is_literal(p->user_class) ? p->user_class : "",
                              detail ? detail : "",
                              {{0}},
                              0};
    dx_join_say(&f, p->file, p->at.line, p->name);
    return f;
}

static const struct dext_match_decision *
join_registry_decision(const struct play *y, const struct dext_match_personality *p,
                       enum dext_match_outcome outcome)
{
    for (size_t i = 0; i < y->result->decision_count; i++) {
        const struct dext_match_decision *d = &y->result->decisions[i];
        if (d->personality == p && d->outcome == outcome) {
            return d;
        }
    }
    return NULL;
}

/* The node with that entry id, or DEXT_REG_NONE. */
static size_t join_registry_by_id(const struct play *y, uint64_t id)
{
    const size_t *found;
    size_t count;
    const char *selector = dx_sprintf(&y->j->ctx->arena, "id:0x%" PRIx64, id);
    if (id && dext_registry_select(y->registry, selector, &found, &count) == DEXT_OK &&
        count == 1) {
        return found[0];
    }
    dext_ctx_clear(y->j->ctx);
    return DEXT_REG_NONE;
}

static void join_registry_tell(const struct play *y, const struct dext_match_decision *d,
                               const char *symptom, const char *detail, const char *text)
{
    struct dx_conclusion f = join_registry_about(d->personality, symptom, detail);
    const struct dext_match_check *no = d->first_no;
    if (no && no->at.line) {
        dx_join_say(&f, d->personality->file, no->at.line, detail);
    }
    dx_join_say(&f, y->dump->file, d->node->line,
                node_text(y->j, d->node->name, d->node->class_name, text));
    for (size_t i = 0; d->outcome == DEXT_MATCH_BLOCKED && i < d->rival_count; i++) {
        const struct dext_match_rival *rival = &d->rivals[i];
        size_t at = rival->attached ? join_registry_by_id(y, rival->id) : DEXT_REG_NONE;
        if (at != DEXT_REG_NONE) {
            dx_join_say(&f, y->dump->file, dext_registry_node(y->registry, at)->line,
                        node_text(y->j, rival->name, rival->class_name,
                                  rival->bundle_id ? rival->bundle_id : "stands on it"));
        }
    }
    dx_timeline_note(y->j->timeline, &f);
}

/* Which check fails first, with both values. */
static const char *mismatch(const struct play *y, const struct dext_match_check *c)
{
    return c->expected
               ? dx_sprintf(&y->j->ctx->arena, "%s is %s in the personality and %s in the dump",
                            c->key, c->expected, c->actual ? c->actual : "not there")
               : c->text;
}

/* The personality fits a node and nothing is in its way: what did the kernel do? It counts matches
 * of driver extensions on the node (IODEXTMatchCount, IOService.cpp in XNU). */
static void join_registry_fits(const struct play *y, const struct dext_match_decision *d)
{
    enum dext_known shown = DEXT_UNKNOWN;
    size_t at = d->personality->is_dext ? join_registry_by_id(y, d->node->id) : DEXT_REG_NONE;
    if (at == DEXT_REG_NONE) {
        return;
    }
    const struct dext_node *n = dext_registry_property(y->registry, at, "IODEXTMatchCount", &shown);
    if (n) {
        join_registry_tell(y, d, "matched-but-not-running",
                           dext_registry_value_text(y->registry, n),
                           "IODEXTMatchCount, and the driver is not there");
    } else if (shown == DEXT_NO) {
        join_registry_tell(y, d, "fits-but-never-matched", d->outcome_text, "no IODEXTMatchCount");
    }
}

/* Of an extension that was found among others, nobody says that its device was connected. */
static bool is_found(const struct play *y, const struct dext_match_personality *p)
{
    for (size_t i = 0; i < y->j->count; i++) {
        if (y->j->held[i].found && strcmp(y->j->held[i].file, p->file) == 0) {
            return true;
        }
    }
    return false;
}

static void join_registry_judge(const struct play *y, const struct dext_match_personality *p)
{
    const struct dext_match_decision *d;
    if (p->refused) {
        struct dx_conclusion f = join_registry_about(p, "personality-refused", p->refused);
        dx_timeline_note(y->j->timeline, &f);
    } else if (join_registry_decision(y, p, DEXT_MATCH_ATTACHED) || p->unsure) {
        return; /* it works, or nothing certain can be said */
    } else if ((d = join_registry_decision(y, p, DEXT_MATCH_BLOCKED)) != NULL) {
        join_registry_tell(y, d, "personality-blocked", d->outcome_text, "the node it matches");
    } else if ((d = join_registry_decision(y, p, DEXT_MATCH_WINS)) != NULL) {
        join_registry_fits(y, d);
    } else if ((d = join_registry_decision(y, p, DEXT_MATCH_REFUSED)) != NULL) {
        join_registry_tell(y, d, "personality-refused", d->outcome_text, "the node it matches");
    } else if (p->matched == 0 && p->unknown == 0 && !y->result->fragment && !y->result->clipped &&
               !is_found(y, p)) {
        d = join_registry_decision(y, p, DEXT_MATCH_FAILS);
        if (d && p->candidates && d->first_no) {
            join_registry_tell(y, d, "personality-fits-no-node", mismatch(y, d->first_no),
                               "the nearest node");
        } else if (p->candidates == 0) {
            struct dx_conclusion f = join_registry_about(p, "provider-not-in-dump", p->hint);
            dx_join_say(&f, y->dump->file, 0, "no node of the provider's class");
            dx_timeline_note(y->j->timeline, &f);
        }
    }
}

static bool add_drivers(struct dx_join *j, struct dext_match *m)
{
    bool any = false;
    for (size_t i = 0; i < j->count; i++) {
        const struct dx_held *h = &j->held[i];
        int status = h->kind == DEXT_TEXT_BUNDLE && h->disk ? dext_match_add_path(m, h->disk)
                     : h->kind == DEXT_TEXT_PLIST
                         ? dext_match_add_bytes(m, h->file, h->data.p, h->data.n)
                         : DEXT_E_NOTFOUND;
        any |= status == DEXT_OK;
        dext_ctx_clear(j->ctx);
    }
    return any;
}

/* text, then ", 2 things after" unless there are none. */
static const char *some(struct dx_join *j, const char *text, size_t count, const char *thing,
                        const char *after)
{
    return count ? dx_sprintf(&j->ctx->arena, "%s, %zu %s%s%s", text, count, thing,
                              count == 1 ? "" : "s", after)
                 : text;
}

/* "618 nodes, 1 third-party driver extension running" */
static void join_registry_holds(struct dx_join *j, const struct dx_held *dump,
                                struct dext_registry *r, const struct dext_reg_dexts *all)
{
    const struct dext_reg_info *info = dext_registry_info(r);
    size_t running = 0, idle = 0, apple = 0;
    for (size_t i = 0; i < all->count; i++) {
        const struct dext_reg_dext *d = &all->list[i];
        bool theirs = join_registry_of_apple(d->bundle_id) ||
                      (!d->bundle_id && join_registry_of_apple(d->server_name));
        apple += theirs;
        running += !theirs && !d->maker && d->running == DEXT_YES;
        idle += !theirs && !d->maker && d->running != DEXT_YES;
    }
    const char *text =
        dx_sprintf(&j->ctx->arena, "%zu %s", info->nodes, info->nodes == 1 ? "node" : "nodes");
    text = some(j, text, running, "third-party driver extension", " running");
    text = some(j, text, idle, "third-party driver extension", ", not shown to run");
    text = running + idle ? text
                          : dx_sprintf(&j->ctx->arena, "%s, no third-party driver extension", text);
    text = some(j, text, apple, "driver extension", " of Apple's");
    dx_join_holds(j, dump, "%s", info->nodes ? text : "no node in it that can be read");
    if (info->clipped) {
        dx_join_note(j, dump, "lines are cut at the terminal's width (%zu): ioreg -l -w0 shows all",
                     info->clipped);
    }
    if (info->nodes && info->fragment) {
        dx_join_note(j, dump, "it is a part of a registry: what is missing may exist");
    } else if (info->nodes && !info->service_plane) {
        dx_join_note(j, dump,
                     "it shows no driver on any node: ioreg -l -w0 shows the plane that does");
    } else if (info->nodes && !info->properties && info->format == DEXT_REG_TEXT) {
        dx_join_note(j, dump,
                     "it shows no properties, which tell what matched: "
                     "ioreg -l -w0 shows them");
    }
}

/* Of a text and an archive of one moment, the text is judged: its lines can be named. */
static bool doubled(const struct dx_join *j, const struct dx_held *dump)
{
    const char *slash = strrchr(dump->file, '/');
    size_t n = slash ? (size_t)(slash - dump->file) : 0;
    for (size_t i = 0; dump->kind == DEXT_TEXT_IOREG_ARCHIVE && dump->found && i < j->count; i++) {
        const char *file = j->held[i].file, *other = strrchr(file, '/');
        if (j->held[i].kind == DEXT_TEXT_IOREG && other && (size_t)(other - file) == n &&
            strncmp(file, dump->file, n) == 0) {
            return true;
        }
    }
    return false;
}

void dx_join_registry(struct dx_join *j, const struct dx_held *dump)
{
    struct play y = {.j = j, .dump = dump};
    if (dext_registry_parse(&y.registry, j->ctx, dump->file, dump->data.p, dump->data.n) < 0) {
        dx_join_holds(j, dump, "no node in it that can be read");
        dx_join_unread(j, dump, dext_ctx_error(j->ctx)); /* it shows nothing: no clean answer */
        dext_ctx_clear(j->ctx);
        return;
    }
    const struct dext_reg_dexts *all = dext_registry_dexts(y.registry);
    join_registry_holds(j, dump, y.registry, all);
    if (doubled(j, dump)) {
        dx_join_note(j, dump, "the text beside it is the same, and was judged");
        return;
    }
    struct dext_match *m = dext_match_new(j->ctx);
    dead_services(j, dump, all);
    crashed_before(j, dump, all);
    nameless_servers(j, dump, y.registry);
    dext_match_use(m, y.registry);
    if (!add_drivers(j, m)) {
        held_nodes(j, dump, all);
        return;
    }
    if (dext_match_run(m, NULL, &y.result) < 0) {
        dext_ctx_note_error(j->ctx);
        dext_ctx_clear(j->ctx);
        return;
    }
    for (size_t i = 0; i < y.result->personality_count; i++) {
        join_registry_judge(&y, y.result->personalities[i]);
    }
}
