/* Who panicked, as the reason's own words tell it: panic() puts the source file behind the message
 * ("...@/path/file.c:12", xnu osfmk/kern/debug.h), assertions of other makers put it before theirs,
 * and kexts begin their messages with their name. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "panic/panic.h"

#define SHORTEST 3 /* letters of a name that says whose it is */

static bool owner_is_source(const char *s, size_t n)
{
    static const char *const ends[] = {".c",  ".cc", ".cpp", ".cxx", ".m",
                                       ".mm", ".h",  ".hpp", ".s"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t m = strlen(ends[i]);
        if (n > m && strncmp(s + n - m, ends[i], m) == 0) {
            return true;
        }
    }
    return false;
}

/* Where people and their build machines keep sources; Apple's are below /AppleInternal,
 * /BuildRoot and /SourceCache, or cut off to a part of their path. */
static bool owner_is_of_people(const char *s, size_t n)
{
    static const char *const roots[] = {"/Users/",  "/Volumes/", "/home/", "/private/", "/tmp/",
                                        "/builds/", "/build/",   "/opt/",  "/var/"};
    bool found = false;
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++) {
        size_t m = strlen(roots[i]);
        found |= n > m && strncmp(s, roots[i], m) == 0;
    }
    return found;
}

static bool owner_is_apple(const char *s, size_t n)
{
    static const char *const marks[] = {"/AppleInternal/", "com.apple.xbs", "/BuildRoot/",
                                        "/SourceCache/"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        if (memmem(s, n, marks[i], strlen(marks[i]))) {
            return true;
        }
    }
    return false;
}

/* An absolute path of a source file with its line, that is none of Apple's. */
static const char *owner_source(struct dx_panic_text *t)
{
    for (const char *s = t->out->reason; *s;) {
        size_t n = strcspn(s, " \t\n\"'@:()<>,");
        if (owner_is_of_people(s, n) && s[n] == ':' && isdigit((unsigned char)s[n + 1]) &&
            owner_is_source(s, n) && !owner_is_apple(s, n)) {
            size_t digits = strspn(s + n + 1, "0123456789");
            return dx_strndup(&t->ctx->arena, s, n + 1 + digits);
        }
        s += n + (s[n] != 0);
    }
    return "";
}

/* Whether the word is a part of the last components of the kext's identifier: "fuse" of
 * "io.macfuse.filesystems.macfuse". */
static bool owner_names(const char *id, const char *word, size_t n)
{
    const char *dot = strchr(id, '.');
    for (const char *s = dot ? dot : id; strlen(s) >= n; s++) {
        if (strncasecmp(s, word, n) == 0) {
            return true;
        }
    }
    return false;
}

/* The kext whose name stands before the first colon of the reason. */
static const char *owner_kext(struct dx_panic_text *t)
{
    const char *s = t->out->reason + strspn(t->out->reason, "\"' ");
    size_t n = 0;
    while (isalnum((unsigned char)s[n]) || s[n] == '_') {
        n++;
    }
    if (n < SHORTEST || s[n] != ':') {
        return "";
    }
    for (size_t i = 0; i < t->out->others.count; i++) {
        if (owner_names(t->out->others.text[i], s, n)) {
            return t->out->others.text[i];
        }
    }
    return "";
}

void dx_panic_owner(struct dx_panic_text *t)
{
    static const char *const behind[] = {"rocess name corresponding",
                                         "last started kext at",
                                         "last loaded kext at",
                                         "loaded kexts:",
                                         "Mac OS version:",
                                         "System uptime",
                                         "\nOS version:",
                                         "Kernel version:",
                                         "System model name:"};
    t->out->source = owner_source(t);
    t->out->owner = owner_kext(t);
    const char *trace = strstr(t->begin, "Backtrace (CPU");
    trace = trace ? trace : strstr(t->begin, "Panicked thread:");
    t->out->cut = t->out->kext_count == 0;
    for (size_t i = 0; i < sizeof behind / sizeof *behind && trace; i++) {
        t->out->cut &= strstr(trace, behind[i]) == NULL;
    }
}
