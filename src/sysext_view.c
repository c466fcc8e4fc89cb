#include "sysext_view.h"

#include <string.h>

#include "json.h"
#include "term.h"

#define WIDTH 80

static const enum term_style styles[] = {
    [DEXT_ATTENTION_NONE] = TERM_GREEN,  [DEXT_ATTENTION_WAIT] = TERM_BLUE,
    [DEXT_ATTENTION_USER] = TERM_YELLOW, [DEXT_ATTENTION_BUSY] = TERM_YELLOW,
    [DEXT_ATTENTION_REBOOT] = TERM_BLUE, [DEXT_ATTENTION_FAILED] = TERM_RED,
    [DEXT_ATTENTION_UNKNOWN] = TERM_RED,
};

static void paragraph(FILE *out, const char *lead, size_t indent, const char *text)
{
    (void)fputs(lead, out);
    term_wrap(out, text, indent, WIDTH);
    (void)fputc('\n', out);
}

static void row_line(const struct app *app, const struct dext_sysext_row *row)
{
    (void)fputs("  ", app->out);
    term_puts(app->out, row->version);
    (void)fputs(*row->build ? "/" : "", app->out);
    term_puts(app->out, row->build);
    (void)fputs("  ", app->out);
    term_styled(app->out, app->colour, styles[row->attention], row->state);
    (void)fprintf(app->out, "  (line %u)\n", row->line);
}

static const char *judgement(const struct dext_sysext_row *row)
{
    return row->meaning ? row->meaning
                        : "This state is not known to dextctl; no statement can be made about it.";
}

static void extension(const struct app *app, const struct dext_sysext_extension *e)
{
    FILE *out = app->out;
    const struct dext_sysext_row *row = e->judged;
    term_styled(out, app->colour, TERM_BOLD, e->id);
    (void)fputs(*e->team ? "  team " : "  without team", out);
    term_puts(out, e->team);
    if (*row->category) {
        (void)fputs("  ", out);
        term_puts(out, row->category);
    }
    (void)fputc('\n', out);
    for (size_t i = 0; i < e->row_count; i++) {
        row_line(app, e->rows[i]);
    }
    if (app->quiet) {
        return;
    }
    paragraph(out, "  ", 2, judgement(row));
    if (row->next) {
        paragraph(out, "  Next: ", 8, row->next);
    }
    if (e->note) {
        paragraph(out, "  Also: ", 8, e->note);
    }
    if (row->seen && strcmp(row->seen, "reported") == 0) {
        paragraph(out, "  ", 2, "This state has not been seen on a Mac by dextctl's makers.");
    }
}

static void human_list(const struct app *app, const struct dext_sysext *list)
{
    for (size_t i = 0; i < list->extension_count; i++) {
        (void)fputs(i ? "\n" : "", app->out);
        extension(app, &list->extensions[i]);
    }
    if (list->row_count == 0 && (list->declared > 0 || list->died)) {
        (void)fputs("No row of the list is there.\n", app->out);
    } else if (list->row_count == 0) {
        (void)fputs("No system extension is installed.\n", app->out);
        if (!app->quiet) {
            paragraph(app->out, "  Next: ", 8,
                      "If one was activated, its request never reached the list: the error that "
                      "the app's delegate received tells why (dextctl error "
                      "'OSSystemExtensionErrorDomain error N').");
        }
    }
    for (size_t i = 0; i < list->note_count; i++) {
        (void)fputs(i ? "" : "\n", app->out);
        paragraph(app->out, "Note: ", 6, list->notes[i]);
    }
}

/* ---- json ------------------------------------------------------------------------------- */

static struct json doc;

static void json_flag(const char *key, enum dext_flag flag)
{
    if (flag == DEXT_FLAG_LOST) {
        json_key(&doc, key);
        json_none(&doc);
    } else {
        json_kbool(&doc, key, flag == DEXT_FLAG_YES);
    }
}

static void json_row(const struct dext_sysext_row *row, bool judged)
{
    json_begin(&doc, '{');
    json_kint(&doc, "line", row->line);
    json_kstr(&doc, "category", row->category);
    json_flag("enabled", row->enabled);
    json_flag("active", row->active);
    json_kstr(&doc, "version", row->version);
    json_kstr(&doc, "build", row->build);
    json_kstr(&doc, "name", row->name);
    json_kstr(&doc, "state", row->state);
    json_kstr(&doc, "attention", dext_attention_name(row->attention));
    json_kstr(&doc, "meaning", row->meaning);
    json_kstr(&doc, "next", row->next);
    json_kstr(&doc, "seen", row->seen);
    json_kbool(&doc, "stale", row->stale);
    json_kbool(&doc, "judged", judged);
    json_end(&doc, '}');
}

static void json_extension(const struct dext_sysext_extension *e)
{
    json_begin(&doc, '{');
    json_kstr(&doc, "id", e->id);
    json_kstr(&doc, "team", e->team);
    json_kstr(&doc, "attention", dext_attention_name(e->attention));
    json_kstr(&doc, "state", e->judged->state);
    json_kstr(&doc, "note", e->note);
    json_kbegin(&doc, "rows", '[');
    for (size_t i = 0; i < e->row_count; i++) {
        json_row(e->rows[i], e->rows[i] == e->judged);
    }
    json_end(&doc, ']');
    json_end(&doc, '}');
}

static void json_list(const struct app *app, const struct dext_sysext *list)
{
    (void)app;
    json_begin(&doc, '{');
    json_kstr(&doc, "file", list->file);
    json_key(&doc, "declared");
    if (list->declared < 0) {
        json_none(&doc);
    } else {
        json_int(&doc, list->declared);
    }
    json_kbegin(&doc, "extensions", '[');
    for (size_t i = 0; i < list->extension_count; i++) {
        json_extension(&list->extensions[i]);
    }
    json_end(&doc, ']');
    json_kbegin(&doc, "notes", '[');
    for (size_t i = 0; i < list->note_count; i++) {
        json_str(&doc, list->notes[i]);
    }
    json_end(&doc, ']');
    json_end(&doc, '}');
}

static void json_view_open(const struct app *app)
{
    json_open(&doc, app->out, true);
    json_begin(&doc, '{');
    json_kstr(&doc, "schema", "dextctl.sysext/1");
    json_kbegin(&doc, "lists", '[');
}

static void json_view_close(const struct app *app)
{
    (void)app;
    json_end(&doc, ']');
    json_end(&doc, '}');
    json_done(&doc);
}

static void nothing(const struct app *app)
{
    (void)app;
}

static const struct sysext_view views[] = {
    {"human", nothing, human_list, nothing},
    {"json", json_view_open, json_list, json_view_close},
};

const struct sysext_view *sysext_view_named(const char *format)
{
    return strcmp(format, "json") == 0 ? &views[1] : &views[0];
}
