/* What changed between two dumps, for people. */
#include <inttypes.h>

#include "app/term.h"
#include "view/ioreg_view.h"

/* top: depth of the node that the changes around it hang on. */
static void put_change(const struct ioreg_out *o, const struct dext_reg_change *c, unsigned top)
{
    static const char signs[] = {'+', '-', '~'};
    static const enum term_style styles[] = {TERM_GREEN, TERM_RED, TERM_YELLOW};
    FILE *out = o->app->out;
    const struct dext_reg_node *n = c->after ? c->after : c->before;
    char sign[] = {signs[c->kind], ' ', 0};
    term_styled(out, o->app->colour, styles[c->kind], sign);
    for (unsigned i = top; c->inside && i < n->depth && i < top + 40; i++) {
        (void)fputs("  ", out);
    }
    ioreg_human_name(o, n);
    ioreg_human_class(o, n);
    if (c->role != DEXT_REG_NODE) {
        (void)fprintf(out, "  %s", dext_reg_role_name(c->role));
    }
    if (c->category) {
        (void)fputs(" in ", out);
        term_line(out, c->category);
    }
    if (c->creator) {
        (void)fputs(c->role == DEXT_REG_SERVER ? " " : " of ", out);
        term_line(out, c->creator);
    }
    (void)fputc('\n', out);
    if (!c->inside) {
        (void)fputs("    ", out);
        term_line(out, n->path);
        (void)fputc('\n', out);
    }
}

static void put_deltas(const struct ioreg_out *o, const struct dext_reg_change *c)
{
    FILE *out = o->app->out;
    for (size_t i = 0; i < c->delta_count; i++) {
        const struct dext_reg_delta *d = &c->deltas[i];
        (void)fprintf(out, "    %s: ", d->what);
        term_line(out, d->before ? d->before : "(none)");
        (void)fputs(" -> ", out);
        term_line(out, d->after ? d->after : "(none)");
        (void)fputc('\n', out);
    }
}

void ioreg_human_diff(struct ioreg_out *o, struct dext_registry *after,
                      const struct dext_reg_diff *d)
{
    FILE *out = o->app->out;
    unsigned top = 0;
    (void)after;
    for (size_t i = 0; i < d->count; i++) {
        const struct dext_reg_change *c = &d->changes[i];
        top = c->inside ? top : (c->after ? c->after : c->before)->depth;
        put_change(o, c, top);
        put_deltas(o, &d->changes[i]);
    }
    if (!o->app->quiet) {
        (void)fprintf(out, "%s%zu added, %zu removed, %zu changed, %zu the same\n",
                      d->count ? "\n" : "", d->added, d->removed, d->changed, d->same);
        term_line(out, d->pairing);
        (void)fputc('\n', out);
    }
}
