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

/* A copy that may be shown: redacted when that was asked for. malloc'd. */
char *explain_text(const struct explain_out *o, const char *text);

/* The driver's name, or what stands for it. */
const char *explain_subject(const struct dext_verdict *v);

#endif
