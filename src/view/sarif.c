/* What every SARIF log of ours is made of. */
#include "view/sarif.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "app/app.h"
#include "app/path.h"

void sarif_text(struct json *j, const char *key, const char *s)
{
    json_kbegin(j, key, '{');
    json_kstr(j, "text", s);
    json_end(j, '}');
}

void sarif_root(struct json *j)
{
    json_kbegin(j, "originalUriBaseIds", '{');
    json_kbegin(j, SARIF_ROOT, '{');
    sarif_text(j, "description", "The top of the checkout, or the folder that dextctl ran in");
    json_end(j, '}');
    json_end(j, '}');
}

/* RFC 3986. Only unreserved characters stay: a colon in the first component would read as a
 * scheme. */
void sarif_file(struct json *j, const char *key, const char *file)
{
    char *shown = path_hosted(file);
    bool absolute = shown[0] == '/';
    char *uri = app_alloc(3 * strlen(shown) + 16), *p = uri;
    if (absolute) {
        memcpy(p, "file://", 7);
        p += 7;
    }
    for (const char *s = shown; *s; s++) {
        unsigned char c = (unsigned char)*s;
        bool plain = (c < 0x80 && isalnum(c)) || strchr("/-._~", c);
        if (plain) {
            *p++ = *s;
        } else {
            p += snprintf(p, 4, "%%%02X", c);
        }
    }
    *p = 0;
    json_kbegin(j, key, '{');
    json_kstr(j, "uri", uri);
    if (!absolute) {
        json_kstr(j, "uriBaseId", SARIF_ROOT);
    }
    json_end(j, '}');
    free(uri);
    free(shown);
}

void sarif_region(struct json *j, unsigned line, unsigned column, unsigned end_column)
{
    json_kbegin(j, "region", '{');
    json_kint(j, "startLine", line ? line : 1); /* code hosts want one: the top of the file */
    if (column) {
        json_kint(j, "startColumn", column);
    }
    if (end_column) {
        json_kint(j, "endColumn", end_column);
    }
    json_end(j, '}');
}

/* "missing-user-class" as MissingUserClass, the form the format's guidelines ask for. */
void sarif_rule_name(struct json *j, const char *name)
{
    char out[80];
    size_t n = 0;
    bool upper = true;
    for (; *name && n + 1 < sizeof out; name++) {
        if (*name == '-') {
            upper = true;
        } else {
            out[n++] = (char)(upper ? toupper((unsigned char)*name) : (unsigned char)*name);
            upper = false;
        }
    }
    json_key(j, "name");
    json_strn(j, out, n);
}
