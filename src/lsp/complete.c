/* What may be written at the cursor: keys by place, values of keys, classes of the project and of
 * DriverKit, ids of devices in a dump of the workspace. */
#include <stdlib.h>
#include <string.h>

#include "dext/know.h"
#include "lsp/server.h"

#define COMPLETE_MOST 500 /* items of one list */

/* CompletionItemKind of the protocol */
enum { COMPLETE_PROPERTY = 10, COMPLETE_CLASS = 7, COMPLETE_VALUE = 12, COMPLETE_ENUM = 20 };

struct complete_list {
    struct lsp *s;
    const struct lsp_doc *doc;
    const struct lsp_place *at;
    json_t *items;
    struct lsp_beside beside;
    const char *element; /* of a value that begins here: "string", "integer" */
};

static bool complete_has(const struct complete_list *l, const char *label)
{
    for (size_t i = 0; i < json_array_size(l->items); i++) {
        const char *known =
            json_string_value(json_object_get(json_array_get(l->items, i), "label"));
        if (known && strcmp(known, label) == 0) {
            return true;
        }
    }
    return false;
}

/* rank: lower ones stand first. Takes over text. */
static void complete_add(struct complete_list *l, const char *label, int kind, int rank,
                         const char *detail, const char *about, json_t *text, bool snippet)
{
    if (json_array_size(l->items) >= COMPLETE_MOST || complete_has(l, label)) {
        json_decref(text);
        return;
    }
    json_t *item =
        json_pack("{s:s, s:i, s:o, s:s, s:{s:o, s:o}}", "label", label, "kind", kind, "sortText",
                  json_sprintf("%d%s", rank, label), "filterText", label, "textEdit", "range",
                  lsp_json_range(&l->doc->text, l->at->from, l->at->to), "newText", text);
    if (item && detail && *detail) {
        (void)json_object_set_new(item, "detail", json_string(detail));
    }
    if (item && about && *about) {
        (void)json_object_set_new(item, "documentation",
                                  json_pack("{s:s, s:s}", "kind", "markdown", "value", about));
    }
    if (item && snippet) {
        (void)json_object_set_new(item, "insertTextFormat", json_integer(2));
    }
    (void)json_array_append_new(l->items, item);
}

/* ---- keys -------------------------------------------------------------------------------------
 */

/* The XML of an empty value of a type, with the cursor in it; "integer-or-wildcard" is an integer.
 */
static const char *complete_empty(const char *type)
{
    static const char *const values[][2] = {
        {"string-or-array", "<string>$1</string>"},
        {"string", "<string>$1</string>"},
        {"integer", "<integer>$1</integer>"},
        {"boolean", "<true/>"},
        {"array-of-dict", "<array>\n\t<dict>\n\t\t$1\n\t</dict>\n</array>"},
        {"array", "<array>\n\t<string>$1</string>\n</array>"},
        {"dict", "<dict>\n\t$1\n</dict>"}};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        if (strncmp(type, values[i][0], strlen(values[i][0])) == 0) {
            return values[i][1];
        }
    }
    return "<string>$1</string>";
}

/* The lines after the first begin where the line of the cursor does; without snippets nothing marks
 * where the cursor goes. Snippets take '$' in a name for a mark. */
static json_t *complete_key_text(const struct complete_list *l, const char *key, const char *type)
{
    const struct lsp_text *t = &l->doc->text;
    bool element = l->at->kind == LSP_PLACE_OPEN;
    if (l->at->yaml) {
        return json_sprintf("%s%s", key, l->at->closed ? "" : ":");
    }
    if (!element) {
        return json_sprintf("%s%s", key, l->at->closed ? "" : "</key>");
    }
    size_t start = lsp_text_line_start(t, l->at->from);
    size_t indent = strspn(t->data + start, " \t");
    indent = indent > l->at->from - start ? l->at->from - start : indent;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out) {
        return json_string(key);
    }
    (void)fprintf(out, "<key>%s</key>\n%.*s", key, (int)indent, t->data + start);
    for (const char *p = complete_empty(type); *p; p++) {
        if (p[0] == '$' && p[1] == '1' && !l->s->snippets) {
            p++;
        } else if (*p == '\n') {
            (void)fprintf(out, "\n%.*s", (int)indent, t->data + start);
        } else {
            (void)fputc(*p, out);
        }
    }
    (void)fclose(out);
    json_t *value = json_string(text);
    free(text);
    return value;
}

static void complete_put_key(struct complete_list *l, const struct dext_fact *f, int rank)
{
    bool snippet = l->s->snippets && l->at->kind == LSP_PLACE_OPEN && !l->at->yaml;
    complete_add(l, f->name, COMPLETE_PROPERTY, rank, f->type, f->text,
                 complete_key_text(l, f->name, f->type), snippet);
}

static void complete_facts(struct complete_list *l, enum dext_fact_kind kind, const char *place,
                           int rank)
{
    struct dext_fact f;
    for (size_t i = 0; dext_fact_at(kind, i, &f); i++) {
        char there[LSP_LONGEST_KEY];
        if (!f.advised || (place && strcmp(f.place, place) != 0)) {
            continue;
        }
        if (!lsp_beside_get(&l->beside, f.name, there)) {
            complete_put_key(l, &f, rank);
        }
    }
}

static void complete_keys(struct complete_list *l)
{
    static const char *const buses[] = {"usb", "pci", "hid", "scsi", "serial", "storage"};
    const char *scope = lsp_scope(l->doc, l->at);
    if (!scope) {
        return;
    }
    if (strcmp(scope, "entitlement") == 0) {
        complete_facts(l, DEXT_FACT_ENTITLEMENT, NULL, 1);
        return;
    }
    complete_facts(l, DEXT_FACT_KEY, scope, 1);
    if (strcmp(scope, "personality") == 0) {
        const char *bus = lsp_bus(&l->beside);
        for (size_t i = 0; i < sizeof buses / sizeof *buses; i++) {
            if (!bus[0] || strcmp(bus, buses[i]) == 0) {
                complete_facts(l, DEXT_FACT_KEY, buses[i], 2);
            }
        }
    }
}

/* ---- values -----------------------------------------------------------------------------------
 */

static void complete_value(struct complete_list *l, const char *text, int kind, int rank,
                           const char *detail, const char *about)
{
    bool open = l->at->kind == LSP_PLACE_OPEN;
    json_t *value =
        open ? json_sprintf("<%s>%s</%s>", l->element, text, l->element)
             : json_sprintf("%s%s%s%s", text, l->at->closed ? "" : "</",
                            l->at->closed ? "" : l->at->element, l->at->closed ? "" : ">");
    complete_add(l, text, kind, rank, detail, about, value, false);
}

static void complete_classes(struct complete_list *l, enum dext_fact_kind kind)
{
    struct dext_fact f;
    for (size_t i = 0; dext_fact_at(kind, i, &f); i++) {
        if (f.advised) {
            complete_value(l, f.name, COMPLETE_CLASS, 2, dext_fact_kind_name(kind), f.text);
        }
    }
}

/* A class that the kernel can ask for. */
static void complete_own_classes(struct complete_list *l)
{
    const struct dext_sources *sources = lsp_sources(l->s);
    struct dext_source_class c;
    for (size_t i = 0; sources && dext_sources_class_at(sources, i, &c); i++) {
        if (c.iig) {
            complete_value(l, c.name, COMPLETE_CLASS, 1, c.super, "");
        }
    }
}

static void complete_kernel_bundles(struct complete_list *l)
{
    char ioclass[LSP_LONGEST_KEY];
    struct dext_fact f;
    (void)lsp_beside_get(&l->beside, "IOClass", ioclass);
    bool known = ioclass[0] && dext_fact_find(DEXT_FACT_IOCLASS, ioclass, NULL, &f);
    for (size_t i = 0; known && dext_fact_related(&f, i); i++) {
        complete_value(l, dext_fact_related(&f, i), COMPLETE_VALUE, 1, f.name, "");
    }
    for (size_t i = 0; !known && dext_fact_at(DEXT_FACT_IOCLASS, i, &f); i++) {
        for (size_t k = 0; f.advised && dext_fact_related(&f, k); k++) {
            complete_value(l, dext_fact_related(&f, k), COMPLETE_VALUE, 2, f.name, "");
        }
    }
}

/* The numbers that devices of the dump have under the key; of those with the vendor that is given
 * beside, when one is. */
static void complete_from_dump(struct complete_list *l, const char *key)
{
    static const char *const pairs[][2] = {{"idProduct", "idVendor"}, {"ProductID", "VendorID"}};
    struct dext_registry *dump = lsp_dump(l->s);
    const char *partner = NULL;
    char vendor[LSP_LONGEST_KEY] = "";
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        partner = strcmp(key, pairs[i][0]) == 0 ? pairs[i][1] : partner;
    }
    if (partner) {
        (void)lsp_beside_get(&l->beside, partner, vendor);
    }
    const struct dext_reg_node *node;
    for (size_t i = 0; dump && (node = dext_registry_node(dump, i)) != NULL; i++) {
        const struct dext_node *v = dext_registry_property(dump, i, key, NULL);
        const struct dext_node *p =
            v && vendor[0] ? dext_registry_property(dump, i, partner, NULL) : NULL;
        if (!v || dext_node_kind(v) != DEXT_INTEGER ||
            (p && dext_node_integer(p) != strtoll(vendor, NULL, 0))) {
            continue;
        }
        char number[32], detail[300];
        (void)snprintf(number, sizeof number, "%lld", (long long)dext_node_integer(v));
        (void)snprintf(detail, sizeof detail, "0x%llx, %s <%s>", (long long)dext_node_integer(v),
                       node->name, node->class_name);
        complete_value(l, number, COMPLETE_VALUE, 1, detail, "");
    }
}

static void complete_values(struct complete_list *l)
{
    static const char *const own_id = "$(PRODUCT_BUNDLE_IDENTIFIER)";
    const char *key = l->at->depth ? l->at->keys[l->at->depth - 1] : "";
    const char *scope = lsp_scope(l->doc, l->at);
    struct dext_fact f;
    if (!scope || !*key) {
        return;
    }
    l->element = "string";
    if (strcmp(scope, "entitlement") == 0) {
        bool yes =
            dext_fact_find(DEXT_FACT_ENTITLEMENT, key, NULL, &f) && strcmp(f.type, "boolean") == 0;
        if (yes && l->at->kind == LSP_PLACE_OPEN) {
            complete_add(l, "true", COMPLETE_VALUE, 1, "", f.text, json_string("<true/>"), false);
        } else if (yes && l->at->yaml) {
            complete_value(l, "true", COMPLETE_VALUE, 1, "", f.text);
        }
    } else if (strcmp(key, "IOProviderClass") == 0) {
        complete_classes(l, DEXT_FACT_PROVIDER);
    } else if (strcmp(key, "IOClass") == 0) {
        complete_classes(l, DEXT_FACT_IOCLASS);
    } else if (strcmp(key, "IOUserClass") == 0) {
        complete_own_classes(l);
    } else if (strcmp(key, "CFBundleIdentifierKernel") == 0) {
        complete_kernel_bundles(l);
    } else if (strcmp(key, "IOUserServerName") == 0 || strcmp(key, "CFBundleIdentifier") == 0) {
        complete_value(l, own_id, COMPLETE_VALUE, 1, "by custom", "");
    } else {
        l->element = "integer";
        complete_from_dump(l, key);
    }
}

/* In a source: the classes of DriverKit's frameworks and of the project. */
static void complete_source(struct complete_list *l)
{
    complete_classes(l, DEXT_FACT_FRAMEWORK_CLASS);
    const struct dext_sources *sources = lsp_sources(l->s);
    struct dext_source_class c;
    for (size_t i = 0; sources && dext_sources_class_at(sources, i, &c); i++) {
        complete_value(l, c.name, COMPLETE_CLASS, 1, c.super, "");
    }
}

json_t *lsp_complete(struct lsp *s, const json_t *params)
{
    size_t offset;
    struct lsp_place at;
    struct lsp_doc *d = lsp_asked_at(s, params, &offset);
    if (!d) {
        return NULL;
    }
    lsp_place_of(d, offset, &at);
    struct complete_list l = {.s = s, .doc = d, .at = &at, .items = json_array()};
    lsp_beside_open(&l.beside, d, &at);
    if (d->kind == LSP_DOC_SOURCE) {
        at.kind = LSP_PLACE_VALUE;
        at.closed = true;
        at.from = at.to = offset;
        if (lsp_word_at(d->text.data, d->text.size, offset, &at.from, &at.to)) {
            at.to = offset; /* what is written so far */
            complete_source(&l);
        }
    } else if (at.kind == LSP_PLACE_KEY || (at.kind == LSP_PLACE_OPEN && at.wants_key)) {
        complete_keys(&l);
    } else if (at.kind == LSP_PLACE_VALUE || at.kind == LSP_PLACE_OPEN) {
        complete_values(&l);
    }
    lsp_beside_close(&l.beside);
    return json_pack("{s:b, s:o}", "isIncomplete", json_array_size(l.items) >= COMPLETE_MOST,
                     "items", l.items);
}
