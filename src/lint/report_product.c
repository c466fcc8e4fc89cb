/* What the projects would build: one table a driver, with the app around it and the verdict. */
#include <stdlib.h>
#include <string.h>

#include "app/term.h"
#include "lint/report.h"
#include "view/page.h"

#define INDENT 17 /* where the values begin */

static int report_product_by_name(const void *x, const void *y)
{
    const struct dext_product *a = &((const struct report_product *)x)->p;
    const struct dext_product *b = &((const struct report_product *)y)->p;
    int c = strcmp(a->project, b->project);
    return c ? c : strcmp(a->driver, b->driver);
}

void report_sort_products(struct report *r)
{
    if (r->product_count) {
        qsort(r->products, r->product_count, sizeof *r->products, report_product_by_name);
    }
}

static void report_product_label(const struct report *r, const char *name)
{
    (void)fputs("    ", r->app->out);
    term_styled(r->app->out, r->app->colour, TERM_BOLD, name);
    (void)fprintf(r->app->out, "%*s", (int)(INDENT - 4 - strlen(name)), "");
}

static void report_product_row(const struct report *r, const char *name, const char *text)
{
    report_product_label(r, name);
    term_line(r->app->out, text);
    (void)fputc('\n', r->app->out);
}

/* "Driver (com.acme.driver)" */
static void report_product_target(const struct report *r, const char *name, const char *target_name,
                                  const char *id)
{
    report_product_label(r, name);
    term_line(r->app->out, target_name);
    if (id[0]) {
        (void)fputs(" (", r->app->out);
        term_line(r->app->out, id);
        (void)fputc(')', r->app->out);
    }
    (void)fputc('\n', r->app->out);
}

static void report_product_verdict(const struct report *r, const struct dext_product *p)
{
    static const enum term_style styles[] = {TERM_BOLD, TERM_RED, TERM_YELLOW, TERM_RED};
    report_product_label(r, "verdict");
    term_styled(r->app->out, r->app->colour, styles[p->verdict],
                p->verdict == DEXT_LOADS_UNKNOWN ? "cannot be told" : dext_loads_name(p->verdict));
    if (p->reason_count) {
        (void)fputs(", because", r->app->out);
    } else {
        (void)fputs(", as far as the files tell", r->app->out);
    }
    (void)fputc('\n', r->app->out);
    for (size_t i = 0; i < p->reason_count; i++) {
        (void)fprintf(r->app->out, "%*s- ", INDENT, "");
        page_wrap(r->app, INDENT + 2, INDENT + 2, p->reasons[i]);
        (void)fputc('\n', r->app->out);
    }
}

/* A file that is named and was not found is another thing than none. */
static void report_product_file(const struct report *r, const char *name, const char *file,
                                const char *named)
{
    report_product_label(r, name);
    term_line(r->app->out, file[0] ? file : named[0] ? named : "no file");
    (void)fputs(!file[0] && named[0] ? " (not found here)\n" : "\n", r->app->out);
}

static void report_product_product(const struct report *r, const struct dext_product *p)
{
    term_on(r->app->out, r->app->colour, TERM_BOLD);
    (void)fputs("Product of ", r->app->out);
    term_line(r->app->out, p->project);
    (void)fputs(", ", r->app->out);
    term_line(r->app->out, p->configuration);
    term_off(r->app->out, r->app->colour);
    (void)fputc('\n', r->app->out);
    report_product_target(r, "driver", p->driver, p->driver_id);
    if (p->bundle[0]) {
        report_product_row(r, "builds", p->bundle);
    }
    report_product_file(r, "entitlements", p->entitlements, p->named);
    for (size_t i = 0; i < p->match_count; i++) {
        report_product_row(r, i ? "" : "matches", p->matches[i]);
    }
    if (p->app[0]) {
        report_product_target(r, "app", p->app, p->app_id);
        report_product_row(r, "holds it in", p->folder[0] ? p->folder : "not known");
        report_product_file(r, "its rights", p->app_entitlements, p->app_named);
    } else {
        report_product_row(r, "app", "none in this project");
    }
    report_product_verdict(r, p);
    (void)fputc('\n', r->app->out);
}

void report_products_human(const struct report *r)
{
    for (size_t i = 0; i < r->product_count; i++) {
        report_product_product(r, &r->products[i].p);
    }
}
