/* Lists of kexts and frames. Reports come with their line ends lost, so nothing here needs them. */
#include <stdlib.h>
#include <string.h>

#include "logs/panic.h"

#define MOST_KEXTS 2000
#define MOST_FRAMES 1000

/* How the kernel shortens identifiers in its lists (xnu libkern/kext_panic_report.h). */
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

static const char *part_of(char sign)
{
    for (size_t i = 0; i < COUNT(parts); i++) {
        if (parts[i].sign == sign) {
            return parts[i].text;
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
    for (size_t k = 0; k < COUNT(prefixes) && id.n; k++) {
        if (id.p[0] == prefixes[k].sign) {
            dx_buf_puts(&b, prefixes[k].text);
            changed = true;
            i = 1;
            break;
        }
    }
    for (; i < id.n; i++) {
        const char *part = id.p[i] == '!' && i + 1 < id.n ? part_of(id.p[i + 1]) : NULL;
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

static bool id_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr(".-_>|$@!", c));
}

static void set_id(struct dx_arena *a, struct dext_panic_kext *k, struct dx_str id)
{
    char *expanded = dx_panic_expand(a, id);
    char *written = dx_strndup(a, id.p, id.n);
    k->id = expanded ? expanded : written;
    k->written = expanded ? written : NULL;
    k->of_apple = strncmp(k->id, "com.apple.", 10) == 0;
}

/* "@0xSTART->0xEND". A tool that expanded shortened names everywhere has made "com.apple." of '@'
 * and "com.apple.driver." of '>' here; that is undone. */
static const char *range(struct dx_panic_text *t, struct dext_panic_kext *k, const char *s)
{
    const char *end = s;
    bool spoilt = strncmp(s, "com.apple.0x", 12) == 0;
    s += spoilt ? 10 : *s == '@';
    if (!dx_panic_hex(s, &k->start, &end)) {
        return s;
    }
    const char *to = end;
    to += *to == '-';
    to += strncmp(to, "com.apple.driver.", 17) == 0 ? 17 : *to == '>';
    if (!dx_panic_hex(to, &k->end, &end) || k->end < k->start) {
        k->start = k->end = 0;
    }
    if (spoilt && t->out->notes.count == 0) {
        dx_panic_note(t, "a tool has changed '@' and '>' in the load addresses of kexts into parts "
                         "of names; they were read as addresses");
    }
    return end;
}

/* "id(version)[UUID]@range" at s; NULL: there is none. */
static const char *one_kext(struct dx_panic_text *t, struct dext_panic_kext *k, const char *s)
{
    struct dx_arena *a = &t->ctx->arena;
    size_t n = 0;
    while (id_char(s[n])) {
        n++;
    }
    size_t version = s[n] == '(' ? strcspn(s + n + 1, ")\n") : 0;
    if (n == 0 || s[n] != '(' || s[n + 1 + version] != ')') {
        return NULL;
    }
    set_id(a, k, (struct dx_str){s, n});
    k->version = dx_strndup(a, s + n + 1, version);
    k->uuid = "";
    s += n + version + 2;
    if (*s == '[') {
        size_t m = strcspn(s + 1, "]\n");
        k->uuid = dx_strndup(a, s + 1, m);
        s += m + 1 + (s[m + 1] == ']');
    }
    return range(t, k, s);
}

/* Kexts that were loaded and are not Apple's: "name<TAB>version". */
static void loaded(struct dx_panic_text *t)
{
    struct dx_arena *a = &t->ctx->arena;
    const char *s = strstr(t->p, "loaded kexts:");
    size_t cap = 0;
    s = s ? strchr(s, '\n') : NULL;
    for (; s && s[1]; s = strchr(s, '\n')) {
        size_t n = 0;
        s++;
        while (id_char(s[n])) {
            n++;
        }
        if (n == 0 || (s[n] != '\t' && s[n] != ' ')) {
            break;
        }
        struct dext_panic_kext k = {0};
        set_id(a, &k, (struct dx_str){s, n});
        if (!k.of_apple && memchr(s, '.', n) && t->out->others.count < MOST_KEXTS) {
            *DX_PUSH(a, t->out->others.text, t->out->others.count, cap) = k.id;
        }
    }
}

void dx_panic_kexts(struct dx_panic_text *t)
{
    static const char lead[] = "Kernel Extensions in backtrace:", depends[] = "dependency:";
    const char *s = strstr(t->p, lead);
    struct dext_panic_kext *list = NULL;
    size_t count = 0, cap = 0;
    s = s ? s + sizeof lead - 1 : NULL;
    while (s && count < MOST_KEXTS) {
        struct dext_panic_kext k = {0};
        s += strspn(s, " \t\r\n");
        if (strncmp(s, depends, sizeof depends - 1) == 0) {
            k.dependency = true;
            s += sizeof depends - 1;
            s += strspn(s, " \t");
        }
        s = one_kext(t, &k, s);
        if (s) {
            *DX_PUSH(&t->ctx->arena, list, count, cap) = k;
        }
    }
    t->out->kexts = list;
    t->out->kext_count = count;
    loaded(t);
}

/* ---- frames ----------------------------------------------------------------------------- */

/* A pointer into the kernel half of the address space (bit 55) whose upper bits hold an
 * authentication code: kernel addresses have ones there (47 bits of address). */
static uint64_t strip(uint64_t address, bool *stripped)
{
    const uint64_t upper = UINT64_C(0xffff800000000000);
    *stripped = (address >> 55 & 1) != 0 && (address & upper) != upper;
    return *stripped ? address | upper : address;
}

static void place(struct dx_panic_text *t, struct dext_panic_frame *f)
{
    const struct dext_panic *p = t->out;
    for (size_t i = 0; i < p->kext_count; i++) {
        const struct dext_panic_kext *k = &p->kexts[i];
        if (k->end && f->address >= k->start && f->address <= k->end) {
            f->kext = k;
            f->offset = f->address - k->start;
            return;
        }
    }
    /* On Apple silicon the kernel's code has a slide of its own; older reports do not give it. */
    bool arm = strcmp(p->arch, "arm64") == 0;
    const struct dext_address *slide = arm ? &p->exec_slide : &p->kernel_slide;
    const struct dext_address *base = arm ? &p->exec_base : &p->text_base;
    if (slide->known && base->known && f->address >= base->value && f->address >> 63) {
        f->unslid = (struct dext_address){true, f->address - slide->value};
    }
}

void dx_panic_frames(struct dx_panic_text *t)
{
    struct dext_panic_frame *list = NULL;
    size_t count = 0, cap = 0;
    const char *kexts = strstr(t->p, "Kernel Extensions in backtrace:");
    const char *end = kexts ? kexts : t->p + t->n;
    const char *intel = strstr(t->p, "Backtrace (CPU");
    const char *arm = strstr(t->p, "Panicked thread:");
    intel = intel ? strstr(intel, "Return Address") : NULL;
    const char *s = intel ? intel + 14 : arm;
    while (s && s < end && count < MOST_FRAMES) {
        uint64_t frame, address;
        if (!intel) {
            s = strstr(s, "lr: ");
            if (!s || s >= end || !dx_panic_hex(s + 4, &address, &s)) {
                break;
            }
        } else {
            if (!dx_panic_hex(s, &frame, &s)) {
                break;
            }
            s += strspn(s, " \t");
            if (*s != ':' || !dx_panic_hex(s + 1, &address, &s)) {
                break;
            }
        }
        struct dext_panic_frame *f = DX_PUSH(&t->ctx->arena, list, count, cap);
        *f = (struct dext_panic_frame){0};
        f->address = strip(address, &f->signed_pointer);
        place(t, f);
    }
    if (t->out->pc.known) {
        struct dext_panic_frame *f = dx_alloc(&t->ctx->arena, sizeof *f);
        f->address = strip(t->out->pc.value, &f->signed_pointer);
        place(t, f);
        t->out->fault = f;
    }
    t->out->frames = list;
    t->out->frame_count = count;
}
