/* The scan of logs: blocks and threads change nothing of what is found. Held against a
 * plain reader that takes line after line apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#include "kb.h"
#include "logs/scan.h"

static struct dext_ctx *ctx;

/* What was found, as text. */
struct notes {
    struct dx_arena arena;
    struct dx_buf text;
    size_t count, repeats;
    char last[256];
};

static void notes_init(struct notes *n)
{
    *n = (struct notes){0};
    dx_buf_init(&n->text, &n->arena, (size_t)256 << 20);
}

static void note(void *user, const struct dx_hit *hit, unsigned long line, struct dx_str text)
{
    struct notes *n = user;
    char who[256];
    (void)snprintf(who, sizeof who, "%zu %.*s|%.*s|", hit->row, (int)hit->dext.n, hit->dext.p,
                   (int)hit->klass.n, hit->klass.p);
    n->count++;
    n->repeats = strcmp(who, n->last) == 0 ? n->repeats + 1 : 0;
    memcpy(n->last, who, sizeof who);
    dx_buf_printf(&n->text, "%lu %s%.*s|", line, who, (int)hit->node.n, hit->node.p);
    if (n->repeats < DEXT_EVIDENCE_MOST) { /* of the rest, texts may be missing */
        dx_buf_add(&n->text, text.p, text.n < 1024 ? text.n : 1024);
    }
    dx_buf_puts(&n->text, "\n");
}

/* ---- the plain reader ---------------------------------------------------------------------------
 */

struct plain {
    struct notes *notes;
    struct dx_patterns *patterns;
    struct dx_arena arena;
    struct dx_buf record;
    bool open; /* lines without prefix go on with the record */
    unsigned long line, at;
};

static void plain_hit(void *user, const struct dx_hit *hit)
{
    struct plain *p = user;
    note(p->notes, hit, p->at, dx_buf_str(&p->record));
}

static void plain_end(struct plain *p)
{
    if (p->record.n) {
        dx_patterns_match(p->patterns, dx_buf_str(&p->record), plain_hit, p);
    }
    p->record.n = 0;
}

static void plain_line(struct plain *p, struct dx_str s)
{
    struct dx_mark mark = dx_arena_mark(&p->arena);
    struct dx_line l = dx_line_parse(s, &p->arena);
    bool bare = l.form == DX_LINE_BARE && !dx_str_has_prefix(l.message, "DK: ") &&
                !dx_str_has_suffix(l.message, "]");
    p->line++;
    if (bare && p->open) {
        dx_buf_puts(&p->record, "\n");
    } else {
        plain_end(p);
        p->at = p->line;
        p->open = l.form != DX_LINE_BARE && l.form != DX_LINE_JSON && l.form != DX_LINE_HEADER &&
                  l.form != DX_LINE_NAMED;
    }
    if (l.form != DX_LINE_HEADER) {
        dx_buf_add(&p->record, l.message.p, l.message.n);
    }
    dx_arena_rewind(&p->arena, mark);
}

static unsigned long plain_read(struct notes *n, struct dx_str log)
{
    struct plain p = {.notes = n, .patterns = dx_patterns_new(ctx)};
    struct dx_arena of_record = {0};
    dx_buf_init(&p.record, &of_record, (size_t)1 << 20);
    for (size_t i = 0; i < log.n;) {
        const char *end = memchr(log.p + i, '\n', log.n - i);
        size_t m = end ? (size_t)(end - log.p) - i : log.n - i;
        plain_line(&p, (struct dx_str){log.p + i, m});
        i += m + 1;
    }
    plain_end(&p);
    dx_arena_free(&p.arena);
    dx_arena_free(&of_record);
    dx_patterns_free(p.patterns);
    return p.line;
}

/* ---- logs made up -------------------------------------------------------------------------------
 */

static uint64_t state = 20261128;

static size_t below(size_t n)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (size_t)(state % n);
}

static const char *an_example(void)
{
    for (;;) {
        const struct kb_symptom *kb = &kb_symptom_rows[below(kb_symptom_count)];
        const char *s = kb_first(kb->example);
        if (kb->in == KB_SYMPTOM_IN_LOG && *s && !strchr(s, '\n')) {
            return s;
        }
    }
}

/* As log(1) writes JSON: slashes are escaped too. */
static void add_json(struct dx_buf *b, const char *s)
{
    for (; *s; s++) {
        if (*s == '"' || *s == '\\' || *s == '/') {
            dx_buf_puts(b, "\\");
        }
        dx_buf_add(b, s, 1);
    }
}

static void add_line(struct dx_buf *b, bool telling)
{
    const char *text = telling ? an_example() : "nothing of interest is said in this line";
    switch (below(8)) {
    case 0:
        dx_buf_printf(b, "2026-03-01 10:00:00.000001+0100  localhost kernel[0]: %s\n", text);
        break;
    case 1:
        dx_buf_printf(b, "2026-03-01 10:00:00.000 Df kernel[0:1f3] %s\r\n", text);
        break;
    case 2:
        dx_buf_puts(b, "{\"traceID\":1,\"eventMessage\":\"");
        add_json(b, text);
        dx_buf_puts(b, "\",\"processImagePath\":\"\\/usr\\/libexec\\/sysextd\"}\n");
        break;
    case 3:
        dx_buf_printf(b, "default\t10:00:00.000000+0100\tkernel\t%s\n", text);
        break;
    case 4:
        dx_buf_puts(b, "Timestamp                       Thread     Type\n");
        break;
    default:
        dx_buf_printf(b, "    %s\n", text);
    }
}

static struct dx_str make_log(struct dx_arena *a, size_t bytes, size_t one_in)
{
    struct dx_buf b;
    dx_buf_init(&b, a, (size_t)64 << 20);
    while (b.n < bytes) {
        add_line(&b, below(one_in) == 0);
    }
    return dx_buf_str(&b);
}

static unsigned long scan(struct notes *n, struct dx_str log, unsigned jobs, size_t chunk)
{
    struct dx_scan *s = dx_scan_new(ctx, jobs, note, n);
    dx_scan_begin(s);
    for (size_t i = 0; i < log.n; i += chunk) {
        dx_scan_feed(s, log.p + i, log.n - i < chunk ? log.n - i : chunk);
    }
    unsigned long lines = dx_scan_end(s);
    dx_scan_free(s);
    return lines;
}

static void same_as_plain(struct dx_str log)
{
    static const unsigned jobs[] = {1, 2, 5};
    static const size_t chunks[] = {262144, 4093};
    struct notes expected, got;
    notes_init(&expected);
    unsigned long lines = plain_read(&expected, log);
    assert_true(expected.count > 0 || log.n == 0);
    for (size_t i = 0; i < 3; i++) {
        for (size_t k = 0; k < 2; k++) {
            notes_init(&got);
            assert_int_equal(scan(&got, log, jobs[i], chunks[k]), lines);
            assert_int_equal(got.count, expected.count);
            assert_true(dx_str_eq(dx_buf_str(&got.text), dx_buf_str(&expected.text)));
            dx_arena_free(&got.arena);
        }
    }
    dx_arena_free(&expected.arena);
}

static void threads_and_blocks_change_nothing(void **unused)
{
    (void)unused;
    struct dx_arena a = {0};
    same_as_plain(make_log(&a, 3000000, 300));
    same_as_plain(make_log(&a, 1200000, 2));
    same_as_plain(make_log(&a, 3000, 1));
    same_as_plain(DX_STR(""));
    dx_arena_free(&a);
}

/* A line longer than a block is looked at in its beginning; those after it keep their numbers. */
static void overlong_lines_are_passed_over(void **unused)
{
    (void)unused;
    struct dx_arena a = {0};
    struct dx_buf b;
    struct notes n;
    dx_buf_init(&b, &a, (size_t)64 << 20);
    dx_buf_puts(&b, "DK: First-0x100000001 user server timeout ");
    for (size_t i = 0; i < 200000; i++) {
        dx_buf_puts(&b, "0123456789");
    }
    dx_buf_puts(&b, "\nDK: Second-0x100000002 user server timeout\n");
    for (unsigned jobs = 1; jobs < 3; jobs++) {
        notes_init(&n);
        assert_int_equal(scan(&n, dx_buf_str(&b), jobs, 65536), 2);
        assert_true(dx_str_contains(dx_buf_str(&n.text), "|First|"));
        assert_true(dx_str_contains(dx_buf_str(&n.text), "\n2 "));
        assert_true(dx_str_contains(dx_buf_str(&n.text), "|Second|"));
        dx_arena_free(&n.arena);
    }
    dx_arena_free(&a);
}

/* What is complete is told at once; the last record only when it cannot go on, or all is asked. */
static void flush_tells_what_is_complete(void **unused)
{
    (void)unused;
    static const char first[] = "2026-03-01 10:00:00.000 Df kernel[0:1] DK: A-0x1 user server "
                                "timeout\n";
    struct notes n;
    notes_init(&n);
    struct dx_scan *s = dx_scan_new(ctx, 1, note, &n);
    dx_scan_begin(s);
    dx_scan_feed(s, first, sizeof first - 1);
    dx_scan_flush(s, false);
    assert_int_equal(n.count, 0);
    dx_scan_feed(s, first, sizeof first - 1);
    dx_scan_flush(s, false);
    assert_int_equal(n.count, 1);
    dx_scan_flush(s, true);
    assert_int_equal(n.count, 2);
    dx_scan_feed(s, first, 20); /* half a line waits for the rest of it */
    dx_scan_flush(s, true);
    dx_scan_feed(s, first + 20, sizeof first - 21);
    dx_scan_flush(s, true);
    assert_int_equal(n.count, 3);
    assert_int_equal(dx_scan_end(s), 3);
    dx_scan_free(s);
    dx_arena_free(&n.arena);
}

/* Every example is found, as it is and as JSON writes it, wherever it begins. */
static void every_example_is_found(void **unused)
{
    (void)unused;
    const struct dx_search *search = dx_search_new(&ctx->arena);
    for (size_t i = 0; i < kb_symptom_count; i++) {
        const struct kb_symptom *kb = &kb_symptom_rows[i];
        for (const char *s = kb_first(kb->example); *s && kb->in == KB_SYMPTOM_IN_LOG;
             s = kb_next(s)) {
            for (size_t lead = 0; lead < 10; lead++) {
                struct dx_buf b;
                uint64_t marks[64] = {0}, any = 0;
                dx_buf_init(&b, &ctx->arena, 1 << 16);
                dx_buf_printf(&b, "%.*s", (int)(lead / 2), "2026");
                (lead % 2 ? add_json : dx_buf_puts)(&b, s);
                assert_true(b.n < sizeof marks * 8 * DX_GRAIN);
                dx_search_mark(search, dx_buf_str(&b), marks);
                for (size_t k = 0; k < 64; k++) {
                    any |= marks[k];
                }
                if (!any) {
                    fail_msg("%s: not found: %s", kb_s(kb->symptom), s);
                }
            }
        }
    }
}

static bool plainly_holds(struct dx_str text, const char *literal)
{
    size_t n = strlen(literal);
    for (size_t i = 0; i + n <= text.n; i++) {
        if (strncasecmp(text.p + i, literal, n) == 0) {
            return true;
        }
    }
    return false;
}

/* Literals in any case, whole and without an end, at any place among bytes of all kinds: what a
 * plain comparison finds, and no more. */
static void literals_are_found_wherever_they_stand(void **unused)
{
    (void)unused;
    const struct dx_search *search = dx_search_new(&ctx->arena);
    uint64_t *rows = dx_calloc(&ctx->arena, kb_symptom_count / 64 + 1, sizeof *rows);
    size_t found = 0, cut = 0;
    for (size_t round = 0; round < 40; round++) {
        for (size_t i = 0; i < kb_symptom_count; i++) {
            for (const char *l = kb_first(kb_symptom_rows[i].literal); *l; l = kb_next(l)) {
                char bytes[600];
                struct dx_str text = {bytes, 0};
                size_t lead = below(12), n = strlen(l), shorter = below(3) == 0;
                for (; text.n < lead; text.n++) {
                    bytes[text.n] = (char)below(256);
                }
                for (size_t k = shorter; k < n && text.n < 500; k++, text.n++) {
                    bool swap = l[k] >= 'a' && l[k] <= 'z' && below(2);
                    bytes[text.n] = (char)(swap ? l[k] - 32 : l[k]);
                }
                for (size_t tail = below(12); tail; tail--) {
                    bytes[text.n++] = (char)below(256);
                }
                bool any = dx_search_rows(search, text, rows);
                bool here = rows[i / 64] >> i % 64 & 1, expected = false;
                for (const char *o = kb_first(kb_symptom_rows[i].literal); *o; o = kb_next(o)) {
                    expected |= plainly_holds(text, o);
                }
                assert_true(any || !here);
                assert_int_equal(here, expected);
                found += here;
                cut += !here;
            }
        }
    }
    assert_true(found > 1000 && cut > 1000);
}

static int setup(void **unused)
{
    (void)unused;
    ctx = dext_ctx_new(NULL);
    return 0;
}

static int teardown(void **unused)
{
    (void)unused;
    dext_ctx_free(ctx);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_and_blocks_change_nothing),
        cmocka_unit_test(overlong_lines_are_passed_over),
        cmocka_unit_test(flush_tells_what_is_complete),
        cmocka_unit_test(every_example_is_found),
        cmocka_unit_test(literals_are_found_wherever_they_stand),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
