#include <stdio.h>
#include <string.h>

#include "app/fold.h"
#include "app/term.h"
#include "view/migrate_view.h"
#include "view/page.h"

static void heading(const struct migrate_out *v, const char *text)
{
    (void)fputc('\n', v->app->out);
    term_styled(v->app->out, v->app->colour, TERM_BOLD, text);
    (void)fputc('\n', v->app->out);
}

static void text_line(const struct migrate_out *v, int indent, const char *text)
{
    (void)fprintf(v->app->out, "%*s", indent, "");
    page_wrap(v->app, (size_t)indent, (size_t)indent, text);
    (void)fputc('\n', v->app->out);
}

static void migrate_human_place(FILE *out, const struct dext_migrate_place *at)
{
    term_line(out, at->file);
    (void)fprintf(out, ":%u", at->line);
}

/* ---- classes, personalities ----------------------------------------------------------------- */

static void migrate_human_classes(const struct migrate_out *v, const struct dext_migrate *m)
{
    FILE *out = v->app->out;
    heading(v, "Classes");
    for (size_t i = 0; i < m->class_count; i++) {
        const struct dext_migrate_class *c = &m->classes[i];
        (void)fputs("  ", out);
        term_line(out, c->name);
        (void)fputs(" : ", out);
        term_line(out, c->super);
        (void)fputs("  (", out);
        migrate_human_place(out, &c->at);
        (void)fputs(")\n", out);
        if (*c->base) {
            (void)fprintf(out, "    derive from %s%s%s%s\n", c->base, *c->framework ? " (" : "",
                          c->framework, *c->framework ? ")" : "");
        }
        if (!*c->base || c->way == DEXT_MIGRATE_NONE) {
            text_line(v, 4, c->text);
        }
    }
}

#define MOST_LINES 40

static void indented(const struct app *app, const char *text)
{
    FILE *out = app->out;
    size_t lines = 0;
    fold_exact(app, true);
    for (const char *p = text; *p; lines++) {
        size_t n = strcspn(p, "\n");
        if (lines < MOST_LINES) {
            (void)fputs("      ", out);
            term_put(out, p, n);
            (void)fputc('\n', out);
        }
        p += n + (p[n] == '\n');
    }
    if (lines > MOST_LINES) {
        (void)fprintf(out, "      ... %zu more lines: --format markdown or json\n",
                      lines - MOST_LINES);
    }
    fold_exact(app, false);
}

static void migrate_human_personalities(const struct migrate_out *v, const struct dext_migrate *m)
{
    FILE *out = v->app->out;
    heading(v, "Personalities");
    for (size_t i = 0; i < m->personality_count; i++) {
        const struct dext_migrate_personality *p = &m->personalities[i];
        (void)fputs("  ", out);
        term_line(out, p->name);
        (void)fputs("  (", out);
        term_line(out, p->file);
        (void)fprintf(out, ":%u)\n    on ", p->line);
        term_line(out, p->provider);
        if (*p->provider_dext && strcmp(p->provider, p->provider_dext) != 0) {
            (void)fprintf(out, ", as a driver extension on %s", p->provider_dext);
        }
        (void)fputc('\n', out);
        if (*p->text) {
            text_line(v, 4, p->text);
        }
        indented(v->app, p->plist);
    }
}

static void migrate_human_list(const struct migrate_out *v, const char *title, const char **names,
                               size_t count)
{
    heading(v, title);
    for (size_t i = 0; i < count; i++) {
        (void)fprintf(v->app->out, "  %s\n", names[i]);
    }
}

/* ---- calls ---------------------------------------------------------------------------------- */

static void told_call(const struct migrate_out *v, const struct dext_migrate_call *c)
{
    FILE *out = v->app->out;
    (void)fputs("  ", out);
    term_styled(out, v->app->colour, TERM_BOLD, c->name);
    (void)fprintf(out, "  %zu time%s: ", c->count, c->count == 1 ? "" : "s");
    for (size_t i = 0; i < c->place_count; i++) {
        (void)fputs(i ? ", " : "", out);
        if (i && strcmp(c->places[i].file, c->places[i - 1].file) == 0) {
            (void)fprintf(out, "%u", c->places[i].line);
        } else {
            migrate_human_place(out, &c->places[i]);
        }
    }
    (void)fputs(c->count > c->place_count ? ", ...\n" : "\n", out);
    text_line(v, 4, c->counterpart);
    if (*c->note) {
        text_line(v, 4, c->note);
    }
}

static void migrate_human_calls(const struct migrate_out *v, const struct dext_migrate *m)
{
    static const char *const titles[] = {"Kept under the same name", "Another design",
                                         "No counterpart"};
    const size_t counts[] = {m->same, m->other, m->none};
    for (int way = DEXT_MIGRATE_NONE; way >= DEXT_MIGRATE_SAME; way--) {
        char title[64];
        (void)snprintf(title, sizeof title, "%s (%zu)", titles[way], counts[way]);
        if (!counts[way]) {
            continue;
        }
        heading(v, title);
        bool first = true;
        for (size_t i = 0; i < m->call_count; i++) {
            const struct dext_migrate_call *c = &m->calls[i];
            if (c->way == (enum dext_migrate_way)way && way != DEXT_MIGRATE_SAME) {
                told_call(v, c);
            } else if (c->way == (enum dext_migrate_way)way) {
                (void)fprintf(v->app->out, "%s%s", first ? "  " : ", ", c->name);
                first = false;
            }
        }
        (void)fputs(way == DEXT_MIGRATE_SAME ? "\n" : "", v->app->out);
    }
}

/* ---- all ------------------------------------------------------------------------------------ */

static void migrate_human_open(struct migrate_out *v)
{
    (void)v;
}

static void migrate_human_kext(struct migrate_out *v, const struct dext_migrate *m)
{
    static const enum term_style styles[] = {TERM_GREEN, TERM_RED, TERM_YELLOW};
    FILE *out = v->app->out;
    (void)fputs(v->written++ ? "\n" : "", out);
    term_on(out, v->app->colour, TERM_BOLD);
    term_line(out, m->path);
    term_off(out, v->app->colour);
    (void)fputs(": ", out);
    term_on(out, v->app->colour, styles[m->verdict]);
    page_wrap(v->app, term_columns(m->path, strlen(m->path)) + 2, 2, m->verdict_words);
    term_off(out, v->app->colour);
    (void)fprintf(out, "\n  %zu source%s, %zu Info.plist%s of kernel extensions\n", m->files,
                  m->files == 1 ? "" : "s", m->plists, m->plists == 1 ? "" : "s");
    if (v->app->quiet) {
        return;
    }
    if (m->class_count) {
        migrate_human_classes(v, m);
    }
    if (m->personality_count) {
        migrate_human_personalities(v, m);
    }
    if (m->entitlement_count) {
        migrate_human_list(v, "Entitlements of the driver extension", m->entitlements,
                           m->entitlement_count);
    }
    migrate_human_calls(v, m);
}

static void migrate_human_close(struct migrate_out *v)
{
    (void)v;
}

const struct migrate_format migrate_human = {migrate_human_open, migrate_human_kext,
                                             migrate_human_close};
