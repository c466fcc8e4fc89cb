#include "profile_view.h"

#include <string.h>

const struct profile_format *profile_format_named(const char *name)
{
    static const struct profile_format *const all[] = {&profile_human, &profile_json,
                                                       &profile_ndjson};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (strcmp(all[i]->name, name) == 0) {
            return all[i];
        }
    }
    return &profile_human;
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
