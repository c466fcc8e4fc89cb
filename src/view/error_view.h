/* error_view.h: the formats of `dextctl error`. The command decides what is said, these how. */
#ifndef CMD_ERROR_OUT_H
#define CMD_ERROR_OUT_H

#include "app/app.h"
#include "dext/error.h"
#include "view/record.h"

#define ERROR_OUT_SEEN 64

struct error_out {
    const struct app *app;
    struct record_out record;
    size_t written;                   /* results so far */
    const char *opened;               /* list that is being written: "results" or "domains" */
    const char *seen[ERROR_OUT_SEEN]; /* names that were explained in full */
    size_t seen_count;
};

struct error_format {
    void (*open)(struct error_out *o, const char *list);
    /* hit NULL: input holds no code */
    void (*result)(struct error_out *o, const char *input, const struct dext_error_hit *hit,
                   bool first);
    void (*domain)(struct error_out *o, const struct dext_error_domain *d);
    /* one row of a listing */
    void (*row)(struct error_out *o, const struct dext_error *e);
    void (*close)(struct error_out *o);
};

const struct error_format *error_format_for(enum face face);

extern const struct record_form error_form;
extern const struct error_format error_human, error_record;

#endif
