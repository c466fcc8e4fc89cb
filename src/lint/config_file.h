/* config_file.h: the content of one .dextctl.json. */
#ifndef APP_CONFIG_FILE_H
#define APP_CONFIG_FILE_H

#include <jansson.h>

#include "app/app.h"
#include "dext/rule.h"

struct config_severity {
    const char *rule;
    enum dext_severity severity;
};

/* What holds everywhere, or below some paths. Lists end with NULL. */
struct config_part {
    const char **paths; /* NULL: everywhere */
    const char **ignore;
    struct config_severity *severity;
    size_t severity_count;
};

struct config_file {
    char *path;   /* as shown in messages */
    char *folder; /* absolute; what paths are relative to */
    const char *fail_on, *ruleset;
    const char **exclude;
    struct config_part *parts; /* the first one holds everywhere */
    size_t part_count;
    json_t *root;              /* owner of the strings */
    bool used;                 /* some checked file comes under it */
    size_t silenced, excluded; /* findings, inputs that it left out of the current run */
};

/* Reads and checks a file. *out is NULL when there is none (APP_CLEAN); APP_USAGE after telling
 * what is wrong with it, as FILE:LINE:COL, APP_UNREADABLE when it could not be read. A file that
 * belongs to neither the user nor the owner of its folder is told and passed over: whoever may
 * write into a folder above must not silence findings. */
int config_file_read(const struct app *app, const char *path, struct config_file **out);
void config_file_free(struct config_file *f);

#endif
