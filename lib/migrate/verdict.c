/* One sentence: whether DriverKit can do it, with what, and what is left over. */
#include <string.h>

#include "migrate/plan.h"

static const char *verdict_joined(struct dx_plan *p)
{
    struct dx_buf b;
    dx_buf_init(&b, &p->ctx->arena, 1024);
    for (size_t i = 0; i < p->out->framework_count; i++) {
        dx_buf_printf(&b, "%s%s", i ? " + " : "", p->out->frameworks[i]);
    }
    return b.n ? dx_buf_str(&b).p : "DriverKit";
}

/* Without personalities the classes tell what it is for. */
static void by_classes(struct dx_plan *p)
{
    for (size_t i = 0; i < p->out->class_count; i++) {
        const struct dext_migrate_class *c = &p->out->classes[i];
        if (c->way == DEXT_MIGRATE_NONE && !p->obstacle && !p->out->personality_count) {
            p->obstacle =
                dx_sprintf(&p->ctx->arena, "%s derives from %s: %s", c->name, c->super, c->text);
        }
        dx_plan_framework(p, c->framework);
        const struct kb_kext_base *row = dx_kb_kext_base(dx_str(c->super));
        const struct kb_family *f = row ? dx_kb_family(kb_s(row->family)) : NULL;
        for (const char *e = f ? kb_first(f->entitlement) : ""; *e; e = kb_next(e)) {
            dx_plan_entitlement(p, DX_ENT_BASE);
            dx_plan_entitlement(p, e);
        }
    }
}

static bool some_possible(const struct dext_migrate *m)
{
    for (size_t i = 0; i < m->personality_count; i++) {
        if (m->personalities[i].way != DEXT_MIGRATE_NONE) {
            return true;
        }
    }
    return false;
}

static size_t impossible(const struct dext_migrate *m)
{
    size_t n = 0;
    for (size_t i = 0; i < m->personality_count; i++) {
        n += m->personalities[i].way == DEXT_MIGRATE_NONE;
    }
    return n;
}

static size_t unknown_classes(const struct dext_migrate *m)
{
    size_t n = 0;
    for (size_t i = 0; i < m->class_count; i++) {
        n += !m->classes[i].known;
    }
    return n;
}

static const char *calls_left(struct dx_plan *p)
{
    const struct dext_migrate *m = p->out;
    return m->none == 0   ? "everything that it calls and that is known here has a counterpart"
           : m->none == 1 ? "1 thing that it calls has no counterpart"
                          : dx_sprintf(&p->ctx->arena,
                                       "%zu things that it calls have no counterpart", m->none);
}

static const char *classes_left(struct dx_plan *p)
{
    size_t n = unknown_classes(p->out);
    return n == 0 ? calls_left(p)
                  : dx_sprintf(&p->ctx->arena,
                               "%s; %zu class%s derive%s from one that is not known here",
                               calls_left(p), n, n == 1 ? "" : "es", n == 1 ? "s" : "");
}

static const char *left_over(struct dx_plan *p)
{
    const char *rest = classes_left(p);
    return p->library ? dx_sprintf(&p->ctx->arena,
                                   "%s; it links against %s, which no driver extension can", rest,
                                   p->library)
                      : rest;
}

/* A call that another framework's extensions do (FSKit, NetworkExtension, EndpointSecurity). */
static const struct dext_migrate_call *call_away(const struct dext_migrate *m)
{
    for (size_t i = 0; i < m->call_count; i++) {
        const struct kb_kext_call *row = dx_kb_kext_call(dx_str(m->calls[i].name));
        if (row && row->status == KB_KEXT_CALL_STATUS_AWAY) {
            return &m->calls[i];
        }
    }
    return NULL;
}

/* Nothing that it stands on or derives from says what it does: no family, no hardware. */
static bool says_nothing(const struct dext_migrate *m)
{
    for (size_t i = 0; i < m->personality_count; i++) {
        const struct dext_migrate_personality *q = &m->personalities[i];
        if (q->way != DEXT_MIGRATE_NONE && strcmp(q->provider_dext, "IOUserResources") != 0) {
            return false;
        }
    }
    return m->framework_count == 0;
}

static void none_stays(struct dext_migrate *m, const char *why)
{
    for (size_t i = 0; i < m->personality_count; i++) {
        struct dext_migrate_personality *q = &m->personalities[i];
        q->way = DEXT_MIGRATE_NONE;
        q->text = *q->text ? q->text : why;
        q->plist = q->provider_dext = q->framework = "";
    }
}

/* What keeps all of it from DriverKit, or leaves open what it is; false: neither. */
static bool verdict_as_a_whole(struct dx_plan *p)
{
    struct dext_migrate *m = p->out;
    struct dx_arena *a = &p->ctx->arena;
    const struct dext_migrate_call *away = call_away(m);
    if (p->patcher && !some_possible(m)) {
        m->verdict = DEXT_MIGRATE_IMPOSSIBLE;
        m->verdict_words = dx_sprintf(a, "not possible with DriverKit: it links against %s, %s",
                                      kb_s(p->patcher->class), kb_s(p->patcher->text));
    } else if (says_nothing(m) && away) {
        m->verdict = DEXT_MIGRATE_IMPOSSIBLE;
        m->verdict_words = dx_sprintf(
            a, "no driver, and nothing for DriverKit: it calls %s (%s:%u), which is the work of %s",
            away->name, away->places[0].file, away->places[0].line, away->counterpart);
        none_stays(m, away->counterpart);
    } else if (says_nothing(m) && some_possible(m)) {
        m->verdict = DEXT_MIGRATE_UNKNOWN;
        m->verdict_words = dx_sprintf(
            a, "could not tell: a service without hardware, and no class of a family; %s",
            left_over(p));
    } else {
        return false;
    }
    m->framework_count = m->entitlement_count = 0;
    return true;
}

void dx_plan_verdict(struct dx_plan *p)
{
    struct dext_migrate *m = p->out;
    struct dx_arena *a = &p->ctx->arena;
    if (!m->personality_count || (!p->family && some_possible(m))) {
        by_classes(p);
    }
    if (verdict_as_a_whole(p)) {
        return;
    }
    bool possible = m->personality_count ? some_possible(m) : m->framework_count != 0;
    size_t gone = impossible(m);
    if (possible && gone) {
        m->verdict = DEXT_MIGRATE_POSSIBLE;
        m->verdict_words =
            dx_sprintf(a, "possible in part, with %s: %zu of %zu personalities stay (%s); %s",
                       verdict_joined(p), gone, m->personality_count, p->obstacle, left_over(p));
    } else if (possible && !(p->obstacle && !m->personality_count)) {
        m->verdict = DEXT_MIGRATE_POSSIBLE;
        m->verdict_words = dx_sprintf(a, "possible with %s; %s", verdict_joined(p), left_over(p));
    } else if (p->obstacle) {
        m->verdict = DEXT_MIGRATE_IMPOSSIBLE;
        m->verdict_words = dx_sprintf(a, "not possible with DriverKit: %s", p->obstacle);
    } else {
        m->verdict = DEXT_MIGRATE_UNKNOWN;
        m->verdict_words = "could not tell: neither a personality nor a class says what it drives";
    }
}
