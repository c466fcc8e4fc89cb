#include "app.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "term.h"

void app_open(struct app *app)
{
    *app = (struct app){.out = stdout, .err = stderr};
    /* A reader that goes away (| head) is no error: writes fail with EPIPE and we stop. */
    (void)signal(SIGPIPE, SIG_IGN);
    app->ctx = dext_ctx_new(NULL);
    app->out_tty = isatty(STDOUT_FILENO) == 1;
    app->err_tty = isatty(STDERR_FILENO) == 1;
    app_set_colour(app, "auto");
    app->format = "human";
}

static const char *env(const char *name)
{
    const char *v = getenv(name);
    return v ? v : "";
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

int app_close(struct app *app, int status)
{
    bool failed = ferror(app->out) != 0;
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
    return status;
}

static void vsay(const struct app *app, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

static void vsay(const struct app *app, const char *fmt, va_list ap)
{
    char text[4096];
    (void)vsnprintf(text, sizeof text, fmt, ap);
    (void)fflush(app->out);
    (void)fputs("dextctl: ", app->err);
    term_line(app->err, text);
    (void)fputc('\n', app->err);
}

void app_error(const struct app *app, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsay(app, fmt, ap);
    va_end(ap);
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
            app_error(app, "-: cannot be read: %s", strerror(errno));
            free(p);
            return false;
        }
        if (got == 0) {
            break;
        }
        n += (size_t)got;
        if (n > limit) {
            app_error(app, "-: more than the %zu bytes that are read of an input", limit);
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
        (void)fputs("dextctl: out of memory\n", stderr);
        exit(APP_UNREADABLE);
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
