#include "view/profile_view.h"

const struct profile_format *profile_format_for(enum face face)
{
    static const struct profile_format *const faces[FACE_COUNT] = {[FACE_HUMAN] = &profile_human,
                                                                   [FACE_JSON] = &profile_record,
                                                                   [FACE_NDJSON] = &profile_record};
    return faces[face];
}

bool profile_cert_expired(const struct dext_certificate *c, int64_t at)
{
    return at > c->not_after;
}

const char *profile_fault(const struct dext_profile *p, int64_t at)
{
    return p->trust == DEXT_PROFILE_UNSIGNED  ? "nobody signed it, so no system takes it"
           : p->trust == DEXT_PROFILE_BROKEN  ? "its signature is broken, so no system takes it"
           : p->trust == DEXT_PROFILE_FOREIGN ? "Apple did not sign it, so no system takes it"
           : p->der == DEXT_DER_DIFFERENT   ? "its two copies differ; the system reads the DER one"
           : p->der == DEXT_DER_UNREADABLE  ? "its DER copy, which the system reads, is not good"
           : p->expires && at >= p->expires ? "it has expired"
           : p->created && at < p->created  ? "it is not valid yet"
                                            : NULL;
}
