#include "sign/image.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_disk(struct dx_image *out, struct dext_ctx *ctx, const struct dx_file *file)
{
    struct stat st;
    /* O_NONBLOCK: a FIFO that has taken the file's place must not be waited for. */
    int fd = open(file->disk, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        return dx_fail(ctx, DEXT_E_IO, "%s: cannot be opened: %s", file->shown, strerror(errno));
    }
    const bool told = fstat(fd, &st) == 0;
    dx_opened(ctx, fd);
    if (!told || !S_ISREG(st.st_mode)) {
        const char *why = told ? "not a regular file" : strerror(errno);
        (void)close(fd);
        return dx_fail(ctx, DEXT_E_IO, "%s: %s", file->shown, why);
    }
    out->fd = fd;
    out->size = (uint64_t)st.st_size;
    return DEXT_OK;
}

int dx_image_open(struct dx_image *out, struct dext_ctx *ctx, const struct dx_file *file)
{
    *out = (struct dx_image){.path = file->shown, .fd = -1, .ctx = ctx};
    if (file->disk) {
        return open_disk(out, ctx, file);
    }
    struct dx_source src;
    int status = dx_files_read(&src, ctx, file);
    if (status == DEXT_OK) {
        *out = dx_image_bytes(file->shown, src.data, src.size);
    }
    return status;
}

void dx_image_close(struct dx_image *image)
{
    if (image->fd >= 0) {
        (void)close(image->fd);
    }
    image->fd = -1;
}

struct dx_image dx_image_bytes(const char *path, const void *data, size_t size)
{
    return (struct dx_image){.path = path, .fd = -1, .memory = data, .size = size};
}

bool dx_image_get(const struct dx_image *image, uint64_t offset, void *to, size_t n)
{
    if (offset > image->size || n > image->size - offset) {
        return false;
    }
    if (image->fd < 0) {
        if (n) {
            memcpy(to, image->memory + offset, n);
        }
        return true;
    }
    for (size_t done = 0; done < n;) {
        ssize_t got = pread(image->fd, (char *)to + done, n - done, (off_t)(offset + done));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) { /* its bytes are not known: neither wrong nor absent */
            dx_unread(image->ctx, "%s: cannot be read: %s", image->path,
                      got ? strerror(errno) : "it became shorter meanwhile");
            return false;
        }
        done += (size_t)got;
    }
    return true;
}

const unsigned char *dx_image_span(const struct dx_image *image, struct dext_ctx *ctx,
                                   uint64_t offset, size_t n)
{
    if (n == 0 || offset > image->size || n > image->size - offset) {
        return NULL;
    }
    if (image->fd < 0) {
        return image->memory + offset;
    }
    unsigned char *copy = dx_alloc_raw(&ctx->arena, n);
    return dx_image_get(image, offset, copy, n) ? copy : NULL;
}
