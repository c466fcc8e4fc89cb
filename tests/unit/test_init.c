/* lib/init: the language of the templates, names, and what a project is made of. */
#include "init/init.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct dext_ctx *ctx;

static int init_setup(void **state)
{
    (void)state;
    ctx = dext_ctx_new(NULL);
    return ctx ? 0 : -1;
}

static int init_teardown(void **state)
{
    (void)state;
    dext_ctx_free(ctx);
    return 0;
}

static const char *init_filled(const char *text)
{
    struct dx_template t = {.ctx = ctx};
    dx_template_set(&t, "NAME", "Acme");
    dx_template_set(&t, "NONE", "");
    dx_template_set(&t, "LINES", "one\n\ntwo\n");
    dx_template_word(&t, "usb");
    dx_template_word(&t, "device");
    return dx_template_fill(&t, "test", text);
}

static void test_values(void **state)
{
    (void)state;
    assert_string_equal(init_filled("a @NAME@ b\n"), "a Acme b\n");
    assert_string_equal(init_filled("@NAME@@NAME@"), "AcmeAcme\n");
    assert_string_equal(init_filled("@main struct X: @State @ x@y.z @a@\n"),
                        "@main struct X: @State @ x@y.z @a@\n");
    assert_string_equal(init_filled("x\n  @NONE@\ny\n"), "x\ny\n");
    assert_string_equal(init_filled("x@NONE@y\n"), "xy\n");
    assert_string_equal(init_filled("\n\n"), "\n\n");
    assert_string_equal(init_filled(""), "");
    assert_null(init_filled("@OTHER@\n"));
    assert_string_equal(dext_ctx_error(ctx), "test: no value @OTHER@");
    dext_ctx_clear(ctx);
}

static void test_lines(void **state)
{
    (void)state;
    assert_string_equal(init_filled("\t@LINES@\n"), "\tone\n\n\ttwo\n");
    assert_string_equal(init_filled("  // @LINES@\n"), "  // one\n\n  // two\n");
    assert_string_equal(init_filled("x = @LINES@\n"), "x = one\n\ntwo\n");
}

static void test_conditions(void **state)
{
    (void)state;
    assert_string_equal(init_filled("@if usb@\na\n@else@\nb\n@end@\nc\n"), "a\nc\n");
    assert_string_equal(init_filled("@if pci@\na\n@else@\nb\n@end@\nc\n"), "b\nc\n");
    assert_string_equal(init_filled("@if not usb@\na\n@end@\n"), "");
    assert_string_equal(init_filled("@if pci or usb@\na\n@end@\n"), "a\n");
    assert_string_equal(init_filled("@if pci and usb@\na\n@end@\n"), "");
    assert_string_equal(init_filled("@if device and not pci@\na\n@end@\n"), "a\n");
    assert_string_equal(
        init_filled(
            "  @if pci@\n@if usb@\na\n@else@\nb\n@end@\n@else@\n@if usb@\nc\n@end@\n@end@\n"),
        "c\n");
#define IF3 "@if a@\n@if a@\n@if a@\n"
    static const char *const broken[] = {"@if usb@\na\n", "@end@\n", "@else@\n", (IF3 IF3 IF3)};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        assert_null(init_filled(broken[i]));
        assert_non_null(dext_ctx_error(ctx));
        dext_ctx_clear(ctx);
    }
}

static void test_names(void **state)
{
    (void)state;
    static const struct {
        const char *path, *name;
    } cases[] = {
        {"/a/acme-meter", "AcmeMeter"},
        {"/a/AcmeMeter/", "AcmeMeter"},
        {"/a/x.y z", "XYZ"},
        {"/a/9", "MyDriver"},
        {"/", "MyDriver"},
        {"", "MyDriver"},
        {"/a/IOThing", "MyDriver"},
        {"/a/\xc3\xa4", "MyDriver"},
        {"/a/2nd-try", "MyDriver"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_string_equal(dext_init_name(ctx, cases[i].path), cases[i].name);
        assert_null(dext_ctx_error(ctx));
    }
    assert_string_equal(dx_init_id_part(ctx, "A_b_"), "A-b");
}

static void test_families(void **state)
{
    (void)state;
    const char *why = NULL;
    assert_string_equal(dext_init_family(ctx, "pci", &why), "pci");
    assert_string_equal(dext_init_family(ctx, "network", &why), "networking");
    assert_null(dext_init_family(ctx, "hid", &why));
    assert_string_equal(why, "'hid' may be hid-device, hid-event, hid-virtual");
    assert_null(dext_init_family(ctx, "", &why));
    assert_null(dext_init_family(ctx, "audioo", &why));
    assert_non_null(strstr(why, "did you mean 'audio'?"));
}

/* Every required method of a class (framework-classes.rec) is among the family's methods, and every
 * file's conditions name words that some project has. */
static void test_required(void **state)
{
    (void)state;
    size_t count = 0;
    for (size_t i = 0; i < kb_init_family_count; i++) {
        const struct kb_init_family *f = &kb_init_family_rows[i];
        const struct kb_framework_class *k = dx_kb_framework_class(dx_str(kb_s(f->class)));
        for (const char *m = kb_first(k->required); *m; m = kb_next(m)) {
            bool found = false;
            for (size_t n = 0; n < kb_init_method_count && !found; n++) {
                const struct kb_init_method *row = &kb_init_method_rows[n];
                const char *dot = strrchr(kb_s(row->method), '.');
                found =
                    strcmp(dot + 1, m) == 0 && dx_kb_list_has(row->family, dx_str(kb_s(f->family)));
            }
            if (!found) {
                print_error("%s lacks %s\n", kb_s(f->family), m);
            }
            assert_true(found);
            count++;
        }
    }
    assert_true(count > 30);
}

static void test_wishes(void **state)
{
    (void)state;
    const struct dext_init *p;
    struct dext_init_wish good = {.family = "pci", .name = "Card"};
    assert_int_equal(dext_init_make(ctx, &good, &p), DEXT_OK);
    assert_string_equal(p->driver_id, "com.example.Card.driver");
    assert_true(p->example);
    assert_true(p->file_count >= 18);
    static const struct dext_init_wish bad[] = {
        {.family = "none", .name = "Card"},
        {.family = "pci", .name = ""},
        {.family = "pci", .name = "a b"},
        {.family = "pci", .name = "class"},
        {.family = "pci", .name = "OSThing"},
        {.family = "pci", .name = "Card", .bundle_id = "acme"},
        {.family = "pci", .name = "Card", .bundle_id = ".a.b"},
        {.family = "pci", .name = "Card", .bundle_id = "a.-b"},
        {.family = "pci", .name = "Card", .bundle_id = "a.b\nc"},
        {.family = "pci", .name = "Card", .team = "abcde12345"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_not_equal(dext_init_make(ctx, &bad[i], &p), DEXT_OK);
        assert_non_null(dext_ctx_error(ctx));
        dext_ctx_clear(ctx);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),     cmocka_unit_test(test_lines),
        cmocka_unit_test(test_conditions), cmocka_unit_test(test_names),
        cmocka_unit_test(test_families),   cmocka_unit_test(test_required),
        cmocka_unit_test(test_wishes),
    };
    return cmocka_run_group_tests(tests, init_setup, init_teardown);
}
