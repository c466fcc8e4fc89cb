/* profile_view.h: the formats of `dextctl profile`. The command decides what is said, these how. */
#ifndef APP_PROFILE_VIEW_H
#define APP_PROFILE_VIEW_H

#include "app/app.h"
#include "dext/profile.h"
#include "view/record.h"

struct profile_out {
    const struct app *app;
    int64_t at; /* the moment that expiry is judged for */
    struct record_out record;
    size_t written;
};

struct profile_format {
    void (*open)(struct profile_out *v);
    void (*profile)(struct profile_out *v, const struct dext_profile *p);
    void (*close)(struct profile_out *v);
};

const struct profile_format *profile_format_for(enum face face);

/* The profile is no good at that moment: expired, not yet valid, not Apple's, or its copies differ.
 * NULL, or one sentence that says which. */
const char *profile_fault(const struct dext_profile *p, int64_t at);

/* Whether a certificate's time is over. */
bool profile_cert_expired(const struct dext_certificate *c, int64_t at);

extern const struct record_form profile_form;
extern const struct profile_format profile_human, profile_record;

#endif
