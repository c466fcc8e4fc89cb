/* The parts of the language server that count: texts in UTF-16, the place of the cursor, URIs; and
 * what the library gives it: facts, classes, texts that stand for files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dext/know.h"
#include "dext/lint.h"
#include "dext/source.h"
#include "lsp/place.h"
#include "lsp/text.h"
#include "lsp/uri.h"

static void positions(void **state)
{
    (void)state;
    static const char text[] = "a\xf0\x9d\x84\x9e"
                               "b\r\nz\xc3\xbcz\n\nlast\xff";
    struct lsp_text t = {0};
    lsp_text_set(&t, text, sizeof text - 1);
    assert_int_equal(t.lines, 4);
    const struct {
        unsigned line, character;
        size_t offset;
    } rows[] = {{0, 0, 0},  {0, 1, 1},  {0, 3, 5},  {0, 4, 6},  {0, 99, 6}, {1, 0, 8},
                {1, 2, 11}, {2, 0, 13}, {2, 5, 13}, {3, 5, 19}, {9, 0, 19}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lsp_position at = {rows[i].line, rows[i].character};
        assert_int_equal(lsp_text_offset(&t, at), rows[i].offset);
    }
    for (size_t off = 0; off <= t.size; off++) {
        struct lsp_position at = lsp_text_position(&t, off);
        assert_true(lsp_text_offset(&t, at) >= off || text[off] == '\n' || off == 7);
    }
    assert_int_equal(lsp_text_place(&t, 2, 3), 11);
    assert_int_equal(lsp_text_place(&t, 0, 0), 0);
    assert_int_equal(lsp_text_place(&t, 99, 1), t.size);
    lsp_text_replace(&t, 6, 8, "\n\n", 2);
    assert_int_equal(t.lines, 5);
    lsp_text_replace(&t, 0, 999, "", 0);
    assert_int_equal(t.lines, 1);
    assert_int_equal(lsp_text_offset(&t, (struct lsp_position){0, 5}), 0);
    lsp_text_free(&t);
}

#define HEAD "<?xml version=\"1.0\"?>\n<!-- <key>no</key> -->\n<plist version=\"1.0\">\n<dict>\n"
#define DEEP HEAD "<key>IOKitPersonalities</key><dict><key>A &amp; B</key><dict><key>K</key>"

/* The text ends at the cursor, or has it at '^'. */
static void place(struct lsp_place *at, const char *marked, bool yaml)
{
    char text[2048];
    const char *mark = strchr(marked, '^');
    size_t offset = mark ? (size_t)(mark - marked) : strlen(marked);
    (void)snprintf(text, sizeof text, "%.*s%s", (int)offset, marked, mark ? mark + 1 : "");
    (yaml ? lsp_place_in_yaml : lsp_place_in_plist)(at, text, strlen(text), offset);
}

static void places_in_xml(void **state)
{
    (void)state;
    struct lsp_place at;
    place(&at, HEAD "<key>CFB^undle</key>", false);
    assert_int_equal(at.kind, LSP_PLACE_KEY);
    assert_int_equal(at.depth, 0);
    assert_true(at.closed && at.to - at.from == 8);
    place(&at, HEAD "<key>CFB", false);
    assert_int_equal(at.kind, LSP_PLACE_KEY);
    assert_false(at.closed);
    place(&at, HEAD "<key>CFB^\n<key>Other</key>", false);
    assert_int_equal(at.to - at.from, 3);
    place(&at, DEEP "<string>v^v</string>", false);
    assert_int_equal(at.kind, LSP_PLACE_VALUE);
    assert_int_equal(at.depth, 3);
    assert_string_equal(at.keys[0], "IOKitPersonalities");
    assert_string_equal(at.keys[1], "A & B");
    assert_string_equal(at.keys[2], "K");
    assert_string_equal(at.element, "string");
    place(&at, DEEP "<array><dict><key>N", false);
    assert_int_equal(at.kind, LSP_PLACE_KEY);
    assert_int_equal(at.depth, 4);
    assert_string_equal(at.keys[3], "");
    place(&at, DEEP "\n", false);
    assert_int_equal(at.kind, LSP_PLACE_OPEN);
    assert_false(at.wants_key);
    assert_int_equal(at.depth, 3);
    place(&at, DEEP "<true/>\n", false);
    assert_true(at.kind == LSP_PLACE_OPEN && at.wants_key && at.depth == 2);
    place(&at, DEEP "<true/></dict></dict>\n", false);
    assert_true(at.kind == LSP_PLACE_OPEN && at.wants_key && at.depth == 0);
    place(&at, HEAD "<!-- a ^ b -->", false);
    assert_int_equal(at.kind, LSP_PLACE_NONE);
    place(&at, HEAD "<ke^y>", false);
    assert_int_equal(at.kind, LSP_PLACE_NONE);
    place(&at, "", false);
    assert_int_equal(at.kind, LSP_PLACE_NONE);
    char deep[1024] = "";
    for (int i = 0; i < 100; i++) {
        strncat(deep, "<array>", sizeof deep - strlen(deep) - 1);
    }
    place(&at, deep, false);
    assert_int_equal(at.kind, LSP_PLACE_NONE);
}

static void places_in_yaml(void **state)
{
    (void)state;
    struct lsp_place at;
    place(
        &at,
        "targets:\n  D:\n    info:\n      properties:\n        IOKitPersonalities:\n          A:\n"
        "            IOClass: IOUser^Service # why\n",
        true);
    assert_int_equal(at.kind, LSP_PLACE_VALUE);
    assert_int_equal(at.depth, 7);
    assert_string_equal(at.keys[6], "IOClass");
    place(&at, "a:\n  b: 1\nc:\n  d^", true);
    assert_int_equal(at.kind, LSP_PLACE_KEY);
    assert_int_equal(at.depth, 1);
    assert_string_equal(at.keys[0], "c");
    assert_false(at.closed);
    place(&at, "a: 1 # co^mment", true);
    assert_int_equal(at.kind, LSP_PLACE_NONE);
    place(&at, "list:\n  - \"key\": va^l", true);
    assert_int_equal(at.kind, LSP_PLACE_VALUE);
    assert_string_equal(at.keys[1], "key");
    place(&at, "^", true);
    assert_int_equal(at.depth, 0);
}

static void uris(void **state)
{
    (void)state;
    static const char *const paths[] = {"/a/b", "/a b/\xc3\xbc%20#?", "/x"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        char *uri = lsp_uri_of(paths[i]), *back = lsp_uri_path(uri);
        assert_string_equal(back, paths[i]);
        free(uri);
        free(back);
    }
    assert_null(lsp_uri_path("untitled:1"));
    assert_null(lsp_uri_path("file://host/share"));
    char *path = lsp_uri_path("file://localhost/a/%2e%2E/b%");
    assert_string_equal(path, "/b%");
    free(path);
}

static void facts(void **state)
{
    (void)state;
    struct dext_fact f;
    size_t rows = 0;
    for (int kind = 0; kind < DEXT_FACT_KIND_COUNT; kind++) {
        size_t i = 0;
        for (; dext_fact_at((enum dext_fact_kind)kind, i, &f); i++, rows++) {
            assert_true(f.name[0] && f.place && f.type && f.text && f.super && f.warning);
            assert_non_null(dext_fact_source(&f, 0));
        }
        assert_true(i > 10);
    }
    assert_true(rows > 400);
    assert_true(dext_fact_find(DEXT_FACT_KEY, "IOProbeScore", "personality", &f));
    assert_string_equal(f.type, "integer");
    assert_false(dext_fact_find(DEXT_FACT_KEY, "IOProbeScore", "info", &f));
    assert_true(dext_fact_find(DEXT_FACT_ENTITLEMENT, "com.apple.developer.driverkit.transport.usb",
                               NULL, &f));
    assert_non_null(dext_fact_related(&f, 0));
    assert_false(dext_fact_at(DEXT_FACT_KIND_COUNT, 0, &f));
}

static void classes(void **state)
{
    (void)state;
    static const char text[] = "// no class\n  class Net : public IOUserNetworkEthernet\n{\n};\n";
    struct dext_sources *s = dext_sources_new();
    struct dext_source_class c;
    dext_sources_set_text(s, "/nowhere/Net.iig", text, sizeof text - 1);
    dext_sources_add(s, "/nowhere/Net.iig");
    dext_sources_add(s, "/nowhere/Net.iig"); /* once is enough */
    dext_sources_add(s, "/nowhere/missing.iig");
    assert_true(dext_sources_class(s, "Net", &c));
    assert_string_equal(c.super, "IOUserNetworkEthernet");
    assert_true(c.iig && c.line == 2 && c.column == 9);
    assert_memory_equal(text + c.offset, "Net", 3);
    assert_false(dext_sources_class(s, "Other", &c));
    assert_true(dext_sources_class_at(s, 0, &c));
    assert_false(dext_sources_class_at(s, 1, &c));
    dext_sources_free(s);
}

struct heard {
    struct dext_lint *lint;
    size_t findings, inputs;
    bool stop;
};

static void heard_finding(void *user, const struct dext_finding *f)
{
    struct heard *h = user;
    h->findings += strcmp(dext_rule_id(f->rule), "DX215") == 0;
}

static void heard_input(void *user, const struct dext_input *in)
{
    struct heard *h = user;
    h->inputs += in->status == DEXT_CHECKED;
}

static void heard_progress(void *user, size_t done, size_t total)
{
    struct heard *h = user;
    assert_true(done <= total);
    if (h->stop) {
        dext_lint_stop(h->lint);
    }
}

static int hear(struct heard *h, const char *const *files, size_t count)
{
    static const char text[] =
        "<plist version=\"1.0\"><dict><key>CFBundlePackageType</key><string>DEXT</string>"
        "<key>IOKitPersonalities</key><dict><key>A</key><dict>"
        "<key>IOProviderClass</key><string>IOUSBHostDevice</string>"
        "<key>IOProbeScore</key><string>x</string></dict></dict></dict></plist>";
    struct dext_lint_options opt = {.size = sizeof opt,
                                    .user = h,
                                    .on_finding = heard_finding,
                                    .on_input = heard_input,
                                    .on_progress = heard_progress};
    struct dext_ctx *ctx = dext_ctx_new(NULL);
    h->lint = dext_lint_new(ctx, &opt);
    for (size_t i = 0; i < count; i++) {
        dext_lint_set_text(h->lint, files[i], "overwritten", 11);
        dext_lint_set_text(h->lint, files[i], text, sizeof text - 1);
        dext_lint_add_path(h->lint, files[i]);
    }
    int rc = dext_lint_run(h->lint);
    dext_lint_free(h->lint);
    dext_ctx_free(ctx);
    return rc;
}

static void texts_for_files(void **state)
{
    (void)state;
    static const char *const files[] = {"/nowhere/a/Info.plist", "/nowhere/b/Info.plist",
                                        "/nowhere/c/Info.plist"};
    struct heard all = {0}, stopped = {.stop = true};
    assert_int_equal(hear(&all, files, 3), DEXT_OK);
    assert_int_equal(all.findings, 3);
    assert_int_equal(all.inputs, 3);
    assert_int_equal(hear(&stopped, files, 3), DEXT_E_LIMIT);
    assert_true(stopped.inputs < 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(positions),       cmocka_unit_test(places_in_xml),
        cmocka_unit_test(places_in_yaml),  cmocka_unit_test(uris),
        cmocka_unit_test(facts),           cmocka_unit_test(classes),
        cmocka_unit_test(texts_for_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
