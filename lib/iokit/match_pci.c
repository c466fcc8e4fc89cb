/* PCI functions. Source: IOPCIFamily-726.0.5, IOPCIBridge.cpp: pciMatchNub, matchKeys,
 * matchNubWithPropertyTable. */
#include <inttypes.h>
#include <string.h>

#include "iokit/match.h"
#include "know/pci_match.h"

/* Registers of the configuration space that a key is compared with, in order; 0xff ends. */
static const struct {
    const char *key;
    unsigned registers[2];
} keys[] = {
    {"IOPCIMatch", {0x00, 0x2c}},
    {"IOPCIPrimaryMatch", {0x00, 0xff}},
    {"IOPCISecondaryMatch", {0x2c, 0xff}},
    {"IOPCIClassMatch", {0x08, 0xff}},
};

/* A register is two properties of the node: the high part, how far it is shifted, the low part. */
static const struct {
    unsigned offset;
    const char *high, *low;
    unsigned shift;
} registers[] = {
    {0x00, "device-id", "vendor-id", 16},
    {0x2c, "subsystem-id", "subsystem-vendor-id", 16},
    {0x08, "class-code", "revision-id", 8},
};

/* Four bytes, the lowest first (or a number). */
static bool read_part(const struct dx_eval *e, const char *key, uint32_t mask, uint32_t *out)
{
    struct dx_prop p = dx_nub_prop(e, key);
    uint64_t n = 0;
    if (p.value && p.value->kind == DEXT_DATA && p.value->text.n) {
        for (size_t i = p.value->text.n < 4 ? p.value->text.n : 4; i-- > 0;) {
            n = n << 8 | (unsigned char)p.value->text.p[i];
        }
    } else if (!dx_number(p.value, &n)) {
        return false;
    }
    *out = (uint32_t)n & mask;
    return true;
}

bool dx_pci_register(const struct dx_eval *e, unsigned offset, uint32_t *out)
{
    for (size_t i = 0; i < sizeof registers / sizeof *registers; i++) {
        if (registers[i].offset == offset) {
            uint32_t high, low, low_mask = (1U << registers[i].shift) - 1;
            uint32_t high_mask = registers[i].shift == 8 ? 0xffffff : 0xffff;
            if (!read_part(e, registers[i].high, high_mask, &high) ||
                !read_part(e, registers[i].low, low_mask, &low)) {
                return false;
            }
            *out = high << registers[i].shift | low;
            return true;
        }
    }
    return false;
}

/* Whether a term of the text fits. A text may hold more terms than one call reads (drivers of
 * network chips list hundreds). */
static bool text_holds(struct dx_str text, const char *key, uint32_t value, bool *stopped)
{
    struct dx_pci_terms t;
    do {
        dx_pci_parse(&t, text, dx_pci_default_mask(dx_str(key)));
        for (size_t i = 0; i < t.count; i++) {
            if ((value & t.term[i].mask) == (t.term[i].value & t.term[i].mask)) {
                return true;
            }
        }
        *stopped = t.stopped;
        size_t read = t.count ? t.term[t.count - 1].at + t.term[t.count - 1].length : 0;
        text.p += read;
        text.n -= read;
    } while (t.count == DX_PCI_TERMS && !t.stopped);
    return false;
}

static const char *registers_text(struct dx_eval *e, const unsigned *offsets)
{
    const char *text = NULL;
    for (size_t r = 0; r < 2 && offsets[r] != 0xff && e->trace; r++) {
        uint32_t v;
        if (dx_pci_register(e, offsets[r], &v)) {
            text = dx_edit_text(e, "%s%s0x%08" PRIx32 "%s", text ? text : "", text ? ", " : "", v,
                                offsets[r] == 0x2c ? " (subsystem)" : "");
        }
    }
    return text;
}

static enum dext_match_answer key_holds(struct dx_eval *e, size_t k, bool *primary)
{
    const struct dext_node *want = dx_get(e->table, keys[k].key);
    struct dx_say s = {
        .code = "F-pci", .phase = DEXT_MATCH_PASSIVE, .key = keys[k].key, .want = want};
    s.actual = registers_text(e, keys[k].registers);
    if (want->kind != DEXT_STRING) {
        s.edit = dx_edit_text(e, "make %s a string such as \"0x12348086\"", keys[k].key);
        return dx_say(e, &s, DEXT_MATCH_NO,
                      "not a string: the kernel reads it as one without looking");
    }
    if (dx_has_placeholder(want->text)) {
        return dx_say(e, &s, DEXT_MATCH_UNSURE, "what the build puts there is not known");
    }
    bool stopped = false;
    enum dext_match_answer a = DEXT_MATCH_NO;
    for (size_t r = 0; r < 2 && keys[k].registers[r] != 0xff && a != DEXT_MATCH_YES; r++) {
        uint32_t value;
        if (!dx_pci_register(e, keys[k].registers[r], &value)) {
            a = DEXT_MATCH_UNSURE;
        } else if (text_holds(want->text, keys[k].key, value, &stopped)) {
            a = DEXT_MATCH_YES;
            *primary = keys[k].registers[r] == 0;
        }
    }
    uint32_t v;
    if (e->trace && dx_pci_register(e, keys[k].registers[0], &v)) {
        s.edit = dx_edit_text(e, "add 0x%08" PRIx32 " to %s", v, keys[k].key);
    }
    return dx_say(e, &s, a, "%s",
                  a == DEXT_MATCH_YES      ? "a value equals the register under its mask"
                  : a == DEXT_MATCH_UNSURE ? "the dump does not show the register"
                  : stopped ? "no value fits; reading ends at what is no hexadecimal number"
                            : "no value equals the register under its mask");
}

/* A driver behind a tunnel (Thunderbolt) must say that it can live there. */
static enum dext_match_answer match_pci_tunnel(struct dx_eval *e)
{
    struct dx_prop tunnelled = dx_nub_prop(e, "IOPCITunnelled");
    const struct dext_node *ioclass = dx_get_kind(e->table, "IOClass", DEXT_STRING);
    if ((!tunnelled.value && !tunnelled.unknown) || !ioclass ||
        dx_str_is(ioclass->text, "IOPCI2PCIBridge")) {
        return DEXT_MATCH_YES;
    }
    const struct dext_node *want = dx_get(e->table, "IOPCITunnelCompatible");
    bool good = want && want->kind == DEXT_BOOL && want->boolean;
    struct dx_say s = {.code = "F-tunnel",
                       .phase = DEXT_MATCH_PASSIVE,
                       .key = "IOPCITunnelCompatible",
                       .want = want,
                       .edit = "add IOPCITunnelCompatible = <true/>"};
    if (!tunnelled.value) {
        return dx_say(e, &s, good ? DEXT_MATCH_YES : DEXT_MATCH_UNSURE, "%s",
                      good ? "the driver may be behind a tunnel"
                           : "whether the device is behind a tunnel (Thunderbolt) is not shown; "
                             "there, IOPCITunnelCompatible has to be <true/>");
    }
    s.actual = "IOPCITunnelled";
    return dx_say(e, &s, good ? DEXT_MATCH_YES : DEXT_MATCH_NO,
                  good   ? "the device is behind a tunnel and the driver allows that"
                  : want ? "the device is behind a tunnel; only <true/> allows that"
                         : "the device is behind a tunnel (Thunderbolt) and the personality does "
                           "not say that it may be");
}

enum dext_match_answer dx_match_pci(struct dx_eval *e)
{
    enum dext_match_answer all = DEXT_MATCH_YES;
    bool primary = false;
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
        if (dx_get(e->table, keys[k].key)) {
            bool by_primary = false;
            all = dx_both(all, key_holds(e, k, &by_primary));
            primary |= k == 0 && by_primary;
        }
    }
    all = dx_both(all, match_pci_tunnel(e));
    if (primary && e->w->platform != DX_PLATFORM_INTEL) {
        e->score.family = 1000; /* builds without ACPI only */
        e->score.combined = "IOPCIMatch";
        if (e->w->platform == DX_PLATFORM_UNKNOWN) {
            e->score.certain = false;
            e->score.text = "IOPCIMatch adds 1000 on Apple silicon and nothing on Intel; the dump "
                            "does not show which this is";
        }
    }
    return all;
}
