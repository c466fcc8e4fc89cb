/* explain_report.h: one explanation as one row: what a table of many reports is made of. */
#ifndef APP_EXPLAIN_REPORT_H
#define APP_EXPLAIN_REPORT_H

#include "view/explain_view.h"

struct explain_digest {
    const char *file; /* as given */
    char sha256[65];  /* "": no regular file, or it cannot be read */
};

struct explain_report_cause {
    char id[17]; /* of symptom and subject: the same in every report */
    const struct dext_symptom *symptom;
    bool earlier;                          /* seen only before the last start of the system */
    const char *subject, *version, *build; /* version: NULL when no input names it */
};

struct explain_report {
    char id[65]; /* "": some input has no digest */
    const char *dextctl;
    struct explain_digest *digests;
    size_t digest_count;
    const struct dext_system_seen *system;
    struct explain_report_cause *causes;
    size_t cause_count;
    int64_t when; /* of the latest cause, 0: not known */
    bool whole;   /* everything was read */
};

extern const struct record explain_report_record;

/* Reads the operands again for their digests. Free with explain_report_free. */
void explain_report_make(struct explain_report *r, const struct explain_out *o);
void explain_report_free(struct explain_report *r);

#endif
