/* code.h: signed code out of a few words, with hashes that hold: what a mutation of the words
 * changes is what is said, not whether it may be read at all. */
#ifndef FUZZ_CODE_H
#define FUZZ_CODE_H

#include <stddef.h>
#include <stdint.h>

struct bytes {
    uint8_t *p;
    size_t n, cap;
};

void bytes_add(struct bytes *b, const void *p, size_t n);
void bytes_zero(struct bytes *b, size_t n);
/* Reads a whole file, up to 1 MiB. 0: it is not there. */
int bytes_read(struct bytes *b, const char *path);
void bytes_free(struct bytes *b);

/* A Mach-O file, signed ad hoc. words: "arm64" "arm64e" "x86_64" (one each makes a universal file),
 * id=, team=, flags=HEX, platform=N, minimum=N, "sha1" (both directories), "noder", "nosign",
 * "requirement", "ticks" (a profile's words). info and seal are files whose hashes the signature
 * holds; NULL: none. cdhash: of its last slice. */
void code_make(struct bytes *out, const char *words, const uint8_t *entitlements, size_t size,
               const char *info, const char *seal, uint8_t cdhash[20]);

/* A CodeResources: a file a line, PATH and the bytes' hash. */
struct sealed {
    const char *path; /* below the bundle */
    uint8_t sha256[32];
    const char *link;      /* where it points; NULL: a file */
    const uint8_t *cdhash; /* of nested code; NULL: a file */
};
void code_seal(struct bytes *out, const struct sealed *list, size_t count);

/* SHA-256, and SHA-1 with which = 1. Returns its length. */
size_t code_hash(int which, const void *p, size_t n, uint8_t *out);

#endif
