/* An archive as a set of files: what it may be, what is kept of it, what is refused. */
#include "bundle/archive.h"
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle/bundle.h"
#include "bundle/zip.h"

static bool bundle_archive_ends_in(const char *s, const char *end)
{
    size_t n = strlen(s), m = strlen(end);
    return n > m && strcasecmp(s + n - m, end) == 0;
}

static bool has_archive_name(const char *path)
{
    return dx_path_kind(path) == DX_PATH_ARCHIVE;
}

/* Every file that is named to a command comes by here: no stream, whose buffer would be a page to
 * touch, for four bytes. */
bool dx_is_archive(struct dext_ctx *ctx, const char *path)
{
    if (!dx_is_file(ctx, path)) {
        return false;
    }
    char magic[4];
    size_t n;
    if (has_archive_name(path)) {
        return true;
    }
    return dx_path_head(ctx, path, magic, sizeof magic, &n) && n == 4 &&
           (memcmp(magic, "xar!", 4) == 0 || memcmp(magic, "PK\3\4", 4) == 0);
}

/* A disk image ends in 512 bytes that begin with "koly" (UDIF). */
static bool is_disk_image(struct dext_ctx *ctx, const char *path)
{
    char trailer[4] = "";
    FILE *f = fopen(path, "rb");
    bool found = f && fseek(f, -512, SEEK_END) == 0 && fread(trailer, 1, 4, f) == 4 &&
                 memcmp(trailer, "koly", 4) == 0;
    if (!f || ferror(f)) {
        dx_unread(ctx, "%s: cannot be read: %s", path, strerror(errno));
    }
    if (f) {
        (void)fclose(f);
    }
    return found || bundle_archive_ends_in(path, ".dmg");
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

static const char *archive_joined(struct dext_ctx *ctx, const char *a, const char *b)
{
    return !a[0] ? b : !b[0] ? a : dx_sprintf(&ctx->arena, "%s/%s", a, b);
}

static int by_path_and_order(const void *x, const void *y)
{
    const struct dx_member *a = x, *b = y;
    int c = strcmp(a->file.path, b->file.path);
    return c ? c : a->order < b->order ? -1 : 1;
}

/* Two files of one path and of different content. */
static bool are_two(struct dext_ctx *ctx, const struct dx_file *a, const struct dx_file *b)
{
    if (strcmp(a->path, b->path) != 0 || a->kind != DX_FILE_REGULAR || b->kind != DX_FILE_REGULAR) {
        return false;
    }
    unsigned char x[32], y[32];
    return a->size != b->size ||
           ((a->digested || a->late) && (b->digested || b->late) &&
            (dx_files_digest(ctx, a, NULL, x) != DEXT_OK ||
             dx_files_digest(ctx, b, NULL, y) != DEXT_OK || memcmp(x, y, sizeof x) != 0));
}

/* Members with their final paths; of a name that comes twice the later one replaces the other, as
 * it does when somebody unpacks the archive. */
static struct dx_files *archive_finish(struct dx_unpack *u)
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
        m->file.path = archive_joined(ctx, part->name,
                                      archive_joined(ctx, own ? "" : part->location, m->file.path));
        m->file.shown = dx_sprintf(&ctx->arena, "%s!/%s", u->path, m->file.path);
        m->order = i;
    }
    if (u->count) {
        qsort(u->list, u->count, sizeof *u->list, by_path_and_order);
    }
    struct dx_file *list = dx_calloc(&ctx->arena, u->count + 1, sizeof *list);
    const char **metadata = dx_calloc(&ctx->arena, u->count + 1, sizeof *metadata);
    size_t n = 0, metadata_count = 0;
    const char *twice = NULL;
    for (size_t i = 0; i < u->count; i++) {
        if (!twice && i + 1 < u->count && are_two(ctx, &u->list[i].file, &u->list[i + 1].file)) {
            twice = u->list[i].file.path;
        }
        if (u->list[i].file.metadata) {
            metadata[metadata_count++] = u->list[i].file.path;
        } else if (i + 1 == u->count ||
                   strcmp(u->list[i].file.path, u->list[i + 1].file.path) != 0) {
            list[n++] = u->list[i].file;
        }
    }
    struct dx_files *all =
        dx_files_make(ctx, u->path, dx_sprintf(&ctx->arena, "%s!", u->path), true, list, n);
    all->twice = twice;
    all->metadata = metadata;
    all->metadata_count = metadata_count;
    return all;
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

static int archive_read_stream(struct dx_unpack *u)
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

#define DIFFERS                                                                                    \
    "%s: member '%.200s' is another one in the central directory than where it stands: programs "  \
    "that unpack it differ in what they get"

/* By its directory; what that cannot judge, as a stream and from the beginning. */
static int archive_read_zip(struct dx_unpack *u, FILE *f)
{
    struct dx_unpack fresh = *u;
    const char *differs;
    if (dx_unpack_zip(u, fileno(f), &differs)) {
        return DEXT_OK;
    }
    *u = fresh;
    dext_ctx_clear(u->ctx);
    int status = archive_read_stream(u);
    if (differs && status == DEXT_OK) {
        dx_unread(u->ctx, DIFFERS, u->path, differs);
    } else if (differs && status == DEXT_E_FORMAT) {
        dext_ctx_clear(u->ctx); /* what the stream found follows from that */
        status = dx_fail(u->ctx, DEXT_E_FORMAT, DIFFERS, u->path, differs);
    }
    return status;
}

/* Archives that are known and not read. */
static const char *unread_kind(const char magic[4])
{
    return memcmp(magic, "7z\xbc\xaf", 4) == 0         ? "a 7-Zip archive"
           : memcmp(magic, "\x28\xb5\x2f\xfd", 4) == 0 ? "packed with Zstandard"
           : memcmp(magic, "Rar!", 4) == 0             ? "a RAR archive"
                                                       : NULL;
}

int dx_archive_read(struct dx_files **out, struct dext_ctx *ctx, const char *path,
                    enum dx_keep keep)
{
    struct stat st;
    enum dx_there there = dx_stat(ctx, path, &st);
    if (there == DX_THERE && S_ISREG(st.st_mode) && is_disk_image(ctx, path)) {
        return dx_fail(
            ctx, DEXT_E_FORMAT,
            "%s: a disk image, whose content is not read: unpack it (7z x) or, on a Mac, "
            "mount it (hdiutil attach), and name the folder instead",
            path);
    }
    if (there != DX_THERE || !S_ISREG(st.st_mode)) {
        return dx_fail(ctx, DEXT_E_IO, "%s: %s", path,
                       there == DX_THERE_NO        ? strerror(ENOENT)
                       : there == DX_THERE_UNKNOWN ? "cannot be looked at"
                                                   : "not a regular file");
    }
    struct dx_unpack u = {.ctx = ctx, .path = path, .keep = keep};
    *DX_PUSH(&ctx->arena, u.parts, u.part_count, u.part_cap) = (struct dx_part){"", ""};
    FILE *f = fopen(path, "rb");
    char magic[4] = "";
    if (!f) {
        return dx_fail(ctx, DEXT_E_IO, "%s: %s", path, strerror(errno));
    }
    dx_opened(ctx, fileno(f));
    size_t n = fread(magic, 1, sizeof magic, f);
    const char *other = n == 4 ? unread_kind(magic) : NULL;
    int status = other                                       ? dx_fail(ctx, DEXT_E_FORMAT,
                                                                       "%s: %s, which is not read: unpack it and name the folder instead",
                                                                       path, other)
                 : n == 4 && memcmp(magic, "xar!", 4) == 0   ? read_xar(&u, f)
                 : n == 4 && memcmp(magic, "PK\3\4", 4) == 0 ? archive_read_zip(&u, f)
                                                             : archive_read_stream(&u);
    (void)fclose(f);
    if (status == DEXT_OK) {
        *out = archive_finish(&u);
    }
    return status;
}
