/* What Open Directory logs: members, their kinds, security identifiers, error codes. */
#include <inttypes.h>
#include <string.h>

#include "unified/unified.h"

/* OpenDirectory's ODFrameworkErrors, as they are named there. */
static const struct {
    uint32_t value;
    const char *name;
} errors[] = {
    {0, "ODNoError"},
    {2, "Not Found"},
    {1000, "ODErrorSessionLocalOnlyDaemonInUse"},
    {1001, "ODErrorSessionNormalDaemonInUse"},
    {1002, "ODErrorSessionDaemonNotRunning"},
    {1003, "ODErrorSessionDaemonRefused"},
    {1100, "ODErrorSessionProxyCommunicationError"},
    {1101, "ODErrorSessionProxyVersionMismatch"},
    {1102, "ODErrorSessionProxyIPUnreachable"},
    {1103, "ODErrorSessionProxyUnknownHost"},
    {2000, "ODErrorNodeUnknownName"},
    {2001, "ODErrorNodeUnknownType"},
    {2002, "ODErrorNodeDisabled"},
    {2100, "ODErrorNodeConnectionFailed"},
    {2200, "ODErrorNodeUnknownHost"},
    {3000, "ODErrorQuerySynchronize"},
    {3100, "ODErrorQueryInvalidMatchType"},
    {3101, "ODErrorQueryUnsupportedMatchType"},
    {3102, "ODErrorQueryTimeout"},
    {4000, "ODErrorRecordReadOnlyNode"},
    {4001, "ODErrorRecordPermissionError"},
    {4100, "ODErrorRecordParameterError"},
    {4101, "ODErrorRecordInvalidType"},
    {4102, "ODErrorRecordAlreadyExists"},
    {4103, "ODErrorRecordTypeDisabled"},
    {4104, "ODErrorRecordNoLongerExists"},
    {4200, "ODErrorRecordAttributeUnknownType"},
    {4201, "ODErrorRecordAttributeNotFound"},
    {4202, "ODErrorRecordAttributeValueSchemaError"},
    {4203, "ODErrorRecordAttributeValueNotFound"},
    {5000, "ODErrorCredentialsInvalid"},
    {5001, "ODErrorCredentialsInvalidComputer"},
    {5100, "ODErrorCredentialsMethodNotSupported"},
    {5101, "ODErrorCredentialsNotAuthorized"},
    {5102, "ODErrorCredentialsParameterError"},
    {5103, "ODErrorCredentialsOperationFailed"},
    {5200, "ODErrorCredentialsServerUnreachable"},
    {5201, "ODErrorCredentialsServerNotFound"},
    {5202, "ODErrorCredentialsServerError"},
    {5203, "ODErrorCredentialsServerTimeout"},
    {5204, "ODErrorCredentialsContactPrimary"},
    {5205, "ODErrorCredentialsServerCommunicationError"},
    {5300, "ODErrorCredentialsAccountNotFound"},
    {5301, "ODErrorCredentialsAccountDisabled"},
    {5302, "ODErrorCredentialsAccountExpired"},
    {5303, "ODErrorCredentialsAccountInactive"},
    {5304, "ODErrorCredentialsAccountTemporarilyLocked"},
    {5305, "ODErrorCredentialsAccountLocked"},
    {5400, "ODErrorCredentialsPasswordExpired"},
    {5401, "ODErrorCredentialsPasswordChangeRequired"},
    {5402, "ODErrorCredentialsPasswordQualityFailed"},
    {5403, "ODErrorCredentialsPasswordTooShort"},
    {5404, "ODErrorCredentialsPasswordTooLong"},
    {5405, "ODErrorCredentialsPasswordNeedsLetter"},
    {5406, "ODErrorCredentialsPasswordNeedsDigit"},
    {5407, "ODErrorCredentialsPasswordChangeTooSoon"},
    {5408, "ODErrorCredentialsPasswordUnrecoverable"},
    {5500, "ODErrorCredentialsInvalidLogonHours"},
    {6000, "ODErrorPolicyUnsupported"},
    {6001, "ODErrorPolicyOutOfRange"},
    {10000, "ODErrorPluginOperationNotSupported"},
    {10001, "ODErrorPluginError"},
    {10002, "ODErrorDaemonError"},
    {10003, "ODErrorPluginOperationTimeout"},
};

static bool put_error(uint64_t v, struct dx_buf *out)
{
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        if (errors[i].value == v) {
            dx_buf_puts(out, errors[i].name);
            return true;
        }
    }
    return false;
}

/* membership.h: ID_TYPE_UID and its like. */
static bool put_type(uint64_t v, struct dx_buf *out)
{
    static const char *const names[] = {
        "UID",     "GID",       NULL,       "SID", "Username",        "Groupname",
        "UUID",    "GROUP NFS", "USER NFS", NULL,  "GSS EXPORT NAME", "X509 DN",
        "KERBEROS"};
    const char *name = v < sizeof names / sizeof *names ? names[v] : NULL;
    dx_buf_puts(out, name ? name : "");
    return name != NULL;
}

/* A text that ends within the bytes; what is behind it in *p and *n. */
static const char *value_directory_text(const uint8_t **p, size_t *n)
{
    const char *s = (const char *)*p, *end = *n ? memchr(s, 0, *n) : NULL;
    if (!end) {
        return NULL;
    }
    *n -= (size_t)(end - s) + 1;
    *p += end - s + 1;
    return s;
}

static bool put_details(const uint8_t *p, size_t n, struct dx_buf *out)
{
    if (n < 2) {
        return false;
    }
    uint8_t kind = *p++;
    bool by_number = kind == 0x23 || kind == 0xa3 || kind == 0xc3;
    bool by_name = kind == 0x24 || kind == 0x44 || kind == 0xa0 || kind == 0xa4;
    const char *who = kind == 0x44 || kind == 0xc3 ? "group" : "user", *name, *domain;
    n--;
    if (by_number && n >= 5) {
        int32_t id = (int32_t)dx_le(p, 4);
        p += 4;
        n -= 4;
        domain = value_directory_text(&p, &n);
        if (domain) {
            dx_buf_printf(out, "%s: %" PRId32 "@%s", who, id, domain);
        }
        return domain != NULL;
    }
    name = by_name ? value_directory_text(&p, &n) : NULL;
    domain = name ? value_directory_text(&p, &n) : NULL;
    if (domain) {
        dx_buf_printf(out, "%s: %s@%s", who, name, domain);
    }
    return domain != NULL;
}

/* Revision, number of parts, an authority of six big-endian bytes, the parts. */
static bool put_sid(const uint8_t *p, size_t n, struct dx_buf *out)
{
    if (n < 8 || n - 8 < (size_t)p[1] * 4) {
        return false;
    }
    uint64_t authority = 0;
    for (size_t i = 2; i < 8; i++) {
        authority = authority << 8 | p[i];
    }
    dx_buf_printf(out, "S-%u-%" PRIu64, p[0], authority);
    for (size_t i = 0; i < p[1]; i++) {
        dx_buf_printf(out, "-%" PRIu32, (uint32_t)dx_le(p + 8 + 4 * i, 4));
    }
    return true;
}

bool dx_value_directory(enum dx_decoder_id as, const uint8_t *p, size_t n, struct dx_buf *out)
{
    bool number = n == 1 || n == 2 || n == 4 || n == 8;
    switch (as) {
    case DX_AS_OD_ERROR:
        return number && put_error(dx_le(p, n), out);
    case DX_AS_OD_TYPE:
        return number && put_type(dx_le(p, n), out);
    case DX_AS_OD_DETAILS:
        return put_details(p, n, out);
    case DX_AS_OD_SID:
        return put_sid(p, n, out);
    default:
        return false;
    }
}
