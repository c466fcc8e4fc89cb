/* What people tell: every phrase finds itself, and no other place; every example of a cause leads
 * to its answer, alone and in an issue; every word is used; texts in which nobody has trouble get
 * nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/ctx.h"
#include "explain/explain.h"
#include "explain/phrases.h"
#include "kb.h"
#include "know/know.h"

static struct dext_ctx *ctx;

static struct dx_told read_word(const char *word, const char *text, size_t title)
{
    struct dx_told *t =
        dx_phrases_read(dx_phrases_new(&ctx->arena), dx_str(text), title, &ctx->arena);
    return t[dx_kb_told_word(dx_str(word)) - kb_told_word_rows];
}

static void phrases_are_read_as_they_are_written(void **state)
{
    (void)state;
    assert_true(read_word("symptom.full-disk", "It has Full Disk Access.", 0).times == 1);
    assert_true(read_word("symptom.full-disk", "The disk is full. Disk access is slow.", 0).times ==
                0);
    /* "not" of "doesn't", "cannot" and "dont"; dots are some words, of one sentence */
    assert_true(read_word("symptom.not-working", "It doesn't seem to work.", 0).times == 1);
    assert_true(read_word("symptom.not-working", "dont know, it cannot work", 0).times == 1);
    assert_true(read_word("symptom.not-working", "I am not sure. Work goes on.", 0).times == 0);
    assert_true(
        read_word("symptom.not-working", "not one two three four five six seven work", 0).times ==
        0);
    /* a hyphen parts words, a slash begins one */
    assert_true(read_word("thing.endpoint", "an endpoint-security client", 0).times == 1);
    assert_true(read_word("thing.kext", "It is in /Library/Extensions.", 0).times >= 1);
    /* words that mean something else */
    assert_true(read_word("circumstance.enabled", "It is enabled.", 0).times == 1);
    assert_true(
        read_word("circumstance.enabled", "It is enabled? It cannot be enabled.", 0).times == 0);
    struct dx_told t = read_word("thing.driver", "The dext and\nanother dext", 10);
    assert_int_equal(t.times, 2);
    assert_true(t.title);
    assert_int_equal(t.span.n, 4);
}

static void hostile_texts_are_read_in_time(void **state)
{
    (void)state;
    static char text[400000];
    size_t n = 0;
    while (n + 8 < sizeof text) {
        n += (size_t)snprintf(text + n, sizeof text - n, "not fail ");
    }
    struct dx_told *t =
        dx_phrases_read(dx_phrases_new(&ctx->arena), (struct dx_str){text, n}, 0, &ctx->arena);
    assert_true(t != NULL);
    for (size_t i = 0; i < sizeof text; i++) {
        text[i] = (char)(i * 7 + i / 251);
    }
    assert_true(dx_phrases_read(dx_phrases_new(&ctx->arena), (struct dx_str){text, sizeof text}, 0,
                                &ctx->arena) != NULL);
}

static bool leads_to(const char *text, const char *want, char got[200])
{
    struct dext_explanation r;
    struct dext_explain *x = dext_explain_new(ctx);
    dext_explain_begin(x, "issue.txt");
    dext_explain_feed(x, text, strlen(text));
    dext_explain_end(x);
    dext_explain_result(x, &r);
    bool right = r.verdict_count == 0 && r.answer_count && strcmp(r.answers[0]->id, want) == 0;
    snprintf(got, 200, "%zu causes, %zu answers: %s", r.verdict_count, r.answer_count,
             r.answer_count ? r.answers[0]->id : "none");
    right = *want ? right : r.verdict_count + r.answer_count == 0;
    dext_explain_free(x);
    return right;
}

static void examples_lead_to_their_answers(void **state)
{
    (void)state;
    char text[2000], got[200];
    size_t bad = 0;
    for (size_t i = 0; i < kb_told_cause_count; i++) {
        const struct kb_told_cause *kb = &kb_told_cause_rows[i];
        for (const char *s = kb_first(kb->example); *s; s = kb_next(s)) {
            snprintf(text, sizeof text, "%s\nI have tried all that I know, please help.\n", s);
            if (!leads_to(text, kb_s(kb->leads), got)) {
                print_error("%s: %s: %s\n", kb_s(kb->told_cause), s, got);
                bad++;
            }
        }
    }
    assert_int_equal(bad, 0);
}

static bool in_list(struct kb_list list, const char *word)
{
    return dx_kb_list_has(list, dx_str(word));
}

static void words_are_of_use(void **state)
{
    (void)state;
    size_t bad = 0;
    for (size_t i = 0; i < kb_told_word_count; i++) {
        const struct kb_told_word *w = &kb_told_word_rows[i];
        const char *name = kb_s(w->word);
        bool used = w->slot == KB_TOLD_WORD_SLOT_SET || w->speaks != KB_TOLD_WORD_SPEAKS_NOBODY ||
                    strcmp(name, "thing.other") == 0;
        for (size_t k = 0; k < kb_told_cause_count && !used; k++) {
            const struct kb_told_cause *c = &kb_told_cause_rows[k];
            used = in_list(c->thing, name) || in_list(c->speaker, name) ||
                   in_list(c->stage, name) || in_list(c->symptom, name) ||
                   in_list(c->circumstance, name) || in_list(c->with, name) ||
                   in_list(c->unless, name);
        }
        if (!used) {
            print_error("%s is in no cause\n", name);
            bad++;
        }
    }
    assert_int_equal(bad, 0);
}

static void nobody_suffers_in_documents(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "Allowing the network extension\nThis article explains what you need to do when the VPN's\n"
        "extension is blocked and no prompt appears. Open System Settings, then click Allow.\n"
        "You must restart your Mac. For more information contact support.\n",
        "fix: ask again for the network extension\nThis PR shows the alert again when the VPN\n"
        "extension is not approved. Our users never see the prompt otherwise.\n",
        "Release notes 2.4\nFixed a crash of the camera extension. The virtual camera did not show "
        "up "
        "after an update.\n",
        "Feature request: uninstall the system extension\nIt would be great if the app could "
        "remove its "
        "network extension; I cannot remove it myself.\n",
        "The Safari extension does not work since the update, I do not see it anywhere in the "
        "list.\n",
        NULL};
    char got[200];
    for (size_t i = 0; texts[i]; i++) {
        if (!leads_to(texts[i], "", got)) {
            fail_msg("%s: %s", texts[i], got);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(phrases_are_read_as_they_are_written),
        cmocka_unit_test(hostile_texts_are_read_in_time),
        cmocka_unit_test(examples_lead_to_their_answers),
        cmocka_unit_test(words_are_of_use),
        cmocka_unit_test(nobody_suffers_in_documents),
    };
    ctx = dext_ctx_new(NULL);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    dext_ctx_free(ctx);
    return failed;
}
