#include "bundle/ignore.h"

#include <string.h>

/* A longer line names no path that a system opens; cutting it off bounds the work. */
#define LONGEST_PATTERN 4096
/* 5,000 patterns and 100,000 names take 500,000,000 comparisons of one byte, about a second. */
#define MOST_WORK ((uint64_t)1 << 30)
#define GLOB_WORK 16 /* a pattern that has to be looked at takes as long as so many bytes */

/* ---- one character ------------------------------------------------------------------------- */

/* ASCII, whatever the locale: what git compares with. */
static bool in_named_class(struct dx_str name, unsigned char c, bool *known)
{
    bool lower = c >= 'a' && c <= 'z', upper = c >= 'A' && c <= 'Z', digit = c >= '0' && c <= '9';
    bool hex = digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    bool graph = c > ' ' && c < 0x7f;
    const struct {
        const char *name;
        bool in;
    } classes[] = {
        {"alnum", lower || upper || digit},
        {"alpha", lower || upper},
        {"blank", c == ' ' || c == '\t'},
        {"cntrl", c < ' ' || c == 0x7f},
        {"digit", digit},
        {"graph", graph},
        {"lower", lower},
        {"print", graph || c == ' '},
        {"punct", graph && !lower && !upper && !digit},
        {"space", c == ' ' || (c >= '\t' && c <= '\r')},
        {"upper", upper},
        {"xdigit", hex},
    };
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        if (dx_str_is(name, classes[i].name)) {
            return classes[i].in;
        }
    }
    *known = false;
    return false;
}

/* The name in "[:alpha:]" at p; its p is NULL when there is none. */
static struct dx_str ignore_class_name(const char *p, const char *end)
{
    struct dx_str name = {0};
    if (end - p < 4 || p[0] != '[' || p[1] != ':') {
        return name;
    }
    const char *close = memchr(p + 2, ']', (size_t)(end - p - 2));
    if (close && close > p + 2 && close[-1] == ':') {
        name = (struct dx_str){p + 2, (size_t)(close - 1 - (p + 2))};
    }
    return name;
}

/* [a-z], [!a-z], [^a-z], [[:alpha:]_] at p against c. Answers one past it, NULL when it is not well
 * formed: git then matches nothing. */
static const char *match_class(const char *p, const char *end, unsigned char c, bool *hit)
{
    bool found = false, known = true, first = true;
    unsigned char before = 0; /* may begin a range; 0: it may not */
    bool negated = ++p < end && (*p == '!' || *p == '^');
    for (p += negated; p < end && (*p != ']' || first); p++, first = false) {
        struct dx_str name = ignore_class_name(p, end);
        if (name.p) {
            found = in_named_class(name, c, &known) || found;
            p = name.p + name.n + 1;
            before = 0;
        } else if (*p == '-' && before && p + 1 < end && p[1] != ']') {
            p += p[1] == '\\' ? 2 : 1;
            found = found || (p < end && c >= before && c <= (unsigned char)*p);
            before = 0;
        } else {
            p += *p == '\\';
            before = p < end ? (unsigned char)*p : 0;
            found = found || c == before;
        }
    }
    *hit = found != negated && c != '/';
    return p < end && known ? p + 1 : NULL;
}

/* ---- one pattern --------------------------------------------------------------------------- */

struct glob {
    const char *p, *s; /* places in pattern and path; p NULL: none */
};

/* One element of the pattern, no star, against one character. */
static bool match_one(struct glob *g, const char *end)
{
    unsigned char c = (unsigned char)*g->s;
    bool hit;
    const char *p = g->p;
    if (*p == '?') {
        hit = c != '/';
    } else if (*p == '[') {
        p = match_class(p, end, c, &hit);
        if (!p) {
            return false;
        }
        p--;
    } else {
        p += *p == '\\';
        hit = p < end && (unsigned char)*p == c; /* a backslash at the end matches nothing */
    }
    g->p = p + 1;
    g->s++;
    return hit;
}

/* What the stars at g->p mean; moves past them. "**" between slashes goes over folders, and that is
 * where to go on when the rest does not match; any other star stays within one name. Later stars
 * make the earlier ones of their kind needless to go back to, so the two places are enough and the
 * work is bounded by the square of the path. */
static bool take_stars(struct glob *g, struct glob *star, struct glob *deep, struct dx_str pattern,
                       const char *path_end)
{
    const char *end = pattern.p + pattern.n, *after = g->p;
    bool at_part = g->p == pattern.p || g->p[-1] == '/';
    while (after < end && *after == '*') {
        after++;
    }
    size_t escaped = after < end && *after == '\\';
    bool slash = after + escaped < end && after[escaped] == '/';
    bool folders = at_part && after - g->p > 1;
    g->p = after;
    if (folders && after == end) {
        g->s = path_end;
    } else if (folders && slash) {
        g->p = after + escaped + 1;
        if (escaped) { /* git takes "**" followed by an escaped slash for one folder at least */
            const char *next = memchr(g->s, '/', (size_t)(path_end - g->s));
            if (!next) {
                return false;
            }
            g->s = next + 1;
        }
        *deep = *g;
        star->p = NULL;
    } else {
        *star = *g;
    }
    return true;
}

static bool match_glob(struct dx_str pattern, struct dx_str path)
{
    struct glob g = {pattern.p, path.p}, star = {0}, deep = {0};
    const char *end = pattern.p + pattern.n, *path_end = path.p + path.n;
    while (g.s < path_end || g.p < end) {
        if (g.p < end && *g.p == '*') {
            if (!take_stars(&g, &star, &deep, pattern, path_end)) {
                return false;
            }
        } else if (g.p < end && g.s < path_end && match_one(&g, end)) {
            continue;
        } else if (star.p && star.s < path_end && *star.s != '/') {
            star.s++;
            g = star;
        } else if (deep.p && (deep.s = memchr(deep.s, '/', (size_t)(path_end - deep.s))) != NULL) {
            deep.s++;
            g = deep;
            star.p = NULL;
        } else {
            return false;
        }
    }
    return true;
}

/* ---- files of patterns --------------------------------------------------------------------- */

/* Spaces at the end do not count unless a backslash keeps them. */
static struct dx_str trim_spaces(struct dx_str line)
{
    size_t keep = 0;
    for (size_t i = 0; i < line.n; i++) {
        if (line.p[i] == '\\' && i + 1 < line.n) {
            keep = ++i + 1;
        } else if (line.p[i] != ' ') {
            keep = i + 1;
        }
    }
    line.n = keep;
    return line;
}

static bool parse_line(struct dx_str line, struct dx_ignore_rule *rule)
{
    *rule = (struct dx_ignore_rule){0};
    if (line.n == 0 || line.p[0] == '#') {
        return false;
    }
    line.n -= line.p[line.n - 1] == '\r';
    line = trim_spaces(line);
    if (line.n && line.p[0] == '!') {
        rule->negated = true;
        line.p++;
        line.n--;
    }
    if (line.n && line.p[line.n - 1] == '/') {
        rule->folder_only = true;
        line.n--;
    }
    rule->anchored = line.n && memchr(line.p, '/', line.n) != NULL;
    if (line.n && line.p[0] == '/') {
        line.p++;
        line.n--;
    }
    rule->pattern = line;
    const char last = line.n ? line.p[line.n - 1] : 0;
    rule->last =
        last && !strchr("*?]\\", last) && (line.n < 2 || line.p[line.n - 2] != '\\') ? last : 0;
    return line.n != 0 && line.n <= LONGEST_PATTERN;
}

void dx_ignore_parse(struct dx_ignore *out, struct dext_ctx *ctx, const struct dx_ignore *parent,
                     const char *folder, struct dx_str text)
{
    size_t cap = 0;
    *out = (struct dx_ignore){.parent = parent, .folder = folder};
    out->work = parent ? parent->work : dx_calloc(&ctx->arena, 1, sizeof *out->work);
    out->work->ctx = ctx;
    if (dx_str_has_prefix(text, "\xef\xbb\xbf")) {
        text.p += 3;
        text.n -= 3;
    }
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
        const char *slash = dx_memrchr(path.p, '/', path.n);
        if (slash) {
            path.n -= (size_t)(slash + 1 - path.p);
            path.p = slash + 1;
        }
    }
    return match_glob(rule->pattern, path);
}

/* false: too much was compared; told once. */
static bool ignore_may_go_on(struct dx_ignore_work *w, const char *path)
{
    if (w->spent > MOST_WORK && !w->told) {
        w->told = true;
        dx_unread(w->ctx,
                  "%s: from here on no file is ignored: more patterns and names than are compared",
                  path);
    }
    return !w->told;
}

bool dx_ignored(const struct dx_ignore *ignore, const char *path, bool is_folder)
{
    for (; ignore && ignore_may_go_on(ignore->work, path); ignore = ignore->parent) {
        struct dx_str below = dx_str(path);
        size_t n = strlen(ignore->folder);
        if (n) {
            if (below.n <= n + 1 || memcmp(path, ignore->folder, n) != 0 || path[n] != '/') {
                continue; /* not below that file's folder */
            }
            below.p += n + 1;
            below.n -= n + 1;
        }
        const char last = below.n ? below.p[below.n - 1] : 0;
        ignore->work->spent += ignore->count;
        for (size_t i = ignore->count; i-- > 0;) {
            if (ignore->rules[i].last && ignore->rules[i].last != last) {
                continue;
            }
            ignore->work->spent += GLOB_WORK + below.n;
            if (rule_matches(&ignore->rules[i], below, is_folder)) {
                return !ignore->rules[i].negated;
            }
        }
    }
    return false;
}
