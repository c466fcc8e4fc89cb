/* A package's Payload: a cpio archive, compressed as a whole or cut into pieces (pbzx): "pbzx", the
 * size of a piece, then for each piece 16 bytes (its size unpacked, its size here, both big-endian)
 * and its bytes, an xz stream or, when that would be larger, the data itself. Form: seen in
 * packages made by Apple's tools since OS X 10.10, described by NiklasRosenstein/pbzx. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bundle/archive.h"

/* Apple's tools cut at 16 MiB. */
#define LARGEST_PIECE ((uint64_t)64 << 20)

struct pbzx {
    struct dx_layer *layer;
    const char *at; /* of the layer, not used yet */
    size_t left;
    char *piece; /* malloc'd: what is being unpacked */
    struct archive *xz;
    char *out;
    bool started;
};

/* Exactly n bytes of the layer; *got tells how many there were. */
static int archive_payload_fill(struct pbzx *p, char *to, size_t n, size_t *got)
{
    *got = 0;
    while (*got < n) {
        if (!p->left) {
            const void *block;
            la_ssize_t more = dx_layer_read(p->layer, &block);
            if (more <= 0) {
                return more < 0 ? DEXT_E_FORMAT : DEXT_OK;
            }
            p->at = block;
            p->left = (size_t)more;
        }
        size_t take = n - *got < p->left ? n - *got : p->left;
        memcpy(to + *got, p->at, take);
        *got += take;
        p->at += take;
        p->left -= take;
    }
    return DEXT_OK;
}

static uint64_t archive_payload_big_endian(const char *p)
{
    uint64_t v = 0;
    for (size_t i = 0; i < 8; i++) {
        v = v << 8 | (unsigned char)p[i];
    }
    return v;
}

static void close_piece(struct pbzx *p)
{
    archive_read_free(p->xz);
    free(p->piece);
    p->xz = NULL;
    p->piece = NULL;
}

static int archive_payload_damaged(struct pbzx *p)
{
    struct dx_unpack *u = p->layer->u;
    return dx_fail(u->ctx, DEXT_E_FORMAT, "%s: a Payload (pbzx) is damaged", u->path);
}

/* The next piece: 1, at the end 0, negative after dx_fail. *n: bytes in p->piece. */
static int next_piece(struct pbzx *p, size_t *n)
{
    char head[16];
    size_t got;
    int status = archive_payload_fill(p, head, sizeof head, &got);
    if (status != DEXT_OK || got == 0) {
        return status;
    }
    uint64_t size = archive_payload_big_endian(head + 8);
    if (got != sizeof head || size == 0 || size > LARGEST_PIECE) {
        return archive_payload_damaged(p);
    }
    /* Grown as bytes arrive: the header may promise more than there is. */
    size_t have = 0, cap = 0;
    while (have < size) {
        cap = cap ? cap * 2 : DX_BLOCK;
        cap = cap > size ? (size_t)size : cap;
        char *more = realloc(p->piece, cap);
        if (!more) {
            abort();
        }
        p->piece = more;
        status = archive_payload_fill(p, p->piece + have, cap - have, &got);
        have += got;
        if (status != DEXT_OK || have < cap) {
            return status != DEXT_OK ? status : archive_payload_damaged(p);
        }
    }
    *n = have;
    return 1;
}

/* Opens the decoder of a piece that is an xz stream. */
static int open_xz(struct pbzx *p, size_t n)
{
    struct archive_entry *e;
    p->xz = archive_read_new();
    archive_read_support_filter_xz(p->xz);
    archive_read_support_format_raw(p->xz);
    return archive_read_open_memory(p->xz, p->piece, n) == ARCHIVE_OK &&
                   archive_read_next_header(p->xz, &e) == ARCHIVE_OK
               ? DEXT_OK
               : archive_payload_damaged(p);
}

static la_ssize_t pbzx_bytes(struct pbzx *p, const void **out)
{
    char head[12];
    size_t n = 0;
    if (!p->started) {
        p->started = true;
        if (archive_payload_fill(p, head, sizeof head, &n) != DEXT_OK || n != sizeof head) {
            return archive_payload_damaged(p);
        }
    }
    for (;;) {
        if (p->xz) {
            la_ssize_t got = archive_read_data(p->xz, p->out, DX_BLOCK);
            *out = p->out;
            if (got) {
                return got < 0 || dx_unpack_count(p->layer->u, (size_t)got) != DEXT_OK
                           ? archive_payload_damaged(p)
                           : got;
            }
        }
        close_piece(p);
        int r = next_piece(p, &n);
        if (r <= 0) {
            return r;
        }
        if (!p->piece || n < 6 ||
            memcmp(p->piece,
                   "\xfd"
                   "7zXZ",
                   6) != 0) {
            *out = p->piece;
            return (la_ssize_t)n;
        }
        if (open_xz(p, n) != DEXT_OK) {
            return -1;
        }
    }
}

static la_ssize_t on_pbzx(struct archive *a, void *user, const void **out)
{
    la_ssize_t n = pbzx_bytes(user, out);
    if (n < 0) {
        archive_set_error(a, EIO, "%s", "damaged");
    }
    return n;
}

static int unpack_pbzx(struct dx_unpack *u, struct dx_layer *l, size_t part)
{
    struct pbzx p = {.layer = l, .out = malloc(DX_BLOCK)};
    if (!p.out) {
        abort();
    }
    struct archive *a = archive_read_new();
    archive_read_support_format_cpio(a);
    int status = archive_read_open(a, &p, NULL, on_pbzx, NULL) == ARCHIVE_OK
                     ? dx_unpack_members(u, a, part)
                     : dx_archive_fail(u, a);
    archive_read_free(a);
    close_piece(&p);
    free(p.out);
    return status;
}

int dx_unpack_payload(struct dx_unpack *u, struct dx_layer *l, size_t part)
{
    if (l->head_size >= 4 && memcmp(l->head, "pbzx", 4) == 0) {
        return unpack_pbzx(u, l, part);
    }
    if (l->head_size >= 4 && (memcmp(l->head, "YAA1", 4) == 0 || memcmp(l->head, "AA01", 4) == 0)) {
        return dx_fail(u->ctx, DEXT_E_FORMAT,
                       "%s: its Payload is an Apple Archive, which is not read: unpack it with "
                       "pkgutil --expand-full and name the folder instead",
                       u->path);
    }
    return dx_unpack_nested(u, l, part);
}
