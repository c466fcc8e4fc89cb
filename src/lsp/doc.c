/* Documents, places and ranges between the protocol's JSON and ours. */
#include <stdlib.h>
#include <string.h>

#include "app/file.h"
#include "lsp/server.h"

#define DOC_LIMIT ((size_t)64 << 20)

const struct lsp_text *lsp_text_of(struct lsp *s, const char *path, struct lsp_text *owned)
{
    const struct lsp_doc *d = lsp_doc_at(s, path);
    *owned = (struct lsp_text){0};
    if (d) {
        return &d->text;
    }
    char *data;
    size_t size;
    if (file_read(path, DOC_LIMIT, &data, &size)) {
        return NULL;
    }
    lsp_text_set(owned, data, size);
    free(data);
    return owned;
}

static json_t *doc_json_position(const struct lsp_text *t, size_t offset)
{
    struct lsp_position p = lsp_text_position(t, offset);
    return json_pack("{s:i, s:i}", "line", (int)p.line, "character", (int)p.character);
}

json_t *lsp_json_range(const struct lsp_text *t, size_t from, size_t to)
{
    return json_pack("{s:o, s:o}", "start", doc_json_position(t, from), "end",
                     doc_json_position(t, to));
}

bool lsp_json_position(const json_t *position, struct lsp_position *out)
{
    const json_t *line = json_object_get(position, "line");
    const json_t *character = json_object_get(position, "character");
    if (!json_is_integer(line) || !json_is_integer(character)) {
        return false;
    }
    json_int_t a = json_integer_value(line), b = json_integer_value(character);
    out->line = a < 0 ? 0 : a > INT32_MAX ? INT32_MAX : (unsigned)a;
    out->character = b < 0 ? 0 : b > INT32_MAX ? INT32_MAX : (unsigned)b;
    return true;
}

struct lsp_doc *lsp_asked_at(struct lsp *s, const json_t *params, size_t *offset)
{
    const json_t *item = json_object_get(params, "textDocument");
    struct lsp_doc *d = lsp_doc_of(s, json_string_value(json_object_get(item, "uri")));
    struct lsp_position at;
    if (!d || !lsp_json_position(json_object_get(params, "position"), &at)) {
        return NULL;
    }
    *offset = lsp_text_offset(&d->text, at);
    return d;
}

void lsp_place_of(const struct lsp_doc *d, size_t offset, struct lsp_place *out)
{
    if (d->kind == LSP_DOC_YAML) {
        lsp_place_in_yaml(out, d->text.data, d->text.size, offset);
    } else if (d->kind == LSP_DOC_PLIST || d->kind == LSP_DOC_ENTITLEMENTS) {
        lsp_place_in_plist(out, d->text.data, d->text.size, offset);
    } else {
        *out = (struct lsp_place){.kind = LSP_PLACE_NONE};
    }
}
