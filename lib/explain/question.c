/* Questions in prose: answers whose patterns the text fits. Everything found keeps the words that
 * showed it. */
#include "explain/question.h"

#include <stdlib.h>
#include <string.h>

#include "kb.h"
#include "know/know.h"

#define TITLE_BYTES 200 /* the first line, when it is not longer */
#define NEAR_BEST 3
#define GOOD_FIT 6
#define LONG_TEXT 700 /* of which a mention says little */

struct dx_question *dx_question_new(struct dext_ctx *ctx, struct dx_patterns *p,
                                    struct dx_timeline *t)
{
    struct dx_question *q = dx_calloc(&ctx->arena, 1, sizeof *q);
    *q = (struct dx_question){.ctx = ctx, .patterns = p, .timeline = t, .version = "", .chip = ""};
    return q;
}

size_t dx_reading_offset(const struct dx_reading *r, struct dx_str s)
{
    return (size_t)(s.p - r->prose.text.p);
}

struct dext_evidence dx_reading_quote(const struct dx_reading *r, struct dx_str span)
{
    return (struct dext_evidence){
        .file = r->file,
        .line = dx_prose_line(&r->prose, dx_reading_offset(r, span)),
        .text = dx_prose_sentence(&r->prose, span, DX_QUOTE_BYTES, &r->q->ctx->arena)};
}

/* ---- words ------------------------------------------------------------------------------------
 */

bool dx_is_word_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* A sentence ends at a mark or with its paragraph. */
static struct dx_str next_sentence(struct dx_str *rest)
{
    size_t n = 0;
    while (n < rest->n && rest->p[n] != '\n' &&
           !(strchr(".?!", rest->p[n]) && (n + 1 == rest->n || strchr(" \n", rest->p[n + 1])))) {
        n++;
    }
    n += n < rest->n;
    struct dx_str s = {rest->p, n};
    *rest = (struct dx_str){rest->p + n, rest->n - n};
    return s;
}

static size_t words_in(struct dx_str s)
{
    size_t words = 0;
    for (size_t i = 0; i < s.n; i++) {
        words += s.p[i] != ' ' && (i == 0 || s.p[i - 1] == ' ');
    }
    return words;
}

/* A question, or what goes wrong or is wanted, told by somebody as his own. */
static bool sentence_asks(struct dx_str s)
{
    static const char *const persons[] = {"I",  "I'm",    "I've",   "I'd", "my",
                                          "we", "we're",  "we've",  "our", "me",
                                          "us", "anyone", "please", NULL};
    static const char *const matter[] = {
        "not",     "never",   "fail",     "fails",      "failed",      "failing",   "failure",
        "error",   "errors",  "issue",    "issues",     "problem",     "problems",  "crash",
        "crashes", "crashed", "crashing", "unable",     "cannot",      "can't",     "doesn't",
        "don't",   "won't",   "isn't",    "didn't",     "couldn't",    "wasn't",    "aren't",
        "nothing", "stuck",   "trouble",  "struggling", "help",        "want",      "wanted",
        "need",    "needs",   "trying",   "tried",      "try",         "wondering", "wonder",
        "looking", "how",     "know",     "like",       "question",    "possible",  "able",
        "get",     "getting", "advice",   "suggest",    "suggestions", "refuses",   "missing",
        "wrong",   "only",    "without",  "ask",        "asking",      "hoping",    "confused",
        "empty",   "glad",    "hint",     "hints",      "delay",       "checked",   NULL};
    bool mark = s.n && memchr(s.p, '?', s.n) && words_in(s) >= 2;
    return mark || (dx_prose_has_word(s, persons) && dx_prose_has_word(s, matter));
}

static const char *const trouble[] = {
    "not",     "never",   "fail",  "fails",   "failed",  "failure",  "failing", "error",  "errors",
    "issue",   "problem", "crash", "crashes", "crashed", "crashing", "unable",  "cannot", "can't",
    "doesn't", "don't",   "won't", "isn't",   "request", "support",  "how",     "broken", "panic",
    "never",   "nothing", "stuck", "missing", "without", "wrong",    NULL};

static void look_for_asking(struct dx_reading *r)
{
    static const char *const forms[] = {"steps to reproduce", "actual behavio", "what happened",
                                        "describe the bug",   "to reproduce",   NULL};
    size_t first = r->prose.lines ? r->prose.line[1] : 0;
    struct dx_str title = {r->prose.text.p, first <= TITLE_BYTES ? first : 0};
    struct dx_str rest = r->prose.text;
    struct dx_str end = dx_str_trim(title);
    /* A tool's complaint begins with its path or file, and many a sentence is no title. */
    bool sentence = end.n && (end.p[end.n - 1] == '.' || memchr(end.p, '/', end.n));
    r->asks =
        (!sentence && dx_prose_has_word(title, trouble)) || dx_prose_mentions(r->prose.text, forms);
    while (rest.n && !r->asks) {
        r->asks = sentence_asks(next_sentence(&rest));
    }
}

/* Beginnings of words, lower case. */
static const char *const drivers[] = {"driverkit",
                                      "dext",
                                      "kext",
                                      "iokit",
                                      "i/o kit",
                                      "system ext",
                                      "systemext",
                                      "system-ext",
                                      "kernel ext",
                                      "driver ext",
                                      "ossystemext",
                                      "iouser",
                                      "ioprovider",
                                      "ioclass",
                                      "iokitpersonalit",
                                      "iousbhost",
                                      "iopci",
                                      "ioservice",
                                      "iohid",
                                      "usbdriverkit",
                                      "hiddriverkit",
                                      "pcidriverkit",
                                      "networkingdriverkit",
                                      "audiodriverkit",
                                      "scsicontrollerdriverkit",
                                      "scsiperipheralsdriverkit",
                                      "serialdriverkit",
                                      "blockstoragedevicedriverkit",
                                      "mididriverkit",
                                      "usbserialdriverkit",
                                      "kmutil",
                                      "endpointsecurity",
                                      "endpoint security",
                                      "network extension",
                                      "karabiner-virtualhid",
                                      "virtualhiddevice",
                                      "login items & ext",
                                      "login items and ext",
                                      "camera ext",
                                      "networkextension",
                                      "coremediaio",
                                      "cmio",
                                      "corehid",
                                      NULL};
static const char *const driver[] = {"driver", NULL};
static const char *const systems[] = {"macos",
                                      "mac os",
                                      "os x",
                                      "ipados",
                                      "ipad",
                                      "apple silicon",
                                      "xcode",
                                      "big sur",
                                      "monterey",
                                      "ventura",
                                      "sonoma",
                                      "sequoia",
                                      "tahoe",
                                      "macbook",
                                      "system settings",
                                      "system preferences",
                                      "security & privacy",
                                      "security&privacy",
                                      "security and privacy",
                                      "privacy & security",
                                      NULL};
static const char *const moving[] = {"migrat",      "porting",    "ported", "convert",
                                     "counterpart", "equivalent", "rewrit", NULL};
static const char *const kext_words[] = {"kext", "kernel ext", NULL};

static void topic_of(struct dx_reading *r)
{
    r->drivers =
        dx_prose_mentions(r->around.text, drivers) ||
        (dx_prose_mentions(r->around.text, driver) && dx_prose_mentions(r->around.text, systems));
    bool kext = dx_prose_mentions(r->around.text, kext_words);
    r->migrating = kext || dx_prose_mentions(r->around.text, moving);
}

/* ---- answers ----------------------------------------------------------------------------------
 */

static int question_by_place(const void *x, const void *y)
{
    const struct dx_str *a = x, *b = y;
    return a->p < b->p ? -1 : a->p > b->p;
}

/* How well a text fits an answer. What the title says is what is asked; so is a sentence with a
 * question mark, and what comes up again and again. */
static unsigned question_score(const struct dx_reading *r, const struct dx_hit *hit)
{
    unsigned points = (unsigned)hit->times + (unsigned)hit->span_count;
    for (size_t i = 0; i < hit->span_count; i++) {
        bool title = dx_reading_offset(r, hit->span[i]) < r->title;
        points += title ? (i == 0 ? 4 : 1) : 0;
    }
    const char *sentence =
        dx_prose_sentence(&r->prose, hit->span[0], DX_QUOTE_BYTES, &r->q->ctx->arena);
    return points + (strchr(sentence, '?') ? 2 : 0);
}

static void add_answer(struct dx_reading *r, struct dx_hit *hit)
{
    const struct kb_symptom *kb = &kb_symptom_rows[hit->row];
    struct dx_answer *a = &r->answers[r->answer_count++];
    *a = (struct dx_answer){.special = kb->weight == KB_SYMPTOM_WEIGHT_REASON,
                            .approve = kb->stage == KB_SYMPTOM_STAGE_APPROVE,
                            .score = question_score(r, hit),
                            .finding = {.symptom = kb_s(kb->symptom), .subject = "", .klass = ""}};
    a->finding.detail = dx_strndup(&r->q->ctx->arena, hit->what.p, hit->what.n);
    qsort(hit->span, hit->span_count, sizeof hit->span[0], question_by_place);
    const char *quoted = NULL; /* end of what was quoted last */
    for (size_t i = 0; i < hit->span_count; i++) {
        if (!quoted || hit->span[i].p > quoted + DX_QUOTE_BYTES / 2) {
            a->finding.evidence[a->finding.evidence_count++] = dx_reading_quote(r, hit->span[i]);
            quoted = hit->span[i].p + hit->span[i].n;
        }
    }
}

static void on_answer(void *user, const struct dx_hit *found)
{
    struct dx_reading *r = user;
    struct dx_hit hit = *found;
    if (kb_symptom_rows[hit.row].about == KB_SYMPTOM_ABOUT_DRIVERS && !r->drivers) {
        return;
    }
    struct dx_prose words = r->prose;
    size_t title = r->title;
    const char *at = hit.span[0].p;
    if (at < words.text.p || at > words.text.p + words.text.n) { /* in what stands around them */
        r->prose = r->around;
        r->title = 0;
    }
    add_answer(r, &hit);
    r->prose = words;
    r->title = title;
}

/* A return code, and the call that gave it. */
static bool quotes_code_and_call(struct dx_str s)
{
    bool code = dx_str_contains(s, "0xe00") || dx_str_contains(s, "kIOReturn") ||
                dx_str_contains(s, "Error Domain") || dx_str_contains(s, "-5368");
    bool call = false;
    for (size_t i = 1; i + 1 < s.n && !call; i++) {
        bool inner = s.p[i] >= 'A' && s.p[i] <= 'Z' && s.p[i - 1] >= 'a' && s.p[i - 1] <= 'z';
        call = inner && s.p[i + 1] >= 'a' && s.p[i + 1] <= 'z';
    }
    return code && call;
}

/* What was seen of the question: a code beside its call, words that name the failure or that come
 * up in the title and again, or a mere mention. */
static const char *confidence(const struct dx_answer *a)
{
    bool quoted = false;
    for (size_t i = 0; i < a->finding.evidence_count; i++) {
        quoted |= quotes_code_and_call(dx_str(a->finding.evidence[i].text));
    }
    return a->special && quoted ? "high" : a->special || a->score >= GOOD_FIT ? "medium" : "low";
}

/* A failure that is named, or that a line tells of. */
static bool special_is_found(const struct dx_reading *r)
{
    bool special = r->line_found;
    for (size_t i = 0; i < r->answer_count; i++) {
        special |= r->answers[i].special;
    }
    return special;
}

/* What a text only mentions is no answer to it: a general answer must fit nearly as well as the
 * best, and well by itself where there is a special one. Where a tool prints what failed and nobody
 * says anything, there is nothing to answer beyond it. */
static void give_answers(struct dx_reading *r)
{
    unsigned best = 0;
    bool special = special_is_found(r);
    for (size_t i = 0; i < r->answer_count; i++) {
        if (!r->answers[i].special && r->answers[i].score > best) {
            best = r->answers[i].score;
        }
    }
    for (size_t i = 0; i < r->answer_count; i++) {
        const struct dx_answer *a = &r->answers[i];
        if (r->enabled && !a->special && a->approve) {
            continue; /* the list says that it is allowed */
        }
        if (!special && dx_kb_list_has(r->cause.instead, dx_str(a->finding.symptom))) {
            continue; /* it is about something else that has the same words */
        }
        if (*confidence(a) == 'l' && (r->line_found || r->prose.text.n > LONG_TEXT)) {
            continue; /* a mention in a long story, or beside what failed, is no question */
        }
        if (a->special || (a->score + NEAR_BEST >= best && (!special || a->score >= GOOD_FIT))) {
            bool told = r->cause.told && strcmp(a->finding.symptom, r->cause.finding.symptom) == 0;
            dx_timeline_answer(r->q->timeline, &a->finding, a->score + (told ? best : 0),
                               confidence(a));
            r->given++;
            r->sure |= *confidence(a) != 'l';
        }
    }
}

static bool is_answered(const struct dx_reading *r, const char *symptom)
{
    for (size_t i = 0; i < r->answer_count; i++) {
        if (strcmp(r->answers[i].finding.symptom, symptom) == 0) {
            return true;
        }
    }
    return false;
}

/* What follows from what is told, where nothing else was found; and before what only has some of
 * its words, where much is told. */
static void give_told(struct dx_reading *r)
{
    const struct dx_told_cause *c = &r->cause;
    unsigned before = 1;
    for (size_t i = 0; i < r->answer_count; i++) {
        before += r->answers[i].score;
    }
    if (!c->told || special_is_found(r) || (c->approve && r->enabled)) {
        return;
    }
    bool much = strcmp(c->confidence, "medium") == 0 && !is_answered(r, c->finding.symptom);
    if (r->given == 0 || (much && !r->sure)) {
        dx_timeline_answer(r->q->timeline, &c->finding, before, c->confidence);
        r->given++;
    }
}

/* ---- a text -----------------------------------------------------------------------------------
 */

static bool question_names_any(struct dx_str text, const char *const *words)
{
    while (*words && !dx_str_contains(text, *words)) {
        words++;
    }
    return *words != NULL;
}

/* Somebody tells that it works. */
static bool is_over(const struct dx_prose *p)
{
    static const char *const words[] = {"works now",    "working now", "seems to work",
                                        "working fine", "works fine",  "works again",
                                        "solved it",    "fixed it",    NULL};
    return dx_prose_mentions(p->text, words);
}

static const char enabled[] = "[activated enabled]";

/* The list has one row, and that is enabled: nobody has to allow anything. */
static bool only_enabled(const struct dx_reading *r, const struct dx_cut *cut)
{
    struct dx_str list = dx_cut_copy(cut, DX_CUT_BIT(DX_CUT_LIST), &r->q->ctx->arena);
    size_t rows = 0, on = 0;
    for (size_t i = 0; i < list.n; i++) {
        struct dx_str rest = {list.p + i, list.n - i};
        rows += dx_str_has_prefix(rest, "[activated") || dx_str_has_prefix(rest, "[terminat");
        on += dx_str_has_prefix(rest, enabled);
    }
    return rows == 1 && on == 1;
}

/* Trouble, told beside a list in which the extension is enabled: it is installed and allowed, and
 * what is wrong comes later. */
static void enabled_but(struct dx_reading *r, const struct dx_cut *cut)
{
    struct dx_prose list;
    struct dx_arena *a = &r->q->ctx->arena;
    dx_prose_read(&list, dx_cut_copy(cut, DX_CUT_BIT(DX_CUT_LIST), a), a);
    static const char *const others[] = {"cmio",    "camera",   "network", "Camera Extension",
                                         "Network", "endpoint", NULL};
    const char *at = memmem(list.text.p, list.text.n, enabled, sizeof enabled - 1);
    bool of_driver = dx_str_contains(list.text, "driver_extension");
    if (!at || dx_str_contains(list.text, "waiting for user") ||
        !(of_driver || question_names_any(list.text, others) ||
          question_names_any(r->prose.text, others + 3))) {
        return;
    }
    struct dx_conclusion f = {.symptom = of_driver ? "topic-enabled-not-running"
                                                   : "topic-extension-enabled",
                              .subject = "",
                              .klass = "",
                              .detail = ""};
    f.evidence[f.evidence_count++] = (struct dext_evidence){
        .file = r->file,
        .line = dx_prose_line(&list, (size_t)(at - list.text.p)),
        .text =
            dx_prose_sentence(&list, (struct dx_str){at, sizeof enabled - 1}, DX_QUOTE_BYTES, a)};
    dx_timeline_answer(r->q->timeline, &f, 1, "medium");
    r->given++;
}

/* Reports and dumps have readers of their own; nothing of them is a person's. */
#define IN_REPORTS                                                                                 \
    (DX_CUT_BIT(DX_CUT_PANIC) | DX_CUT_BIT(DX_CUT_CRASH) | DX_CUT_BIT(DX_CUT_IOREG) |              \
     DX_CUT_BIT(DX_CUT_PROFILER) | DX_CUT_BIT(DX_CUT_HID) | DX_CUT_BIT(DX_CUT_SYSTEM) |            \
     DX_CUT_BIT(DX_CUT_JSON) | DX_CUT_BIT(DX_CUT_OWN) | DX_CUT_BIT(DX_CUT_PROMPT))
#define IN_LINES                                                                                   \
    (DX_CUT_BIT(DX_CUT_LOG) | DX_CUT_BIT(DX_CUT_LIST) | DX_CUT_BIT(DX_CUT_KEXTS) |                 \
     DX_CUT_BIT(DX_CUT_CODESIGN) | DX_CUT_BIT(DX_CUT_SPCTL))

static void read_kinds(struct dx_prose *out, const struct dx_question *q, const struct dx_cut *cut,
                       unsigned kinds)
{
    struct dx_arena *a = &q->ctx->arena;
    dx_prose_read(out, dx_cut_copy(cut, kinds, a), a);
}

static void read_asked(struct dx_reading *r)
{
    size_t first = r->prose.lines ? r->prose.line[1] : 0;
    r->title = first <= TITLE_BYTES && r->prose.lines > 1 ? first : 0;
    r->title = r->prose.text.n <= TITLE_BYTES ? r->prose.text.n : r->title;
    topic_of(r);
    look_for_asking(r);
    dx_reading_told(r);
    if (r->asks) {
        dx_patterns_ask(r->q->patterns, r->prose.text, r->around.text, on_answer, r);
    }
}

unsigned long dx_question_read(struct dx_question *q, const char *file, const struct dx_cut *cut,
                               unsigned elsewhere)
{
    struct dx_reading r = {.q = q, .file = file, .cause = {.confidence = ""}};
    const unsigned all = ~(unsigned)IN_REPORTS, calls = all & ~(unsigned)IN_LINES;
    size_t before = q->code_count + q->call_count;
    r.seen = dx_calloc(&q->ctx->arena, kb_symptom_count, sizeof *r.seen);
    r.answers = dx_calloc(&q->ctx->arena, kb_symptom_count, sizeof *r.answers);
    read_kinds(&r.around, q, cut, all);
    read_kinds(&r.prose, q, cut, DX_CUT_BIT(DX_CUT_PROSE));
    read_asked(&r);
    dx_reading_system(&r);
    const struct dx_prose asked = r.prose;
    read_kinds(&r.prose, q, cut, all & ~elsewhere);
    dx_reading_lines(&r);
    r.prose = asked;
    r.enabled = cut->count[DX_CUT_LIST] && only_enabled(&r, cut);
    give_answers(&r);
    bool troubled = r.asks || dx_prose_has_word(asked.text, trouble);
    if (troubled && !is_over(&asked) && r.given == 0 && !r.line_found && cut->count[DX_CUT_LIST]) {
        enabled_but(&r, cut);
    }
    give_told(&r);
    r.prose = r.around;
    dx_reading_codes(&r);
    read_kinds(&r.prose, q, cut, calls);
    dx_reading_calls(&r);
    dx_question_plists(q->ctx, q->timeline, file, &r.prose);
    q->told = r.answer_count || r.given || q->code_count + q->call_count > before;
    q->asked |= r.asks;
    return r.prose.lines;
}

bool dx_question_told(const struct dx_question *q)
{
    return q->told;
}

void dx_question_log(struct dx_question *q, const char *file, struct dx_str text)
{
    struct dx_reading r = {.q = q, .file = file, .log = true};
    dx_prose_read(&r.prose, text, &q->ctx->arena);
    r.around = r.prose;
    topic_of(&r);
    dx_reading_codes(&r);
}

void dx_question_result(const struct dx_question *q, struct dx_arena *a,
                        struct dext_explanation *out)
{
    /* Steps and noise are known lines: their codes are known as well. */
    bool nothing = out->verdict_count + out->answer_count + out->step_count + out->noise_count == 0;
    struct dext_code_named *told = dx_calloc(a, q->code_count + 1, sizeof *told);
    for (size_t i = 0; i < q->code_count; i++) {
        if (q->notes[i].quiet && !nothing) {
            continue;
        }
        struct dext_code_named *code = &told[out->code_count++];
        *code = q->codes[i];
        if (dx_code_is_explained(out, code)) { /* what it mostly means would contradict that */
            code->meaning = q->notes[i].plain;
        }
    }
    out->asked = q->asked;
    out->told_version = q->version;
    out->told_chip = q->chip;
    out->codes = told;
    out->calls = q->calls;
    out->call_count = q->call_count;
}
