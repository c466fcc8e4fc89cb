/* dext/migrate.h: what becomes of a kernel extension's sources in DriverKit.
 *
 *     struct dext_migrate *m;
 *     if (dext_migrate_read(&m, ctx, "MyKext") == DEXT_OK) {
 *         ... m->verdict_words, m->calls[i].counterpart ...
 *     }
 *
 * Sources are read without a compiler: names are found, not types. All results are borrowed from
 * the context. */
#ifndef DEXT_MIGRATE_H
#define DEXT_MIGRATE_H

#include "dext/plist.h"

#ifdef __cplusplus
extern "C" {
#endif

struct dext_migrate_place {
    const char *file;
    unsigned line;
};

enum dext_migrate_way {
    DEXT_MIGRATE_SAME,  /* DriverKit has it under this name */
    DEXT_MIGRATE_OTHER, /* another design does it */
    DEXT_MIGRATE_NONE,  /* DriverKit has nothing for it */
};

/* A call, class or constant of the kernel that the sources use. */
struct dext_migrate_call {
    const char *name;
    enum dext_migrate_way way;
    const char *counterpart; /* of NONE: the way that exists */
    const char *header;      /* of the counterpart; "" when not known */
    const char *note;        /* "" */
    const char *source;      /* a page of Apple's */
    size_t count;            /* how often it is used */
    struct dext_migrate_place *places;
    size_t place_count; /* the first DEXT_MIGRATE_PLACES of them */
};
#define DEXT_MIGRATE_PLACES 5

/* A class of the kext that derives from a class of the kernel. */
struct dext_migrate_class {
    const char *name, *super; /* super: of the kernel */
    struct dext_migrate_place at;
    enum dext_migrate_way way; /* OTHER when super is not known: see text */
    bool known;                /* super stands in the tables */
    const char *base;          /* DriverKit class to derive from, or "" */
    const char *framework;     /* "" */
    const char *text;          /* what does its work */
};

/* A personality, as a driver extension's. */
struct dext_migrate_personality {
    const char *name, *file;
    unsigned line;
    const char *provider;      /* as it stands */
    const char *provider_dext; /* what a driver extension names; "" when there is none */
    enum dext_migrate_way way;
    const char *framework; /* of the transport; "" */
    const char *text;      /* why there is none, or "" */
    const char *plist;     /* the dictionary in XML; "" when there is none */
};

enum dext_migrate_verdict {
    DEXT_MIGRATE_POSSIBLE,
    DEXT_MIGRATE_IMPOSSIBLE, /* what it stands on or derives from has no family */
    DEXT_MIGRATE_UNKNOWN,    /* nothing tells what it drives */
};

struct dext_migrate {
    const char *path;
    enum dext_migrate_verdict verdict;
    const char *verdict_words; /* one sentence */
    const char **frameworks;   /* "USBDriverKit" */
    size_t framework_count;
    const char **entitlements;
    size_t entitlement_count;
    struct dext_migrate_class *classes;
    size_t class_count;
    struct dext_migrate_personality *personalities;
    size_t personality_count;
    struct dext_migrate_call *calls; /* NONE first, then OTHER, then SAME; the most used first */
    size_t call_count;
    size_t same, other, none; /* calls of each kind */
    size_t files;             /* sources that were read */
    size_t plists;            /* Info.plists of kexts */
    const char **unread;      /* "PATH: reason" */
    size_t unread_count;
};

/* A folder of sources, or a .kext, or one file. Errors: DEXT_E_IO, DEXT_E_NOTFOUND when there is
 * neither a source nor an Info.plist of a kext in it. */
DEXT_API int dext_migrate_read(struct dext_migrate **out, struct dext_ctx *ctx, const char *path);

#ifdef __cplusplus
}
#endif

#endif
