/* The report's text out of its wrapping: a .panic or .ips file (JSON), a paste, a web page's
 * source, quoted mail. What the wrapping knows of the machine is kept where the text does not say
 * it. */
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "panic/panic.h"

static const char *panic_text_member(struct dx_panic_text *t, const json_t *object, const char *key)
{
    const char *s = json_string_value(json_object_get(object, key));
    return s ? dx_strdup(&t->ctx->arena, s) : "";
}

/* On a Mac with a T2 chip the report is the chip's: its own panicString says that macOS went down,
 * and macOSPanicString why. One of them may hold a placeholder ("not yet set"). */
static const char *panic_text_string_of(struct dx_panic_text *t, const json_t *object, size_t *n)
{
    static const char *const keys[] = {"macOSPanicString", "panicString", "string"};
    const json_t *best = NULL, *host = json_object_get(object, keys[0]);
    bool best_is = false;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const json_t *v = json_object_get(object, keys[i]);
        const char *s = json_string_length(v) ? json_string_value(v) : NULL;
        bool is = s && strstr(s, "panic(");
        if (s && (!best || (is && !best_is))) {
            best = v;
            best_is = is;
        }
    }
    if (best && best == host && json_string_length(json_object_get(object, "panicString"))) {
        dx_panic_note(t, "a T2 chip wrote this report; what is told here is macOSPanicString, the "
                         "panic of macOS, not the chip's own");
    }
    *n = json_string_length(best);
    return json_string_value(best);
}

static void wrapping(struct dx_panic_text *t, const json_t *object)
{
    struct dext_panic *p = t->out;
    const char *product = panic_text_member(t, object, "product");
    const char *build = panic_text_member(t, object, "build"),
               *os = panic_text_member(t, object, "os_version");
    os = *os ? os : build;
    if (strncmp(product, "iBridge", 7) != 0 && strncmp(os, "Bridge OS", 9) != 0) {
        p->model = *product ? product : p->model; /* of a T2 chip's file it is the chip */
        p->system = *os ? os : p->system;
    }
    const char *type = panic_text_member(t, object, "bug_type");
    t->bug_type = *type ? type : t->bug_type;
}

/* One JSON object (.panic), or a line that is a JSON object and then another (.ips). */
static bool panic_text_from_json(struct dx_panic_text *t, const char *data, size_t size)
{
    /* Reports hold unsigned 64-bit numbers, which are no integers to jansson. */
    const size_t flags = JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL;
    json_error_t error;
    bool found = false;
    size_t at = 0;
    for (int i = 0; i < 2 && !found && at < size; i++) {
        json_t *object = json_loadb(data + at, size - at, flags, &error);
        size_t n = 0;
        const char *text = object ? panic_text_string_of(t, object, &n) : NULL;
        if (object) {
            wrapping(t, object);
        }
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

/* ---- pastes --------------------------------------------------------------------------------- */

/* What stands for something else: escapes of JSON, entities of HTML, characters of word processors.
 */
static const struct {
    const char *written, *means;
} spellings[] = {
    {"\\n", "\n"},          {"\\t", "\t"},       {"\\/", "/"},      {"\\\"", "\""},
    {"&gt;", ">"},          {"&lt;", "<"},       {"&amp;", "&"},    {"&quot;", "\""},
    {"&#39;", "'"},         {"&nbsp;", " "},     {"\xc2\xa0", " "}, {"\xe2\x80\x9c", "\""},
    {"\xe2\x80\x9d", "\""}, {"0\xc3\x97", "0x"}, {"\r\n", "\n"},
};

static size_t respell(const char *s, size_t n, const char **means)
{
    for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
        size_t m = strlen(spellings[i].written);
        if (n >= m && memcmp(s, spellings[i].written, m) == 0) {
            *means = spellings[i].means;
            return m;
        }
    }
    return 0;
}

/* Quote signs of mail off the lines; a shortened identifier begins with the same sign, but no space
 * follows there. */
static void panic_text_from_text(struct dx_panic_text *t, const char *data, size_t size)
{
    char *copy = dx_alloc(&t->ctx->arena, size + 1);
    size_t n = 0;
    bool start = true;
    for (size_t i = 0; i < size;) {
        const char *means;
        if (start && data[i] == '>' &&
            (i + 1 == size || data[i + 1] == ' ' || data[i + 1] == '>')) {
            i += i + 1 < size && data[i + 1] == ' ' ? 2 : 1;
            continue;
        }
        size_t m = strchr("\\&\r0\xc2\xe2", data[i]) ? respell(data + i, size - i, &means) : 0;
        for (; m && *means; means++) { /* never longer than what was written */
            copy[n++] = *means;
        }
        if (!m) {
            copy[n++] = data[i];
        }
        i += m ? m : 1;
        start = copy[n - 1] == '\n';
    }
    t->p = copy;
    t->n = n;
    t->out->form = "text";
}

/* ---- where it begins and ends -----------------------------------------------------------------
 */

static bool numbered(const char *s)
{
    return strncmp(s, "panic(cpu ", 10) == 0;
}

/* The first "panic(cpu", else the first "panic(" of anything: prose may speak of panic() before. */
static char *beginning(const char *s)
{
    for (const char *at = s; (at = strstr(at, "panic(")) != NULL; at++) {
        if (numbered(at)) {
            return (char *)at;
        }
    }
    return strstr(s, "panic(");
}

static const char *panic_text_behind(const char *data, size_t size, const char *from,
                                     const char *words)
{
    return from ? memmem(from, size - (size_t)(from - data), words, strlen(words)) : NULL;
}

size_t dx_panic_next(const char *data, size_t size)
{
    static const char report[] = "panic(cpu ";
    struct dx_str head = dx_str_trim((struct dx_str){data, size});
    const char *at = head.n && *head.p == '{' ? NULL : panic_text_behind(data, size, data, report);
    at = panic_text_behind(data, size, at, "ernel version:");
    at = panic_text_behind(data, size, at, report);
    return at ? (size_t)(at - data) : size;
}

static int panic_text_refuse(const struct dx_panic_text *t)
{
    static const char *const types[][2] = {{"109", "a process that crashed"},
                                           {"309", "a process that crashed"},
                                           {"385", "a process that crashed"},
                                           {"288", "a stackshot, taken while the system ran"},
                                           {"298", "processes that were ended for memory"}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (t->bug_type && strcmp(types[i][0], t->bug_type) == 0) {
            return dx_fail(t->ctx, DEXT_E_FORMAT, "%s: no panic report: bug_type %s is %s",
                           t->out->file, types[i][0], types[i][1]);
        }
    }
    return dx_fail(t->ctx, DEXT_E_FORMAT, "%s: no panic report: 'panic(' is not in it",
                   t->out->file);
}

/* A numbered frame in the kernel, as tools print it that put names to a report. */
static const char *kernel_frame(const char *s)
{
    static const char *const images[] = {" mach_kernel ", " kernel "};
    for (size_t i = 0; i < sizeof images / sizeof *images; i++) {
        for (const char *at = s; (at = strstr(at, images[i])) != NULL; at++) {
            const char *address = at + strlen(images[i]);
            address += strspn(address, " \t");
            if (at > s && at[-1] >= '0' && at[-1] <= '9' && strncmp(address, "0xffffff", 8) == 0) {
                return at;
            }
        }
    }
    return NULL;
}

/* What stands in every report, whatever its reason. */
static const char *fragment(const char *s)
{
    static const char *const parts[] = {"Kernel Extensions in backtrace:",
                                        "Backtrace (CPU ",
                                        "Panicked task 0x",
                                        "last started kext at",
                                        "last loaded kext at",
                                        "Kernel slide:"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        const char *at = strstr(s, parts[i]);
        if (at) {
            return at;
        }
    }
    return kernel_frame(s);
}

/* What tells the reason where the kernel did not panic of its own: the debugger's message after the
 * watchdog, and the head of a report on a Mac that did not go to sleep or wake up. */
static const char *const tellers[] = {"Debugger message:", "Stackshot Reason:"};

const char *dx_panic_told(const char *s)
{
    for (size_t i = 0; i < sizeof tellers / sizeof *tellers; i++) {
        if (strncmp(s, tellers[i], strlen(tellers[i])) == 0) {
            return s + strlen(tellers[i]);
        }
    }
    return NULL;
}

static const char *panic_text_teller(const char *s)
{
    const char *at = NULL;
    for (size_t i = 0; !at && i < sizeof tellers / sizeof *tellers; i++) {
        at = strstr(s, tellers[i]);
    }
    return at;
}

int dx_panic_find(struct dx_panic_text *t, const char *data, size_t size)
{
    struct dx_str head = dx_str_trim((struct dx_str){data, size});
    bool wrapped = head.n && *head.p == '{' && panic_text_from_json(t, head.p, head.n);
    if (!wrapped) {
        panic_text_from_text(t, data, size);
    }
    for (char *nul; (nul = memchr(t->p, 0, t->n)) != NULL;) {
        *nul = ' ';
    }
    char *begin = beginning(t->p);
    const char *told = begin ? NULL : panic_text_teller(t->p);
    const char *part = begin || told ? NULL : fragment(t->p);
    if (part) {
        dx_panic_note(t,
                      "only a part of a report: its beginning, and with it the reason, is missing");
        t->fragment = true;
    }
    if (!begin && !told && !part && !wrapped) {
        return panic_text_refuse(t);
    }
    t->begin = begin ? begin : told ? told : t->p; /* of a part all of it */
    return DEXT_OK;
}
