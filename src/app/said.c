#include "app/said.h"

#include <stdint.h>
#include <stdlib.h>

#include "app/app.h"

#define MOST 4096 /* lines: beyond these nobody compares */

/* Lines by their hash. */
struct said {
    uint64_t *list;
    size_t count;
    bool begun;
    size_t unread;
};

static uint64_t said_hash(const char *text)
{
    uint64_t h = 0xcbf29ce484222325U;
    for (; *text; text++) {
        h = (h ^ (unsigned char)*text) * 0x100000001b3U;
    }
    return h;
}

bool said_before(const struct said *said, const char *text)
{
    uint64_t h = said_hash(text);
    for (size_t i = 0; said && i < said->count; i++) {
        if (said->list[i] == h) {
            return true;
        }
    }
    return false;
}

void said_keep(struct said *said, const char *text)
{
    if (said && said->count < MOST) {
        if ((said->count & (said->count - 1)) == 0) {
            said->list = app_grow(said->list, (said->count * 2 + 1) * sizeof *said->list);
        }
        said->list[said->count++] = said_hash(text);
    }
}

void said_begin(struct said *said)
{
    if (said) {
        said->begun = true;
    }
}

bool said_begun(const struct said *said)
{
    return said && said->begun;
}

size_t said_unread(struct said *said, size_t count)
{
    size_t before = said ? said->unread : 0;
    if (said) {
        said->unread = count;
    }
    return before;
}

struct said *said_new(void)
{
    return app_alloc(sizeof(struct said));
}

void said_free(struct said *said)
{
    if (said) {
        free(said->list);
    }
    free(said);
}
