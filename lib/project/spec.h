/* spec.h: XcodeGen's specifications as one tree: what include names, and the templates of targets.
 */
#ifndef DX_PROJECT_SPEC_H
#define DX_PROJECT_SPEC_H

#include "project/read.h"

/* The tree of a project.yml with everything it includes merged below it. Nodes of other files have
 * no place (line 0). */
const struct dext_node *dx_spec_root(struct dx_reading *r, const struct dx_doc *doc);

/* A target with its templates merged below it, ${target_name} filled in. */
const struct dext_node *dx_spec_target(struct dx_reading *r, const struct dext_node *root,
                                       const struct dext_node *target);

/* xcodegen_files.c: the Info.plist that XcodeGen takes when a target names none, as a path from the
 * project's folder, or NULL. */
const char *dx_xcodegen_info(struct dext_ctx *ctx, const struct dx_project *project,
                             const struct dx_project_target *target);

#endif
