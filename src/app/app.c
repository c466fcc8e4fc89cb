#include "app/app.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/fold.h"
#include "app/mask.h"
#include "app/memory.h"
#include "app/path.h"
#include "app/said.h"
#include "app/term.h"

static const char *env(const char *name)
{
    const char *v = getenv(name);
    return v ? v : "";
}

/* A file that is mapped (lib/unified) and becomes shorter, or whose disk fails, is told by this
 * signal alone. Nothing half read is judged. */
static void bus_error(int number)
{
    static const char text[] =
        "dextctl: an input became shorter, or its disk failed, while it was being read\n";
    (void)number;
    (void)!write(STDERR_FILENO, text, sizeof text - 1);
    _exit(APP_UNREADABLE);
}

/* A sanitizer has its own word on it. */
static void watch_bus(void)
{
    struct sigaction now = {.sa_handler = bus_error}, old;
    if (sigaction(SIGBUS, NULL, &old) == 0 && old.sa_handler == SIG_DFL) {
        (void)sigaction(SIGBUS, &now, NULL);
    }
}

void app_open(struct app *app)
{
    *app = (struct app){.out = stdout, .err = stderr};
    /* A reader that goes away (| head) is no error: writes fail with EPIPE and we stop. */
    (void)signal(SIGPIPE, SIG_IGN);
    /* A file that may not grow further (ulimit -f) is told as a full disk is. */
    (void)signal(SIGXFSZ, SIG_IGN);
    watch_bus();
    app->ctx = dext_ctx_new(NULL);
    app->said = said_new();
    app->out_tty = isatty(STDOUT_FILENO) == 1;
    app->err_tty = isatty(STDERR_FILENO) == 1;
    app_set_colour(app, "auto");
    app->format = "human";
    app->width = term_window(STDOUT_FILENO);
    if (!app->width) {
        unsigned long columns = strtoul(env("COLUMNS"), NULL, 10);
        app->width = columns > 10000 ? 10000 : columns;
    }
}

void app_set_colour(struct app *app, const char *when)
{
    if (strcmp(when, "auto") != 0) {
        app->colour = strcmp(when, "always") == 0;
    } else if (*env("NO_COLOR")) {
        app->colour = false;
    } else if (*env("CLICOLOR_FORCE") && strcmp(env("CLICOLOR_FORCE"), "0") != 0) {
        app->colour = true;
    } else {
        const char *term = getenv("TERM");
        app->colour = app->out_tty && !(term && strcmp(term, "dumb") == 0);
    }
}

/* Whether nobody reads the other end any more. A write that failed long ago has left no errno. */
static bool reader_gone(FILE *out)
{
    struct pollfd p = {.fd = fileno(out), .events = POLLOUT};
    return poll(&p, 1, 0) == 1 && (p.revents & POLLERR) != 0;
}

/* Told already, or in the words of whoever tried to open what a look had failed at before. */
static bool told_before(const struct app *app, const char *line)
{
    static const char looked[] = ": cannot be looked at: ", opened[] = ": cannot be opened: ";
    const char *at = strstr(line, looked);
    if (!at) {
        return said_before(app->said, line);
    }
    size_t n = (size_t)(at - line), size = strlen(line) + 1;
    char *other = app_alloc(size);
    (void)snprintf(other, size, "%.*s%s%s", (int)n, line, opened, at + sizeof looked - 1);
    bool told = said_before(app->said, line) || said_before(app->said, other);
    free(other);
    return told;
}

/* One thing that could not be told forbids every other answer than APP_UNREADABLE. */
static int app_tell_unread(const struct app *app, int status)
{
    size_t count = app->ctx ? dext_ctx_unread_count(app->ctx) : 0;
    for (size_t i = 0; i < count; i++) {
        if (!told_before(app, dext_ctx_unread(app->ctx, i))) {
            app_error(app, "%s", dext_ctx_unread(app->ctx, i));
        }
    }
    if (path_lost()) {
        app_error(app, "the current folder cannot be told: %s", path_lost());
    }
    return count || path_lost() ? APP_UNREADABLE : status;
}

int app_close(struct app *app, int status)
{
    status = app_tell_unread(app, status);
    mask_close(app);
    fold_close(app);
    bool failed = app->lost || ferror(app->out) != 0;
    errno = 0;
    failed = fflush(app->out) != 0 || failed;
    int reason = errno;
    if (failed && reason != EPIPE && !reader_gone(app->out)) {
        app_error(app, "cannot write the result: %s",
                  reason ? strerror(reason) : "an earlier write failed");
        status = APP_UNREADABLE;
    }
    dext_ctx_free(app->ctx);
    app->ctx = NULL;
    said_free(app->said);
    app->said = NULL;
    return status;
}

static void vsay(const struct app *app, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

static void vsay(const struct app *app, const char *fmt, va_list ap)
{
    char text[8192];
    (void)vsnprintf(text, sizeof text, fmt, ap);
    said_keep(app->said, text);
    (void)fflush(app->out);
    (void)fputs("dextctl: ", app->err);
    char *shown = mask_text(app, text);
    term_line(app->err, shown);
    (void)fputc('\n', app->err);
    free(shown);
}

void app_error(const struct app *app, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsay(app, fmt, ap);
    va_end(ap);
}

void app_unread_line(const struct app *app, const char *file, const char *line)
{
    if (app->ctx) {
        dext_ctx_note_unread(app->ctx, file, line);
    }
    if (!said_before(app->said, line)) {
        app_error(app, "%s", line);
    }
}

void app_unread(const struct app *app, const char *file, const char *fmt, ...)
{
    char *why = NULL, *line = NULL;
    va_list ap;
    va_start(ap, fmt);
    bool made = vasprintf(&why, fmt, ap) >= 0;
    va_end(ap);
    if (!made || asprintf(&line, "%s: %s", file, why) < 0) {
        memory_out();
    }
    app_unread_line(app, file, line);
    free(line);
    free(why);
}

void app_unread_at(const struct app *app, const char *file, size_t line, int column,
                   const char *text)
{
    char *at = NULL;
    if ((column ? asprintf(&at, "%s:%zu:%d: %s", file, line, column, text)
                : asprintf(&at, "%s:%zu: %s", file, line, text)) < 0) {
        memory_out();
    }
    app_unread_line(app, file, at);
    free(at);
}

void app_unread_error(const struct app *app)
{
    if (dext_ctx_error(app->ctx)) {
        dext_ctx_note_error(app->ctx);
        app_error(app, "%s", dext_ctx_error(app->ctx));
        dext_ctx_clear(app->ctx);
    }
}

int app_usage_error(const struct app *app, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsay(app, fmt, ap);
    va_end(ap);
    (void)fputs("Try 'dextctl --help'.\n", app->err);
    return APP_USAGE;
}

bool app_read_stdin(const struct app *app, size_t limit, char **data, size_t *size)
{
    size_t cap = (size_t)64 * 1024, n = 0;
    char *p = app_alloc(cap + 1);
    for (;;) {
        if (n == cap) {
            cap *= 2;
            p = app_grow(p, cap + 1);
        }
        ssize_t got = read(STDIN_FILENO, p + n, cap - n);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            app_unread(app, "-", "cannot be read: %s", strerror(errno));
            free(p);
            return false;
        }
        if (got == 0) {
            break;
        }
        n += (size_t)got;
        if (n > limit) {
            app_unread(app, "-", "more than the %zu bytes that are read of an input", limit);
            free(p);
            return false;
        }
    }
    p[n] = 0;
    *data = p;
    *size = n;
    return true;
}

static void *or_die(void *p)
{
    if (!p) {
        memory_out();
    }
    return p;
}

void *app_alloc(size_t n)
{
    return or_die(calloc(1, n ? n : 1));
}

void *app_grow(void *p, size_t size)
{
    return or_die(realloc(p, size));
}

char *app_strdup(const char *s)
{
    return or_die(strdup(s));
}
