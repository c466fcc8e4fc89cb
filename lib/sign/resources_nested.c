/* Nested code: sealed by a requirement, which whatever stands there now has to satisfy (Security
 * StaticCode.cpp, validateNestedCode). The cdhash beside it is not looked at there, nor here. */
#include <string.h>

#include "sign/resources.h"
#include "sign/signature.h"

static void nested_judge(const struct dx_seal *s, const struct dx_code *code, struct dx_str blob)
{
    struct dext_ctx *ctx = s->in->ctx;
    for (size_t i = 0; i < code->pub.slice_count; i++) {
        const struct dx_judged *subject = &code->subjects[i];
        if (!subject->identifier) {
            continue; /* not signed, which is said of it itself */
        }
        struct dx_verdict v = dx_requirement_eval(ctx, blob, subject);
        if (v.truth == DEXT_YES) {
            continue;
        }
        const char *arch = s->in->report->arch, *file = s->in->report->file;
        s->in->report->arch = subject->arch;
        s->in->report->file = code->pub.path;
        if (v.truth == DEXT_NO) {
            dx_report(s->in->report, "nested-modified",
                      "it is not the nested code that the bundle was signed with: it does not "
                      "satisfy the requirement sealed for it: %s",
                      v.why);
        } else {
            dx_report_warning(s->in->report, "nested-unknown",
                              "whether it satisfies the requirement sealed for it cannot be told "
                              "here: %s",
                              v.why);
        }
        s->in->report->arch = arch;
        s->in->report->file = file;
    }
}

/* A script or other file that is no program keeps its signature in extended attributes (Security
 * filediskrep.cpp). */
static void nested_unread(const struct dx_seal *s, const struct dx_file *f)
{
    const char *file = s->in->report->file;
    s->in->report->file = f->shown;
    if (!f->disk && !f->kept) {
        dx_report_warning(s->in->report, "nested-unread",
                          "it is nested code, and was not read: too large, or no program, so that "
                          "nothing is known of it");
        s->in->report->file = file;
        return;
    }
    dx_report_warning(s->in->report, "nested-unread",
                      "it is nested code that is no Mach-O file: its signature lies in extended "
                      "attributes, which are not read here, so nothing is known of it");
    s->in->report->file = file;
}

static void nested_missing(const struct dx_seal *s, const char *path, bool optional)
{
    const struct dx_file *f = dx_files_find(s->in->files, path);
    if (f && f->kind == DX_FILE_REGULAR && !dx_is_macho_file(s->in->ctx, f)) {
        nested_unread(s, f);
    } else if (f && f->kind == DX_FILE_LINK) {
        (void)dx_seal_report(s, f->shown, "nested-modified",
                             "it was nested code when the bundle was signed and is a link now");
    } else if (f || dx_files_has_folder(s->in->files, path)) {
        (void)dx_seal_report(s, dx_seal_shown(s, path), "nested-missing",
                             "there was signed code here when the bundle was signed and is none "
                             "now");
    } else if (!optional) {
        (void)dx_seal_report(s, dx_seal_shown(s, path), "nested-missing",
                             "there was nested code here when it was signed and is none now");
    }
}

/* Of a framework every version has to do, not the current one alone (validateOtherVersions). */
static void nested_other_versions(const struct dx_seal *s, const char *path, struct dx_str blob)
{
    const char *prefix = dx_sprintf(&s->in->ctx->arena, "%s/Versions/", path);
    const char *last = "";
    if (!dx_str_has_suffix(dx_str(path), ".framework")) {
        return;
    }
    for (size_t i = 0; i < s->in->files->count; i++) {
        const char *p = s->in->files->list[i].path;
        const char *end =
            strncmp(p, prefix, strlen(prefix)) == 0 ? strchr(p + strlen(prefix), '/') : NULL;
        if (!end || (strncmp(p, last, (size_t)(end - p)) == 0 && !last[end - p])) {
            continue;
        }
        last = dx_strndup(&s->in->ctx->arena, p, (size_t)(end - p));
        const struct dext_code *code = s->in->nested(s->in->user, last);
        if (code) {
            nested_judge(s, dx_code_of(code), blob);
        }
    }
}

void dx_seal_nested(const struct dx_seal *s, const struct dext_node *entry, const char *path)
{
    const struct dext_node *want = dx_get_kind(entry, "requirement", DEXT_STRING);
    const struct dext_node *optional = dx_get_kind(entry, "optional", DEXT_BOOL);
    const struct dext_code *code = s->in->nested(s->in->user, path);
    if (!code) {
        nested_missing(s, path, optional && optional->boolean);
        return;
    }
    dext_ctx_clear(s->in->ctx);
    struct dx_str blob = want ? dx_requirement_compile(s->in->ctx, "requirement", want->text.p)
                              : (struct dx_str){"", 0};
    if (!blob.n) {
        dx_report(s->in->report, "resources-malformed",
                  "CodeResources seals %s by no requirement that macOS could read: %s", path,
                  want ? dext_ctx_error(s->in->ctx) : "there is none");
        dext_ctx_clear(s->in->ctx);
        return;
    }
    nested_judge(s, dx_code_of(code), blob);
    nested_other_versions(s, path, blob);
}
