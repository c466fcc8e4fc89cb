/* dext/signature.h: code signatures: who signed what, and whether it still is what was signed.
 *
 *     struct dext_signatures all;
 *     if (dext_signatures_read(&all, ctx, "MyApp.app", NULL) == DEXT_OK) {
 *         for (size_t i = 0; i < all.count; i++) {
 *             const struct dext_code *code = all.list[i];     // the app, its driver, ...
 *             for (size_t k = 0; k < code->problem_count; k++) { ... code->problems[k].text ... }
 *         }
 *     }
 *
 * Everything that a signature covers is hashed again: each page of each slice, Info.plist, the
 * entitlements, the requirements, CodeResources and every file that it seals; the signature itself
 * is verified up to its root. No network, no system trust store. Results are borrowed from the
 * context. */
#ifndef DEXT_SIGNATURE_H
#define DEXT_SIGNATURE_H

#include "dext/profile.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Whose signature it is. It says nothing about whether it holds: see problems. */
enum dext_signer_kind {
    DEXT_SIGNER_NONE,         /* not signed at all */
    DEXT_SIGNER_AD_HOC,       /* hashes, but nobody vouches for them */
    DEXT_SIGNER_LINKER,       /* ad hoc, put there by the linker; codesign replaces it */
    DEXT_SIGNER_UNKNOWN,      /* a certificate signed, but no root vouches for it */
    DEXT_SIGNER_FOREIGN,      /* the chain holds and does not end at Apple */
    DEXT_SIGNER_DEVELOPMENT,  /* from here on: Apple's chain */
    DEXT_SIGNER_DISTRIBUTION, /* for submission to a store */
    DEXT_SIGNER_DEVELOPER_ID,
    DEXT_SIGNER_STORE,       /* signed anew by the App Store */
    DEXT_SIGNER_TESTFLIGHT,  /* as TestFlight delivers it */
    DEXT_SIGNER_APPLE,       /* Apple's own software */
    DEXT_SIGNER_APPLE_OTHER, /* Apple's chain, a kind of certificate that does not sign apps */
};

enum dext_problem_level {
    DEXT_PROBLEM_WARNING, /* the signature holds all the same */
    DEXT_PROBLEM_BROKEN,  /* it does not */
    DEXT_PROBLEM_UNREAD,  /* it could not be told: not all that it covers was read */
};

struct dext_sign_problem {
    enum dext_problem_level level;
    const char *name; /* "page-modified": what it is, the same in every version */
    const char *file; /* the file at fault, as the paths below */
    const char *arch; /* slice it is in; "" when it is no matter of one slice */
    const char *text; /* one sentence without its full stop */
    int64_t page;     /* first page at fault, from 0; -1 when it is no matter of pages */
    int64_t pages;    /* how many from there on */
    int64_t offset;   /* in the file, bytes; -1 when unknown */
};

struct dext_directory {
    const char *hash;    /* "sha256", "sha1", "sha256-truncated", "sha384" */
    const char *cdhash;  /* 40 hex digits */
    const char *digest;  /* of the directory, not cut off */
    const char *version; /* "0x20500" */
    int64_t page_size;   /* 0: all is one page */
    int64_t page_count;
    int64_t covered; /* bytes from the start of the slice */
};

struct dext_requirement {
    const char *kind; /* "designated", "library", "host", "guest", "plugin" */
    const char *text; /* source syntax, as csreq(1) takes it */
};

/* What the system asks of the code before it starts it, of who starts it, or of what it loads: a
 * lightweight code requirement (slots 8 to 11, xnu osfmk/kern/cs_blobs.h). It is shown, not
 * evaluated. */
struct dext_constraint {
    const char *on;                /* "self", "parent", "responsible", "library" */
    const struct dext_node *facts; /* what has to hold, all of it; NULL: it cannot be read */
    const char *meaning;           /* one sentence without its full stop */
};

/* A class that iig made, as the DriverKit runtime finds it in the binary. */
struct dext_class {
    const char *name, *super;
    const char *const *methods; /* that the class itself implements or declares */
    size_t method_count;
    const char *const *queues; /* names of its dispatch queues */
    size_t queue_count;
    uint64_t flags;
};

/* What the notarization ticket says that is stapled to the code, or to what it lies in. */
enum dext_ticket {
    DEXT_TICKET_NONE,      /* none is stapled */
    DEXT_TICKET_NO_TICKET, /* a file stands in its place that is none */
    DEXT_TICKET_BROKEN,    /* Apple's notary service did not make it: see ticket_reason */
    DEXT_TICKET_OTHER,     /* it is Apple's, for other code than this */
    DEXT_TICKET_GOOD,      /* Apple has notarized this very code, every slice of it */
};

enum dext_entitlements_der {
    DEXT_ENTITLEMENTS_NO_DER, /* signed before about 2021; today's systems want it */
    DEXT_ENTITLEMENTS_SAME,
    DEXT_ENTITLEMENTS_DIFFERENT,
    DEXT_ENTITLEMENTS_UNREADABLE,
};

struct dext_slice {
    const char *arch;     /* "arm64" */
    const char *platform; /* "DriverKit"; "" */
    const char *minimum, *sdk, *uuid;
    int64_t offset, size; /* in the file */
    const char *fault;    /* the slice is damaged: why; "" */

    enum dext_signer_kind kind;
    const char *identifier, *team; /* "" */
    uint32_t flags, exec_flags;
    const char *const *flag_names; /* "adhoc", "runtime", "0x4" */
    size_t flag_count;
    const char *const *exec_flag_names;
    size_t exec_flag_count;
    const char *runtime;                      /* hardened runtime's version, "14.0.0"; "" */
    const char *cdhash;                       /* of the best directory; "" when not signed */
    const struct dext_directory *directories; /* best first */
    size_t directory_count;
    const struct dext_requirement *requirements;
    size_t requirement_count;
    const struct dext_constraint *constraints;
    size_t constraint_count;

    const struct dext_node *entitlements; /* of the property list, else the DER; NULL: none */
    const struct dext_node *entitlements_xml, *entitlements_der; /* NULL */
    enum dext_entitlements_der der;
    const char *const *differences; /* key paths that the two forms say otherwise */
    size_t difference_count;

    const struct dext_certificate *chain; /* the signer first */
    size_t chain_count;
    const char *trust; /* in words; "" */
    int64_t signed_at; /* as the signer's clock said; 0 */
    int64_t timestamp; /* as a timestamp authority of Apple's vouches for; 0 */
    const struct dext_class *classes;
    size_t class_count;
};

enum dext_form {
    DEXT_FORM_CODE,
    DEXT_FORM_PACKAGE, /* an installer package: its one slice has no architecture and no directory
                        */
    DEXT_FORM_IMAGE,   /* a disk image: the same, with a directory; what is in it is not read */
};

/* One thing that is signed: a bundle with its main executable, or a Mach-O file of its own. */
struct dext_code {
    const char *path;       /* bundle or file, as given or as found below what was given */
    const char *name;       /* the path below what was given; "" for what was given itself */
    const char *executable; /* Mach-O file; "" when the bundle has none */
    const char *error;      /* "PATH: reason": it could not be read, nothing below is valid. NULL */
    bool bundle;
    enum dext_form form;
    const struct dext_slice *slices;
    size_t slice_count;
    bool verified; /* false with show_only */
    bool hashed;   /* pages and sealed files were hashed: false with show_only and unhashed */
    const struct dext_sign_problem *problems;
    size_t problem_count;
    bool broken;           /* a problem of level DEXT_PROBLEM_BROKEN is there */
    bool unread;           /* not all of it could be read: that nothing is broken shows nothing */
    bool sealed;           /* a CodeResources is there */
    size_t sealed_files;   /* how many files it seals */
    size_t metadata_files; /* of an archive: "._NAME", attributes of other files, not looked at */
    int64_t pages;         /* verified in all slices */
    enum dext_ticket ticket;
    const char *ticket_reason;             /* why it is BROKEN, one clause; "" */
    int64_t notarized;                     /* when the ticket was made, seconds since 1970; 0 */
    const char *bundle_id;                 /* of its Info.plist; "" */
    const char *bundle_type;               /* CFBundlePackageType; "" */
    const struct dext_node *personalities; /* IOKitPersonalities of its Info.plist; NULL */
    const struct dext_profile *profile;    /* embedded; NULL: none, or unreadable */
    bool inner;                            /* it is part of another bundle of the list */
    bool asked;                /* a requirement was given, and this is no part of another bundle */
    enum dext_known satisfies; /* when asked: whether every slice satisfies it */
    const char *why;           /* why not, or why it cannot be told; "" */
};

struct dext_signatures {
    const struct dext_code *const *list; /* outermost first */
    size_t count;
};

/* A requirement in its compiled form (csreq). */
struct dext_compiled {
    const void *bytes;
    size_t size;
    const char *text; /* in source form */
};

/* argument: a requirement in the language of csreq, perhaps with "=" before it, or "@FILE": a file
 * with such, or with a compiled one. Of a set the designated one counts. Errors: DEXT_E_FORMAT,
 * "NAME:LINE:COLUMN: reason"; DEXT_E_IO, DEXT_E_LIMIT. */
DEXT_API int dext_requirement_compile(struct dext_compiled *out, struct dext_ctx *ctx,
                                      const char *name, const char *argument);

struct dext_signature_options {
    size_t size;    /* sizeof(struct dext_signature_options) */
    bool show_only; /* read, but hash and verify nothing */
    bool unhashed;  /* verify the signature itself, but hash no page and no sealed file: what a
                       program may do and who says so, at the cost of a small file */
    const struct dext_compiled *requirement; /* NULL; see dext_code.satisfies */
};

/* A Mach-O file, a bundle, or everything signed in a folder or archive. Errors: DEXT_E_IO,
 * DEXT_E_FORMAT, DEXT_E_LIMIT, DEXT_E_NOTFOUND: nothing there that could be signed. */
DEXT_API int dext_signatures_read(struct dext_signatures *out, struct dext_ctx *ctx,
                                  const char *path, const struct dext_signature_options *options);

DEXT_API const char *dext_ticket_name(enum dext_ticket ticket); /* "other-code" */
/* Signed anew by Apple on its way to the user: by a store, or TestFlight. */
DEXT_API bool dext_signer_delivers(enum dext_signer_kind kind);
DEXT_API const char *dext_signer_name(enum dext_signer_kind kind);  /* "developer-id" */
DEXT_API const char *dext_signer_words(enum dext_signer_kind kind); /* "Developer ID" */

/* What differs between two builds of one thing. */
struct dext_change {
    const char *name;  /* code it is about, as dext_code.name */
    const char *arch;  /* "" */
    const char *what;  /* "cdhash", "entitlement", "class", "flags", ... */
    const char *key;   /* entitlement's key path, class's name; "" */
    const char *left;  /* NULL: not there */
    const char *right; /* NULL: not there */
};

struct dext_changes {
    const struct dext_change *list;
    size_t count;
};

/* Whether the right build is the same program as the left one for the system, which asks for the
 * designated requirement of the one it knows: whoever updates, the keychain, privacy permissions.
 */
struct dext_update {
    const char *name; /* code it is about, as dext_code.name */
    const char
        *requirement; /* designated requirement of the left one, given or made up; "": none */
    enum dext_known satisfies;
    const char *why; /* why not, or why it cannot be told; "" */
};

struct dext_updates {
    const struct dext_update *list;
    size_t count;
};

/* One for each code that both have. */
DEXT_API void dext_signatures_update(struct dext_updates *out, struct dext_ctx *ctx,
                                     const struct dext_signatures *left,
                                     const struct dext_signatures *right);

/* Code is matched by name, slices by architecture. Order: as in left, then what only right has. */
DEXT_API void dext_signatures_compare(struct dext_changes *out, struct dext_ctx *ctx,
                                      const struct dext_signatures *left,
                                      const struct dext_signatures *right);

#ifdef __cplusplus
}
#endif

#endif
