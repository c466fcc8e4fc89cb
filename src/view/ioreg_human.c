/* Registry nodes for people. */
#include <inttypes.h>
#include <string.h>

#include "app/term.h"
#include "view/ioreg_view.h"

void ioreg_human_name(const struct ioreg_out *o, const struct dext_reg_node *n)
{
    FILE *out = o->app->out;
    term_line(out, *n->name ? n->name : "(no name)");
    if (*n->location) {
        (void)fputc('@', out);
        term_line(out, n->location);
    }
}

void ioreg_human_class(const struct ioreg_out *o, const struct dext_reg_node *n)
{
    FILE *out = o->app->out;
    (void)fputs("  <", out);
    term_line(out, *n->class_name ? n->class_name : "class not shown");
    if (n->id) {
        (void)fprintf(out, ", id 0x%" PRIx64, n->id);
    }
    (void)fputc('>', out);
}

void ioreg_human_driver(const struct ioreg_out *o, const struct dext_reg_driver *d)
{
    FILE *out = o->app->out;
    ioreg_human_name(o, d->node);
    if (d->bundle_id) {
        (void)fputs(" (", out);
        term_line(out, d->bundle_id);
        (void)fputc(')', out);
    }
    (void)fputs(d->is_dext ? ", driver extension, in " : " in ", out);
    term_line(out, d->category);
    if (d->has_score) {
        (void)fprintf(out, ", score %" PRId64, d->score);
    }
}

void ioreg_human_client(const struct ioreg_out *o, const struct dext_reg_client *c)
{
    FILE *out = o->app->out;
    term_line(out, c->creator ? c->creator : "a process that the dump does not show");
    (void)fputs(" (", out);
    term_line(out, *c->node->class_name ? c->node->class_name : c->node->name);
    (void)fputc(')', out);
}

static void ioreg_human_indent(const struct ioreg_out *o, size_t n)
{
    (void)fprintf(o->app->out, "%*s", (int)n, "");
}

/* ---- one node ------------------------------------------------------------------------------ */

static const char *ioreg_human_string_of(const struct ioreg_out *o, const struct dext_reg_node *n,
                                         const char *key)
{
    const struct dext_node *v = dext_registry_property(o->r, n->index, key, NULL);
    return v && dext_node_kind(v) == DEXT_STRING ? dext_node_text(v) : NULL;
}

static void put_word(const struct ioreg_out *o, const char *word)
{
    (void)fputs("  ", o->app->out);
    term_styled(o->app->out, o->app->colour, TERM_YELLOW, word);
}

/* What stands behind the name on one line: the parts that tell something. */
static void put_remarks(const struct ioreg_out *o, const struct dext_reg_node *n)
{
    FILE *out = o->app->out;
    const char *category = ioreg_human_string_of(o, n, "IOMatchCategory");
    const char *creator = ioreg_human_string_of(o, n, "IOUserClientCreator");
    if (n->same != DEXT_REG_NONE) {
        (void)fputs("  shown above", out);
        return;
    }
    if (category) {
        (void)fputs(ioreg_human_string_of(o, n, "IOUserServerName") ? "  driver extension in "
                                                                    : "  driver in ",
                    out);
        term_line(out, category);
    } else if (creator) {
        (void)fputs(strcmp(n->class_name, "IOUserServer") == 0 ? "  process " : "  opened by ",
                    out);
        term_line(out, creator);
    }
    if (n->active == DEXT_NO) {
        put_word(o, "inactive");
    } else if (n->registered == DEXT_YES && n->matched == DEXT_NO) {
        put_word(o, "not matched yet");
    }
    if (n->busy) {
        char text[32];
        (void)snprintf(text, sizeof text, "busy %" PRIu32, n->busy);
        put_word(o, text);
    }
}

static void ioreg_human_put_line(const struct ioreg_out *o, const struct dext_reg_node *n,
                                 enum ioreg_mark mark)
{
    FILE *out = o->app->out;
    enum term_style style = mark == IOREG_SELECTED ? TERM_BOLD : TERM_DIM;
    ioreg_human_indent(o, (size_t)n->depth * 2);
    if (mark != IOREG_BELOW) {
        term_on(out, o->app->colour, style);
    }
    ioreg_human_name(o, n);
    if (mark == IOREG_SELECTED) {
        term_off(out, o->app->colour);
    }
    ioreg_human_class(o, n);
    if (mark == IOREG_CONTEXT) {
        term_off(out, o->app->colour);
    }
    if (mark == IOREG_BELOW) {
        put_remarks(o, n);
    }
    (void)fputc('\n', out);
}

static void put_state(const struct ioreg_out *o, const struct dext_reg_node *n, size_t in)
{
    FILE *out = o->app->out;
    ioreg_human_indent(o, in);
    (void)fputs(*n->state ? n->state : "the dump shows no state", out);
    (void)fputs(n->clipped ? "; lines of it are cut off\n" : "\n", out);
    if (n->meaning) {
        ioreg_human_indent(o, in);
        term_on(out, o->app->colour, TERM_YELLOW);
        (void)fputs(n->meaning, out);
        term_off(out, o->app->colour);
        (void)fputc('\n', out);
    }
}

/* A node that drivers are matched on, and that is no driver itself. */
static bool is_free_nub(const struct ioreg_out *o, const struct dext_reg_node *n)
{
    return dext_registry_info(o->r)->service_plane && n->registered == DEXT_YES &&
           n->matched == DEXT_YES && !ioreg_human_string_of(o, n, "IOMatchCategory");
}

static void put_holders(const struct ioreg_out *o, const struct dext_reg_node *n, size_t in)
{
    FILE *out = o->app->out;
    const struct dext_reg_holders *h = dext_registry_holders(o->r, n->index);
    for (size_t i = 0; i < h->driver_count; i++) {
        ioreg_human_indent(o, in);
        (void)fputs("driver     ", out);
        ioreg_human_driver(o, &h->drivers[i]);
        (void)fputc('\n', out);
    }
    for (size_t i = 0; i < h->client_count; i++) {
        ioreg_human_indent(o, in);
        (void)fputs("opened by  ", out);
        ioreg_human_client(o, &h->clients[i]);
        (void)fputc('\n', out);
    }
    if (h->owner) {
        ioreg_human_indent(o, in);
        (void)fputs("held by    ", out);
        term_line(out, h->owner);
        (void)fputs(": nobody else can open it (UsbExclusiveOwner)\n", out);
    }
    if (h->unknown && !dext_registry_info(o->r)->devices) {
        ioreg_human_indent(o, in);
        (void)fputs("the dump does not show what all nodes below it are (ioreg -l does)\n", out);
    } else if (h->driver_count == 0 && is_free_nub(o, n)) {
        ioreg_human_indent(o, in);
        (void)fputs("no driver stands on it\n", out);
    }
}

static void put_properties(const struct ioreg_out *o, const struct dext_reg_node *n, size_t in)
{
    FILE *out = o->app->out;
    size_t count;
    const struct dext_reg_property *list = dext_registry_properties(o->r, n->index, &count);
    for (size_t i = 0; i < count; i++) {
        ioreg_human_indent(o, in);
        term_line(out, list[i].key);
        (void)fputs(" = ", out);
        if (list[i].value) {
            term_line(out, dext_registry_value_text(o->r, list[i].value));
        } else {
            (void)fputs(list[i].clipped ? "(cut off)" : "(not understood)", out);
        }
        (void)fputc('\n', out);
    }
}

/* ---- the tree ------------------------------------------------------------------------------ */

static void human_tree(struct ioreg_out *o, const struct ioreg_pick *p)
{
    for (size_t i = 0; i < p->count; i++) {
        enum ioreg_mark mark = (enum ioreg_mark)p->marks[i];
        if (mark == IOREG_HIDDEN) {
            continue;
        }
        const struct dext_reg_node *n = dext_registry_node(o->r, i);
        size_t in = (size_t)n->depth * 2 + 4;
        ioreg_human_put_line(o, n, mark);
        if (mark == IOREG_SELECTED) {
            put_state(o, n, in);
            put_holders(o, n, in);
        }
        if (o->properties && (mark == IOREG_SELECTED || p->all)) {
            put_properties(o, n, in);
        }
    }
}

const struct ioreg_format ioreg_human = {human_tree, ioreg_human_dexts, ioreg_human_diff};

const struct ioreg_format *ioreg_format_for(enum face face)
{
    static const struct ioreg_format *const faces[FACE_COUNT] = {
        [FACE_HUMAN] = &ioreg_human, [FACE_JSON] = &ioreg_record, [FACE_NDJSON] = &ioreg_record};
    return faces[face];
}
