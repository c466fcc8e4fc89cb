/* The personalities of a kext as a driver extension writes them. */
#include <string.h>

#include "migrate/plan.h"

/* ---- what it stands on ---------------------------------------------------------------------- */

/* The provider that a driver extension names instead; NULL: there is none. */
static const char *modern_provider(const struct dext_node *dict, struct dx_str provider)
{
    if (dx_str_is(provider, "IOResources")) {
        return "IOUserResources"; /* a driver extension of others is not matched on IOResources */
    }
    const struct kb_provider *row = dx_kb_provider(provider);
    /* On IOService a name is that of a device of ACPI or the device tree. */
    bool by_name =
        row && row->status == KB_PROVIDER_STATUS_TOO_BROAD && dx_get(dict, "IONameMatch");
    const struct kb_kext_base *base = dx_kb_kext_base(provider);
    if (!row || row->status == KB_PROVIDER_STATUS_REFUSED || by_name ||
        (base && base->way == KB_KEXT_BASE_WAY_NONE)) {
        return NULL;
    }
    return *kb_s(row->instead) ? kb_s(row->instead) : kb_s(row->provider);
}

static const char *why_none(struct dx_plan *p, struct dx_str provider)
{
    const struct kb_provider *broad = dx_kb_provider(provider);
    if (broad && broad->status == KB_PROVIDER_STATUS_TOO_BROAD) {
        return "IONameMatch names a device of ACPI or the device tree, which DriverKit has no "
               "access to";
    }
    const struct kb_kext_base *row = dx_kb_kext_base(provider);
    struct dx_str base = row ? (struct dx_str){"", 0} : dx_plan_base(p, provider);
    row = row ? row : base.n ? dx_kb_kext_base(base) : NULL;
    return row && row->way == KB_KEXT_BASE_WAY_NONE
               ? kb_s(row->text)
               : dx_sprintf(&p->ctx->arena,
                            "no class that a driver extension is known to match on");
}

/* ---- the dictionary ------------------------------------------------------------------------- */

static void string(struct dx_buf *b, const char *indent, const char *key, const char *value)
{
    dx_buf_printf(b, "%s<key>%s</key>\n%s<string>", indent, key, indent);
    dx_buf_xml(b, dx_str(value));
    dx_buf_puts(b, "</string>\n");
}

/* Keys that the new dictionary writes itself, or that have no meaning in it. */
static bool is_replaced(struct dx_str key)
{
    static const char *const keys[] = {"CFBundleIdentifier",
                                       "CFBundleIdentifierKernel",
                                       "IOClass",
                                       "IOProviderClass",
                                       "IOUserClass",
                                       "IOUserServerName",
                                       "IOUserClientClass",
                                       "IOMatchCategory",
                                       "IOKitDebug",
                                       "IOProbeScore"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (dx_str_is(key, keys[i])) {
            return true;
        }
    }
    return false;
}

/* White space that the line of an offset begins with. */
static size_t indent_of(const struct dx_source *src, size_t offset)
{
    size_t from = offset, n = 0;
    while (from && src->data[from - 1] != '\n') {
        from--;
    }
    while (from + n < offset && (src->data[from + n] == ' ' || src->data[from + n] == '\t')) {
        n++;
    }
    return n;
}

/* The element as it stands in the file, one level deep. */
static void personality_kept(struct dx_buf *b, const struct dx_doc *doc, const struct dext_node *n)
{
    const struct dx_source *src = &doc->pl->src;
    size_t end = n->at.offset + n->at.length;
    if (doc->pl->format != DEXT_PLIST_XML || !n->at.length || end > src->size) {
        return;
    }
    dx_buf_puts(b, "\t<key>");
    dx_buf_xml(b, n->key);
    dx_buf_puts(b, "</key>\n");
    size_t base = indent_of(src, n->at.offset);
    for (size_t at = n->at.offset; at < end;) {
        const char *nl = memchr(src->data + at, '\n', end - at);
        size_t to = nl ? (size_t)(nl - src->data) : end;
        dx_buf_puts(b, "\t");
        dx_buf_add(b, src->data + at, to - at - (to > at && src->data[to - 1] == '\r'));
        dx_buf_puts(b, "\n");
        at = to + 1;
        for (size_t k = 0; k < base && at < end && (src->data[at] == ' ' || src->data[at] == '\t');
             k++) {
            at++;
        }
    }
}

/* "com.vendor.HoRNDIS" is a legal class name in a kext's plist, not in a driver extension. */
static const char *personality_class_name(struct dx_plan *p, const struct dext_node *ioclass)
{
    return ioclass && dx_is_literal(ioclass) && ioclass->text.n
               ? dx_strndup(&p->ctx->arena, ioclass->text.p, ioclass->text.n)
               : "MyDriver";
}

static const char *personality_dictionary(struct dx_plan *p, const struct dx_doc *doc,
                                          const struct dext_node *dict, const char *provider,
                                          const struct kb_family *f)
{
    struct dx_buf b;
    dx_buf_init(&b, &p->ctx->arena, (size_t)1 << 20);
    dx_buf_puts(&b, "<key>");
    dx_buf_xml(&b, dict->key);
    dx_buf_puts(&b, "</key>\n<dict>\n");
    string(&b, "\t", "CFBundleIdentifier", "$(PRODUCT_BUNDLE_IDENTIFIER)");
    string(&b, "\t", "CFBundleIdentifierKernel",
           f && *kb_first(f->kernel_bundle) ? kb_first(f->kernel_bundle) : "com.apple.kpi.iokit");
    string(&b, "\t", "IOClass", f ? kb_s(f->ioclass) : "IOUserService");
    string(&b, "\t", "IOProviderClass", provider);
    string(&b, "\t", "IOUserClass", personality_class_name(p, dx_get(dict, "IOClass")));
    string(&b, "\t", "IOUserServerName", "$(PRODUCT_BUNDLE_IDENTIFIER)");
    for (const struct dext_node *n = dict->child; n; n = n->next) {
        if (!n->overridden && !is_replaced(n->key)) {
            personality_kept(&b, doc, n);
        }
    }
    if (p->client) {
        dx_buf_puts(&b, "\t<key>UserClientProperties</key>\n\t<dict>\n");
        string(&b, "\t\t", "IOClass", "IOUserUserClient");
        string(&b, "\t\t", "IOUserClass", p->client);
        dx_buf_puts(&b, "\t</dict>\n");
    }
    dx_buf_puts(&b, "</dict>\n");
    return b.toobig ? "" : dx_buf_str(&b).p;
}

/* ---- one personality ------------------------------------------------------------------------ */

/* The family of the class that it starts. */
static const struct kb_family *family_of(const struct dx_plan *p, const struct dext_node *ioclass,
                                         const char **obstacle)
{
    struct dx_str name =
        ioclass && ioclass->kind == DEXT_STRING ? ioclass->text : (struct dx_str){"", 0};
    struct dx_str base = dx_plan_base(p, name);
    const struct kb_kext_base *row = dx_kb_kext_base(base.n ? base : name);
    *obstacle = row && row->way == KB_KEXT_BASE_WAY_NONE ? kb_s(row->text) : NULL;
    return row ? dx_kb_family(kb_s(row->family)) : NULL;
}

static void personality_entitlements(struct dx_plan *p, const struct kb_family *f,
                                     const char *transport)
{
    dx_plan_entitlement(p, DX_ENT_BASE);
    dx_plan_entitlement(p, transport);
    for (const char *e = f ? kb_first(f->entitlement) : ""; *e; e = kb_next(e)) {
        dx_plan_entitlement(p, e);
    }
}

/* A nub that the kext publishes itself: an object of the driver extension, matched by its class. */
static bool is_own_nub(const struct dx_plan *p, struct dx_str provider)
{
    return dx_plan_class(p, provider) != NULL;
}

static const char *without_hardware(const struct kb_family *f, const char *provider)
{
    return f && provider && strcmp(kb_s(f->family), "audio") == 0 &&
                   strcmp(provider, "IOUserResources") == 0
               ? "a device without hardware: AudioDriverKit is for audio hardware, a virtual "
                 "device is an Audio Server plug-in"
               : NULL;
}

/* patcher: why nothing of its kext can be moved, or NULL. */
static void personality_add(struct dx_plan *p, const struct dx_doc *doc,
                            const struct dext_node *dict, const char *patcher)
{
    const struct dext_node *provider = dx_get_kind(dict, "IOProviderClass", DEXT_STRING);
    const struct dext_node *ioclass = dx_get(dict, "IOClass");
    if (!provider) {
        return;
    }
    struct dext_migrate *m = p->out;
    const char *obstacle, *transport = "";
    const char *modern = modern_provider(dict, provider->text);
    const struct kb_family *f = family_of(p, ioclass, &obstacle);
    bool own = !modern && is_own_nub(p, provider->text);
    modern = own ? "IOUserService" : modern;
    obstacle = patcher ? patcher : obstacle ? obstacle : without_hardware(f, modern);
    struct dext_migrate_personality *q =
        DX_PUSH(&p->ctx->arena, m->personalities, m->personality_count, p->personality_cap);
    *q = (struct dext_migrate_personality){
        .name = dx_strndup(&p->ctx->arena, dict->key.p, dict->key.n),
        .file = doc->path,
        .line = dict->key_at.line,
        .provider = dx_strndup(&p->ctx->arena, provider->text.p, provider->text.n),
        .provider_dext = modern && !patcher ? modern : "",
        .way = !modern || obstacle ? DEXT_MIGRATE_NONE : DEXT_MIGRATE_OTHER,
        .framework = "",
        .text = obstacle ? obstacle
                : modern ? ""
                         : why_none(p, provider->text),
        .plist = ""};
    if (q->way == DEXT_MIGRATE_NONE) {
        p->obstacle =
            p->obstacle ? p->obstacle
                        : dx_sprintf(&p->ctx->arena, "%s: %s",
                                     obstacle && ioclass ? ioclass->text.p : q->provider, q->text);
        return;
    }
    q->framework = dx_kb_transport(dx_kb_provider(dx_str(modern)), &transport);
    q->plist = personality_dictionary(p, doc, dict, modern, f);
    if (own) {
        q->text = "a nub of the kext's own: publish an IOService of the driver and match it by "
                  "IOPropertyMatch";
    }
    p->family = p->family ? p->family : f;
    dx_plan_framework(p, q->framework);
    dx_plan_framework(p, f ? kb_s(f->framework) : "");
    personality_entitlements(p, f, transport);
}

/* What stands on the kext's own nubs goes with those that stand on the system's. */
static void own_nubs(struct dx_plan *p)
{
    struct dext_migrate *m = p->out;
    bool some = false;
    for (size_t i = 0; i < m->personality_count; i++) {
        const struct dext_migrate_personality *q = &m->personalities[i];
        some = some || (q->way != DEXT_MIGRATE_NONE && !dx_plan_class(p, dx_str(q->provider)));
    }
    for (size_t i = 0; !some && i < m->personality_count; i++) {
        struct dext_migrate_personality *q = &m->personalities[i];
        if (q->way != DEXT_MIGRATE_NONE) {
            q->way = DEXT_MIGRATE_NONE;
            q->provider_dext = q->plist = q->framework = "";
            q->text = "it stands on what the kext itself publishes, which no driver extension can";
        }
    }
    if (!some) {
        m->framework_count = m->entitlement_count = 0;
    }
}

/* A library that is one of the kexts that are moved together. */
static bool is_among(const struct dx_plan *p, const char *id)
{
    for (size_t i = 0; i < p->info_count; i++) {
        const struct dext_node *n =
            dx_get_kind(p->infos[i]->pl->root, "CFBundleIdentifier", DEXT_STRING);
        if (!n || dx_has_placeholder(n->text) || dx_str_is(n->text, id)) {
            return true; /* an id that only the build knows may be it */
        }
    }
    return false;
}

/* Returns why a library makes the kext what no driver extension can be, or NULL. */
static const char *libraries(struct dx_plan *p, const struct dx_doc *doc)
{
    const char *why = NULL;
    const struct dext_node *all = dx_get_kind(doc->pl->root, "OSBundleLibraries", DEXT_DICT);
    for (const struct dext_node *n = all ? all->child : NULL; n; n = n->next) {
        const char *id = dx_strndup(&p->ctx->arena, n->key.p, n->key.n);
        bool foreign = !dx_str_has_prefix(n->key, "com.apple.") && !dx_has_placeholder(n->key);
        const struct kb_kext_base *row = foreign ? dx_kb_kext_base(n->key) : NULL;
        if (row) {
            p->patcher = row;
            why = dx_sprintf(&p->ctx->arena, "it links against %s, %s", id, kb_s(row->text));
        } else if (foreign && !p->library && !is_among(p, id)) {
            p->library = id;
        }
    }
    return why;
}

void dx_plan_personalities(struct dx_plan *p)
{
    for (size_t i = 0; i < p->info_count; i++) {
        const char *patcher = libraries(p, p->infos[i]);
        const struct dext_node *all =
            dx_get_kind(p->infos[i]->pl->root, "IOKitPersonalities", DEXT_DICT);
        for (const struct dext_node *n = all ? all->child : NULL; n; n = n->next) {
            if (n->kind == DEXT_DICT && !n->overridden) {
                personality_add(p, p->infos[i], n, patcher);
            }
        }
    }
    own_nubs(p);
}
