/* codesign.h: the code signature of one slice: superblob, code directories, requirements,
 * entitlements. Layout: xnu osfmk/kern/cs_blobs.h, Security codedirectory.h. All numbers in it are
 * big-endian. Reading finds what is malformed; codesign_verify.c holds it against the code. */
#ifndef DX_SIGN_CODESIGN_H
#define DX_SIGN_CODESIGN_H

#include "dext/signature.h"
#include "plist/tree.h"
#include "sign/cms.h"
#include "sign/macho.h"

/* Collects problems; the same problem of one place is said once. */
struct dx_report {
    struct dext_ctx *ctx;
    struct dext_sign_problem *list;
    size_t count, cap;
    const char *file, *arch; /* where the next one is */
    struct dext_sign_problem unseen;
};

/* Adds a problem of level BROKEN at file and arch, without page and offset. Never NULL: past the
 * ceiling of problems it is one that nobody sees. */
struct dext_sign_problem *dx_report(struct dx_report *r, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
struct dext_sign_problem *dx_report_warning(struct dx_report *r, const char *name, const char *fmt,
                                            ...) __attribute__((format(printf, 3, 4)));

enum dx_slot {
    DX_SLOT_DIRECTORY = 0,
    DX_SLOT_INFO = 1,
    DX_SLOT_REQUIREMENTS = 2,
    DX_SLOT_RESOURCES = 3,
    DX_SLOT_APPLICATION = 4,
    DX_SLOT_ENTITLEMENTS = 5,
    DX_SLOT_REP = 6,
    DX_SLOT_DER = 7,
    DX_SLOT_CONSTRAINT = 8,     /* 8 to 11: launch and library constraints */
    DX_SLOT_ALTERNATE = 0x1000, /* to 0x1004: code directories with other hashes */
    DX_SLOT_CMS = 0x10000,
    DX_SLOT_IDENTIFICATION = 0x10001,
    DX_SLOT_TICKET = 0x10002,
};

struct dx_blob {
    uint32_t slot, offset, magic;
    struct dx_str all;  /* with its header */
    struct dx_str body; /* without */
};

struct dx_directory {
    uint32_t slot;
    struct dx_str blob;
    uint32_t version, flags, special_count, code_count;
    uint64_t limit; /* bytes covered */
    unsigned hash_type, hash_size, page_bits, platform;
    const unsigned char *hashes; /* of page 0; special slot n stands n hashes before */
    const char *identifier, *team;
    uint64_t exec_base, exec_limit, exec_flags;
    uint32_t runtime;
    bool scattered;
    unsigned char digest[48];
    size_t digest_size;
    char cdhash[41];
};

struct dx_codesign {
    struct dx_str data; /* the signature's bytes, with what pads them */
    struct dx_blob *blobs;
    size_t blob_count;
    struct dx_directory *directories; /* as they stand: the first is what the CMS signs */
    size_t directory_count;
    size_t directory_cap;
    const struct dx_directory *best; /* the one the system uses; NULL: none that is good */
    struct dext_requirement *requirements;
    size_t requirement_count;
    struct dx_str designated; /* that requirement, compiled; n 0: none */
    const struct dext_node *xml, *der;
    bool has_cms; /* a CMS blob that is not empty */
    struct dx_cms cms;
    bool cms_read;
};

/* Reads the bytes of LC_CODE_SIGNATURE. What is malformed becomes a problem in r; the result is
 * never NULL and holds what could be read. The CMS is read but not judged. data must outlive it. */
struct dx_codesign *dx_codesign_read(struct dext_ctx *ctx, struct dx_str data, struct dx_report *r);

const struct dx_blob *dx_codesign_blob(const struct dx_codesign *cs, uint32_t slot);

/* "sha256"; and the digest OpenSSL knows it as. "" and NULL for a type that dextctl does not know.
 */
const char *dx_hash_name(unsigned type);
const char *dx_hash_digest(unsigned type);
size_t dx_hash_size(unsigned type); /* bytes in a code directory */

/* codesign_verify.c */

/* Reads all that the code directories cover and compares. Returns how many pages were. */
int64_t dx_verify_pages(struct dext_ctx *ctx, const struct dx_image *image,
                        const struct dx_slice *slice, const struct dx_codesign *cs,
                        struct dx_report *r);

/* What lies around the slices of a universal file. */
void dx_verify_gaps(const struct dx_image *image, const struct dx_macho *m, struct dx_report *r);

/* The special slots that lie outside of the signature. file: NULL when there is none. */
struct dx_special {
    uint32_t slot;
    const char *what; /* "Info.plist" */
    const char *file; /* as shown */
    bool known;       /* false: it was not looked for, so nothing is said */
    const struct dx_str *content;
};
void dx_verify_special(const struct dx_codesign *cs, const struct dx_special *special, size_t count,
                       struct dx_report *r);

/* Signature, chain, timestamp, and the cdhashes that the signed attributes name. */
void dx_verify_cms(struct dext_ctx *ctx, const struct dx_codesign *cs, struct dx_report *r);

/* Of these, chain and times alone; fit: the certificate is one for what it signed. */
void dx_verify_signer(const struct dx_cms *c, bool fit, struct dx_report *r);

enum dext_signer_kind dx_signer_kind(const struct dx_codesign *cs);

/* Nobody vouches for it: the flag says so, or there is no signature of a certificate. Where the
 * flag is set the system does not look at one (Security StaticCode.cpp, verifySignature). */
bool dx_is_ad_hoc(const struct dx_codesign *cs);

/* codesign_check.c: directories that no kernel takes or that do not agree, and the flag adhoc. */
void dx_check_directories(const struct dx_codesign *cs, const struct dx_slice *m,
                          struct dx_report *r);

/* Digest of data into out (48 bytes); 0 when type is not known. */
size_t dx_hash(unsigned type, const void *data, size_t n, unsigned char out[64]);

/* Key paths whose value differs between a and b, either may be NULL. */
struct dx_texts {
    const char **list;
    size_t count, cap;
};
void dx_node_differences(struct dx_texts *out, struct dext_ctx *ctx, const struct dext_node *a,
                         const struct dext_node *b);

#endif
