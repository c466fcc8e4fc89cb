/* A stream of bytes becomes records (a line with what continues it), records become symptoms. */
#include <stdlib.h>
#include <string.h>

#include "logs/kind.h"
#include "logs/log.h"
#include "logs/scan.h"

#define QUESTION_BYTES ((size_t)256 << 10) /* of a question */

struct dext_explain {
    struct dext_ctx *ctx;
    struct dx_patterns *patterns;
    struct dx_timeline *timeline;
    struct dx_question *question;
    struct dx_scan *scan;
    unsigned jobs;
    struct dx_arena scratch;
    struct dx_arena result; /* of the last dext_explain_result */
    unsigned long lines;    /* of all inputs */
    /* the input that is being read */
    const char *file;
    enum dext_text_kind kind, pasted; /* pasted: into a question */
    const char *what, *pasted_what;   /* the kinds in words */
    bool asked;                       /* it was read as a question */
    bool found;                       /* in a folder or archive */
    struct dx_decoder decoder;
    unsigned long input_lines;
    char *head; /* its first bytes; of a question all of it */
    size_t head_n;
    bool decided;
    bool scanning;       /* its lines are being looked through */
    const char *disk;    /* its path when it is a file on disk, or NULL */
    struct dx_buf whole; /* of an input that is evidence as a whole */
    /* all inputs */
    struct dx_held *held;
    size_t held_count, held_cap, joined;
    struct dext_explain_input *inputs;
    size_t input_count, input_cap, passed_over;
};

static void *must(void *p)
{
    if (!p) {
        abort();
    }
    return p;
}

static void on_line(void *user, const struct dx_hit *hit, unsigned long line, struct dx_str text)
{
    struct dext_explain *x = user;
    dx_timeline_add(x->timeline, hit, x->file, line, text);
}

struct dext_explain *dext_explain_new(struct dext_ctx *ctx)
{
    struct dext_explain *x = must(calloc(1, sizeof *x));
    x->ctx = ctx;
    x->timeline = dx_timeline_new(ctx);
    x->head = must(malloc(QUESTION_BYTES));
    return x;
}

void dext_explain_jobs(struct dext_explain *x, unsigned jobs)
{
    x->jobs = jobs;
}

void dext_explain_free(struct dext_explain *x)
{
    if (x) {
        if (x->patterns) {
            dx_patterns_free(x->patterns);
        }
        dx_scan_free(x->scan);
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
    x->input_lines = 0;
    x->disk = NULL;
    x->kind = DEXT_TEXT_EMPTY;
}

static void lines(struct dext_explain *x, const char *data, size_t size)
{
    if (!x->scan) {
        x->scan = dx_scan_new(x->ctx, x->jobs, on_line, x);
    }
    if (!x->scanning) {
        dx_scan_begin(x->scan);
        x->scanning = true;
    }
    dx_scan_feed(x->scan, data, size);
}

/* ---- an input -------------------------------------------------------------------------------- */

static void decide(struct dext_explain *x)
{
    struct dx_kind kind = dx_kind_of(&x->scratch, (struct dx_str){x->head, x->head_n});
    x->decided = true;
    x->kind = kind.kind;
    x->what = kind.what;
    x->pasted = kind.pasted;
    x->pasted_what = kind.pasted_what;
    x->asked = false;
    dx_buf_init(&x->whole, &x->ctx->arena, x->ctx->limits.file_bytes);
    if (dx_kind_is_whole(x->kind)) {
        dx_buf_add(&x->whole, x->head, x->head_n);
    }
    if (dx_kind_has_lines(x->kind)) {
        lines(x, x->head, x->head_n);
    }
}

static bool feed(void *user, const char *data, size_t size)
{
    struct dext_explain *x = user;
    size_t want = x->decided ? QUESTION_BYTES : DX_KIND_BYTES;
    if (!x->decided || x->kind == DEXT_TEXT_QUESTION) {
        size_t n = size < want - x->head_n ? size : want - x->head_n;
        memcpy(x->head + x->head_n, data, n);
        x->head_n += n;
        data += n;
        size -= n;
    }
    if (!x->decided && x->head_n == DX_KIND_BYTES) {
        decide(x);
        return feed(x, data, size);
    }
    bool by_line = dx_kind_has_lines(x->kind), whole = dx_kind_is_whole(x->kind);
    if (x->decided && by_line) {
        lines(x, data, size);
    }
    if (x->decided && whole && !x->whole.toobig) {
        dx_buf_add(&x->whole, data, size);
    }
    return !x->decided || by_line || (whole && !x->whole.toobig) ||
           (x->kind == DEXT_TEXT_QUESTION && x->head_n < QUESTION_BYTES);
}

bool dext_explain_feed(struct dext_explain *x, const char *data, size_t size)
{
    return dx_decode(&x->decoder, data, size, false, feed, x);
}

static bool has(const struct dext_explain *x, const char *text)
{
    return dx_str_contains((struct dx_str){x->head, x->head_n}, text);
}

static bool shows(const struct dext_explain *x, enum dext_text_kind kind)
{
    switch (kind) {
    case DEXT_TEXT_IOREG:
        return has(x, "+-o ") && has(x, "<class ");
    case DEXT_TEXT_PANIC:
        return has(x, "panic(cpu ") || has(x, "macOSPanicString") || has(x, "\"panicString\"");
    default:
        return has(x, " extension(s)") || has(x, "--- com.apple.system_extension.");
    }
}

/* What was pasted into a question is evidence as it would be by itself. */
static void question(struct dext_explain *x)
{
    const enum dext_text_kind pasted[] = {x->pasted, DEXT_TEXT_IOREG, DEXT_TEXT_PANIC,
                                          DEXT_TEXT_LIST};
    struct dx_arena *a = &x->ctx->arena;
    if (!x->question) {
        x->patterns = dx_patterns_new(x->ctx);
        x->question = dx_question_new(x->ctx, x->patterns, x->timeline);
    }
    x->input_lines = dx_question_read(x->question, x->file, (struct dx_str){x->head, x->head_n});
    x->lines += x->input_lines;
    x->asked = true;
    for (size_t i = 0; i < sizeof pasted / sizeof *pasted; i++) {
        bool there =
            i == 0 ? x->pasted != DEXT_TEXT_EMPTY : x->pasted != pasted[i] && shows(x, pasted[i]);
        if (there) {
            char *copy = dx_strndup(a, x->head, x->head_n);
            dx_kind_strip(pasted[i], copy, x->head_n);
            *DX_PUSH(a, x->held, x->held_count, x->held_cap) =
                (struct dx_held){.file = x->file,
                                 .kind = pasted[i],
                                 .data = {copy, x->head_n},
                                 .input = x->input_count};
        }
    }
    if (x->pasted != DEXT_TEXT_EMPTY && !dx_question_told(x->question)) {
        x->kind = x->pasted; /* sentences around it, and nothing that was asked */
        x->what = x->pasted_what;
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

static void hold(struct dext_explain *x)
{
    bool whole = !x->asked && dx_kind_is_whole(x->kind) && !x->whole.toobig;
    const char *holds = "";
    if (whole) {
        dx_kind_strip(x->kind, x->whole.p, x->whole.n);
    }
    if (x->kind == DEXT_TEXT_LOG || x->kind == DEXT_TEXT_QUESTION) {
        holds = dx_sprintf(&x->ctx->arena, "%lu %s", x->input_lines,
                           x->input_lines == 1 ? "line" : "lines");
    } else if (!x->asked && !whole && dx_kind_is_whole(x->kind)) {
        holds = "too large to be read";
    }
    dx_explain_hold(x,
                    &(struct dx_held){.file = x->file,
                                      .kind = x->kind,
                                      .data = whole ? dx_buf_str(&x->whole) : DX_STR(""),
                                      .disk = x->disk,
                                      .what = x->what,
                                      .holds = holds,
                                      .found = x->found},
                    whole);
}

enum dext_text_kind dext_explain_end(struct dext_explain *x)
{
    (void)dx_decode(&x->decoder, "", 0, true, feed, x);
    if (!x->decided) {
        decide(x);
    }
    if (x->kind == DEXT_TEXT_QUESTION) {
        question(x);
    }
    if (x->scanning) {
        x->input_lines = dx_scan_end(x->scan);
        x->lines += x->input_lines;
        x->scanning = false;
    }
    hold(x);
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
                                    .holds = held->holds ? held->holds : ""};
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
    *out = (struct dext_explanation){.lines = x->lines};
    if (x->joined < x->held_count) {
        dx_join(x->ctx, x->timeline, x->held, x->held_count, x->inputs);
        x->joined = x->held_count;
    }
    dx_arena_free(&x->result);
    dx_timeline_judge(x->timeline, &x->result, out);
    if (x->question) {
        dx_question_result(x->question, out);
    }
    if (out->verdict_count + out->code_count + out->call_count == 0) {
        out->collect = dx_collect_advice(&x->result, x->inputs, x->input_count);
    }
}
