/* What `dextctl rule` tells. */
#include <stdlib.h>

#include "view/rule_view.h"
#include "view/shared_record.h"

struct rule_row {
    const char *id, *name, *since, *summary, *why, *fix, *bad, *good;
    enum dext_severity severity;
    bool preview, fixable;
    const char **notes, **see, **sources; /* NULL-ended */
};

static const struct record_field rule_fields[] = {
    R_TEXT("rule", struct rule_row, id, "id, `DX` and three digits; keeps its meaning for ever"),
    R_TEXT("name", struct rule_row, name, "such as `missing-user-class`"),
    R_WORD("severity", struct rule_row, severity, severity_word, SEVERITY_WORDS,
           "unless it is configured"),
    R_BOOL("preview", struct rule_row, preview, "it takes part only with `--preview`"),
    R_TEXT("since", struct rule_row, since, "the first ruleset that has it"),
    R_BOOL("fixable", struct rule_row, fixable, "`--fix` mends it where that is safe"),
    R_TEXT("summary", struct rule_row, summary, "what it finds"),
    R_TEXT("why", struct rule_row, why, "why it is a mistake"),
    R_TEXT("fix", struct rule_row, fix, "what to do about it"),
    R_TEXT("bad", struct rule_row, bad, "an example"),
    R_TEXT("good", struct rule_row, good, "the same, done right"),
    R_TEXTS_ENDED("notes", struct rule_row, notes, "what else to know"),
    R_TEXTS_ENDED("see", struct rule_row, see, "related rules"),
    R_TEXTS_ENDED("sources", struct rule_row, sources, "who says so"),
};
static const struct record rule = RECORD("rule", struct rule_row, rule_fields);

static const struct record_part parts[] = {
    {"rules", RECORD_ITEMS, "rule", &rule, false, "in the order of their ids, or as asked for"},
};
const struct record_form rule_form = RECORD_FORM("rule", 1, parts);

/* ---- the face ------------------------------------------------------------------------------- */

static const char **rule_texts(const struct dext_rule *r,
                               const char *(*at)(const struct dext_rule *, size_t))
{
    size_t count = 0;
    while (at(r, count)) {
        count++;
    }
    const char **out = app_alloc((count + 1) * sizeof *out);
    for (size_t i = 0; i < count; i++) {
        out[i] = at(r, i);
    }
    return out;
}

static void rule_add(struct record_out *o, const struct dext_rule *r)
{
    struct rule_row row = {
        .id = dext_rule_id(r),
        .name = dext_rule_name(r),
        .since = dext_rule_since(r),
        .summary = dext_rule_summary(r),
        .why = dext_rule_why(r),
        .fix = dext_rule_fix(r),
        .bad = dext_rule_bad(r),
        .good = dext_rule_good(r),
        .severity = dext_rule_severity(r),
        .preview = dext_rule_is_preview(r),
        .fixable = dext_rule_is_fixable(r),
        .notes = rule_texts(r, dext_rule_note),
        .see = rule_texts(r, dext_rule_see),
        .sources = rule_texts(r, dext_rule_source),
    };
    record_add(o, &row);
    free(row.notes);
    free(row.see);
    free(row.sources);
}

void rule_record(const struct app *app, const struct dext_rule *const *rules, size_t count,
                 bool all)
{
    struct record_out o;
    (void)all;
    record_begin(&o, app, &rule_form);
    record_list(&o, "rules");
    for (size_t i = 0; i < count; i++) {
        rule_add(&o, rules[i]);
    }
    record_end(&o);
}
