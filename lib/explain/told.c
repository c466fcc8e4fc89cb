/* What somebody tells in his own words: who speaks, of what thing, at which stage, what is wrong,
 * under which circumstances (told/words.rec). A cause is a row over these (told/causes.rec): it
 * counts only for the thing that the text is about, and the more independent words of a row are
 * told, the surer it is. */
#include <string.h>
#include <strings.h>

#include "explain/phrases.h"
#include "explain/question.h"
#include "kb.h"
#include "know/know.h"

#define TITLE_WEIGHT 4
#define MENTIONS 5 /* more say no more */
#define SURE_SLOTS 4

static struct dx_told *told_row(const struct dx_reading *r, const char *name)
{
    return &r->told[dx_kb_told_word(dx_str(name)) - kb_told_word_rows];
}

/* The first of the list that is told, the one in the title before all. */
static struct dx_told *told_any(const struct dx_reading *r, struct kb_list list)
{
    struct dx_told *best = NULL;
    for (const char *s = kb_first(list); *s; s = kb_next(s)) {
        struct dx_told *t = told_row(r, s);
        if (t->times && (!best || (t->title && !best->title))) {
            best = t;
        }
    }
    return best;
}

/* "fix(macos): ask again", "docs: ...": a change's title. */
static bool names_change(struct dx_str title)
{
    static const char *const kinds[] = {"fix",   "feat",   "docs", "chore", "refactor",
                                        "test",  "tests",  "ci",   "perf",  "build",
                                        "style", "revert", NULL};
    while (title.n && strchr("# [", *title.p)) {
        title.p++;
        title.n--;
    }
    for (size_t i = 0; kinds[i]; i++) {
        size_t n = strlen(kinds[i]);
        if (title.n > n && strncasecmp(title.p, kinds[i], n) == 0) {
            const char *last = title.p[n] == '(' ? memchr(title.p, ')', title.n) : title.p + n - 1;
            size_t at = last ? (size_t)(last - title.p) + 1 : title.n;
            at += at < title.n && title.p[at] == '!';
            if (at < title.n && title.p[at] == ':') {
                return true;
            }
        }
    }
    return false;
}

/* A manual, a change or a wish speaks of failures and has none. What takes several phrases to be
 * seen must be seen more often than somebody who tells of himself. */
static bool is_document(const struct dx_reading *r)
{
    bool document = names_change((struct dx_str){r->prose.text.p, r->title});
    const size_t person = told_row(r, "speaker.person")->times;
    for (size_t i = 0; i < kb_told_word_count; i++) {
        const struct kb_told_word *kb = &kb_told_word_rows[i];
        size_t needed = kb->times > 1 ? (size_t)kb->times + person : 1;
        document |= kb->speaks == KB_TOLD_WORD_SPEAKS_DOCUMENT && r->told[i].times >= needed;
    }
    return document;
}

/* What the text is about: what is in the title or comes up most, of the things that are not only
 * another name for the kind of one that is named as well. */
static size_t main_thing(const struct dx_reading *r)
{
    size_t best = kb_told_word_count, most = 0;
    bool *covered = dx_calloc(&r->q->ctx->arena, kb_told_word_count, sizeof *covered);
    for (size_t i = 0; i < kb_told_word_count; i++) {
        const struct kb_told_word *kb = &kb_told_word_rows[i];
        for (const char *s = kb_first(kb->over); *s && r->told[i].times; s = kb_next(s)) {
            covered[told_row(r, s) - r->told] = true;
        }
    }
    for (size_t i = 0; i < kb_told_word_count; i++) {
        const struct dx_told *t = &r->told[i];
        size_t points = (t->times < MENTIONS ? t->times : MENTIONS) + (t->title ? TITLE_WEIGHT : 0);
        bool here = r->drivers || kb_told_word_rows[i].about != KB_TOLD_WORD_ABOUT_DRIVERS;
        if (kb_told_word_rows[i].slot == KB_TOLD_WORD_SLOT_THING && t->times && !covered[i] &&
            here && (points > most || (points == most && t->span.p < r->told[best].span.p))) {
            best = i;
            most = points;
        }
    }
    return best;
}

struct told_match {
    const struct kb_told_cause *kb;
    unsigned slots, points;
    struct dx_told *symptom;
    struct dx_told *shown[6];
    size_t shown_count;
};

/* Whether one of the list is told, or the list is empty. */
static bool told_slot(const struct dx_reading *r, struct kb_list list, struct told_match *m)
{
    if (!*kb_first(list)) {
        return true;
    }
    struct dx_told *t = told_any(r, list);
    if (t) {
        m->slots++;
        m->points += t->title ? 2 : 1;
        m->shown[m->shown_count++] = t;
    }
    return t != NULL;
}

static bool told_each(const struct dx_reading *r, struct kb_list list, struct told_match *m)
{
    for (const char *s = kb_first(list); *s; s = kb_next(s)) {
        if (!told_row(r, s)->times) {
            return false;
        }
        m->slots++;
        m->points++;
    }
    return true;
}

static bool cause_fits(const struct dx_reading *r, const struct kb_told_cause *kb, size_t thing,
                       struct told_match *m)
{
    *m = (struct told_match){.kb = kb};
    bool of_it = false;
    for (const char *s = kb_first(kb->thing); *s; s = kb_next(s)) {
        of_it |= (size_t)(told_row(r, s) - r->told) == thing;
    }
    if (!of_it || told_any(r, kb->unless)) {
        return false;
    }
    m->symptom = told_any(r, kb->symptom);
    m->slots = 1;
    m->shown[m->shown_count++] = &r->told[thing];
    return told_slot(r, kb->symptom, m) && told_slot(r, kb->stage, m) &&
           told_slot(r, kb->circumstance, m) && told_slot(r, kb->speaker, m) &&
           told_each(r, kb->with, m) && (m->points += *kb_first(kb->circumstance) != 0, true);
}

/* The row that fits with most slots. */
static struct told_match best_cause(const struct dx_reading *r)
{
    struct told_match best = {0}, m;
    size_t thing = main_thing(r);
    for (size_t i = 0; thing < kb_told_word_count && i < kb_told_cause_count; i++) {
        if (cause_fits(r, &kb_told_cause_rows[i], thing, &m) &&
            (m.slots > best.slots || (m.slots == best.slots && m.points > best.points))) {
            best = m;
        }
    }
    return best;
}

/* The sentences that say so, that of the symptom first. */
static void quote_cause(const struct dx_reading *r, const struct told_match *m,
                        struct dx_conclusion *f)
{
    for (size_t i = 0; i < m->shown_count && f->evidence_count < DEXT_EVIDENCE_MOST; i++) {
        struct dext_evidence e = dx_reading_quote(r, m->shown[(i + 1) % m->shown_count]->span);
        bool again = false;
        for (size_t k = 0; k < f->evidence_count; k++) {
            again |= f->evidence[k].line == e.line || strcmp(f->evidence[k].text, e.text) == 0;
        }
        if (!again) {
            f->evidence[f->evidence_count++] = e;
        }
    }
}

/* A person's trouble. Where nobody says "I", it has to stand in the title. */
static bool somebody_suffers(const struct dx_reading *r, const struct told_match *m)
{
    bool person =
        told_row(r, "speaker.person")->times || memchr(r->prose.text.p, '?', r->prose.text.n);
    return person ? r->asks || m->symptom : r->asks && m->symptom && m->symptom->title;
}

void dx_reading_told(struct dx_reading *r)
{
    struct dx_question *q = r->q;
    q->phrases = q->phrases ? q->phrases : dx_phrases_new(&q->ctx->arena);
    r->told = dx_phrases_read(q->phrases, r->prose.text, r->title, &q->ctx->arena);
    if (is_document(r)) {
        r->asks = false;
        return;
    }
    struct told_match best = best_cause(r);
    if (!best.kb || !somebody_suffers(r, &best)) {
        return;
    }
    bool title = best.symptom && best.symptom->title;
    r->cause = (struct dx_told_cause){
        .told = true,
        .approve = dx_kb_symptom(dx_str(kb_s(best.kb->leads)))->stage == KB_SYMPTOM_STAGE_APPROVE,
        .confidence = best.slots + title >= SURE_SLOTS ? "medium" : "low",
        .instead = best.kb->instead,
        .finding = {.symptom = kb_s(best.kb->leads), .subject = "", .klass = "", .detail = ""}};
    quote_cause(r, &best, &r->cause.finding);
}
