/* Codes and calls in a text. A code belongs to the call that stands nearest before it; where none
 * does, to one that follows with a word that joins them ("0xe00002e2 from IOServiceOpen"). */
#include "logs/codes.h"

#include <string.h>
#include <strings.h>

#define CALL_BEFORE 240 /* bytes between a call and its code */
#define CALL_AFTER 60
#define TABLE_CODES 4 /* so many codes of one domain are a table of them */

void dx_codes_begin(struct dx_codes *c, struct dx_str text)
{
    c->text = text;
    c->read = false;
}

void dx_codes_free(struct dx_codes *c)
{
    dx_arena_free(&c->arena);
}

static void codes_read(struct dx_codes *c)
{
    if (!c->read) {
        dx_arena_free(&c->arena);
        c->finds = (struct dx_finds){.arena = &c->arena, .text = c->text.p};
        dx_scan_line(&c->finds, c->text.p, c->text.n, DX_SCOPE_ALL);
        c->read = true;
    }
}

static bool codes_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool codes_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool codes_listed(struct kb_list list, struct dx_str word)
{
    for (const char *s = kb_first(list); *s; s = kb_next(s)) {
        if (dx_str_is(word, s)) {
            return true;
        }
    }
    return false;
}

/* ---- what is no occurrence ---------------------------------------------------------------------
 */

static bool ends_with_word(struct dx_str s, const char *word)
{
    size_t n = strlen(word);
    return s.n >= n && strncmp(s.p + s.n - n, word, n) == 0 &&
           (s.n == n || !codes_word(s.p[s.n - n - 1]));
}

/* "kIOReturnBusy = 0x2d5", "#define kIOReturnBusy iokit_common_err(0x2d5)" */
static bool is_definition(struct dx_str lead, struct dx_str tail)
{
    size_t i = 0;
    while (i < tail.n && (tail.p[i] == ' ' || tail.p[i] == '\t')) {
        i++;
    }
    bool value = i + 1 < tail.n && tail.p[i] == '=' && tail.p[i + 1] != '=';
    return value || ends_with_word(lead, "#define");
}

bool dx_codes_in_source(struct dx_str text, size_t at, size_t n)
{
    struct dx_str lead = {text.p, at}, tail = {text.p + at + n, text.n - at - n};
    while (lead.n && (lead.p[lead.n - 1] == ' ' || lead.p[lead.n - 1] == '\t')) {
        lead.n--;
    }
    if (ends_with_word(lead, "case") || is_definition(lead, tail)) {
        return true;
    }
    while (tail.n && strchr(" )", *tail.p)) {
        tail = (struct dx_str){tail.p + 1, tail.n - 1};
    }
    char before = lead.n ? lead.p[lead.n - 1] : 0;
    bool compared = lead.n > 1 && before == '=' && strchr("=!", lead.p[lead.n - 2]);
    bool ends = tail.n && strchr(";{&|,}", *tail.p);
    return compared ||
           (ends && (ends_with_word(lead, "return") || (before && strchr("=?:,|(", before))));
}

static bool is_name(const struct dx_codes *c, const struct dx_found *f)
{
    char first = c->text.p[f->offset];
    return (first >= 'a' && first <= 'z') || codes_upper(first);
}

/* A header, or documentation, names all codes of a domain. */
static bool is_table(const struct dx_codes *c, const struct dx_found *f)
{
    size_t same = 0;
    uint32_t domain = kb_error_rows[f->refs.row[0]].domain.off;
    for (size_t i = 0; i < c->finds.count; i++) {
        const struct dx_found *o = &c->finds.list[i];
        same +=
            o->refs.count && is_name(c, o) && kb_error_rows[o->refs.row[0]].domain.off == domain;
    }
    return same >= TABLE_CODES;
}

/* ---- calls ------------------------------------------------------------------------------------
 */

static bool is_known_call(struct dx_str word)
{
    for (size_t i = 0; i < kb_symptom_count; i++) {
        if (codes_listed(kb_symptom_rows[i].call, word)) {
            return true;
        }
    }
    return false;
}

/* "MyDriver::Create", "provider->Open" */
static bool is_scoped(struct dx_str text, size_t at)
{
    return at >= 2 &&
           (strncmp(text.p + at - 2, "::", 2) == 0 || strncmp(text.p + at - 2, "->", 2) == 0);
}

/* "Create failed", "Start returns": of a name that is a word of English as well. */
static bool codes_is_told(struct dx_str tail)
{
    static const char *const verbs[] = {" failed", " fails", " return", ": ", " = ", NULL};
    const char *const *v = verbs;
    while (*v && !dx_str_has_prefix(tail, *v)) {
        v++;
    }
    return *v != NULL;
}

/* A word that is called: "CopyInterface(", "driver->Open(". Constants ("kIO...") are not. */
static bool is_called(struct dx_str text, size_t at, size_t n)
{
    struct dx_str word = {text.p + at, n};
    if (n > 1 && *word.p == 'k' && codes_upper(word.p[1])) {
        return false;
    }
    bool camel = false;
    for (size_t i = 1; i < n; i++) {
        camel |= codes_upper(word.p[i]) && word.p[i - 1] >= 'a' && word.p[i - 1] <= 'z';
    }
    bool paren = at + n < text.n && text.p[at + n] == '(';
    if (camel || !is_known_call(word)) {
        return camel && (paren || is_known_call(word));
    }
    return paren || is_scoped(text, at) ||
           codes_is_told((struct dx_str){text.p + at + n, text.n - at - n});
}

/* The call nearest before the place; n is 0 when there is none. */
static struct dx_str call_before(struct dx_str text, size_t at)
{
    size_t from = at > CALL_BEFORE ? at - CALL_BEFORE : 0;
    for (size_t end = at; end > from;) {
        while (end > from && !codes_word(text.p[end - 1])) {
            end--;
        }
        size_t begin = end;
        while (begin > from && codes_word(text.p[begin - 1])) {
            begin--;
        }
        if (end > begin && is_called(text, begin, end - begin)) {
            return (struct dx_str){text.p + begin, end - begin};
        }
        end = begin;
    }
    return (struct dx_str){text.p, 0};
}

/* "... from IOServiceOpen", "... when calling IOServiceOpen" */
static struct dx_str call_after(struct dx_str text, size_t at)
{
    static const char *const joins[] = {"from", "calling", "call", "by", "in", "on", NULL};
    size_t to = text.n - at > CALL_AFTER ? at + CALL_AFTER : text.n;
    bool joined = false;
    for (size_t i = at; i < to;) {
        size_t n = 0;
        while (i + n < text.n && codes_word(text.p[i + n])) {
            n++;
        }
        struct dx_str word = {text.p + i, n};
        if (n && joined && is_called(text, i, n)) {
            return word;
        }
        for (const char *const *j = joins; n && *j; j++) {
            joined |= dx_str_is_nocase(word, *j);
        }
        if (strchr(".;", text.p[i])) {
            break;
        }
        i += n ? n : 1;
    }
    return (struct dx_str){text.p, 0};
}

/* "IOServiceOpen succeeds, then 0xe00002c5": the code is of something else. */
static bool went_well(struct dx_str between)
{
    static const char *const words[] = {"succeed", "success", "works", "worked", " fine", NULL};
    for (const char *const *w = words; *w; w++) {
        size_t n = strlen(*w);
        for (size_t i = 0; i + n <= between.n; i++) {
            if (strncasecmp(between.p + i, *w, n) == 0) {
                return true;
            }
        }
    }
    return false;
}

static bool returned_by(const struct dx_codes *c, const struct dx_found *f,
                        const struct kb_symptom *kb, struct dx_str *span)
{
    struct dx_str call = call_before(c->text, f->offset);
    const char *code = c->text.p + f->offset;
    if (call.n) {
        const char *end = call.p + call.n;
        *span = (struct dx_str){call.p, (size_t)(code - call.p) + f->n};
        return codes_listed(kb->call, call) &&
               !went_well((struct dx_str){end, (size_t)(code - end)});
    }
    call = call_after(c->text, f->offset + f->n);
    *span = (struct dx_str){code, (size_t)(call.p + call.n - code)};
    return call.n && codes_listed(kb->call, call);
}

/* ---- a row ------------------------------------------------------------------------------------
 */

/* A small number means something else in every domain: only the one that is named counts. */
static bool is_code_of(const struct dx_found *f, const struct kb_symptom *kb)
{
    int32_t v = (int32_t)f->value;
    if (f->kind != DEXT_ERROR_KNOWN || f->refs.count == 0 || (v > -1000 && v < 1000 && !f->named)) {
        return false;
    }
    return codes_listed(kb->code, dx_str(kb_s(kb_error_rows[f->refs.row[0]].name)));
}

bool dx_codes_shown(struct dx_codes *c, const struct kb_symptom *kb, struct dx_str *span,
                    bool *named)
{
    codes_read(c);
    bool calls = *kb_first(kb->call) != 0;
    for (size_t i = 0; i < c->finds.count; i++) {
        const struct dx_found *f = &c->finds.list[i];
        if (!is_code_of(f, kb) ||
            (is_name(c, f) && (dx_codes_in_source(c->text, f->offset, f->n) || is_table(c, f)))) {
            continue;
        }
        *span = (struct dx_str){c->text.p + f->offset, f->n};
        *named = !calls && is_name(c, f);
        if (!calls || returned_by(c, f, kb, span)) {
            return true;
        }
    }
    return false;
}
