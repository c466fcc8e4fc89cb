#include "lint/report.h"

#include <stdlib.h>
#include <string.h>

#include "app/path.h"
#include "lint/config.h"
#include "lint/filter.h"
#include "lint/fixer.h"

const struct report_format *report_format_for(enum face face)
{
    static const struct report_format *const formats[FACE_COUNT] = {
        [FACE_HUMAN] = &report_human,   [FACE_JSON] = &report_record,
        [FACE_NDJSON] = &report_record, [FACE_SARIF] = &report_sarif,
        [FACE_GITHUB] = &report_github, [FACE_JUNIT] = &report_junit,
        [FACE_GITLAB] = &report_gitlab, [FACE_GCC] = &report_gcc,
    };
    return formats[face];
}

/* Copies are kept in blocks that are freed together. */
struct arena_text {
    struct arena_text *next;
    size_t used, cap;
    char data[];
};

/* One file is mostly clean: what is not written need not be had. */
#define FIRST_BLOCK 2048
#define BLOCK 65536

static void *report_take(struct report *r, size_t n)
{
    n = (n + 15) / 16 * 16;
    if (!r->text || r->text->cap - r->text->used < n) {
        size_t cap = r->text ? BLOCK : FIRST_BLOCK;
        cap = n > cap ? n : cap;
        struct arena_text *block = app_alloc(sizeof *block + cap);
        block->cap = cap;
        block->next = r->text;
        r->text = block;
    }
    void *p = r->text->data + r->text->used;
    r->text->used += n;
    return p;
}

const char *report_copy(struct report *r, const char *s)
{
    if (!s) {
        return NULL;
    }
    size_t n = strlen(s) + 1;
    return memcpy(report_take(r, n), s, n);
}

void report_open(struct report *r, struct app *app, const char *command,
                 const struct report_format *format, struct report_filter *filter)
{
    *r = (struct report){.app = app, .command = command, .format = format, .filter = filter};
}

/* What stands in a message about another line ("the other one is on line 9") is no part of what
 * makes a finding the same one. */
static const char *past_line_number(const char *text, const char *p)
{
    bool number = *p >= '0' && *p <= '9' && p - text >= 5 && memcmp(p - 5, "line ", 5) == 0;
    return number ? p + strspn(p, "0123456789") : p;
}

/* FNV-1a, 128 bits in two halves: a name for a finding, not a defence. */
static void report_fingerprint(struct report *r, struct report_finding *f)
{
    if (!r->named || strcmp(r->named, f->f.file) != 0) {
        char *shown = path_shown(f->f.file);
        r->named = f->f.file;
        r->shown = report_copy(r, shown);
        free(shown);
    }
    const char *parts[] = {dext_rule_id(f->f.rule), r->shown, f->f.path, f->f.message};
    uint64_t a = 0xcbf29ce484222325U, b = 0x84222325cbf29ce4U;
    for (size_t i = 0; i < 4; i++) {
        const char *p = parts[i] ? parts[i] : "";
        while (*p) {
            a = (a ^ (unsigned char)*p) * 0x100000001b3U;
            b = (b ^ (unsigned char)*p) * 0x100000001b3U + a;
            p = past_line_number(parts[i], p + 1);
        }
        a = (a ^ 0xff) * 0x100000001b3U;
    }
    (void)snprintf(f->fingerprint, sizeof f->fingerprint, "%016llx%016llx", (unsigned long long)a,
                   (unsigned long long)b);
}

void report_on_finding(void *user, const struct dext_finding *f)
{
    struct report *r = user;
    if (r->count == r->cap) {
        r->cap = r->cap ? r->cap * 2 : 64;
        r->findings = app_grow(r->findings, r->cap * sizeof *r->findings);
    }
    struct report_finding *copy = &r->findings[r->count++];
    *copy = (struct report_finding){.f = *f};
    copy->f.file = report_copy(r, f->file);
    copy->f.path = report_copy(r, f->path);
    copy->f.message = report_copy(r, f->message);
    copy->f.why = report_copy(r, f->why);
    copy->f.fix = report_copy(r, f->fix);
    copy->f.line = report_copy(r, f->line);
    struct dext_edit *edits = f->edit_count ? report_take(r, f->edit_count * sizeof *edits) : NULL;
    for (size_t i = 0; i < f->edit_count; i++) {
        edits[i] = f->edits[i];
        edits[i].text = report_copy(r, f->edits[i].text);
    }
    copy->f.edits = edits;
    report_fingerprint(r, copy);
    if (r->fixer && f->edit_count) {
        fixer_note(r->fixer, copy->f.file);
    }
}

void report_on_input(void *user, const struct dext_input *in)
{
    struct report *r = user;
    if (r->input_count == r->input_cap) {
        r->input_cap = r->input_cap ? r->input_cap * 2 : 64;
        r->inputs = app_grow(r->inputs, r->input_cap * sizeof *r->inputs);
    }
    r->inputs[r->input_count++] = (struct report_input){
        report_copy(r, in->file), report_copy(r, in->kind), report_copy(r, in->reason), in->status};
}

static const char *const *copy_texts(struct report *r, const char *const *list, size_t n)
{
    const char **copy = n ? report_take(r, n * sizeof *copy) : NULL;
    for (size_t i = 0; i < n; i++) {
        copy[i] = report_copy(r, list[i]);
    }
    return copy;
}

void report_on_product(void *user, const struct dext_product *p)
{
    struct report *r = user;
    if (r->product_count == r->product_cap) {
        r->product_cap = r->product_cap ? r->product_cap * 2 : 8;
        r->products = app_grow(r->products, r->product_cap * sizeof *r->products);
    }
    struct dext_product *copy = &r->products[r->product_count++].p;
    *copy = *p;
    const char **texts[] = {&copy->project,   &copy->configuration,    &copy->app,
                            &copy->app_id,    &copy->app_entitlements, &copy->driver,
                            &copy->driver_id, &copy->bundle,           &copy->folder,
                            &copy->info,      &copy->entitlements,     &copy->named,
                            &copy->app_named};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        *texts[i] = report_copy(r, *texts[i]);
    }
    copy->matches = copy_texts(r, p->matches, p->match_count);
    copy->reasons = copy_texts(r, p->reasons, p->reason_count);
}

static int report_by_place(const void *x, const void *y)
{
    const struct dext_finding *a = &((const struct report_finding *)x)->f;
    const struct dext_finding *b = &((const struct report_finding *)y)->f;
    int c = strcmp(a->file, b->file);
    c = c ? c : a->at.line < b->at.line ? -1 : a->at.line > b->at.line;
    c = c ? c : a->at.column < b->at.column ? -1 : a->at.column > b->at.column;
    c = c ? c : strcmp(dext_rule_id(a->rule), dext_rule_id(b->rule));
    c = c ? c : strcmp(a->path, b->path);
    return c ? c : strcmp(a->message, b->message);
}

static int inputs_by_file(const void *x, const void *y)
{
    const struct report_input *a = x, *b = y;
    int c = strcmp(a->file, b->file);
    return c ? c : (int)a->status - (int)b->status;
}

static size_t report_rank(const char *fail_on)
{
    return strcmp(fail_on, "never") == 0     ? 0
           : strcmp(fail_on, "error") == 0   ? 1
           : strcmp(fail_on, "warning") == 0 ? 2
                                             : 3;
}

static void report_count(struct report *r, const char *fail_on)
{
    for (size_t i = 0; i < r->count; i++) {
        struct report_finding *f = &r->findings[i];
        enum dext_severity s = f->f.severity;
        *(s == DEXT_ERROR     ? &r->counts.errors
          : s == DEXT_WARNING ? &r->counts.warnings
                              : &r->counts.notes) += 1;
        r->counts.fixable += f->f.edit_count != 0;
        f->fails = (size_t)s < report_rank(filter_fail_on(r->filter, fail_on, f->f.file));
    }
    for (size_t i = 0; i < r->input_count; i++) {
        enum dext_input_status s = r->inputs[i].status;
        *(s == DEXT_CHECKED   ? &r->counts.checked
          : s == DEXT_SKIPPED ? &r->counts.skipped
                              : &r->counts.unreadable) += 1;
    }
}

/* A rule of that kind was shown for an earlier file; the user did not ask for all. */
static bool told_already(const struct report *r, size_t kept, const struct report_finding *f)
{
    if (r->app->verbose || !dext_rule_is_told_once(f->f.rule)) {
        return false;
    }
    for (size_t i = 0; i < kept; i++) {
        if (r->findings[i].f.rule == f->f.rule) {
            return true;
        }
    }
    return false;
}

static void settle_findings(struct report *r)
{
    if (r->count) {
        qsort(r->findings, r->count, sizeof *r->findings, report_by_place);
    }
    size_t kept = 0;
    struct report_finding last = {0};
    for (size_t i = 0; i < r->count; i++) {
        struct report_finding f = r->findings[i];
        if (last.f.rule && report_by_place(&last, &f) == 0) {
            continue;
        }
        last = f;
        if (filter_excludes(r->filter, f.f.file)) {
            continue;
        }
        enum filter_verdict verdict = filter_judge(r->filter, &f);
        r->counts.suppressed += verdict == FILTER_SUPPRESSED;
        if (verdict == FILTER_SHOW && !told_already(r, kept, &f)) {
            r->findings[kept++] = f;
        }
    }
    r->count = kept;
}

static void settle_inputs(struct report *r)
{
    if (r->input_count) {
        qsort(r->inputs, r->input_count, sizeof *r->inputs, inputs_by_file);
    }
    size_t kept = 0;
    for (size_t i = 0; i < r->input_count; i++) {
        struct report_input in = r->inputs[i];
        bool again = kept && strcmp(r->inputs[kept - 1].file, in.file) == 0 &&
                     r->inputs[kept - 1].status == in.status;
        bool excluded = filter_excludes(r->filter, in.file);
        r->walked.ignored += excluded;
        if (!again && !excluded) {
            r->inputs[kept++] = in;
        }
    }
    r->input_count = kept;
}

/* A wrong folder, or a .gitignore that holds "*", must not look like a clean driver. */
static void report_settle_nothing(struct report *r)
{
    r->counts.nothing = r->counts.checked == 0 && r->counts.unreadable == 0;
    if (!r->counts.nothing || r->allow_empty) {
        return;
    }
    const size_t skipped = r->counts.skipped, ignored = r->walked.ignored, links = r->walked.links;
    char why[128] = "no property list, bundle or project was found", left[96] = "", linked[96] = "";
    if (skipped) {
        (void)snprintf(why, sizeof why, "%zu input%s skipped", skipped,
                       skipped == 1 ? " was" : "s were");
    }
    if (ignored) {
        (void)snprintf(left, sizeof left, "; ignore patterns left out %zu file%s or folder%s",
                       ignored, ignored == 1 ? "" : "s", ignored == 1 ? "" : "s");
    }
    if (links) {
        (void)snprintf(linked, sizeof linked, "; %zu symbolic link%s not followed", links,
                       links == 1 ? " was" : "s were");
    }
    char text[512];
    (void)snprintf(text, sizeof text, "nothing was checked: %s%s%s", why, left, linked);
    r->nothing = report_copy(r, text);
}

int report_settle(struct report *r, const char *fail_on)
{
    struct config *config = r->filter ? r->filter->config : NULL;
    for (size_t i = 0; config && i < r->input_count; i++) {
        int status = config_prepare(config, r->inputs[i].file);
        if (status) {
            return status;
        }
    }
    settle_findings(r);
    settle_inputs(r);
    report_sort_products(r);
    report_count(r, fail_on);
    report_settle_nothing(r);
    r->settled = true;
    return APP_CLEAN;
}

void report_forget(struct report *r)
{
    r->counts.suppressed += r->count;
    r->counts.errors = r->counts.warnings = r->counts.notes = r->counts.fixable = 0;
    r->count = 0;
}

void report_tell_unreadable(const struct report *r)
{
    for (size_t i = 0; i < r->input_count; i++) {
        if (r->inputs[i].status == DEXT_UNREADABLE) {
            app_unread_line(r->app, r->inputs[i].file, r->inputs[i].reason);
        }
    }
    if (r->nothing) {
        app_error(r->app, "%s (--allow-empty makes that a success)", r->nothing);
    }
}

const struct config_file *report_config(const struct report *r, size_t i)
{
    return config_used(r->filter ? r->filter->config : NULL, i);
}

int report_status(const struct report *r)
{
    size_t failing = 0;
    for (size_t i = 0; i < r->count; i++) {
        failing += r->findings[i].fails;
    }
    return r->counts.unreadable || r->nothing ? APP_UNREADABLE : failing ? APP_FINDINGS : APP_CLEAN;
}

int report_write(const struct report *r)
{
    for (size_t i = 0; i < r->input_count; i++) {
        if (r->inputs[i].status == DEXT_UNREADABLE) {
            dext_ctx_note_unread(r->app->ctx, r->inputs[i].file, r->inputs[i].reason);
        }
    }
    r->format->write(r);
    report_tell_unreadable(r);
    return report_status(r);
}

void report_free(struct report *r)
{
    while (r->text) {
        struct arena_text *next = r->text->next;
        free(r->text);
        r->text = next;
    }
    free(r->findings);
    free(r->inputs);
    free(r->products);
}
