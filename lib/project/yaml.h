/* yaml.h: YAML as a property list's tree, as XcodeGen takes it (by way of Yams, YAML 1.1): yes, no,
 * on and off are booleans, "<<" merges, anchors are followed. */
#ifndef DX_PROJECT_YAML_H
#define DX_PROJECT_YAML_H

#include "plist/events.h"

/* A reader for dx_plist_load_by. The first document of the file; DEXT_E_FORMAT when it is no YAML,
 * DEXT_E_LIMIT when it is nested too deep. */
int dx_yaml_read(struct dext_ctx *ctx, const struct dx_source *src, dx_event_fn *fn, void *user);

#endif
