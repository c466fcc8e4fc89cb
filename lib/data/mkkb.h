/* mkkb.h: inside of the generator. mkkb.c reads the files, mkkb_check.c holds the rows against
 * schema.h, mkkb_write.c writes C. A tool of the build: it prints and ends when it must. */
#ifndef DX_DATA_MKKB_H
#define DX_DATA_MKKB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "schema.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

struct row {
    const char *file;
    unsigned line;
    char *value[MOST_FIELDS]; /* lists: values joined by \x01 */
    long long number[MOST_FIELDS];
};

struct rows {
    struct row *row;
    size_t count, cap;
};

extern struct rows all[COUNT(tables)];

/* "FILE:LINE: error: ..."; the build stops at the end. */
void complain(const char *file, unsigned line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void *need(void *p);
size_t field_count(const struct table *t);
int field_index(const struct table *t, const char *name); /* -1: no such field */

void quote_texts(void); /* mkkb_quote.c, before they are checked */
void spell_codes(void); /* mkkb_codes.c, likewise */
/* A literal that was made of the name of a domain, whose codes are small numbers. */
bool is_domain_mark(const char *text, size_t n);
void check_tables(void);
void check_told(void); /* mkkb_told.c */ /* sorts them as well */

void write_header(FILE *h);
void write_rules(FILE *h);
void write_tables(FILE *c);
void write_pieces(FILE *c); /* mkkb_pieces.c */

#endif
