/* dext/know.h: what is known of keys, entitlements and classes, for editors and other programs that
 * show it beside what an author writes. Rows are compiled in from lib/data; all texts are constant
 * and live as long as the program.
 *
 *     struct dext_fact f;
 *     if (dext_fact_find(DEXT_FACT_KEY, "IOProbeScore", "personality", &f)) { show(f.text); }
 */
#ifndef DEXT_KNOW_H
#define DEXT_KNOW_H

#include <stdbool.h>

#include "dext/ctx.h"

#ifdef __cplusplus
extern "C" {
#endif

enum dext_fact_kind {
    DEXT_FACT_KEY,             /* of a personality, an Info.plist or an entitlement's dictionary */
    DEXT_FACT_ENTITLEMENT,     /* com.apple.developer.driverkit, ... */
    DEXT_FACT_PROVIDER,        /* a class that IOProviderClass may name */
    DEXT_FACT_IOCLASS,         /* a class that IOClass may name */
    DEXT_FACT_FRAMEWORK_CLASS, /* of DriverKit's frameworks, in the driver's process */
    DEXT_FACT_KIND_COUNT,
};

/* One row. Texts are "" where nothing is known, never NULL. */
struct dext_fact {
    enum dext_fact_kind kind;
    const char *name;
    /* Of a key: where it stands: "personality" (any bus), "usb", "pci", "hid", "scsi", "serial",
     * "storage" (personalities of that bus), "info", "usb-entitlement". Of an entitlement: who
     * carries it: "dext", "app", "client", "dext-or-app", "any", "apple", "none". Of a provider:
     * its bus. Of a framework class: the framework. */
    const char *place;
    const char *type;    /* of a value: "string", "array-of-dict", ... */
    const char *status;  /* "current", "legacy", "driverkit", ...; "" of keys */
    const char *instead; /* what to write in its place */
    const char *super;   /* of a class */
    const char *text;    /* what it does or is */
    const char *warning; /* of a key: what a value of another type does */
    bool
        advised; /* worth proposing to somebody who writes a driver: not legacy, refused, Apple's */
    const char *sources_; /* for dext_fact_source and dext_fact_related */
    const char *related_;
};

/* Row i of a kind, in order of the names; false past the end. */
DEXT_API bool dext_fact_at(enum dext_fact_kind kind, size_t i, struct dext_fact *out);

/* By name; place NULL: the first of that name. false: nothing is known. */
DEXT_API bool dext_fact_find(enum dext_fact_kind kind, const char *name, const char *place,
                             struct dext_fact *out);

/* i-th source; NULL past the end. */
DEXT_API const char *dext_fact_source(const struct dext_fact *f, size_t i);

/* What belongs to it, NULL past the end: an entitlement's dictionary keys as "idVendor
 * integer-or-wildcard", the kernel bundles of an IOClass, the methods that a framework class wants
 * to be overridden. */
DEXT_API const char *dext_fact_related(const struct dext_fact *f, size_t i);

/* "key", "entitlement", "provider class", "kernel class", "framework class" */
DEXT_API const char *dext_fact_kind_name(enum dext_fact_kind kind);

#ifdef __cplusplus
}
#endif

#endif
