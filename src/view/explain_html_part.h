/* explain_html_part.h: inside of the page: what its parts share. */
#ifndef APP_EXPLAIN_HTML_PART_H
#define APP_EXPLAIN_HTML_PART_H

#include "dext/registry.h"
#include "view/explain_formats.h"

struct explain_page {
    const struct explain_out *o;
    FILE *out;
    char *file, *text; /* the input that was last read again, for the lines around */
    size_t size;
    struct dext_ctx *ctx; /* of the registry; NULL: none was given */
    struct dext_registry *registry;
    const char *dump;
};

/* Text of an input, masked when that was asked for. */
void explain_page_text(const struct explain_page *p, const char *text);
void explain_page_place(const struct explain_page *p, const struct dext_evidence *e);

/* explain_html_evidence.c: the line, with those around it where the file can be read again. */
void explain_page_evidence(struct explain_page *p, const struct dext_symptom *s, size_t section);

/* explain_html_registry.c */
void explain_page_open_registry(struct explain_page *p);
/* What a dump among the inputs shows of a driver; nothing without a dump. */
void explain_page_registry(const struct explain_page *p, const char *subject, const char *node);

#endif
