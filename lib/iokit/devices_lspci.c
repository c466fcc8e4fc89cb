/* What `lspci -nn` prints, with and without -v. Source: pciutils, lspci.c (show_terse,
 * show_verbose): revision and interface of 0 are left out, the interface of a function that is
 * shown at length (-v) is 0 then. */
#include "iokit/devices.h"

#include <string.h>

struct lspci {
    struct dx_devices *d;
    struct dx_pci_facts facts;
    struct dx_str title; /* "Ethernet controller [0200]: Realtek ..." */
    bool open, detailed, verbose;
    int base, interface; /* class and subclass; -1: not shown */
    unsigned line, begun;
};

/* Length of "0a:00.0 ", "0001:01:00.0 " or a path of such at the front, or 0. */
static size_t lspci_slot(struct dx_str s)
{
    size_t n = 0, colons = 0;
    while (n < s.n && s.p[n] && strchr("0123456789abcdef:./", s.p[n])) {
        colons += s.p[n] == ':';
        n++;
    }
    bool fits = n >= 7 && n + 1 < s.n && s.p[n] == ' ' && colons && s.p[n - 2] == '.' &&
                s.p[n - 5] == ':' && s.p[n - 1] <= '7';
    /* What follows is the class: in words, or four digits. A time such as 12:34.5 looks alike. */
    bool words = fits && s.p[n + 1] >= 'A' && s.p[n + 1] <= 'Z';
    bool digits = fits && s.n > n + 7 && s.p[n + 5] == ':' && s.p[n + 6] == ' ';
    return words || digits ? n : 0;
}

/* "[10ec:8168]", the last of the line, or "10ec:8168" at a given place. */
static bool lspci_pair(const char *p, size_t n, int *a, int *b)
{
    if (n < 9 || p[4] != ':') {
        return false;
    }
    *a = dx_device_hex16((struct dx_str){p, 4});
    *b = dx_device_hex16((struct dx_str){p + 5, 4});
    for (size_t i = 0; i < 9; i++) {
        if (i != 4 && !strchr("0123456789abcdefABCDEF", p[i])) {
            return false;
        }
    }
    return *a >= 0 && *b >= 0;
}

static bool lspci_numbers(struct dx_str s, int *a, int *b)
{
    for (size_t i = s.n; i-- > 0;) {
        if (s.p[i] == '[' && s.n - i >= 11 && s.p[i + 10] == ']' &&
            lspci_pair(s.p + i + 1, s.n - i - 1, a, b)) {
            return true;
        }
    }
    const char *unknown = memmem(s.p, s.n, "Device ", 7); /* neither name is in its list */
    return (unknown && lspci_pair(unknown + 7, s.n - (size_t)(unknown + 7 - s.p), a, b)) ||
           lspci_pair(s.p, s.n, a, b);
}

static int lspci_after(struct dx_str s, const char *word, size_t digits)
{
    const char *at = memmem(s.p, s.n, word, strlen(word));
    const char *v = at ? at + strlen(word) : NULL;
    if (!v || (size_t)(s.p + s.n - v) < digits) {
        return -1;
    }
    return dx_device_hex16((struct dx_str){v, digits});
}

/* "Ethernet controller [0200]: ..." or, of lspci -n, "0200: ...". */
static struct dx_str lspci_class(struct lspci *l, struct dx_str s)
{
    const char *colon = memmem(s.p, s.n, ": ", 2);
    size_t n = colon ? (size_t)(colon - s.p) : 0;
    if (n >= 6 && s.p[n - 1] == ']' && s.p[n - 6] == '[') {
        l->base = dx_device_hex16((struct dx_str){s.p + n - 5, 4});
    } else if (n == 4) {
        l->base = dx_device_hex16((struct dx_str){s.p, 4});
    }
    return n ? (struct dx_str){colon + 2, s.n - n - 2} : s;
}

/* Numbers, revision and interface, in the title or what follows it. */
static void lspci_title(struct lspci *l, struct dx_str s)
{
    if (lspci_numbers(s, &l->facts.vendor, &l->facts.device)) {
        int revision = lspci_after(s, "(rev ", 2);
        l->facts.revision = revision < 0 ? 0 : revision;
        l->interface = lspci_after(s, "(prog-if ", 2);
    }
}

static void lspci_begin(struct lspci *l, struct dx_str s)
{
    *l = (struct lspci){.d = l->d,
                        .line = l->line,
                        .begun = l->line,
                        .open = true,
                        .title = s,
                        .base = -1,
                        .interface = -1};
    l->facts = (struct dx_pci_facts){-1, -1, -1, -1, -1, -1, -1};
    lspci_title(l, lspci_class(l, s));
}

static void lspci_end(struct lspci *l)
{
    if (!l->open) {
        return;
    }
    int interface = l->interface < 0 && l->verbose ? 0 : l->interface;
    if (l->verbose &&
        l->facts.sub_vendor < 0) { /* it leaves out the line when there is no vendor */
        l->facts.sub_vendor = l->facts.sub_device = 0;
    }
    l->facts.class_base = l->base;
    l->facts.class_code = l->base >= 0 && interface >= 0 ? l->base << 8 | interface : -1;
    (void)dx_device_add(l->d, NULL, DX_DEVICE_PCI, DX_STR(""), l->begun);
    dx_device_pci(l->d, &l->facts);
    dx_device_text(l->d, "lspci", l->title);
    l->open = false;
}

/* What a mail program broke off the title, or a comment continued with a backslash. */
static bool lspci_is_rest(const struct lspci *l, struct dx_str s)
{
    return l->facts.vendor < 0 && !l->detailed && !memmem(s.p, s.n, ": ", 2);
}

static void lspci_detail(struct lspci *l, struct dx_str s)
{
    /* What -v shows; -k alone shows the subsystem too, and no interface. */
    static const char *const at_length[] = {"Control: ", "Flags: ", "Region ", "Capabilities: "};
    int a, b;
    if (lspci_is_rest(l, s)) {
        lspci_title(l, s);
        return;
    }
    l->detailed = true;
    for (size_t i = 0; i < sizeof at_length / sizeof *at_length; i++) {
        l->verbose |= dx_str_has_prefix(s, at_length[i]);
    }
    if (dx_str_has_prefix(s, "Subsystem: ") &&
        lspci_numbers((struct dx_str){s.p + 11, s.n - 11}, &a, &b)) {
        l->facts.sub_vendor = a;
        l->facts.sub_device = b;
    }
}

/* A title is "0a:00.0 WORDS: ..."; quoted lines of mail are as good. */
void dx_devices_lspci(struct dx_devices *d, struct dx_str text)
{
    struct lspci l = {.d = d};
    struct dx_str rest = text;
    while (rest.n && d->b->reg->count <= d->b->ctx->limits.plist_nodes) {
        const char *end = memchr(rest.p, '\n', rest.n);
        size_t n = end ? (size_t)(end - rest.p) : rest.n;
        struct dx_str raw = {rest.p, n}, s = dx_str_trim(raw);
        rest = (struct dx_str){rest.p + n + (end != NULL), rest.n - n - (end != NULL)};
        l.line++;
        s = dx_device_unquoted(s);
        size_t slot = lspci_slot(s);
        if (slot && dx_str_contains(s, ": ")) {
            lspci_end(&l);
            lspci_begin(&l, dx_str_trim((struct dx_str){s.p + slot, s.n - slot}));
        } else if (l.open && s.n) {
            lspci_detail(&l, s);
        }
    }
    lspci_end(&l);
}
