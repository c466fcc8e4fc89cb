#include <string.h>

#include "base/workers.h"
#include "sign/resources.h"

/* Fewer are hashed before threads have begun. */
#define MANY_FILES 64

/* hash is SHA-1, hash2 SHA-256; version 1 writes the SHA-1 bare. */
void dx_seal_hashes(const struct dext_node *entry, const struct dext_node **one,
                    const struct dext_node **two)
{
    bool dict = entry->kind == DEXT_DICT;
    *one = dict ? dx_get(entry, "hash") : entry;
    *two = dict ? dx_get(entry, "hash2") : NULL;
}

struct seal_work {
    struct dx_seal *s;
    struct dext_ctx *ctx[DX_MOST_WORKERS]; /* one serves one thread */
};

/* Only what will be asked for; what cannot be read is read again by who reports it. */
static void seal_digest_one(void *user, unsigned worker, size_t i)
{
    struct seal_work *w = user;
    const struct dext_node *n = w->s->entries[i], *one, *two;
    bool dict = n->kind == DEXT_DICT;
    if (strlen(n->key.p) != n->key.n ||
        (dict && (dx_get(n, "cdhash") || dx_get(n, "requirement") || dx_get(n, "symlink")))) {
        return;
    }
    const struct dx_file *f = dx_files_find(w->s->in->files, n->key.p);
    dx_seal_hashes(n, &one, &two);
    if (!f || f->kind != DX_FILE_REGULAR || (!f->disk && !f->late) || f->digested ||
        (f->hashed && !one) || (!one && !two)) {
        return;
    }
    struct dx_seal_digest *d = &w->s->digests[i];
    struct dext_ctx *ctx = w->ctx[worker];
    d->done = dx_files_digest(ctx, f, one ? d->sha1 : NULL, two ? d->sha256 : NULL) == DEXT_OK;
    dext_ctx_clear(ctx);
}

void dx_seal_digest_all(struct dx_seal *s)
{
    unsigned most = s->entry_count < MANY_FILES ? 1 : dx_workers(0), opened = 0;
    struct seal_work w = {.s = s};
    if (most < 2) {
        return; /* as they are come by */
    }
    while (opened < most && (w.ctx[opened] = dext_ctx_new(&s->in->ctx->limits)) != NULL) {
        w.ctx[opened]->watch = s->in->ctx->watch;
        opened++;
    }
    s->digests = dx_calloc(&s->in->ctx->arena, s->entry_count, sizeof *s->digests);
    if (opened) {
        dx_work_on(opened, s->entry_count, seal_digest_one, &w);
    }
    for (unsigned i = 0; i < opened; i++) {
        dext_ctx_free(w.ctx[i]);
    }
}
