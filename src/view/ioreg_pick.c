#include <stdlib.h>
#include <string.h>

#include "view/ioreg_view.h"

void ioreg_pick_open(struct ioreg_pick *p, struct dext_registry *r)
{
    p->count = dext_registry_info(r)->nodes;
    p->marks = app_alloc(p->count);
    p->selected = 0;
    p->all = false;
}

void ioreg_pick_free(struct ioreg_pick *p)
{
    free(p->marks);
}

int ioreg_pick_add(struct ioreg_pick *p, struct dext_registry *r, const char *selector)
{
    const size_t *found;
    size_t count;
    int rc = dext_registry_select(r, selector, &found, &count);
    for (size_t i = 0; i < count; i++) {
        p->selected += p->marks[found[i]] != IOREG_SELECTED;
        p->marks[found[i]] = IOREG_SELECTED;
    }
    return rc;
}

/* Parents have smaller numbers than their children. */
static void mark_below(struct ioreg_pick *p, struct dext_registry *r, size_t depth)
{
    size_t *left = app_alloc(p->count * sizeof *left);
    for (size_t i = 0; i < p->count; i++) {
        size_t parent = dext_registry_node(r, i)->parent;
        if (p->marks[i] == IOREG_SELECTED) {
            left[i] = depth;
        } else if (parent != DEXT_REG_NONE && left[parent]) {
            left[i] = left[parent] - 1;
            p->marks[i] = IOREG_BELOW;
        }
    }
    free(left);
}

void ioreg_pick_close(struct ioreg_pick *p, struct dext_registry *r, size_t depth)
{
    if (p->selected == 0) {
        p->all = true;
        memset(p->marks, IOREG_BELOW, p->count);
        return;
    }
    if (depth) {
        mark_below(p, r, depth);
    }
    for (size_t i = p->count; i-- > 0;) {
        size_t parent = p->marks[i] ? dext_registry_node(r, i)->parent : DEXT_REG_NONE;
        if (parent != DEXT_REG_NONE && !p->marks[parent]) {
            p->marks[parent] = IOREG_CONTEXT;
        }
    }
}

bool ioreg_pick_has_node(const struct ioreg_pick *p, const struct dext_reg_node *n)
{
    return p->all || (n && p->marks[n->index] == IOREG_SELECTED) ||
           (n && n->same != DEXT_REG_NONE && p->marks[n->same] == IOREG_SELECTED);
}

bool ioreg_pick_has(const struct ioreg_pick *p, const struct dext_reg_dext *d)
{
    return ioreg_pick_has_node(p, d->service) || ioreg_pick_has_node(p, d->provider) ||
           ioreg_pick_has_node(p, d->server);
}
