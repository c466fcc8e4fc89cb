/* match_view.h: decisions of the simulator, written in one format. The command asks for no format;
 * it calls the functions of the one that was chosen. */
#ifndef APP_MATCH_OUT_H
#define APP_MATCH_OUT_H

#include "app/app.h"
#include "dext/match.h"
#include "view/record.h"

struct match_out {
    const struct app *app;
    struct record_out record;
};

struct match_format {
    void (*run)(struct match_out *o, const struct dext_match_result *r);
    void (*why)(struct match_out *o, const struct dext_match_result *r);
    void (*suggest)(struct match_out *o, const struct dext_match_suggestion *s);
};

const struct match_format *match_format_for(enum face face);

extern const struct record_form match_form;
extern const struct record match_suggestion_record;

/* "  Checked: yes" and what comes of it. (match_human.c) */
void match_human_checked(const struct app *app, const struct dext_match_decision *d);

extern const struct match_format match_human, match_record;

#endif
