/* From the name of a class, in a property list or a source, to its declaration. */
#include <stdlib.h>
#include <string.h>

#include "lsp/server.h"
#include "lsp/uri.h"

json_t *lsp_define(struct lsp *s, const json_t *params)
{
    size_t offset, from, to;
    char word[LSP_LONGEST_KEY];
    struct dext_source_class c;
    struct lsp_doc *d = lsp_asked_at(s, params, &offset);
    if (!d || !lsp_word_at(d->text.data, d->text.size, offset, &from, &to)) {
        return NULL;
    }
    (void)snprintf(word, sizeof word, "%.*s", (int)(to - from), d->text.data + from);
    const struct dext_sources *sources = lsp_sources(s);
    if (!sources || !dext_sources_class(sources, word, &c)) {
        return NULL;
    }
    struct lsp_text owned;
    const struct lsp_text *t = lsp_text_of(s, c.file, &owned);
    if (!t) {
        return NULL;
    }
    const struct lsp_doc *open = lsp_doc_at(s, c.file);
    char *uri = open ? NULL : lsp_uri_of(c.file);
    json_t *answer = json_pack("{s:s, s:o}", "uri", open ? open->uri : uri, "range",
                               lsp_json_range(t, c.offset, c.offset + strlen(c.name)));
    free(uri);
    lsp_text_free(&owned);
    return answer;
}
