#include "logs/json_rows.h"

#include <string.h>

#include "base/bits.h"

#define BLOCK 4096

struct rows_out {
    char block[BLOCK];
    size_t n;
    bool more;
    bool (*sink)(void *user, const char *data, size_t size);
    void *user;
};

static void rows_flush(struct rows_out *o)
{
    if (o->n && o->more) {
        o->more = o->sink(o->user, o->block, o->n);
    }
    o->n = 0;
}

static void rows_put(struct rows_out *o, char c)
{
    o->block[o->n++] = c;
    if (o->n == BLOCK) {
        rows_flush(o);
    }
}

/* Which of 64 bytes are escaped: those behind a backslash that is not escaped itself. */
static uint64_t rows_escaped(struct dx_json_rows *r, uint64_t slashes)
{
    uint64_t escaped = r->escape;
    r->escape = false;
    for (slashes &= ~escaped; slashes; slashes &= slashes - 1) {
        unsigned at = (unsigned)__builtin_ctzll(slashes);
        if (at == 63) {
            r->escape = true;
        } else {
            escaped |= UINT64_C(2) << at;
            slashes &= ~(UINT64_C(2) << at);
        }
    }
    return escaped;
}

/* 64 bytes of an object; up to its end, when that is among them. */
static size_t rows_some(struct dx_json_rows *r, const char *p)
{
    uint64_t slashes = dx_equal64(p, 0, '\\'), escaped = 0;
    if (slashes || r->escape) {
        escaped = rows_escaped(r, slashes);
    }
    uint64_t quotes = dx_equal64(p, 0, '"') & ~escaped;
    uint64_t text = dx_parity64(quotes) ^ (r->string ? UINT64_MAX : 0);
    uint64_t opens = dx_equal64(p, 0x20, '{') & ~text; /* "[" and "]" are 0x20 from the braces */
    uint64_t closes = dx_equal64(p, 0x20, '}') & ~text;
    for (uint64_t both = opens | closes; both; both &= both - 1) {
        uint64_t bit = both & -both;
        r->depth += (opens & bit) != 0;
        if ((closes & bit) && --r->depth == 0) {
            r->string = r->escape = false;
            return (size_t)__builtin_ctzll(both) + 1;
        }
    }
    r->string = text >> 63;
    return 64;
}

static char rows_byte(struct dx_json_rows *r, char c);

/* Bytes from there on, inside of an object, up to its end: they stay as they are. */
static size_t rows_object(struct dx_json_rows *r, const char *data, size_t size)
{
    size_t n = 0;
    while (r->depth && size - n >= 64) {
        n += rows_some(r, data + n);
    }
    while (r->depth && n < size) {
        (void)rows_byte(r, data[n++]);
    }
    r->spread = r->spread || memchr(data, '\n', n);
    return n;
}

static void rows_put_all(struct rows_out *o, const char *data, size_t n)
{
    if (n > BLOCK / 8) { /* not worth a copy */
        rows_flush(o);
        o->more = o->more && o->sink(o->user, data, n);
        return;
    }
    while (n) {
        size_t some = n < BLOCK - o->n ? n : BLOCK - o->n;
        memcpy(o->block + o->n, data, some);
        o->n += some;
        data += some;
        n -= some;
        if (o->n == BLOCK) {
            rows_flush(o);
        }
    }
}

/* Between objects a line ends: where it does so in the text, or else where one object is parted
 * from the next. */
static char rows_between(struct dx_json_rows *r, char c)
{
    bool parts = c == ',' || c == ']';
    if (c == '\n' && r->owed) {
        r->owed = false;
        return ' ';
    }
    if (parts && (r->ended || r->spread)) {
        return ' ';
    }
    r->owed = r->owed || parts;
    r->ended = r->ended || parts || c == '\n';
    return parts ? '\n' : c;
}

/* What a byte of the array becomes. */
static char rows_byte(struct dx_json_rows *r, char c)
{
    if (r->string) {
        r->string = r->escape || c != '"';
        r->escape = !r->escape && c == '\\';
        return c;
    }
    if (r->depth == 0 && c != '{' && c != '[' && c != '"') {
        return rows_between(r, c);
    }
    r->spread = r->depth && r->spread;
    r->ended = r->owed = false;
    r->string = c == '"';
    if (c == '{' || c == '[') {
        r->depth++;
    } else if ((c == '}' || c == ']') && r->depth) {
        r->depth--;
    }
    return c;
}

static bool rows_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* The bytes before it is known whether an array begins; of the space among them only line ends are
 * kept. */
static void rows_begin(struct dx_json_rows *r, struct rows_out *o, char c)
{
    if (r->state == DX_ROWS_START) {
        if (c == '[') {
            r->state = DX_ROWS_BRACKET;
        } else {
            r->state = rows_space(c) ? DX_ROWS_START : DX_ROWS_PASS;
            rows_put(o, c);
        }
    } else if (!rows_space(c)) {
        r->state = c == '{' ? DX_ROWS_ARRAY : DX_ROWS_PASS;
        if (r->state == DX_ROWS_PASS) {
            rows_put(o, '[');
        }
        for (; r->lines; r->lines--) {
            rows_put(o, '\n');
        }
        rows_put(o, r->state == DX_ROWS_ARRAY ? rows_byte(r, c) : c);
    } else {
        r->lines += c == '\n';
    }
}

bool dx_json_rows(struct dx_json_rows *r, const char *data, size_t size, bool end,
                  bool (*sink)(void *user, const char *data, size_t size), void *user)
{
    struct rows_out o = {.n = 0, .more = true, .sink = sink, .user = user};
    size_t i = 0;
    while (i < size && (r->state == DX_ROWS_START || r->state == DX_ROWS_BRACKET)) {
        rows_begin(r, &o, data[i++]);
    }
    if (end && r->state == DX_ROWS_BRACKET) {
        rows_put(&o, '[');
    }
    while (r->state == DX_ROWS_ARRAY && i < size && o.more) {
        if (r->depth) {
            size_t n = rows_object(r, data + i, size - i);
            rows_put_all(&o, data + i, n);
            i += n;
        } else {
            rows_put(&o, rows_byte(r, data[i++]));
        }
    }
    rows_flush(&o);
    return r->state == DX_ROWS_PASS && i < size && o.more ? sink(user, data + i, size - i) : o.more;
}
