/* mkkb.h: what the parts of the generator share: rows as read, and complaints. */
#ifndef DX_DATA_MKKB_H
#define DX_DATA_MKKB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "schema.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define TABLES COUNT(tables)

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

/* The rows of each table of schema.h. */
extern struct rows all[];
extern unsigned errors;

/* "FILE:LINE: error: text"; the build stops at the end. */
void complain(const char *file, unsigned line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* p, unless memory is out. */
void *need(void *p);

size_t field_count(const struct table *t);
int field_index(const struct table *t, const char *name);

/* mkkb_read.c: the files of one table. */
void read_table(const char *dir, size_t index);

/* mkkb_write.c */
void write_header(FILE *h);
void write_tables(FILE *c);

#endif
