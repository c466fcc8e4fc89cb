#include "view/registry_html_data.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* As in src/view/html/registry.js. */
enum flag {
    UNREGISTERED = 1,
    UNMATCHED = 2, /* registered, so it should have been matched */
    INACTIVE = 4,
    BUSY = 8,
    REPEATED = 16,
    CLIPPED = 32,
    IS_DEXT = 64,
    IS_SERVER = 128,
    RIVALS = 256,
    PICKED = 512,
    OPENED = 1024,
    UNSERVED = 2048, /* a driver extension matched it, and none stands on it */
    ADDED = 4096,
    CHANGED = 8192,
};

/* ---- nodes ---------------------------------------------------------------------------------- */

/* Drivers and user clients are never registered and never matched on a healthy Mac: only a nub that
 * was offered to drivers can be waiting for them. */
static unsigned state_flags(const struct dext_reg_node *n)
{
    unsigned f = 0;
    f |= n->registered == DEXT_NO ? UNREGISTERED : 0;
    f |= n->registered == DEXT_YES && n->matched == DEXT_NO ? UNMATCHED : 0;
    f |= n->active == DEXT_NO ? INACTIVE : 0;
    f |= n->has_busy && n->busy ? BUSY : 0;
    f |= n->same != DEXT_REG_NONE ? REPEATED : 0;
    f |= n->clipped ? CLIPPED : 0;
    return f;
}

static void registry_html_mark(struct registry_html_data *d, const struct dext_reg_node *n,
                               unsigned flag)
{
    if (n && n->index < d->count) {
        d->flags[n->index] |= flag;
    }
}

static void mark_dexts(struct registry_html_data *d)
{
    const struct dext_reg_dexts *all = dext_registry_dexts(d->what->r);
    for (size_t i = 0; i < all->count; i++) {
        registry_html_mark(d, all->list[i].service, IS_DEXT);
        registry_html_mark(d, all->list[i].server, IS_SERVER);
        if (all->list[i].competitor_count) {
            registry_html_mark(d, all->list[i].provider, RIVALS);
        }
    }
    for (size_t i = 0; i < all->unserved_count; i++) {
        registry_html_mark(d, all->unserved[i].node, UNSERVED);
    }
}

static void mark_changes(struct registry_html_data *d)
{
    const struct dext_reg_diff *diff = d->what->diff;
    for (size_t i = 0; diff && i < diff->count; i++) {
        const struct dext_reg_change *c = &diff->changes[i];
        if (c->kind != DEXT_REG_REMOVED) {
            registry_html_mark(d, c->after, c->kind == DEXT_REG_ADDED ? ADDED : CHANGED);
        }
    }
}

void registry_html_data_open(struct registry_html_data *d, const struct registry_html *what)
{
    *d = (struct registry_html_data){.what = what, .count = dext_registry_info(what->r)->nodes};
    d->flags = app_alloc((d->count + 1) * sizeof *d->flags);
    memset(d->flags, 0, (d->count + 1) * sizeof *d->flags);
    mark_dexts(d);
    mark_changes(d);
    for (size_t i = 0; i < what->picked_count; i++) {
        d->flags[what->picked[i]] |= PICKED;
    }
}

void registry_html_data_free(struct registry_html_data *d)
{
    free(d->flags);
}

static void properties(struct registry_html_data *d, size_t index)
{
    size_t count;
    struct dext_registry *r = d->what->r;
    const struct dext_reg_property *list = dext_registry_properties(r, index, &count);
    json_kbegin(&d->j, "a", '[');
    for (size_t i = 0; i < count; i++) {
        json_str(&d->j, list[i].key);
        json_str(&d->j, list[i].value ? dext_registry_value_text(r, list[i].value) : NULL);
    }
    json_end(&d->j, ']');
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

static void holders(struct json *j, const struct dext_reg_holders *h)
{
    if (h->driver_count) {
        json_kbegin(j, "d", '[');
        for (size_t i = 0; i < h->driver_count; i++) {
            driver(j, &h->drivers[i]);
        }
        json_end(j, ']');
    }
    if (h->client_count || h->owner) {
        json_kbegin(j, "u", '[');
        for (size_t i = 0; i < h->client_count; i++) {
            const struct dext_reg_client *c = &h->clients[i];
            json_str(j, c->creator ? c->creator : c->node->class_name);
        }
        if (h->owner) {
            char text[200];
            (void)snprintf(text, sizeof text, "%.160s, exclusively", h->owner);
            json_str(j, text);
        }
        json_end(j, ']');
    }
}

static void registry_html_part(struct registry_html_data *d, const struct dext_reg_node *n,
                               const struct dext_reg_holders *h)
{
    struct json *j = &d->j;
    json_begin(j, '{');
    json_kstr(j, "s", n->state);
    json_kint(j, "r", n->line);
    if (n->ancestry[0]) {
        json_kstr(j, "g", n->ancestry);
    }
    if (n->meaning) {
        json_kstr(j, "m", n->meaning);
    }
    properties(d, n->index);
    holders(j, h);
    json_end(j, '}');
}

static void registry_html_index(const struct registry_html_data *d, struct json *j,
                                const struct dext_reg_node *n, const struct dext_reg_holders *h)
{
    char hex[24] = "";
    unsigned opened = h->client_count || h->owner ? OPENED : 0;
    if (n->id) {
        (void)snprintf(hex, sizeof hex, "0x%" PRIx64, n->id);
    }
    json_begin(j, '[');
    json_str(j, n->name);
    json_str(j, n->location);
    json_str(j, n->class_name);
    json_str(j, hex);
    json_int(j, n->parent == DEXT_REG_NONE ? -1 : (int64_t)n->parent);
    json_int(j, d->flags[n->index] | state_flags(n) | opened);
    json_end(j, ']');
}

void registry_html_data_block(struct registry_html_data *d, size_t from, FILE *index, FILE *parts)
{
    struct dext_registry *r = d->what->r;
    struct json rows;
    size_t to = from + REGISTRY_HTML_BLOCK < d->count ? from + REGISTRY_HTML_BLOCK : d->count;
    json_open(&rows, index, false);
    json_open(&d->j, parts, false);
    rows.html = d->j.html = true;
    json_begin(&rows, '[');
    json_begin(&d->j, '[');
    dext_registry_scratch_begin(r);
    for (size_t i = from; i < to; i++) {
        const struct dext_reg_node *n = dext_registry_node(r, i);
        const struct dext_reg_holders *h = dext_registry_holders(r, i);
        registry_html_index(d, &rows, n, h);
        registry_html_part(d, n, h);
    }
    dext_registry_scratch_end(r);
    json_end(&rows, ']');
    json_end(&d->j, ']');
}

/* ---- lists ---------------------------------------------------------------------------------- */

static void index_or_none(struct json *j, const char *key, size_t index)
{
    json_key(j, key);
    if (index == DEXT_REG_NONE) {
        json_none(j);
    } else {
        json_int(j, (int64_t)index);
    }
}

static void dexts(struct registry_html_data *d)
{
    struct json *j = &d->j;
    const struct dext_reg_dexts *all = dext_registry_dexts(d->what->r);
    json_kbegin(j, "dexts", '[');
    for (size_t i = 0; i < all->count; i++) {
        const struct dext_reg_dext *e = &all->list[i];
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

static void registry_html_decision(struct json *j, const struct dext_match_decision *d)
{
    const struct dext_match_check *no = d->first_no;
    json_begin(j, '{');
    json_kstr(j, "p", d->personality->name);
    index_or_none(j, "n", d->node->index);
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

static void registry_html_match(struct json *j, const struct dext_match_result *m)
{
    json_kbegin(j, "match", '[');
    for (size_t i = 0; i < m->decision_count; i++) {
        registry_html_decision(j, &m->decisions[i]);
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

static void registry_html_change(struct json *j, const struct dext_reg_change *c)
{
    const struct dext_reg_node *n = c->after ? c->after : c->before;
    json_begin(j, '{');
    json_kstr(j, "k", dext_reg_change_name(c->kind));
    json_kstr(j, "r", dext_reg_role_name(c->role));
    index_or_none(j, "n", c->after ? c->after->index : DEXT_REG_NONE);
    json_kstr(j, "w", n->name);
    json_kstr(j, "l", n->location);
    json_kstr(j, "c", n->class_name);
    json_kstr(j, "at", n->path);
    json_kbool(j, "in", c->inside);
    json_kbegin(j, "d", '[');
    for (size_t i = 0; i < c->delta_count; i++) {
        json_begin(j, '[');
        json_str(j, c->deltas[i].what);
        json_str(j, c->deltas[i].before);
        json_str(j, c->deltas[i].after);
        json_end(j, ']');
    }
    json_end(j, ']');
    json_end(j, '}');
}

static void registry_html_diff(struct json *j, const struct registry_html *what)
{
    const struct dext_reg_diff *diff = what->diff;
    json_kstr(j, "before", what->before);
    json_kstr(j, "pairing", diff->pairing);
    json_kbegin(j, "changes", '[');
    for (size_t i = 0; i < diff->count; i++) {
        registry_html_change(j, &diff->changes[i]);
    }
    json_end(j, ']');
}

void registry_html_data_lists(struct registry_html_data *d, FILE *out)
{
    struct json *j = &d->j;
    json_open(j, out, false);
    j->html = true;
    json_begin(j, '{');
    json_kstr(j, "file", dext_registry_info(d->what->r)->path);
    json_kint(j, "count", (int64_t)d->count);
    dexts(d);
    if (d->what->match) {
        registry_html_match(j, d->what->match);
    }
    if (d->what->diff) {
        registry_html_diff(j, d->what);
    }
    json_end(j, '}');
}
