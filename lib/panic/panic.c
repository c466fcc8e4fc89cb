#include "panic/panic.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/source.h"

void dx_panic_note(struct dx_panic_text *t, const char *text)
{
    *DX_PUSH(&t->ctx->arena, t->out->notes.text, t->out->notes.count, t->note_cap) = text;
}

static int panic_hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static size_t panic_digits(const char *s)
{
    size_t n = 0;
    while (n < 17 && panic_hex_digit(s[n]) >= 0) {
        n++;
    }
    return n;
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
    for (s += 2; n < 16 && panic_hex_digit(s[n]) >= 0; n++) {
        v = v << 4 | (unsigned)panic_hex_digit(s[n]);
    }
    *value = v;
    if (end) {
        *end = s + n;
    }
    return n > 0 && panic_hex_digit(s[n]) < 0;
}

bool dx_panic_address(const char *s, uint64_t *value, const char **end)
{
    uint64_t v = 0;
    size_t n = 0;
    s += strspn(s, " \t\r\n");
    if (*s != '0' && *s != 'O') {
        return false;
    }
    s++;
    s += *s != 'x' ? strspn(s, " \t\r\n") : 0;
    if (*s != 'x') {
        return false;
    }
    for (s++; n < 16;) {
        size_t gap = panic_hex_digit(*s) >= 0 ? 0 : strspn(s, " \t\r\n");
        if (panic_hex_digit(*s) < 0 &&
            (!gap || n + panic_digits(s + gap) != 16 || s[gap + 16 - n] == 'x')) {
            break; /* the address ends here, or what follows is not the rest of it */
        }
        s += gap;
        v = v << 4 | (unsigned)panic_hex_digit(*s++);
        n++;
    }
    *value = v;
    if (end) {
        *end = s;
    }
    return n > 0 && panic_hex_digit(*s) < 0;
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

/* The words behind key up to the line's end, at most one word when the line ends were lost. Old
 * reports put them on the next line; further down they belong to something else. */
static const char *panic_field(struct dx_panic_text *t, const char *key, bool one_word)
{
    const char *s = strstr(t->begin, key);
    if (!s) {
        return "";
    }
    s += strlen(key);
    s += strspn(s, " \t");
    s += *s == '\n' ? strspn(s, " \t\n") : 0;
    return trimmed(t, s, strcspn(s, one_word ? " \t\n" : "\n"));
}

/* A version of a system: a build ("24B83"), not "Not set" or "Not yet set". */
static const char *build(struct dx_panic_text *t, const char *key)
{
    const char *s = panic_field(t, key, true);
    return isdigit((unsigned char)*s) ? s : "";
}

static struct dext_address address(const struct dx_panic_text *t, const char *key)
{
    struct dext_address a = {false, 0};
    const char *s = strstr(t->begin, key);
    a.known = s && dx_panic_hex(s + strlen(key), &a.value, NULL);
    return a;
}

static struct dext_address either(struct dext_address a, struct dext_address b)
{
    return a.known ? a : b;
}

/* The line end that a message ends with is printed as two characters by old kernels. */
static const char *without_escapes(struct dx_panic_text *t, const char *s)
{
    struct dx_buf b;
    dx_buf_init(&b, &t->ctx->arena, strlen(s) + 1);
    for (; *s; s++) {
        bool escape = s[0] == '\\' && (s[1] == 'n' || s[1] == '\\');
        if (!escape) {
            dx_buf_add(&b, s, 1);
        } else if (s[1] == 'n') {
            dx_buf_add(&b, "\n", 1);
            s++;
        }
    }
    struct dx_str v = dx_str_trim(dx_buf_str(&b));
    return v.p ? dx_strndup(&t->ctx->arena, v.p, v.n) : "";
}

static void panic_reason(struct dx_panic_text *t)
{
    static const char *const marks[] = {"Debugger message:",
                                        "Panicked task",
                                        "Backtrace (CPU",
                                        "Backtrace, Format",
                                        "Backtracing specified thread",
                                        "Memory ID:",
                                        "\tx0:",
                                        " x0:",
                                        "Backtrace continues",
                                        "\nPanicked thread",
                                        "registers:",
                                        "\npanic(cpu ",
                                        "\nCR0:",
                                        "\nOS version:",
                                        "\nMac OS version:",
                                        "\nKernel version:",
                                        "\nKernel Extensions in backtrace",
                                        "BSD process name corresponding",
                                        "\nProcess name corresponding",
                                        "\n```",
                                        NULL};
    struct dext_panic *p = t->out;
    const char *s = t->begin, *told = dx_panic_told(s);
    p->cpu = -1;
    p->reason = "";
    if (t->fragment) {
        return;
    }
    if (strncmp(s, "panic(", 6) == 0) {
        const char *close = strchr(s, ')');
        const char *cpu = strstr(s, "cpu "), *caller = strstr(s, "caller ");
        p->cpu =
            cpu && cpu < s + 12 && isdigit((unsigned char)cpu[4]) ? strtol(cpu + 4, NULL, 10) : -1;
        if (caller && close && caller < close) {
            p->caller.known = dx_panic_hex(caller + 7, &p->caller.value, NULL);
        }
        s = close && close - s < 80 ? close + 1 : s + 6;
        s += *s == ':';
    } else if (told) {
        p->reason = trimmed(t, told, strcspn(told, "\n"));
        return;
    }
    size_t n = until(s, marks);
    if (s[n] == 0) { /* nothing of a report follows: prose may, behind an empty line */
        const char *empty = strstr(s, "\n\n");
        n = empty ? (size_t)(empty - s) : n;
    }
    while (n && strchr(" \t\n,", s[n - 1])) { /* ", registers:" */
        n--;
    }
    p->reason = without_escapes(t, trimmed(t, s, n));
}

/* "Panicked task 0x...: 75145 pages, 462 threads: pid 0: kernel_task" */
static void task(struct dx_panic_text *t)
{
    const char *s = strstr(t->begin, "Panicked task ");
    const char *pid = s ? strstr(s, "pid ") : NULL;
    t->out->task_pid = -1;
    t->out->task = "";
    if (pid && pid - s < 200) {
        char *end;
        long n = strtol(pid + 4, &end, 10);
        t->out->task_pid = n;
        end += strspn(end, ": ");
        t->out->task = trimmed(t, end, strcspn(end, "\n"));
        const char *lost = strstr(t->out->task, " Panicked thread:");
        lost = lost ? lost : strstr(t->out->task, " Backtrace (CPU");
        if (lost) {
            t->out->task = trimmed(t, t->out->task, (size_t)(lost - t->out->task));
        }
        return;
    }
    /* "BSD process name corresponding ..." to 10.15; later without BSD and with the thread */
    s = strstr(t->begin, "rocess name corresponding to current thread");
    s = s ? strchr(s, ':') : NULL;
    if (s) {
        s += 1 + strspn(s + 1, " \t");
        t->out->task = trimmed(t, s, strcspn(s, "\n"));
        const char *lost = strstr(t->out->task, " Mac OS version:");
        if (lost) {
            t->out->task = trimmed(t, t->out->task, (size_t)(lost - t->out->task));
        }
    }
}

/* Of bridgeOS "OS version" is its own, and "macOS version", right behind it, that of the Mac. */
static bool of_bridge(const struct dx_panic_text *t)
{
    const char *s = strstr(t->begin, "OS version:");
    if (!s) {
        return false;
    }
    s += strlen("OS version:");
    s += strspn(s, " \t\n");
    s += strcspn(s, " \t\n");
    s += strspn(s, " \t\n");
    return strncmp(s, "macOS version:", 14) == 0;
}

static void versions(struct dx_panic_text *t)
{
    struct dext_panic *p = t->out;
    bool bridge = of_bridge(t);
    p->bridge_build = bridge ? build(t, "OS version:") : "";
    p->os_build = build(t, "Mac OS version:");
    p->os_build = *p->os_build ? p->os_build : build(t, bridge ? "macOS version:" : "OS version:");
    p->kernel_version = panic_field(t, "ernel version:", false);
    const char *root = strstr(p->kernel_version, "root:");
    if (root) { /* the last word of it, where line ends were lost */
        size_t n = (size_t)(root - p->kernel_version) + strcspn(root, " \t");
        p->kernel_version = trimmed(t, p->kernel_version, n);
    }
    const char *k = p->kernel_version;
    bool intel = strstr(k, "X86_64") || (!strstr(k, "ARM") && strstr(t->begin, "Backtrace (CPU"));
    bool arm =
        strstr(k, "ARM64") || (!*k && (strstr(t->begin, "lr: 0x") || strstr(t->begin, "ARM64")));
    p->arch = intel ? "x86_64" : arm ? "arm64" : "";
    const char *model = panic_field(t, "System model name:", false), *board = strchr(model, ')');
    p->model = board ? trimmed(t, model, (size_t)(board + 1 - model)) : *model ? model : p->model;
    p->kernel_uuid = panic_field(t, "Kernel UUID:", true);
    p->cache_uuid = panic_field(t, "Fileset Kernelcache UUID:", true);
    p->cache_uuid = *p->cache_uuid ? p->cache_uuid : panic_field(t, "KernelCache UUID:", true);
}

static void fields(struct dx_panic_text *t)
{
    struct dext_panic *p = t->out;
    versions(t);
    p->cache_slide = address(t, "KernelCache slide:");
    p->cache_base = address(t, "KernelCache base:");
    p->kernel_slide = address(t, "Kernel slide:");
    p->text_base = address(t, "Kernel text base:");
    p->exec_slide = address(t, "Kernel text exec slide:");
    p->exec_base = address(t, "Kernel text exec base:");
    p->hib_base = either(address(t, "__HIB  text base:"), address(t, "__HIB text base:"));
    p->pc = either(address(t, "at pc "), address(t, "Kernel trap at "));
    p->far = either(address(t, "far: "), address(t, "Fault CR2: "));
    p->far = either(p->far, strstr(p->reason, "page fault") ? address(t, "CR2: ")
                                                            : (struct dext_address){false, 0});
    p->thread = either(address(t, "Panicked thread: "), address(t, "panicked thread: "));
    task(t);
}

/* A panic while the kernel dealt with the first one. */
static void panic_nested(struct dx_panic_text *t)
{
    const char *next = strstr(t->begin + 1, "panic(cpu ");
    if (next && strncmp(t->begin, "panic(cpu ", 10) == 0) {
        dx_panic_note(t, "the kernel panicked again while it wrote this report; the first reason "
                         "counts, and the rest may be incomplete");
    }
}

static int panic_one_report(struct dext_panic **out, struct dext_ctx *ctx, const char *name,
                            const char *data, size_t size)
{
    struct dx_panic_text t = {.ctx = ctx, .out = dx_alloc(&ctx->arena, sizeof **out)};
    *t.out = (struct dext_panic){.file = dx_strdup(&ctx->arena, name), .system = "", .model = ""};
    int rc = dx_panic_find(&t, data, size);
    if (rc < 0) {
        return rc;
    }
    panic_reason(&t);
    fields(&t);
    panic_nested(&t);
    dx_panic_kexts(&t);
    dx_panic_last(&t);
    dx_panic_frames(&t);
    dx_panic_signs(&t);
    dx_panic_owner(&t);
    if (t.out->frame_count == 0) {
        dx_panic_note(&t, "the report holds no backtrace: it was cut short");
    }
    *out = t.out;
    return DEXT_OK;
}

int dext_panic_parse(struct dext_panic **out, struct dext_ctx *ctx, const char *name,
                     const char *data, size_t size)
{
    struct dext_panic **next = out;
    size_t at = 0;
    do {
        size_t n = dx_panic_next(data + at, size - at);
        int rc = panic_one_report(next, ctx, name, data + at, n);
        if (rc < 0) { /* of the first: what follows begins with its own "panic(" */
            return rc;
        }
        (*next)->offset = at;
        next = &(*next)->next;
        at += n;
    } while (at < size);
    return DEXT_OK;
}

int dext_panic_read(struct dext_panic **out, struct dext_ctx *ctx, const char *path)
{
    struct dx_source s;
    int rc = dx_source_read(&s, ctx, path);
    return rc < 0 ? rc : dext_panic_parse(out, ctx, path, s.data, s.size);
}
