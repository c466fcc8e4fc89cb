/* What `dextctl triage` tells. */
#include "view/triage_view.h"

static const char *triage_record_key(const struct triage_group *g, enum triage_key key)
{
    return g->key[key] && *g->key[key] ? g->key[key] : NULL;
}

static const char *triage_record_cause(const void *g)
{
    return triage_record_key(g, TRIAGE_CAUSE);
}

static const char *triage_record_driver(const void *g)
{
    return triage_record_key(g, TRIAGE_DRIVER);
}

static const char *triage_record_version(const void *g)
{
    return triage_record_key(g, TRIAGE_VERSION);
}

static const char *triage_record_macos(const void *g)
{
    return triage_record_key(g, TRIAGE_MACOS);
}

static const char *triage_record_model(const void *g)
{
    return triage_record_key(g, TRIAGE_MODEL);
}

static const char *triage_record_stage(const void *p)
{
    const struct triage_group *g = p;
    return triage_record_key(g, TRIAGE_CAUSE) ? g->stage : NULL;
}

static const struct record_field group_fields[] = {
    R_SAID_OR_NULL("cause", triage_record_cause, NULL,
                   "name of the symptom; this and the next four are `null` when it was not grouped "
                   "by them or no report says"),
    R_SAID_OR_NULL("stage", triage_record_stage, NULL, "of the cause"),
    R_SAID_OR_NULL("driver", triage_record_driver, NULL, "bundle id or class"),
    R_SAID_OR_NULL("version", triage_record_version, NULL, "of the driver"),
    R_SAID_OR_NULL("macos", triage_record_macos, NULL, "version"),
    R_SAID_OR_NULL("model", triage_record_model, NULL, "of the Mac"),
    R_NUMBER("reports", struct triage_group, reports, "how many"),
    R_NUMBER("earlier", struct triage_group, earlier,
             "of these, reports in which it was seen only before the last start of the system"),
    R_DATE("first", struct triage_group, first, "of those whose time is known"),
    R_DATE("last", struct triage_group, last, "likewise"),
    R_BOOL("new", struct triage_group, fresh,
           "with `--since`: all of its reports have a time, and none is older"),
    R_TEXTS("examples", struct triage_group, shown, example_count, "files, 3 at most"),
};
static const struct record group = RECORD("group", struct triage_group, group_fields);

static const struct record_field total_fields[] = {
    R_NUMBER("reports", struct triage, reports, "that were counted, each once"),
    R_NUMBER("without", struct triage, without, "of these, reports that show no cause"),
    R_NUMBER("partial", struct triage, partial,
             "of these, reports of which not everything was read"),
    R_NUMBER("doubles", struct triage, doubles, "rows of a report that was counted already"),
    R_NUMBER("bad", struct triage, bad, "lines that could not be read"),
};
static const struct record total = RECORD("total", struct triage, total_fields);

static const struct record_part parts[] = {
    {"groups", RECORD_ITEMS, "group", &group, false, "the new ones first, then by their reports"},
    {"total", RECORD_FIELDS, "total", &total, false,
     "what was read; of the lines, only `unread` comes after it"},
};
const struct record_form triage_form = RECORD_FORM("triage", 1, parts);

void triage_record(const struct triage *t)
{
    struct record_out r;
    record_begin(&r, t->app, &triage_form);
    record_list(&r, "groups");
    for (size_t i = 0; i < t->group_count; i++) {
        record_add(&r, &t->groups[i]);
    }
    record_put(&r, "total", t);
    record_end(&r);
}
