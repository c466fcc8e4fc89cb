#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "view/record.h"

enum colour { RED, GREEN, NO_COLOUR };

struct leaf {
    const char *name;
    int16_t small;
    uint32_t flags;
};

struct tree {
    const char *text, *none, *empty, *choice;
    char chars[8];
    int64_t big, date, no_date, minus;
    uint64_t address;
    uint8_t byte;
    bool yes, has;
    int32_t perhaps;
    enum colour colour, no_colour;
    const char *const *texts, *const *ended;
    size_t text_count, leaf_count, ref_count;
    struct leaf inside;
    const struct leaf *ref, *no_ref, *leaves;
    const struct leaf *const *refs;
};

static const char *colour_word(int v)
{
    static const char *const words[] = {"red", "green", NULL};
    return words[v];
}

static void write_twice(struct json *j, const void *member)
{
    uint8_t n;
    memcpy(&n, member, 1);
    json_int(j, 2 * n);
}

static const struct record_field leaf_fields[] = {
    R_TEXT("name", struct leaf, name, "its name"),
    R_NUMBER("small", struct leaf, small, "a number"),
    R_BIT("second", struct leaf, flags, 2, "a bit"),
};
static const struct record leaf = RECORD("leaf", struct leaf, leaf_fields);

static const struct record_field self_fields[] = {
    R_BOOL("yes", struct tree, yes, "yes"),
};
static const struct record self = RECORD("self", struct tree, self_fields);

static const struct record_field tree_fields[] = {
    R_TEXT("text", struct tree, text, "a text"),
    R_TEXT_OR_NULL("none", struct tree, none, "no text"),
    R_FILLED("empty", struct tree, empty, "an empty text"),
    R_CHOICE("choice", struct tree, choice, "this|that", "one of two"),
    R_CHARS("chars", struct tree, chars, "text in place"),
    R_NUMBER("big", struct tree, big, "a number"),
    R_COUNTED("minus", struct tree, minus, "null when negative"),
    R_NUMBER_IF("perhaps", struct tree, perhaps, has, "null when it is not there"),
    R_NUMBER("byte", struct tree, byte, "a number"),
    R_DATE("date", struct tree, date, "a date"),
    R_DATE("no_date", struct tree, no_date, "no date"),
    R_HEX("address", struct tree, address, "an address"),
    R_HEX8("wide", struct tree, byte, "with zeros"),
    R_HEX_IF("no_hex", struct tree, address, has, "null when it is not there"),
    R_BOOL("yes", struct tree, yes, "yes"),
    R_WORD("colour", struct tree, colour, colour_word, 3, "a word"),
    R_WORD_OR_NULL("no_colour", struct tree, no_colour, colour_word, 3, "no word"),
    R_TEXTS("texts", struct tree, texts, text_count, "texts"),
    R_TEXTS_ENDED("ended", struct tree, ended, "texts"),
    R_OBJECT("inside", struct tree, inside, &leaf, "a leaf"),
    R_SELF("self", struct tree, &self, "of the same struct"),
    R_REF("ref", struct tree, ref, &leaf, "a leaf"),
    R_REF("no_ref", struct tree, no_ref, &leaf, "no leaf"),
    R_LIST("leaves", struct tree, leaves, leaf_count, &leaf, "leaves"),
    R_REFS("refs", struct tree, refs, ref_count, &leaf, "leaves"),
    R_OTHER("other", struct tree, byte, write_twice, "integer", "twice the byte"),
};
static const struct record tree = RECORD("tree", struct tree, tree_fields);

static const struct record_field line_fields[] = {
    R_INLINE(struct tree, inside, &leaf),
    R_INLINE_REF(struct tree, ref, &self),
};
/* Only its type is looked at: the tables above are about struct tree. */
static const struct record line = RECORD("line", struct tree, line_fields);

static const struct record_part parts[] = {
    {"trees", RECORD_ITEMS, "tree", &tree, false, "trees"},
    {"leaf", RECORD_PART, NULL, &leaf, true, "one leaf"},
    {"end", RECORD_FIELDS, "end", &self, false, "the end"},
    {"only", RECORD_LINE, "only", &leaf, false, "a line alone"},
};
static const struct record_form form = RECORD_FORM("test", 3, parts);

static const char *const words[] = {"a", "b", NULL};
static const struct leaf leaves[] = {{"l\"0", -2, 2}, {"l1", 7, 0}};
static const struct leaf *const refs[] = {&leaves[1], NULL};
static const struct tree sample = {
    .text = "x",
    .empty = "",
    .choice = "this",
    .chars = "abc",
    .big = INT64_MIN,
    .date = 1,
    .minus = -1,
    .address = UINT64_MAX,
    .byte = 200,
    .yes = true,
    .perhaps = -5,
    .colour = GREEN,
    .no_colour = NO_COLOUR,
    .texts = words,
    .text_count = 2,
    .ended = words,
    .inside = {"in", 1, 3},
    .ref = leaves,
    .leaves = leaves,
    .leaf_count = 2,
    .refs = refs,
    .ref_count = 2,
};

#define LEAF0 "{\"name\": \"l\\\"0\", \"small\": -2, \"second\": true}"
#define LEAF1 "{\"name\": \"l1\", \"small\": 7, \"second\": false}"
#define FIELDS                                                                                     \
    "\"text\": \"x\", \"none\": null, \"empty\": null, \"choice\": "                               \
    "\"this\", \"chars\": \"abc\", \"big\": -9223372036854775808, \"minus\": null, \"perhaps\": "  \
    "null, \"byte\": 200, \"date\": \"1970-01-01T00:00:01Z\", \"no_date\": null, \"address\": "    \
    "\"0xffffffffffffffff\", \"wide\": \"0x000000c8\", \"no_hex\": null, \"yes\": true, "          \
    "\"colour\": \"green\", \"no_colour\": null, \"texts\": [\"a\", \"b\"], \"ended\": [\"a\", "   \
    "\"b\"], \"inside\": {\"name\": \"in\", \"small\": 1, \"second\": true}, \"self\": {\"yes\": " \
    "true}, \"ref\": " LEAF0 ", \"no_ref\": null, \"leaves\": [" LEAF0 ", " LEAF1                  \
    "], \"refs\": [" LEAF1 ", null], \"other\": 400"

/* Of a file whose name could be a name and a reason. */
#define UNREAD "\"file\": \"a: b\", \"line\": 3, \"column\": 4, \"reason\": \"cut off: x\""

static char *written(enum face face)
{
    char *text;
    size_t size;
    struct app app = {.out = open_memstream(&text, &size), .face = face, .ctx = dext_ctx_new(NULL)};
    dext_ctx_note_unread(app.ctx, "a: b", "a: b:3:4: cut off: x");
    dext_ctx_note_unread(app.ctx, "a: b", "a: b:3:4: cut off: x");
    struct record_out o;
    record_begin(&o, &app, &form);
    record_list(&o, "trees");
    record_add(&o, &sample);
    record_put(&o, "leaf", leaves);
    record_put(&o, "end", &sample);
    record_put(&o, "only", &leaves[1]);
    record_end(&o);
    assert_int_equal(fclose(app.out), 0);
    dext_ctx_free(app.ctx);
    return text;
}

static void test_lines(void **state)
{
    (void)state;
    char *text = written(FACE_NDJSON);
    assert_string_equal(
        text, "{\"schema\": \"dextctl.test/3\", \"type\": \"tree\", " FIELDS "}\n"
              "{\"schema\": \"dextctl.test/3\", \"type\": \"end\", \"yes\": true}\n"
              "{\"schema\": \"dextctl.test/3\", \"type\": \"only\", \"name\": \"l1\", \"small\": "
              "7, \"second\": false}\n"
              "{\"schema\": \"dextctl.test/3\", \"type\": \"unread\", " UNREAD "}\n");
    free(text);
}

static void test_document(void **state)
{
    (void)state;
    char *text = written(FACE_JSON);
    json_t *got = json_loads(text, 0, NULL);
    json_t *want = json_loads("{\"schema\": \"dextctl.test/3\", \"trees\": [{" FIELDS
                              "}], \"leaf\": " LEAF0 ", \"yes\": true, \"unread\": [{" UNREAD "}]}",
                              0, NULL);
    assert_non_null(got);
    assert_true(json_equal(got, want));
    json_decref(got);
    json_decref(want);
    free(text);
}

/* Another record's fields in place, of a member and through a pointer. */
static void test_inline(void **state)
{
    (void)state;
    static const struct record_part all[] = {{"l", RECORD_ITEMS, "l", &line, false, ""}};
    static const struct record_form of = RECORD_FORM("test", 1, all);
    const struct tree inner = {.yes = true};
    struct tree outer = {.inside = {"in", 1, 3}};
    memcpy(&outer.ref, &(const void *){&inner}, sizeof outer.ref);
    char *text;
    size_t size;
    struct app app = {
        .out = open_memstream(&text, &size), .face = FACE_NDJSON, .ctx = dext_ctx_new(NULL)};
    struct record_out o;
    record_begin(&o, &app, &of);
    record_list(&o, "l");
    record_add(&o, &outer);
    record_end(&o);
    assert_int_equal(fclose(app.out), 0);
    dext_ctx_free(app.ctx);
    assert_string_equal(text, "{\"schema\": \"dextctl.test/1\", \"type\": \"l\", \"name\": \"in\", "
                              "\"small\": 1, \"second\": true, \"yes\": true}\n");
    free(text);
}

static const json_t *at(const json_t *j, const char *path)
{
    char key[64];
    while (*path) {
        size_t n = strcspn(path, "/");
        (void)snprintf(key, sizeof key, "%.*s", (int)n, path);
        j = json_is_array(j) ? json_array_get(j, (size_t)strtoul(key, NULL, 10))
                             : json_object_get(j, key);
        path += n + (path[n] == '/');
    }
    return j;
}

static void expect(const json_t *schema, const char *path, const char *want)
{
    char *got = json_dumps(at(schema, path), JSON_ENCODE_ANY | JSON_COMPACT);
    assert_non_null(got);
    assert_string_equal(got, want);
    free(got);
}

static void test_schema(void **state)
{
    (void)state;
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    record_schema(out, &form);
    assert_int_equal(fclose(out), 0);
    json_t *s = json_loads(text, 0, NULL);
    assert_non_null(s);
    expect(s, "definitions/document/required", "[\"schema\",\"trees\",\"yes\",\"unread\"]");
    expect(s, "definitions/document/properties/leaf/allOf/0/$ref", "\"#/definitions/leaf\"");
    expect(s, "definitions/line-tree/properties/type/const", "\"tree\"");
    expect(s, "definitions/line-only/properties/schema/const", "\"dextctl.test/3\"");
    expect(s, "definitions/tree/properties/text/type", "\"string\"");
    expect(s, "definitions/tree/properties/none/type", "[\"string\",\"null\"]");
    expect(s, "definitions/tree/properties/choice/enum", "[\"this\",\"that\"]");
    expect(s, "definitions/tree/properties/perhaps/type", "[\"integer\",\"null\"]");
    expect(s, "definitions/tree/properties/colour/enum", "[\"red\",\"green\"]");
    expect(s, "definitions/tree/properties/no_colour/enum", "[\"red\",\"green\",null]");
    expect(s, "definitions/tree/properties/leaves/items/$ref", "\"#/definitions/leaf\"");
    expect(s, "definitions/tree/properties/texts/items/type", "\"string\"");
    expect(s, "definitions/tree/properties/no_ref/anyOf/1/type", "\"null\"");
    expect(s, "definitions/leaf/required", "[\"name\",\"small\",\"second\"]");
    assert_int_equal(json_array_size(at(s, "definitions/tree/required")),
                     sizeof tree_fields / sizeof *tree_fields);
    json_decref(s);
    free(text);
}

static void test_docs(void **state)
{
    (void)state;
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    record_docs(out, &form);
    assert_int_equal(fclose(out), 0);
    assert_non_null(strstr(text, "| `trees` | list of *tree* | `tree` | trees |\n"));
    assert_non_null(strstr(text, "\n*leaf*:\n\n| field | | |\n| --- | --- | --- |\n"
                                 "| `name` | text | its name |\n"));
    assert_non_null(strstr(text, "| `colour` | `red`, `green` | a word |\n"));
    assert_non_null(strstr(text, "| `leaves` | list of *leaf* | leaves |\n"));
    assert_non_null(strstr(text, "| `choice` | `this`, `that` | one of two |\n"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),  cmocka_unit_test(test_document),
        cmocka_unit_test(test_inline), cmocka_unit_test(test_schema),
        cmocka_unit_test(test_docs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
