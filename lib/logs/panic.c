#include "logs/panic.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/source.h"

void dx_panic_note(struct dx_panic_text *t, const char *text)
{
    *DX_PUSH(&t->ctx->arena, t->out->notes.text, t->out->notes.count, t->note_cap) = text;
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

bool dx_panic_hex(const char *s, uint64_t *value, const char **end)
{
    uint64_t v = 0;
    size_t n = 0;
    s += strspn(s, " \t\r\n");
    /* Typed from a photograph, the zero of 0x is at times the letter O. */
    if ((s[0] != '0' && s[0] != 'O') || s[1] != 'x') {
        return false;
    }
    for (s += 2; n < 16 && hex_digit(s[n]) >= 0; n++) {
        v = v << 4 | (unsigned)hex_digit(s[n]);
    }
    *value = v;
    if (end) {
        *end = s + n;
    }
    return n > 0 && hex_digit(s[n]) < 0;
}

/* ---- the text in its wrapping --------------------------------------------------------------- */

static const char *string_of(const json_t *object, size_t *n)
{
    static const char *const keys[] = {"panicString", "macOSPanicString", "string"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const json_t *v = json_object_get(object, keys[i]);
        if (json_string_length(v)) {
            *n = json_string_length(v);
            return json_string_value(v);
        }
    }
    return NULL;
}

/* One JSON object (.panic), or a line that is a JSON object and then another (.ips). */
static bool from_json(struct dx_panic_text *t, const char *data, size_t size)
{
    /* Reports hold unsigned 64-bit numbers, which are no integers to jansson. */
    const size_t flags = JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL;
    json_error_t error;
    bool found = false;
    size_t at = 0;
    for (int i = 0; i < 2 && !found && at < size; i++) {
        json_t *object = json_loadb(data + at, size - at, flags, &error);
        size_t n = 0;
        const char *text = object ? string_of(object, &n) : NULL;
        if (text) {
            t->p = dx_strndup(&t->ctx->arena, text, n);
            t->n = n;
            t->out->form = i ? "ips" : "panic";
            found = true;
        }
        at += object && error.position > 0 ? (size_t)error.position : size;
        json_decref(object);
    }
    return found;
}

/* Quote signs of mail off the lines; "\n" written as two characters becomes a line end. */
static void from_text(struct dx_panic_text *t, const char *data, size_t size)
{
    char *copy = dx_alloc(&t->ctx->arena, size + 1);
    size_t n = 0;
    bool start = true;
    for (size_t i = 0; i < size; i++) {
        char c = data[i];
        if (start && c == '>' && (i + 1 == size || data[i + 1] == ' ' || data[i + 1] == '>')) {
            i += i + 1 < size && data[i + 1] == ' ';
            continue;
        }
        if (c == '\\' && i + 1 < size && (data[i + 1] == 'n' || data[i + 1] == '/')) {
            c = data[++i] == 'n' ? '\n' : '/';
        }
        start = c == '\n';
        copy[n++] = c;
    }
    t->p = copy;
    t->n = n;
    t->out->form = "text";
}

/* ---- fields --------------------------------------------------------------------------------- */

/* Where one of the texts stops: the first of the marks that follows s, or the end. */
static size_t until(const char *s, const char *const *marks)
{
    size_t n = strlen(s);
    for (; *marks; marks++) {
        const char *at = strstr(s, *marks);
        if (at && (size_t)(at - s) < n) {
            n = (size_t)(at - s);
        }
    }
    return n;
}

static const char *trimmed(struct dx_panic_text *t, const char *s, size_t n)
{
    struct dx_str v = dx_str_trim((struct dx_str){s, n > 4000 ? 4000 : n});
    return dx_strndup(&t->ctx->arena, v.p, v.n);
}

/* The words behind key up to the line's end, at most one word when the line ends were lost. */
static const char *field(struct dx_panic_text *t, const char *key, bool one_word)
{
    const char *s = strstr(t->p, key);
    if (!s) {
        return "";
    }
    s += strlen(key);
    s += strspn(s, " \t\r\n");
    return trimmed(t, s, strcspn(s, one_word ? " \t\r\n" : "\r\n"));
}

static struct dext_address address(const struct dx_panic_text *t, const char *key)
{
    struct dext_address a = {false, 0};
    const char *s = strstr(t->p, key);
    a.known = s && dx_panic_hex(s + strlen(key), &a.value, NULL);
    return a;
}

static void reason(struct dx_panic_text *t, const char *s)
{
    static const char *const marks[] = {"Debugger message:",
                                        "Panicked task",
                                        "Backtrace (CPU",
                                        "Memory ID:",
                                        "\tx0:",
                                        " x0:",
                                        "Backtrace continues",
                                        "\nPanicked thread",
                                        NULL};
    struct dext_panic *p = t->out;
    const char *cpu = strstr(s, "cpu "), *close = strstr(s, "): ");
    p->cpu = cpu && cpu < s + 12 ? strtol(cpu + 4, NULL, 10) : -1;
    const char *caller = strstr(s, "caller ");
    if (caller && close && caller < close) {
        p->caller.known = dx_panic_hex(caller + 7, &p->caller.value, NULL);
    }
    s = close ? close + 3 : s;
    p->reason = trimmed(t, s, until(s, marks));
}

/* "Panicked task 0x...: 75145 pages, 462 threads: pid 0: kernel_task" */
static void task(struct dx_panic_text *t)
{
    const char *s = strstr(t->p, "Panicked task ");
    const char *pid = s ? strstr(s, "pid ") : NULL;
    t->out->task_pid = -1;
    t->out->task = "";
    if (pid && pid - s < 200) {
        char *end;
        long n = strtol(pid + 4, &end, 10);
        t->out->task_pid = n;
        end += strspn(end, ": ");
        t->out->task = trimmed(t, end, strcspn(end, "\r\n"));
        const char *lost = strstr(t->out->task, " Panicked thread:");
        if (lost) {
            t->out->task = trimmed(t, t->out->task, (size_t)(lost - t->out->task));
        }
    } else {
        t->out->task = field(t, "BSD process name corresponding to current thread:", false);
    }
}

static void fields(struct dx_panic_text *t)
{
    struct dext_panic *p = t->out;
    bool intel = strstr(t->p, "X86_64") || strstr(t->p, "Backtrace (CPU");
    bool arm = strstr(t->p, "ARM64") || strstr(t->p, "lr: 0x");
    p->arch = intel ? "x86_64" : arm ? "arm64" : "";
    p->os_build = field(t, "Mac OS version:", true);
    p->os_build = *p->os_build ? p->os_build : field(t, "OS version:", true);
    p->kernel_version = field(t, "Kernel version:", false);
    const char *root = strstr(p->kernel_version, "root:");
    if (root) { /* the last word of it, where line ends were lost */
        size_t n = (size_t)(root - p->kernel_version) + strcspn(root, " \t");
        p->kernel_version = trimmed(t, p->kernel_version, n);
    }
    p->model = field(t, "System model name:", false);
    p->cache_slide = address(t, "KernelCache slide:");
    p->cache_base = address(t, "KernelCache base:");
    p->kernel_slide = address(t, "Kernel slide:");
    p->text_base = address(t, "Kernel text base:");
    p->exec_slide = address(t, "Kernel text exec slide:");
    p->exec_base = address(t, "Kernel text exec base:");
    p->pc = address(t, "at pc ");
    p->far = address(t, "far: ");
    task(t);
}

int dext_panic_parse(struct dext_panic **out, struct dext_ctx *ctx, const char *name,
                     const char *data, size_t size)
{
    struct dx_panic_text t = {.ctx = ctx, .out = dx_alloc(&ctx->arena, sizeof **out)};
    struct dx_str head = dx_str_trim((struct dx_str){data, size});
    t.out->file = dx_strdup(&ctx->arena, name);
    if (!(head.n && *head.p == '{' && from_json(&t, head.p, head.n))) {
        from_text(&t, data, size);
    }
    for (char *nul; (nul = memchr(t.p, 0, t.n)) != NULL;) {
        *nul = ' ';
    }
    const char *start = strstr(t.p, "panic(");
    if (!start) {
        return dx_fail(ctx, DEXT_E_FORMAT, "%s: no panic report: 'panic(' is not in it", name);
    }
    reason(&t, start);
    fields(&t);
    dx_panic_kexts(&t);
    dx_panic_frames(&t);
    dx_panic_signs(&t);
    if (t.out->frame_count == 0) {
        dx_panic_note(&t, "the report holds no backtrace: it was cut short");
    }
    *out = t.out;
    return DEXT_OK;
}

int dext_panic_read(struct dext_panic **out, struct dext_ctx *ctx, const char *path)
{
    struct dx_source s;
    int rc = dx_source_read(&s, ctx, path);
    return rc < 0 ? rc : dext_panic_parse(out, ctx, path, s.data, s.size);
}
