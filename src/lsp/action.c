/* Mends of findings: one each, all of a file at once, and a comment that silences a rule. */
#include <stdlib.h>
#include <string.h>

#include "lsp/server.h"
#include "lsp/uri.h"

#define ACTION_FIX_ALL "source.fixAll.dextctl"

struct action_list {
    struct lsp *s;
    const struct lsp_doc *doc;
    json_t *actions;
    size_t from, to; /* what is selected */
};

static json_t *action_edit(const struct lsp_text *t, const struct dext_edit *e)
{
    return json_pack("{s:o, s:s}", "range", lsp_json_range(t, e->offset, e->offset + e->length),
                     "newText", e->text);
}

/* Takes over edits. */
static json_t *action_workspace_edit(const struct lsp *s, const struct lsp_doc *d, json_t *edits)
{
    if (s->document_changes) {
        return json_pack("{s:[{s:{s:s, s:I}, s:o}]}", "documentChanges", "textDocument", "uri",
                         d->uri, "version", d->version, "edits", edits);
    }
    return json_pack("{s:{s:o}}", "changes", d->uri, edits);
}

static bool action_fits(const struct lsp_text *t, const struct dext_finding *f)
{
    for (size_t i = 0; i < f->edit_count; i++) {
        if (f->edits[i].offset > t->size || f->edits[i].length > t->size - f->edits[i].offset) {
            return false;
        }
    }
    return f->edit_count != 0;
}

/* The diagnostic that the client sent for a finding, so that it knows what the action mends. */
static json_t *action_diagnostics(const json_t *context, const struct report_finding *item)
{
    json_t *list = json_array();
    const json_t *all = json_object_get(context, "diagnostics");
    for (size_t i = 0; i < json_array_size(all); i++) {
        json_t *one = json_array_get(all, i);
        const char *id =
            json_string_value(json_object_get(json_object_get(one, "data"), "finding"));
        if (id && strcmp(id, item->fingerprint) == 0) {
            (void)json_array_append(list, one);
        }
    }
    return list;
}

static void action_mend(struct action_list *a, const json_t *context,
                        const struct report_finding *item)
{
    const struct dext_finding *f = &item->f;
    json_t *edits = json_array();
    for (size_t i = 0; i < f->edit_count; i++) {
        (void)json_array_append_new(edits, action_edit(&a->doc->text, &f->edits[i]));
    }
    (void)json_array_append_new(a->actions,
                                json_pack("{s:o, s:s, s:o, s:b, s:o}", "title",
                                          json_sprintf("%s (%s)", f->fix, dext_rule_id(f->rule)),
                                          "kind", "quickfix", "diagnostics",
                                          action_diagnostics(context, item), "isPreferred", 1,
                                          "edit", action_workspace_edit(a->s, a->doc, edits)));
}

/* A comment on a line of its own above the finding, as dextctl-lint(1) has it. */
static void action_silence(struct action_list *a, const json_t *context,
                           const struct report_finding *item)
{
    const struct lsp_text *t = &a->doc->text;
    const struct dext_finding *f = &item->f;
    bool xml = t->size && a->doc->kind != LSP_DOC_YAML;
    if (!xml || f->at.line == 0) {
        return;
    }
    size_t start = lsp_text_line_start(t, lsp_text_place(t, f->at.line, 1));
    size_t indent = strspn(t->data + start, " \t");
    bool source = a->doc->kind == LSP_DOC_SOURCE;
    json_t *text =
        json_sprintf("%.*s%s dextctl: ignore %s%s\n", (int)indent, t->data + start,
                     source ? "//" : "<!--", dext_rule_id(f->rule), source ? "" : " -->");
    json_t *edits =
        json_pack("[{s:o, s:o}]", "range", lsp_json_range(t, start, start), "newText", text);
    (void)json_array_append_new(
        a->actions, json_pack("{s:o, s:s, s:o, s:o}", "title",
                              json_sprintf("Ignore %s here", dext_rule_id(f->rule)), "kind",
                              "quickfix", "diagnostics", action_diagnostics(context, item), "edit",
                              action_workspace_edit(a->s, a->doc, edits)));
}

static void action_each_report(struct action_list *a, const json_t *context,
                               void (*act)(struct action_list *, const json_t *,
                                           const struct report_finding *))
{
    for (size_t n = 0; n < 2; n++) {
        const struct report *r = &a->s->reports[n];
        for (size_t i = 0; i < r->count; i++) {
            if (strcmp(r->findings[i].f.file, a->doc->path) == 0) {
                act(a, context, &r->findings[i]);
            }
        }
    }
}

static void action_quick(struct action_list *a, const json_t *context,
                         const struct report_finding *item)
{
    const struct lsp_text *t = &a->doc->text;
    size_t from = lsp_text_place(t, item->f.at.line, item->f.at.column);
    size_t to = item->f.at.length ? from + item->f.at.length : lsp_text_line_end(t, from);
    if (from > a->to || to < a->from) {
        return;
    }
    if (action_fits(t, &item->f)) {
        action_mend(a, context, item);
    }
    action_silence(a, context, item);
}

/* ---- all of a file ----------------------------------------------------------------------------
 */

struct action_all {
    struct dext_edit *edits;
    size_t count;
};

static bool action_apart(const struct action_all *all, const struct dext_finding *f)
{
    for (size_t i = 0; i < f->edit_count; i++) {
        const struct dext_edit *e = &f->edits[i];
        for (size_t k = 0; k < all->count; k++) {
            const struct dext_edit *o = &all->edits[k];
            if (e->offset <= o->offset + o->length && o->offset <= e->offset + e->length) {
                return false;
            }
        }
    }
    return true;
}

/* Findings whose edits touch those of an earlier one wait for the next time. */
static void action_fix_all(struct action_list *a)
{
    struct action_all all = {NULL, 0};
    size_t findings = 0;
    for (size_t n = 0; n < 2; n++) {
        const struct report *r = &a->s->reports[n];
        for (size_t i = 0; i < r->count; i++) {
            const struct dext_finding *f = &r->findings[i].f;
            if (strcmp(f->file, a->doc->path) == 0 && action_fits(&a->doc->text, f) &&
                action_apart(&all, f)) {
                all.edits = app_grow(all.edits, (all.count + f->edit_count) * sizeof *all.edits);
                memcpy(all.edits + all.count, f->edits, f->edit_count * sizeof *f->edits);
                all.count += f->edit_count;
                findings++;
            }
        }
    }
    if (findings) {
        json_t *edits = json_array();
        for (size_t i = 0; i < all.count; i++) {
            (void)json_array_append_new(edits, action_edit(&a->doc->text, &all.edits[i]));
        }
        (void)json_array_append_new(
            a->actions,
            json_pack("{s:o, s:s, s:o}", "title",
                      json_sprintf("Mend all that dextctl can mend here (%zu)", findings), "kind",
                      ACTION_FIX_ALL, "edit", action_workspace_edit(a->s, a->doc, edits)));
    }
    free(all.edits);
}

/* Whether the client wants actions of a kind: kinds are hierarchical, "source" asks for ours too.
 */
static bool action_wanted(const json_t *only, const char *kind)
{
    if (!json_is_array(only) || json_array_size(only) == 0) {
        return true;
    }
    for (size_t i = 0; i < json_array_size(only); i++) {
        const char *asked = json_string_value(json_array_get(only, i));
        size_t n = asked ? strlen(asked) : 0;
        if (n && strncmp(kind, asked, n) == 0 && (kind[n] == 0 || kind[n] == '.')) {
            return true;
        }
    }
    return false;
}

json_t *lsp_actions(struct lsp *s, const json_t *params)
{
    const json_t *item = json_object_get(params, "textDocument");
    const json_t *range = json_object_get(params, "range");
    const json_t *context = json_object_get(params, "context");
    const json_t *only = json_object_get(context, "only");
    struct lsp_position from, to;
    struct action_list a = {.s = s};
    a.doc = lsp_doc_of(s, json_string_value(json_object_get(item, "uri")));
    if (!a.doc || !a.doc->path || !lsp_json_position(json_object_get(range, "start"), &from) ||
        !lsp_json_position(json_object_get(range, "end"), &to)) {
        return NULL;
    }
    if (s->stale) { /* edits are of the text that was checked */
        lsp_check(s);
    }
    a.actions = json_array();
    if (s->stale) {
        return a.actions;
    }
    a.from = lsp_text_offset(&a.doc->text, from);
    a.to = lsp_text_offset(&a.doc->text, to);
    if (action_wanted(only, "quickfix")) {
        action_each_report(&a, context, action_quick);
    }
    if (action_wanted(only, ACTION_FIX_ALL)) {
        action_fix_all(&a);
    }
    return a.actions;
}
