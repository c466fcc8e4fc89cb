/* Symbols of Mach-O slices made here: which one an address gets, and when none; function starts;
 * tables that lie. Which file is chosen, and where an address of a report is in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "panic/symbolicate.h"
#include "sign/symbols.h"

static struct dext_ctx *ctx;

/* ---- a Mach-O file ------------------------------------------------------------------------- */

struct file {
    unsigned char bytes[16384];
    size_t n, command_count, commands; /* commands: where the next one goes */
    bool big, wide;
};

static void put(struct file *f, size_t at, uint64_t value, size_t width)
{
    for (size_t i = 0; i < width; i++) {
        size_t shift = 8 * (f->big ? width - 1 - i : i);
        f->bytes[at + i] = (unsigned char)(value >> shift);
    }
    f->n = at + width > f->n ? at + width : f->n;
}

static void head(struct file *f, uint32_t cpu, uint32_t type, bool wide, bool big)
{
    memset(f, 0, sizeof *f);
    f->wide = wide;
    f->big = big;
    put(f, 0, wide ? 0xfeedfacf : 0xfeedface, 4);
    put(f, 4, cpu, 4);
    put(f, 12, type, 4);
    f->commands = wide ? 32 : 28;
}

static size_t command(struct file *f, uint32_t kind, size_t n)
{
    size_t at = f->commands;
    put(f, at, kind, 4);
    put(f, at + 4, n, 4);
    f->commands += n;
    f->n = f->commands > f->n ? f->commands : f->n;
    put(f, 16, ++f->command_count, 4);
    put(f, 20, f->commands - (f->wide ? 32 : 28), 4);
    return at;
}

/* A segment with one section that fills it. */
static void segment(struct file *f, const char *name, const char *section, uint64_t address,
                    uint64_t size, uint32_t flags)
{
    size_t word = f->wide ? 8 : 4, top = f->wide ? 72 : 56;
    size_t at = command(f, f->wide ? 0x19 : 1, top + (f->wide ? 80 : 68));
    memcpy(f->bytes + at + 8, name, strlen(name));
    put(f, at + 24, address, word);
    put(f, at + 24 + word, size, word);
    put(f, at + top - 8, 1, 4);
    memcpy(f->bytes + at + top, section, strlen(section));
    memcpy(f->bytes + at + top + 16, name, strlen(name));
    put(f, at + top + 32, address, word);
    put(f, at + top + 32 + word, size, word);
    put(f, at + top + (f->wide ? 64 : 56), flags, 4);
}

static void uuid(struct file *f, unsigned char last)
{
    size_t at = command(f, 0x1b, 24);
    f->bytes[at + 23] = last;
}

struct name {
    const char *text;
    unsigned type;
    uint64_t value;
};

#define LOCAL 0x0e
#define GLOBAL 0x0f

/* Room for the tables at 8192 and 12288; strings begin with an empty one. */
static void symbols(struct file *f, const struct name *list, size_t n)
{
    size_t each = f->wide ? 16 : 12, at = 8192, strings = 12288, used = 1;
    size_t where = command(f, 2, 24);
    for (size_t i = 0; i < n; i++, at += each) {
        put(f, at, used, 4);
        put(f, at + 4, list[i].type, 1);
        put(f, at + 5, 1, 1);
        put(f, at + 8, list[i].value, f->wide ? 8 : 4);
        memcpy(f->bytes + strings + used, list[i].text, strlen(list[i].text) + 1);
        used += strlen(list[i].text) + 1;
    }
    put(f, where + 8, 8192, 4);
    put(f, where + 12, n, 4);
    put(f, where + 16, strings, 4);
    put(f, where + 20, used, 4);
    f->n = strings + used;
}

static void starts(struct file *f, const unsigned char *list, size_t n)
{
    size_t where = command(f, 0x26, 16);
    memcpy(f->bytes + 4096, list, n);
    put(f, where + 8, 4096, 4);
    put(f, where + 12, n, 4);
    f->n = f->n < 4096 + n ? 4096 + n : f->n;
}

static const struct dx_slice *read_file(const struct file *f, struct dx_image *image)
{
    struct dx_macho *m = NULL;
    *image = dx_image_bytes("made", f->bytes, f->n);
    assert_int_equal(dx_macho_read(&m, ctx, image), DEXT_OK);
    assert_string_equal(m->slices[0].fault, "");
    return &m->slices[0];
}

static struct dx_symbol_query ask(const struct file *f, uint64_t address)
{
    struct dx_image image;
    struct dx_symbol_facts facts;
    struct dx_symbol_query q = {.address = address};
    dx_symbols_find(&facts, ctx, &image, read_file(f, &image), &q, 1);
    return q;
}

static void expect(const struct file *f, uint64_t address, const char *name, uint64_t start)
{
    struct dx_symbol_query q = ask(f, address);
    if (name) {
        assert_non_null(q.name);
        assert_string_equal(q.name, name);
        assert_true(q.start == start);
        assert_null(q.why);
    } else {
        assert_null(q.name);
        assert_non_null(q.why);
    }
}

/* ---- symbols ------------------------------------------------------------------------------- */

static void kext(struct file *f, bool wide, bool big)
{
    head(f, wide ? DX_CPU_ARM64 : 7, DX_FILE_KEXT, wide, big);
    segment(f, "__TEXT", "__cstring", 0x100, 0xf00, 2);
    segment(f, "__TEXT_EXEC", "__text", 0x4000, 0x1000, DX_SECTION_CODE);
    uuid(f, 1);
}

static void the_nearest_symbol_before(void **state)
{
    (void)state;
    static const struct name list[] = {{"_b", GLOBAL, 0x4100},   {"_a", LOCAL, 0x4000},
                                       {"_text", GLOBAL, 0x200}, {"_abs", 0x03, 0x4180},
                                       {"_und", 0x01, 0x41c0},   {"_stab", 0x24, 0x4150},
                                       {"_c", LOCAL, 0x4200}};
    for (int form = 0; form < 4; form++) {
        struct file f;
        kext(&f, form & 1, form & 2);
        symbols(&f, list, sizeof list / sizeof *list);
        expect(&f, 0x4000, "_a", 0x4000);
        expect(&f, 0x40ff, "_a", 0x4000);
        expect(&f, 0x4100, "_b", 0x4100);
        expect(&f, 0x41ff, "_b", 0x4100); /* what is no function's symbol does not count */
        expect(&f, 0x4fff, "_c", 0x4200);
        expect(&f, 0x5000, NULL, 0);
        expect(&f, 0x3fff, NULL, 0);
        assert_string_equal(ask(&f, 0x200).why,
                            "the address is in __TEXT.__cstring, which holds no code");
    }
}

static void of_two_names_the_exported_one(void **state)
{
    (void)state;
    static const struct name list[] = {
        {"_local", LOCAL, 0x4000}, {"_first", GLOBAL, 0x4000}, {"_second", GLOBAL, 0x4000}};
    struct file f;
    kext(&f, true, false);
    symbols(&f, list, 3);
    expect(&f, 0x4010, "_first", 0x4000);
}

static void a_stripped_file_is_not_trusted(void **state)
{
    (void)state;
    static const struct name list[] = {{"_a", GLOBAL, 0x4000}, {"_c", GLOBAL, 0x4200}};
    /* From the header at 0x100: functions at 0x4000, 0x4100, 0x4200. */
    static const unsigned char leb[] = {0x80, 0x7e, 0x80, 0x02, 0x80, 0x02, 0x00, 0x55};
    struct file f;
    kext(&f, true, false);
    symbols(&f, list, 2);
    expect(&f, 0x4000, "_a", 0x4000); /* its own address */
    expect(&f, 0x4001, NULL, 0);
    kext(&f, true, false);
    symbols(&f, list, 2);
    starts(&f, leb, sizeof leb);
    expect(&f, 0x4001, "_a", 0x4000);
    expect(&f, 0x40ff, "_a", 0x4000);
    assert_string_equal(ask(&f, 0x4180).why,
                        "the function that begins at 0x4100 has no name in the file");
    expect(&f, 0x4280, "_c", 0x4200);
}

static void starts_without_end(void **state)
{
    (void)state;
    static const struct name list[] = {{"_a", GLOBAL, 0x4000}};
    unsigned char leb[64];
    memset(leb, 0xff, sizeof leb);
    struct file f;
    kext(&f, true, false);
    symbols(&f, list, 1);
    starts(&f, leb, sizeof leb);
    expect(&f, 0x4010, NULL, 0); /* a number that never ends is no function */
}

static void many_at_once(void **state)
{
    (void)state;
    static const struct name list[] = {{"_a", LOCAL, 0x4000}, {"_b", LOCAL, 0x4100}};
    struct dx_symbol_query q[300];
    struct dx_symbol_facts facts;
    struct dx_image image;
    struct file f;
    kext(&f, true, false);
    symbols(&f, list, 2);
    for (size_t i = 0; i < 300; i++) {
        q[i] = (struct dx_symbol_query){.address = 0x4000 + (i * 7919) % 0x200};
    }
    dx_symbols_find(&facts, ctx, &image, read_file(&f, &image), q, 300);
    for (size_t i = 0; i < 300; i++) {
        assert_string_equal(q[i].name, q[i].address < 0x4100 ? "_a" : "_b");
    }
    assert_int_equal(facts.functions, 2);
    assert_true(facts.local);
    assert_false(facts.dwarf || facts.debug_map);
}

static void tables_that_lie(void **state)
{
    (void)state;
    static const struct name list[] = {{"_a", LOCAL, 0x4000}};
    struct file f;
    kext(&f, true, false);
    symbols(&f, list, 1);
    size_t at = f.commands - 24;
    put(&f, at + 12, 0x10000000, 4);
    expect(&f, 0x4010, NULL, 0);
    put(&f, at + 12, 1, 4);
    expect(&f, 0x4010, "_a", 0x4000);
    put(&f, 8192, 0xfffffff0, 4); /* the name's offset */
    expect(&f, 0x4010, NULL, 0);
    put(&f, 8192, 1, 4);
    put(&f, at + 20, 0xffffffff, 4);
    expect(&f, 0x4010, NULL, 0);
}

/* ---- files and addresses ------------------------------------------------------------------- */

static void save(const struct file *f, const char *path)
{
    FILE *out = fopen(path, "wb");
    assert_non_null(out);
    assert_int_equal(fwrite(f->bytes, 1, f->n, out), f->n);
    assert_int_equal(fclose(out), 0);
}

static const struct dext_panic_symbols *symbolicate(const char *report, const char *path)
{
    struct dext_panic *p = NULL;
    const struct dext_panic_symbols *out = NULL;
    struct dext_symbols *s = dext_symbols_new(ctx);
    assert_int_equal(dext_panic_parse(&p, ctx, "report", report, strlen(report)), DEXT_OK);
    assert_int_equal(dext_symbols_add(s, path), DEXT_OK);
    dext_panic_symbolicate(&out, ctx, p, s);
    return out;
}

#define ARM_REPORT                                                                                 \
    "panic(cpu 1 caller 0xfffffe0000000001): x\n"                                                  \
    "Kernel UUID: 00000000-0000-0000-0000-000000000002\n"                                          \
    "KernelCache slide: 0x0000000000100000\nKernel text exec base:  0xfffffe0000100000\n"          \
    "Panicked thread: 0x1, backtrace: 0x2, tid: 3\n"                                               \
    "\t\t lr: 0xfffffe00aaaa0110  fp: 0x1\n\t\t lr: 0xfffffe0000100010  fp: 0x0\n"                 \
    "      Kernel Extensions in backtrace:\n"                                                      \
    "         com.example.k(1.0)[00000000-0000-0000-0000-000000000001]"                            \
    "@0xfffffe00aaaa0010->0xfffffe00aaaa100f\n"

static void text_exec_is_what_the_range_means(void **state)
{
    (void)state;
    static const struct name list[] = {{"_a", LOCAL, 0x4000}, {"_b", LOCAL, 0x4100}};
    char path[] = "/tmp/dextctl-symbols-XXXXXX";
    int fd = mkstemp(path);
    struct file f;
    assert_true(fd >= 0);
    (void)close(fd);
    kext(&f, true, false);
    symbols(&f, list, 2);
    save(&f, path);
    const struct dext_panic_symbols *s = symbolicate(ARM_REPORT, path);
    (void)unlink(path);
    assert_int_equal(s->image_count, 2);
    const struct dext_panic_image *k = &s->images[1];
    assert_int_equal(k->state, DEXT_IMAGE_MATCHED);
    assert_string_equal(k->segment, "__TEXT_EXEC");
    assert_true(k->linked.known && k->linked.value == 0x4000);
    /* the whole file, as if its segments were together: __TEXT is at 0x100 */
    assert_true(k->load.value == UINT64_C(0xfffffe00aaa9c110));
    /* 0x4100 is where the call returns to: the call is the last of _a */
    assert_true(s->frames[0].lookup.value == 0x40ff);
    assert_string_equal(s->frames[0].symbol, "_a");
    assert_true(s->frames[0].offset == 0x100);
    assert_int_equal(s->images[0].state, DEXT_IMAGE_MISSING);
    assert_null(s->frames[1].symbol);
}

static void without_text_exec_it_is_text(void **state)
{
    (void)state;
    static const struct name list[] = {{"_a", LOCAL, 0x4000}};
    char path[] = "/tmp/dextctl-symbols-XXXXXX";
    int fd = mkstemp(path);
    struct file f;
    assert_true(fd >= 0);
    (void)close(fd);
    head(&f, DX_CPU_ARM64, DX_FILE_KEXT, true, false);
    segment(&f, "__TEXT", "__text", 0x4000, 0x1000, DX_SECTION_CODE);
    uuid(&f, 1);
    symbols(&f, list, 1);
    save(&f, path);
    const struct dext_panic_symbols *s = symbolicate(ARM_REPORT, path);
    (void)unlink(path);
    assert_string_equal(s->images[1].segment, "__TEXT");
    assert_true(s->frames[0].lookup.value == 0x40ff);
    assert_string_equal(s->frames[0].symbol, "_a");
}

static void the_kernel_by_its_code(void **state)
{
    (void)state;
    static const struct name list[] = {{"_panic", LOCAL, 0xfffffe0007100000}};
    char path[] = "/tmp/dextctl-symbols-XXXXXX";
    int fd = mkstemp(path);
    struct file f;
    assert_true(fd >= 0);
    (void)close(fd);
    head(&f, DX_CPU_ARM64, DX_FILE_EXECUTE, true, false);
    segment(&f, "__TEXT", "__const", 0xfffffe0007004000, 0x1000, 0);
    segment(&f, "__TEXT_EXEC", "__text", 0xfffffe0007100000, 0x1000, DX_SECTION_CODE);
    uuid(&f, 2);
    symbols(&f, list, 1);
    save(&f, path);
    const struct dext_panic_symbols *s = symbolicate(ARM_REPORT, path);
    (void)unlink(path);
    assert_int_equal(s->images[0].state, DEXT_IMAGE_MATCHED);
    assert_string_equal(s->frames[1].symbol, "_panic");
    assert_true(s->frames[1].offset == 0x10);
    assert_true(s->frames[1].lookup.value == UINT64_C(0xfffffe000710000f));
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
        cmocka_unit_test(the_nearest_symbol_before),
        cmocka_unit_test(of_two_names_the_exported_one),
        cmocka_unit_test(a_stripped_file_is_not_trusted),
        cmocka_unit_test(starts_without_end),
        cmocka_unit_test(many_at_once),
        cmocka_unit_test(tables_that_lie),
        cmocka_unit_test(text_exec_is_what_the_range_means),
        cmocka_unit_test(without_text_exec_it_is_text),
        cmocka_unit_test(the_kernel_by_its_code),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
