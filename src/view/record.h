/* record.h: what a command tells, described once. From the description come json and ndjson, the
 * JSON Schema (dextctl help --schema COMMAND) and the tables of fields in docs/json.md.
 *
 * To add a field: put a member into the struct that the row is about, fill it, and add one row to
 * the table of that struct (src/view/COMMAND_record.c) at the place where the key shall stand:
 *
 *     static const struct record_field directory_fields[] = {
 *         R_TEXT("hash", struct dext_directory, hash, "the hash's name"),
 *         R_NUMBER("pages", struct dext_directory, page_count, "how many pages it covers"),
 *     };
 *     static const struct record directory = RECORD("directory", struct dext_directory,
 *                                                   directory_fields);
 *
 * then bash docs/generate.sh DEXTCTL, and UPDATE=1 the golden cases. Nothing else: no writer, no
 * schema. A field that has no member of its own (a verdict made of several) gets a small struct of
 * the command in src/view, filled once, which the human face prints from as well.
 *
 * To add a command: its records, one record_form with its parts, which struct cmd names, and calls
 * of record_begin, record_list, record_add, record_put, record_end. */
#ifndef VIEW_RECORD_H
#define VIEW_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "app/app.h"
#include "app/json.h"

enum record_kind {
    RECORD_TEXT,   /* const char * */
    RECORD_CHARS,  /* char [n] */
    RECORD_NUMBER, /* any integer */
    RECORD_BOOL,   /* bool, or a bit of a number when mask is set */
    RECORD_MAYBE,  /* an enumeration of no, yes, not known; the last is null */
    RECORD_WORD,   /* an enumeration, by its words */
    RECORD_CALLED, /* the text that a function makes of the struct, or of what the member points to
                    */
    RECORD_DATE,   /* int64_t, seconds since 1970, 0: null */
    RECORD_HEX,    /* an unsigned integer as "0x2a" */
    RECORD_TEXTS,  /* const char *const * */
    RECORD_OBJECT, /* a struct, or a pointer to one */
    RECORD_LIST,   /* a pointer to structs, or to pointers to structs */
    RECORD_INLINE, /* another record's fields, here */
    RECORD_OTHER,  /* by a function of its own */
};

enum record_flag {
    RECORD_NULL = 1,    /* may be null: NULL, a negative number, 0 of RECORD_HEX */
    RECORD_EMPTY = 2,   /* "" is null as well, and 0 of a number */
    RECORD_POINTER = 8, /* the member points to its struct; a list's elements do */
    RECORD_ENDED = 16,  /* a list of texts that ends with NULL instead of being counted */
    RECORD_HAS = 32,    /* null unless the bool at aux is set */
    RECORD_SIGNED = 64,
    RECORD_WIDE = 128,  /* hex with 8 digits at least */
    RECORD_ARRAY = 256, /* a list whose elements are in the struct itself */
    RECORD_NOT = 512,   /* a bool the other way round */
    RECORD_WHEN = 1024, /* null unless the pointer at aux is there */
};

struct record;

struct record_field {
    const char *key;
    enum record_kind kind;
    unsigned flags;
    size_t at, size; /* of the member: offset and bytes; of a list: bytes of an element */
    size_t aux; /* offset of the count of a list, or of the bool that says whether it is there */
    const struct record *record;
    const char *(*word)(int value);      /* of a RECORD_WORD; NULL: null */
    int words;                           /* values run from 0 to words - 1 */
    const char *(*of)(const void *what); /* of a RECORD_CALLED; NULL: null */
    bool (*test)(int value);             /* of a RECORD_BOOL that an enumeration answers */
    const void *(*get)(const void *row); /* of a RECORD_OBJECT that a function finds; NULL: null */
    void (*write)(struct json *j, const void *member);
    uint64_t mask;
    const char *choices; /* all values of a text: "valid|broken", or JSON types of a RECORD_OTHER */
    const char *help;    /* what it means, one line without a full stop; Markdown */
};

struct record {
    const char *name; /* names the definition in the schema */
    size_t size;      /* of the struct, for a test that each list is of that struct */
    const struct record_field *fields;
    size_t count;
};

#define RECORD(name_, type, list)                                                                  \
    {                                                                                              \
        name_, sizeof(type), list, sizeof(list) / sizeof *(list)                                   \
    }

/* ---- rows: each checks that the member is of the kind it says ------------------------------- */

#define R_AT(t, m) offsetof(t, m)
#define R_MEMBER(t, m) (((const t *)0)->m)
#define R_TEXT_AT(t, m)                                                                            \
    (offsetof(t, m) +                                                                              \
     0 * sizeof(_Generic(&R_MEMBER(t, m), char *const * : 0, const char *const * : 0)))
#define R_SIGN(t, m)                                                                               \
    _Generic(R_MEMBER(t, m), signed char                                                           \
             : RECORD_SIGNED, short                                                                \
             : RECORD_SIGNED, int                                                                  \
             : RECORD_SIGNED, long                                                                 \
             : RECORD_SIGNED, long long                                                            \
             : RECORD_SIGNED, bool : 0, unsigned char : 0, unsigned short : 0, unsigned : 0,       \
               unsigned long : 0, unsigned long long : 0)
#define R_SIZE(t, m) sizeof R_MEMBER(t, m)
#define R_COUNT(t, m) (offsetof(t, m) + 0 * sizeof(_Generic(&R_MEMBER(t, m), const size_t * : 0)))
#define R_BOOL_AT(t, m) (offsetof(t, m) + 0 * sizeof(_Generic(&R_MEMBER(t, m), const bool * : 0)))

#define R_ROW(key_, kind_, flags_, at_, help_, ...)                                                \
    {                                                                                              \
        .key = (key_), .kind = (kind_), .flags = (flags_), .at = (at_), .help = (help_),           \
        __VA_ARGS__                                                                                \
    }

/* A text that is always there. */
#define R_TEXT(key, t, m, help) R_ROW(key, RECORD_TEXT, 0, R_TEXT_AT(t, m), help, .size = 0)
/* NULL is null. */
#define R_TEXT_OR_NULL(key, t, m, help)                                                            \
    R_ROW(key, RECORD_TEXT, RECORD_NULL, R_TEXT_AT(t, m), help, .size = 0)
/* "" and NULL are null. */
#define R_FILLED(key, t, m, help)                                                                  \
    R_ROW(key, RECORD_TEXT, RECORD_NULL | RECORD_EMPTY, R_TEXT_AT(t, m), help, .size = 0)
/* One of "a|b|c". */
#define R_CHOICE(key, t, m, all, help)                                                             \
    R_ROW(key, RECORD_TEXT, 0, R_TEXT_AT(t, m), help, .choices = (all))
#define R_CHOICE_OR_NULL(key, t, m, all, help)                                                     \
    R_ROW(key, RECORD_TEXT, RECORD_NULL, R_TEXT_AT(t, m), help, .choices = (all))
#define R_CHARS(key, t, m, help) R_ROW(key, RECORD_CHARS, 0, R_AT(t, m), help, .size = R_SIZE(t, m))
#define R_CHARS_OR_NULL(key, t, m, help)                                                           \
    R_ROW(key, RECORD_CHARS, RECORD_NULL | RECORD_EMPTY, R_AT(t, m), help, .size = R_SIZE(t, m))
#define R_NUMBER(key, t, m, help)                                                                  \
    R_ROW(key, RECORD_NUMBER, R_SIGN(t, m), R_AT(t, m), help, .size = R_SIZE(t, m))
/* Negative is null. */
#define R_COUNTED(key, t, m, help)                                                                 \
    R_ROW(key, RECORD_NUMBER, R_SIGN(t, m) | RECORD_NULL, R_AT(t, m), help, .size = R_SIZE(t, m))
/* 0 is null. */
#define R_NONZERO(key, t, m, help)                                                                 \
    R_ROW(key, RECORD_NUMBER, R_SIGN(t, m) | RECORD_NULL | RECORD_EMPTY, R_AT(t, m), help,         \
          .size = R_SIZE(t, m))
/* An unsigned number read as a signed one. */
#define R_SIGNED(key, t, m, help)                                                                  \
    R_ROW(key, RECORD_NUMBER, RECORD_SIGNED, R_AT(t, m), help, .size = R_SIZE(t, m))
/* null unless the bool member has is set. */
#define R_NUMBER_IF(key, t, m, has, help)                                                          \
    R_ROW(key, RECORD_NUMBER, R_SIGN(t, m) | RECORD_HAS, R_AT(t, m), help, .size = R_SIZE(t, m),   \
          .aux = R_BOOL_AT(t, has))
#define R_BOOL(key, t, m, help)                                                                    \
    R_ROW(key, RECORD_BOOL, 0, R_BOOL_AT(t, m), help, .size = sizeof(bool))
#define R_NOT(key, t, m, help)                                                                     \
    R_ROW(key, RECORD_BOOL, RECORD_NOT, R_BOOL_AT(t, m), help, .size = sizeof(bool))
/* 0: no, 1: yes, 2: not known, null. */
#define R_MAYBE(key, t, m, help)                                                                   \
    R_ROW(key, RECORD_MAYBE, RECORD_NULL, R_AT(t, m), help, .size = R_SIZE(t, m))
/* What fn says of the pointer that the member is. */
#define R_CALLED(key, t, m, fn, all, help)                                                         \
    R_ROW(key, RECORD_CALLED, RECORD_POINTER, R_AT(t, m), help, .of = (fn), .choices = (all))
#define R_CALLED_OR_NULL(key, t, m, fn, all, help)                                                 \
    R_ROW(key, RECORD_CALLED, RECORD_POINTER | RECORD_NULL, R_AT(t, m), help, .of = (fn),          \
          .choices = (all))
/* What fn says of the struct. */
#define R_SAID(key, fn, all, help)                                                                 \
    R_ROW(key, RECORD_CALLED, 0, 0, help, .of = (fn), .choices = (all))
#define R_SAID_OR_NULL(key, fn, all, help)                                                         \
    R_ROW(key, RECORD_CALLED, RECORD_NULL, 0, help, .of = (fn), .choices = (all))
/* What fn answers for the enumeration. */
#define R_TEST(key, t, m, fn, help)                                                                \
    R_ROW(key, RECORD_BOOL, R_SIGN(t, m), R_AT(t, m), help, .size = R_SIZE(t, m), .test = (fn))
#define R_BIT(key, t, m, bits, help)                                                               \
    R_ROW(key, RECORD_BOOL, R_SIGN(t, m), R_AT(t, m), help, .size = R_SIZE(t, m), .mask = (bits))
/* An enumeration: fn names its values 0 to count - 1. */
#define R_WORD(key, t, m, fn, count_, help)                                                        \
    R_ROW(key, RECORD_WORD, R_SIGN(t, m), R_AT(t, m), help, .size = R_SIZE(t, m), .word = (fn),    \
          .words = (count_))
#define R_WORD_OR_NULL(key, t, m, fn, count_, help)                                                \
    R_ROW(key, RECORD_WORD, R_SIGN(t, m) | RECORD_NULL, R_AT(t, m), help, .size = R_SIZE(t, m),    \
          .word = (fn), .words = (count_))
#define R_DATE(key, t, m, help)                                                                    \
    R_ROW(key, RECORD_DATE, RECORD_NULL,                                                           \
          offsetof(t, m) + 0 * sizeof(_Generic(R_MEMBER(t, m), int64_t : 0)), help, .size = 8)
/* "0x2a": numbers of JSON do not keep 64 bits in every reader. */
#define R_HEX(key, t, m, help) R_ROW(key, RECORD_HEX, 0, R_AT(t, m), help, .size = R_SIZE(t, m))
#define R_HEX8(key, t, m, help)                                                                    \
    R_ROW(key, RECORD_HEX, RECORD_WIDE, R_AT(t, m), help, .size = R_SIZE(t, m))
/* 0 is null. */
#define R_HEX_OR_NULL(key, t, m, help)                                                             \
    R_ROW(key, RECORD_HEX, RECORD_NULL, R_AT(t, m), help, .size = R_SIZE(t, m))
#define R_HEX_IF(key, t, m, has, help)                                                             \
    R_ROW(key, RECORD_HEX, RECORD_HAS, R_AT(t, m), help, .size = R_SIZE(t, m),                     \
          .aux = R_BOOL_AT(t, has))
#define R_TEXTS(key, t, m, n, help)                                                                \
    R_ROW(key, RECORD_TEXTS, 0, R_AT(t, m), help, .aux = R_COUNT(t, n))
#define R_TEXTS_ENDED(key, t, m, help)                                                             \
    R_ROW(key, RECORD_TEXTS, RECORD_ENDED, R_AT(t, m), help, .size = 0)
/* The member is the struct. */
#define R_OBJECT(key, t, m, of, help)                                                              \
    R_ROW(key, RECORD_OBJECT, 0, R_AT(t, m), help, .size = R_SIZE(t, m), .record = (of))
/* The same; null unless the pointer when is there. */
#define R_OBJECT_WHEN(key, t, m, when, of, help)                                                   \
    R_ROW(key, RECORD_OBJECT, RECORD_WHEN | RECORD_NULL, R_AT(t, m), help, .size = R_SIZE(t, m),   \
          .aux = R_AT(t, when), .record = (of))
/* What fn finds for the struct, of type what; NULL is null. */
#define R_FOUND(key, what, fn, of_, help)                                                          \
    R_ROW(key, RECORD_OBJECT, RECORD_NULL, 0, help, .size = sizeof(what), .get = (fn),             \
          .record = (of_))
/* An object made of members of the same struct. */
#define R_SELF(key, t, of, help)                                                                   \
    R_ROW(key, RECORD_OBJECT, 0, 0, help, .size = sizeof(t), .record = (of))
/* The member points to it; NULL is null. */
#define R_REF(key, t, m, of, help)                                                                 \
    R_ROW(key, RECORD_OBJECT, RECORD_POINTER | RECORD_NULL, R_AT(t, m), help,                      \
          .size = sizeof *R_MEMBER(t, m), .record = (of))
/* Likewise, and it is never NULL. */
#define R_SURE(key, t, m, of, help)                                                                \
    R_ROW(key, RECORD_OBJECT, RECORD_POINTER, R_AT(t, m), help, .size = sizeof *R_MEMBER(t, m),    \
          .record = (of))
#define R_LIST(key, t, m, n, of, help)                                                             \
    R_ROW(key, RECORD_LIST, 0, R_AT(t, m), help, .size = sizeof *R_MEMBER(t, m),                   \
          .aux = R_COUNT(t, n), .record = (of))
/* The elements are pointers. */
#define R_REFS(key, t, m, n, of, help)                                                             \
    R_ROW(key, RECORD_LIST, RECORD_POINTER, R_AT(t, m), help, .size = sizeof **R_MEMBER(t, m),     \
          .aux = R_COUNT(t, n), .record = (of))
/* The member is an array of them, of which the first n are there. */
#define R_ARRAY(key, t, m, n, of, help)                                                            \
    R_ROW(key, RECORD_LIST, RECORD_ARRAY, R_AT(t, m), help, .size = sizeof R_MEMBER(t, m)[0],      \
          .aux = R_COUNT(t, n), .record = (of))
#define R_INLINE(t, m, of)                                                                         \
    R_ROW(NULL, RECORD_INLINE, 0, R_AT(t, m), "", .size = R_SIZE(t, m), .record = (of))
#define R_HERE(t, of) R_ROW(NULL, RECORD_INLINE, 0, 0, "", .size = sizeof(t), .record = (of))
#define R_INLINE_REF(t, m, of)                                                                     \
    R_ROW(NULL, RECORD_INLINE, RECORD_POINTER, R_AT(t, m), "", .size = sizeof *R_MEMBER(t, m),     \
          .record = (of))
/* The fields of what fn finds for the struct; never NULL. */
#define R_INLINE_FOUND(what, fn, of_)                                                              \
    R_ROW(NULL, RECORD_INLINE, 0, 0, "", .size = sizeof(what), .get = (fn), .record = (of_))
/* Written by fn, which is given the member's address; types: "object|null". */
#define R_OTHER(key, t, m, fn, types, help)                                                        \
    R_ROW(key, RECORD_OTHER, 0, R_AT(t, m), help, .write = (fn), .choices = (types))

#define RECORD_ANY "object|array|string|integer|boolean|null"
/* For R_OTHER: the member is a const struct dext_node *; NULL is null (node_value.h). */
void record_write_value(struct json *j, const void *member);

/* ---- a document and its lines --------------------------------------------------------------- */

enum record_place {
    RECORD_ITEMS,  /* a list of records under the part's name; in ndjson a line each */
    RECORD_PART,   /* one record under the part's name; a line when it has a type */
    RECORD_FIELDS, /* the record's fields stand in the document itself; a line when it has a type */
    RECORD_LINE,   /* in ndjson alone */
};

struct record_part {
    const char *name; /* key in the document, or the type where it has no key */
    enum record_place place;
    const char *type; /* of the line in ndjson; NULL: it is not there */
    const struct record *record;
    bool optional; /* some documents of the command are without it */
    const char *help;
};

struct record_form {
    const char *command;
    unsigned version;
    const struct record_part *parts; /* in the order of the document */
    size_t count;
    bool file; /* no answer to anybody: a file that dextctl reads again */
    bool bare; /* another tool's form: json is an array of its parts' records, ndjson a line each,
                  without schema, type and what could not be read. Parts are RECORD_PART, or
                  RECORD_LINE: in ndjson alone */
};

#define RECORD_FORM(command_, version_, parts_)                                                    \
    {                                                                                              \
        command_, version_, parts_, sizeof(parts_) / sizeof *(parts_), false, false                \
    }
#define RECORD_BARE(command_, version_, parts_)                                                    \
    {                                                                                              \
        command_, version_, parts_, sizeof(parts_) / sizeof *(parts_), false, true                 \
    }
#define RECORD_FILE(command_, version_, parts_)                                                    \
    {                                                                                              \
        command_, version_, parts_, sizeof(parts_) / sizeof *(parts_), true, false                 \
    }

struct record_out {
    struct json json;
    bool lines;
    const struct app *app;
    const struct record_form *form;
    const struct record_part *part; /* the list that is open, or NULL */
    char schema[40];
};

/* Lines are written when app->face is FACE_NDJSON, else a document. */
void record_begin(struct record_out *o, const struct app *app, const struct record_form *form);
/* The same, as lines or not whatever the format is. */
void record_begin_as(struct record_out *o, const struct app *app, const struct record_form *form,
                     bool lines);
/* Opens the list called name; an open one ends. */
void record_list(struct record_out *o, const char *name);
void record_add(struct record_out *o, const void *item);
/* A part that is one record; of a bare form the next one. */
void record_put(struct record_out *o, const char *name, const void *item);
/* Ends with `unread`: what could not be read (dext_ctx_unread). In ndjson a line each; what another
 * document of this run has told is left out there. */
void record_end(struct record_out *o);

/* The document of a command that had nothing to work on: `unread` alone. Nothing for a bare form.
 */
void record_unanswered(const struct app *app, const struct record_form *form);

/* The part that a form has besides its own; NULL for another tool's form, and for a file of ours
 * (app->ctx is NULL then). */
const struct record_part *record_unread(const struct record_form *form);

/* "dextctl.signature/1"; out has room for 40. */
void record_schema_name(const struct record_form *form, char *out);

/* The JSON Schema of the document and of each line. (record_schema.c) */
void record_schema(FILE *out, const struct record_form *form);
/* The fields as tables of Markdown. (record_docs.c) */
void record_docs(FILE *out, const struct record_form *form);

#endif
