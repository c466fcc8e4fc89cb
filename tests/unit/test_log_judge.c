/* Formats against literals: wherever a literal of the knowledge base is cut into pieces of a format
 * and arguments, what is given to be searched still holds it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "explain/log_judge.h"
#include "kb.h"

static struct dext_unified unified;
static struct dx_arena arena;
static struct dx_judge *judge;
static const struct dx_search *literals;
static size_t tried;

#define DECIMAL "0123456789"
#define HEXADECIMAL "0123456789abcdef"

/* A message as a format with numbers. */
struct message {
    char format[1024];
    uint8_t items[256];
    size_t size;
    unsigned count;
};

static void add_text(struct message *m, const char *s, size_t n)
{
    size_t have = strlen(m->format);
    assert_true(have + n < sizeof m->format);
    memcpy(m->format + have, s, n);
    m->format[have + n] = 0;
}

static void add_number(struct message *m, const char *spec, uint64_t v, uint8_t kind)
{
    add_text(m, spec, strlen(spec));
    m->items[m->size++] = kind;
    m->items[m->size++] = 8;
    for (unsigned i = 0; i < 8; i++) {
        m->items[m->size++] = (uint8_t)(v >> (8 * i));
    }
    m->count++;
}

static void expect_found_after(const struct message *m, const char *literal, const char *before)
{
    struct dx_format f = {.text = dx_str(m->format)};
    struct dx_entry e = {
        .format = &f, .items = m->items, .items_end = m->items + m->size, .count = m->count};
    struct dx_lead lead = {.text = dx_str(before), .tail = dx_str(before)};
    struct dx_mark mark = dx_arena_mark(&arena);
    struct dx_buf out;
    bool whole = false;
    dx_buf_init(&out, &arena, (size_t)1 << 16);
    dx_format_parse(&arena, &f);
    bool may = dx_judge_entry(judge, &unified, &e, &lead, &out, &whole);
    if (!may || (!whole && !dx_search_rows(literals, dx_buf_str(&out), NULL))) {
        fail_msg("'%s' is missed in '%s': '%.*s'", literal, m->format, (int)out.n, out.p);
    }
    tried++;
    dx_arena_rewind(&arena, mark);
}

static void expect_found(const struct message *m, const char *literal)
{
    expect_found_after(m, literal, "");
}

/* Digits at s that a number without leading zeros is written with; 0: none. */
static size_t run_of(const char *s, const char *digits, size_t most)
{
    size_t n = strspn(s, digits);
    n = n < most ? n : most;
    return n > 1 && *s == '0' ? 0 : n;
}

static void cut_at(const char *literal, size_t at, size_t n, const char *spec, int base,
                   const char *around)
{
    char digits[16] = "";
    memcpy(digits, literal + at, n);
    struct message m = {.size = 0};
    add_text(&m, around, strlen(around));
    add_text(&m, literal, at);
    add_number(&m, spec, strtoull(digits, NULL, base), 0);
    /* The next number of the same literal is an argument, too. */
    const char *rest = literal + at + n;
    size_t next = strcspn(rest, DECIMAL), more = rest[next] ? run_of(rest + next, DECIMAL, 9) : 0;
    struct message two = m;
    add_text(&m, rest, strlen(rest));
    add_text(&m, around, strlen(around));
    expect_found(&m, literal);
    if (next && more) {
        memset(digits, 0, sizeof digits);
        memcpy(digits, rest + next, more);
        add_text(&two, rest, next);
        add_number(&two, "%u", strtoull(digits, NULL, 10), 0);
        add_text(&two, rest + next + more, strlen(rest + next + more));
        expect_found(&two, literal);
    }
}

static void test_cut_literals(void **state)
{
    (void)state;
    for (size_t row = 0; row < kb_symptom_count; row++) {
        const struct kb_symptom *kb = &kb_symptom_rows[row];
        for (const char *s = kb_first(kb->literal); *s && kb->in != KB_SYMPTOM_IN_PROSE;
             s = kb_next(s)) {
            if (strchr(s, '%')) {
                continue;
            }
            for (size_t at = 0; s[at]; at++) {
                for (size_t most = 1; most < 10; most++) {
                    size_t n = run_of(s + at, DECIMAL, most), x = run_of(s + at, HEXADECIMAL, most);
                    if (n == most) {
                        cut_at(s, at, n, "%u", 10, "");
                        cut_at(s, at, n, "%lld", 10, " : ");
                    }
                    if (x == most) {
                        cut_at(s, at, x, "%llx", 16, " (");
                    }
                }
            }
        }
    }
    assert_true(tried > 1000); /* the knowledge base has literals with digits in them */
}

/* Codes as numbers of every kind that can show one, also where little of the message is kept. */
static void test_codes(void **state)
{
    static const struct {
        const char *spec, *literal;
        uint64_t value;
    } codes[] = {
        {"%d", "-536870206", 0xffffffffe00002c2},
        {"%u", "3758097090", 0xe00002c2},
        {"%x", "e00002c2", 0xe00002c2},
        {"%#llX", "e00002c2", 0xe00002c2},
        {"%p", "e00002c2", 0x7ffe00002c2},
        {"%llu", "3758097090", 3758097090},
        {"%.0f", "3758097090", 0x41ec000058400000},
        {"%f", "3758097090", 0x41ec000058400000},
        {"%.12f", "3758097090", 0x3fd80d442a6e88e3}, /* 0.3758097090... */
        {"%12d", "-536870206", 0xffffffffe00002c2},
    };
    (void)state;
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        struct message m = {.size = 0};
        add_text(&m, "~~~", 3);
        add_number(&m, codes[i].spec, codes[i].value, 0);
        add_text(&m, "~~~", 3);
        expect_found(&m, codes[i].literal);
    }
}

/* A literal that begins before the message, of which there is no argument. */
static void test_lead(void **state)
{
    struct message m = {.size = 0};
    (void)state;
    for (size_t row = 0; row < kb_symptom_count; row++) {
        const struct kb_symptom *kb = &kb_symptom_rows[row];
        for (const char *s = kb_first(kb->literal); *s && kb->in != KB_SYMPTOM_IN_PROSE;
             s = kb_next(s)) {
            for (size_t at = 1; s[at] && !strchr(s, '%') && at < 64; at++) {
                char before[65] = "";
                memcpy(before, s, at);
                m = (struct message){.size = 0};
                add_text(&m, s + at, strlen(s + at));
                expect_found_after(&m, s, before);
            }
        }
    }
}

/* What no literal can reach into is not looked at: that is what it is for. */
static void test_left_out(void **state)
{
    (void)state;
    struct message m = {.size = 0};
    add_text(&m, "queue~~~", 8);
    add_number(&m, "%u", 7, 0);
    add_text(&m, "~~~ of", 6);
    struct dx_format f = {.text = dx_str(m.format)};
    struct dx_entry e = {
        .format = &f, .items = m.items, .items_end = m.items + m.size, .count = m.count};
    struct dx_lead lead = {.text = dx_str(""), .tail = dx_str("")};
    struct dx_buf out;
    bool whole = false;
    dx_buf_init(&out, &arena, (size_t)1 << 16);
    dx_format_parse(&arena, &f);
    (void)dx_judge_entry(judge, &unified, &e, &lead, &out, &whole);
    assert_false(whole);
    assert_null(memchr(out.n ? out.p : "", '7', out.n));
}

int main(void)
{
    (void)pthread_mutex_init(&unified.lock, NULL);
    judge = dx_judge_new(&arena);
    literals = dx_search_new(&arena);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cut_literals),
        cmocka_unit_test(test_codes),
        cmocka_unit_test(test_lead),
        cmocka_unit_test(test_left_out),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    dx_arena_free(&arena);
    dx_arena_free(&unified.arena);
    return failed;
}
