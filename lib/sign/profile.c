/* A provisioning profile: the signed message opened, the property list in it as a model. */
#include "sign/profile.h"

#include <string.h>
#include <time.h>

#include "kb.h"
#include "know/variant.h"

bool dx_seconds(struct dx_str text, int64_t *out)
{
    text = dx_str_trim(text);
    if (!dx_parse_date(text)) {
        return false;
    }
    int v[6] = {0};
    size_t field = 0;
    for (size_t i = 0; i < text.n && field < 6; i++) {
        bool digit = text.p[i] >= '0' && text.p[i] <= '9';
        if (digit) {
            v[field] = v[field] * 10 + (text.p[i] - '0');
        }
        field += !digit;
    }
    struct tm tm = {.tm_year = v[0] - 1900,
                    .tm_mon = v[1] - 1,
                    .tm_mday = v[2],
                    .tm_hour = v[3],
                    .tm_min = v[4],
                    .tm_sec = v[5]};
    *out = (int64_t)timegm(&tm);
    return true;
}

/* ---- from the property list ---------------------------------------------------------------- */

static const char *profile_text_of(const struct dext_node *root, const char *key)
{
    const struct dext_node *n = dx_get_kind(root, key, DEXT_STRING);
    return n ? n->text.p : "";
}

static int64_t time_of(const struct dext_node *root, const char *key)
{
    const struct dext_node *n = dx_get_kind(root, key, DEXT_DATE);
    int64_t t = 0;
    return n && !n->bad && dx_seconds(n->text, &t) ? t : 0;
}

static bool bool_of(const struct dext_node *root, const char *key)
{
    const struct dext_node *n = dx_get_kind(root, key, DEXT_BOOL);
    return n && n->boolean;
}

/* The strings of an array; what is no string is left out. */
static const char *const *texts_of(struct dext_ctx *ctx, const struct dext_node *root,
                                   const char *key, size_t *count)
{
    const struct dext_node *array = dx_get_kind(root, key, DEXT_ARRAY);
    const char **list = dx_calloc(&ctx->arena, array ? array->count + 1u : 1u, sizeof *list);
    *count = 0;
    for (const struct dext_node *n = array ? array->child : NULL; n; n = n->next) {
        if (n->kind == DEXT_STRING) {
            list[(*count)++] = n->text.p;
        }
    }
    return list;
}

/* Real profiles hold one certificate or a few dozen. */
#define MOST_PROFILE_CERTS 1000

static int read_certificates(struct dx_profile *p, struct dext_ctx *ctx)
{
    const struct dext_node *array =
        dx_get_kind(p->plist->root, "DeveloperCertificates", DEXT_ARRAY);
    size_t n = array ? array->count : 0;
    if (n > MOST_PROFILE_CERTS) {
        return dx_fail(ctx, DEXT_E_LIMIT, "%s: holds %zu certificates, at most %d are read",
                       p->pub.path, n, MOST_PROFILE_CERTS);
    }
    struct dx_cert *certs = dx_calloc(&ctx->arena, n + 1, sizeof *certs);
    struct dext_certificate *pub = dx_calloc(&ctx->arena, n + 1, sizeof *pub);
    for (const struct dext_node *c = n ? array->child : NULL; c; c = c->next) {
        if (c->kind != DEXT_DATA) {
            return dx_fail(ctx, DEXT_E_FORMAT, "%s: DeveloperCertificates holds a %s", p->pub.path,
                           dext_kind_name(c->kind));
        }
        int status = dx_cert_read(&certs[p->cert_count], ctx, p->pub.path, c->text);
        if (status != DEXT_OK) {
            return status;
        }
        pub[p->cert_count] = dx_cert_public(&certs[p->cert_count]);
        p->cert_count++;
    }
    p->certs = certs;
    p->pub.certificates = pub;
    p->pub.certificate_count = p->cert_count;
    return DEXT_OK;
}

static const struct kb_entitlement *profile_known(struct dx_str key)
{
    for (size_t i = 0; i < kb_entitlement_count; i++) {
        if (dx_str_is(key, kb_s(kb_entitlement_rows[i].entitlement))) {
            return &kb_entitlement_rows[i];
        }
    }
    return NULL;
}

static void read_grants(struct dx_profile *p, struct dext_ctx *ctx)
{
    static const enum dext_grant_variant variants[] = {
        [DX_VARIANT_EITHER] = DEXT_GRANT_EITHER,
        [DX_VARIANT_DEVELOPMENT] = DEXT_GRANT_DEVELOPMENT,
        [DX_VARIANT_APPROVED] = DEXT_GRANT_APPROVED,
        [DX_VARIANT_MIXED] = DEXT_GRANT_MIXED,
    };
    const struct dext_node *all = p->pub.entitlements;
    struct dext_grant *list = dx_calloc(&ctx->arena, all ? all->count + 1u : 1u, sizeof *list);
    for (const struct dext_node *n = all ? all->child : NULL; n; n = n->next) {
        if (n->overridden) {
            continue;
        }
        const struct kb_entitlement *row = profile_known(n->key);
        list[p->pub.grant_count++] = (struct dext_grant){
            .key = n->key.p,
            .value = n,
            .variant = variants[dx_variant_of(n->key, n)],
            .driverkit = dx_str_has_prefix(n->key, "com.apple.developer.driverkit") ||
                         dx_str_has_prefix(n->key, "com.apple.developer.system-extension."),
            .summary = row ? kb_s(row->summary) : "",
        };
    }
    p->pub.grants = list;
}

/* "TEAM.com.example.app": the prefix is ten characters as Apple makes them (a team id, or in old
 * accounts another one), and the profile lists those it knows. */
static void read_app_id(struct dx_profile *p, struct dext_ctx *ctx)
{
    static const char *const keys[] = {"com.apple.application-identifier",
                                       "application-identifier"};
    const char *id = "";
    for (size_t i = 0; i < 2 && !id[0]; i++) {
        id = profile_text_of(p->pub.entitlements, keys[i]);
    }
    const char *dot = strchr(id, '.');
    size_t count = 0;
    const char *const *prefixes = texts_of(ctx, p->model, "ApplicationIdentifierPrefix", &count);
    p->pub.app_id = id;
    p->pub.prefix = "";
    p->pub.bundle_id = id;
    for (size_t i = 0; dot && i < count; i++) {
        size_t n = strlen(prefixes[i]);
        if (n == (size_t)(dot - id) && strncmp(id, prefixes[i], n) == 0) {
            p->pub.prefix = prefixes[i];
            p->pub.bundle_id = dot + 1;
        }
    }
    size_t n = strlen(p->pub.bundle_id);
    p->pub.wildcard = n && p->pub.bundle_id[n - 1] == '*';
}

static void read_model(struct dx_profile *p, struct dext_ctx *ctx)
{
    struct dext_profile *pub = &p->pub;
    const struct dext_node *root = p->model;
    pub->name = profile_text_of(root, "Name");
    pub->uuid = profile_text_of(root, "UUID");
    pub->app_id_name = profile_text_of(root, "AppIDName");
    pub->team_name = profile_text_of(root, "TeamName");
    size_t teams = 0;
    const char *const *team = texts_of(ctx, root, "TeamIdentifier", &teams);
    pub->team = teams ? team[0] : "";
    pub->platforms = texts_of(ctx, root, "Platform", &pub->platform_count);
    pub->created = time_of(root, "CreationDate");
    pub->expires = time_of(root, "ExpirationDate");
    int64_t days = 0;
    pub->days = dx_int(dx_get(root, "TimeToLive"), &days) ? days : 0;
    pub->xcode_managed = bool_of(root, "IsXcodeManaged");
    pub->all_devices = bool_of(root, "ProvisionsAllDevices");
    pub->devices = texts_of(ctx, root, "ProvisionedDevices", &pub->device_count);
    pub->entitlements = dx_get_kind(root, "Entitlements", DEXT_DICT);
    pub->driverkit = bool_of(pub->entitlements, "com.apple.developer.driverkit");
    read_app_id(p, ctx);
    read_grants(p, ctx);
}

/* ---- the signature around it --------------------------------------------------------------- */

/* Whose certificate is Apple's need not be Apple's portal: every developer's is. Security
 * OSX/sec/Security/SecPolicy.c: SecPolicyCreateOSXProvisioningProfileSigning asks for the leaf
 * marker 4.11 below an intermediate marked 6.2.1, SecPolicyCreateiPhoneProvisioningProfileSigning
 * for two names. */
static bool signs_profiles(const struct dx_cms *c)
{
    const struct dx_cert *leaf = c->chain_count > 1 ? c->chain[0] : NULL;
    return leaf &&
           ((dx_cert_marked(leaf, "4.11") && dx_cert_marked(c->chain[1], "6.2.1")) ||
            (c->chain_count == 3 &&
             strcmp(leaf->common_name, "Apple iPhone OS Provisioning Profile Signing") == 0 &&
             strcmp(leaf->issuer, "Apple iPhone Certification Authority") == 0));
}

static void read_trust(struct dx_profile *p, struct dext_ctx *ctx)
{
    struct dext_profile *pub = &p->pub;
    const struct dx_cms *c = &p->cms;
    struct dext_certificate *chain = dx_calloc(&ctx->arena, c->chain_count + 1, sizeof *chain);
    for (size_t i = 0; i < c->chain_count; i++) {
        chain[i] = dx_cert_public(c->chain[i]);
    }
    pub->signers = chain;
    pub->signer_count = c->chain_count;
    pub->signed_at = c->signing_time;
    pub->trust_reason = c->trust_reason;
    if (c->trust == DX_CHAIN_NONE) {
        pub->trust = DEXT_PROFILE_UNSIGNED;
    } else if (!c->signature_valid) {
        pub->trust = DEXT_PROFILE_BROKEN;
        pub->trust_reason = c->signature_reason;
    } else if (c->expired) {
        pub->trust = DEXT_PROFILE_BROKEN;
        pub->trust_reason =
            dx_sprintf(&ctx->arena, "%s was not valid when it signed", c->signer->common_name);
    } else if (c->oddity[0]) {
        pub->trust = DEXT_PROFILE_BROKEN;
        pub->trust_reason = c->oddity;
    } else if (c->trailing) {
        pub->trust = DEXT_PROFILE_BROKEN;
        pub->trust_reason =
            dx_sprintf(&ctx->arena, "%zu bytes follow what was signed", c->trailing);
    } else if (c->trust == DX_CHAIN_APPLE && !signs_profiles(c)) {
        pub->trust = DEXT_PROFILE_FOREIGN;
        pub->trust_reason =
            dx_sprintf(&ctx->arena, "the certificate that signed it, %s, is not one for profiles",
                       c->chain_count ? c->chain[0]->common_name : "unknown");
    } else {
        pub->trust = c->trust == DX_CHAIN_APPLE        ? DEXT_PROFILE_TRUSTED
                     : c->trust == DX_CHAIN_OTHER_ROOT ? DEXT_PROFILE_FOREIGN
                                                       : DEXT_PROFILE_BROKEN;
    }
}

/* The property list: content of the message, or the file itself when nobody signed it. */
static int open_payload(struct dx_profile *p, struct dext_ctx *ctx, const struct dx_source *src)
{
    struct dx_source payload = *src;
    if (src->size && src->data[0] == 0x30) {
        int status =
            dx_cms_read(&p->cms, ctx, src->path, (struct dx_str){src->data, src->size}, NULL);
        if (status != DEXT_OK) {
            return status;
        }
        read_trust(p, ctx);
        payload = dx_source_bytes(src->path, p->cms.content.p, p->cms.content.n);
    } else {
        p->pub.trust = DEXT_PROFILE_UNSIGNED;
        p->pub.trust_reason = "a bare property list, which nobody signed";
        payload =
            dx_source_bytes(src->path, dx_strndup(&ctx->arena, src->data, src->size), src->size);
    }
    if (payload.size > ctx->limits.cms_bytes) {
        return dx_fail(ctx, DEXT_E_LIMIT, "%s: larger than %zu bytes, no profile is", src->path,
                       ctx->limits.cms_bytes);
    }
    p->plist = dx_plist_load(ctx, &payload);
    const struct dext_node *root = p->plist->root;
    if (p->plist->stopped) {
        return dx_fail(ctx, DEXT_E_FORMAT, "%s", p->plist->reason);
    }
    if (!root || root->kind != DEXT_DICT ||
        !(dx_get(root, "Entitlements") || dx_get(root, "DeveloperCertificates"))) {
        return dx_fail(ctx, DEXT_E_FORMAT, "%s: not a provisioning profile", src->path);
    }
    return DEXT_OK;
}

int dx_profile_parse(struct dx_profile **out, struct dext_ctx *ctx, const struct dx_source *src)
{
    struct dx_profile *p = dx_alloc(&ctx->arena, sizeof *p);
    p->pub.path = src->path;
    p->pub.der_reason = p->pub.distribution = "";
    int status = open_payload(p, ctx, src);
    if (status != DEXT_OK) {
        return status;
    }
    p->model = p->plist->root;
    status = read_certificates(p, ctx);
    if (status != DEXT_OK) {
        return status;
    }
    const struct dext_node *der = dx_get_kind(p->plist->root, "DER-Encoded-Profile", DEXT_DATA);
    if (der) {
        dx_profile_compare_der(p, ctx, der->text);
    }
    read_model(p, ctx);
    dx_profile_classify(p);
    *out = p;
    return DEXT_OK;
}

int dext_profile_parse(const struct dext_profile **out, struct dext_ctx *ctx, const char *name,
                       const void *data, size_t size)
{
    struct dx_source src =
        dx_source_bytes(dx_strdup(&ctx->arena, name), dx_strndup(&ctx->arena, data, size), size);
    struct dx_profile *p;
    int status = dx_profile_parse(&p, ctx, &src);
    if (status == DEXT_OK) {
        *out = &p->pub;
    }
    return status;
}
