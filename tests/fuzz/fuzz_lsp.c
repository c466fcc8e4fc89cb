/* The language server. The first byte says how the rest is meant: 'R' raw bytes on its standard
 * input; 'J' a message a line; else a document (P property list, E entitlements, Y project.yml, S
 * source), two bytes of a position, and its text, about which everything is asked. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lsp/server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static FILE *out;

static void begin(FILE *in)
{
    static const char hello[] = "{\"id\":0,\"method\":\"initialize\",\"params\":{\"capabilities\":{"
                                "\"textDocument\":{\"completion\":{\"completionItem\":{"
                                "\"snippetSupport\":true}}}}}}";
    (void)fprintf(in, "Content-Length: %zu\r\n\r\n%s", strlen(hello), hello);
}

static void put(FILE *in, const char *text, size_t size)
{
    (void)fprintf(in, "Content-Length: %zu\r\n\r\n", size);
    (void)fwrite(text, 1, size, in);
}

/* A folder that is opened might be any of this machine. */
static void lines(FILE *in, const char *p, size_t size)
{
    begin(in);
    for (const char *end = p + size; p < end;) {
        const char *line = memchr(p, '\n', (size_t)(end - p));
        line = line ? line : end;
        if (!memmem(p, (size_t)(line - p), "older", 5)) {
            put(in, p, (size_t)(line - p));
        }
        p = line + 1;
    }
}

static void document(FILE *in, char kind, const char *p, size_t size)
{
    static const char *const asks[] = {"textDocument/hover", "textDocument/completion",
                                       "textDocument/definition", "textDocument/codeAction"};
    const char *uri = kind == 'E'   ? "file:///nowhere/a.entitlements"
                      : kind == 'Y' ? "file:///nowhere/project.yml"
                      : kind == 'S' ? "file:///nowhere/a.iig"
                                    : "file:///nowhere/Info.plist";
    int line = size > 0 ? (unsigned char)p[0] : 0, character = size > 1 ? (unsigned char)p[1] : 0;
    p += size < 2 ? size : 2;
    size -= size < 2 ? size : 2;
    json_t *text = json_stringn(p, size);
    json_t *open =
        json_pack("{s:s, s:{s:{s:s, s:i, s:o}}}", "method", "textDocument/didOpen", "params",
                  "textDocument", "uri", uri, "version", 1, "text", text ? text : json_string(""));
    char *message = json_dumps(open, 0);
    begin(in);
    put(in, message, strlen(message));
    free(message);
    json_decref(open);
    for (size_t i = 0; i < sizeof asks / sizeof *asks; i++) {
        json_t *ask =
            json_pack("{s:i, s:s, s:{s:{s:s}, s:{s:i, s:i}, s:{s:{s:i, s:i}, s:{s:i, s:i}}}}", "id",
                      (int)i + 1, "method", asks[i], "params", "textDocument", "uri", uri,
                      "position", "line", line, "character", character, "range", "start", "line", 0,
                      "character", 0, "end", "line", 9999, "character", 0);
        message = json_dumps(ask, 0);
        put(in, message, strlen(message));
        free(message);
        json_decref(ask);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size > (1 << 16)) {
        return 0;
    }
    out = out ? out : fopen("/dev/null", "w");
    FILE *in = tmpfile();
    if (!in || !out) {
        abort();
    }
    const char *p = (const char *)data + 1;
    if (data[0] == 'R') {
        (void)fwrite(p, 1, size - 1, in);
    } else if (data[0] == 'J') {
        lines(in, p, size - 1);
    } else {
        document(in, (char)data[0], p, size - 1);
    }
    (void)fflush(in);
    (void)lseek(fileno(in), 0, SEEK_SET);
    struct app app = {.out = out, .err = out, .format = "human"};
    int status = lsp_serve(&app, fileno(in));
    (void)fclose(in);
    return status < 0;
}
