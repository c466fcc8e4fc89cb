/* Everything that is signed at a path. */
#include "sign/signature.h"

#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "bundle/bundle.h"
#include "sign/resources.h"

struct signature_found {
    struct dext_ctx *ctx;
    const struct dx_files *files; /* NULL: one file */
    enum dx_depth depth;
    const struct dext_compiled *requirement;
    struct dx_code **list; /* sorted by name */
    size_t count, cap;
};

/* What a bundle may be called; a folder of another name is one when it is given itself. */
static const char *const suffixes[] = {
    ".app",       ".dext",    ".appex",           ".bundle", ".driver",
    ".framework", ".kext",    ".mdimporter",      ".plugin", ".qlgenerator",
    ".prefPane",  ".service", ".systemextension", ".xctest", ".xpc",
};

static const char *const signature_kinds[][2] = {
    [DEXT_SIGNER_NONE] = {"unsigned", "unsigned"},
    [DEXT_SIGNER_AD_HOC] = {"ad-hoc", "ad hoc"},
    [DEXT_SIGNER_LINKER] = {"linker-signed", "ad hoc, by the linker"},
    [DEXT_SIGNER_UNKNOWN] = {"unknown", "a certificate that no root vouches for"},
    [DEXT_SIGNER_FOREIGN] = {"foreign", "a certificate that is not Apple's"},
    [DEXT_SIGNER_DEVELOPMENT] = {"development", "Apple Development"},
    [DEXT_SIGNER_DISTRIBUTION] = {"distribution", "Apple Distribution"},
    [DEXT_SIGNER_DEVELOPER_ID] = {"developer-id", "Developer ID"},
    [DEXT_SIGNER_STORE] = {"app-store", "App Store"},
    [DEXT_SIGNER_TESTFLIGHT] = {"testflight", "TestFlight"},
    [DEXT_SIGNER_APPLE] = {"apple", "Apple's own software"},
    [DEXT_SIGNER_APPLE_OTHER] = {"apple-other", "Apple's chain, another kind of certificate"},
};

bool dext_signer_delivers(enum dext_signer_kind kind)
{
    return kind == DEXT_SIGNER_STORE || kind == DEXT_SIGNER_TESTFLIGHT;
}

const char *dext_signer_name(enum dext_signer_kind kind)
{
    return signature_kinds[kind][0];
}

const char *dext_signer_words(enum dext_signer_kind kind)
{
    return signature_kinds[kind][1];
}

/* ---- finding ------------------------------------------------------------------------------- */

static struct dx_code *signature_add(struct signature_found *f, const char *name, const char *path)
{
    struct dx_code *code = dx_alloc(&f->ctx->arena, sizeof *code);
    code->pub.name = name;
    code->pub.path = path;
    code->pub.bundle_id = code->pub.bundle_type = code->pub.executable = "";
    *DX_PUSH(&f->ctx->arena, f->list, f->count, f->cap) = code;
    return code;
}

/* A folder of a bundle's name that holds no program and no signature is resources, not code. */
static void add_bundle(struct signature_found *f, const char *name)
{
    const struct dx_files *files = dx_files_below(f->ctx, f->files, name);
    struct dx_code *code = signature_add(f, name, files->shown);
    code->files = files;
    code->pub.bundle = true;
    dx_code_layout(code, f->ctx);
    if (!code->file && !code->layout.seal) {
        f->count--;
    }
}

static int signature_by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The bundle whose CodeResources stands at path. Of a framework it is the framework for the current
 * version, and the version's folder for another one. NULL: none. */
static const char *signature_sealed_folder(const struct signature_found *f, const char *path)
{
    static const char seal[] = "/_CodeSignature/CodeResources", contents[] = "/Contents";
    struct dx_arena *a = &f->ctx->arena;
    if (!dx_str_has_suffix(dx_str(path), seal)) {
        return NULL;
    }
    const char *folder = dx_strndup(a, path, strlen(path) - strlen(seal));
    if (dx_str_has_suffix(dx_str(folder), contents)) {
        return dx_strndup(a, folder, strlen(folder) - strlen(contents));
    }
    /* The bundle that was given itself: add_root has it. */
    if (strcmp(folder, contents + 1) == 0 || strncmp(folder, "Versions/", 9) == 0) {
        return "";
    }
    const char *version = strrchr(folder, '/');
    size_t outer = version ? (size_t)(version - folder) : 0;
    if (outer < 9 || strncmp(folder + outer - 9, "/Versions", 9) != 0) {
        return folder;
    }
    const struct dx_file *current =
        dx_files_find(f->files, dx_sprintf(a, "%.*s/Current", (int)outer, folder));
    bool is_current =
        current && current->kind == DX_FILE_LINK && strcmp(current->target, version + 1) == 0;
    return is_current ? dx_strndup(a, folder, outer - 9) : folder;
}

/* Bundles of any name: they are signed. */
static void add_sealed_folders(const struct signature_found *f, struct dx_file_names *names)
{
    for (size_t i = 0; i < f->files->count; i++) {
        const char *folder = signature_sealed_folder(f, f->files->list[i].path);
        if (folder && folder[0]) {
            *DX_PUSH(&f->ctx->arena, names->list, names->count, names->cap) = folder;
        }
    }
}

static void add_bundles(struct signature_found *f)
{
    struct dx_file_names names = {0};
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        dx_files_bundles(&names, f->ctx, f->files, suffixes[i]);
    }
    add_sealed_folders(f, &names);
    if (names.count) {
        qsort(names.list, names.count, sizeof *names.list, signature_by_name);
    }
    for (size_t i = 0; i < names.count; i++) {
        if (i == 0 || strcmp(names.list[i - 1], names.list[i]) != 0) {
            add_bundle(f, names.list[i]);
        }
    }
}

/* The folder that was given is itself a bundle. */
static void add_root(struct signature_found *f)
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

static bool is_main(const struct signature_found *f, size_t bundles, const struct dx_file *file)
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
static bool signature_is_program(struct dext_ctx *ctx, const struct dx_file *file)
{
    struct dx_image image;
    struct dx_macho *m;
    unsigned char head[8];
    bool program = false;
    if (file->kind != DX_FILE_REGULAR || file->size < 28 || (!file->disk && !file->kept) ||
        (file->looked && !dx_is_macho(file->head, file->head_size))) {
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

/* Of an app with thousands of files on disk, those alone are opened that can be run or are called
 * like libraries. Archives have read all their members anyhow. */
static bool signature_may_be_program(const struct signature_found *f, const struct dx_file *file)
{
    static const char *const libraries[] = {".dylib", ".so", ".node", ".jnilib"};
    bool may = f->depth != DX_DEPTH_RIGHTS || f->files->archive || file->executable;
    for (size_t i = 0; !may && i < sizeof libraries / sizeof *libraries; i++) {
        may = dx_str_has_suffix(dx_str(file->path), libraries[i]);
    }
    return may;
}

static void add_programs(struct signature_found *f)
{
    size_t bundles = f->count;
    for (size_t i = 0; i < f->files->count; i++) {
        const struct dx_file *file = &f->files->list[i];
        if (signature_may_be_program(f, file) && signature_is_program(f->ctx, file) &&
            !is_main(f, bundles, file)) {
            signature_add(f, file->path, file->shown)->file = file;
        }
    }
}

static int signature_by_code_name(const void *a, const void *b)
{
    const struct dx_code *x = *(const struct dx_code *const *)a;
    const struct dx_code *y = *(const struct dx_code *const *)b;
    return strcmp(x->pub.name, y->pub.name);
}

static struct dx_code *signature_of_name(const struct signature_found *f, const char *name)
{
    struct dx_code key = {.pub.name = name};
    const struct dx_code *k = &key;
    struct dx_code **found =
        bsearch(&k, f->list, f->count, sizeof *f->list, signature_by_code_name);
    return found ? *found : NULL;
}

static void mark_inner(const struct signature_found *f)
{
    for (size_t i = 0; i < f->count; i++) {
        const char *name = f->list[i]->pub.name;
        f->list[i]->pub.inner = name[0] && f->list[0]->pub.bundle && !f->list[0]->pub.name[0];
        for (const char *p = strchr(name, '/'); p && !f->list[i]->pub.inner;
             p = strchr(p + 1, '/')) {
            const struct dx_code *around =
                signature_of_name(f, dx_strndup(&f->ctx->arena, name, (size_t)(p - name)));
            f->list[i]->pub.inner = around && around->pub.bundle;
        }
    }
}

static int find_in(struct signature_found *f)
{
    if (!f->files->archive) {
        add_root(f);
    }
    add_bundles(f);
    add_programs(f);
    if (f->count > 1) {
        qsort(f->list, f->count, sizeof *f->list, signature_by_code_name);
    }
    mark_inner(f);
    return f->count ? DEXT_OK
                    : dx_fail(f->ctx, DEXT_E_NOTFOUND, "%s: nothing in it that could be signed",
                              f->files->path);
}

/* A file that is signed as a whole: a package around what is in it, or a disk image. */
static void signature_add_file(struct signature_found *f, const char *path, enum dext_form form)
{
    struct dx_file *file = dx_alloc(&f->ctx->arena, sizeof *file);
    *file = (struct dx_file){.path = path, .shown = path, .disk = path, .target = ""};
    struct dx_code *code = signature_add(f, "", path);
    code->file = file;
    code->pub.form = form;
}

static void signature_add_package(struct signature_found *f)
{
    if (f->files->archive && dx_is_package(f->ctx, f->files->path)) {
        signature_add_file(f, f->files->path, DEXT_FORM_PACKAGE);
    }
}

static int find_all(struct signature_found *f, const char *path)
{
    if (dx_is_disk_image(f->ctx, path)) {
        signature_add_file(f, path, DEXT_FORM_IMAGE);
        return DEXT_OK;
    }
    if (!dx_is_folder(f->ctx, path) && !dx_is_archive(f->ctx, path)) {
        signature_add_file(f, path, DEXT_FORM_CODE);
        return DEXT_OK;
    }
    struct dx_files *files;
    int status = dx_files_open(&files, f->ctx, path,
                               f->depth == DX_DEPTH_ALL ? DX_KEEP_LOOKED : DX_KEEP_CODE);
    if (status != DEXT_OK) {
        return status;
    }
    f->files = files;
    signature_add_package(f);
    return find_in(f);
}

/* ---- reading ------------------------------------------------------------------------------- */

struct lookup {
    const struct signature_found *f;
    const char *prefix; /* of paths below the bundle's base */
};

static const struct dext_code *signature_nested(const void *user, const char *path)
{
    const struct lookup *l = user;
    const struct dx_code *code = signature_of_name(
        l->f, l->prefix[0] ? dx_sprintf(&l->f->ctx->arena, "%s/%s", l->prefix, path) : path);
    return code ? &code->pub : NULL;
}

static void seal(const struct signature_found *f, struct dx_code *code)
{
    const char *name = code->pub.name, *base = code->layout.base;
    struct lookup l = {f, name[0] && base[0] ? dx_sprintf(&f->ctx->arena, "%s/%s", name, base)
                          : name[0]          ? name
                                             : base};
    dx_code_seal(code, f->ctx, signature_nested, &l);
}

static int signature_by_place(const void *a, const void *b)
{
    const struct dext_sign_problem *x = a, *y = b;
    int c = strcmp(x->file, y->file);
    c = c ? c : strcmp(x->arch, y->arch);
    c = c ? c : (x->offset > y->offset) - (x->offset < y->offset);
    c = c ? c : strcmp(x->name, y->name);
    return c ? c : strcmp(x->text, y->text);
}

/* Whether it, something in it, or what it lies in could not be read. */
static bool signature_is_unread(const struct dext_ctx *ctx, const char *path)
{
    const size_t n = strlen(path);
    struct dext_unread u;
    for (size_t i = 0; i < dext_ctx_unread_count(ctx); i++) {
        dext_ctx_unread_parts(ctx, i, &u);
        if (!u.file) {
            continue;
        }
        const size_t m = strlen(u.file);
        const bool in = m > n && strncmp(u.file, path, n) == 0 && u.file[n] == '/';
        const bool around = m && m < n && strncmp(u.file, path, m) == 0 && path[m] == '!';
        if (in || around || (m == n && strcmp(u.file, path) == 0)) {
            return true;
        }
    }
    return false;
}

/* What was not read is neither missing nor modified. */
static void signature_doubt(struct dext_ctx *ctx, struct dext_sign_problem *p)
{
    if (strcmp(p->name, "file-unreadable") == 0) {
        p->level = DEXT_PROBLEM_UNREAD;
    } else if (strcmp(p->name, "not-computed") == 0) {
        p->level = DEXT_PROBLEM_UNREAD;
        dx_unread(ctx, "%s: %s", p->file, p->text);
    } else if (p->level == DEXT_PROBLEM_BROKEN && dx_str_has_suffix(dx_str(p->name), "-missing") &&
               signature_is_unread(ctx, p->file)) {
        p->level = DEXT_PROBLEM_UNREAD;
        p->text = "not all of it could be read, so nothing is known of this part of the signature";
    }
}

/* The same for every slice is said once. */
static void signature_finish(struct dx_code *code)
{
    struct dx_report *r = &code->report;
    size_t n = 0;
    for (size_t i = 0; i < r->count; i++) {
        signature_doubt(r->ctx, &r->list[i]);
        code->pub.unread |= r->list[i].level == DEXT_PROBLEM_UNREAD;
    }
    code->pub.unread |= signature_is_unread(r->ctx, code->pub.path);
    if (r->count) {
        qsort(r->list, r->count, sizeof *r->list, signature_by_place);
    }
    for (size_t i = 0; i < r->count; i++) {
        if (n == 0 || signature_by_place(&r->list[n - 1], &r->list[i]) != 0) {
            r->list[n++] = r->list[i];
            code->pub.broken |= r->list[i].level == DEXT_PROBLEM_BROKEN;
        }
    }
    code->pub.problems = r->list;
    code->pub.problem_count = n;
}

/* One unpacker takes the first of two members of a name, another the last; what was judged is the
 * last. It is told of the innermost code around it. */
static void signature_twice(const struct signature_found *f)
{
    const char *path = f->files ? f->files->twice : NULL;
    struct dx_code *around = NULL;
    for (size_t i = 0; path && i < f->count; i++) {
        size_t n = strlen(f->list[i]->pub.name);
        bool is = strncmp(path, f->list[i]->pub.name, n) == 0 &&
                  (n == 0 || path[n] == '/' || path[n] == 0);
        around = is || !around ? f->list[i] : around;
    }
    if (around) {
        around->report.file = dx_sprintf(&f->ctx->arena, "%s/%s", f->files->shown, path);
        dx_report(&around->report, "member-twice",
                  "the archive has it twice, with different content: unpackers differ in which one "
                  "they take");
        around->report.file = around->pub.path;
    }
}

/* ---- tickets ------------------------------------------------------------------------------- */

static bool signature_is_inside(const struct dx_code *code, const struct dx_code *around)
{
    size_t n = strlen(around->pub.path);
    return strncmp(code->pub.path, around->pub.path, n) == 0 && code->pub.path[n] == '/';
}

/* The ticket of the innermost bundle that has one counts, since the list goes from outside inwards.
 */
static void signature_tickets(const struct signature_found *f)
{
    const struct dx_ticket *outer = f->count ? f->list[0]->ticket : NULL;
    for (size_t i = 1; outer && i < f->count; i++) {
        dx_code_ticket(f->list[i], f->ctx, outer, true);
    }
    for (size_t i = 0; i < f->count; i++) {
        const struct dx_file *file = f->list[i]->layout.ticket;
        struct dx_source src;
        struct dx_ticket t;
        dext_ctx_clear(f->ctx);
        if (!file || dx_files_read(&src, f->ctx, file) != DEXT_OK) {
            continue;
        }
        bool is_one = dx_ticket_read(&t, f->ctx, (struct dx_str){src.data, src.size});
        for (size_t k = i; k < f->count; k++) {
            if (k == i || signature_is_inside(f->list[k], f->list[i])) {
                dx_code_ticket(f->list[k], f->ctx, &t, is_one);
            }
        }
    }
    dext_ctx_clear(f->ctx);
}

/* A requirement from outside is one on the whole, not on its parts. */
static void signature_ask(const struct signature_found *f, struct dx_code *code)
{
    code->pub.why = "";
    code->pub.asked = f->requirement && !code->pub.inner && !code->pub.error;
    if (code->pub.asked) {
        struct dx_verdict v = dx_code_satisfies(
            code, f->ctx, (struct dx_str){f->requirement->bytes, f->requirement->size});
        code->pub.satisfies = v.truth;
        code->pub.why = v.why;
    }
}

static void signature_read_all(struct dext_signatures *out, struct signature_found *f)
{
    enum dx_depth depth = f->depth;
    const struct dext_code **list = dx_calloc(&f->ctx->arena, f->count, sizeof *list);
    for (size_t i = 0; i < f->count; i++) {
        (f->list[i]->pub.form == DEXT_FORM_PACKAGE ? dx_package_read
         : f->list[i]->pub.form == DEXT_FORM_IMAGE ? dx_disk_image_read
                                                   : dx_code_read)(f->list[i], f->ctx, depth);
        list[i] = &f->list[i]->pub;
    }
    signature_tickets(f);
    signature_twice(f);
    for (size_t i = 0; i < f->count; i++) {
        for (size_t k = 0; k < f->list[i]->pub.slice_count; k++) {
            f->list[i]->subjects[k].notarized =
                f->list[i]->pub.ticket == DEXT_TICKET_GOOD ? DEXT_YES : DEXT_UNKNOWN;
        }
    }
    for (size_t i = 0; i < f->count; i++) {
        if (f->list[i]->files && depth == DX_DEPTH_ALL && !f->list[i]->pub.error) {
            seal(f, f->list[i]);
        }
        signature_ask(f, f->list[i]);
        signature_finish(f->list[i]);
    }
    *out = (struct dext_signatures){list, f->count};
}

int dx_signatures_in(struct dext_signatures *out, struct dext_ctx *ctx,
                     const struct dx_files *files, enum dx_depth depth)
{
    struct signature_found f = {.ctx = ctx, .files = files, .depth = depth};
    *out = (struct dext_signatures){0};
    if (depth == DX_DEPTH_RIGHTS) { /* others do not ask for it, and its members are many bytes */
        signature_add_package(&f);
    }
    int status = dx_crypto_ready(ctx, files->path) ? find_in(&f) : DEXT_E_IO;
    if (status == DEXT_OK) {
        signature_read_all(out, &f);
    }
    return status;
}

int dext_signatures_read(struct dext_signatures *out, struct dext_ctx *ctx, const char *path,
                         const struct dext_signature_options *options)
{
    struct signature_found f = {.ctx = ctx,
                                .requirement = options ? options->requirement : NULL,
                                .depth = options && options->show_only  ? DX_DEPTH_SHOW
                                         : options && options->unhashed ? DX_DEPTH_RIGHTS
                                                                        : DX_DEPTH_ALL};
    *out = (struct dext_signatures){0};
    int status = dx_crypto_ready(ctx, path) ? find_all(&f, path) : DEXT_E_IO;
    if (status != DEXT_OK) {
        return status;
    }
    signature_read_all(out, &f);
    if (!f.files && f.list[0]->pub.error) { /* the one thing that was asked for */
        *out = (struct dext_signatures){0};
        return dx_fail(ctx, DEXT_E_FORMAT, "%s", f.list[0]->pub.error);
    }
    return DEXT_OK;
}
