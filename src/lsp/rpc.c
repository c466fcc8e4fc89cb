#include "lsp/rpc.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

void lsp_rpc_open(struct lsp_rpc *r, struct app *app, int in)
{
    *r = (struct lsp_rpc){.app = app, .in = in};
}

void lsp_rpc_close(struct lsp_rpc *r)
{
    for (size_t i = 0; i < r->waiting_count; i++) {
        json_decref(r->waiting[r->first + i]);
    }
    free(r->waiting);
    free(r->bytes);
}

/* ---- out --------------------------------------------------------------------------------------
 */

static void rpc_send(struct lsp_rpc *r, json_t *message)
{
    (void)json_object_set_new(message, "jsonrpc", json_string("2.0"));
    char *text = json_dumps(message, JSON_COMPACT);
    if (text) {
        (void)fprintf(r->app->out, "Content-Length: %zu\r\n\r\n%s", strlen(text), text);
        (void)fflush(r->app->out);
    }
    free(text);
    json_decref(message);
}

static json_t *rpc_id(const json_t *id)
{
    return id ? json_deep_copy(id) : json_null();
}

void lsp_rpc_answer(struct lsp_rpc *r, const json_t *id, json_t *result)
{
    rpc_send(r, json_pack("{s:o, s:o}", "id", rpc_id(id), "result", result ? result : json_null()));
}

void lsp_rpc_refuse(struct lsp_rpc *r, const json_t *id, int code, const char *why)
{
    rpc_send(r, json_pack("{s:o, s:{s:i, s:s}}", "id", rpc_id(id), "error", "code", code, "message",
                          why));
}

void lsp_rpc_notify(struct lsp_rpc *r, const char *method, json_t *params)
{
    rpc_send(r, json_pack("{s:s, s:o}", "method", method, "params", params));
}

void lsp_rpc_ask(struct lsp_rpc *r, const char *method, json_t *params)
{
    json_t *id = json_sprintf("dextctl-%ld-%s", ++r->next_id, method);
    rpc_send(r, json_pack("{s:o, s:s, s:o}", "id", id, "method", method, "params", params));
}

/* ---- in ---------------------------------------------------------------------------------------
 */

static void rpc_break(struct lsp_rpc *r, const char *why)
{
    app_error(r->app, "standard input: %s", why);
    r->broken = r->ended = true;
}

static bool rpc_number(const char *p, const char *end, size_t *out)
{
    size_t n = 0, digits = 0;
    while (p < end && (*p == ' ' || *p == '\t')) {
        p++;
    }
    for (; p < end && *p >= '0' && *p <= '9'; p++, digits++) {
        n = n > LSP_MOST_BYTES ? n : n * 10 + (size_t)(*p - '0');
    }
    *out = n;
    return digits && (p == end || *p == '\r' || *p == ' ');
}

/* The number behind Content-Length among the lines of a header; false: there is none. */
static bool rpc_length(const char *p, const char *end, size_t *length)
{
    static const char name[] = "content-length:";
    while (p < end) {
        const char *line = memchr(p, '\n', (size_t)(end - p));
        line = line ? line : end;
        if ((size_t)(line - p) > sizeof name - 1 && strncasecmp(p, name, sizeof name - 1) == 0) {
            return rpc_number(p + sizeof name - 1, line, length);
        }
        p = line + 1;
    }
    return false;
}

static void rpc_queue(struct lsp_rpc *r, json_t *message)
{
    if (r->first + r->waiting_count == r->waiting_cap) {
        if (r->first) {
            memmove(r->waiting, r->waiting + r->first, r->waiting_count * sizeof *r->waiting);
            r->first = 0;
        }
        if (r->waiting_count * 2 >= r->waiting_cap) {
            r->waiting_cap = r->waiting_cap ? r->waiting_cap * 2 : 16;
            r->waiting = app_grow(r->waiting, r->waiting_cap * sizeof *r->waiting);
        }
    }
    r->waiting[r->first + r->waiting_count++] = message;
}

static void rpc_cancel(struct lsp_rpc *r, const json_t *params)
{
    const json_t *id = json_object_get(params, "id");
    for (size_t i = 0; id && i < r->waiting_count; i++) {
        const json_t *message = lsp_rpc_peek(r, i);
        if (json_object_get(message, "method") && json_equal(json_object_get(message, "id"), id)) {
            json_t *gone = lsp_rpc_take(r, i);
            lsp_rpc_refuse(r, id, LSP_CANCELLED, "cancelled");
            json_decref(gone);
            return;
        }
    }
}

static void rpc_message(struct lsp_rpc *r, const char *text, size_t size)
{
    json_error_t e;
    json_t *message = json_loadb(text, size, 0, &e);
    const char *method = json_string_value(json_object_get(message, "method"));
    if (!message) {
        lsp_rpc_refuse(r, NULL, LSP_PARSE_ERROR, e.text);
    } else if (!json_is_object(message)) {
        lsp_rpc_refuse(r, NULL, LSP_INVALID_REQUEST, "a message is an object");
        json_decref(message);
    } else if (method && strcmp(method, "$/cancelRequest") == 0) {
        rpc_cancel(r, json_object_get(message, "params"));
        json_decref(message);
    } else if (r->waiting_count >= LSP_MOST_WAITING) {
        rpc_break(r, "more messages than anybody answers");
        json_decref(message);
    } else {
        rpc_queue(r, message);
    }
}

/* Takes one message off what has arrived; false: it is not whole yet. */
static bool rpc_take_one(struct lsp_rpc *r)
{
    const char *p = r->bytes + r->taken;
    size_t have = r->count - r->taken, length = 0, skip = 4;
    const char *end = have ? memmem(p, have, "\r\n\r\n", 4) : NULL;
    if (!end && have) {
        end = memmem(p, have, "\n\n", 2);
        skip = 2;
    }
    if (!end) {
        if (have > 65536) {
            rpc_break(r, "a header without an end");
        }
        return false;
    }
    if (!rpc_length(p, end, &length)) {
        rpc_break(r, "a header without Content-Length");
        return false;
    }
    if (length > LSP_MOST_BYTES) {
        rpc_break(r, "a message of more than 64 MiB");
        return false;
    }
    size_t head = (size_t)(end - p) + skip;
    if (have - head < length) {
        return false;
    }
    rpc_message(r, p + head, length);
    r->taken += head + length;
    return true;
}

static bool rpc_read(struct lsp_rpc *r)
{
    if (r->taken && r->bytes) {
        memmove(r->bytes, r->bytes + r->taken, r->count - r->taken);
        r->count -= r->taken;
        r->taken = 0;
    }
    if (r->cap - r->count < 65536) {
        r->cap = (r->cap < 65536 ? 65536 : r->cap) * 2;
        r->bytes = app_grow(r->bytes, r->cap);
    }
    ssize_t n;
    do {
        n = read(r->in, r->bytes + r->count, r->cap - r->count);
    } while (n < 0 && errno == EINTR);
    if (n < 0) {
        rpc_break(r, strerror(errno));
    } else if (n == 0 && r->count) {
        rpc_break(r, "it ends within a message");
    }
    if (n <= 0) {
        r->ended = true;
        return false;
    }
    r->count += (size_t)n;
    return true;
}

bool lsp_rpc_fill(struct lsp_rpc *r, int wait)
{
    bool came = false;
    struct pollfd p = {.fd = r->in, .events = POLLIN};
    while (!r->ended && poll(&p, 1, came ? 0 : wait) > 0 && rpc_read(r)) {
        came = true;
        while (!r->broken && rpc_take_one(r)) {
        }
    }
    return came;
}

json_t *lsp_rpc_peek(const struct lsp_rpc *r, size_t i)
{
    return i < r->waiting_count ? r->waiting[r->first + i] : NULL;
}

json_t *lsp_rpc_take(struct lsp_rpc *r, size_t i)
{
    json_t *message = lsp_rpc_peek(r, i);
    if (message) {
        json_t **at = r->waiting + r->first + i;
        memmove(at, at + 1, (r->waiting_count - i - 1) * sizeof *at);
        r->waiting_count--;
    }
    return message;
}

json_t *lsp_rpc_next(struct lsp_rpc *r)
{
    if (r->waiting_count == 0) {
        return NULL;
    }
    r->waiting_count--;
    return r->waiting[r->first++];
}
