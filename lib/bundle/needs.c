#include "bundle/needs.h"

#include <string.h>

static void needs_add(struct dx_needs *all, const char *name, bool enforced, const char *for_what)
{
    if (all->count < DX_MOST_NEEDS) {
        all->list[all->count++] = (struct dx_need){name, enforced, for_what};
    }
}

/* The nubs that ask for a right themselves: IOServiceDEXTEntitlements in IOPCIFamily-726.0.5 and
 * IOHIDFamily-2222.0.24; for the USB nubs in registry dumps. */
const char *dx_right_of_nub(const struct dx_personality *p)
{
    static const struct {
        const char *nub, *right;
    } nubs[] = {{"IOUSBHostDevice", DX_ENT_USB},
                {"IOUSBHostInterface", DX_ENT_USB},
                {"IOPCIDevice", DX_ENT_PCI},
                {"IOHIDInterface", DX_ENT_HID}};
    for (size_t i = 0; p->bus && i < sizeof nubs / sizeof *nubs; i++) {
        if (strcmp(kb_s(p->bus->provider), nubs[i].nub) == 0) {
            return nubs[i].right;
        }
    }
    return NULL;
}

/* Kernel classes that ask for their family's right themselves: IOHIDFamily-2222.0.24 (init of
 * AppleUserHIDDevice and AppleUserHIDEventService), IOStorageFamily-337.100.1; IOUserSerial in
 * registry dumps. For networking and SCSI that was not seen, and on IOUserService nothing asks. */
static bool class_asks(const struct dx_personality *p)
{
    static const char *const classes[] = {"AppleUserHIDDevice", "AppleUserHIDEventService",
                                          "IOUserBlockStorageDevice", "IOUserSerial"};
    for (size_t i = 0; p->kernel && i < sizeof classes / sizeof *classes; i++) {
        if (strcmp(kb_s(p->kernel->ioclass), classes[i]) == 0) {
            return true;
        }
    }
    return false;
}

struct dx_needs dx_needs_of(const struct dx_personality *p)
{
    struct dx_needs all = {0};
    const char *nub = dx_right_of_nub(p);
    if (nub) {
        needs_add(&all, nub, true, p->provider->text.p);
    }
    for (const char *s = p->family ? kb_first(p->family->entitlement) : ""; *s; s = kb_next(s)) {
        if (strncmp(s, DX_ENT_TRANSPORT, strlen(DX_ENT_TRANSPORT)) != 0) {
            needs_add(&all, s, class_asks(p), NULL);
        }
    }
    return all;
}
