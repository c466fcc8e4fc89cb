#include "base/ctx.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OR_DEFAULT(field)                                                                          \
    if (!l.field) {                                                                                \
        l.field = defaults.field;                                                                  \
    }

struct dext_ctx *dext_ctx_new(const struct dext_limits *limits)
{
    static const struct dext_limits defaults = DEXT_LIMITS_DEFAULT;
    struct dext_limits l = limits && limits->size == sizeof l ? *limits : defaults;
    OR_DEFAULT(file_bytes)
    OR_DEFAULT(plist_depth)
    OR_DEFAULT(plist_nodes)
    OR_DEFAULT(walk_depth)
    OR_DEFAULT(walk_files)
    OR_DEFAULT(cms_bytes)
    OR_DEFAULT(archive_bytes)
    OR_DEFAULT(archive_ratio)
    OR_DEFAULT(archive_files)
    OR_DEFAULT(archive_kept)
    OR_DEFAULT(archive_depth)
    OR_DEFAULT(dump_bytes)
    struct dext_ctx *ctx = calloc(1, sizeof *ctx);
    if (!ctx) {
        abort();
    }
    ctx->limits = l;
    ctx->watch = &ctx->own_watch;
    return ctx;
}

void dext_ctx_free(struct dext_ctx *ctx)
{
    if (ctx) {
        dx_arena_free(&ctx->arena);
        for (size_t i = 0; i < ctx->unread_count; i++) {
            free(ctx->unread[i].text);
            free(ctx->unread[i].file);
        }
        free(ctx->unread);
        free(ctx);
    }
}

void dext_ctx_watch(struct dext_ctx *ctx, const char *path)
{
    struct stat st;
    if (stat(path, &st) == 0) {
        ctx->watch->on = true;
        ctx->watch->dev = st.st_dev;
        ctx->watch->ino = st.st_ino;
    }
}

bool dext_ctx_watched_read(const struct dext_ctx *ctx)
{
    return ctx->watch->met;
}

void dx_opened_file(const struct dext_ctx *ctx, const struct stat *st)
{
    struct dx_watch *w = ctx->watch;
    if (w->on && w->dev == st->st_dev && w->ino == st->st_ino) {
        w->met = true;
    }
}

void dx_opened(const struct dext_ctx *ctx, int fd)
{
    struct stat st;
    if (ctx->watch->on && fd >= 0 && fstat(fd, &st) == 0) {
        dx_opened_file(ctx, &st);
    }
}

const char *dext_ctx_error(const struct dext_ctx *ctx)
{
    return ctx->error[0] ? ctx->error : NULL;
}

void dext_ctx_clear(struct dext_ctx *ctx)
{
    ctx->error[0] = 0;
}

const struct dx_overlay_text *dx_overlay_find(const struct dext_ctx *ctx, const char *path)
{
    for (size_t i = 0; i < ctx->texts.count; i++) {
        if (strcmp(ctx->texts.list[i].path, path) == 0) {
            return &ctx->texts.list[i];
        }
    }
    return NULL;
}

void dx_overlay_set(struct dext_ctx *ctx, const char *path, const char *data, size_t size)
{
    struct dx_overlay_text *known = (struct dx_overlay_text *)dx_overlay_find(ctx, path);
    if (!known) {
        known = DX_PUSH(&ctx->arena, ctx->texts.list, ctx->texts.count, ctx->texts.cap);
    }
    *known = (struct dx_overlay_text){path, data, size};
}

const char *dext_version(void)
{
    return DEXT_VERSION;
}

size_t dext_ctx_unread_count(const struct dext_ctx *ctx)
{
    return ctx->unread_count;
}

const char *dext_ctx_unread(const struct dext_ctx *ctx, size_t i)
{
    return i < ctx->unread_count ? ctx->unread[i].text : NULL;
}

void dext_ctx_unread_parts(const struct dext_ctx *ctx, size_t i, struct dext_unread *out)
{
    *out = i < ctx->unread_count ? ctx->unread[i].parts : (struct dext_unread){.reason = ""};
}

static void *ctx_or_abort(void *p)
{
    if (!p) {
        abort();
    }
    return p;
}

/* Where ":12" begins that ends at end; end when there is none, or it began before from. */
static const char *ctx_number_before(const char *from, const char *end, unsigned *n)
{
    const char *p = end;
    while (p > from && p[-1] >= '0' && p[-1] <= '9') {
        p--;
    }
    if (p == end || p == from || p[-1] != ':') {
        return end;
    }
    *n = (unsigned)strtoul(p, NULL, 10);
    return p - 1;
}

/* FILE:LINE:COLUMN: REASON. known bytes of it are certainly of the file's name. */
static void ctx_part_line(struct dx_unread_line *l, size_t known)
{
    const char *text = l->text, *from = text + known, *at = strstr(from, ": ");
    l->parts = (struct dext_unread){.reason = text};
    if (!at) {
        return;
    }
    unsigned second = 0, first = 0;
    const char *end = ctx_number_before(from, at, &second), *start = end;
    if (end != at) {
        start = ctx_number_before(from, end, &first);
    }
    l->parts.line = start != end ? first : second;
    l->parts.column = start != end ? second : 0;
    l->file = ctx_or_abort(strndup(text, (size_t)(start - text)));
    l->parts.file = l->file;
    l->parts.reason = at + 2;
}

static struct dx_unread_line *ctx_new_unread(struct dext_ctx *ctx, const char *line)
{
    for (size_t i = 0; i < ctx->unread_count; i++) {
        if (strcmp(ctx->unread[i].text, line) == 0) {
            return NULL;
        }
    }
    if (ctx->unread_count >= DEXT_UNREAD_MOST) {
        return NULL;
    }
    if (ctx->unread_count == ctx->unread_cap) {
        ctx->unread_cap = ctx->unread_cap ? ctx->unread_cap * 2 : 8;
        ctx->unread = ctx_or_abort(realloc(ctx->unread, ctx->unread_cap * sizeof *ctx->unread));
    }
    struct dx_unread_line *l = &ctx->unread[ctx->unread_count++];
    *l = (struct dx_unread_line){.text = ctx_or_abort(strdup(line))};
    l->parts.reason = l->text;
    return l;
}

static void ctx_keep_unread(struct dext_ctx *ctx, const char *line, size_t known)
{
    struct dx_unread_line *l = ctx_new_unread(ctx, line);
    if (l) {
        ctx_part_line(l, known);
    }
}

void dext_ctx_note_unread(struct dext_ctx *ctx, const char *file, const char *line)
{
    size_t n = file ? strlen(file) : 0;
    if (file) {
        ctx_keep_unread(ctx, line, strncmp(line, file, n) == 0 ? n : 0);
    } else {
        (void)ctx_new_unread(ctx, line);
    }
}

void dext_ctx_note_error(struct dext_ctx *ctx)
{
    if (ctx->error[0]) {
        ctx_keep_unread(ctx, ctx->error, ctx->error_file);
    }
}

/* How much of a text is the first argument, a file by the convention of these lines: a name with a
 * colon in it stays whole. */
static size_t ctx_file_bytes(const char *fmt, va_list ap)
{
    const char *file = strncmp(fmt, "%s", 2) == 0 && fmt[2] ? va_arg(ap, const char *) : NULL;
    return file ? strlen(file) : 0;
}

void dx_unread(struct dext_ctx *ctx, const char *fmt, ...)
{
    char line[DX_TOLD_BYTES];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    va_start(ap, fmt);
    size_t file = ctx_file_bytes(fmt, ap);
    va_end(ap);
    ctx_keep_unread(ctx, line, file < strlen(line) ? file : 0);
}

void dx_unread_take(struct dext_ctx *to, const struct dext_ctx *worker)
{
    for (size_t i = 0; i < worker->unread_count; i++) {
        const struct dx_unread_line *l = &worker->unread[i];
        dext_ctx_note_unread(to, l->file, l->text);
    }
}

static int ctx_by_text(const void *x, const void *y)
{
    const struct dx_unread_line *a = x, *b = y;
    return strcmp(a->text, b->text);
}

void dx_unread_sort(struct dext_ctx *ctx, size_t first)
{
    if (ctx->unread_count > first) {
        qsort(ctx->unread + first, ctx->unread_count - first, sizeof *ctx->unread, ctx_by_text);
    }
}

int dx_fail(struct dext_ctx *ctx, enum dext_status status, const char *fmt, ...)
{
    char text[sizeof ctx->error];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    va_start(ap, fmt);
    size_t file = ctx_file_bytes(fmt, ap);
    va_end(ap);
    file = file < strlen(text) ? file : 0;
    if (!ctx->error[0]) {
        memcpy(ctx->error, text, strlen(text) + 1);
        ctx->error_file = file;
    }
    /* Whoever gets this answer may drop it and go on without the file: it stays noted. */
    if (status == DEXT_E_IO) {
        ctx_keep_unread(ctx, text, file);
    }
    return status;
}
