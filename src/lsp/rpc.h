/* rpc.h: messages of JSON-RPC 2.0 with a Content-Length before each, as language servers speak them
 * on standard input and output. What has arrived waits in a queue, so that a request can be
 * cancelled before it is answered. */
#ifndef LSP_RPC_H
#define LSP_RPC_H

#include <jansson.h>

#include "app/app.h"

#define LSP_MOST_BYTES ((size_t)64 << 20) /* of one message */
#define LSP_MOST_WAITING ((size_t)10000)  /* messages */

/* Error codes of JSON-RPC and of the protocol. */
enum {
    LSP_PARSE_ERROR = -32700,
    LSP_INVALID_REQUEST = -32600,
    LSP_METHOD_NOT_FOUND = -32601,
    LSP_INVALID_PARAMS = -32602,
    LSP_NOT_INITIALIZED = -32002,
    LSP_CANCELLED = -32800,
};

struct lsp_rpc {
    struct app *app;
    int in; /* descriptor */
    char *bytes;
    size_t count, cap, taken; /* bytes that arrived; of these, taken apart */
    json_t **waiting;
    size_t first, waiting_count, waiting_cap;
    bool ended;   /* no more will come */
    bool broken;  /* what came is no message: told */
    long next_id; /* of our own requests */
};

void lsp_rpc_open(struct lsp_rpc *r, struct app *app, int in);
void lsp_rpc_close(struct lsp_rpc *r);

/* Takes in what has arrived, after waiting for it at most this long (milliseconds, -1: for ever).
 * Cancelled requests are answered and gone. false: nothing came. */
bool lsp_rpc_fill(struct lsp_rpc *r, int wait);

/* The next message, which is the caller's to json_decref; NULL: none waits. */
json_t *lsp_rpc_next(struct lsp_rpc *r);
/* Message i of those that wait, or NULL; it stays where it is. */
json_t *lsp_rpc_peek(const struct lsp_rpc *r, size_t i);
/* Takes message i out of the queue; the caller's. */
json_t *lsp_rpc_take(struct lsp_rpc *r, size_t i);

/* Each takes over the value it is given; a NULL result is null. */
void lsp_rpc_answer(struct lsp_rpc *r, const json_t *id, json_t *result);
void lsp_rpc_refuse(struct lsp_rpc *r, const json_t *id, int code, const char *why);
void lsp_rpc_notify(struct lsp_rpc *r, const char *method, json_t *params);
void lsp_rpc_ask(struct lsp_rpc *r, const char *method, json_t *params);

#endif
