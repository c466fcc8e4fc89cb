/* text.h: the text of an open file, and its two ways of counting: bytes, as libdext counts, and
 * lines with UTF-16 units, as the protocol does (LSP 3.17, "Position"). */
#ifndef LSP_TEXT_H
#define LSP_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct lsp_text {
    char *data; /* malloc'd; data[size] is 0 */
    size_t size;
    size_t *starts; /* offset of each line's first byte */
    size_t lines;
};

struct lsp_position {
    unsigned line, character; /* from 0; character counts UTF-16 units */
};

/* Takes a copy. */
void lsp_text_set(struct lsp_text *t, const char *data, size_t size);
/* Replaces the bytes from offset from to offset to. */
void lsp_text_replace(struct lsp_text *t, size_t from, size_t to, const char *data, size_t size);
void lsp_text_free(struct lsp_text *t);

/* A position past a line's end is that end, one past the text is the text's end. */
size_t lsp_text_offset(const struct lsp_text *t, struct lsp_position at);
struct lsp_position lsp_text_position(const struct lsp_text *t, size_t offset);

/* Offset of line (from 1) and column (from 1, in code points), as libdext tells places. */
size_t lsp_text_place(const struct lsp_text *t, unsigned line, unsigned column);
/* Offset of the end of the line that holds offset, without its line break. */
size_t lsp_text_line_end(const struct lsp_text *t, size_t offset);
size_t lsp_text_line_start(const struct lsp_text *t, size_t offset);

#endif
