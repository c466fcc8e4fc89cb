#include "app/json.h"

#include <assert.h>
#include <string.h>

#include "app/app.h"
#include "app/term.h"

void json_open(struct json *j, FILE *out, bool pretty)
{
    *j = (struct json){.out = out, .pretty = pretty};
    j->first[0] = true;
}

static void new_line(struct json *j)
{
    if (j->pretty) {
        (void)fprintf(j->out, "\n%*s", (int)(2 * j->depth), "");
    }
}

/* What stands between this value and the one before it, where that is short: "" when it is written
 * already. */
static const char *json_lead(struct json *j)
{
    if (j->after_key) {
        j->after_key = false;
        return "";
    }
    const char *comma = j->first[j->depth] ? "" : j->pretty || j->depth == 0 ? "," : ", ";
    if (j->depth && j->pretty) {
        (void)fputs(comma, j->out);
        new_line(j);
        comma = "";
    }
    j->first[j->depth] = false;
    return comma;
}

static void before_value(struct json *j)
{
    (void)fputs(json_lead(j), j->out);
}

void json_begin(struct json *j, char bracket)
{
    before_value(j);
    (void)fputc(bracket, j->out);
    assert(j->depth + 1 < JSON_DEPTH);
    j->first[++j->depth] = true;
}

void json_end(struct json *j, char bracket)
{
    bool empty = j->first[j->depth];
    assert(j->depth);
    j->depth--;
    if (!empty) {
        new_line(j);
    }
    (void)fputc(bracket, j->out);
}

/* How c is written in a string; at most six bytes. */
static size_t json_odd(char *to, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    to[0] = '\\';
    if (c == '"' || c == '\\' || c == '\n' || c == '\t') {
        to[1] = c == '\n' ? 'n' : c == '\t' ? 't' : (char)c;
        return 2;
    }
    to[1] = 'u';
    to[2] = to[3] = '0';
    to[4] = hex[c >> 4];
    to[5] = hex[c & 15];
    return 6;
}

/* One character that is not seen, as a number: the value is the same, the text shows it. At most
 * twelve bytes. */
static size_t json_unseen(char *to, const char *s, size_t len)
{
    const unsigned char *p = (const unsigned char *)s;
    unsigned c = p[0] & (len == 2 ? 0x1fU : len == 3 ? 0x0fU : 0x07U);
    for (size_t i = 1; i < len; i++) {
        c = c << 6 | (p[i] & 0x3fU);
    }
    char text[16];
    int n = c < 0x10000
                ? snprintf(text, sizeof text, "\\u%04x", c)
                : snprintf(text, sizeof text, "\\u%04x\\u%04x", 0xd800 + ((c - 0x10000) >> 10),
                           0xdc00 + ((c - 0x10000) & 0x3ff));
    memcpy(to, text, (size_t)n);
    return (size_t)n;
}

static uint64_t json_bytes_are(uint64_t word, unsigned char c)
{
    const uint64_t ones = UINT64_MAX / 255, other = word ^ ones * c;
    return (other - ones) & ~other;
}

/* Do these eight bytes stand in a string as they are? */
static bool json_word_plain(const char *s, bool html)
{
    const uint64_t ones = UINT64_MAX / 255;
    uint64_t w;
    memcpy(&w, s, sizeof w);
    uint64_t odd = w | ((w - ones * 0x20) & ~w) | json_bytes_are(w, 0x7f) | json_bytes_are(w, '"') |
                   json_bytes_are(w, '\\') | json_bytes_are(w, '#');
    odd |= html ? json_bytes_are(w, '<') : 0;
    return !(odd & ones * 0x80);
}

/* A string is put together first, with what stands around it: one call of stdio for a short one. */
static void json_put_string(struct json *j, const char *s, size_t n, const char *tail)
{
    char text[1024];
    size_t at = 0;
    for (const char *lead = json_lead(j); *lead; lead++) {
        text[at++] = *lead;
    }
    text[at++] = '"';
    while (n) {
        if (n >= 8 && at + 16 <= sizeof text && json_word_plain(s, j->html)) {
            memcpy(text + at, s, 8);
            at += 8;
            s += 8;
            n -= 8;
            continue;
        }
        unsigned char c = (unsigned char)*s;
        bool plain = c >= 0x20 && c < 0x7f && c != '"' && c != '\\' && (c != '<' || !j->html);
        size_t len = plain ? 1 : c < 0x80 ? 0 : term_utf8(s, n);
        if (at + 16 > sizeof text) { /* a character in twelve bytes, the mark, the tail */
            (void)fwrite(text, 1, at, j->out);
            at = 0;
        }
        /* a command to some CI runners, wherever it stands */
        bool command = c == '#' && n > 2 && s[1] == '#' && (s[2] == '[' || s[2] == 'v');
        if (plain && !command) {
            text[at++] = (char)c;
        } else if (c < 0x80) {
            at += json_odd(text + at, c);
        } else if (len && term_unseen(s, len)) {
            at += json_unseen(text + at, s, len);
        } else if (len) {
            memcpy(text + at, s, len);
            at += len;
        } else {
            memcpy(text + at, "\xef\xbf\xbd", 3); /* NOLINT(bugprone-not-null-terminated-result) */
            at += 3;
        }
        len = len ? len : 1;
        s += len;
        n -= len;
    }
    text[at++] = '"';
    for (; *tail; tail++) {
        text[at++] = *tail;
    }
    (void)fwrite(text, 1, at, j->out);
}

char *json_text(const char *s)
{
    size_t n = strlen(s);
    char *out = app_alloc(3 * n + 1), *p = out;
    while (n) {
        size_t len = term_utf8(s, n);
        memcpy(p, len ? s : "\xef\xbf\xbd", len ? len : 3);
        p += len ? len : 3;
        len = len ? len : 1;
        s += len;
        n -= len;
    }
    *p = 0;
    return out;
}

void json_key(struct json *j, const char *key)
{
    json_put_string(j, key, strlen(key), ": ");
    j->after_key = true;
}

void json_strn(struct json *j, const char *s, size_t n)
{
    json_put_string(j, s, n, "");
}

void json_str(struct json *j, const char *s)
{
    if (s) {
        json_strn(j, s, strlen(s));
    } else {
        json_none(j);
    }
}

/* Written by hand: a page of a large registry holds millions. */
static void json_decimal(struct json *j, bool minus, uint64_t v)
{
    char text[32], *p = text + sizeof text;
    do {
        *--p = (char)('0' + v % 10);
        v /= 10;
    } while (v);
    if (minus) {
        *--p = '-';
    }
    for (const char *lead = json_lead(j), *last = lead + strlen(lead); last > lead;) {
        *--p = *--last;
    }
    (void)fwrite(p, 1, (size_t)(text + sizeof text - p), j->out);
}

void json_int(struct json *j, int64_t v)
{
    json_decimal(j, v < 0, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

void json_uint(struct json *j, uint64_t v)
{
    json_decimal(j, false, v);
}

void json_bool(struct json *j, bool v)
{
    before_value(j);
    (void)fputs(v ? "true" : "false", j->out);
}

void json_none(struct json *j)
{
    before_value(j);
    (void)fputs("null", j->out);
}

void json_done(struct json *j)
{
    assert(j->depth == 0);
    (void)fputc('\n', j->out);
    j->first[0] = true;
}

void json_kstr(struct json *j, const char *key, const char *s)
{
    json_key(j, key);
    json_str(j, s);
}

void json_kint(struct json *j, const char *key, int64_t v)
{
    json_key(j, key);
    json_int(j, v);
}

void json_kbool(struct json *j, const char *key, bool v)
{
    json_key(j, key);
    json_bool(j, v);
}

void json_kbegin(struct json *j, const char *key, char bracket)
{
    json_key(j, key);
    json_begin(j, bracket);
}
