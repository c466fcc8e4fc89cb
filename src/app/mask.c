#include "app/mask.h"

#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "dext/redact.h"

/* A line longer than this is cut where a word ends, so that memory stays bounded; what is masked is
 * shorter than a word, or stands on a line of a page that was made for people. */
#define LINE_MOST ((size_t)1 << 20)

struct mask {
    FILE *to; /* where app->out went */
    struct dext_redactor *redactor;
    char *held; /* what follows the last line end */
    size_t n, cap;
};

static bool hand_on(struct mask *m, size_t n)
{
    size_t size;
    char *safe = dext_redact(m->redactor, m->held, n, &size);
    bool done = fwrite(safe, 1, size, m->to) == size;
    free(safe);
    memmove(m->held, m->held + n, m->n - n);
    m->n -= n;
    return done && fflush(m->to) == 0;
}

/* Whether the value of what ends the line, n bytes with its end, stands on the next one. */
static bool mask_goes_on(const char *p, size_t n)
{
    return (n > 1 && p[n - 2] == '{') || (n > 6 && memcmp(p + n - 7, "</key>", 6) == 0);
}

/* How much of what is held is whole. */
static size_t mask_whole(const struct mask *m)
{
    size_t n = m->n;
    while (n && (m->held[n - 1] != '\n' || mask_goes_on(m->held, n))) {
        n--;
    }
    if (n || m->n < LINE_MOST) {
        return n;
    }
    for (n = m->n; n && !strchr(" \t,;<>", m->held[n - 1]); n--) {
    }
    return n ? n : m->n;
}

static bool mask_take(struct mask *m, const char *data, size_t size)
{
    if (m->n + size > m->cap) {
        m->cap = (m->n + size) * 2;
        m->held = app_grow(m->held, m->cap);
    }
    memcpy(m->held + m->n, data, size);
    m->n += size;
    size_t n = mask_whole(m);
    return n == 0 || hand_on(m, n);
}

#ifdef __APPLE__
static int mask_write(void *user, const char *data, int size)
{
    return size >= 0 && mask_take(user, data, (size_t)size) ? size : -1;
}

static FILE *mask_stream(struct mask *m)
{
    return funopen(m, NULL, mask_write, NULL, NULL);
}
#else
static ssize_t mask_write(void *user, const char *data, size_t size)
{
    return mask_take(user, data, size) ? (ssize_t)size : 0; /* 0 is an error to stdio */
}

static FILE *mask_stream(struct mask *m)
{
    return fopencookie(m, "w", (cookie_io_functions_t){.write = mask_write});
}
#endif

void mask_when(struct app *app, bool asked)
{
    if (!asked || app->mask) {
        return;
    }
    struct mask *m = app_alloc(sizeof *m);
    m->to = app->out;
    m->redactor = dext_redactor_new(app->ctx);
    app->mask = m;
    app->out = mask_stream(m);
    if (!app->out) {
        abort(); /* only memory can be missing */
    }
}

void mask_close(struct app *app)
{
    struct mask *m = app->mask;
    if (!m) {
        return;
    }
    bool failed = ferror(app->out) != 0;
    failed = fclose(app->out) != 0 || failed;
    failed = (m->n && !hand_on(m, m->n)) || failed;
    app->out = m->to;
    app->mask = NULL;
    app->lost = failed;
    dext_redactor_free(m->redactor);
    free(m->held);
    free(m);
}

char *mask_text(const struct app *app, const char *text)
{
    return app->mask ? dext_redact(app->mask->redactor, text, strlen(text), NULL)
                     : app_strdup(text);
}

char *mask_bytes(const struct app *app, const char *text, size_t *size)
{
    return app->mask ? dext_redact(app->mask->redactor, text, *size, size) : NULL;
}
