/* sarif.h: what every SARIF log of ours is made of (SARIF 2.1.0). */
#ifndef APP_SARIF_H
#define APP_SARIF_H

#include "app/json.h"

#define SARIF_SCHEMA                                                                               \
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

#define SARIF_ROOT "SRCROOT"

/* "originalUriBaseIds": what SARIF_ROOT is. Its place on this machine is nobody's business. */
void sarif_root(struct json *j);
/* key: {"text": s} */
void sarif_text(struct json *j, const char *key, const char *s);
/* key: {"uri": ..., "uriBaseId": ...}, relative to the top of the checkout where that is possible.
 */
void sarif_file(struct json *j, const char *key, const char *file);
/* "region"; line 0: the first one, column 0: no column. */
void sarif_region(struct json *j, unsigned line, unsigned column, unsigned end_column);
/* "name": the rule's name in the form that the format's guidelines ask for. */
void sarif_rule_name(struct json *j, const char *name);

#endif
