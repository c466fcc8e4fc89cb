/* report.h: collects findings and inputs, decides what is shown (order, duplicates, severity
 * overrides, selection, baseline), and hands them to one output format. Formats never decide what
 * is reported; commands never ask which format it is. */
#ifndef APP_REPORT_H
#define APP_REPORT_H

#include "app/app.h"
#include "dext/lint.h"
#include "view/record.h"

struct report_finding {
    struct dext_finding f; /* deep copy */
    bool fails;            /* at or above the threshold that holds for its file */
    char fingerprint[33]; /* rule + file + key path + message, not line: edits above don't matter */
};

struct report_input {
    const char *file, *kind, *reason;
    enum dext_input_status status;
};

struct report_product {
    struct dext_product p; /* deep copy */
};

struct report_counts {
    size_t errors, warnings, notes, suppressed;
    size_t checked, skipped, unreadable;
    size_t fixed, fixable; /* mended by this run; could be by --fix */
    bool nothing;          /* no input was checked, and none was unreadable either */
};

struct report;

/* One output format: one const instance in report_NAME.c, one line in the table of report.c.
 * streams: finding and input are called as they are known (already sorted within a run). */
struct report_format {
    void (*write)(const struct report *r);
};

struct report {
    struct app *app;
    const char *command; /* "lint" */
    const struct report_format *format;
    struct report_finding *findings;
    size_t count, cap;
    struct report_input *inputs;
    size_t input_count, input_cap;
    struct report_product *products;
    size_t product_count, product_cap;
    struct report_counts counts;
    struct report_filter *filter; /* filter.h; NULL = everything */
    struct fixer *fixer;          /* fixer.h; NULL = nobody will mend anything */
    struct arena_text *text;      /* owner of all copied strings */
    bool settled;                 /* report_settle came to its end: it can be shown */
    bool allow_empty;             /* nothing checked is a success */
    struct dext_walked walked;    /* what folder walks passed by */
    const char *nothing;       /* "nothing was checked: why", to be told in every format, or NULL */
    const char *named, *shown; /* the file whose name was last worked out, for fingerprints */
};

extern const struct record_form lint_form;
extern const struct report_format report_human, report_record, report_sarif, report_github,
    report_junit, report_gitlab, report_gcc;

const struct report_format *report_format_for(enum face face);

void report_open(struct report *r, struct app *app, const char *command,
                 const struct report_format *format, struct report_filter *filter);

/* Callbacks for struct dext_lint_options; user is the struct report. */
void report_on_finding(void *user, const struct dext_finding *f);
void report_on_input(void *user, const struct dext_input *in);
void report_on_product(void *user, const struct dext_product *p);

/* Sorts, drops doubles, filters. Then ->findings is what will be shown. fail_on: "error",
 * "warning", "note" or "never"; NULL leaves it to the configuration of each file. APP_CLEAN, or
 * an exit status after telling that a configuration below the operands is wrong or cannot be read:
 * show nothing then (->settled is false). */
int report_settle(struct report *r, const char *fail_on);

/* Drops findings that have become known in the meantime. */
void report_forget(struct report *r);

/* Writes unreadable inputs to stderr, one line each, and that nothing was checked. */
void report_tell_unreadable(const struct report *r);

/* The i-th configuration that held for what was checked, or NULL. */
const struct config_file *report_config(const struct report *r, size_t i);

/* Exit status: unreadable inputs or nothing checked, findings at or above the threshold, or clean.
 */
int report_status(const struct report *r);

/* Writes the result to app->out and unreadable inputs to stderr. Returns report_status. */
int report_write(const struct report *r);

void report_free(struct report *r);

const char *report_copy(struct report *r, const char *s); /* NULL stays NULL */

/* report_product.c: the products of the projects, for people: one table each. */
void report_products_human(const struct report *r);
void report_sort_products(struct report *r);

#endif
