/* registry_html_data.h: the data of a page of a registry, as JSON in script elements. A page may
 * hold 600,000 nodes, so they come in blocks: of each, what the tree shows of its nodes (read at
 * once), and what the details show (read when somebody looks). */
#ifndef APP_REGISTRY_HTML_DATA_H
#define APP_REGISTRY_HTML_DATA_H

#include "app/json.h"
#include "view/registry_html.h"

#define REGISTRY_HTML_BLOCK 256 /* as in src/view/html/registry.js */

struct registry_html_data {
    const struct registry_html *what;
    struct json j;
    unsigned *flags; /* of each node: what lists say of it */
    size_t count;
};

void registry_html_data_open(struct registry_html_data *d, const struct registry_html *what);
void registry_html_data_free(struct registry_html_data *d);

/* The nodes of one block: "[[name, location, class, id, parent, flags], ...]" goes to index, and
 * "[{...}, ...]" to parts. */
void registry_html_data_block(struct registry_html_data *d, size_t from, FILE *index, FILE *parts);

/* What is not about a single node. */
void registry_html_data_lists(struct registry_html_data *d, FILE *out);

#endif
