/* The central directory of a .zip file, and the content of a member. What is unusual is left to
 * libarchive, which knows more of it; its reading of modes and types is this one's, too
 * (archive_read_support_format_zip.c). */
#include "bundle/zip.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define END_SIZE 22    /* 4.3.16, end of central directory record */
#define ENTRY_SIZE 46  /* 4.3.12 */
#define SEARCHED 16384 /* at the end of the file, as libarchive does: comments are short */
#define LARGEST_DIRECTORY ((uint32_t)64 << 20)

bool dx_zip_at(int fd, uint64_t at, void *to, size_t n)
{
    char *p = to;
    while (n) {
        ssize_t got = pread(fd, p, n, (off_t)at);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return false;
        }
        p += got;
        at += (uint64_t)got;
        n -= (size_t)got;
    }
    return true;
}

uint32_t dx_zip_little(const unsigned char *p, size_t n)
{
    uint32_t v = 0;
    while (n--) {
        v = v << 8 | p[n];
    }
    return v;
}

/* ---- central directory --------------------------------------------------------------------- */

/* The record at the end of the file: where the directory is, its size and its count. */
static bool zip_end(const struct dx_zip *zip, uint32_t *at, uint32_t *size, uint32_t *count)
{
    unsigned char tail[SEARCHED];
    size_t n = zip->size < sizeof tail ? (size_t)zip->size : sizeof tail;
    if (n < END_SIZE || !dx_zip_at(zip->fd, zip->size - n, tail, n)) {
        return false;
    }
    size_t i = n - END_SIZE;
    while (memcmp(tail + i, "PK\5\6", 4) != 0) {
        if (i-- == 0) {
            return false;
        }
    }
    const unsigned char *end = tail + i;
    *count = dx_zip_little(end + 10, 2);
    *size = dx_zip_little(end + 12, 4);
    *at = dx_zip_little(end + 16, 4);
    bool zip64 = *count == 0xffff || *at == 0xffffffff || *size == 0xffffffff ||
                 (i >= 20 && memcmp(end - 20, "PK\6\7", 4) == 0);
    bool one_file = dx_zip_little(end + 4, 4) == 0 && dx_zip_little(end + 8, 2) == *count;
    bool at_end = dx_zip_little(end + 20, 2) == n - i - END_SIZE;
    /* Nothing stands before the archive, and nothing behind the directory. */
    return !zip64 && one_file && at_end && *size <= LARGEST_DIRECTORY &&
           (uint64_t)*at + *size == zip->size - n + i;
}

/* Fields that say times and owners (UT, UX, Ux, ux), and no others: those may change what it is. */
static bool zip_extra_is_plain(const unsigned char *p, size_t n)
{
    while (n >= 4) {
        uint32_t id = dx_zip_little(p, 2), size = dx_zip_little(p + 2, 2);
        if (size > n - 4 || (id != 0x5455 && id != 0x5855 && id != 0x7855 && id != 0x7875)) {
            return false;
        }
        p += 4 + size;
        n -= 4 + size;
    }
    return n == 0;
}

static bool zip_name_is_plain(const char *name, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if ((unsigned char)name[i] - 1U > 126 || name[i] == '\\') {
            return false;
        }
    }
    return n != 0;
}

/* What libarchive makes of "made by" and "external file attributes" (4.4.2, 4.4.15). */
static mode_t zip_mode(uint32_t system, uint32_t attributes, bool slash)
{
    mode_t mode = system == 3 ? attributes >> 16 : 0;
    if (system == 0) {
        mode = attributes & 0x10 ? S_IFDIR | 0775 : S_IFREG | 0664;
    }
    mode = S_ISFIFO(mode) ? S_IFREG | (mode & 07777) : mode ? mode : 0664;
    if (slash && !S_ISDIR(mode)) {
        mode = S_IFDIR | (mode & 07777);
    }
    return mode & S_IFMT ? mode : mode | S_IFREG;
}

static bool zip_is_plain(const struct dx_zip_member *m)
{
    const struct dx_late *c = &m->content;
    /* 4.4.4: encryption is bits 0, 6 and 13, patched data bit 5. */
    return (m->flags & (1 << 0 | 1 << 5 | 1 << 6 | 1 << 13)) == 0 &&
           (m->method == 8 || (m->method == 0 && c->packed == c->size && !(m->flags & 1 << 3))) &&
           c->packed != 0xffffffff && c->size != 0xffffffff;
}

/* One entry at p, of which n bytes are there; its size, 0 when it is none. */
static size_t zip_entry(struct dx_zip *zip, struct dext_ctx *ctx, const unsigned char *p, size_t n,
                        struct dx_zip_member *m)
{
    if (n < ENTRY_SIZE || memcmp(p, "PK\1\2", 4) != 0) {
        return 0;
    }
    size_t name = dx_zip_little(p + 28, 2), extra = dx_zip_little(p + 30, 2),
           all = ENTRY_SIZE + name + extra + dx_zip_little(p + 32, 2);
    if (all > n) {
        return 0;
    }
    const char *text = (const char *)p + ENTRY_SIZE;
    char *copy = dx_alloc(&ctx->arena, name + 1);
    memcpy(copy, text, name);
    copy[name] = 0;
    m->name = copy;
    m->name_size = name;
    m->flags = (uint16_t)dx_zip_little(p + 8, 2);
    m->method = (uint16_t)dx_zip_little(p + 10, 2);
    m->content.crc = dx_zip_little(p + 16, 4);
    m->content.packed = dx_zip_little(p + 20, 4);
    m->content.size = dx_zip_little(p + 24, 4);
    m->content.deflated = m->method == 8;
    m->header = dx_zip_little(p + 42, 4);
    m->mode = zip_mode(p[5], dx_zip_little(p + 38, 4), name && text[name - 1] == '/');
    zip->plain = zip->plain && zip_is_plain(m) && zip_name_is_plain(text, name) &&
                 zip_extra_is_plain(p + ENTRY_SIZE + name, extra) && dx_zip_little(p + 34, 2) == 0;
    return all;
}

static int zip_by_header(const void *x, const void *y)
{
    const struct dx_zip_member *a = x, *b = y;
    return a->header < b->header ? -1 : a->header > b->header;
}

bool dx_zip_index(struct dx_zip *zip, struct dext_ctx *ctx, const char *path, int fd)
{
    struct stat st;
    uint32_t at, size, count;
    *zip = (struct dx_zip){.fd = fd, .plain = true};
    if (fstat(fd, &st) != 0) {
        return false;
    }
    zip->size = (uint64_t)st.st_size;
    if (!zip_end(zip, &at, &size, &count)) {
        return false;
    }
    unsigned char *directory = malloc((size_t)size + 1);
    if (!directory) {
        abort();
    }
    bool good = dx_zip_at(fd, at, directory, size);
    size_t done = 0, n = 1;
    if (good) {
        zip->list = dx_calloc(&ctx->arena, count + 1, sizeof *zip->list);
    }
    while (good && zip->count < count && n) {
        struct dx_zip_member *m = &zip->list[zip->count];
        m->content.path = path;
        n = zip_entry(zip, ctx, directory + done, size - done, m);
        done += n;
        zip->count += n != 0;
    }
    free(directory);
    if (!good || zip->count != count || done != size) {
        return false;
    }
    if (count) {
        qsort(zip->list, count, sizeof *zip->list, zip_by_header);
    }
    return count == 0 || zip->list[count - 1].header < at;
}

/* ---- content ------------------------------------------------------------------------------- */

void dx_zip_open(struct dx_zip_stream *s, const struct dx_late *content, int fd)
{
    *s = (struct dx_zip_stream){
        .content = content, .fd = fd, .at = content->at, .left = content->packed};
    s->crc = crc32(0, NULL, 0);
    if (content->deflated) {
        s->in = malloc(DX_BLOCK);
        if (!s->in || inflateInit2(&s->z, -MAX_WBITS) != Z_OK) {
            abort();
        }
    }
}

static la_ssize_t zip_refill(struct dx_zip_stream *s, void *to)
{
    size_t n = s->left < DX_BLOCK ? s->left : DX_BLOCK;
    if (!dx_zip_at(s->fd, s->at, to, n)) {
        return -1;
    }
    s->at += n;
    s->left -= (uint32_t)n;
    return (la_ssize_t)n;
}

static la_ssize_t zip_inflate(struct dx_zip_stream *s, void *block)
{
    s->z.next_out = block;
    s->z.avail_out = DX_BLOCK;
    while (!s->ended && s->z.avail_out) {
        if (!s->z.avail_in && s->left) {
            la_ssize_t n = zip_refill(s, s->in);
            if (n < 0) {
                return n;
            }
            s->z.next_in = s->in;
            s->z.avail_in = (unsigned)n;
        }
        int r = inflate(&s->z, Z_NO_FLUSH);
        s->ended = r == Z_STREAM_END;
        if (r != Z_OK && r != Z_STREAM_END) {
            return -1;
        }
    }
    return (la_ssize_t)(DX_BLOCK - s->z.avail_out);
}

la_ssize_t dx_zip_read(struct dx_zip_stream *s, void *block)
{
    la_ssize_t n = s->content->deflated ? zip_inflate(s, block)
                   : s->left            ? zip_refill(s, block)
                                        : 0;
    if (n < 0) {
        return n;
    }
    s->given += (uint64_t)n;
    s->crc = n ? crc32(s->crc, block, (unsigned)n) : s->crc;
    bool right =
        s->given == s->content->size && s->crc == s->content->crc && !s->left && !s->z.avail_in;
    return s->given > s->content->size || (n == 0 && !right) ? -1 : n;
}

void dx_zip_close(struct dx_zip_stream *s)
{
    if (s->content->deflated) {
        (void)inflateEnd(&s->z);
    }
    free(s->in);
}
