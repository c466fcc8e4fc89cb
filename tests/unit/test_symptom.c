/* The knowledge base of symptoms: every pattern compiles, is matched by an example of its own row
 * and has a literal in it; every example is of its own row; what else an example matches is
 * declared. Alone in a log, in any style, an example is judged as its row's role says. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dext/rule.h"
#include "explain/explain.h"
#include "kb.h"

static struct dext_ctx *ctx;
static struct dx_explain_tools
    *tools; /* of all sessions here: what one leaves must not show in the next */

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
            if (kb->in == KB_SYMPTOM_IN_PROSE) {
                dx_patterns_ask(p, dx_str(s), dx_str(s), note, &seen);
            } else {
                dx_patterns_match(p, dx_str(s), note, &seen);
            }
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

/* ---- what explain makes of one example ------------------------------------------------------ */

#define TEXT 8192

/* "kernel: DK: ..." is of the process kernel; what has no process is taken as an app's. */
static const char *message_of(const char *example, char process[64])
{
    size_t n = strspn(example, "abcdefghijklmnopqrstuvwxyz-");
    snprintf(process, 64, "%s", "MyApp");
    if (n > 0 && n < 64 && strncmp(example + n, ": ", 2) == 0) {
        snprintf(process, 64, "%.*s", (int)n, example);
        return example + n + 2;
    }
    return example;
}

static void bare(char *out, const char *example)
{
    snprintf(out, TEXT, "%s\n", example);
}

static void syslog_style(char *out, const char *example)
{
    char process[64];
    const char *message = message_of(example, process);
    snprintf(out, TEXT,
             "Timestamp                       Thread     Type        Activity             PID    "
             "TTL  \n2026-01-15 10:00:00.123456+0100 0x1a2b     Default     0x0                  "
             "71     0    %s: %s\n",
             process, message);
}

static void compact(char *out, const char *example)
{
    char process[64];
    const char *message = message_of(example, process);
    snprintf(out, TEXT,
             "Timestamp               Ty Process[PID:TID]\n"
             "2026-01-15 10:00:00.123 Df %s[71:1a2b] %s\n",
             process, message);
}

static void console(char *out, const char *example)
{
    char process[64];
    const char *message = message_of(example, process);
    snprintf(out, TEXT, "default\t10:00:00.123456+0100\t%s\t%s\n", process, message);
}

static void ndjson(char *out, const char *example)
{
    char process[64], escaped[TEXT / 2];
    size_t n = 0;
    for (const char *s = message_of(example, process); *s && n < sizeof escaped - 3; s++) {
        if (*s == '"' || *s == '\\' || *s == '/') {
            escaped[n++] = '\\';
        }
        escaped[n++] = *s;
    }
    escaped[n] = '\0';
    snprintf(out, TEXT,
             "{\"timestamp\":\"2026-01-15 10:00:00.123456+0100\",\"eventType\":\"logEvent\","
             "\"eventMessage\":\"%s\",\"processImagePath\":\"\\/usr\\/libexec\\/"
             "%s\",\"processID\":71}\n",
             escaped, process);
}

static void prose(char *out, const char *example)
{
    snprintf(out, TEXT,
             "%s\nWe have looked at this for many days now with several people here, and would be "
             "glad of every hint that somebody who knows these things could give to us, please.\n",
             example);
}

static bool among(const struct dext_symptom *const *list, size_t count, const char *id)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(list[i]->id, id) == 0) {
            return true;
        }
    }
    return false;
}

/* The row's verdict where it is a failure; none where it is a step or noise. Rows that the example
 * declares to match as well may lead instead. */
static bool judged_right(const struct kb_symptom *kb, const struct dext_explanation *r)
{
    const char *id = kb_s(kb->symptom);
    const struct dext_verdict *v = r->verdict_count ? &r->verdicts[0] : NULL;
    if (kb->in == KB_SYMPTOM_IN_PROSE) { /* no failure, and among the answers */
        return among(r->answers, r->answer_count, id);
    }
    switch (kb->role) {
    case KB_SYMPTOM_ROLE_BOOT:
        return !v; /* nothing is told of it: it says where a start of the system begins */
    case KB_SYMPTOM_ROLE_NOISE:
        return among(r->noise, r->noise_count, id) && (!v || listed(kb->also, v->root->id));
    case KB_SYMPTOM_ROLE_STEP:
        return among(r->steps, r->step_count, id) && (!v || listed(kb->also, v->root->id));
    default:
        return v && (strcmp(v->root->id, id) == 0 ||
                     (listed(kb->also, v->root->id) &&
                      (among(v->consequences, v->consequence_count, id) ||
                       among(v->further, v->further_count, id))));
    }
}

static size_t judge(const struct kb_symptom *kb, const char *example,
                    void (*style)(char *out, const char *example))
{
    static char text[TEXT];
    struct dext_explanation r;
    struct dext_explain *x = dx_explain_new_with(ctx, tools);
    style(text, example);
    dext_explain_begin(x, "log.txt");
    dext_explain_feed(x, text, strlen(text));
    dext_explain_end(x);
    dext_explain_result(x, &r);
    bool right = judged_right(kb, &r);
    if (!right) {
        print_error("%s: told as %s (%zu causes, %zu steps, %zu noise): %s", kb_s(kb->symptom),
                    r.verdict_count ? r.verdicts[0].root->id : "nothing", r.verdict_count,
                    r.step_count, r.noise_count, text);
    }
    dext_explain_free(x);
    return !right;
}

static void examples_lead_as_their_role_says(void **state)
{
    (void)state;
    static void (*const styles[])(char *, const char *) = {bare, syslog_style, compact, console,
                                                           ndjson};
    size_t bad = 0;
    for (size_t i = 0; i < kb_symptom_count; i++) {
        const struct kb_symptom *kb = &kb_symptom_rows[i];
        for (const char *s = kb_first(kb->example); *s; s = kb_next(s)) {
            bool asked = kb->in == KB_SYMPTOM_IN_PROSE;
            if (asked) {
                bad += judge(kb, s, prose);
            }
            for (size_t k = 0; !asked && k < sizeof styles / sizeof *styles; k++) {
                bad += judge(kb, s, styles[k]);
            }
        }
    }
    assert_int_equal(bad, 0);
}

/* ---- what the texts refer to ------------------------------------------------------------------
 */

/* "rule a-name", "rules a-name and other-name": names behind the word, until a word that is none.
 */
static size_t unknown_rules(const struct kb_symptom *kb, const char *text)
{
    size_t bad = 0;
    for (const char *at = strstr(text, ", rule"); at; at = strstr(at + 1, ", rule")) {
        const char *word = at + strlen(", rule") + (at[strlen(", rule")] == 's');
        while (*word == ' ') {
            char name[64];
            word += strspn(word, " ");
            size_t n = strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789-");
            snprintf(name, sizeof name, "%.*s", (int)n, word);
            word += n + (word[n] == ',');
            if (strcmp(name, "and") != 0 && !dext_rule_find(name)) {
                print_error("%s: there is no rule '%s'\n", kb_s(kb->symptom), name);
                bad++;
            }
        }
    }
    return bad;
}

static void rules_that_are_named_exist(void **state)
{
    (void)state;
    size_t bad = 0;
    for (size_t i = 0; i < kb_symptom_count; i++) {
        const struct kb_symptom *kb = &kb_symptom_rows[i];
        struct kb_list lists[] = {kb->why, kb->check, kb->fix};
        for (size_t k = 0; k < sizeof lists / sizeof *lists; k++) {
            for (const char *s = kb_first(lists[k]); *s; s = kb_next(s)) {
                bad += unknown_rules(kb, s);
            }
        }
    }
    assert_int_equal(bad, 0);
}

static int setup(void **state)
{
    (void)state;
    ctx = dext_ctx_new(NULL);
    tools = dx_explain_tools_new();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    dx_explain_tools_free(tools);
    dext_ctx_free(ctx);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_have_an_example),
        cmocka_unit_test(examples_match_their_rows),
        cmocka_unit_test(examples_lead_as_their_role_says),
        cmocka_unit_test(rules_that_are_named_exist),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
