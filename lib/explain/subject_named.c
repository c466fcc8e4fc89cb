/* The bundle that a line speaks of in its own words, where no pattern took it out of them: the only
 * bundle identifier in it. */
#include <string.h>

#include "explain/timeline.h"

static bool subject_named_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
}

/* Length without the ending that a bundle has on disk; 0: it has none. */
static size_t bundle_ending(struct dx_str s)
{
    static const char *const ends[] = {".dext", ".systemextension", ".kext"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t n = strlen(ends[i]);
        if (s.n > n && memcmp(s.p + s.n - n, ends[i], n) == 0) {
            return s.n - n;
        }
    }
    return 0;
}

/* Endings of files and of what frameworks name, none of which ends a bundle's identifier. */
static bool is_other(struct dx_str s)
{
    static const char *const ends[] = {".plist", ".log", ".txt", ".cpp", ".html", ".app",
                                       ".pkg",   ".dmg", ".zip", ".ips", ".sh",   ".panic"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t n = strlen(ends[i]);
        if (s.n > n && memcmp(s.p + s.n - n, ends[i], n) == 0) {
            return true;
        }
    }
    return false;
}

/* Two or more dots, and a first part as domains have it: "com.example.UsbDriver". */
static bool is_identifier(struct dx_str s)
{
    size_t dots = 0, first = 0, part = 0;
    for (size_t i = 0; i < s.n; i++) {
        bool dot = s.p[i] == '.';
        if ((dot && !part) || (!dots && !dot && !(s.p[i] >= 'a' && s.p[i] <= 'z'))) {
            return false;
        }
        first += !dots && !dot;
        dots += dot;
        part = dot ? 0 : part + 1;
    }
    return dots >= 2 && part && first >= 2 && first <= 4 && !dx_str_has_prefix(s, "www.") &&
           !dx_str_has_prefix(s, "com.apple.");
}

/* The identifier that the word at p, of n bytes, is; none: n is 0. before: the character in front.
 */
static struct dx_str identifier_of(struct dx_str word, char before, char behind)
{
    while (word.n && word.p[word.n - 1] == '.') {
        word.n--;
    }
    size_t bundle = bundle_ending(word);
    struct dx_str s = {word.p, bundle ? bundle : word.n};
    bool address = before == '@' || behind == '@' || (!bundle && (before == '/' || behind == '/'));
    return address || (!bundle && is_other(s)) || !is_identifier(s) ? (struct dx_str){NULL, 0} : s;
}

static bool subject_named_same(struct dx_str a, struct dx_str b)
{
    return a.n == b.n && memcmp(a.p, b.p, a.n) == 0;
}

const char *dx_subject_named(struct dx_arena *a, const char *text)
{
    struct dx_str only = {NULL, 0};
    for (size_t i = 0; text[i];) {
        size_t n = 0;
        while (text[i + n] && subject_named_char(text[i + n])) {
            n++;
        }
        struct dx_str s = {NULL, 0};
        if (n) {
            s = identifier_of((struct dx_str){text + i, n}, i ? text[i - 1] : ' ', text[i + n]);
        }
        if (s.n && only.n && !subject_named_same(s, only)) {
            return "";
        }
        only = s.n ? s : only;
        i += n ? n : 1;
    }
    return only.n ? dx_strndup(a, only.p, only.n) : "";
}
