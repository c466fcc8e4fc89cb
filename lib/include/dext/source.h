/* dext/source.h: the classes that a driver's sources declare, and where: what IOUserClass leads to.
 *
 *     struct dext_sources *s = dext_sources_new();
 *     dext_sources_add(s, "MyDriver");                   // a folder or a file
 *     struct dext_source_class c;
 *     if (dext_sources_class(s, "MyDriver", &c)) { go(c.file, c.line, c.column); }
 *     dext_sources_free(s);
 *
 * .iig files, headers and C++ are read without a compiler; what no build compiles is left out. */
#ifndef DEXT_SOURCE_H
#define DEXT_SOURCE_H

#include <stdbool.h>

#include "dext/ctx.h"

#ifdef __cplusplus
extern "C" {
#endif

struct dext_sources;

/* Texts are borrowed until dext_sources_free. */
struct dext_source_class {
    const char *name, *super; /* super: the first one, "" when there is none */
    const char *file;
    unsigned line, column; /* of the name, 1-based; the column in bytes */
    size_t offset;         /* of the name in the file, in bytes */
    bool iig;              /* declared in an .iig, so that the kernel can ask for it */
};

/* Owned by the caller. NULL: no memory. */
DEXT_API struct dext_sources *dext_sources_new(void);
DEXT_API void dext_sources_free(struct dext_sources *s);

/* The file called path has these bytes, whatever is on disk (a text that is being edited). Before
 * it is added; the bytes are copied. */
DEXT_API void dext_sources_set_text(struct dext_sources *s, const char *path, const void *data,
                                    size_t size);

/* A file, or what lies below a folder (links, tests and folders of others' or built code are passed
 * over; the first 3000 files count). What cannot be read is left out. */
DEXT_API void dext_sources_add(struct dext_sources *s, const char *path);

/* The class of that name, an .iig's before others; false: it is not declared here. */
DEXT_API bool dext_sources_class(const struct dext_sources *s, const char *name,
                                 struct dext_source_class *out);

/* Class i in the order of the files; false past the end. */
DEXT_API bool dext_sources_class_at(const struct dext_sources *s, size_t i,
                                    struct dext_source_class *out);

#ifdef __cplusplus
}
#endif

#endif
