/* topic_view.h: what a driver extension can and cannot do, as pages and records. */
#ifndef VIEW_TOPIC_VIEW_H
#define VIEW_TOPIC_VIEW_H

#include "app/app.h"
#include "dext/log.h"
#include "view/record.h"

extern const struct record_form topic_form;

/* By app->face; all: the catalogue, of which people see a line each. */
void topic_view(const struct app *app, const struct dext_symptom *const *topics, size_t count,
                bool all);

#endif
