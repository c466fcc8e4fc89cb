#include "dext/migrate.h"

#include <string.h>
#include <unistd.h>

#include "base/ctx.h"
#include "migrate/plan.h"
#include "source/folder.h"

/* ---- what there is -------------------------------------------------------------------------- */

static void unread(struct dx_plan *p, const char *what)
{
    struct dext_migrate *m = p->out;
    *DX_PUSH(&p->ctx->arena, m->unread, m->unread_count, p->unread_cap) =
        dx_strdup(&p->ctx->arena, what);
}

static void migrate_read_info(struct dx_plan *p, const char *path)
{
    struct dx_source src;
    dext_ctx_clear(p->ctx);
    if (dx_source_read(&src, p->ctx, path) != DEXT_OK) {
        unread(p, dext_ctx_error(p->ctx));
        dext_ctx_clear(p->ctx);
        return;
    }
    struct dx_doc *doc = dx_alloc(&p->ctx->arena, sizeof *doc);
    doc->path = path;
    doc->pl = dx_plist_load(p->ctx, &src);
    doc->kind = dx_doc_classify(path, doc->pl, &doc->why_kind);
    if (doc->kind != DX_DOC_KEXT_INFO) {
        return;
    }
    if (doc->pl->stopped) {
        unread(p, doc->pl->reason);
    }
    *DX_PUSH(&p->ctx->arena, p->infos, p->info_count, p->info_cap) = doc;
}

static void read_infos(struct dx_plan *p, const char *path)
{
    struct dx_items items = {0};
    struct dx_walk_options opt = {NULL, false};
    dx_items_add(&items, p->ctx, path, &opt);
    for (size_t i = 0; i < items.count; i++) {
        const struct dx_item *item = &items.list[i];
        if (item->kind == DX_ITEM_REFUSED) {
            unread(p, item->reason);
        } else if (item->kind == DX_ITEM_FILE && dx_str_has_suffix(dx_str(item->path), ".plist")) {
            migrate_read_info(p, item->path);
        }
    }
}

/* Programs that talk to the kext stand beside it; they are no part of it. */
static bool migrate_is_program(const struct dx_cxx_file *f)
{
    static const char *const marks[] = {"CoreFoundation/", "Foundation/",      "Cocoa/",
                                        "AppKit/",         "IOKit/IOKitLib.h", "stdio.h",
                                        "iostream",        "UIKit/",           "DriverKit/"};
    for (size_t i = 0; i < f->include_count; i++) {
        for (size_t k = 0; k < sizeof marks / sizeof *marks; k++) {
            if (dx_str_has_prefix(f->includes[i], marks[k])) {
                return true;
            }
        }
    }
    return false;
}

static void read_sources(struct dx_plan *p, const char *path)
{
    struct dx_token_options opt = {.kernel = true};
    struct dx_cxx_paths all = {.arena = &p->ctx->arena};
    if (dx_is_folder(p->ctx, path)) {
        dx_cxx_below(&all, p->ctx, path);
    } else if (dx_is_cxx(path)) {
        dx_cxx_keep(&all, path);
    }
    if (all.cut) {
        unread(p,
               dx_sprintf(&p->ctx->arena, "%s: not all folders and files below were read", path));
    }
    p->code = dx_cxx_new(&opt);
    for (size_t i = 0; p->code && i < all.count; i++) {
        size_t before = p->code->unread;
        dx_cxx_add(p->code, all.list[i]);
        if (p->code->unread != before) {
            unread(p, dx_sprintf(&p->ctx->arena, "%s: cannot be read", all.list[i]));
        }
    }
    for (size_t i = 0; p->code && i < p->code->file_count; i++) {
        p->code->files[i]->told = migrate_is_program(p->code->files[i]);
        p->out->files += !p->code->files[i]->told;
    }
}

/* ---- texts ---------------------------------------------------------------------------------- */

/* NOLINTNEXTLINE(readability-non-const-parameter): DX_PUSH changes it */
static void once(struct dx_plan *p, const char ***list, size_t *count, size_t *cap,
                 const char *name)
{
    for (size_t i = 0; i < *count; i++) {
        if (strcmp((*list)[i], name) == 0) {
            return;
        }
    }
    if (*name) {
        *DX_PUSH(&p->ctx->arena, *list, *count, *cap) = name;
    }
}

void dx_plan_framework(struct dx_plan *p, const char *name)
{
    if (strcmp(name, "DriverKit") != 0) { /* goes without saying */
        once(p, &p->out->frameworks, &p->out->framework_count, &p->framework_cap, name);
    }
}

void dx_plan_entitlement(struct dx_plan *p, const char *name)
{
    once(p, &p->out->entitlements, &p->out->entitlement_count, &p->entitlement_cap, name);
}

/* ---- the whole ------------------------------------------------------------------------------ */

int dext_migrate_read(struct dext_migrate **out, struct dext_ctx *ctx, const char *path)
{
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/') {
        n--;
    }
    path = dx_strndup(&ctx->arena, path, n);
    struct dx_plan p = {.ctx = ctx, .out = dx_alloc(&ctx->arena, sizeof *p.out)};
    *out = p.out;
    p.out->path = path;
    if (!dx_is_folder(ctx, path) && !dx_is_file(ctx, path)) {
        return dx_fail(ctx, DEXT_E_IO, "%s: %s", path,
                       access(path, F_OK) == 0 ? "neither a file nor a folder"
                                               : "no such file or folder");
    }
    read_infos(&p, path);
    read_sources(&p, path);
    p.out->plists = p.info_count;
    int rc = DEXT_OK;
    if (p.code) {
        dx_plan_classes(&p);
        dx_plan_calls(&p);
    }
    if (!p.code || (!p.info_count && !p.out->class_count && !p.out->none)) {
        rc = dx_fail(ctx, DEXT_E_NOTFOUND,
                     "%s: neither an Info.plist nor a class of a kernel extension", path);
    } else {
        dx_plan_personalities(&p);
        dx_plan_verdict(&p);
    }
    dx_cxx_free(p.code);
    return rc;
}
