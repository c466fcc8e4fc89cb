/* Any bytes as an archive: listed, digested, every kept member read. Limits are small, so that what
 * a fuzzer finds is not only how long a large archive takes. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bundle/files.h"

static volatile size_t sink;

static void read_files(struct dext_ctx *ctx, const struct dx_files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        const struct dx_file *f = &files->list[i];
        struct dx_source src;
        unsigned char one[20], two[32];
        sink += strlen(f->path) + strlen(f->shown) + strlen(f->target);
        if (f->path[0] == '/' || strncmp(f->path, "../", 3) == 0 || strstr(f->path, "/../") ||
            dx_files_find(files, f->path) == NULL) {
            abort();
        }
        dext_ctx_clear(ctx);
        if (dx_files_read(&src, ctx, f) == DEXT_OK) {
            sink += src.size ? (size_t)src.data[src.size - 1] : 0;
            if (src.data[src.size] != 0) {
                abort();
            }
        }
        dext_ctx_clear(ctx);
        (void)dx_files_digest(ctx, f, one, two);
    }
    struct dx_file_names names = {0};
    dx_files_bundles(&names, ctx, files, ".dext");
    for (size_t i = 0; i < names.count; i++) {
        sink += dx_files_below(ctx, files, names.list[i])->count;
        if (!dx_files_has_folder(files, names.list[i])) {
            abort();
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[] = "/tmp/fuzz_archiveXXXXXX";
    int fd = mkstemp(path);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size) {
        abort();
    }
    (void)close(fd);
    struct dext_limits limits = DEXT_LIMITS_DEFAULT;
    limits.archive_bytes = (size_t)16 << 20;
    limits.archive_kept = (size_t)4 << 20;
    limits.archive_files = 2000;
    struct dext_ctx *ctx = dext_ctx_new(&limits);
    struct dx_files *files;
    if (dx_files_open(&files, ctx, path, DX_KEEP_CODE) == DEXT_OK) {
        read_files(ctx, files);
    } else if (!dext_ctx_error(ctx)) {
        abort();
    }
    dext_ctx_free(ctx);
    (void)unlink(path);
    return 0;
}
