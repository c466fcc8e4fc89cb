/* migrate_view.h: the faces of `dextctl migrate`. */
#ifndef VIEW_MIGRATE_VIEW_H
#define VIEW_MIGRATE_VIEW_H

#include "app/app.h"
#include "dext/migrate.h"
#include "view/record.h"

struct migrate_out {
    const struct app *app;
    struct record_out record;
    size_t written;
};

struct migrate_format {
    void (*open)(struct migrate_out *v);
    void (*kext)(struct migrate_out *v, const struct dext_migrate *m);
    void (*close)(struct migrate_out *v);
};

const struct migrate_format *migrate_format_for(enum face face);

/* "same", "other", "none"; "possible", "impossible", "unknown" */
const char *migrate_way_word(int v);
const char *migrate_verdict_word(int v);

extern const struct record_form migrate_form;
extern const struct migrate_format migrate_human, migrate_record, migrate_markdown;

#endif
