/* Needles: one of them is in all that a pattern matches. Held against PCRE2 for every pattern of
 * prose and every example of the knowledge base, and for forms that are easy to get wrong. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "kb.h"
#include "logs/log.h"
#include "logs/needle.h"

static struct dx_arena arena;

static bool in_text(const struct dx_needles *n, const char *text)
{
    for (size_t i = 0; i < n->count; i++) {
        char needle[128];
        (void)snprintf(needle, sizeof needle, "%.*s", (int)n->text[i].n, n->text[i].p);
        if (strcasestr(text, needle)) {
            return true;
        }
    }
    return n->count == 0;
}

static const char *joined(const char *pattern)
{
    static char out[1024];
    struct dx_needles n = dx_needles_of(pattern, &arena);
    out[0] = 0;
    for (size_t i = 0; i < n.count; i++) {
        size_t have = strlen(out);
        (void)snprintf(out + have, sizeof out - have, "%s%.*s", i ? "|" : "", (int)n.text[i].n,
                       n.text[i].p);
    }
    return out;
}

static void forms(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"abc", "abc"},
        {"ab", ""},
        {"abcd?", "abc"},
        {"abcd+e", "abcd"},
        {"abc{2}de", "abc"},
        {"(?:alpha|beta)", "alpha|beta"},
        {"(?:alpha|be)", ""},
        {"(?:alpha)?gamma", "gamma"},
        {"(?:alpha|beta)*x", ""},
        {"x(?:alpha|beta)+", "alpha|beta"},
        {"(?&can)[^.?!]{0,80}\\bDriverKit\\b", "DriverKit"},
        {"(?!never)maybe", "maybe"},
        {"(?<!never)maybe", "maybe"},
        {"(?=never)ma", ""},
        {"(?<name>alpha)\\k<name>", "alpha"},
        {"[abc]def\\wghij", "ghij"},
        {"a\\.b\\/c", "a.b/c"},
        {"user ?client", "client"},
        {"[]x]abc", "abc"},
        {"foo|", ""},
        {"(abc", "abc"},
        {"abc)", ""},
        {"(?i)fail(?:s|ed)?\\b", "fail"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (strcmp(joined(cases[i][0]), cases[i][1]) != 0) {
            fail_msg("%s gives '%s', not '%s'", cases[i][0], joined(cases[i][0]), cases[i][1]);
        }
    }
}

static size_t against_examples(const char *pattern, pcre2_code *code)
{
    struct dx_needles n = dx_needles_of(pattern, &arena);
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);
    size_t bad = 0;
    for (size_t i = 0; i < kb_symptom_count; i++) {
        for (const char *e = kb_first(kb_symptom_rows[i].example); *e; e = kb_next(e)) {
            bool found = pcre2_match(code, (PCRE2_SPTR)e, strlen(e), 0, 0, data, NULL) >= 0;
            if (found && !in_text(&n, e)) {
                print_error("no needle of %s in: %s\n", pattern, e);
                bad++;
            }
        }
    }
    pcre2_match_data_free(data);
    return bad;
}

static void every_pattern(void **state)
{
    (void)state;
    size_t bad = 0, with = 0, all = 0;
    for (size_t i = 0; i < kb_symptom_count; i++) {
        const struct kb_symptom *kb = &kb_symptom_rows[i];
        const struct kb_list lists[] = {kb->pattern, kb->all, kb->unless};
        for (size_t k = 0; kb->in == KB_SYMPTOM_IN_PROSE && k < 3; k++) {
            for (const char *s = kb_first(lists[k]); *s; s = kb_next(s)) {
                size_t at;
                pcre2_code *code = dx_pattern_compile(s, true, &at);
                assert_non_null(code);
                all++;
                with += dx_needles_of(s, &arena).count != 0;
                bad += against_examples(s, code);
                pcre2_code_free(code);
            }
        }
    }
    assert_int_equal(bad, 0);
    assert_true(with * 10 > all * 8); /* else the search for needles is of no use */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(forms), cmocka_unit_test(every_pattern)};
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    dx_arena_free(&arena);
    return rc;
}
