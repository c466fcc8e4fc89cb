/* Loaded before the C library (LD_PRELOAD): the n-th call of one kind fails, or, with COUNT, calls
 * are counted. Linux and glibc.
 *
 * TORTURE_KIND: memory | read | short | readdir | stat | open | write | thread | map | shrink |
 * close
 *
 * TORTURE_NTH: which call fails, from 1; 0: none
 *
 * TORTURE_COUNT: file that gets the number of calls made */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *kind;
static long nth;
static const char *count_file;
static atomic_long calls;
static pid_t self;

/* Whether this call is the one that fails. */
static bool strike(const char *what)
{
    if (!kind || strcmp(kind, what) != 0) {
        return false;
    }
    return atomic_fetch_add(&calls, 1) + 1 == nth;
}

static void *next(const char *name)
{
    void *p = dlsym(RTLD_NEXT, name);
    if (!p) {
        static const char text[] = "torture: a function is missing\n";
        (void)!write(STDERR_FILENO, text, sizeof text - 1);
        _exit(99);
    }
    return p;
}
#define NEXT(ret, name, ...)                                                                       \
    static ret (*real)(__VA_ARGS__);                                                               \
    if (!real) {                                                                                   \
        real = (ret(*)(__VA_ARGS__))next(name);                                                    \
    }

/* ---- memory: the program's own allocator calls these; in one that has none, malloc does ------ */

static char early[65536]; /* what dlsym itself asks for */
static size_t early_used;

static void *early_take(size_t n)
{
    n = (n + 15) / 16 * 16;
    if (n > sizeof early - early_used) {
        _exit(99);
    }
    early_used += n;
    return early + early_used - n;
}

static void *no_memory(void)
{
    errno = ENOMEM;
    return NULL;
}

#define MEMORY(name, inner, bytes, parameters, arguments, ...)                                     \
    void *inner parameters;                                                                        \
    void *inner parameters                                                                         \
    {                                                                                              \
        static void *(*real)(__VA_ARGS__);                                                         \
        static _Thread_local bool asking;                                                          \
        if (!real) {                                                                               \
            if (asking) {                                                                          \
                return early_take(bytes);                                                          \
            }                                                                                      \
            asking = true;                                                                         \
            real = (void *(*)(__VA_ARGS__))next(#inner);                                           \
            asking = false;                                                                        \
        }                                                                                          \
        return strike("memory") ? no_memory() : real arguments;                                    \
    }                                                                                              \
    void *name parameters                                                                          \
    {                                                                                              \
        return inner arguments;                                                                    \
    }
MEMORY(malloc, __libc_malloc, n, (size_t n), (n), size_t)
MEMORY(calloc, __libc_calloc, n *size, (size_t n, size_t size), (n, size), size_t, size_t)
MEMORY(realloc, __libc_realloc, n, (void *p, size_t n), (p, n), void *, size_t)
MEMORY(memalign, __libc_memalign, n, (size_t unit, size_t n), (unit, n), size_t, size_t)

void *aligned_alloc(size_t unit, size_t n)
{
    return memalign(unit, n);
}

int posix_memalign(void **p, size_t unit, size_t n)
{
    *p = memalign(unit, n);
    return *p ? 0 : ENOMEM;
}

/* ---- reading ------------------------------------------------------------------------------ */

static bool regular(int fd)
{
    struct stat st;
    return syscall(SYS_fstat, fd, &st) == 0 && S_ISREG(st.st_mode);
}

static bool cut(int fd)
{
    return kind && strcmp(kind, "short") == 0 && regular(fd) && strike("short");
}

ssize_t read(int fd, void *to, size_t n)
{
    if (strike("read")) {
        errno = EIO;
        return -1;
    }
    return cut(fd) ? 0 : syscall(SYS_read, fd, to, n);
}

ssize_t pread(int fd, void *to, size_t n, off_t at)
{
    if (strike("read")) {
        errno = EIO;
        return -1;
    }
    return cut(fd) ? 0 : syscall(SYS_pread64, fd, to, n, at);
}

ssize_t pread64(int fd, void *to, size_t n, off64_t at)
{
    return pread(fd, to, n, at);
}

/* What fread, getline and fgets do when read(2) fails below them. */
static bool stream_fails(FILE *f)
{
    if (strike("read")) {
        f->_flags |= 0x20; /* _IO_ERR_SEEN */
        errno = EIO;
        return true;
    }
    if (cut(fileno(f))) {
        f->_flags |= 0x10; /* _IO_EOF_SEEN */
        return true;
    }
    return false;
}

size_t fread(void *to, size_t size, size_t n, FILE *f)
{
    NEXT(size_t, "fread", void *, size_t, size_t, FILE *)
    return stream_fails(f) ? 0 : real(to, size, n, f);
}

ssize_t getdelim(char **line, size_t *cap, int end, FILE *f)
{
    NEXT(ssize_t, "getdelim", char **, size_t *, int, FILE *)
    return stream_fails(f) ? -1 : real(line, cap, end, f);
}

ssize_t getline(char **line, size_t *cap, FILE *f)
{
    return getdelim(line, cap, '\n', f);
}

char *fgets(char *to, int n, FILE *f)
{
    NEXT(char *, "fgets", char *, int, FILE *)
    return stream_fails(f) ? NULL : real(to, n, f);
}

struct dirent *readdir(DIR *d)
{
    NEXT(struct dirent *, "readdir", DIR *)
    if (strike("readdir")) {
        errno = EIO;
        return NULL;
    }
    return real(d);
}

struct dirent64 *readdir64(DIR *d)
{
    return (struct dirent64 *)readdir(d);
}

/* ---- asking ------------------------------------------------------------------------------- */

static int refuse(int why)
{
    errno = why;
    return -1;
}

#define STAT(name, parameters, arguments, ...)                                                     \
    int name parameters                                                                            \
    {                                                                                              \
        NEXT(int, #name, __VA_ARGS__)                                                              \
        return strike("stat") ? refuse(EIO) : real arguments;                                      \
    }
STAT(stat, (const char *path, struct stat *st), (path, st), const char *, struct stat *)
STAT(lstat, (const char *path, struct stat *st), (path, st), const char *, struct stat *)
STAT(fstat, (int fd, struct stat *st), (fd, st), int, struct stat *)
STAT(fstatat, (int at, const char *path, struct stat *st, int flags), (at, path, st, flags), int,
     const char *, struct stat *, int)
STAT(stat64, (const char *path, struct stat64 *st), (path, st), const char *, struct stat64 *)
STAT(lstat64, (const char *path, struct stat64 *st), (path, st), const char *, struct stat64 *)
STAT(fstat64, (int fd, struct stat64 *st), (fd, st), int, struct stat64 *)
STAT(access, (const char *path, int mode), (path, mode), const char *, int)

ssize_t readlink(const char *path, char *to, size_t n)
{
    NEXT(ssize_t, "readlink", const char *, char *, size_t)
    return strike("stat") ? refuse(EIO) : real(path, to, n);
}

char *realpath(const char *path, char *to)
{
    NEXT(char *, "realpath", const char *, char *)
    if (strike("stat")) {
        errno = EIO;
        return NULL;
    }
    return real(path, to);
}

char *getcwd(char *to, size_t n)
{
    NEXT(char *, "getcwd", char *, size_t)
    if (strike("stat")) {
        errno = EIO;
        return NULL;
    }
    return real(to, n);
}

/* ---- opening ------------------------------------------------------------------------------ */

int openat(int at, const char *path, int flags, ...)
{
    va_list ap;
    va_start(ap, flags);
    int mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(ap, int) : 0;
    va_end(ap);
    return strike("open") ? refuse(EMFILE) : (int)syscall(SYS_openat, at, path, flags, mode);
}

int open(const char *path, int flags, ...)
{
    va_list ap;
    va_start(ap, flags);
    int mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(ap, int) : 0;
    va_end(ap);
    return openat(AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    va_list ap;
    va_start(ap, flags);
    int mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(ap, int) : 0;
    va_end(ap);
    return openat(AT_FDCWD, path, flags, mode);
}

FILE *fopen(const char *path, const char *mode)
{
    NEXT(FILE *, "fopen", const char *, const char *)
    if (strike("open")) {
        errno = EMFILE;
        return NULL;
    }
    return real(path, mode);
}

FILE *fopen64(const char *path, const char *mode)
{
    return fopen(path, mode);
}

DIR *opendir(const char *path)
{
    NEXT(DIR *, "opendir", const char *)
    if (strike("open")) {
        errno = EMFILE;
        return NULL;
    }
    return real(path);
}

/* ---- mapping; closing: what was open is closed, and the error is of what was written ----------
 */

void *mmap(void *at, size_t n, int protection, int flags, int fd, off_t from)
{
    if (strike("map")) {
        errno = ENOMEM;
        return MAP_FAILED;
    }
    void *p = (void *)syscall(SYS_mmap, at, n, protection, flags, fd, from);
    char path[32];
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (fd >= 0 && strike("shrink") && truncate(path, 0) != 0) {
        _exit(99);
    }
    return p;
}

void *mmap64(void *at, size_t n, int protection, int flags, int fd, off64_t from)
{
    return mmap(at, n, protection, flags, fd, from);
}

int close(int fd)
{
    int rc = (int)syscall(SYS_close, fd);
    return strike("close") ? refuse(EIO) : rc;
}

int fclose(FILE *f)
{
    NEXT(int, "fclose", FILE *)
    int rc = real(f);
    return strike("close") ? refuse(EIO) : rc;
}

int closedir(DIR *d)
{
    NEXT(int, "closedir", DIR *)
    int rc = real(d);
    return strike("close") ? refuse(EIO) : rc;
}

/* ---- writing ------------------------------------------------------------------------------ */

ssize_t write(int fd, const void *from, size_t n)
{
    return fd != STDERR_FILENO && strike("write") ? refuse(ENOSPC)
                                                  : syscall(SYS_write, fd, from, n);
}

#define WRITE(name, parameters, arguments, ...)                                                    \
    int name parameters                                                                            \
    {                                                                                              \
        NEXT(int, #name, __VA_ARGS__)                                                              \
        return strike("write") ? refuse(EIO) : real arguments;                                     \
    }
WRITE(fsync, (int fd), (fd), int)
WRITE(rename, (const char *a, const char *b), (a, b), const char *, const char *)
WRITE(link, (const char *a, const char *b), (a, b), const char *, const char *)
WRITE(fchmod, (int fd, mode_t mode), (fd, mode), int, mode_t)

/* Standard output: the C library writes it below anything that could be stood before. */
static ssize_t out_write(void *to, const char *from, size_t n)
{
    (void)to;
    return write(STDOUT_FILENO, from, n);
}

/* ---- threads ------------------------------------------------------------------------------ */

int pthread_create(pthread_t *t, const pthread_attr_t *a, void *(*run)(void *), void *arg)
{
    NEXT(int, "pthread_create", pthread_t *, const pthread_attr_t *, void *(*)(void *), void *)
    return strike("thread") ? EAGAIN : real(t, a, run, arg);
}

/* ------------------------------------------------------------------------------------------- */

__attribute__((constructor)) static void begin(void)
{
    const char *n = getenv("TORTURE_NTH");
    count_file = getenv("TORTURE_COUNT");
    nth = n ? strtol(n, NULL, 10) : 0;
    self = getpid();
    const char *k = getenv("TORTURE_KIND");
    if (k && strcmp(k, "write") == 0) {
        const cookie_io_functions_t to = {.write = out_write};
        stdout = fopencookie(NULL, "w", to);
    }
    kind = k; /* from here on calls count */
}

__attribute__((destructor)) static void end(void)
{
    if (!count_file || getpid() != self) {
        return;
    }
    kind = NULL;
    char text[32];
    int n = snprintf(text, sizeof text, "%ld\n", atomic_load(&calls));
    int fd = (int)syscall(SYS_openat, AT_FDCWD, count_file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    (void)!syscall(SYS_write, fd, text, (size_t)n);
    (void)syscall(SYS_close, fd);
}
