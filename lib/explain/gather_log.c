/* Apple's unified log as an input: an archive on disk, or in a sysdiagnose. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bundle/archive.h"
#include "explain/explain.h"
#include "explain/log_match.h"

struct telling {
    struct dext_explain *x;
    const char *file;
    size_t found;
};

static void on_found(void *user, const struct dx_hit *hit, struct dx_str text)
{
    struct telling *t = user;
    t->found++;
    dx_explain_found(t->x, hit, t->file, text);
}

/* "1204 entries of 2 boots; 12 without their text: 3 files with format strings are missing" */
static const char *gather_log_holds(struct dx_arena *a, const struct dext_unified *u, size_t boots)
{
    const struct dext_unified_counts *c = &u->counts;
    const char *text = dx_sprintf(a, "%zu entr%s of %zu boot%s", c->entries,
                                  c->entries == 1 ? "y" : "ies", boots, boots == 1 ? "" : "s");
    if (c->unrendered) {
        text = dx_sprintf(a, "%s; %zu without their text: %zu file%s with format strings missing",
                          text, c->unrendered, c->strings_missing,
                          c->strings_missing == 1 ? " is" : "s are");
    }
    return text;
}

static size_t boots_with_sets(const struct dext_unified *u)
{
    size_t n = 0;
    for (size_t i = 0; i < u->boot_count; i++) {
        n += u->boots[i]->used;
    }
    return n;
}

static void gather_log_boots(struct dext_explain *x, const struct dext_unified *u)
{
    int64_t last = 0;                   /* they come in their order, whatever the clock said */
    const int64_t most = INT64_MAX / 4; /* a time that nobody can have meant */
    for (size_t i = 0; i < u->boot_count; i++) {
        const struct dx_boot *b = u->boots[i];
        struct dx_buf uuid;
        if (b->used) {
            dx_buf_init(&uuid, &dx_explain_ctx(x)->arena, 64);
            dx_put_uuid(&uuid, b->uuid);
            last = b->wall > last && b->wall < most ? b->wall : last + 1;
            dx_explain_boot(x, dx_buf_str(&uuid), last);
        }
    }
}

/* Takes note of the log as an input; damage becomes the error, with what was read before. */
static int gather_log_finish(struct dext_explain *x, struct dext_unified *u, const char *file,
                             size_t dropped)
{
    struct dext_ctx *ctx = dx_explain_ctx(x);
    const struct dext_unified_counts *c = &u->counts;
    dx_explain_count(x, c->entries);
    gather_log_boots(x, u);
    dx_explain_hold(
        x,
        &(struct dx_held){.file = file,
                          .kind = DEXT_TEXT_ARCHIVE,
                          .what = "unified log",
                          .holds = gather_log_holds(&ctx->arena, u, boots_with_sets(u))},
        false);
    if (u->note_count) {
        return dx_fail(ctx, DEXT_E_FORMAT, "%s%s", u->notes[0],
                       u->note_count > 1 ? ", and there is more damage" : "");
    }
    if (c->damaged_entries || c->damaged_chunks) {
        return dx_fail(ctx, DEXT_E_FORMAT, "%s: %zu of its entries are damaged", file,
                       c->damaged_entries);
    }
    if (dropped) {
        return dx_fail(ctx, DEXT_E_LIMIT, "%s: so many lines complain that %zu were left out", file,
                       dropped);
    }
    return DEXT_OK;
}

int dx_gather_log(struct dext_explain *x, const char *disk)
{
    struct dext_ctx *ctx = dx_explain_ctx(x);
    struct dext_unified *u;
    int status = dext_unified_open(&u, ctx, disk);
    if (status != DEXT_OK) {
        return status;
    }
    struct telling t = {x, dx_strdup(&ctx->arena, disk), 0};
    size_t dropped = dx_match_all(u, dx_explain_threads(x), on_found, &t);
    status = gather_log_finish(x, u, t.file, dropped);
    dext_unified_close(u);
    return status;
}

/* ---- packed -------------------------------------------------------------------------------------
 */

struct dx_packed_log {
    struct dext_explain *x;
    struct dext_unified *u;
    const char *path, *shown; /* of the archive; of the log in it */
    size_t traces, held;
    bool full;
};

/* ".../system_logs.logarchive/Persist/1.tracev3" to ".../system_logs.logarchive" */
static const char *gather_log_name_of(struct dx_packed_log *log, const char *member)
{
    struct dx_arena *a = &dx_explain_ctx(log->x)->arena;
    const char *end = strcasestr(member, ".logarchive/");
    int n = end ? (int)(end - member) + (int)strlen(".logarchive") : (int)strlen(member);
    return dx_sprintf(a, "%s!/%.*s", log->path, n, member);
}

/* Reads a member whole into memory that lives as long as the log. */
static int read_whole(struct dx_packed_log *log, struct dx_unpack *unpack, struct archive *a,
                      uint8_t **data, size_t *size)
{
    size_t n = 0, cap = 4 * DX_BLOCK, limit = unpack->ctx->limits.archive_kept;
    uint8_t *p = malloc(cap);
    la_ssize_t got = 1;
    int status = p ? DEXT_OK : DEXT_E_LIMIT;
    while (status == DEXT_OK && got > 0) {
        if (n + DX_BLOCK > cap) {
            cap *= 2;
            uint8_t *more = realloc(p, cap);
            if (!more) {
                abort();
            }
            p = more;
        }
        got = archive_read_data(a, p + n, DX_BLOCK);
        status = got < 0 ? dx_archive_fail(unpack, a) : dx_unpack_count(unpack, (size_t)got);
        n += got > 0 ? (size_t)got : 0;
        if (log->held + n > limit) {
            log->full = true; /* what it would have told is missing, and counted so */
            n = 0;
            got = archive_read_data_skip(a) < ARCHIVE_WARN ? -1 : 0;
        }
    }
    log->held += n;
    *size = n;
    *data = dx_alloc_raw(&log->u->arena, n + 1);
    if (p) {
        memcpy(*data, p, n);
    }
    free(p);
    return status;
}

static void gather_log_keep(struct dx_packed_log *log, const char *path, enum dx_part_kind kind,
                            const uint8_t *uuid, const uint8_t *data, size_t size)
{
    struct dext_unified *u = log->u;
    const char *shown = dx_sprintf(&u->arena, "%s!/%s", log->path, path);
    if (kind == DX_PART_CLOCK) {
        dx_clock_read(u, shown, data, size);
        return;
    }
    struct dx_kept *k = dx_alloc(&u->arena, sizeof *k);
    *k = (struct dx_kept){.next = u->kept,
                          .shared = kind == DX_PART_CACHE,
                          .shown = shown,
                          .data = data,
                          .size = size};
    memcpy(k->uuid, uuid, DX_UUID);
    u->kept = k;
}

/* Names of string files are short; only where logs keep them they are taken for such. */
static enum dx_part_kind gather_log_part_of(const char *path, uint8_t *uuid)
{
    enum dx_part_kind kind = dx_part_of(path, uuid);
    bool in_log = strcasestr(path, ".logarchive/") || strcasestr(path, "uuidtext/");
    return kind >= DX_PART_STRINGS && !in_log ? DX_PART_NONE : kind;
}

bool dx_packed_log_member(struct dx_packed_log **at, struct dext_explain *x, struct dx_unpack *u,
                          struct archive *a, const char *path, bool *read, int *status)
{
    uint8_t uuid[DX_UUID], *data;
    size_t size;
    enum dx_part_kind kind = gather_log_part_of(path, uuid);
    if (kind == DX_PART_NONE) {
        return false;
    }
    if (!*at) {
        struct dext_ctx *ctx = dx_explain_ctx(x);
        *at = dx_alloc(&ctx->arena, sizeof **at);
        (*at)->x = x;
        (*at)->path = dx_strdup(&ctx->arena, u->path);
        (*at)->u = dx_unified_new(ctx, u->path);
        (*at)->u->over_listed = true; /* they come along as they are read */
    }
    struct dx_packed_log *log = *at;
    if (!log->shown || kind == DX_PART_TRACE) {
        log->shown = log->shown && log->traces ? log->shown : gather_log_name_of(log, path);
    }
    if (kind == DX_PART_TRACE) {
        log->traces++;
        return true; /* the second pass reads it; here it is counted like all others */
    }
    *read = true;
    *status = read_whole(log, u, a, &data, &size);
    if (*status == DEXT_OK && size) {
        gather_log_keep(log, path, kind, uuid, data, size);
    }
    return true;
}

struct streaming {
    struct dx_match *match;
};

static void on_set(void *user, const struct dx_set *set)
{
    struct streaming *s = user;
    set->trace->boot->used = true;
    dx_match_set(s->match, set, false);
}

static int stream_member(struct dx_packed_log *log, struct streaming *s, struct archive *a,
                         const char *path, struct dx_unpack *unpack)
{
    const char *shown = dx_sprintf(&log->u->ctx->arena, "%s!/%s", log->path, path);
    struct dx_stream *stream = dx_stream_new(log->u, shown, on_set, s);
    uint8_t *block = malloc(DX_BLOCK);
    la_ssize_t n = 0;
    if (!block) {
        abort();
    }
    while ((n = archive_read_data(a, block, DX_BLOCK)) > 0) {
        dx_stream_feed(stream, block, (size_t)n);
    }
    dx_stream_end(stream);
    free(block);
    return n < 0 ? dx_archive_fail(unpack, a) : DEXT_OK;
}

/* Headers are read as files come, so boots that no timesync file tells of get their place then. */
static int stream_all(struct dx_packed_log *log, struct streaming *s)
{
    struct dx_unpack unpack = {.ctx = log->u->ctx, .path = log->path};
    struct archive *a = archive_read_new();
    struct archive_entry *e;
    uint8_t uuid[DX_UUID];
    int r, status = DEXT_OK;
    unpack.top = a;
    archive_read_support_filter_gzip(a);
    archive_read_support_filter_bzip2(a);
    archive_read_support_filter_xz(a);
    archive_read_support_filter_zstd(a);
    archive_read_support_format_zip(a);
    archive_read_support_format_tar(a);
    archive_read_support_format_cpio(a);
    if (archive_read_open_filename(a, log->path, DX_BLOCK) != ARCHIVE_OK) {
        status = dx_archive_fail(&unpack, a);
    }
    while (status == DEXT_OK &&
           ((r = archive_read_next_header(a, &e)) == ARCHIVE_OK || r == ARCHIVE_WARN)) {
        const char *raw = archive_entry_pathname(e);
        const char *path = raw ? dx_unpack_name(&unpack, raw) : NULL;
        if (path && archive_entry_filetype(e) == AE_IFREG &&
            gather_log_part_of(path, uuid) == DX_PART_TRACE) {
            status = stream_member(log, s, a, path, &unpack);
        }
    }
    archive_read_free(a);
    return status;
}

int dx_packed_log_end(struct dx_packed_log *log, int status)
{
    if (!log) {
        return status;
    }
    if (log->traces && status == DEXT_OK) {
        struct telling t = {log->x, log->shown, 0};
        dx_clock_ready(log->u);
        struct streaming s = {dx_match_new(log->u, dx_explain_threads(log->x), on_found, &t)};
        status = stream_all(log, &s);
        size_t dropped = dx_match_end(s.match);
        int told = gather_log_finish(log->x, log->u, log->shown, dropped);
        status = status == DEXT_OK ? told : status;
        if (status == DEXT_OK && log->full) {
            status = dx_fail(log->u->ctx, DEXT_E_LIMIT,
                             "%s: its format strings take more than %zu bytes: not all were read",
                             log->shown, log->u->ctx->limits.archive_kept);
        }
    }
    dext_unified_close(log->u);
    return status;
}
