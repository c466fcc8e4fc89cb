/* config.h: .dextctl.json, found in the folder of the checked file or above it, up to the top of
 * its repository and to the first folder of another owner. The nearest one holds; files are not
 * merged. docs/config.md describes its keys. */
#ifndef APP_CONFIG_H
#define APP_CONFIG_H

#include "lint/report.h"

struct config;

/* Reads the one file given with --config (path), or prepares looking upward from each checked file
 * (path NULL). NULL with *status set when the file is wrong (told). */
struct config *config_open(struct app *app, const char *path, int *status);
void config_free(struct config *c);

/* Reads the configuration that holds for file (for what is in it, when it is a folder), so that a
 * mistake in it is told before anything is checked. APP_CLEAN or an exit status; told once. */
int config_prepare(struct config *c, const char *file);

/* Applies ignore, severity and per-path overrides to f; false: not to be shown. */
bool config_admits(struct config *c, struct report_finding *f);

/* "fail-on" and "ruleset" of the configuration that holds for file, or NULL. */
const char *config_fail_on(struct config *c, const char *file);
const char *config_ruleset(struct config *c, const char *file);

/* Whether "exclude" leaves out file, which the walk below one of the operands came by: the
 * configuration of either may say so. An operand itself is never left out. operands are the same
 * list in every call. */
bool config_excludes(struct config *c, const char *const *operands, const char *file);

struct config_file;

/* The i-th configuration that a checked file comes under, or NULL; what it left out is counted in
 * it since config_rewind. c may be NULL. */
const struct config_file *config_used(const struct config *c, size_t i);
void config_rewind(struct config *c);

/* "exclude" patterns that the walk below every one of the operands may apply by itself, so that
 * what they name is not even read. NULL-terminated, or NULL. */
const char *const *config_walk_excludes(struct config *c, const char *const *operands);

#endif
