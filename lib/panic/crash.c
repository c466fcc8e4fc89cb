/* The keys are those that Apple documents for the JSON form of crash reports:
 * https://developer.apple.com/documentation/xcode/interpreting-the-json-format-of-a-crash-report */
#include "panic/crash.h"

#include <string.h>

#include <jansson.h>

#include "logs/text.h"

#define TEXT_MOST 300 /* of a name in the report */

struct reader {
    struct dext_ctx *ctx;
    struct dx_crash *out;
};

static const char *crash_kept(struct reader *r, const char *s, size_t n)
{
    struct dx_str v = dx_str_trim((struct dx_str){s, n < TEXT_MOST ? n : TEXT_MOST});
    char *copy = dx_strndup(&r->ctx->arena, v.p, v.n);
    for (char *p = copy; *p; p++) {
        *p = *p == '\n' || *p == '\t' || *p == '\r' ? ' ' : *p;
    }
    return copy;
}

static const char *crash_text(struct reader *r, const json_t *object, const char *key)
{
    const json_t *v = json_object_get(object, key);
    return json_is_string(v) ? crash_kept(r, json_string_value(v), json_string_length(v))
           : json_is_real(v) ? dx_sprintf(&r->ctx->arena, "%.0f", json_real_value(v))
                             : "";
}

static const char *first_of(const char *a, const char *b)
{
    return *a ? a : b;
}

static bool of_dext(const char *path)
{
    return strstr(path, ".dext/") != NULL;
}

/* The account _driverkit, of which every driver extension's process is and nothing else. */
#define DRIVERKIT_USER 270

/* ---- JSON -------------------------------------------------------------------------------------
 */

static void json_exception(struct reader *r, const json_t *body)
{
    const json_t *e = json_object_get(body, "exception"), *t = json_object_get(body, "termination");
    const char *type = crash_text(r, e, "type"), *signal = crash_text(r, e, "signal");
    const char *subtype = first_of(crash_text(r, e, "subtype"), crash_text(r, e, "codes"));
    struct dx_crash *c = r->out;
    c->exception = dx_sprintf(&r->ctx->arena, "%s%s%s%s%s%s", type, *signal ? " (" : "", signal,
                              *signal ? ")" : "", *subtype ? ", " : "", subtype);
    c->space = crash_text(r, t, "namespace");
    c->code = crash_text(r, t, "code");
    c->reason = crash_text(r, t, "indicator");
    const json_t *reasons = json_object_get(t, "reasons");
    const json_t *first = json_array_get(reasons, 0);
    if (!*c->reason && json_is_string(first)) {
        c->reason = crash_kept(r, json_string_value(first), json_string_length(first));
    }
    c->crash = *type || *c->space;
}

/* The element of an array that a number of the report points at, or NULL. */
static const json_t *crash_at(const json_t *array, const json_t *index)
{
    double n = json_is_real(index) ? json_real_value(index) : -1;
    return n >= 0 && n < (double)json_array_size(array) ? json_array_get(array, (size_t)n) : NULL;
}

static const json_t *faulting(const json_t *body)
{
    const json_t *threads = json_object_get(body, "threads");
    const json_t *index = json_object_get(body, "faultingThread");
    size_t count = json_array_size(threads);
    if (index) {
        return crash_at(threads, index);
    }
    for (size_t i = 0; i < count; i++) {
        if (json_is_true(json_object_get(json_array_get(threads, i), "triggered"))) {
            return json_array_get(threads, i);
        }
    }
    return NULL;
}

static const json_t *crash_image_of(const json_t *body, const json_t *frame)
{
    return crash_at(json_object_get(body, "usedImages"), json_object_get(frame, "imageIndex"));
}

static void json_frames(struct reader *r, const json_t *body)
{
    const json_t *frames = json_object_get(faulting(body), "frames");
    struct dx_crash *c = r->out;
    for (size_t i = 0; i < json_array_size(frames) && c->frame_count < DX_CRASH_FRAMES; i++) {
        const json_t *f = json_array_get(frames, i);
        const char *image = crash_text(r, crash_image_of(body, f), "name"),
                   *symbol = crash_text(r, f, "symbol");
        const char *offset =
            *symbol ? crash_text(r, f, "symbolLocation") : crash_text(r, f, "imageOffset");
        c->frames[c->frame_count++] =
            dx_sprintf(&r->ctx->arena, "%s%s%s%s%s", image, *image && *symbol ? " " : "", symbol,
                       *offset ? " + " : "", offset);
    }
}

static bool json_driverkit(const json_t *body)
{
    const json_t *images = json_object_get(body, "usedImages");
    bool found = false;
    for (size_t i = 0; i < json_array_size(images) && !found; i++) {
        const char *path = json_string_value(json_object_get(json_array_get(images, i), "path"));
        found = path && strstr(path, "/System/DriverKit/") != NULL;
    }
    return found;
}

static void json_body(struct reader *r, const json_t *header, const json_t *body)
{
    struct dx_crash *c = r->out;
    const json_t *info = json_object_get(body, "bundleInfo"),
                 *os = json_object_get(body, "osVersion");
    c->type = first_of(crash_text(r, header, "bug_type"), crash_text(r, body, "bug_type"));
    c->process =
        first_of(crash_text(r, body, "procName"),
                 first_of(crash_text(r, header, "app_name"), crash_text(r, header, "name")));
    c->path = crash_text(r, body, "procPath");
    c->bundle_id =
        first_of(crash_text(r, info, "CFBundleIdentifier"), crash_text(r, header, "bundleID"));
    c->version = first_of(crash_text(r, info, "CFBundleShortVersionString"),
                          crash_text(r, header, "app_version"));
    c->os = first_of(crash_text(r, header, "os_version"), crash_text(r, os, "train"));
    c->when = first_of(crash_text(r, header, "timestamp"), crash_text(r, body, "captureTime"));
    json_exception(r, body);
    json_frames(r, body);
    c->dext = of_dext(c->path) || json_driverkit(body) ||
              json_integer_value(json_object_get(body, "userID")) == DRIVERKIT_USER;
}

static unsigned long crash_line_with(struct dx_str data, const char *key)
{
    struct dx_str line;
    unsigned long n = 1;
    for (; dx_next_line(&data, &line); n++) {
        if (dx_str_contains(line, key)) {
            return n;
        }
    }
    return 0;
}

/* A line that is an object, then the body: another object, or text in old reports. */
static bool crash_from_json(struct reader *r, struct dx_str s, struct dx_str *body_text)
{
    /* Registers hold unsigned 64-bit numbers, which are no integers to jansson. */
    const size_t flags = JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL;
    json_error_t error;
    json_t *first = json_loadb(s.p, s.n, flags, &error), *second = NULL;
    size_t end = first && error.position > 0 ? (size_t)error.position : s.n;
    struct dx_str rest = {s.p + end, s.n - end};
    if (!first) {
        return false;
    }
    second = json_loadb(rest.p, rest.n, flags, &error);
    bool whole = json_object_get(first, "procName") || json_object_get(first, "threads");
    if (second || whole) {
        json_body(r, first, second ? second : first);
    } else {
        json_body(r, first, NULL);
        *body_text = rest;
    }
    json_decref(first);
    json_decref(second);
    return true;
}

/* ---- text -------------------------------------------------------------------------------------
 */

/* "Key:   value" */
static bool crash_field(struct dx_str line, const char *key, struct dx_str *value)
{
    size_t n = strlen(key);
    if (!dx_str_has_prefix(line, key) || line.n == n || line.p[n] != ':') {
        return false;
    }
    *value = dx_str_trim((struct dx_str){line.p + n + 1, line.n - n - 1});
    return true;
}

/* "Namespace CODESIGNING, Code 0x1, Taskgated Invalid Signature" */
static void termination(struct reader *r, struct dx_str v)
{
    static const char lead[] = "Namespace ", code[] = "Code ";
    struct dx_crash *c = r->out;
    size_t n = 0;
    c->crash = true;
    if (!dx_str_has_prefix(v, lead)) {
        c->reason = crash_kept(r, v.p, v.n);
        return;
    }
    v = (struct dx_str){v.p + sizeof lead - 1, v.n - (sizeof lead - 1)};
    while (n < v.n && v.p[n] != ',') {
        n++;
    }
    c->space = crash_kept(r, v.p, n);
    v = dx_str_trim((struct dx_str){v.p + n + (n < v.n), v.n - n - (n < v.n)});
    if (dx_str_has_prefix(v, code)) {
        v = (struct dx_str){v.p + sizeof code - 1, v.n - (sizeof code - 1)};
        for (n = 0; n < v.n && v.p[n] != ',' && v.p[n] != ' ';) {
            n++;
        }
        c->code = crash_kept(r, v.p, n);
        v = dx_str_trim((struct dx_str){v.p + n + (n < v.n), v.n - n - (n < v.n)});
    }
    c->reason = v.n ? crash_kept(r, v.p, v.n) : c->reason;
}

/* "3   com.example.driver    0x0000000105d77302 Symbol + 10" without number and address. */
static void frame(struct reader *r, struct dx_str s)
{
    struct dx_crash *c = r->out;
    const char *image = memchr(s.p, ' ', s.n);
    const char *address = image ? memmem(image, (size_t)(s.p + s.n - image), "0x", 2) : NULL;
    if (!address || c->frame_count == DX_CRASH_FRAMES) {
        return;
    }
    struct dx_str name = dx_str_trim((struct dx_str){image, (size_t)(address - image)});
    struct dx_str rest = {address, (size_t)(s.p + s.n - address)};
    const char *space = memchr(rest.p, ' ', rest.n);
    rest =
        space ? dx_str_trim((struct dx_str){space, (size_t)(rest.p + rest.n - space)}) : DX_STR("");
    const char *both = dx_sprintf(&r->ctx->arena, "%.*s %.*s", (int)(name.n < 200 ? name.n : 200),
                                  name.p, (int)(rest.n < 200 ? rest.n : 200), rest.p);
    c->frames[c->frame_count++] = crash_kept(r, both, strlen(both));
}

/* Reports shorten paths ("/Library/SystemExtensions/" and a star), and pasted ones are cut: the
 * user and the runtime's image among the frames tell a driver as well. */
static bool text_driverkit(struct dx_str s)
{
    struct dx_str v;
    bool frame = s.n && *s.p >= '0' && *s.p <= '9';
    return dx_str_contains(s, "/System/DriverKit/") ||
           (frame && dx_str_contains(s, " com.apple.DriverKit ")) ||
           (crash_field(s, "User ID", &v) && dx_str_is(v, "270"));
}

static void text_field(struct reader *r, struct dx_str s, unsigned long line)
{
    struct dx_crash *c = r->out;
    struct dx_str v;
    const struct {
        const char *key, **to;
    } fields[] = {{"Path", &c->path},
                  {"Identifier", &c->bundle_id},
                  {"Version", &c->version},
                  {"OS Version", &c->os},
                  {"Date/Time", &c->when},
                  {"Process", &c->process},
                  {"Exception Type", &c->exception}};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        if (!**fields[i].to && crash_field(s, fields[i].key, &v)) {
            *fields[i].to = crash_kept(r, v.p, v.n);
            c->process_line = fields[i].to == &c->process ? line : c->process_line;
            c->exception_line = fields[i].to == &c->exception ? line : c->exception_line;
            c->crash |= fields[i].to == &c->exception;
        }
    }
    if ((crash_field(s, "Exception Subtype", &v) || crash_field(s, "Exception Codes", &v)) && v.n &&
        *c->exception && !strchr(c->exception, ',')) {
        c->exception = dx_sprintf(&r->ctx->arena, "%s, %s", c->exception, crash_kept(r, v.p, v.n));
    }
    if (!*c->space && crash_field(s, "Termination Reason", &v)) {
        termination(r, v);
        c->termination_line = line;
    }
}

static void crash_from_text(struct reader *r, struct dx_str data, unsigned long line)
{
    struct dx_str s;
    bool crashed = false;
    for (; dx_next_line(&data, &s); line++) {
        s = dx_kind_bare(s);
        if (s.n == 0) {
            crashed = false;
        } else if (dx_str_has_prefix(s, "Thread ")) {
            crashed = r->out->frame_count == 0 && dx_str_contains(s, " Crashed:");
            r->out->thread_line = crashed ? line : r->out->thread_line;
        } else if (crashed && *s.p >= '0' && *s.p <= '9') {
            frame(r, s);
        } else {
            text_field(r, s, line);
        }
        r->out->dext |= text_driverkit(s);
    }
    char *pid = strstr(r->out->process, " [");
    if (pid) {
        r->out->process = crash_kept(r, r->out->process, (size_t)(pid - r->out->process));
    }
    r->out->dext |= of_dext(r->out->path);
}

int dx_crash_read(struct dx_crash *out, struct dext_ctx *ctx, const char *name, struct dx_str data)
{
    struct reader r = {ctx, out};
    struct dx_str body = {NULL, 0}, head = dx_str_trim(data);
    *out = (struct dx_crash){.type = "",
                             .process = "",
                             .path = "",
                             .bundle_id = "",
                             .version = "",
                             .os = "",
                             .when = "",
                             .exception = "",
                             .space = "",
                             .code = "",
                             .reason = ""};
    if (head.n && *head.p == '{' && crash_from_json(&r, head, &body)) {
        out->exception_line = crash_line_with(data, "\"exception\"");
        out->termination_line = crash_line_with(data, "\"termination\"");
        out->process_line = crash_line_with(data, "\"procName\"");
    } else {
        body = data;
    }
    if (body.n) {
        unsigned long line = 1;
        for (const char *p = data.p; p < body.p; p++) {
            line += *p == '\n';
        }
        crash_from_text(&r, body, line);
    }
    out->crash |= out->thread_line && out->frame_count;
    return *out->process || *out->type || out->crash
               ? DEXT_OK
               : dx_fail(ctx, DEXT_E_FORMAT, "%s: no report of a process", name);
}

bool dx_crash_is_signing(const struct dx_crash *c)
{
    return strcmp(c->space, "CODESIGNING") == 0 ||
           strstr(c->exception, "Code Signature Invalid") != NULL;
}
