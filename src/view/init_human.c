#include <stdio.h>
#include <string.h>

#include "app/term.h"
#include "view/init_view.h"
#include "view/match_view.h"
#include "view/page.h"

static void human_files(const struct app *app, const struct dext_init *p)
{
    size_t width = 0;
    for (size_t i = 0; i < p->file_count; i++) {
        size_t n = strlen(p->files[i].path);
        width = n > width ? n : width;
    }
    for (size_t i = 0; i < p->file_count; i++) {
        const struct dext_init_file *f = &p->files[i];
        (void)fprintf(app->out, "    %-*s  ", (int)width, f->path);
        page_wrap(app, width + 6, width + 6, f->what);
        (void)fputc('\n', app->out);
    }
}

static void human_device(const struct app *app, const struct dext_init *p)
{
    const struct dext_match_node *n = p->suggestion->node;
    page_label(app, "made for");
    if (p->example) {
        (void)fprintf(app->out, "an example of %s\n", p->provider);
        return;
    }
    term_line(app->out, n->name);
    if (*n->location) {
        (void)fputc('@', app->out);
        term_line(app->out, n->location);
    }
    (void)fputs("  <", app->out);
    term_line(app->out, n->class_name);
    (void)fputs(">\n", app->out);
}

void init_human(const struct app *app, const struct init_out *v)
{
    const struct dext_init *p = v->project;
    size_t notes = 0;
    term_on(app->out, app->colour, TERM_BOLD);
    term_line(app->out, v->directory);
    term_off(app->out, app->colour);
    (void)fprintf(app->out, ": %s, a driver of the family %s\n", p->name, p->family);
    if (app->quiet) {
        return;
    }
    human_device(app, p);
    page_line(app, "driver", p->driver_id);
    page_line(app, "app", p->app_id);
    page_line(app, "team", p->team);
    (void)fputc('\n', app->out);
    human_files(app, p);
    if (!p->example && p->suggestion->check) {
        (void)fputc('\n', app->out);
        match_human_checked(app, p->suggestion->check);
    }
    while (p->notes[notes]) {
        notes++;
    }
    page_bullets(app, "To know", p->notes, notes, false);
    (void)fputs("\n  README.md has the ten steps from here to a running driver.\n", app->out);
}
