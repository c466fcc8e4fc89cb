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

static bool is_zone(struct dx_str w)
{
    return dx_str_is(w, "UTC") || dx_str_is(w, "GMT") ||
           (w.n == 5 && (like(w, "+9999") || like(w, "-9999")));
}

/* "12:34:56.123456+0100"; the zone may be a word of its own. */
static bool take_time(struct dx_str *s)
{
    if (!like(*s, "99:99:99")) {
        return false;
    }
    (void)word(s);
    struct dx_str rest = *s;
    if (is_zone(word(&rest))) {
        *s = rest;
    }
    return true;
}

/* "2026-01-15 12:34:56+0100", "2026/01/15 ...", "2026-01-15T12:34:56Z" */
static bool take_date(struct dx_str *s)
{
    if (like(*s, "9999-99-99T99:99:99")) {
        (void)word(s);
        return true;
    }
    struct dx_str rest = spaces(skip(*s, 10));
    if (!(like(*s, "9999-99-99 ") || like(*s, "9999/99/99 ")) || !take_time(&rest)) {
        return false;
    }
    *s = rest;
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

static bool is_level(struct dx_str w)
{
    static const char *const levels[] = {"default", "error", "fault", "info", "debug"};
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        if (dx_str_is_nocase(w, levels[i])) {
            return true;
        }
    }
    return false;
}

/* "default<TAB>12:34:56.123456+0100<TAB>process<TAB>message", with a date if the columns are set
 * so, and the subsystem in front if that column is shown; forums make spaces of the tabs. */
static bool console(struct dx_str s, struct dx_str *message)
{
    struct dx_str rest = s, w = word(&rest);
    if (!is_level(w) && w.n && memchr(w.p, '.', w.n)) {
        w = word(&rest);
    }
    if (!is_level(w) || !(take_time(&rest) || take_date(&rest))) {
        return false;
    }
    *message = rest;
    return true;
}

/* "[  389.798271]: message", as dmesg prints it, and "[2026-01-15 12:34:56.789] [info] message" of
 * programs that log on their own. */
static bool dmesg(struct dx_str s, struct dx_str *message)
{
    const char *close = s.n && *s.p == '[' ? memchr(s.p, ']', s.n) : NULL;
    struct dx_str date = skip(s, 1);
    if (close && take_date(&date)) {
        *message = spaces(skip(s, (size_t)(close - s.p) + 1));
        return true;
    }
    if (!close || close - s.p < 8 || close[-7] != '.' || !digit(close[-1]) || !digit(close[-8])) {
        return false;
    }
    struct dx_str rest = skip(s, (size_t)(close - s.p) + 1);
    *message = spaces(skip(rest, rest.n && *rest.p == ':'));
    return true;
}

/* "sysextd: message" where the columns in front were cut off. The name alone is also a word of
 * sentences: then what follows must look like a message. */
static bool named(struct dx_str s)
{
    static const char *const daemons[] = {"kernel",           "kernelmanagerd", "sysextd", "amfid",
                                          "taskgated-helper", "syspolicyd",     "launchd"};
    for (size_t i = 0; i < sizeof daemons / sizeof *daemons; i++) {
        if (dx_str_has_prefix(s, daemons[i])) {
            struct dx_str rest = skip(s, strlen(daemons[i]));
            bool space = rest.n > 1 && *rest.p == ' ';
            if (rest.n && (*rest.p == ':' || *rest.p == '[' || *rest.p == '\t' ||
                           (space && (rest.p[1] == '/' || rest.p[1] == '(' ||
                                      (rest.p[1] >= 'A' && rest.p[1] <= 'Z'))))) {
                return true;
            }
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
    while (s.n && (*s.p == '>' || *s.p == '`')) { /* quoted in a mail, or in Markdown */
        s = spaces(skip(s, 1));
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
    struct dx_str rest = s;
    if (take_date(&rest)) {
        return after_date(rest);
    }
    if (dmesg(s, &message)) {
        return (struct dx_line){DX_LINE_SYSLOG, message};
    }
    if (console(s, &message)) {
        return (struct dx_line){DX_LINE_CONSOLE, message};
    }
    if (bsd(s, &message)) {
        return (struct dx_line){DX_LINE_BSD, message};
    }
    return (struct dx_line){named(s) ? DX_LINE_NAMED : DX_LINE_BARE, s};
}
