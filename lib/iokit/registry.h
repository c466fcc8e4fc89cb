/* registry.h: an I/O Registry as a dump shows it. Text (`ioreg -l`) and archive (`ioreg -a`)
 * readers both build this; `ioreg`, `match` and `explain` read it, and it is read-only for them.
 *
 * A dump is large and little of it is looked at: a property keeps the bytes of its value as they
 * stand in the source and is parsed when somebody asks (dx_reg_value), once. The source must
 * outlive the registry; everything else lives in the context's arena. */
#ifndef DX_IOKIT_REGISTRY_H
#define DX_IOKIT_REGISTRY_H

#include "plist/tree.h"

/* What a header line of ioreg says of a node, or IOServiceState and IOServiceBusyState of an
 * archive. A clipped line or a fragment leaves bits unknown, and unknown is never read as "not". */
enum dx_reg_state {
    DX_REG_KNOWN_REGISTERED = 1 << 0, /* the next one was seen, either way */
    DX_REG_REGISTERED = 1 << 1,
    DX_REG_KNOWN_MATCHED = 1 << 2,
    DX_REG_MATCHED = 1 << 3,
    DX_REG_KNOWN_ACTIVE = 1 << 4,
    DX_REG_INACTIVE = 1 << 5,
    DX_REG_KNOWN_BUSY = 1 << 6, /* ->busy holds */
    DX_REG_CLIPPED =
        1 << 7, /* the header, or a property of the node, was cut at the terminal's width */
    DX_REG_REPEATED = 1 << 8, /* printed before under another parent; ->same is that node */
    DX_REG_PARTIAL = 1 << 9,  /* its block of properties is not whole: lines were picked out of it
                               * (grep), or its beginning or end is missing */
    DX_REG_SHOWN = 1 << 10,   /* its block of properties is there, though it may be empty */
};

struct dx_reg_prop {
    struct dx_str key;
    struct dx_str raw;             /* the value as it stands in the source */
    const struct dext_node *value; /* parsed, or NULL as long as nobody asked */
    bool clipped;
    bool xml;     /* archive: raw is an element; otherwise it is a scalar's text */
    uint8_t kind; /* archive: enum dext_kind of that scalar */
};

struct dx_reg_node {
    struct dx_str name;     /* "AcmeDevice", without the location */
    struct dx_str location; /* after "@", "" when there is none */
    struct dx_str class_name;
    struct dx_str chain; /* with -i: "IORegistryEntry:IOService:IOUSBHostDevice", else "" */
    uint64_t id;         /* registry entry id, 0 when not shown */
    uint32_t state;      /* enum dx_reg_state */
    uint32_t busy, retain;
    unsigned line;  /* where it stands in the dump, 1-based; 0 in a binary archive */
    uint32_t index; /* its place in dx_registry.nodes */
    struct dx_reg_prop *props;
    uint32_t prop_count;
    struct dx_reg_node *parent, *child, *next;
    struct dx_reg_node *same; /* DX_REG_REPEATED: the first one printed with this id */
};

/* DX_REG_DEVICES: no registry, but a list of devices (devices.h): of a node no more is known than
 * its properties say. */
/* What was made and remembered since a scratch began (dext_registry_scratch_begin): the places
 * where pointers to it are kept, to be emptied when its memory is given back. */
struct dx_reg_scratch {
    struct dx_mark mark;
    void **places;
    size_t count, cap;
};

enum dx_reg_format { DX_REG_TEXT, DX_REG_ARCHIVE, DX_REG_LIVE, DX_REG_DEVICES };

struct dx_registry {
    struct dx_source src; /* without its bytes, when none of them are kept */
    enum dx_reg_format format;
    struct dx_reg_node *roots;  /* linked by ->next: one for a whole dump, several for `ioreg -r` */
    struct dx_reg_node **nodes; /* all, in the order of the dump */
    size_t count;
    size_t clipped;                 /* lines cut at the terminal's width */
    size_t lost;                    /* lines or elements that could not be read */
    const char *reason;             /* NULL, or what was lost and why: "PATH:LINE: ..." */
    struct dx_reg_scratch *scratch; /* NULL: what is made stays */
    bool chains;                    /* class chains are there (-i) */
    const char *devices;            /* DX_REG_DEVICES: who wrote the list, "lsusb" */
    bool fragment;                  /* not a whole registry: what is missing may exist */
};

/* Reads a dump of either kind, as far as it goes. Errors: DEXT_E_FORMAT when there is no registry
 * node in it at all, DEXT_E_LIMIT. */
int dx_registry_read(struct dx_registry **out, struct dext_ctx *ctx, const struct dx_source *src);

/* The property's value as a property-list node, or NULL: absent, or a value that is no value.
 * Parsed on first use. A clipped value is NULL; dx_reg_prop tells the two apart. Sets come as
 * arrays; data that ioreg prints as text come as data. */
const struct dext_node *dx_reg_get(struct dext_ctx *ctx, struct dx_registry *r,
                                   const struct dx_reg_node *n, const char *key);
/* The value of a property of n, as dx_reg_get gives it. */
const struct dext_node *dx_reg_value(struct dext_ctx *ctx, const struct dx_registry *r,
                                     struct dx_reg_prop *p);
/* A pointer at place was just set to what lies in the arena, and is NULL when the scratch ends. */
void dx_reg_remember(struct dext_ctx *ctx, const struct dx_registry *r, void *place);

const struct dx_reg_prop *dx_reg_prop(const struct dx_reg_node *n, const char *key);

/* n's class is cls or a subclass of it: by the dump's chains, else by the class table of lib/data.
 */
enum dx_reg_is { DX_REG_NO, DX_REG_YES, DX_REG_UNSURE };
enum dx_reg_is dx_reg_is_a(const struct dx_reg_node *n, const char *cls);

#endif
