/* Dumps out of the source of a page: "+-o Root  &lt;class IORegistryEntry, ...&gt;", with <br> at
 * the ends of lines. What stands between < and > there is the page's; the dump's own are entities.
 */
#include <string.h>

#include "iokit/registry_read.h"

static const struct {
    const char *entity;
    char c;
} ioreg_escaped_entities[] = {{"&lt;", '<'},   {"&gt;", '>'},    {"&quot;", '"'},  {"&#34;", '"'},
                              {"&#39;", '\''}, {"&#x27;", '\''}, {"&apos;", '\''}, {"&nbsp;", ' '},
                              {"&#160;", ' '}, {"&#60;", '<'},   {"&#62;", '>'},   {"&#38;", '&'},
                              {"&amp;", '&'}};

/* The first line of a node is escaped, not plain. */
static bool ioreg_escaped_is(struct dx_str s)
{
    const char *first = memmem(s.p, s.n, "&lt;class ", 10);
    const char *plain = first ? memmem(s.p, (size_t)(first - s.p), "<class ", 7) : NULL;
    const char *line = first ? dx_memrchr(s.p, '\n', (size_t)(first - s.p)) : NULL;
    line = line ? line : s.p;
    return first && !plain && memmem(line, (size_t)(first - line), "-o ", 3);
}

/* Length of the tag at p, or 0. A "<" without an end on its line is none. */
static size_t ioreg_escaped_tag(const char *p, const char *end)
{
    bool named = end - p > 2 && (p[1] == '/' || p[1] == '!' || (p[1] >= 'a' && p[1] <= 'z') ||
                                 (p[1] >= 'A' && p[1] <= 'Z'));
    size_t most = (size_t)(end - p) < 4096 ? (size_t)(end - p) : 4096;
    const char *close = named ? memchr(p, '>', most) : NULL;
    return close && !memchr(p, '\n', (size_t)(close - p)) ? (size_t)(close - p) + 1 : 0;
}

/* Tags that end a line, unless the source ends it there too. */
static bool ioreg_escaped_breaks(const char *p, size_t n, const char *end)
{
    static const char *const ends[] = {"<br", "<BR", "</p>", "</P>", "</div>", "</li>", "</tr>"};
    while (p + n < end && (p[n] == ' ' || p[n] == '\r')) {
        n++;
    }
    for (size_t i = 0; p + n < end && p[n] != '\n' && i < sizeof ends / sizeof *ends; i++) {
        if (strncmp(p, ends[i], strlen(ends[i])) == 0) {
            return true;
        }
    }
    return false;
}

static size_t ioreg_escaped_entity(const char *p, const char *end, char *c)
{
    for (size_t i = 0; i < sizeof ioreg_escaped_entities / sizeof *ioreg_escaped_entities; i++) {
        size_t n = strlen(ioreg_escaped_entities[i].entity);
        if ((size_t)(end - p) >= n && memcmp(p, ioreg_escaped_entities[i].entity, n) == 0) {
            *c = ioreg_escaped_entities[i].c;
            return n;
        }
    }
    return 0;
}

bool dx_reg_unescape(struct dx_source *out, struct dext_ctx *ctx, const struct dx_source *src)
{
    struct dx_str s = {src->data, src->size};
    if (!ioreg_escaped_is(s)) {
        return false;
    }
    char *to = dx_alloc(&ctx->arena, s.n + 1);
    const char *p = s.p, *end = s.p + s.n;
    size_t n = 0;
    while (p < end) {
        size_t tag = *p == '<' ? ioreg_escaped_tag(p, end) : 0;
        size_t entity = *p == '&' ? ioreg_escaped_entity(p, end, &to[n]) : 0;
        if (tag) {
            if (ioreg_escaped_breaks(p, tag, end)) {
                to[n++] = '\n';
            }
            p += tag;
        } else {
            to[n] = entity ? to[n] : *p;
            n++;
            p += entity ? entity : 1;
        }
    }
    to[n] = 0;
    *out = dx_source_bytes(src->path, to, n);
    return true;
}
