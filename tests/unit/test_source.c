/* Tokens, classes and functions of C++ and .iig sources. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/ctx.h"
#include "source/model.h"

static struct dx_cxx *read_as(const char *name, const char *text, bool kernel)
{
    struct dx_token_options opt = {.kernel = kernel};
    struct dx_cxx *code = dx_cxx_new(&opt);
    assert_non_null(code);
    struct dx_source src = dx_source_bytes(name, text, strlen(text));
    dx_cxx_add_source(code, &src);
    return code;
}

/* The tokens as one line, separated by spaces. */
static const char *words(const struct dx_cxx *code)
{
    static char out[4096];
    size_t n = 0;
    const struct dx_cxx_file *f = code->files[0];
    for (size_t i = 0; i < f->count; i++) {
        n += (size_t)snprintf(out + n, sizeof out - n, "%s%.*s", i ? " " : "", (int)f->list[i].n,
                              f->list[i].p);
    }
    out[n] = 0;
    return out;
}

static void assert_words(const char *text, const char *want)
{
    struct dx_cxx *code = read_as("x.cpp", text, false);
    assert_string_equal(words(code), want);
    dx_cxx_free(code);
}

static void test_words(void **state)
{
    (void)state;
    assert_words("a->b::c /* x */ 0x1F'00 1.5e+3f // y\n'\\'' L\"q\\\"\" #not",
                 "a -> b :: c 0x1F'00 1.5e+3f '\\'' L\"q\\\"\" # not");
    assert_words("R\"x(a \")\" )x\" u8\"b\" Rest", "R\"x(a \")\" )x\" u8\"b\" Rest");
    assert_words("// a \\\n still\nb", "b");
    assert_words("a /* open", "a");
    assert_words("\"open\nb", "\"open b");
    assert_words("\xef\xbb\xbf"
                 "a",
                 "a");
}

static void test_conditions(void **state)
{
    (void)state;
    assert_words("#if 0\na\n#else\nb\n#endif\nc", "b c");
    assert_words("#if 1\na\n#else\nb\n#endif\nc", "a c");
    assert_words("#if KERNEL\na\n#else\nb\n#endif", "b");
    assert_words("#ifdef KERNEL // x\na\n#endif\n#if !defined(KERNEL)\nb\n#endif", "b");
    assert_words("#ifndef A_H\n#define A_H\na\n#endif", "a");
    assert_words("#if 0\n#if X\na\n#endif\nb\n#endif\nc", "c");
    assert_words("#if 0\na\n#elif 1\nb\n#else\nc\n#endif", "b");
    assert_words("#if X\na\n#else\nb\n#endif", "a b");
    struct dx_cxx *code = read_as("x.c", "#ifdef KERNEL\na\n#endif", true);
    assert_string_equal(words(code), "a");
    dx_cxx_free(code);
}

static void test_arms(void **state)
{
    (void)state;
    struct dx_cxx *code = read_as("x.cpp",
                                  "#if X\nvoid f() {\n#else\nvoid g(int a) {\n#endif\n b();\n}\n"
                                  "void h() {}",
                                  false);
    assert_int_equal(code->function_count, 2);
    assert_true(dx_str_is(code->functions[0].name, "f"));
    assert_true(dx_str_is(code->functions[1].name, "h"));
    const struct dx_cxx_file *f = code->files[0];
    /* "f ( )" is followed by its brace, then by what both builds have */
    assert_true(dx_tokens_match(f, 1, "f ( ) { b ("));
    dx_cxx_free(code);
}

static void test_classes(void **state)
{
    (void)state;
    struct dx_cxx *code =
        read_as("Net.iig",
                "class IOService;\n"
                "class KERNEL Base : public ns::IOUserNetworkEthernet, public Other { };\n"
                "class Net final : public Base\n{\npublic:\n"
                "    virtual kern_return_t Start(IOService * provider) override;\n"
                "    virtual void Done(OSAction * action TARGET, IOReturn status)\n"
                "        TYPE(IOUSBHostPipe::CompleteAsyncIO) QUEUENAME(Other);\n"
                "    virtual kern_return_t SetMTU(uint32_t mtu) LOCAL = 0;\n"
                "    int inside() const { return 1; }\n"
                "};\n"
                "struct __attribute__((packed)) Plain { int a; };\n"
                "class EXTENDS (Net) NetPrivate { virtual void Hidden(); };\n",
                false);
    const struct dx_cxx_class *net = dx_cxx_class(code, DX_STR("Net"));
    assert_non_null(net);
    assert_true(dx_str_is(net->super, "Base"));
    assert_true(dx_str_is(dx_cxx_base(code, net), "IOUserNetworkEthernet"));
    assert_true(dx_cxx_derives(code, net, dx_cxx_class(code, DX_STR("Base"))));
    assert_null(dx_cxx_class(code, DX_STR("IOService")));
    assert_null(dx_cxx_class(code, DX_STR("NetPrivate")));
    assert_true(dx_str_is(dx_cxx_base(code, dx_cxx_class(code, DX_STR("Plain"))), ""));
    const struct dx_cxx_method *m = dx_cxx_method(net, DX_STR("Done"));
    assert_non_null(m);
    assert_true(dx_str_is(m->type, "IOUSBHostPipe::CompleteAsyncIO"));
    assert_true(dx_str_is(m->queue, "Other"));
    assert_true(dx_cxx_method(net, DX_STR("SetMTU"))->pure);
    assert_true(dx_cxx_method(net, DX_STR("Start"))->overrides);
    assert_non_null(dx_cxx_method(net, DX_STR("inside")));
    dx_cxx_free(code);
}

static void test_contested(void **state)
{
    (void)state;
    struct dx_cxx *code = read_as("a.h", "class A : B {}; class A : C {}; class D : D {};", false);
    assert_true(dx_str_is(dx_cxx_base(code, dx_cxx_class(code, DX_STR("A"))), ""));
    assert_true(dx_str_is(dx_cxx_base(code, dx_cxx_class(code, DX_STR("D"))), ""));
    dx_cxx_free(code);
}

static void test_functions(void **state)
{
    (void)state;
    struct dx_cxx *code =
        read_as("Net.cpp",
                "OSDefineMetaClassAndStructors(Net, IOService)\n"
                "kern_return_t IMPL(Net, Start)\n{ if (a) { b(); } }\n"
                "namespace x { extern \"C\" { kern_return_t Net::Stop_Impl(IOService * p) { } } }\n"
                "Net::Net(int a) : Base(a), b{1} { }\n"
                "static struct s help(void) { return (struct s){0}; }\n"
                "int table[] = { f(1), g(2) };\n"
                "template <class T> T twice(T t) { return t; }\n"
                "auto z = [](int q) { return q; };\n"
                "void last() noexcept { }\n",
                false);
    static const char *const want[][2] = {{"Net", "Start"}, {"Net", "Stop"}, {"Net", "Net"},
                                          {"", "help"},     {"", "twice"},   {"", "last"}};
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        size_t at = 0;
        assert_non_null(dx_cxx_function(code, &at, dx_str(want[i][0]), dx_str(want[i][1])));
    }
    assert_true(code->functions[0].impl);
    assert_true(code->functions[1].impl);
    assert_int_equal(code->functions[0].file->list[code->functions[0].token].line, 2);
    dx_cxx_free(code);
}

static void test_macros(void **state)
{
    (void)state;
    struct dx_cxx *code = read_as("x.h",
                                  "#define kName \"UserClientProperties\"\n"
                                  "#define Log(fmt, ...) \\\n os_log(x, fmt, ##__VA_ARGS__)\n"
                                  "#define two 1\n#define two 2\n"
                                  "int a; // dextctl: ignore DX801 because\n",
                                  false);
    assert_true(dx_str_is(dx_cxx_macro(code, DX_STR("kName")), "\"UserClientProperties\""));
    assert_true(dx_str_is(dx_cxx_macro(code, DX_STR("two")), ""));
    assert_true(dx_str_is(dx_cxx_macro(code, DX_STR("Log")), ""));
    const struct dx_cxx_file *f = code->files[0];
    assert_true(f->macros[1].function);
    assert_true(dx_str_is(f->macros[1].params, "fmt, ..."));
    assert_int_equal(f->list[0].line, 6);
    assert_int_equal(f->silence_count, 1);
    assert_false(f->silences[0].alone);
    assert_true(dx_str_has_prefix(f->silences[0].rules, "DX801"));
    dx_cxx_free(code);
}

static void test_places(void **state)
{
    (void)state;
    struct dx_cxx *code = read_as("x.c", "a\n\xc3\xa4 bc(d)", false);
    struct dext_place at = dx_token_place(code->files[0], 2, 5);
    assert_int_equal(at.line, 2);
    assert_int_equal(at.column, 3);
    assert_int_equal(at.length, 5);
    dx_cxx_free(code);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),     cmocka_unit_test(test_conditions),
        cmocka_unit_test(test_arms),      cmocka_unit_test(test_classes),
        cmocka_unit_test(test_contested), cmocka_unit_test(test_functions),
        cmocka_unit_test(test_macros),    cmocka_unit_test(test_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
