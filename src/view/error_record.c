/* What `dextctl error` tells. */
#include "view/error_view.h"

struct error_row {
    const char *input;
    const struct dext_error *matches;
    size_t match_count;
    const char *text, *nearest;
    int64_t offset; /* -1: no code */
    const struct dext_error_hit *unknown;
    bool too_wide;
};

static const struct record_field match_fields[] = {
    R_TEXT("name", struct dext_error, name, "`kIOReturnUnsupported`"),
    R_HEX8("value", struct dext_error, value, "the number, 8 hex digits"),
    R_SIGNED("signed", struct dext_error, value, "the same as a signed 32-bit integer"),
    R_TEXT("domain", struct dext_error, domain, "where the code belongs: `iokit`"),
    R_TEXT_OR_NULL("system", struct dext_error, system,
                   "part of a Mach error number; `null` when it is not divided"),
    R_TEXT_OR_NULL("subsystem", struct dext_error, subsystem, "likewise"),
    R_NUMBER("code", struct dext_error, code,
             "the low 14 bits, or the number itself when it is not divided"),
    R_TEXT("summary", struct dext_error, summary, "one line"),
    R_TEXT_OR_NULL("driverkit", struct dext_error, driverkit,
                   "what it means to the author of a driver"),
    R_TEXTS("aliases", struct dext_error, aliases.text, aliases.count,
            "other names of the same number in the same domain"),
    R_TEXT("written", struct dext_error, written,
           "as its domain writes it: `0xe00002c7`, `-67062`, `4`"),
    R_TEXT("title", struct dext_error, title, "of the domain, for people"),
    R_BOOL("derived", struct dext_error, derived,
           "only the code was given: system and subsystem were supposed"),
    R_TEXTS("causes", struct dext_error, causes.text, causes.count, "likeliest first"),
    R_TEXTS("checks", struct dext_error, checks.text, checks.count, "what to look at"),
    R_TEXTS("sources", struct dext_error, sources.text, sources.count, "where it is known from"),
    R_TEXT("why", struct dext_error, why, "why this meaning ranks where it does"),
};
static const struct record match = RECORD("match", struct dext_error, match_fields);

static const struct record_field unknown_fields[] = {
    R_HEX8("value", struct dext_error_hit, value, "the number, 8 hex digits"),
    R_SIGNED("signed", struct dext_error_hit, value, "the same as a signed 32-bit integer"),
    R_TEXT_OR_NULL("domain", struct dext_error_hit, domain,
                   "title of the domain that the text names for it; its parts mean nothing then"),
    R_TEXT_OR_NULL("system", struct dext_error_hit, split.system_name, "name of the part"),
    R_NUMBER("system_number", struct dext_error_hit, split.system, "the upper 6 bits"),
    R_TEXT_OR_NULL("subsystem", struct dext_error_hit, split.subsystem_name, "name of the part"),
    R_NUMBER("subsystem_number", struct dext_error_hit, split.subsystem, "the next 12 bits"),
    R_NUMBER("code", struct dext_error_hit, split.code, "the low 14 bits"),
};
static const struct record unknown = RECORD("unknown", struct dext_error_hit, unknown_fields);

static const struct record_field result_fields[] = {
    R_TEXT("input", struct error_row, input, "what was asked"),
    R_LIST("matches", struct error_row, matches, match_count, &match,
           "the meanings, likeliest first; empty when the code is not known"),
    R_TEXT_OR_NULL("text", struct error_row, text,
                   "the code as it stands in `input`; `null` when there is none"),
    R_COUNTED("offset", struct error_row, offset, "where, in bytes"),
    R_REF("unknown", struct error_row, unknown, &unknown,
          "the parts of a number that is not known"),
    R_BOOL("too_wide", struct error_row, too_wide,
           "it has more than 32 bits: an address or a registry id, no error code"),
    R_TEXT_OR_NULL("nearest", struct error_row, nearest,
                   "the known name nearest to one that is not known"),
};
static const struct record result = RECORD("result", struct error_row, result_fields);

static const struct record_field domain_fields[] = {
    R_TEXT("domain", struct dext_error_domain, name, "`iokit`"),
    R_TEXT("title", struct dext_error_domain, title, "for people"),
    R_NUMBER("codes", struct dext_error_domain, count, "how many it has"),
};
static const struct record domain = RECORD("domain", struct dext_error_domain, domain_fields);

static const struct record_part parts[] = {
    {"results", RECORD_ITEMS, "result", &result, true,
     "one for each thing that was asked, more when a line holds several codes; not with `--list`"},
    {"domains", RECORD_ITEMS, "domain", &domain, true, "with `--list` and no domain"},
    {"codes", RECORD_ITEMS, "code", &match, true, "with `--list` and domains"},
};
const struct record_form error_form = RECORD_FORM("error", 1, parts);

/* ---- the face ------------------------------------------------------------------------------- */

static void error_record_open(struct error_out *o, const char *list)
{
    record_begin(&o->record, o->app, &error_form);
    record_list(&o->record, list);
}

static void error_record_result(struct error_out *o, const char *input,
                                const struct dext_error_hit *h, bool first)
{
    struct error_row row = {.input = input, .offset = -1};
    (void)first;
    if (h) {
        row.matches = h->matches;
        row.match_count = h->match_count;
        row.text = h->text;
        row.nearest = h->nearest;
        row.offset = (int64_t)h->offset;
        row.unknown = h->kind == DEXT_ERROR_UNKNOWN_NUMBER ? h : NULL;
        row.too_wide = h->kind == DEXT_ERROR_TOO_WIDE;
    }
    record_add(&o->record, &row);
}

static void error_record_domain(struct error_out *o, const struct dext_error_domain *d)
{
    record_add(&o->record, d);
}

static void error_record_row(struct error_out *o, const struct dext_error *e)
{
    record_add(&o->record, e);
}

static void error_record_close(struct error_out *o)
{
    record_end(&o->record);
}

const struct error_format error_record = {error_record_open, error_record_result,
                                          error_record_domain, error_record_row,
                                          error_record_close};
