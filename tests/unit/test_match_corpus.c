/* The simulator against registry dumps of real systems: every driver that is attached there was
 * matched by a kernel, so the simulator has to say so too. A driver extension carries its
 * personality (IOMatchedPersonality), score included; of a kernel driver its own properties stand
 * in for it, in which the score is the final one. Prints predicted/total a family; fails on a
 * driver that does not match and is not explained in the list below. */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/source.h"
#include "bundle/bundle.h"
#include "iokit/match.h"

static const char *const families[] = {"class not known",
                                       "other (IOService alone)",
                                       "resources",
                                       "USB device",
                                       "USB interface",
                                       "PCI",
                                       "HID",
                                       "SCSI",
                                       "media",
                                       "serial client",
                                       "device tree",
                                       "device tree, closed",
                                       "keys one by one",
                                       "closed source"};
#define FAMILIES (sizeof families / sizeof *families)

struct tally {
    size_t total, yes, unsure, no, explained;
    size_t scored, score_right; /* drivers whose score the facts give exactly */
};
static struct tally tallies[FAMILIES];

/* Drivers that matched on what the dump no longer shows. */
static const struct {
    const char *driver, *why;
} explained[] = {
    {"AppleACPIPlatformExpert", "the platform's node is called ACPI until this driver renames it"},
    {"NVKernel",
     "matched on a node of the graphics driver's (IOPropertyMatch nubType); it hangs below "
     "the card, which has no such property"},
    {"AppleGraphicsDevicePolicy", "matched on an AppleGraphicsDeviceControl; it hangs below the "
                                  "controller"},
};

/* Properties that a kernel driver put on itself after it was matched: no part of its personality.
 */
static const struct {
    const char *driver, *key;
} later[] = {
    {"IOGUIDPartitionScheme", "UUID"},
    /* Their scores (60000, 50000) are those of the class: the device's numbers came later. */
    {"AppleUSBNCMData", "idVendor"},
    {"AppleUSBNCMData", "idProduct"},
    {"AppleUSBACMData", "idVendor"},
    {"AppleUSBACMData", "idProduct"},
    {"IOUSBMassStorageInterfaceNub", "idVendor"},
    {"IOUSBMassStorageInterfaceNub", "idProduct"},
    {"IOUSBMassStorageInterfaceNub", "bcdDevice"},
    {"IOUSBMassStorageInterfaceNub", "bConfigurationValue"},
    {"IOUSBMassStorageInterfaceNub", "bInterfaceNumber"},
    {"IOUSBMassStorageInterfaceNub", "bInterfaceProtocol"},
};

/* What IOHIDEventService copies from its interface onto itself when it starts. */
static const char *const of_event_services[] = {
    "LocationID",   "Transport",    "VendorID",         "ProductID",    "VersionNumber",
    "Manufacturer", "SerialNumber", "PrimaryUsagePage", "PrimaryUsage", "DeviceUsagePairs",
};

static bool is_event_service(struct dext_ctx *ctx, struct dx_registry *r,
                             const struct dx_reg_node *n)
{
    const struct dext_node *client = dx_reg_get(ctx, r, n, "IOUserClientClass");
    return dx_reg_is_a(n, "IOHIDEventService") == DX_REG_YES ||
           (client && client->kind == DEXT_STRING &&
            dx_str_is(client->text, "IOHIDEventServiceUserClient"));
}

static bool came_later(struct dx_str driver, bool event_service, const char *key)
{
    for (size_t i = 0; i < sizeof later / sizeof *later; i++) {
        if (dx_str_is(driver, later[i].driver) && strcmp(key, later[i].key) == 0) {
            return true;
        }
    }
    for (size_t i = 0; event_service && i < sizeof of_event_services / sizeof *of_event_services;
         i++) {
        if (strcmp(key, of_event_services[i]) == 0) {
            return true;
        }
    }
    return strcmp(key, "IOProbeScore") == 0; /* the final one */
}

static const char *explanation(const char *name)
{
    for (size_t i = 0; i < sizeof explained / sizeof *explained; i++) {
        if (strcmp(explained[i].driver, name) == 0) {
            return explained[i].why;
        }
    }
    return NULL;
}

static void report(const struct dx_reg_node *n, const struct dx_match_trace *t,
                   enum dext_match_answer answer)
{
    for (size_t i = 0; i < t->count; i++) {
        const struct dext_match_check *c = &t->list[i];
        if (c->phase != DEXT_MATCH_START && c->answer == answer) {
            print_message("  %.*s on %.*s: %s %s: %s (%s | %s)\n", (int)n->name.n, n->name.p,
                          (int)n->parent->class_name.n, n->parent->class_name.p, c->code, c->key,
                          c->text, c->expected ? c->expected : "", c->actual ? c->actual : "");
            return;
        }
    }
}

static void check_score(struct dext_ctx *ctx, struct dx_world *w, const struct dx_reg_node *n,
                        const struct dx_eval *e, struct tally *t, bool own)
{
    uint64_t seen;
    if (!dx_number(dx_reg_get(ctx, w->reg, n, "IOProbeScore"), &seen) || !e->score.certain) {
        return;
    }
    bool usb = e->matcher == KB_KERNEL_CLASS_MATCHER_USB_DEVICE ||
               e->matcher == KB_KERNEL_CLASS_MATCHER_USB_INTERFACE;
    if (own && !usb) {
        return; /* what the personality began with is not known, and only USB bounds it */
    }
    int64_t s = (int32_t)(uint32_t)seen, f = own ? e->score.family : e->score.final;
    /* The probe of some kernel classes takes one off (matching.md 2.7). */
    bool right = own ? s >= f && s - f < 10000 : s == f || s == f - 1;
    t->scored++;
    t->score_right += right;
    if (!right) {
        print_message("  score of %.*s: %lld, not %lld\n", (int)n->name.n, n->name.p, (long long)f,
                      (long long)s);
    }
}

static struct dext_node *own_table(struct dext_ctx *ctx, struct dx_registry *r,
                                   const struct dx_reg_node *n)
{
    struct dext_node *d = dx_alloc(&ctx->arena, sizeof *d);
    d->kind = DEXT_DICT;
    bool event_service = is_event_service(ctx, r, n);
    for (uint32_t i = 0; i < n->prop_count; i++) {
        const char *key = dx_strndup(&ctx->arena, n->props[i].key.p, n->props[i].key.n);
        const struct dext_node *v = dx_reg_get(ctx, r, n, key);
        if (v && !came_later(n->class_name, event_service, key)) {
            struct dext_node *c = dx_alloc(&ctx->arena, sizeof *c);
            *c = *v;
            c->key = dx_str(key);
            c->in_dict = true;
            c->next = NULL;
            *(d->child ? &d->last->next : &d->child) = c;
            d->last = c;
            d->count++;
        }
    }
    return d;
}

/* The same object, printed again: by its id; dumps before 10.7 show none, and there an object is
 * told by its name and class. */
static bool is_again(const struct dx_reg_node *o, const struct dx_reg_node *n)
{
    return o == n || o->same == n ||
           (o->id == 0 && n->id == 0 && !o->chain.n && dx_str_eq(o->name, n->name) &&
            dx_str_eq(o->class_name, n->class_name) && o->prop_count == n->prop_count);
}

/* A driver may hang below several nodes; it was matched on one of them, and the dump may show it
 * below another one first. */
static const struct dx_reg_node *best_parent(struct dx_world *w, const struct dx_mp *mp,
                                             const struct dx_reg_node *n)
{
    const struct dx_reg_node *best = n;
    enum dext_match_answer most = DEXT_MATCH_NO;
    for (size_t i = 0; i < w->reg->count; i++) {
        const struct dx_reg_node *o = w->reg->nodes[i];
        struct dx_eval e;
        if (is_again(o, n) && o->parent) {
            enum dext_match_answer a = dx_match_eval(&e, w, mp, o->parent, NULL);
            best = a > most ? o : best;
            most = a > most ? a : most;
        }
    }
    return best;
}

/* A dump may have been cut out of a larger one: what a driver was matched on need not be in it. */
static const char *not_here(struct dx_world *w, const struct dx_mp *mp)
{
    for (size_t i = 0; i < w->reg->count; i++) {
        if (dx_match_candidate(mp, w->reg->nodes[i]) == DX_REG_YES) {
            return NULL;
        }
    }
    return "the dump holds no node of its provider's class";
}

static void check_driver(struct dext_ctx *ctx, struct dx_world *w, const struct dx_reg_node *n)
{
    const struct dext_node *kept = dx_reg_get(ctx, w->reg, n, "IOMatchedPersonality");
    bool own = !kept || kept->kind != DEXT_DICT;
    struct dx_mp mp;
    struct dx_eval e;
    struct dx_match_trace trace = {0};
    dx_mp_init(&mp, ctx, "dump", "driver", own ? own_table(ctx, w->reg, n) : kept, 0);
    n = best_parent(w, &mp, n);
    enum dext_match_answer a = dx_match_eval(&e, w, &mp, n->parent, &trace);
    struct tally *t = &tallies[e.matcher];
    const char *name = dx_strndup(&ctx->arena, n->class_name.p, n->class_name.n);
    t->total++;
    t->yes += a == DEXT_MATCH_YES;
    t->unsure += a == DEXT_MATCH_UNSURE;
    if (a == DEXT_MATCH_NO) {
        const char *why = explanation(name);
        why = why ? why : not_here(w, &mp);
        t->no += why == NULL;
        t->explained += why != NULL;
        if (why) {
            print_message("  %s: explained: %s\n", name, why);
            return;
        }
    }
    if (a != DEXT_MATCH_YES) {
        report(n, &trace, a);
    }
    if (a != DEXT_MATCH_NO) {
        check_score(ctx, w, n->same ? n->same : n, &e, t, own);
    }
}

/* Matched and started by the kernel: only such nodes have both. */
static bool was_matched(struct dext_ctx *ctx, struct dx_registry *r, const struct dx_reg_node *n)
{
    return n->parent && !n->same && dx_reg_get(ctx, r, n, "IOProviderClass") &&
           dx_reg_get(ctx, r, n, "IOMatchCategory") && dx_reg_get(ctx, r, n, "IOClass");
}

/* In the power plane a driver does not hang below what it was matched on. */
static bool is_power_plane(const struct dx_registry *r)
{
    for (size_t i = 0; i < r->count; i++) {
        if (dx_str_is(r->nodes[i]->class_name, "IOPowerConnection")) {
            return true;
        }
    }
    return false;
}

static void check_dump(const char *path)
{
    struct dext_ctx *ctx = dext_ctx_new(NULL);
    struct dx_registry *r;
    struct dx_source src;
    if (dx_source_read(&src, ctx, path) == DEXT_OK && dx_registry_read(&r, ctx, &src) == DEXT_OK) {
        struct dx_world w;
        dx_world_init(&w, ctx, r);
        print_message("%s: %zu nodes\n", dx_path_name(path), r->count);
        for (size_t i = 0; i < r->count && !is_power_plane(r); i++) {
            if (was_matched(ctx, r, r->nodes[i])) {
                check_driver(ctx, &w, r->nodes[i]);
            }
        }
    }
    dext_ctx_free(ctx);
}

static void test_corpus(void **state)
{
    (void)state;
    const char *corpus = getenv("DEXTCTL_CORPUS");
    char path[4096];
    size_t no = 0;
    if (!corpus || access(corpus, F_OK) != 0) {
        print_message("DEXTCTL_CORPUS is not there: skipped\n");
        skip();
    }
    glob_t found;
    (void)snprintf(path, sizeof path, "%s/runtime/ioreg/*/*", corpus);
    assert_int_equal(glob(path, 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        check_dump(found.gl_pathv[i]);
    }
    globfree(&found);
    print_message("%-24s %9s %12s %10s %9s %13s\n", "family", "predicted", "not certain",
                  "explained", "missed", "score right");
    for (size_t i = 0; i < FAMILIES; i++) {
        const struct tally *t = &tallies[i];
        if (t->total) {
            print_message("%-24s %4zu/%-4zu %12zu %10zu %9zu %8zu/%zu\n", families[i], t->yes,
                          t->total, t->unsure, t->explained, t->no, t->score_right, t->scored);
        }
        no += t->no + t->scored - t->score_right;
    }
    assert_int_equal(no, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_corpus)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
