/* node_value.h: a property list's value written for people and as JSON. */
#ifndef APP_NODE_VALUE_H
#define APP_NODE_VALUE_H

#include "app/json.h"
#include "dext/plist.h"

/* {key: "text", other: [1, true]} on one line; what nests too deep is "...". */
void node_value_print(FILE *out, const struct dext_node *n);

/* Data and dates become strings, what nests too deep null. */
void node_value_json(struct json *j, const struct dext_node *n);

#endif
