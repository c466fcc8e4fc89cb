/* devices.h: inside of lib/iokit: lists of devices that are no registry: `lsusb -v`, `lspci -nnvv`,
 * `system_profiler` of USB and PCI. Each device becomes a node with the properties that a Mac would
 * give it, as far as the list tells them; every other property is unknown (DX_REG_PARTIAL), as are
 * state, drivers and parents. */
#ifndef DX_IOKIT_DEVICES_H
#define DX_IOKIT_DEVICES_H

#include "iokit/registry_read.h"

/* Where nodes of a list are made, one after the other. */
struct dx_devices {
    struct dx_reg_builder *b;
    struct dx_reg_node *node; /* the one made last: properties go there */
    size_t cap;
    size_t nameless; /* devices whose numbers the list does not show */
    unsigned nameless_line;
};

enum dx_device_kind { DX_DEVICE_USB, DX_DEVICE_USB_INTERFACE, DX_DEVICE_PCI };

struct dx_reg_node *dx_device_add(struct dx_devices *d, struct dx_reg_node *parent,
                                  enum dx_device_kind kind, struct dx_str name, unsigned line);
void dx_device_number(struct dx_devices *d, const char *key, uint64_t value);
void dx_device_flag(struct dx_devices *d, const char *key); /* true */
/* Nothing for an empty text. */
void dx_device_text(struct dx_devices *d, const char *key, struct dx_str text);

/* What a list says of a PCI function; -1: it does not. */
struct dx_pci_facts {
    int vendor, device, sub_vendor, sub_device, revision;
    int class_base;     /* 16 bits: class, subclass */
    int32_t class_code; /* 24 bits: these and the interface */
};

/* The properties and the name that IOPCIFamily gives to a function. */
void dx_device_pci(struct dx_devices *d, const struct dx_pci_facts *f);

/* "0x1fc9", "1fc9" (hexadecimal in any case) at the front of s, at most 16 bits; -1: none. */
int dx_device_hex16(struct dx_str s);
/* "5.43": a number in binary-coded decimal, 0x0543; -1: none. */
int dx_device_bcd(struct dx_str s);

/* A line of mail without its marks of quotation. */
struct dx_str dx_device_unquoted(struct dx_str s);

/* The readers: lines of text, and what system_profiler writes with -json and -xml. They add nodes,
 * none when the text is not of their kind. */
void dx_devices_lsusb(struct dx_devices *d, struct dx_str text);
void dx_devices_lspci(struct dx_devices *d, struct dx_str text);
void dx_devices_profiler_text(struct dx_devices *d, struct dx_str text);
/* Returns why it could not be read, or NULL. */
const char *dx_devices_profiler_json(struct dx_devices *d, const struct dx_source *src);
const char *dx_devices_profiler_xml(struct dx_devices *d, const struct dx_source *src);

/* The property list is what `system_profiler -xml` writes, as far as its first bytes tell. */
bool dx_devices_is_profiler_xml(struct dx_str head);

/* A registry that is a list of devices: sets ->devices to its writer's name. false: it is none, and
 * nothing was read. */
bool dx_reg_read_devices(struct dx_reg_builder *b, const struct dx_source *src);

#endif
