#include "sign/binaries.h"

#include <string.h>

#include "bundle/bundle.h"
#include "dext/plist.h"

/* A collection of a Mac has 700 entries with 4 MB of load commands. */
#define MOST_ENTRIES 4096
#define MOST_ENTRY_BYTES ((uint64_t)64 << 20)
#define MOST_BINARIES 200000

struct dext_symbols *dext_symbols_new(struct dext_ctx *ctx)
{
    struct dext_symbols *s = dx_alloc(&ctx->arena, sizeof *s);
    s->ctx = ctx;
    return s;
}

/* ---- what a file holds --------------------------------------------------------------------- */

/* What is found in a file, before the memory of reading it is given back. */
struct found {
    struct dx_binary *list;
    size_t count, cap;
    struct dx_arena arena;
};

static bool usable(const struct dx_slice *s)
{
    static const char none[] = "00000000-0000-0000-0000-000000000000";
    return !s->fault[0] && s->has_uuid && strcmp(s->uuid, none) != 0;
}

static void binaries_take(struct found *f, const struct dx_slice *s, size_t slice, size_t entry,
                          const char *id)
{
    struct dx_binary *b = DX_PUSH(&f->arena, f->list, f->count, f->cap);
    const struct dx_section *lines = dx_macho_section(s, "__DWARF", "__debug_line");
    *b = (struct dx_binary){.arch = dx_strdup(&f->arena, s->arch),
                            .id = id ? dx_strdup(&f->arena, id) : NULL,
                            .version = "",
                            .cpu = s->cpu,
                            .file_type = s->file_type,
                            .symbols = s->symbols.count,
                            .dwarf = lines && lines->size,
                            .slice = slice,
                            .entry = entry};
    memcpy(b->uuid, s->uuid, sizeof b->uuid);
}

static int take_entries(struct found *f, struct dext_ctx *ctx, const struct dx_image *image,
                        const struct dx_slice *collection, size_t slice)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < collection->entry_count; i++) {
        struct dx_mark mark = dx_arena_mark(&ctx->arena);
        const struct dx_entry *e = &collection->entries[i];
        const unsigned char *h = dx_slice_span(image, ctx, collection, e->offset, 28);
        bytes += h ? dx_u32(h + 20, collection->big) : 0;
        if (i >= MOST_ENTRIES || bytes > MOST_ENTRY_BYTES) {
            return dx_fail(ctx, DEXT_E_LIMIT, "%s: too many entries for a kernel collection",
                           image->path);
        }
        struct dx_slice s;
        dx_macho_entry(&s, ctx, image, collection, e);
        if (usable(&s)) {
            binaries_take(f, &s, slice, i, e->id);
        }
        dx_arena_rewind(&ctx->arena, mark);
    }
    return DEXT_OK;
}

static int take_image(struct found *f, struct dext_ctx *ctx, const struct dx_image *image)
{
    struct dx_macho *m;
    int rc = dx_macho_read(&m, ctx, image);
    const char *fault = "";
    for (size_t i = 0; rc == DEXT_OK && i < m->count; i++) {
        const struct dx_slice *s = &m->slices[i];
        if (s->file_type == DX_FILE_FILESET && !s->fault[0]) {
            rc = take_entries(f, ctx, image, s, i);
        } else if (usable(s)) {
            binaries_take(f, s, i, SIZE_MAX, NULL);
        }
        fault = s->fault[0] ? s->fault : fault;
    }
    if (rc == DEXT_OK && f->count == 0) {
        return dx_fail(ctx, DEXT_E_FORMAT, "%s: %s", image->path,
                       fault[0] ? fault : "has no UUID (LC_UUID), so nothing can be matched by it");
    }
    return rc;
}

static int binaries_add_file(struct dext_symbols *s, const struct dx_file *file)
{
    struct dext_ctx *ctx = s->ctx;
    struct dx_mark mark = dx_arena_mark(&ctx->arena);
    struct dx_image image;
    struct found f = {0};
    int rc = dx_image_open(&image, ctx, file);
    if (rc == DEXT_OK) {
        rc = take_image(&f, ctx, &image);
        dx_image_close(&image);
    }
    dx_arena_rewind(&ctx->arena, mark);
    for (size_t i = 0; i < f.count && s->count < MOST_BINARIES; i++) {
        struct dx_binary *b = DX_PUSH(&ctx->arena, s->list, s->count, s->cap);
        *b = f.list[i];
        b->path = dx_strdup(&ctx->arena, file->disk);
        b->arch = dx_strdup(&ctx->arena, b->arch);
        b->id = b->id ? dx_strdup(&ctx->arena, b->id) : NULL;
    }
    dx_arena_free(&f.arena);
    return rc;
}

/* ---- folders ------------------------------------------------------------------------------- */

static bool begins_like_macho(struct dext_ctx *ctx, const struct dx_file *file)
{
    unsigned char head[8];
    struct dx_image image;
    bool is = false;
    if (file->kind == DX_FILE_REGULAR && file->size >= 28 &&
        dx_image_open(&image, ctx, file) == DEXT_OK) {
        is = dx_image_get(&image, 0, head, sizeof head) && dx_is_macho(head, sizeof head);
        dx_image_close(&image);
    }
    dext_ctx_clear(ctx);
    return is;
}

/* In a folder, files that are none of ours, and damaged ones, are passed over. */
static int add_folder(struct dext_symbols *s, const char *path)
{
    struct dx_files *files;
    size_t before = s->count;
    int rc = dx_files_open(&files, s->ctx, path, DX_KEEP_TEXT);
    for (size_t i = 0; rc == DEXT_OK && i < files->count; i++) {
        if (begins_like_macho(s->ctx, &files->list[i]) &&
            binaries_add_file(s, &files->list[i]) != DEXT_OK) {
            dext_ctx_clear(s->ctx);
        }
    }
    return rc == DEXT_OK && s->count == before
               ? dx_fail(s->ctx, DEXT_E_FORMAT, "%s: no Mach-O file with a UUID is in it", path)
               : rc;
}

int dext_symbols_add(struct dext_symbols *s, const char *path)
{
    struct dx_file file = {.path = path, .shown = path, .target = "", .kind = DX_FILE_REGULAR};
    file.disk = dx_strdup(&s->ctx->arena, path);
    return dx_is_folder(s->ctx, path) ? add_folder(s, path) : binaries_add_file(s, &file);
}

/* ---- bundles ------------------------------------------------------------------------------- */

/* The innermost folder around path whose name ends like a bundle's, with its length; 0: none. */
static size_t bundle_length(const char *path, const char *suffix)
{
    size_t best = 0, m = strlen(suffix);
    for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        size_t n = (size_t)(slash - path);
        if (n > m && strncmp(slash - m, suffix, m) == 0) {
            best = n;
        }
    }
    return best;
}

static const char *binaries_string_at(const struct dext_plist *pl, const char *key)
{
    const struct dext_node *n = dext_node_at(dext_plist_root(pl), key);
    return n ? dext_node_text(n) : "";
}

void dx_binary_identify(struct dext_symbols *s, struct dx_binary *b)
{
    static const char dsym_prefix[] = "com.apple.xcode.dsym.";
    struct dext_ctx *ctx = s->ctx;
    if (b->id) {
        return;
    }
    b->id = "";
    size_t dsym = bundle_length(b->path, ".dSYM"), kext = bundle_length(b->path, ".kext");
    size_t n = dsym > kext ? dsym : kext;
    const char *bundle = n ? dx_strndup(&ctx->arena, b->path, n) : NULL;
    const char *info = bundle ? dx_bundle_info_path(ctx, bundle) : NULL;
    struct dext_plist *pl = NULL;
    if (info && dext_plist_read(&pl, ctx, info) == DEXT_OK && dext_plist_root(pl)) {
        const char *id = binaries_string_at(pl, "CFBundleIdentifier");
        /* dsymutil and Xcode put that before the identifier of the bundle. */
        b->id = strncmp(id, dsym_prefix, sizeof dsym_prefix - 1) == 0 ? id + sizeof dsym_prefix - 1
                                                                      : id;
        b->version = binaries_string_at(pl, "CFBundleVersion");
    }
    dext_ctx_clear(ctx);
}

int dx_binary_open(struct dx_image *image, struct dx_slice *slice, struct dext_ctx *ctx,
                   const struct dx_binary *b)
{
    struct dx_file file = {.path = b->path, .shown = b->path, .disk = b->path, .target = ""};
    struct dx_macho *m;
    int rc = dx_image_open(image, ctx, &file);
    if (rc != DEXT_OK) {
        return rc;
    }
    rc = dx_macho_read(&m, ctx, image);
    if (rc == DEXT_OK && b->slice < m->count) {
        *slice = m->slices[b->slice];
        if (b->entry < slice->entry_count) {
            dx_macho_entry(slice, ctx, image, &m->slices[b->slice],
                           &m->slices[b->slice].entries[b->entry]);
        }
    }
    if (rc == DEXT_OK && (b->slice >= m->count || strcmp(slice->uuid, b->uuid) != 0)) {
        rc = dx_fail(ctx, DEXT_E_IO, "%s: changed while it was read", b->path);
    }
    if (rc != DEXT_OK) {
        dx_image_close(image);
    }
    return rc;
}
