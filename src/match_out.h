/* match_out.h: decisions of the simulator, written in one format. The command asks for no format;
 * it calls the functions of the one that was chosen. */
#ifndef APP_MATCH_OUT_H
#define APP_MATCH_OUT_H

#include "app.h"
#include "dext/match.h"
#include "json.h"

struct match_out {
    const struct app *app;
    struct json j;
};

struct match_format {
    const char *name;
    void (*run)(struct match_out *o, const struct dext_match_result *r);
    void (*why)(struct match_out *o, const struct dext_match_result *r);
    void (*suggest)(struct match_out *o, const struct dext_match_suggestion *s);
};

/* "human", "json" or "ndjson"; human for any other. */
const struct match_format *match_format_named(const char *name);

extern const struct match_format match_human, match_json, match_ndjson;

#endif
