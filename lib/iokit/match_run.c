/* Runs: every personality against every node, or one node key by key. Which personalities are
 * candidates depends on a node's class alone, so that is found out once a class. */
#include <string.h>

#include "iokit/match_session.h"
#include "rules/rule.h"

#define MOST_DECISIONS 1000 /* kept of one personality; ->matched counts on */
#define MOST_NODES 20       /* answered key by key in one call */

/* ---- classes ------------------------------------------------------------------------------- */

struct candidate {
    uint32_t mp;
    int matcher;
    bool unsure;     /* class ancestry not known */
    bool has_vendor; /* without that vendor no combination of keys can match */
    int64_t vendor;
};

struct cls {
    struct dx_str name, chain;
    bool service;
    struct candidate *list;
    size_t count, cap;
    size_t nodes;     /* of that class */
    struct cls *next; /* same bucket */
};

#define BUCKETS 1024

struct classes {
    const struct dext_match *m;
    struct cls *bucket[BUCKETS];
};

static size_t hash_of(struct dx_str s)
{
    uint64_t h = 14695981039346656037U;
    for (size_t i = 0; i < s.n; i++) {
        h = (h ^ (unsigned char)s.p[i]) * 1099511628211U;
    }
    return (size_t)(h ^ h >> 32) % BUCKETS;
}

static bool shows_service(const struct dx_reg_node *n)
{
    return n->state & (DX_REG_KNOWN_REGISTERED | DX_REG_KNOWN_MATCHED | DX_REG_KNOWN_ACTIVE);
}

/* Most USB personalities name another vendor than the device's, and no combination of keys survives
 * that (compare_keys in match_usb.c): told without looking further. */
static bool needs_vendor(const struct dx_mp *mp, int matcher)
{
    return mp->has_vendor && (matcher == KB_KERNEL_CLASS_MATCHER_USB_DEVICE ||
                              matcher == KB_KERNEL_CLASS_MATCHER_USB_INTERFACE);
}

static void find_candidates(const struct dext_match *m, struct cls *c, const struct dx_reg_node *n)
{
    for (size_t i = 0; i < m->count; i++) {
        enum dx_reg_is is = dx_match_candidate(m->list[i], n);
        if (is != DX_REG_NO) {
            const struct dx_mp *mp = m->list[i];
            int matcher = dx_matcher_for(mp, n);
            *DX_PUSH(&m->ctx->arena, c->list, c->count, c->cap) = (struct candidate){
                (uint32_t)i, matcher, is == DX_REG_UNSURE, needs_vendor(mp, matcher), mp->vendor};
        }
    }
}

static struct cls *class_of(struct classes *all, const struct dx_reg_node *n)
{
    bool service = shows_service(n);
    struct cls **at = &all->bucket[hash_of(n->class_name)];
    for (struct cls *c = *at; c; c = c->next) {
        if (c->service == service && dx_str_eq(c->name, n->class_name) &&
            dx_str_eq(c->chain, n->chain)) {
            return c;
        }
    }
    struct cls *c = dx_alloc(&all->m->ctx->arena, sizeof *c);
    *c = (struct cls){.name = n->class_name, .chain = n->chain, .service = service, .next = *at};
    *at = c;
    find_candidates(all->m, c, n);
    return c;
}

/* How many nodes are of each personality's provider class. */
static void count_candidates(const struct classes *all)
{
    for (size_t i = 0; i < BUCKETS; i++) {
        for (const struct cls *c = all->bucket[i]; c; c = c->next) {
            for (size_t k = 0; k < c->count; k++) {
                all->m->list[c->list[k].mp]->pub.candidates += c->list[k].unsure ? 0 : c->nodes;
            }
        }
    }
}

/* ---- results ------------------------------------------------------------------------------- */

struct run {
    struct dext_match *m;
    const char *only; /* name of a personality, or NULL */
    struct dext_match_result *out;
    struct dext_match_decision *list;
    size_t count, cap;
    struct dx_entry *entries; /* of the node at hand */
    size_t entry_count;
    const struct cls **classes; /* of each node, NULL for repeated ones */
};

static bool is_wanted(const struct run *r, const struct dx_mp *mp)
{
    return !r->only || strcmp(r->only, mp->pub.name) == 0;
}

static const char *name_at(const void *user, size_t i)
{
    return ((const struct dext_match *)user)->list[i]->pub.name;
}

static int open_run(struct run *r, struct dext_match *m, const char *only)
{
    struct dx_arena *a = &m->ctx->arena;
    size_t wanted = 0;
    *r = (struct run){.m = m, .only = only};
    if (!m->reg) {
        return dx_fail(m->ctx, DEXT_E_NOTFOUND, "no registry dump was read");
    }
    const struct dext_match_personality **list = dx_calloc(a, m->count + 1, sizeof *list);
    for (size_t i = 0; i < m->count; i++) {
        if (is_wanted(r, m->list[i])) {
            list[wanted++] = &m->list[i]->pub;
        }
    }
    if (only && wanted == 0) {
        const char *near = dx_str_nearest(dx_str(only), m->count, name_at, m);
        return dx_fail(m->ctx, DEXT_E_NOTFOUND, "%s: no personality of this name%s%s%s", only,
                       near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
    }
    r->out = dx_alloc(a, sizeof *r->out);
    *r->out = (struct dext_match_result){.personalities = list,
                                         .personality_count = wanted,
                                         .nodes = m->reg->count,
                                         .clipped = m->reg->clipped,
                                         .lost = m->reg->lost,
                                         .lost_text = m->reg->reason,
                                         .chains = m->reg->chains,
                                         .fragment = m->reg->fragment};
    r->entries = dx_calloc(a, m->count + 1, sizeof *r->entries);
    return DEXT_OK;
}

static void close_run(struct run *r, const struct dext_match_result **out)
{
    r->out->decisions = r->list;
    r->out->decision_count = r->count;
    *out = r->out;
}

static const struct dext_match_check *first_no(const struct dx_trace *t)
{
    for (size_t i = 0; i < t->count; i++) {
        if (t->list[i].answer == DEXT_MATCH_NO) {
            return &t->list[i];
        }
    }
    return NULL;
}

static void keep(struct run *r, const struct dx_reg_node *nub, struct dext_match_node **shown,
                 size_t entry, const struct dx_trace *trace)
{
    struct dx_arena *a = &r->m->ctx->arena;
    *shown = *shown ? *shown : dx_match_node(&r->m->world, nub);
    struct dext_match_decision *d = DX_PUSH(a, r->list, r->count, r->cap);
    *d = (struct dext_match_decision){.node = *shown};
    dx_decide(d, &r->m->world, nub, r->entries, r->entry_count, entry);
    if (!trace && d->score.family && !d->score.combined) {
        /* Some families put their score into words only when somebody reads them. */
        struct dx_trace words = {0};
        struct dx_eval e;
        (void)dx_match_eval(&e, &r->m->world, r->entries[entry].mp, nub, &words);
        d->score.combined = e.score.combined;
    }
    if (trace) {
        d->checks = trace->list;
        d->check_count = trace->count;
        d->first_no = first_no(trace);
    }
}

/* ---- all nodes ----------------------------------------------------------------------------- */

static void evaluate(struct run *r, const struct cls *c, const struct dx_reg_node *nub)
{
    struct dx_prop vendor = dx_node_prop(&r->m->world, nub, "idVendor");
    int64_t have = 0;
    bool number = dx_int(vendor.value, &have), none = !vendor.value && !vendor.unknown;
    r->entry_count = 0;
    for (size_t i = 0; i < c->count; i++) {
        const struct candidate *k = &c->list[i];
        if (k->has_vendor && (none || (number && have != k->vendor))) {
            continue;
        }
        struct dx_mp *mp = r->m->list[k->mp];
        struct dx_eval e;
        enum dext_match_answer answer = dx_match_quick(
            &e, &r->m->world, mp, nub, k->unsure ? DX_REG_UNSURE : DX_REG_YES, k->matcher);
        if (k->unsure) {
            mp->pub.unknown += answer != DEXT_MATCH_NO;
        } else if (answer != DEXT_MATCH_NO) {
            r->entries[r->entry_count++] = (struct dx_entry){mp, answer, e.score};
        }
    }
}

static void run_node(struct run *r, const struct cls *c, const struct dx_reg_node *nub)
{
    if (c->count == 0) {
        return;
    }
    struct dext_match_node *shown = NULL;
    evaluate(r, c, nub);
    for (size_t i = 0; i < r->entry_count; i++) {
        struct dx_mp *mp = r->m->list[r->entries[i].mp->order];
        size_t *counter =
            r->entries[i].answer == DEXT_MATCH_YES ? &mp->pub.matched : &mp->pub.unsure;
        if (mp->pub.matched + mp->pub.unsure < MOST_DECISIONS && is_wanted(r, mp)) {
            keep(r, nub, &shown, i, NULL);
        }
        ++*counter;
    }
}

/* ---- what comes nearest -------------------------------------------------------------------- */

#define NEAREST 3
/* Nodes that are looked at for one personality, and for all of them together: a help for the eye
 * must not cost more than the answer. */
#define MOST_COMPARED 2000
#define LEAST_COMPARED 50
#define ALL_COMPARED 40000

struct near {
    bool wanted;
    size_t compared;
    const struct dx_reg_node *node[NEAREST];
    unsigned fails[NEAREST];
    size_t count;
};

static void consider(struct near *n, const struct dx_reg_node *node, unsigned fails)
{
    size_t at = n->count;
    while (at && n->fails[at - 1] > fails) {
        at--;
    }
    if (at == NEAREST) {
        return;
    }
    size_t last = n->count < NEAREST ? n->count : NEAREST - 1;
    for (size_t i = last; i > at; i--) {
        n->node[i] = n->node[i - 1];
        n->fails[i] = n->fails[i - 1];
    }
    n->node[at] = node;
    n->fails[at] = fails;
    n->count = last + 1;
}

static void keep_failed(struct run *r, const struct dx_mp *mp, const struct dx_reg_node *nub)
{
    struct dx_trace *t = dx_alloc(&r->m->ctx->arena, sizeof *t);
    struct dx_eval e;
    struct dext_match_node *shown = NULL;
    enum dext_match_answer a = dx_match_eval(&e, &r->m->world, mp, nub, t);
    r->entries[0] = (struct dx_entry){mp, a, e.score};
    r->entry_count = 1;
    keep(r, nub, &shown, 0, t);
}

static void compare_node(struct run *r, const struct cls *c, const struct dx_reg_node *n,
                         struct near *list, size_t most)
{
    for (size_t i = 0; i < c->count; i++) {
        struct near *near = &list[c->list[i].mp];
        if (near->wanted && !c->list[i].unsure && near->compared < most) {
            const struct dx_mp *mp = r->m->list[c->list[i].mp];
            near->compared++;
            consider(near, n, dx_match_count_fails(&r->m->world, mp, n, c->list[i].matcher));
        }
    }
}

static void nearest_nodes(struct run *r, struct near *list, size_t wanted)
{
    size_t most = ALL_COMPARED / wanted;
    most = most > MOST_COMPARED ? MOST_COMPARED : most < LEAST_COMPARED ? LEAST_COMPARED : most;
    const struct dx_registry *reg = r->m->reg;
    for (size_t i = 0; i < reg->count; i++) {
        if (r->classes[i]) {
            compare_node(r, r->classes[i], reg->nodes[i], list, most);
        }
    }
    for (size_t i = 0; i < r->m->count; i++) {
        for (size_t k = 0; k < list[i].count; k++) {
            keep_failed(r, r->m->list[i], list[i].node[k]);
        }
    }
}

static const char *provider_at(const void *user, size_t i)
{
    (void)user;
    return kb_s(kb_provider_rows[i].provider);
}

/* No node is of the provider class. */
static const char *hint_for(const struct dext_match *m, const struct dx_mp *mp)
{
    const struct kb_provider *p = dx_kb_provider(mp->provider);
    struct dx_arena *a = &m->ctx->arena;
    if (p && *kb_s(p->instead)) {
        return dx_sprintf(
            a, "no node in the dump is known to be of class %s; current systems have %s instead",
            mp->pub.provider, kb_s(p->instead));
    }
    if (!p && !dx_class_known(mp->provider)) {
        const char *near = dx_str_nearest(mp->provider, kb_provider_count, provider_at, NULL);
        return dx_sprintf(a, "no node in the dump is known to be of class %s%s%s%s",
                          mp->pub.provider, near ? "; did you mean " : "", near ? near : "",
                          near ? "?" : "");
    }
    return dx_sprintf(
        a,
        "no node in the dump is known to be of class %s: the device is not there, or the "
        "dump is a part of the registry",
        mp->pub.provider);
}

static void finish(struct run *r)
{
    struct near *list = dx_calloc(&r->m->ctx->arena, r->m->count + 1, sizeof *list);
    size_t wanted = 0;
    for (size_t i = 0; i < r->m->count; i++) {
        struct dx_mp *mp = r->m->list[i];
        struct dext_match_personality *p = &mp->pub;
        if (!is_wanted(r, mp) || p->refused || p->matched || p->unsure) {
            continue;
        }
        if (p->candidates) {
            list[i].wanted = true;
            wanted++;
        } else if (!mp->unsettled_provider) {
            p->hint = hint_for(r->m, mp);
        }
    }
    if (wanted) {
        nearest_nodes(r, list, wanted);
    }
}

int dext_match_run(struct dext_match *m, const char *name, const struct dext_match_result **out)
{
    struct run r;
    int rc = open_run(&r, m, name);
    if (rc != DEXT_OK) {
        return rc;
    }
    for (size_t i = 0; i < m->count; i++) {
        struct dext_match_personality *p = &m->list[i]->pub;
        p->candidates = p->matched = p->unsure = p->unknown = 0;
        p->hint = NULL;
    }
    struct classes *all = dx_alloc(&m->ctx->arena, sizeof *all);
    all->m = m;
    r.classes = dx_calloc(&m->ctx->arena, m->reg->count + 1, sizeof *r.classes);
    for (size_t i = 0; i < m->reg->count; i++) {
        if (!m->reg->nodes[i]->same) {
            struct cls *c = class_of(all, m->reg->nodes[i]);
            c->nodes++;
            r.classes[i] = c;
            run_node(&r, c, m->reg->nodes[i]);
        }
    }
    count_candidates(all);
    finish(&r);
    close_run(&r, out);
    return DEXT_OK;
}

/* ---- one node, key by key ------------------------------------------------------------------ */

static void why_node(struct run *r, const struct dx_reg_node *nub)
{
    struct dext_match_node *shown = NULL;
    struct dext_match *m = r->m;
    struct dx_trace *traces = dx_calloc(&m->ctx->arena, m->count + 1, sizeof *traces);
    r->entry_count = 0;
    for (size_t i = 0; i < m->count; i++) {
        struct dx_eval e;
        bool wanted = is_wanted(r, m->list[i]);
        enum dext_match_answer a =
            dx_match_eval(&e, &m->world, m->list[i], nub, wanted ? &traces[i] : NULL);
        r->entries[r->entry_count++] = (struct dx_entry){m->list[i], a, e.score};
    }
    for (size_t i = 0; i < m->count && r->count < MOST_DECISIONS; i++) {
        if (is_wanted(r, m->list[i])) {
            keep(r, nub, &shown, i, &traces[i]);
        }
    }
}

int dext_match_why(struct dext_match *m, const char *selector, const char *name,
                   const struct dext_match_result **out)
{
    const struct dx_reg_node *nodes[MOST_NODES];
    struct run r;
    int rc = open_run(&r, m, name);
    if (rc != DEXT_OK || !r.out) {
        return rc;
    }
    r.out->selected = dx_select(m, selector, nodes, MOST_NODES);
    if (r.out->selected == 0) {
        return dx_no_node(m, selector);
    }
    for (size_t i = 0; i < r.out->selected && i < MOST_NODES; i++, r.out->shown++) {
        why_node(&r, nodes[i]);
    }
    close_run(&r, out);
    return DEXT_OK;
}

/* ---- a personality for a node -------------------------------------------------------------- */

int dext_match_suggest(struct dext_match *m, const char *selector, const char *family,
                       const struct dext_match_suggestion **out)
{
    const struct dx_reg_node *nub;
    if (!m->reg) {
        return dx_fail(m->ctx, DEXT_E_NOTFOUND, "no registry dump was read");
    }
    if (dx_select(m, selector, &nub, 1) == 0) {
        return dx_no_node(m, selector);
    }
    struct dext_match_suggestion *s = dx_alloc(&m->ctx->arena, sizeof *s);
    int rc = dx_suggest(&m->world, nub, family, s);
    *out = s;
    return rc;
}

/* ---- names --------------------------------------------------------------------------------- */

const char *dext_match_answer_name(enum dext_match_answer a)
{
    static const char *const names[] = {"no", "not certain", "yes"};
    return names[a];
}

const char *dext_match_phase_name(enum dext_match_phase p)
{
    static const char *const names[] = {"catalogue", "match", "start"};
    return names[p];
}

const char *dext_match_outcome_name(enum dext_match_outcome o)
{
    static const char *const names[] = {"no match", "not certain", "wins",   "attached",
                                        "blocked",  "outscored",   "refused"};
    return names[o];
}
