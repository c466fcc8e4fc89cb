/* What several inputs say together and none alone: a personality against a dump, rows of a list
 * against each other, a panic's reason, entitlements against the kernel's complaint
 * (join_rights.c). */
#include "logs/join.h"

#include <string.h>

#include "dext/panic.h"
#include "dext/sysext.h"

void dx_join_say(struct dx_finding *f, const char *file, unsigned long line, const char *text)
{
    if (f->evidence_count < DEXT_EVIDENCE_MOST) {
        f->evidence[f->evidence_count++] = (struct dext_evidence){file, line, text};
    }
}

/* ---- extension lists ----------------------------------------------------------------------- */

static void list_finding(struct dx_join *j, const struct dx_held *h,
                         const struct dext_sysext_extension *e, const char *symptom,
                         const char *detail)
{
    struct dx_finding f = {symptom, e->id, "", detail, {{0}}, 0};
    for (size_t k = 0; k < e->row_count; k++) {
        const struct dext_sysext_row *r = e->rows[k];
        dx_join_say(
            &f, h->file, r->line,
            dx_sprintf(&j->ctx->arena, "%s (%s/%s) [%s]", r->id, r->version, r->build, r->state));
    }
    dx_timeline_note(j->timeline, &f);
}

static void join_list(struct dx_join *j, const struct dx_held *h)
{
    struct dext_sysext *list;
    if (dext_sysext_parse(&list, j->ctx, h->file, h->data.p, h->data.n) < 0) {
        dext_ctx_clear(j->ctx);
        return;
    }
    for (size_t i = 0; i < list->extension_count; i++) {
        const struct dext_sysext_extension *e = &list->extensions[i];
        if (e->judged->stale && e->attention != DEXT_ATTENTION_BUSY &&
            !strstr(e->judged->state, "via delegate")) {
            list_finding(j, h, e, "being-removed", e->judged->state);
        } else if (e->row_count >= 2 && e->note && e->attention != DEXT_ATTENTION_NONE) {
            list_finding(j, h, e, "several-copies", e->note);
        }
    }
}

/* ---- panics --------------------------------------------------------------------------------- */

static unsigned long line_of(struct dx_str text, const char *const *words)
{
    unsigned long line = 1;
    for (size_t i = 0; i < text.n;) {
        const char *end = memchr(text.p + i, '\n', text.n - i);
        size_t n = end ? (size_t)(end - text.p) - i : text.n - i;
        for (const char *const *w = words; *w; w++) {
            if (dx_str_contains((struct dx_str){text.p + i, n}, *w)) {
                return line;
            }
        }
        i += n + 1;
        line++;
    }
    return 1;
}

static const char *const panic_words[] = {"panic(cpu", "macOSPanicString", "panicString", NULL};

/* Kexts that were only loaded are no evidence; one among the calls of the panicked thread is. */
static void kext_in_panic(struct dx_join *j, const struct dx_held *h, const struct dext_panic *p)
{
    for (size_t i = 0; i < p->kext_count; i++) {
        const struct dext_panic_kext *k = &p->kexts[i];
        if (k->of_apple || k->dependency) {
            continue;
        }
        struct dx_finding f = {"panic-in-kext", k->id, "", "", {{0}}, 0};
        f.detail = dx_sprintf(&j->ctx->arena, "%s (%s)", k->id, k->version);
        dx_join_say(&f, h->file, line_of(h->data, panic_words), p->reason);
        dx_timeline_note(j->timeline, &f);
        return;
    }
}

/* Only what a reason says of drivers; a panic of something else is no finding about one. */
static void join_panic(struct dx_join *j, const struct dx_held *h)
{
    struct dext_panic *p;
    if (dext_panic_parse(&p, j->ctx, h->file, h->data.p, h->data.n) < 0) {
        dext_ctx_clear(j->ctx);
        return;
    }
    for (size_t i = 0; i < p->sign_count; i++) {
        const struct dext_panic_sign *s = &p->signs[i];
        if (strcmp(s->blames, "driver") != 0 && strcmp(s->blames, "dext") != 0) {
            continue;
        }
        struct dx_finding f = {"panic-of-driver", s->subject, "", s->what, {{0}}, 0};
        dx_join_say(&f, h->file, line_of(h->data, panic_words), p->reason);
        struct dext_symptom *shown = dx_timeline_note(j->timeline, &f);
        if (shown) {
            shown->why = s->why.count ? s->why : shown->why;
            shown->check = s->check.count ? s->check : shown->check;
            shown->fix = s->fix.count ? s->fix : shown->fix;
            shown->source = s->source.count ? s->source : shown->source;
            shown->confidence = s->confidence;
        }
        return; /* the best one */
    }
    kext_in_panic(j, h, p);
}

void dx_join(struct dext_ctx *ctx, struct dx_timeline *t, const struct dx_held *held, size_t count)
{
    struct dx_join j = {ctx, t, held, count};
    for (size_t i = 0; i < count; i++) {
        if (held[i].kind == DEXT_TEXT_LIST) {
            join_list(&j, &held[i]);
        } else if (held[i].kind == DEXT_TEXT_PANIC) {
            join_panic(&j, &held[i]);
        } else if (held[i].kind == DEXT_TEXT_IOREG) {
            dx_join_registry(&j, &held[i]);
        }
    }
    dx_join_rights(&j);
}
