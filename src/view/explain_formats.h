/* explain_formats.h: inside of the explanation's formats. */
#ifndef APP_EXPLAIN_FORMATS_H
#define APP_EXPLAIN_FORMATS_H

#include "view/explain_view.h"

/* cause, waits and over are NULL in formats that tell all at the end. */
struct explain_format {
    void (*view)(const struct explain_out *o);
    void (*cause)(const struct explain_out *o, const struct dext_verdict *v, size_t rank);
    void (*over)(const struct explain_out *o, const char *subject, const char *symptom);
    void (*waits)(const struct explain_out *o, const char *subject, const char *symptom);
};

extern const struct explain_format explain_json, explain_ndjson, explain_sarif, explain_markdown;

/* What a question names, after the verdicts. */
void explain_named(const struct explain_out *o);
void explain_named_markdown(const struct explain_out *o);
const char *explain_call_lead(const struct dext_call_named *c);

#define EXPLAIN_WHOSE "No line names the driver: " /* and what tells whose it is */
#define EXPLAIN_EARLIER "Seen only before the last start of the system."

/* Text of ours in Markdown. */
void explain_plain(FILE *out, const char *text);
/* One cause, while more may come; only human and ndjson print it then, the others at the end. */
void explain_cause(const struct explain_out *o, const struct dext_verdict *v, size_t rank);
/* What was told of subject is over: it started after all. */
void explain_over(const struct explain_out *o, const char *subject, const char *symptom);
/* An effect was seen; it is told as a cause when none comes in the next seconds. */
void explain_waits(const struct explain_out *o, const char *subject, const char *symptom);

/* A copy that may be shown: redacted when that was asked for. malloc'd. */
char *explain_text(const struct explain_out *o, const char *text);

/* The sentence for inputs that show no failure. */
void explain_nothing(const struct explain_out *o);

/* It is an input from which something can be learnt. */
bool explain_was_read(const struct dext_explain_input *in);

/* The life of the driver that the verdict is about, or NULL. */
const struct dext_life *explain_life(const struct explain_out *o, const struct dext_verdict *v);
const char *explain_stage_state(enum dext_stage_state state); /* "passed", ... */

/* The driver's name, or what stands for it. */
const char *explain_subject(const struct dext_verdict *v);
/* explain_steer.c: those that hold for the macOS that the inputs come from; the list is the
 * caller's to free. */
bool explain_steer_fits(const char *text, const char *version);
/* chip: "arm64", "x86_64", "" not known. */
bool explain_steer_chip(const char *text, const char *chip);
const char **explain_steered(const struct explain_out *o, const struct dext_texts *list,
                             size_t *count);

#endif
