#include "view/shared_record.h"

#include "dext/lint.h"
#include "dext/signature.h"

static const struct record_field certificate_head_fields[] = {
    R_TEXT("kind", struct dext_certificate, kind, "`Developer ID Application`"),
    R_TEXT("common_name", struct dext_certificate, common_name, "of its subject"),
    R_TEXT("organization", struct dext_certificate, organization, "of its subject"),
    R_TEXT("team", struct dext_certificate, team, "the organizational unit; `\"\"` when absent"),
    R_TEXT("issuer", struct dext_certificate, issuer, "common name of who issued it"),
    R_TEXT("serial", struct dext_certificate, serial, "hex digits"),
    R_DATE("not_before", struct dext_certificate, not_before, "good from"),
    R_DATE("not_after", struct dext_certificate, not_after, "good until"),
};
const struct record certificate_head =
    RECORD("certificate_head", struct dext_certificate, certificate_head_fields);

static const struct record_field certificate_tail_fields[] = {
    R_TEXT("sha1", struct dext_certificate, sha1, "of the DER"),
    R_TEXT("sha256", struct dext_certificate, sha256, "of the DER"),
};
const struct record certificate_tail =
    RECORD("certificate_tail", struct dext_certificate, certificate_tail_fields);

static const char *rule_id(const void *rule)
{
    return dext_rule_id(rule);
}

static const char *rule_name(const void *rule)
{
    return dext_rule_name(rule);
}

static const struct record_field finding_fields[] = {
    R_CALLED("rule", struct dext_finding, rule, rule_id, NULL,
             "id, `DX` and three digits; keeps its meaning for ever"),
    R_CALLED("name", struct dext_finding, rule, rule_name, NULL,
             "the rule's name, such as `missing-user-class`"),
    R_WORD("severity", struct dext_finding, severity, severity_word, SEVERITY_WORDS,
           "as configured, if it is"),
    R_TEXT("file", struct dext_finding, file,
           "as given, or as found below a folder that was given; `-` is standard input"),
    R_NUMBER("line", struct dext_finding, at.line,
             "from 1, of the key or value at fault; 0 when there is none: binary property lists, "
             "bundles"),
    R_NUMBER("column", struct dext_finding, at.column, "from 1, in code points; 0 likewise"),
    R_TEXT("path", struct dext_finding, path,
           "key path, `IOKitPersonalities/My Driver/IOClass`; elements of arrays by their index; "
           "`\"\"` when none"),
    R_TEXT("message", struct dext_finding, message, "what is wrong here: one line"),
    R_TEXT("why", struct dext_finding, why, "why it is a mistake"),
    R_TEXT("fix", struct dext_finding, fix, "what to do about it"),
};
const struct record finding_record = RECORD("finding", struct dext_finding, finding_fields);

const char *severity_word(int v)
{
    return dext_severity_name((enum dext_severity)v);
}

const char *signer_word(int v)
{
    return dext_signer_name((enum dext_signer_kind)v);
}

const char *variant_word(int v)
{
    static const char *const words[] = {"either", "development", "approved", "mixed"};
    return words[v];
}
