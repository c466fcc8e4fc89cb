/* folder.h: the sources below a folder. */
#ifndef DX_SOURCE_FOLDER_H
#define DX_SOURCE_FOLDER_H

#include "source/model.h"

struct dx_cxx_paths {
    struct dx_arena *arena; /* of the paths */
    const char **list;
    size_t count, cap;
    bool cut;     /* there are more, or a folder could not be read */
    bool limited; /* cut by a limit below, which nobody has told */
    /* Folder of the Info.plist whose sources are wanted: others below that hold one are another
     * driver's, and left out. NULL: all of them. */
    const char *own;
};

#define DX_CXX_MOST_FILES 3000
#define DX_CXX_DEEPEST 12 /* folders below one another */

/* Adds what lies below folder ("" for the current one), sorted folder by folder. Links, tests and
 * folders of others' or built code (vendor, Pods, build) are passed over. */
void dx_cxx_below(struct dx_cxx_paths *out, struct dext_ctx *ctx, const char *folder);
void dx_cxx_keep(struct dx_cxx_paths *out, const char *path);

#endif
