/* bplist.h: a binary property list as a table of objects, looked at where it lies: nothing is
 * unfolded, so that shared references cost nothing. Layout: CoreFoundation's CFBinaryPList.c
 * (CF-1153). */
#ifndef DX_PLIST_BPLIST_H
#define DX_PLIST_BPLIST_H

#include "base/source.h"
#include "base/str.h"

struct dx_bplist {
    struct dext_ctx *ctx;
    const struct dx_source *src;
    const unsigned char *p;
    uint64_t count, top; /* objects; the number of the outermost */
    uint64_t table;      /* where the offsets of the objects stand: objects end there */
    unsigned offset_size, ref_size;
};

enum dx_bplist_type {
    DX_BPLIST_SINGLE = 0, /* null, false (length 8), true (length 9) */
    DX_BPLIST_INTEGER = 1,
    DX_BPLIST_REAL = 2,
    DX_BPLIST_DATE = 3,
    DX_BPLIST_DATA = 4,
    DX_BPLIST_ASCII = 5,
    DX_BPLIST_UTF16 = 6,
    DX_BPLIST_UID = 8,
    DX_BPLIST_ARRAY = 10,
    DX_BPLIST_SET = 12,
    DX_BPLIST_DICT = 13,
};

struct dx_bobject {
    unsigned type;   /* enum dx_bplist_type, or a number that is none */
    uint64_t length; /* elements; entries of a dictionary; for small types the low four bits */
    uint64_t at;     /* where its content begins in the source */
};

/* Reads the trailer. Errors: DEXT_E_FORMAT, DEXT_E_LIMIT (more objects than limits.plist_nodes). */
int dx_bplist_open(struct dx_bplist *b, struct dext_ctx *ctx, const struct dx_source *src);

/* Errors: DEXT_E_FORMAT, with text. All of its content lies in the file then. */
int dx_bplist_object(const struct dx_bplist *b, uint64_t object, struct dx_bobject *out);

/* "PATH: object N of the binary property list WHAT"; returns DEXT_E_FORMAT. */
int dx_bplist_bad(const struct dx_bplist *b, uint64_t object, const char *what);

/* Element i of an array, or key i of a dictionary; its value is element length + i. The number may
 * be that of no object: dx_bplist_object tells. */
uint64_t dx_bplist_ref(const struct dx_bplist *b, const struct dx_bobject *o, uint64_t i);

/* binary.c: a string (or key) as UTF-8: in the source, or in the context's arena. Of other types,
 * its bytes. */
struct dx_str dx_bplist_text(const struct dx_bplist *b, const struct dx_bobject *o);

uint64_t dx_bplist_number(const unsigned char *p, unsigned n); /* big endian */

#endif
