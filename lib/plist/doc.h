/* doc.h: a property list with a known role and a name to show. */
#ifndef DX_PLIST_DOC_H
#define DX_PLIST_DOC_H

#include "plist/tree.h"

struct dext_profile;

enum dx_doc_kind {
    DX_DOC_UNKNOWN,      /* not read yet, or nothing dextctl knows */
    DX_DOC_DEXT_INFO,    /* Info.plist of a driver extension */
    DX_DOC_APP_INFO,     /* of an application (or another client) */
    DX_DOC_KEXT_INFO,    /* of a kernel extension */
    DX_DOC_OTHER_INFO,   /* of another kind of bundle */
    DX_DOC_ENTITLEMENTS, /* what a signature will claim */
    DX_DOC_PROFILE,      /* payload of a provisioning profile */
    DX_DOC_PROJECT,      /* project.pbxproj, project.yml, .xcconfig */
    DX_DOC_OTHER,        /* a property list of some other use */
};

struct dx_doc;

/* The line that decides something: in a document that need not be the one in which it is seen. doc
 * NULL: nowhere. */
struct dx_origin {
    const struct dx_doc *doc;
    struct dext_place at;
};

/* A node whose value was decided elsewhere. */
struct dx_node_origin {
    const struct dext_node *node;
    struct dx_origin from;
};

struct dx_doc {
    const char *path; /* as shown to the user */
    enum dx_doc_kind kind;
    struct dext_plist *pl;              /* never NULL; ->root may be */
    const char *why_kind;               /* for skipped ones: what it is, in words */
    const struct dext_profile *profile; /* DX_DOC_PROFILE: what was read; NULL otherwise */
    bool embedded; /* in a program: lines and columns mean nothing to the user */
    /* An effective document (project/effective.h): what the build puts into the file's place. */
    const struct dx_node_origin *origins;
    size_t origin_count;
    bool effective; /* every value is what the build makes of it, as far as it is known */
    bool whole;     /* and nothing that the build adds is unknown: what is missing is missing */
};

#endif
