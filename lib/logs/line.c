/* One line of a log: where the prefix ends and the message begins. The styles are those of log(1),
 * of Console.app's copy, of NSLog and of the syslog of old systems; runtime forms vary in spaces.
 */
#include <string.h>

#include <jansson.h>

#include "logs/log.h"

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Whether p has the form of pattern: '9' a digit, 'A' a letter, others themselves. */
static bool like(struct dx_str s, const char *pattern)
{
    size_t n = strlen(pattern);
    if (s.n < n) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        bool letter = (s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= 'A' && s.p[i] <= 'Z');
        if (pattern[i] == '9'   ? !digit(s.p[i])
            : pattern[i] == 'A' ? !letter
                                : s.p[i] != pattern[i]) {
            return false;
        }
    }
    return true;
}

static struct dx_str skip(struct dx_str s, size_t n)
{
    n = n > s.n ? s.n : n;
    return (struct dx_str){s.p + n, s.n - n};
}

static struct dx_str spaces(struct dx_str s)
{
    while (s.n && (*s.p == ' ' || *s.p == '\t')) {
        s = skip(s, 1);
    }
    return s;
}

/* Takes the next word off *s. */
static struct dx_str word(struct dx_str *s)
{
    struct dx_str w = {s->p, 0};
    while (w.n < s->n && s->p[w.n] != ' ' && s->p[w.n] != '\t') {
        w.n++;
    }
    *s = spaces(skip(*s, w.n));
    return w;
}

/* "12:34:56.123456+0100" */
static bool take_time(struct dx_str *s)
{
    if (!like(*s, "99:99:99")) {
        return false;
    }
    (void)word(s);
    return true;
}

static bool is_compact_type(struct dx_str w)
{
    return (w.n == 1 || w.n == 2) && w.p[0] >= 'A' && w.p[0] <= 'Z';
}

/* After date and time: default style has a thread in hex and four more columns, compact a type of
 * one or two letters, syslog a host before "process[pid]:", NSLog nothing. */
static struct dx_line after_date(struct dx_str s)
{
    struct dx_str rest = s, w = word(&rest);
    if (dx_str_has_prefix(w, "0x")) {
        for (int i = 0; i < 4; i++) {
            (void)word(&rest);
        }
        return (struct dx_line){DX_LINE_SYSLOG, rest};
    }
    if (is_compact_type(w)) {
        return (struct dx_line){DX_LINE_COMPACT, rest};
    }
    bool process = w.n && (memchr(w.p, '[', w.n) || w.p[w.n - 1] == ':');
    return (struct dx_line){DX_LINE_SYSLOG, process ? s : rest};
}

/* "default<TAB>12:34:56.123456+0100<TAB>process<TAB>message"; forums make spaces of the tabs. */
static bool console(struct dx_str s, struct dx_str *message)
{
    static const char *const levels[] = {"default", "error", "fault", "info", "debug"};
    struct dx_str rest = s, w = word(&rest);
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        if (dx_str_is_nocase(w, levels[i]) && take_time(&rest)) {
            *message = rest;
            return true;
        }
    }
    return false;
}

static bool bsd(struct dx_str s, struct dx_str *message)
{
    struct dx_str rest = s;
    if (!like(s, "AAA 99 99:99:99 ") && !like(s, "AAA  9 99:99:99 ")) {
        return false;
    }
    for (int i = 0; i < 4; i++) { /* month, day, time, host */
        (void)word(&rest);
    }
    *message = rest;
    return true;
}

/* The value of key in a line that is a JSON object, or of a line `"key" : "value",` of one that is
 * spread over lines. NULL: not there. */
static const char *json_text(const json_t *object, const char *key, size_t *n)
{
    const json_t *v = json_object_get(object, key);
    *n = json_string_length(v);
    return json_string_value(v);
}

static bool json(struct dx_str s, struct dx_arena *a, struct dx_str *message)
{
    size_t n = s.n, m = 0, k = 0;
    while (n && (s.p[n - 1] == ',' || s.p[n - 1] == ']' || s.p[n - 1] == '\r')) {
        n--;
    }
    bool field = *s.p == '"';
    char *text = field ? dx_sprintf(a, "{%.*s}", (int)(n > 1 << 20 ? 1 << 20 : n), s.p) : NULL;
    json_t *object = field ? json_loads(text, JSON_ALLOW_NUL, NULL)
                           : json_loadb(s.p, n, JSON_ALLOW_NUL | JSON_DISABLE_EOF_CHECK, NULL);
    const char *t = json_text(object, "eventMessage", &m);
    const char *path = json_text(object, "processImagePath", &k);
    if (t) {
        const char *slash = path ? strrchr(path, '/') : NULL;
        struct dx_buf b;
        dx_buf_init(&b, a, (size_t)1 << 21);
        dx_buf_puts(&b, slash ? slash + 1 : path ? path : "");
        dx_buf_puts(&b, path ? ": " : "");
        dx_buf_add(&b, t, m);
        *message = dx_buf_str(&b);
    }
    json_decref(object);
    return t != NULL;
}

struct dx_line dx_line_parse(struct dx_str text, struct dx_arena *a)
{
    struct dx_str s = spaces(text), message;
    while (s.n && (s.p[s.n - 1] == '\r' || s.p[s.n - 1] == ' ')) {
        s.n--;
    }
    if (s.n && *s.p == '[' && s.n > 1 && s.p[1] == '{') {
        s = skip(s, 1);
    }
    if (s.n && (*s.p == '{' || dx_str_has_prefix(s, "\"eventMessage\"")) && json(s, a, &message)) {
        return (struct dx_line){DX_LINE_JSON, message};
    }
    if (dx_str_has_prefix(s, "Timestamp ") ||
        dx_str_has_prefix(s, "Filtering the log data using")) {
        return (struct dx_line){DX_LINE_HEADER, s};
    }
    if (like(s, "9999-99-99 ") || like(s, "9999/99/99 ")) {
        struct dx_str rest = spaces(skip(s, 10));
        if (take_time(&rest)) {
            return after_date(rest);
        }
    }
    if (console(s, &message)) {
        return (struct dx_line){DX_LINE_CONSOLE, message};
    }
    if (bsd(s, &message)) {
        return (struct dx_line){DX_LINE_BSD, message};
    }
    return (struct dx_line){DX_LINE_BARE, s};
}
