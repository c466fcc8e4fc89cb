/* Lints what the folders hold, with the texts of open files in place of what is on disk, and tells
 * the client of each file what is wrong with it. */
#include <stdlib.h>
#include <string.h>

#include "app/date.h"
#include "app/path.h"
#include "lint/config.h"
#include "lint/report_util.h"
#include "lsp/server.h"
#include "lsp/uri.h"

/* ---- checking ---------------------------------------------------------------------------------
 */

struct check_run {
    struct lsp *s;
    struct dext_lint *lint;
    struct report *report;
    bool stopped;
};

static void check_on_finding(void *user, const struct dext_finding *f)
{
    report_on_finding(((struct check_run *)user)->report, f);
}

static void check_on_input(void *user, const struct dext_input *in)
{
    report_on_input(((struct check_run *)user)->report, in);
}

static void check_on_progress(void *user, size_t done, size_t total)
{
    struct check_run *run = user;
    (void)done;
    (void)total;
    if (lsp_answer_quickly(run->s)) {
        run->stopped = true;
        dext_lint_stop(run->lint);
    }
}

static bool check_is_input(const struct lsp_doc *d)
{
    return d->path && (d->kind == LSP_DOC_PLIST || d->kind == LSP_DOC_ENTITLEMENTS ||
                       (d->kind == LSP_DOC_YAML && strstr(d->path, "/project.yml")));
}

static bool check_has_input(const struct report *r, const char *path)
{
    for (size_t i = 0; i < r->input_count; i++) {
        if (strcmp(r->inputs[i].file, path) == 0) {
            return true;
        }
    }
    return false;
}

/* The folders (loose false), or those open files that the check of the folders did not come by. */
static size_t check_add(struct lsp *s, struct dext_lint *l, bool loose)
{
    size_t count = 0;
    for (size_t i = 0; !loose && i < s->root_count; i++, count++) {
        dext_lint_add_path(l, s->roots[i]);
    }
    for (size_t i = 0; i < s->doc_count; i++) {
        const struct lsp_doc *d = &s->docs[i];
        if (d->path) {
            dext_lint_set_text(l, d->path, d->text.data, d->text.size);
        }
        if (loose && check_is_input(d) && !check_has_input(&s->reports[0], d->path)) {
            dext_lint_add_path(l, d->path);
            count++;
        }
    }
    return count;
}

/* false: broken off. */
static bool check_part(struct lsp *s, struct app *app, struct report_filter *filter, bool loose)
{
    struct report *r = &s->reports[loose];
    struct check_run run = {.s = s, .report = r};
    const char *const *excludes =
        loose || !filter->config ? NULL : config_walk_excludes(filter->config, filter->walked);
    struct dext_lint_options opt = {.size = sizeof opt,
                                    .now = date_now(),
                                    .excludes = excludes,
                                    .jobs = 1, /* a request between two files is answered here */
                                    .user = &run,
                                    .on_finding = check_on_finding,
                                    .on_input = check_on_input,
                                    .on_progress = check_on_progress};
    app->ctx = dext_ctx_new(NULL);
    run.lint = dext_lint_new(app->ctx, &opt);
    report_open(r, app, "lsp", NULL, filter);
    if (check_add(s, run.lint, loose)) {
        (void)dext_lint_run(run.lint);
    }
    dext_lint_free(run.lint);
    if (!run.stopped && report_settle(r, NULL) != APP_CLEAN) {
        /* A configuration is wrong, which is told: until it is mended none holds. */
        struct config *config = filter->config;
        filter->config = NULL;
        (void)report_settle(r, NULL);
        filter->config = config;
    }
    dext_ctx_free(app->ctx);
    r->app = s->app;
    r->filter = NULL;
    return !run.stopped;
}

/* ---- telling ----------------------------------------------------------------------------------
 */

/* Diagnostics by file, as they come together: {PATH: [...]}. */

static json_t *check_range(const struct lsp_text *t, const struct dext_place *at)
{
    if (!t || at->line == 0) {
        return json_pack("{s:{s:i, s:i}, s:{s:i, s:i}}", "start", "line", 0, "character", 0, "end",
                         "line", 0, "character", 0);
    }
    size_t from = lsp_text_place(t, at->line, at->column ? at->column : 1);
    size_t to = at->length ? from + at->length : lsp_text_line_end(t, from);
    return lsp_json_range(t, from, to);
}

static void check_put(json_t *all, const char *path, json_t *diagnostic)
{
    json_t *list = json_object_get(all, path);
    if (!list) {
        list = json_array();
        if (json_object_set_new(all, path, list) != 0) { /* a name that is no UTF-8 */
            json_decref(diagnostic);
            return;
        }
    }
    (void)json_array_append_new(list, diagnostic);
}

static void check_put_finding(json_t *all, const struct lsp_text *t,
                              const struct report_finding *item)
{
    const struct dext_finding *f = &item->f;
    json_t *message = json_sprintf("%s\n%s", f->message, f->fix);
    json_t *page = json_sprintf(DEXTCTL_HOMEPAGE "/docs/rules/%s.md", dext_rule_id(f->rule));
    check_put(all, f->file,
              json_pack("{s:o, s:i, s:s, s:{s:o}, s:s, s:o, s:{s:s, s:b}}", "range",
                        check_range(t, &f->at), "severity", (int)f->severity + 1, "code",
                        dext_rule_id(f->rule), "codeDescription", "href", page, "source", "dextctl",
                        "message", message ? message : json_string(dext_rule_summary(f->rule)),
                        "data", "finding", item->fingerprint, "mends", f->edit_count != 0));
}

static void check_put_unreadable(json_t *all, const struct lsp_text *t,
                                 const struct report_input *in)
{
    struct dext_place at = {0};
    const char *reason = report_reason(in, &at.line, &at.column);
    json_t *message = json_string(reason);
    check_put(all, in->file,
              json_pack("{s:o, s:i, s:s, s:s, s:o}", "range", check_range(t, &at), "severity", 1,
                        "code", "unreadable", "source", "dextctl", "message",
                        message ? message : json_string("cannot be read")));
}

static void check_collect(struct lsp *s, const struct report *r, json_t *all)
{
    struct lsp_text owned = {0};
    const struct lsp_text *t = NULL;
    const char *last = "";
    for (size_t i = 0; i < r->count; i++) {
        const char *file = r->findings[i].f.file;
        if (strcmp(file, last) != 0) { /* they are sorted by file */
            lsp_text_free(&owned);
            t = lsp_text_of(s, file, &owned);
            last = file;
        }
        check_put_finding(all, t, &r->findings[i]);
    }
    lsp_text_free(&owned);
    for (size_t i = 0; i < r->input_count; i++) {
        const char *file = r->inputs[i].file;
        if (r->inputs[i].status == DEXT_UNREADABLE) {
            t = lsp_text_of(s, file, &owned);
            check_put_unreadable(all, t, &r->inputs[i]);
            lsp_text_free(&owned);
        }
    }
}

/* What the reader of .dextctl.json said, "dextctl: PATH:LINE:COL: why". */
static void check_collect_config(struct lsp *s, const char *said, json_t *all)
{
    const char *p = strstr(said, ": "), *file = p ? p + 2 : said;
    const char *end = strstr(file, ".dextctl.json:");
    unsigned long line = 0, column = 0;
    if (!end) {
        return;
    }
    end += sizeof ".dextctl.json" - 1;
    char *shown = app_strdup(file);
    shown[end - file] = 0;
    char *path = path_absolute(shown);
    char *rest = (char *)end; /* ":LINE:COLUMN: why" */
    if (*rest == ':') {
        line = strtoul(rest + 1, &rest, 10);
    }
    if (line && *rest == ':') {
        column = strtoul(rest + 1, &rest, 10);
    }
    if (line && column && strncmp(rest, ": ", 2) == 0) {
        struct lsp_text owned;
        const struct lsp_text *t = lsp_text_of(s, path, &owned);
        struct dext_place at = {.line = (unsigned)line, .column = (unsigned)column};
        size_t n = strcspn(rest + 2, "\n");
        check_put(all, path,
                  json_pack("{s:o, s:i, s:s, s:s, s:o}", "range", check_range(t, &at), "severity",
                            1, "code", "configuration", "source", "dextctl", "message",
                            json_stringn(rest + 2, n)));
        lsp_text_free(&owned);
    }
    free(path);
    free(shown);
}

static struct lsp_told *check_told(struct lsp *s, const char *path)
{
    for (size_t i = 0; i < s->told_count; i++) {
        if (strcmp(s->told[i].path, path) == 0) {
            return &s->told[i];
        }
    }
    if (s->told_count == s->told_cap) {
        s->told_cap = s->told_cap ? s->told_cap * 2 : 16;
        s->told = app_grow(s->told, s->told_cap * sizeof *s->told);
    }
    s->told[s->told_count] = (struct lsp_told){.path = app_strdup(path), .version = -1};
    return &s->told[s->told_count++];
}

static void check_publish(struct lsp *s, const char *path, json_t *list)
{
    struct lsp_told *told = check_told(s, path);
    const struct lsp_doc *d = lsp_doc_at(s, path);
    char *text = json_dumps(list, JSON_COMPACT);
    told->again = true;
    if (told->diagnostics && text && strcmp(told->diagnostics, text) == 0 &&
        told->version == (d ? d->version : -1)) {
        free(text);
        return;
    }
    free(told->diagnostics);
    told->diagnostics = text;
    told->version = d ? d->version : -1;
    char *uri = d ? NULL : lsp_uri_of(path);
    json_t *params = json_pack("{s:s, s:O}", "uri", d ? d->uri : uri, "diagnostics", list);
    if (params && d) {
        (void)json_object_set_new(params, "version", json_integer(d->version));
    }
    if (params) {
        lsp_rpc_notify(&s->rpc, "textDocument/publishDiagnostics", params);
    }
    free(uri);
}

/* Files of which nothing is said any more are told to be clean, and open ones that always were. */
static void check_tell(struct lsp *s, json_t *all)
{
    const char *path;
    json_t *list;
    for (size_t i = 0; i < s->told_count; i++) {
        s->told[i].again = false;
    }
    json_object_foreach(all, path, list)
    {
        check_publish(s, path, list);
    }
    json_t *none = json_array();
    for (size_t i = 0; i < s->doc_count; i++) {
        if (s->docs[i].path && s->docs[i].kind != LSP_DOC_OTHER &&
            !json_object_get(all, s->docs[i].path)) {
            check_publish(s, s->docs[i].path, none);
        }
    }
    for (size_t i = 0; i < s->told_count;) {
        if (!s->told[i].again) {
            check_publish(s, s->told[i].path, none);
            free(s->told[i].path);
            free(s->told[i].diagnostics);
            s->told[i] = s->told[--s->told_count];
        } else {
            i++;
        }
    }
    json_decref(none);
}

void lsp_check(struct lsp *s)
{
    static const char *const nowhere[] = {NULL};
    struct app app = *s->app; /* its messages are for the client, its memory ends with the check */
    char *said = NULL;
    size_t said_size = 0;
    app.err = open_memstream(&said, &said_size);
    if (!app.err) {
        return;
    }
    int status = APP_CLEAN;
    struct report_filter filter = {
        .select = s->settings.select,
        .ignore = s->settings.ignore,
        .ruleset = s->settings.ruleset,
        .preview = s->settings.preview,
        .walked = s->roots ? (const char *const *)s->roots : nowhere,
    };
    s->stale = false;
    report_free(&s->reports[0]);
    report_free(&s->reports[1]);
    s->reports[0] = s->reports[1] = (struct report){.app = s->app};
    filter.config = config_open(&app, s->settings.config, &status);
    for (size_t i = 0; filter.config && i < s->root_count; i++) {
        (void)config_prepare(filter.config, s->roots[i]);
    }
    bool whole = check_part(s, &app, &filter, false) && check_part(s, &app, &filter, true);
    config_free(filter.config);
    (void)fclose(app.err);
    s->stale = s->stale || !whole;
    if (whole) {
        json_t *all = json_object();
        check_collect(s, &s->reports[0], all);
        check_collect(s, &s->reports[1], all);
        check_collect_config(s, said, all);
        check_tell(s, all);
        json_decref(all);
    }
    free(said);
}

void lsp_check_free(struct lsp *s)
{
    report_free(&s->reports[0]);
    report_free(&s->reports[1]);
    for (size_t i = 0; i < s->told_count; i++) {
        free(s->told[i].path);
        free(s->told[i].diagnostics);
    }
    free(s->told);
}
