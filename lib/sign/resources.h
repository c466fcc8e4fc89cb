/* resources.h: _CodeSignature/CodeResources: the files of a bundle that its signature seals.
 * Version 2 (files2, rules2; since OS X 10.9) counts where it is there, version 1 (files, rules)
 * else. Semantics: Security resources.cpp, StaticCode.cpp. */
#ifndef DX_SIGN_RESOURCES_H
#define DX_SIGN_RESOURCES_H

#include "sign/codesign.h"

struct dx_resources {
    struct dext_ctx *ctx;
    const struct dx_files *files; /* of the bundle's base: what the paths are relative to */
    const char *executable;       /* main executable below the base; "" when it is elsewhere */
    const struct dext_node *root; /* of CodeResources */
    struct dx_report *report;
    /* The code at a path below the base; NULL: none. */
    const struct dext_code *(*nested)(const void *user, const char *path);
    const void *user;
};

/* Every sealed file and every file that should be. Returns how many are sealed. */
size_t dx_verify_resources(const struct dx_resources *in);

/* Metadata of another file, as packing a file of a Mac's into an archive leaves it ("._NAME"); it
 * becomes attributes of NAME where the archive is unpacked, not a file. */
bool dx_is_apple_double(const struct dx_files *files, const struct dx_file *file);

#endif
