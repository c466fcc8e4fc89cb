/* What `dextctl profile` tells. */
#include <stdlib.h>

#include "view/profile_view.h"
#include "view/shared_record.h"

struct profile_cert {
    const struct dext_certificate *cert;
    bool expired;
};

struct profile_row {
    const struct dext_profile *profile;
    const char *fault;
    bool expired;
    struct profile_cert *certificates, *signers;
    size_t certificate_count, signer_count;
};

static const struct record_field cert_fields[] = {
    R_INLINE_REF(struct profile_cert, cert, &certificate_head),
    R_BOOL("expired", struct profile_cert, expired, "its time is over"),
    R_INLINE_REF(struct profile_cert, cert, &certificate_tail),
};
static const struct record cert = RECORD("certificate", struct profile_cert, cert_fields);

static const struct record_field grant_fields[] = {
    R_TEXT("key", struct dext_grant, key, "of the entitlement"),
    R_OTHER("value", struct dext_grant, value, record_write_value, RECORD_ANY, "what is granted"),
    R_WORD("variant", struct dext_grant, variant, variant_word, VARIANT_WORDS,
           "`development` covers all hardware, `approved` names it; `either`: the value does not "
           "tell"),
    R_BOOL("driverkit", struct dext_grant, driverkit, "one of DriverKit's or of system extensions"),
    R_TEXT("summary", struct dext_grant, summary,
           "what it is for; `\"\"` when dextctl does not know the key"),
};
static const struct record grant = RECORD("grant", struct dext_grant, grant_fields);

static const char *trust_word(int v)
{
    static const char *const words[] = {"unsigned", "broken", "foreign", "apple"};
    return words[v];
}

static const char *der_word(int v)
{
    static const char *const words[] = {"absent", "same", "different", "unreadable"};
    return words[v];
}

static const struct record_field trust_fields[] = {
    R_WORD("trust", struct dext_profile, trust, trust_word, 4,
           "`foreign`: it holds, and ends at another root"),
    R_TEXT("reason", struct dext_profile, trust_reason, "the same in words"),
    R_DATE("signed", struct dext_profile, signed_at, "as the signer says"),
};
static const struct record trust = RECORD("trust", struct dext_profile, trust_fields);

static const struct record_field signature_fields[] = {
    R_INLINE_REF(struct profile_row, profile, &trust),
    R_LIST("chain", struct profile_row, signers, signer_count, &cert,
           "certificates, the signer first"),
};
static const struct record signature = RECORD("signature", struct profile_row, signature_fields);

static const struct record_field der_fields[] = {
    R_WORD("status", struct dext_profile, der, der_word, 4,
           "whether it is there and says the same"),
    R_TEXT("reason", struct dext_profile, der_reason, "the same in words, or `\"\"`"),
    R_TEXTS("differences", struct dext_profile, differences, difference_count,
            "keys it says otherwise"),
    R_TEXT("distribution", struct dext_profile, distribution,
           "its ProfileDistributionType, or `\"\"`"),
};
static const struct record der = RECORD("der", struct dext_profile, der_fields);

static const struct record_field kind_fields[] = {
    R_TEXT("file", struct dext_profile, path,
           "as given, as found in a bundle, or `FILE.pkg!/path/inside`"),
    R_CHOICE("kind", struct dext_profile, kind_name,
             "development|ad-hoc|app-store|developer-id|in-house|unknown", "what it is for"),
    R_TEXT("why", struct dext_profile, why, "what the kind follows from"),
};
static const struct record kind = RECORD("kind", struct dext_profile, kind_fields);

static const struct record_field name_fields[] = {
    R_BOOL("driverkit", struct dext_profile, driverkit,
           "it grants `com.apple.developer.driverkit`"),
    R_TEXT("name", struct dext_profile, name, "as in the profile; `\"\"` when absent"),
    R_TEXT("uuid", struct dext_profile, uuid, "likewise"),
    R_TEXT("team", struct dext_profile, team, "likewise"),
    R_TEXT("team_name", struct dext_profile, team_name, "likewise"),
    R_TEXT("app_id", struct dext_profile, app_id, "with its prefix"),
    R_TEXT("app_id_name", struct dext_profile, app_id_name, "as in the profile, or `\"\"`"),
    R_TEXT("prefix", struct dext_profile, prefix, "of the app ID, or `\"\"`"),
    R_TEXT("bundle_id", struct dext_profile, bundle_id, "the app ID without its prefix"),
    R_BOOL("wildcard", struct dext_profile, wildcard, "the app ID ends in `*`"),
    R_TEXTS("platforms", struct dext_profile, platforms, platform_count,
            "as written: `OSX`, `iOS`"),
    R_DATE("created", struct dext_profile, created, "valid from"),
    R_DATE("expires", struct dext_profile, expires, "valid until"),
};
static const struct record name = RECORD("name", struct dext_profile, name_fields);

static const struct record_field device_fields[] = {
    R_NUMBER("days", struct dext_profile, days, "the key TimeToLive, 0 when absent"),
    R_BOOL("xcode_managed", struct dext_profile, xcode_managed, "made by Xcode"),
    R_BOOL("all_devices", struct dext_profile, all_devices, "it covers all devices"),
    R_TEXTS("devices", struct dext_profile, devices, device_count, "those it lists"),
};
static const struct record devices = RECORD("devices", struct dext_profile, device_fields);

static const struct record_field rights_fields[] = {
    R_LIST("entitlements", struct dext_profile, grants, grant_count, &grant,
           "in the order of the profile"),
};
static const struct record rights = RECORD("rights", struct dext_profile, rights_fields);

static const struct record_field profile_fields[] = {
    R_INLINE_REF(struct profile_row, profile, &kind),
    R_TEXT_OR_NULL("fault", struct profile_row, fault, "why no system takes it at that moment"),
    R_INLINE_REF(struct profile_row, profile, &name),
    R_BOOL("expired", struct profile_row, expired, "at that moment"),
    R_INLINE_REF(struct profile_row, profile, &devices),
    R_LIST("certificates", struct profile_row, certificates, certificate_count, &cert,
           "the developer's"),
    R_INLINE_REF(struct profile_row, profile, &rights),
    R_SELF("signature", struct profile_row, &signature, "who signed the profile"),
    R_SURE("der", struct profile_row, profile, &der, "the DER copy, which the system reads"),
};
static const struct record profile = RECORD("profile", struct profile_row, profile_fields);

static const struct record_field at_fields[] = {
    R_DATE("at", struct profile_out, at, "the moment that expiry is judged for"),
};
static const struct record at = RECORD("at", struct profile_out, at_fields);

static const struct record_part parts[] = {
    {"at", RECORD_FIELDS, NULL, &at, false, "when"},
    {"profiles", RECORD_ITEMS, "profile", &profile, false,
     "one for each profile that could be read; what could not is told on standard error, and the "
     "exit status is 3"},
};
const struct record_form profile_form = RECORD_FORM("profile", 1, parts);

/* ---- the face ------------------------------------------------------------------------------- */

static struct profile_cert *certs_at(const struct dext_certificate *list, size_t count,
                                     int64_t when)
{
    struct profile_cert *out = app_alloc((count + 1) * sizeof *out);
    for (size_t i = 0; i < count; i++) {
        out[i] = (struct profile_cert){&list[i], profile_cert_expired(&list[i], when)};
    }
    return out;
}

static void profile_record_open(struct profile_out *v)
{
    record_begin(&v->record, v->app, &profile_form);
    record_put(&v->record, "at", v);
    record_list(&v->record, "profiles");
}

static void profile_record_profile(struct profile_out *v, const struct dext_profile *p)
{
    struct profile_row row = {
        .profile = p,
        .fault = profile_fault(p, v->at),
        .expired = p->expires && v->at >= p->expires,
        .certificates = certs_at(p->certificates, p->certificate_count, v->at),
        .certificate_count = p->certificate_count,
        .signers = certs_at(p->signers, p->signer_count, v->at),
        .signer_count = p->signer_count,
    };
    record_add(&v->record, &row);
    free(row.certificates);
    free(row.signers);
}

static void profile_record_close(struct profile_out *v)
{
    record_end(&v->record);
}

const struct profile_format profile_record = {profile_record_open, profile_record_profile,
                                              profile_record_close};
