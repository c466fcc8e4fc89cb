/* Which system and which processor somebody speaks of. Where several are named ("since the update
 * from 14 to 15"), none is known. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "explain/question.h"

/* Apple's names of macOS, in small letters. */
static const struct {
    const char *name, *version;
} named_systems[] = {
    {"high sierra", "10.13"}, {"mojave", "10.14"}, {"catalina", "10.15"},
    {"big sur", "11"},        {"monterey", "12"},  {"ventura", "13"},
    {"sonoma", "14"},         {"sequoia", "15"},   {"tahoe", "26"},
};

struct system_told {
    const char *version; /* NULL: none so far */
    bool several;
};

static size_t question_system_number(struct dx_str s)
{
    size_t n = 0;
    while (n < s.n && n < 12 && ((s.p[n] >= '0' && s.p[n] <= '9') || (n && s.p[n] == '.'))) {
        n++;
    }
    while (n && s.p[n - 1] == '.') {
        n--;
    }
    return n;
}

/* "10.14" of "10.14.6", "15" of "15.6.1": what a step can depend on. */
static size_t question_system_branch(const char *version)
{
    size_t n = strcspn(version, ".");
    return strncmp(version, "10.", 3) == 0 ? 3 + strcspn(version + 3, ".") : n;
}

static void question_system_tell(struct system_told *t, const char *version)
{
    size_t n = question_system_branch(version);
    t->several |= t->version &&
                  (question_system_branch(t->version) != n || strncmp(t->version, version, n) != 0);
    t->version = t->version ? t->version : version;
}

/* "macOS 15.6.1", "Mac OS X 10.15", "OS X 10.9". Numbers that macOS never had are something else's.
 */
static void question_system_numbers(struct dx_reading *r, struct system_told *t)
{
    static const char *const leads[] = {"macos ", "mac os x ", "mac os ", "os x ",
                                        "macos version "};
    struct dx_str text = r->prose.text;
    for (size_t k = 0; k < sizeof leads / sizeof *leads; k++) {
        size_t lead = strlen(leads[k]);
        for (size_t i = 0; i + lead < text.n; i++) {
            struct dx_str rest = {text.p + i + lead, text.n - i - lead};
            size_t n =
                strncasecmp(text.p + i, leads[k], lead) == 0 ? question_system_number(rest) : 0;
            const char *version = n ? dx_strndup(&r->q->ctx->arena, rest.p, n) : "";
            long major = strtol(version, NULL, 10);
            if ((major == 10 && n > 3) || (major >= 11 && major <= 15) ||
                (major >= 26 && major < 40)) {
                question_system_tell(t, version);
            }
        }
    }
}

static bool question_system_says(struct dx_reading *r, const char *const *words)
{
    return dx_prose_mentions(r->prose.text, words);
}

static const char *question_system_chip(struct dx_reading *r)
{
    static const char *const apple[] = {"apple silicon", "apple m1", "apple m2", "apple m3",
                                        "apple m4",      "apple m5", "arm64e",   NULL};
    static const char *const bare[] = {"M1", "M2", "M3", "M4", "M5", NULL};
    static const char *const intel[] = {"intel mac", "intel-based", "an intel", "core i5",
                                        "core i7",   "core i9",     NULL};
    bool arm = question_system_says(r, apple) || dx_prose_has_word(r->prose.text, bare);
    bool x86 = question_system_says(r, intel);
    return arm == x86 ? "" : arm ? "arm64" : "x86_64";
}

void dx_reading_system(struct dx_reading *r)
{
    struct system_told t = {NULL, false};
    question_system_numbers(r, &t);
    for (size_t i = 0; i < sizeof named_systems / sizeof *named_systems; i++) {
        const char *const name[] = {named_systems[i].name, NULL};
        if (question_system_says(r, name)) {
            question_system_tell(&t, named_systems[i].version);
        }
    }
    struct dx_question *q = r->q;
    q->version = *q->version || !t.version || t.several ? q->version : t.version;
    q->chip = *q->chip ? q->chip : question_system_chip(r);
}
