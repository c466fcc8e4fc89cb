/* GitLab's code quality report: one array. GitLab drops findings whose fingerprints are equal, so
 * the second of two gets one of its own. */
#include <stdlib.h>
#include <string.h>

#include "app/json.h"
#include "app/path.h"
#include "lint/filter.h"
#include "lint/report_util.h"

static void location(struct json *j, const char *file, unsigned line)
{
    char *shown = path_hosted(file);
    json_kbegin(j, "location", '{');
    json_kstr(j, "path", shown);
    json_kbegin(j, "lines", '{');
    json_kint(j, "begin", line ? line : 1); /* required; without a line the top of the file */
    json_end(j, '}');
    json_end(j, '}');
    free(shown);
}

struct seen {
    const char *fingerprint;
    size_t index, nth;
};

static int by_fingerprint(const void *x, const void *y)
{
    const struct seen *a = x, *b = y;
    int c = strcmp(a->fingerprint, b->fingerprint);
    return c ? c : a->index < b->index ? -1 : a->index > b->index;
}

static int by_index(const void *x, const void *y)
{
    const struct seen *a = x, *b = y;
    return a->index < b->index ? -1 : a->index > b->index;
}

/* For each finding: how many before it have the same fingerprint. malloc'd. */
static struct seen *number_doubles(const struct report *r)
{
    struct seen *seen = app_alloc((r->count + 1) * sizeof *seen);
    for (size_t i = 0; i < r->count; i++) {
        seen[i] = (struct seen){r->findings[i].fingerprint, i, 0};
    }
    qsort(seen, r->count, sizeof *seen, by_fingerprint);
    for (size_t i = 1; i < r->count; i++) {
        bool again = strcmp(seen[i].fingerprint, seen[i - 1].fingerprint) == 0;
        seen[i].nth = again ? seen[i - 1].nth + 1 : 0;
    }
    qsort(seen, r->count, sizeof *seen, by_index);
    return seen;
}

static void report_gitlab_finding(struct json *j, const struct report_finding *item, size_t nth)
{
    static const char *const severities[] = {"critical", "major", "info"};
    const struct dext_finding *f = &item->f;
    size_t n = strlen(f->message) + strlen(f->fix) + 8;
    char *text = app_alloc(n);
    char fingerprint[64];
    (void)snprintf(text, n, "%s. %s", f->message, f->fix);
    (void)snprintf(fingerprint, sizeof fingerprint, nth ? "%s-%zu" : "%s", item->fingerprint,
                   nth + 1);
    json_begin(j, '{');
    json_kstr(j, "description", text);
    json_kstr(j, "check_name", dext_rule_name(f->rule));
    json_kstr(j, "fingerprint", fingerprint);
    json_kstr(j, "severity", severities[f->severity]);
    location(j, f->file, f->at.line);
    json_end(j, '}');
    free(text);
}

static void report_gitlab_unreadable(struct json *j, const struct report_input *in)
{
    unsigned line, column;
    const char *reason = report_reason(in, &line, &column);
    char *shown = path_hosted(in->file);
    size_t n = strlen(shown) + 16;
    char *fingerprint = app_alloc(n);
    (void)snprintf(fingerprint, n, "unreadable:%s", shown);
    json_begin(j, '{');
    json_kstr(j, "description", reason);
    json_kstr(j, "check_name", "unreadable-input");
    json_kstr(j, "fingerprint", fingerprint);
    json_kstr(j, "severity", "blocker");
    location(j, in->file, line);
    json_end(j, '}');
    free(fingerprint);
    free(shown);
}

/* GitLab wants a file: what was to be checked. */
static void report_gitlab_nothing(struct json *j, const struct report *r)
{
    const char *const *walked = r->filter ? r->filter->walked : NULL;
    json_begin(j, '{');
    json_kstr(j, "description", r->nothing);
    json_kstr(j, "check_name", "nothing-checked");
    json_kstr(j, "fingerprint", "nothing-checked");
    json_kstr(j, "severity", "blocker");
    location(j, walked && walked[0] ? walked[0] : ".", 0);
    json_end(j, '}');
}

static void write_gitlab(const struct report *r)
{
    struct json j;
    struct seen *seen = number_doubles(r);
    json_open(&j, r->app->out, true);
    json_begin(&j, '[');
    for (size_t i = 0; i < r->count; i++) {
        report_gitlab_finding(&j, &r->findings[i], seen[i].nth);
    }
    for (size_t i = 0; i < r->input_count; i++) {
        if (r->inputs[i].status == DEXT_UNREADABLE) {
            report_gitlab_unreadable(&j, &r->inputs[i]);
        }
    }
    if (r->nothing) {
        report_gitlab_nothing(&j, r);
    }
    json_end(&j, ']');
    json_done(&j);
    free(seen);
}

const struct report_format report_gitlab = {.write = write_gitlab};
