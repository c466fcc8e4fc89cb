/* Any bytes as a tracev3 file: as a whole, and in pieces of odd sizes as it comes out of an
 * archive; all its entries are rendered, and judged for explain. Strings are not there, but for
 * references that need none. A glance at an entry finds what reading it whole does. */
#include <stdint.h>
#include <stdlib.h>

#include "explain/log_judge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t sink;

static bool on_entry(void *user, const struct dext_unified_entry *e)
{
    size_t n;
    (void)dext_unified_message(user, e, &n);
    sink += n;
    return true;
}

/* One for all inputs: it takes longer to make than an input to read. */
static struct dx_judge *the_judge(void)
{
    static struct dx_arena arena;
    static struct dx_judge *judge;
    judge = judge ? judge : dx_judge_new(&arena);
    return judge;
}

static bool same_text(struct dx_str a, struct dx_str b)
{
    return a.n == b.n && (a.n == 0 || a.p == b.p);
}

/* What was read of an entry, and what a glance at it tells. */
static void compare_glance(enum dx_glance glance, struct dx_entry *g, const struct dx_entry *e)
{
    bool message = e->kind == DEXT_UNIFIED_LOG || e->kind == DEXT_UNIFIED_ACTIVITY ||
                   e->kind == DEXT_UNIFIED_ACTION;
    if (glance == DX_GLANCE_READ || (glance == DX_GLANCE_PASS && !message)) {
        return;
    }
    if (glance == DX_GLANCE_PASS || !message || g->format != e->format ||
        g->process != e->process) {
        abort();
    }
    if (dx_glance_arguments(g) &&
        (g->items != e->items || g->count != e->count || !same_text(g->values, e->values) ||
         !same_text(g->secrets, e->secrets))) {
        abort();
    }
}

static void on_set(void *user, const struct dx_set *set)
{
    struct dx_unpacked x = {.set = NULL};
    struct dx_arena a = {.head = NULL};
    struct dx_entry e, glanced = {.from = NULL};
    dx_unpack_set(user, set, &x);
    for (size_t i = 0; i < x.count; i++) {
        struct dx_lead lead;
        struct dx_buf out;
        bool whole;
        enum dx_glance glance = dx_entry_glance(user, &x, &x.raw[i], &glanced);
        if (dx_entry_read(user, &x, &x.raw[i], &e, &a)) {
            compare_glance(glance, &glanced, &e);
            dx_buf_init(&out, &a, DX_MESSAGE_BYTES);
            dx_judge_lead(the_judge(), e.process, &lead, &a);
            sink += dx_judge_entry(the_judge(), user, &e, &lead, &out, &whole);
        }
    }
    dx_unpacked_free(&x);
    dx_arena_free(&a);
}

/* A string file of its own, so that formats are found: each image is this one. */
static void with_strings(struct dext_unified *u)
{
    static const uint8_t file[] = "\x99\x88\x77\x66\2\0\0\0\1\0\0\0\1\0\0\0\0\x10\0\0\x40\0\0\0"
                                  "%s %@ %d\0%{uuid_t}.16P %*.*f %m\0%{mask.hash}s DK: %s-0x%qx:\0x"
                                  "\0/kernel";
    struct dx_kept *k = dx_alloc(&u->arena, sizeof *k);
    memset(k->uuid, 0x11, sizeof k->uuid);
    k->shown = "strings";
    k->data = file;
    k->size = sizeof file;
    u->kept = k;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dext_ctx *ctx = dext_ctx_new(NULL);
    struct dext_unified *u = dx_unified_new(ctx, "input");
    struct dx_trace t = {.shown = "input", .data = data, .size = size};
    with_strings(u);
    if (dx_trace_header(u, &t, data, size)) {
        dx_clock_ready(u);
        dx_trace_list(u, &t);
        (void)dext_unified_each(u, NULL, on_entry, u);
    }
    dext_unified_close(u);
    u = dx_unified_new(ctx, "input");
    with_strings(u);
    u->over_listed = true;
    struct dx_stream *s = dx_stream_new(u, "input", on_set, u);
    for (size_t at = 0, n = 1; at < size; at += n, n = n * 3 % 1021 + 1) {
        dx_stream_feed(s, data + at, n < size - at ? n : size - at);
    }
    dx_stream_end(s);
    dext_unified_close(u);
    dext_ctx_free(ctx);
    return 0;
}
