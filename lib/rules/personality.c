/* DX201-DX207, DX217-DX219, DX221-DX226: the classes and names in a personality, and personalities
 * side by side. */
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
    size_t at = p->user_class->key_at.offset;
    if (c->doc->pl->format != DEXT_PLIST_XML || !p->user_class->key_at.length ||
        (!id && c->unit->built) || dx_is_blank(id) || strpbrk(value, "&<>")) {
        return;
    }
    const char *data = c->doc->pl->src.data;
    size_t from = at;
    while (from && (data[from - 1] == ' ' || data[from - 1] == '\t')) {
        from--;
    }
    if (from == 0 || data[from - 1] != '\n') {
        return;
    }
    const char *line_end = from > 1 && data[from - 2] == '\r' ? "\r\n" : "\n";
    int indent = (int)(at - from);
    dx_edit(c, from, 0,
            dx_sprintf(&c->ctx->arena, "%.*s<key>IOUserServerName</key>%s%.*s<string>%s</string>%s",
                       indent, data + from, line_end, indent, data + from, value, line_end));
}

/* The kernel class is one that calls into a process, so there ought to be one. Of the family-less
 * ones, UVCService stands for codeless extensions. */
static bool calls_a_process(const struct dx_personality *p)
{
    return p->kernel && p->kernel->status == KB_IOCLASS_STATUS_DRIVERKIT &&
           *kb_first(p->kernel->family);
}

static void process(struct dx_check *c, const struct dx_personality *p)
{
    if (p->server_name) {
        (void)lacks(c, DX_MISSING_USER_CLASS, p, p->user_class, "IOUserClass");
        (void)lacks(c, DX_MISSING_USER_SERVER_NAME, p, p->server_name, "IOUserServerName");
    } else if (p->user_class) {
        if (lacks(c, DX_MISSING_USER_SERVER_NAME, p, NULL, "IOUserServerName")) {
            add_server_name(c, p);
        }
    } else if (calls_a_process(p) && dx_is_absent(c, p->dict, "IOUserServerName") &&
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
static bool names_itself(const struct dx_check *c, const struct dext_node *n)
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

static void bundle_id(struct dx_check *c, const struct dx_personality *p)
{
    struct dx_str value, id;
    if (!p->bundle_id || names_itself(c, p->bundle_id) || !dx_value(c, p->bundle_id, &value) ||
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

/* ---- kernel class and bundle ---------------------------------------------------------------- */

/* The kext matters: it is not there from the start of the system on. */
static bool kext_matters(const struct kb_ioclass *kernel)
{
    return *kb_first(kernel->wrong_bundle);
}

static bool lacks_harmlessly(const struct dx_personality *p)
{
    return p->is_dext && !p->kernel_bundle && p->kernel && !kext_matters(p->kernel) &&
           p->kernel->status == KB_IOCLASS_STATUS_DRIVERKIT;
}

/* Where the key is harmless to miss it is told once, at the first personality: how many there are
 * from p on, or 0 when p is not the first. */
static size_t lacking(const struct dx_check *c, const struct dx_personality *p)
{
    size_t count = 0;
    for (const struct dx_personality *q = c->all; q < c->all + c->all_count; q++) {
        bool lacks_too = lacks_harmlessly(q);
        if (lacks_too && q < p) {
            return 0;
        }
        count += lacks_too;
    }
    return count;
}

static void no_kernel_bundle(struct dx_check *c, const struct dx_personality *p)
{
    if (p->kernel->status != KB_IOCLASS_STATUS_DRIVERKIT || !*kb_first(p->kernel->kernel_bundle) ||
        !dx_is_absent(c, p->dict, "CFBundleIdentifierKernel")) {
        return;
    }
    const char *right = kb_first(p->kernel->kernel_bundle);
    if (kext_matters(p->kernel)) {
        dx_find(c, DX_MISSING_KERNEL_BUNDLE_ID, dx_at_key(p->dict),
                "\"%s\" has no CFBundleIdentifierKernel, but IOClass %s of %s", p->name,
                p->ioclass->text.p, right);
        dx_severity(c, DEXT_WARNING);
        dx_why(c, "Nothing asks for that kext then. If it is not loaded, its class is not there: "
                  "the log says \"Couldn't alloc class\" and the personality is passed over.");
    } else {
        size_t count = lacking(c, p);
        if (count == 0) {
            return;
        }
        const char *others =
            count == 1   ? ""
            : count == 2 ? " (and one more personality)"
                         : dx_sprintf(&c->ctx->arena, " (and %zu more personalities)", count - 1);
        dx_find(c, DX_MISSING_KERNEL_BUNDLE_ID, dx_at_key(p->dict),
                "\"%s\" has no CFBundleIdentifierKernel%s", p->name, others);
    }
    dx_fix(c, "Add CFBundleIdentifierKernel %s.", right);
}

/* A kext that is known for other classes, and not for this one. */
static bool is_bundle_of_another(const struct kb_ioclass *kernel, struct dx_str bundle)
{
    bool known = false;
    for (size_t i = 0; i < kb_ioclass_count && !known; i++) {
        known = dx_kb_list_has(kb_ioclass_rows[i].kernel_bundle, bundle);
    }
    return known && kext_matters(kernel) && !dx_kb_list_has(kernel->kernel_bundle, bundle);
}

static void kernel_bundle(struct dx_check *c, const struct dx_personality *p)
{
    struct dx_str bundle;
    const char *right = kb_first(p->kernel->kernel_bundle);
    if (!p->kernel_bundle) {
        no_kernel_bundle(c, p);
        return;
    }
    if (names_itself(c, p->kernel_bundle)) {
        dx_find(c, DX_WRONG_KERNEL_BUNDLE_ID, dx_at(p->kernel_bundle),
                "CFBundleIdentifierKernel names the driver extension itself, not a kext");
        if (!kext_matters(p->kernel)) {
            dx_why(c,
                   "The key names the kext that has IOClass; a driver extension has no kernel "
                   "code. %s is always in the kernel, so that no harm is done here.",
                   p->ioclass->text.p);
        }
    } else if (dx_value(c, p->kernel_bundle, &bundle) &&
               (dx_kb_list_has(p->kernel->wrong_bundle, bundle) ||
                is_bundle_of_another(p->kernel, bundle))) {
        dx_find(c, DX_WRONG_KERNEL_BUNDLE_ID, dx_at(p->kernel_bundle),
                "CFBundleIdentifierKernel is %.*s, but %s is in %s", (int)bundle.n, bundle.p,
                p->ioclass->text.p, right);
    } else {
        return;
    }
    if (*right) {
        dx_fix(c, "Write %s.", right);
        dx_edit_replace_text(c, p->kernel_bundle, right);
    }
}

/* ---- classes that are not known ------------------------------------------------------------- */

#define MOST_SLIPS 2 /* letters that may be wrong */

static const char *nearest_ioclass(struct dx_str have)
{
    const char *best = NULL;
    size_t least = MOST_SLIPS + 1;
    for (size_t i = 0; i < kb_ioclass_count; i++) {
        const struct kb_ioclass *row = &kb_ioclass_rows[i];
        size_t d = dx_str_distance(have, dx_str(kb_s(row->ioclass)), MOST_SLIPS);
        if (row->status == KB_IOCLASS_STATUS_DRIVERKIT && d <= least && d <= MOST_SLIPS) {
            best = d < least ? kb_s(row->ioclass) : NULL; /* NULL: it could be either */
            least = d;
        }
    }
    return best;
}

static const char *nearest_provider(struct dx_str have)
{
    const char *best = NULL;
    size_t least = MOST_SLIPS + 1;
    for (size_t i = 0; i < kb_provider_count; i++) {
        const struct kb_provider *row = &kb_provider_rows[i];
        size_t d = dx_str_distance(have, dx_str(kb_s(row->provider)), MOST_SLIPS);
        if (row->status == KB_PROVIDER_STATUS_CURRENT && d <= least && d <= MOST_SLIPS) {
            best = d < least ? kb_s(row->provider) : NULL;
            least = d;
        }
    }
    return best;
}

/* A kext of the author's own may bring the class. */
static bool has_own_kext(const struct dx_check *c, const struct dx_personality *p)
{
    struct dx_str bundle;
    return p->kernel_bundle &&
           (!dx_value(c, p->kernel_bundle, &bundle) ||
            (!dx_str_has_prefix(bundle, "com.apple.") && !names_itself(c, p->kernel_bundle)));
}

static void unknown_ioclass(struct dx_check *c, const struct dx_personality *p)
{
    struct dx_str name = p->ioclass->text;
    const char *near = nearest_ioclass(name);
    if (near) {
        dx_find(c, DX_UNKNOWN_IO_CLASS, dx_at(p->ioclass), "IOClass %s is not known; is %s meant?",
                name.p, near);
        dx_severity(c, DEXT_WARNING);
        dx_fix(c, "Write %s.", near);
        dx_edit_replace_text(c, p->ioclass, near);
        return;
    }
    bool apple = dx_str_has_prefix(name, "IO") || dx_str_has_prefix(name, "Apple");
    bool own = p->user_class && dx_node_equal(p->ioclass, p->user_class);
    dx_find(c, DX_UNKNOWN_IO_CLASS, dx_at(p->ioclass),
            own ? "IOClass %s is the driver's own class, which the kernel does not have"
                : "IOClass %s is no class that driver extensions are known to stand on",
            name.p);
    if (!own || apple || has_own_kext(c, p)) {
        dx_severity(c, DEXT_WARNING);
    }
}

static void unknown_classes(struct dx_check *c, const struct dx_personality *p)
{
    if (!p->kernel && dx_is_literal(p->ioclass) && !dx_is_blank(p->ioclass) &&
        !dx_template_leftover(p->ioclass->text)) {
        unknown_ioclass(c, p);
    }
    const char *near =
        !p->bus && dx_is_literal(p->provider) ? nearest_provider(p->provider->text) : NULL;
    if (near) {
        dx_find(c, DX_UNKNOWN_PROVIDER_CLASS, dx_at(p->provider),
                "IOProviderClass %s is not known; is %s meant?", p->provider->text.p, near);
        dx_fix(c, "Write %s.", near);
        dx_edit_replace_text(c, p->provider, near);
    }
}

void dx_check_personality(struct dx_check *c, const struct dx_personality *p)
{
    if (dx_is_stray_client(p->dict)) {
        return; /* nested-user-client */
    }
    dx_check_required(c, p);
    process(c, p);
    if (!p->is_dext) {
        return;
    }
    dx_check_user_class(c, p->user_class);
    bundle_id(c, p);
    one_process(c, p);
    if (p->kernel) {
        kernel_bundle(c, p);
    }
    unknown_classes(c, p);
    dx_check_clients(c, p);
}

/* ---- all of them together ------------------------------------------------------------------- */

/* Enough for any driver; beyond it, comparing each with all would take too long. */
#define MOST_PERSONALITIES 2000

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
    if (c->all_count > MOST_PERSONALITIES) {
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
    for (size_t i = 0; i < c->all_count && c->all_count <= MOST_PERSONALITIES; i++) {
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
    }
    dx_check_stray_clients(c, root, all);
}
