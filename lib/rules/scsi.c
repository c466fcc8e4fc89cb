/* DX309: SCSI peripherals. Source: IOSCSIArchitectureModelFamily-139.0.2,
 * IOSCSIPeripheralDeviceNub.cpp, matchPropertyTable. */
#include <string.h>

#include "rules/family.h"

/* The type in the name of the class, as in IOUserSCSIPeripheralDeviceType05; -1 when there is
 * none. */
static int64_t class_type(const struct dx_personality *p)
{
    static const char prefix[] = "IOUserSCSIPeripheralDeviceType";
    size_t n = sizeof prefix - 1;
    if (!p->kernel || !dx_str_has_prefix(p->ioclass->text, prefix) || p->ioclass->text.n != n + 2) {
        return -1;
    }
    return (p->ioclass->text.p[n] - '0') * 10 + (p->ioclass->text.p[n + 1] - '0');
}

static void missing_type(struct dx_check *c, const struct dx_personality *p, int64_t want)
{
    dx_find(c, DX_SCSI_PERIPHERAL_TYPE, dx_at_key(p->dict),
            "\"%s\" has no \"Peripheral Device Type\"", p->name);
    if (want >= 0) {
        dx_fix(c, "Add \"Peripheral Device Type\" with %lld, the type that %s drives.",
               (long long)want, p->ioclass->text.p);
    }
}

void dx_check_scsi(struct dx_check *c, const struct dx_personality *p)
{
    if (!p->bus || p->bus->bus != KB_PROVIDER_BUS_SCSI) {
        return;
    }
    const struct dext_node *type = dx_get(p->dict, "Peripheral Device Type");
    int64_t have, want = class_type(p);
    if (!type && !p->category && dx_file_is_whole(c)) {
        missing_type(c, p, want);
    } else if (dx_int(type, &have) && want >= 0 && have != want && have >= 0 && have < 32) {
        dx_find(c, DX_SCSI_PERIPHERAL_TYPE, dx_at(type),
                "\"Peripheral Device Type\" is %lld, but %s drives type %lld", (long long)have,
                p->ioclass->text.p, (long long)want);
        dx_fix(c, "Make the two agree: the device's type is in its INQUIRY data.");
    }
}
