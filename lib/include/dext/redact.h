/* dext/redact.h: what names a person or a machine, masked before a text is passed on: accounts,
 * hosts, serial numbers, addresses, UUIDs and UDIDs, mail addresses, names in certificates. Bundle
 * ids, codes, versions and classes stay. The forms are rows of lib/data/redactions.rec.
 *
 *     struct dext_redactor *r = dext_redactor_new(ctx);
 *     char *safe = dext_redact(r, text, strlen(text), NULL); ... free(safe);
 *     dext_redactor_free(r);
 */
#ifndef DEXT_REDACT_H
#define DEXT_REDACT_H

#include <stdbool.h>

#include "dext/ctx.h"

#ifdef __cplusplus
extern "C" {
#endif

struct dext_redactor;

/* Lives until dext_redactor_free; to be used by one thread at a time. */
DEXT_API struct dext_redactor *dext_redactor_new(struct dext_ctx *ctx);
DEXT_API void dext_redactor_free(struct dext_redactor *r);

/* A copy of size bytes of text (any number of lines), masked, NUL-terminated; *out_size, where
 * asked for, is its length. malloc'd. What could not be looked through to its end (the work on one
 * text is bounded) is left out as a whole and says so: nothing unmasked comes back. */
DEXT_API char *dext_redact(struct dext_redactor *r, const char *text, size_t size,
                           size_t *out_size);

/* One form, as a script for sed -E needs it. Texts are constant. */
struct dext_redaction {
    const char *pattern; /* POSIX extended regular expression; group 1 stays */
    const char *mask;
    unsigned rest; /* the group that stays behind the mask; 0: none */
    bool value;    /* of a property list's <key> together with its value; else of one line */
};

/* In the order in which they are applied; false: there is no i-th. */
DEXT_API bool dext_redaction_at(size_t i, struct dext_redaction *out);

#ifdef __cplusplus
}
#endif

#endif
