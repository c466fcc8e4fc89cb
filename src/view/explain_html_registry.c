/* The neighbourhood of a driver in a registry dump that was among the inputs: what it hangs on,
 * what it is, what hangs on it. */
#include <stdlib.h>
#include <string.h>

#include "view/explain_html_part.h"
#include "view/html_page.h"

#define NEIGHBOURS_ABOVE 6
#define NEIGHBOURS_BELOW 12
#define NEIGHBOURS_NODES 3

void explain_page_open_registry(struct explain_page *p)
{
    for (size_t i = 0; i < p->o->input_count && !p->registry; i++) {
        const struct dext_explain_input *in = &p->o->inputs[i];
        if (strcmp(in->file, "-") == 0 ||
            (in->kind != DEXT_TEXT_IOREG && in->kind != DEXT_TEXT_IOREG_ARCHIVE)) {
            continue;
        }
        char *path = app_strdup(in->file), *inside = strstr(path, "!/");
        if (inside) {
            *inside = 0; /* that of a sysdiagnose is found by itself */
        }
        p->ctx = p->ctx ? p->ctx : dext_ctx_new(NULL);
        if (dext_registry_read(&p->registry, p->ctx, path) == DEXT_OK) {
            p->dump = in->file;
        } else {
            p->registry = NULL;
            dext_ctx_clear(p->ctx);
        }
        free(path);
    }
}

static void neighbours_node(const struct explain_page *p, const struct dext_reg_node *n,
                            bool itself)
{
    (void)fputs(itself ? "<mark>" : "", p->out);
    explain_page_text(p, n->name);
    if (n->location[0]) {
        (void)fputc('@', p->out);
        explain_page_text(p, n->location);
    }
    (void)fputs(itself ? "</mark>" : "", p->out);
    (void)fputs(" <span class=\"dim\">", p->out);
    explain_page_text(p, n->class_name);
    if (itself && n->state[0]) {
        (void)fputs(", ", p->out);
        explain_page_text(p, n->state);
    }
    (void)fputs("</span>", p->out);
    if (itself && n->meaning) {
        (void)fputs(" <span class=\"unsure\">", p->out);
        explain_page_text(p, n->meaning);
        (void)fputs("</span>", p->out);
    }
}

static void neighbours_holders(const struct explain_page *p, size_t index)
{
    const struct dext_reg_holders *h = dext_registry_holders(p->registry, index);
    for (size_t i = 0; i < h->driver_count; i++) {
        const struct dext_reg_driver *d = &h->drivers[i];
        (void)fputs("<li>driver ", p->out);
        explain_page_text(p, d->node->name);
        (void)fprintf(p->out, "%s, category ", d->is_dext ? " (driver extension)" : "");
        explain_page_text(p, d->category && *d->category ? d->category : "not shown");
        (void)fputs("</li>\n", p->out);
    }
    for (size_t i = 0; i < h->client_count; i++) {
        (void)fputs("<li>open by ", p->out);
        explain_page_text(p, h->clients[i].creator ? h->clients[i].creator : "somebody");
        (void)fputs("</li>\n", p->out);
    }
    for (size_t i = 0; i < h->other_count && i < NEIGHBOURS_BELOW; i++) {
        (void)fputs("<li>", p->out);
        neighbours_node(p, dext_registry_node(p->registry, h->others[i]), false);
        (void)fputs("</li>\n", p->out);
    }
    if (h->other_count > NEIGHBOURS_BELOW) {
        (void)fprintf(p->out, "<li class=\"dim\">and %zu more</li>\n",
                      h->other_count - NEIGHBOURS_BELOW);
    }
}

static void neighbours_of(const struct explain_page *p, size_t index)
{
    size_t above[NEIGHBOURS_ABOVE], count = 0;
    const struct dext_reg_node *n = dext_registry_node(p->registry, index);
    for (size_t at = n->parent; at != DEXT_REG_NONE && count < NEIGHBOURS_ABOVE;
         at = dext_registry_node(p->registry, at)->parent) {
        above[count++] = at;
    }
    (void)fputs("<ul class=\"tree top\">", p->out);
    for (size_t i = count; i; i--) {
        (void)fputs("<li>", p->out);
        neighbours_node(p, dext_registry_node(p->registry, above[i - 1]), false);
        (void)fputs("<ul class=\"tree\">", p->out);
    }
    (void)fputs("<li>", p->out);
    neighbours_node(p, n, true);
    (void)fputs("<ul class=\"tree\">", p->out);
    neighbours_holders(p, index);
    (void)fputs("</ul></li>", p->out);
    for (size_t i = 0; i < count; i++) {
        (void)fputs("</ul></li>", p->out);
    }
    (void)fputs("</ul>\n", p->out);
}

static bool neighbours_select(const struct explain_page *p, const char *selector,
                              const size_t **found, size_t *count)
{
    bool any = *selector && dext_registry_select(p->registry, selector, found, count) == DEXT_OK;
    dext_ctx_clear(p->ctx);
    return any && *count;
}

void explain_page_registry(const struct explain_page *p, const char *subject, const char *node)
{
    const size_t *found;
    size_t count = 0;
    if (!p->registry || !*subject) {
        return;
    }
    (void)fputs("<details open><summary>In the registry</summary>\n<p class=\"dim\">", p->out);
    explain_page_text(p, p->dump);
    if (!neighbours_select(p, node, &found, &count) &&
        !neighbours_select(p, subject, &found, &count)) {
        (void)fputs(" shows no node of it.</p></details>\n", p->out);
        return;
    }
    (void)fprintf(p->out, ": %zu %s</p>\n", count, count == 1 ? "node" : "nodes");
    for (size_t i = 0; i < count && i < NEIGHBOURS_NODES; i++) {
        neighbours_of(p, found[i]);
    }
    (void)fputs("</details>\n", p->out);
}
