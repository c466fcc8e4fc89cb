/* effective.h: the Info.plist that a build of a target makes, as a document that rules can look at.
 * Specification: swift-build, InfoPlistProcessorTaskAction.swift. */
#ifndef DX_PROJECT_EFFECTIVE_H
#define DX_PROJECT_EFFECTIVE_H

#include "project/project.h"

/* One build of a target. */
struct dx_build_of {
    const struct dx_project *project;
    const struct dx_project_target *target;
    const struct dx_config *config;
};

/* What the build makes of info, or of nothing when the target has no file of its own (NULL): with
 * GENERATE_INFOPLIST_FILE the settings are written over its values, then references are filled in,
 * then values that came out empty are dropped. A value that is not known keeps a "$(...)" in its
 * text. Each changed node has its line in origins: the setting's, or its own in the file.
 *
 * ->whole: what is absent is absent in the product, unless a phase of the target changes it. */
struct dx_doc *dx_effective_info(struct dext_ctx *ctx, const struct dx_build_of *b,
                                 const struct dx_doc *info);

/* Where the value of a node was decided: by the nearest of n and what it stands in. doc NULL: in
 * the document itself. */
struct dx_origin dx_origin_of(const struct dx_doc *doc, const struct dext_node *n);

/* The value of n is not what stands in the document's own file. */
bool dx_is_made(const struct dx_doc *doc, const struct dext_node *n);

#endif
