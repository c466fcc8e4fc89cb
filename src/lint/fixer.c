#include "lint/fixer.h"

#include <stdlib.h>
#include <string.h>

#include "app/file.h"
#include "app/output.h"
#include "dext/plist.h"
#include "lint/diff.h"

#define FILE_LIMIT ((size_t)256 << 20)

struct noted {
    size_t hash; /* of the name: names of one tree differ late */
    char *name;
    char *data; /* NULL: could not be read again */
    size_t size;
    char *first; /* fixer_only_show: the bytes before the first mend */
    size_t first_size;
    bool failed; /* told; not tried again */
    bool mended;
};

struct fixer {
    struct app *app;
    struct noted *files; /* in the order they were noted */
    size_t count, cap;
    bool failed;
    bool only_show;
};

/* What will be done to one file. */
struct plan {
    const struct dext_edit **edits; /* sorted, not overlapping */
    size_t count;
    size_t mended; /* findings */
};

struct fixer *fixer_open(struct app *app)
{
    struct fixer *x = app_alloc(sizeof *x);
    x->app = app;
    return x;
}

void fixer_free(struct fixer *x)
{
    for (size_t i = 0; x && i < x->count; i++) {
        free(x->files[i].name);
        free(x->files[i].data);
        free(x->files[i].first);
    }
    if (x) {
        free(x->files);
    }
    free(x);
}

bool fixer_failed(const struct fixer *x)
{
    return x && x->failed;
}

static size_t fixer_hash(const char *name)
{
    size_t h = 5381;
    for (; *name; name++) {
        h = h * 33 ^ (unsigned char)*name;
    }
    return h;
}

/* From the end: findings come file by file. */
static struct noted *noted(const struct fixer *x, const char *name)
{
    size_t h = fixer_hash(name);
    for (size_t i = x->count; i-- > 0;) {
        if (x->files[i].hash == h && strcmp(x->files[i].name, name) == 0) {
            return &x->files[i];
        }
    }
    return NULL;
}

static struct noted *fixer_add(struct fixer *x, const char *name)
{
    if (x->count == x->cap) {
        x->cap = x->cap ? x->cap * 2 : 16;
        x->files = app_grow(x->files, x->cap * sizeof *x->files);
    }
    x->files[x->count] = (struct noted){.hash = fixer_hash(name), .name = app_strdup(name)};
    return &x->files[x->count++];
}

void fixer_note_bytes(struct fixer *x, const char *name, const char *data, size_t size)
{
    struct noted *n = fixer_add(x, name);
    n->data = app_alloc(size + 1);
    memcpy(n->data, data, size);
    n->size = size;
}

void fixer_note(struct fixer *x, const char *file)
{
    if (!noted(x, file)) {
        struct noted *n = fixer_add(x, file);
        if (file_read(file, FILE_LIMIT, &n->data, &n->size)) {
            n->data = NULL;
        }
    }
}

static int by_offset(const void *a, const void *b)
{
    const struct dext_edit *x = *(const struct dext_edit *const *)a;
    const struct dext_edit *y = *(const struct dext_edit *const *)b;
    int c = x->offset < y->offset ? -1 : x->offset > y->offset;
    return c ? c : x->length < y->length ? -1 : x->length > y->length;
}

static bool fixer_same(const struct dext_edit *a, const struct dext_edit *b)
{
    return a->offset == b->offset && a->length == b->length && strcmp(a->text, b->text) == 0;
}

/* Two replacements may touch. Two insertions at one place, or one at the edge of what another takes
 * out, may not: they have no order that is right by itself. */
static bool apart(const struct dext_edit *a, const struct dext_edit *b)
{
    size_t gap = a->length == 0 || b->length == 0;
    return a->offset + a->length + gap <= b->offset || b->offset + b->length + gap <= a->offset;
}

static bool changes_something(const struct dext_edit *e, const struct noted *n)
{
    return strlen(e->text) != e->length || memcmp(n->data + e->offset, e->text, e->length) != 0;
}

/* Where line number `line` of the text begins. "\r" alone ends a line, too, as for the readers. */
static const char *fixer_line_start(const struct noted *n, unsigned line)
{
    const char *p = n->data, *end = n->data + n->size;
    while (line > 1 && p < end) {
        if (*p == '\n' || (*p == '\r' && !(p + 1 < end && p[1] == '\n'))) {
            line--;
        }
        p++;
    }
    return p;
}

/* Whether the bytes kept are those the finding speaks of, as far as it shows. */
static bool still_there(const struct dext_finding *f, const struct noted *n)
{
    if (f->line && f->at.line) {
        const char *p = fixer_line_start(n, f->at.line);
        size_t len = strlen(f->line), left = (size_t)(n->data + n->size - p);
        size_t bom = f->at.line == 1 && left >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
        if (left - bom < len || memcmp(p + bom, f->line, len) != 0) {
            return false;
        }
    }
    for (size_t i = 0; i < f->edit_count; i++) {
        if (f->edits[i].offset > n->size || n->size - f->edits[i].offset < f->edits[i].length) {
            return false;
        }
    }
    return true;
}

static void fixer_take(struct plan *p, const struct dext_finding *f, const struct noted *n)
{
    bool useful = false;
    for (size_t i = 0; i < f->edit_count; i++) {
        const struct dext_edit *e = &f->edits[i];
        useful = useful || changes_something(e, n);
        for (size_t k = 0; k < p->count; k++) {
            if (!apart(e, p->edits[k]) && !fixer_same(e, p->edits[k])) {
                return;
            }
        }
        for (size_t k = 0; k < i; k++) {
            if (!apart(e, &f->edits[k])) {
                return;
            }
        }
    }
    if (!useful) {
        return;
    }
    p->edits = app_grow(p->edits, (p->count + f->edit_count) * sizeof *p->edits);
    size_t before = p->count;
    for (size_t i = 0; i < f->edit_count; i++) {
        bool known = false;
        for (size_t k = 0; k < before; k++) {
            known = known || fixer_same(&f->edits[i], p->edits[k]);
        }
        if (!known) {
            p->edits[p->count++] = &f->edits[i];
        }
    }
    p->mended++;
}

static void fixer_fail(struct fixer *x, struct noted *n, const char *why)
{
    app_error(x->app, "%s: not mended: %s", n->name, why);
    n->failed = true;
    x->failed = true;
}

/* The edits for the findings [from, end), which are all of one file. */
static struct plan make_plan(struct fixer *x, const struct report *r, size_t from, size_t end,
                             struct noted **file)
{
    struct plan p = {0};
    struct noted *n = noted(x, r->findings[from].f.file);
    *file = n;
    for (size_t i = from; i < end; i++) {
        const struct dext_finding *f = &r->findings[i].f;
        if (!f->edit_count || !n || n->failed) {
            continue;
        }
        if (!n->data || !still_there(f, n)) {
            fixer_fail(x, n, "it changed while it was being checked");
            p.count = p.mended = 0;
            break;
        }
        fixer_take(&p, f, n);
    }
    if (p.count) {
        qsort(p.edits, p.count, sizeof *p.edits, by_offset);
    }
    return p;
}

/* A mend must not break what could be read before. */
static bool readable(struct fixer *x, const char *name, const char *data, size_t size)
{
    struct dext_plist *pl;
    bool fine = dext_plist_parse(&pl, x->app->ctx, name, data, size) == DEXT_OK &&
                dext_plist_root(pl) != NULL;
    dext_ctx_clear(x->app->ctx);
    return fine;
}

/* NULL when the file still has the bytes that were checked, otherwise why it is left alone. */
static const char *unchanged(const struct noted *n)
{
    size_t now_size = 0;
    char *now = NULL;
    const char *why = file_read(n->name, FILE_LIMIT, &now, &now_size);
    if (!why && (now_size != n->size || memcmp(now, n->data, n->size) != 0)) {
        why = "it changed while it was being checked";
    }
    free(now);
    return why;
}

/* Mended under another name, through a link or as the same path written otherwise: it is seen anew.
 * A hard link is another file by then. */
static bool fixer_mended_otherwise(const struct fixer *x, struct noted *n)
{
    bool same = false;
    char *path = realpath(n->name, NULL);
    for (size_t i = 0; i < x->count && path && !same; i++) {
        const struct noted *other = &x->files[i];
        char *there = other->mended && other != n ? realpath(other->name, NULL) : NULL;
        same = there && strcmp(path, there) == 0;
        if (same) {
            free(n->data);
            n->data = app_alloc(other->size + 1);
            memcpy(n->data, other->data, other->size);
            n->size = other->size;
            same = !unchanged(n);
        }
        free(there);
    }
    free(path);
    return same;
}

static size_t lint_fixer_apply(struct fixer *x, struct noted *n, const struct plan *p)
{
    size_t size;
    char *text = diff_apply(n->data, n->size, p->edits, p->count, &size);
    const char *why = x->only_show ? NULL : unchanged(n);
    if (why && fixer_mended_otherwise(x, n)) {
        free(text);
        return 0;
    }
    if (!why && readable(x, n->name, n->data, n->size) && !readable(x, n->name, text, size)) {
        why = "the result would be no property list (a fault in dextctl, please report it)";
    }
    size_t links = 0;
    why = why || x->only_show ? why : output_mend(n->name, text, size, &links);
    if (links) {
        app_error(x->app, "%s: mended under this name only; %zu other hard link%s what was there",
                  n->name, links, links == 1 ? " keeps" : "s keep");
    }
    if (why) {
        free(text);
        fixer_fail(x, n, why);
        return 0;
    }
    if (x->only_show && !n->first) {
        n->first = n->data;
        n->first_size = n->size;
    } else {
        free(n->data); /* the next round sees what stands there now */
    }
    n->data = text;
    n->size = size;
    n->mended = true;
    if (x->app->verbose && !x->only_show) {
        app_error(x->app, "%s: %zu mended", n->name, p->mended);
    }
    return p->mended;
}

static size_t diff(struct fixer *x, struct noted *n, const struct plan *p)
{
    diff_write(x->app, n->name, n->data, n->size, p->edits, p->count);
    return p->mended;
}

static size_t each_file(struct fixer *x, const struct report *r,
                        size_t (*act)(struct fixer *, struct noted *, const struct plan *))
{
    size_t mended = 0;
    for (size_t i = 0, n; i < r->count; i += n) {
        n = 1;
        while (i + n < r->count && strcmp(r->findings[i].f.file, r->findings[i + n].f.file) == 0) {
            n++;
        }
        struct noted *file;
        struct plan p = make_plan(x, r, i, i + n, &file);
        if (p.count) {
            mended += act(x, file, &p);
        }
        free(p.edits);
    }
    return mended;
}

size_t fixer_apply(struct fixer *x, const struct report *r)
{
    return each_file(x, r, lint_fixer_apply);
}

size_t fixer_diff(struct fixer *x, const struct report *r)
{
    return each_file(x, r, diff);
}

void fixer_only_show(struct fixer *x)
{
    x->only_show = true;
}

void fixer_give_texts(const struct fixer *x, struct dext_lint *l)
{
    for (size_t i = 0; x && i < x->count; i++) {
        if (x->files[i].first) {
            dext_lint_set_text(l, x->files[i].name, x->files[i].data, x->files[i].size);
        }
    }
}

static int fixer_by_name(const void *a, const void *b)
{
    const struct noted *const *x = a, *const *y = b;
    return strcmp((*x)->name, (*y)->name);
}

void fixer_diff_all(const struct fixer *x)
{
    const struct noted **list = app_alloc((x->count + 1) * sizeof *list);
    size_t count = 0;
    for (size_t i = 0; i < x->count; i++) {
        if (x->files[i].first) {
            list[count++] = &x->files[i];
        }
    }
    qsort(list, count, sizeof *list, fixer_by_name);
    for (size_t i = 0; i < count; i++) {
        diff_write_texts(x->app, list[i]->name, list[i]->first, list[i]->first_size, list[i]->data,
                         list[i]->size);
    }
    free(list);
}
