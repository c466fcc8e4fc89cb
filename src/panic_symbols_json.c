#include <inttypes.h>
#include <stdlib.h>

#include "json.h"
#include "panic_view.h"

static void address(struct json *doc, const char *key, const struct dext_address *a)
{
    char text[24];
    (void)snprintf(text, sizeof text, "0x%" PRIx64, a->value);
    json_kstr(doc, key, a->known ? text : NULL);
}

void panic_name_json(struct json *doc, const struct panic_names *n, const struct panic_name *name,
                     const struct dext_panic_spot *spot)
{
    struct dext_address offset = {name->has_offset, name->offset};
    json_kbegin(doc, "found", '{');
    json_key(doc, "image");
    if (spot->image) {
        json_int(doc, spot->image - n->symbols->images);
    } else {
        json_none(doc);
    }
    address(doc, "lookup", &spot->lookup);
    json_kbool(doc, "exact", spot->exact);
    json_kstr(doc, "symbol", spot->symbol);
    json_kstr(doc, "function", name->function);
    address(doc, "offset", &offset);
    json_kstr(doc, "why_not", spot->symbol ? NULL : spot->why);
    json_kbegin(doc, "lines", '[');
    for (size_t i = 0; i < name->lines.count; i++) {
        const struct source_line *l = &name->lines.list[i];
        json_begin(doc, '{');
        json_kstr(doc, "function", l->function);
        json_kstr(doc, "file", *l->file ? l->file : NULL);
        json_kint(doc, "line", l->line);
        json_kbool(doc, "inlined", i + 1 < name->lines.count);
        json_end(doc, '}');
    }
    json_end(doc, ']');
    json_end(doc, '}');
}

static void image_json(struct json *doc, const struct dext_panic *p, const struct panic_names *n,
                       const struct dext_panic_image *image)
{
    static const char *const states[] = {
        [DEXT_IMAGE_MATCHED] = "matched",
        [DEXT_IMAGE_UNCERTAIN] = "uncertain",
        [DEXT_IMAGE_OTHER] = "other-build",
        [DEXT_IMAGE_MISSING] = "missing",
    };
    json_begin(doc, '{');
    json_kstr(doc, "kext", image->kext ? image->kext->id : NULL);
    json_kstr(doc, "version", image->kext ? image->kext->version : NULL);
    json_kstr(doc, "uuid", image->uuid);
    json_kstr(doc, "state", states[image->state]);
    json_kstr(doc, "file", image->file);
    json_kstr(doc, "arch", image->arch);
    json_kstr(doc, "segment", image->segment);
    address(doc, "reported", &image->reported);
    address(doc, "linked", &image->linked);
    address(doc, "load", &image->load);
    json_kstr(doc, "why", image->why);
    json_kstr(doc, "note", image->note);
    json_kstr(doc, "fetch", image->fetch);
    json_kbool(doc, "collection", image->collection);
    json_kbool(doc, "dwarf", image->dwarf);
    json_kint(doc, "frames", (int64_t)image->frames);
    json_kint(doc, "other_builds", (int64_t)image->other_count);
    json_kbegin(doc, "others", '[');
    for (size_t i = 0; i < image->other_count && image->others[i].file; i++) {
        json_begin(doc, '{');
        json_kstr(doc, "file", image->others[i].file);
        json_kstr(doc, "uuid", image->others[i].uuid);
        json_end(doc, '}');
    }
    json_end(doc, ']');
    json_kbegin(doc, "commands", '[');
    for (size_t i = 0;; i++) {
        char *line = panic_image_command(p, n, image, i);
        bool end = i > 0 && !*line;
        if (*line) {
            json_str(doc, line);
        }
        free(line);
        if (end) {
            break;
        }
    }
    json_end(doc, ']');
    json_end(doc, '}');
}

void panic_images_json(struct json *doc, const struct dext_panic *p, const struct panic_names *n)
{
    json_kbegin(doc, "images", '[');
    for (size_t i = 0; i < n->symbols->image_count; i++) {
        image_json(doc, p, n, &n->symbols->images[i]);
    }
    json_end(doc, ']');
    json_kbegin(doc, "symbol_notes", '[');
    for (size_t i = 0; i < n->note_count; i++) {
        json_str(doc, n->notes[i]);
    }
    json_end(doc, ']');
}
