/* For a ticket or a wiki: a heading for each kext, tables below it. */
#include <stdio.h>
#include <string.h>

#include "app/term.h"
#include "view/migrate_view.h"

/* Text of a file in a cell: what would end the cell or begin markup is written so that it does not.
 */
static void migrate_markdown_cell(FILE *out, const char *text)
{
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c < 0x20 || c == 0x7f) {
            (void)fputc(' ', out);
        } else {
            (void)fputs(strchr("|`<>*_\\[]", c) ? "\\" : "", out);
            (void)fputc(c, out);
        }
    }
}

static void places(FILE *out, const struct dext_migrate_call *c)
{
    for (size_t i = 0; i < c->place_count; i++) {
        (void)fputs(i ? ", " : "", out);
        migrate_markdown_cell(out, c->places[i].file);
        (void)fprintf(out, ":%u", c->places[i].line);
    }
    (void)fputs(c->count > c->place_count ? ", ..." : "", out);
}

static void migrate_markdown_classes(FILE *out, const struct dext_migrate *m)
{
    (void)fputs(
        "\n## Classes\n\n| class | of the kernel | in DriverKit | at |\n| --- | --- | --- | "
        "--- |\n",
        out);
    for (size_t i = 0; i < m->class_count; i++) {
        const struct dext_migrate_class *c = &m->classes[i];
        (void)fputs("| ", out);
        migrate_markdown_cell(out, c->name);
        (void)fputs(" | ", out);
        migrate_markdown_cell(out, c->super);
        (void)fputs(" | ", out);
        migrate_markdown_cell(out, *c->base && c->way != DEXT_MIGRATE_NONE ? c->base : c->text);
        (void)fputs(" | ", out);
        migrate_markdown_cell(out, c->at.file);
        (void)fprintf(out, ":%u |\n", c->at.line);
    }
}

/* A fence longer than any run of backquotes in the text. */
static void fenced(FILE *out, const char *text)
{
    size_t longest = 2;
    for (const char *p = text; *p; p++) {
        size_t n = strspn(p, "`");
        longest = n > longest ? n : longest;
        p += n ? n - 1 : 0;
    }
    for (int i = 0; i < 2; i++) {
        for (size_t n = 0; n <= longest; n++) {
            (void)fputc('`', out);
        }
        (void)fputs(i ? "\n" : "xml\n", out);
        if (!i) {
            term_puts(out, text);
        }
    }
}

static void migrate_markdown_personalities(FILE *out, const struct dext_migrate *m)
{
    (void)fputs("\n## Personalities\n", out);
    for (size_t i = 0; i < m->personality_count; i++) {
        const struct dext_migrate_personality *p = &m->personalities[i];
        (void)fputs("\n### ", out);
        migrate_markdown_cell(out, p->name);
        (void)fputs("\n\nOn ", out);
        migrate_markdown_cell(out, p->provider);
        if (*p->provider_dext && strcmp(p->provider, p->provider_dext) != 0) {
            (void)fputs(", as a driver extension on ", out);
            migrate_markdown_cell(out, p->provider_dext);
        }
        (void)fputs(*p->text ? ": " : "", out);
        migrate_markdown_cell(out, p->text);
        (void)fputs("\n", out);
        if (*p->plist) {
            (void)fputs("\n", out);
            fenced(out, p->plist);
        }
    }
}

static void migrate_markdown_calls(FILE *out, const struct dext_migrate *m,
                                   enum dext_migrate_way way, const char *title, size_t count)
{
    if (!count) {
        return;
    }
    (void)fprintf(out, "\n## %s (%zu)\n\n| | times | %s | at |\n| --- | ---: | --- | --- |\n",
                  title, count, way == DEXT_MIGRATE_NONE ? "the way that exists" : "in DriverKit");
    for (size_t i = 0; i < m->call_count; i++) {
        const struct dext_migrate_call *c = &m->calls[i];
        if (c->way == way) {
            (void)fputs("| ", out);
            migrate_markdown_cell(out, c->name);
            (void)fprintf(out, " | %zu | ", c->count);
            migrate_markdown_cell(out, c->counterpart);
            (void)fputs(" | ", out);
            places(out, c);
            (void)fputs(" |\n", out);
        }
    }
}

static void migrate_markdown_open(struct migrate_out *v)
{
    (void)v;
}

static void migrate_markdown_kext(struct migrate_out *v, const struct dext_migrate *m)
{
    FILE *out = v->app->out;
    (void)fputs(v->written++ ? "\n# " : "# ", out);
    migrate_markdown_cell(out, m->path);
    (void)fputs("\n\n**", out);
    migrate_markdown_cell(out, m->verdict_words);
    (void)fprintf(out, "**\n\n%zu sources, %zu Info.plists of kernel extensions.\n", m->files,
                  m->plists);
    if (m->class_count) {
        migrate_markdown_classes(out, m);
    }
    if (m->personality_count) {
        migrate_markdown_personalities(out, m);
    }
    if (m->entitlement_count) {
        (void)fputs("\n## Entitlements\n\n", out);
    }
    for (size_t i = 0; i < m->entitlement_count; i++) {
        (void)fprintf(out, "* `%s`\n", m->entitlements[i]);
    }
    migrate_markdown_calls(out, m, DEXT_MIGRATE_NONE, "No counterpart", m->none);
    migrate_markdown_calls(out, m, DEXT_MIGRATE_OTHER, "Another design", m->other);
    migrate_markdown_calls(out, m, DEXT_MIGRATE_SAME, "Kept under the same name", m->same);
}

static void migrate_markdown_close(struct migrate_out *v)
{
    (void)v;
}

const struct migrate_format migrate_markdown = {migrate_markdown_open, migrate_markdown_kext,
                                                migrate_markdown_close};
