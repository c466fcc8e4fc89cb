/* entitlements_view.h: the formats of `dextctl entitlements`. */
#ifndef APP_ENTITLEMENTS_VIEW_H
#define APP_ENTITLEMENTS_VIEW_H

#include "app/app.h"
#include "dext/entitlements.h"
#include "view/record.h"

struct entitlements_out {
    const struct app *app;
    struct record_out record;
    size_t written;
};

struct entitlements_format {
    void (*open)(struct entitlements_out *v);
    void (*all)(struct entitlements_out *v, const struct dext_entitlements *all);
    void (*close)(struct entitlements_out *v);
};

const struct entitlements_format *entitlements_format_for(enum face face);

extern const struct record_form entitlements_form;
extern const struct entitlements_format entitlements_human, entitlements_record;

#endif
