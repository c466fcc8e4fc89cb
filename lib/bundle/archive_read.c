/* Members of an archive, layer in layer: a product archive (xar) holds component packages, each
 * with a Payload (cpio, compressed), a .zip may hold a .pkg. Nothing is written to disk. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/path.h"
#include "bundle/archive.h"
#include "bundle/bundle.h"

/* ---- one layer's bytes --------------------------------------------------------------------- */

la_ssize_t dx_layer_read(struct dx_layer *l, const void **out)
{
    if (!l->head_given) {
        l->head_given = true;
        *out = l->head;
        if (l->head_size) {
            return (la_ssize_t)l->head_size;
        }
    }
    *out = l->block;
    la_ssize_t n = l->more ? l->more(l, out) : archive_read_data(l->from, l->block, DX_BLOCK);
    if (n < 0) {
        return l->more ? n : dx_archive_fail(l->u, l->from);
    }
    return n && dx_unpack_count(l->u, (size_t)n) != DEXT_OK ? -1 : n;
}

static la_ssize_t on_read(struct archive *a, void *user, const void **out)
{
    la_ssize_t n = dx_layer_read(user, out);
    if (n < 0) {
        archive_set_error(a, EIO, "%s", "the layer around it is damaged");
    }
    return n;
}

/* A package inside of another archive: its members are fetched by offset, so it is held in memory.
 */
static int unpack_inner_xar(struct dx_unpack *u, struct dx_layer *l, size_t part)
{
    char *data = NULL;
    size_t n = 0, cap = 0;
    const void *block;
    la_ssize_t got;
    int status = DEXT_OK;
    while (status == DEXT_OK && (got = dx_layer_read(l, &block)) != 0) {
        if (got < 0 || (size_t)got > u->ctx->limits.archive_kept - n) {
            status = dx_fail(u->ctx, DEXT_E_LIMIT, "%s: a package in it is larger than %zu bytes",
                             u->path, u->ctx->limits.archive_kept);
            break;
        }
        if (n + (size_t)got > cap) {
            cap = cap * 2 > n + (size_t)got ? cap * 2 : n + (size_t)got;
            char *bigger = realloc(data, cap);
            if (!bigger) {
                abort();
            }
            data = bigger;
        }
        memcpy(data + n, block, (size_t)got);
        n += (size_t)got;
    }
    struct dx_bytes bytes = {.memory = data, .size = n};
    status = status == DEXT_OK ? dx_unpack_xar(u, &bytes, part) : status;
    free(data);
    return status;
}

static int unpack_stream(struct dx_unpack *u, struct dx_layer *l, size_t part)
{
    struct archive *a = archive_read_new();
    archive_read_support_filter_gzip(a);
    archive_read_support_filter_bzip2(a);
    archive_read_support_filter_xz(a);
    archive_read_support_format_zip(a);
    archive_read_support_format_tar(a);
    archive_read_support_format_cpio(a);
    int status = archive_read_open(a, l, NULL, on_read, NULL) == ARCHIVE_OK
                     ? dx_unpack_members(u, a, part)
                     : dx_archive_fail(u, a);
    archive_read_free(a);
    return status;
}

int dx_unpack_nested(struct dx_unpack *u, struct dx_layer *l, size_t part)
{
    if (u->depth >= u->ctx->limits.archive_depth) {
        return dx_fail(u->ctx, DEXT_E_LIMIT, "%s: archives nested more than %zu deep", u->path,
                       u->ctx->limits.archive_depth);
    }
    u->depth++;
    bool xar = l->head_size >= 4 && memcmp(l->head, "xar!", 4) == 0;
    int status = xar ? unpack_inner_xar(u, l, part) : unpack_stream(u, l, part);
    u->depth--;
    return status;
}

/* ---- one member ---------------------------------------------------------------------------- */

static bool archive_read_ends_in(const char *s, const char *end)
{
    size_t n = strlen(s), m = strlen(end);
    return n > m && strcmp(s + n - m, end) == 0;
}

/* The file stands right in a folder of that name. */
static bool archive_read_in_folder(const char *path, const char *folder)
{
    const char *name = dx_path_name(path);
    size_t n = strlen(folder), before = (size_t)(name - path);
    return before > n && path[before - 1] == '/' && strncmp(name - n - 1, folder, n) == 0 &&
           (before == n + 1 || path[before - n - 2] == '/');
}

static bool is_text_of_driver(const char *path)
{
    const char *name = dx_path_name(path);
    return strcmp(name, "Info.plist") == 0 || archive_read_in_folder(path, "_CodeSignature") ||
           strcmp(name, "PackageInfo") == 0 || strcmp(name, "CodeResources") == 0 ||
           dx_path_kind(name) == DX_PATH_ENTITLEMENTS || dx_path_kind(name) == DX_PATH_PROFILE;
}

static bool is_macho(const char *p, size_t n)
{
    static const unsigned char magics[][4] = {{0xcf, 0xfa, 0xed, 0xfe}, {0xce, 0xfa, 0xed, 0xfe},
                                              {0xca, 0xfe, 0xba, 0xbe}, {0xca, 0xfe, 0xba, 0xbf},
                                              {0xfe, 0xed, 0xfa, 0xcf}, {0xfe, 0xed, 0xfa, 0xce}};
    for (size_t i = 0; n >= 4 && i < sizeof magics / sizeof *magics; i++) {
        if (memcmp(p, magics[i], 4) == 0) {
            return true;
        }
    }
    return false;
}

/* What IORegistryExplorer saves, and what begins as ioreg's text or archive does. */
static bool is_registry_dump(const struct dx_layer *l, const char *path)
{
    struct dx_str s = {l->head, l->head_size < 65536 ? l->head_size : 65536};
    return archive_read_ends_in(path, ".ioreg") ||
           (dx_str_contains(s, "+-o ") && dx_str_contains(s, "<class ")) ||
           (dx_str_contains(s, "<plist") &&
            (dx_str_contains(s, "IORegistryEntry") || dx_str_contains(s, "IOObjectClass")));
}

static bool archive_read_is_wanted(const struct dx_unpack *u, const struct dx_layer *l,
                                   const char *path)
{
    if (u->keep == DX_KEEP_REGISTRY || u->keep == DX_KEEP_DUMPS) {
        return strcmp(path, DX_REGISTRY_MEMBER) == 0 ||
               archive_read_ends_in(path, "/" DX_REGISTRY_MEMBER) ||
               (u->keep == DX_KEEP_DUMPS && is_registry_dump(l, path));
    }
    bool script =
        l->head_size > 2 && memcmp(l->head, "#!", 2) == 0 && archive_read_in_folder(path, "MacOS");
    return is_text_of_driver(path) ||
           (u->keep == DX_KEEP_CODE && (script || is_macho(l->head, l->head_size)));
}

/* Members that are kept: with their trees and what is told of each, as many as fit some 200 MB. */
#define MOST_KEPT 40000

struct digests {
    EVP_MD_CTX *one, *two;
};

/* Takes in the content of a regular member: digests, and the bytes when they are wanted. */
static int archive_read_take(struct dx_unpack *u, struct dx_layer *l, struct dx_file *f)
{
    struct dext_ctx *ctx = u->ctx;
    bool digest = u->keep == DX_KEEP_CODE;
    bool keep = archive_read_is_wanted(u, l, f->path);
    struct dx_buf data;
    if (digest && !dx_crypto_ready(ctx, u->path)) {
        return DEXT_E_IO;
    }
    dx_buf_init(&data, &ctx->arena, ctx->limits.file_bytes);
    struct digests d = {digest ? EVP_MD_CTX_new() : NULL, digest ? EVP_MD_CTX_new() : NULL};
    if (digest) {
        EVP_DigestInit_ex2(d.one, dx_md("SHA1"), NULL);
        EVP_DigestInit_ex2(d.two, dx_md("SHA256"), NULL);
    }
    const void *block;
    la_ssize_t n;
    f->size = 0;
    while ((n = dx_layer_read(l, &block)) > 0) {
        f->size += (uint64_t)n;
        if (keep) {
            dx_buf_add(&data, block, (size_t)n);
            keep = !data.toobig;
        }
        if (digest) {
            EVP_DigestUpdate(d.one, block, (size_t)n);
            EVP_DigestUpdate(d.two, block, (size_t)n);
        }
    }
    if (digest) {
        unsigned char sum[EVP_MAX_MD_SIZE];
        EVP_DigestFinal_ex(d.one, sum, NULL);
        memcpy(f->sha1, sum, sizeof f->sha1);
        EVP_DigestFinal_ex(d.two, sum, NULL);
        memcpy(f->sha256, sum, sizeof f->sha256);
        f->digested = true;
    }
    EVP_MD_CTX_free(d.one);
    EVP_MD_CTX_free(d.two);
    f->kept = keep;
    f->data = keep ? (struct dx_str){data.n ? data.p : "", data.n} : (struct dx_str){0};
    u->kept += f->data.n;
    u->kept_count += keep;
    return n < 0 ? (u->limit ? u->limit : DEXT_E_FORMAT)
           : u->kept > ctx->limits.archive_kept
               ? dx_fail(ctx, DEXT_E_LIMIT, "%s: holds more than %zu bytes of driver files",
                         u->path, ctx->limits.archive_kept)
           : u->kept_count > MOST_KEPT
               ? dx_fail(ctx, DEXT_E_LIMIT, "%s: holds more than %d property lists and programs",
                         u->path, MOST_KEPT)
               : DEXT_OK;
}

const char *dx_unpack_name(struct dx_unpack *u, const char *raw)
{
    const char *name = dx_member_name(u->ctx, raw);
    if (!name) {
        (void)dx_fail(u->ctx, DEXT_E_FORMAT,
                      "%s: member '%.200s' would be unpacked outside of its folder: refused",
                      u->path, raw);
    }
    return name;
}

static const char *archive_read_name_of(struct dx_unpack *u, struct archive_entry *e)
{
    const char *raw = archive_entry_pathname(e);
    raw = raw ? raw : archive_entry_pathname_utf8(e);
    if (!raw) {
        (void)dx_fail(u->ctx, DEXT_E_FORMAT, "%s: a member has no name that can be read", u->path);
        return NULL;
    }
    return dx_unpack_name(u, raw);
}

/* AppleDouble files carry extended attributes through archives; whoever unpacks on macOS gets
 * attributes and no such file. A name alone makes none: what does not begin like one is unpacked.
 */
static bool is_apple_double(const struct dx_layer *l, const char *path)
{
    return strncmp(path, "__MACOSX/", 9) == 0 ||
           (strncmp(dx_path_name(path), "._", 2) == 0 && l->head_size >= 26 &&
            memcmp(l->head, "\0\5\26\7", 4) == 0);
}

static bool is_nested_name(const char *path)
{
    return archive_read_ends_in(path, ".pkg") || archive_read_ends_in(path, ".zip") ||
           archive_read_ends_in(path, ".ipa") || archive_read_ends_in(path, ".tar.gz") ||
           archive_read_ends_in(path, ".tgz");
}

/* An archive may hold as many archives as it may have members: each is found at once. */
static size_t *part_slot(struct dx_unpack *u, const char *name)
{
    uint64_t h = 0xcbf29ce484222325U;
    for (const char *p = name; *p; p++) {
        h = (h ^ (unsigned char)*p) * 0x100000001b3U;
    }
    for (size_t i = (size_t)h & (u->slot_count - 1);; i = (i + 1) & (u->slot_count - 1)) {
        size_t *slot = &u->part_slots[i];
        if (*slot == 0 || strcmp(u->parts[*slot].name, name) == 0) {
            return slot;
        }
    }
}

static void part_slots_grow(struct dx_unpack *u)
{
    u->slot_count = u->slot_count ? u->slot_count * 2 : 64;
    u->part_slots = dx_calloc(&u->ctx->arena, u->slot_count, sizeof *u->part_slots);
    for (size_t i = 1; i < u->part_count; i++) { /* the first is the archive itself */
        *part_slot(u, u->parts[i].name) = i;
    }
}

static size_t new_part(struct dx_unpack *u, size_t around, const char *name)
{
    const char *outer = u->parts[around].name;
    const char *whole = outer[0] && name[0] ? dx_sprintf(&u->ctx->arena, "%s/%s", outer, name)
                        : name[0]           ? name
                                            : outer;
    if (u->part_count * 2 >= u->slot_count) {
        part_slots_grow(u);
    }
    size_t *slot = part_slot(u, whole);
    if (*slot == 0) {
        *slot = u->part_count;
        *DX_PUSH(&u->ctx->arena, u->parts, u->part_count, u->part_cap) =
            (struct dx_part){whole, ""};
    }
    return *slot;
}

int dx_unpack_add(struct dx_unpack *u, const struct dx_file *f, size_t part)
{
    if (u->count >= u->ctx->limits.archive_files) {
        return dx_fail(u->ctx, DEXT_E_LIMIT, "%s: holds more than %zu members", u->path,
                       u->ctx->limits.archive_files);
    }
    *DX_PUSH(&u->ctx->arena, u->list, u->count, u->cap) =
        (struct dx_member){.file = *f, .part = part};
    return DEXT_OK;
}

static bool looks_nested(const struct dx_layer *l)
{
    return l->head_size >= 4 &&
           (memcmp(l->head, "xar!", 4) == 0 || memcmp(l->head, "PK\3\4", 4) == 0 ||
            memcmp(l->head, "\x1f\x8b", 2) == 0);
}

bool dx_unpack_may_wait(const struct dx_unpack *u, const char *path, const void *head, size_t n)
{
    struct dx_layer l = {.head = head, .head_size = n};
    return (u->keep == DX_KEEP_CODE || u->keep == DX_KEEP_TEXT) &&
           !archive_read_is_wanted(u, &l, path) && !(is_nested_name(path) && looks_nested(&l)) &&
           strncmp(dx_path_name(path), "._", 2) != 0 && strncmp(path, "__MACOSX/", 9) != 0;
}

int dx_unpack_regular(struct dx_unpack *u, struct dx_layer *l, struct dx_file *f, size_t part,
                      bool package)
{
    /* The first block shows what it is; it is kept apart, since the next read overwrites its own.
     */
    char *head = malloc(DX_BLOCK);
    if (!head) {
        abort();
    }
    const void *block = NULL;
    l->head_given = true;
    la_ssize_t n = dx_layer_read(l, &block);
    l->head_given = false;
    l->head = head;
    l->head_size = n > 0 ? (size_t)n : 0;
    if (n > 0) {
        memcpy(head, block, l->head_size);
    }
    int status = n >= 0 ? DEXT_OK : u->limit ? u->limit : DEXT_E_FORMAT;
    const char *name = dx_path_name(f->path);
    f->metadata = is_apple_double(l, f->path);
    if (status == DEXT_OK && f->metadata) {
        status = dx_unpack_add(u, f, part);
    } else if (status == DEXT_OK && package && strcmp(name, "Payload") == 0) {
        status = dx_unpack_payload(u, l, new_part(u, part, dx_path_folder(u->ctx, f->path)));
    } else if (status == DEXT_OK && is_nested_name(f->path) && looks_nested(l)) {
        status = dx_unpack_nested(u, l, new_part(u, part, f->path));
    } else if (status == DEXT_OK) {
        bool info = package && strcmp(name, "PackageInfo") == 0;
        size_t own = info ? new_part(u, part, dx_path_folder(u->ctx, f->path)) : part;
        f->path = info ? name : f->path;
        status = archive_read_take(u, l, f);
        status = status == DEXT_OK ? dx_unpack_add(u, f, own) : status;
    }
    free(head);
    return status;
}

static int take_regular(struct dx_unpack *u, struct archive *a, struct dx_file *f, size_t part)
{
    struct dx_layer l = {.u = u, .from = a, .block = malloc(DX_BLOCK)};
    if (!l.block) {
        abort();
    }
    int status = dx_unpack_regular(u, &l, f, part, false);
    free(l.block);
    return status;
}

static int take_entry(struct dx_unpack *u, struct archive *a, struct archive_entry *e, size_t part)
{
    struct dx_file f = {.path = archive_read_name_of(u, e), .target = ""};
    if (!f.path) {
        return DEXT_E_FORMAT;
    }
    mode_t type = archive_entry_filetype(e);
    if (!f.path[0] || (type == AE_IFDIR && strncmp(f.path, "__MACOSX", 8) == 0)) {
        return DEXT_OK;
    }
    f.kind = archive_entry_hardlink(e) ? DX_FILE_OTHER
             : type == AE_IFREG        ? DX_FILE_REGULAR
             : type == AE_IFDIR        ? DX_FILE_FOLDER
             : type == AE_IFLNK        ? DX_FILE_LINK
                                       : DX_FILE_OTHER;
    f.executable = (archive_entry_perm(e) & 0111) != 0;
    const char *target = f.kind == DX_FILE_LINK ? archive_entry_symlink(e) : NULL;
    f.target = target ? dx_strdup(&u->ctx->arena, target) : "";
    return f.kind == DX_FILE_REGULAR ? take_regular(u, a, &f, part) : dx_unpack_add(u, &f, part);
}

int dx_unpack_members(struct dx_unpack *u, struct archive *a, size_t part)
{
    struct archive_entry *e;
    int r;
    while ((r = archive_read_next_header(a, &e)) == ARCHIVE_OK || r == ARCHIVE_WARN) {
        int status = take_entry(u, a, e, part);
        if (status != DEXT_OK) {
            return status;
        }
    }
    return r == ARCHIVE_EOF ? DEXT_OK : dx_archive_fail(u, a);
}
