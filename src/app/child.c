#include "app/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "app/app.h"

/* ASan reserves terabytes of addresses. */
#if defined(__SANITIZE_ADDRESS__)
#define BOUND_MEMORY 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define BOUND_MEMORY 0
#endif
#endif
#ifndef BOUND_MEMORY
#define BOUND_MEMORY 1
#endif

/* For a program: the dSYM of a kernel has half a GB, mapped as a whole. */
#define MOST_MEMORY ((rlim_t)8 << 30)
#define MOST_MEMORY_CALL ((rlim_t)1 << 30)

/* In the child: streams to nowhere, limits. */
static void child_settle(int fd, unsigned seconds, rlim_t memory)
{
    int null = open("/dev/null", O_RDWR);
    if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(fd, STDOUT_FILENO) < 0 ||
        dup2(null, STDERR_FILENO) < 0) {
        _exit(126);
    }
    const struct rlimit core = {0, 0}, cpu = {seconds + 1, seconds + 1}, bytes = {memory, memory};
    (void)setrlimit(RLIMIT_CORE, &core);
    (void)setrlimit(RLIMIT_CPU, &cpu);
    if (BOUND_MEMORY) {
        (void)setrlimit(RLIMIT_AS, &bytes);
    }
}

static long left(const struct timespec *end)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (end->tv_sec - now.tv_sec) * 1000 + (end->tv_nsec - now.tv_nsec) / 1000000;
}

static const char *child_read_all(int fd, unsigned seconds, size_t most, struct child_output *out)
{
    struct timespec end;
    size_t cap = 4096;
    (void)clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += (time_t)seconds;
    out->data = app_grow(out->data, cap + 1);
    for (;;) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        long ms = left(&end);
        int ready = ms > 0 ? poll(&p, 1, (int)ms) : 0;
        if (ready < 0 && errno == EINTR) {
            continue;
        }
        if (ready <= 0) {
            return ready ? strerror(errno) : "took too long";
        }
        if (out->size == cap) {
            cap *= 2;
            out->data = app_grow(out->data, cap + 1);
        }
        ssize_t n = read(fd, out->data + out->size, cap - out->size);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return n ? strerror(errno) : NULL;
        }
        out->size += (size_t)n;
        if (out->size > most) {
            return "wrote too much";
        }
    }
}

static const char *child_finish(pid_t pid, int fd, unsigned seconds, size_t most,
                                struct child_output *out)
{
    int status = 0;
    const char *why = child_read_all(fd, seconds, most, out);
    out->data[out->size] = 0;
    (void)close(fd);
    if (why) {
        (void)kill(pid, SIGKILL);
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (why) {
        return why;
    }
    return WIFSIGNALED(status) ? "crashed" : WEXITSTATUS(status) ? "failed" : NULL;
}

/* 0 in the child; the parent's end of the pipe is *fd, the child's too. */
static pid_t child_start(int *fd, const char **why)
{
    int ends[2];
    if (pipe(ends) != 0) {
        *why = strerror(errno);
        return -1;
    }
    (void)fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    (void)fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    pid_t pid = fork();
    if (pid < 0) {
        *why = strerror(errno);
        (void)close(ends[0]);
        (void)close(ends[1]);
        return -1;
    }
    (void)close(ends[pid ? 1 : 0]);
    *fd = ends[pid ? 0 : 1];
    return pid;
}

const char *child_run(const char *const argv[], unsigned seconds, size_t most,
                      struct child_output *out)
{
    /* Not the caller's: llvm-symbolizer would ask a server that DEBUGINFOD_URLS names. */
    char locale[] = "LC_ALL=C", path[] = "PATH=/usr/bin:/bin";
    char *const environment[] = {locale, path, NULL};
    const char *why = NULL;
    int fd;
    *out = (struct child_output){app_alloc(1), 0};
    pid_t pid = child_start(&fd, &why);
    if (pid == 0) {
        child_settle(fd, seconds, MOST_MEMORY);
        (void)execve(argv[0], (char *const *)(uintptr_t)argv, environment);
        _exit(127);
    }
    return pid < 0 ? why : child_finish(pid, fd, seconds, most, out);
}

const char *child_call(void (*body)(int fd, const void *arg), const void *arg, unsigned seconds,
                       size_t most, struct child_output *out)
{
    const char *why = NULL;
    int fd;
    *out = (struct child_output){app_alloc(1), 0};
    pid_t pid = child_start(&fd, &why);
    if (pid == 0) {
        child_settle(fd, seconds, MOST_MEMORY_CALL);
        body(STDOUT_FILENO, arg);
        _exit(0);
    }
    return pid < 0 ? why : child_finish(pid, fd, seconds, most, out);
}

char *child_find(const char *name)
{
    const char *path = getenv("PATH");
    for (const char *s = path ? path : ""; *s;) {
        size_t n = strcspn(s, ":"), size = n + strlen(name) + 2;
        char *file = app_alloc(size);
        (void)snprintf(file, size, "%.*s/%s", (int)n, s, name);
        /* A relative folder would run what the current folder happens to hold. */
        if (n && *s == '/' && access(file, X_OK) == 0) {
            return file;
        }
        free(file);
        s += n + (s[n] == ':');
    }
    return NULL;
}
