#include "view/explain_follow.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "view/explain_formats.h"
#include "view/file_watch.h"

#define CHUNK_BYTES ((size_t)64 << 10)
#define QUIET_MS 30      /* without a new line: what is there is complete */
#define IDLE_MS 250      /* between two looks at what waits, while nothing comes */
#define BUSY_MS 500      /* between two judgements of a stream that never pauses */
#define PATIENCE_MS 3000 /* an effect waits this long for its cause */
#define MOST_TOLD 1024

/* A verdict that was seen in the stream. */
struct told {
    char *subject;
    const char *symptom; /* text of the knowledge base, which stays */
    int64_t since;       /* milliseconds */
    bool said, waits, over;
};

struct follow {
    struct dext_explain *x;
    struct explain_out *o;
    struct dext_explanation *result;
    struct told *told;
    size_t count, said;
    int64_t judged;
};

static int64_t now_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* A driver may get its name later than its first failure. */
static bool is_of(const struct told *t, const struct dext_verdict *v)
{
    return strcmp(t->symptom, v->root->id) == 0 &&
           (strcmp(t->subject, v->subject) == 0 || !*t->subject);
}

static struct told *explain_follow_known(struct follow *f, const struct dext_verdict *v)
{
    for (size_t i = 0; i < f->count; i++) {
        if (is_of(&f->told[i], v)) {
            if (!*f->told[i].subject && *v->subject) {
                free(f->told[i].subject);
                f->told[i].subject = app_strdup(v->subject);
            }
            return &f->told[i];
        }
    }
    if (f->count == MOST_TOLD) {
        return NULL;
    }
    f->told[f->count] =
        (struct told){app_strdup(v->subject), v->root->id, now_ms(), false, false, false};
    return &f->told[f->count++];
}

/* A Start that succeeded takes the verdict back. */
static void say_what_is_over(struct follow *f)
{
    for (size_t i = 0; i < f->count; i++) {
        struct told *t = &f->told[i];
        bool there = false;
        for (size_t k = 0; k < f->result->verdict_count; k++) {
            there |= strcmp(f->result->verdicts[k].subject, t->subject) == 0;
        }
        if (t->said && !t->over && !there) {
            explain_over(f->o, t->subject, t->symptom);
        }
        t->over = !there;
    }
}

static void speak(struct follow *f, bool last)
{
    int64_t now = now_ms();
    dext_explain_result(f->x, f->result);
    for (size_t i = 0; i < f->result->verdict_count; i++) {
        const struct dext_verdict *v = &f->result->verdicts[i];
        struct told *t = explain_follow_known(f, v);
        bool ripe =
            last || strcmp(v->root->role, "cause") == 0 || (t && now - t->since >= PATIENCE_MS);
        if (t && ripe && !t->said) {
            t->said = true;
            explain_cause(f->o, v, ++f->said);
        } else if (t && !ripe && !t->waits) {
            t->waits = true;
            explain_waits(f->o, v->subject, v->root->id);
        }
    }
    say_what_is_over(f);
    (void)fflush(f->o->app->out);
    f->judged = now;
}

/* ---- the stream ---------------------------------------------------------------------------- */

static volatile sig_atomic_t stopped;

static void explain_follow_on_signal(int number)
{
    (void)number;
    stopped = 1;
}

/* An interrupt ends the following, not the report: that is written in every format. */
static void catch_signals(struct sigaction before[2])
{
    const struct sigaction stop = {.sa_handler = explain_follow_on_signal}; /* no SA_RESTART */
    stopped = 0;
    (void)sigaction(SIGINT, &stop, &before[0]);
    (void)sigaction(SIGTERM, &stop, &before[1]);
}

static void release_signals(const struct sigaction before[2])
{
    (void)sigaction(SIGINT, &before[0], NULL);
    (void)sigaction(SIGTERM, &before[1], NULL);
}

struct source {
    const struct app *app;
    const char *path;
    int fd, watch;
    bool file; /* has a name, and may grow, shrink or be replaced */
    bool gone; /* told */
};

/* Whoever read the output has gone, or it cannot be written: nobody waits for more. */
static bool nobody_reads(const struct app *app)
{
    struct pollfd p = {.fd = fileno(app->out), .events = POLLOUT};
    return ferror(app->out) != 0 ||
           (p.fd >= 0 && poll(&p, 1, 0) == 1 && (p.revents & (POLLERR | POLLHUP)) != 0);
}

static void source_reopen(struct source *s, int fd)
{
    (void)close(s->fd);
    file_watch_close(s->watch);
    s->fd = fd;
    s->watch = file_watch_open(fd, s->path);
    s->gone = false;
}

/* At the end of a file: what tail -F looks for. true: there may be more to read at once. */
static bool source_changed(struct source *s)
{
    struct stat own, named;
    off_t at = lseek(s->fd, 0, SEEK_CUR);
    if (fstat(s->fd, &own) == 0 && own.st_size < at) {
        app_error(s->app, "%s: was cut off; read again from its beginning", s->path);
        return lseek(s->fd, 0, SEEK_SET) == 0;
    }
    if (stat(s->path, &named) != 0) {
        if (!s->gone) {
            app_error(s->app, "%s: is gone; waiting for another of that name", s->path);
        }
        s->gone = true;
        return false;
    }
    if (named.st_dev == own.st_dev && named.st_ino == own.st_ino) {
        return false;
    }
    int fd = open(s->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return false;
    }
    app_error(s->app, "%s: another file has this name now; read from its beginning", s->path);
    source_reopen(s, fd);
    return true;
}

/* Bytes read; 0 at the end of the stream, -1 on failure; *quiet: nothing came for a while. fresh:
 * lines wait to be judged. */
static ssize_t wait_read(struct source *s, char *chunk, bool fresh, bool *quiet)
{
    const int ms = fresh ? QUIET_MS : IDLE_MS;
    bool waited = false;
    *quiet = false;
    while (!stopped) {
        struct pollfd p = {.fd = s->fd, .events = POLLIN};
        int ready = s->file ? 1 : poll(&p, 1, ms);
        if (ready == 0) {
            *quiet = true;
            return 0;
        }
        ssize_t got = ready < 0 ? -1 : read(s->fd, chunk, CHUNK_BYTES);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got == 0 && s->file && !waited) { /* it may grow */
            waited = !source_changed(s);
            if (waited) {
                file_watch_wait(s->watch, ms);
            }
            continue;
        }
        *quiet = got == 0 && s->file;
        return got;
    }
    return 0;
}

static bool read_on(struct follow *f, struct source *s)
{
    const struct app *app = f->o->app;
    char *chunk = app_alloc(CHUNK_BYTES);
    ssize_t got = 0;
    bool fresh = false; /* lines that were not judged yet */
    bool any = false, text = true, quiet;
    while (text && ((got = wait_read(s, chunk, fresh, &quiet)) > 0 || quiet)) {
        if (got > 0) {
            any = true;
            text = memchr(chunk, 0, (size_t)got) == NULL;
        }
        if (got > 0 && text) {
            (void)dext_explain_feed(f->x, chunk, (size_t)got);
            fresh = true;
        }
        if (quiet || now_ms() - f->judged >= BUSY_MS) {
            if (fresh) {
                dext_explain_flush(f->x, quiet);
            }
            fresh = fresh && !quiet;
            speak(f, false);
            if (nobody_reads(app)) {
                break;
            }
        }
    }
    free(chunk);
    if (got < 0) {
        app_unread(app, s->path, "cannot be read: %s", strerror(errno));
    } else if (!any || !text) {
        app_unread(app, s->path, any ? "not a text" : "it is empty");
    }
    return got >= 0 && any && text;
}

bool explain_follow(struct dext_explain *x, struct explain_out *o, struct dext_explanation *result,
                    const char *path, size_t *told)
{
    struct follow f = {.x = x, .o = o, .result = result, .judged = now_ms()};
    bool standard = strcmp(path, "-") == 0;
    struct sigaction before[2];
    int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        app_unread(o->app, path, "cannot be opened: %s", strerror(errno));
        return false;
    }
    catch_signals(before);
    f.told = app_alloc(MOST_TOLD * sizeof *f.told);
    dext_explain_begin(x, path);
    dext_explain_follow(x);
    struct stat st;
    struct source in = {.app = o->app, .path = path, .fd = fd, .watch = -1};
    /* What is redirected to standard input ends. */
    in.file = !standard && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    in.watch = in.file ? file_watch_open(fd, path) : -1;
    bool good = read_on(&f, &in);
    release_signals(before);
    file_watch_close(in.watch);
    (void)dext_explain_end(x);
    speak(&f, true);
    *told = f.said;
    for (size_t i = 0; i < f.count; i++) {
        free(f.told[i].subject);
    }
    free(f.told);
    if (!standard) {
        (void)close(in.fd);
    }
    return good;
}
