/* The demangler is the C++ runtime's own, __cxa_demangle: it knows the whole grammar, is on every
 * Mac (libc++abi) and on practically every Linux (libstdc++), and nothing else needs to be
 * installed. It is loaded when names are there to be demangled, not linked: even an unused
 * libstdc++ costs every start of the program a millisecond, and packaging/lean/lazy.c would end the
 * program on a system that has another C++ library, where unreadable names are the smaller evil.
 *
 * It runs in a process of its own (child.h): a made-up name of a hundred bytes can stand for
 * gigabytes of text, because every substitution may double what was there, and the interface takes
 * no limit. */
#include "app/demangle.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/app.h"
#include "app/child.h"

#define DEMANGLE_SECONDS 2
#define MOST_TEXT 4096 /* shown of one name */
#define MOST_RESTARTS 4

typedef char *demangle_fn(const char *name, char *buffer, size_t *size, int *status);

static demangle_fn *demangle_load(void)
{
    static const char *const libraries[] = {"libstdc++.so.6", "libc++abi.so.1",
                                            "/usr/lib/libc++abi.dylib"};
    for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++) {
        void *library = dlopen(libraries[i], RTLD_NOW | RTLD_LOCAL);
        void *f = library ? dlsym(library, "__cxa_demangle") : NULL;
        if (f) {
            demangle_fn *out;
            memcpy(&out, &f, sizeof out); /* ISO C has no cast from object to function */
            return out;
        }
    }
    return NULL;
}

/* The part that the demangler takes: Mach-O puts a '_' before every name of C and C++. */
static const char *mangled(const char *name)
{
    return name && strncmp(name, "__Z", 3) == 0 ? name + 1 : NULL;
}

struct work {
    const char *const *names;
    size_t from, count;
    demangle_fn *f;
};

/* Writes a text for each name from the first on, each with a NUL behind it; an empty one: none. */
static void body(int fd, const void *arg)
{
    const struct work *w = arg;
    for (size_t i = w->from; i < w->count; i++) {
        const char *name = mangled(w->names[i]);
        int status = -1;
        char *text = name ? w->f(name, NULL, NULL, &status) : NULL;
        size_t n = text && status == 0 ? strnlen(text, MOST_TEXT) : 0;
        for (size_t done = 0; done <= n;) {
            ssize_t wrote = done < n ? write(fd, text + done, n - done) : write(fd, "", 1);
            if (wrote <= 0) {
                return;
            }
            done += (size_t)wrote;
        }
        free(text);
    }
}

static char *demangle_plain(const char *name)
{
    return name ? app_strdup(name[0] == '_' && name[1] ? name + 1 : name) : NULL;
}

/* Takes over what came out whole, and returns how many names that were. */
static size_t demangle_take(char **texts, size_t from, size_t count, const struct child_output *out)
{
    size_t at = 0, i = from;
    for (; i < count && at < out->size; i++) {
        size_t n = strnlen(out->data + at, out->size - at);
        if (n == out->size - at) {
            break; /* cut off */
        }
        if (n) {
            free(texts[i]);
            texts[i] = app_strdup(out->data + at);
        }
        at += n + 1;
    }
    return i - from;
}

char **demangle_all(const char *const *names, size_t count, const char **why)
{
    char **texts = app_alloc((count + 1) * sizeof *texts);
    bool any = false;
    *why = NULL;
    for (size_t i = 0; i < count; i++) {
        texts[i] = demangle_plain(names[i]);
        any = any || mangled(names[i]);
    }
    struct work w = {.names = names, .count = count, .f = any ? demangle_load() : NULL};
    if (any && !w.f) {
        *why = "C++ names are left as they are: this system has no C++ runtime library";
    }
    /* A name that the demangler cannot take ends its process: on with the one behind it. */
    for (int round = 0; w.f && w.from < count && round < MOST_RESTARTS; round++) {
        struct child_output out;
        size_t most = count * (MOST_TEXT + 1);
        const char *failed = child_call(body, &w, DEMANGLE_SECONDS, most, &out);
        w.from += demangle_take(texts, w.from, count, &out) + (failed ? 1 : 0);
        free(out.data);
        if (!failed) {
            break;
        }
        *why = "some C++ names are left as they are: the demangler failed on them";
    }
    return texts;
}
