/* sarif.h: what every SARIF log of ours is made of (SARIF 2.1.0). */
#ifndef APP_SARIF_H
#define APP_SARIF_H

#include "json.h"

#define SARIF_SCHEMA                                                                               \
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

/* key: {"text": s} */
void sarif_text(struct json *j, const char *key, const char *s);
/* key: {"uri": ...}, relative to the current folder where that is possible. */
void sarif_file(struct json *j, const char *key, const char *file);
/* "region"; nothing for line 0, no column for column 0. */
void sarif_region(struct json *j, unsigned line, unsigned column, unsigned end_column);
/* "name": the rule's name in the form that the format's guidelines ask for. */
void sarif_rule_name(struct json *j, const char *name);

#endif
