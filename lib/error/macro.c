/* The macros of Apple's headers that make a code from its parts, as people quote them from there:
 * iokit_usb_err(0x4f). Sources: xnu IOReturn.h, OSKextLib.h, libkern/OSReturn.h; IOUSBFamily USB.h.
 */
#include <string.h>

#include "error/error.h"

#define SYSTEM(n) ((uint32_t)(n) << 26)
#define SUB(n) (((uint32_t)(n)&0xfff) << 14)

static const struct {
    const char *name;
    uint32_t base;
} macros[] = {
    {"iokit_common_err", SYSTEM(0x38) | SUB(0)},
    {"iokit_common_msg", SYSTEM(0x38) | SUB(0)},
    {"iokit_usb_err", SYSTEM(0x38) | SUB(1)},
    {"iokit_usb_msg", SYSTEM(0x38) | SUB(1)},
    {"iokit_vendor_specific_err", SYSTEM(0x38) | SUB(-2)},
    {"iokit_vendor_specific_msg", SYSTEM(0x38) | SUB(-2)},
    {"libkern_common_err", SYSTEM(0x37) | SUB(0)},
    {"libkern_metaclass_err", SYSTEM(0x37) | SUB(1)},
    {"libkern_kext_err", SYSTEM(0x37) | SUB(2)},
};

static size_t blanks(const char *p, size_t n)
{
    size_t i = 0;
    while (i < n && (p[i] == ' ' || p[i] == '\t')) {
        i++;
    }
    return i;
}

size_t dx_error_macro(const char *p, size_t n, uint32_t *value)
{
    for (size_t i = 0; i < sizeof macros / sizeof *macros; i++) {
        size_t at = strlen(macros[i].name);
        if (n <= at || memcmp(p, macros[i].name, at) != 0) {
            continue;
        }
        at += blanks(p + at, n - at);
        if (at >= n || p[at] != '(') {
            return 0;
        }
        at++;
        at += blanks(p + at, n - at);
        struct dx_number d = dx_number_at(p + at, n - at, false);
        if (d.form == DX_NONE || d.negative || d.wide || d.value > 0x3fff) {
            return 0;
        }
        at += d.n;
        at += blanks(p + at, n - at);
        /* The bracket at the end is lost where a word is asked for. */
        if (at < n && p[at] != ')') {
            return 0;
        }
        *value = macros[i].base | d.value;
        return at + (at < n);
    }
    return 0;
}
