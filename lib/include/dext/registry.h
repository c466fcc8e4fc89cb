/* dext/registry.h: an I/O Registry, as a dump of `ioreg` shows it.
 *
 *     struct dext_registry *r;
 *     if (dext_registry_read(&r, ctx, "ioreg.txt") == DEXT_OK) {
 *         const size_t *found, count;
 *         dext_registry_select(r, "IOUSBHostInterface", &found, &count);
 *         const struct dext_reg_node *n = dext_registry_node(r, found[0]);
 *     }
 *
 * Text (`ioreg -l`), archives (`ioreg -a`) and, on macOS, the running system give the same tree.
 * Nodes are numbered from 0 in the order of the dump and refer to each other by number. All
 * results are borrowed from the context and stay valid until it is freed.
 *
 * A dump rarely shows everything: lines are cut, properties left out, only a part of the tree was
 * asked for. What is not shown is DEXT_UNKNOWN, never "no". */
#ifndef DEXT_REGISTRY_H
#define DEXT_REGISTRY_H

#include <stdbool.h>

#include "dext/match.h"
#include "dext/plist.h"

#ifdef __cplusplus
extern "C" {
#endif

struct dext_registry;

#define DEXT_REG_NONE ((size_t)-1) /* no such node */

/* DEXT_REG_DEVICES: no registry but a list of devices, as lsusb, lspci or system_profiler print it:
 * the keys of USB devices, their interfaces and PCI functions, and nothing else. */
enum dext_reg_format { DEXT_REG_TEXT, DEXT_REG_ARCHIVE, DEXT_REG_LIVE, DEXT_REG_DEVICES };

/* What the dump is. */
struct dext_reg_info {
    const char *path;
    enum dext_reg_format format;
    size_t nodes;          /* printed */
    size_t objects;        /* the same without those that are printed again */
    size_t clipped;        /* lines cut at the terminal's width */
    size_t lost;           /* lines or elements that could not be read */
    const char *lost_text; /* "PATH:LINE: why", or NULL */
    bool ancestry;         /* class ancestry is shown (ioreg -i) */
    bool properties;       /* properties were asked for (ioreg -l): a node without has none */
    bool service_plane;    /* drivers hang below what they drive: the plane is IOService. In other
                            * planes    (ioreg -p) drivers are not shown, or hang elsewhere */
    const char *devices;   /* DEXT_REG_DEVICES: "lsusb", "lspci", "system_profiler"; else NULL */
    bool fragment;         /* a part of a registry: what is missing may exist */
};

/* A node. Texts are "" where the dump shows nothing. */
struct dext_reg_node {
    const char *name, *location; /* "AcmeDevice", "14100000" */
    const char *class_name;
    const char *ancestry; /* "IORegistryEntry:IOService:IOUSBHostDevice", base first */
    const char *path;     /* "/J1AP/AppleARMPE/AcmeDevice@14100000" */
    uint64_t id;          /* registry entry id, 0: not shown */
    unsigned line;        /* of the dump, 1-based; 0: none */
    unsigned depth;       /* 0 for a root */
    size_t index, parent, child, next;
    size_t same; /* an object with several parents is printed below each: the first one printed */
    enum dext_known registered, matched, active;
    bool has_busy;
    uint32_t busy, retain; /* retain 0: not shown */
    bool clipped;          /* its line, or one of its properties, is cut */
    const char *state;     /* in words: "registered, matched, active, not busy, retain 12" */
    const char *meaning;   /* what of the state is out of the ordinary, or NULL */
};

/* A property. */
struct dext_reg_property {
    const char *key;
    const struct dext_node *value; /* NULL: cut off, or not understood */
    bool clipped;                  /* cut off */
};

/* A driver that stands on a node: a child that was started in a match category. */
struct dext_reg_driver {
    const struct dext_reg_node *node;
    const char *category, *bundle_id; /* bundle_id may be NULL */
    bool is_dext;
    bool has_score;
    int64_t score; /* IOProbeScore, as the family and the driver's probe left it */
};

/* A connection that a process opened: a child that is a user client. */
struct dext_reg_client {
    const struct dext_reg_node *node;
    const char *creator; /* "pid 78, logd", or NULL when the dump does not show it */
};

struct dext_reg_holders {
    const struct dext_reg_driver *drivers;
    size_t driver_count;
    size_t dext_count; /* of the drivers, those that are driver extensions */
    const struct dext_reg_client *clients;
    size_t client_count;
    const size_t *others; /* the remaining children: nubs, by number */
    size_t other_count;
    bool unknown; /* the dump does not show what some child is */
    /* Who opened a USB device or interface so that nobody else can, "pid 290, name" or a driver's
     * class (UsbExclusiveOwner); NULL: nobody, or not shown */
    const char *owner;
};

/* A driver extension in the dump. */
struct dext_reg_dext {
    const struct dext_reg_node *service;  /* the driver object; NULL: only its process is shown */
    const struct dext_reg_node *provider; /* the node it stands on, or NULL */
    const struct dext_reg_node *server;   /* the IOUserServer node, that is its process, or NULL */
    const struct dext_reg_node *maker;    /* the object of the same driver that made it, or NULL */
    const char *name;                     /* for people: of the service, else of the server */
    const char *bundle_id, *server_name, *user_class, *category; /* NULL when not shown */
    const char *process;                                         /* "pid 290, name", or NULL */
    enum dext_known running;                                     /* its process is there */
    enum dext_known attached;  /* the process has taken over the service */
    const char *attached_text; /* what shows that, or why it is not known */
    bool has_score;
    int64_t score;
    bool has_match_count;
    uint64_t match_count; /* the provider's IODEXTMatchCount */
    bool has_rematch_count;
    uint64_t rematch_count;                    /* the provider's IORematchCount */
    const struct dext_reg_driver *competitors; /* other drivers of the provider, 16 at most */
    size_t competitor_count;
    const struct dext_reg_holders *holders; /* of the service; NULL without one */
    const char *const *notes;               /* sentences, NULL-terminated */
};

/* A node that a driver extension's personality matched, though none stands on it. */
struct dext_reg_unserved {
    const struct dext_reg_node *node;
    uint64_t match_count;
    const struct dext_reg_holders *holders;
    const char *text;
};

struct dext_reg_dexts {
    const struct dext_reg_dext *list;
    size_t count;
    const struct dext_reg_unserved *unserved;
    size_t unserved_count;
};

/* ---- reading ------------------------------------------------------------------------------- */

/* A dump of either kind, also as a page shows it (&lt;class ...), a list of devices, or the dump in
 * a sysdiagnose (folder, .tar.gz; its ioreg/IOService.txt) or in a .zip that holds one. Damage that
 * leaves something to read is counted in the info (lost, clipped) and does not make the call fail.
 * Errors: DEXT_E_IO; DEXT_E_FORMAT: no node in it; DEXT_E_LIMIT. */
DEXT_API int dext_registry_read(struct dext_registry **out, struct dext_ctx *ctx, const char *path);

/* The same for bytes in memory, which need not outlive the call. */
DEXT_API int dext_registry_parse(struct dext_registry **out, struct dext_ctx *ctx, const char *name,
                                 const void *data, size_t size);

/* There is a registry of the running system: this is macOS. */
DEXT_API bool dext_registry_has_live(void);

/* The registry of the running system. DEXT_E_NOTFOUND: this is not macOS; DEXT_E_IO. */
DEXT_API int dext_registry_live(struct dext_registry **out, struct dext_ctx *ctx);

/* The simulator's dump is this registry: read once, asked twice. */
DEXT_API void dext_match_use(struct dext_match *m, struct dext_registry *r);

/* ---- looking ------------------------------------------------------------------------------- */

/* Between begin and end whatever is made of the registry's context lives until end only: what
 * nodes, properties and holders are asked for while a registry of any size is walked. One at a
 * time, and nothing from within may be used after it. dext_registry_dexts is asked before. */
DEXT_API void dext_registry_scratch_begin(struct dext_registry *r);
DEXT_API void dext_registry_scratch_end(struct dext_registry *r);

DEXT_API const struct dext_reg_info *dext_registry_info(const struct dext_registry *r);

/* Node number index, or NULL past the end. Roots have no parent; the first is number 0, the others
 * follow through ->next. */
DEXT_API const struct dext_reg_node *dext_registry_node(struct dext_registry *r, size_t index);

/* All properties in the order of the dump; of a doubled key the last one counts. A node that is
 * printed again without properties shows those of the first one. */
DEXT_API const struct dext_reg_property *dext_registry_properties(struct dext_registry *r,
                                                                  size_t index, size_t *count);

/* One property's value, or NULL; *answer (may be NULL) tells absent from not shown. */
DEXT_API const struct dext_node *dext_registry_property(struct dext_registry *r, size_t index,
                                                        const char *key, enum dext_known *answer);

/* A value on one line, for people: "Acme", 1452 (0x5ac), yes, <0a0b>, (1, 2), {a = 1}; long ones
 * end with "...". */
DEXT_API const char *dext_registry_value_text(struct dext_registry *r, const struct dext_node *n);

/* Who stands on the node, and who opened it. Empty for a node that is printed again. */
DEXT_API const struct dext_reg_holders *dext_registry_holders(struct dext_registry *r,
                                                              size_t index);

/* The nodes a selector names, by number, in the order of the dump; those printed again are left
 * out. A word is an entry id (0x...), a name, name@location, @location, a class (of the kernel,
 * base classes as far as they are known, or one of IOUserClasses), a bundle or server, and if it is
 * none of these, a property's key. KEY=VALUE compares a property ("/" leads into dictionaries, of
 * an array any element counts), NUMBER:NUMBER is vendor and product ("1a86:7523": hexadecimal).
 * name: class: bundle: id: at: has: vendor: product: leave no doubt. Errors: DEXT_E_NOTFOUND, text
 * with the nearest name; DEXT_E_FORMAT: no selector. */
DEXT_API int dext_registry_select(struct dext_registry *r, const char *selector, const size_t **out,
                                  size_t *count);

/* Every driver extension, and the nodes that one matched without standing there. */
DEXT_API const struct dext_reg_dexts *dext_registry_dexts(struct dext_registry *r);

/* "no", "yes", "not known" */
DEXT_API const char *dext_known_name(enum dext_known k);

/* ---- comparing ----------------------------------------------------------------------------- */

enum dext_reg_change_kind { DEXT_REG_ADDED, DEXT_REG_REMOVED, DEXT_REG_CHANGED };

/* What a node is to the one it hangs on. */
enum dext_reg_role { DEXT_REG_NODE, DEXT_REG_DRIVER, DEXT_REG_CLIENT, DEXT_REG_SERVER };

struct dext_reg_delta {
    const char *what;           /* "state", "busy", "IODEXTMatchCount" */
    const char *before, *after; /* NULL: not there */
};

struct dext_reg_change {
    enum dext_reg_change_kind kind;
    enum dext_reg_role role;
    const struct dext_reg_node *before, *after; /* NULL when added, or removed */
    const char *category;                       /* of a driver, or NULL */
    const char *creator;                        /* of a user client, or NULL */
    bool inside;                                /* what it hangs on was added or removed as well */
    const struct dext_reg_delta *deltas;
    size_t delta_count;
};

struct dext_reg_diff {
    bool by_id;                            /* paired by entry id; else by path */
    const char *pairing;                   /* why */
    const struct dext_reg_change *changes; /* removed and changed in a's order, added in b's */
    size_t count;
    size_t added, removed, changed, same;
};

/* What changed from a to b: nodes, drivers, states, and the properties that matching leaves behind.
 * Nodes are paired by entry id when both dumps are of one boot, else by path. Both registries
 * belong to the same context. */
DEXT_API const struct dext_reg_diff *dext_registry_diff(struct dext_registry *a,
                                                        struct dext_registry *b);

/* "added", ...; "node", "driver", "user client", "process" */
DEXT_API const char *dext_reg_change_name(enum dext_reg_change_kind k);
DEXT_API const char *dext_reg_role_name(enum dext_reg_role r);

#ifdef __cplusplus
}
#endif

#endif
