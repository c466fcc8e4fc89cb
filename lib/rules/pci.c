/* DX305, DX306, DX314, DX316, DX317: matching on IOPCIDevice. Source of all: IOPCIFamily-726.0.5,
 * IOPCIBridge.cpp, pciMatchNub, matchKeys and matchNubWithPropertyTable. */
#include <string.h>

#include "know/pci_match.h"
#include "rules/rule.h"

static const char *const match_keys[] = {"IOPCIMatch", "IOPCIPrimaryMatch", "IOPCISecondaryMatch",
                                         "IOPCIClassMatch"};
#define MATCH_KEYS (sizeof match_keys / sizeof *match_keys)

/* ---- places ------------------------------------------------------------------------------- */

/* Bytes that the character at i takes in the file: more than one where it is written "&amp;". */
static size_t pci_written(const char *raw, size_t i, size_t n)
{
    const char *semicolon = raw[i] == '&' ? memchr(raw + i, ';', n - i) : NULL;
    return semicolon ? (size_t)(semicolon - raw) - i + 1 : 1;
}

/* A part of a string value, when the file's bytes are known; else the whole value. */
static struct dx_target pci_part(const struct dx_check *c, const struct dext_node *n, size_t at,
                                 size_t length)
{
    const struct dx_lines *lines = &c->doc->pl->lines;
    if (!n->at.length || lines->count == 0) {
        return dx_at(n);
    }
    const char *raw = c->doc->pl->src.data + n->at.offset;
    const char *open = memchr(raw, '>', n->at.length);
    if (!open || memmem(raw, n->at.length, "<!", 2)) {
        return dx_at(n); /* CDATA or a comment inside: not worth counting */
    }
    size_t p = (size_t)(open - raw) + 1, from = 0;
    for (size_t i = 0; p < n->at.length; i++, p += pci_written(raw, p, n->at.length)) {
        from = i == at ? p : from;
        if (from && i == at + length) {
            struct dext_place place = {.offset = n->at.offset + from, .length = p - from};
            dx_lines_at(lines, place.offset, &place.line, &place.column);
            return dx_at_place(n, place);
        }
    }
    return dx_at(n);
}

static struct dx_target at_term(const struct dx_check *c, const struct dext_node *n,
                                const struct dx_pci_term *t)
{
    return pci_part(c, n, t->at, t->length);
}

/* ---- syntax ------------------------------------------------------------------------------- */

static bool separates(char c)
{
    return c != '\0' && strchr(" \t\r\n,;|", c);
}

static size_t token_length(struct dx_str s, size_t at)
{
    size_t n = 1;
    while (!separates(s.p[at]) && at + n < s.n && !separates(s.p[at + n])) {
        n++;
    }
    return n;
}

/* A number stands after the place where reading stops: a device that is never compared. */
static bool drops_values(struct dx_str s, size_t at)
{
    while (at < s.n) {
        struct dx_pci_terms rest;
        dx_pci_parse(&rest, (struct dx_str){s.p + at, s.n - at}, 0xffffffff);
        if (rest.count) {
            return true;
        }
        at += token_length(s, at);
    }
    return false;
}

/* Commas are the one slip whose mend is beyond doubt. */
static void mend_commas(struct dx_check *c, const struct dext_node *n)
{
    struct dx_buf b;
    struct dx_pci_terms again;
    dx_buf_init(&b, &c->ctx->arena, 65536);
    for (size_t i = 0; i < n->text.n; i++) {
        if (n->text.p[i] != ',') {
            dx_buf_add(&b, n->text.p + i, 1);
        } else if (i + 1 < n->text.n && n->text.p[i + 1] != ' ') {
            dx_buf_puts(&b, " ");
        }
    }
    dx_pci_parse(&again, dx_buf_str(&b), 0xffffffff);
    if (b.n && !b.toobig && again.count && !again.stopped) {
        dx_edit_replace_text(c, n, b.p);
    }
}

static void stopped(struct dx_check *c, const struct dext_node *n, const struct dx_pci_terms *terms)
{
    size_t at = terms->stop_at, length = token_length(n->text, at);
    bool drops = drops_values(n->text, at);
    dx_find(c, DX_PCI_MATCH_SYNTAX, pci_part(c, n, at, length),
            "%s: \"%.*s\" is no %s; the kernel reads no further%s", n->key.p, (int)length,
            n->text.p + at, separates(n->text.p[at]) ? "separator" : "hexadecimal number",
            terms->count == 0 ? ", so nothing matches"
            : drops           ? ", so the values after it never match"
                              : "");
    if (terms->count && !drops) {
        dx_severity(c, DEXT_WARNING); /* all values stand before it, and they do match */
    }
    if (memchr(n->text.p, ',', n->text.n)) {
        dx_fix(c, "Put spaces between the values, no commas.");
        mend_commas(c, n);
    }
}

static void pci_unreadable(struct dx_check *c, const struct dext_node *n,
                           const struct dx_pci_terms *terms)
{
    const struct dx_pci_term *last = terms->count ? &terms->term[terms->count - 1] : NULL;
    if (last && last->bad_mask) {
        dx_find(c, DX_PCI_MATCH_SYNTAX, at_term(c, n, last),
                "%s: no hexadecimal number follows \"&\"", n->key.p);
        dx_severity(c, DEXT_WARNING);
        dx_why(c, "The kernel takes the mask as 0 then, and under the mask 0 every PCI device "
                  "matches.");
        dx_fix(c, "Write the mask in hexadecimal, as in 0x000014e4&0x0000FFFF.");
    } else if (terms->stopped) {
        stopped(c, n, terms);
    } else if (!last) {
        dx_find(c, DX_PCI_MATCH_SYNTAX, dx_at(n), "%s is empty, so nothing matches", n->key.p);
    }
}

static void not_a_string(struct dx_check *c, const struct dext_node *n)
{
    dx_find(c, DX_PCI_MATCH_SYNTAX, dx_at(n), "%s is not a string: it is of the type %s", n->key.p,
            dext_kind_name(n->kind));
    dx_why(c, "The kernel takes the value for a string without looking at its type: what happens "
              "then is undefined.");
    dx_fix(c, "Write a string in hexadecimal; several values with spaces between them.");
}

/* ---- values ------------------------------------------------------------------------------- */

/* Made of 0 and F only, as masks mostly are and ids are not. */
static bool pci_looks_like_mask(uint32_t v)
{
    bool mask = v != 0;
    for (int i = 0; i < 32; i += 4) {
        mask = mask && ((v >> i & 15) == 0 || (v >> i & 15) == 15);
    }
    return mask;
}

static bool names_a_vendor(struct dx_str key)
{
    return dx_str_is(key, "IOPCIMatch") || dx_str_is(key, "IOPCIPrimaryMatch");
}

static void odd_value(struct dx_check *c, const struct dext_node *n, const struct dx_pci_term *t)
{
    if (t->wide) {
        dx_find(c, DX_PCI_MATCH_SYNTAX, at_term(c, n, t),
                "%s: \"%.*s\" has more than eight digits; the registers it is compared with have "
                "32 bits",
                n->key.p, (int)t->length, n->text.p + t->at);
        dx_severity(c, DEXT_WARNING);
    } else if (t->has_mask && t->mask && pci_looks_like_mask(t->value) &&
               !pci_looks_like_mask(t->mask)) {
        dx_find(c, DX_PCI_MATCH_SYNTAX, at_term(c, n, t),
                "%s: 0x%08x under the mask 0x%08x: value and mask look swapped", n->key.p, t->value,
                t->mask);
        dx_severity(c, DEXT_WARNING);
        dx_why(c, "The value stands before \"&\", the mask after it. The other way round almost no "
                  "device matches.");
        dx_fix(c, "Write 0x%08x&0x%08x.", t->mask, t->value);
    } else if (names_a_vendor(n->key) && (t->mask & 0xffff) == 0xffff &&
               (t->value & 0xffff) == 0xffff) {
        dx_find(c, DX_PCI_MATCH_SYNTAX, at_term(c, n, t),
                "%s: 0x%08x asks for the vendor 0xffff, which no device has", n->key.p, t->value);
        dx_severity(c, DEXT_WARNING);
        dx_why(c, "Ones are no wildcard: which bits count is said by the mask, and a function that "
                  "reads 0xffff as its vendor is not there.");
        dx_fix(c, "Name the vendor in the lower half: 0xDDDDVVVV, or 0x0000VVVV&0x0000FFFF for all "
                  "its devices.");
    }
}

/* Some other PCI key selects: the keys must all match. */
static bool selected_by_another(const struct dx_personality *p, const struct dext_node *n)
{
    for (size_t i = 0; i < MATCH_KEYS; i++) {
        const struct dext_node *other = dx_get(p->dict, match_keys[i]);
        struct dx_pci_terms terms = {0};
        if (other && other != n && other->kind == DEXT_STRING) {
            dx_pci_parse(&terms, other->text, dx_pci_default_mask(other->key));
            bool all = terms.count == 0;
            for (size_t k = 0; k < terms.count; k++) {
                all = all || terms.term[k].mask == 0;
            }
            if (!all) {
                return true;
            }
        }
    }
    return false;
}

/* "0x03000000" reads like the whole class. Who also lists another subclass knows better. */
static bool lone_class(const struct dx_pci_terms *terms, const struct dx_pci_term *t)
{
    if (t->has_mask || t->wide || t->value >> 24 == 0 || (t->value & 0x00ffff00) != 0) {
        return false;
    }
    for (size_t i = 0; i < terms->count; i++) {
        if (&terms->term[i] != t && terms->term[i].value >> 24 == t->value >> 24) {
            return false;
        }
    }
    return true;
}

static void pci_values(struct dx_check *c, const struct dx_personality *p,
                       const struct dext_node *n, const struct dx_pci_terms *terms)
{
    bool class_key = dx_str_is(n->key, "IOPCIClassMatch");
    for (size_t i = 0; i < terms->count; i++) {
        const struct dx_pci_term *t = &terms->term[i];
        odd_value(c, n, t);
        if (t->mask == 0 && !t->bad_mask && !selected_by_another(p, n)) {
            dx_find(c, DX_PCI_MATCH_ALL, at_term(c, n, t),
                    "%s has the mask 0: every PCI device matches", n->key.p);
        } else if (class_key && lone_class(terms, t)) {
            dx_find(c, DX_PCI_CLASS_MASK, at_term(c, n, t),
                    "IOPCIClassMatch 0x%08x without a mask matches the subclass 00 alone",
                    t->value);
            dx_fix(c, "Write 0x%08x&0xff000000 if all of the class is meant.", t->value);
        }
    }
}

/* ---- the rules ---------------------------------------------------------------------------- */

static void pci_tunnel(struct dx_check *c, const struct dx_personality *p)
{
    const struct dext_node *n = dx_get(p->dict, "IOPCITunnelCompatible");
    bool off = n && n->kind == DEXT_BOOL && !n->boolean;
    if ((n && !off) || !p->ioclass || dx_str_is(p->ioclass->text, "IOPCI2PCIBridge")) {
        return;
    }
    dx_find(c, DX_PCI_TUNNEL_COMPATIBLE, n ? dx_at(n) : dx_at_key(p->dict),
            "\"%s\" does not match behind Thunderbolt: IOPCITunnelCompatible is %s", p->name,
            n ? "false" : "missing");
}

/* A PCI nub compares its registers, with the keys above and no others. Beside one of these an id
 * may be a property that the driver wants; in their place it was meant for matching. */
static void ids_of_other_bus(struct dx_check *c, const struct dx_personality *p)
{
    static const char *const ids[] = {"idVendor", "idProduct", "VendorID", "ProductID"};
    const struct dext_node *n = NULL;
    size_t at = 0;
    for (size_t i = 0; i < MATCH_KEYS; i++) {
        if (dx_get(p->dict, match_keys[i])) {
            return;
        }
    }
    while (at < sizeof ids / sizeof *ids && !(n = dx_get(p->dict, ids[at]))) {
        at++;
    }
    if (!n || dx_get(p->dict, "IONameMatch") || dx_get(p->dict, "IOPropertyMatch")) {
        return;
    }
    dx_find(c, DX_KEY_OF_OTHER_BUS, dx_at_key(n),
            "%s is a %s key: %s is matched on IOPCIMatch and its like", ids[at],
            at < 2 ? "USB" : "HID", p->provider->text.p);
    dx_why(c, "A PCI device has no such key, and the kernel does not compare it: as it stands, the "
              "personality matches every PCI device.");
    dx_fix(c, "Write IOPCIPrimaryMatch, device and vendor in one: 0x56781234 for vendor 0x1234.");
}

void dx_check_pci(struct dx_check *c, const struct dx_personality *p)
{
    if (!p->bus || p->bus->bus != KB_PROVIDER_BUS_PCI) {
        return;
    }
    for (size_t i = 0; i < MATCH_KEYS; i++) {
        const struct dext_node *n = dx_get(p->dict, match_keys[i]);
        if (n && n->kind != DEXT_STRING) {
            not_a_string(c, n);
        } else if (n && !dx_has_placeholder(n->text)) {
            struct dx_pci_terms terms;
            dx_pci_parse(&terms, n->text, dx_pci_default_mask(n->key));
            pci_unreadable(c, n, &terms);
            pci_values(c, p, n, &terms);
        }
    }
    ids_of_other_bus(c, p);
    pci_tunnel(c, p);
}
