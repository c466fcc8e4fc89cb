/* What `dextctl explain` tells. */
#include "view/explain_formats.h"
#include "view/explain_report.h"
#include "view/record.h"

struct explain_cause_row {
    const struct dext_verdict *verdict;
    size_t rank;
};

struct explain_answer_row {
    const struct dext_symptom *symptom;
    size_t rank;
};

struct explain_over_row {
    const char *subject, *symptom;
};

#define STAGES                                                                                     \
    "build|sign|embed|activate|approve|stage|match|launch|start|serve|power|update|deactivate"

/* ---- a symptom ------------------------------------------------------------------------------ */

static const struct record_field logged_fields[] = {
    R_TEXT("time", struct dext_logged, time,
           "RFC 3339; without its zone where the line has none, `\"\"` where it has no date"),
    R_COUNTED("pid", struct dext_logged, pid, "of the process"),
    R_HEX_OR_NULL("thread", struct dext_logged, thread, "its id"),
    R_TEXT("process", struct dext_logged, process, "its name, or `\"\"`"),
    R_TEXT("image", struct dext_logged, image,
           "the library or extension that logged it, or `\"\"`: the process itself"),
    R_TEXT("subsystem", struct dext_logged, subsystem, "as `log show` prints it, or `\"\"`"),
    R_TEXT("category", struct dext_logged, category, "likewise"),
};
static const struct record logged = RECORD("logged", struct dext_logged, logged_fields);

static const struct record_field evidence_fields[] = {
    R_TEXT("file", struct dext_evidence, file, "as given, or `ARCHIVE!/MEMBER`"),
    R_NUMBER("line", struct dext_evidence, line, "from 1; 0: the file as a whole"),
    R_TEXT("text", struct dext_evidence, text, "the message, cut at 400 bytes"),
    R_REF("logged", struct dext_evidence, logged, &logged,
          "who wrote the line and when, as far as it says so"),
};
static const struct record evidence = RECORD("evidence", struct dext_evidence, evidence_fields);

static const struct record_field symptom_fields[] = {
    R_TEXT("symptom", struct dext_symptom, id, "its name in the knowledge base"),
    R_CHOICE("stage", struct dext_symptom, stage, STAGES, "of a driver's life"),
    R_CHOICE("role", struct dext_symptom, role, "cause|effect|step|noise",
             "`effect` leads only when no cause is known"),
    R_CHOICE("confidence", struct dext_symptom, confidence, "high|medium|low",
             "that it is what it looks like"),
    R_TEXT("what", struct dext_symptom, what, "what it is"),
    R_TEXT("detail", struct dext_symptom, detail, "what the line names, or `\"\"`"),
    R_TEXTS("why", struct dext_symptom, why.text, why.count, "likely reasons"),
    R_TEXTS("check", struct dext_symptom, check.text, check.count,
            "what would confirm or exclude it"),
    R_TEXTS("fix", struct dext_symptom, fix.text, fix.count, "how to mend it"),
    R_TEXTS("source", struct dext_symptom, source.text, source.count, "where it is known from"),
    R_ARRAY("evidence", struct dext_symptom, evidence, evidence_count, &evidence,
            "the first lines that show it, 3 at most"),
    R_NUMBER("times", struct dext_symptom, times, "how often it was seen"),
    R_TEXT_OR_NULL("whose", struct dext_symptom, whose,
                   "where no line names a driver: what tells whose it is"),
    R_BOOL("earlier", struct dext_symptom, earlier,
           "seen only before the last start of the system"),
};
static const struct record symptom = RECORD("symptom", struct dext_symptom, symptom_fields);

/* ---- a cause -------------------------------------------------------------------------------- */

static const struct record_field verdict_fields[] = {
    R_TEXT("subject", struct dext_verdict, subject,
           "bundle id or class; `\"\"` when no line names one"),
    R_TEXT("reached", struct dext_verdict, reached, "the last stage that succeeded, or `\"\"`"),
    R_SURE("root", struct dext_verdict, root, &symptom, "the first stage that failed"),
    R_REFS("consequences", struct dext_verdict, consequences, consequence_count, &symptom,
           "what follows from it"),
    R_REFS("further", struct dext_verdict, further, further_count, &symptom,
           "failures of their own that came later"),
};
static const struct record verdict = RECORD("verdict", struct dext_verdict, verdict_fields);

static const struct record_field cause_fields[] = {
    R_NUMBER("rank", struct explain_cause_row, rank, "1: the best founded"),
    R_INLINE_REF(struct explain_cause_row, verdict, &verdict),
};
static const struct record cause = RECORD("cause", struct explain_cause_row, cause_fields);

static const struct record_field answer_fields[] = {
    R_NUMBER("rank", struct explain_answer_row, rank, "1: what fits best"),
    R_INLINE_REF(struct explain_answer_row, symptom, &symptom),
};
static const struct record answer = RECORD("answer", struct explain_answer_row, answer_fields);

static const struct record_field over_fields[] = {
    R_TEXT("subject", struct explain_over_row, subject, "as in the cause"),
    R_TEXT("symptom", struct explain_over_row, symptom, "the cause's root"),
};
static const struct record over = RECORD("over", struct explain_over_row, over_fields);

static const struct record_field waits_fields[] = {
    R_TEXT("subject", struct explain_over_row, subject, "bundle id or class; empty: not known yet"),
    R_TEXT("symptom", struct explain_over_row, symptom, "the effect"),
};
static const struct record waits = RECORD("waits", struct explain_over_row, waits_fields);

/* ---- what a question names ------------------------------------------------------------------ */

static const struct record_field place_fields[] = {
    R_TEXT("file", struct dext_evidence, file, "where it stands first"),
    R_NUMBER("line", struct dext_evidence, line, "from 1"),
    R_TEXT("quote", struct dext_evidence, text, "the words around it"),
};
static const struct record place = RECORD("place", struct dext_evidence, place_fields);

static const struct record_field code_fields[] = {
    R_TEXT("text", struct dext_code_named, text, "as it stands there"),
    R_TEXT("name", struct dext_code_named, name, "of its likeliest meaning"),
    R_TEXT("written", struct dext_code_named, written, "as its domain writes it"),
    R_TEXT("domain", struct dext_code_named, domain, "title of the domain"),
    R_TEXT("meaning", struct dext_code_named, meaning,
           "to the author of a driver; plain where a cause tells what it means"),
    R_TEXT("note", struct dext_code_named, note, "what the text has wrong about it, or `\"\"`"),
    R_INLINE(struct dext_code_named, evidence, &place),
};
static const struct record code = RECORD("code", struct dext_code_named, code_fields);

static const struct record_field call_fields[] = {
    R_TEXT("name", struct dext_call_named, name, "of the call, class or constant"),
    R_CHOICE("status", struct dext_call_named, status, "same|other|none",
             "whether DriverKit has it: under that name, under another one, not"),
    R_TEXT("counterpart", struct dext_call_named, counterpart,
           "in DriverKit; of `none` the way that exists"),
    R_TEXT("header", struct dext_call_named, header, "that declares it, or `\"\"`"),
    R_TEXT("note", struct dext_call_named, note, "what else to know, or `\"\"`"),
    R_TEXT("source", struct dext_call_named, source, "where it is known from"),
    R_INLINE(struct dext_call_named, evidence, &place),
};
static const struct record call = RECORD("call", struct dext_call_named, call_fields);

/* ---- a driver's life ------------------------------------------------------------------------ */

static const char *explain_record_state_word(int v)
{
    return explain_stage_state((enum dext_stage_state)v);
}

static const char *symptom_id(const void *pointer)
{
    return pointer ? ((const struct dext_symptom *)pointer)->id : NULL;
}

static const struct record_field stage_fields[] = {
    R_CHOICE("stage", struct dext_stage_seen, stage, STAGES, "of a driver's life"),
    R_WORD("state", struct dext_stage_seen, state, explain_record_state_word, DEXT_STAGE_FAILED + 1,
           "a line says so; a later stage was reached; it failed"),
    R_CALLED_OR_NULL("symptom", struct dext_stage_seen, by, symptom_id, NULL,
                     "name of the symptom that shows it"),
};
static const struct record stage = RECORD("stage", struct dext_stage_seen, stage_fields);

static const struct record_field driver_fields[] = {
    R_TEXT("subject", struct dext_life, subject, "as of a cause"),
    R_TEXT("node", struct dext_life, node, "its entry id, hexadecimal, or `\"\"`"),
    R_LIST("stages", struct dext_life, stages, stage_count, &stage,
           "in the order of a life; those of which nothing is known are left out"),
};
static const struct record driver = RECORD("driver", struct dext_life, driver_fields);

/* ---- what was read -------------------------------------------------------------------------- */

static const char *kind_word(int v)
{
    return dext_text_kind_name((enum dext_text_kind)v);
}

static const char *command_word(int v)
{
    return explain_other_command((enum dext_text_kind)v);
}

static const struct record_field input_fields[] = {
    R_TEXT("file", struct dext_explain_input, file,
           "as given; of a folder or archive each file as one, `ARCHIVE!/MEMBER`"),
    R_WORD("kind", struct dext_explain_input, kind, kind_word, DEXT_TEXT_KINDS,
           "what it was taken for"),
    R_WORD_OR_NULL("command", struct dext_explain_input, kind, command_word, DEXT_TEXT_KINDS,
                   "the one that reads this kind by itself"),
    R_TEXT("what", struct dext_explain_input, what, "the kind in words"),
    R_TEXT("holds", struct dext_explain_input, holds,
           "`618 nodes, 1 third-party driver extension running`, or `\"\"`"),
    R_TEXTS("notes", struct dext_explain_input, notes.text, notes.count,
            "what it says of drivers that is no failure"),
    R_TEXT("unread", struct dext_explain_input, unread, "why a part was not read, or `\"\"`"),
    R_BOOL("aside", struct dext_explain_input, aside, "found, and not about drivers"),
};
static const struct record input = RECORD("input", struct dext_explain_input, input_fields);

static const struct record_field collect_fields[] = {
    R_TEXTS("collect", struct dext_explanation, collect.text, collect.count,
            "commands that gather what is missing; none when a cause was found"),
};
static const struct record collect = RECORD("collect", struct dext_explanation, collect_fields);

static const struct record_field count_fields[] = {
    R_NUMBER("lines", struct dext_explanation, lines, "how many were read"),
    R_BOOL("asked", struct dext_explanation, asked, "somebody asks or tells of trouble"),
    R_NUMBER("gave_up", struct dext_explanation, gave_up,
             "searches that hit their limits; what they would have found is not known"),
    R_NUMBER("dropped", struct dext_explanation, dropped,
             "findings that were not kept because the input names too many drivers"),
};
static const struct record counts = RECORD("counts", struct dext_explanation, count_fields);

static const struct record_field summary_fields[] = {
    R_INLINE_REF(struct explain_out, result, &collect),
    R_LIST("inputs", struct explain_out, inputs, input_count, &input,
           "in the order they were read"),
    R_INLINE_REF(struct explain_out, result, &counts),
    R_NUMBER("passed_over", struct explain_out, passed_over,
             "files of folders and archives that do not tell of drivers"),
};
static const struct record summary = RECORD("summary", struct explain_out, summary_fields);

/* ---- the form ------------------------------------------------------------------------------- */

static const struct record_part parts[] = {
    {"causes", RECORD_ITEMS, "cause", &cause, false, "the best founded first"},
    {"answers", RECORD_ITEMS, "answer", &answer, false,
     "to what is asked in prose, no failures; what fits best first, 3 at most"},
    {"codes", RECORD_ITEMS, "code", &code, false, "return codes that a question names"},
    {"calls", RECORD_ITEMS, "call", &call, false,
     "calls, classes and constants of kernel extensions that a question names"},
    {"drivers", RECORD_ITEMS, "driver", &driver, false, "each that was seen, and its life"},
    {"steps", RECORD_ITEMS, "step", &symptom, false, "progress that was seen"},
    {"noise", RECORD_ITEMS, "noise", &symptom, false, "lines that look bad and are not"},
    {"summary", RECORD_FIELDS, "summary", &summary, false, "what was read"},
    {"report", RECORD_PART, "report", &explain_report_record, false,
     "all of it in one row, for `dextctl triage`; of the lines, only `unread` comes after it"},
    {"waits", RECORD_LINE, "waits", &waits, false,
     "with `--follow`: an effect was seen; in 3 seconds it is told as a cause if no other comes"},
    {"over", RECORD_LINE, "over", &over, false,
     "with `--follow`: what was told as a cause ended with a successful start"},
};
const struct record_form explain_form = RECORD_FORM("explain", 1, parts);

static void explain_record_begin(struct record_out *r, const struct explain_out *o)
{
    record_begin(r, o->app, &explain_form);
}

static void explain_record_symptoms(struct record_out *r, const char *name,
                                    const struct dext_symptom *const *list, size_t count)
{
    record_list(r, name);
    for (size_t i = 0; i < count; i++) {
        record_add(r, list[i]);
    }
}

static void explain_record_named(struct record_out *r, const struct dext_explanation *e)
{
    record_list(r, "answers");
    for (size_t i = 0; i < e->answer_count; i++) {
        struct explain_answer_row row = {e->answers[i], i + 1};
        record_add(r, &row);
    }
    record_list(r, "codes");
    for (size_t i = 0; i < e->code_count; i++) {
        record_add(r, &e->codes[i]);
    }
    record_list(r, "calls");
    for (size_t i = 0; i < e->call_count; i++) {
        record_add(r, &e->calls[i]);
    }
}

static void explain_record(const struct explain_out *o, bool causes)
{
    struct record_out r;
    const struct dext_explanation *e = o->result;
    explain_record_begin(&r, o);
    record_list(&r, "causes");
    for (size_t i = 0; causes && i < e->verdict_count; i++) {
        struct explain_cause_row row = {&e->verdicts[i], i + 1};
        record_add(&r, &row);
    }
    explain_record_named(&r, e);
    record_list(&r, "drivers");
    for (size_t i = 0; i < e->life_count; i++) {
        record_add(&r, &e->lives[i]);
    }
    explain_record_symptoms(&r, "steps", e->steps, e->step_count);
    explain_record_symptoms(&r, "noise", e->noise, e->noise_count);
    record_put(&r, "summary", o);
    struct explain_report report;
    explain_report_make(&report, o);
    record_put(&r, "report", &report);
    explain_report_free(&report);
    record_end(&r);
}

static void explain_json_view(const struct explain_out *o)
{
    explain_record(o, true);
}

static void explain_ndjson_view(const struct explain_out *o)
{
    explain_record(o, !o->told);
}

static void explain_ndjson_cause(const struct explain_out *o, const struct dext_verdict *v,
                                 size_t rank)
{
    struct record_out r;
    struct explain_cause_row row = {v, rank};
    explain_record_begin(&r, o);
    record_list(&r, "causes");
    record_add(&r, &row);
    record_end(&r);
}

static void explain_ndjson_line(const struct explain_out *o, const char *type, const char *subject,
                                const char *symptom_id)
{
    struct record_out r;
    struct explain_over_row row = {subject, symptom_id};
    explain_record_begin(&r, o);
    record_put(&r, type, &row);
    record_end(&r);
}

static void explain_ndjson_over(const struct explain_out *o, const char *subject,
                                const char *symptom_id)
{
    explain_ndjson_line(o, "over", subject, symptom_id);
}

static void explain_ndjson_waits(const struct explain_out *o, const char *subject,
                                 const char *symptom_id)
{
    explain_ndjson_line(o, "waits", subject, symptom_id);
}

const struct explain_format explain_json = {explain_json_view, NULL, NULL, NULL};
const struct explain_format explain_ndjson = {explain_ndjson_view, explain_ndjson_cause,
                                              explain_ndjson_over, explain_ndjson_waits};
