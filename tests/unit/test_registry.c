/* Registries through the public header: states of both kinds of dump, doubled properties, one dump
 * for two users, which dumps are of one boot. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dext/registry.h"

static struct dext_ctx *ctx;

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

static struct dext_registry *parse(const char *text)
{
    struct dext_registry *r = NULL;
    assert_int_equal(dext_registry_parse(&r, ctx, "dump", text, strlen(text)), DEXT_OK);
    return r;
}

#define ROOT "+-o Root  <class IORegistryEntry, id 0x100000100, retain 14>\n"

/* The bits of IOServiceState as the words of a text dump: 1 inactive, 2 registered, 4 matched. */
static void states(void **state)
{
    static const struct {
        const char *words;
        int bits;
    } cases[] = {
        {"registered, matched, active", 30},   {"!registered, !matched, active", 0},
        {"registered, !matched, active", 10},  {"!registered, matched, active", 4},
        {"registered, matched, inactive", 31}, {"!registered, !matched, inactive", 1},
    };
    char text[512];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        (void)snprintf(text, sizeof text,
                       ROOT "  +-o A@1  <class IOService, id 0x2, %s, busy 3, retain 5>\n",
                       cases[i].words);
        const struct dext_reg_node *a = dext_registry_node(parse(text), 1);
        (void)snprintf(text, sizeof text,
                       "<plist><dict><key>IORegistryEntryName</key><string>Root</string>"
                       "<key>IORegistryEntryChildren</key><array><dict>"
                       "<key>IORegistryEntryName</key><string>A</string>"
                       "<key>IORegistryEntryLocation</key><string>1</string>"
                       "<key>IOServiceState</key><integer>%d</integer>"
                       "<key>IOServiceBusyState</key><integer>3</integer>"
                       "<key>IOObjectRetainCount</key><integer>5</integer>"
                       "</dict></array></dict></plist>",
                       cases[i].bits);
        const struct dext_reg_node *b = dext_registry_node(parse(text), 1);
        assert_int_equal(a->registered, b->registered);
        assert_int_equal(a->matched, b->matched);
        assert_int_equal(a->active, b->active);
        assert_int_equal(a->registered == DEXT_YES, (cases[i].bits & 2) != 0);
        assert_int_equal(a->matched == DEXT_YES, (cases[i].bits & 4) != 0);
        assert_int_equal(a->active == DEXT_NO, (cases[i].bits & 1) != 0);
        assert_string_equal(a->state, b->state);
        assert_string_equal(a->path, b->path);
        assert_string_equal(a->path, "/A@1");
        assert_true(a->has_busy && a->busy == 3 && a->retain == 5);
    }
}

/* What a cut header lacks is not known. */
static void unknown(void **state)
{
    (void)state;
    const struct dext_reg_node *n =
        dext_registry_node(parse(ROOT "  +-o A  <class IOService, id 0x2, registered, !mat$\n"), 1);
    assert_int_equal(n->registered, DEXT_YES);
    assert_int_equal(n->matched, DEXT_UNKNOWN);
    assert_int_equal(n->active, DEXT_UNKNOWN);
    assert_false(n->has_busy);
    assert_true(n->clipped);
    assert_string_equal(n->state, "registered");
}

static void doubled(void **state)
{
    (void)state;
    struct dext_registry *r = parse(ROOT "  {\n    \"a\" = 1\n    \"b\" = 2\n    \"a\" = 3\n"
                                         "    \"c\" = {\"x$\n  }\n");
    enum dext_known answer;
    size_t count;
    const struct dext_reg_property *p = dext_registry_properties(r, 0, &count);
    assert_int_equal(count, 3);
    assert_string_equal(p[0].key, "b");
    assert_string_equal(p[1].key, "a");
    assert_int_equal(dext_node_integer(p[1].value), 3);
    assert_true(p[1].value == dext_registry_property(r, 0, "a", &answer));
    assert_int_equal(answer, DEXT_YES);
    assert_true(p[2].clipped && !p[2].value);
    assert_null(dext_registry_property(r, 0, "c", &answer));
    assert_int_equal(answer, DEXT_UNKNOWN);
    assert_null(dext_registry_property(r, 0, "d", &answer));
    assert_int_equal(answer, DEXT_NO);
    assert_null(dext_registry_properties(r, 1, &count));
    assert_null(dext_registry_node(r, 1));
}

static void shared(void **state)
{
    static const char personality[] =
        "<plist><dict><key>IOProviderClass</key><string>IOService</string>"
        "<key>IOClass</key><string>X</string></dict></plist>";
    (void)state;
    struct dext_registry *r = parse(
        ROOT "  +-o A  <class IOService, id 0x2, registered, matched, active, busy 0, retain 5>\n");
    struct dext_match *m = dext_match_new(ctx);
    const struct dext_match_result *result;
    dext_match_use(m, r);
    assert_int_equal(dext_match_add_bytes(m, "p.plist", personality, sizeof personality - 1),
                     DEXT_OK);
    assert_int_equal(dext_match_run(m, NULL, &result), DEXT_OK);
    assert_int_equal(result->nodes, 2);
    assert_int_equal(result->personalities[0]->matched, 1);
}

static void selectors(void **state)
{
    static const char *const none[] = {"B", "id:0x3", "1:2", "vendor:1", "a=1", "A@2", "has:x"};
    static const char *const wrong[] = {"", "vendor:x", "product:"};
    const size_t *found;
    size_t count;
    (void)state;
    struct dext_registry *r = parse(
        ROOT "  +-o A@1  <class IOService, id 0x2, retain 5>\n    {\n      \"a\" = 2\n    }\n");
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        assert_int_equal(dext_registry_select(r, none[i], &found, &count), DEXT_E_NOTFOUND);
        assert_int_equal(count, 0);
        dext_ctx_clear(ctx);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(dext_registry_select(r, wrong[i], &found, &count), DEXT_E_FORMAT);
        dext_ctx_clear(ctx);
    }
    assert_int_equal(dext_registry_select(r, "a=0x2", &found, &count), DEXT_OK);
    assert_true(count == 1 && found[0] == 1);
}

static void boots(void **state)
{
    static const struct {
        const char *a, *b;
        bool by_id;
    } cases[] = {
        {"  +-o A  <class X, id 0x5>\n", "  +-o A  <class X, id 0x5>\n", true},
        {"  +-o A  <class X, id 0x5>\n", "  +-o A  <class Y, id 0x5>\n", false},
        /* plugged in again: newer than anything in the first dump */
        {"  +-o A  <class X, id 0x5>\n", "  +-o A  <class X, id 0x200000000>\n", true},
        /* neither is newer than the other dump */
        {"  +-o A  <class X, id 0x5>\n  +-o B  <class X, id 0x9>\n",
         "  +-o A  <class X, id 0x6>\n  +-o B  <class X, id 0x9>\n", false},
        {"  {\n    \"OS Build Version\" = \"24A1\"\n  }\n",
         "  {\n    \"OS Build Version\" = \"24A2\"\n  }\n", false},
    };
    char a[512], b[512];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        (void)snprintf(a, sizeof a, ROOT "%s", cases[i].a);
        (void)snprintf(b, sizeof b, ROOT "%s", cases[i].b);
        assert_int_equal(dext_registry_diff(parse(a), parse(b))->by_id, cases[i].by_id);
    }
    assert_false(
        dext_registry_diff(parse("+-o A  <class X, id 0x5>\n"), parse("+-o A  <class X, id 0x6>\n"))
            ->by_id);
}

static void live(void **state)
{
    struct dext_registry *r;
    (void)state;
    int rc = dext_registry_live(&r, ctx);
    assert_int_equal(rc == DEXT_OK, dext_registry_has_live());
    assert_int_equal(r != NULL, dext_registry_has_live());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(states, setup, teardown),
        cmocka_unit_test_setup_teardown(unknown, setup, teardown),
        cmocka_unit_test_setup_teardown(doubled, setup, teardown),
        cmocka_unit_test_setup_teardown(shared, setup, teardown),
        cmocka_unit_test_setup_teardown(selectors, setup, teardown),
        cmocka_unit_test_setup_teardown(boots, setup, teardown),
        cmocka_unit_test_setup_teardown(live, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
