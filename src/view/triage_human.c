/* Groups as a table, and what was read below it. */
#include <stdlib.h>
#include <string.h>

#include "app/date.h"
#include "app/term.h"
#include "view/triage_view.h"

#define TRIAGE_WIDEST 44 /* columns of a key */

static const char *triage_human_text(const struct triage_group *g, int key)
{
    return *g->key[key] ? g->key[key] : "not known";
}

static void triage_human_cell(FILE *out, const char *text, size_t width)
{
    size_t n = term_columns(text, strlen(text));
    term_line(out, text);
    for (; n < width; n++) {
        (void)fputc(' ', out);
    }
    (void)fputs("  ", out);
}

static void triage_human_days(FILE *out, const struct triage_group *g)
{
    char first[40] = "", last[40] = "";
    if (g->first) {
        date_write(g->first, first);
        date_write(g->last, last);
    }
    (void)fprintf(out, "%-10.10s  %-10.10s", *first ? first : "-", *last ? last : "-");
}

static void triage_human_groups(const struct triage *t)
{
    FILE *out = t->app->out;
    size_t width[TRIAGE_KEYS] = {0};
    for (int k = 0; k < TRIAGE_KEYS; k++) {
        width[k] = strlen(triage_key_name((enum triage_key)k));
        for (size_t i = 0; t->by[k] && i < t->group_count; i++) {
            const char *text = triage_human_text(&t->groups[i], k);
            size_t n = term_columns(text, strlen(text));
            n = n < TRIAGE_WIDEST ? n : TRIAGE_WIDEST;
            width[k] = n > width[k] ? n : width[k];
        }
    }
    (void)fputs("reports  ", out);
    for (int k = 0; k < TRIAGE_KEYS; k++) {
        if (t->by[k]) {
            triage_human_cell(out, triage_key_name((enum triage_key)k), width[k]);
        }
    }
    (void)fputs("first       last        for example\n", out);
    for (size_t i = 0; i < t->group_count; i++) {
        const struct triage_group *g = &t->groups[i];
        (void)fprintf(out, "%7zu  ", g->reports);
        for (int k = 0; k < TRIAGE_KEYS; k++) {
            if (t->by[k]) {
                triage_human_cell(out, triage_human_text(g, k), width[k]);
            }
        }
        triage_human_days(out, g);
        (void)fputs(g->fresh ? "  NEW " : "  ", out);
        term_line(out, g->example_count ? g->examples[0] : "");
        if (g->earlier) {
            (void)fprintf(out, "  (%zu: only before the last start)", g->earlier);
        }
        (void)fputc('\n', out);
    }
}

static void triage_human(const struct triage *t)
{
    FILE *out = t->app->out;
    if (t->group_count) {
        triage_human_groups(t);
        (void)fputc('\n', out);
    }
    (void)fprintf(out, "%zu report%s", t->reports, t->reports == 1 ? "" : "s");
    if (t->without) {
        (void)fprintf(out, "; %zu show%s no cause", t->without, t->without == 1 ? "s" : "");
    }
    if (t->partial) {
        (void)fprintf(out, "; of %zu not everything was read", t->partial);
    }
    if (t->doubles) {
        (void)fprintf(out, "; %zu row%s of reports that were counted already", t->doubles,
                      t->doubles == 1 ? "" : "s");
    }
    (void)fputc('\n', out);
}

void triage_write(const struct triage *t)
{
    static void (*const faces[FACE_COUNT])(const struct triage *) = {
        [FACE_HUMAN] = triage_human, [FACE_JSON] = triage_record, [FACE_NDJSON] = triage_record};
    faces[t->app->face](t);
}
