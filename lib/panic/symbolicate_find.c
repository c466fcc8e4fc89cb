/* Which of the given files is the one that ran. The UUID decides (LC_UUID, which ld computes from
 * what it links): names and versions stay the same from build to build. */
#include <string.h>
#include <strings.h>

#include "panic/symbolicate.h"

#define MOST_OTHERS 8

uint32_t dx_panic_cpu(const struct dext_panic *p)
{
    return strcmp(p->arch, "arm64") == 0    ? DX_CPU_ARM64
           : strcmp(p->arch, "x86_64") == 0 ? DX_CPU_X86_64
                                            : 0;
}

static const char *wanted_uuid(const struct dx_symbolication *x,
                               const struct dext_panic_image *image)
{
    return image->kext ? image->kext->uuid : x->panic->kernel_uuid;
}

static const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* A kernel's files are called kernel, kernel.release.t8112, mach_kernel ... */
static bool is_kernel(const struct dx_binary *b)
{
    const char *name = file_name(b->path);
    if (b->entry != SIZE_MAX) {
        return strcmp(b->id, "com.apple.kernel") == 0;
    }
    return (b->file_type == DX_FILE_EXECUTE || b->file_type == DX_FILE_DSYM) &&
           (strncmp(name, "kernel", 6) == 0 || strcmp(name, "mach_kernel") == 0);
}

static bool same_id(struct dx_symbolication *x, const struct dext_panic_image *image,
                    struct dx_binary *b)
{
    uint32_t cpu = dx_panic_cpu(x->panic);
    if (cpu && b->cpu != cpu) {
        return false;
    }
    if (!image->kext) {
        return is_kernel(b);
    }
    dx_binary_identify(x->symbols, b);
    return strcmp(b->id, image->kext->id) == 0;
}

/* Versions of kexts are printed in a normal form: "1.0.0" and "1.0" are the same there (xnu
 * libkern/c++/OSKextVersion.c keeps them as one number). */
static bool same_version(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    const char *rest = *a ? a : b;
    while (strncmp(rest, ".0", 2) == 0 && (rest[2] == '.' || !rest[2])) {
        rest += 2;
    }
    return (!*a || !*b) && !*rest;
}

/* Of two files of one UUID: the one with line numbers, a dSYM, which has all symbols as well; then
 * the one that was stripped less. */
static bool better(const struct dx_binary *a, const struct dx_binary *b)
{
    return a->dwarf != b->dwarf ? a->dwarf : a->symbols > b->symbols;
}

static struct dx_binary *by_uuid(struct dx_symbolication *x, const char *uuid)
{
    struct dx_binary *best = NULL;
    for (size_t i = 0; i < x->symbols->count; i++) {
        struct dx_binary *b = &x->symbols->list[i];
        if (strcasecmp(b->uuid, uuid) == 0 && (!best || better(b, best))) {
            best = b;
        }
    }
    return best;
}

/* Old reports have no UUIDs. Two builds of one version cannot be told apart then. */
static struct dx_binary *by_version(struct dx_symbolication *x, struct dext_panic_image *image)
{
    struct dx_binary *best = NULL;
    for (size_t i = 0; i < x->symbols->count; i++) {
        struct dx_binary *b = &x->symbols->list[i];
        if (!same_id(x, image, b)) {
            continue;
        }
        if (!image->kext) {
            image->note = "the report has no UUID of the kernel, so no file can be told to be it";
            return NULL;
        }
        if (!same_version(b->version, image->kext->version)) {
            image->note = "the report has no UUID, and the files of this id are of other versions";
        } else if (best && strcmp(best->uuid, b->uuid) != 0) {
            image->note = "the report has no UUID, and several builds of this version were given: "
                          "none was used";
            return NULL;
        } else {
            best = !best || better(b, best) ? b : best;
        }
    }
    if (best) {
        image->note = "the report has no UUID: taken for its id and version, which is not certain";
    }
    return best;
}

static void find_others(struct dx_symbolication *x, struct dext_panic_image *image)
{
    struct dext_image_other *list = dx_calloc(&x->ctx->arena, MOST_OTHERS + 1, sizeof *list);
    for (size_t i = 0; i < x->symbols->count; i++) {
        struct dx_binary *b = &x->symbols->list[i];
        if (same_id(x, image, b)) {
            if (image->other_count < MOST_OTHERS) {
                list[image->other_count] =
                    (struct dext_image_other){.file = b->path, .uuid = b->uuid};
            }
            image->other_count++;
        }
    }
    image->others = list;
}

struct dx_binary *dx_image_find(struct dx_symbolication *x, struct dext_panic_image *image)
{
    const char *uuid = wanted_uuid(x, image);
    image->uuid = uuid;
    image->state = DEXT_IMAGE_MISSING;
    if (!x->symbols) {
        return NULL;
    }
    struct dx_binary *b = *uuid ? by_uuid(x, uuid) : by_version(x, image);
    if (b) {
        image->state = *uuid ? DEXT_IMAGE_MATCHED : DEXT_IMAGE_UNCERTAIN;
        return b;
    }
    if (*uuid) {
        find_others(x, image);
    }
    if (image->other_count) {
        image->state = DEXT_IMAGE_OTHER;
    }
    return NULL;
}
