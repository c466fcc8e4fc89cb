/* An archive as a set of files: what it may be, what is kept of it, what is refused. */
#include "bundle/archive.h"

#include <errno.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "bundle/bundle.h"

static bool ends_in(const char *s, const char *end)
{
    size_t n = strlen(s), m = strlen(end);
    return n > m && strcasecmp(s + n - m, end) == 0;
}

static bool has_archive_name(const char *path)
{
    static const char *const ends[] = {".pkg", ".mpkg",   ".xar",    ".zip",     ".ipa",
                                       ".tar", ".tgz",    ".tar.gz", ".tbz",     ".tar.bz2",
                                       ".txz", ".tar.xz", ".dmg",    ".cpio.gz", ".cpio"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        if (ends_in(path, ends[i])) {
            return true;
        }
    }
    return false;
}

bool dx_is_archive(const char *path)
{
    if (!dx_is_file(path)) {
        return false;
    }
    char magic[4] = "";
    FILE *f = has_archive_name(path) ? NULL : fopen(path, "rb");
    size_t n = f ? fread(magic, 1, sizeof magic, f) : 0;
    if (f) {
        (void)fclose(f);
    }
    return has_archive_name(path) ||
           (n == 4 && (memcmp(magic, "xar!", 4) == 0 || memcmp(magic, "PK\3\4", 4) == 0));
}

/* A disk image ends in 512 bytes that begin with "koly" (UDIF). */
static bool is_disk_image(const char *path)
{
    char trailer[4] = "";
    FILE *f = fopen(path, "rb");
    bool found = f && fseek(f, -512, SEEK_END) == 0 && fread(trailer, 1, 4, f) == 4 &&
                 memcmp(trailer, "koly", 4) == 0;
    if (f) {
        (void)fclose(f);
    }
    return found || ends_in(path, ".dmg");
}

const char *dx_member_name(struct dext_ctx *ctx, const char *name)
{
    if (name[0] == '/') {
        return NULL;
    }
    char *out = dx_alloc(&ctx->arena, strlen(name) + 1), *end = out;
    while (*name) {
        size_t n = strcspn(name, "/");
        if (n == 2 && name[0] == '.' && name[1] == '.') {
            return NULL;
        }
        if (n && !(n == 1 && name[0] == '.')) {
            if (end != out) {
                *end++ = '/';
            }
            memcpy(end, name, n);
            end += n;
        }
        name += n + (name[n] == '/');
    }
    *end = 0;
    return out;
}

int dx_archive_fail(struct dx_unpack *u, struct archive *a)
{
    const char *why = archive_error_string(a);
    return u->limit ? u->limit
                    : dx_fail(u->ctx, DEXT_E_FORMAT, "%s: the archive cannot be read: %s", u->path,
                              why ? why : "damaged");
}

static int too_much(struct dx_unpack *u, const char *what, size_t limit)
{
    u->limit = DEXT_E_LIMIT;
    return dx_fail(u->ctx, DEXT_E_LIMIT, "%s: unpacks to more than %zu %s", u->path, limit, what);
}

int dx_unpack_count(struct dx_unpack *u, size_t n)
{
    const struct dext_limits *limits = &u->ctx->limits;
    u->unpacked += n;
    if (u->unpacked > limits->archive_bytes) {
        return too_much(u, "bytes", limits->archive_bytes);
    }
    uint64_t read = u->top ? (uint64_t)archive_filter_bytes(u->top, -1) : u->read;
    if (u->unpacked > (uint64_t)64 << 20 && u->unpacked / limits->archive_ratio > read) {
        return too_much(u, "times its size", limits->archive_ratio);
    }
    return DEXT_OK;
}

/* ---- the list ------------------------------------------------------------------------------ */

/* install-location of a PackageInfo. */
static const char *install_location(struct dext_ctx *ctx, const struct dx_file *info)
{
    const char *location = "";
    if (!info->kept || info->data.n > 1 << 20) {
        return location;
    }
    xmlDoc *doc = xmlReadMemory(info->data.p, (int)info->data.n, "PackageInfo", NULL,
                                XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    const xmlNode *root = doc ? xmlDocGetRootElement(doc) : NULL;
    xmlChar *value = root ? xmlGetProp(root, BAD_CAST "install-location") : NULL;
    if (value) {
        const char *name = (const char *)value;
        location = dx_member_name(ctx, name + strspn(name, "/"));
        xmlFree(value);
    }
    xmlFreeDoc(doc);
    return location ? location : "";
}

static const char *joined(struct dext_ctx *ctx, const char *a, const char *b)
{
    return !a[0] ? b : !b[0] ? a : dx_sprintf(&ctx->arena, "%s/%s", a, b);
}

static int by_path_and_order(const void *x, const void *y)
{
    const struct dx_member *a = x, *b = y;
    int c = strcmp(a->file.path, b->file.path);
    return c ? c : a->order < b->order ? -1 : 1;
}

/* Members with their final paths; of a name that comes twice the later one replaces the other, as
 * it does when somebody unpacks the archive. */
static struct dx_files *finish(struct dx_unpack *u)
{
    struct dext_ctx *ctx = u->ctx;
    for (size_t i = 0; i < u->count; i++) {
        struct dx_member *m = &u->list[i];
        if (strcmp(m->file.path, "PackageInfo") == 0 && m->part) {
            u->parts[m->part].location = install_location(ctx, &m->file);
        }
    }
    for (size_t i = 0; i < u->count; i++) {
        struct dx_member *m = &u->list[i];
        const struct dx_part *part = &u->parts[m->part];
        bool own = strcmp(m->file.path, "PackageInfo") == 0;
        m->file.path =
            joined(ctx, part->name, joined(ctx, own ? "" : part->location, m->file.path));
        m->file.shown = dx_sprintf(&ctx->arena, "%s!/%s", u->path, m->file.path);
        m->order = i;
    }
    if (u->count) {
        qsort(u->list, u->count, sizeof *u->list, by_path_and_order);
    }
    struct dx_file *list = dx_calloc(&ctx->arena, u->count + 1, sizeof *list);
    size_t n = 0;
    for (size_t i = 0; i < u->count; i++) {
        if (i + 1 == u->count || strcmp(u->list[i].file.path, u->list[i + 1].file.path) != 0) {
            list[n++] = u->list[i].file;
        }
    }
    return dx_files_make(ctx, u->path, dx_sprintf(&ctx->arena, "%s!", u->path), true, list, n);
}

static int read_xar(struct dx_unpack *u, FILE *f)
{
    struct dx_bytes bytes = {.file = f};
    off_t size = fseeko(f, 0, SEEK_END) == 0 ? ftello(f) : -1;
    if (size < 0) {
        return dx_fail(u->ctx, DEXT_E_IO, "%s: %s", u->path, strerror(errno));
    }
    bytes.size = (uint64_t)size;
    return dx_unpack_xar(u, &bytes, 0);
}

static int read_stream(struct dx_unpack *u)
{
    struct archive *a = archive_read_new();
    u->top = a;
    archive_read_support_filter_gzip(a);
    archive_read_support_filter_bzip2(a);
    archive_read_support_filter_xz(a);
    archive_read_support_format_zip(a);
    archive_read_support_format_tar(a);
    archive_read_support_format_cpio(a);
    int status = archive_read_open_filename(a, u->path, DX_BLOCK) == ARCHIVE_OK
                     ? dx_unpack_members(u, a, 0)
                     : dx_archive_fail(u, a);
    u->top = NULL;
    archive_read_free(a);
    return status;
}

int dx_archive_read(struct dx_files **out, struct dext_ctx *ctx, const char *path,
                    enum dx_keep keep)
{
    if (dx_is_file(path) && is_disk_image(path)) {
        return dx_fail(ctx, DEXT_E_FORMAT,
                       "%s: a disk image: mount it (hdiutil attach) and name the folder it appears "
                       "as instead",
                       path);
    }
    if (!dx_is_file(path)) {
        return dx_fail(ctx, DEXT_E_IO, "%s: %s", path,
                       errno == ENOENT ? strerror(ENOENT) : "not a regular file");
    }
    struct dx_unpack u = {.ctx = ctx, .path = path, .keep = keep};
    *DX_PUSH(&ctx->arena, u.parts, u.part_count, u.part_cap) = (struct dx_part){"", ""};
    FILE *f = fopen(path, "rb");
    char magic[4] = "";
    if (!f) {
        return dx_fail(ctx, DEXT_E_IO, "%s: %s", path, strerror(errno));
    }
    size_t n = fread(magic, 1, sizeof magic, f);
    int status = n == 4 && memcmp(magic, "xar!", 4) == 0 ? read_xar(&u, f) : read_stream(&u);
    (void)fclose(f);
    if (status == DEXT_OK) {
        *out = finish(&u);
    }
    return status;
}
