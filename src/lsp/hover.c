/* What is known of the word under the cursor: keys, entitlements, classes, error codes. */
#include <stdlib.h>
#include <string.h>

#include "dext/error.h"
#include "dext/know.h"
#include "lsp/server.h"

static void hover_list(FILE *out, const char *title, const char *text)
{
    if (text[0]) {
        (void)fprintf(out, "\n\n%s%s", title, text);
    }
}

static void hover_fact(FILE *out, const struct dext_fact *f)
{
    (void)fprintf(out, "**%s**: %s", f->name, dext_fact_kind_name(f->kind));
    if (f->kind == DEXT_FACT_KEY && f->type[0]) {
        (void)fprintf(out, " (%s), value: %s", f->place, f->type);
    } else if (f->kind == DEXT_FACT_ENTITLEMENT) {
        (void)fprintf(out, " of the %s, value: %s, %s", f->place, f->type, f->status);
    } else if (f->status[0]) {
        (void)fprintf(out, " (%s)", f->status);
    }
    if (f->super[0]) {
        (void)fprintf(out, ", derives from %s", f->super);
    }
    hover_list(out, "", f->text);
    hover_list(out, "Use instead: ", f->instead);
    hover_list(out, "Of another type: ", f->warning);
    for (size_t i = 0; dext_fact_related(f, i); i++) {
        static const char *const titles[DEXT_FACT_KIND_COUNT] = {
            [DEXT_FACT_ENTITLEMENT] = "Keys of its dictionaries:",
            [DEXT_FACT_IOCLASS] = "CFBundleIdentifierKernel:",
            [DEXT_FACT_FRAMEWORK_CLASS] = "To be overridden:"};
        (void)fprintf(out, "%s%s `%s`", i ? "," : "\n\n",
                      i                 ? ""
                      : titles[f->kind] ? titles[f->kind]
                                        : "",
                      dext_fact_related(f, i));
    }
    for (size_t i = 0; dext_fact_source(f, i); i++) {
        (void)fprintf(out, "%s%s", i ? "; " : "\n\nSource: ", dext_fact_source(f, i));
    }
}

static bool hover_class(FILE *out, const char *word)
{
    static const enum dext_fact_kind kinds[] = {DEXT_FACT_PROVIDER, DEXT_FACT_IOCLASS,
                                                DEXT_FACT_FRAMEWORK_CLASS};
    struct dext_fact f;
    bool any = false;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (dext_fact_find(kinds[i], word, NULL, &f)) {
            if (any) {
                (void)fputs("\n\n---\n\n", out);
            }
            hover_fact(out, &f);
            any = true;
        }
    }
    return any;
}

/* A constant's name, or a number as long as a code is: short ones are anything. */
static bool hover_is_code(const char *word)
{
    size_t n = strlen(word);
    bool hex = n >= 8 && n <= 10 && word[0] == '0' && (word[1] == 'x' || word[1] == 'X');
    return hex || (word[0] == 'k' && n > 3) || strncmp(word, "OSSystemExtension", 17) == 0 ||
           (word[0] == '-' && n > 6 && strspn(word + 1, "0123456789") == n - 1);
}

static bool hover_code(FILE *out, const char *word)
{
    struct dext_errors *errors = hover_is_code(word) ? dext_errors_new() : NULL;
    struct dext_error_answer a;
    bool any = false;
    if (errors && dext_errors_ask(errors, &a, word, strlen(word), NULL) == DEXT_OK && a.count &&
        a.hits[0].match_count) {
        const struct dext_error *e = &a.hits[0].matches[0];
        (void)fprintf(out, "**%s** 0x%x (%d): %s", e->name, e->value, (int32_t)e->value, e->title);
        hover_list(out, "", e->summary);
        hover_list(out, "", e->driverkit ? e->driverkit : "");
        for (size_t i = 0; i < e->causes.count; i++) {
            (void)fprintf(out, "%s%zu. %s\n", i ? "" : "\n\nLikely causes:\n\n", i + 1,
                          e->causes.text[i]);
        }
        any = true;
    }
    if (errors) {
        dext_errors_free(errors);
    }
    return any;
}

/* A key as its place has it, else as it is known elsewhere. */
static bool hover_key(FILE *out, const struct lsp_doc *d, const struct lsp_place *at,
                      const char *word)
{
    const char *scope = lsp_scope(d, at);
    struct dext_fact f;
    bool found = false;
    if (scope && strcmp(scope, "entitlement") == 0) {
        found = dext_fact_find(DEXT_FACT_ENTITLEMENT, word, NULL, &f);
    } else if (scope) {
        struct lsp_beside beside;
        lsp_beside_open(&beside, d, at);
        const char *bus = strcmp(scope, "personality") == 0 ? lsp_bus(&beside) : "";
        lsp_beside_close(&beside);
        found = dext_fact_find(DEXT_FACT_KEY, word, scope, &f) ||
                (bus[0] && dext_fact_find(DEXT_FACT_KEY, word, bus, &f));
    }
    found = found || dext_fact_find(DEXT_FACT_ENTITLEMENT, word, NULL, &f) ||
            dext_fact_find(DEXT_FACT_KEY, word, NULL, &f);
    if (found) {
        hover_fact(out, &f);
    }
    return found;
}

static bool hover_source_class(struct lsp *s, FILE *out, const char *word)
{
    struct dext_source_class c;
    const struct dext_sources *sources = lsp_sources(s);
    if (!sources || !dext_sources_class(sources, word, &c)) {
        return false;
    }
    const char *slash = strrchr(c.file, '/');
    (void)fprintf(out, "**%s**%s%s: class of this project, in %s line %u", c.name,
                  c.super[0] ? ", derives from " : "", c.super, slash ? slash + 1 : c.file, c.line);
    if (!c.iig) {
        (void)fputs("\n\nNot declared in an .iig: the kernel cannot ask for it.", out);
    }
    return true;
}

json_t *lsp_hover(struct lsp *s, const json_t *params)
{
    size_t offset, from, to, size = 0;
    struct lsp_place at;
    char *text = NULL;
    struct lsp_doc *d = lsp_asked_at(s, params, &offset);
    if (!d) {
        return NULL;
    }
    lsp_place_of(d, offset, &at);
    bool whole = at.kind == LSP_PLACE_KEY && at.to - at.from < LSP_LONGEST_KEY;
    from = at.from;
    to = at.to;
    if (!whole && !lsp_word_at(d->text.data, d->text.size, offset, &from, &to)) {
        return NULL;
    }
    char word[LSP_LONGEST_KEY];
    (void)snprintf(word, sizeof word, "%.*s", (int)(to - from), d->text.data + from);
    FILE *out = open_memstream(&text, &size);
    if (!out) {
        return NULL;
    }
    bool found = at.kind == LSP_PLACE_KEY
                     ? hover_key(out, d, &at, word)
                     : hover_class(out, word) || hover_source_class(s, out, word);
    found = found || hover_code(out, word);
    (void)fclose(out);
    json_t *answer = NULL;
    if (found) {
        answer = json_pack("{s:{s:s, s:s}, s:o}", "contents", "kind", "markdown", "value", text,
                           "range", lsp_json_range(&d->text, from, to));
    }
    free(text);
    return answer;
}
