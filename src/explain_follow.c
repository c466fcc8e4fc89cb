#include "explain_follow.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "explain_formats.h"

#define CHUNK_BYTES ((size_t)64 << 10)
#define QUIET_MS 250     /* without a new line: what is there is complete */
#define BUSY_MS 500      /* between two judgements of a stream that never pauses */
#define PATIENCE_MS 3000 /* an effect waits this long for its cause */
#define MOST_TOLD 1024

/* A verdict that was seen in the stream. */
struct told {
    char *subject;
    const char *symptom; /* text of the knowledge base, which stays */
    int64_t since;       /* milliseconds */
    bool said, over;
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

static struct told *known(struct follow *f, const struct dext_verdict *v)
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
    f->told[f->count] = (struct told){app_strdup(v->subject), v->root->id, now_ms(), false, false};
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
        struct told *t = known(f, v);
        bool ripe =
            last || strcmp(v->root->role, "cause") == 0 || (t && now - t->since >= PATIENCE_MS);
        if (t && ripe && !t->said) {
            t->said = true;
            explain_cause(f->o, v, ++f->said);
        }
    }
    say_what_is_over(f);
    (void)fflush(f->o->app->out);
    f->judged = now;
}

/* Bytes read; 0 at the end of the stream, -1 on failure; *quiet: nothing came for a while. */
static ssize_t wait_read(int fd, bool file, char *chunk, bool *quiet)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    *quiet = false;
    for (;;) {
        int ready = file ? 1 : poll(&p, 1, QUIET_MS);
        if (ready == 0) {
            *quiet = true;
            return 0;
        }
        ssize_t got = ready < 0 ? -1 : read(fd, chunk, CHUNK_BYTES);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got == 0 && file) { /* it may grow */
            (void)poll(NULL, 0, QUIET_MS);
            *quiet = true;
        }
        return got;
    }
}

static bool read_on(struct follow *f, int fd, const char *path)
{
    struct stat st;
    bool named = fd != STDIN_FILENO; /* what is redirected to standard input ends */
    bool file = named && fstat(fd, &st) == 0 && S_ISREG(st.st_mode), quiet;
    char *chunk = app_alloc(CHUNK_BYTES);
    ssize_t got;
    bool fresh = false; /* lines that were not judged yet */
    bool any = false, text = true;
    while (text && ((got = wait_read(fd, file, chunk, &quiet)) > 0 || quiet)) {
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
        }
    }
    free(chunk);
    if (got < 0) {
        app_error(f->o->app, "%s: cannot be read: %s", path, strerror(errno));
    } else if (!any || !text) {
        app_error(f->o->app, any ? "%s: not a text" : "%s: it is empty", path);
    }
    return got >= 0 && any && text;
}

bool explain_follow(struct dext_explain *x, struct explain_out *o, struct dext_explanation *result,
                    const char *path, size_t *told)
{
    struct follow f = {.x = x, .o = o, .result = result, .judged = now_ms()};
    bool standard = strcmp(path, "-") == 0;
    int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        app_error(o->app, "%s: cannot be opened: %s", path, strerror(errno));
        return false;
    }
    f.told = app_alloc(MOST_TOLD * sizeof *f.told);
    dext_explain_begin(x, path);
    dext_explain_follow(x);
    bool good = read_on(&f, fd, path);
    (void)dext_explain_end(x);
    speak(&f, true);
    *told = f.said;
    for (size_t i = 0; i < f.count; i++) {
        free(f.told[i].subject);
    }
    free(f.told);
    if (!standard) {
        (void)close(fd);
    }
    return good;
}
