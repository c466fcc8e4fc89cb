/* DX201-DX205, DX217-DX219, DX221, DX224-DX226, DX229: the classes and names in a personality, and
 * personalities side by side. */
#include <ctype.h>
#include <string.h>

#include "rules/engine.h"
#include "rules/family.h"
#include "rules/personality.h"
#include "rules/types.h"

bool dx_is_blank(const struct dext_node *n)
{
    return n && n->kind == DEXT_STRING && dx_str_trim(n->text).n == 0;
}

bool dx_is_absent(const struct dx_check *c, const struct dext_node *dict, const char *key)
{
    if (dx_get(dict, key) || !dx_file_is_whole(c)) {
        return false;
    }
    for (const struct dext_node *n = dict->child; n; n = n->next) {
        const struct kb_key *meant = dx_meant_key(n, 1U << KB_KEY_SCOPE_PERSONALITY);
        if (meant && dx_str_is(dx_str(key), kb_s(meant->key))) {
            return false;
        }
    }
    return true;
}

bool dx_is_stray_client(const struct dext_node *n)
{
    const struct dext_node *ioclass = dx_get_kind(n, "IOClass", DEXT_STRING);
    return n->kind == DEXT_DICT && !n->overridden && !dx_get(n, "IOProviderClass") &&
           (dx_str_has_suffix(n->key, "UserClientProperties") ||
            (ioclass && dx_str_is(ioclass->text, "IOUserUserClient")));
}

/* ---- what must be there --------------------------------------------------------------------- */

static bool lacks(struct dx_check *c, enum dx_rule_index rule, const struct dx_personality *p,
                  const struct dext_node *n, const char *key)
{
    if (n ? !dx_is_blank(n) : !dx_is_absent(c, p->dict, key)) {
        return false;
    }
    dx_find(c, rule, n ? dx_at(n) : dx_at_key(p->dict), "\"%s\" has %s %s", p->name,
            n ? "an empty" : "no", key);
    return true;
}

void dx_check_required(struct dx_check *c, const struct dx_personality *p)
{
    if (!dx_is_stray_client(p->dict)) {
        (void)lacks(c, DX_MISSING_PROVIDER_CLASS, p, p->provider, "IOProviderClass");
        (void)lacks(c, DX_MISSING_IO_CLASS, p, p->ioclass, "IOClass");
    }
}

/* IOUserServerName in a line before IOUserClass, with the value that is custom: the bundle's id. */
static void add_server_name(struct dx_check *c, const struct dx_personality *p)
{
    const struct dext_node *id = dx_get(c->unit->info->pl->root, "CFBundleIdentifier");
    const char *value = id && id->kind == DEXT_STRING ? id->text.p : "$(PRODUCT_BUNDLE_IDENTIFIER)";
    if ((id || !c->unit->built) && !dx_is_blank(id)) {
        dx_edit_add_string(c, p->user_class, "IOUserServerName", value);
    }
}

static void personality_process(struct dx_check *c, const struct dx_personality *p)
{
    if (p->server_name) {
        (void)lacks(c, DX_MISSING_USER_CLASS, p, p->user_class, "IOUserClass");
        (void)lacks(c, DX_MISSING_USER_SERVER_NAME, p, p->server_name, "IOUserServerName");
    } else if (p->user_class) {
        if (lacks(c, DX_MISSING_USER_SERVER_NAME, p, NULL, "IOUserServerName")) {
            add_server_name(c, p);
        }
    } else if (!p->is_dext && dx_calls_a_process(p) &&
               dx_is_absent(c, p->dict, "IOUserServerName") &&
               dx_is_absent(c, p->dict, "IOUserClass")) {
        dx_find(c, DX_MISSING_USER_SERVER_NAME, dx_at_key(p->dict),
                "\"%s\" has neither IOUserServerName nor IOUserClass, but IOClass %s", p->name,
                p->ioclass->text.p);
        dx_severity(c, DEXT_WARNING); /* legal where no process is meant */
        dx_fix(c, "Add IOUserServerName with the bundle id, and IOUserClass with the name of your "
                  "class.");
    }
}

/* ---- names ---------------------------------------------------------------------------------- */

static bool looks_like_identifier(struct dx_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char ch = (unsigned char)s.p[i];
        if (!isalnum(ch) && ch != '_' && ch < 0x80) {
            return false;
        }
    }
    return s.n && !isdigit((unsigned char)s.p[0]);
}

void dx_check_user_class(struct dx_check *c, const struct dext_node *n)
{
    struct dx_str name;
    if (!dx_value(c, n, &name) || dx_is_blank(n) || dx_template_leftover(n->text) ||
        looks_like_identifier(name)) {
        return;
    }
    dx_find(c, DX_USER_CLASS_NOT_IDENTIFIER, dx_at(n),
            "IOUserClass \"%.*s\" is no name of a C++ class", (int)name.n, name.p);
    if (dx_str_contains(name, "::")) {
        dx_severity(c, DEXT_WARNING);
        dx_fix(c,
               "Write the name of the class alone: classes of an .iig file are in no namespace.");
    }
}

/* CFBundleIdentifier of the bundle and of the personality are the same for sure, as text or when
 * their placeholders are filled in. */
bool dx_names_itself(const struct dx_check *c, const struct dext_node *n)
{
    const struct dext_node *own =
        dx_get_kind(c->unit->info->pl->root, "CFBundleIdentifier", DEXT_STRING);
    struct dx_str value, id;
    if (n->kind != DEXT_STRING) {
        return false;
    }
    return (own && dx_node_equal(own, n)) || dx_str_is(n->text, "$(PRODUCT_BUNDLE_IDENTIFIER)") ||
           dx_str_is(n->text, "${PRODUCT_BUNDLE_IDENTIFIER}") ||
           (dx_value(c, n, &value) && dx_bundle_id(c, &id) && dx_str_eq(value, id));
}

static void personality_bundle_id(struct dx_check *c, const struct dx_personality *p)
{
    struct dx_str value, id;
    if (!p->bundle_id || dx_names_itself(c, p->bundle_id) || !dx_value(c, p->bundle_id, &value) ||
        !dx_bundle_id(c, &id)) {
        return;
    }
    dx_find(c, DX_PERSONALITY_BUNDLE_ID, dx_at(p->bundle_id),
            "CFBundleIdentifier is %.*s in \"%s\", but the bundle's is %.*s", (int)value.n, value.p,
            p->name, (int)id.n, id.p);
    const struct dext_node *own = dx_get(c->unit->info->pl->root, "CFBundleIdentifier");
    if (own) {
        dx_fix(c, "Write %s, or leave the key out: the system adds it.", own->text.p);
        dx_edit_replace_text(c, p->bundle_id, own->text.p);
    }
}

/* The kernel lets personalities share a process when the name begins with the bundle id's first
 * two parts, the dot after them included. */
static void one_process(struct dx_check *c, const struct dx_personality *p)
{
    const struct dext_node *n = dx_get(p->dict, "IOUserServerOneProcess");
    struct dx_str id, name;
    if (n && n->kind == DEXT_BOOL && !n->boolean) {
        dx_find(c, DX_SERVER_ONE_PROCESS, dx_at(n),
                "IOUserServerOneProcess is false, which counts as true: its presence is asked for");
        dx_fix(c, "Remove the key.");
        dx_edit_remove_entry(c, n);
        return;
    }
    if (!n || !dx_value(c, p->server_name, &name) || !dx_bundle_id(c, &id)) {
        return;
    }
    const char *dot = memchr(id.p, '.', id.n);
    dot = dot ? memchr(dot + 1, '.', id.n - (size_t)(dot + 1 - id.p)) : NULL;
    size_t part = dot ? (size_t)(dot + 1 - id.p) : 0;
    if (!part || name.n < part || memcmp(name.p, id.p, part) != 0) {
        dx_find(c, DX_SERVER_ONE_PROCESS, dx_at_key(n),
                "IOUserServerOneProcess is ignored: IOUserServerName %.*s does not begin with the "
                "organization of %.*s",
                (int)name.n, name.p, (int)id.n, id.p);
        dx_fix(c,
               "Begin IOUserServerName with %.*s, the first two parts of a bundle id of three or "
               "more.",
               part ? (int)part : (int)id.n, id.p);
    }
}

void dx_check_personality(struct dx_check *c, const struct dx_personality *p)
{
    if (dx_is_stray_client(p->dict)) {
        return; /* nested-user-client */
    }
    dx_check_required(c, p);
    personality_process(c, p);
    dx_check_kernel_classes(c, p);
    if (!p->is_dext) {
        return;
    }
    dx_check_user_class(c, p->user_class);
    personality_bundle_id(c, p);
    one_process(c, p);
    dx_check_clients(c, p);
}

/* ---- all of them together ------------------------------------------------------------------- */

/* Enough for any driver; beyond it, comparing each with all would take too long. */
#define MOST_COMPARED 2000

/* Equal nodes have equal sums, whatever the order of their keys; most unequal ones differ. */
static uint64_t sum(const struct dext_node *n)
{
    uint64_t h = n->kind == DEXT_INTEGER ? n->integer : 0;
    for (size_t i = 0; n->kind == DEXT_STRING && i < n->text.n; i++) {
        h = (h ^ (unsigned char)n->text.p[i]) * 0x100000001b3U;
    }
    for (const struct dext_node *e = n->child; e; e = e->next) {
        h += e->overridden ? 0 : sum(e) * (2 * e->key.n + 1);
    }
    return h;
}

static void duplicates(struct dx_check *c)
{
    if (c->all_count > MOST_COMPARED) {
        return;
    }
    uint64_t *sums = dx_calloc(&c->ctx->arena, c->all_count + 1, sizeof *sums);
    for (size_t i = 0; i < c->all_count; i++) {
        sums[i] = sum(c->all[i].dict);
        size_t k = 0;
        while (k < i && (sums[k] != sums[i] || !dx_node_equal(c->all[i].dict, c->all[k].dict))) {
            k++;
        }
        if (k < i) {
            dx_find(c, DX_DUPLICATE_PERSONALITY, dx_at_key(c->all[i].dict),
                    "\"%s\" is the same as \"%s\"", c->all[i].name, c->all[k].name);
        }
    }
}

static void collisions(struct dx_check *c, const struct dext_node *all)
{
    for (const struct dext_node *n = all->child; n; n = n->next) {
        const struct dext_node *kept = n->overridden ? dx_get(all, n->key.p) : NULL;
        if (kept && !dx_node_equal(kept, n)) { /* a mere copy is plist-duplicate-key's */
            dx_find(c, DX_PERSONALITY_NAME_COLLISION, dx_at_key(n),
                    "a later personality is called \"%s\", too: this one is dropped", n->key.p);
        }
    }
}

/* All of IOUserResources' drivers are on one nub: those of one category exclude each other. */
static bool excludes(const struct dx_personality *a, const struct dx_personality *b)
{
    return a->category && b->category && a->category->kind == DEXT_STRING &&
           dx_node_equal(a->category, b->category) && dx_node_equal(a->provider, b->provider) &&
           a->server_name && b->server_name && !dx_node_equal(a->dict, b->dict);
}

static void shared_categories(struct dx_check *c)
{
    for (size_t i = 0; i < c->all_count && c->all_count <= MOST_COMPARED; i++) {
        const struct dx_personality *p = &c->all[i];
        bool resources = p->bus && p->bus->bus == KB_PROVIDER_BUS_RESOURCES &&
                         p->bus->status == KB_PROVIDER_STATUS_CURRENT;
        for (size_t k = 0; k < i && resources; k++) {
            if (excludes(p, &c->all[k])) {
                dx_find(c, DX_SHARED_MATCH_CATEGORY, dx_at(p->category),
                        "\"%s\" has the match category of \"%s\" on %s: only one of them starts",
                        p->name, c->all[k].name, p->provider->text.p);
                break;
            }
        }
    }
}

/* Several names are legal (a process each), and so is one that several drivers share on purpose, so
 * only a single one that differs is doubted. */
static void server_name(struct dx_check *c)
{
    const struct dx_personality *first = NULL;
    struct dx_str name = {0}, other, id;
    size_t count = 0;
    for (size_t i = 0; i < c->all_count; i++) {
        const struct dx_personality *p = &c->all[i];
        if (!p->server_name || dx_is_blank(p->server_name)) {
            continue;
        }
        if (!dx_value(c, p->server_name, &other) || (first && !dx_str_eq(name, other)) ||
            dx_get(p->dict, "IOUserServerOneProcess")) {
            return;
        }
        name = first ? name : other;
        first = first ? first : p;
        count++;
    }
    if (!first || !dx_bundle_id(c, &id) || dx_str_eq(name, id) || dx_template_leftover(name) ||
        dx_str_is(name, "com.apple.null.driver")) { /* told as template-placeholder */
        return;
    }
    dx_find(c, DX_USER_SERVER_NAME_MISMATCH, dx_at(first->server_name),
            "IOUserServerName is %.*s%s, the bundle id is %.*s", (int)name.n, name.p,
            count > 1 ? " (in all personalities)" : "", (int)id.n, id.p);
}

static void no_personalities(struct dx_check *c, const struct dext_node *root,
                             const struct dext_node *all)
{
    if (all && all->kind == DEXT_DICT && all->count == 0 && dx_file_is_whole(c)) {
        dx_find(c, DX_IOKIT_PERSONALITIES_MISSING, dx_at_key(all), "IOKitPersonalities is empty");
    }
    if (all || !dx_file_is_whole(c) || dx_get(root, "IOProviderClass") || dx_get(root, "IOClass")) {
        return; /* keys outside of a personality: misplaced-personality-key */
    }
    for (const struct dext_node *n = root->child; n; n = n->next) {
        const struct kb_key *meant = dx_meant_key(n, 1U << KB_KEY_SCOPE_INFO);
        if (meant && dx_str_is(dx_str("IOKitPersonalities"), kb_s(meant->key))) {
            return; /* misspelt-info-key */
        }
    }
    dx_find(c, DX_IOKIT_PERSONALITIES_MISSING, dx_at(root),
            "the Info.plist has no IOKitPersonalities");
}

/* Personalities that were meant for a driver, and none of them can start one (engine.c took them
 * for a driver's, so that the rest is checked as well). */
static void no_driver(struct dx_check *c, const struct dext_node *all)
{
    const struct dx_personality *meant = NULL;
    for (size_t i = 0; i < c->all_count; i++) {
        const struct dx_personality *p = &c->all[i];
        if (p->user_class || p->server_name || !dx_is_absent(c, p->dict, "IOUserServerName") ||
            !dx_is_absent(c, p->dict, "IOUserClass")) {
            return;
        }
        meant = meant || !p->is_dext ? meant : p;
    }
    if (!meant) {
        return;
    }
    dx_find(c, DX_NO_DRIVER_PERSONALITY, dx_at_key(c->all_count == 1 ? meant->dict : all),
            c->all_count == 1
                ? "\"%s\" has neither IOUserServerName nor IOUserClass: nothing starts the driver"
                : "no personality has IOUserServerName and IOUserClass: nothing starts the driver",
            meant->name);
    if (dx_is_literal(meant->ioclass) && !meant->kernel) {
        dx_fix(c,
               "Add IOUserServerName with the bundle id, and name %s in IOUserClass; IOClass is "
               "the kernel's class, IOUserService for a driver of no family.",
               meant->ioclass->text.p);
    }
}

void dx_check_personalities(struct dx_check *c)
{
    const struct dext_node *root = c->unit->info->pl->root;
    if (!root || root->kind != DEXT_DICT) {
        return;
    }
    const struct dext_node *all = dx_get(root, "IOKitPersonalities");
    no_personalities(c, root, all);
    if (all && all->kind == DEXT_DICT) {
        duplicates(c);
        collisions(c, all);
        shared_categories(c);
        server_name(c);
        no_driver(c, all);
    }
    dx_check_stray_clients(c, root, all);
}
