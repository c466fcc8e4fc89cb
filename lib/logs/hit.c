/* Hits that wait to be told: what is said again and again of one driver shares its names. */
#include "logs/log.h"

bool dx_hit_same(const struct dx_hit *a, const struct dx_hit *b)
{
    if (a->row != b->row || !dx_str_eq(a->dext, b->dext) || !dx_str_eq(a->klass, b->klass)) {
        return false;
    }
    if (a->dext.n || a->klass.n || a->by == b->by) {
        return dx_str_eq(a->pid, b->pid) && dx_str_eq(a->staging, b->staging);
    }
    return a->by && b->by && a->by->pid == b->by->pid && dx_str_eq(a->pid, b->pid) &&
           dx_str_eq(a->staging, b->staging) && dx_str_eq(a->by->process, b->by->process) &&
           dx_str_eq(a->by->image, b->by->image);
}

void dx_hit_keep(struct dx_arena *a, struct dx_hit *to, const struct dx_hit *hit,
                 const struct dx_hit *last)
{
    *to = (struct dx_hit){.seen = hit->seen, .row = hit->row, .when = hit->when};
    to->dext = last ? last->dext : dx_str_copy(a, hit->dext);
    to->klass = last ? last->klass : dx_str_copy(a, hit->klass);
    to->what = last ? last->what : dx_str_copy(a, hit->what);
    to->pid = last ? last->pid : dx_str_copy(a, hit->pid);
    to->staging = last ? last->staging : dx_str_copy(a, hit->staging);
    to->node = last && dx_str_eq(last->node, hit->node) ? last->node : dx_str_copy(a, hit->node);
    to->boot = last && dx_str_eq(last->boot, hit->boot) ? last->boot : dx_str_copy(a, hit->boot);
    to->by = last ? last->by : NULL;
}
