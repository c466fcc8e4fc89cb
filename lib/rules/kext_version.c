/* What OSKextParseVersionString takes (xnu libkern/OSKextVersion.c: four digits in each part since
 * xnu-7195, macOS 11; 4.2.2 before): MAJOR[.MINOR[.REVISION]][STAGE LEVEL], with stage d, a, b, f
 * or fc and a level up to 255, ended by the end of the string or by white space. */
#include "rules/kext_version.h"

#define MAJOR_DIGITS 4
#define LEVEL_DIGITS 3
#define MOST_LEVEL 255
#define RELEASE_STAGE 9

struct scan {
    const char *p, *end;
};

static bool at_end(const struct scan *s)
{
    return s->p == s->end || *s->p == '\0' || *s->p == ' ' || *s->p == '\t' || *s->p == '\r' ||
           *s->p == '\n';
}

static bool at_digit(const struct scan *s)
{
    return s->p < s->end && *s->p >= '0' && *s->p <= '9';
}

static bool kext_version_take(struct scan *s, char c)
{
    if (s->p < s->end && *s->p == c) {
        s->p++;
        return true;
    }
    return false;
}

/* Digits at the scan; false when there are more than most. */
static bool kext_version_number(struct scan *s, unsigned most, int64_t *value, unsigned *count)
{
    *value = 0;
    for (*count = 0; at_digit(s) && *count < most; ++*count) {
        *value = *value * 10 + (*s->p++ - '0');
    }
    return !at_digit(s);
}

static const char *stage(struct scan *s, int64_t *rank, int64_t *level)
{
    *rank = RELEASE_STAGE;
    *level = 0;
    if (at_end(s)) {
        return NULL;
    }
    if (kext_version_take(s, 'd')) {
        *rank = 1;
    } else if (kext_version_take(s, 'a')) {
        *rank = 3;
    } else if (kext_version_take(s, 'b')) {
        *rank = 5;
    } else if (kext_version_take(s, 'f')) {
        (void)kext_version_take(s, 'c');
        *rank = 7;
    } else {
        return *s->p == '.' || at_digit(s)
                   ? "has more than three parts"
                   : "holds more than digits, points and a stage (d, a, b or fc)";
    }
    unsigned count;
    bool fits = kext_version_number(s, LEVEL_DIGITS, level, &count);
    if (count == 0) {
        return "has a stage letter without a number behind it";
    }
    if (!fits || *level > MOST_LEVEL) {
        return "has a stage number over 255";
    }
    if (*rank == 7 && *level == 0) {
        return "has the stage number 0, which a release candidate cannot have";
    }
    return at_end(s) ? NULL : "goes on behind the stage";
}

static const char *parts(struct scan *s, unsigned digits, int64_t part[3])
{
    unsigned count;
    if (!at_digit(s)) {
        return s->p == s->end ? "is empty" : "does not begin with a digit";
    }
    if (!kext_version_number(s, MAJOR_DIGITS, &part[0], &count)) {
        return "has a first part over 9999";
    }
    for (int i = 1; i < 3 && kext_version_take(s, '.'); i++) {
        if (!kext_version_number(s, digits, &part[i], &count)) {
            if (digits == DX_KEXT_VERSION_DIGITS) {
                return i == 1 ? "has a second part over 9999" : "has a third part over 9999";
            }
            return i == 1 ? "has a second part over 99" : "has a third part over 99";
        }
        if (i == 2 && count == digits) {
            (void)kext_version_take(s, '.'); /* the kernel steps over a point there */
        }
    }
    return NULL;
}

const char *dx_kext_version_fault(struct dx_str text, unsigned digits, int64_t *value)
{
    struct scan s = {text.p, text.p + text.n};
    int64_t part[3] = {0, 0, 0}, rank, level;
    const char *fault = parts(&s, digits, part);
    if (!fault) {
        fault = stage(&s, &rank, &level);
    }
    if (!fault && value) {
        *value = ((part[0] * 10000 + part[1]) * 10000 + part[2]) * 10000 + rank * 1000 + level;
    }
    return fault;
}
