/* entitlements_view.h: the formats of `dextctl entitlements`. */
#ifndef APP_ENTITLEMENTS_VIEW_H
#define APP_ENTITLEMENTS_VIEW_H

#include "app.h"
#include "dext/entitlements.h"
#include "json.h"

struct entitlements_view {
    const struct app *app;
    struct json json;
    size_t written;
};

struct entitlements_format {
    const char *name;
    void (*open)(struct entitlements_view *v);
    void (*subject)(struct entitlements_view *v, const struct dext_subject *s);
    void (*close)(struct entitlements_view *v);
};

/* human, json or ndjson */
const struct entitlements_format *entitlements_format_named(const char *name);

/* "development", "approved", "mixed", "either" */
const char *entitlements_variant_name(enum dext_grant_variant variant);

extern const struct entitlements_format entitlements_human, entitlements_json, entitlements_ndjson;

#endif
