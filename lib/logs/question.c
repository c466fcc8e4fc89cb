/* Questions in prose: answers whose patterns the text fits, lines of logs in it wherever they were
 * pasted, codes, and calls of kernel extensions. Everything found keeps the words that showed it.
 */
#include <stdlib.h>
#include <string.h>

#include "dext/error.h"
#include "kb.h"
#include "logs/log.h"

#define QUOTE_BYTES 240  /* of a sentence that is shown */
#define LONG_LINE 400    /* longer lines hold several sentences or lines of a log */
#define WIDEST_HIT 400   /* a pattern of a log line that spans more joined what does not belong */
#define TITLE_BYTES 200  /* the first line, when it is not longer */
#define DOMAIN_BYTES 100 /* how far before a small number its domain may stand */
#define MOST_TOLD 64     /* codes, calls */
#define BROKEN_LINES 3   /* a line of a log may be broken into that many */

struct dx_question {
    struct dext_ctx *ctx;
    struct dx_patterns *patterns;
    struct dx_timeline *timeline;
    struct dext_code_named *codes;
    size_t code_count, code_cap;
    const char **plain; /* of each code what its definition says */
    size_t plain_count, plain_cap;
    struct dext_call_named *calls;
    size_t call_count, call_cap;
    bool told; /* something was found in the last text beside lines of logs */
};

#define NEAR_BEST 3
#define GOOD_FIT 6

struct answer {
    bool special; /* names a failure or a call, not what is possible at all */
    unsigned score;
    struct dx_finding finding;
};

/* The text that is being read. */
struct reading {
    struct dx_question *q;
    const char *file;
    struct dx_prose prose;
    size_t title;   /* bytes of the title, 0 when the text begins without one */
    bool asks;      /* somebody asks or complains; a manual does neither */
    bool person;    /* somebody speaks; the output of a tool complains, too */
    bool drivers;   /* the text is about drivers or extensions of Apple's systems */
    bool migrating; /* from a kernel extension */
    struct answer *answers;
    size_t answer_count;
    bool line_found; /* a line of a log that tells a cause */
    bool *seen;      /* rows of kb_symptom_rows of which a line was found */
    struct dx_str piece;
    size_t from, cut[BROKEN_LINES]; /* places in the text that a hit must lie across; 0: anywhere */
    size_t cuts;
};

struct dx_question *dx_question_new(struct dext_ctx *ctx, struct dx_patterns *p,
                                    struct dx_timeline *t)
{
    struct dx_question *q = dx_calloc(&ctx->arena, 1, sizeof *q);
    *q = (struct dx_question){.ctx = ctx, .patterns = p, .timeline = t};
    return q;
}

static size_t offset_of(const struct reading *r, struct dx_str s)
{
    return (size_t)(s.p - r->prose.text.p);
}

static struct dext_evidence quote(const struct reading *r, struct dx_str span)
{
    return (struct dext_evidence){
        r->file, dx_prose_line(&r->prose, offset_of(r, span)),
        dx_prose_sentence(&r->prose, span, QUOTE_BYTES, &r->q->ctx->arena)};
}

/* ---- words ------------------------------------------------------------------------------------
 */

static bool is_word_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static void look_for_asking(struct reading *r)
{
    static const char *const persons[] = {"I",  "I'm",    "I've",   "I'd", "my",
                                          "we", "we're",  "we've",  "our", "me",
                                          "us", "anyone", "please", NULL};
    static const char *const trouble[] = {
        "not",   "never",   "fail",  "fails",   "failed",  "failure", "error", "errors",
        "issue", "problem", "crash", "crashes", "unable",  "cannot",  "can't", "doesn't",
        "don't", "won't",   "isn't", "request", "support", NULL};
    static const char *const failing[] = {"fails",    "failed",  "failing", "crashes", "crashed",
                                          "unusable", "broken",  "unable",  "cannot",  "can't",
                                          "won't",    "doesn't", "didn't",  NULL};
    struct dx_str title = {r->prose.text.p, r->title};
    r->person =
        memchr(r->prose.text.p, '?', r->prose.text.n) || dx_prose_has_word(r->prose.text, persons);
    r->asks =
        r->person || dx_prose_has_word(title, trouble) || dx_prose_has_word(r->prose.text, failing);
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
static const char *const moving[] = {"migrat",     "porting", "ported", "convert",    "counterpart",
                                     "equivalent", "rewrit",  "kext",   "kernel ext", NULL};

static void topic_of(struct reading *r)
{
    r->drivers =
        dx_prose_mentions(r->prose.text, drivers) ||
        (dx_prose_mentions(r->prose.text, driver) && dx_prose_mentions(r->prose.text, systems));
    r->migrating = dx_prose_mentions(r->prose.text, moving);
}

/* ---- answers ----------------------------------------------------------------------------------
 */

static int by_place(const void *x, const void *y)
{
    const struct dx_str *a = x, *b = y;
    return a->p < b->p ? -1 : a->p > b->p;
}

/* How well a text fits an answer. What the title says is what is asked; so is a sentence with a
 * question mark, and what comes up again and again. */
static unsigned score(const struct reading *r, const struct dx_hit *hit)
{
    unsigned points = (unsigned)hit->times + (unsigned)hit->span_count;
    for (size_t i = 0; i < hit->span_count; i++) {
        bool title = offset_of(r, hit->span[i]) < r->title;
        points += title ? (i == 0 ? 4 : 1) : 0;
    }
    const char *sentence =
        dx_prose_sentence(&r->prose, hit->span[0], QUOTE_BYTES, &r->q->ctx->arena);
    return points + (strchr(sentence, '?') ? 2 : 0);
}

static void on_answer(void *user, const struct dx_hit *found)
{
    struct reading *r = user;
    struct dx_hit hit = *found;
    const struct kb_symptom *kb = &kb_symptom_rows[hit.row];
    bool special = kb->weight == KB_SYMPTOM_WEIGHT_REASON;
    if ((kb->about == KB_SYMPTOM_ABOUT_DRIVERS && !r->drivers) || (!special && !r->asks)) {
        return;
    }
    struct answer *a = &r->answers[r->answer_count++];
    *a = (struct answer){.special = special,
                         .score = score(r, &hit),
                         .finding = {.symptom = kb_s(kb->symptom), .subject = "", .klass = ""}};
    a->finding.detail = dx_strndup(&r->q->ctx->arena, hit.what.p, hit.what.n);
    qsort(hit.span, hit.span_count, sizeof hit.span[0], by_place);
    const char *quoted = NULL; /* end of what was quoted last */
    for (size_t i = 0; i < hit.span_count; i++) {
        if (!quoted || hit.span[i].p > quoted + QUOTE_BYTES / 2) {
            a->finding.evidence[a->finding.evidence_count++] = quote(r, hit.span[i]);
            quoted = hit.span[i].p + hit.span[i].n;
        }
    }
}

/* What a text only mentions is no answer to it: a general answer must fit nearly as well as the
 * best, and well by itself where there is a special one. Where a tool prints what failed and nobody
 * says anything, there is nothing to answer beyond it. */
static void give_answers(struct reading *r)
{
    unsigned best = 0;
    bool special = r->line_found, output = r->line_found && !r->person;
    for (size_t i = 0; i < r->answer_count; i++) {
        special |= r->answers[i].special;
        if (!r->answers[i].special && r->answers[i].score > best) {
            best = r->answers[i].score;
        }
    }
    for (size_t i = 0; i < r->answer_count; i++) {
        const struct answer *a = &r->answers[i];
        if (a->special ||
            (!output && a->score + NEAR_BEST >= best && (!special || a->score >= GOOD_FIT))) {
            dx_timeline_answer(r->q->timeline, &a->finding, a->score);
        }
    }
}

/* ---- lines of logs ----------------------------------------------------------------------------
 */

/* "there is no 'user server timeout'": the words before the place deny it. */
static bool denied(const struct reading *r, size_t at)
{
    static const char *const deny[] = {"no", "without", "any", NULL};
    const char *text = r->prose.text.p;
    for (size_t words = 0; words < 2; words++) {
        while (at && (text[at - 1] == ' ' || strchr("\"'`(", text[at - 1]))) {
            at--;
        }
        size_t end = at;
        while (at && is_word_char(text[at - 1])) {
            at--;
        }
        for (const char *const *d = deny; *d; d++) {
            if (dx_str_is_nocase((struct dx_str){text + at, end - at}, *d)) {
                return true;
            }
        }
        if (end == at) {
            return false;
        }
    }
    return false;
}

static void on_line(void *user, const struct dx_hit *hit)
{
    struct reading *r = user;
    struct dx_str span = hit->span_count ? hit->span[0] : r->piece;
    size_t at = offset_of(r, span);
    bool across = r->cuts == 0;
    for (size_t i = 0; i < r->cuts; i++) {
        across |= at < r->cut[i] && at + span.n > r->cut[i];
    }
    if (!across || (r->cuts && r->seen[hit->row]) || span.n > WIDEST_HIT || denied(r, at)) {
        return;
    }
    r->seen[hit->row] = true;
    r->line_found |= kb_symptom_rows[hit->row].role == KB_SYMPTOM_ROLE_CAUSE;
    dx_timeline_add(r->q->timeline, hit, r->file, dx_prose_line(&r->prose, at), r->piece);
}

static void match_piece(struct reading *r, size_t from, size_t to)
{
    struct dx_str s = dx_str_trim((struct dx_str){r->prose.text.p + from, to - from});
    struct dx_line l = dx_line_parse(s, &r->q->ctx->arena);
    bool inside = l.message.p >= s.p && l.message.p <= s.p + s.n; /* of JSON it is elsewhere */
    if (l.form != DX_LINE_HEADER) {
        r->piece = inside ? l.message : s;
        dx_patterns_match(r->q->patterns, r->piece, false, on_line, r);
    }
}

static bool digits(const char *p, const char *form)
{
    for (; *form; form++, p++) {
        if (*form == 'd' ? !(*p >= '0' && *p <= '9') : *p != *form) {
            return false;
        }
    }
    return true;
}

/* Where a long line may be cut: before a time stamp, after a sentence. */
static bool may_cut(const char *p, size_t at)
{
    static const char *const levels[] = {"default", "error", "info", "fault", "debug"};
    if (p[at - 1] != ' ' && p[at - 1] != '\n') {
        return false;
    }
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        size_t n = strlen(levels[i]);
        if (strncmp(p + at, levels[i], n) == 0 && p[at + n] && digits(p + at + n + 1, "dd:dd:dd")) {
            return true;
        }
    }
    return digits(p + at, "dddd-dd-dd dd:dd:dd") ||
           (at >= 2 && strchr(".?!", p[at - 2]) && p[at] >= 'A' && p[at] <= 'Z');
}

static void match_line(struct reading *r, size_t from, size_t to)
{
    const char *p = r->prose.text.p;
    r->cuts = 0;
    if (to - from <= LONG_LINE) {
        match_piece(r, from, to);
        return;
    }
    size_t begin = from;
    for (size_t at = from + 1; at < to; at++) {
        if (may_cut(p, at)) {
            match_piece(r, begin, at);
            begin = at;
        }
    }
    match_piece(r, begin, to);
}

static void match_lines(struct reading *r)
{
    const size_t *line = r->prose.line;
    for (size_t i = 0; i < r->prose.lines; i++) {
        match_line(r, line[i], line[i + 1]);
    }
    for (size_t i = 0; i + 1 < r->prose.lines; i++) {
        size_t end = i + BROKEN_LINES < r->prose.lines ? i + BROKEN_LINES : r->prose.lines;
        r->cuts = 0;
        for (size_t k = i + 1; k < end; k++) {
            r->cut[r->cuts++] = line[k];
        }
        if (line[end] - line[i] <= (size_t)BROKEN_LINES * LONG_LINE && line[i + 1] > line[i]) {
            match_piece(r, line[i], line[end]);
        }
    }
}

/* ---- codes ------------------------------------------------------------------------------------
 */

/* A constant in source code is what a program may return, not what happened. */
static bool is_source_code(struct dx_str text, size_t at, size_t n)
{
    size_t before = at, after = at + n;
    while (before && text.p[before - 1] == ' ') {
        before--;
    }
    while (after < text.n && strchr(" )", text.p[after])) {
        after++;
    }
    char c = before ? text.p[before - 1] : 0;
    bool returned = before >= 6 && strncmp(text.p + before - 6, "return", 6) == 0;
    bool ends = after < text.n && strchr(";{&|,}", text.p[after]);
    return ends && (returned || (c && strchr("=?:,|", c)));
}

/* "error 8" says nothing without the domain: errno, a system extension's, an exit status. */
static bool is_small_without_domain(const struct reading *r, const struct dext_error_hit *h)
{
    static const char *const domains[] = {
        "ossystemext", "systemext", "errno",     "posix",   "nsposix", "amfi", "osstatus",
        "ioreturn",    "domain",    "namespace", "kmerror", "sysext",  NULL};
    int32_t v = (int32_t)h->value;
    bool number = (*h->text >= '0' && *h->text <= '9') || *h->text == '-';
    size_t from = h->offset > DOMAIN_BYTES ? h->offset - DOMAIN_BYTES : 0;
    if (h->match_count && strcmp(h->matches->domain, "sysext") == 0) {
        /* A code is told where it stands first; its domain may be named later. */
        return number && !dx_prose_mentions(r->prose.text, domains);
    }
    return number && v > -1000 && v < 1000 &&
           !dx_prose_mentions((struct dx_str){r->prose.text.p + from, h->offset - from}, domains);
}

/* In "-536870212 (0xe00002bc) kIOReturnUnsupported" all should be one code. */
static const char *contradiction(const struct reading *r, const struct dext_error_answer *answer,
                                 size_t i)
{
    const struct dext_error_hit *h = &answer->hits[i];
    if (i + 1 == answer->count || h->match_count == 0 || h[1].match_count == 0 ||
        h->value == h[1].value || h[1].offset < h->offset + strlen(h->text)) {
        return "";
    }
    struct dx_str gap = {r->prose.text.p + h->offset + strlen(h->text),
                         h[1].offset - h->offset - strlen(h->text)};
    for (size_t k = 0; k < gap.n; k++) {
        if (!strchr(" ()=:", gap.p[k])) {
            return "";
        }
    }
    bool equated = gap.n <= 4 && (memchr(gap.p, '(', gap.n) || memchr(gap.p, ')', gap.n) ||
                                  memchr(gap.p, '=', gap.n));
    return equated ? dx_sprintf(&r->q->ctx->arena,
                                "the text equates it with %s, which is another code (%s)",
                                h[1].text, h[1].matches->name)
                   : "";
}

static void add_code(struct reading *r, const struct dext_error_answer *answer, size_t i)
{
    struct dx_question *q = r->q;
    const struct dext_error_hit *h = &answer->hits[i];
    const struct dext_error *m = h->matches;
    bool name = !(*h->text >= '0' && *h->text <= '9') && *h->text != '-';
    bool iokit = h->kind == DEXT_ERROR_KNOWN && h->value >> 26 == 0x38;
    if (h->kind != DEXT_ERROR_KNOWN || h->match_count == 0 || q->code_count == MOST_TOLD ||
        m->value == 0 || m->derived || (!r->drivers && !iokit) || is_small_without_domain(r, h) ||
        (name && is_source_code(r->prose.text, h->offset, strlen(h->text)))) {
        return;
    }
    for (size_t k = 0; k < q->code_count; k++) {
        if (strcmp(q->codes[k].name, m->name) == 0) {
            return;
        }
    }
    struct dx_arena *a = &q->ctx->arena;
    *DX_PUSH(a, q->plain, q->plain_count, q->plain_cap) = m->summary;
    *DX_PUSH(a, q->codes, q->code_count, q->code_cap) = (struct dext_code_named){
        .text = dx_strdup(a, h->text),
        .name = dx_strdup(a, m->name),
        .written = dx_strdup(a, m->written),
        .domain = m->title,
        .meaning = m->driverkit ? m->driverkit : m->summary,
        .note = contradiction(r, answer, i),
        .evidence = quote(r, (struct dx_str){r->prose.text.p + h->offset, strlen(h->text)})};
}

static void find_codes(struct reading *r)
{
    struct dext_errors *errors = dext_errors_new();
    struct dext_error_answer answer;
    if (errors &&
        dext_errors_ask(errors, &answer, r->prose.text.p, r->prose.text.n, NULL) == DEXT_OK) {
        for (size_t i = 0; i < answer.count; i++) {
            add_code(r, &answer, i);
        }
    }
    dext_errors_free(errors);
}

/* ---- calls of kernel extensions ---------------------------------------------------------------
 */

static const struct kb_kext_call *find_call(struct dx_str word)
{
    size_t low = 0, high = kb_kext_call_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int c = dx_str_cmp(word, dx_str(kb_s(kb_kext_call_rows[middle].call)));
        if (c == 0) {
            return &kb_kext_call_rows[middle];
        }
        if (c < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}

/* Whether the word is in the table, told or not. */
static bool add_call(struct reading *r, struct dx_str word)
{
    static const char *const statuses[] = {"same", "other", "none"};
    struct dx_question *q = r->q;
    const struct kb_kext_call *kb = find_call(word);
    if (!kb || q->call_count == MOST_TOLD || !r->drivers ||
        (kb->status == KB_KEXT_CALL_STATUS_SAME && !r->migrating)) {
        return kb != NULL;
    }
    for (size_t i = 0; i < q->call_count; i++) {
        if (strcmp(q->calls[i].name, kb_s(kb->call)) == 0) {
            return true;
        }
    }
    *DX_PUSH(&q->ctx->arena, q->calls, q->call_count, q->call_cap) =
        (struct dext_call_named){.name = kb_s(kb->call),
                                 .status = statuses[kb->status],
                                 .counterpart = kb_s(kb->counterpart),
                                 .header = kb_s(kb->header),
                                 .note = kb_s(kb->note),
                                 .source = kb_s(kb->source),
                                 .evidence = quote(r, word)};
    return true;
}

/* Words, and pairs of them that "::" joins. */
static void find_calls(struct reading *r)
{
    struct dx_str text = r->prose.text;
    for (size_t i = 0; i < text.n;) {
        size_t n = 0, scope = 0;
        while (i + n < text.n && (is_word_char(text.p[i + n]) ||
                                  (n && text.p[i + n] == ':' && i + n + 2 < text.n &&
                                   text.p[i + n + 1] == ':' && is_word_char(text.p[i + n + 2])))) {
            if (text.p[i + n] == ':') {
                scope = n;
                n++;
            }
            n++;
        }
        bool known = n && add_call(r, (struct dx_str){text.p + i, n});
        if (scope && !known) {
            (void)add_call(r, (struct dx_str){text.p + i, scope});
            (void)add_call(r, (struct dx_str){text.p + i + scope + 2, n - scope - 2});
        }
        i += n + 1;
    }
}

/* ---- a text -----------------------------------------------------------------------------------
 */

unsigned long dx_question_read(struct dx_question *q, const char *file, struct dx_str text)
{
    struct reading r = {.q = q, .file = file};
    size_t before = q->code_count + q->call_count;
    dx_prose_read(&r.prose, text, &q->ctx->arena);
    r.seen = dx_calloc(&q->ctx->arena, kb_symptom_count, sizeof *r.seen);
    r.answers = dx_calloc(&q->ctx->arena, kb_symptom_count, sizeof *r.answers);
    size_t first = r.prose.lines ? r.prose.line[1] : 0;
    r.title = first <= TITLE_BYTES && r.prose.lines > 1 ? first : 0;
    r.title = r.prose.text.n <= TITLE_BYTES ? r.prose.text.n : r.title;
    topic_of(&r);
    look_for_asking(&r);
    dx_patterns_match(q->patterns, r.prose.text, true, on_answer, &r);
    match_lines(&r);
    give_answers(&r);
    find_codes(&r);
    find_calls(&r);
    dx_question_plists(q->ctx, q->timeline, file, &r.prose);
    q->told = r.answer_count || q->code_count + q->call_count > before;
    return r.prose.lines;
}

bool dx_question_told(const struct dx_question *q)
{
    return q->told;
}

void dx_question_result(const struct dx_question *q, struct dext_explanation *out)
{
    for (size_t i = 0; i < q->code_count; i++) {
        if (dx_code_is_explained(out,
                                 &q->codes[i])) { /* what it mostly means would contradict that */
            q->codes[i].meaning = q->plain[i];
        }
    }
    out->codes = q->codes;
    out->code_count = q->code_count;
    out->calls = q->calls;
    out->call_count = q->call_count;
}
