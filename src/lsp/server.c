/* The life of the server: messages in, answers out; open files; when to check. */
#include "lsp/server.h"

#include <stdlib.h>
#include <string.h>

#include "lsp/uri.h"

#define SETTLE 120 /* milliseconds without news before a check: a pause between two keys */

/* ---- open files -------------------------------------------------------------------------------
 */

struct lsp_doc *lsp_doc_of(struct lsp *s, const char *uri)
{
    for (size_t i = 0; uri && i < s->doc_count; i++) {
        if (strcmp(s->docs[i].uri, uri) == 0) {
            return &s->docs[i];
        }
    }
    return NULL;
}

struct lsp_doc *lsp_doc_at(struct lsp *s, const char *path)
{
    for (size_t i = 0; i < s->doc_count; i++) {
        if (s->docs[i].path && strcmp(s->docs[i].path, path) == 0) {
            return &s->docs[i];
        }
    }
    return NULL;
}

static bool server_ends(const char *path, const char *ending)
{
    size_t n = strlen(path), m = strlen(ending);
    return n >= m && strcmp(path + n - m, ending) == 0;
}

static enum lsp_doc_kind server_kind(const char *path)
{
    static const struct {
        const char *ending;
        enum lsp_doc_kind kind;
    } kinds[] = {{".entitlements", LSP_DOC_ENTITLEMENTS},
                 {".plist", LSP_DOC_PLIST},
                 {".yml", LSP_DOC_YAML},
                 {".yaml", LSP_DOC_YAML},
                 {".iig", LSP_DOC_SOURCE},
                 {".h", LSP_DOC_SOURCE},
                 {".hpp", LSP_DOC_SOURCE},
                 {".cpp", LSP_DOC_SOURCE},
                 {".cc", LSP_DOC_SOURCE},
                 {".mm", LSP_DOC_SOURCE},
                 {".m", LSP_DOC_SOURCE},
                 {".c", LSP_DOC_SOURCE}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (server_ends(path, kinds[i].ending)) {
            return kinds[i].kind;
        }
    }
    return LSP_DOC_OTHER;
}

static void server_changed(struct lsp *s, const struct lsp_doc *d)
{
    s->stale = true;
    s->sources_stale = s->sources_stale || d->kind == LSP_DOC_SOURCE;
}

static void server_open_doc(struct lsp *s, const json_t *params)
{
    const json_t *item = json_object_get(params, "textDocument");
    const char *uri = json_string_value(json_object_get(item, "uri"));
    const json_t *text = json_object_get(item, "text");
    if (!uri || !json_is_string(text)) {
        return;
    }
    struct lsp_doc *d = lsp_doc_of(s, uri);
    if (!d) {
        if (s->doc_count == s->doc_cap) {
            s->doc_cap = s->doc_cap ? s->doc_cap * 2 : 16;
            s->docs = app_grow(s->docs, s->doc_cap * sizeof *s->docs);
        }
        d = &s->docs[s->doc_count++];
        *d = (struct lsp_doc){.uri = app_strdup(uri), .path = lsp_uri_path(uri)};
        d->kind = d->path ? server_kind(d->path) : LSP_DOC_OTHER;
    }
    d->version = json_integer_value(json_object_get(item, "version"));
    lsp_text_set(&d->text, json_string_value(text), json_string_length(text));
    server_changed(s, d);
}

static void server_change_doc(struct lsp *s, const json_t *params)
{
    const json_t *item = json_object_get(params, "textDocument");
    struct lsp_doc *d = lsp_doc_of(s, json_string_value(json_object_get(item, "uri")));
    const json_t *changes = json_object_get(params, "contentChanges");
    if (!d) {
        return;
    }
    for (size_t i = 0; i < json_array_size(changes); i++) {
        const json_t *change = json_array_get(changes, i);
        const json_t *text = json_object_get(change, "text");
        const json_t *range = json_object_get(change, "range");
        struct lsp_position from, to;
        if (!json_is_string(text)) {
            continue;
        }
        if (lsp_json_position(json_object_get(range, "start"), &from) &&
            lsp_json_position(json_object_get(range, "end"), &to)) {
            size_t a = lsp_text_offset(&d->text, from), b = lsp_text_offset(&d->text, to);
            lsp_text_replace(&d->text, a, b, json_string_value(text), json_string_length(text));
        } else {
            lsp_text_set(&d->text, json_string_value(text), json_string_length(text));
        }
    }
    d->version = json_integer_value(json_object_get(item, "version"));
    server_changed(s, d);
}

static void server_doc_free(struct lsp_doc *d)
{
    free(d->uri);
    free(d->path);
    lsp_text_free(&d->text);
}

static void server_close_doc(struct lsp *s, const json_t *params)
{
    const json_t *item = json_object_get(params, "textDocument");
    struct lsp_doc *d = lsp_doc_of(s, json_string_value(json_object_get(item, "uri")));
    if (d) {
        server_changed(s, d);
        server_doc_free(d);
        *d = s->docs[--s->doc_count];
    }
}

/* ---- beginning and end ------------------------------------------------------------------------
 */

static void server_add_root(struct lsp *s, const char *uri)
{
    char *path = uri ? lsp_uri_path(uri) : NULL;
    for (size_t i = 0; path && i < s->root_count; i++) {
        if (strcmp(s->roots[i], path) == 0) {
            free(path);
            return;
        }
    }
    if (path) {
        s->roots = app_grow(s->roots, (s->root_count + 2) * sizeof *s->roots);
        s->roots[s->root_count++] = path;
        s->roots[s->root_count] = NULL;
        s->stale = s->sources_stale = true;
        s->dump_sought = false;
    }
}

static void server_drop_root(struct lsp *s, const char *uri)
{
    char *path = uri ? lsp_uri_path(uri) : NULL;
    for (size_t i = 0; path && i < s->root_count; i++) {
        if (strcmp(s->roots[i], path) == 0) {
            free(s->roots[i]);
            s->roots[i] = s->roots[--s->root_count];
            s->roots[s->root_count] = NULL;
            s->stale = s->sources_stale = true;
        }
    }
    free(path);
}

static void server_each_folder(struct lsp *s, const json_t *folders,
                               void (*act)(struct lsp *, const char *))
{
    for (size_t i = 0; i < json_array_size(folders); i++) {
        act(s, json_string_value(json_object_get(json_array_get(folders, i), "uri")));
    }
}

static const json_t *server_at(const json_t *value, const char *const *keys)
{
    for (; value && *keys; keys++) {
        value = json_object_get(value, *keys);
    }
    return value;
}

static json_t *server_initialize(struct lsp *s, const json_t *params)
{
    static const char *const snippet[] = {"textDocument", "completion", "completionItem",
                                          "snippetSupport", NULL};
    static const char *const versions[] = {"workspace", "workspaceEdit", "documentChanges", NULL};
    static const char *const pulls[] = {"workspace", "configuration", NULL};
    static const char *const watches[] = {"workspace", "didChangeWatchedFiles",
                                          "dynamicRegistration", NULL};
    const json_t *can = json_object_get(params, "capabilities");
    s->snippets = json_is_true(server_at(can, snippet));
    s->document_changes = json_is_true(server_at(can, versions));
    s->asks_configuration = json_is_true(server_at(can, pulls));
    s->registers = json_is_true(server_at(can, watches));
    const json_t *folders = json_object_get(params, "workspaceFolders");
    if (json_array_size(folders)) {
        server_each_folder(s, folders, server_add_root);
    } else {
        server_add_root(s, json_string_value(json_object_get(params, "rootUri")));
    }
    lsp_settings_take(s, json_object_get(params, "initializationOptions"));
    s->initialized = true;
    return json_pack(
        "{s:{s:s, s:{s:b, s:i, s:{s:b}}, s:b, s:b, s:{s:[s, s]}, s:{s:[s, s, s, s, s]}, s:{s:{s:b, "
        "s:b}}}, s:{s:s, s:s}}",
        "capabilities", "positionEncoding", "utf-16", "textDocumentSync", "openClose", 1, "change",
        2, "save", "includeText", 0, "hoverProvider", 1, "definitionProvider", 1,
        "codeActionProvider", "codeActionKinds", "quickfix", "source.fixAll.dextctl",
        "completionProvider", "triggerCharacters", "<", ">", ".", ":", " ", "workspace",
        "workspaceFolders", "supported", 1, "changeNotifications", 1, "serverInfo", "name",
        "dextctl", "version", dext_version());
}

static void server_ask_configuration(struct lsp *s)
{
    if (s->asks_configuration) {
        lsp_rpc_ask(&s->rpc, "workspace/configuration",
                    json_pack("{s:[{s:s}]}", "items", "section", "dextctl"));
    }
}

static void server_initialized(struct lsp *s)
{
    static const char *const globs[] = {"**/*.{plist,entitlements,iig,yml,xcconfig,pbxproj}",
                                        "**/*.{h,hpp,cpp,cc}", "**/.dextctl.json"};
    server_ask_configuration(s);
    if (s->registers) {
        json_t *watchers = json_array();
        for (size_t i = 0; i < sizeof globs / sizeof *globs; i++) {
            (void)json_array_append_new(watchers, json_pack("{s:s}", "globPattern", globs[i]));
        }
        lsp_rpc_ask(&s->rpc, "client/registerCapability",
                    json_pack("{s:[{s:s, s:s, s:{s:o}}]}", "registrations", "id", "watch", "method",
                              "workspace/didChangeWatchedFiles", "registerOptions", "watchers",
                              watchers));
    }
}

/* ---- messages ---------------------------------------------------------------------------------
 */

static void server_notified(struct lsp *s, const char *method, const json_t *params)
{
    if (strcmp(method, "textDocument/didOpen") == 0) {
        server_open_doc(s, params);
    } else if (strcmp(method, "textDocument/didChange") == 0) {
        server_change_doc(s, params);
    } else if (strcmp(method, "textDocument/didClose") == 0) {
        server_close_doc(s, params);
    } else if (strcmp(method, "textDocument/didSave") == 0 ||
               strcmp(method, "workspace/didChangeWatchedFiles") == 0) {
        s->stale = s->sources_stale = true;
        s->dump_sought = false;
    } else if (strcmp(method, "workspace/didChangeConfiguration") == 0) {
        const json_t *all = json_object_get(params, "settings");
        const json_t *ours = json_object_get(all, "dextctl");
        lsp_settings_take(s, ours ? ours : all);
        server_ask_configuration(s);
        s->stale = true;
    } else if (strcmp(method, "workspace/didChangeWorkspaceFolders") == 0) {
        const json_t *event = json_object_get(params, "event");
        server_each_folder(s, json_object_get(event, "removed"), server_drop_root);
        server_each_folder(s, json_object_get(event, "added"), server_add_root);
    } else if (strcmp(method, "initialized") == 0) {
        server_initialized(s);
    }
}

typedef json_t *server_answer(struct lsp *s, const json_t *params);

static const struct server_request {
    const char *method;
    server_answer *answer;
    bool quick; /* needs no result of a check */
} server_requests[] = {
    {"textDocument/hover", lsp_hover, true},
    {"textDocument/completion", lsp_complete, true},
    {"textDocument/definition", lsp_define, true},
    {"textDocument/codeAction", lsp_actions, false},
};

static const struct server_request *server_request_of(const char *method)
{
    for (size_t i = 0; method && i < sizeof server_requests / sizeof *server_requests; i++) {
        if (strcmp(server_requests[i].method, method) == 0) {
            return &server_requests[i];
        }
    }
    return NULL;
}

static void server_asked(struct lsp *s, const char *method, const json_t *id, const json_t *params)
{
    const struct server_request *r = server_request_of(method);
    if (strcmp(method, "initialize") == 0) {
        if (s->initialized) {
            lsp_rpc_refuse(&s->rpc, id, LSP_INVALID_REQUEST, "initialized already");
        } else {
            lsp_rpc_answer(&s->rpc, id, server_initialize(s, params));
        }
    } else if (!s->initialized) {
        lsp_rpc_refuse(&s->rpc, id, LSP_NOT_INITIALIZED, "not initialized");
    } else if (s->shut) {
        lsp_rpc_refuse(&s->rpc, id, LSP_INVALID_REQUEST, "shut down");
    } else if (strcmp(method, "shutdown") == 0) {
        s->shut = true;
        lsp_rpc_answer(&s->rpc, id, NULL);
    } else if (r) {
        lsp_rpc_answer(&s->rpc, id, r->answer(s, params));
    } else {
        lsp_rpc_refuse(&s->rpc, id, LSP_METHOD_NOT_FOUND, method);
    }
}

/* An answer of the client to one of our requests. */
static void server_answered(struct lsp *s, const json_t *message)
{
    static const char own[] = "workspace/configuration";
    const char *id = json_string_value(json_object_get(message, "id"));
    if (id && server_ends(id, own)) {
        lsp_settings_take(s, json_array_get(json_object_get(message, "result"), 0));
        s->stale = true;
    }
}

static void server_handle(struct lsp *s, const json_t *message)
{
    const char *method = json_string_value(json_object_get(message, "method"));
    const json_t *id = json_object_get(message, "id");
    const json_t *params = json_object_get(message, "params");
    if (!method) {
        server_answered(s, message);
    } else if (id) {
        server_asked(s, method, id, params);
    } else if (strcmp(method, "exit") == 0) {
        s->over = true;
    } else if (s->initialized && !s->shut) {
        server_notified(s, method, params);
    }
}

bool lsp_answer_quickly(struct lsp *s)
{
    bool ends = s->rpc.broken;
    (void)lsp_rpc_fill(&s->rpc, 0);
    for (size_t i = 0; lsp_rpc_peek(&s->rpc, i);) {
        const json_t *message = lsp_rpc_peek(&s->rpc, i);
        const char *method = json_string_value(json_object_get(message, "method"));
        const struct server_request *r = server_request_of(method);
        /* In order: a question behind a change is about the changed text. */
        if (!r || !json_object_get(message, "id")) {
            return true;
        }
        if (!r->quick) {
            i++;
            continue;
        }
        json_t *taken = lsp_rpc_take(&s->rpc, i);
        server_handle(s, taken);
        json_decref(taken);
    }
    return ends || s->rpc.ended;
}

static void server_free(struct lsp *s)
{
    lsp_check_free(s);
    lsp_workspace_free(s);
    lsp_settings_free(&s->settings);
    for (size_t i = 0; i < s->doc_count; i++) {
        server_doc_free(&s->docs[i]);
    }
    free(s->docs);
    for (size_t i = 0; i < s->root_count; i++) {
        free(s->roots[i]);
    }
    free(s->roots);
    lsp_rpc_close(&s->rpc);
}

int lsp_serve(struct app *app, int in)
{
    struct lsp s = {.app = app};
    lsp_rpc_open(&s.rpc, app, in);
    while (!s.over) {
        json_t *message = lsp_rpc_next(&s.rpc);
        if (message) {
            server_handle(&s, message);
            json_decref(message);
        } else if (s.rpc.ended) {
            break;
        } else {
            bool due = s.stale && s.initialized && !s.shut;
            if (!lsp_rpc_fill(&s.rpc, due ? SETTLE : -1) && due && !s.rpc.ended) {
                lsp_check(&s);
            }
        }
    }
    int status = s.rpc.broken ? APP_UNREADABLE : s.shut ? APP_CLEAN : APP_FINDINGS;
    server_free(&s);
    return status;
}
