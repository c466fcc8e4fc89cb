/* Runs: every personality against every node, or one node key by key. */
#include <string.h>

#include "iokit/match_classes.h"
#include "know/know.h"

#define MOST_DECISIONS 1000 /* kept of one personality; ->matched counts on */
#define LEAST_DECISIONS 20
#define ALL_DECISIONS 50000 /* of all personalities together */
/* Pairs that are compared, and rivals that are looked at: a Mac has some thousand nodes and as many
 * personalities, and few of these are for one class. Both many, and of one class, are nobody's. */
#define MOST_WORK ((size_t)20000000)
#define MOST_NODES 20 /* answered key by key in one call */

/* Personalities that fail are near the same few nodes. */
#define RECENT 64

/* ---- results ------------------------------------------------------------------------------- */

struct run {
    struct dext_match *m;
    const char *only; /* name of a personality, or NULL */
    struct dext_match_result *out;
    struct dext_match_decision *list;
    size_t count, cap;
    size_t most; /* decisions kept of one personality */
    size_t work;
    struct dx_match_entry *entries; /* of the node at hand */
    size_t entry_count;
    struct dx_node_class **classes; /* of each node, NULL for repeated ones */
    struct dx_match_trace trace;    /* lent to one evaluation after another */
    struct dext_match_node *recent[RECENT];
};

static bool match_run_is_wanted(const struct run *r, const struct dx_mp *mp)
{
    return !r->only || strcmp(r->only, mp->pub.name) == 0;
}

static const char *match_run_name_at(const void *user, size_t i)
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
        if (match_run_is_wanted(r, m->list[i])) {
            list[wanted++] = &m->list[i]->pub;
        }
    }
    if (only && wanted == 0) {
        const char *near = dx_str_nearest(dx_str(only), m->count, match_run_name_at, m);
        return dx_fail(m->ctx, DEXT_E_NOTFOUND, "%s: no personality of this name%s%s%s", only,
                       near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
    }
    r->most = ALL_DECISIONS / (wanted + 1);
    r->most = r->most > MOST_DECISIONS    ? MOST_DECISIONS
              : r->most < LEAST_DECISIONS ? LEAST_DECISIONS
                                          : r->most;
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

static const struct dext_match_check *first_no(const struct dx_match_trace *t)
{
    for (size_t i = 0; i < t->count; i++) {
        if (t->list[i].answer == DEXT_MATCH_NO) {
            return &t->list[i];
        }
    }
    return NULL;
}

static struct dext_match_node *match_run_show(struct run *r, const struct dx_reg_node *nub)
{
    struct dext_match_node **at = &r->recent[nub->index % RECENT];
    if (!*at || (*at)->index != nub->index) {
        *at = dx_match_node(&r->m->world, nub);
    }
    return *at;
}

static void match_run_keep(struct run *r, const struct dx_reg_node *nub,
                           struct dext_match_node **shown, size_t entry,
                           const struct dx_match_trace *trace)
{
    struct dx_arena *a = &r->m->ctx->arena;
    *shown = *shown ? *shown : match_run_show(r, nub);
    struct dext_match_decision *d = DX_PUSH(a, r->list, r->count, r->cap);
    r->work += r->entry_count / 16; /* a rival is a few comparisons of numbers */
    *d = (struct dext_match_decision){.node = *shown};
    dx_decide(d, &r->m->world, nub, r->entries, r->entry_count, entry);
    if (!trace && d->score.family && !d->score.combined) {
        /* Some families put their score into words only when somebody reads them. */
        struct dx_match_trace words = {0};
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

/* Its class is not known; but every PCI function has these registers as properties
 * (IOPCIFamily-726.0.5, IOPCIBridge.cpp, constructProperties), and this node is shown not to have
 * them. */
static bool no_pci_function(const struct run *r, const struct dx_candidate *k,
                            const struct dx_reg_node *nub)
{
    struct dx_prop vendor = {0};
    if (k->unsure && k->matcher == KB_KERNEL_CLASS_MATCHER_PCI) {
        vendor = dx_node_prop(&r->m->world, nub, "vendor-id");
        return !vendor.value && !vendor.unknown;
    }
    return false;
}

static void evaluate_one(struct run *r, const struct dx_candidate *k, const struct dx_reg_node *nub)
{
    struct dx_mp *mp = r->m->list[k->mp];
    struct dx_eval e;
    r->work++;
    if (no_pci_function(r, k, nub)) {
        return;
    }
    enum dext_match_answer answer = dx_match_quick(
        &e, &r->m->world, mp, nub, k->unsure ? DX_REG_UNSURE : DX_REG_YES, k->matcher);
    if (k->unsure) {
        mp->pub.unknown += answer != DEXT_MATCH_NO;
    } else if (answer != DEXT_MATCH_NO) {
        r->entries[r->entry_count++] = (struct dx_match_entry){mp, answer, e.score};
    }
}

static void evaluate(struct run *r, const struct dx_node_class *c, const struct dx_reg_node *nub)
{
    struct dx_prop vendor = {0};
    int64_t have = 0;
    r->entry_count = 0;
    if (c->vendors) {
        vendor = dx_node_prop(&r->m->world, nub, "idVendor");
    }
    bool number = dx_int(vendor.value, &have);
    if (c->vendors && !number && (vendor.value || vendor.unknown)) {
        for (size_t i = 0; i < c->count; i++) { /* which vendor it is cannot be told */
            evaluate_one(r, &c->list[i], nub);
        }
        return;
    }
    /* In the order of the personalities. */
    size_t at = number ? dx_node_class_vendor(c, have) : c->vendors, k = 0;
    while (true) {
        bool named = at < c->vendors && c->list[c->by_vendor[at]].vendor == have;
        bool other = k < c->count - c->vendors;
        if (!named && !other) {
            break;
        }
        bool take = named && (!other || c->by_vendor[at] < c->others[k]);
        evaluate_one(r, &c->list[take ? c->by_vendor[at++] : c->others[k++]], nub);
    }
}

static void run_node(struct run *r, const struct dx_node_class *c, const struct dx_reg_node *nub)
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
        if (mp->pub.matched + mp->pub.unsure < r->most && match_run_is_wanted(r, mp)) {
            match_run_keep(r, nub, &shown, i, NULL);
        }
        ++*counter;
    }
}

/* ---- what comes nearest -------------------------------------------------------------------- */

#define NEAREST 3
/* Nodes that are looked at for one personality, and for all of them together: a help for the eye
 * must not cost more than the answer. */
#define MOST_COMPARED 2000
#define LEAST_COMPARED 20
#define ALL_COMPARED 40000

struct near {
    bool wanted;
    size_t compared;
    const struct dx_reg_node *node[NEAREST];
    unsigned fails[NEAREST];
    size_t count;
};

static void match_run_consider(struct near *n, const struct dx_reg_node *node, unsigned fails)
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
    struct dx_match_trace *lent = &r->trace, own;
    struct dx_eval e;
    struct dext_match_node *shown = NULL;
    lent->count = 0;
    lent->stopped = false;
    enum dext_match_answer a = dx_match_eval(&e, &r->m->world, mp, nub, lent);
    r->entries[0] = (struct dx_match_entry){mp, a, e.score};
    r->entry_count = 1;
    own = *lent;
    own.list = dx_calloc(&r->m->ctx->arena, own.count + 1, sizeof *own.list);
    if (own.count) {
        memcpy(own.list, lent->list, own.count * sizeof *own.list);
    }
    match_run_keep(r, nub, &shown, 0, &own);
}

static void list_near(struct run *r, struct dx_node_class *c, const struct near *list)
{
    c->near = dx_calloc(&r->m->ctx->arena, c->count + 1, sizeof *c->near);
    c->near_listed = true;
    for (size_t i = 0; i < c->count; i++) {
        if (list[c->list[i].mp].wanted && !c->list[i].unsure) {
            c->near[c->near_count++] = (uint32_t)i;
        }
    }
}

static void compare_node(struct run *r, struct dx_node_class *c, const struct dx_reg_node *n,
                         struct near *list, size_t most)
{
    if (!c->near_listed) {
        list_near(r, c, list);
    }
    for (size_t i = 0; i < c->near_count;) {
        const struct dx_candidate *k = &c->list[c->near[i]];
        struct near *near = &list[k->mp];
        if (near->compared >= most) {
            c->near[i] = c->near[--c->near_count];
            continue;
        }
        near->compared++;
        match_run_consider(near, n,
                           dx_match_count_fails(&r->m->world, r->m->list[k->mp], n, k->matcher));
        i++;
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

static void match_run_finish(struct run *r)
{
    struct near *list = dx_calloc(&r->m->ctx->arena, r->m->count + 1, sizeof *list);
    size_t wanted = 0;
    for (size_t i = 0; i < r->m->count; i++) {
        struct dx_mp *mp = r->m->list[i];
        struct dext_match_personality *p = &mp->pub;
        if (!match_run_is_wanted(r, mp) || p->refused || p->matched || p->unsure) {
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
    struct dx_node_classes *all = dx_alloc(&m->ctx->arena, sizeof *all);
    all->m = m;
    r.classes = dx_calloc(&m->ctx->arena, m->reg->count + 1, sizeof *r.classes);
    for (size_t i = 0; i < m->reg->count; i++) {
        if (r.work > MOST_WORK) {
            return dx_fail(m->ctx, DEXT_E_LIMIT,
                           "%zu personalities and %zu nodes: more pairs than are compared; fewer "
                           "property lists, or a smaller dump, have an answer",
                           m->count, m->reg->count);
        }
        if (!m->reg->nodes[i]->same) {
            struct dx_node_class *c = dx_node_class_of(all, m->reg->nodes[i]);
            c->nodes++;
            r.classes[i] = c;
            run_node(&r, c, m->reg->nodes[i]);
        }
    }
    dx_node_classes_count(all);
    match_run_finish(&r);
    close_run(&r, out);
    return DEXT_OK;
}

/* ---- one node, key by key ------------------------------------------------------------------ */

#define FOREIGN 1000

/* How far a personality is from the node: checks that decide and fail. One for nodes of another
 * class is FOREIGN. */
static unsigned distance(const struct dx_match_trace *t)
{
    unsigned n = 0;
    for (size_t i = 0; i < t->count; i++) {
        bool no = t->list[i].answer == DEXT_MATCH_NO && t->list[i].phase != DEXT_MATCH_START;
        n += no ? strcmp(t->list[i].code, "P2") == 0 ? FOREIGN : 1 : 0;
    }
    return n;
}

/* Of those that do not match the NEAREST are shown, foreign ones only when there is nothing else;
 * all when one was asked for by name. */
static void choose_shown(const struct run *r, const struct dx_match_trace *traces, bool *shown)
{
    size_t count = r->m->count;
    bool near = false; /* something is shown that is not foreign */
    for (size_t i = 0; i < count; i++) {
        shown[i] = match_run_is_wanted(r, r->m->list[i]) &&
                   (r->only || r->entries[i].answer != DEXT_MATCH_NO);
        near |= shown[i];
    }
    for (size_t round = 0; round < NEAREST && !r->only; round++) {
        size_t best = count;
        for (size_t i = 0; i < count; i++) {
            if (!shown[i] && (best == count || distance(&traces[i]) < distance(&traces[best]))) {
                best = i;
            }
        }
        if (best == count || (near && distance(&traces[best]) >= FOREIGN)) {
            return;
        }
        shown[best] = true;
        near |= distance(&traces[best]) < FOREIGN;
    }
}

static void why_node(struct run *r, const struct dx_reg_node *nub)
{
    struct dext_match_node *node = NULL;
    struct dext_match *m = r->m;
    struct dx_match_trace *traces = dx_calloc(&m->ctx->arena, m->count + 1, sizeof *traces);
    bool *shown = dx_calloc(&m->ctx->arena, m->count + 1, sizeof *shown);
    r->entry_count = 0;
    for (size_t i = 0; i < m->count; i++) {
        struct dx_eval e;
        bool wanted = match_run_is_wanted(r, m->list[i]);
        enum dext_match_answer a =
            dx_match_eval(&e, &m->world, m->list[i], nub, wanted ? &traces[i] : NULL);
        r->entries[r->entry_count++] = (struct dx_match_entry){m->list[i], a, e.score};
    }
    choose_shown(r, traces, shown);
    for (size_t i = 0; i < m->count; i++) {
        if (shown[i] && r->count < MOST_DECISIONS) {
            match_run_keep(r, nub, &node, i, &traces[i]);
        } else if (match_run_is_wanted(r, m->list[i])) {
            r->out->left_out++;
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
    if (!m->reg) {
        return dx_fail(m->ctx, DEXT_E_NOTFOUND, "no registry dump was read");
    }
    const struct dx_reg_node *nub = dx_select_for(m, selector, family);
    if (!nub) {
        return dx_no_node(m, selector);
    }
    struct dext_match_suggestion *s = dx_alloc(&m->ctx->arena, sizeof *s);
    const struct dx_suggest_wish wish = {.family = family, .user_class = "MyDriver"};
    int rc = dx_suggest(&m->world, nub, &wish, s);
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
