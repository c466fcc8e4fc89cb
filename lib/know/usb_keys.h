/* usb_keys.h: which keys of a USB personality must stand together, and what that is worth. One
 * table for lint, which looks at the keys alone, and for match, which has the device as well.
 *
 * Source: Apple's QA1076, as IOUSBFamily-560.4.2 implements it (matchPropertyTable of IOUSBDevice
 * and IOUSBInterface). The matcher of current systems is closed; Apple's documentation of IOUSBHost
 * gives the same combinations, and registry dumps of macOS 10.15 to 15 show the same scores. */
#ifndef DX_KNOW_USB_KEYS_H
#define DX_KNOW_USB_KEYS_H

#include <stdbool.h>
#include <stddef.h>

/* Keys as bits, so that a combination is two masks. */
enum dx_usb_key {
    DX_USB_VENDOR,
    DX_USB_PRODUCT,
    DX_USB_RELEASE,
    DX_USB_CONFIG,
    DX_USB_NUMBER,
    DX_USB_CLASS,
    DX_USB_SUBCLASS,
    DX_USB_PROTOCOL,
    DX_USB_KEYS,
};
#define DX_USB_BIT(k) (1U << (k))

/* What the class of the nub must be: 0xff is "vendor specific". */
enum dx_usb_class { DX_USB_ANY_CLASS, DX_USB_VENDOR_CLASS, DX_USB_STANDARD_CLASS };

struct dx_usb_combination {
    const char *words; /* "idVendor + idProduct" */
    int score;
    unsigned need, without; /* keys in neither must match when they are given */
    enum dx_usb_class nub_class;
    bool finer; /* the combination below it with one key more */
};

#define DX_USB_COMBINATIONS 6

/* In the order in which they are tried, the highest score first. */
const struct dx_usb_combination *dx_usb_combinations(bool device);

/* DX_USB_KEYS names of a device's or an interface's keys; NULL for one that it has not. */
const char *const *dx_usb_key_names(bool device);

#endif
