/* workers.h: the same work on many things, on all processors. What is done must not depend on who
 * does it, nor on the order: each thing is taken once, the caller's thread works too, and when it
 * comes back all is done. */
#ifndef DX_BASE_WORKERS_H
#define DX_BASE_WORKERS_H

#include <stddef.h>

#define DX_MOST_WORKERS 64

/* How many there are to be: jobs, or, for 0, the processors that this process may use. 1 or more,
 * DX_MOST_WORKERS at most. */
unsigned dx_workers(unsigned jobs);

/* One of things 0 ... count - 1; worker is below the number of workers, one thing at a time each.
 */
typedef void dx_work(void *user, unsigned worker, size_t i);
void dx_work_on(unsigned workers, size_t count, dx_work *work, void *user);

#endif
