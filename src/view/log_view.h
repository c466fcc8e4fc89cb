/* log_view.h: what dextctl log prints: entries of the unified log in the styles of log(1). */
#ifndef VIEW_LOG_VIEW_H
#define VIEW_LOG_VIEW_H

#include "app/app.h"
#include "dext/unified.h"
#include "view/record.h"

struct log_out {
    struct app *app;
    struct dext_unified *u;
    struct record_out record;
    size_t count; /* entries that were printed */
    size_t found; /* of them, all but starts of the system and settings of the clock */
};

/* What an entry tells as json: itself, and its members that are made of several. */
struct log_message {
    const char *text;
    size_t size;
};
struct log_row {
    struct dext_unified_entry e;
    struct log_message message;
    char stamp[64], sender_uuid[40], boot_uuid[40], process_uuid[40];
    const char *level, *zone;
};
struct log_end {
    size_t count;
    unsigned finished;
};
extern const struct record_form log_form;
const char *log_part(enum dext_unified_kind kind); /* the name of the form's part for it */

struct log_style {
    const char *name;
    void (*begin)(struct log_out *o);
    void (*entry)(struct log_out *o, const struct dext_unified_entry *e);
    void (*end)(struct log_out *o);
};

/* The style of that name, or where it is NULL the one that goes with --format; NULL: none. */
const struct log_style *log_style_find(const struct app *app, const char *name);

/* Tells on stderr what was damaged or missing; the exit status. */
int log_told(const struct log_out *o);

#define LOG_STYLES "default|syslog|compact|ndjson|json"

const char *log_level_name(const struct dext_unified_entry *e); /* "Default", "Error", ... */

#endif
