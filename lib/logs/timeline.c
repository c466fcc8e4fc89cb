/* What was seen of each driver, and what follows: the first stage that failed is the root cause,
 * what came after it are consequences; noise never leads. A symptom is kept once for each driver,
 * with its first lines and the number of times, so that memory does not grow with the log. */
#include <stdlib.h>
#include <string.h>

#include "logs/life.h"
#include "logs/timeline.h"

#define TEXT_BYTES 400
#define LEAD_BYTES 80 /* shown before what was found in a long line */

struct dx_timeline *dx_timeline_new(struct dext_ctx *ctx)
{
    struct dx_timeline *t = dx_alloc(&ctx->arena, sizeof *t);
    t->arena = &ctx->arena;
    return t;
}

static bool same(struct dx_str a, const char *b)
{
    return dx_str_is(a, b);
}

static struct entry *find(struct dx_timeline *t, const struct dx_hit *hit)
{
    for (size_t i = 0; i < t->count; i++) {
        struct entry *e = &t->entries[i];
        if (e->row == hit->row && same(hit->dext, e->dext) && same(hit->klass, e->klass)) {
            return e->into ? &t->entries[e->into - 1] : e;
        }
    }
    return NULL;
}

static struct dext_texts texts(struct dx_arena *a, struct kb_list list)
{
    struct dext_texts out = {NULL, 0};
    size_t cap = 0;
    for (const char *s = kb_first(list); *s; s = kb_next(s)) {
        *DX_PUSH(a, out.text, out.count, cap) = s;
    }
    return out;
}

static void describe(struct dx_arena *a, struct dext_symptom *s, const struct kb_symptom *kb)
{
    static const char *const roles[] = {"cause", "effect", "step", "noise"};
    static const char *const confidences[] = {"high", "medium", "low"};
    s->id = kb_s(kb->symptom);
    s->stage = dx_stages[kb->stage];
    s->role = roles[kb->role];
    s->confidence = confidences[kb->confidence];
    s->question = kb->in == KB_SYMPTOM_IN_PROSE || kb->in == KB_SYMPTOM_IN_PIECE;
    s->joined = kb->in == KB_SYMPTOM_IN_JOIN || kb->in == KB_SYMPTOM_IN_PIECE;
    s->what = kb_s(kb->what);
    s->why = texts(a, kb->why);
    s->check = texts(a, kb->check);
    s->fix = texts(a, kb->fix);
    s->source = texts(a, kb->source);
}

static struct entry *new_entry(struct dx_timeline *t, const struct dx_hit *hit)
{
    struct dx_arena *a = t->arena;
    struct entry *e = DX_PUSH(a, t->entries, t->count, t->cap);
    *e = (struct entry){.kb = &kb_symptom_rows[hit->row], .row = hit->row, .first = t->hits};
    e->dext = dx_strndup(a, hit->dext.p, hit->dext.n);
    e->klass = dx_strndup(a, hit->klass.p, hit->klass.n);
    e->node = dx_strndup(a, hit->node.p, hit->node.n);
    describe(a, &e->shown, e->kb);
    e->shown.detail = dx_strndup(a, hit->what.p, hit->what.n);
    return e;
}

static void learn_alias(struct dx_timeline *t, struct dx_str klass, struct dx_str dext)
{
    struct dx_arena *a = t->arena;
    for (size_t i = 0; i < t->alias_count; i++) {
        if (same(klass, t->aliases[i].klass)) {
            return;
        }
    }
    if (klass.n && dext.n && t->alias_count < MOST_ENTRIES) {
        *DX_PUSH(a, t->aliases, t->alias_count, t->alias_cap) =
            (struct alias){dx_strndup(a, klass.p, klass.n), dx_strndup(a, dext.p, dext.n)};
    }
}

/* FNV-1a */
static uint32_t hash(struct dx_str s)
{
    uint32_t h = 2166136261U;
    for (size_t i = 0; i < s.n; i++) {
        h = (h ^ (unsigned char)s.p[i]) * 16777619U;
    }
    return h;
}

static struct node *node_of(struct dx_timeline *t, struct dx_str id)
{
    uint32_t h = hash(id); /* numbers side by side are compared faster than texts */
    for (size_t i = 0; i < t->node_count; i++) {
        if (t->node_hash[i] == h && same(id, t->nodes[i].id)) {
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

static void keep(struct dx_arena *a, const char **into, struct dx_str s)
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
    struct node *n = hit->node.n && (hit->klass.n || hit->dext.n) ? node_of(t, hit->node) : NULL;
    if (n) {
        keep(t->arena, &n->klass, hit->klass);
        keep(t->arena, &n->dext, hit->dext);
        learn_alias(t, dx_str(n->klass), dx_str(n->dext));
    }
}

static bool inside_character(struct dx_str text, size_t at)
{
    return at < text.n && at && ((unsigned char)text.p[at] & 0xc0) == 0x80;
}

/* As one line, cut where it is long, but not inside a character. at: what must be in it. */
static const char *one_line(struct dx_arena *a, struct dx_str text, struct dx_str at)
{
    const char *lead = "";
    size_t before = at.p ? (size_t)(at.p - text.p) : 0;
    if (text.n > TEXT_BYTES && before + at.n > TEXT_BYTES && before > LEAD_BYTES) {
        size_t from = before - LEAD_BYTES;
        while (inside_character(text, from)) {
            from--;
        }
        text = (struct dx_str){text.p + from, text.n - from};
        lead = "...";
    }
    size_t n = text.n > TEXT_BYTES ? TEXT_BYTES : text.n;
    while (inside_character(text, n)) {
        n--;
    }
    char *copy = dx_sprintf(a, "%s%.*s%s", lead, (int)n, text.p, n < text.n ? "..." : "");
    for (char *p = copy; *p; p++) {
        if (*p == '\t' || *p == '\n' || *p == '\r') {
            *p = ' ';
        }
    }
    return copy;
}

void dx_timeline_add(struct dx_timeline *t, const struct dx_hit *hit, const char *file,
                     unsigned long line, struct dx_str text)
{
    struct entry *e = find(t, hit);
    t->hits++;
    learn(t, hit);
    if (!e && t->count == MOST_ENTRIES) {
        t->dropped++;
        return;
    }
    e = e ? e : new_entry(t, hit);
    e->last = t->hits;
    e->file = file;
    e->shown.times++;
    struct dext_evidence *last =
        e->shown.evidence_count ? &e->shown.evidence[e->shown.evidence_count - 1] : NULL;
    if (e->shown.evidence_count < DEXT_EVIDENCE_MOST &&
        !(last && last->line == line && strcmp(last->file, file) == 0)) {
        e->shown.evidence[e->shown.evidence_count++] =
            (struct dext_evidence){file, line, one_line(t->arena, text, hit->span[0])};
    }
}

struct dext_symptom *dx_timeline_note(struct dx_timeline *t, const struct dx_finding *f)
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
    struct entry *e = new_entry(t, &hit);
    e->last = t->hits;
    e->shown.times = 1;
    for (size_t i = 0; i < f->evidence_count; i++) {
        struct dext_evidence *to = &e->shown.evidence[e->shown.evidence_count++];
        *to = f->evidence[i];
        to->text = one_line(t->arena, dx_str(to->text), (struct dx_str){NULL, 0});
    }
    return &e->shown;
}

void dx_timeline_answer(struct dx_timeline *t, const struct dx_finding *f, unsigned score)
{
    if (dx_timeline_note(t, f)) {
        t->entries[t->count - 1].score = score;
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
    return e->kb->in == KB_SYMPTOM_IN_PROSE || e->kb->in == KB_SYMPTOM_IN_PIECE;
}

static void merge(const struct dx_timeline *t, struct entry *into, struct entry *e)
{
    struct dext_symptom *s = &into->shown;
    for (size_t i = 0; i < e->shown.evidence_count && s->evidence_count < DEXT_EVIDENCE_MOST; i++) {
        s->evidence[s->evidence_count++] = e->shown.evidence[i];
    }
    s->times += e->shown.times;
    if (e->last > into->last) {
        into->last = e->last;
        into->file = e->file;
    }
    e->into = (size_t)(into - t->entries) + 1;
}

/* Lines that name a driver in different ways turn out to be about one. */
static void merge_doubles(struct dx_timeline *t)
{
    for (size_t i = 0; i < t->count; i++) {
        for (size_t k = 0; k < i && !t->entries[i].into; k++) {
            struct entry *a = &t->entries[k], *b = &t->entries[i];
            bool same_answer =
                !dx_entry_is_answer(a) || strcmp(a->shown.detail, b->shown.detail) == 0;
            if (!a->into && a->row == b->row && same_answer &&
                strcmp(a->subject, b->subject) == 0) {
                merge(t, a, b);
            }
        }
    }
}

/* Inputs are read in the order they are given: only within one of them is the order that of time.
 * Start is believed all the same, since what led to it must have been mended at some time. */
static bool later(const struct entry *s, const struct entry *e)
{
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
                 : s->file == e->file && dx_symptom_is_past(s->kb, e->kb))) {
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
static bool explains(const struct entry *e)
{
    return e->shown.joined && e->kb->stage == KB_SYMPTOM_STAGE_SIGN;
}

/* Which of two failures of one driver is the root: causes before effects, firm evidence before
 * states, then the earlier stage, then the better evidence, then what a build shows before the
 * lines that it explains, then the earlier line. */
static int compare_roots(const struct entry *a, const struct entry *b)
{
    int keys[][2] = {{a->kb->role, b->kb->role},
                     {weight_class(a), weight_class(b)},
                     {a->kb->stage, b->kb->stage},
                     {a->kb->weight, b->kb->weight},
                     {!explains(a), !explains(b)}};
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

/* A reason or phase that a system wrote down is firmer than what somebody asks; what a question is
 * about comes before a code, which is only a part of it; what is possible at all comes after both,
 * and absences and states, which fit several stories, last. */
static int firmness(const struct entry *e)
{
    if (dx_entry_is_answer(e)) {
        return e->kb->weight == KB_SYMPTOM_WEIGHT_REASON ? 1 : 3;
    }
    return e->kb->weight == KB_SYMPTOM_WEIGHT_CODE ? 2 : weight_class(e) ? 4 : 0;
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

/* Between drivers: the author's own before other programs and Apple's, causes before what follows
 * from unknown ones, sure before unsure, then as above. */
static int by_rank(const void *x, const void *y)
{
    const struct entry *a = *(struct entry *const *)x, *b = *(struct entry *const *)y;
    if (dx_entry_is_answer(a) || dx_entry_is_answer(b)) {
        int firm = firmness(a) - firmness(b);
        return firm                                             ? firm
               : dx_entry_is_answer(a) && dx_entry_is_answer(b) ? compare_answers(a, b)
                                                                : compare_roots(a, b);
    }
    int apple = dx_subject_of_apple(a->subject) - dx_subject_of_apple(b->subject);
    int program = dx_subject_is_program(a->subject) - dx_subject_is_program(b->subject);
    int role = a->kb->role - b->kb->role, sure = a->kb->confidence - b->kb->confidence;
    return apple ? apple : program ? program : role ? role : sure ? sure : compare_roots(a, b);
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
static void fill(struct dx_timeline *t, struct dext_verdict *v, struct entry **failures, size_t n)
{
    struct dx_arena *a = t->arena;
    *v = (struct dext_verdict){.subject = failures[0]->subject, .root = &failures[0]->shown};
    v->reached = reached(t, v->subject);
    v->consequences = dx_calloc(a, n, sizeof(const struct dext_symptom *));
    v->further = dx_calloc(a, n, sizeof(const struct dext_symptom *));
    for (size_t i = 1; i < n; i++) {
        if (dx_entry_is(failures[i], KB_SYMPTOM_ROLE_EFFECT) ||
            (explains(failures[0]) && failures[i]->kb->stage >= failures[0]->kb->stage)) {
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
        if (!e->into && !dx_entry_is_answer(e) && e->kb->role <= KB_SYMPTOM_ROLE_EFFECT &&
            strcmp(e->subject, subject) == 0 && !recovered(t, e)) {
            out[n++] = e;
        }
    }
    if (n) {
        qsort(out, n, sizeof(struct entry *), by_root);
    }
    return n;
}

static void collect(struct dx_timeline *t, int role, const struct dext_symptom ***list,
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
    struct dx_event *events = dx_calloc(t->arena, t->count + 1, sizeof *events);
    size_t n = 0;
    for (size_t i = 0; i < t->count; i++) {
        const struct entry *e = &t->entries[i];
        bool failed = e->kb->role <= KB_SYMPTOM_ROLE_EFFECT;
        if (!e->into && !dx_entry_is_answer(e) &&
            (failed ? !recovered(t, e) : dx_entry_is(e, KB_SYMPTOM_ROLE_STEP))) {
            events[n++] =
                (struct dx_event){e->subject, e->node, (unsigned)e->kb->stage, failed, &e->shown};
        }
    }
    out->lives = dx_lives(t->arena, events, n, &out->life_count);
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
    size_t n = 0;
    dx_decide_subjects(t);
    merge_doubles(t);
    for (size_t i = 0; i < t->count; i++) {
        bool told = false;
        for (size_t k = 0; k < n; k++) {
            told |= !dx_entry_is_answer(roots[k]) &&
                    strcmp(roots[k]->subject, t->entries[i].subject) == 0;
        }
        if (dx_entry_is_answer(&t->entries[i])) { /* each stands for itself */
            if (!t->entries[i].into) {
                roots[n++] = &t->entries[i];
            }
        } else if (!told && failures_of(t, t->entries[i].subject, failures)) {
            roots[n++] = failures[0];
        }
    }
    if (n) {
        qsort(roots, n, sizeof(struct entry *), by_rank);
    }
    struct dext_verdict *verdicts = dx_calloc(a, n + 1, sizeof *verdicts);
    for (size_t i = 0; i < n; i++) {
        size_t count = 1;
        if (dx_entry_is_answer(roots[i])) {
            failures[0] = roots[i];
        } else {
            count = failures_of(t, roots[i]->subject, failures);
        }
        fill(t, &verdicts[i], failures, count);
    }
    out->verdicts = verdicts;
    out->verdict_count = n;
    out->dropped = t->dropped;
    live(t, out);
    collect(t, KB_SYMPTOM_ROLE_NOISE, &out->noise, &out->noise_count);
    collect(t, KB_SYMPTOM_ROLE_STEP, &out->steps, &out->step_count);
}
