#include "baseline.h"
struct baseline *baseline_read(struct app *app, const char *path) { (void)app; (void)path; return NULL; }
void baseline_free(struct baseline *b) { (void)b; }
bool baseline_has(const struct baseline *b, const struct report_finding *f) { (void)b; (void)f; return false; }
int baseline_write(const struct report *r, const char *path) { (void)r; (void)path; return 0; }
