#include "rules/engine.h"
#include "rules/personality.h"

#define NOTHING(f)
#define LISTED(f) f,

static dx_doc_check *const doc_checks[] = {DX_CHECKS(LISTED, NOTHING, NOTHING, NOTHING, NOTHING)};
static dx_unit_check *const unit_checks[] = {DX_CHECKS(NOTHING, LISTED, NOTHING, NOTHING, NOTHING)};
static dx_personality_check *const dext_checks[] = {
    DX_CHECKS(NOTHING, NOTHING, LISTED, NOTHING, NOTHING)};
static dx_personality_check *const kext_checks[] = {
    DX_CHECKS(NOTHING, NOTHING, NOTHING, LISTED, NOTHING)};
static dx_unit_check *const code_checks[] = {DX_CHECKS(NOTHING, NOTHING, NOTHING, NOTHING, LISTED)};

#define COUNT(a) (sizeof(a) / sizeof *(a))

struct filter {
    void (*emit)(void *user, const struct dx_finding *f);
    void *user;
};

static void emit_unless_suppressed(void *user, const struct dx_finding *f)
{
    const struct filter *to = user;
    if (!dx_suppressed(f)) {
        to->emit(to->user, f);
    }
}

static void run_doc(struct dx_check *c, const struct dx_doc *doc)
{
    c->doc = doc;
    for (size_t i = 0; i < COUNT(doc_checks); i++) {
        doc_checks[i](c, doc);
    }
    dx_check_comments(c, doc);
    dx_flush(c);
}

/* In a driver extension's Info.plist without any driver's personality, those that can only be meant
 * for one are checked like one; no-driver-personality says what is wrong with them. */
static void take_for_drivers(struct dx_personality *all, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (all[i].is_dext) {
            return;
        }
    }
    for (size_t i = 0; i < n; i++) {
        all[i].is_dext = dx_meant_for_driver(&all[i]);
    }
}

static void run_info(struct dx_check *c, const struct dx_doc *info)
{
    run_doc(c, info);
    bool kext = info->kind == DX_DOC_KEXT_INFO;
    size_t n = c->all_count = dx_personalities(c->ctx, info->pl->root, &c->all);
    if (!kext) {
        take_for_drivers((struct dx_personality *)c->all, n);
    }
    for (size_t i = 0; !kext && i < COUNT(unit_checks); i++) {
        c->doc = info;
        unit_checks[i](c);
        dx_flush(c);
    }
    c->doc = info;
    for (size_t k = 0; k < n; k++) {
        if (kext) {
            for (size_t i = 0; i < COUNT(kext_checks); i++) {
                kext_checks[i](c, &c->all[k]);
            }
        } else {
            for (size_t i = 0; i < COUNT(dext_checks); i++) {
                dext_checks[i](c, &c->all[k]);
            }
        }
    }
    dx_flush_repeated(c);
}

static void run_code(struct dx_check *c)
{
    for (size_t i = 0; i < COUNT(code_checks); i++) {
        c->doc = c->unit->info;
        code_checks[i](c);
        dx_flush(c);
    }
    for (size_t i = 0; c->unit->code && i < c->unit->entitlement_count; i++) {
        run_doc(c, c->unit->entitlements[i]);
    }
}

static struct dx_check new_check(struct dext_ctx *ctx, const struct dx_unit *unit,
                                 struct filter *to)
{
    return (struct dx_check){.ctx = ctx, .unit = unit, .emit = emit_unless_suppressed, .user = to};
}

void dx_check_doc(struct dext_ctx *ctx, const struct dx_unit *unit, const struct dx_doc *doc,
                  void (*emit)(void *user, const struct dx_finding *f), void *user)
{
    struct filter to = {emit, user};
    struct dx_check c = new_check(ctx, unit, &to);
    run_doc(&c, doc);
}

void dx_check_unit(struct dext_ctx *ctx, const struct dx_unit *unit,
                   void (*emit)(void *user, const struct dx_finding *f), void *user)
{
    struct filter to = {emit, user};
    struct dx_check c = new_check(ctx, unit, &to);
    if (unit->info_absent) { /* what the settings alone make of it is not the driver's */
        c.doc = unit->info;
        dx_check_product_files(&c);
        dx_flush(&c);
    } else if (unit->info) {
        run_info(&c, unit->info);
    } else if (unit->bundle) {
        dx_check_bundle(&c);
        dx_flush(&c);
    }
    if (unit->code || unit->profile) {
        run_code(&c);
    }
}
