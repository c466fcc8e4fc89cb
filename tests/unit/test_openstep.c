/* The reader of OpenStep property lists: what it says event by event, where things stand, what it
 * refuses and at which place. What CoreFoundation takes is taken from CFOldStylePList.c. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "plist/tree.h"

/* ---- events as text: {k=..s=..} ------------------------------------------------------------- */

struct record {
    char out[4096];
    size_t n;
    size_t events, stop_after; /* 0: never */
};

static void note(struct record *r, const char *mark, struct dx_str text)
{
    int n = snprintf(r->out + r->n, sizeof r->out - r->n, "%s%.*s", mark, (int)text.n,
                     text.n ? text.p : "");
    assert_true(n >= 0 && (size_t)n < sizeof r->out - r->n);
    r->n += (size_t)n;
}

static void note_data(struct record *r, struct dx_str bytes)
{
    note(r, "d=", (struct dx_str){0});
    for (size_t i = 0; i < bytes.n; i++) {
        char hex[3];
        (void)snprintf(hex, sizeof hex, "%02x", (unsigned char)bytes.p[i]);
        note(r, hex, (struct dx_str){0});
    }
}

static bool on_event(void *user, const struct dx_event *ev)
{
    static const struct dx_str none = {0};
    struct record *r = user;
    switch (ev->type) {
    case DX_EV_DICT:
        note(r, "{", none);
        break;
    case DX_EV_ARRAY:
        note(r, "(", none);
        break;
    case DX_EV_END:
        note(r, "}", none);
        break;
    case DX_EV_KEY:
        note(r, " k=", ev->text);
        break;
    case DX_EV_SCALAR:
        if (ev->kind == DEXT_DATA) {
            note_data(r, ev->text);
        } else {
            assert_int_equal(ev->kind, DEXT_STRING);
            note(r, " s=", ev->text);
        }
        break;
    case DX_EV_COMMENT:
        note(r, " c=", ev->text);
        break;
    case DX_EV_PROBLEM:
        note(r, " problem=", ev->text);
        break;
    }
    r->events++;
    return r->stop_after == 0 || r->events < r->stop_after;
}

/* Reads bytes of exactly that size, so that a read past the end is seen. */
static int read_into(struct record *r, struct dext_ctx *ctx, const char *text, size_t size)
{
    char *exact = malloc(size + 1);
    assert_non_null(exact);
    memcpy(exact, text, size);
    exact[size] = 0;
    struct dx_source src = dx_source_bytes("t", exact, size);
    int rc = dx_plist_openstep(ctx, &src, on_event, r);
    free(exact);
    return rc;
}

struct row {
    const char *text, *events, *error;
};

static void check_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct dext_ctx *ctx = dext_ctx_new(NULL);
        struct record r = {0};
        int rc = read_into(&r, ctx, rows[i].text, strlen(rows[i].text));
        const char *error = dext_ctx_error(ctx);
        if (strcmp(r.out, rows[i].events) != 0 || (error == NULL) != (rows[i].error == NULL) ||
            (error && strcmp(error, rows[i].error) != 0)) {
            fail_msg("%s\n gives  %s\n wanted %s\n error  %s\n wanted %s", rows[i].text, r.out,
                     rows[i].events, error ? error : "-", rows[i].error ? rows[i].error : "-");
        }
        assert_int_equal(rc, rows[i].error ? DEXT_E_FORMAT : DEXT_OK);
        dext_ctx_free(ctx);
    }
}
#define CHECK(rows) check_rows(rows, sizeof(rows) / sizeof *(rows))

/* ---- what is taken -------------------------------------------------------------------------- */

static void test_structure(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"{}", "{}", NULL},
        {"()", "(}", NULL},
        {" \t\r\n\v\f( ) \n", "(}", NULL},
        {"a", " s=a", NULL},
        {"\"a b\"", " s=a b", NULL},
        {"{a=b;}", "{ k=a s=b}", NULL},
        {"{ a = b ; c = ( d , e , ) ; }", "{ k=a s=b k=c( s=d s=e}}", NULL},
        {"(a,b)", "( s=a s=b}", NULL},
        {"({},(),{x={};})", "({}(}{ k=x{}}}", NULL},
        {"{'a b'=\"c\";\"d\"='e\"f';}", "{ k=a b s=c k=d s=e\"f}", NULL},
        {"{a = YES; b = 12; c = 1.5; d = /usr/lib/x.y-z_$:; }",
         "{ k=a s=YES k=b s=12 k=c s=1.5 k=d s=/usr/lib/x.y-z_$:}", NULL},
        {"{a = x//y;}", "{ k=a s=x//y}", NULL}, /* no comment inside a word */
        {"{\"\" = \"\";}", "{ k= s=}", NULL},
        {"{a=1;a=2;}", "{ k=a s=1 k=a s=2}", NULL},
        {"\xef\xbb\xbf{a=b;}", "{ k=a s=b}", NULL},
        {"{a\xe2\x80\xa8=\xe2\x80\xa9 b;}", "{ k=a s=b}", NULL},
        {"{a;\"b c\" ;}", "{ k=a s=a k=b c s=b c}", NULL}, /* the short form of .strings */
        {"<>", "d=", NULL},
        {"{a=<0fbd77 1c2735AE\n00>;}", "{ k=ad=0fbd771c2735ae00}", NULL},
        {"{a = \"caf\xc3\xa9\";}", "{ k=a s=caf\xc3\xa9}", NULL},
    };
    CHECK(rows);
}

static void test_strings_file(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"\"a b\" = \"c\";\n/* two */\nd = e;\n", "{ k=a b s=c c= two  k=d s=e}", NULL},
        {"a;", "{ k=a s=a}", NULL},
        {"a /* alone */", " s=a c= alone ", NULL},
        {"a = { b = c; };", "{ k=a{ k=b s=c}}", NULL},
        {"a = b", "{ k=a s=b", "t:1:6: the file ends inside the dictionary that begins in line 1"},
        {"a = b; }", "{ k=a s=b", "t:1:8: '}' where a key is expected"},
        {"a b", "{", "t:1:2: '=' is missing after a key"},
    };
    CHECK(rows);
}

static void test_comments(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"// !$*UTF8*$!\n{}", " c= !$*UTF8*$!{}", NULL},
        {"// one\r{// two\r\n}// three", " c= one{ c= two} c= three", NULL},
        {"/**/{/* a */a /* b */=/* c */b /* d */;/* e */}/* f */",
         " c={ c= a  c= b  c= c  k=a s=b c= d  c= e } c= f ", NULL},
        {"{a/* '/' is part of a word */ = b;}", "{", "t:1:4: '=' is missing after a key"},
        {"(a /* 1 */, b /* 2 */)", "( s=a c= 1  s=b c= 2 }", NULL},
        {"{} /* to the end", "{} c= to the end", NULL}, /* CoreFoundation lets it pass */
        {"{ a = b; /* to the end ; }", "{ k=a s=b c= to the end ; }",
         "t:1:10: a comment that does not end"},
        {"/*/ {}", " c=/ {}", "t:1:1: a comment that does not end"},
    };
    CHECK(rows);
}

static void test_escapes(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"\"a\\nb\\tc\\\\d\\\"e\\'f\"", " s=a\nb\tc\\d\"e'f", NULL},
        {"'it\\'s'", " s=it's", NULL},
        {"\"\\a\\b\\f\\r\\v\"", " s=\a\b\f\r\v", NULL},
        {"\"\\q\\\n\"", " s=q\n", NULL},
        {"\"\\101\\60x\\1018\"", " s=A0xA8", NULL},
        /* octal escapes are bytes of the NeXTSTEP encoding: 0xd5 is a-grave, 0xe1 AE */
        {"\"\\325\\341\\377\"", " s=\xc3\xa0\xc3\x86\xef\xbf\xbd", NULL},
        {"\"\\U00e9\\U20AC\"", " s=\xc3\xa9\xe2\x82\xac", NULL},
        {"\"\\Ud83d\\Ude00!\"", " s=\xf0\x9f\x98\x80!", NULL},
        {"\"\\Ud83d\\U0041\"",
         " s=\xef\xbf\xbd"
         "A",
         NULL},
        {"\"\\Ude00\\Ud83d\"", " s=\xef\xbf\xbd\xef\xbf\xbd", NULL},
        {"\"\\U41 \\U4\"", " s=A \x04", NULL}, /* fewer than four digits */
        {"{\"k\\n\" = {\"\\U006b\"=\"\\101\";};}", "{ k=k\n{ k=k s=A}}", NULL},
    };
    CHECK(rows);
    struct dext_ctx *ctx = dext_ctx_new(NULL);
    struct dx_source src = dx_source_bytes("t", "(\"a\\0b\")", 8);
    struct dext_plist *pl = dx_plist_load(ctx, &src);
    assert_non_null(pl->root);
    assert_int_equal(pl->root->child->text.n, 3);
    assert_memory_equal(pl->root->child->text.p, "a\0b", 4);
    dext_ctx_free(ctx);
}

/* ---- what is refused ------------------------------------------------------------------------ */

static void test_errors(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"", "", "t:1:1: the file holds no value"},
        {" // nothing\n", " c= nothing", "t:2:1: the file holds no value"},
        {"{a=b}", "{ k=a s=b", "t:1:5: ';' is missing after a value"},
        {"{\n  a = b\n  c = d;\n}", "{ k=a s=b", "t:2:8: ';' is missing after a value"},
        {"{a=(b)\nc=d;}", "{ k=a( s=b}", "t:1:7: ';' is missing after a value"},
        {"{\n a b;\n}", "{", "t:2:3: '=' is missing after a key"},
        {"{a = ;}", "{", "t:1:6: ';' where a value is expected"},
        {"{a = b;; }", "{ k=a s=b", "t:1:8: ';' where a key is expected"},
        {"{a = b;", "{ k=a s=b",
         "t:1:8: the file ends inside the dictionary that begins in line 1"},
        {"{\n a = (b,\n c", "{ k=a( s=b s=c",
         "t:3:3: the file ends inside the array that begins in line 2"},
        {"{a", "{", "t:1:3: the file ends inside the dictionary that begins in line 1"},
        {"{a =", "{", "t:1:5: the file ends inside the dictionary that begins in line 1"},
        {"(a b)", "( s=a", "t:1:3: ',' is missing between two values of an array"},
        {"(,a)", "(", "t:1:2: ',' where a value is expected"},
        {"(a;)", "( s=a", "t:1:3: ',' is missing between two values of an array"},
        {"(a}", "( s=a", "t:1:3: ',' is missing between two values of an array"},
        {"{(a)=b;}", "{", "t:1:2: '(' where a key is expected"},
        {"{<00>=b;}", "{", "t:1:2: '<' where a key is expected"},
        {"{}}", "{}", "t:1:3: text after the end of the property list"},
        {"{} x", "{}", "t:1:4: text after the end of the property list"},
        {"{a=\"b;}", "{", "t:1:4: a string that does not end"},
        {"{a='b\\'", "{", "t:1:4: a string that does not end"},
        {"\"\\", "", "t:1:1: a string that does not end"},
        {"{a=<0 1>;}", "{", "t:1:5: half a byte in <data>"},
        {"{a=<0g>;}", "{", "t:1:5: half a byte in <data>"},
        {"{a=<00 x>;}", "{", "t:1:8: no hexadecimal digit in <data>"},
        {"{a=<00", "{", "t:1:4: <data> that does not end"},
        {"{a=b+c;}", "{ k=a s=b", "t:1:5: ';' is missing after a value"},
        {"{a=+;}", "{", "t:1:4: '+' where a value is expected"},
        {"{a=\x01;}", "{", "t:1:4: the byte 0x01 where a value is expected"},
        {"{\xc3\xa9=b;}", "{",
         "t:1:2: a character beyond ASCII without quotes where a key is expected"},
    };
    CHECK(rows);
}

static void test_encoding(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"{a=\"\xe9\";}", " problem=bytes that are no UTF-8{ k=a s=\xe9}", NULL},
        {"(\"\xed\xa0\x80\")", " problem=bytes that are no UTF-8( s=\xed\xa0\x80}", NULL},
        {"(\"\xc0\xaf\")", " problem=bytes that are no UTF-8( s=\xc0\xaf}", NULL},
        {"(\"\xf4\x90\x80\x80\")", " problem=bytes that are no UTF-8( s=\xf4\x90\x80\x80}", NULL},
        {"(\"\xf0\x9f\x98\x80\")", "( s=\xf0\x9f\x98\x80}", NULL},
    };
    CHECK(rows);
}

/* After an error the tree holds what came before it, and says where reading stopped. */
static void test_kept(void **state)
{
    (void)state;
    static const char text[] = "{\n a = 1;\n b = { c = (x, y); d = \"open };\n}\n";
    struct dext_ctx *ctx = dext_ctx_new(NULL);
    struct dx_source src = dx_source_bytes("P/project.pbxproj", text, sizeof text - 1);
    struct dext_plist *pl = dx_plist_load(ctx, &src);
    assert_int_equal(pl->format, DEXT_PLIST_OPENSTEP);
    assert_true(pl->stopped);
    assert_string_equal(pl->reason, "P/project.pbxproj:3:24: a string that does not end");
    assert_string_equal(dext_node_text(dext_node_at(pl->root, "a")), "1");
    assert_string_equal(dext_node_text(dext_node_at(pl->root, "b/c/1")), "y");
    assert_null(dext_node_at(pl->root, "b/d"));
    dext_ctx_free(ctx);
}

static void test_depth(void **state)
{
    (void)state;
    struct dext_limits limits = {.size = sizeof limits, .plist_depth = 3};
    struct dext_ctx *ctx = dext_ctx_new(&limits);
    struct record r = {0};
    assert_int_equal(read_into(&r, ctx, "({a=();})", 9), DEXT_OK);
    assert_int_equal(read_into(&r, ctx, "({a=(());})", 11), DEXT_E_LIMIT);
    assert_non_null(strstr(dext_ctx_error(ctx), "t:1:6: nested deeper"));
    dext_ctx_free(ctx);
    size_t n = 1000000;
    char *deep = malloc(n);
    assert_non_null(deep);
    memset(deep, '(', n);
    ctx = dext_ctx_new(NULL);
    r = (struct record){0};
    assert_int_equal(read_into(&r, ctx, deep, n), DEXT_E_LIMIT);
    assert_int_equal(r.n, 512);
    dext_ctx_free(ctx);
    free(deep);
}

static void test_stop(void **state)
{
    (void)state;
    struct dext_ctx *ctx = dext_ctx_new(NULL);
    for (size_t i = 1; i < 9; i++) {
        struct record r = {.stop_after = i};
        static const char text[] = "{a=b; /* c */ d = (e, f); g = h; !";
        assert_int_equal(read_into(&r, ctx, text, sizeof text - 1), DEXT_OK);
        assert_int_equal(r.events, i);
    }
    dext_ctx_free(ctx);
}

/* ---- places --------------------------------------------------------------------------------- */

static void expect_at(const struct dext_plist *pl, const char *path, const char *key,
                      const char *raw, unsigned line, unsigned column)
{
    const struct dext_node *n = dext_node_at(pl->root, path);
    assert_non_null(n);
    assert_int_equal(n->at.length, strlen(raw));
    assert_memory_equal(pl->src.data + n->at.offset, raw, strlen(raw));
    assert_int_equal(n->at.line, line);
    assert_int_equal(n->at.column, column);
    if (key) {
        assert_int_equal(n->key_at.length, strlen(key));
        assert_memory_equal(pl->src.data + n->key_at.offset, key, strlen(key));
    }
}

static void test_places(void **state)
{
    (void)state;
    static const char text[] =
        "// !$*UTF8*$!\n{\n\t\"k\\n1\" = \"v\\\"\xc3\xa9\"; two = ( a /* x */, "
        "{ b = <00 ff>; } );\n\tshort ;\n}\n";
    struct dext_ctx *ctx = dext_ctx_new(NULL);
    struct dx_source src = dx_source_bytes("t", text, sizeof text - 1);
    struct dext_plist *pl = dx_plist_load(ctx, &src);
    assert_false(pl->stopped);
    expect_at(pl, "k\n1", "\"k\\n1\"", "\"v\\\"\xc3\xa9\"", 3, 11);
    expect_at(pl, "two", "two", "( a /* x */, { b = <00 ff>; } )", 3, 25);
    expect_at(pl, "two/0", NULL, "a", 3, 27);
    expect_at(pl, "two/1", NULL, "{ b = <00 ff>; }", 3, 38);
    expect_at(pl, "two/1/b", "b", "<00 ff>", 3, 44);
    expect_at(pl, "short", "short", "short", 4, 2);
    assert_int_equal(pl->root->at.line, 2);
    assert_int_equal(pl->root->at.length, sizeof text - 1 - 14 - 1);
    assert_int_equal(pl->comments->at.offset, 0);
    assert_int_equal(pl->comments->at.length, 13);
    assert_int_equal(pl->comments->next->at.line, 3);
    assert_memory_equal(text + pl->comments->next->at.offset, "/* x */", 7);
    dext_ctx_free(ctx);
}

/* The dictionary without braces covers the file from its first key on. */
static void test_strings_place(void **state)
{
    (void)state;
    static const char text[] = "/* c */\na = b;\n";
    struct dext_ctx *ctx = dext_ctx_new(NULL);
    struct dx_source src = dx_source_bytes("t", text, sizeof text - 1);
    struct dext_plist *pl = dx_plist_load(ctx, &src);
    assert_false(pl->stopped);
    assert_int_equal(pl->root->kind, DEXT_DICT);
    assert_int_equal(pl->root->at.offset, 8);
    assert_int_equal(pl->root->at.length, sizeof text - 1 - 8);
    expect_at(pl, "a", "a", "b", 2, 5);
    dext_ctx_free(ctx);
}

/* Big files and long strings: twice the input must not cost more than about twice the time; a
 * reader that is not linear does not come to an end here. */
static void test_big(void **state)
{
    (void)state;
    const size_t entries = 40000, each = 96;
    char *text = malloc(entries * each + 16);
    assert_non_null(text);
    size_t n = (size_t)sprintf(text, "{\n");
    for (size_t i = 0; i < entries; i++) {
        n += (size_t)sprintf(text + n,
                             "\t%024zX /* f%zu.c */ = {isa = PBXFileReference; path = "
                             "\"a\\U00e9b\"; };\n",
                             i, i);
    }
    n += (size_t)sprintf(text + n, "}\n");
    struct dext_ctx *ctx = dext_ctx_new(NULL);
    struct dx_source src = dx_source_bytes("t", text, n);
    struct dext_plist *pl = dx_plist_load(ctx, &src);
    assert_false(pl->stopped);
    assert_int_equal(pl->root->count, entries);
    dext_ctx_free(ctx);

    size_t size = entries * each;
    memcpy(text, "(\"", 2);
    for (n = 2; n + 8 < size; n += 6) {
        memcpy(text + n, "\\U00e9", 6);
    }
    memcpy(text + n, "\")", 3);
    ctx = dext_ctx_new(NULL);
    src = dx_source_bytes("t", text, n + 2);
    pl = dx_plist_load(ctx, &src);
    assert_false(pl->stopped);
    assert_int_equal(pl->root->child->text.n, (n - 2) / 3);
    dext_ctx_free(ctx);
    free(text);
}

/* ---- real projects -------------------------------------------------------------------------- */

static void test_corpus(void **state)
{
    (void)state;
    const char *corpus = getenv("DEXTCTL_CORPUS");
    char folder[4096], path[8192];
    (void)snprintf(folder, sizeof folder, "%s/static/pbxproj", corpus ? corpus : "");
    DIR *dir = corpus ? opendir(folder) : NULL;
    if (!dir) {
        print_message("skipped: no real projects (DEXTCTL_CORPUS)\n");
        skip();
    }
    size_t files = 0;
    for (struct dirent *e; (e = readdir(dir)) != NULL;) {
        if (!strstr(e->d_name, "pbxproj")) {
            continue;
        }
        struct dext_ctx *ctx = dext_ctx_new(NULL);
        struct dx_source src;
        (void)snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        assert_int_equal(dx_source_read(&src, ctx, path), DEXT_OK);
        struct dext_plist *pl = dx_plist_load(ctx, &src);
        if (pl->stopped || pl->problems || pl->format != DEXT_PLIST_OPENSTEP) {
            fail_msg("%s: %s", path, pl->stopped ? pl->reason : "has problems");
        }
        assert_true(dx_get_kind(pl->root, "objects", DEXT_DICT)->count > 10);
        assert_int_equal(pl->root->at.offset + pl->root->at.length + 1, src.size);
        dext_ctx_free(ctx);
        files++;
    }
    (void)closedir(dir);
    assert_true(files > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_structure),     cmocka_unit_test(test_strings_file),
        cmocka_unit_test(test_comments),      cmocka_unit_test(test_escapes),
        cmocka_unit_test(test_errors),        cmocka_unit_test(test_encoding),
        cmocka_unit_test(test_kept),          cmocka_unit_test(test_depth),
        cmocka_unit_test(test_stop),          cmocka_unit_test(test_places),
        cmocka_unit_test(test_strings_place), cmocka_unit_test(test_big),
        cmocka_unit_test(test_corpus),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
