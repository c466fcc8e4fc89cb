/* A stream of bytes becomes records (a line with what continues it), records become symptoms. */
#include <stdlib.h>
#include <string.h>

#include "logs/log.h"
#include "logs/scan.h"

#define HEAD_BYTES ((size_t)64 << 10)      /* looked at to know the kind */
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
    enum dext_text_kind kind;
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

/* ---- what an input is ------------------------------------------------------------------- */

static bool has(const struct dext_explain *x, const char *text)
{
    return dx_str_contains((struct dx_str){x->head, x->head_n}, text);
}

/* Something that is evidence as a whole is in the text, by itself or pasted into a question. */
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

static enum dext_text_kind classify(struct dext_explain *x)
{
    struct dx_str head = dx_str_trim((struct dx_str){x->head, x->head_n});
    if (head.n == 0) {
        return DEXT_TEXT_EMPTY;
    }
    if (memchr(x->head, 0, x->head_n)) {
        return dx_str_has_prefix(head, "bplist") ? DEXT_TEXT_PLIST : DEXT_TEXT_BINARY;
    }
    if (dx_str_has_prefix(head, "<?xml") || dx_str_has_prefix(head, "<plist")) {
        return DEXT_TEXT_PLIST;
    }
    if (dx_str_has_prefix(head, "+-o ")) {
        return DEXT_TEXT_IOREG;
    }
    if (dx_question_is(head, x->head_n < HEAD_BYTES, &x->scratch)) {
        return DEXT_TEXT_QUESTION;
    }
    return shows(x, DEXT_TEXT_IOREG)   ? DEXT_TEXT_IOREG
           : shows(x, DEXT_TEXT_PANIC) ? DEXT_TEXT_PANIC
           : shows(x, DEXT_TEXT_LIST)  ? DEXT_TEXT_LIST
                                       : DEXT_TEXT_LOG;
}

static bool is_whole(enum dext_text_kind kind)
{
    return kind == DEXT_TEXT_LIST || kind == DEXT_TEXT_PANIC || kind == DEXT_TEXT_IOREG ||
           kind == DEXT_TEXT_PLIST;
}

static void decide(struct dext_explain *x)
{
    x->decided = true;
    x->kind = classify(x);
    dx_buf_init(&x->whole, &x->ctx->arena, x->ctx->limits.file_bytes);
    if (is_whole(x->kind)) {
        dx_buf_add(&x->whole, x->head, x->head_n);
    }
    if (x->kind <= DEXT_TEXT_LIST) {
        lines(x, x->head, x->head_n);
    }
}

bool dext_explain_feed(struct dext_explain *x, const char *data, size_t size)
{
    size_t want = x->decided ? QUESTION_BYTES : HEAD_BYTES;
    if (!x->decided || x->kind == DEXT_TEXT_QUESTION) {
        size_t n = size < want - x->head_n ? size : want - x->head_n;
        memcpy(x->head + x->head_n, data, n);
        x->head_n += n;
        data += n;
        size -= n;
    }
    if (!x->decided && x->head_n == HEAD_BYTES) {
        decide(x);
        return dext_explain_feed(x, data, size);
    }
    if (x->decided && x->kind <= DEXT_TEXT_LIST) {
        lines(x, data, size);
    }
    if (x->decided && is_whole(x->kind) && !x->whole.toobig) {
        dx_buf_add(&x->whole, data, size);
    }
    return !x->decided || x->kind <= DEXT_TEXT_LIST || (is_whole(x->kind) && !x->whole.toobig) ||
           (x->kind == DEXT_TEXT_QUESTION && x->head_n < QUESTION_BYTES);
}

/* What was pasted into a question is evidence as it would be by itself. */
static void question(struct dext_explain *x)
{
    static const enum dext_text_kind pasted[] = {DEXT_TEXT_IOREG, DEXT_TEXT_PANIC, DEXT_TEXT_LIST};
    struct dx_arena *a = &x->ctx->arena;
    if (!x->question) {
        x->patterns = dx_patterns_new(x->ctx);
        x->question = dx_question_new(x->ctx, x->patterns, x->timeline);
    }
    x->lines += dx_question_read(x->question, x->file, (struct dx_str){x->head, x->head_n});
    for (size_t i = 0; i < sizeof pasted / sizeof *pasted; i++) {
        if (shows(x, pasted[i])) {
            struct dx_str copy = {dx_strndup(a, x->head, x->head_n), x->head_n};
            *DX_PUSH(a, x->held, x->held_count, x->held_cap) =
                (struct dx_held){x->file, pasted[i], copy, NULL};
        }
    }
}

void dext_explain_follow(struct dext_explain *x)
{
    x->decided = true;
    x->kind = DEXT_TEXT_LOG;
    lines(x, "", 0);
}

void dext_explain_flush(struct dext_explain *x, bool all)
{
    if (x->scanning) {
        dx_scan_flush(x->scan, all);
    }
}

enum dext_text_kind dext_explain_end(struct dext_explain *x)
{
    if (!x->decided) {
        decide(x);
    }
    if (x->kind == DEXT_TEXT_QUESTION) {
        question(x);
    }
    if (x->scanning) {
        x->lines += dx_scan_end(x->scan);
        x->scanning = false;
    }
    bool whole = is_whole(x->kind) && !x->whole.toobig;
    dx_explain_hold(
        x, &(struct dx_held){x->file, x->kind, whole ? dx_buf_str(&x->whole) : DX_STR(""), x->disk},
        whole);
    return x->kind;
}

struct dext_ctx *dx_explain_ctx(struct dext_explain *x)
{
    return x->ctx;
}

void dx_explain_on_disk(struct dext_explain *x, const char *disk)
{
    x->disk = disk;
}

void dx_explain_hold(struct dext_explain *x, const struct dx_held *held, bool evidence)
{
    struct dx_arena *a = &x->ctx->arena;
    if (evidence) {
        *DX_PUSH(a, x->held, x->held_count, x->held_cap) = *held;
    }
    *DX_PUSH(a, x->inputs, x->input_count, x->input_cap) =
        (struct dext_explain_input){held->file, held->kind};
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
        dx_join(x->ctx, x->timeline, x->held, x->held_count);
        x->joined = x->held_count;
    }
    dx_arena_free(&x->result);
    dx_timeline_judge(x->timeline, &x->result, out);
    if (x->question) {
        dx_question_result(x->question, out);
    }
}

const char *dext_text_kind_name(enum dext_text_kind kind)
{
    static const char *const names[] = {"empty",      "log",    "list",   "question",
                                        "panic",      "ioreg",  "plist",  "binary",
                                        "logarchive", "bundle", "profile"};
    return names[kind];
}

struct dext_texts dext_explain_collect(void)
{
    static const char show[] =
        "log show --last 30m --info --debug --style syslog --predicate 'process IN {\"kernel\","
        "\"kernelmanagerd\",\"sysextd\",\"amfid\",\"syspolicyd\",\"taskgated-helper\"}'";
    static const char *texts[] = {"systemextensionsctl list", show, "ioreg -l -w0",
                                  "ls -lt /Library/Logs/DiagnosticReports"};
    return (struct dext_texts){texts, sizeof texts / sizeof *texts};
}
