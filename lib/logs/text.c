#include "logs/text.h"

#include <string.h>

bool dx_next_line(struct dx_str *rest, struct dx_str *line)
{
    if (rest->n == 0) {
        return false;
    }
    const char *end = memchr(rest->p, '\n', rest->n);
    size_t n = end ? (size_t)(end - rest->p) : rest->n;
    *line = (struct dx_str){rest->p, n && rest->p[n - 1] == '\r' ? n - 1 : n};
    rest->p += n + (end != NULL);
    rest->n -= n + (end != NULL);
    return true;
}

struct dx_str dx_kind_bare(struct dx_str s)
{
    s = dx_str_trim(s);
    while (s.n && s.p[0] == '>' && (s.n == 1 || strchr(" \t>", s.p[1]))) {
        s = dx_str_trim((struct dx_str){s.p + 1, s.n - 1});
    }
    return s;
}

struct dx_str dx_json_value(struct dx_str s, const char *key)
{
    const char *at = memmem(s.p, s.n, key, strlen(key));
    size_t n = 0;
    if (!at) {
        return DX_STR("");
    }
    at += strlen(key);
    s.n -= (size_t)(at - s.p);
    s.p = at;
    while (s.n && (*s.p == ' ' || *s.p == ':' || *s.p == '"')) {
        s = (struct dx_str){s.p + 1, s.n - 1};
    }
    while (n < s.n && s.p[n] != '"' && s.p[n] != ',' && s.p[n] != '\n') {
        n++;
    }
    return (struct dx_str){s.p, n};
}

bool dx_begins_with_any(struct dx_str line, const char *const *list)
{
    for (; *list; list++) {
        size_t n = strlen(*list);
        bool tab = line.n >= n && n && (*list)[n - 1] == ' ' && line.p[n - 1] == '\t';
        if (dx_str_has_prefix(line, *list) || (tab && memcmp(line.p, *list, n - 1) == 0)) {
            return true;
        }
    }
    return false;
}

/* Counts in 32 bytes side by side, which compilers turn into vectors; a byte holds up to 255. */
unsigned long dx_count_newlines(const char *p, size_t n)
{
    unsigned long total = 0;
    while (n >= 32) {
        unsigned char sum[32] = {0};
        size_t rounds = n / 32 < 255 ? n / 32 : 255;
        for (size_t i = 0; i < rounds; i++, p += 32) {
            for (size_t k = 0; k < 32; k++) {
                sum[k] = (unsigned char)(sum[k] + (p[k] == '\n'));
            }
        }
        for (size_t k = 0; k < 32; k++) {
            total += sum[k];
        }
        n -= rounds * 32;
    }
    for (size_t i = 0; i < n; i++) {
        total += p[i] == '\n';
    }
    return total;
}
