/* What state a driver extension is in, as far as the dump shows it. IOUserClasses is set on a
 * service when its process attaches, IODEXTMatchCount on a provider when a pass of matching finds a
 * personality of a driver extension (blocked ones included), IORematchCount when a process ends
 * while it drives the provider: 0 the first time (xnu-11417.101.15, iokit/Kernel/IOUserServer.cpp,
 * serviceAttach; IOService.cpp, probeCandidates, terminatePhase1). */
#include <inttypes.h>
#include <string.h>

#include "iokit/reg_dexts.h"

#define MOST_COMPETITORS 16

struct notes {
    struct dx_arena *a;
    const char **list;
    size_t count, cap;
};

static void reg_dext_state_note(struct notes *n, const char *text)
{
    *DX_PUSH(n->a, n->list, n->count, n->cap) = text;
}

/* ---- the process --------------------------------------------------------------------------- */

/* All services of a system are in the dump, so that a process it lacks is not there. */
static bool reg_dext_state_is_whole(const struct dx_world *w)
{
    return w->resources && !w->reg->fragment && !w->reg->clipped;
}

static enum dext_known is_running(const struct dx_world *w, const struct dx_dext *e)
{
    return e->server || e->named ? DEXT_YES : reg_dext_state_is_whole(w) ? DEXT_NO : DEXT_UNKNOWN;
}

/* Attached, or not? Dumps met in the wild lack IOUserClasses on drivers that run, so that its
 * absence alone proves nothing. */
static enum dext_known is_attached(const struct dx_world *w, const struct dx_dext *e,
                                   enum dext_known running, const char **text)
{
    const struct dx_reg_node *n = e->service;
    if (!n) {
        *text = "its service is not in the dump";
        return DEXT_UNKNOWN;
    }
    struct dx_prop classes = dx_node_prop(w, n, "IOUserClasses");
    if (classes.value && classes.value->kind == DEXT_ARRAY && classes.value->child) {
        *text = "the service has IOUserClasses, which is set when the process attaches";
        return DEXT_YES;
    }
    if (e->listed) {
        *text = "the process lists the service in IOAssociatedServices";
        return DEXT_YES;
    }
    if (classes.unknown) {
        *text = e->server ? "the process is there; the dump shows no properties of the service"
                          : "the dump does not show the properties that would tell";
        return DEXT_UNKNOWN;
    }
    if ((n->state & DX_REG_REGISTERED) || n->child) { /* its process has worked on it */
        *text = running == DEXT_NO
                    ? "the service has no IOUserClasses, and no process of its name is in the "
                      "dump, but it is in use: the process has ended, or the dump leaves it out"
                    : "the service has no IOUserClasses, but is in use; the dump may leave it out";
        return DEXT_UNKNOWN;
    }
    if (running == DEXT_NO || (n->state & DX_REG_KNOWN_REGISTERED)) {
        *text = "the service has no IOUserClasses, which is set when a process attaches";
        return DEXT_NO;
    }
    *text = "the dump does not show whether the service is in use";
    return DEXT_UNKNOWN;
}

/* ---- counts -------------------------------------------------------------------------------- */

static const char *plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}

static void note_counts(struct notes *n, const struct dext_reg_dext *out,
                        const struct dext_reg_holders *on)
{
    size_t there = on->dext_count;
    if (out->has_match_count && out->match_count > there && out->match_count > 1) {
        reg_dext_state_note(
            n, dx_sprintf(n->a,
                          "%" PRIu64 " personalities of driver extensions matched the provider "
                          "(IODEXTMatchCount), %zu driver extension%s stand%s on it",
                          out->match_count, there, plural(there), there == 1 ? "s" : ""));
    }
    if (out->has_rematch_count && out->rematch_count < UINT64_MAX) {
        reg_dext_state_note(
            n,
            dx_sprintf(n->a,
                       "a driver extension's process has ended %" PRIu64
                       " time%s while it drove the provider (IORematchCount %" PRIu64 ")",
                       out->rematch_count + 1, plural(out->rematch_count + 1), out->rematch_count));
    }
}

static void note_states(struct notes *n, const struct dx_dext *e, const struct dext_reg_dext *out)
{
    if (out->attached == DEXT_NO) {
        reg_dext_state_note(
            n, out->running == DEXT_YES
                   ? "the kernel matched it, but its process has not taken it over"
                   : "the kernel matched it, but no process has taken it over: it is being "
                     "launched, or the launch or the check of its entitlements failed");
    }
    if (e->named > 1) {
        reg_dext_state_note(
            n, "several processes have its server's name; the dump does not tell which is its own");
    }
    if (!e->service && e->tag) {
        reg_dext_state_note(n, dx_sprintf(n->a,
                                          "the service it was launched for, 0x%" PRIx64
                                          ", is not in the dump",
                                          e->tag));
    }
    if (!out->service) {
        return;
    }
    if (out->service->registered == DEXT_NO) {
        reg_dext_state_note(n, "the service is not registered, so that nothing is matched on it");
    }
    if (out->service->meaning) {
        reg_dext_state_note(n, dx_sprintf(n->a, "the service: %s", out->service->meaning));
    }
    if (out->provider && out->provider->meaning) {
        reg_dext_state_note(n, dx_sprintf(n->a, "the provider: %s", out->provider->meaning));
    }
}

/* ---- records ------------------------------------------------------------------------------- */

/* Other drivers of the provider. */
static void find_competitors(const struct dx_dexts *d, const struct dx_dext *e,
                             const struct dext_reg_holders *on, struct dext_reg_dext *out)
{
    struct dext_reg_driver *list = NULL;
    size_t cap = 0;
    for (size_t i = 0; i < on->driver_count && out->competitor_count < MOST_COMPETITORS; i++) {
        const struct dx_reg_node *n = dx_reg_at(d->r, on->drivers[i].node->index);
        if (n != e->service && n->same != e->service) {
            *DX_PUSH(&d->r->w.ctx->arena, list, out->competitor_count, cap) = on->drivers[i];
        }
    }
    out->competitors = list;
}

static void tell_service(const struct dx_dexts *d, const struct dx_dext *e,
                         struct dext_reg_dext *out)
{
    const struct dx_world *w = &d->r->w;
    uint64_t score;
    out->service = dx_reg_view(d->r, e->service);
    out->provider = dx_reg_view(d->r, e->provider);
    out->name = out->service->name;
    out->bundle_id = dx_reg_string(w, e->service, "CFBundleIdentifier");
    out->server_name = dx_reg_string(w, e->service, "IOUserServerName");
    out->user_class = dx_reg_string(w, e->service, "IOUserClass");
    out->category = dx_reg_string(w, e->service, "IOMatchCategory");
    out->has_score = dx_reg_number(w, e->service, "IOProbeScore", &score);
    out->score = out->has_score ? (int32_t)(uint32_t)score : 0;
    out->holders = dext_registry_holders(d->r, e->service->index);
    /* What the kernel started by itself has a match category, what a driver made
     * (IOService::Create) has none. */
    out->maker = out->category ? NULL : dx_reg_view(d->r, e->maker);
}

static void tell_one(const struct dx_dexts *d, const struct dx_dext *e, struct dext_reg_dext *out)
{
    static const struct dext_reg_holders none;
    struct dx_arena *a = &d->r->w.ctx->arena;
    const struct dx_world *w = &d->r->w;
    const struct dext_reg_holders *on = &none;
    struct notes notes = {.a = a};
    if (e->service) {
        tell_service(d, e, out);
    }
    if (e->server) {
        const struct dx_server *s = e->server;
        out->server = dx_reg_view(d->r, s->node);
        out->process = dx_reg_string(w, s->node, "IOUserClientCreator");
        out->server_name =
            out->server_name || !s->name.n ? out->server_name : dx_strndup(a, s->name.p, s->name.n);
        out->name = out->name ? out->name : out->server_name ? out->server_name : out->server->name;
    }
    if (e->provider && !out->maker) {
        const struct dx_reg_node *p = e->provider->same ? e->provider->same : e->provider;
        out->has_match_count = dx_reg_number(w, p, "IODEXTMatchCount", &out->match_count);
        out->has_rematch_count = dx_reg_number(w, p, "IORematchCount", &out->rematch_count);
        on = dext_registry_holders(d->r, p->index);
        find_competitors(d, e, on, out);
    }
    out->running = is_running(w, e);
    out->attached = is_attached(w, e, out->running, &out->attached_text);
    note_states(&notes, e, out);
    note_counts(&notes, out, on);
    reg_dext_state_note(&notes, NULL);
    out->notes = notes.list;
}

/* ---- nodes without their driver -------------------------------------------------------------- */

static const char *unserved_text(const struct dext_registry *r, uint64_t count,
                                 const struct dext_reg_holders *h)
{
    struct dx_arena *a = &r->w.ctx->arena;
    const char *who = count == 1
                          ? "a driver extension's personality"
                          : dx_sprintf(a, "%" PRIu64 " personalities of driver extensions", count);
    if (h->driver_count) {
        const struct dext_reg_driver *d = &h->drivers[0];
        /* Of a driver that was matched at boot this property allows the kernel to end it for one
         * that comes later (IOService.cpp, canTerminateForReplacement). */
        bool stays = !dx_reg_prop(dx_reg_at(r, d->node->index), "IOPrimaryDriverTerminateOptions");
        return dx_sprintf(a, "%s matched it, and none stands on it; %s stands there in %s%s", who,
                          d->node->name, d->category,
                          stays ? ", and keeps out every other driver of that category" : "");
    }
    if (h->unknown || !r->info.service_plane) {
        return dx_sprintf(a, "%s matched it; the dump does not show whether a driver stands on it",
                          who);
    }
    return dx_sprintf(a,
                      "%s matched it, and no driver stands on it; the count stays when a driver "
                      "fails to start or leaves",
                      who);
}

static bool is_served(const struct dx_dexts *d, const struct dx_reg_node *n)
{
    for (const struct dx_reg_node *c = n->child; c; c = c->next) {
        if (d->slot[(c->same ? c->same : c)->index]) {
            return true;
        }
    }
    return false;
}

static void find_unserved(const struct dx_dexts *d, struct dext_reg_dexts *out)
{
    const struct dx_registry *reg = d->r->w.reg;
    struct dext_reg_unserved *list = NULL;
    size_t cap = 0;
    uint64_t count;
    for (size_t i = 0; i < reg->count; i++) {
        const struct dx_reg_node *n = reg->nodes[i];
        if (n->same || !dx_reg_number(&d->r->w, n, "IODEXTMatchCount", &count) || count == 0 ||
            is_served(d, n)) {
            continue;
        }
        const struct dext_reg_holders *h = dext_registry_holders(d->r, i);
        struct dext_reg_unserved *u = DX_PUSH(&d->r->w.ctx->arena, list, out->unserved_count, cap);
        *u = (struct dext_reg_unserved){dx_reg_view(d->r, n), count, h,
                                        unserved_text(d->r, count, h)};
    }
    out->unserved = list;
}

const struct dext_reg_dexts *dx_dexts_tell(struct dx_dexts *d)
{
    struct dx_arena *a = &d->r->w.ctx->arena;
    struct dext_reg_dexts *out = dx_alloc(a, sizeof *out);
    struct dext_reg_dext *list = dx_calloc(a, d->count, sizeof *list);
    for (size_t i = 0; i < d->count; i++) {
        tell_one(d, &d->list[i], &list[i]);
    }
    out->list = list;
    out->count = d->count;
    find_unserved(d, out);
    return out;
}
