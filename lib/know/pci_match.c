#include "know/pci_match.h"

static bool pci_match_is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static unsigned digit_of(char c)
{
    return c >= '0' && c <= '9'   ? (unsigned)(c - '0')
           : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
           : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A') + 10
                                  : 16;
}

/* strtoul(..., 16) without its signs, which nobody means here. */
static bool hex_number(struct dx_str s, size_t *at, uint32_t *value, bool *wide)
{
    size_t i = *at, digits = 0;
    uint64_t v = 0;
    while (i < s.n && pci_match_is_space(s.p[i])) {
        i++;
    }
    if (s.n - i > 1 && s.p[i] == '0' && (s.p[i + 1] == 'x' || s.p[i + 1] == 'X')) {
        i += 2;
    }
    for (; i < s.n && digit_of(s.p[i]) < 16; i++, digits++) {
        v = (v & UINT32_MAX) << 4 | digit_of(s.p[i]);
        *wide |= v > UINT32_MAX;
    }
    if (digits == 0) {
        return false;
    }
    *value = (uint32_t)v;
    *at = i;
    return true;
}

/* Only blanks may stand before '&'; a tab ends the token. */
static void read_mask(struct dx_str s, size_t *at, struct dx_pci_term *t)
{
    size_t i = *at;
    while (i < s.n && s.p[i] == ' ') {
        i++;
    }
    if (i == s.n || s.p[i] != '&') {
        return;
    }
    t->has_mask = true;
    *at = i + 1;
    t->bad_mask = !hex_number(s, at, &t->mask, &t->wide);
    if (t->bad_mask) {
        t->mask = 0;
    }
    t->length = *at - t->at;
}

void dx_pci_parse(struct dx_pci_terms *out, struct dx_str s, uint32_t default_mask)
{
    *out = (struct dx_pci_terms){0};
    size_t at = 0;
    while (out->count < DX_PCI_TERMS) {
        while (at < s.n && pci_match_is_space(s.p[at])) {
            at++;
        }
        if (at == s.n) {
            return;
        }
        struct dx_pci_term t = {.mask = default_mask, .at = at};
        if (!hex_number(s, &at, &t.value, &t.wide)) {
            out->stopped = true;
            out->stop_at = at;
            return;
        }
        t.length = at - t.at;
        read_mask(s, &at, &t);
        out->term[out->count++] = t;
    }
}

uint32_t dx_pci_default_mask(struct dx_str key)
{
    return dx_str_is(key, "IOPCIClassMatch") ? 0xffffff00 : 0xffffffff;
}
