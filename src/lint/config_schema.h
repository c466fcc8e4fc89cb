/* config_schema.h: the JSON Schema of .dextctl.json, so that an editor proposes its keys and rules.
 */
#ifndef APP_CONFIG_SCHEMA_H
#define APP_CONFIG_SCHEMA_H

#include <stdio.h>

#define CONFIG_SCHEMA_NAME "dextctl.config-1"

void config_schema_write(FILE *out);

#endif
