/* The files of an archive: which of a folder, or of a .tar.gz, are log, clock and strings. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle/archive.h"
#include "bundle/bundle.h"
#include "unified/unified.h"

#define MOST_NOTES 20
#define MOST_CLOCK ((size_t)64 << 20)
#define GIVE_BACK ((size_t)4 << 20)

void dx_note(struct dext_unified *u, const char *fmt, ...)
{
    char text[600];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    pthread_mutex_lock(&u->lock);
    if (u->note_count < MOST_NOTES) {
        *DX_PUSH(&u->arena, u->notes, u->note_count, u->note_cap) = dx_strdup(&u->arena, text);
    }
    pthread_mutex_unlock(&u->lock);
}

/* ---- files ------------------------------------------------------------------------------------
 */

bool dx_map(struct dext_unified *u, const char *path, size_t most, const uint8_t **data,
            size_t *size, bool *mapped)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        if (errno != ENOENT && errno != ENOTDIR) {
            dx_note(u, "%s: cannot be opened: %s", path, strerror(errno));
        }
        return false;
    }
    dx_opened(u->ctx, fd);
    const char *why = fstat(fd, &st) != 0           ? strerror(errno)
                      : !S_ISREG(st.st_mode)        ? "not a file"
                      : st.st_size == 0             ? "it is empty"
                      : (uint64_t)st.st_size > most ? "it is too large to be read"
                                                    : NULL;
    void *p = why ? NULL : mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    why = p == MAP_FAILED ? strerror(errno) : why;
    (void)close(fd);
    if (why) {
        dx_note(u, "%s: %s", path, why);
        return false;
    }
    *data = p;
    *size = (size_t)st.st_size;
    *mapped = true;
    return true;
}

void dx_unmap(const uint8_t *data, size_t size, bool mapped)
{
    if (mapped && data) {
        (void)munmap((void *)(uintptr_t)data, size);
    }
}

/* The header and the list of chunk sets touch a page here and there, and the system maps those
 * around it as well, up to the whole file. They are given back before anything is looked through.
 */
static void give_back_all(const struct dx_trace *t)
{
    if (t->mapped) {
        (void)madvise((void *)(uintptr_t)t->data, t->size, MADV_DONTNEED);
    }
}

/* Pages of a mapped file come back from the disk if somebody wants them again. They are given back
 * some megabytes at a time: each call makes all processors forget what they know of them. */
void dx_set_done(const struct dx_set *set)
{
    struct dx_trace *t = set->trace;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t end = t->mapped ? (size_t)(set->data + set->size - t->data) : 0;
    bool last = end && t->size - end < page; /* an archive has many files, each a few megabytes */
    end = end / page * page;
    if (end <= t->given_back || (!last && end < t->given_back + GIVE_BACK)) {
        return; /* the same file again, from its beginning, or not yet worth a call */
    }
    (void)madvise((void *)(uintptr_t)(t->data + t->given_back), end - t->given_back, MADV_DONTNEED);
    t->given_back = end;
}

static bool unified_archive_ends_in(const char *s, const char *end)
{
    size_t n = strlen(s), m = strlen(end);
    return n > m && strcasecmp(s + n - m, end) == 0;
}

/* n upper-case hexadecimal digits, and then the end or a slash. */
static bool archive_hex(const char *p, size_t n, uint8_t *out)
{
    for (size_t i = 0; i < n; i++) {
        int c = toupper((unsigned char)p[i]);
        if (!isxdigit(c)) {
            return false;
        }
        uint8_t digit = (uint8_t)(c <= '9' ? c - '0' : c - 'A' + 10);
        out[i / 2] = (uint8_t)(i % 2 ? out[i / 2] | digit : digit << 4);
    }
    return p[n] == 0 || p[n] == '/';
}

/* By the last components of its path: ".../Persist/0123456789abcdef.tracev3",
 * ".../timesync/....timesync", ".../5A/0123...", ".../dsc/5A01...". */
enum dx_part_kind dx_part_of(const char *path, uint8_t *uuid)
{
    const char *name = dx_path_name(path);
    size_t before = (size_t)(name - path);
    if (name[0] == '.') {
        return DX_PART_NONE; /* AppleDouble, and others that are hidden */
    }
    if (unified_archive_ends_in(name, ".tracev3")) {
        return DX_PART_TRACE;
    }
    if (unified_archive_ends_in(name, ".timesync")) {
        return DX_PART_CLOCK;
    }
    if (before >= 4 && strncmp(name - 4, "dsc/", 4) == 0 && archive_hex(name, 32, uuid)) {
        return DX_PART_CACHE;
    }
    if (before >= 3 && strlen(name) == 30 && archive_hex(name - 3, 2, uuid) &&
        archive_hex(name, 30, uuid + 1)) {
        return DX_PART_STRINGS;
    }
    return DX_PART_NONE;
}

/* ---- putting it together -----------------------------------------------------------------------
 */

struct dext_unified *dx_unified_new(struct dext_ctx *ctx, const char *path)
{
    struct dext_unified *u = calloc(1, sizeof *u);
    pthread_mutexattr_t again;
    if (!u) {
        abort();
    }
    u->ctx = ctx;
    u->path = dx_strdup(&u->arena, path);
    (void)pthread_mutexattr_init(&again);
    (void)pthread_mutexattr_settype(&again, PTHREAD_MUTEX_RECURSIVE);
    (void)pthread_mutex_init(&u->lock, &again);
    (void)pthread_mutexattr_destroy(&again);
    dx_buf_init(&u->scratch, &u->arena, DX_MESSAGE_BYTES);
    return u;
}

void dext_unified_close(struct dext_unified *u)
{
    if (!u) {
        return;
    }
    for (size_t i = 0; i < u->trace_count; i++) {
        dx_unmap(u->traces[i]->data, u->traces[i]->size, u->traces[i]->mapped);
    }
    for (size_t i = 0; i < DX_TABLE; i++) {
        for (struct dx_strings *s = u->strings[i]; s; s = s->next) {
            dx_unmap(s->data, s->size, s->mapped);
        }
    }
    (void)pthread_mutex_destroy(&u->lock);
    dx_arena_free(&u->arena);
    free(u);
}

static void add_trace(struct dext_unified *u, const char *shown, const uint8_t *data, size_t size,
                      bool mapped)
{
    struct dx_trace *t = dx_alloc(&u->arena, sizeof *t);
    *t = (struct dx_trace){
        .shown = dx_strdup(&u->arena, shown), .data = data, .size = size, .mapped = mapped};
    *DX_PUSH(&u->arena, u->traces, u->trace_count, u->trace_cap) = t;
}

static void add_trace_file(struct dext_unified *u, const char *path)
{
    const uint8_t *data = NULL;
    size_t size = 0;
    bool mapped = false;
    if (dx_map(u, path, (size_t)1 << 40, &data, &size, &mapped)) {
        add_trace(u, path, data, size, mapped);
    }
}

/* Strings and clock are there; what the files hold can be listed. */
static int ready(struct dext_unified *u)
{
    size_t good = 0;
    bool *has = dx_calloc(&u->arena, u->trace_count + 1, sizeof *has);
    for (size_t i = 0; i < u->trace_count; i++) {
        struct dx_trace *t = u->traces[i];
        has[i] = dx_trace_header(u, t, t->data, t->size);
        give_back_all(t);
        good += has[i];
    }
    dx_clock_ready(u);
    for (size_t i = 0; i < u->trace_count; i++) {
        if (has[i]) {
            dx_trace_list(u, u->traces[i]);
            give_back_all(u->traces[i]);
        }
    }
    u->counts.files = good;
    if (good == 0) {
        return dx_fail(u->ctx, DEXT_E_FORMAT, "%s",
                       u->note_count ? u->notes[0]
                                     : dx_sprintf(&u->arena, "%s: no tracev3 file in it", u->path));
    }
    return DEXT_OK;
}

/* ---- folders ----------------------------------------------------------------------------------
 */

static const char *archive_up(struct dext_unified *u, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash) {
        return strcmp(path, ".") == 0 ? ".." : ".";
    }
    return slash == path ? "/" : dx_strndup(&u->arena, path, (size_t)(slash - path));
}

static bool is_below(struct dext_unified *u, const char *base, const char *name)
{
    return dx_is_folder(u->ctx, dx_sprintf(&u->arena, "%s/%s", base, name));
}

static int archive_by_name(const void *x, const void *y)
{
    return strcmp(*(const char *const *)x, *(const char *const *)y);
}

/* Times, in the order of the files' names, which is that of time. */
/* A part of an archive. What stands in its place, a link also, is not read, and noted. */
static bool archive_is_regular(struct dext_unified *u, const struct dx_file *f)
{
    if (f->kind != DX_FILE_REGULAR && f->kind != DX_FILE_FOLDER) {
        dx_unread(u->ctx, "%s: is not a regular file", f->disk ? f->disk : f->shown);
    }
    return f->kind == DX_FILE_REGULAR;
}

static void read_clock(struct dext_unified *u, const char *folder)
{
    struct dx_files *files;
    if (dx_files_open(&files, u->ctx, folder, DX_KEEP_TEXT) != DEXT_OK) {
        dx_note(u, "%s: cannot be read", folder);
        dext_ctx_clear(u->ctx);
        return;
    }
    const char **paths = dx_calloc(&u->arena, files->count + 1, sizeof *paths);
    size_t n = 0;
    for (size_t i = 0; i < files->count; i++) {
        bool clock = unified_archive_ends_in(files->list[i].path, ".timesync") &&
                     files->list[i].path[0] != '.' && archive_is_regular(u, &files->list[i]);
        if (clock) {
            paths[n++] = files->list[i].disk;
        }
    }
    qsort(paths, n, sizeof *paths, archive_by_name);
    for (size_t i = 0; i < n; i++) {
        const uint8_t *data = NULL;
        size_t size = 0;
        bool mapped = false;
        if (dx_map(u, paths[i], MOST_CLOCK, &data, &size, &mapped)) {
            dx_clock_read(u, paths[i], data, size);
            dx_unmap(data, size, mapped);
        }
    }
}

/* Where the strings and times of a tracev3 file are: beside it or above it in a .logarchive, beside
 * the folder diagnostics on a system (/var/db/diagnostics, /var/db/uuidtext). */
static void neighbours(struct dext_unified *u, const char *base)
{
    bool clock = false;
    for (int i = 0; i < 3; i++) {
        const char *uuidtext = dx_sprintf(&u->arena, "%s/uuidtext", base);
        if (u->root_count < 3 && is_below(u, base, "dsc")) {
            u->roots[u->root_count++] = base;
        }
        if (u->root_count < 3 && dx_is_folder(u->ctx, uuidtext)) {
            u->roots[u->root_count++] = uuidtext;
        }
        if (!clock && is_below(u, base, "timesync")) {
            read_clock(u, dx_sprintf(&u->arena, "%s/timesync", base));
            clock = true;
        }
        bool last = unified_archive_ends_in(base, ".logarchive") || strcmp(base, "/") == 0;
        if (last) {
            u->root_count += u->root_count == 0; /* without dsc: the archive itself */
            u->roots[0] = u->root_count == 1 && !u->roots[0] ? base : u->roots[0];
            return;
        }
        base = archive_up(u, base);
    }
}

static size_t up_to_archive(const char *path)
{
    const char *end = strcasestr(path, ".logarchive/");
    return end ? (size_t)(end - path) + strlen(".logarchive") : 0;
}

static int archive_open_folder(struct dext_unified *u)
{
    struct dx_files *files;
    int status = dx_files_open(&files, u->ctx, u->path, DX_KEEP_TEXT);
    const char *first = NULL;
    for (size_t i = 0; status == DEXT_OK && i < files->count; i++) {
        const struct dx_file *f = &files->list[i];
        uint8_t uuid[DX_UUID];
        if (dx_part_of(f->path, uuid) != DX_PART_TRACE || !archive_is_regular(u, f)) {
            continue;
        }
        size_t n = up_to_archive(f->path);
        if (first && (n != up_to_archive(first) || strncmp(first, f->path, n) != 0)) {
            return dx_fail(u->ctx, DEXT_E_FORMAT,
                           "%s: holds more than one archive of the unified log: name one of them",
                           u->path);
        }
        first = first ? first : f->path;
        add_trace_file(u, f->disk);
    }
    if (status == DEXT_OK && u->trace_count) {
        neighbours(u, archive_up(u, u->traces[0]->shown));
    }
    return status;
}

/* ---- archives in memory -------------------------------------------------------------------------
 */

struct members {
    struct dext_unified *u;
    struct dx_unpack unpack;
    char **clock; /* what timesync files hold, until all are there */
    size_t held;
};

static int read_member(struct members *m, struct archive *a, uint8_t **data, size_t *size)
{
    size_t cap = 0, n = 0, limit = m->u->ctx->limits.archive_kept;
    uint8_t *p = NULL;
    la_ssize_t got = 0;
    do {
        if (n + DX_BLOCK > cap) {
            cap = cap ? cap * 2 : 4 * DX_BLOCK;
            p = realloc(p, cap);
            if (!p) {
                abort();
            }
        }
        got = archive_read_data(a, p + n, DX_BLOCK);
        n += got > 0 ? (size_t)got : 0;
    } while (got > 0 && m->held + n <= limit);
    m->held += n;
    if (got < 0 || m->held > limit) {
        free(p);
        return got < 0 ? dx_archive_fail(&m->unpack, a)
                       : dx_fail(m->u->ctx, DEXT_E_LIMIT,
                                 "%s: its log takes more than %zu bytes: unpack it first",
                                 m->u->path, limit);
    }
    *data = dx_alloc_raw(&m->u->arena, n + 1);
    memcpy(*data, p, n);
    *size = n;
    free(p);
    return DEXT_OK;
}

static void keep_strings(struct dext_unified *u, const char *shown, enum dx_part_kind kind,
                         const uint8_t *uuid, const uint8_t *data, size_t size)
{
    struct dx_kept *k = dx_alloc(&u->arena, sizeof *k);
    *k = (struct dx_kept){.next = u->kept,
                          .shared = kind == DX_PART_CACHE,
                          .shown = shown,
                          .data = data,
                          .size = size};
    memcpy(k->uuid, uuid, DX_UUID);
    u->kept = k;
}

static int one_member(struct members *m, struct archive *a, struct archive_entry *e)
{
    struct dext_unified *u = m->u;
    const char *raw = archive_entry_pathname(e);
    uint8_t uuid[DX_UUID], *data = NULL;
    size_t size = 0;
    enum dx_part_kind kind =
        raw && archive_entry_filetype(e) == AE_IFREG ? dx_part_of(raw, uuid) : DX_PART_NONE;
    if (++m->unpack.count > u->ctx->limits.archive_files) {
        return dx_fail(u->ctx, DEXT_E_LIMIT, "%s: holds more than %zu members", u->path,
                       u->ctx->limits.archive_files);
    }
    if (kind == DX_PART_NONE) {
        return DEXT_OK;
    }
    int status = read_member(m, a, &data, &size);
    const char *shown = dx_sprintf(&u->arena, "%s!/%.300s", u->path, raw);
    if (status == DEXT_OK && kind == DX_PART_TRACE) {
        add_trace(u, shown, data, size, false);
    } else if (status == DEXT_OK && kind == DX_PART_CLOCK) {
        dx_clock_read(u, shown, data, size);
    } else if (status == DEXT_OK) {
        keep_strings(u, shown, kind, uuid, data, size);
    }
    return status;
}

static int open_packed(struct dext_unified *u)
{
    struct members m = {.u = u, .unpack = {.ctx = u->ctx, .path = u->path}};
    struct archive *a = archive_read_new();
    struct archive_entry *e;
    int status = DEXT_OK, r = ARCHIVE_OK;
    m.unpack.top = a;
    archive_read_support_filter_gzip(a);
    archive_read_support_filter_bzip2(a);
    archive_read_support_filter_xz(a);
    archive_read_support_format_zip(a);
    archive_read_support_format_tar(a);
    if (archive_read_open_filename(a, u->path, DX_BLOCK) != ARCHIVE_OK) {
        status = dx_archive_fail(&m.unpack, a);
    }
    while (status == DEXT_OK &&
           ((r = archive_read_next_header(a, &e)) == ARCHIVE_OK || r == ARCHIVE_WARN)) {
        status = one_member(&m, a, e);
    }
    if (status == DEXT_OK && r != ARCHIVE_EOF) {
        status = dx_archive_fail(&m.unpack, a);
    }
    archive_read_free(a);
    return status;
}

/* ---- opening ----------------------------------------------------------------------------------
 */

bool dext_unified_is(const char *path)
{
    return unified_archive_ends_in(path, ".tracev3") ||
           unified_archive_ends_in(path, ".logarchive") ||
           unified_archive_ends_in(path, ".logarchive/");
}

int dext_unified_open(struct dext_unified **out, struct dext_ctx *ctx, const char *path)
{
    size_t n = strlen(path);
    char *clean = dx_strndup(&ctx->arena, path, n > 1 && path[n - 1] == '/' ? n - 1 : n);
    struct dext_unified *u = dx_unified_new(ctx, clean);
    int status = DEXT_OK;
    *out = NULL;
    if (dx_is_folder(ctx, clean)) {
        status = archive_open_folder(u);
    } else if (!dx_is_file(ctx, clean)) {
        status = dx_fail(ctx, DEXT_E_IO, "%s: %s", clean,
                         access(clean, F_OK) == 0 ? "neither a file nor a folder"
                                                  : "no such file or folder");
    } else if (!unified_archive_ends_in(clean, ".tracev3") && dx_is_archive(ctx, clean)) {
        status = open_packed(u);
    } else {
        add_trace_file(u, clean);
        neighbours(u, archive_up(u, clean));
    }
    if (status == DEXT_OK) {
        status = ready(u);
    }
    if (status != DEXT_OK) {
        dext_unified_close(u);
        return status;
    }
    *out = u;
    return DEXT_OK;
}
