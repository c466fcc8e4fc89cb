/* explain_formats.h: inside of the explanation's formats. */
#ifndef APP_EXPLAIN_FORMATS_H
#define APP_EXPLAIN_FORMATS_H

#include "explain_view.h"

void explain_json(const struct explain_out *o);
void explain_ndjson(const struct explain_out *o);
void explain_sarif(const struct explain_out *o);
void explain_markdown(const struct explain_out *o);

/* What a question names, after the verdicts. */
void explain_named(const struct explain_out *o);
void explain_named_markdown(const struct explain_out *o);
const char *explain_call_lead(const struct dext_call_named *c);

/* Text of ours in Markdown. */
void explain_plain(FILE *out, const char *text);
/* One cause, while more may come; only human and ndjson print it then, the others at the end. */
void explain_cause(const struct explain_out *o, const struct dext_verdict *v, size_t rank);
void explain_ndjson_cause(const struct explain_out *o, const struct dext_verdict *v, size_t rank);
/* What was told of subject is over: it started after all. */
void explain_over(const struct explain_out *o, const char *subject, const char *symptom);
void explain_ndjson_over(const struct explain_out *o, const char *subject, const char *symptom);

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

#endif
