#include "view/sysext_view.h"

#include <string.h>

#include "app/term.h"
#include "view/page.h"

static const enum term_style sysext_styles[] = {
    [DEXT_ATTENTION_NONE] = TERM_GREEN,  [DEXT_ATTENTION_WAIT] = TERM_BLUE,
    [DEXT_ATTENTION_USER] = TERM_YELLOW, [DEXT_ATTENTION_BUSY] = TERM_YELLOW,
    [DEXT_ATTENTION_REBOOT] = TERM_BLUE, [DEXT_ATTENTION_FAILED] = TERM_RED,
    [DEXT_ATTENTION_UNKNOWN] = TERM_RED,
};

static void row_line(const struct app *app, const struct dext_sysext_row *row)
{
    (void)fputs("  ", app->out);
    term_puts(app->out, row->version);
    (void)fputs(*row->build ? "/" : "", app->out);
    term_puts(app->out, row->build);
    (void)fputs("  ", app->out);
    term_styled(app->out, app->colour, sysext_styles[row->attention], row->state);
    (void)fprintf(app->out, "  (line %u)\n", row->line);
}

static const char *judgement(const struct dext_sysext_row *row)
{
    return row->meaning ? row->meaning
                        : "This state is not known to dextctl; no statement can be made about it.";
}

static void sysext_extension(const struct app *app, const struct dext_sysext_extension *e)
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
    page_paragraph(app, "  ", 2, judgement(row));
    if (row->next) {
        page_paragraph(app, "  Next: ", 8, row->next);
    }
    if (e->note) {
        page_paragraph(app, "  Also: ", 8, e->note);
    }
    if (row->seen && strcmp(row->seen, "reported") == 0) {
        page_paragraph(app, "  ", 2, "This state has not been seen on a Mac by dextctl's makers.");
    }
}

static void human_list(const struct app *app, const struct dext_sysext *list)
{
    for (size_t i = 0; i < list->extension_count; i++) {
        (void)fputs(i ? "\n" : "", app->out);
        sysext_extension(app, &list->extensions[i]);
    }
    if (list->row_count == 0 && (list->declared > 0 || list->died)) {
        (void)fputs("No row of the list is there.\n", app->out);
    } else if (list->row_count == 0) {
        (void)fputs("No system extension is installed.\n", app->out);
        if (!app->quiet) {
            page_paragraph(
                app, "  Next: ", 8,
                "If one was activated, its request never reached the list: the error that "
                "the app's delegate received tells why (dextctl error "
                "'OSSystemExtensionErrorDomain error N').");
        }
    }
    for (size_t i = 0; i < list->note_count; i++) {
        (void)fputs(i ? "" : "\n", app->out);
        page_paragraph(app, "Note: ", 6, list->notes[i]);
    }
}

static void sysext_human_list(struct sysext_out *o, const struct dext_sysext *list)
{
    human_list(o->app, list);
}

static void sysext_human_nothing(struct sysext_out *o)
{
    (void)o;
}

const struct sysext_format *sysext_format_for(enum face face)
{
    static const struct sysext_format human = {sysext_human_nothing, sysext_human_list,
                                               sysext_human_nothing};
    static const struct sysext_format *const faces[FACE_COUNT] = {
        [FACE_HUMAN] = &human, [FACE_JSON] = &sysext_record, [FACE_NDJSON] = &sysext_record};
    return faces[face];
}
