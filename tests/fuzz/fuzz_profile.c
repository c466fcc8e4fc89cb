/* Any bytes as a provisioning profile and as a signature; everything that comes back is read. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dext/profile.h"
#include "sign/cms.h"

static volatile size_t sink;

static void read_certificates(const struct dext_certificate *c, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        sink += strlen(c[i].kind) + strlen(c[i].common_name) + strlen(c[i].organization);
        sink += strlen(c[i].team) + strlen(c[i].issuer) + strlen(c[i].serial);
        sink += strlen(c[i].sha1) + strlen(c[i].sha256);
    }
}

static void read_profile(const struct dext_profile *p)
{
    sink += strlen(p->kind_name) + strlen(p->kind_words) + strlen(p->why) + strlen(p->name);
    sink += strlen(p->uuid) + strlen(p->team) + strlen(p->team_name) + strlen(p->app_id);
    sink += strlen(p->prefix) + strlen(p->bundle_id) + strlen(p->app_id_name);
    sink += strlen(p->trust_reason) + strlen(p->der_reason) + strlen(p->distribution);
    for (size_t i = 0; i < p->platform_count; i++) {
        sink += strlen(p->platforms[i]);
    }
    for (size_t i = 0; i < p->device_count; i++) {
        sink += strlen(p->devices[i]);
    }
    for (size_t i = 0; i < p->grant_count; i++) {
        sink += strlen(p->grants[i].key) + strlen(p->grants[i].summary);
        sink += (size_t)dext_node_kind(p->grants[i].value);
    }
    for (size_t i = 0; i < p->difference_count; i++) {
        sink += strlen(p->differences[i]);
    }
    read_certificates(p->certificates, p->certificate_count);
    read_certificates(p->signers, p->signer_count);
    /* Nothing that a fuzzer makes is signed by Apple. */
    if (p->trust == DEXT_PROFILE_TRUSTED) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dext_ctx *ctx = dext_ctx_new(NULL);
    const struct dext_profile *p;
    if (dext_profile_parse(&p, ctx, "fuzz", data, size) == DEXT_OK) {
        read_profile(p);
    } else if (!dext_ctx_error(ctx)) {
        abort();
    }
    struct dx_cms cms;
    struct dx_str content = DX_STR("content");
    dext_ctx_clear(ctx);
    if (dx_cms_read(&cms, ctx, "fuzz", (struct dx_str){(const char *)data, size}, &content) ==
        DEXT_OK) {
        sink += strlen(cms.signature_reason) + strlen(cms.trust_reason) +
                strlen(cms.timestamp_reason) + cms.cdhash2_count;
    } else if (!dext_ctx_error(ctx)) {
        abort();
    }
    dext_ctx_free(ctx);
    return 0;
}
