#include "view/explain_report.h"

#include <stdlib.h>
#include <string.h>

#include "dext/text.h"

static const struct record_field digest_fields[] = {
    R_TEXT("file", struct explain_digest, file, "as given"),
    R_CHARS_OR_NULL("sha256", struct explain_digest, sha256,
                    "of its bytes; `null` of folders and of standard input"),
};
static const struct record digest = RECORD("digest", struct explain_digest, digest_fields);

static const char *explain_report_symptom(const void *s)
{
    return ((const struct dext_symptom *)s)->id;
}

static const char *explain_report_stage(const void *s)
{
    return ((const struct dext_symptom *)s)->stage;
}

static const char *explain_report_confidence(const void *s)
{
    return ((const struct dext_symptom *)s)->confidence;
}

static const struct record_field report_cause_fields[] = {
    R_CHARS("id", struct explain_report_cause, id,
            "made of symptom and subject: the same in every report"),
    R_CALLED("symptom", struct explain_report_cause, symptom, explain_report_symptom, NULL,
             "its name in the knowledge base"),
    R_CALLED("stage", struct explain_report_cause, symptom, explain_report_stage, NULL,
             "of a driver's life"),
    R_CALLED("confidence", struct explain_report_cause, symptom, explain_report_confidence,
             "high|medium|low", "that it is what it looks like"),
    R_BOOL("earlier", struct explain_report_cause, earlier,
           "seen only before the last start of the system"),
    R_TEXT("subject", struct explain_report_cause, subject, "as of a cause"),
    R_FILLED("version", struct explain_report_cause, version,
             "of the driver, as a list of the system names it"),
    R_FILLED("build", struct explain_report_cause, build, "likewise"),
};
static const struct record report_cause =
    RECORD("report_cause", struct explain_report_cause, report_cause_fields);

static const struct record_field system_fields[] = {
    R_FILLED("version", struct dext_system_seen, version, "of macOS, as an input tells it"),
    R_FILLED("build", struct dext_system_seen, build, "likewise"),
    R_FILLED("model", struct dext_system_seen, model, "of the Mac, `Mac14,2`"),
};
static const struct record system_seen = RECORD("system", struct dext_system_seen, system_fields);

static const struct record_field report_fields[] = {
    R_CHARS_OR_NULL(
        "id", struct explain_report, id,
        "the digest of its one input, or made of the digests of all in their order: the "
        "same for the same inputs; `null` when one has none"),
    R_TEXT("dextctl", struct explain_report, dextctl, "version of the program"),
    R_LIST("digests", struct explain_report, digests, digest_count, &digest,
           "one an input that was given"),
    R_SURE("system", struct explain_report, system, &system_seen, "where the inputs come from"),
    R_LIST("failures", struct explain_report, causes, cause_count, &report_cause,
           "the causes, the best founded first"),
    R_DATE("when", struct explain_report, when, "of the latest line that shows one of them"),
    R_BOOL("whole", struct explain_report, whole, "everything that was given was read"),
};
const struct record explain_report_record = RECORD("report", struct explain_report, report_fields);

/* FNV-1a: a name, not a defence. */
static void explain_report_name(char out[17], const char *symptom, const char *subject)
{
    uint64_t h = 0xcbf29ce484222325U;
    for (int part = 0; part < 2; part++) {
        for (const char *p = part ? subject : symptom; *p; p++) {
            h = (h ^ (unsigned char)*p) * 0x100000001b3U;
        }
        h = (h ^ 0xff) * 0x100000001b3U;
    }
    (void)snprintf(out, 17, "%016llx", (unsigned long long)h);
}

static void explain_report_causes(struct explain_report *r, const struct dext_explanation *e)
{
    r->causes = app_alloc((e->verdict_count + 1) * sizeof *r->causes);
    for (size_t i = 0; i < e->verdict_count; i++) {
        const struct dext_verdict *v = &e->verdicts[i];
        struct explain_report_cause *c = &r->causes[r->cause_count++];
        *c = (struct explain_report_cause){
            .symptom = v->root, .subject = v->subject, .earlier = v->root->earlier};
        explain_report_name(c->id, v->root->id, v->subject);
        for (size_t k = 0; k < e->system.driver_count; k++) {
            if (strcmp(e->system.drivers[k].id, v->subject) == 0) {
                c->version = e->system.drivers[k].version;
                c->build = e->system.drivers[k].build;
            }
        }
        r->when = v->root->when > r->when ? v->root->when : r->when;
    }
}

/* Of one input its own digest; of several a mixture of theirs. */
static void explain_report_id(struct explain_report *r)
{
    char list[65] = "";
    bool all = r->digest_count != 0;
    uint64_t h[4] = {1, 2, 3, 4};
    for (size_t i = 0; i < r->digest_count; i++) {
        const char *d = r->digests[i].sha256;
        all = all && *d;
        for (size_t k = 0; k < 4 && *d; k++) { /* digests are mixed, not hashed: they are random */
            char part[17];
            (void)snprintf(part, sizeof part, "%.16s", d + k * 16);
            h[k] = h[k] * 0x9e3779b97f4a7c15U + strtoull(part, NULL, 16);
        }
    }
    for (size_t k = 0; k < 4; k++) {
        (void)snprintf(list + k * 16, 17, "%016llx", (unsigned long long)h[k]);
    }
    (void)snprintf(r->id, sizeof r->id, "%s",
                   !all                   ? ""
                   : r->digest_count == 1 ? r->digests[0].sha256
                                          : list);
}

void explain_report_make(struct explain_report *r, const struct explain_out *o)
{
    *r = (struct explain_report){.dextctl = dext_version(),
                                 .system = &o->result->system,
                                 .whole = !o->unreadable && !o->result->gave_up};
    r->digests = app_alloc((o->operand_count + 1) * sizeof *r->digests);
    for (size_t i = 0; i < o->operand_count; i++) {
        struct explain_digest *d = &r->digests[r->digest_count++];
        d->file = o->operands[i];
        if (strcmp(d->file, "-") != 0) {
            (void)dext_file_sha256(o->app->ctx, d->file, d->sha256);
            dext_ctx_clear(o->app->ctx);
        }
    }
    for (size_t i = 0; i < o->input_count; i++) {
        r->whole = r->whole && !*o->inputs[i].unread;
    }
    explain_report_id(r);
    explain_report_causes(r, o->result);
}

void explain_report_free(struct explain_report *r)
{
    free(r->digests);
    free(r->causes);
}
