/* A file, folder or archive becomes inputs. Of folders and archives (a sysdiagnose above all) only
 * what can tell of drivers is read, as a stream; the rest is passed over without being kept. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "bundle/archive.h"
#include "bundle/bundle.h"
#include "dext/unified.h"
#include "explain/explain.h"

#define CHUNK ((size_t)256 << 10)

static bool gather_ends_in(const char *s, const char *end)
{
    size_t n = strlen(s), m = strlen(end);
    return n > m && strcasecmp(s + n - m, end) == 0;
}

static bool gather_one_of(const char *name, const char *const *ends)
{
    while (*ends && !gather_ends_in(name, *ends)) {
        ends++;
    }
    return *ends != NULL;
}

static bool has_word(const char *name, const char *const *words)
{
    while (*words && !strcasestr(name, *words)) {
        words++;
    }
    return *words != NULL;
}

/* ---- what a member is for ------------------------------------------------------------------- */

static const char *const bundle_ends[] = {".dext", ".app", ".systemextension", NULL};

/* Length of the path up to the first component with one of these ends, 0 when none has it. */
static size_t up_to(const char *path, const char *const *ends)
{
    for (const char *p = path; *p;) {
        size_t n = strcspn(p, "/");
        for (const char *const *end = ends; *end; end++) {
            size_t m = strlen(*end);
            if (n > m && strncasecmp(p + n - m, *end, m) == 0) {
                return (size_t)(p - path) + n;
            }
        }
        p += n + (p[n] == '/');
    }
    return 0;
}

static bool below_folder(const char *path, const char *folder)
{
    size_t n = strlen(folder);
    for (const char *p = path; p; p = strchr(p, '/') ? strchr(p, '/') + 1 : NULL) {
        if (strncasecmp(p, folder, n) == 0 && p[n] == '/') {
            return true;
        }
    }
    return false;
}

/* A sysdiagnose holds thousands of texts on everything; these few tell of drivers. ioreg/ has a
 * file for each plane, and all nodes that drivers stand on are in the service plane. */
static bool gather_is_wanted(const char *path, bool sysdiagnose)
{
    static const char *const reports[] = {".ips", ".panic", ".crash", NULL};
    static const char *const texts[] = {".txt", ".log", ".ndjson", ".json", ".md", NULL};
    static const char *const words[] = {
        "kextstat",        "kmutil",         "systemextension", "sysext",  "hidutil",
        "system_profiler", "SystemProfiler", "sw_vers",         "csrutil", NULL};
    static const char *const tables[] = {".plist", ".spx", ".xml", NULL};
    const char *name = dx_path_name(path);
    if (name[0] == '.') {
        return false;
    }
    if (below_folder(path, "ioreg")) {
        return strcasestr(name, "IOService") != NULL || !sysdiagnose;
    }
    if (gather_one_of(name, reports) || strcasecmp(name, "system.log") == 0) {
        return true;
    }
    if (has_word(name, words)) {
        return !strchr(name, '.') || gather_one_of(name, texts) || gather_one_of(name, tables);
    }
    if (strcasecmp(name, "db.plist") == 0) {
        return true;
    }
    bool info = strcasecmp(name, "Info.plist") == 0 || strcasecmp(name, "profile.plist") == 0;
    return !sysdiagnose && (info || dx_path_kind(name) == DX_PATH_ENTITLEMENTS ||
                            (strncasecmp(name, "ioreg", 5) == 0 && gather_one_of(name, tables)) ||
                            (gather_one_of(name, texts) && !up_to(path, bundle_ends)));
}

/* ---- one input ------------------------------------------------------------------------------ */

static void gather_whole(struct dext_explain *x, const char *shown, enum dext_text_kind kind,
                         const char *disk)
{
    const char *what = kind == DEXT_TEXT_BUNDLE ? "bundle" : "provisioning profile";
    dx_explain_hold(x, &(struct dx_held){.file = shown, .kind = kind, .disk = disk, .what = what},
                    true);
}

static int feed_file(struct dext_explain *x, const char *disk, const char *shown, int flags)
{
    struct dext_ctx *ctx = dx_explain_ctx(x);
    int fd = open(disk, O_RDONLY | O_CLOEXEC | flags);
    if (fd < 0) {
        return dx_fail(ctx, DEXT_E_IO, "%s: cannot be opened: %s", shown, strerror(errno));
    }
    dx_opened(ctx, fd);
    char *chunk = malloc(CHUNK);
    struct stat st;
    ssize_t got = -1;
    bool more = true;
    if (!chunk) {
        abort();
    }
    dext_explain_begin(x, shown);
    dx_explain_on_disk(x, disk, flags != 0);
    uint64_t size = 0;
    while (more && (got = read(fd, chunk, CHUNK)) != 0) {
        if (got > 0) {
            size += (uint64_t)got;
            more = dext_explain_feed(x, chunk, (size_t)got);
        } else if (errno != EINTR) {
            break;
        }
    }
    int status = got < 0 ? dx_fail(ctx, DEXT_E_IO, "%s: %s", shown, strerror(errno)) : DEXT_OK;
    enum dext_text_kind kind = dext_explain_end(x);
    /* Half of a file, told as a whole one, hides what stood in the rest. */
    if (status == DEXT_OK && got == 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
        (uint64_t)st.st_size > size) {
        status = dx_fail(ctx, DEXT_E_IO, "%s: ended after %llu of %lld bytes", shown,
                         (unsigned long long)size, (long long)st.st_size);
    }
    (void)close(fd);
    free(chunk);
    if (status == DEXT_OK && kind == DEXT_TEXT_EMPTY) {
        status = dx_fail(ctx, DEXT_E_FORMAT, "%s: it is empty", shown);
    } else if (status == DEXT_OK && kind == DEXT_TEXT_BINARY) {
        status = dx_fail(ctx, DEXT_E_FORMAT, "%s: not a text", shown);
    }
    return status;
}

/* ---- a folder ------------------------------------------------------------------------------- */

struct gather {
    struct dext_explain *x;
    struct dext_ctx *ctx;
    const char *path;
    bool sysdiagnose;
    const char *last;          /* bundle or log archive that members belong to */
    struct dx_packed_log *log; /* of an archive, when there is one in it */
    size_t read;
    bool damaged; /* a log was read in part; the context knows why */
};

/* Members of bundles and log archives stand for these as a whole; told once. */
static bool gather_inside(struct gather *g, const char *path, const char *between, const char *disk)
{
    static const char *const archives[] = {".logarchive", NULL};
    size_t n = up_to(path, archives);
    enum dext_text_kind kind = n ? DEXT_TEXT_ARCHIVE : DEXT_TEXT_BUNDLE;
    n = n || !disk ? n : up_to(path, bundle_ends); /* of an archive single members are read */
    if (n == 0) {
        return false;
    }
    if (!(g->last && strlen(g->last) == n && strncmp(g->last, path, n) == 0)) {
        g->last = dx_strndup(&g->ctx->arena, path, n);
        const char *shown = dx_sprintf(&g->ctx->arena, "%s%s%s", g->path, between, g->last);
        g->read++;
        if (kind == DEXT_TEXT_BUNDLE) {
            gather_whole(g->x, shown, kind, disk ? shown : NULL);
        } else if (disk && dx_gather_log(g->x, shown) != DEXT_OK) {
            g->damaged = true;
        }
    }
    return true;
}

static int folder(struct gather *g)
{
    struct dx_files *files;
    int status = dx_files_open(&files, g->ctx, g->path, DX_KEEP_TEXT);
    for (size_t i = 0; status == DEXT_OK && i < files->count; i++) {
        const struct dx_file *f = &files->list[i];
        if (f->kind == DX_FILE_FOLDER || gather_inside(g, f->path, "/", f->disk)) {
            continue;
        }
        if (f->kind == DX_FILE_REGULAR && dx_path_kind(f->path) == DX_PATH_PROFILE) {
            gather_whole(g->x, f->shown, DEXT_TEXT_PROFILE, f->disk);
            g->read++;
        } else if (f->kind == DX_FILE_REGULAR && f->size &&
                   gather_is_wanted(f->path, g->sysdiagnose)) {
            status = feed_file(g->x, f->disk, f->shown, O_NOFOLLOW | O_NONBLOCK);
            if (status == DEXT_E_FORMAT) { /* of many files, some are no text */
                dext_ctx_clear(g->ctx);
                status = DEXT_OK;
            }
            g->read++;
        } else {
            dx_explain_pass_over(g->x);
        }
    }
    return status;
}

/* ---- an archive ----------------------------------------------------------------------------- */

/* All that comes out counts against the limits, wanted or not: a bomb is one either way. shown: the
 * name of a member that is wanted, else NULL. */
static int gather_member(struct gather *g, struct dx_unpack *u, struct archive *a,
                         const char *shown)
{
    bool wanted = shown != NULL;
    char *block = malloc(DX_BLOCK);
    la_ssize_t n;
    int status = DEXT_OK;
    bool more = wanted;
    if (!block) {
        abort();
    }
    if (wanted) {
        dext_explain_begin(g->x, shown);
        dx_explain_on_disk(g->x, NULL, shown != g->path);
        g->read++;
    }
    while (status == DEXT_OK && (n = archive_read_data(a, block, DX_BLOCK)) != 0) {
        status = n < 0 ? dx_archive_fail(u, a) : dx_unpack_count(u, (size_t)n);
        more = more && status == DEXT_OK && dext_explain_feed(g->x, block, (size_t)n);
    }
    if (wanted) {
        (void)dext_explain_end(g->x);
    }
    free(block);
    return status;
}

/* A log that is compressed by itself ("log.ndjson.gz") is one input under its own name. */
static int packed(struct gather *g, struct dx_unpack *u, struct archive *a)
{
    if (archive_filter_code(a, 0) == ARCHIVE_FILTER_NONE) {
        return dx_fail(g->ctx, DEXT_E_FORMAT, "%s: begins like a compressed file, but is none",
                       g->path);
    }
    return gather_member(g, u, a, g->path);
}

static int gather_entry(struct gather *g, struct dx_unpack *u, struct archive *a,
                        struct archive_entry *e)
{
    const char *raw = archive_entry_pathname(e);
    if (!raw) {
        return dx_fail(g->ctx, DEXT_E_FORMAT, "%s: a member has no name that can be read", g->path);
    }
    struct dx_mark mark = dx_arena_mark(&g->ctx->arena);
    const char *path = dx_unpack_name(u, raw);
    if (!path || ++u->count > g->ctx->limits.archive_files) {
        return !path ? DEXT_E_FORMAT
                     : dx_fail(g->ctx, DEXT_E_LIMIT, "%s: holds more than %zu members", g->path,
                               g->ctx->limits.archive_files);
    }
    const char *last = g->last;
    bool regular = archive_entry_filetype(e) == AE_IFREG && !archive_entry_hardlink(e);
    bool part = gather_inside(g, path, "!/", NULL);
    bool wanted = regular && !part && gather_is_wanted(path, g->sysdiagnose);
    if (regular && !part && !wanted) {
        dx_explain_pass_over(g->x);
    }
    const char *shown = wanted ? dx_sprintf(&g->ctx->arena, "%s!/%s", g->path, path) : NULL;
    bool read = false;
    int status = DEXT_OK;
    bool of_log =
        regular && !wanted && dx_packed_log_member(&g->log, g->x, u, a, path, &read, &status);
    if (read) {
        return status;
    }
    if (!wanted && !of_log && last == g->last) {
        dx_arena_rewind(&g->ctx->arena, mark);
    }
    return regular ? gather_member(g, u, a, shown) : DEXT_OK;
}

enum packing { NOT_PACKED, PACKED, PACKED_ZSTD };

/* By the first bytes: gzip, bzip2, xz, zstd. */
static enum packing packing_of(struct dext_ctx *ctx, const char *path)
{
    static const struct {
        enum packing packing;
        const char *magic;
    } known[] = {{PACKED, "\x1f\x8b\x08"},
                 {PACKED, "BZh"},
                 {PACKED, "\3757zXZ"}, /* 0xfd in octal, so that the 7 is no part of it */
                 {PACKED_ZSTD, "\x28\xb5\x2f\xfd"}};
    char head[8];
    size_t n;
    enum packing packing = NOT_PACKED;
    if (!dx_is_file(ctx, path) || !dx_path_head(ctx, path, head, sizeof head, &n)) {
        return packing;
    }
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        size_t m = strlen(known[i].magic);
        packing = n > m && memcmp(head, known[i].magic, m) == 0 ? known[i].packing : packing;
    }
    return packing;
}

/* Without libzstd in it, libarchive would start a program of that name. */
static bool has_zstd(void)
{
    struct archive *probe = archive_read_new();
    bool has = archive_read_support_filter_zstd(probe) == ARCHIVE_OK;
    archive_read_free(probe);
    return has;
}

static int support_all(struct gather *g, struct archive *a)
{
    enum packing packing = packing_of(g->ctx, g->path);
    archive_read_support_filter_gzip(a);
    archive_read_support_filter_bzip2(a);
    archive_read_support_filter_xz(a);
    archive_read_support_format_zip(a);
    archive_read_support_format_tar(a);
    archive_read_support_format_cpio(a);
    if (packing != NOT_PACKED) {
        archive_read_support_format_raw(a);
    }
    if (packing == PACKED_ZSTD && !has_zstd()) {
        return dx_fail(g->ctx, DEXT_E_FORMAT,
                       "%s: packed with zstd, which libarchive was built "
                       "without: unpack it first",
                       g->path);
    }
    if (packing == PACKED_ZSTD) {
        archive_read_support_filter_zstd(a);
    }
    return DEXT_OK;
}

static int archive(struct gather *g)
{
    struct dx_unpack u = {.ctx = g->ctx, .path = g->path};
    struct archive *a = archive_read_new();
    struct archive_entry *e;
    int r = ARCHIVE_OK, status = DEXT_OK;
    u.top = a;
    status = support_all(g, a);
    if (status == DEXT_OK && archive_read_open_filename(a, g->path, DX_BLOCK) != ARCHIVE_OK) {
        status = dx_archive_fail(&u, a);
    }
    while (status == DEXT_OK &&
           ((r = archive_read_next_header(a, &e)) == ARCHIVE_OK || r == ARCHIVE_WARN)) {
        status =
            archive_format(a) == ARCHIVE_FORMAT_RAW ? packed(g, &u, a) : gather_entry(g, &u, a, e);
    }
    if (status == DEXT_OK && r != ARCHIVE_EOF) {
        status = dx_archive_fail(&u, a);
    }
    archive_read_free(a);
    return dx_packed_log_end(g->log, status);
}

int dext_explain_add_path(struct dext_explain *x, const char *path)
{
    struct dext_ctx *ctx = dx_explain_ctx(x);
    struct gather g = {.x = x, .ctx = ctx, .path = dx_strdup(&ctx->arena, path)};
    size_t n = strlen(path);
    char *clean = dx_strndup(&ctx->arena, path, n > 1 && path[n - 1] == '/' ? n - 1 : n);
    int status;
    g.path = clean;
    g.sysdiagnose = strcasestr(dx_path_name(clean), "sysdiagnose") != NULL;
    if (dext_unified_is(clean)) {
        return dx_gather_log(x, clean);
    }
    if ((dx_is_folder(ctx, clean) && gather_one_of(clean, bundle_ends)) ||
        gather_ends_in(clean, ".pkg")) {
        gather_whole(x, clean, DEXT_TEXT_BUNDLE, clean);
        return DEXT_OK;
    }
    if (dx_path_kind(clean) == DX_PATH_PROFILE && dx_is_file(ctx, clean)) {
        gather_whole(x, clean, DEXT_TEXT_PROFILE, clean);
        return DEXT_OK;
    }
    if (dx_is_folder(ctx, clean)) {
        status = folder(&g);
    } else if (dx_is_archive(ctx, clean) || packing_of(ctx, clean) != NOT_PACKED) {
        status = archive(&g);
    } else {
        return feed_file(x, clean, clean, 0);
    }
    if (status == DEXT_OK && g.damaged) {
        return DEXT_E_FORMAT;
    }
    return status == DEXT_OK && g.read == 0
               ? dx_fail(ctx, DEXT_E_FORMAT, "%s: nothing in it that explain reads", clean)
               : status;
}
