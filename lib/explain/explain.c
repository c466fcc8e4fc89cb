/* A stream of bytes becomes records (a line with what continues it), records become symptoms. */
#include <stdlib.h>
#include <string.h>

#include "explain/cut.h"
#include "explain/explain.h"
#include "explain/kind.h"
#include "explain/reports.h"
#include "logs/json_rows.h"
#include "logs/scan.h"

#define MIXED_BYTES ((size_t)1 << 20) /* of a text that is cut into its pieces */
#define TOO_LONG "only the first 1 MiB of this text were read"

struct dext_explain {
    struct dext_ctx *ctx;
    struct dx_patterns *patterns;
    struct dx_timeline *timeline;
    struct dx_question *question;
    struct dx_scan *scan;
    unsigned jobs;
    bool lent;                    /* patterns and scan are somebody else's */
    unsigned long gave_up_before; /* by whom they were lent to before */
    struct dx_arena scratch;
    struct dx_arena result; /* of the last dext_explain_result */
    unsigned long lines;    /* of all inputs */
    /* the input that is being read */
    const char *file;
    enum dext_text_kind kind, pasted; /* pasted: into a question */
    const char *what, *pasted_what;   /* the kinds in words */
    bool mixed;                       /* it is cut into its pieces at its end */
    bool cut_short;                   /* and was too long for that */
    bool found;                       /* in a folder or archive */
    struct dx_decoder decoder;
    struct dx_json_rows rows;
    unsigned long input_lines;
    char *head; /* its first bytes; of a question all of it */
    size_t head_n;
    bool decided;
    bool scanning;       /* its lines are being looked through */
    const char *disk;    /* its path when it is a file on disk, or NULL */
    struct dx_buf whole; /* of an input that is evidence as a whole */
    /* all inputs */
    struct dx_seen seen;
    struct dx_held *held;
    size_t held_count, held_cap, joined;
    struct dext_explain_input *inputs;
    size_t input_count, input_cap, passed_over;
};

static void *explain_must(void *p)
{
    if (!p) {
        abort();
    }
    return p;
}

static void explain_on_line(void *user, const struct dx_hit *hit, unsigned long line,
                            struct dx_str text)
{
    struct dext_explain *x = user;
    dx_timeline_add(x->timeline, hit, x->file, line, text);
}

struct dx_explain_tools {
    struct dext_ctx *ctx;
    struct dx_patterns *patterns;
    struct dx_scan *scan;
};

struct dx_explain_tools *dx_explain_tools_new(void)
{
    struct dx_explain_tools *tools = explain_must(calloc(1, sizeof *tools));
    tools->ctx = dext_ctx_new(NULL);
    tools->patterns = dx_patterns_new(tools->ctx);
    tools->scan = dx_scan_new(tools->ctx, 1, NULL, NULL);
    return tools;
}

void dx_explain_tools_free(struct dx_explain_tools *tools)
{
    if (tools) {
        dx_patterns_free(tools->patterns);
        dx_scan_free(tools->scan);
        dext_ctx_free(tools->ctx);
        free(tools);
    }
}

static unsigned long explain_gave_up(const struct dext_explain *x)
{
    return (x->patterns ? dx_patterns_gave_up(x->patterns) : 0) +
           (x->scan ? dx_scan_gave_up(x->scan) : 0) - x->gave_up_before;
}

struct dext_explain *dx_explain_new_with(struct dext_ctx *ctx, struct dx_explain_tools *tools)
{
    struct dext_explain *x = dext_explain_new(ctx);
    x->lent = true;
    x->patterns = tools->patterns;
    x->scan = tools->scan;
    dx_scan_tell(x->scan, explain_on_line, x);
    x->gave_up_before = explain_gave_up(x);
    return x;
}

struct dext_explain *dext_explain_new(struct dext_ctx *ctx)
{
    struct dext_explain *x = explain_must(calloc(1, sizeof *x));
    x->ctx = ctx;
    x->timeline = dx_timeline_new(ctx);
    x->head = explain_must(malloc(MIXED_BYTES));
    return x;
}

void dext_explain_jobs(struct dext_explain *x, unsigned jobs)
{
    x->jobs = jobs;
}

void dext_explain_free(struct dext_explain *x)
{
    if (x) {
        if (x->patterns && !x->lent) {
            dx_patterns_free(x->patterns);
        }
        if (!x->lent) {
            dx_scan_free(x->scan);
        }
        dx_arena_free(&x->scratch);
        dx_arena_free(&x->result);
        free(x->head);
        free(x);
    }
}

void dext_explain_begin(struct dext_explain *x, const char *name)
{
    x->file = dx_strdup(&x->ctx->arena, name);
    x->head_n = 0;
    x->decided = x->scanning = false;
    x->found = false;
    x->decoder = (struct dx_decoder){.start_n = 0};
    x->rows = (struct dx_json_rows){.depth = 0};
    x->input_lines = 0;
    x->disk = NULL;
    x->kind = DEXT_TEXT_EMPTY;
    x->mixed = x->cut_short = false;
}

static void lines(struct dext_explain *x, const char *data, size_t size)
{
    if (!x->scan) {
        x->scan = dx_scan_new(x->ctx, x->jobs, explain_on_line, x);
    }
    if (!x->scanning) {
        dx_scan_begin(x->scan);
        x->scanning = true;
    }
    dx_scan_feed(x->scan, data, size);
}

/* ---- an input -------------------------------------------------------------------------------- */

/* What begins with its own mark is one piece, whatever it looks like further down. */
static bool is_bare_file(struct dx_str s)
{
    s = dx_str_trim(s);
    return s.n == 0 || *s.p == '{' || dx_str_has_prefix(s, "<?xml") ||
           dx_str_has_prefix(s, "<plist") || dx_str_has_prefix(s, "<!DOCTYPE plist") ||
           dx_str_has_prefix(s, "bplist") || memchr(s.p, 0, s.n);
}

/* Long files of one kind are read as they come; a short text, and one in which somebody asks, may
 * be made of anything. all: text is the whole input. */
static bool is_mixed(struct dext_explain *x, const struct dx_kind *kind, struct dx_str text,
                     bool all)
{
    struct dx_cut cut;
    size_t pieces = 0;
    if (kind->kind == DEXT_TEXT_QUESTION) {
        return true;
    }
    if (!all || kind->kind == DEXT_TEXT_BINARY || kind->kind == DEXT_TEXT_DEVICES ||
        (kind->kind == DEXT_TEXT_IOREG && strcmp(kind->what, DX_KIND_PAGE) == 0) ||
        is_bare_file(text)) {
        return false;
    }
    dx_cut_text(&cut, text, &x->scratch);
    for (size_t i = DX_CUT_OWN; i < DX_CUT_KINDS; i++) {
        pieces += cut.count[i] != 0;
    }
    return kind->kind == DEXT_TEXT_LOG ? pieces > (cut.count[DX_CUT_LOG] != 0)
                                       : pieces > 1 || cut.count[DX_CUT_PROSE];
}

static void explain_decide(struct dext_explain *x, bool all)
{
    struct dx_str head = {x->head, x->head_n};
    struct dx_kind kind = dx_kind_of(&x->scratch, head);
    x->decided = true;
    x->kind = kind.kind;
    x->what = kind.what;
    x->pasted = kind.pasted;
    x->pasted_what = kind.pasted_what;
    x->mixed = is_mixed(x, &kind, head, all);
    x->cut_short = false;
    dx_buf_init(&x->whole, &x->ctx->arena, x->ctx->limits.file_bytes);
    if (x->mixed) {
        return;
    }
    if (dx_kind_is_whole(x->kind)) {
        dx_buf_add(&x->whole, x->head, x->head_n);
    }
    if (dx_kind_has_lines(x->kind)) {
        lines(x, x->head, x->head_n);
    }
}

static bool explain_feed(void *user, const char *data, size_t size)
{
    struct dext_explain *x = user;
    size_t want = x->decided ? MIXED_BYTES : DX_KIND_BYTES;
    if (!x->decided || x->mixed) {
        size_t n = size < want - x->head_n ? size : want - x->head_n;
        memcpy(x->head + x->head_n, data, n);
        x->head_n += n;
        data += n;
        size -= n;
    }
    if (!x->decided && x->head_n == DX_KIND_BYTES) {
        explain_decide(x, false);
        return explain_feed(x, data, size);
    }
    if (x->mixed) {
        x->cut_short |= size != 0;
        return !x->cut_short;
    }
    bool by_line = dx_kind_has_lines(x->kind), whole = dx_kind_is_whole(x->kind);
    if (x->decided && by_line) {
        lines(x, data, size);
    }
    if (x->decided && whole && !x->whole.toobig) {
        dx_buf_add(&x->whole, data, size);
    }
    return !x->decided || by_line || (whole && !x->whole.toobig);
}

static bool explain_decoded(void *user, const char *data, size_t size)
{
    struct dext_explain *x = user;
    return dx_json_rows(&x->rows, data, size, false, explain_feed, x);
}

bool dext_explain_feed(struct dext_explain *x, const char *data, size_t size)
{
    return dx_decode(&x->decoder, data, size, false, explain_decoded, x);
}

/* ---- a text of several pieces ------------------------------------------------------------------
 */

static void hold_piece(struct dext_explain *x, enum dext_text_kind kind, struct dx_str copy)
{
    struct dx_arena *a = &x->ctx->arena;
    *DX_PUSH(a, x->held, x->held_count, x->held_cap) = (struct dx_held){
        .file = x->file, .kind = kind, .data = copy, .input = x->input_count, .piece = true};
}

/* A report in JSON tells its kind itself, whatever the one above it was. */
static void hold_report(struct dext_explain *x, enum dext_text_kind kind, struct dx_str copy)
{
    struct dx_str s = dx_str_trim(copy);
    kind = s.n && *s.p == '{' ? dx_kind_of(&x->scratch, s).kind : kind;
    if (kind == DEXT_TEXT_PANIC || kind == DEXT_TEXT_CRASH) {
        hold_piece(x, kind, copy);
    }
}

/* A text may hold one report below the other: each is a piece. */
static void hold_reports(struct dext_explain *x, enum dext_text_kind kind, struct dx_str text)
{
    size_t from = dx_report_end(kind, text), n = 0;
    if (from == text.n) {
        hold_piece(x, kind, text);
        return;
    }
    hold_report(x, kind, dx_report_copy(&x->ctx->arena, text, 0, from));
    for (size_t told = 1; from < text.n; from += n) {
        struct dx_str rest = {text.p + from, text.n - from};
        n = ++told < DX_MOST_REPORTS ? dx_report_end(kind, rest) : rest.n;
        hold_report(x, kind, dx_report_copy(&x->ctx->arena, text, from, n));
    }
}

/* Property lists and reports in JSON say themselves what they are; pieces of property lists are
 * looked at with the text around them. */
static enum dext_text_kind kind_of_piece(struct dext_explain *x, enum dx_cut_what what,
                                         struct dx_str copy)
{
    struct dx_str s = dx_str_trim(copy);
    bool whole = dx_str_has_prefix(s, "<?xml") || dx_str_has_prefix(s, "<!DOCTYPE plist") ||
                 dx_str_has_prefix(s, "<plist");
    if (what == DX_CUT_JSON || (what == DX_CUT_XML && whole)) {
        return dx_kind_of(&x->scratch, s).kind;
    }
    return dx_cut_kind(what);
}

/* Hands each piece to its reader; returns the kind of the largest. */
static enum dext_text_kind read_pieces(struct dext_explain *x, const struct dx_cut *cut)
{
    enum dext_text_kind largest = DEXT_TEXT_EMPTY;
    size_t most = 0;
    for (size_t i = DX_CUT_OWN; i < DX_CUT_KINDS; i++) {
        if (cut->count[i] == 0) {
            continue;
        }
        struct dx_str copy = dx_cut_copy(cut, DX_CUT_BIT(i), &x->ctx->arena);
        enum dext_text_kind kind = kind_of_piece(x, (enum dx_cut_what)i, copy);
        if (kind != DEXT_TEXT_EMPTY && dx_kind_is_whole(kind)) {
            dx_kind_strip(kind, (char *)copy.p, copy.n);
            hold_reports(x, kind, copy);
        }
        if (kind != DEXT_TEXT_EMPTY && cut->count[i] > most) {
            most = cut->count[i];
            largest = kind;
        }
    }
    return largest;
}

/* Lines that have patterns of their own; in a question they may be broken, and are looked for with
 * what stands beside them. */
#define LINE_KINDS                                                                                 \
    (DX_CUT_BIT(DX_CUT_LOG) | DX_CUT_BIT(DX_CUT_LIST) | DX_CUT_BIT(DX_CUT_KEXTS) |                 \
     DX_CUT_BIT(DX_CUT_CODESIGN) | DX_CUT_BIT(DX_CUT_SPCTL))

static void need_question(struct dext_explain *x)
{
    if (!x->question) {
        x->patterns = x->patterns ? x->patterns : dx_patterns_new(x->ctx);
        x->question = dx_question_new(x->ctx, x->patterns, x->timeline);
    }
}

static void mixed(struct dext_explain *x)
{
    struct dx_cut cut;
    bool question = x->kind == DEXT_TEXT_QUESTION;
    need_question(x);
    dx_cut_text(&cut, (struct dx_str){x->head, x->head_n}, &x->ctx->arena);
    if (!question) {
        struct dx_str copy = dx_cut_copy(&cut, LINE_KINDS, &x->scratch);
        lines(x, copy.p, copy.n);
    }
    enum dext_text_kind largest = read_pieces(x, &cut);
    x->input_lines =
        dx_question_read(x->question, x->file, &cut, question ? 0 : (unsigned)LINE_KINDS);
    for (size_t i = 0; i < DX_CUT_KINDS; i++) {
        bool of_lines = (LINE_KINDS | DX_CUT_BIT(DX_CUT_PROSE)) & DX_CUT_BIT(i);
        x->lines += question || !of_lines ? 0 : cut.count[i];
    }
    x->lines += question ? x->input_lines : 0;
    bool plain = x->kind == DEXT_TEXT_LOG && cut.count[DX_CUT_LOG] == 0;
    if ((question || plain) && largest != DEXT_TEXT_EMPTY && !dx_question_told(x->question)) {
        x->kind = largest; /* sentences around it, and nothing that was asked */
        x->what = x->pasted == largest ? x->pasted_what : dx_text_kind_words(largest);
    }
}

void dext_explain_follow(struct dext_explain *x)
{
    x->decided = true;
    x->kind = DEXT_TEXT_LOG;
    x->what = "log, while it grows";
    lines(x, "", 0);
}

void dext_explain_flush(struct dext_explain *x, bool all)
{
    if (x->scanning) {
        dx_scan_flush(x->scan, all);
    }
}

static void explain_hold(struct dext_explain *x)
{
    bool whole = !x->mixed && dx_kind_is_whole(x->kind) && !x->whole.toobig, one = false;
    const char *holds = "", *unread = x->cut_short ? TOO_LONG : "";
    if (whole) {
        dx_kind_strip(x->kind, x->whole.p, x->whole.n);
        one = dx_report_end(x->kind, dx_buf_str(&x->whole)) >= x->whole.n;
    }
    if (whole && !one) {
        hold_reports(x, x->kind, dx_buf_str(&x->whole));
    }
    if (x->kind == DEXT_TEXT_LOG || x->kind == DEXT_TEXT_QUESTION) {
        holds = dx_sprintf(&x->ctx->arena, "%lu %s", x->input_lines,
                           x->input_lines == 1 ? "line" : "lines");
    } else if (!x->mixed && !whole && dx_kind_is_whole(x->kind)) {
        holds = unread = "too large to be read";
    }
    dx_explain_hold(x,
                    &(struct dx_held){.file = x->file,
                                      .kind = x->kind,
                                      .data = one ? dx_buf_str(&x->whole) : DX_STR(""),
                                      .disk = x->disk,
                                      .what = x->what,
                                      .holds = holds,
                                      .unread = unread,
                                      .found = x->found},
                    one);
}

enum dext_text_kind dext_explain_end(struct dext_explain *x)
{
    (void)dx_decode(&x->decoder, "", 0, true, explain_decoded, x);
    (void)dx_json_rows(&x->rows, "", 0, true, explain_feed, x);
    if (!x->decided) {
        explain_decide(x, true);
        if (x->kind == DEXT_TEXT_LOG && !x->mixed) {
            need_question(x);
            dx_question_log(x->question, x->file, (struct dx_str){x->head, x->head_n});
        }
    }
    if (x->mixed) {
        mixed(x);
    }
    if (x->scanning) {
        unsigned long n = dx_scan_end(x->scan);
        x->input_lines = x->mixed ? x->input_lines : n;
        x->lines += x->mixed ? 0 : n;
        x->scanning = false;
    }
    explain_hold(x);
    return x->kind;
}

struct dext_ctx *dx_explain_ctx(struct dext_explain *x)
{
    return x->ctx;
}

void dx_explain_on_disk(struct dext_explain *x, const char *disk, bool found)
{
    x->disk = disk;
    x->found = found;
}

void dx_explain_hold(struct dext_explain *x, const struct dx_held *held, bool evidence)
{
    struct dx_arena *a = &x->ctx->arena;
    if (evidence) {
        struct dx_held *own = DX_PUSH(a, x->held, x->held_count, x->held_cap);
        *own = *held;
        own->input = x->input_count;
    }
    *DX_PUSH(a, x->inputs, x->input_count, x->input_cap) =
        (struct dext_explain_input){.file = held->file,
                                    .kind = held->kind,
                                    .what = held->what ? held->what : "",
                                    .holds = held->holds ? held->holds : "",
                                    .unread = held->unread ? held->unread : ""};
}

void dx_explain_found(struct dext_explain *x, const struct dx_hit *hit, const char *file,
                      struct dx_str text)
{
    dx_timeline_add(x->timeline, hit, file, 0, text);
}

void dx_explain_boot(struct dext_explain *x, struct dx_str uuid, int64_t when)
{
    dx_timeline_boot(x->timeline, uuid, when);
}

void dx_explain_count(struct dext_explain *x, unsigned long entries)
{
    x->lines += entries;
}

unsigned dx_explain_threads(const struct dext_explain *x)
{
    return x->jobs;
}

void dx_explain_pass_over(struct dext_explain *x)
{
    x->passed_over++;
}

void dext_explain_inputs(const struct dext_explain *x, struct dext_explain_inputs *out)
{
    *out = (struct dext_explain_inputs){x->inputs, x->input_count, x->passed_over};
}

void dext_explain_result(struct dext_explain *x, struct dext_explanation *out)
{
    *out = (struct dext_explanation){.lines = x->lines, .told_version = "", .told_chip = ""};
    if (x->joined < x->held_count) {
        dx_join(x->ctx, x->timeline, &x->seen, x->held, x->held_count, x->inputs);
        x->joined = x->held_count;
    }
    out->system = x->joined ? x->seen.shown : (struct dext_system_seen){"", "", "", NULL, 0};
    dx_arena_free(&x->result);
    dx_timeline_judge(x->timeline, &x->result, out);
    if (x->question) {
        dx_question_result(x->question, &x->result, out);
    }
    out->gave_up = explain_gave_up(x);
    if (out->verdict_count + out->answer_count + out->call_count == 0) {
        out->collect = dx_collect_advice(&x->result, x->inputs, x->input_count);
    }
}
