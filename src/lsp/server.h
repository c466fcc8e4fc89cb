/* server.h: the state of a language server, and what its parts do. One thread; a check that takes
 * long is broken off when the files change, and looks between two inputs whether somebody asks
 * something. */
#ifndef LSP_SERVER_H
#define LSP_SERVER_H

#include "dext/plist.h"
#include "dext/registry.h"
#include "dext/source.h"
#include "lint/filter.h"
#include "lsp/place.h"
#include "lsp/rpc.h"
#include "lsp/text.h"

enum lsp_doc_kind {
    LSP_DOC_PLIST,
    LSP_DOC_ENTITLEMENTS,
    LSP_DOC_YAML,
    LSP_DOC_SOURCE,
    LSP_DOC_OTHER
};

/* An open file. */
struct lsp_doc {
    char *uri, *path;
    enum lsp_doc_kind kind;
    json_int_t version;
    struct lsp_text text;
};

/* What was last told of a file. */
struct lsp_told {
    char *path;
    char *diagnostics; /* as JSON */
    json_int_t version;
    bool again; /* met in the check at hand */
};

/* From initializationOptions, workspace/didChangeConfiguration or workspace/configuration. */
struct lsp_settings {
    const char **select, **ignore; /* NULL-terminated, or NULL */
    char *ruleset, *config, *dump;
    bool preview;
};

struct lsp {
    struct app *app;
    struct lsp_rpc rpc;
    bool initialized, shut; /* the client said so */
    bool over;              /* exit */
    bool snippets, document_changes, asks_configuration, registers;
    char **roots; /* absolute */
    size_t root_count;
    struct lsp_doc *docs;
    size_t doc_count, doc_cap;
    struct lsp_settings settings;
    struct lsp_told *told;
    size_t told_count, told_cap;
    struct report reports[2]; /* of the last check: folders; files outside of them */
    bool stale;               /* something changed since */
    struct dext_sources *sources;
    bool sources_stale;
    struct dext_ctx *dump_ctx;
    struct dext_registry *dump;
    bool dump_sought;
};

/* Serves until exit or the end of input. An exit status. */
int lsp_serve(struct app *app, int in);

/* server.c */
struct lsp_doc *lsp_doc_of(struct lsp *s, const char *uri);
struct lsp_doc *lsp_doc_at(struct lsp *s, const char *path);
/* The text of a file, open or on disk; *owned is to be freed then. NULL: it cannot be read. */
const struct lsp_text *lsp_text_of(struct lsp *s, const char *path, struct lsp_text *owned);
json_t *lsp_json_range(const struct lsp_text *t, size_t from, size_t to);
bool lsp_json_position(const json_t *position, struct lsp_position *out);
/* The document and offset that a request is about; NULL: it is not open. */
struct lsp_doc *lsp_asked_at(struct lsp *s, const json_t *params, size_t *offset);
/* What stands at an offset of a document. */
void lsp_place_of(const struct lsp_doc *d, size_t offset, struct lsp_place *out);

/* settings.c */
void lsp_settings_take(struct lsp *s, const json_t *value);
void lsp_settings_free(struct lsp_settings *set);

/* check.c: lints, and tells what it found. */
void lsp_check(struct lsp *s);
void lsp_check_free(struct lsp *s);
/* Answers those waiting requests that do not need a check's result; whether something waits that
 * makes the check useless: a change, or the end. */
bool lsp_answer_quickly(struct lsp *s);

/* scope.c: what a place is about. */
/* Where a key at this place stands, as struct dext_fact's place has it ("personality", "info",
 * "usb-entitlement"), "entitlement" at the top of an entitlements file, or NULL. */
const char *lsp_scope(const struct lsp_doc *d, const struct lsp_place *at);
/* The dictionary that a place is in: what stands beside it. */
struct lsp_beside {
    const struct lsp_doc *doc;
    const struct lsp_place *at;
    struct dext_ctx *ctx;
    const struct dext_node *dict; /* NULL: not known, or YAML */
};
void lsp_beside_open(struct lsp_beside *b, const struct lsp_doc *d, const struct lsp_place *at);
void lsp_beside_close(struct lsp_beside *b);
/* The value of a key there as text ("" of a collection); false: there is no such key. */
bool lsp_beside_get(const struct lsp_beside *b, const char *key, char out[LSP_LONGEST_KEY]);
/* "usb", "pci" ...: the scope of the keys of the bus that a personality is on; "" when it is not
 * known. */
const char *lsp_bus(const struct lsp_beside *b);

/* workspace.c: what the folders hold beside the files that are checked. */
const struct dext_sources *lsp_sources(struct lsp *s);
struct dext_registry *lsp_dump(struct lsp *s);
void lsp_workspace_free(struct lsp *s);

/* hover.c, complete.c, action.c, define.c: answers to requests, NULL for none. */
json_t *lsp_hover(struct lsp *s, const json_t *params);
json_t *lsp_complete(struct lsp *s, const json_t *params);
json_t *lsp_actions(struct lsp *s, const json_t *params);
json_t *lsp_define(struct lsp *s, const json_t *params);

#endif
