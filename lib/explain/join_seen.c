/* Which system, which Mac and which versions the inputs tell of. */
#include <string.h>

#include "explain/join.h"

#define SEEN_MOST 256 /* extensions */

static const char *seen_text(struct dx_join *j, struct dx_str s)
{
    return dx_strndup(&j->ctx->arena, s.p, s.n < 60 ? s.n : 60);
}

void dx_seen_version(struct dx_join *j, const char *version, const char *build)
{
    struct dext_system_seen *s = &j->seen->shown;
    if (!*s->version && !*s->build && (*version || *build)) {
        s->version = seen_text(j, dx_str(version));
        s->build = seen_text(j, dx_str(build));
    }
}

/* "macOS 15.3 (24D60)", "macOS 15.3 (24D60), 2026-01-02 ...", "Mac OS X 10.15.7 (19H2)" */
void dx_seen_system(struct dx_join *j, const char *text)
{
    const char *open = strchr(text, '('), *close = open ? strchr(open, ')') : NULL;
    const char *version = text;
    while (*version && !(*version >= '0' && *version <= '9')) {
        version++;
    }
    size_t n = strspn(version, "0123456789.");
    if (n && close && version < open) {
        dx_seen_version(j, seen_text(j, (struct dx_str){version, n}),
                        seen_text(j, (struct dx_str){open + 1, (size_t)(close - open - 1)}));
    }
}

void dx_seen_model(struct dx_join *j, struct dx_str text)
{
    static const char *const keys[] = {"Model Identifier:", "\"machine_model\"", "\"modelCode\"",
                                       "System model name:", "\"product\""};
    for (size_t i = 0; i < sizeof keys / sizeof *keys && !*j->seen->shown.model; i++) {
        const char *at = memmem(text.p, text.n, keys[i], strlen(keys[i]));
        const char *end = text.p + text.n;
        for (at = at ? at + strlen(keys[i]) : end;
             at < end && (*at == ' ' || *at == ':' || *at == '"' || *at == '\t'); at++) {
        }
        size_t n = 0;
        while (at + n < end && n < 40 && !strchr(" \t\r\n\"(\\", at[n])) {
            n++;
        }
        if (n && memchr(at, ',', n)) { /* Mac14,2: all of them have a comma */
            j->seen->shown.model = seen_text(j, (struct dx_str){at, n});
        }
    }
}

void dx_seen_driver(struct dx_join *j, const char *id, const char *version, const char *build)
{
    struct dext_system_seen *s = &j->seen->shown;
    for (size_t i = 0; i < s->driver_count; i++) {
        if (strcmp(s->drivers[i].id, id) == 0) {
            return;
        }
    }
    if (*id && (*version || *build) && s->driver_count < SEEN_MOST) {
        struct dext_driver_seen *d =
            DX_PUSH(&j->ctx->arena, j->seen->drivers, s->driver_count, j->seen->cap);
        *d = (struct dext_driver_seen){seen_text(j, dx_str(id)), seen_text(j, dx_str(version)),
                                       seen_text(j, dx_str(build))};
        d->id = dx_strdup(&j->ctx->arena, id);
        s->drivers = j->seen->drivers;
    }
}
