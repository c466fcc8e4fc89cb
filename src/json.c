#include "json.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "app.h"
#include "term.h"

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

static void before_value(struct json *j)
{
    if (j->after_key) {
        j->after_key = false;
        return;
    }
    if (!j->first[j->depth]) {
        (void)fputs(j->pretty || j->depth == 0 ? "," : ", ", j->out);
    }
    if (j->depth) {
        new_line(j);
    }
    j->first[j->depth] = false;
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

static void put_string(struct json *j, const char *s, size_t n)
{
    (void)fputc('"', j->out);
    while (n) {
        unsigned char c = (unsigned char)*s;
        size_t len = term_utf8(s, n);
        if (len == 0) {
            (void)fputs("\xef\xbf\xbd", j->out);
            len = 1;
        } else if (c == '"' || c == '\\') {
            (void)fprintf(j->out, "\\%c", c);
        } else if (c == '\n') {
            (void)fputs("\\n", j->out);
        } else if (c == '\t') {
            (void)fputs("\\t", j->out);
        } else if (c < 0x20 || c == 0x7f) {
            (void)fprintf(j->out, "\\u%04x", c);
        } else {
            (void)fwrite(s, 1, len, j->out);
        }
        s += len;
        n -= len;
    }
    (void)fputc('"', j->out);
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
    before_value(j);
    put_string(j, key, strlen(key));
    (void)fputs(": ", j->out);
    j->after_key = true;
}

void json_strn(struct json *j, const char *s, size_t n)
{
    before_value(j);
    put_string(j, s, n);
}

void json_str(struct json *j, const char *s)
{
    if (s) {
        json_strn(j, s, strlen(s));
    } else {
        json_none(j);
    }
}

void json_int(struct json *j, int64_t v)
{
    before_value(j);
    (void)fprintf(j->out, "%" PRId64, v);
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
