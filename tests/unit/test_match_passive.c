/* The simulator against the kernel's algorithm written down once more (passive_model.c), over
 * generated trees and personalities: a million pairs, DEXTCTL_QUICK a hundredth of it. A tree goes
 * to the simulator as the text of ioreg -l -i, personalities as property lists, so that the readers
 * are on the way too. Names, keys and values come from small pools: most keys differ somewhere, and
 * many fit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/source.h"
#include "iokit/match.h"
#include "passive_model.h"

#define NODES 40
#define PERSONALITIES 50
#define MOST_NESTED 3

/* Everything of one round lives here. */
static char pool[1 << 20];
static size_t used;
static uint64_t seed = 0x9e3779b97f4a7c15U;

static void *take(size_t n)
{
    n = (n + 15) & ~(size_t)15;
    assert_true(used + n <= sizeof pool);
    void *p = pool + used;
    used += n;
    memset(p, 0, n);
    return p;
}

static unsigned below(unsigned n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (unsigned)((seed >> 11) % n);
}

static bool chance(unsigned percent)
{
    return below(100) < percent;
}

#define PICK(list) (list)[below(sizeof(list) / sizeof *(list))]

static const char *const names[] = {"Acme", "Beta", "Gamma"};
static const char *const keys[] = {"alpha", "beta", "gamma", "delta"};
static const char *const texts[] = {"one", "two", "", "Acme"};
static const char *const provider_names[] = {"IOService",      "IOStorage",   "IOMedia",
                                             "IOFireWireUnit", "IOPCIDevice", "IOFireWireNub"};
static const char *const pci_words[] = {"0x816810ec",
                                        "0x12348086&0xffffffff",
                                        "0x00001234 & 0x0000ffff",
                                        "0x816810ec 0xa02c8086",
                                        "0x816810ed, 0x816810ec",
                                        "0x02000000&0xffff0000",
                                        "0x01060100",
                                        ""};

/* ---- values ---------------------------------------------------------------------------------- */

static struct kv *number(uint64_t n)
{
    struct kv *v = take(sizeof *v);
    v->type = KV_NUMBER;
    v->number = n;
    return v;
}

static struct kv *string(const char *s)
{
    struct kv *v = take(sizeof *v);
    v->type = KV_STRING;
    v->text = s;
    v->size = strlen(s);
    return v;
}

static struct kv *data(const char *p, size_t n)
{
    struct kv *v = take(sizeof *v);
    v->type = KV_DATA;
    v->text = memcpy(take(n + 1), p, n);
    v->size = n;
    return v;
}

static struct kv *boolean(bool b)
{
    struct kv *v = number(b);
    v->type = KV_BOOL;
    return v;
}

static struct kv *collection(enum kv_type type, size_t most)
{
    struct kv *v = take(sizeof *v);
    v->type = type;
    v->entry = take(most * sizeof *v->entry);
    return v;
}

/* Replaces an entry of the same key. */
static void put(struct kv *c, const char *key, struct kv *value)
{
    for (size_t i = 0; key && i < c->count; i++) {
        if (strcmp(c->entry[i].key, key) == 0) {
            c->entry[i].value = value;
            return;
        }
    }
    c->entry[c->count++] = (struct kv_entry){key, value};
}

/* wanted: a personality's. Data is not asked of a string: whether that is a symbol no dump shows.
 */
static struct kv *any_value(unsigned depth, bool wanted)
{
    switch (below(depth < 2 ? 6 : 4)) {
    case 0:
        return number(chance(80) ? below(3) : UINT64_MAX);
    case 1:
        return string(PICK(texts));
    case 2:
        return wanted ? boolean(chance(50)) : data(chance(50) ? "one" : "two", chance(50) ? 3 : 4);
    case 3:
        return boolean(chance(50));
    default: {
        bool array = chance(50);
        struct kv *c = collection(array ? KV_ARRAY : KV_DICT, 3);
        for (unsigned i = below(3); i > 0; i--) {
            put(c, array ? NULL : PICK(keys), any_value(depth + 1, wanted));
        }
        return c;
    }
    }
}

/* ---- a tree ---------------------------------------------------------------------------------- */

static struct kn tree[NODES];

static struct kv *four(uint32_t n)
{
    char bytes[4] = {(char)n, (char)(n >> 8), (char)(n >> 16), (char)(n >> 24)};
    return data(bytes, 4);
}

static void pci_properties(struct kn *n)
{
    static const uint32_t numbers[][2] = {{0x10ec, 0x8168}, {0x8086, 0x1234}, {0x8086, 0xa02c}};
    const uint32_t *own = numbers[below(3)], *sub = numbers[below(3)];
    put(n->props, "vendor-id", four(own[0]));
    put(n->props, "device-id", four(own[1]));
    put(n->props, "subsystem-vendor-id", four(sub[0]));
    put(n->props, "subsystem-id", four(sub[1]));
    put(n->props, "class-code", four(chance(50) ? 0x020000 : 0x010601));
    put(n->props, "revision-id", four(below(2)));
    put(n->props, "name", data(n->name, strlen(n->name) + 1));
    put(n->props, "compatible", data("pci10ec,8168\0pciclass,020000", 28));
    if (chance(30)) {
        put(n->props, "IOPCITunnelled", boolean(true));
    }
}

static void properties(struct kn *n)
{
    static const char *const media[] = {"Whole", "Content", "Size", "BSD Name", "BSD Unit", "GUID"};
    n->props = collection(KV_DICT, 32);
    for (unsigned i = below(4); i > 0; i--) {
        put(n->props, PICK(keys), any_value(0, false));
    }
    for (unsigned i = below(3); i > 0; i--) {
        put(n->props, PICK(media), chance(50) ? number(below(2)) : string(PICK(texts)));
    }
    if (n->cls == KN_FIREWIRE) {
        put(n->props, "Unit_Spec_ID", number(below(2)));
        put(n->props, "Unit_SW_Version", number(below(2)));
    }
    if (n->cls == KN_PCI) {
        pci_properties(n);
    }
    if (chance(20)) {
        struct kv *over = collection(KV_DICT, 2);
        put(over, PICK(keys), any_value(1, false));
        put(n->props, "IOUserServiceProperties", over);
    }
    if (chance(20)) {
        put(n->props, "IOMatchCategory", string("IODefaultMatchCategory"));
    }
    if (chance(3)) {
        put(n->props, "exclave-assigned", boolean(true));
    }
}

static const char *path_of(const struct kn *n)
{
    const char *above = n->parent ? n->parent->path : "IOService:";
    size_t size = strlen(above) + strlen(n->name) + 32;
    char *text = take(size);
    if (!n->parent) {
        return "IOService:";
    }
    (void)snprintf(text, size, "%s/%s%s%s", above, n->name, n->location ? "@" : "",
                   n->location ? n->location : "");
    return text;
}

/* Node 1 hangs below the root, every other one below one that came before it; no two siblings are
 * of one name and place. */
static void grow(void)
{
    for (size_t i = 0; i < NODES; i++) {
        struct kn *n = &tree[i];
        *n = (struct kn){.id = 0x100000100 + i, .all = tree, .all_count = NODES};
        n->parent = i == 0 ? NULL : &tree[i == 1 ? 0 : 1 + below((unsigned)(i < 8 ? 1 : i - 1))];
        n->name = i == 0 ? "Root" : PICK(names);
        n->cls = i == 0 ? KN_ROOT : (enum kn_class)(1 + below(KN_CLASSES - 1));
        char *place = take(8);
        (void)snprintf(place, 8, "%zx", chance(70) ? i + 16 : i + 100);
        n->location = i == 0 ? NULL : place;
        n->registered = !chance(10);
        n->matched = !chance(20);
        n->inactive = chance(5);
        n->path = path_of(n);
        properties(n);
    }
}

static bool is_below(const struct kn *n, const struct kn *top)
{
    while (n && n != top) {
        n = n->parent;
    }
    return n != NULL;
}

/* One alias, to a node from which there is no way back to it: the kernel would never end. */
static void add_alias(void)
{
    struct kn *from = &tree[1 + below(NODES - 1)], *to = &tree[1 + below(NODES - 1)];
    if (from != to && !is_below(to, from) && chance(70)) {
        put(from->props, "IOServiceLegacyMatchingRegistryID", number(to->id));
    }
}

/* ---- personalities --------------------------------------------------------------------------- */

static struct kv *some_names(void)
{
    static const char *const more[] = {"Acme", "Beta",         "pci10ec,8168",
                                       "pci*", "pciclass,020", "pciclass,02000*"};
    if (chance(60)) {
        return string(PICK(more));
    }
    bool array = chance(80);
    struct kv *c = collection(array ? KV_ARRAY : KV_DICT, 4);
    for (unsigned i = below(4); i > 0; i--) {
        put(c, array ? NULL : PICK(more), chance(90) ? string(PICK(more)) : number(1));
    }
    return c;
}

static struct kv *some_properties(const struct kn *like)
{
    struct kv *d = collection(KV_DICT, 4);
    for (unsigned i = below(3); i > 0; i--) {
        const char *key = PICK(keys);
        const struct kv *have = kv_get(like->props, key);
        bool same = have && have->type != KV_DATA && chance(80);
        struct kv *copy = take(sizeof *copy);
        if (same) {
            *copy = *have;
        }
        put(d, key, same ? copy : any_value(0, true));
    }
    return d;
}

static struct kv *some_dictionaries(const struct kn *like)
{
    if (chance(60)) {
        return some_properties(like);
    }
    struct kv *c = collection(KV_ARRAY, 4);
    for (unsigned i = below(4); i > 0; i--) {
        put(c, NULL, chance(90) ? some_properties(like) : string("one"));
    }
    return chance(95) ? c : number(1);
}

static struct kv *some_keys(void)
{
    if (chance(60)) {
        return string(PICK(keys));
    }
    struct kv *c = collection(KV_ARRAY, 4);
    for (unsigned i = below(4); i > 0; i--) {
        put(c, NULL, chance(90) ? string(PICK(keys)) : number(1));
    }
    return c;
}

static void family_keys(struct kv *t)
{
    static const char *const compared[] = {
        "Whole", "Content", "Size", "Unit_Spec_ID", "Unit_SW_Version", "GUID", "unheard-of"};
    static const char *const pci[] = {"IOPCIMatch", "IOPCIPrimaryMatch", "IOPCISecondaryMatch",
                                      "IOPCIClassMatch"};
    if (chance(20)) {
        struct kv *text = chance(70) ? string(PICK(texts)) : data("two", chance(50) ? 3 : 4);
        put(t, PICK(compared), chance(50) ? number(below(2)) : text);
    }
    if (chance(25)) {
        put(t, PICK(pci), string(PICK(pci_words)));
    }
    if (chance(25)) {
        put(t, "IOPCITunnelCompatible", chance(90) ? boolean(chance(80)) : string("yes"));
    }
}

/* What IOService compares, each now and then. */
static void generic_keys(struct kv *t, const struct kn *like)
{
    static const char *const bsd[] = {"BSD Name", "BSD Unit"};
    if (chance(12)) {
        put(t, "IONameMatch", some_names());
    }
    if (chance(8)) {
        put(t, "IOLocationMatch",
            chance(90) ? string(like->location ? like->location : "0") : number(1));
    }
    if (chance(15)) {
        put(t, "IOPropertyMatch", some_dictionaries(like));
    }
    if (chance(12)) {
        put(t, "IOPropertyExistsMatch", some_keys());
    }
    if (chance(5)) {
        put(t, "IOPathMatch", chance(90) ? string(like->path) : number(1));
    }
    if (chance(5)) {
        put(t, "IORegistryEntryID", chance(90) ? number(like->id) : string("1"));
    }
    if (chance(6)) {
        put(t, "IOMatchedServiceCountMatch", chance(90) ? number(below(3)) : string("1"));
    }
    if (chance(8)) {
        put(t, PICK(bsd), chance(50) ? number(below(2)) : string(PICK(texts)));
    }
    if (chance(2)) {
        put(t, "IOExclaveProxy", boolean(true));
    }
}

static struct kv *table(unsigned nested)
{
    struct kv *t = collection(KV_DICT, 24);
    const struct kn *like = &tree[1 + below(NODES - 1)];
    if (nested == 0 || chance(50)) {
        put(t, "IOProviderClass", string(PICK(provider_names)));
    }
    if (nested == 0) {
        put(t, "IOClass", string("AcmeDriver"));
    }
    if (nested == 0 && chance(50)) {
        put(t, "IOProbeScore", number(chance(90) ? below(20000) : UINT64_MAX - below(3)));
    }
    generic_keys(t, like);
    family_keys(t);
    if (nested < MOST_NESTED && chance(25)) {
        put(t, "IOParentMatch", chance(95) ? table(nested + 1) : string("no dictionary"));
    }
    return t;
}

/* ---- as the simulator reads them ------------------------------------------------------------- */

static void text_value(FILE *out, const struct kv *v)
{
    static const char *const marks[] = {"()", "{}"};
    switch (v->type) {
    case KV_NUMBER:
        (void)fprintf(out, "%llu", (unsigned long long)v->number);
        break;
    case KV_STRING:
        (void)fprintf(out, "\"%s\"", v->text);
        break;
    case KV_BOOL:
        (void)fputs(v->number ? "Yes" : "No", out);
        break;
    case KV_DATA:
        (void)fputc('<', out);
        for (size_t i = 0; i < v->size; i++) {
            (void)fprintf(out, "%02x", (unsigned char)v->text[i]);
        }
        (void)fputc('>', out);
        break;
    default:
        (void)fputc(marks[v->type == KV_DICT][0], out);
        for (size_t i = 0; i < v->count; i++) {
            (void)fprintf(out, i ? "," : "");
            if (v->type == KV_DICT) {
                (void)fprintf(out, "\"%s\"=", v->entry[i].key);
            }
            text_value(out, v->entry[i].value);
        }
        (void)fputc(marks[v->type == KV_DICT][1], out);
    }
}

static void text_node(FILE *out, const struct kn *n, int depth)
{
    (void)fprintf(out, "%*s+-o %s%s%s  <class %s, id 0x%llx", 2 * depth, "", n->name,
                  n->location ? "@" : "", n->location ? n->location : "", kn_chains[n->cls],
                  (unsigned long long)n->id);
    if (n->cls != KN_ROOT) {
        (void)fprintf(out, ", %sregistered, %smatched, %s, busy 0 (0 ms)", n->registered ? "" : "!",
                      n->matched ? "" : "!", n->inactive ? "inactive" : "active");
    }
    (void)fprintf(out, ", retain 5>\n%*s{\n", 2 * depth + 2, "");
    for (size_t i = 0; i < n->props->count; i++) {
        (void)fprintf(out, "%*s\"%s\" = ", 2 * depth + 4, "", n->props->entry[i].key);
        text_value(out, n->props->entry[i].value);
        (void)fputc('\n', out);
    }
    (void)fprintf(out, "%*s}\n", 2 * depth + 2, "");
    for (size_t i = 0; i < NODES; i++) {
        if (tree[i].parent == n) {
            text_node(out, &tree[i], depth + 1);
        }
    }
}

static void xml_text(FILE *out, const char *s)
{
    for (; *s; s++) {
        if (*s == '&') {
            (void)fputs("&amp;", out);
        } else {
            (void)fputc(*s, out);
        }
    }
}

static void xml_data(FILE *out, const struct kv *v)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    (void)fputs("<data>", out);
    for (size_t i = 0; i < v->size; i += 3) {
        uint32_t three = 0;
        size_t n = v->size - i < 3 ? v->size - i : 3;
        for (size_t k = 0; k < 3; k++) {
            three = three << 8 | (k < n ? (unsigned char)v->text[i + k] : 0);
        }
        for (size_t k = 0; k < 4; k++) {
            (void)fputc(k <= n ? digits[three >> (18 - 6 * k) & 63] : '=', out);
        }
    }
    (void)fputs("</data>", out);
}

static void xml_value(FILE *out, const struct kv *v)
{
    bool dict = v->type == KV_DICT;
    switch (v->type) {
    case KV_NUMBER:
        (void)fprintf(out, "<integer>%llu</integer>", (unsigned long long)v->number);
        break;
    case KV_STRING:
        (void)fputs("<string>", out);
        xml_text(out, v->text);
        (void)fputs("</string>", out);
        break;
    case KV_BOOL:
        (void)fputs(v->number ? "<true/>" : "<false/>", out);
        break;
    case KV_DATA:
        xml_data(out, v);
        break;
    default:
        (void)fputs(dict ? "<dict>" : "<array>", out);
        for (size_t i = 0; i < v->count; i++) {
            if (dict) {
                (void)fprintf(out, "<key>%s</key>", v->entry[i].key);
            }
            xml_value(out, v->entry[i].value);
        }
        (void)fputs(dict ? "</dict>\n" : "</array>\n", out);
    }
}

static struct dx_source written(void (*write)(FILE *, const void *), const void *what, char **text)
{
    size_t size = 0;
    FILE *out = open_memstream(text, &size);
    assert_non_null(out);
    write(out, what);
    (void)fclose(out);
    return dx_source_bytes("generated", *text, size);
}

static void write_tree(FILE *out, const void *what)
{
    text_node(out, what, 0);
}

static void write_plist(FILE *out, const void *what)
{
    (void)fputs("<plist version=\"1.0\">", out);
    xml_value(out, what);
    (void)fputs("</plist>\n", out);
}

/* ---- comparing ------------------------------------------------------------------------------- */

struct tally {
    size_t pairs, yes, parents, unlike;
};

static void tell(const struct kn *n, const struct kv *p, bool want, enum dext_match_answer have)
{
    print_message("node 0x%llx (%s): the kernel says %s, the simulator %s\n",
                  (unsigned long long)n->id, kn_chains[n->cls], want ? "yes" : "no",
                  dext_match_answer_name(have));
    write_plist(stderr, p);
    text_node(stderr, &tree[0], 0);
}

static void compare(struct dx_world *w, const struct dx_mp *mp, const struct kv *p, struct tally *t)
{
    for (size_t i = 1; i < w->reg->count; i++) {
        const struct dx_reg_node *n = w->reg->nodes[i];
        const struct kn *k = &tree[n->id - 0x100000100];
        struct dx_eval e;
        int32_t score;
        bool want = kn_matches(k, p, &score);
        enum dext_match_answer have = dx_match_eval(&e, w, mp, n, NULL);
        bool same = have == (want ? DEXT_MATCH_YES : DEXT_MATCH_NO) &&
                    (!want || !e.score.certain || e.score.final == score);
        t->pairs++;
        t->yes += want;
        t->parents += want && kv_get(p, "IOParentMatch");
        if (!same && t->unlike++ == 0) {
            tell(k, p, want, have);
        }
    }
}

static void one_round(struct tally *t)
{
    char *text, *plist;
    struct dext_ctx *ctx = dext_ctx_new(NULL);
    struct dx_registry *r;
    struct dx_world w;
    used = 0;
    grow();
    add_alias();
    struct dx_source src = written(write_tree, &tree[0], &text);
    assert_int_equal(dx_registry_read(&r, ctx, &src), DEXT_OK);
    assert_int_equal(r->count, NODES);
    dx_world_init(&w, ctx, r);
    for (size_t i = 0; i < PERSONALITIES; i++) {
        struct dx_mp mp;
        struct kv *p = table(0);
        struct dx_source xml = written(write_plist, p, &plist);
        struct dext_plist *pl = dx_plist_load(ctx, &xml);
        assert_non_null(pl->root);
        dx_mp_init(&mp, ctx, "generated", "P", pl->root, i);
        compare(&w, &mp, p, t);
        free(plist);
    }
    dext_ctx_free(ctx);
    free(text);
}

static void test_as_the_kernel(void **state)
{
    (void)state;
    struct tally t = {0};
    size_t wanted = getenv("DEXTCTL_QUICK") ? 10000 : 1000000;
    while (t.pairs < wanted && t.unlike == 0) {
        one_round(&t);
    }
    print_message("%zu pairs, %zu match, %zu of them by a parent, %zu unlike\n", t.pairs, t.yes,
                  t.parents, t.unlike);
    assert_int_equal(t.unlike, 0);
    assert_true(t.yes > t.pairs / 50 && t.parents > t.pairs / 5000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_as_the_kernel)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
