/* request.h: which extensions an app asks the system to activate, as its sources say. */
#ifndef DX_RULES_REQUEST_H
#define DX_RULES_REQUEST_H

#include "project/project.h"
#include "source/model.h"

/* A call of OSSystemExtensionRequest whose identifier is known: a text in the call, or the only one
 * that the file gives the constant in the call. */
struct dx_request {
    const struct dx_cxx_file *file;
    size_t token; /* of the text or constant in the call */
    struct dx_str id;
};

struct dx_requests {
    const struct dx_request *list;
    size_t count;
};

/* What was read in a session, a target after the other; begins as NULL. */
struct dx_request_set;

/* The activation requests in the sources of a target (.swift, .m, .mm, .cpp, .c). Lives as long as
 * the set; of a target asked for again the same answer. Never NULL; a file that cannot be read
 * (noted in ctx, if it is there) and what stands past 16 MB have none. */
const struct dx_requests *dx_requests_of(struct dx_request_set **all, struct dx_arena *a,
                                         struct dext_ctx *ctx, const struct dx_project *project,
                                         const struct dx_project_target *target);
void dx_requests_free(struct dx_request_set *all);

#endif
