/* A device and a personality made of bytes, of classes, keys and values that the kernel's families
 * compare, so that they often match and often nearly do. What has to hold of any such pair:
 * running and explaining say the same, what decides is among the checks, a personality made for
 * the device can match it when it is read again, and so does the project for it. */
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dext/init.h"
#include "dext/match.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile size_t sink;

struct taken {
    const uint8_t *p, *end;
};

struct written {
    char text[1 << 15];
    size_t n;
};

static unsigned take(struct taken *t, unsigned below)
{
    unsigned v = t->p < t->end ? *t->p++ : 0;
    return v % below;
}

__attribute__((format(printf, 2, 3))) static void put(struct written *w, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(w->text + w->n, sizeof w->text - w->n, fmt, ap);
    va_end(ap);
    w->n += n > 0 && (size_t)n < sizeof w->text - w->n ? (size_t)n : 0;
}

static void hold_at(bool b, int line)
{
    if (!b) {
        (void)fprintf(stderr, "line %d does not hold\n", line);
        abort();
    }
}
#define hold(b) hold_at((b), __LINE__)

/* ---- words --------------------------------------------------------------------------------- */

static const char *const classes[] = {"IOUSBHostDevice",
                                      "IOUSBHostInterface",
                                      "IOPCIDevice",
                                      "IOHIDInterface",
                                      "IOHIDDevice",
                                      "IOFireWireDevice",
                                      "IOFireWireUnit",
                                      "IOUserResources",
                                      "IOUserService",
                                      "IOSCSIPeripheralDeviceNub",
                                      "IOThunderboltPort",
                                      "IOSerialStreamSync",
                                      "IOEthernetInterface",
                                      "IOMedia",
                                      "AppleARMIODevice",
                                      "IOPlatformDevice",
                                      "IOUSBDevice",
                                      "IOUSBInterface",
                                      "IOBluetoothHCIController",
                                      "IOResources"};

static const char *const keys[] = {"idVendor",
                                   "idProduct",
                                   "bcdDevice",
                                   "bDeviceClass",
                                   "bDeviceSubClass",
                                   "bDeviceProtocol",
                                   "bConfigurationValue",
                                   "bInterfaceNumber",
                                   "bInterfaceClass",
                                   "bInterfaceSubClass",
                                   "bInterfaceProtocol",
                                   "IOPCIMatch",
                                   "IOPCIPrimaryMatch",
                                   "IOPCISecondaryMatch",
                                   "IOPCIClassMatch",
                                   "IONameMatch",
                                   "IOName",
                                   "name",
                                   "compatible",
                                   "device_type",
                                   "vendor-id",
                                   "device-id",
                                   "subsystem-vendor-id",
                                   "subsystem-id",
                                   "class-code",
                                   "VendorID",
                                   "ProductID",
                                   "Transport",
                                   "PrimaryUsagePage",
                                   "PrimaryUsage",
                                   "DeviceUsagePairs",
                                   "DeviceUsagePage",
                                   "DeviceUsage",
                                   "VersionNumber",
                                   "LocationID",
                                   "Product",
                                   "Manufacturer",
                                   "SerialNumber",
                                   "Vendor_ID",
                                   "GUID",
                                   "Unit_Spec_ID",
                                   "Unit_SW_Version",
                                   "Peripheral Device Type",
                                   "Vendor Identification",
                                   "Product Identification",
                                   "IOPropertyMatch",
                                   "IOPropertyExistsMatch",
                                   "IOResourceMatch",
                                   "IOParentMatch",
                                   "IOPathMatch",
                                   "IOLocationMatch",
                                   "IOMatchedPersonality",
                                   "IOProbeScore",
                                   "IOMatchCategory",
                                   "IOMatchDefer",
                                   "Content Hint",
                                   "Whole",
                                   "IOInterfaceType",
                                   "USB Product Name",
                                   "kUSBProductString",
                                   "idVendorMask",
                                   "idProductMask",
                                   "idProductArray"};

static const char *const words[] = {"Acme",  "pci1234,5678", "USB",        "*",          "acme,1",
                                    "IOKit", "Meter",        "IOBSD",      "0x56781234", "a b",
                                    "",      "GPIO-1",       "pciclass,0c"};
static const unsigned numbers[] = {0, 1, 2, 255, 4660, 22136, 65535, 0x12345678, 13, 3};

#define COUNT(a) ((unsigned)(sizeof(a) / sizeof *(a)))

/* ---- the device ---------------------------------------------------------------------------- */

static void put_property(struct written *w, struct taken *t, const char *margin)
{
    const char *key = keys[take(t, COUNT(keys))];
    unsigned v = numbers[take(t, COUNT(numbers))];
    put(w, "%s  \"%s\" = ", margin, key);
    switch (take(t, 6)) {
    case 0:
        put(w, "\"%s\"", words[take(t, COUNT(words))]);
        break;
    case 1:
        put(w, "<%02x%02x%02x%02x>", v & 255, v >> 8 & 255, v >> 16 & 255, v >> 24);
        break;
    case 2:
        put(w, "(%u,{\"DeviceUsagePage\"=%u,\"DeviceUsage\"=%u})", v, v, numbers[take(t, 10)]);
        break;
    case 3:
        put(w, take(t, 2) ? "Yes" : "No");
        break;
    default:
        put(w, "%u", v);
    }
    put(w, "\n");
}

static void put_node(struct written *w, struct taken *t, unsigned depth)
{
    char margin[16] = {0};
    memset(margin, ' ', 2 * (size_t)depth);
    const char *class = classes[take(t, COUNT(classes))];
    put(w,
        "%s+-o %s%s  <class %s, id 0x10000%x, %sregistered, matched, active, busy 0, retain 9>\n",
        margin, depth == 1 ? "Dev" : words[0], depth > 1 && take(t, 2) ? "@1" : "", class,
        0x300 + (unsigned)w->n % 0xc00, take(t, 5) ? "" : "!");
    put(w, "%s  {\n", margin);
    for (unsigned i = take(t, 8); i > 0; i--) {
        put_property(w, t, margin);
    }
    put(w, "%s  }\n", margin);
    if (depth < 4 && take(t, 3)) {
        put_node(w, t, depth + 1);
    }
}

/* ---- the personality ----------------------------------------------------------------------- */

static void put_value(struct written *w, struct taken *t, unsigned depth)
{
    unsigned v = numbers[take(t, COUNT(numbers))];
    switch (take(t, depth ? 6 : 8)) {
    case 0:
        put(w, "<string>%s</string>", words[take(t, COUNT(words))]);
        break;
    case 1:
        put(w, "<string>0x%08x&amp;0x%08x 0x%08x</string>", v << 16 | 0x1234,
            take(t, 2) ? 0xffffffffU : 0xffffU, v);
        break;
    case 2:
        put(w, take(t, 2) ? "<true/>" : "<false/>");
        break;
    case 3:
        put(w, "<data>NBIAAA==</data>");
        break;
    case 6:
        put(w, "<dict><key>%s</key>", keys[take(t, COUNT(keys))]);
        put_value(w, t, 1);
        put(w, "<key>%s</key>", keys[take(t, COUNT(keys))]);
        put_value(w, t, 1);
        put(w, "</dict>");
        break;
    case 7:
        put(w, "<array>");
        put_value(w, t, 1);
        put_value(w, t, 1);
        put(w, "</array>");
        break;
    default:
        put(w, "<integer>%u</integer>", v);
    }
}

static void put_personality(struct written *w, struct taken *t, unsigned number)
{
    put(w,
        "<key>P%u</key><dict><key>CFBundleIdentifier</key><string>com.example.d</string>"
        "<key>IOClass</key><string>IOUserService</string><key>IOProviderClass</key>"
        "<string>%s</string>",
        number, classes[take(t, COUNT(classes))]);
    if (take(t, 4)) {
        put(w, "<key>IOUserServerName</key><string>com.example.d</string><key>IOUserClass</key>"
               "<string>D</string><key>CFBundleIdentifierKernel</key>"
               "<string>com.apple.kpi.iokit</string>");
    }
    for (unsigned i = take(t, 7); i > 0; i--) {
        put(w, "<key>%s</key>", keys[take(t, COUNT(keys))]);
        put_value(w, t, 0);
    }
    put(w, "</dict>\n");
}

/* ---- what has to hold ---------------------------------------------------------------------- */

static void check_decision(const struct dext_match_decision *d)
{
    bool failed = false;
    for (size_t i = 0; i < d->check_count; i++) {
        const struct dext_match_check *c = &d->checks[i];
        failed |= c->answer == DEXT_MATCH_NO && c->phase != DEXT_MATCH_START;
        hold(c->text && c->text[0]);
    }
    hold(!d->check_count || failed == (d->answer == DEXT_MATCH_NO));
    hold((d->outcome == DEXT_MATCH_FAILS) == (d->answer == DEXT_MATCH_NO));
    hold(d->outcome_text && d->outcome_text[0]);
}

/* The answer that one call gives for a personality on a node, -1: none. */
static int answer_in(const struct dext_match_result *r, const char *name, size_t node)
{
    for (size_t i = 0; i < r->decision_count; i++) {
        const struct dext_match_decision *d = &r->decisions[i];
        if (d->node->index == node && strcmp(d->personality->name, name) == 0) {
            return (int)d->answer;
        }
    }
    return -1;
}

static void ask(struct dext_match *m)
{
    const struct dext_match_result *r, *why;
    if (dext_match_run(m, NULL, &r) != DEXT_OK) {
        return;
    }
    for (size_t i = 0; i < r->decision_count; i++) {
        check_decision(&r->decisions[i]);
    }
    if (dext_match_why(m, "Dev", NULL, &why) != DEXT_OK) {
        return;
    }
    for (size_t i = 0; i < why->decision_count; i++) {
        const struct dext_match_decision *d = &why->decisions[i];
        check_decision(d);
        int said = answer_in(r, d->personality->name, d->node->index);
        hold(said < 0 ? d->answer == DEXT_MATCH_NO : said == (int)d->answer);
    }
}

/* What is said to match the device does so, or may, when it is read again. */
static void suggest(struct dext_ctx *ctx, struct dext_match *m, const struct written *dump,
                    const char *family)
{
    const struct dext_match_suggestion *s;
    const struct dext_match_result *r;
    if (dext_match_suggest(m, "Dev", family, &s) != DEXT_OK || !s->check ||
        s->check->answer == DEXT_MATCH_NO) {
        return; /* the device does not show what the keys need */
    }
    size_t n = strlen(s->plist) + 300;
    char *plist = malloc(n);
    hold(plist != NULL);
    /* What is suggested is one entry of IOKitPersonalities: its key and its dictionary. */
    (void)snprintf(plist, n,
                   "<plist><dict><key>IOKitPersonalities</key><dict>%s%s</dict></dict></plist>",
                   strncmp(s->plist, "<dict", 5) == 0 ? "<key>A</key>" : "", s->plist);
    struct dext_match *again = dext_match_new(ctx);
    hold(dext_match_parse_dump(again, "dump", dump->text, dump->n) == DEXT_OK);
    if (dext_match_add_bytes(again, "made.plist", plist, strlen(plist)) == DEXT_OK &&
        dext_match_why(again, "Dev", NULL, &r) == DEXT_OK) {
        bool may = false;
        for (size_t i = 0; i < r->decision_count; i++) {
            may |= r->decisions[i].answer != DEXT_MATCH_NO;
        }
        hold(may);
    }
    sink += strlen(s->entitlements);
    free(plist);
}

static void make_project(struct dext_ctx *ctx, const struct written *dump, const char *family)
{
    const struct dext_init *made;
    struct dext_init_wish wish = {.node = "Dev", .name = "AcmeMeter", .family = family};
    if (dext_registry_parse(&wish.registry, ctx, "dump", dump->text, dump->n) != DEXT_OK ||
        dext_init_make(ctx, &wish, &made) != DEXT_OK) {
        return;
    }
    for (size_t i = 0; i < made->file_count; i++) {
        hold(strlen(made->files[i].text) == made->files[i].size);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct written dump, plist;
    struct taken t = {data, data + size};
    const char *family = NULL, *summary;
    dump.n = plist.n = 0;
    put(&dump, "+-o Root  <class IORegistryEntry, id 0x100000100, retain 12>\n");
    unsigned chosen = take(&t, 40);
    put_node(&dump, &t, 1);
    put(&plist, "<?xml version=\"1.0\"?><plist version=\"1.0\"><dict><key>CFBundlePackageType</key>"
                "<string>DEXT</string><key>IOKitPersonalities</key><dict>");
    for (unsigned i = take(&t, 4) + 1; i > 0; i--) {
        put_personality(&plist, &t, i);
    }
    put(&plist, "</dict></dict></plist>");
    struct dext_ctx *ctx = dext_ctx_new(NULL);
    struct dext_match *m = dext_match_new(ctx);
    hold(dext_match_parse_dump(m, "dump", dump.text, dump.n) == DEXT_OK);
    if (dext_match_add_bytes(m, "Info.plist", plist.text, plist.n) == DEXT_OK) {
        ask(m);
    }
    if (!dext_match_family_at(chosen, &family, &summary)) {
        family = NULL;
    }
    suggest(ctx, m, &dump, family);
    if (chosen & 1) {
        make_project(ctx, &dump, family);
    }
    dext_ctx_free(ctx);
    return 0;
}
