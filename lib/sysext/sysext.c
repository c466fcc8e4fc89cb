#include "sysext/sysext.h"
#include "logs/json_rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/source.h"

#define MOST_ROWS 2000

struct reader {
    struct dext_ctx *ctx;
    struct dext_sysext *list;
    size_t row_cap, note_cap;
    const char *category;
    bool in_list, unresolved;
};

static void sysext_note(struct reader *r, const char *text)
{
    *DX_PUSH(&r->ctx->arena, r->list->notes, r->list->note_count, r->note_cap) = text;
}

/* "N extension(s)" */
static bool sysext_count_line(struct reader *r, struct dx_str s)
{
    size_t n = 0;
    long count = 0;
    while (n < s.n && n < 9 && s.p[n] >= '0' && s.p[n] <= '9') {
        count = count * 10 + (s.p[n++] - '0');
    }
    if (n == 0 || !dx_str_is((struct dx_str){s.p + n, s.n - n}, " extension(s)")) {
        return false;
    }
    /* Two lists in one file, pasted one below the other: both counts belong to the rows. */
    r->list->declared = (r->list->declared < 0 ? 0 : r->list->declared) + count;
    r->in_list = true;
    r->category = "";
    return true;
}

/* "--- com.apple.system_extension.driver_extension", since macOS 15 with a hint in parentheses. */
static bool category_line(struct reader *r, struct dx_str s)
{
    static const char lead[] = "--- ", prefix[] = "com.apple.system_extension.";
    if (!dx_str_has_prefix(s, lead)) {
        return false;
    }
    s = dx_str_trim((struct dx_str){s.p + 4, s.n - 4});
    if (!dx_str_has_prefix(s, prefix)) {
        return false;
    }
    s.p += sizeof prefix - 1;
    s.n -= sizeof prefix - 1;
    size_t n = 0;
    while (n < s.n && s.p[n] != ' ' && s.p[n] != '\t') {
        n++;
    }
    r->category = dx_strndup(&r->ctx->arena, s.p, n);
    r->in_list = true;
    return true;
}

/* "zsh: abort      systemextensionsctl list", or what the Swift runtime printed before. */
static void death_line(struct reader *r, struct dx_str s)
{
    static const char *const words[] = {"Fatal error",
                                        "trace trap",
                                        "Trace/BPT trap",
                                        "llegal instruction",
                                        "illegal hardware instruction",
                                        ": abort",
                                        "Abort trap"};
    bool named = dx_str_contains(s, "systemextensionsctl");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (dx_str_contains(s, words[i]) &&
            (named || ((r->in_list || r->unresolved) && !dx_str_contains(s, "sysextd")))) {
            r->list->died = true;
        }
    }
}

static bool other_line(struct reader *r, struct dx_str s)
{
    if (dx_str_contains(s, "teamID") && dx_str_contains(s, "bundleID")) {
        r->in_list = true;
        return true;
    }
    if (dx_str_contains(s, "Completely failed to resolve bundle info")) {
        r->unresolved = true;
        death_line(r, s);
        return true;
    }
    return false;
}

static int sysext_one_line(struct reader *r, struct dx_str s, unsigned line)
{
    s = dx_sysext_unpaste(s, &r->ctx->arena);
    struct dx_str t = dx_str_trim(s);
    struct dext_sysext_row row;
    if (t.n == 0 || sysext_count_line(r, t) || category_line(r, t) || other_line(r, t)) {
        return DEXT_OK;
    }
    if (!dx_sysext_row(&row, &r->ctx->arena, s, r->category, r->in_list)) {
        death_line(r, t);
        return DEXT_OK;
    }
    if (r->list->row_count == MOST_ROWS) {
        return dx_fail(r->ctx, DEXT_E_LIMIT, "%s:%u: more than %d extensions", r->list->file, line,
                       MOST_ROWS);
    }
    row.line = line;
    *DX_PUSH(&r->ctx->arena, r->list->rows, r->list->row_count, r->row_cap) = row;
    return DEXT_OK;
}

/* The message alone means that the name of the row below is missing: the tool often goes on after
 * it (https://github.com/obsproject/obs-studio/pull/9638). */
static void note_unresolved(struct reader *r)
{
    bool whole = r->list->declared >= 0 && (size_t)r->list->declared == r->list->row_count;
    if (r->unresolved && whole) {
        sysext_note(r,
                    "systemextensionsctl could not read the bundle of a row (Completely failed to "
                    "resolve bundle info): that row has no name; the list is complete");
    } else if (r->unresolved) {
        sysext_note(r,
                    "systemextensionsctl could not read the bundle of a row (Completely failed to "
                    "resolve bundle info): its files are gone, and rows may be missing");
    }
}

static int sysext_finish(struct reader *r)
{
    struct dext_sysext *list = r->list;
    note_unresolved(r);
    if (list->died) {
        sysext_note(
            r, "systemextensionsctl itself ended with an error: the list is not complete. Mostly "
               "the files of an extension were removed by hand: install its app again, deactivate "
               "the extension from it, restart");
    }
    if (list->declared < 0 && list->row_count == 0 && !list->died) {
        return dx_fail(r->ctx, DEXT_E_FORMAT, "%s: no list of system extensions in it", list->file);
    }
    if (list->declared >= 0 && (size_t)list->declared != list->row_count) {
        sysext_note(
            r, dx_sprintf(&r->ctx->arena,
                          "the list says %ld extension(s) but holds %zu: it was shortened, or a "
                          "row could not be read",
                          list->declared, list->row_count));
    }
    dx_sysext_group(list, &r->ctx->arena);
    return DEXT_OK;
}

struct rows_into {
    char *p;
    size_t n;
};

static bool sysext_keep(void *user, const char *data, size_t size)
{
    struct rows_into *to = user;
    memcpy(to->p + to->n, data, size);
    to->n += size;
    return true;
}

/* An array of objects, as inventories write it, is one row a line. */
static struct dx_str sysext_rows(struct dext_ctx *ctx, const char *data, size_t size)
{
    struct rows_into to = {dx_alloc(&ctx->arena, size + 1), 0};
    struct dx_json_rows rows = {.depth = 0};
    (void)dx_json_rows(&rows, data, size, false, sysext_keep, &to);
    (void)dx_json_rows(&rows, "", 0, true, sysext_keep, &to);
    return (struct dx_str){to.p, to.n};
}

int dext_sysext_parse(struct dext_sysext **out, struct dext_ctx *ctx, const char *name,
                      const char *data, size_t size)
{
    struct dext_sysext *list = dx_alloc(&ctx->arena, sizeof *list);
    struct reader r = {.ctx = ctx, .list = list, .category = ""};
    list->file = dx_strdup(&ctx->arena, name);
    list->declared = -1;
    struct dx_str rows = sysext_rows(ctx, data, size);
    data = rows.p;
    size = rows.n;
    unsigned line = 1;
    for (size_t i = 0; i < size; line++) {
        const char *end = memchr(data + i, '\n', size - i);
        size_t n = end ? (size_t)(end - data) - i : size - i;
        int rc = sysext_one_line(&r, (struct dx_str){data + i, n}, line);
        if (rc < 0) {
            return rc;
        }
        i += n + 1;
    }
    *out = list;
    return sysext_finish(&r);
}

int dext_sysext_read(struct dext_sysext **out, struct dext_ctx *ctx, const char *path)
{
    struct dx_source s;
    int rc = dx_source_read(&s, ctx, path);
    return rc < 0 ? rc : dext_sysext_parse(out, ctx, path, s.data, s.size);
}
