/* profile_view.h: the formats of `dextctl profile`. The command decides what is said, these how. */
#ifndef APP_PROFILE_VIEW_H
#define APP_PROFILE_VIEW_H

#include "app.h"
#include "dext/profile.h"
#include "json.h"

struct profile_view {
    const struct app *app;
    int64_t at; /* the moment that expiry is judged for */
    struct json json;
    size_t written;
};

struct profile_format {
    const char *name;
    void (*open)(struct profile_view *v);
    void (*profile)(struct profile_view *v, const struct dext_profile *p);
    void (*close)(struct profile_view *v);
};

/* human, json or ndjson */
const struct profile_format *profile_format_named(const char *name);

/* The profile is no good at that moment: expired, not yet valid, not Apple's, or its copies differ.
 * NULL, or one sentence that says which. */
const char *profile_fault(const struct dext_profile *p, int64_t at);

/* Whether a certificate's time is over. */
bool profile_cert_expired(const struct dext_certificate *c, int64_t at);

extern const struct profile_format profile_human, profile_json, profile_ndjson;

#endif
