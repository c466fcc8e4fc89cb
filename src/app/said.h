/* said.h: what was told already: lines on stderr, so that what several met is told once, and on
 * stdout. */
#ifndef APP_SAID_H
#define APP_SAID_H

#include <stdbool.h>
#include <stddef.h>

struct said;

struct said *said_new(void);
void said_free(struct said *said);
void said_keep(struct said *said, const char *text);
bool said_before(const struct said *said, const char *text);

/* A document of json, or lines of ndjson, were begun. */
void said_begin(struct said *said);
bool said_begun(const struct said *said);
/* How many of the context's unread are in them; count is the new number. */
size_t said_unread(struct said *said, size_t count);

#endif
