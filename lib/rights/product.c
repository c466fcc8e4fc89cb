/* One verdict for all code that belongs together. */
#include <string.h>

#include "rights/use.h"
#include "rules/code.h"

/* A product while it is put together. */
struct whole {
    struct dext_ctx *ctx;
    const struct dx_build *build;
    const struct dext_code *root;
    bool ios;
    unsigned uses, doubtful, aim;
    struct dext_hindrance *list; /* of all parts */
    unsigned *taken;             /* what each of them takes away */
    size_t count, cap, taken_cap, taken_count;
    const struct dext_profile *narrowest; /* of those that list devices, the one with fewest */
    const struct dext_code *unnamed;      /* a driver that the ticket does not name */
};

static bool product_is_inside(const struct dext_code *code, const struct dext_code *around)
{
    size_t n = strlen(around->path);
    return code != around && strncmp(code->path, around->path, n) == 0 &&
           (code->path[n] == '/' || (around->form == DEXT_FORM_PACKAGE && code->path[n] == '!'));
}

/* Nothing that is signed lies around it. */
static bool product_is_root(const struct dx_build *b, const struct dext_code *code)
{
    for (size_t i = 0; i < b->all.count; i++) {
        if (product_is_inside(code, b->all.list[i])) {
            return false;
        }
    }
    return true;
}

static struct dx_subject *product_subject(struct dx_subject *const *subjects, size_t count,
                                          const struct dext_code *code)
{
    for (size_t i = 0; i < count; i++) {
        if (subjects[i]->pub.code == code) {
            return subjects[i];
        }
    }
    return NULL;
}

/* ---- words ---------------------------------------------------------------------------------- */

#define MOST_REASONS 3

/* The hindrances of a use as one clause. */
static const char *product_because(const struct whole *w, unsigned use, bool doubt)
{
    const char *text = "", *part = "";
    size_t told = 0, count = 0;
    for (size_t i = 0; i < w->count; i++) {
        const struct dext_hindrance *h = &w->list[i];
        if (!(w->taken[i] & use) || h->doubt != doubt) {
            continue;
        }
        if (told < MOST_REASONS) {
            bool other = strcmp(part, h->part) != 0;
            text = dx_sprintf(&w->ctx->arena, "%s%s%s%s%s%s", text, told++ ? "; " : "",
                              other ? "of " : "", other ? dx_path_name(h->part) : "",
                              other ? ": " : "", h->text);
            part = h->part;
        }
        count++;
    }
    return count > told ? dx_sprintf(&w->ctx->arena, "%s; and %zu more", text, count - told) : text;
}

static const char *product_words(const struct whole *w, unsigned use)
{
    return dx_use_words(w->ctx, use, w->ios, w->narrowest ? w->narrowest->device_count : 0);
}

/* The same where it cannot be, so that no number of devices is promised. */
static const char *product_plain_words(const struct whole *w, unsigned use)
{
    return use == DX_USE_DEVELOPMENT ? "be run for development"
           : use == DX_USE_AD_HOC    ? "be distributed ad hoc"
                                     : dx_use_words(w->ctx, use, w->ios, 0);
}

static const char *product_ticket(const struct whole *w, unsigned use)
{
    if (use != DX_USE_DEVELOPER_ID) {
        return use == DX_USE_SUBMIT ? "; until the store has signed it anew it runs nowhere" : "";
    }
    switch (w->root->ticket) {
    case DEXT_TICKET_GOOD:
        if (w->unnamed) {
            return dx_sprintf(&w->ctx->arena,
                              ", once it is notarized (the ticket that is stapled to it does not "
                              "name %s)",
                              dx_path_name(w->unnamed->path));
        }
        return ": a notarization ticket for this very code is stapled to it";
    case DEXT_TICKET_OTHER:
        return ", once it is notarized (the ticket that is stapled to it is for other code)";
    case DEXT_TICKET_BROKEN:
    case DEXT_TICKET_NO_TICKET:
        return ", once it is notarized (what is stapled to it is no ticket of Apple's)";
    default:
        return ", once it is notarized (no ticket is stapled to it)";
    }
}

/* Nothing is in the way of the outermost program, only of what is in it. */
static bool product_root_runs(const struct whole *w)
{
    for (size_t i = 0; i < w->count; i++) {
        if (!w->list[i].part[0] && !w->list[i].doubt && w->taken[i] == DX_USE_ALL) {
            return false;
        }
    }
    return true;
}

/* Without its program nothing is known of a build, neither good nor bad. */
static bool product_is_unread(const struct whole *w)
{
    return w->root && w->root->unread && w->root->slice_count == 0;
}

static const char *product_verdict(const struct whole *w)
{
    if (product_is_unread(w)) {
        return "Whether this build can be run could not be told: its program could not be read.";
    }
    struct dx_arena *a = &w->ctx->arena;
    unsigned sure = w->uses & ~w->doubtful;
    const char *because = product_because(w, w->aim ? w->aim : DX_USE_ALL, false);
    if (w->aim & sure) {
        return dx_sprintf(a, "This build can %s%s.", product_words(w, w->aim),
                          product_ticket(w, w->aim));
    }
    if (w->aim & w->uses) {
        return dx_sprintf(a, "It is not certain that this build can %s, because %s.",
                          product_words(w, w->aim), product_because(w, w->aim, true));
    }
    if (w->uses) {
        return dx_sprintf(a, "This build can %s; it cannot %s, because %s.",
                          product_words(w, dx_use_best(w->uses)), product_plain_words(w, w->aim),
                          because);
    }
    bool runs = w->aim & ~(unsigned)(DX_USE_SUBMIT | DX_USE_LOCAL);
    return dx_sprintf(a, "This build cannot %s%s, because %s.",
                      product_plain_words(w, w->aim == DX_USE_LOCAL ? 0 : w->aim),
                      !runs                  ? ""
                      : product_root_runs(w) ? ", nor be used as a whole"
                                             : ", nor be run at all",
                      because);
}

/* ---- putting together ------------------------------------------------------------------------ */

static void product_hinder(struct whole *w, const char *part, unsigned uses, const char *text,
                           bool doubt)
{
    struct dx_arena *a = &w->ctx->arena;
    for (size_t i = 0; i < w->count; i++) {
        if (strcmp(w->list[i].part, part) == 0 && strcmp(w->list[i].text, text) == 0) {
            w->taken[i] |= uses;
            return;
        }
    }
    *DX_PUSH(a, w->list, w->count, w->cap) = (struct dext_hindrance){part, text, doubt};
    *DX_PUSH(a, w->taken, w->taken_count, w->taken_cap) = uses;
}

static void product_devices(struct whole *w, const struct dext_profile *p)
{
    if (p && !p->error && p->device_count &&
        (!w->narrowest || p->device_count < w->narrowest->device_count)) {
        w->narrowest = p;
    }
}

static void product_add(struct whole *w, const struct dext_code *code, const struct dx_use *u)
{
    bool root = code == w->root;
    /* A package that nobody signed is for what its first app is for. */
    w->aim = root || !w->aim ? u->aim : w->aim;
    for (size_t i = 0; i < u->count; i++) {
        product_hinder(w, root ? "" : code->path, u->list[i].uses, u->list[i].text,
                       u->list[i].doubt);
    }
    w->uses &= u->uses;
    w->doubtful |= u->doubtful;
}

/* iPadOS takes a driver only when its id begins with the app's (Apple developer forums, DriverKit).
 */
static void product_prefix(struct whole *w, const struct dext_code *code)
{
    size_t n = strlen(w->root->bundle_id);
    bool inside = w->ios && code != w->root && n && code->bundle_id[0] && dx_code_is_driver(code);
    if (inside &&
        !(strncmp(code->bundle_id, w->root->bundle_id, n) == 0 && code->bundle_id[n] == '.')) {
        product_hinder(w, code->path, DX_USE_ALL,
                       dx_sprintf(&w->ctx->arena,
                                  "its id %s does not begin with the app's, \"%s.\", as iPadOS "
                                  "wants it",
                                  code->bundle_id, w->root->bundle_id),
                       false);
        w->uses = 0;
    }
}

/* Verdict of one part by itself, in the words of a product. */
static void product_judge_subject(const struct whole *around, struct dx_subject *s,
                                  const struct dx_use *u)
{
    struct whole own = {.ctx = around->ctx,
                        .build = around->build,
                        .root = s->pub.code,
                        .ios = around->ios,
                        .uses = DX_USE_ALL};
    product_devices(&own, s->pub.profile);
    product_add(&own, s->pub.code, u);
    s->pub.purpose = dx_use_purpose(own.aim);
    s->pub.possible = (own.aim & own.uses & ~own.doubtful) != 0 && !product_is_unread(&own);
    s->pub.verdict = product_verdict(&own);
}

static void product_finish(struct dext_rights_product *p, const struct whole *w)
{
    struct dx_arena *a = &w->ctx->arena;
    const char **uses = dx_calloc(a, DEXT_PURPOSES, sizeof *uses);
    struct dext_hindrance *list = dx_calloc(a, w->count + 1, sizeof *list);
    unsigned left = w->uses & ~w->doubtful;
    if (left == DX_USE_ALL) { /* Apple's own */
        left = DX_USE_APPLE;
    }
    for (unsigned best; (best = dx_use_best(left)) != 0; left &= ~best) {
        uses[p->use_count++] = dext_purpose_name(dx_use_purpose(best));
    }
    for (size_t i = 0; i < w->count; i++) {
        if (!w->aim || (w->taken[i] & w->aim)) {
            list[p->hindrance_count++] = w->list[i];
        }
    }
    p->uses = uses;
    p->hindrances = list;
    p->purpose = dx_use_purpose(w->aim);
    p->possible = (w->aim & w->uses & ~w->doubtful) != 0 && !product_is_unread(w);
    p->verdict = product_verdict(w);
}

static bool product_is_ios(const struct dext_code *root, const struct dx_subject *s)
{
    const struct dext_slice *slice = dx_code_slice(root);
    return s ? s->ios : slice && strcmp(slice->platform, "iOS") == 0;
}

static void product_make(struct dext_rights_product *out, struct dext_ctx *ctx,
                         const struct dx_build *build, const struct dext_code *root,
                         struct dx_subject *const *subjects, size_t count)
{
    struct whole w = {.ctx = ctx, .build = build, .root = root, .uses = DX_USE_ALL};
    const struct dext_subject **inside = dx_calloc(&ctx->arena, count + 1, sizeof *inside);
    w.ios = product_is_ios(root, product_subject(subjects, count, root));
    static const char *const unchecked[] = {"pages", "sealed-files"};
    *out = (struct dext_rights_product){.name = root->path,
                                        .unchecked = unchecked,
                                        .unchecked_count =
                                            root->bundle || root->form == DEXT_FORM_PACKAGE ? 2 : 1,
                                        .subjects = inside};
    for (size_t i = 0; i < build->all.count; i++) {
        const struct dext_code *code = build->all.list[i];
        if (code != root && !product_is_inside(code, root)) {
            continue;
        }
        struct dx_subject *s = product_subject(subjects, count, code);
        struct dx_use u;
        dx_use_of_code(&u, ctx, code, s, w.ios);
        product_devices(&w, s ? s->pub.profile : code->profile);
        product_add(&w, code, &u);
        product_prefix(&w, code);
        if (code->ticket == DEXT_TICKET_OTHER && dx_code_is_driver(code)) {
            w.unnamed = code;
        }
        if (s) {
            inside[out->subject_count++] = &s->pub;
            product_judge_subject(&w, s, &u);
        }
    }
    product_finish(out, &w);
}

void dx_rights_products(struct dx_products *out, struct dext_ctx *ctx, const struct dx_build *build,
                        struct dx_subject *const *subjects, size_t count)
{
    for (size_t i = 0; i < build->all.count; i++) {
        const struct dext_code *code = build->all.list[i];
        struct dext_rights_product p;
        if (!code->error && product_is_root(build, code)) {
            product_make(&p, ctx, build, code, subjects, count);
            if (p.subject_count) { /* what has no entitlements that matter is nobody's question */
                *DX_PUSH(&ctx->arena, out->list, out->count, out->cap) = p;
            }
        }
    }
}
