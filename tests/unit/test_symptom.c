/* The knowledge base of symptoms: every pattern compiles, is matched by an example of its own row
 * and has a literal in it; every example is of its own row; what else an example matches is
 * declared. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kb.h"
#include "logs/log.h"

static struct dext_ctx *ctx;

struct seen {
    uint64_t rows[64];
};

static void note(void *user, const struct dx_hit *hit)
{
    struct seen *s = user;
    s->rows[hit->row / 64] |= UINT64_C(1) << hit->row % 64;
}

static bool listed(struct kb_list list, const char *id)
{
    for (const char *s = kb_first(list); *s; s = kb_next(s)) {
        if (strcmp(s, id) == 0) {
            return true;
        }
    }
    return false;
}

static void examples_match_their_rows(void **state)
{
    (void)state;
    struct dx_patterns *p = dx_patterns_new(ctx);
    size_t bad = 0;
    for (size_t i = 0; i < kb_symptom_count; i++) {
        const struct kb_symptom *kb = &kb_symptom_rows[i];
        for (const char *s = kb_first(kb->example); *s; s = kb_next(s)) {
            struct seen seen = {{0}};
            dx_patterns_match(p, dx_str(s), kb->in == KB_SYMPTOM_IN_PROSE, note, &seen);
            if (!(seen.rows[i / 64] >> i % 64 & 1)) {
                print_error("%s: its example does not match: %s\n", kb_s(kb->symptom), s);
                bad++;
            }
            for (size_t k = 0; k < kb_symptom_count; k++) {
                const char *other = kb_s(kb_symptom_rows[k].symptom);
                if (k != i && (seen.rows[k / 64] >> k % 64 & 1) && !listed(kb->also, other)) {
                    print_error("%s: '%s' also matches %s: declare it\n", kb_s(kb->symptom), s,
                                other);
                    bad++;
                }
            }
        }
    }
    dx_patterns_free(p);
    assert_int_equal(bad, 0);
}

static void patterns_have_an_example(void **state)
{
    (void)state;
    size_t bad = 0;
    for (size_t i = 0; i < kb_symptom_count; i++) {
        const struct kb_symptom *kb = &kb_symptom_rows[i];
        bool prose = kb->in == KB_SYMPTOM_IN_PROSE;
        for (const char *s = kb_first(kb->pattern); *s; s = kb_next(s)) {
            size_t at;
            pcre2_code *code = dx_pattern_compile(s, prose, &at);
            if (!code) {
                fail_msg("%s: does not compile at %zu: %s", kb_s(kb->symptom), at, s);
            }
            pcre2_match_data *data = pcre2_match_data_create_from_pattern(code, NULL);
            bool found = false;
            for (const char *e = kb_first(kb->example); *e; e = kb_next(e)) {
                found |= pcre2_match(code, (PCRE2_SPTR)e, strlen(e), 0, 0, data, NULL) > 0;
            }
            if (!found) {
                print_error("%s: no example for %s\n", kb_s(kb->symptom), s);
                bad++;
            }
            pcre2_match_data_free(data);
            pcre2_code_free(code);
        }
    }
    assert_int_equal(bad, 0);
}

static int setup(void **state)
{
    (void)state;
    ctx = dext_ctx_new(NULL);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    dext_ctx_free(ctx);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_have_an_example),
        cmocka_unit_test(examples_match_their_rows),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
