/* macho.h: what a Mach-O file says about itself: slices, load commands, segments. Thin and
 * universal files (32-bit and 64-bit tables), 32-bit and 64-bit slices, both byte orders. Layout:
 * xnu EXTERNAL_HEADERS/mach-o/loader.h, fat.h, fixup-chains.h.
 *
 *     struct dx_macho *m;
 *     if (dx_macho_read(&m, ctx, &image) == DEXT_OK) {
 *         for (size_t i = 0; i < m->count; i++) { ... m->slices[i].arch ... }
 *     }
 *
 * Nothing here points into the image; the image may be closed afterwards. */
#ifndef DX_SIGN_MACHO_H
#define DX_SIGN_MACHO_H

#include "sign/image.h"

struct dx_segment {
    char name[17];
    uint64_t address, memory_size, offset, file_size; /* offset: in the slice */
};

struct dx_section {
    char segment[17], name[17];
    uint64_t address, size, offset; /* offset: in the slice; 0: no bytes in the file */
    uint32_t flags;
};

/* Of dx_section.flags: it holds instructions, only or some. */
#define DX_SECTION_CODE 0x80000400U

/* LC_SYMTAB. One that lies outside of the file is none: count 0 and fault. */
struct dx_symbol_table {
    uint64_t offset; /* of the nlist entries, in the slice */
    uint32_t count;
    uint64_t strings, strings_size;
    const char *fault; /* NULL */
};

/* One file of a kernel collection (LC_FILESET_ENTRY). */
struct dx_entry {
    const char *id;   /* "com.apple.kernel", or a kext's bundle id */
    uint64_t address; /* of its header */
    uint64_t offset;  /* of its header in the collection's slice */
};

struct dx_slice {
    uint64_t offset, size; /* in the file */
    uint32_t cpu, subtype;
    const char *arch; /* "arm64"; "cpu 0x12/0x3" when dextctl has no name for it */
    bool wide;        /* 64-bit */
    bool big;         /* big-endian */
    uint32_t file_type, flags;
    bool has_uuid;
    char uuid[37];             /* upper case, as dwarfdump writes it; "" */
    const char *platform;      /* "DriverKit"; "" */
    uint32_t platform_number;  /* 0: not said */
    const char *minimum, *sdk; /* "19.0"; "" */
    struct dx_segment *segments;
    size_t segment_count;
    struct dx_section *sections;
    size_t section_count;
    bool has_signature;
    uint64_t signature_offset, signature_size; /* in the slice */
    uint64_t fixups_offset, fixups_size;       /* LC_DYLD_CHAINED_FIXUPS; size 0: none */
    struct dx_symbol_table symbols;
    uint64_t starts_offset, starts_size; /* LC_FUNCTION_STARTS; size 0: none */
    struct dx_entry *entries;            /* of a kernel collection */
    size_t entry_count;
    const char *fault; /* why no more of it could be read; "" */
};

struct dx_macho {
    bool fat;
    bool wide_table; /* of 64-bit offsets */
    struct dx_slice *slices;
    size_t count;
    const char *fault; /* what is wrong in the table of slices or between them; "" */
};

#define DX_FILE_EXECUTE 2  /* MH_EXECUTE: a DEXT's is one too */
#define DX_FILE_DSYM 10    /* MH_DSYM */
#define DX_FILE_KEXT 11    /* MH_KEXT_BUNDLE */
#define DX_FILE_FILESET 12 /* MH_FILESET: a kernel collection */

/* The first four bytes are those of a Mach-O file (of a universal one: more bytes tell it from a
 * Java class). */
bool dx_is_macho(const unsigned char *head, size_t n);

/* The same of a file; one that cannot be read is none. */
bool dx_is_macho_file(struct dext_ctx *ctx, const struct dx_file *file);

/* Errors: DEXT_E_FORMAT. A slice that is damaged is no error, its ->fault says why. */
int dx_macho_read(struct dx_macho **out, struct dext_ctx *ctx, const struct dx_image *image);

/* An entry of a kernel collection as a slice of its own. Its load commands stand at the entry's
 * offset; every offset in them counts from the beginning of the collection. */
void dx_macho_entry(struct dx_slice *out, struct dext_ctx *ctx, const struct dx_image *image,
                    const struct dx_slice *collection, const struct dx_entry *entry);

const struct dx_segment *dx_macho_segment(const struct dx_slice *slice, const char *name);

const struct dx_section *dx_macho_section(const struct dx_slice *slice, const char *segment,
                                          const char *name);

/* n bytes at offset of the slice; NULL when they are not all there. */
const unsigned char *dx_slice_span(const struct dx_image *image, struct dext_ctx *ctx,
                                   const struct dx_slice *slice, uint64_t offset, size_t n);

/* Numbers of either byte order, unaligned. */
static inline uint32_t dx_u32(const unsigned char *p, bool big)
{
    return big ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]
               : (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static inline uint64_t dx_u64(const unsigned char *p, bool big)
{
    uint64_t a = dx_u32(p, big), b = dx_u32(p + 4, big);
    return big ? a << 32 | b : b << 32 | a;
}

static inline uint32_t dx_u16(const unsigned char *p, bool big)
{
    return big ? (uint32_t)p[0] << 8 | p[1] : (uint32_t)p[1] << 8 | p[0];
}

#endif
