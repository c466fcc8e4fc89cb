/* dext/plist.h: a property list in which every key and value knows its place.
 *
 *     struct dext_plist *pl;
 *     if (dext_plist_read(&pl, ctx, "Info.plist") == DEXT_OK) {
 *         const struct dext_node *n = dext_node_at(dext_plist_root(pl), "IOKitPersonalities");
 *         struct dext_place at = dext_node_place(n);
 *     }
 *
 * XML, binary and OpenStep files give the same tree. Order and duplicate keys are kept. All results
 * are borrowed from the context. */
#ifndef DEXT_PLIST_H
#define DEXT_PLIST_H

#include <stdbool.h>

#include "dext/ctx.h"

#ifdef __cplusplus
extern "C" {
#endif

struct dext_plist;
struct dext_node;

enum dext_kind {
    DEXT_DICT,
    DEXT_ARRAY,
    DEXT_STRING,
    DEXT_INTEGER,
    DEXT_REAL,
    DEXT_BOOL,
    DEXT_DATE,
    DEXT_DATA,
    DEXT_UID, /* binary only, NSKeyedArchiver's references */
};

enum dext_plist_format { DEXT_PLIST_XML, DEXT_PLIST_BINARY, DEXT_PLIST_OPENSTEP };

/* Where something stands. line 0: no line (binary property lists). Columns count code points from
 * 1; offset and length count bytes and are valid when length is not 0. */
struct dext_place {
    unsigned line, column;
    size_t offset, length;
};

/* Reads a file. Syntax errors that leave something to read are kept as problems of the result and
 * do not make the call fail. Errors: DEXT_E_IO, DEXT_E_FORMAT, DEXT_E_LIMIT. */
DEXT_API int dext_plist_read(struct dext_plist **out, struct dext_ctx *ctx, const char *path);

/* The same for bytes in memory, which need not outlive the call. */
DEXT_API int dext_plist_parse(struct dext_plist **out, struct dext_ctx *ctx, const char *name,
                              const void *data, size_t size);

DEXT_API const struct dext_node *dext_plist_root(const struct dext_plist *pl);
DEXT_API enum dext_plist_format dext_plist_format(const struct dext_plist *pl);

/* Problem number i (from 0), or NULL: "value without a key" and the like, with its place. */
DEXT_API const char *dext_plist_problem(const struct dext_plist *pl, size_t i,
                                        struct dext_place *at);

DEXT_API enum dext_kind dext_node_kind(const struct dext_node *n);
DEXT_API const char *dext_kind_name(enum dext_kind kind);       /* "dictionary", "string", ... */
DEXT_API const char *dext_node_key(const struct dext_node *n);  /* NULL outside a dictionary */
DEXT_API const char *dext_node_text(const struct dext_node *n); /* scalar as text; "" otherwise */
DEXT_API size_t dext_node_length(const struct dext_node *n);    /* of that text, in bytes */
DEXT_API bool dext_node_bool(const struct dext_node *n);
DEXT_API int64_t dext_node_integer(const struct dext_node *n);
DEXT_API const struct dext_node *dext_node_child(const struct dext_node *n);
DEXT_API const struct dext_node *dext_node_next(const struct dext_node *n);

/* The node at a path of keys and array indexes, such as "IOKitPersonalities/My Driver/IOClass", or
 * NULL. Of a duplicated key the last one counts, as in CoreFoundation. */
DEXT_API const struct dext_node *dext_node_at(const struct dext_node *n, const char *path);

DEXT_API struct dext_place dext_node_place(const struct dext_node *n);     /* of the value */
DEXT_API struct dext_place dext_node_key_place(const struct dext_node *n); /* of its key */

#ifdef __cplusplus
}
#endif

#endif
