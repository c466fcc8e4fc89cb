/* config.h: .dextctl.json, found in the folder of the checked file or above it. */
#ifndef APP_CONFIG_H
#define APP_CONFIG_H

#include "report.h"

struct config;

/* Reads the one file given with --config (path), or prepares looking upward from each checked file
 * (path NULL). NULL with *status set when the file is wrong (told). */
struct config *config_open(struct app *app, const char *path, int *status);
void config_free(struct config *c);

/* Reads the configuration that holds for file, so that a mistake in it is told before anything is
 * checked. APP_CLEAN or APP_USAGE. */
int config_prepare(struct config *c, const char *file);

/* Applies ignore, severity and per-path overrides to f; false: not to be shown. */
bool config_admits(struct config *c, struct report_finding *f);

/* The configuration's "fail-on", or NULL. */
const char *config_fail_on(const struct config *c);
/* The configuration's "exclude" patterns, NULL-terminated, or NULL. */
const char *const *config_excludes(const struct config *c);
/* The configuration's "ruleset", or NULL. */
const char *config_ruleset(const struct config *c);

#endif
