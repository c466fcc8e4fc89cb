#include "lsp/uri.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/app.h"
#include "app/path.h"

static int uri_hex(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

char *lsp_uri_path(const char *uri)
{
    if (strncmp(uri, "file://", 7) != 0) {
        return NULL;
    }
    uri += 7;
    if (strncmp(uri, "localhost/", 10) == 0) {
        uri += 9;
    }
    if (*uri != '/') {
        return NULL; /* another host's */
    }
    char *out = app_alloc(strlen(uri) + 1), *p = out;
    for (; *uri; uri++) {
        int hi = *uri == '%' ? uri_hex(uri[1]) : -1;
        int lo = hi >= 0 ? uri_hex(uri[2]) : -1;
        if (lo >= 0 && (hi || lo)) { /* %00 would end the path */
            *p++ = (char)(hi * 16 + lo);
            uri += 2;
        } else {
            *p++ = *uri;
        }
    }
    char *path = path_absolute(out);
    free(out);
    return path;
}

char *lsp_uri_of(const char *path)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
    char *out = app_alloc(3 * strlen(path) + 8), *p = out + 7;
    memcpy(out, "file://", 7); /* NOLINT(bugprone-not-null-terminated-result): more follows */
    for (; *path; path++) {
        if (strchr(plain, *path)) {
            *p++ = *path;
        } else {
            p += snprintf(p, 4, "%%%02X", (unsigned char)*path);
        }
    }
    return out;
}
