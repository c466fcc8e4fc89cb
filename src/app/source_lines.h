/* source_lines.h: source lines of addresses, by a tool that reads DWARF. */
#ifndef APP_SOURCE_LINES_H
#define APP_SOURCE_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct source_line {
    char *function; /* in source form; "" */
    char *file;     /* as in the DWARF; "" */
    long line;      /* 0: not known */
    uint64_t start; /* of the function, in the file; 0: not told */
    bool inlined;   /* into the next one of the list */
};

/* Of one address, innermost first: functions that were inlined, then the one that holds them. */
struct source_lines {
    struct source_line *list;
    size_t count;
};

/* llvm-symbolizer, or a Mac's atos. Asks for count addresses of one slice, at most 1000; out[i] is
 * filled where the tool knows something. NULL, or why there are no lines. */
const char *source_lines_find(const char *file, const char *arch, uint64_t text_address,
                              const uint64_t *addresses, struct source_lines *out, size_t count);

void source_lines_free(struct source_lines *lines);

#endif
