#include "config.h"
struct config *config_open(struct app *app, const char *path, int *status) { (void)app; (void)path; (void)status; return NULL; }
void config_free(struct config *c) { (void)c; }
int config_prepare(struct config *c, const char *file) { (void)c; (void)file; return 0; }
bool config_admits(struct config *c, struct report_finding *f) { (void)c; (void)f; return true; }
const char *config_fail_on(const struct config *c) { (void)c; return NULL; }
const char *const *config_excludes(const struct config *c) { (void)c; return NULL; }
const char *config_ruleset(const struct config *c) { (void)c; return NULL; }
