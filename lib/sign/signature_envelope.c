/* What stands in a bundle outside of the folder that CodeResources seals. */
#include <string.h>

#include "sign/signature.h"

static void envelope_report(struct dx_code *code, const char *shown, const char *text)
{
    code->report.file = shown;
    dx_report(&code->report, "root-unsealed", "%s", text)->level =
        dx_code_is_lenient(&code->pub) ? DEXT_PROBLEM_WARNING : DEXT_PROBLEM_BROKEN;
    code->report.file = code->pub.path;
}

static bool envelope_is(const char *path, size_t n, const char *name)
{
    return strlen(name) == n && strncmp(path, name, n) == 0;
}

/* Beside Contents: files of the Finder and the store alone, and no programs. */
static bool envelope_beside_contents(const struct dx_file *f, size_t n)
{
    static const char *const allowed[] = {".LSOverride", ".DS_Store", "Icon\r",
                                          ".SoftwareDepot.tracking"};
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++) {
        if (envelope_is(f->path, n, allowed[i])) {
            return !f->path[n] && f->kind == DX_FILE_REGULAR && !f->executable;
        }
    }
    return envelope_is(f->path, n, "Contents");
}

/* A link at the root of a framework leads to what has its name in the current version. */
static bool envelope_namesake(const struct dx_file *f, const char *version)
{
    static const char current[] = "Versions/Current/";
    const char *t = f->target;
    t += strncmp(t, "./", 2) == 0 ? 2 : 0;
    size_t own = strlen(version);
    if (strncmp(t, current, sizeof current - 1) == 0) {
        t += sizeof current - 1;
    } else if (strncmp(t, version, own) == 0 && t[own] == '/') {
        t += own + 1;
    } else {
        return false;
    }
    return strcmp(t, f->path) == 0;
}

static bool envelope_of_framework(const struct dx_file *f, size_t n, const char *version)
{
    if (envelope_is(f->path, n, "Versions")) {
        const char *inner = f->path[n] ? f->path + n + 1 : "";
        bool deeper = strchr(inner, '/') != NULL;
        return deeper || f->kind == DX_FILE_FOLDER || strcmp(inner, ".DS_Store") == 0 ||
               (f->kind == DX_FILE_LINK && strcmp(inner, "Current") == 0);
    }
    if (f->path[n] || f->kind == DX_FILE_FOLDER) {
        return false;
    }
    bool plain = f->kind == DX_FILE_REGULAR && !f->executable;
    return (plain && (strcmp(f->path, ".DS_Store") == 0 || strcmp(f->path, "module.map") == 0)) ||
           (f->kind == DX_FILE_LINK && envelope_namesake(f, version));
}

static void envelope_root(struct dx_code *code, struct dext_ctx *ctx)
{
    const char *base = code->layout.base, *last = "";
    bool framework = strncmp(base, "Versions/", 9) == 0;
    if (!framework && strcmp(base, "Contents") != 0) {
        return; /* flat: all of it is sealed */
    }
    for (size_t i = 0; i < code->files->count; i++) {
        const struct dx_file *f = &code->files->list[i];
        size_t n = strcspn(f->path, "/");
        if ((framework ? envelope_of_framework(f, n, base) : envelope_beside_contents(f, n)) ||
            envelope_is(f->path, n, last)) {
            continue;
        }
        last = dx_strndup(&ctx->arena, f->path, n);
        envelope_report(code, dx_sprintf(&ctx->arena, "%s/%s", code->files->shown, last),
                        framework ? "it stands beside the versions of the framework, where nothing "
                                    "is sealed: macOS refuses that"
                                  : "it stands beside Contents, where nothing is sealed: macOS "
                                    "refuses that");
    }
}

/* Files that the signature was read from, and no other. An empty CodeSignature is what signing ad
 * hoc leaves. */
static bool envelope_of_signature(const struct dx_code *code, const struct dx_file *f,
                                  const char *name)
{
    bool by_files = code->pub.slice_count == 1 && !code->slices[0].arch[0];
    return f->kind == DX_FILE_REGULAR && (strcmp(name, "CodeResources") == 0 ||
                                          (strcmp(name, "CodeSignature") == 0 && f->size == 0) ||
                                          (by_files && dx_is_signature_part(name)));
}

static void envelope_meta(struct dx_code *code, struct dext_ctx *ctx)
{
    const char *base = code->layout.base;
    const char *folder =
        base[0] ? dx_sprintf(&ctx->arena, "%s/_CodeSignature/", base) : "_CodeSignature/";
    size_t n = strlen(folder);
    for (size_t i = 0; i < code->files->count; i++) {
        const struct dx_file *f = &code->files->list[i];
        if (strncmp(f->path, folder, n) == 0 && !envelope_of_signature(code, f, f->path + n)) {
            code->report.file = f->shown;
            dx_report(&code->report, "signature-stray",
                      "it stands in _CodeSignature and is no part of the signature: macOS refuses "
                      "that")
                ->level =
                dx_code_is_lenient(&code->pub) ? DEXT_PROBLEM_WARNING : DEXT_PROBLEM_BROKEN;
            code->report.file = code->pub.path;
        }
    }
}

void dx_check_envelope(struct dx_code *code, struct dext_ctx *ctx)
{
    envelope_root(code, ctx);
    envelope_meta(code, ctx);
}
