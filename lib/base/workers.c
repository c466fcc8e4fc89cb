#include "base/workers.h"

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <unistd.h>

unsigned dx_workers(unsigned jobs)
{
    long n = (long)jobs;
#ifdef __linux__
    cpu_set_t set; /* of a machine of 64, a container or taskset may leave two */
    if (!n && sched_getaffinity(0, sizeof set, &set) == 0) {
        n = CPU_COUNT(&set);
    }
#endif
    n = n ? n : sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : n > DX_MOST_WORKERS ? DX_MOST_WORKERS : (unsigned)n;
}

struct works {
    dx_work *work;
    void *user;
    size_t count, next;
};

struct workers_one {
    struct works *all;
    unsigned number;
    pthread_t thread;
};

static void *workers_loop(void *user)
{
    const struct workers_one *me = user;
    struct works *w = me->all;
    size_t i;
    while ((i = __atomic_fetch_add(&w->next, 1, __ATOMIC_RELAXED)) < w->count) {
        w->work(w->user, me->number, i);
    }
    return NULL;
}

void dx_work_on(unsigned workers, size_t count, dx_work *work, void *user)
{
    struct works w = {.work = work, .user = user, .count = count};
    struct workers_one all[DX_MOST_WORKERS] = {{.all = &w}};
    unsigned started = 1;
    while (started < workers && started < DX_MOST_WORKERS && started < count) {
        all[started] = (struct workers_one){.all = &w, .number = started};
        if (pthread_create(&all[started].thread, NULL, workers_loop, &all[started]) != 0) {
            break; /* fewer, or the caller alone, do the same */
        }
        started++;
    }
    (void)workers_loop(&all[0]);
    for (unsigned i = 1; i < started; i++) {
        (void)pthread_join(all[i].thread, NULL);
    }
}
