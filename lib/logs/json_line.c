#include "logs/json_line.h"

#include <stdint.h>

#define DEEPEST 16

struct json_line {
    const char *p, *end;
    struct dx_json_line *out;
};

static void json_blank(struct json_line *r)
{
    while (r->p < r->end && (*r->p == ' ' || *r->p == '\t' || *r->p == '\n' || *r->p == '\r')) {
        r->p++;
    }
}

static bool json_take(struct json_line *r, char c)
{
    bool here = r->p < r->end && *r->p == c;
    r->p += here;
    return here;
}

static bool json_wide(struct json_line *r)
{
    uint32_t c;
    size_t n = dx_utf8_wide(r->p, r->end, &c);
    r->p += n;
    return n != 0;
}

/* Eight bytes that stand for themselves in a string: no quote, backslash, control, nothing wide. A
 * byte below n gives a set top bit in (x - n) & ~x, one that equals c is 0 in x ^ c. */
static bool json_plain_word(const char *p)
{
    const uint64_t each = 0x0101010101010101U;
    uint64_t x, quote, slash;
    memcpy(&x, p, sizeof x);
    quote = x ^ each * '"';
    slash = x ^ each * '\\';
    return ((x | ((x - each * ' ') & ~x) | ((quote - each) & ~quote) | ((slash - each) & ~slash)) &
            each * 0x80) == 0;
}

/* Behind the opening quote. */
static bool json_take_string(struct json_line *r, struct dx_json_raw *out)
{
    *out = (struct dx_json_raw){.p = r->p};
    for (;;) {
        while (r->end - r->p >= 8 && json_plain_word(r->p)) {
            r->p += 8;
        }
        if (r->p == r->end) {
            return false;
        }
        unsigned char c = (unsigned char)*r->p;
        if (c == '"') {
            out->n = (size_t)(r->p - out->p);
            r->p++;
            return true;
        }
        if (c == '\\') {
            if (r->end - r->p < 2 || !r->p[1] || !strchr("\"\\/bfnrt", r->p[1])) {
                return false;
            }
            out->escaped = true;
            r->p += 2;
        } else if (c >= 0x80) {
            if (!json_wide(r)) {
                return false;
            }
        } else if (c < 0x20) {
            return false;
        } else {
            r->p++;
        }
    }
}

static size_t json_digits(struct json_line *r)
{
    const char *from = r->p;
    while (r->p < r->end && *r->p >= '0' && *r->p <= '9') {
        r->p++;
    }
    return (size_t)(r->p - from);
}

/* What fits 64 bits; a double takes it too, with some digits behind a point. */
static bool json_number(struct json_line *r)
{
    (void)json_take(r, '-');
    const char *from = r->p;
    size_t n = json_digits(r);
    if (!n || n > 19 || (n > 1 && *from == '0') ||
        (n == 19 && memcmp(from, "9223372036854775807", 19) > 0)) {
        return false;
    }
    if (json_take(r, '.')) {
        n = json_digits(r);
        if (!n || n > 18) {
            return false;
        }
    }
    return r->p == r->end || (*r->p != 'e' && *r->p != 'E' && *r->p != '.');
}

static bool json_word(struct json_line *r, const char *word)
{
    size_t n = strlen(word);
    bool here = (size_t)(r->end - r->p) >= n && memcmp(r->p, word, n) == 0;
    r->p += here ? n : 0;
    /* "nullx" is one wrong word */
    char c = r->p < r->end ? *r->p : ',';
    return here && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z');
}

static bool json_members(struct json_line *r, unsigned depth, bool close);

static bool json_value(struct json_line *r, unsigned depth, struct dx_json_raw *text)
{
    json_blank(r);
    *text = (struct dx_json_raw){0};
    char c = r->p < r->end ? *r->p : 0;
    struct dx_json_raw inner;
    switch (c) {
    case '"':
        r->p++;
        return json_take_string(r, text);
    case '{':
        r->p++;
        return depth < DEEPEST && json_members(r, depth + 1, true);
    case '[':
        r->p++;
        json_blank(r);
        if (json_take(r, ']')) {
            return true;
        }
        do {
            if (depth >= DEEPEST || !json_value(r, depth + 1, &inner)) {
                return false;
            }
            json_blank(r);
        } while (json_take(r, ','));
        return json_take(r, ']');
    case 't':
        return json_word(r, "true");
    case 'f':
        return json_word(r, "false");
    case 'n':
        return json_word(r, "null");
    default:
        return json_number(r);
    }
}

static bool json_is(const struct dx_json_raw *key, const char *name)
{
    return dx_str_is((struct dx_str){key->p, key->n}, name);
}

/* Behind "{", up to "}", or, without close, up to the end. */
static bool json_members(struct json_line *r, unsigned depth, bool close)
{
    struct dx_json_raw key, value;
    json_blank(r);
    if (close && json_take(r, '}')) {
        return true;
    }
    do {
        json_blank(r);
        /* an escape in a key may spell one of ours */
        if (!json_take(r, '"') || !json_take_string(r, &key) || key.escaped) {
            return false;
        }
        json_blank(r);
        if (!json_take(r, ':') || !json_value(r, depth, &value)) {
            return false;
        }
        if (!depth && json_is(&key, "eventMessage")) {
            r->out->message = value;
        } else if (!depth && json_is(&key, "processImagePath")) {
            r->out->path = value;
        }
        json_blank(r);
    } while (json_take(r, ','));
    return close ? json_take(r, '}') : r->p == r->end;
}

bool dx_json_line(struct dx_json_line *out, struct dx_str s, bool open)
{
    struct json_line r = {s.p, s.p + s.n, out};
    *out = (struct dx_json_line){0};
    return (!open || json_take(&r, '{')) && json_members(&r, 0, open);
}

void dx_json_raw_add(struct dx_buf *b, const struct dx_json_raw *raw)
{
    static const char names[] = "bfnrt", meant[] = "\b\f\n\r\t";
    const char *p = raw->p, *end = raw->p + raw->n;
    while (p < end) {
        const char *slash = raw->escaped ? memchr(p, '\\', (size_t)(end - p)) : NULL;
        dx_buf_add(b, p, (size_t)((slash ? slash : end) - p));
        if (!slash) {
            break;
        }
        const char *at = strchr(names, slash[1]);
        dx_buf_add(b, at ? meant + (at - names) : slash + 1, 1);
        p = slash + 2;
    }
}
