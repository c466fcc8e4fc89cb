#include "view/panic_names.h"

#include <stdlib.h>
#include <string.h>

#include "app/app.h"
#include "app/demangle.h"

#define MOST_ASKED 1001

static void panic_names_note(struct panic_names *n, const char *text)
{
    for (size_t i = 0; i < n->note_count; i++) {
        if (strcmp(n->notes[i], text) == 0) {
            return;
        }
    }
    n->notes = app_grow(n->notes, (n->note_count + 1) * sizeof *n->notes);
    n->notes[n->note_count++] = app_strdup(text);
}

static const struct dext_panic_spot *spot_at(const struct panic_names *n, size_t i)
{
    bool is_fault = n->symbols->fault && i == n->count - 1;
    return is_fault ? n->symbols->fault : &n->symbols->frames[i];
}

static void panic_names_names(struct panic_names *n)
{
    const char **raw = app_alloc((n->count + 1) * sizeof *raw), *why;
    for (size_t i = 0; i < n->count; i++) {
        raw[i] = spot_at(n, i)->symbol;
    }
    char **shown = demangle_all(raw, n->count, &why);
    for (size_t i = 0; i < n->count; i++) {
        n->frames[i].function = shown[i];
        n->frames[i].offset = spot_at(n, i)->offset;
        n->frames[i].has_offset = shown[i] != NULL;
    }
    if (why) {
        panic_names_note(n, why);
    }
    free(shown);
    free(raw);
}

/* A function that the symbol table does not have, but DWARF has. */
static void name_from_lines(struct panic_name *name, const struct dext_panic_spot *spot)
{
    const struct source_line *outer =
        name->lines.count ? &name->lines.list[name->lines.count - 1] : NULL;
    if (name->function || !outer || !*outer->function) {
        return;
    }
    name->function = app_strdup(outer->function);
    name->from_lines = true;
    uint64_t address = spot->lookup.value + !spot->exact;
    if (outer->start && outer->start <= address) {
        name->has_offset = true;
        name->offset = address - outer->start;
    }
}

static void lines_of(struct panic_names *n, const struct dext_panic_image *image)
{
    uint64_t *addresses = app_alloc(MOST_ASKED * sizeof *addresses);
    size_t *which = app_alloc(MOST_ASKED * sizeof *which), asked = 0;
    struct source_lines *found = app_alloc(MOST_ASKED * sizeof *found);
    for (size_t i = 0; i < n->count && asked < MOST_ASKED; i++) {
        const struct dext_panic_spot *s = spot_at(n, i);
        if (s->image == image && s->lookup.known) {
            addresses[asked] = s->lookup.value;
            which[asked++] = i;
        }
    }
    uint64_t text =
        image->load.known ? image->load.value - image->reported.value + image->linked.value : 0;
    const char *why =
        asked ? source_lines_find(image->file, image->arch, text, addresses, found, asked) : NULL;
    if (why) {
        panic_names_note(n, why);
    }
    for (size_t i = 0; i < asked; i++) {
        for (size_t k = 0; k + 1 < found[i].count; k++) {
            found[i].list[k].inlined = true;
        }
        n->frames[which[i]].lines = found[i];
        name_from_lines(&n->frames[which[i]], spot_at(n, which[i]));
    }
    free(found);
    free(which);
    free(addresses);
}

struct panic_names *panic_names_make(struct dext_ctx *ctx, const struct dext_panic *p,
                                     struct dext_symbols *symbols)
{
    struct panic_names *n = app_alloc(sizeof *n);
    n->asked = symbols != NULL;
    dext_panic_symbolicate(&n->symbols, ctx, p, symbols);
    n->count = p->frame_count + (n->symbols->fault != NULL);
    n->frames = app_alloc((n->count + 1) * sizeof *n->frames);
    n->fault = n->symbols->fault ? &n->frames[n->count - 1] : NULL;
    panic_names_names(n);
    for (size_t i = 0; i < n->symbols->image_count; i++) {
        if (n->symbols->images[i].dwarf) {
            lines_of(n, &n->symbols->images[i]);
        }
    }
    return n;
}

void panic_names_free(struct panic_names *n)
{
    for (size_t i = 0; i < n->count; i++) {
        free(n->frames[i].function);
        source_lines_free(&n->frames[i].lines);
    }
    for (size_t i = 0; i < n->note_count; i++) {
        free(n->notes[i]);
    }
    free(n->notes);
    free(n->frames);
    free(n);
}
