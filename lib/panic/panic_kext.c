/* Lists of kexts. Reports come with their line ends lost, so nothing here needs them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "panic/panic.h"

#define MOST_KEXTS 2000

/* How the kernel shortens identifiers in its lists (xnu libkern/libkern/kext_panic_report.h). */
static const struct {
    char sign;
    const char *text;
} prefixes[] = {{'>', "com.apple.driver."},
                {'|', "com.apple.iokit."},
                {'$', "com.apple.security."},
                {'@', "com.apple."}},
  parts[] = {{'U', "AppleUSB"},   {'A', "Apple"},     {'F', "Family"}, {'S', "Storage"},
             {'C', "Controller"}, {'B', "Bluetooth"}, {'I', "Intel"}};

#define COUNT(a) (sizeof(a) / sizeof *(a))

static const char *panic_kext_part_of(char sign)
{
    for (size_t i = 0; i < COUNT(parts); i++) {
        if (parts[i].sign == sign) {
            return parts[i].text;
        }
    }
    return NULL;
}

static const char *prefix_of(char sign)
{
    for (size_t i = 0; i < COUNT(prefixes); i++) {
        if (prefixes[i].sign == sign) {
            return prefixes[i].text;
        }
    }
    return NULL;
}

char *dx_panic_expand(struct dx_arena *a, struct dx_str id)
{
    struct dx_buf b;
    bool changed = false;
    size_t i = 0;
    dx_buf_init(&b, a, 4096);
    /* Reports of 10.15 to 10.15.3 put '>' before other prefixes too: ">|IOHID!F", ">@nke.ppp". */
    if (id.n > 1 && id.p[0] == '>' && id.p[1] != '>' && prefix_of(id.p[1])) {
        i = 1;
    }
    const char *prefix = id.n ? prefix_of(id.p[i]) : NULL;
    if (prefix) {
        dx_buf_puts(&b, prefix);
        changed = true;
        i++;
    }
    for (; i < id.n; i++) {
        const char *part = id.p[i] == '!' && i + 1 < id.n ? panic_kext_part_of(id.p[i + 1]) : NULL;
        if (part) {
            dx_buf_puts(&b, part);
            changed = true;
            i++;
        } else {
            dx_buf_add(&b, id.p + i, 1);
        }
    }
    return changed && b.p ? b.p : NULL;
}

bool dx_panic_id_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr(".-_>|$@!", c));
}

static size_t id_length(const char *s)
{
    size_t n = 0;
    while (dx_panic_id_char(s[n])) {
        n++;
    }
    return n;
}

static void set_id(struct dx_arena *a, struct dext_panic_kext *k, struct dx_str id)
{
    char *expanded = dx_panic_expand(a, id);
    char *written = dx_strndup(a, id.p, id.n);
    k->id = expanded ? expanded : written;
    k->written = expanded ? written : NULL;
    k->of_apple = strncmp(k->id, "com.apple.", 10) == 0;
}

struct dext_panic_kext *dx_panic_add_kext(struct dx_panic_text *t, struct dx_str id)
{
    struct dext_panic_kext *k = DX_PUSH(&t->ctx->arena, t->kexts, t->out->kext_count, t->kext_cap);
    *k = (struct dext_panic_kext){.version = "", .uuid = ""};
    set_id(&t->ctx->arena, k, id);
    t->out->kexts = t->kexts;
    return k;
}

/* "@0xSTART->0xEND", of dependencies in old reports "@0xSTART". A tool that expanded shortened
 * names everywhere has made "com.apple." of '@' and "com.apple.driver." of '>' here; that is
 * undone. */
static const char *panic_kext_range(struct dx_panic_text *t, struct dext_panic_kext *k,
                                    const char *s)
{
    const char *from = s, *end;
    s += strspn(s, " \t\n");
    bool spoilt = strncmp(s, "com.apple.0x", 12) == 0;
    if (*s != '@' && !spoilt) {
        return from;
    }
    s += spoilt ? 10 : 1;
    if (!dx_panic_address(s, &k->start, &end)) {
        k->start = 0;
        return s;
    }
    const char *to = end;
    to += *to == '-';
    to += strncmp(to, "com.apple.driver.", 17) == 0 ? 17 : *to == '>';
    if (to != end && dx_panic_address(to, &k->end, &to)) {
        end = to;
    } else {
        k->end = 0;
    }
    if (k->end && k->end < k->start) {
        k->start = k->end = 0;
    }
    if (spoilt && t->out->notes.count == 0) {
        dx_panic_note(t, "a tool has changed '@' and '>' in the load addresses of kexts into parts "
                         "of names; they were read as addresses");
    }
    return end;
}

/* An identifier and nothing else on its line: what people leave of a row when they shorten it. */
static bool is_bare_id(const char *s, size_t n)
{
    size_t dots = 0;
    for (size_t i = 0; i < n; i++) {
        dots += s[i] == '.';
    }
    size_t gap = strspn(s + n, " \t");
    return dots >= 2 && s[n - 1] != '.' && (s[n + gap] == '\n' || s[n + gap] == 0);
}

/* "id(version)[UUID]@range" at s; NULL: there is none. */
static const char *one_kext(struct dx_panic_text *t, const char *s, bool dependency)
{
    struct dx_arena *a = &t->ctx->arena;
    size_t n = id_length(s);
    size_t version = s[n] == '(' ? strcspn(s + n + 1, ")\n") : 0;
    if (n && s[n] != '(' && is_bare_id(s, n)) {
        dx_panic_add_kext(t, (struct dx_str){s, n})->dependency = dependency;
        return s + n;
    }
    if (n == 0 || s[n] != '(' || s[n + 1 + version] != ')') {
        return NULL;
    }
    struct dext_panic_kext *k = dx_panic_add_kext(t, (struct dx_str){s, n});
    k->dependency = dependency;
    k->version = dx_strndup(a, s + n + 1, version);
    s += n + version + 2;
    const char *bracket = s + strspn(s, " \t");
    if (*bracket == '[') {
        size_t m = strcspn(bracket + 1, "]\n");
        char *uuid = dx_strndup(a, bracket + 1, m), *to = uuid;
        for (const char *c = uuid; *c; c++) { /* forums break long words */
            *to = *c;
            to += *c != ' ';
        }
        *to = 0;
        k->uuid = uuid;
        s = bracket + 1 + m;
        s += *s == ']';
    }
    return panic_kext_range(t, k, s);
}

void dx_panic_kexts(struct dx_panic_text *t)
{
    static const char *const leads[] = {"Kernel Extensions in backtrace",
                                        "Kernel loadable modules in backtrace"};
    static const char depends[] = "dependency:";
    const char *s = strstr(t->begin, leads[0]);
    s = s ? s : strstr(t->begin, leads[1]);
    s = s ? strchr(s, ':') : NULL;
    s = s ? s + 1 : NULL;
    while (s && t->out->kext_count < MOST_KEXTS) {
        s += strspn(s, " \t\n");
        bool dependency = strncmp(s, depends, sizeof depends - 1) == 0;
        if (dependency) {
            s += sizeof depends - 1;
            s += strspn(s, " \t");
        }
        s = one_kext(t, s, dependency);
    }
}

/* ---- loaded, started, stopped ---------------------------------------------------------------- */

/* Whether words begin at s, and not within "unloaded kexts:". */
static const char *panic_kext_after(const char *s, const char *words)
{
    for (const char *at = s; (at = strstr(at, words)) != NULL; at++) {
        if (at == s || at[-1] == '\n' || at[-1] == ' ' || at[-1] == '\t') {
            return at + strlen(words);
        }
    }
    return NULL;
}

/* How long the version at s is. It goes up to the end of the line and may hold spaces ("20.4.1
 * 55996"); where line ends were lost, more of it is numbers. Reports up to 10.7 have " - last
 * loaded TIME" behind. */
static size_t version_length(const char *s, bool lines)
{
    if (lines) {
        size_t n = strcspn(s, "\n");
        const char *dash = memmem(s, n, " - last ", 8);
        n = dash ? (size_t)(dash - s) : n;
        while (n && (s[n - 1] == ' ' || s[n - 1] == '\t')) {
            n--;
        }
        return n;
    }
    size_t n = strcspn(s, " \t\n");
    while (s[n] == ' ' && s[n + 1] >= '0' && s[n + 1] <= '9') {
        n += 1 + strcspn(s + n + 1, " \t\n");
    }
    return n;
}

/* Kexts that were loaded and are not Apple's: "name<TAB>version". */
static void panic_kext_loaded(struct dx_panic_text *t)
{
    struct dx_arena *a = &t->ctx->arena;
    const char *s = panic_kext_after(t->begin, "loaded kexts:");
    bool lines = s && s[strspn(s, " \t")] == '\n';
    size_t cap = 0, seen = 0;
    while (s && seen++ < MOST_KEXTS) {
        s += strspn(s, " \t\n");
        size_t n = id_length(s), gap = strspn(s + n, " \t");
        size_t version = gap ? version_length(s + n + gap, lines) : 0;
        if (n == 0 || version == 0) {
            break;
        }
        struct dext_panic_kext k = {0};
        set_id(a, &k, (struct dx_str){s, n});
        if (!strchr(k.id, '.')) {
            break; /* the list is over: this is the beginning of something else */
        }
        if (!k.of_apple) {
            *DX_PUSH(a, t->out->others.text, t->out->others.count, cap) = k.id;
        }
        s += n + gap + version;
        s += lines ? strcspn(s, "\n") : 0;
    }
}

/* "last started kext at 12345: id<TAB>version (addr 0x..., size n)" */
void dx_panic_last(struct dx_panic_text *t)
{
    static const char *const kinds[] = {"started", "stopped", "loaded", "unloaded"};
    struct dext_panic_last *list = dx_calloc(&t->ctx->arena, COUNT(kinds), sizeof *list);
    size_t count = 0;
    for (size_t i = 0; i < COUNT(kinds); i++) {
        char words[40];
        (void)snprintf(words, sizeof words, "last %s kext at ", kinds[i]);
        const char *s = strstr(t->begin, words);
        char *end;
        uint64_t at = s ? strtoull(s + strlen(words), &end, 10) : 0;
        if (!s || *end != ':') {
            continue;
        }
        s = end + 1 + strspn(end + 1, " \t\n");
        size_t n = id_length(s), gap = strspn(s + n, " \t");
        struct dext_panic_kext k = {0};
        if (n) {
            set_id(&t->ctx->arena, &k, (struct dx_str){s, n});
            size_t version = strcspn(s + n + gap, "\t\n(");
            version -= version && s[n + gap + version - 1] == ' ';
            list[count++] = (struct dext_panic_last){
                kinds[i], k.id, dx_strndup(&t->ctx->arena, s + n + gap, version), at};
        }
    }
    t->out->last = list;
    t->out->last_count = count;
    panic_kext_loaded(t);
}
