/* A personality for a device, and the entitlements that go with it. The simulator is run on what
 * was written, so that a suggestion that does not match is seen, and one that another driver comes
 * before is made to come first. */
#include "iokit/suggest.h"

#include <inttypes.h>
#include <string.h>

static void note_transport(struct dx_draft *d)
{
    switch (d->provider->bus) {
    case KB_PROVIDER_BUS_USB_DEVICE:
    case KB_PROVIDER_BUS_USB_INTERFACE:
        dx_draft_note(
            d, "transport.usb has to name the vendor as Apple approved it for your team; builds "
               "signed for development take \"*\" as idVendor");
        break;
    case KB_PROVIDER_BUS_PCI:
        dx_draft_note(d,
                      "transport.pci has to cover the device as Apple approved it for your team");
        break;
    default:
        break;
    }
}

/* ---- which family -------------------------------------------------------------------------- */

static const struct kb_provider *provider_of(const struct kb_family *f,
                                             const struct dx_reg_node *nub)
{
    for (const char *p = kb_first(f->provider); *p; p = kb_next(p)) {
        if (dx_reg_is_a(nub, p) == DX_REG_YES) {
            return dx_kb_provider(dx_str(p));
        }
    }
    return NULL;
}

/* The plain driver of a node, without a family's class above it. */
static const char *plain_family(const struct dx_world *w, const struct dx_reg_node *nub)
{
    static const struct {
        const char *provider, *family;
    } plain[] = {
        {"IOUSBHostInterface", "usb-interface"},
        {"IOUSBHostDevice", "usb-device"},
        {"IOPCIDevice", "pci"},
        {"IOHIDInterface", "hid-event"},
        {"IOUserResources", "control-service"},
        {"IOUserService", "control-service"},
    };
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        if (dx_reg_is_a(nub, plain[i].provider) == DX_REG_YES) {
            return plain[i].family;
        }
    }
    uint64_t type;
    if (dx_reg_is_a(nub, "IOSCSIPeripheralDeviceNub") == DX_REG_YES &&
        dx_number(dx_node_prop(w, nub, "Peripheral Device Type").value, &type)) {
        return type == 0   ? "scsi-type00"
               : type == 5 ? "scsi-type05"
               : type == 7 ? "scsi-type07"
                           : NULL;
    }
    return NULL;
}

static const char *family_at(const void *user, size_t i)
{
    (void)user;
    return kb_s(kb_family_rows[i].family);
}

bool dext_match_family_at(size_t i, const char **family, const char **summary)
{
    if (i < kb_family_count) {
        *family = kb_s(kb_family_rows[i].family);
        *summary = kb_s(kb_family_rows[i].summary);
    }
    return i < kb_family_count;
}

static const char *families_for(const struct dx_world *w, const struct dx_reg_node *nub)
{
    const char *text = "";
    for (size_t i = 0; i < kb_family_count; i++) {
        if (provider_of(&kb_family_rows[i], nub)) {
            text = dx_sprintf(&w->ctx->arena, "%s%s%s", text, *text ? ", " : "",
                              kb_s(kb_family_rows[i].family));
        }
    }
    return text;
}

bool dx_suggest_fits(const struct dx_world *w, const struct dx_reg_node *nub, const char *family)
{
    const struct kb_family *f = family ? dx_kb_family(family) : NULL;
    return family ? f && provider_of(f, nub) : plain_family(w, nub) != NULL;
}

/* A driver extension that stands on the node in the dump, by its kernel's half or what it says;
 * NULL: none. */
static const struct dx_reg_node *dext_on(const struct dx_world *w, const struct dx_reg_node *nub)
{
    const struct dx_reg_node *first = nub->child || !nub->same ? nub->child : nub->same->child;
    for (const struct dx_reg_node *n = first; n; n = n->next) {
        bool client = dx_reg_is_a(n, "IOUserClient") == DX_REG_YES;
        if (dx_node_prop(w, n, "IOUserServerName").value ||
            (!client && dx_str_has_prefix(n->class_name, "IOUser"))) {
            return n;
        }
    }
    return NULL;
}

/* Nothing that is known stands on it. What the dump shows there is not called impossible. */
static int suggest_none(struct dx_draft *d, const char *family, const char *fits)
{
    const struct dx_reg_node *n = d->nub, *on = dext_on(d->w, n);
    if (on && !*fits) {
        return dx_fail(d->w->ctx, DEXT_E_NOTFOUND,
                       "%.*s (%.*s): no family that is documented stands on it; the dump shows the "
                       "driver extension %.*s there, and how it does that is not public",
                       (int)n->name.n, n->name.p, (int)n->class_name.n, n->class_name.p,
                       (int)on->name.n, on->name.p);
    }
    return dx_fail(d->w->ctx, DEXT_E_NOTFOUND,
                   "%.*s (%.*s): no driver extension%s%s can stand on it%s%s", (int)n->name.n,
                   n->name.p, (int)n->class_name.n, n->class_name.p,
                   family ? " of the family " : "", family ? family : "",
                   *fits ? "; families that can: " : "", fits);
}

static int suggest_choose(struct dx_draft *d, const char *family)
{
    struct dext_ctx *ctx = d->w->ctx;
    const struct dx_reg_node *n = d->nub;
    const char *plain = plain_family(d->w, n), *fits = families_for(d->w, n);
    d->family = dx_kb_family(family ? family : plain ? plain : "");
    if (!d->family && family) {
        const char *near = dx_str_nearest(dx_str(family), kb_family_count, family_at, NULL);
        return dx_fail(ctx, DEXT_E_NOTFOUND, "there is no family '%s'%s%s%s", family,
                       near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
    }
    if (d->family) {
        d->provider = provider_of(d->family, n);
        if (!d->provider && plain && d->family == dx_kb_family(plain)) {
            d->provider = dx_kb_provider(DX_STR("IOUserService"));
        }
    }
    if (d->provider) {
        return DEXT_OK;
    }
    return suggest_none(d, family, fits);
}

/* ---- check --------------------------------------------------------------------------------- */

static const struct dext_match_decision *run_it(struct dx_draft *d, const char *plist)
{
    struct dext_ctx *ctx = d->w->ctx;
    struct dx_source src = dx_source_bytes("suggestion", plist, strlen(plist));
    struct dext_plist *pl = dx_plist_load(ctx, &src);
    struct dx_mp *mp = dx_alloc(&ctx->arena, sizeof *mp);
    struct dx_match_trace *t = dx_alloc(&ctx->arena, sizeof *t);
    struct dx_eval e;
    if (!pl->root) {
        return NULL;
    }
    dx_mp_init(mp, ctx, "suggestion", d->wish->user_class, pl->root, 0);
    enum dext_match_answer a = dx_match_eval(&e, d->w, mp, d->nub, t);
    struct dx_match_entry *entry = dx_alloc(&ctx->arena, sizeof *entry);
    *entry = (struct dx_match_entry){mp, a, e.score};
    struct dext_match_decision *out = dx_alloc(&ctx->arena, sizeof *out);
    out->node = dx_match_node(d->w, d->nub);
    dx_decide(out, d->w, d->nub, entry, 1, 0);
    out->checks = t->list;
    out->check_count = t->count;
    for (size_t i = 0; i < t->count && !out->first_no; i++) {
        out->first_no = t->list[i].answer == DEXT_MATCH_NO ? &t->list[i] : NULL;
    }
    return out;
}

/* ---- coming first -------------------------------------------------------------------------- */

/* The driver in the dump that a fresh match would not put behind the suggestion, or NULL. */
static const struct dext_match_rival *leader(const struct dext_match_decision *d)
{
    for (size_t i = 0; d && d->answer == DEXT_MATCH_YES && i < d->rival_count; i++) {
        const struct dext_match_rival *r = &d->rivals[i];
        if (r->attached && r->order >= 0 && r->has_score && d->score.certain) {
            return r;
        }
    }
    return NULL;
}

/* What IOProbeScore can add: families take a larger one as less (docs/matching.md, Families). */
static int64_t most_score(const struct dx_draft *d)
{
    switch (d->provider->bus) {
    case KB_PROVIDER_BUS_USB_DEVICE:
    case KB_PROVIDER_BUS_USB_INTERFACE:
        return 9000;
    case KB_PROVIDER_BUS_SCSI:
        return 4000;
    default:
        return 1000000;
    }
}

static const struct dext_match_decision *suggest_try(struct dx_draft *d, bool *whole)
{
    dx_buf_init(&d->p, &d->w->ctx->arena, 1 << 20);
    d->note_count = 0;
    d->selects = false;
    *whole = dx_draft_personality(d);
    return run_it(d, d->p.p);
}

/* As plain as it can be, and as exact and as high as it must be to come before the driver that has
 * the node in the dump. */
static const struct dext_match_decision *suggest_best(struct dx_draft *d, bool *whole)
{
    const struct dext_match_decision *c = suggest_try(d, whole);
    const struct dext_match_rival *before = leader(c), *now = before;
    bool usb = d->provider->bus == KB_PROVIDER_BUS_USB_DEVICE ||
               d->provider->bus == KB_PROVIDER_BUS_USB_INTERFACE;
    for (int step = 0; now && step < (usb ? 3 : 1); step++) {
        int64_t lack = (now->score - c->score.final) / 1000 * 1000 + 1000;
        d->release = usb && step > 0;
        d->score = step == 1 ? 0 : lack < most_score(d) ? lack : most_score(d);
        c = suggest_try(d, whole);
        now = leader(c);
    }
    if (now) { /* nothing helps: as it was */
        d->release = false;
        d->score = 0;
        c = suggest_try(d, whole);
    }
    if (before) {
        dx_draft_note(d, dx_sprintf(&d->w->ctx->arena,
                                    now ? "%s has the node with a score of %" PRId64
                                          ", more than a personality can reach: it keeps the node"
                                    : d->release
                                        ? "bcdDevice is named because %s scores %" PRId64
                                          ": another release of the device needs its own"
                                        : "IOProbeScore puts it before %s, which scores %" PRId64,
                                    before->name, before->score));
    }
    return c;
}

int dx_suggest(const struct dx_world *w, const struct dx_reg_node *nub,
               const struct dx_suggest_wish *wish, struct dext_match_suggestion *out)
{
    struct dx_draft d = {.w = w, .nub = nub, .wish = wish};
    bool whole;
    int rc = suggest_choose(&d, wish->family);
    if (rc != DEXT_OK) {
        return rc;
    }
    out->check = suggest_best(&d, &whole);
    if (!whole) {
        dx_draft_note(
            &d, "the dump does not show every property that the keys need; take it with ioreg -l");
    }
    out->entitlements = dx_draft_entitlements(&d, false);
    out->development = dx_draft_entitlements(&d, true);
    note_transport(&d);
    if (d.family->kernel_bundle_confidence != KB_FAMILY_KERNEL_BUNDLE_CONFIDENCE_CONFIRMED &&
        *kb_first(d.family->kernel_bundle)) {
        dx_draft_note(&d,
                      "CFBundleIdentifierKernel is what shipped drivers say; Apple documents none");
    }
    if (!wish->named) {
        dx_draft_note(&d, "IOUserClass is the name of your class");
    }
    *DX_PUSH(&w->ctx->arena, d.notes, d.note_count, d.note_cap) = NULL;
    out->family = kb_s(d.family->family);
    out->provider = kb_s(d.provider->provider);
    out->selects = d.selects;
    out->plist = d.p.p;
    out->notes = d.notes;
    out->node = out->check ? out->check->node : dx_match_node(w, nub);
    return DEXT_OK;
}
