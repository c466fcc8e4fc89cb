#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "app/fold.h"
#include "app/term.h"
#include "view/page.h"
#include "view/panic_view.h"

#define MOST_LOOKUPS 6 /* lines of "image lookup" without --verbose */

static void panic_symbols_human_indent(const struct app *app, int columns)
{
    (void)fprintf(app->out, "%*s", columns, "");
}

/* ---- frames -------------------------------------------------------------------------------- */

static void panic_symbols_human_place(const struct app *app, const struct source_line *l)
{
    if (*l->file) {
        (void)fputs("  ", app->out);
        term_line(app->out, l->file);
        if (l->line) {
            (void)fprintf(app->out, ":%ld", l->line);
        }
    }
}

void panic_name_write(const struct app *app, const struct panic_name *name,
                      const struct dext_panic_spot *spot, bool asked)
{
    const struct source_lines *lines = &name->lines;
    for (size_t i = 0; i + 1 < lines->count; i++) {
        panic_symbols_human_indent(app, 10);
        (void)fputs("inlined: ", app->out);
        term_line(app->out, lines->list[i].function);
        panic_symbols_human_place(app, &lines->list[i]);
        (void)fputc('\n', app->out);
    }
    if (name->function) {
        panic_symbols_human_indent(app, 10);
        term_line(app->out, name->function);
        if (name->has_offset) {
            (void)fprintf(app->out, " + 0x%" PRIx64, name->offset);
        }
        if (lines->count) {
            panic_symbols_human_place(app, &lines->list[lines->count - 1]);
        }
        (void)fputc('\n', app->out);
    } else if (asked && spot->image && spot->image->file) {
        panic_symbols_human_indent(app, 10);
        (void)fputs("no symbol: ", app->out);
        page_wrap(app, 21, 12, spot->why ? spot->why : "not known");
        (void)fputc('\n', app->out);
    }
}

/* ---- images -------------------------------------------------------------------------------- */

static void panic_symbols_human_title(const struct app *app, const struct dext_panic_image *image)
{
    panic_symbols_human_indent(app, 4);
    term_line(app->out, image->kext ? image->kext->id : "kernel");
    if (image->kext && *image->kext->version) {
        (void)fputc(' ', app->out);
        term_line(app->out, image->kext->version);
    }
    (void)fputs(*image->uuid ? "  " : "  (no UUID in the report)", app->out);
    term_line(app->out, image->uuid);
    (void)fputc('\n', app->out);
}

static void panic_symbols_human_others(const struct app *app, const struct dext_panic_image *image)
{
    for (size_t i = 0; i < image->other_count; i++) {
        if (image->others[i].file == NULL || i == 3) {
            panic_symbols_human_indent(app, 6);
            (void)fprintf(app->out, "and %zu more of other builds\n", image->other_count - i);
            return;
        }
        panic_symbols_human_indent(app, 6);
        (void)fputs("other build, not used: ", app->out);
        term_line(app->out, image->others[i].file);
        (void)fprintf(app->out, " (%s)\n", image->others[i].uuid);
    }
}

static void arithmetic(const struct app *app, const struct dext_panic_image *image, bool why)
{
    if (image->reported.known && image->linked.known) {
        panic_symbols_human_indent(app, 6);
        (void)fprintf(app->out, "in the file: address - 0x%" PRIx64 " + 0x%" PRIx64 "  (%s)\n",
                      image->reported.value, image->linked.value, image->segment);
    }
    if (why) {
        page_block(app, 6, image->why);
    }
}

/* Why the arithmetic is this one, unless an image before it has said so. */
static bool is_new(const struct dext_panic_symbols *s, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (s->images[k].file && strcmp(s->images[k].why, s->images[i].why) == 0) {
            return false;
        }
    }
    return true;
}

static void panic_symbols_human_about(const struct app *app, const struct dext_panic_symbols *s,
                                      size_t i, bool needed)
{
    const struct dext_panic_image *image = &s->images[i];
    panic_symbols_human_title(app, image);
    if (image->file) {
        panic_symbols_human_indent(app, 6);
        term_line(app->out, image->file);
        (void)fputs(" (", app->out);
        term_line(app->out, image->arch);
        (void)fputs(")\n", app->out);
        arithmetic(app, image, is_new(s, i));
    }
    if (image->note) {
        page_block(app, 6, image->note);
    }
    panic_symbols_human_others(app, image);
    if (image->fetch && needed) {
        panic_symbols_human_indent(app, 6);
        (void)fputs("needed: ", app->out);
        page_wrap(app, 14, 14, image->fetch);
        (void)fputc('\n', app->out);
    }
}

static void commands(const struct app *app, const struct dext_panic *p, const struct panic_names *n,
                     const struct dext_panic_image *image)
{
    size_t lookups = 0;
    fold_exact(app, true);
    for (size_t i = 0;; i++) {
        char *line = panic_image_command(p, n, image, i);
        bool end = i > 0 && !*line;
        lookups += strncmp(line, "image lookup", 12) == 0;
        bool more = lookups > MOST_LOOKUPS && !app->verbose;
        if (*line) {
            panic_symbols_human_indent(app, 6);
            (void)fputs(i ? "(lldb) " : "$ ", app->out);
            term_line(app->out, more ? "... and so on (--verbose)" : line);
            (void)fputc('\n', app->out);
        }
        free(line);
        if (end || more) {
            fold_exact(app, false);
            return;
        }
    }
}

/* A frame that the report leaves without a name. */
static bool panic_symbols_human_has_unnamed(const struct dext_panic *p, const struct panic_names *n,
                                            const struct dext_panic_image *image)
{
    for (size_t i = 0; i < p->frame_count; i++) {
        if (n->symbols->frames[i].image == image && !*p->frames[i].symbol) {
            return true;
        }
    }
    return n->symbols->fault && n->symbols->fault->image == image;
}

/* Without files, what the report left open; without --verbose, of kexts that the reader may have
 * built: those that are not Apple's. */
static bool panic_symbols_human_shown(const struct app *app, const struct dext_panic *p,
                                      const struct panic_names *n,
                                      const struct dext_panic_image *image)
{
    return n->asked || (panic_symbols_human_has_unnamed(p, n, image) && image->reported.known &&
                        (app->verbose || (image->kext && !image->kext->of_apple)));
}

void panic_images_write(const struct app *app, const struct dext_panic *p,
                        const struct panic_names *n)
{
    const struct dext_panic_symbols *s = n->symbols;
    bool first = true, atos = false;
    for (size_t i = 0; i < s->image_count; i++) {
        const struct dext_panic_image *image = &s->images[i];
        if (!panic_symbols_human_shown(app, p, n, image)) {
            continue;
        }
        if (first) {
            page_heading(app, n->asked ? "Where the names come from"
                                       : "Function names without dextctl, on a Mac");
        }
        first = false;
        panic_symbols_human_about(app, s, i, n->asked);
        commands(app, p, n, image);
        atos =
            atos || (!image->load.known && image->reported.known && strcmp(p->arch, "arm64") == 0);
    }
    for (size_t i = 0; i < n->note_count; i++) {
        page_block(app, 4, n->notes[i]);
    }
    if (!first) {
        page_block(
            app, 4,
            "The commands are for a Mac with the files; BINARY is the executable of that UUID. "
            "Their addresses are those of the calls, 1 before the return address.");
    }
    if (atos) {
        page_block(
            app, 4,
            "atos -l wants where the beginning of the file would be, which only the file tells: "
            "the address behind __TEXT_EXEC, minus the vmaddr of __TEXT_EXEC, plus that of "
            "__TEXT, both from otool -l BINARY.");
    }
}
