#include <string.h>

#include "kb.h"
#include "logs/log.h"
#include "logs/needle.h"

#define LISTS 3
#define ENOUGH 10 /* bytes of a needle that are searched */

struct dx_needle_set {
    struct dx_literals *literals;
    size_t (*base)[LISTS]; /* of a row: number of the first pattern in each of its lists */
    uint64_t *known;       /* patterns that have needles */
    uint64_t *hit[2];      /* patterns with a needle in the texts */
    struct dx_str text[2];
    size_t patterns;
};

static struct kb_list needle_list_of(const struct kb_symptom *kb, size_t list)
{
    return list == DX_NEEDLE_PATTERN ? kb->pattern : list == DX_NEEDLE_ALL ? kb->all : kb->unless;
}

static void needle_set_number(struct dx_needle_set *s)
{
    for (size_t i = 0; i < kb_symptom_count; i++) {
        for (size_t k = 0; k < LISTS; k++) {
            s->base[i][k] = s->patterns;
            struct kb_list list = needle_list_of(&kb_symptom_rows[i], k);
            for (const char *p = kb_first(list); *p; p = kb_next(p)) {
                s->patterns++;
            }
        }
    }
}

static void needle_set_add(struct dx_needle_set *s, const char *pattern, size_t number,
                           struct dx_arena *a)
{
    struct dx_needles n = dx_needles_of(pattern, a);
    for (size_t i = 0; i < n.count; i++) {
        size_t most = n.text[i].n < ENOUGH ? n.text[i].n : ENOUGH;
        dx_literals_add(s->literals, dx_strndup(a, n.text[i].p, most), number);
    }
    if (n.count) {
        s->known[number / 64] |= UINT64_C(1) << number % 64;
    }
}

struct dx_needle_set *dx_needle_set_new(struct dx_arena *a)
{
    struct dx_needle_set *s = dx_alloc(a, sizeof *s);
    *s = (struct dx_needle_set){.base = dx_calloc(a, kb_symptom_count + 1, sizeof *s->base)};
    needle_set_number(s);
    size_t words = s->patterns / 64 + 1;
    s->known = dx_calloc(a, words, sizeof *s->known);
    s->hit[0] = dx_calloc(a, words, sizeof *s->hit[0]);
    s->hit[1] = dx_calloc(a, words, sizeof *s->hit[1]);
    s->literals = dx_literals_new(a, s->patterns);
    for (size_t i = 0; i < kb_symptom_count; i++) {
        const struct kb_symptom *kb = &kb_symptom_rows[i];
        for (size_t k = 0; kb->in == KB_SYMPTOM_IN_PROSE && k < LISTS; k++) {
            size_t number = s->base[i][k];
            for (const char *p = kb_first(needle_list_of(kb, k)); *p; p = kb_next(p)) {
                needle_set_add(s, p, number++, a);
            }
        }
    }
    dx_literals_ready(s->literals);
    return s;
}

static void needle_set_one(struct dx_needle_set *s, size_t i, struct dx_str text)
{
    s->text[i] = text;
    if (!dx_literals_scan(s->literals, text, s->hit[i])) {
        memset(s->hit[i], 0, (s->patterns / 64 + 1) * sizeof *s->hit[i]);
    }
}

void dx_needle_set_read(struct dx_needle_set *s, struct dx_str text, struct dx_str around)
{
    needle_set_one(s, 0, text);
    if (around.p != text.p) {
        needle_set_one(s, 1, around);
    }
}

void dx_needle_set_forget(struct dx_needle_set *s)
{
    s->text[0] = s->text[1] = (struct dx_str){NULL, 0};
}

bool dx_needle_possible(const struct dx_needle_set *s, struct dx_str text, size_t row,
                        enum dx_needle_list list, size_t index)
{
    size_t number = s->base[row][list] + index;
    bool first = text.p == s->text[0].p && text.n == s->text[0].n;
    bool second = text.p == s->text[1].p && text.n == s->text[1].n;
    if (!(first || second) || !(s->known[number / 64] >> number % 64 & 1)) {
        return true;
    }
    return s->hit[first ? 0 : 1][number / 64] >> number % 64 & 1;
}
