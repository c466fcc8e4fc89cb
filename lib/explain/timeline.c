/* What was seen of each driver, and what follows: the first stage that failed is the root cause,
 * what came after it are consequences; noise never leads. A symptom is kept once for each driver,
 * with its first lines and the number of times, so that memory does not grow with the log. */
#include <stdlib.h>
#include <string.h>

#include "explain/life.h"
#include "explain/ties.h"

#define APART ((int64_t)120 * 1000000000)
#define LATEST (INT64_MAX / 4)
#define MOST_APART 16 /* of one symptom */

struct dx_timeline *dx_timeline_new(struct dext_ctx *ctx)
{
    struct dx_timeline *t = dx_alloc(&ctx->arena, sizeof *t);
    t->arena = &ctx->arena;
    return t;
}

static bool timeline_same(struct dx_str a, const char *b)
{
    return dx_str_is(a, b);
}

/* Of lines that name nobody, those are kept apart that may turn out to be about different drivers:
 * of different processes, or far apart in time. */
static bool timeline_apart(const struct entry *e, const struct keys *k, int64_t when)
{
    bool far = e->when && when && llabs(when - e->when) > APART;
    return !*e->dext && !*e->klass && (far || !dx_entry_keys_are(e, k));
}

static struct entry *timeline_find(struct dx_timeline *t, const struct dx_hit *hit,
                                   const struct keys *k, int64_t when)
{
    struct entry *found = NULL;
    size_t apart = 0;
    for (size_t i = 0; i < t->count; i++) {
        struct entry *e = &t->entries[i];
        if (e->row == hit->row && timeline_same(hit->dext, e->dext) &&
            timeline_same(hit->klass, e->klass)) {
            found = e->into ? &t->entries[e->into - 1] : e;
            if (!timeline_apart(e, k, when)) {
                return found;
            }
            apart++;
        }
    }
    return apart < MOST_APART ? NULL : found;
}

static struct dext_texts timeline_texts(struct dx_arena *a, struct kb_list list)
{
    struct dext_texts out = {NULL, 0};
    size_t cap = 0;
    for (const char *s = kb_first(list); *s; s = kb_next(s)) {
        *DX_PUSH(a, out.text, out.count, cap) = s;
    }
    return out;
}

void dx_symptom_describe(struct dx_arena *a, struct dext_symptom *s, const struct kb_symptom *kb)
{
    static const char *const roles[] = {"cause", "effect", "step", "noise", "boot"};
    static const char *const confidences[] = {"high", "medium", "low"};
    s->id = kb_s(kb->symptom);
    s->stage = dx_stages[kb->stage];
    s->role = roles[kb->role];
    s->confidence = confidences[kb->confidence];
    s->question = dx_symptom_is_answer(kb);
    s->joined = kb->in == KB_SYMPTOM_IN_JOIN || kb->in == KB_SYMPTOM_IN_PIECE;
    s->what = kb_s(kb->what);
    s->why = timeline_texts(a, kb->why);
    s->check = timeline_texts(a, kb->check);
    s->fix = timeline_texts(a, kb->fix);
    s->source = timeline_texts(a, kb->source);
}

static struct entry *new_entry(struct dx_timeline *t, const struct dx_hit *hit,
                               const struct keys *keys)
{
    struct dx_arena *a = t->arena;
    struct entry *e = DX_PUSH(a, t->entries, t->count, t->cap);
    *e = (struct entry){.kb = &kb_symptom_rows[hit->row], .row = hit->row, .first = t->hits};
    struct keys none = {.pid = -1};
    dx_entry_keep_keys(a, e, keys ? keys : &none);
    e->dext = dx_strndup(a, hit->dext.p, hit->dext.n);
    e->klass = dx_strndup(a, hit->klass.p, hit->klass.n);
    e->node = dx_strndup(a, hit->node.p, hit->node.n);
    dx_symptom_describe(a, &e->shown, e->kb);
    e->seen = hit->seen;
    e->shown.detail = dx_strndup(a, hit->what.p, hit->what.n);
    return e;
}

static void learn_alias(struct dx_timeline *t, struct dx_str klass, struct dx_str dext)
{
    struct dx_arena *a = t->arena;
    for (size_t i = 0; i < t->alias_count; i++) {
        if (timeline_same(klass, t->aliases[i].klass)) {
            return;
        }
    }
    if (klass.n && dext.n && t->alias_count < MOST_ENTRIES) {
        *DX_PUSH(a, t->aliases, t->alias_count, t->alias_cap) =
            (struct alias){dx_strndup(a, klass.p, klass.n), dx_strndup(a, dext.p, dext.n)};
    }
}

/* FNV-1a */
static uint32_t timeline_hash(struct dx_str s)
{
    uint32_t h = 2166136261U;
    for (size_t i = 0; i < s.n; i++) {
        h = (h ^ (unsigned char)s.p[i]) * 16777619U;
    }
    return h;
}

static struct node *timeline_node_of(struct dx_timeline *t, struct dx_str id)
{
    uint32_t h = timeline_hash(id); /* numbers side by side are compared faster than texts */
    for (size_t i = 0; i < t->node_count; i++) {
        if (t->node_hash[i] == h && timeline_same(id, t->nodes[i].id)) {
            return &t->nodes[i];
        }
    }
    if (t->node_count == MOST_ENTRIES) {
        return NULL;
    }
    t->node_hash[t->node_count] = h;
    struct node *n = DX_PUSH(t->arena, t->nodes, t->node_count, t->node_cap);
    *n = (struct node){dx_strndup(t->arena, id.p, id.n), "", ""};
    return n;
}

static void timeline_keep(struct dx_arena *a, const char **into, struct dx_str s)
{
    if (s.n && !**into) {
        *into = dx_strndup(a, s.p, s.n);
    }
}

/* A line that names class and bundle together tells whose the class is; so do two lines that name
 * one service. */
static void learn(struct dx_timeline *t, const struct dx_hit *hit)
{
    learn_alias(t, hit->klass, hit->dext);
    struct node *n =
        hit->node.n && (hit->klass.n || hit->dext.n) ? timeline_node_of(t, hit->node) : NULL;
    if (n) {
        timeline_keep(t->arena, &n->klass, hit->klass);
        timeline_keep(t->arena, &n->dext, hit->dext);
        learn_alias(t, dx_str(n->klass), dx_str(n->dext));
    }
}

/* How sure: no surer than its words allow (the row's), and no surer than what was seen of it. One
 * place where no more than a code's name stands may be talk; several are not. */
static const char *timeline_confidence(const struct entry *e)
{
    static const char *const words[] = {"high", "medium", "low"};
    size_t row = (size_t)e->kb->confidence;
    size_t seen = e->seen == DX_SEEN_NAME && e->shown.evidence_count < 2 ? 1 : 0;
    return words[row > seen ? row : seen];
}

static void timeline_show(struct dx_timeline *t, struct entry *e, const struct dx_hit *hit,
                          const char *file, unsigned long line, struct dx_str text)
{
    struct dext_symptom *s = &e->shown;
    struct dext_evidence *last = s->evidence_count ? &s->evidence[s->evidence_count - 1] : NULL;
    if (s->evidence_count < DEXT_EVIDENCE_MOST &&
        !(last && line && last->line == line && strcmp(last->file, file) == 0)) {
        s->evidence[s->evidence_count++] =
            (struct dext_evidence){file, line, dx_evidence_text(t->arena, text, hit->span[0]),
                                   dx_logged(t->arena, hit->by)};
    }
    s->confidence = timeline_confidence(e);
}

/* When it was logged; inputs are read in any order, but one file is in its own. */
static void timeline_time(struct dx_timeline *t, struct entry *e, const char *file, int64_t when,
                          size_t boot)
{
    if (when == 0 || when >= e->when || e->file == file) {
        e->file = file;
        e->last = t->hits;
        e->when = when;
        e->boot = boot;
        e->shown.when = when / 1000000000;
    }
    e->first_when = e->shown.times == 0 || (when && when < e->first_when) ? when : e->first_when;
}

void dx_timeline_add(struct dx_timeline *t, const struct dx_hit *hit, const char *file,
                     unsigned long line, struct dx_str text)
{
    int64_t when = hit->when ? hit->when : dx_line_when(text);
    when = when > LATEST || when < -LATEST ? 0 : when; /* so that times can be subtracted */
    size_t boot = dx_timeline_boot_of(t, hit, file);
    if (kb_symptom_rows[hit->row].role == KB_SYMPTOM_ROLE_BOOT) {
        dx_timeline_boot(t, hit->what, when);
        return;
    }
    struct keys keys = dx_keys_of(hit);
    struct entry *e = timeline_find(t, hit, &keys, when);
    t->hits++;
    learn(t, hit);
    if (!e && t->count == MOST_ENTRIES) {
        t->dropped++;
        return;
    }
    e = e ? e : new_entry(t, hit, &keys);
    timeline_time(t, e, file, when, boot);
    dx_ties_learn(t, hit, e, &keys, boot, when);
    e->shown.times += 1 + hit->more;
    e->seen = hit->seen < e->seen ? hit->seen : e->seen;
    timeline_show(t, e, hit, file, line, text);
}

struct dext_symptom *dx_timeline_note(struct dx_timeline *t, const struct dx_conclusion *f)
{
    struct dx_hit hit = {
        .dext = dx_str(f->subject), .klass = dx_str(f->klass), .what = dx_str(f->detail)};
    while (hit.row < kb_symptom_count &&
           strcmp(kb_s(kb_symptom_rows[hit.row].symptom), f->symptom) != 0) {
        hit.row++;
    }
    t->hits++;
    learn(t, &hit);
    if (hit.row == kb_symptom_count || t->count == MOST_ENTRIES) {
        t->dropped++;
        return NULL;
    }
    struct entry *e = new_entry(t, &hit, NULL);
    e->last = t->hits;
    e->shown.times = 1;
    for (size_t i = 0; i < f->evidence_count; i++) {
        struct dext_evidence *to = &e->shown.evidence[e->shown.evidence_count++];
        *to = f->evidence[i];
        to->text = dx_evidence_text(t->arena, dx_str(to->text), (struct dx_str){NULL, 0});
    }
    return &e->shown;
}

void dx_timeline_answer(struct dx_timeline *t, const struct dx_conclusion *f, unsigned score,
                        const char *confidence)
{
    struct dext_symptom *s = dx_timeline_note(t, f);
    if (s) {
        t->entries[t->count - 1].score = score;
        s->confidence = confidence;
    }
}

const struct dext_symptom *dx_timeline_seen(const struct dx_timeline *t, const char *const *ids)
{
    const struct entry *best = NULL;
    for (size_t i = 0; i < t->count; i++) {
        const struct entry *e = &t->entries[i];
        for (const char *const *id = ids; *id; id++) {
            if (strcmp(e->shown.id, *id) == 0 && (!best || e->kb->role < best->kb->role)) {
                best = e;
            }
        }
    }
    return best ? &best->shown : NULL;
}

/* ---- judging ---------------------------------------------------------------------------- */

bool dx_entry_is_answer(const struct entry *e)
{
    return dx_symptom_is_answer(e->kb);
}

/* Several of the kind are several, unless they say the same. */
static bool stands_alone(const struct entry *e)
{
    return dx_entry_is_answer(e) || e->kb->in == KB_SYMPTOM_IN_PIECE;
}

static void merge(const struct dx_timeline *t, struct entry *into, struct entry *e)
{
    struct dext_symptom *s = &into->shown;
    for (size_t i = 0; i < e->shown.evidence_count && s->evidence_count < DEXT_EVIDENCE_MOST; i++) {
        s->evidence[s->evidence_count++] = e->shown.evidence[i];
    }
    s->times += e->shown.times;
    if (into->when && e->when ? e->when > into->when : e->last > into->last) {
        into->last = e->last;
        into->file = e->file;
        into->when = e->when;
        into->boot = e->boot;
        s->when = e->shown.when;
    }
    e->into = (size_t)(into - t->entries) + 1;
}

/* Lines that name a driver in different ways turn out to be about one. */
static void merge_doubles(struct dx_timeline *t)
{
    for (size_t i = 0; i < t->count; i++) {
        for (size_t k = 0; k < i && !t->entries[i].into; k++) {
            struct entry *a = &t->entries[k], *b = &t->entries[i];
            bool same_answer = !stands_alone(a) || strcmp(a->shown.detail, b->shown.detail) == 0;
            if (!a->into && a->row == b->row && same_answer &&
                strcmp(a->subject, b->subject) == 0) {
                merge(t, a, b);
            }
        }
    }
}

/* The order of two hits is that of their times. Where lines do not tell: inputs are read in the
 * order they are given, so only within one of them is the order that of time. */
static bool is_ordered(const struct entry *s, const struct entry *e)
{
    return s->file == e->file || (s->when && e->when);
}

/* Start is believed all the same, since what led to it must have been mended at some time. */
static bool later(const struct entry *s, const struct entry *e)
{
    if (s->file != e->file && s->when && e->when) {
        return s->when > e->when;
    }
    return s->last > e->last && (s->file == e->file || s->kb->stage == KB_SYMPTOM_STAGE_START);
}

/* It succeeded after all, or failed at something later: this was mended or retried. */
static bool recovered(const struct dx_timeline *t, const struct entry *e)
{
    for (size_t i = 0; i < t->count && !dx_entry_is_answer(e); i++) {
        const struct entry *s = &t->entries[i];
        if (later(s, e) && strcmp(s->subject, e->subject) == 0 &&
            (dx_entry_is(s, KB_SYMPTOM_ROLE_STEP)
                 ? dx_symptom_disproves(s->kb, e->kb)
                 : is_ordered(s, e) && dx_symptom_is_past(s->kb, e->kb))) {
            return true;
        }
    }
    return false;
}

/* Reasons, phases and codes are evidence of a failure; states and absences fit several stories. */
static int weight_class(const struct entry *e)
{
    return e->kb->weight >= KB_SYMPTOM_WEIGHT_STATE;
}

/* Found in a build or profile because a line complained of it: that line is its consequence. */
static bool timeline_explains(const struct entry *e)
{
    return e->shown.joined && e->kb->stage == KB_SYMPTOM_STAGE_SIGN;
}

/* Which of two failures of one driver is the root: causes before effects, firm evidence before
 * states, then the earlier stage, then the better evidence, then what a build shows before the
 * lines that it explains, then the earlier line. */
static int compare_roots(const struct entry *a, const struct entry *b)
{
    int keys[][2] = {
        {a->shown.earlier, b->shown.earlier}, {a->kb->role, b->kb->role},
        {weight_class(a), weight_class(b)},   {a->kb->stage, b->kb->stage},
        {a->kb->weight, b->kb->weight},       {!timeline_explains(a), !timeline_explains(b)}};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (keys[i][0] != keys[i][1]) {
            return keys[i][0] < keys[i][1] ? -1 : 1;
        }
    }
    return a->first < b->first ? -1 : a->first > b->first;
}

static int by_root(const void *x, const void *y)
{
    return compare_roots(*(struct entry *const *)x, *(struct entry *const *)y);
}

/* Between answers: what names a failure before what is possible at all, then what fits best. */
static int compare_answers(const struct entry *a, const struct entry *b)
{
    if (a->kb->weight != b->kb->weight) {
        return a->kb->weight < b->kb->weight ? -1 : 1;
    }
    if (a->score != b->score) {
        return a->score > b->score ? -1 : 1;
    }
    return a->first < b->first ? -1 : a->first > b->first;
}

static int by_fit(const void *x, const void *y)
{
    return compare_answers(*(struct entry *const *)x, *(struct entry *const *)y);
}

static int sureness(const struct entry *e)
{
    return *e->shown.confidence == 'h' ? 0 : *e->shown.confidence == 'm' ? 1 : 2;
}

/* Several inputs together show it, and none of them by itself; a report or list is the system's
 * word. */
static bool is_concluded(const struct entry *e)
{
    const struct dext_symptom *s = &e->shown;
    bool several = false;
    for (size_t i = 1; i < s->evidence_count; i++) {
        several |= strcmp(s->evidence[i].file, s->evidence[0].file) != 0;
    }
    return s->joined && several;
}

/* Between drivers: the author's own before other programs and Apple's, causes before what follows
 * from unknown ones, what the system printed before what was concluded, sure before unsure, then as
 * above. */
static int timeline_by_rank(const void *x, const void *y)
{
    const struct entry *a = *(struct entry *const *)x, *b = *(struct entry *const *)y;
    int keys[][2] = {
        {dx_subject_of_apple(a->subject), dx_subject_of_apple(b->subject)},
        {dx_subject_is_program(a->subject), dx_subject_is_program(b->subject)},
        {a->shown.earlier, b->shown.earlier},
        {a->kb->role, b->kb->role},
        {is_concluded(a), is_concluded(b)},
        {sureness(a), sureness(b)},
    };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (keys[i][0] != keys[i][1]) {
            return keys[i][0] < keys[i][1] ? -1 : 1;
        }
    }
    return compare_roots(a, b);
}

static const char *reached(const struct dx_timeline *t, const char *subject)
{
    const struct entry *best = NULL;
    for (size_t i = 0; i < t->count; i++) {
        const struct entry *e = &t->entries[i];
        if (dx_entry_is(e, KB_SYMPTOM_ROLE_STEP) && strcmp(e->subject, subject) == 0 &&
            (!best || e->kb->stage > best->kb->stage)) {
            best = e;
        }
    }
    return best ? best->shown.stage : "";
}

/* failures[0] is the root; the others are of the same driver. */
static void timeline_fill(struct dx_timeline *t, struct dext_verdict *v, struct entry **failures,
                          size_t n)
{
    struct dx_arena *a = t->arena;
    *v = (struct dext_verdict){.subject = failures[0]->subject, .root = &failures[0]->shown};
    v->reached = reached(t, v->subject);
    v->consequences = dx_calloc(a, n, sizeof(const struct dext_symptom *));
    v->further = dx_calloc(a, n, sizeof(const struct dext_symptom *));
    for (size_t i = 1; i < n; i++) {
        if (dx_entry_is(failures[i], KB_SYMPTOM_ROLE_EFFECT) ||
            (timeline_explains(failures[0]) && failures[i]->kb->stage >= failures[0]->kb->stage)) {
            v->consequences[v->consequence_count++] = &failures[i]->shown;
        } else {
            v->further[v->further_count++] = &failures[i]->shown;
        }
    }
}

static size_t failures_of(struct dx_timeline *t, const char *subject, struct entry **out)
{
    size_t n = 0;
    for (size_t i = 0; i < t->count; i++) {
        struct entry *e = &t->entries[i];
        if (!e->into && !stands_alone(e) && e->kb->role <= KB_SYMPTOM_ROLE_EFFECT &&
            strcmp(e->subject, subject) == 0 && !recovered(t, e)) {
            out[n++] = e;
        }
    }
    if (n) {
        qsort(out, n, sizeof(struct entry *), by_root);
    }
    return n;
}

static void timeline_collect(struct dx_timeline *t, int role, const struct dext_symptom ***list,
                             size_t *count)
{
    *list = dx_calloc(t->arena, t->count + 1, sizeof(const struct dext_symptom *));
    for (size_t i = 0; i < t->count; i++) {
        struct entry *e = &t->entries[i];
        bool told = false;
        for (size_t k = 0; k < *count; k++) {
            told |= strcmp((*list)[k]->id, e->shown.id) == 0;
        }
        if (dx_entry_is(e, role) && !told) {
            (*list)[(*count)++] = &e->shown;
        }
    }
}

static void live(const struct dx_timeline *t, struct dext_explanation *out)
{
    struct dx_life_event *events = dx_calloc(t->arena, t->count + 1, sizeof *events);
    size_t n = 0;
    for (size_t i = 0; i < t->count; i++) {
        const struct entry *e = &t->entries[i];
        bool failed = e->kb->role <= KB_SYMPTOM_ROLE_EFFECT;
        if (!e->into && !dx_entry_is_answer(e) &&
            (failed ? !recovered(t, e) : dx_entry_is(e, KB_SYMPTOM_ROLE_STEP))) {
            events[n++] = (struct dx_life_event){e->subject, e->node, (unsigned)e->kb->stage,
                                                 failed, &e->shown};
        }
    }
    out->lives = dx_lives(t->arena, events, n, &out->life_count);
}

#define MOST_ANSWERS 3

static void timeline_answer(struct dx_timeline *t, struct dext_explanation *out)
{
    struct entry **list = dx_calloc(t->arena, t->count + 1, sizeof(struct entry *));
    size_t n = 0;
    for (size_t i = 0; i < t->count; i++) {
        if (dx_entry_is_answer(&t->entries[i]) && !t->entries[i].into) {
            list[n++] = &t->entries[i];
        }
    }
    if (n) {
        qsort(list, n, sizeof(struct entry *), by_fit);
    }
    out->answers = dx_calloc(t->arena, n + 1, sizeof(const struct dext_symptom *));
    for (size_t i = 0; i < n && i < MOST_ANSWERS; i++) {
        out->answers[out->answer_count++] = &list[i]->shown;
    }
}

/* The first failure of each driver that has one; returns their number. */
static size_t timeline_find_roots(struct dx_timeline *t, struct entry **roots,
                                  struct entry **failures)
{
    size_t n = 0;
    for (size_t i = 0; i < t->count; i++) {
        bool told = dx_entry_is_answer(&t->entries[i]);
        for (size_t k = 0; k < n; k++) {
            told |=
                !stands_alone(roots[k]) && strcmp(roots[k]->subject, t->entries[i].subject) == 0;
        }
        if (stands_alone(&t->entries[i])) {
            if (!dx_entry_is_answer(&t->entries[i]) && !t->entries[i].into) {
                roots[n++] = &t->entries[i];
            }
        } else if (!told && failures_of(t, t->entries[i].subject, failures)) {
            roots[n++] = failures[0];
        }
    }
    if (n) {
        qsort(roots, n, sizeof(struct entry *), timeline_by_rank);
    }
    return n;
}

void dx_timeline_judge(const struct dx_timeline *all, struct dx_arena *a,
                       struct dext_explanation *out)
{
    /* Judged is a copy: more lines may come, and then some of it will look different. */
    struct dx_timeline copy = *all, *t = &copy;
    copy.arena = a;
    copy.entries = dx_calloc(a, all->count + 1, sizeof *copy.entries);
    if (all->count) {
        memcpy(copy.entries, all->entries, all->count * sizeof *copy.entries);
    }
    struct entry **roots = dx_calloc(a, t->count + 1, sizeof(struct entry *));
    struct entry **failures = dx_calloc(a, t->count + 1, sizeof(struct entry *));
    dx_decide_subjects(t);
    merge_doubles(t);
    dx_mark_earlier(t);
    size_t n = timeline_find_roots(t, roots, failures);
    struct dext_verdict *verdicts = dx_calloc(a, n + 1, sizeof *verdicts);
    for (size_t i = 0; i < n; i++) {
        size_t count = 1;
        if (stands_alone(roots[i])) {
            failures[0] = roots[i];
        } else {
            count = failures_of(t, roots[i]->subject, failures);
        }
        timeline_fill(t, &verdicts[i], failures, count);
    }
    out->verdicts = verdicts;
    out->verdict_count = n;
    out->dropped = t->dropped;
    timeline_answer(t, out);
    live(t, out);
    timeline_collect(t, KB_SYMPTOM_ROLE_NOISE, &out->noise, &out->noise_count);
    timeline_collect(t, KB_SYMPTOM_ROLE_STEP, &out->steps, &out->step_count);
}
