/* The backtrace: where each frame is. Reports come with their line ends lost, so nothing here needs
 * them. */
#include <stdio.h>
#include <string.h>

#include "logs/text.h"
#include "panic/panic.h"

#define MOST_FRAMES 1000

/* A pointer into the kernel half of the address space (bit 55) whose upper bits hold an
 * authentication code: kernel addresses have ones there (47 bits of address). */
static uint64_t strip(uint64_t address, bool *stripped)
{
    const uint64_t upper = UINT64_C(0xffff800000000000);
    *stripped = (address >> 55 & 1) != 0 && (address & upper) != upper;
    return *stripped ? address | upper : address;
}

/* ---- names that the report gives (keepsyms=1) --------------------------------------------------
 */

/* "image : symbol + 0xoffset" behind an address; where it ends. Old 32-bit kernels print what may
 * be arguments, in parentheses. */
static const char *symbol(struct dx_panic_text *t, struct dext_panic_frame *f, const char *s)
{
    s += strspn(s, " \t");
    if (*s == '(') {
        s += strcspn(s, ")\n");
        return s + (*s == ')');
    }
    size_t n = 0;
    while (dx_panic_id_char(s[n])) {
        n++;
    }
    const char *colon = s + n + strspn(s + n, " \t");
    if (n == 0 || *colon != ':' || strncmp(s, "0x", 2) == 0) {
        return s;
    }
    const char *name = colon + 1 + strspn(colon + 1, " \t");
    size_t length = strcspn(name, " \t\n");
    if (length == 0) {
        return s;
    }
    f->image = dx_strndup(&t->ctx->arena, s, n);
    f->symbol = dx_strndup(&t->ctx->arena, name, length);
    s = name + length;
    const char *plus = s + strspn(s, " \t");
    if (*plus == '+') {
        f->symbol_offset.known = dx_panic_hex(plus + 1, &f->symbol_offset.value, &s);
    }
    return s;
}

/* ---- lists -------------------------------------------------------------------------------------
 */

struct list {
    struct dext_panic_frame *at;
    size_t count, cap;
};

static struct dext_panic_frame *panic_frame_add(struct dx_panic_text *t, struct list *l,
                                                uint64_t address)
{
    struct dext_panic_frame *f = DX_PUSH(&t->ctx->arena, l->at, l->count, l->cap);
    *f = (struct dext_panic_frame){.image = "", .symbol = ""};
    f->address = strip(address, &f->signed_pointer);
    return f;
}

/* "0xFRAME : 0xRETURN" */
static void intel(struct dx_panic_text *t, struct list *l, const char *s)
{
    s += strspn(s, " \t");
    if (*s == '(') {
        s += strcspn(s, ")\n");
        s += *s != 0;
    }
    while (l->count < MOST_FRAMES) {
        uint64_t frame, address;
        if (!dx_panic_address(s, &frame, &s)) {
            break;
        }
        s += strspn(s, " \t");
        if (*s != ':' || !dx_panic_address(s + 1, &address, &s)) {
            break;
        }
        s = symbol(t, panic_frame_add(t, l, address), s);
    }
}

/* "lr: 0xRETURN  fp: 0xFRAME". The registers above hold an lr as well, but no fp behind it. */
static void arm(struct dx_panic_text *t, struct list *l, const char *s, const char *end)
{
    while (l->count < MOST_FRAMES && (s = strstr(s, "lr:")) != NULL && s < end) {
        uint64_t address, frame;
        const char *behind;
        s += 3;
        if (!dx_panic_address(s, &address, &behind)) {
            continue;
        }
        size_t written = (size_t)(behind - s);
        behind += strspn(behind, " \t\n");
        /* cut in the middle of the line, behind a whole address: the kernel prints 16 digits */
        bool last = *behind == 0 && written >= strlen("0x") + 16;
        if (last ||
            (strncmp(behind, "fp:", 3) == 0 && dx_panic_address(behind + 3, &frame, NULL))) {
            (void)panic_frame_add(t, l, address);
        }
    }
}

/* "  4 as.vit9696.AppleALC   0xffffff7f85065049 [symbol + 0x10]": what a debugger, or a tool that
 * puts names to a report, makes of the lines. */
static void numbered_frames(struct dx_panic_text *t, struct list *l)
{
    struct dx_str rest = {t->begin, strlen(t->begin)}, line;
    while (l->count < MOST_FRAMES && dx_next_line(&rest, &line)) {
        char copy[400];
        (void)snprintf(copy, sizeof copy, "%.*s", (int)line.n, line.p);
        const char *s = copy + strspn(copy, " \t");
        size_t digits = strspn(s, "0123456789"), n = 0;
        s += digits + strspn(s + digits, " \t");
        while (dx_panic_id_char(s[n])) {
            n++;
        }
        uint64_t address;
        const char *end;
        if (!digits || !n || (s[n] != ' ' && s[n] != '\t') ||
            !dx_panic_hex(s + n, &address, &end) || !(address >> 63)) {
            continue;
        }
        struct dext_panic_frame *f = panic_frame_add(t, l, address);
        f->image = dx_strndup(&t->ctx->arena, s, n);
        end += strspn(end, " \t");
        f->symbol = dx_strndup(&t->ctx->arena, end, strcspn(end, "\n") > 200 ? 200 : strlen(end));
    }
}

static struct list panic_frame_collect(struct dx_panic_text *t)
{
    struct list l = {NULL, 0, 0};
    const char *kexts = strstr(t->begin, "Kernel Extensions in backtrace");
    const char *end = kexts ? kexts : t->p + t->n;
    const char *head = strstr(t->begin, "Backtrace (CPU");
    head = head ? head : strstr(t->begin, "Backtrace, Format");
    head = head ? strstr(head, "Return Address") : NULL;
    const char *thread = strstr(t->begin, "Panicked thread:");
    if (head) {
        intel(t, &l, head + strlen("Return Address"));
    } else {
        arm(t, &l, thread ? thread : t->begin, end);
    }
    if (l.count == 0) {
        numbered_frames(t, &l);
    }
    return l;
}

/* ---- where they are ----------------------------------------------------------------------------
 */

/* The kext whose code holds the address. What others depend on is listed too, and is in the
 * backtrace only when it has an entry of its own; a list that was cut may lack that one. */
static const struct dext_panic_kext *holder(const struct dext_panic *p, uint64_t address)
{
    const struct dext_panic_kext *found = NULL;
    for (size_t i = 0; i < p->kext_count; i++) {
        const struct dext_panic_kext *k = &p->kexts[i];
        bool in = k->end && address >= k->start && address <= k->end;
        if (in && (!found || (found->dependency && !k->dependency))) {
            found = k;
        }
    }
    return found;
}

static const struct dext_panic_kext *panic_frame_named(const struct dext_panic *p,
                                                       const char *image)
{
    for (size_t i = 0; i < p->kext_count; i++) {
        if (!p->kexts[i].dependency && strcmp(p->kexts[i].id, image) == 0) {
            return &p->kexts[i];
        }
    }
    return NULL;
}

/* Intel: the kernel's file has one slide. Apple silicon: what XNU calls the kernel's slides are
 * distances from the address for which the collection was linked (osfmk/kern/debug.c,
 * panic_display_kernel_aslr); only the collection's own is a slide. Before kernels were part of a
 * collection, one slide held for everything. */
static void unslide(const struct dext_panic *p, struct dext_panic_frame *f)
{
    bool own = strcmp(p->arch, "arm64") == 0 && (p->exec_base.known || p->cache_slide.known);
    const struct dext_address *slide = own ? &p->cache_slide : &p->kernel_slide;
    const struct dext_address *base = own && p->exec_base.known ? &p->exec_base : &p->text_base;
    if (slide->known && base->known && f->address >= base->value && f->address >> 63) {
        f->unslid = (struct dext_address){true, f->address - slide->value};
    }
}

static void panic_frame_place(struct dx_panic_text *t, struct dext_panic_frame *f)
{
    const struct dext_panic *p = t->out;
    f->kext = holder(p, f->address);
    if (!f->kext && *f->image && strcmp(f->image, "mach_kernel") != 0) {
        f->kext = panic_frame_named(p, f->image);
        f->kext = f->kext && f->kext->end ? NULL : f->kext; /* its range says otherwise */
    }
    if (f->kext) {
        f->offset =
            f->kext->start && f->address >= f->kext->start ? f->address - f->kext->start : 0;
    } else {
        unslide(p, f);
    }
}

/* Kexts that frames name and the list, cut off or absent, does not. */
static void panic_frame_complete(struct dx_panic_text *t, const struct list *l)
{
    for (size_t i = 0; i < l->count; i++) {
        const struct dext_panic_frame *f = &l->at[i];
        if (*f->image && strcmp(f->image, "mach_kernel") != 0 && !holder(t->out, f->address) &&
            !panic_frame_named(t->out, f->image)) {
            (void)dx_panic_add_kext(t, dx_str(f->image));
        }
    }
}

static bool is_foreign(const struct dext_panic_frame *f)
{
    return f->kext && !f->kext->of_apple;
}

void dx_panic_frames(struct dx_panic_text *t)
{
    struct dext_panic *p = t->out;
    struct list l = panic_frame_collect(t);
    panic_frame_complete(t, &l);
    if (p->pc.known) {
        struct list one = {NULL, 0, 0};
        struct dext_panic_frame *f = panic_frame_add(t, &one, p->pc.value);
        panic_frame_place(t, f);
        p->fault = f;
    }
    for (size_t i = 0; i < l.count; i++) {
        panic_frame_place(t, &l.at[i]);
    }
    p->frames = l.at;
    p->frame_count = l.count;
    p->foreign = p->fault && is_foreign(p->fault) ? p->fault : NULL;
    for (size_t i = 0; i < l.count && !p->foreign; i++) {
        p->foreign = is_foreign(&l.at[i]) ? &l.at[i] : NULL;
    }
}
