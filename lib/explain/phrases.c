/* Phrases of told/words.rec in a text. A phrase is words with spaces between them: "a|b" is one of
 * several, "load*" any word that begins so, "@no" any word of that set, ".." up to six other
 * words, "..." up to twenty. A phrase lies in one sentence. A text is taken apart into words in
 * small letters: "can't" is "can" and "not", "pop-up" is two words, "/Applications" keeps its
 * slash. */
#include "explain/phrases.h"

#include <string.h>

#include "kb.h"
#include "know/know.h"

#define NEAR_WORDS 6
#define SENTENCE_WORDS 20
#define MOST_WORDS 200000 /* of a text: prose is 256 KiB at most, and has fewer */
#define HEADS 4096

struct phrase_word {
    const char *p;
    size_t n;
    bool begins; /* the word only begins so */
};

struct phrase_element {
    struct phrase_word *word; /* any of them */
    size_t count, cap;
    size_t between; /* most words between it and the element before */
};

struct phrase {
    size_t row;
    bool unless;
    struct phrase_element *element;
    size_t count, cap;
};

struct phrase_head {
    size_t *phrase;
    size_t count, cap;
};

struct dx_phrases {
    struct phrase *phrase;
    size_t count, cap;
    /* Phrases by the two bytes that their first word begins with; by one, where it has no more. */
    struct phrase_head head[HEADS], short_head[256];
};

/* ---- phrases ----------------------------------------------------------------------------------
 */

static void phrase_add_word(struct phrase_element *e, const char *p, size_t n, struct dx_arena *a)
{
    bool begins = p[n - 1] == '*';
    *DX_PUSH(a, e->word, e->count, e->cap) = (struct phrase_word){p, n - begins, begins};
}

/* The generator has looked: no word is empty, and a set is there and has words alone. */
static void phrase_add_words(struct phrase_element *e, const char *p, size_t n, struct dx_arena *a)
{
    for (size_t i = 0; i < n;) {
        size_t k = 0;
        while (i + k < n && p[i + k] != '|') {
            k++;
        }
        if (p[i] == '@') {
            char *name = dx_sprintf(a, "set.%.*s", (int)k - 1, p + i + 1);
            for (const char *s = kb_first(dx_kb_told_word(dx_str(name))->phrase); *s;
                 s = kb_next(s)) {
                for (size_t w = 0; s[w]; w += strcspn(s + w, "|"), w += s[w] == '|') {
                    phrase_add_word(e, s + w, strcspn(s + w, "|"), a);
                }
            }
        } else {
            phrase_add_word(e, p + i, k, a);
        }
        i += k + 1;
    }
}

static void phrase_parse(struct phrase *out, const char *s, struct dx_arena *a)
{
    size_t between = 0;
    while (*s) {
        size_t n = strcspn(s, " ");
        if (n == 2 && strncmp(s, "..", 2) == 0) {
            between = NEAR_WORDS;
        } else if (n == 3 && strncmp(s, "...", 3) == 0) {
            between = SENTENCE_WORDS;
        } else {
            struct phrase_element *e = DX_PUSH(a, out->element, out->count, out->cap);
            *e = (struct phrase_element){.between = between};
            between = 0;
            phrase_add_words(e, s, n, a);
        }
        s += n + (s[n] == ' ');
    }
}

static size_t phrases_key(const char *word)
{
    return ((unsigned char)word[0] * 64U + (unsigned char)word[1]) % HEADS;
}

static void phrases_add(struct dx_phrases *p, size_t row, struct kb_list list, bool unless,
                        struct dx_arena *a)
{
    for (const char *s = kb_first(list); *s; s = kb_next(s)) {
        struct phrase ph = {.row = row, .unless = unless};
        phrase_parse(&ph, s, a);
        for (size_t i = 0; ph.count && i < ph.element[0].count; i++) {
            const struct phrase_word *w = &ph.element[0].word[i];
            struct phrase_head *h =
                w->n > 1 ? &p->head[phrases_key(w->p)] : &p->short_head[(unsigned char)*w->p];
            if (h->count == 0 || h->phrase[h->count - 1] != p->count) {
                *DX_PUSH(a, h->phrase, h->count, h->cap) = p->count;
            }
        }
        *DX_PUSH(a, p->phrase, p->count, p->cap) = ph;
    }
}

struct dx_phrases *dx_phrases_new(struct dx_arena *a)
{
    struct dx_phrases *p = dx_calloc(a, 1, sizeof *p);
    for (size_t i = 0; i < kb_told_word_count; i++) {
        const struct kb_told_word *kb = &kb_told_word_rows[i];
        if (kb->slot != KB_TOLD_WORD_SLOT_SET) {
            phrases_add(p, i, kb->phrase, false, a);
            phrases_add(p, i, kb->unless, true, a);
        }
    }
    return p;
}

/* ---- a text -----------------------------------------------------------------------------------
 */

struct text_word {
    struct dx_str at; /* in the text */
    struct dx_str low;
    size_t sentence;
};

struct text_words {
    struct text_word *word;
    size_t count, cap;
    size_t sentence;
};

static bool phrases_is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '\'' || (c & 0x80);
}

static char phrases_small(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static void add_text_word(struct text_words *w, struct dx_str at, struct dx_str low,
                          struct dx_arena *a)
{
    static const char *const short_forms[] = {"dont",  "doesnt", "cant",  "wont",    "isnt",
                                              "didnt", "arent",  "wasnt", "couldnt", "cannot"};
    bool no = low.n > 3 && strncmp(low.p + low.n - 3, "n't", 3) == 0;
    low.n -= no ? 3 : 0;
    for (size_t i = 0; !no && i < sizeof short_forms / sizeof *short_forms; i++) {
        no = dx_str_is(low, short_forms[i]);
        low.n = no ? low.n - (low.p[low.n - 2] == 'o' ? 3 : 2) : low.n;
    }
    while (low.n > 1 && low.p[low.n - 1] == '\'') {
        low.n--;
    }
    *DX_PUSH(a, w->word, w->count, w->cap) = (struct text_word){at, low, w->sentence};
    if (no) {
        *DX_PUSH(a, w->word, w->count, w->cap) = (struct text_word){at, DX_STR("not"), w->sentence};
    }
}

static void phrases_take_apart(struct text_words *w, struct dx_str text, struct dx_arena *a)
{
    char *low = dx_alloc(a, text.n + 1);
    for (size_t i = 0; i < text.n; i++) {
        low[i] = phrases_small(text.p[i]);
    }
    for (size_t i = 0; i < text.n && w->count < MOST_WORDS;) {
        size_t n = text.p[i] == '/' && (i == 0 || strchr(" (\"'`", text.p[i - 1])) ? 1 : 0;
        while (i + n < text.n && phrases_is_letter(text.p[i + n])) {
            n++;
        }
        if (n && text.p[i] != '\'') {
            add_text_word(w, (struct dx_str){text.p + i, n}, (struct dx_str){low + i, n}, a);
            i += n;
        } else {
            bool last = i + 1 == text.n || strchr(" \n\"')*", text.p[i + 1]);
            w->sentence += text.p[i] == '\n' || (last && strchr(".?!", text.p[i]));
            i++;
        }
    }
}

static bool phrase_element_is(const struct phrase_element *e, struct dx_str word)
{
    for (size_t i = 0; i < e->count; i++) {
        const struct phrase_word *w = &e->word[i];
        if ((w->begins ? word.n >= w->n : word.n == w->n) && memcmp(word.p, w->p, w->n) == 0) {
            return true;
        }
    }
    return false;
}

/* Whether the elements from k on stand from word i on, which is the earliest place for the first of
 * them; *last becomes the last word. */
static bool phrase_goes_on(const struct phrase *ph, size_t k, const struct text_words *w, size_t i,
                           size_t *last)
{
    if (k == ph->count) {
        return true;
    }
    const struct phrase_element *e = &ph->element[k];
    size_t sentence = w->word[i - 1].sentence;
    for (size_t n = 0; n <= e->between && i + n < w->count; n++) {
        if (w->word[i + n].sentence != sentence) {
            return false;
        }
        if (phrase_element_is(e, w->word[i + n].low) &&
            phrase_goes_on(ph, k + 1, w, i + n + 1, last)) {
            *last = *last > i + n ? *last : i + n;
            return true;
        }
    }
    return false;
}

struct phrases_reading {
    const struct dx_phrases *p;
    const struct text_words *w;
    struct dx_str text;
    size_t title;
    struct dx_told *told;
    bool *denied;
};

/* The phrases of h that begin with word i. */
static void phrases_read_at(const struct phrases_reading *r, const struct phrase_head *h, size_t i)
{
    const struct text_word *word = r->w->word;
    for (size_t k = 0; k < h->count; k++) {
        const struct phrase *ph = &r->p->phrase[h->phrase[k]];
        size_t last = i;
        if (!phrase_element_is(&ph->element[0], word[i].low) ||
            !phrase_goes_on(ph, 1, r->w, i + 1, &last)) {
            continue;
        }
        struct dx_told *t = &r->told[ph->row];
        const char *from = word[i].at.p, *to = word[last].at.p + word[last].at.n;
        r->denied[ph->row] |= ph->unless;
        if (!ph->unless && (t->times == 0 || from >= t->span.p + t->span.n)) {
            t->span = t->times ? t->span : (struct dx_str){from, (size_t)(to - from)};
            t->title |= (size_t)(from - r->text.p) < r->title;
            t->times++;
        }
    }
}

struct dx_told *dx_phrases_read(const struct dx_phrases *p, struct dx_str text, size_t title,
                                struct dx_arena *a)
{
    struct dx_told *told = dx_calloc(a, kb_told_word_count, sizeof *told);
    bool *denied = dx_calloc(a, kb_told_word_count, sizeof *denied);
    struct text_words w = {0};
    phrases_take_apart(&w, text, a);
    const struct phrases_reading r = {p, &w, text, title, told, denied};
    for (size_t i = 0; i < w.count; i++) {
        const struct dx_str low = w.word[i].low;
        if (low.n) {
            phrases_read_at(&r, &p->short_head[(unsigned char)*low.p], i);
        }
        if (low.n > 1) {
            phrases_read_at(&r, &p->head[phrases_key(low.p)], i);
        }
    }
    for (size_t i = 0; i < kb_told_word_count; i++) {
        if (denied[i]) {
            told[i] = (struct dx_told){0};
        }
    }
    return told;
}
