/* Who gets the node: what is attached already, who else matches, and in which order the kernel
 * would start them. Source: xnu-11417.101.15, iokit/Kernel/IOService.cpp: probeCandidates,
 * copyClientWithCategory, canTerminateForReplacement. */
#include <inttypes.h>
#include <string.h>

#include "iokit/match.h"

#define MOST_RIVALS 16

/* ---- what is attached ---------------------------------------------------------------------- */

static const struct dx_reg_node *children_of(const struct dx_reg_node *n)
{
    return n->child || !n->same ? n->child : n->same->child;
}

static bool decision_says(const struct dx_world *w, const struct dx_reg_node *n, const char *key,
                          struct dx_str want)
{
    struct dx_prop p = dx_node_prop(w, n, key);
    return p.value && p.value->kind == DEXT_STRING && dx_str_eq(p.value->text, want);
}

/* The running driver is this personality's, as far as names tell. */
static bool decision_is_own(const struct dx_world *w, const struct dx_reg_node *n,
                            const struct dx_mp *mp)
{
    if (!decision_says(w, n, "IOClass", mp->ioclass)) {
        return false;
    }
    if (mp->pub.is_dext && mp->user_class.n && !dx_has_placeholder(mp->user_class)) {
        return decision_says(w, n, "IOUserClass", mp->user_class);
    }
    return !mp->pub.is_dext && (!mp->bundle_id.n || dx_has_placeholder(mp->bundle_id) ||
                                decision_says(w, n, "CFBundleIdentifier", mp->bundle_id));
}

const struct dx_reg_node *dx_occupant(const struct dx_world *w, const struct dx_reg_node *nub,
                                      const struct dx_mp *mp, bool *self, bool *unknown)
{
    const struct dx_reg_node *found = NULL;
    *unknown |= w->reg->format == DX_REG_DEVICES; /* it shows no drivers */
    for (const struct dx_reg_node *c = children_of(nub); c; c = c->next) {
        struct dx_prop p = dx_node_prop(w, c, "IOMatchCategory");
        *unknown |= p.unknown;
        if (!p.value || p.value->kind != DEXT_STRING || !dx_str_eq(p.value->text, mp->category) ||
            (c->state & DX_REG_INACTIVE)) {
            continue;
        }
        if (decision_is_own(w, c, mp)) {
            *self = true;
            return c;
        }
        found = found ? found : c;
    }
    return found;
}

/* ---- rivals -------------------------------------------------------------------------------- */

static const char *decision_string_of(const struct dx_world *w, const struct dx_reg_node *n,
                                      const char *key)
{
    struct dx_prop p = dx_node_prop(w, n, key);
    return p.value && p.value->kind == DEXT_STRING ? p.value->text.p : NULL;
}

static void fill_attached(struct dext_match_rival *r, const struct dx_world *w,
                          const struct dx_reg_node *n)
{
    struct dx_prop score = dx_node_prop(w, n, "IOProbeScore");
    uint64_t v;
    *r = (struct dext_match_rival){
        .name = dx_strndup(&w->ctx->arena, n->name.p, n->name.n),
        .class_name = dx_strndup(&w->ctx->arena, n->class_name.p, n->class_name.n),
        .bundle_id = decision_string_of(w, n, "CFBundleIdentifier"),
        .attached = true,
        .id = n->id,
    };
    if (dx_number(score.value, &v)) {
        r->has_score = true;
        r->score = (int32_t)(uint32_t)v;
    }
}

/* > 0: b comes before a; 0: not certain. The orders of probeCandidates, one after the other. */
static int order_of(const struct dx_match_entry *a, const struct dx_match_entry *b,
                    const struct dx_reg_node *nub)
{
    if (!a->score.certain || !b->score.certain) {
        return 0;
    }
    if (a->score.final != b->score.final) {
        return b->score.final > a->score.final ? 1 : -1;
    }
    if (a->mp->score != b->mp->score) {
        return b->mp->score > a->mp->score ? 1 : -1;
    }
    int da = dx_class_depth(nub->class_name, nub->chain, a->mp->provider);
    int db = dx_class_depth(nub->class_name, nub->chain, b->mp->provider);
    if (da >= 0 && db >= 0 && da != db) {
        return db < da ? 1 : -1;
    }
    return b->mp->order < a->mp->order ? 1 : -1;
}

static bool same_category(const struct dx_mp *a, const struct dx_mp *b)
{
    return dx_str_eq(a->category, b->category);
}

struct field {
    const struct dx_world *w;
    const struct dx_reg_node *nub;
    const struct dx_match_entry *own;
    struct dext_match_rival *list;
    size_t count, cap;
    const struct dext_match_rival *attached; /* in the way now */
    const struct dext_match_rival *before;   /* given, comes first */
    bool open;                               /* somebody's place is not certain */
};

static void add_attached(struct field *f, const struct dx_reg_node *who)
{
    struct dext_match_rival *r = DX_PUSH(&f->w->ctx->arena, f->list, f->count, f->cap);
    fill_attached(r, f->w, who);
    if (r->has_score && f->own->score.certain && r->score != f->own->score.final) {
        r->order = r->score > f->own->score.final ? 1 : -1;
    }
}

static void add_given(struct field *f, const struct dx_match_entry *entries, size_t count,
                      size_t self)
{
    const struct dx_match_entry *first = NULL; /* of those that come before, by score */
    for (size_t i = 0; i < count; i++) {
        const struct dx_match_entry *o = &entries[i];
        if (i == self || o->answer == DEXT_MATCH_NO || !same_category(o->mp, f->own->mp)) {
            continue;
        }
        int order = o->answer == DEXT_MATCH_UNSURE ? 0 : order_of(f->own, o, f->nub);
        f->open |= order == 0;
        bool best = order > 0 && (!first || o->score.final > first->score.final);
        first = best ? o : first;
        if (f->count >= MOST_RIVALS && !best) {
            continue;
        }
        struct dext_match_rival *r = f->count < MOST_RIVALS
                                         ? DX_PUSH(&f->w->ctx->arena, f->list, f->count, f->cap)
                                         : &f->list[f->count - 1];
        *r = (struct dext_match_rival){.name = o->mp->pub.name,
                                       .class_name = o->mp->pub.user_class ? o->mp->pub.user_class
                                                                           : o->mp->pub.ioclass,
                                       .bundle_id = o->mp->pub.bundle_id,
                                       .score = o->score.final,
                                       .has_score = o->score.certain,
                                       .order = order};
    }
}

/* Who comes first stands first; pointers into the list hold only once it has stopped growing. */
static void find_leaders(struct field *f)
{
    for (size_t i = 1; i < f->count; i++) {
        struct dext_match_rival r = f->list[i];
        size_t k = i;
        for (; k && f->list[k - 1].score < r.score; k--) {
            f->list[k] = f->list[k - 1];
        }
        f->list[k] = r;
    }
    for (size_t i = 0; i < f->count; i++) {
        const struct dext_match_rival *r = &f->list[i];
        if (r->attached) {
            f->attached = r;
        } else if (r->order > 0 && (!f->before || r->score > f->before->score)) {
            f->before = r;
        }
    }
}

/* ---- the verdict --------------------------------------------------------------------------- */

static void decision_set(struct dext_match_decision *d, enum dext_match_outcome o, const char *text)
{
    d->outcome = o;
    d->outcome_text = text;
}

static const char *after_replug(const struct dext_match_rival *r)
{
    return r->order < 0   ? "matched afresh (device unplugged, or the Mac restarted), the "
                            "personality comes first: its score is higher"
           : r->order > 0 ? "matched afresh it would come first again: its score is higher"
                          : "which of them comes first when matched afresh is not certain";
}

/* A driver that was matched at boot may be ended for one that comes later. */
static bool replaceable(const struct field *f, const struct dx_reg_node *who)
{
    struct dx_prop boot = dx_node_prop(f->w, who, "IOMatchedAtBoot");
    return boot.value && dx_reg_prop(who, "IOPrimaryDriverTerminateOptions");
}

static void decide_attached(struct dext_match_decision *d, const struct field *f,
                            const struct dx_reg_node *who)
{
    struct dx_arena *a = &f->w->ctx->arena;
    const struct dext_match_rival *r = f->attached;
    if (replaceable(f, who)) {
        decision_set(
            d, DEXT_MATCH_OPEN,
            dx_sprintf(
                a,
                "%s is attached in the same category; it was matched at boot and lets itself "
                "be replaced, so the kernel may end it for a driver installed later; %s",
                r->name, after_replug(r)));
        return;
    }
    decision_set(
        d, DEXT_MATCH_BLOCKED,
        dx_sprintf(a, "%s is attached in the same category and stays, whatever the scores are; %s",
                   r->name, after_replug(r)));
}

static void decide_free(struct dext_match_decision *d, const struct field *f, bool unknown)
{
    struct dx_arena *a = &f->w->ctx->arena;
    if (f->before) {
        decision_set(d, DEXT_MATCH_OUTSCORED,
                     dx_sprintf(a,
                                "%s comes first in the same category, with %" PRId64 " to %" PRId64,
                                f->before->name, f->before->score, f->own->score.final));
    } else if (f->open) {
        decision_set(d, DEXT_MATCH_OPEN,
                     "which of the personalities given comes first is not certain");
    } else if (f->own->mp->unsettled_category) {
        decision_set(d, DEXT_MATCH_OPEN,
                     "the match category holds a placeholder that the build fills in");
    } else if (f->w->reg->format == DX_REG_DEVICES) {
        decision_set(d, DEXT_MATCH_OPEN,
                     "it matches; the list does not show which drivers the device has");
    } else if (unknown) {
        decision_set(d, DEXT_MATCH_OPEN,
                     "the dump does not show the categories of the attached drivers");
    } else {
        decision_set(
            d, DEXT_MATCH_WINS,
            f->count ? "it comes first in its category; drivers that are installed but not given "
                       "here may still come before it"
                     : "nothing stands in its way; drivers that are installed but not given here "
                       "may still come first");
    }
}

/* Entitlements that the node itself demands; an array of arrays is shown flat. */
static const char *const *needs_of(const struct dx_world *w, const struct dx_reg_node *nub,
                                   const struct dx_mp *mp)
{
    static const char *const none[] = {NULL};
    struct dx_prop p = dx_node_prop(w, nub, "IOServiceDEXTEntitlements");
    if (!p.value || !mp->pub.is_dext) {
        return none;
    }
    const char **list = NULL;
    size_t count = 0, cap = 0;
    if (p.value->kind == DEXT_STRING) {
        *DX_PUSH(&w->ctx->arena, list, count, cap) = p.value->text.p;
    }
    const struct dext_node *c = p.value->kind == DEXT_ARRAY ? p.value->child : NULL;
    for (; c && count < MOST_RIVALS; c = c->next) {
        const struct dext_node *one = c->kind == DEXT_ARRAY ? c->child : c;
        for (; one && count < MOST_RIVALS; one = c->kind == DEXT_ARRAY ? one->next : NULL) {
            if (one->kind == DEXT_STRING) {
                *DX_PUSH(&w->ctx->arena, list, count, cap) = one->text.p;
            }
        }
    }
    *DX_PUSH(&w->ctx->arena, list, count, cap) = NULL;
    return list;
}

void dx_decide(struct dext_match_decision *d, const struct dx_world *w,
               const struct dx_reg_node *nub, const struct dx_match_entry *entries, size_t count,
               size_t i)
{
    const struct dx_match_entry *own = &entries[i];
    struct field f = {.w = w, .nub = nub, .own = own};
    bool self = false, unknown = false;
    d->personality = &own->mp->pub;
    d->answer = own->answer;
    d->score = own->score;
    d->category = own->mp->pub.category;
    d->needs = needs_of(w, nub, own->mp);
    if (own->answer == DEXT_MATCH_NO) {
        decision_set(d, DEXT_MATCH_FAILS, "it does not match");
        return;
    }
    const struct dx_reg_node *who =
        own->mp->unsettled_category ? NULL : dx_occupant(w, nub, own->mp, &self, &unknown);
    if (who && !self) {
        add_attached(&f, who);
    }
    add_given(&f, entries, count, i);
    find_leaders(&f);
    d->rivals = f.list;
    d->rival_count = f.count;
    const char *refusal = dx_refusal(own->mp, nub);
    if (refusal) {
        decision_set(d, DEXT_MATCH_REFUSED, refusal);
    } else if (who && self) {
        decision_set(d, DEXT_MATCH_ATTACHED, "this driver is attached to the node in the dump");
    } else if (own->answer == DEXT_MATCH_UNSURE) {
        decision_set(d, DEXT_MATCH_OPEN, "whether it matches is not certain");
    } else if (who) {
        decide_attached(d, &f, who);
    } else {
        decide_free(d, &f, unknown);
    }
}
