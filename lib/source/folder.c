#include "source/folder.h"

#include <stdlib.h>
#include <string.h>

#include "base/dir.h"
#include "base/path.h"

void dx_cxx_keep(struct dx_cxx_paths *out, const char *path)
{
    if (out->count >= DX_CXX_MOST_FILES) {
        out->cut = out->limited = true;
        return;
    }
    *DX_PUSH(out->arena, out->list, out->count, out->cap) = dx_strdup(out->arena, path);
}

/* What is built from it, or is others' code, is not the driver's. */
static bool is_passed_over(const char *name)
{
    static const char *const names[] = {"build",        "DerivedData", "Pods",   "Carthage",
                                        "node_modules", "vendor",      "Vendor", "third_party",
                                        "ThirdParty",   NULL};
    for (size_t i = 0; names[i]; i++) {
        if (strcmp(name, names[i]) == 0) {
            return true;
        }
    }
    struct dx_str s = dx_str(name);
    return *name == '.' || dx_str_contains(s, "test") || dx_str_contains(s, "Test") ||
           dx_str_contains(s, "mock") || dx_str_contains(s, "Mock") ||
           dx_str_has_suffix(s, ".app") || dx_str_has_suffix(s, ".dext");
}

struct folder_entry {
    const char *name;
    bool folder;
};

static int folder_by_name(const void *a, const void *b)
{
    return strcmp(((const struct folder_entry *)a)->name, ((const struct folder_entry *)b)->name);
}

static void folder_walk(struct dext_ctx *ctx, struct dx_cxx_paths *out, const struct dx_dir *above,
                        const char *name, const char *folder, unsigned depth)
{
    struct dx_dir dir;
    struct folder_entry *list = NULL;
    size_t count = 0, cap = 0;
    if (depth >= DX_CXX_DEEPEST || !dx_dir_open(&dir, ctx, above, name, folder)) {
        out->cut = true;
        out->limited |= depth >= DX_CXX_DEEPEST;
        return;
    }
    bool bundle = false;
    for (struct dx_entry e; dx_dir_next(&dir, &e);) {
        bundle |= e.kind == DX_ENTRY_FILE && dx_str_has_suffix(dx_str(e.name), "Info.plist");
        if (e.kind == DX_ENTRY_FOLDER ? !is_passed_over(e.name)
                                      : e.kind == DX_ENTRY_FILE && dx_is_cxx(e.name)) {
            *DX_PUSH(&ctx->arena, list, count, cap) =
                (struct folder_entry){dx_strdup(&ctx->arena, e.name), e.kind == DX_ENTRY_FOLDER};
        }
    }
    if (bundle && depth && out->own && strcmp(out->own, folder) != 0) {
        count = 0; /* another driver's */
    }
    if (count) {
        qsort(list, count, sizeof *list, folder_by_name);
    }
    for (size_t i = 0; i < count && !(out->limited && out->count >= DX_CXX_MOST_FILES); i++) {
        const char *path = dx_path_join(ctx, folder, list[i].name);
        if (list[i].folder) {
            folder_walk(ctx, out, &dir, list[i].name, path, depth + 1);
        } else {
            dx_cxx_keep(out, path);
        }
    }
    dx_dir_close(&dir);
}

void dx_cxx_below(struct dx_cxx_paths *out, struct dext_ctx *ctx, const char *folder)
{
    folder_walk(ctx, out, NULL, folder, folder, 0);
}
