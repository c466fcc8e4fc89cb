/* Everything that is signed at a path. */
#include "sign/signature.h"

#include <stdlib.h>
#include <string.h>

#include "bundle/bundle.h"
#include "sign/resources.h"

struct found {
    struct dext_ctx *ctx;
    const struct dx_files *files; /* NULL: one file */
    struct dx_code **list;        /* sorted by name */
    size_t count, cap;
};

/* What a bundle may be called; a folder of another name is one when it is given itself. */
static const char *const suffixes[] = {
    ".app",       ".dext",    ".appex",           ".bundle", ".driver",
    ".framework", ".kext",    ".mdimporter",      ".plugin", ".qlgenerator",
    ".prefPane",  ".service", ".systemextension", ".xctest", ".xpc",
};

static const char *const kinds[][2] = {
    [DEXT_SIGNER_NONE] = {"unsigned", "unsigned"},
    [DEXT_SIGNER_AD_HOC] = {"ad-hoc", "ad hoc"},
    [DEXT_SIGNER_LINKER] = {"linker-signed", "ad hoc, by the linker"},
    [DEXT_SIGNER_UNKNOWN] = {"unknown", "a certificate that no root vouches for"},
    [DEXT_SIGNER_FOREIGN] = {"foreign", "a certificate that is not Apple's"},
    [DEXT_SIGNER_DEVELOPMENT] = {"development", "Apple Development"},
    [DEXT_SIGNER_DISTRIBUTION] = {"distribution", "Apple Distribution"},
    [DEXT_SIGNER_DEVELOPER_ID] = {"developer-id", "Developer ID"},
    [DEXT_SIGNER_STORE] = {"app-store", "Mac App Store"},
    [DEXT_SIGNER_APPLE] = {"apple", "Apple's own software"},
    [DEXT_SIGNER_APPLE_OTHER] = {"apple-other", "Apple's chain, another kind of certificate"},
};

const char *dext_signer_name(enum dext_signer_kind kind)
{
    return kinds[kind][0];
}

const char *dext_signer_words(enum dext_signer_kind kind)
{
    return kinds[kind][1];
}

/* ---- finding ------------------------------------------------------------------------------- */

static struct dx_code *add(struct found *f, const char *name, const char *path)
{
    struct dx_code *code = dx_alloc(&f->ctx->arena, sizeof *code);
    code->pub.name = name;
    code->pub.path = path;
    code->pub.bundle_id = code->pub.bundle_type = code->pub.executable = "";
    *DX_PUSH(&f->ctx->arena, f->list, f->count, f->cap) = code;
    return code;
}

/* A folder of a bundle's name that holds no program and no signature is resources, not code. */
static void add_bundle(struct found *f, const char *name)
{
    const struct dx_files *files = dx_files_below(f->ctx, f->files, name);
    struct dx_code *code = add(f, name, files->shown);
    code->files = files;
    code->pub.bundle = true;
    dx_code_layout(code, f->ctx);
    if (!code->file && !code->layout.seal) {
        f->count--;
    }
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add_bundles(struct found *f)
{
    struct dx_file_names names = {0};
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        dx_files_bundles(&names, f->ctx, f->files, suffixes[i]);
    }
    if (names.count) {
        qsort(names.list, names.count, sizeof *names.list, by_name);
    }
    for (size_t i = 0; i < names.count; i++) {
        add_bundle(f, names.list[i]);
    }
}

/* The folder that was given is itself a bundle. */
static void add_root(struct found *f)
{
    const char *path = f->files->path;
    bool named = false;
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/') {
        n--;
    }
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        named |= dx_str_has_suffix((struct dx_str){path, n}, suffixes[i]);
    }
    if (named || dx_files_find(f->files, "Contents/Info.plist") ||
        dx_files_find(f->files, "_CodeSignature/CodeResources")) {
        add_bundle(f, "");
    }
}

static bool is_main(const struct found *f, size_t bundles, const struct dx_file *file)
{
    for (size_t i = 0; i < bundles; i++) {
        const struct dx_file *main = f->list[i]->file;
        if (main && strcmp(main->shown, file->shown) == 0) {
            return true;
        }
    }
    return false;
}

/* Programs and libraries; debug symbols and objects are Mach-O files that nobody signs. */
static bool is_program(struct dext_ctx *ctx, const struct dx_file *file)
{
    struct dx_image image;
    struct dx_macho *m;
    unsigned char head[8];
    bool program = false;
    if (file->kind != DX_FILE_REGULAR || file->size < 28 || (!file->disk && !file->kept)) {
        return false;
    }
    dext_ctx_clear(ctx);
    if (dx_image_open(&image, ctx, file) == DEXT_OK) {
        if (dx_image_get(&image, 0, head, sizeof head) && dx_is_macho(head, sizeof head) &&
            dx_macho_read(&m, ctx, &image) == DEXT_OK) {
            uint32_t type = m->count ? m->slices[0].file_type : 0;
            program = type == 2 || type == 6 || type == 7 || type == 8 || type == 11;
        }
        dx_image_close(&image);
    }
    dext_ctx_clear(ctx);
    return program;
}

static void add_programs(struct found *f)
{
    size_t bundles = f->count;
    for (size_t i = 0; i < f->files->count; i++) {
        const struct dx_file *file = &f->files->list[i];
        if (is_program(f->ctx, file) && !is_main(f, bundles, file)) {
            add(f, file->path, file->shown)->file = file;
        }
    }
}

static int by_code_name(const void *a, const void *b)
{
    const struct dx_code *x = *(const struct dx_code *const *)a;
    const struct dx_code *y = *(const struct dx_code *const *)b;
    return strcmp(x->pub.name, y->pub.name);
}

static int find_in(struct found *f)
{
    if (!f->files->archive) {
        add_root(f);
    }
    add_bundles(f);
    add_programs(f);
    if (f->count > 1) {
        qsort(f->list, f->count, sizeof *f->list, by_code_name);
    }
    return f->count ? DEXT_OK
                    : dx_fail(f->ctx, DEXT_E_NOTFOUND, "%s: nothing in it that could be signed",
                              f->files->path);
}

static int find_all(struct found *f, const char *path)
{
    if (!dx_is_folder(path) && !dx_is_archive(path)) {
        struct dx_file *file = dx_alloc(&f->ctx->arena, sizeof *file);
        *file = (struct dx_file){.path = path, .shown = path, .disk = path, .target = ""};
        add(f, "", path)->file = file;
        return DEXT_OK;
    }
    struct dx_files *files;
    int status = dx_files_open(&files, f->ctx, path, DX_KEEP_CODE);
    if (status != DEXT_OK) {
        return status;
    }
    f->files = files;
    return find_in(f);
}

/* ---- reading ------------------------------------------------------------------------------- */

struct lookup {
    const struct found *f;
    const char *prefix; /* of paths below the bundle's base */
};

static const struct dext_code *nested(const void *user, const char *path)
{
    const struct lookup *l = user;
    struct dx_code key = {
        .pub.name = l->prefix[0] ? dx_sprintf(&l->f->ctx->arena, "%s/%s", l->prefix, path) : path};
    const struct dx_code *k = &key;
    struct dx_code **found = bsearch(&k, l->f->list, l->f->count, sizeof *l->f->list, by_code_name);
    return found ? &(*found)->pub : NULL;
}

static void seal(const struct found *f, struct dx_code *code)
{
    const char *name = code->pub.name, *base = code->layout.base;
    struct lookup l = {f, name[0] && base[0] ? dx_sprintf(&f->ctx->arena, "%s/%s", name, base)
                          : name[0]          ? name
                                             : base};
    dx_code_seal(code, f->ctx, nested, &l);
}

static int by_place(const void *a, const void *b)
{
    const struct dext_sign_problem *x = a, *y = b;
    int c = strcmp(x->file, y->file);
    c = c ? c : strcmp(x->arch, y->arch);
    c = c ? c : (x->offset > y->offset) - (x->offset < y->offset);
    c = c ? c : strcmp(x->name, y->name);
    return c ? c : strcmp(x->text, y->text);
}

/* The same for every slice is said once. */
static void finish(struct dx_code *code)
{
    struct dx_report *r = &code->report;
    size_t n = 0;
    if (r->count) {
        qsort(r->list, r->count, sizeof *r->list, by_place);
    }
    for (size_t i = 0; i < r->count; i++) {
        if (n == 0 || by_place(&r->list[n - 1], &r->list[i]) != 0) {
            r->list[n++] = r->list[i];
            code->pub.broken |= r->list[i].level == DEXT_PROBLEM_BROKEN;
        }
    }
    code->pub.problems = r->list;
    code->pub.problem_count = n;
}

static void read_all(struct dext_signatures *out, struct found *f, bool show_only)
{
    const struct dext_code **list = dx_calloc(&f->ctx->arena, f->count, sizeof *list);
    for (size_t i = 0; i < f->count; i++) {
        dx_code_read(f->list[i], f->ctx, show_only);
        list[i] = &f->list[i]->pub;
    }
    for (size_t i = 0; i < f->count; i++) {
        if (f->list[i]->files && !show_only && !f->list[i]->pub.error) {
            seal(f, f->list[i]);
        }
        finish(f->list[i]);
    }
    *out = (struct dext_signatures){list, f->count};
}

int dx_signatures_in(struct dext_signatures *out, struct dext_ctx *ctx,
                     const struct dx_files *files, bool show_only)
{
    struct found f = {.ctx = ctx, .files = files};
    *out = (struct dext_signatures){0};
    int status = find_in(&f);
    if (status == DEXT_OK) {
        read_all(out, &f, show_only);
    }
    return status;
}

int dext_signatures_read(struct dext_signatures *out, struct dext_ctx *ctx, const char *path,
                         const struct dext_signature_options *options)
{
    struct found f = {.ctx = ctx};
    *out = (struct dext_signatures){0};
    int status = find_all(&f, path);
    if (status != DEXT_OK) {
        return status;
    }
    read_all(out, &f, options && options->show_only);
    if (!f.files && f.list[0]->pub.error) { /* the one thing that was asked for */
        *out = (struct dext_signatures){0};
        return dx_fail(ctx, DEXT_E_FORMAT, "%s", f.list[0]->pub.error);
    }
    return DEXT_OK;
}
