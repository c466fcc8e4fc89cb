/* Prose out of whatever it was pasted from: mail, issues in Markdown, pages without their tags, one
 * long line. And whether a text is prose at all. */
#include <string.h>
#include <strings.h>

#include "explain/explain.h"

/* ---- what is asked, without its wrapping ------------------------------------------------------
 */

struct replacement {
    const char *from, *to;
};

/* Typographic marks and entities that stand for what patterns and code are written with. */
static const struct replacement replacements[] = {
    {"\xe2\x80\x98", "'"}, {"\xe2\x80\x99", "'"}, {"\xe2\x80\x9c", "\""}, {"\xe2\x80\x9d", "\""},
    {"\xc2\xa0", " "},     {"\xe2\x80\xa8", " "}, {"\xe2\x80\xaf", " "},  {"\xef\xbb\xbf", ""},
    {"&lt;", "<"},         {"&gt;", ">"},         {"&quot;", "\""},       {"&#39;", "'"},
    {"&#x27;", "'"},       {"&apos;", "'"},       {"&nbsp;", " "},        {"&amp;", "&"},
};

/* Tags of pages. Those of property lists are none of them. */
static const char *const tags[] = {
    "a",     "b",     "blockquote", "br", "code",  "div", "em",  "h1",   "h2",      "h3",     "h4",
    "hr",    "i",     "img",        "li", "ol",    "p",   "pre", "span", "strong",  "sub",    "sup",
    "table", "tbody", "td",         "th", "thead", "tr",  "tt",  "ul",   "details", "summary"};

#define TAG_BYTES 400

/* Length of a tag of a page at p, or 0. */
static size_t tag_at(const char *p, size_t n)
{
    size_t at = 1, name;
    if (n < 3 || *p != '<') {
        return 0;
    }
    at += p[1] == '/';
    name = at;
    while (at < n && ((p[at] >= 'a' && p[at] <= 'z') || (p[at] >= '1' && p[at] <= '4'))) {
        at++;
    }
    bool known = false;
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
        known |= dx_str_is((struct dx_str){p + name, at - name}, tags[i]);
    }
    if (!known || at == n || !strchr(" />", p[at])) {
        return 0;
    }
    const char *end = memchr(p + at, '>', n - at < TAG_BYTES ? n - at : TAG_BYTES);
    return end && !memchr(p + at, '\n', (size_t)(end - p) - at) ? (size_t)(end - p) + 1 : 0;
}

static size_t replacement_at(const char *p, size_t n, const char **to)
{
    for (size_t i = 0; i < sizeof replacements / sizeof *replacements; i++) {
        const char *from = replacements[i].from;
        size_t k = strlen(from);
        if (k <= n && memcmp(p, from, k) == 0) {
            *to = replacements[i].to;
            return k;
        }
    }
    return 0;
}

/* White space and the marks of a quotation off the front. */
static struct dx_str question_text_unquoted(struct dx_str line)
{
    while (line.n && (strchr(" \t\r>|", *line.p) != NULL)) {
        line.p++;
        line.n--;
    }
    return dx_str_trim(line);
}

size_t dx_prose_clean(char *to, struct dx_str line)
{
    size_t n = 0;
    for (size_t i = 0; i < line.n;) {
        const char *text = NULL;
        unsigned char c = (unsigned char)line.p[i];
        size_t skip = c == '<' ? tag_at(line.p + i, line.n - i) : 0;
        if (skip) {
            text = " ";
        } else if (c == '&' || c >= 0x80) {
            skip = replacement_at(line.p + i, line.n - i, &text);
        }
        if (skip) {
            for (; *text; text++) {
                to[n++] = *text;
            }
            i += skip;
        } else {
            to[n++] = c < ' ' ? ' ' : line.p[i];
            i++;
        }
    }
    return n;
}

void dx_prose_read(struct dx_prose *out, struct dx_str raw, struct dx_arena *a)
{
    size_t lines = 1, n = 0, at = 0;
    for (size_t i = 0; i < raw.n; i++) {
        lines += raw.p[i] == '\n';
    }
    char *text = dx_alloc(a, raw.n + lines + 1);
    *out = (struct dx_prose){.line = dx_calloc(a, lines + 1, sizeof(size_t))};
    while (at < raw.n) {
        const char *end = memchr(raw.p + at, '\n', raw.n - at);
        size_t k = end ? (size_t)(end - raw.p) - at : raw.n - at;
        struct dx_str line = question_text_unquoted((struct dx_str){raw.p + at, k});
        bool gap = line.n == 0 || dx_str_has_prefix(line, "```") || dx_str_has_prefix(line, "~~~");
        out->line[out->lines++] = n;
        if (gap && n && text[n - 1] == ' ') {
            text[n - 1] = '\n';
        } else if (!gap) {
            n += dx_prose_clean(text + n, line);
            text[n++] = ' ';
        }
        at += k + 1;
    }
    text[n] = 0;
    out->line[out->lines] = n;
    out->text = (struct dx_str){text, n};
}

unsigned long dx_prose_line(const struct dx_prose *p, size_t at)
{
    size_t low = 0, high = p->lines; /* the last line that begins at or before at */
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (p->line[middle] <= at) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low + 1;
}

static bool ends_sentence(const char *p, size_t at, size_t n)
{
    return p[at] == '\n' || (strchr(".?!", p[at]) && at + 1 < n && p[at + 1] == ' ');
}

static bool question_text_inside_character(const struct dx_prose *p, size_t at)
{
    return at < p->text.n && ((unsigned char)p->text.p[at] & 0xc0) == 0x80;
}

const char *dx_prose_sentence(const struct dx_prose *p, struct dx_str span, size_t most,
                              struct dx_arena *a)
{
    const char *text = p->text.p;
    size_t from = (size_t)(span.p - text), n = span.n < most ? span.n : most, to = from + n;
    size_t room = (most - n) / 2;
    size_t first = from > room ? from - room : 0;
    size_t last = to + room < p->text.n ? to + room : p->text.n;
    while (from > first && !ends_sentence(text, from - 1, p->text.n)) {
        from--;
    }
    while (to < last && !ends_sentence(text, to, p->text.n)) {
        to++;
    }
    bool begins = from == 0 || ends_sentence(text, from - 1, p->text.n);
    bool ends = to >= p->text.n || ends_sentence(text, to, p->text.n);
    to += ends && to < p->text.n;
    while (!begins && from < to && (question_text_inside_character(p, from) || text[from] != ' ')) {
        from++; /* not in the middle of a word */
    }
    while (!ends && to > from && (question_text_inside_character(p, to) || text[to] != ' ')) {
        to--;
    }
    struct dx_str s = dx_str_trim((struct dx_str){text + from, to - from});
    char *out = dx_sprintf(a, "%s%.*s%s", begins ? "" : "... ", (int)s.n, s.p, ends ? "" : " ...");
    for (char *c = out; *c; c++) {
        *c = *c == '\n' ? ' ' : *c;
    }
    return out;
}

/* ---- words ---------------------------------------------------------------------------------- */

static bool question_text_is_word_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static char question_text_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

bool dx_prose_mentions(struct dx_str text, const char *const *list)
{
    for (size_t i = 0; i < text.n; i++) {
        if (i && question_text_is_word_char(text.p[i - 1])) {
            continue;
        }
        for (const char *const *s = list; *s; s++) {
            size_t n = strlen(*s), k = 0;
            while (k < n && i + k < text.n && question_text_lower(text.p[i + k]) == (*s)[k]) {
                k++;
            }
            if (k == n) {
                return true;
            }
        }
    }
    return false;
}

bool dx_prose_has_word(struct dx_str text, const char *const *list)
{
    for (size_t i = 0; i < text.n;) {
        size_t n = 0;
        while (i + n < text.n &&
               (question_text_is_word_char(text.p[i + n]) || text.p[i + n] == '\'')) {
            n++;
        }
        for (const char *const *s = list; n && *s; s++) {
            if (dx_str_is_nocase((struct dx_str){text.p + i, n}, *s)) {
                return true;
            }
        }
        i += n + 1;
    }
    return false;
}

/* ---- is it prose ------------------------------------------------------------------------------
 */

struct prose_count {
    size_t words, common, plain; /* of the sentence that is being read */
    size_t sentences, persons;   /* of the text */
    size_t all_words, all_common;
};

static bool question_text_is_one_of(struct dx_str word, const char *const *list)
{
    for (; *list; list++) {
        if (dx_str_is_nocase(word, *list)) {
            return true;
        }
    }
    return false;
}

/* A question of few words has few common ones: "Can one app contain two driver extensions?" */
static void end_of_sentence(struct prose_count *c, bool asked)
{
    size_t words = asked ? 3 : 5, common = asked ? 1 : 3;
    c->sentences +=
        c->words >= words && c->common * 10 >= c->words * common && c->plain * 10 >= c->words * 6;
    c->all_words += c->words;
    c->all_common += c->common;
    c->words = c->common = c->plain = 0;
}

/* The long output of a tool has a sentence here and there, too. */
static bool is_output(const struct prose_count *c)
{
    return c->all_words > 2000 && c->all_common * 12 < c->all_words;
}

static void count_word(struct prose_count *c, struct dx_str word)
{
    static const char *const persons[] = {"I",     "I'm",    "I've", "my",     "we",   "our",
                                          "us",    "me",     "how",  "why",    "can",  "anyone",
                                          "hello", "thanks", "hi",   "please", "what", NULL};
    static const char *const common[] = {
        "the",  "a",     "an",    "is",     "are", "was", "to",   "of",   "in",    "it",  "and",
        "or",   "that",  "this",  "with",   "for", "on",  "but",  "not",  "have",  "has", "be",
        "as",   "you",   "does",  "do",     "did", "if",  "any",  "from", "there", "by",  "at",
        "when", "which", "would", "should", "so",  "all", "then", "than", "after", "use", NULL};
    bool person = question_text_is_one_of(word, persons);
    bool letters = word.n != 0;
    for (size_t i = 0; i < word.n; i++) {
        char l = (char)(word.p[i] | 0x20);
        letters &= (l >= 'a' && l <= 'z') || word.p[i] == '\'' || word.p[i] == '-';
    }
    c->words++;
    c->plain += letters;
    c->persons += person;
    c->common += person || question_text_is_one_of(word, common);
    if (c->words >= 40) {
        end_of_sentence(c, false);
    }
}

static void question_text_count_line(struct prose_count *c, struct dx_str line)
{
    for (size_t i = 0; i < line.n;) {
        size_t n = 0;
        while (i + n < line.n && !strchr(" \t\r", line.p[i + n])) {
            n++;
        }
        struct dx_str word = {line.p + i, n};
        i += n + 1;
        bool end = n && strchr(".?!:", word.p[n - 1]);
        bool asked = n > 1 && word.p[n - 1] == '?';
        c->persons += asked;
        while (word.n && strchr(".,;:?!\"()'*`", word.p[word.n - 1])) {
            word.n--;
        }
        while (word.n && strchr("\"('*`", *word.p)) {
            word.p++;
            word.n--;
        }
        if (word.n) {
            count_word(c, word);
        }
        if (end) {
            end_of_sentence(c, asked);
        }
    }
}

bool dx_question_is(struct dx_str text, bool whole, struct dx_arena *scratch)
{
    struct prose_count c = {0};
    size_t log = 0, prose = 0;
    bool continued = false;
    for (size_t i = 0; i < text.n;) {
        const char *end = memchr(text.p + i, '\n', text.n - i);
        size_t n = end ? (size_t)(end - text.p) - i : text.n - i;
        struct dx_mark mark = dx_arena_mark(scratch);
        struct dx_str line = question_text_unquoted((struct dx_str){text.p + i, n});
        bool bare = dx_line_parse(line, scratch).form == DX_LINE_BARE;
        size_t before = c.sentences;
        continued = bare ? continued && line.n : true;
        if (bare && !continued) { /* else it goes on with the message above */
            question_text_count_line(&c, line);
        }
        if (!bare || line.n == 0) {
            end_of_sentence(&c, false);
        }
        log += !bare;
        prose += c.sentences != before;
        dx_arena_rewind(scratch, mark);
        i += n + 1;
    }
    end_of_sentence(&c, false);
    /* A heading in Markdown is an issue's title; logs and lists have none. */
    bool heading = whole && log == 0 && dx_str_has_prefix(dx_str_trim(text), "# ");
    bool asked = (c.sentences && c.persons) || (c.sentences >= 2 && log == 0) || heading;
    return asked && (whole || log <= prose) && !is_output(&c);
}
