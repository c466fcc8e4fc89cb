#include "app/progress.h"

/* The library's callbacks share one user pointer, which belongs to the report: there is one line of
 * progress a process, so its state stands here. */
static struct progress *current;

static double since(const struct timespec *t)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - t->tv_sec) + (double)(now.tv_nsec - t->tv_nsec) / 1e9;
}

static void progress_show(void *user, size_t done, size_t total)
{
    (void)user;
    struct progress *p = current;
    if (!p || since(&p->begun) < 0.5 || since(&p->shown) < 0.1) {
        return;
    }
    (void)clock_gettime(CLOCK_MONOTONIC, &p->shown);
    (void)fprintf(p->app->err, "\r%s %zu of %zu\033[K", p->what, done, total);
    (void)fflush(p->app->err);
    p->drawn = true;
}

void progress_open(struct progress *p, const struct app *app, const char *what)
{
    *p = (struct progress){.app = app, .what = what};
    (void)clock_gettime(CLOCK_MONOTONIC, &p->begun);
    p->shown = p->begun;
    current = p;
}

void (*progress_callback(struct progress *p))(void *user, size_t done, size_t total)
{
    return p->app->err_tty && !p->app->quiet ? progress_show : NULL;
}

void progress_close(struct progress *p)
{
    if (p->drawn) {
        (void)fputs("\r\033[K", p->app->err);
    }
    current = NULL;
}
