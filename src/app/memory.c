/* Memory that is out ends the program with a line, whoever asked for it.
 *
 * Libraries differ in what they do then: libplist and libarchive follow NULL pointers, PCRE2 and
 * libcrypto answer with an error that looks like "no match" or "not valid", the C library's streams
 * lose bytes. An answer made of that would be wrong without a word. So the program stands before
 * the allocator of the whole process: glibc lets a program define these functions ("Replacing
 * malloc" in its manual), and its libraries then call them too. Elsewhere, and under a sanitizer,
 * which does so itself, callers see what the system says. */
#include "app/memory.h"

#include <string.h>
#include <unistd.h>

#include "app/app.h"

void memory_out(void)
{
    static const char text[] = "dextctl: out of memory\n";
    (void)!write(STDERR_FILENO, text, strlen(text));
    _exit(APP_UNREADABLE);
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define GUARDED 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer) ||                         \
    __has_feature(thread_sanitizer)
#define GUARDED 0
#endif
#endif
#if !defined(GUARDED) && defined(__GLIBC__)
#define GUARDED 1
#endif

#if defined(GUARDED) && GUARDED

#include <errno.h>
#include <stdlib.h>

extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *p, size_t n);
extern void *__libc_memalign(size_t unit, size_t n);

/* What asks for more at once than any of our limits was told that size by a hostile input, and is
 * to refuse that one alone. */
#define HOSTILE ((size_t)1 << 30)

static void *memory_got(void *p, size_t n)
{
    if (!p && n && n <= HOSTILE) {
        memory_out();
    }
    return p;
}

void *malloc(size_t n)
{
    return memory_got(__libc_malloc(n), n);
}

void *calloc(size_t count, size_t size)
{
    size_t n;
    void *p = __libc_calloc(count, size);
    return memory_got(p, __builtin_mul_overflow(count, size, &n) ? 0 : n);
}

void *realloc(void *p, size_t n)
{
    return memory_got(__libc_realloc(p, n), n);
}

void *memalign(size_t unit, size_t n);
void *memalign(size_t unit, size_t n)
{
    return memory_got(__libc_memalign(unit, n), n);
}

void *aligned_alloc(size_t unit, size_t n)
{
    return memalign(unit, n);
}

int posix_memalign(void **p, size_t unit, size_t n)
{
    *p = memalign(unit, n);
    return *p || n == 0 ? 0 : ENOMEM;
}

#endif
