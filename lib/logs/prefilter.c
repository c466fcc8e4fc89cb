/* Which places of a log are worth a look. The literals of the knowledge base are searched for in
 * the raw bytes, before lines are taken apart: of a line of ndjson that costs less than finding
 * where it ends. JSON escapes some characters of a message ("\/"), so of each literal the longest
 * piece without these is searched; the patterns decide. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "kb.h"
#include "logs/scan.h"

#ifdef DX_VECTORSCAN
#include <hs.h>
#endif

#define ENOUGH 10 /* bytes that tell a text from others */

struct dx_prefilter {
    struct dx_literals *literals; /* of our own; NULL when Vectorscan searches */
#ifdef DX_VECTORSCAN
    hs_database_t *database;
#endif
};

struct dx_prefilter_scratch {
#ifdef DX_VECTORSCAN
    hs_scratch_t *scratch;
#endif
    char unused;
};

static bool survives(char c)
{
    return c != '/' && c != '"' && c != '\\' && (unsigned char)c >= 0x20 && (unsigned char)c < 0x7f;
}

/* How common a character is in logs: letters as in English, digits and spaces like "a". */
static int commonness(char c)
{
    static const char letters[] = "etaoinshrdlcumwfgypbvkjxqz";
    char lower = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
    const char *at = strchr(letters, lower);
    return at && lower                          ? (int)(sizeof letters - (size_t)(at - letters))
           : c == ' ' || (c >= '0' && c <= '9') ? 24
           : c == ':' || c == '.' || c == '_' || c == '-' ? 14
                                                          : 0;
}

/* Vectorscan looks at the last bytes first. So of a long text the ENOUGH bytes are searched whose
 * end is the rarest, above all in no number: measured, that takes a quarter off the search. */
static struct dx_str rarest(struct dx_str s)
{
    struct dx_str best = s;
    int least = INT_MAX;
    for (size_t i = 0; s.n > ENOUGH && i <= s.n - ENOUGH; i++) {
        int sum = 0;
        for (size_t k = 0; k < ENOUGH; k++) {
            sum += commonness(s.p[i + k]) * (k + 4 >= ENOUGH ? 4 : 1);
        }
        if (sum < least) {
            least = sum;
            best = (struct dx_str){s.p + i, ENOUGH};
        }
    }
    return best;
}

static struct dx_str longest_piece(const char *literal)
{
    struct dx_str best = {literal, 0};
    for (const char *p = literal; *p;) {
        size_t n = 0;
        while (p[n] && survives(p[n])) {
            n++;
        }
        if (n > best.n) {
            best = (struct dx_str){p, n};
        }
        p += n + (p[n] != 0);
    }
    return rarest(best);
}

static bool listed(const struct dx_str *list, size_t count, struct dx_str s)
{
    for (size_t i = 0; i < count; i++) {
        if (dx_str_eq(list[i], s)) {
            return true;
        }
    }
    return false;
}

/* The pieces of all patterns for logs, once each, in the arena. */
static struct dx_str *pieces(struct dx_arena *a, size_t *count)
{
    struct dx_str *list = NULL;
    size_t cap = 0;
    for (size_t i = 0; i < kb_symptom_count; i++) {
        const struct kb_symptom *kb = &kb_symptom_rows[i];
        for (const char *s = kb_first(kb->literal); *s && kb->in != KB_SYMPTOM_IN_PROSE;
             s = kb_next(s)) {
            struct dx_str piece = longest_piece(s);
            if (piece.n && !listed(list, *count, piece)) {
                *DX_PUSH(a, list, *count, cap) =
                    (struct dx_str){dx_strndup(a, piece.p, piece.n), piece.n};
            }
        }
    }
    return list;
}

static struct dx_literals *own(struct dx_arena *a, const struct dx_str *list, size_t count)
{
    struct dx_literals *l = dx_literals_new(a, 1);
    for (size_t i = 0; i < count; i++) {
        dx_literals_add(l, list[i].p, 0);
    }
    dx_literals_ready(l);
    return l;
}

#ifdef DX_VECTORSCAN
static hs_database_t *compile(struct dx_arena *a, const struct dx_str *list, size_t count)
{
    const char **texts = dx_calloc(a, count, sizeof *texts);
    unsigned *flags = dx_calloc(a, count, sizeof *flags);
    size_t *sizes = dx_calloc(a, count, sizeof *sizes);
    hs_database_t *database = NULL;
    hs_compile_error_t *error = NULL;
    for (size_t i = 0; i < count; i++) {
        texts[i] = list[i].p;
        sizes[i] = list[i].n;
        flags[i] = HS_FLAG_CASELESS;
    }
    if (hs_compile_lit_multi(texts, flags, NULL, sizes, (unsigned)count, HS_MODE_BLOCK, NULL,
                             &database, &error) != HS_SUCCESS) {
        hs_free_compile_error(error);
        return NULL; /* this processor lacks what Vectorscan needs */
    }
    return database;
}
#endif

struct dx_prefilter *dx_prefilter_new(struct dx_arena *a, bool large)
{
    struct dx_prefilter *f = dx_alloc(a, sizeof *f);
    size_t count = 0;
    struct dx_str *list = pieces(a, &count);
#ifdef DX_VECTORSCAN
    f->database = large ? compile(a, list, count) : NULL;
    if (f->database) {
        return f;
    }
#else
    (void)large;
#endif
    f->literals = own(a, list, count);
    return f;
}

void dx_prefilter_free(struct dx_prefilter *f)
{
#ifdef DX_VECTORSCAN
    if (f && f->database) {
        hs_free_database(f->database);
    }
#else
    (void)f;
#endif
}

struct dx_prefilter_scratch *dx_prefilter_scratch_new(const struct dx_prefilter *f)
{
    struct dx_prefilter_scratch *s = calloc(1, sizeof *s);
    if (!s) {
        abort();
    }
#ifdef DX_VECTORSCAN
    if (f->database && hs_alloc_scratch(f->database, &s->scratch) != HS_SUCCESS) {
        abort(); /* out of memory */
    }
#else
    (void)f;
#endif
    return s;
}

void dx_prefilter_scratch_free(struct dx_prefilter_scratch *s)
{
#ifdef DX_VECTORSCAN
    if (s && s->scratch) {
        hs_free_scratch(s->scratch);
    }
#endif
    free(s);
}

static void mark(uint64_t *marks, size_t end)
{
    size_t grain = (end - 1) / DX_GRAIN;
    marks[grain / 64] |= UINT64_C(1) << grain % 64;
}

static void mark_end(void *user, size_t end)
{
    mark(user, end);
}

#ifdef DX_VECTORSCAN
static int on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
                    void *user)
{
    (void)id;
    (void)from;
    (void)flags;
    mark(user, (size_t)to);
    return 0;
}
#endif

void dx_prefilter_mark(const struct dx_prefilter *f, struct dx_prefilter_scratch *s,
                       struct dx_str block, uint64_t *marks)
{
#ifdef DX_VECTORSCAN
    if (f->database) {
        (void)hs_scan(f->database, block.p, (unsigned)block.n, 0, s->scratch, on_match, marks);
        return;
    }
#endif
    (void)s;
    dx_literals_each(f->literals, block, mark_end, marks);
}
