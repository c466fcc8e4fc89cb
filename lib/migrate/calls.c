/* The words of the sources that kext-calls.tsv knows. */
#include <stdlib.h>
#include <string.h>

#include "migrate/plan.h"

static enum dext_migrate_way way_of(const struct kb_kext_call *row)
{
    return row->status == KB_KEXT_CALL_STATUS_SAME    ? DEXT_MIGRATE_SAME
           : row->status == KB_KEXT_CALL_STATUS_OTHER ? DEXT_MIGRATE_OTHER
                                                      : DEXT_MIGRATE_NONE;
}

static struct dext_migrate_call *call_of(struct dx_plan *p, const struct kb_kext_call *row)
{
    struct dext_migrate *m = p->out;
    for (size_t i = 0; i < m->call_count; i++) {
        if (strcmp(m->calls[i].name, kb_s(row->call)) == 0) {
            return &m->calls[i];
        }
    }
    struct dext_migrate_call *c = DX_PUSH(&p->ctx->arena, m->calls, m->call_count, p->call_cap);
    *c = (struct dext_migrate_call){.name = kb_s(row->call),
                                    .way = way_of(row),
                                    .counterpart = kb_s(row->counterpart),
                                    .header = kb_s(row->header),
                                    .note = kb_s(row->note),
                                    .source = kb_s(row->source)};
    c->places = dx_calloc(&p->ctx->arena, DEXT_MIGRATE_PLACES, sizeof *c->places);
    return c;
}

static void calls_count(struct dx_plan *p, const struct kb_kext_call *row,
                        const struct dx_cxx_file *f, size_t i)
{
    struct dext_migrate_call *c = call_of(p, row);
    c->count++;
    if (c->place_count < DEXT_MIGRATE_PLACES) {
        c->places[c->place_count++] =
            (struct dext_migrate_place){dx_strdup(&p->ctx->arena, f->path), f->list[i].line};
    }
}

/* A function of its own of that name, defined outside of classes, is the kext's. */
static bool is_own_function(const struct dx_cxx *code, struct dx_str name)
{
    size_t at = 0;
    const struct dx_cxx_function *fn;
    while ((fn = dx_cxx_function(code, &at, (struct dx_str){"", 0}, name)) != NULL) {
        if (!fn->klass.n) {
            return true;
        }
    }
    return false;
}

/* A name that begins with a small letter is one only where it is called or defined; others, as
 * classes and constants, count wherever they stand. */
static const struct kb_kext_call *calls_row_at(const struct dx_plan *p, const struct dx_cxx_file *f,
                                               size_t i)
{
    struct dx_str name = dx_token_str(&f->list[i]);
    if (i >= 2 && dx_token_is(&f->list[i - 1], "::") && f->list[i - 2].kind == DX_TOKEN_WORD) {
        struct dx_str klass = dx_token_str(&f->list[i - 2]);
        char whole[128];
        if (klass.n + name.n + 3 < sizeof whole) {
            memcpy(whole, klass.p, klass.n);
            whole[klass.n] = whole[klass.n + 1] = ':';
            memcpy(whole + klass.n + 2, name.p, name.n);
            whole[klass.n + 2 + name.n] = 0;
            const struct kb_kext_call *row =
                dx_kb_kext_call((struct dx_str){whole, klass.n + 2 + name.n});
            if (row) {
                return row;
            }
        }
    }
    const struct kb_kext_call *row = dx_kb_kext_call(name);
    bool small = name.n && name.p[0] >= 'a' && name.p[0] <= 'z';
    bool type = name.n > 2 && name.p[name.n - 2] == '_' && name.p[name.n - 1] == 't';
    if (!row || (small && !type && !dx_tokens_match(f, i, "%any% (")) ||
        (small && is_own_function(p->code, name))) {
        return NULL;
    }
    return row;
}

static int calls_by_way(const void *x, const void *y)
{
    const struct dext_migrate_call *a = x, *b = y;
    if (a->way != b->way) {
        return a->way < b->way ? 1 : -1;
    }
    return a->count != b->count ? (a->count < b->count ? 1 : -1) : strcmp(a->name, b->name);
}

void dx_plan_calls(struct dx_plan *p)
{
    struct dext_migrate *m = p->out;
    for (size_t k = 0; k < p->code->file_count; k++) {
        const struct dx_cxx_file *f = p->code->files[k];
        for (size_t i = 0; !f->told && i < f->count; i++) {
            const struct kb_kext_call *row =
                f->list[i].kind == DX_TOKEN_WORD ? calls_row_at(p, f, i) : NULL;
            /* "class IOTimerEventSource;" promises it and uses nothing */
            bool promised = row && i && dx_token_is(&f->list[i - 1], "class") &&
                            dx_tokens_match(f, i, "%any% ;");
            if (row && !promised) {
                calls_count(p, row, f, i);
            }
        }
    }
    if (m->call_count) {
        qsort(m->calls, m->call_count, sizeof *m->calls, calls_by_way);
    }
    for (size_t i = 0; i < m->call_count; i++) {
        m->same += m->calls[i].way == DEXT_MIGRATE_SAME;
        m->other += m->calls[i].way == DEXT_MIGRATE_OTHER;
        m->none += m->calls[i].way == DEXT_MIGRATE_NONE;
    }
}
