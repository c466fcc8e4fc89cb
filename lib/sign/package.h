/* package.h: what the table of contents of an installer package (xar) says of its signatures and of
 * its members. Form: xar lib/signature.c, lib/hash.c, lib/archive.c (apple-oss-distributions/xar);
 * Security xar++.cpp takes the first CMS signature, and the RSA one only without it. */
#ifndef DX_SIGN_PACKAGE_H
#define DX_SIGN_PACKAGE_H

#include "sign/signature.h"

#define DX_PACKAGE_MOST_CERTS 8

/* A stretch of the heap. */
struct dx_stretch {
    uint64_t at, size; /* at: in the file */
    bool there;
};

struct dx_package_member {
    const char *path;
    struct dx_stretch data;
    const char *style; /* of its checksum as it lies in the heap: "sha1" */
    const char *sum;   /* in hex; "" */
};

struct dx_package {
    const char *fault;          /* why nothing more is known; NULL */
    const unsigned char *table; /* as it lies in the file */
    size_t table_size;
    const char *style; /* of the table's checksum: "sha1", "sha256", "sha512"; "" */
    struct dx_stretch checksum, rsa, cms;
    struct dx_str certs[DX_PACKAGE_MOST_CERTS]; /* of the RSA signature, in DER */
    size_t cert_count;
    struct dx_package_member *members;
    size_t member_count, member_cap;
};

/* Never fails: see fault. */
void dx_package_table(struct dx_package *out, struct dext_ctx *ctx, const struct dx_image *image);

/* Number of the hash as code directories and tickets count, and OpenSSL's name; 0: not one that
 * counts. */
unsigned dx_package_hash(const char *style, const char **digest);

#endif
