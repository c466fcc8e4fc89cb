/* panic_view.h: a panic report in words, and as JSON. */
#ifndef APP_PANIC_VIEW_H
#define APP_PANIC_VIEW_H

#include "app.h"
#include "dext/panic.h"

struct panic_view {
    const char *name;
    void (*open)(const struct app *app);
    void (*report)(const struct app *app, const struct dext_panic *p);
    void (*close)(const struct app *app);
};

const struct panic_view *panic_view_named(const char *format);

extern const struct panic_view panic_json;

/* What the report says when no sign of the knowledge base is in its reason; whether a third-party
 * kext is in the backtrace (*suspect, or NULL). */
const char *panic_verdict(const struct dext_panic *p, const struct dext_panic_kext **suspect);

/* What can be said of driver extensions. */
const char *panic_dexts(const struct dext_panic *p);

#endif
