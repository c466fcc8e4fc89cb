/* Who wrote a line of a log, and when: the columns in front of the message. Times stay as they are
 * written: without a zone where the style has none. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "logs/json_line.h"
#include "logs/log.h"

#define UUID_CHARS 36

static bool logger_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Takes up to n bytes off the front. */
static void logger_skip(struct dx_str *s, size_t n)
{
    n = n < s->n ? n : s->n;
    s->p += n;
    s->n -= n;
}

static void logger_blank(struct dx_str *s)
{
    while (s->n && (*s->p == ' ' || *s->p == '\t')) {
        logger_skip(s, 1);
    }
}

static struct dx_str logger_word(struct dx_str *s)
{
    logger_blank(s);
    struct dx_str w = {s->p, 0};
    while (w.n < s->n && s->p[w.n] != ' ' && s->p[w.n] != '\t' && s->p[w.n] != '\n') {
        w.n++;
    }
    logger_skip(s, w.n);
    return w;
}

/* A number of up to 18 digits of the base; -1: none. */
static int64_t logger_number(struct dx_str s, int base)
{
    int64_t v = 0;
    size_t i = 0;
    for (; i < s.n && i < 15; i++) {
        char c = s.p[i];
        int d = logger_digit(c)        ? c - '0'
                : c >= 'a' && c <= 'f' ? c - 'a' + 10
                : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                       : base;
        if (d >= base) {
            return -1;
        }
        v = v * base + d;
    }
    return s.n && i == s.n ? v : -1;
}

static bool logger_zone(struct dx_str s)
{
    return s.n >= 5 && (*s.p == '+' || *s.p == '-') && logger_digit(s.p[1]) &&
           logger_digit(s.p[2]) && logger_digit(s.p[3]) && logger_digit(s.p[4]) &&
           (s.n == 5 || !logger_digit(s.p[5]));
}

/* "2026-01-15 12:34:56.123456+0100", "2026-01-15T12:34:56Z"; takes it off. */
static bool logger_stamp(struct dx_str *s, char *out)
{
    static const char form[] = "9999-99-99 99:99:99";
    size_t n = 0;
    for (; form[n]; n++) {
        bool ok = n < s->n && (form[n] == '9' ? logger_digit(s->p[n])
                                              : s->p[n] == form[n] || (n == 10 && s->p[n] == 'T'));
        if (!ok) {
            return false;
        }
    }
    if (n + 1 < s->n && s->p[n] == '.' && logger_digit(s->p[n + 1])) {
        for (n++; n < s->n && n < 29 && logger_digit(s->p[n]); n++) {
        }
    }
    memcpy(out, s->p, n);
    out[10] = 'T';
    out[n] = 0;
    logger_skip(s, n);
    struct dx_str rest = *s;
    logger_blank(&rest);
    if (logger_zone(rest)) {
        (void)snprintf(out + n, DX_TIME_BYTES - n, "%.3s:%.2s", rest.p, rest.p + 3);
        logger_skip(&rest, 5);
        *s = rest;
    } else if ((s->n && *s->p == 'Z') || dx_str_has_prefix(rest, "UTC ")) {
        (void)snprintf(out + n, DX_TIME_BYTES - n, "Z");
        (void)logger_word(s);
    }
    return true;
}

/* "(IOKit) [com.apple.sx:realizer] " in front of the message. */
static void logger_sender(struct dx_str s, struct dx_logger *out)
{
    logger_blank(&s);
    const char *close = s.n && *s.p == '(' ? memchr(s.p, ')', s.n) : NULL;
    if (close && !memchr(s.p, ' ', (size_t)(close - s.p))) {
        out->image = (struct dx_str){s.p + 1, (size_t)(close - s.p) - 1};
        logger_skip(&s, out->image.n + 2);
        logger_blank(&s);
    }
    close = s.n && *s.p == '[' ? memchr(s.p, ']', s.n) : NULL;
    const char *colon = close ? memchr(s.p, ':', (size_t)(close - s.p)) : NULL;
    if (colon && !memchr(s.p, ' ', (size_t)(close - s.p))) {
        out->subsystem = (struct dx_str){s.p + 1, (size_t)(colon - s.p) - 1};
        out->category = (struct dx_str){colon + 1, (size_t)(close - colon) - 1};
    }
}

/* "kernel: ", "kernel[0]: ", "sysextd[310:1c4] " */
static bool logger_process(struct dx_str s, struct dx_logger *out)
{
    logger_blank(&s);
    size_t n = 0;
    while (n < s.n && n < 256 && !strchr(":[\n", s.p[n])) {
        n++;
    }
    if (n == s.n || n == 0 || n == 256 || !strchr(":[", s.p[n])) {
        return false;
    }
    struct dx_str name = {s.p, n};
    if (s.p[n] == '[') {
        const char *close = memchr(s.p + n, ']', s.n - n);
        const char *colon = close ? memchr(s.p + n, ':', (size_t)(close - s.p) - n) : NULL;
        const char *end = colon ? colon : close;
        int64_t pid =
            end ? logger_number((struct dx_str){s.p + n + 1, (size_t)(end - s.p) - n - 1}, 10) : -1;
        if (pid < 0) {
            return false;
        }
        int64_t thread =
            colon ? logger_number((struct dx_str){colon + 1, (size_t)(close - colon) - 1}, 16) : 0;
        out->pid = pid;
        out->thread = thread > 0 ? (uint64_t)thread : out->thread;
        n = (size_t)(close - s.p) + 1;
        n += n < s.n && s.p[n] == ':';
    } else {
        n++;
    }
    out->process = name;
    logger_skip(&s, n);
    logger_sender(s, out);
    return true;
}

/* Behind the time: "0x1c4 Default 0x0 310 14 sysextd: ..." (default), "Df sysextd[310:1c4] ..."
 * (compact), "localhost sysextd[310]: ..." (syslog). */
static void logger_columns(struct dx_str s, struct dx_logger *out)
{
    struct dx_str rest = s, w = logger_word(&rest);
    if (dx_str_has_prefix(w, "0x")) {
        int64_t thread = logger_number((struct dx_str){w.p + 2, w.n - 2}, 16);
        out->thread = thread > 0 ? (uint64_t)thread : 0;
        (void)logger_word(&rest);
        (void)logger_word(&rest);
        out->pid = logger_number(logger_word(&rest), 10);
        (void)logger_word(&rest);
        (void)logger_process(rest, out);
        return;
    }
    bool host = w.n && !memchr(w.p, '[', w.n) && w.p[w.n - 1] != ':';
    if (!logger_process(host ? rest : s, out)) {
        out->pid = -1;
    }
}

/* ---- a line of JSON ---------------------------------------------------------------------------
 */

/* Behind the opening quote. log(1) writes each slash of a path as "\/". "": no end, or a \u. */
static struct dx_str logger_text(const char *p, const char *end, struct dx_arena *a)
{
    struct dx_json_raw raw = {.p = p};
    for (; p < end && *p != '"'; p++) {
        if (*p == '\\') {
            raw.escaped = true;
            p++;
        }
        if (p == end || (raw.escaped && *p == 'u' && p[-1] == '\\')) {
            return DX_STR("");
        }
    }
    raw.n = p < end ? (size_t)(p - raw.p) : 0;
    if (!raw.escaped) {
        return (struct dx_str){raw.p, raw.n};
    }
    struct dx_buf b;
    dx_buf_init(&b, a, raw.n);
    dx_json_raw_add(&b, &raw);
    return dx_buf_str(&b);
}

/* What stands behind "key", a number or a text; "" when it is not there. The first place counts: a
 * key in a message is written with escapes. */
static struct dx_str logger_json(struct dx_str line, const char *key, struct dx_arena *a)
{
    size_t n = strlen(key);
    const char *p = memmem(line.p, line.n, key, n), *end = line.p + line.n;
    for (p = p ? p + n : end; p < end && (*p == ' ' || *p == ':'); p++) {
    }
    if (p < end && *p == '"') {
        return logger_text(p + 1, end, a);
    }
    struct dx_str v = {p, 0};
    while (v.p + v.n < end && logger_digit(v.p[v.n])) {
        v.n++;
    }
    return v;
}

static struct dx_str logger_base(struct dx_str path)
{
    const char *slash = path.n ? dx_memrchr(path.p, '/', path.n) : NULL;
    return slash ? (struct dx_str){slash + 1, (size_t)(path.p + path.n - slash) - 1} : path;
}

static void logger_of_json(struct dx_str line, struct dx_arena *a, struct dx_logger *out)
{
    struct dx_str stamp = logger_json(line, "\"timestamp\"", a);
    (void)logger_stamp(&stamp, out->time);
    out->path = logger_json(line, "\"processImagePath\"", a);
    out->process = logger_base(out->path);
    out->image = logger_base(logger_json(line, "\"senderImagePath\"", a));
    out->subsystem = logger_json(line, "\"subsystem\"", a);
    out->category = logger_json(line, "\"category\"", a);
    out->pid = logger_number(logger_json(line, "\"processID\"", a), 10);
    int64_t thread = logger_number(logger_json(line, "\"threadID\"", a), 10);
    out->thread = thread > 0 ? (uint64_t)thread : 0;
}

void dx_line_logger(struct dx_str line, struct dx_arena *a, struct dx_logger *out)
{
    *out = (struct dx_logger){.pid = -1};
    const char *end = memchr(line.p, '\n', line.n);
    bool json = line.n && (*line.p == '{' || *line.p == '[');
    line.n = end && !json ? (size_t)(end - line.p) : line.n;
    logger_blank(&line);
    if (line.n && (*line.p == '{' || *line.p == '[')) {
        logger_of_json(line, a, out);
    } else if (logger_stamp(&line, out->time)) {
        logger_columns(line, out);
    }
    if (dx_str_eq(out->image, out->process)) {
        out->image = DX_STR("");
    }
}

/* ---- for who has the columns otherwise --------------------------------------------------------
 */

void dx_logger_time(struct dx_logger *out, int64_t nanoseconds, int zone)
{
    int64_t local = nanoseconds / 1000 + (int64_t)zone * 60000000;
    time_t seconds = (time_t)(local / 1000000);
    struct tm tm = {.tm_year = 70};
    char date[24];
    unsigned east = (unsigned)(zone < 0 ? -zone : zone);
    (void)gmtime_r(&seconds, &tm);
    (void)strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &tm);
    (void)snprintf(out->time, sizeof out->time, "%s.%06d%c%02u:%02u", date,
                   (int)(local % 1000000 < 0 ? 0 : local % 1000000), zone < 0 ? '-' : '+',
                   east / 60 % 100, east % 60);
}

struct dx_logger *dx_logger_copy(struct dx_arena *a, const struct dx_logger *by)
{
    struct dx_logger *to = dx_alloc(a, sizeof *to);
    *to = *by;
    to->process = dx_str_copy(a, by->process);
    to->path = dx_str_copy(a, by->path);
    to->image = dx_str_copy(a, by->image);
    to->subsystem = dx_str_copy(a, by->subsystem);
    to->category = dx_str_copy(a, by->category);
    return to;
}

static bool logger_is_uuid(const char *p)
{
    for (size_t i = 0; i < UUID_CHARS; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        bool hex =
            logger_digit(p[i]) || (p[i] >= 'A' && p[i] <= 'F') || (p[i] >= 'a' && p[i] <= 'f');
        if (dash ? p[i] != '-' : !hex) {
            return false;
        }
    }
    return true;
}

struct dx_str dx_staging_in(struct dx_str text)
{
    static const char folder[] = "/SystemExtensions/";
    const size_t n = sizeof folder - 1;
    if (!text.n) {
        return DX_STR("");
    }
    const char *end = text.p + text.n, *p = memmem(text.p, text.n, folder, n);
    while (p) {
        p += n;
        if ((size_t)(end - p) > UUID_CHARS && p[UUID_CHARS] == '/' && logger_is_uuid(p)) {
            return (struct dx_str){p, UUID_CHARS};
        }
        p = memmem(p, (size_t)(end - p), folder, n);
    }
    return DX_STR("");
}
