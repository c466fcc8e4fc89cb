/* One line of a log: where the prefix ends and the message begins. The styles are those of log(1),
 * of Console.app's copy, of NSLog and of the syslog of old systems; runtime forms vary in spaces.
 */
#include <string.h>

#include <jansson.h>

#include "logs/json_line.h"
#include "logs/log.h"

static bool line_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Whether p has the form of pattern: '9' a digit, 'A' a letter, others themselves. */
static bool line_like(struct dx_str s, const char *pattern)
{
    size_t n = strlen(pattern);
    if (s.n < n) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        bool letter = (s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= 'A' && s.p[i] <= 'Z');
        if (pattern[i] == '9'   ? !line_digit(s.p[i])
            : pattern[i] == 'A' ? !letter
                                : s.p[i] != pattern[i]) {
            return false;
        }
    }
    return true;
}

static struct dx_str line_skip(struct dx_str s, size_t n)
{
    n = n > s.n ? s.n : n;
    return (struct dx_str){s.p + n, s.n - n};
}

static struct dx_str spaces(struct dx_str s)
{
    while (s.n && (*s.p == ' ' || *s.p == '\t')) {
        s = line_skip(s, 1);
    }
    return s;
}

/* Takes the next word off *s. */
static struct dx_str line_word(struct dx_str *s)
{
    struct dx_str w = {s->p, 0};
    while (w.n < s->n && s->p[w.n] != ' ' && s->p[w.n] != '\t') {
        w.n++;
    }
    *s = spaces(line_skip(*s, w.n));
    return w;
}

static bool is_zone(struct dx_str w)
{
    return dx_str_is(w, "UTC") || dx_str_is(w, "GMT") ||
           (w.n == 5 && (line_like(w, "+9999") || line_like(w, "-9999")));
}

/* "12:34:56.123456+0100"; the zone may be a word of its own. */
static bool take_time(struct dx_str *s)
{
    if (!line_like(*s, "99:99:99")) {
        return false;
    }
    (void)line_word(s);
    struct dx_str rest = *s;
    if (is_zone(line_word(&rest))) {
        *s = rest;
    }
    return true;
}

/* "2026-01-15 12:34:56+0100", "2026/01/15 ...", "2026-01-15T12:34:56Z" */
static bool take_date(struct dx_str *s)
{
    if (line_like(*s, "9999-99-99T99:99:99")) {
        (void)line_word(s);
        return true;
    }
    struct dx_str rest = spaces(line_skip(*s, 10));
    if (!(line_like(*s, "9999-99-99 ") || line_like(*s, "9999/99/99 ")) || !take_time(&rest)) {
        return false;
    }
    *s = rest;
    return true;
}

static bool is_compact_type(struct dx_str w)
{
    return (w.n == 1 || w.n == 2) && w.p[0] >= 'A' && w.p[0] <= 'Z';
}

/* "kernel[0]: ..." or "kernel: ...", as syslog has it behind the host. */
static bool names_process(struct dx_str s)
{
    struct dx_str rest = s, w = line_word(&rest);
    const char *colon = memchr(s.p, ':', s.n);
    const char *pid = colon ? memchr(s.p, '[', (size_t)(colon - s.p)) : NULL;
    return (w.n && w.p[w.n - 1] == ':') || (pid && pid[1] >= '0' && pid[1] <= '9');
}

/* After date and time: default style has a thread in hex and four more columns, compact a type of
 * one or two letters, syslog a host before "process[pid]:", NSLog nothing. */
static struct dx_line after_date(struct dx_str s)
{
    struct dx_str rest = s, w = line_word(&rest);
    if (dx_str_has_prefix(w, "0x")) {
        for (int i = 0; i < 4; i++) {
            (void)line_word(&rest);
        }
        return (struct dx_line){DX_LINE_SYSLOG, rest};
    }
    if (is_compact_type(w)) {
        return (struct dx_line){DX_LINE_COMPACT, rest};
    }
    bool process = w.n && (memchr(w.p, '[', w.n) || w.p[w.n - 1] == ':');
    return (struct dx_line){DX_LINE_SYSLOG, process || !names_process(rest) ? s : rest};
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
    struct dx_str rest = s, w = line_word(&rest);
    if (!is_level(w) && w.n && memchr(w.p, '.', w.n)) {
        w = line_word(&rest);
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
    struct dx_str date = line_skip(s, 1);
    if (close && take_date(&date)) {
        *message = spaces(line_skip(s, (size_t)(close - s.p) + 1));
        return true;
    }
    if (!close || close - s.p < 8 || close[-7] != '.' || !line_digit(close[-1]) ||
        !line_digit(close[-8])) {
        return false;
    }
    struct dx_str rest = line_skip(s, (size_t)(close - s.p) + 1);
    *message = spaces(line_skip(rest, rest.n && *rest.p == ':'));
    return true;
}

/* "sysextd: message" where the columns in front were cut off. The name alone is also a word of
 * sentences: then what follows must look like a message. */
static bool line_named(struct dx_str s)
{
    static const char *const daemons[] = {"kernel",           "kernelmanagerd", "sysextd", "amfid",
                                          "taskgated-helper", "syspolicyd",     "launchd"};
    for (size_t i = 0; i < sizeof daemons / sizeof *daemons; i++) {
        if (dx_str_has_prefix(s, daemons[i])) {
            struct dx_str rest = line_skip(s, strlen(daemons[i]));
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
    if (!line_like(s, "AAA 99 99:99:99 ") && !line_like(s, "AAA  9 99:99:99 ")) {
        return false;
    }
    for (int i = 0; i < 4; i++) { /* month, day, time, host */
        (void)line_word(&rest);
    }
    *message = rest;
    return true;
}

static const char *json_text(const json_t *object, const char *key, size_t *n)
{
    const json_t *v = json_object_get(object, key);
    *n = json_string_length(v);
    return json_string_value(v);
}

/* What json_line.c is not sure of. */
static bool json_whole(struct dx_str s, bool field, struct dx_buf *b)
{
    size_t m = 0, k = 0;
    char *text =
        field ? dx_sprintf(b->arena, "{%.*s}", (int)(s.n > 1 << 20 ? 1 << 20 : s.n), s.p) : NULL;
    json_t *object = field ? json_loads(text, JSON_ALLOW_NUL, NULL)
                           : json_loadb(s.p, s.n, JSON_ALLOW_NUL | JSON_DISABLE_EOF_CHECK, NULL);
    const char *t = json_text(object, "eventMessage", &m);
    const char *path = json_text(object, "processImagePath", &k);
    if (t) {
        const char *slash = path ? strrchr(path, '/') : NULL;
        dx_buf_puts(b, slash ? slash + 1 : path ? path : "");
        dx_buf_puts(b, path ? ": " : "");
        dx_buf_add(b, t, m);
    }
    json_decref(object);
    return t != NULL;
}

/* The message of a line that is a JSON object, or of a line `"key" : "value",` of one that is
 * spread over lines. */
static bool json(struct dx_str s, struct dx_arena *a, struct dx_str *message)
{
    while (s.n && (s.p[s.n - 1] == ',' || s.p[s.n - 1] == ']' || s.p[s.n - 1] == '\r')) {
        s.n--;
    }
    bool field = s.n && *s.p == '"';
    struct dx_json_line line;
    struct dx_buf b;
    dx_buf_init(&b, a, (size_t)1 << 21);
    if ((field && s.n > 1 << 20) || !dx_json_line(&line, s, !field)) {
        bool there = json_whole(s, field, &b);
        *message = dx_buf_str(&b);
        return there;
    }
    if (line.message.p && line.path.p) {
        const char *slash = dx_memrchr(line.path.p, '/', line.path.n);
        size_t skip = slash ? (size_t)(slash + 1 - line.path.p) : 0;
        line.path.p += skip;
        line.path.n -= skip;
        dx_json_raw_add(&b, &line.path);
        dx_buf_puts(&b, ": ");
    }
    if (line.message.p) {
        dx_json_raw_add(&b, &line.message);
    }
    *message = dx_buf_str(&b);
    return line.message.p != NULL;
}

struct dx_line dx_line_parse(struct dx_str text, struct dx_arena *a)
{
    struct dx_str s = spaces(text), message;
    while (s.n && (s.p[s.n - 1] == '\r' || s.p[s.n - 1] == ' ')) {
        s.n--;
    }
    while (s.n && (*s.p == '>' || *s.p == '`')) { /* quoted in a mail, or in Markdown */
        s = spaces(line_skip(s, 1));
    }
    if (s.n && *s.p == '[' && s.n > 1 && s.p[1] == '{') {
        s = line_skip(s, 1);
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
    return (struct dx_line){line_named(s) ? DX_LINE_NAMED : DX_LINE_BARE, s};
}
