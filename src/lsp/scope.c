/* What a place in a file is about: which keys may stand there, and what stands beside. */
#include <stdlib.h>
#include <string.h>

#include "dext/know.h"
#include "dext/plist.h"
#include "lsp/server.h"

/* Of a project specification: the keys behind info/properties or entitlements/properties are those
 * of the file that is made of them. */
static size_t scope_begin(const struct lsp_doc *d, const struct lsp_place *at, bool *claims)
{
    *claims = d->kind == LSP_DOC_ENTITLEMENTS;
    if (!at->yaml) {
        return 0;
    }
    for (size_t i = 1; i < at->depth; i++) {
        bool info = strcmp(at->keys[i - 1], "info") == 0;
        *claims = strcmp(at->keys[i - 1], "entitlements") == 0;
        if ((info || *claims) && strcmp(at->keys[i], "properties") == 0) {
            return i + 1;
        }
    }
    return LSP_DEEPEST + 1;
}

static bool scope_is_value(const struct lsp_place *at)
{
    return at->kind == LSP_PLACE_VALUE || (at->kind == LSP_PLACE_OPEN && !at->wants_key);
}

const char *lsp_scope(const struct lsp_doc *d, const struct lsp_place *at)
{
    static const char *const matched[] = {"IOPropertyMatch", "IOParentMatch",
                                          "IOMatchedPropertyList"};
    bool claims;
    size_t first = scope_begin(d, at, &claims),
           depth = at->depth - (scope_is_value(at) && at->depth);
    if (first > depth || at->kind == LSP_PLACE_NONE || d->kind == LSP_DOC_SOURCE ||
        d->kind == LSP_DOC_OTHER) {
        return NULL;
    }
    const char(*keys)[LSP_LONGEST_KEY] = at->keys + first;
    depth -= first;
    if (claims) {
        size_t n = depth ? strlen(keys[0]) : 0;
        bool usb = n > 4 && strcmp(keys[0] + n - 4, ".usb") == 0;
        return depth == 0 ? "entitlement" : usb ? "usb-entitlement" : NULL;
    }
    if (depth == 0) {
        return "info";
    }
    if (strcmp(keys[0], "IOKitPersonalities") != 0 || depth < 2) {
        return NULL;
    }
    for (size_t i = 2; i < depth; i++) {
        for (size_t k = 0; k < sizeof matched / sizeof *matched; k++) {
            if (strcmp(keys[i], matched[k]) == 0) {
                return NULL; /* the keys there are a node's */
            }
        }
    }
    return "personality";
}

/* ---- beside -----------------------------------------------------------------------------------
 */

static const struct dext_node *scope_child(const struct dext_node *n, const char *key)
{
    const struct dext_node *found = NULL;
    for (const struct dext_node *c = n ? dext_node_child(n) : NULL; c; c = dext_node_next(c)) {
        const char *name = dext_node_key(c);
        if (*key ? name && strcmp(name, key) == 0 : dext_node_kind(c) == DEXT_DICT) {
            found = c;
            if (!*key) {
                break;
            }
        }
    }
    return found;
}

static size_t scope_indent(const char *p, const char *end)
{
    size_t n = 0;
    while (p + n < end && p[n] == ' ') {
        n++;
    }
    return n;
}

/* "key: value" of the line, when it stands at that indent. */
static bool scope_yaml_line(const char *p, const char *end, size_t indent, const char *key,
                            char out[LSP_LONGEST_KEY])
{
    size_t n = strlen(key);
    const char *at = p + indent;
    if (scope_indent(p, end) != indent || (size_t)(end - at) < n + 2 || memcmp(at, key, n) != 0 ||
        at[n] != ':') {
        return false;
    }
    for (at += n + 1; at < end && (*at == ' ' || *at == '"' || *at == '\''); at++) {
    }
    n = 0;
    while (at + n < end && !strchr(" \"'#\r", at[n]) && n + 1 < LSP_LONGEST_KEY) {
        out[n] = at[n];
        n++;
    }
    out[n] = 0;
    return true;
}

static bool scope_yaml_beside(const struct lsp_doc *d, size_t offset, const char *key,
                              char out[LSP_LONGEST_KEY])
{
    const struct lsp_text *t = &d->text;
    size_t start = lsp_text_line_start(t, offset);
    size_t indent = scope_indent(t->data + start, t->data + lsp_text_line_end(t, offset));
    for (int up = 1; up >= 0; up--) {
        for (size_t p = start;;) {
            size_t end = lsp_text_line_end(t, p);
            const char *line = t->data + p, *stop = t->data + end;
            if (end > p && scope_indent(line, stop) < indent) {
                break;
            }
            if (scope_yaml_line(line, stop, indent, key, out)) {
                return true;
            }
            if (up ? p == 0 : end + 1 >= t->size) {
                break;
            }
            p = up ? lsp_text_line_start(t, p - 1) : end + 1;
        }
    }
    return false;
}

void lsp_beside_open(struct lsp_beside *b, const struct lsp_doc *d, const struct lsp_place *at)
{
    struct dext_plist *pl;
    size_t depth = at->depth - (scope_is_value(at) && at->depth);
    *b = (struct lsp_beside){.doc = d, .at = at};
    if (at->yaml) {
        return;
    }
    b->ctx = dext_ctx_new(NULL);
    if (dext_plist_parse(&pl, b->ctx, d->path ? d->path : d->uri, d->text.data, d->text.size) ==
        DEXT_OK) {
        b->dict = dext_plist_root(pl);
        for (size_t i = 0; b->dict && i < depth; i++) {
            b->dict = scope_child(b->dict, at->keys[i]);
        }
    }
}

void lsp_beside_close(struct lsp_beside *b)
{
    dext_ctx_free(b->ctx);
}

bool lsp_beside_get(const struct lsp_beside *b, const char *key, char out[LSP_LONGEST_KEY])
{
    out[0] = 0;
    if (b->at->yaml) {
        return scope_yaml_beside(b->doc, b->at->from, key, out);
    }
    const struct dext_node *n = b->dict ? scope_child(b->dict, key) : NULL;
    (void)snprintf(out, LSP_LONGEST_KEY, "%s", n ? dext_node_text(n) : "");
    return n != NULL;
}

const char *lsp_bus(const struct lsp_beside *b)
{
    static const char *const buses[] = {"usb", "pci", "hid", "scsi", "serial", "storage"};
    char provider[LSP_LONGEST_KEY];
    struct dext_fact f;
    (void)lsp_beside_get(b, "IOProviderClass", provider);
    if (!dext_fact_find(DEXT_FACT_PROVIDER, provider, NULL, &f)) {
        return "";
    }
    for (size_t i = 0; i < sizeof buses / sizeof *buses; i++) {
        if (strncmp(f.place, buses[i], strlen(buses[i])) == 0) {
            return buses[i];
        }
    }
    return "";
}
