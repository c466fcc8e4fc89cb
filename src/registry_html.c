#include "registry_html.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "html_parts.h"
#include "json.h"

/* As in src/html/registry.js. */
enum flag {
    UNREGISTERED = 1,
    UNMATCHED = 2,
    INACTIVE = 4,
    BUSY = 8,
    REPEATED = 16,
    CLIPPED = 32,
    IS_DEXT = 64,
    IS_SERVER = 128,
    RIVALS = 256,
    PICKED = 512,
};

struct page {
    struct json j;
    struct dext_registry *r;
    unsigned *flags; /* of each node */
    size_t count;
};

/* ---- nodes ---------------------------------------------------------------------------------- */

static unsigned state_flags(const struct dext_reg_node *n)
{
    unsigned f = 0;
    f |= n->registered == DEXT_NO ? UNREGISTERED : 0;
    f |= n->matched == DEXT_NO ? UNMATCHED : 0;
    f |= n->active == DEXT_NO ? INACTIVE : 0;
    f |= n->has_busy && n->busy ? BUSY : 0;
    f |= n->same != DEXT_REG_NONE ? REPEATED : 0;
    f |= n->clipped ? CLIPPED : 0;
    return f;
}

static void mark(struct page *p, const struct dext_reg_node *n, unsigned flag)
{
    if (n && n->index < p->count) {
        p->flags[n->index] |= flag;
    }
}

static void mark_dexts(struct page *p)
{
    const struct dext_reg_dexts *d = dext_registry_dexts(p->r);
    for (size_t i = 0; i < d->count; i++) {
        mark(p, d->list[i].service, IS_DEXT);
        mark(p, d->list[i].server, IS_SERVER);
        if (d->list[i].competitor_count) {
            mark(p, d->list[i].provider, RIVALS);
        }
    }
}

static void id(struct json *j, const char *key, uint64_t value)
{
    char hex[24];
    (void)snprintf(hex, sizeof hex, "0x%" PRIx64, value);
    json_kstr(j, key, value ? hex : "");
}

static void index_or_none(struct json *j, const char *key, size_t index)
{
    json_key(j, key);
    if (index == DEXT_REG_NONE) {
        json_none(j);
    } else {
        json_int(j, (int64_t)index);
    }
}

static void properties(struct page *p, size_t index)
{
    size_t count;
    const struct dext_reg_property *list = dext_registry_properties(p->r, index, &count);
    json_kbegin(&p->j, "a", '[');
    for (size_t i = 0; i < count; i++) {
        json_str(&p->j, list[i].key);
        json_str(&p->j, list[i].value ? dext_registry_value_text(p->r, list[i].value) : NULL);
    }
    json_end(&p->j, ']');
}

static void driver(struct json *j, const struct dext_reg_driver *d)
{
    char text[600], score[32] = "";
    if (d->has_score) {
        (void)snprintf(score, sizeof score, ", score %" PRId64, d->score);
    }
    (void)snprintf(text, sizeof text, "%s (%s)%s, category %s%s%s%s", d->node->name,
                   d->node->class_name, d->is_dext ? ", driver extension" : "",
                   d->category && *d->category ? d->category : "not shown", score,
                   d->bundle_id ? ", " : "", d->bundle_id ? d->bundle_id : "");
    json_str(j, text);
}

static void holders(struct page *p, size_t index)
{
    const struct dext_reg_holders *h = dext_registry_holders(p->r, index);
    if (h->driver_count) {
        json_kbegin(&p->j, "d", '[');
        for (size_t i = 0; i < h->driver_count; i++) {
            driver(&p->j, &h->drivers[i]);
        }
        json_end(&p->j, ']');
    }
    if (h->client_count || h->owner) {
        json_kbegin(&p->j, "u", '[');
        for (size_t i = 0; i < h->client_count; i++) {
            const struct dext_reg_client *c = &h->clients[i];
            json_str(&p->j, c->creator ? c->creator : c->node->class_name);
        }
        if (h->owner) {
            char text[200];
            (void)snprintf(text, sizeof text, "%.160s, exclusively", h->owner);
            json_str(&p->j, text);
        }
        json_end(&p->j, ']');
    }
}

static void node(struct page *p, const struct dext_reg_node *n)
{
    struct json *j = &p->j;
    json_begin(j, '{');
    json_kstr(j, "n", n->name);
    json_kstr(j, "l", n->location);
    json_kstr(j, "c", n->class_name);
    id(j, "i", n->id);
    index_or_none(j, "p", n->parent);
    json_kstr(j, "s", n->state);
    json_kint(j, "f", p->flags[n->index] | state_flags(n));
    json_kint(j, "r", n->line);
    if (n->ancestry[0]) {
        json_kstr(j, "g", n->ancestry);
    }
    if (n->meaning) {
        json_kstr(j, "m", n->meaning);
    }
    properties(p, n->index);
    holders(p, n->index);
    json_end(j, '}');
}

/* ---- lists ---------------------------------------------------------------------------------- */

static void dexts(struct page *p)
{
    struct json *j = &p->j;
    const struct dext_reg_dexts *d = dext_registry_dexts(p->r);
    json_kbegin(j, "dexts", '[');
    for (size_t i = 0; i < d->count; i++) {
        const struct dext_reg_dext *e = &d->list[i];
        json_begin(j, '{');
        json_kstr(j, "name", e->name);
        index_or_none(j, "service", e->service ? e->service->index : DEXT_REG_NONE);
        index_or_none(j, "provider", e->provider ? e->provider->index : DEXT_REG_NONE);
        json_kstr(j, "attached", dext_known_name(e->attached));
        json_kstr(j, "text", e->attached_text);
        json_kstr(j, "category", e->category);
        json_kstr(j, "process", e->process);
        json_kbegin(j, "notes", '[');
        for (size_t k = 0; e->notes && e->notes[k]; k++) {
            json_str(j, e->notes[k]);
        }
        json_end(j, ']');
        json_end(j, '}');
    }
    json_end(j, ']');
}

/* The registry's node that a decision is about: by id, else by path and line. */
static size_t find(struct page *p, const struct dext_match_node *n)
{
    for (size_t i = 0; n && i < p->count; i++) {
        const struct dext_reg_node *r = dext_registry_node(p->r, i);
        if (n->id ? r->id == n->id : r->line == n->line && strcmp(r->name, n->name) == 0) {
            return i;
        }
    }
    return DEXT_REG_NONE;
}

static void decision(struct page *p, const struct dext_match_decision *d)
{
    struct json *j = &p->j;
    const struct dext_match_check *no = d->first_no;
    json_begin(j, '{');
    json_kstr(j, "p", d->personality->name);
    index_or_none(j, "n", find(p, d->node));
    json_kstr(j, "w", d->node->name);
    json_kstr(j, "a", dext_match_answer_name(d->answer));
    json_key(j, "s");
    if (d->answer == DEXT_MATCH_NO) {
        json_none(j);
    } else {
        json_int(j, d->score.final);
    }
    char text[1200];
    if (no) {
        (void)snprintf(text, sizeof text, "%s (%s): %s", no->key, no->code, no->text);
    } else {
        (void)snprintf(text, sizeof text, "%s: %s", dext_match_outcome_name(d->outcome),
                       d->outcome_text);
    }
    json_kstr(j, "t", text);
    json_kstr(j, "e", no ? no->edit : NULL);
    json_end(j, '}');
}

static void match(struct page *p, const struct dext_match_result *m)
{
    struct json *j = &p->j;
    json_kbegin(j, "match", '[');
    for (size_t i = 0; i < m->decision_count; i++) {
        decision(p, &m->decisions[i]);
    }
    for (size_t i = 0; i < m->personality_count; i++) {
        const struct dext_match_personality *q = m->personalities[i];
        if (q->refused || q->hint) { /* no node is answered for it */
            json_begin(j, '{');
            json_kstr(j, "p", q->name);
            json_key(j, "n");
            json_none(j);
            json_kstr(j, "w", "no node");
            json_kstr(j, "a", "no");
            json_key(j, "s");
            json_none(j);
            json_kstr(j, "t", q->refused ? q->refused : q->hint);
            json_end(j, '}');
        }
    }
    json_end(j, ']');
}

/* ---- the page -------------------------------------------------------------------------------- */

static void write_data(struct page *p, FILE *out, const struct dext_match_result *m)
{
    const struct dext_reg_info *info = dext_registry_info(p->r);
    json_open(&p->j, out, false);
    json_begin(&p->j, '{');
    json_kstr(&p->j, "file", info->path);
    json_kbegin(&p->j, "nodes", '[');
    for (size_t i = 0; i < p->count; i++) {
        node(p, dext_registry_node(p->r, i));
    }
    json_end(&p->j, ']');
    dexts(p);
    if (m) {
        match(p, m);
    }
    json_end(&p->j, '}');
}

/* In a script element nothing may look like a tag; in JSON '<' stands in strings only. */
static void put_data(FILE *out, const char *text, size_t n)
{
    const char *end = text + n;
    while (text < end) {
        const char *at = memchr(text, '<', (size_t)(end - text));
        size_t plain = at ? (size_t)(at - text) : (size_t)(end - text);
        (void)fwrite(text, 1, plain, out);
        (void)fputs(at ? "\\u003c" : "", out);
        text += plain + (at != NULL);
    }
}

static void put_text(FILE *out, const char *s)
{
    for (; *s; s++) {
        switch (*s) {
        case '<':
            (void)fputs("&lt;", out);
            break;
        case '&':
            (void)fputs("&amp;", out);
            break;
        case '"':
            (void)fputs("&quot;", out);
            break;
        default:
            (void)fputc((unsigned char)*s < 0x20 ? ' ' : *s, out);
        }
    }
}

static void put_head(FILE *out, const struct dext_reg_info *info)
{
    (void)fputs("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                "style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n<title>",
                out);
    put_text(out, info->path);
    (void)fputs(" - registry</title>\n<style>\n", out);
    (void)fputs(html_css, out);
    (void)fputs("</style>\n</head>\n<body>\n<header>\n<h1>", out);
    put_text(out, info->path);
    (void)fputs("</h1>\n<p class=\"dim\">I/O Registry, as dextctl read it.", out);
    if (info->clipped) {
        (void)fprintf(out, " %zu lines are cut off.", info->clipped);
    }
    if (info->lost) {
        (void)fprintf(out, " %zu lines or elements could not be read.", info->lost);
    }
    (void)fputs(info->fragment ? " It is a part of a registry: what is missing may exist.</p>\n"
                               : "</p>\n",
                out);
}

static const char tools[] =
    "<div class=\"tools\">\n<label>Search <input type=\"search\" id=\"search\" "
    "placeholder=\"name, class, id, property\"></label>\n"
    "<label>Show <select id=\"only\"><option value=\"\">all nodes</option>"
    "<option value=\"dext\">driver extensions</option>"
    "<option value=\"rivals\">nodes with competition</option>"
    "<option value=\"state\">unusual states</option>"
    "<option value=\"open\">nodes that are open</option></select></label>\n"
    "<button type=\"button\" id=\"dexts\">Driver extensions</button>\n"
    "<button type=\"button\" id=\"match\" hidden>Matching</button>\n"
    "<span id=\"status\" role=\"status\" class=\"dim\"></span>\n</div>\n</header>\n<main>\n"
    "<div id=\"tree\" role=\"tree\" tabindex=\"0\" aria-label=\"I/O Registry\">"
    "<div id=\"space\" role=\"presentation\"></div></div>\n"
    "<section id=\"side\" tabindex=\"0\" aria-label=\"Details\"></section>\n</main>\n";

static void write_page(struct page *p, FILE *out, const struct dext_match_result *m)
{
    char *json = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&json, &size);
    if (!memory) {
        abort();
    }
    write_data(p, memory, m);
    (void)fclose(memory);
    put_head(out, dext_registry_info(p->r));
    (void)fputs(tools, out);
    (void)fputs("<script type=\"application/json\" id=\"data\">", out);
    put_data(out, json, size);
    (void)fputs("</script>\n<script>\n", out);
    (void)fputs(html_js, out);
    (void)fputs("</script>\n</body>\n</html>\n", out);
    free(json);
}

int registry_html_write(const struct app *app, const char *path, struct dext_registry *r,
                        const struct dext_match_result *m, const size_t *picked,
                        size_t picked_count)
{
    struct page p = {.r = r, .count = dext_registry_info(r)->nodes};
    char *text = NULL;
    size_t size = 0;
    p.flags = calloc(p.count + 1, sizeof *p.flags);
    if (!p.flags) {
        abort();
    }
    mark_dexts(&p);
    for (size_t i = 0; i < picked_count; i++) {
        p.flags[picked[i]] |= PICKED;
    }
    if (strcmp(path, "-") == 0) {
        write_page(&p, app->out, m);
        free(p.flags);
        return APP_CLEAN;
    }
    FILE *memory = open_memstream(&text, &size);
    if (!memory) {
        abort();
    }
    write_page(&p, memory, m);
    (void)fclose(memory);
    const char *why = file_replace(path, text, size);
    free(text);
    free(p.flags);
    if (why) {
        app_error(app, "%s: cannot be written: %s", path, why);
        return APP_UNREADABLE;
    }
    return APP_CLEAN;
}
