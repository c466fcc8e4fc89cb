#include "bundle/ignore.h"

#include <string.h>

/* [a-z], [!a-z], [^a-z]: end of the class, NULL when it is not closed (then '[' is literal). */
static const char *match_class(const char *p, const char *end, unsigned char c, bool *hit)
{
    const char *at = p + 1;
    bool negated = at < end && (*at == '!' || *at == '^');
    at += negated;
    bool found = false;
    for (const char *first = at; at < end && (*at != ']' || at == first); at++) {
        unsigned char low = (unsigned char)(*at == '\\' && at + 1 < end ? *++at : *at);
        unsigned char high = low;
        if (at + 2 < end && at[1] == '-' && at[2] != ']') {
            high = (unsigned char)at[2];
            at += 2;
        }
        found = found || (c >= low && c <= high);
    }
    *hit = found != negated && c != '/';
    return at < end ? at + 1 : NULL;
}

struct glob {
    const char *p, *pend; /* pattern */
    const char *s, *send; /* path */
};

/* One pattern element against one character; *next is where the pattern goes on. */
static bool match_one(const struct glob *g, const char **next)
{
    unsigned char c = (unsigned char)*g->s;
    bool hit = false;
    if (*g->p == '?') {
        *next = g->p + 1;
        return c != '/';
    }
    if (*g->p == '[') {
        const char *after = match_class(g->p, g->pend, c, &hit);
        if (after) {
            *next = after;
            return hit;
        }
    }
    const char *p = *g->p == '\\' && g->p + 1 < g->pend ? g->p + 1 : g->p;
    *next = p + 1;
    return (unsigned char)*p == c;
}

/* A star remembers where to go on when what follows it does not match; "**" may also cross '/', so
 * two such places are enough and the work stays within pattern times path. */
static bool match_glob(struct dx_str pattern, struct dx_str path)
{
    struct glob g = {pattern.p, pattern.p + pattern.n, path.p, path.p + path.n};
    struct glob star = {0}, deep = {0};
    while (g.s < g.send || g.p < g.pend) {
        bool at_part = g.p == pattern.p || g.p[-1] == '/';
        if (at_part && g.pend - g.p >= 3 && memcmp(g.p, "**/", 3) == 0) {
            g.p += 3;
            deep = g;
            star.p = NULL;
            continue;
        }
        if (at_part && g.pend - g.p == 2 && memcmp(g.p, "**", 2) == 0) {
            return g.s < g.send;
        }
        if (g.p < g.pend && *g.p == '*') {
            while (g.p < g.pend && *g.p == '*') {
                g.p++;
            }
            star = g;
            continue;
        }
        const char *next;
        if (g.p < g.pend && g.s < g.send && match_one(&g, &next)) {
            g.p = next;
            g.s++;
        } else if (star.p && star.s < g.send && *star.s != '/') {
            star.s++;
            g = star;
        } else if (deep.p && (deep.s = memchr(deep.s, '/', (size_t)(g.send - deep.s))) != NULL) {
            deep.s++;
            g = deep;
            star.p = NULL;
        } else {
            return false;
        }
    }
    return true;
}

static struct dx_str trim_spaces(struct dx_str line)
{
    while (line.n && (line.p[line.n - 1] == ' ' || line.p[line.n - 1] == '\r') &&
           !(line.n > 1 && line.p[line.n - 2] == '\\')) {
        line.n--;
    }
    return line;
}

static bool parse_line(struct dx_str line, struct dx_ignore_rule *rule)
{
    *rule = (struct dx_ignore_rule){0};
    line = trim_spaces(line);
    if (line.n == 0 || line.p[0] == '#') {
        return false;
    }
    if (line.p[0] == '!') {
        rule->negated = true;
        line.p++;
        line.n--;
    }
    if (line.n && line.p[line.n - 1] == '/') {
        rule->folder_only = true;
        line.n--;
    }
    rule->anchored = memchr(line.p, '/', line.n) != NULL;
    if (line.n && line.p[0] == '/') {
        line.p++;
        line.n--;
    }
    rule->pattern = line;
    return line.n != 0;
}

void dx_ignore_parse(struct dx_ignore *out, struct dext_ctx *ctx, const struct dx_ignore *parent,
                     const char *folder, struct dx_str text)
{
    size_t cap = 0;
    *out = (struct dx_ignore){.parent = parent, .folder = folder};
    while (text.n) {
        const char *end = memchr(text.p, '\n', text.n);
        size_t n = end ? (size_t)(end - text.p) : text.n;
        struct dx_ignore_rule rule;
        if (parse_line((struct dx_str){text.p, n}, &rule)) {
            *DX_PUSH(&ctx->arena, out->rules, out->count, cap) = rule;
        }
        n += end != NULL;
        text.p += n;
        text.n -= n;
    }
}

static bool rule_matches(const struct dx_ignore_rule *rule, struct dx_str path, bool is_folder)
{
    if (rule->folder_only && !is_folder) {
        return false;
    }
    if (!rule->anchored) {
        const char *slash = memrchr(path.p, '/', path.n);
        if (slash) {
            path.n -= (size_t)(slash + 1 - path.p);
            path.p = slash + 1;
        }
    }
    return match_glob(rule->pattern, path);
}

bool dx_ignored(const struct dx_ignore *ignore, const char *path, bool is_folder)
{
    for (; ignore; ignore = ignore->parent) {
        struct dx_str below = dx_str(path);
        size_t n = strlen(ignore->folder);
        if (n && below.n > n && memcmp(path, ignore->folder, n) == 0 && path[n] == '/') {
            below.p += n + 1;
            below.n -= n + 1;
        }
        for (size_t i = ignore->count; i-- > 0;) {
            if (rule_matches(&ignore->rules[i], below, is_folder)) {
                return !ignore->rules[i].negated;
            }
        }
    }
    return false;
}
