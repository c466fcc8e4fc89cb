/* Steps that hold for some versions of macOS only begin with them: "macOS 15 and later: ...",
 * "macOS 10.13 to 10.15: ..."; so do those for one kind of processor: "Apple silicon: ...",
 * "Intel: ...". Where the system is known (sw_vers, a report, or what people say of it), the others
 * are left out. */
#include <stdlib.h>
#include <string.h>

#include "app/app.h"
#include "view/explain_formats.h"

/* 10.14 is 1014, 15 and 15.3 are 1500: only of 10 the second number counts. */
#define HUNDRED 100L

/* A version at *p, which is moved behind it; 0: none. rest: what stands for a second number of 10
 * that is not given. */
static long steer_version(const char **p, long rest)
{
    char *end;
    long n = **p >= '0' && **p <= '9' ? strtol(*p, &end, 10) : 0;
    if (!n || n > HUNDRED) {
        return 0;
    }
    *p = end;
    if (n == 10 && **p == '.') {
        rest = strtol(*p + 1, &end, 10) % HUNDRED;
        *p = end;
        return n * HUNDRED + rest;
    }
    return n * HUNDRED + (n == 10 ? rest : 0);
}

static bool steer_skip(const char **p, const char *word)
{
    size_t n = strlen(word);
    bool there = strncmp(*p, word, n) == 0;
    *p += there ? n : 0;
    return there;
}

bool explain_steer_fits(const char *text, const char *version)
{
    const char *p = text, *v = version;
    long system = steer_version(&v, 0);
    if (!system || !steer_skip(&p, "macOS ")) {
        return true;
    }
    long first = steer_version(&p, 0), last = first;
    if (steer_skip(&p, " and later")) {
        last = system;
    } else if (steer_skip(&p, " to ")) {
        last = steer_version(&p, HUNDRED - 1);
    }
    return !first || *p != ':' || (system >= first && system <= last);
}

bool explain_steer_chip(const char *text, const char *chip)
{
    bool apple = strncmp(text, "Apple silicon: ", 15) == 0;
    bool intel = strncmp(text, "Intel: ", 7) == 0;
    return !*chip || !(apple || intel) || apple == (strcmp(chip, "arm64") == 0);
}

/* Before macOS 11 there was no other processor. */
static const char *steer_chip(const char *version, const char *told)
{
    long system = steer_version(&version, 0);
    return system && system < 11 * HUNDRED ? "x86_64" : told;
}

const char **explain_steered(const struct explain_out *o, const struct dext_texts *list,
                             size_t *count)
{
    const char **kept = app_alloc((list->count + 1) * sizeof *kept);
    const struct dext_explanation *r = o->result;
    const char *version = *r->system.version ? r->system.version : r->told_version;
    const char *chip = steer_chip(version, r->told_chip);
    *count = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (explain_steer_fits(list->text[i], version) && explain_steer_chip(list->text[i], chip)) {
            kept[(*count)++] = list->text[i];
        }
    }
    return kept;
}
