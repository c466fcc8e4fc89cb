/* Which inputs make one subject. */
#include "rights/rights.h"
#include "base/path.h"

#include <stdio.h>
#include <string.h>

#include "rules/code.h"
#include "sign/macho.h"
#include "sign/profile.h"
#include "sign/signature.h"

struct reader {
    struct dext_ctx *ctx;
    int64_t now;
    struct dx_subject **list;
    size_t count, cap;
    const struct dx_build **builds;
    size_t build_count, build_cap;
    const char **errors;
    size_t error_count, error_cap;
    /* loose files, until they are given away */
    const struct dx_doc **files, **infos;
    size_t file_count, file_cap, info_count, info_cap;
    const struct dext_profile **profiles;
    size_t profile_count, profile_cap;
};

static void rights_refuse(struct reader *r, const char *text)
{
    struct dx_arena *a = &r->ctx->arena;
    *DX_PUSH(a, r->errors, r->error_count, r->error_cap) = dx_strdup(a, text);
    dext_ctx_clear(r->ctx);
}

static struct dx_subject *rights_add(struct reader *r, const char *name, const char *role)
{
    struct dx_subject *s = dx_alloc(&r->ctx->arena, sizeof *s);
    s->pub.name = name;
    s->pub.role = role;
    s->pub.file = s->pub.info = s->pub.executable = s->pub.verdict = "";
    *DX_PUSH(&r->ctx->arena, r->list, r->count, r->cap) = s;
    return s;
}

static const struct dx_doc *new_doc(struct dext_ctx *ctx, struct dx_source *src)
{
    struct dx_doc *doc = dx_alloc(&ctx->arena, sizeof *doc);
    doc->path = src->path;
    doc->pl = dx_plist_load(ctx, src);
    doc->kind = dx_doc_classify(src->path, doc->pl, &doc->why_kind);
    return doc;
}

/* ---- built code ----------------------------------------------------------------------------- */

/* It claims what somebody has to grant, in any slice. */
static bool has_restricted(const struct dext_code *code, bool ios)
{
    for (size_t i = 0; i < code->slice_count; i++) {
        const struct dext_node *claims = code->slices[i].entitlements;
        for (const struct dext_node *n = claims ? claims->child : NULL; n; n = n->next) {
            if (dx_granted(n, NULL, ios) != DX_GRANT_FREE) {
                return true;
            }
        }
    }
    return false;
}

/* No other code of the build is around it. */
static bool is_outermost(const struct dx_build *b, const struct dext_code *code)
{
    for (size_t i = 0; i < b->all.count; i++) {
        size_t n = strlen(b->all.list[i]->path);
        if (b->all.list[i]->form == DEXT_FORM_CODE &&
            strncmp(code->path, b->all.list[i]->path, n) == 0 && code->path[n] == '/') {
            return false;
        }
    }
    return true;
}

static bool hosts_driver(const struct dx_build *b, const struct dext_code *app)
{
    for (size_t i = 0; i < b->all.count; i++) {
        const struct dext_code *code = b->all.list[i];
        if (!code->error && dx_code_is_driver(code) && dx_build_host(b, code) == app) {
            return true;
        }
    }
    return false;
}

static void rights_read_info(struct reader *r, struct dx_subject *s)
{
    struct dx_source src;
    const struct dext_code *code = s->pub.code;
    const struct dx_bundle *b =
        code->bundle ? dx_bundle_open(r->ctx, s->files, code->path, NULL) : NULL;
    if (!b || !b->info_path) {
        return;
    }
    const struct dx_file *member = s->files ? dx_file_shown(s->files, b->info_path) : NULL;
    int status =
        member ? dx_files_read(&src, r->ctx, member) : dx_source_read(&src, r->ctx, b->info_path);
    if (status == DEXT_OK) {
        s->info = new_doc(r->ctx, &src);
        s->pub.info = s->info->path;
    }
    dext_ctx_clear(r->ctx);
}

static void rights_add_code(struct reader *r, const struct dx_build *build,
                            const struct dx_files *files, const struct dext_code *code)
{
    const struct dext_slice *slice = dx_code_slice(code);
    bool driver = dx_code_is_driver(code), app = !driver && hosts_driver(build, code);
    bool ios = slice && strcmp(slice->platform, "iOS") == 0;
    if (!driver && !app && !is_outermost(build, code) && !has_restricted(code, ios)) {
        return;
    }
    bool is_app = app || (!driver && code->bundle && dx_path_kind(code->path) == DX_PATH_APP);
    struct dx_subject *s = rights_add(r, code->path,
                                      driver   ? "driver"
                                      : is_app ? "app"
                                               : "program");
    s->build = build;
    s->files = files;
    s->driver = driver;
    s->hosts = app;
    s->pub.code = code;
    s->pub.executable = code->executable;
    s->pub.profile = code->profile;
    rights_read_info(r, s);
}

static void read_build(struct reader *r, const char *path, bool archive)
{
    struct dx_files *files = NULL;
    struct dx_build *build = dx_alloc(&r->ctx->arena, sizeof *build);
    static const struct dext_signature_options unhashed = {.size = sizeof unhashed,
                                                           .unhashed = true};
    int status = archive ? dx_files_open(&files, r->ctx, path, DX_KEEP_CODE) : DEXT_OK;
    if (status == DEXT_OK) {
        status = archive ? dx_signatures_in(&build->all, r->ctx, files, DX_DEPTH_RIGHTS)
                         : dext_signatures_read(&build->all, r->ctx, path, &unhashed);
    }
    if (status != DEXT_OK) {
        rights_refuse(r, dext_ctx_error(r->ctx));
        return;
    }
    size_t before = r->count + r->error_count;
    *DX_PUSH(&r->ctx->arena, r->builds, r->build_count, r->build_cap) = build;
    for (size_t i = 0; i < build->all.count; i++) {
        if (build->all.list[i]->error) {
            rights_refuse(r, build->all.list[i]->error);
        } else if (build->all.list[i]->form == DEXT_FORM_CODE) {
            rights_add_code(r, build, files, build->all.list[i]);
        }
    }
    if (r->count + r->error_count == before) {
        rights_refuse(r, dx_sprintf(&r->ctx->arena, "%s: there is no program in it", path));
    }
}

/* ---- loose files ---------------------------------------------------------------------------- */

/* Its first bytes tell; the whole of a program is never read. */
static bool rights_is_code(struct dext_ctx *ctx, const char *path)
{
    unsigned char head[8];
    size_t n;
    return dx_path_head(ctx, path, head, sizeof head, &n) && n == sizeof head &&
           dx_is_macho(head, sizeof head);
}

/* A CMS begins with a SEQUENCE; an unsigned profile is told by its name. */
static bool is_profile(const struct dx_source *src)
{
    return (src->size > 1 && (unsigned char)src->data[0] == 0x30) ||
           dx_path_kind(src->path) == DX_PATH_PROFILE;
}

static void read_plist(struct reader *r, struct dx_source *src)
{
    struct dx_arena *a = &r->ctx->arena;
    const struct dx_doc *doc = new_doc(r->ctx, src);
    const struct dx_problem_at *broken = dx_first_break(doc->pl);
    if (doc->pl->stopped || !doc->pl->root) {
        rights_refuse(r, doc->pl->stopped ? doc->pl->reason
                                          : dx_sprintf(a, "%s: it is empty", doc->path));
    } else if (broken) {
        rights_refuse(r, dx_sprintf(a, "%s:%u:%u: %s", doc->path, broken->at.line,
                                    broken->at.column, broken->text));
    } else if (doc->kind == DX_DOC_ENTITLEMENTS) {
        *DX_PUSH(a, r->files, r->file_count, r->file_cap) = doc;
    } else if (doc->kind == DX_DOC_DEXT_INFO) {
        *DX_PUSH(a, r->infos, r->info_count, r->info_cap) = doc;
    } else {
        rights_refuse(
            r, dx_sprintf(a, "%s: neither entitlements nor the Info.plist of a driver, but %s",
                          doc->path, doc->why_kind));
    }
}

static void rights_read_file(struct reader *r, const char *path)
{
    struct dx_source src;
    struct dx_profile *p;
    dext_ctx_clear(r->ctx);
    if (dx_is_file(r->ctx, path) && rights_is_code(r->ctx, path)) {
        read_build(r, path, false);
        return;
    }
    bool read = dx_source_read(&src, r->ctx, path) == DEXT_OK;
    if (read && !is_profile(&src)) {
        read_plist(r, &src);
    } else if (read && dx_profile_parse(&p, r->ctx, &src) == DEXT_OK) {
        *DX_PUSH(&r->ctx->arena, r->profiles, r->profile_count, r->profile_cap) = &p->pub;
    } else {
        rights_refuse(r, dext_ctx_error(r->ctx));
    }
}

/* ---- joining -------------------------------------------------------------------------------- */

static bool is_drivers(const struct dx_doc *doc)
{
    struct dx_ent e;
    return dx_ent_read(&e, doc) && e.driver;
}

/* The only code of that kind, or NULL. */
static struct dx_subject *only(struct reader *r, size_t codes, bool driver)
{
    struct dx_subject *found = NULL;
    for (size_t i = 0; i < codes; i++) {
        if (r->list[i]->driver == driver) {
            if (found) {
                return NULL;
            }
            found = r->list[i];
        }
    }
    return found;
}

static bool rights_covers(const struct dext_profile *p, const char *bundle_id)
{
    size_t n = strlen(p->bundle_id);
    return n && p->bundle_id[n - 1] == '*' ? strncmp(p->bundle_id, bundle_id, n - 1) == 0
                                           : strcmp(p->bundle_id, bundle_id) == 0;
}

static const char *rights_bundle_id(const struct dx_subject *s)
{
    const struct dext_node *n = s->info ? dx_get(s->info->pl->root, "CFBundleIdentifier") : NULL;
    if (s->pub.code && s->pub.code->bundle_id[0]) {
        return s->pub.code->bundle_id;
    }
    return n && dx_is_literal(n) ? n->text.p : "";
}

/* How well a profile fits: 0 not at all. One that was named goes before the embedded one. */
static int rights_fits(const struct dx_subject *s, const struct dext_profile *p)
{
    const char *id = rights_bundle_id(s);
    if (id[0]) {
        return !rights_covers(p, id) ? 0 : p->wildcard ? 2 : 3;
    }
    return p->driverkit == s->driver ? 1 : 0;
}

static void give_profiles(struct reader *r)
{
    bool *used = dx_calloc(&r->ctx->arena, r->profile_count + 1, sizeof *used);
    for (size_t i = 0; i < r->count; i++) {
        struct dx_subject *s = r->list[i];
        int best = 0;
        for (size_t k = 0; k < r->profile_count; k++) {
            bool sole = r->profile_count == 1 && r->count == 1; /* whatever it is, it is meant */
            int fit = sole ? 1 : rights_fits(s, r->profiles[k]);
            if (fit > best) {
                best = fit;
                s->pub.profile = r->profiles[k];
                used[k] = true;
            }
        }
    }
    for (size_t k = 0; k < r->profile_count; k++) {
        if (!used[k]) {
            struct dx_subject *s = rights_add(r, r->profiles[k]->path, "files");
            s->driver = false;
            s->pub.profile = r->profiles[k];
        }
    }
}

static void give_files(struct reader *r)
{
    size_t codes = r->count;
    for (size_t i = 0; i < r->file_count; i++) {
        bool driver = is_drivers(r->files[i]);
        struct dx_subject *s = only(r, codes, driver);
        if (!s || s->file) {
            s = rights_add(r, r->files[i]->path, "files");
            s->driver = driver;
        }
        s->file = r->files[i];
        s->pub.file = s->file->path;
    }
    for (size_t i = 0; i < r->info_count; i++) {
        struct dx_subject *s = NULL;
        for (size_t k = 0; k < r->count && !s; k++) {
            s = r->list[k]->driver && !r->list[k]->info ? r->list[k] : NULL;
        }
        s = s ? s : rights_add(r, r->infos[i]->path, "files");
        s->driver = true;
        s->info = r->infos[i];
        s->pub.info = s->info->path;
    }
}

/* ---- judging -------------------------------------------------------------------------------- */

struct collector {
    struct dext_ctx *ctx;
    struct dx_subject *subject;
};

static void rights_collect(void *user, const struct dx_finding *f)
{
    struct collector *c = user;
    struct dext_subject *s = &c->subject->pub;
    const char *id = dext_rule_id(f->pub.rule);
    struct dext_finding *list = (struct dext_finding *)s->findings;
    if (id[2] != '4' && id[2] != '5') {
        return;
    }
    for (size_t i = 0; i < s->finding_count; i++) {
        if (list[i].rule == f->pub.rule && list[i].at.offset == f->pub.at.offset &&
            strcmp(list[i].file, f->pub.file) == 0 &&
            strcmp(list[i].message, f->pub.message) == 0) {
            return;
        }
    }
    *DX_PUSH(&c->ctx->arena, list, s->finding_count, c->subject->finding_cap) = f->pub;
    s->findings = list;
}

static void rights_judge(struct reader *r, struct dx_subject *s)
{
    const struct dx_doc *docs[2];
    struct dx_unit unit = {.now = r->now, .built = s->pub.code != NULL};
    struct collector to = {r->ctx, s};
    unit.info = s->info && s->info->kind == DX_DOC_DEXT_INFO ? s->info : NULL;
    if (s->pub.code) {
        dx_build_fill(s->build, r->ctx, &unit, s->pub.code, docs);
    } else if (s->file) {
        docs[0] = s->file;
        unit.together = true;
        unit.entitlements = docs;
        unit.entitlement_count = 1;
    }
    unit.profile = s->pub.profile && !s->pub.profile->error ? s->pub.profile : NULL;
    /* A driver by itself does not say for which system it is. */
    if (unit.profile && !unit.host_code && (s->driver || !s->pub.code)) {
        unit.ios = dx_profile_is_ios(unit.profile);
    }
    s->ios = unit.ios;
    dx_check_unit(r->ctx, &unit, rights_collect, &to);
    if (s->file) {
        struct dx_unit none = {0};
        dx_check_doc(r->ctx, &none, s->file, rights_collect, &to);
    }
}

/* Loose files are a product of their own. */
static void rights_add_files(struct dx_products *to, struct dext_ctx *ctx, struct dx_subject *s)
{
    const struct dext_subject **one = dx_calloc(&ctx->arena, 1, sizeof *one);
    const char **use = dx_calloc(&ctx->arena, 1, sizeof *use);
    dx_rights_verdict_of_files(s, ctx);
    one[0] = &s->pub;
    use[0] = dext_purpose_name(s->pub.purpose);
    *DX_PUSH(&ctx->arena, to->list, to->count, to->cap) = (struct dext_rights_product){
        .name = s->pub.name,
        .purpose = s->pub.purpose,
        .possible = s->pub.possible,
        .uses = use,
        .use_count = s->pub.possible && s->pub.purpose != DEXT_PURPOSE_UNKNOWN,
        .verdict = s->pub.verdict,
        .subjects = one,
        .subject_count = 1};
}

void dext_entitlements_read(struct dext_entitlements *out, struct dext_ctx *ctx,
                            const char *const *paths, size_t count,
                            const struct dext_entitlements_options *options)
{
    struct reader r = {.ctx = ctx, .now = options ? options->now : 0};
    for (size_t i = 0; i < count; i++) {
        const char *path = paths[i];
        bool folder = dx_is_folder(ctx, path), archive = !folder && dx_is_archive(ctx, path);
        dext_ctx_clear(ctx);
        if (folder || archive) {
            read_build(&r, path, archive);
        } else {
            rights_read_file(&r, path);
        }
    }
    give_files(&r);
    give_profiles(&r);
    const struct dext_subject **list = dx_calloc(&ctx->arena, r.count + 1, sizeof *list);
    struct dx_products products = {0};
    for (size_t i = 0; i < r.count; i++) {
        rights_judge(&r, r.list[i]);
        dx_rights_rows(r.list[i], ctx);
        list[i] = &r.list[i]->pub;
    }
    for (size_t i = 0; i < r.build_count; i++) {
        dx_rights_products(&products, ctx, r.builds[i], r.list, r.count);
    }
    for (size_t i = 0; i < r.count; i++) {
        if (!r.list[i]->pub.code) {
            rights_add_files(&products, ctx, r.list[i]);
        }
    }
    *out = (struct dext_entitlements){list,           r.count,  products.list,
                                      products.count, r.errors, r.error_count};
}
