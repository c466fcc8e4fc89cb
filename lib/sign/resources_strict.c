/* What Gatekeeper asks of an envelope beyond its hashes (Security StaticCode.cpp,
 * hasWeakResourceRules, validateSymlinkResource; policyengine.cpp asks with kSecCSStrictValidate
 * and kSecCSRestrictSymlinks). */
#include <stdio.h>
#include <string.h>

#include "sign/resources.h"

#define MOST_HOPS 32
#define LONGEST_PATH 4096

static void strict_report(const struct dx_seal *s, const char *shown, const char *name,
                          const char *text)
{
    dx_seal_report(s, shown, name, text)->level =
        s->in->lenient ? DEXT_PROBLEM_WARNING : DEXT_PROBLEM_BROKEN;
}

/* bundlediskrep.cpp, allowedResourceOmissions; Resources/ stands before the last where the bundle
 * has such a folder. */
static bool strict_may_omit(struct dx_str pattern)
{
    static const char *const allowed[] = {
        "^(.*/)?\\.DS_Store$",
        "^Info\\.plist$",
        "^PkgInfo$",
        "^.*\\.lproj/locversion.plist$",
        "^Resources/.*\\.lproj/locversion.plist$",
    };
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++) {
        if (dx_str_is(pattern, allowed[i])) {
            return true;
        }
    }
    return false;
}

void dx_seal_strict_rules(struct dx_seal *s, const struct dext_node *rules)
{
    const char *file = s->in->report->file;
    bool all = false;
    if (!s->version2) {
        dx_report_warning(s->in->report, "envelope-old",
                          "CodeResources is of version 1, which leaves out code: Gatekeeper has "
                          "refused that since OS X 10.9.5");
        return;
    }
    for (const struct dext_node *n = rules->child; n; n = n->next) {
        all |= !n->overridden && n->kind == DEXT_BOOL && n->boolean && dx_str_is(n->key, "^.*");
    }
    if (!all) {
        strict_report(
            s, file, "rules-weak",
            "CodeResources has no rule that takes in all files (^.*): macOS refuses that");
    }
    for (size_t i = 0; i < s->rule_count; i++) {
        if (s->rules[i].omit && !strict_may_omit(s->rules[i].source)) {
            strict_report(s, file, "rules-weak",
                          dx_sprintf(&s->in->ctx->arena,
                                     "CodeResources leaves files out by a rule that macOS does not "
                                     "allow: %.*s",
                                     (int)s->rules[i].source.n, s->rules[i].source.p));
        }
    }
}

/* ---- links --------------------------------------------------------------------------------- */

enum leads { LEADS_INSIDE, LEADS_OUTSIDE, LEADS_NOWHERE };

/* Takes the last component off; false: there is none. */
static bool strict_up(char *path)
{
    char *slash = strrchr(path, '/');
    if (!path[0]) {
        return false;
    }
    *(slash ? slash : path) = 0;
    return true;
}

/* Where target leads from the folder in path, below the bundle; path becomes it. */
static enum leads strict_walk(const struct dx_files *files, char *path, const char *target,
                              unsigned hops)
{
    while (*target) {
        size_t n = strcspn(target, "/"), have = strlen(path);
        bool dot = n == 0 || (n == 1 && target[0] == '.');
        if (n == 2 && target[0] == '.' && target[1] == '.') {
            if (!strict_up(path)) {
                return LEADS_OUTSIDE;
            }
        } else if (!dot) {
            if (have + n + 2 > LONGEST_PATH) {
                return LEADS_NOWHERE;
            }
            (void)snprintf(path + have, LONGEST_PATH - have, "%s%.*s", have ? "/" : "", (int)n,
                           target);
            const struct dx_file *f = dx_files_find(files, path);
            if (!f && !dx_files_has_folder(files, path)) {
                return LEADS_NOWHERE;
            }
            if (f && f->kind == DX_FILE_LINK) {
                if (hops == 0 || f->target[0] == '/') {
                    return LEADS_OUTSIDE;
                }
                (void)strict_up(path);
                enum leads l = strict_walk(files, path, f->target, hops - 1);
                if (l != LEADS_INSIDE) {
                    return l;
                }
            }
        }
        target += n + (target[n] == '/');
    }
    return LEADS_INSIDE;
}

/* The place is part of what is sealed: below the base, and of no folder that is left out
 * (resources.cpp, ResourceBuilder::includes). The main executable counts. */
static bool strict_includes(struct dx_seal *s, const char *path)
{
    size_t n = strlen(s->in->base);
    if (n && (strncmp(path, s->in->base, n) != 0 || (path[n] && path[n] != '/'))) {
        return false;
    }
    path += n + (n && path[n] == '/');
    if (!path[0] || strcmp(path, s->in->executable) == 0) {
        return true;
    }
    size_t first = strcspn(path, "/");
    static const char *const excluded[] = {"_CodeSignature", "CodeResources", "_MASReceipt"};
    for (size_t i = 0; i < sizeof excluded / sizeof *excluded; i++) {
        if (strlen(excluded[i]) == first && strncmp(path, excluded[i], first) == 0) {
            return false;
        }
    }
    const struct dx_seal_rule *r = dx_seal_rule(s, path, strlen(path));
    return r && !r->omit;
}

void dx_seal_strict_link(struct dx_seal *s, const struct dx_file *link)
{
    char path[LONGEST_PATH] = "";
    const char *target = link->target;
    if (target[0] == '/') {
        if (strncmp(target, "/System/", 8) != 0 && strncmp(target, "/Library/", 9) != 0) {
            strict_report(s, link->shown, "link-outside",
                          "the symbolic link leads out of the bundle, which macOS refuses");
        }
        return;
    }
    (void)snprintf(path, sizeof path, "%s%s%s", s->in->base, s->in->base[0] ? "/" : "", link->path);
    (void)strict_up(path);
    enum leads l = strict_walk(s->in->whole, path, target, MOST_HOPS);
    if (l == LEADS_OUTSIDE && s->in->inner) {
        return; /* it may lead into the bundle around this one */
    }
    if (l == LEADS_NOWHERE) {
        strict_report(s, link->shown, "link-broken",
                      "the symbolic link leads to nothing, which macOS refuses");
    } else if (l == LEADS_OUTSIDE || !strict_includes(s, path)) {
        strict_report(s, link->shown, "link-outside",
                      "the symbolic link leads out of what the bundle seals, which macOS refuses");
    }
}
