#include "view/file_watch.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#define NAP_MS 20 /* where nothing tells */

void file_watch_close(int watch)
{
    if (watch >= 0) {
        (void)close(watch);
    }
}

#if defined(__linux__)

#include <sys/inotify.h>

int file_watch_open(int fd, const char *path)
{
    (void)fd;
    int watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (watch >= 0 && inotify_add_watch(watch, path, IN_MODIFY | IN_ATTRIB | IN_MOVE_SELF) < 0) {
        (void)close(watch);
        watch = -1;
    }
    return watch;
}

void file_watch_wait(int watch, int ms)
{
    char events[4096];
    struct pollfd p = {.fd = watch, .events = POLLIN};
    if (watch < 0) {
        (void)poll(NULL, 0, ms < NAP_MS ? ms : NAP_MS);
    } else if (poll(&p, 1, ms) == 1) {
        while (read(watch, events, sizeof events) > 0) {
        }
        errno = 0;
    }
}

#elif defined(__APPLE__) || defined(__FreeBSD__) || defined(__NetBSD__) || defined(__OpenBSD__)

#include <stddef.h>
#include <sys/event.h>
#include <sys/time.h>

int file_watch_open(int fd, const char *path)
{
    (void)path;
    struct kevent e;
    int watch = kqueue();
    EV_SET(&e, fd, EVFILT_VNODE, EV_ADD | EV_CLEAR,
           NOTE_WRITE | NOTE_EXTEND | NOTE_DELETE | NOTE_RENAME | NOTE_ATTRIB, 0, NULL);
    if (watch >= 0 && kevent(watch, &e, 1, NULL, 0, NULL) < 0) {
        (void)close(watch);
        watch = -1;
    }
    return watch;
}

void file_watch_wait(int watch, int ms)
{
    struct kevent e;
    const struct timespec most = {ms / 1000, (long)(ms % 1000) * 1000000};
    if (watch < 0) {
        (void)poll(NULL, 0, ms < NAP_MS ? ms : NAP_MS);
    } else {
        (void)kevent(watch, NULL, 0, &e, 1, &most);
    }
}

#else

int file_watch_open(int fd, const char *path)
{
    (void)fd;
    (void)path;
    return -1;
}

void file_watch_wait(int watch, int ms)
{
    (void)watch;
    (void)poll(NULL, 0, ms < NAP_MS ? ms : NAP_MS);
}

#endif
