/* The members of a .zip file: which are read at once, which only when somebody asks for their
 * digest, and whether their local headers say what the central directory does. */
#include "bundle/zip.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"

#define LOCAL_SIZE 30  /* 4.3.7 */
#define LOOKED_AT 1024 /* local header, name and the first packed bytes: mostly in one read */
#define HEAD_SIZE 16   /* unpacked, to see what it is */
#define LONGEST_LINK 65536

/* What is read of a member to see what it is. */
struct zip_look {
    unsigned char raw[LOOKED_AT];
    size_t n, data; /* bytes in raw, and where in it the content begins */
    unsigned char head[HEAD_SIZE];
    size_t head_size;
    bool whole; /* head is all that is needed to judge: HEAD_SIZE bytes, or the whole content */
};

/* A member that is read at once: a layer. */
struct zip_layer {
    struct dx_layer layer; /* first: the layer's reader gets it */
    struct dx_zip_stream stream;
};

static la_ssize_t zip_layer_more(struct dx_layer *l, const void **out)
{
    struct zip_layer *z = (struct zip_layer *)l;
    *out = l->block;
    la_ssize_t n = dx_zip_read(&z->stream, l->block);
    l->u->read = z->stream.at > l->u->read ? z->stream.at : l->u->read;
    return n < 0 ? dx_fail(l->u->ctx, DEXT_E_FORMAT, "%s: a member is damaged", l->u->path) : n;
}

/* ---- local headers ------------------------------------------------------------------------- */

/* Local and central fields are the same; a local one may be absent, since it was not known yet when
 * it was written (4.4.4, bit 3). */
static bool zip_agrees(const struct dx_zip_member *m, const unsigned char *local, const char *name,
                       size_t n)
{
    uint32_t crc = dx_zip_little(local + 14, 4), packed = dx_zip_little(local + 18, 4),
             size = dx_zip_little(local + 22, 4);
    return m->name_size == n && memcmp(m->name, name, n) == 0 &&
           dx_zip_little(local + 8, 2) == m->method &&
           ((dx_zip_little(local + 6, 2) ^ m->flags) & (1 << 0 | 1 << 6)) == 0 &&
           (crc == 0 || crc == m->content.crc) &&
           (packed == 0 || packed == 0xffffffff || packed == m->content.packed) &&
           (size == 0 || size == 0xffffffff || size == m->content.size);
}

/* Reads what stands before the content, and its first bytes. false: libarchive is to judge. end:
 * where the next member or the directory begins. */
static bool zip_local(struct dx_zip *zip, struct dx_zip_member *m, uint64_t end,
                      struct zip_look *look)
{
    uint64_t there = zip->size - m->header;
    look->n = there < sizeof look->raw ? (size_t)there : sizeof look->raw;
    if (look->n < LOCAL_SIZE || !dx_zip_at(zip->fd, m->header, look->raw, look->n) ||
        memcmp(look->raw, "PK\3\4", 4) != 0) {
        return false;
    }
    size_t name = dx_zip_little(look->raw + 26, 2), extra = dx_zip_little(look->raw + 28, 2);
    look->data = LOCAL_SIZE + name + extra;
    m->content.at = m->header + look->data;
    if (LOCAL_SIZE + name > look->n) {
        return false;
    }
    const char *text = (const char *)look->raw + LOCAL_SIZE;
    zip->differs = zip->differs || zip_agrees(m, look->raw, text, name) ? zip->differs : m->name;
    if (zip->differs) {
        return false;
    }
    return m->content.at <= end && m->content.packed <= end - m->content.at;
}

/* ---- what a member is ---------------------------------------------------------------------- */

static void zip_look_head(const struct dx_zip_member *m, struct zip_look *look, z_stream *z)
{
    look->head_size = 0;
    size_t have = look->data < look->n ? look->n - look->data : 0;
    have = have < m->content.packed ? have : m->content.packed;
    if (!m->content.deflated) {
        look->head_size = have < HEAD_SIZE ? have : HEAD_SIZE;
        memcpy(look->head, look->raw + look->data, look->head_size);
    } else if (have && inflateReset(z) == Z_OK) {
        z->next_in = look->raw + look->data;
        z->avail_in = (unsigned)have;
        z->next_out = look->head;
        z->avail_out = HEAD_SIZE;
        (void)inflate(z, Z_SYNC_FLUSH);
        look->head_size = HEAD_SIZE - z->avail_out;
    }
    look->whole = look->head_size == HEAD_SIZE || look->head_size == m->content.size;
}

static int zip_take_now(struct dx_unpack *u, const struct dx_zip *zip,
                        const struct dx_zip_member *m, struct dx_file *f)
{
    struct zip_layer z = {.layer = {.u = u, .more = zip_layer_more, .block = malloc(DX_BLOCK)}};
    if (!z.layer.block) {
        abort();
    }
    dx_zip_open(&z.stream, &m->content, zip->fd);
    int status = dx_unpack_regular(u, &z.layer, f, 0, false);
    dx_zip_close(&z.stream);
    free(z.layer.block);
    return status;
}

/* One that nobody needs by what it is: of its content there is the size, and its digest when it is
 * asked for. */
static int zip_take_late(struct dx_unpack *u, struct dx_zip_member *m, struct dx_file *f)
{
    f->size = m->content.size;
    if (u->keep == DX_KEEP_CODE) {
        f->late = &m->content;
    }
    u->read = m->content.at + m->content.packed;
    int status = dx_unpack_count(u, (size_t)f->size);
    return status == DEXT_OK ? dx_unpack_add(u, f, 0) : status;
}

/* The target of a link is its content. false: damaged. */
static bool zip_link(struct dx_unpack *u, const struct dx_zip *zip, const struct dx_zip_member *m,
                     struct dx_file *f)
{
    if (m->content.size >= LONGEST_LINK) {
        return false;
    }
    char *block = malloc(DX_BLOCK);
    struct dx_zip_stream s;
    if (!block) {
        abort();
    }
    dx_zip_open(&s, &m->content, zip->fd);
    la_ssize_t n = dx_zip_read(&s, block), more = n > 0 ? dx_zip_read(&s, block + n) : n;
    bool good = n >= 0 && more == 0 && (n == 0 || !memchr(block, 0, (size_t)n));
    f->target = good ? dx_strndup(&u->ctx->arena, block, (size_t)n) : "";
    dx_zip_close(&s);
    free(block);
    return good;
}

/* false: libarchive is to judge, of this and of the others. */
static bool zip_take(struct dx_unpack *u, struct dx_zip *zip, struct dx_zip_member *m,
                     struct zip_look *look, z_stream *z)
{
    struct dx_file f = {.path = dx_unpack_name(u, m->name), .target = ""};
    if (!f.path) {
        return false;
    }
    if (!f.path[0] || (S_ISDIR(m->mode) && strncmp(f.path, "__MACOSX", 8) == 0)) {
        return true;
    }
    f.kind = S_ISREG(m->mode)   ? DX_FILE_REGULAR
             : S_ISDIR(m->mode) ? DX_FILE_FOLDER
             : S_ISLNK(m->mode) ? DX_FILE_LINK
                                : DX_FILE_OTHER;
    f.executable = (m->mode & 0111) != 0;
    if (f.kind == DX_FILE_LINK && !zip_link(u, zip, m, &f)) {
        return false;
    }
    if (f.kind != DX_FILE_REGULAR) {
        return dx_unpack_add(u, &f, 0) == DEXT_OK;
    }
    zip_look_head(m, look, z);
    bool late = look->whole && dx_unpack_may_wait(u, f.path, look->head, look->head_size);
    return (late ? zip_take_late(u, m, &f) : zip_take_now(u, zip, m, &f)) == DEXT_OK;
}

bool dx_unpack_zip(struct dx_unpack *u, int fd, const char **differs)
{
    struct dx_zip zip;
    *differs = NULL;
    if (!dx_zip_index(&zip, u->ctx, u->path, fd)) {
        return false;
    }
    z_stream z = {0};
    if (inflateInit2(&z, -MAX_WBITS) != Z_OK) {
        abort();
    }
    /* All local headers are looked at, also of an archive that libarchive is to read. */
    bool good = true;
    for (size_t i = 0; i < zip.count; i++) {
        struct zip_look look;
        struct dx_zip_member *m = &zip.list[i];
        uint64_t end = i + 1 < zip.count ? zip.list[i + 1].header : zip.size;
        good =
            zip_local(&zip, m, end, &look) && zip.plain && good && zip_take(u, &zip, m, &look, &z);
    }
    (void)inflateEnd(&z);
    *differs = zip.differs;
    return good;
}
