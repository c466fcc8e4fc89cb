/* What `dextctl lint` tells: json, one document, and ndjson, the same records, one a line. */
#include "lint/config_file.h"
#include "lint/report.h"
#include "view/shared_record.h"

static bool is_some(int count)
{
    return count != 0;
}

static const struct record_field finding_fields[] = {
    R_INLINE(struct report_finding, f, &finding_record),
    R_TEST("fixable", struct report_finding, f.edit_count, is_some, "whether `--fix` mends it"),
    R_CHARS("fingerprint", struct report_finding, fingerprint,
            "32 hex digits made of rule, file, key path and message, not of the line: the same "
            "finding keeps it while the file is edited elsewhere. The file counts as seen from the "
            "current folder. Two findings alike but for the line share one"),
};
static const struct record finding = RECORD("lint-finding", struct report_finding, finding_fields);

static const char *status_word(int v)
{
    static const char *const words[] = {"checked", "skipped", "unreadable"};
    return words[v];
}

static const struct record_field input_fields[] = {
    R_TEXT("file", struct report_input, file, "as of a finding"),
    R_TEXT("kind", struct report_input, kind,
           "`info-plist`, `kext-info-plist`, `other-info-plist`, `entitlements`, `profile`, "
           "`project`, `bundle`, `archive`, `other`, ..."),
    R_WORD("status", struct report_input, status, status_word, DEXT_UNREADABLE + 1,
           "`skipped`: nothing for dextctl to check; `unreadable`: could not be read or understood "
           "(exit status 3)"),
    R_TEXT("reason", struct report_input, reason,
           "why it was skipped, or `FILE: reason`, `FILE:LINE:COLUMN: reason` for what is "
           "unreadable; `\"\"` when it was checked"),
};
static const struct record input = RECORD("input", struct report_input, input_fields);

static const char *verdict_word(int v)
{
    static const char *const words[] = {"loads", "does-not-load", "unknown", "loads-idly"};
    return words[v];
}

static const struct record_field product_fields[] = {
    R_TEXT("project", struct report_product, p.project,
           "`project.pbxproj`, or the `project.yml` that one is made of"),
    R_TEXT("configuration", struct report_product, p.configuration,
           "what the rest is told of: `Release`, or the last one"),
    R_TEXT("driver", struct report_product, p.driver, "the target"),
    R_TEXT("driver_id", struct report_product, p.driver_id,
           "its bundle id; texts are `\"\"` where there is none, or where it is not known"),
    R_TEXT("bundle", struct report_product, p.bundle, "name of the `.dext`"),
    R_TEXT("info_plist", struct report_product, p.info, "the driver's file"),
    R_TEXT("entitlements", struct report_product, p.entitlements, "the driver's file"),
    R_TEXT("entitlements_named", struct report_product, p.named,
           "what `CODE_SIGN_ENTITLEMENTS` says; where `entitlements` is empty it was not found"),
    R_TEXT("app", struct report_product, p.app, "target that embeds the driver, or depends on it"),
    R_TEXT("app_id", struct report_product, p.app_id, "its bundle id"),
    R_TEXT("app_entitlements", struct report_product, p.app_entitlements, "its file"),
    R_TEXT("app_entitlements_named", struct report_product, p.app_named, "likewise"),
    R_TEXT("folder", struct report_product, p.folder,
           "where in the app the driver is put, `Contents/Library/SystemExtensions`"),
    R_TEXTS("matches", struct report_product, p.matches, p.match_count,
            "a line a personality: its name, its provider and the keys it matches on"),
    R_WORD(
        "verdict", struct report_product, p.verdict, verdict_word, DEXT_LOADS_IDLY + 1,
        "`loads`: nothing that was looked at keeps it from it; `loads-idly`: it would be launched, "
        "and an error keeps its family or its clients from it"),
    R_TEXTS("reasons", struct report_product, p.reasons, p.reason_count,
            "for `does-not-load` and `loads-idly` the errors, each `RULE name, FILE:LINE`; for "
            "`unknown` what is not "
            "known"),
};
static const struct record product = RECORD("product", struct report_product, product_fields);

static const struct record_field summary_fields[] = {
    R_NUMBER("errors", struct report_counts, errors, "findings"),
    R_NUMBER("warnings", struct report_counts, warnings, "findings"),
    R_NUMBER("notes", struct report_counts, notes, "findings"),
    R_NUMBER("checked", struct report_counts, checked, "inputs"),
    R_NUMBER("skipped", struct report_counts, skipped, "inputs"),
    R_NUMBER("unreadable", struct report_counts, unreadable, "inputs"),
    R_NUMBER("suppressed", struct report_counts, suppressed,
             "findings hidden by `--ignore`, `.dextctl.json` or a baseline; what a comment in a "
             "file silences, and what `--select` did not ask for, is not counted"),
    R_NUMBER("fixed", struct report_counts, fixed, "mended in this run by `--fix`"),
    R_BOOL("nothing_checked", struct report_counts, nothing,
           "no input was checked and none was unreadable: exit status 3 unless `--allow-empty` is "
           "given"),
};
static const struct record summary = RECORD("summary", struct report_counts, summary_fields);

static const struct record_field config_fields[] = {
    R_TEXT("file", struct config_file, path, "as of a finding"),
    R_NUMBER("silenced", struct config_file, silenced, "findings that it ignores"),
    R_NUMBER("excluded", struct config_file, excluded, "inputs that its `exclude` leaves out"),
};
static const struct record config = RECORD("configuration", struct config_file, config_fields);

struct report_tool {
    const char *name, *version;
};

static const struct record_field tool_fields[] = {
    R_TEXT("name", struct report_tool, name, "`dextctl`"),
    R_TEXT("version", struct report_tool, version, "as `dextctl --version` says"),
};
static const struct record tool = RECORD("tool", struct report_tool, tool_fields);

static const struct record_part parts[] = {
    {"tool", RECORD_PART, NULL, &tool, false, "who says it"},
    {"findings", RECORD_ITEMS, "finding", &finding, false, "each is reported once"},
    {"inputs", RECORD_ITEMS, "input", &input, false,
     "what became of each file, bundle and project, sorted by file"},
    {"products", RECORD_ITEMS, "product", &product, false,
     "what each driver target of the projects among the inputs would build, sorted by project and "
     "driver"},
    {"configurations", RECORD_ITEMS, "configuration", &config, false,
     "the `.dextctl.json` files that held for what was checked"},
    {"summary", RECORD_PART, "summary", &summary, false,
     "counts; of the lines, only `unread` comes after it"},
};
const struct record_form lint_form = RECORD_FORM("lint", 1, parts);

static void write_record(const struct report *r)
{
    struct record_out o;
    const struct report_tool who = {"dextctl", dext_version()};
    record_begin(&o, r->app, &lint_form);
    record_put(&o, "tool", &who);
    record_list(&o, "findings");
    for (size_t i = 0; i < r->count; i++) {
        record_add(&o, &r->findings[i]);
    }
    record_list(&o, "inputs");
    for (size_t i = 0; i < r->input_count; i++) {
        record_add(&o, &r->inputs[i]);
    }
    record_list(&o, "products");
    for (size_t i = 0; i < r->product_count; i++) {
        record_add(&o, &r->products[i]);
    }
    record_list(&o, "configurations");
    const struct config_file *c;
    for (size_t i = 0; (c = report_config(r, i)) != NULL; i++) {
        record_add(&o, c);
    }
    record_put(&o, "summary", &r->counts);
    record_end(&o);
}

const struct report_format report_record = {write_record};
