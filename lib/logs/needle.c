/* The pattern is taken apart as far as that needs: alternatives need a needle each, of a sequence
 * the part is taken whose needles are the longest. */
#include "logs/needle.h"

#include <string.h>

#define SHORTEST 3       /* bytes of a needle that tells anything */
#define MOST 96          /* needles of one pattern */
#define DEEPEST_GROUP 40 /* groups in groups */

struct taken {
    struct dx_str list[MOST];
    size_t count, least; /* least: bytes of the shortest; 0: none */
};

struct needle_parser {
    const char *p;
    struct dx_arena *arena;
    unsigned depth;
};

/* What follows an atom: how often it may stand there. */
struct repeat {
    bool none, more; /* it may be missing; it may come again */
};

static bool needle_better(const struct taken *a, const struct taken *b)
{
    return a->least != b->least ? a->least > b->least : a->count < b->count;
}

static void needle_forget(struct taken *t)
{
    t->count = t->least = 0;
}

static void needle_merge(struct taken *into, const struct taken *t)
{
    if (t->least == 0 || into->least == 0 || into->count + t->count > MOST) {
        needle_forget(into);
        return;
    }
    for (size_t i = 0; i < t->count; i++) {
        into->list[into->count++] = t->list[i];
    }
    into->least = t->least < into->least ? t->least : into->least;
}

static struct repeat needle_repeat(struct needle_parser *s)
{
    struct repeat r = {false, false};
    if (*s->p == '?' || *s->p == '*' || *s->p == '+') {
        r = (struct repeat){*s->p != '+', *s->p != '?'};
        s->p++;
    } else if (*s->p == '{' && s->p[1] >= '0' && s->p[1] <= '9') {
        r = (struct repeat){s->p[1] == '0', true};
        s->p += strcspn(s->p, "}");
        s->p += *s->p != 0;
    } else {
        return r;
    }
    s->p += *s->p == '?' || *s->p == '+'; /* lazy, possessive */
    return r;
}

/* Behind "[...]". */
static void needle_class(struct needle_parser *s)
{
    s->p++;
    s->p += *s->p == '^';
    s->p += *s->p == ']';
    while (*s->p && *s->p != ']') {
        s->p += *s->p == '\\' && s->p[1] ? 2 : 1;
    }
    s->p += *s->p != 0;
}

static struct taken needle_alternatives(struct needle_parser *s);

/* A group from its bracket on: what it takes at least; *width: it stands for text, not for a
 * place. */
static struct taken needle_group(struct needle_parser *s, bool *width)
{
    struct taken t = {.count = 0};
    bool look = false;
    s->p++;
    if (*s->p == '?') {
        s->p++;
        look = *s->p == '=' || *s->p == '!' || (*s->p == '<' && (s->p[1] == '=' || s->p[1] == '!'));
        bool inner = *s->p == ':' || *s->p == '<' || look;
        if (look) {
            s->p += *s->p == '<' ? 2 : 1;
        } else if (*s->p == ':') {
            s->p++;
        } else if (*s->p == '<') {
            s->p += strcspn(s->p, ">");
            s->p += *s->p != 0;
        }
        if (!inner) { /* (?&name), (?i): nothing is known of it */
            s->p += strcspn(s->p, ")");
            s->p += *s->p != 0;
            *width = true;
            return t;
        }
    }
    *width = !look;
    t = needle_alternatives(s);
    s->p += *s->p == ')';
    if (look) {
        needle_forget(&t);
    }
    return t;
}

/* The run of plain characters that is being read. */
struct needle_run {
    char text[64];
    size_t n;
};

static void needle_end_run(struct needle_parser *s, struct needle_run *run, struct taken *best)
{
    if (run->n >= SHORTEST) {
        struct taken t = {.count = 1, .least = run->n};
        t.list[0] = dx_str(dx_strndup(s->arena, run->text, run->n));
        if (needle_better(&t, best)) {
            *best = t;
        }
    }
    run->n = 0;
}

/* A character that stands for itself. */
static void needle_character(struct needle_parser *s, struct needle_run *run, struct taken *best,
                             char c)
{
    struct repeat r = needle_repeat(s);
    if (!r.none && run->n < sizeof run->text) {
        run->text[run->n++] = c;
    }
    if (r.none || r.more || run->n == sizeof run->text) {
        needle_end_run(s, run, best);
    }
}

static void needle_escape(struct needle_parser *s, struct needle_run *run, struct taken *best)
{
    char c = s->p[1];
    s->p += c ? 2 : 1;
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (c == 'b' || c == 'B' || c == 'K') {
        return; /* a place */
    }
    if (letter || !c) { /* a class, a reference: \k<name> */
        if ((c == 'k' || c == 'g') && *s->p == '<') {
            s->p += strcspn(s->p, ">");
            s->p += *s->p != 0;
        }
        (void)needle_repeat(s);
        needle_end_run(s, run, best);
        return;
    }
    needle_character(s, run, best, c);
}

static void needle_atom(struct needle_parser *s, struct needle_run *run, struct taken *best)
{
    char c = *s->p;
    if (c == '(') {
        bool width;
        struct taken t = needle_group(s, &width);
        struct repeat r = needle_repeat(s);
        if (width) {
            needle_end_run(s, run, best);
        }
        if (!r.none && t.least >= SHORTEST && needle_better(&t, best)) {
            *best = t;
        }
    } else if (c == '[') {
        needle_class(s);
        (void)needle_repeat(s);
        needle_end_run(s, run, best);
    } else if (c == '\\') {
        needle_escape(s, run, best);
    } else if (c == '.') {
        s->p++;
        (void)needle_repeat(s);
        needle_end_run(s, run, best);
    } else if (c == '^' || c == '$') {
        s->p++;
    } else {
        s->p++;
        needle_character(s, run, best, c);
    }
}

static struct taken needle_sequence(struct needle_parser *s)
{
    struct taken best = {.count = 0};
    struct needle_run run = {.n = 0};
    while (*s->p && *s->p != '|' && *s->p != ')') {
        needle_atom(s, &run, &best);
    }
    needle_end_run(s, &run, &best);
    return best;
}

static struct taken needle_alternatives(struct needle_parser *s)
{
    struct taken all = {.count = 0};
    if (++s->depth > DEEPEST_GROUP) { /* no pattern of ours is that deep: nothing is known of it */
        s->p += strlen(s->p);
        return all;
    }
    all = needle_sequence(s);
    while (*s->p == '|') {
        s->p++;
        struct taken t = needle_sequence(s);
        needle_merge(&all, &t);
    }
    s->depth--;
    return all;
}

struct dx_needles dx_needles_of(const char *pattern, struct dx_arena *a)
{
    struct needle_parser s = {.p = pattern, .arena = a};
    struct taken t = needle_alternatives(&s);
    if (*s.p || t.least < SHORTEST) { /* a bracket too many: it was not understood */
        return (struct dx_needles){NULL, 0};
    }
    struct dx_needles out = {dx_calloc(a, t.count, sizeof(struct dx_str)), t.count};
    memcpy(out.text, t.list, t.count * sizeof *out.text);
    return out;
}
