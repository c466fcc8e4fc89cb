#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "sign/resources.h"

#define MOST_RULES 500

/* ---- rules --------------------------------------------------------------------------------- */

static double weight(const struct dext_node *n)
{
    return n->kind == DEXT_REAL      ? n->real
           : n->kind == DEXT_INTEGER ? (double)(int64_t)n->integer
                                     : 1;
}

static bool resources_is_true(const struct dext_node *n, const char *key)
{
    const struct dext_node *v = dx_get_kind(n, key, DEXT_BOOL);
    return v && v->boolean;
}

/* true, a weight, or {weight, omit, optional, nested}; false: no rule. */
static void add_rule(struct dx_seal *s, const struct dext_node *n)
{
    struct dx_seal_rule r = {.source = n->key, .weight = weight(n)};
    if (n->overridden) {
        return;
    }
    r.omit = n->kind == DEXT_BOOL && !n->boolean;
    if (n->kind == DEXT_DICT) {
        const struct dext_node *w = dx_get(n, "weight");
        r.weight = w ? weight(w) : 1;
        r.omit = resources_is_true(n, "omit");
        r.optional = resources_is_true(n, "optional");
        r.nested = resources_is_true(n, "nested");
    }
    r.pattern = s->rule_count < MOST_RULES ? dx_pattern_new(s->in->ctx, n->key) : NULL;
    if (!r.pattern) {
        dx_report(s->in->report, "resources-malformed",
                  "CodeResources holds a rule that is no rule");
        return;
    }
    *DX_PUSH(&s->in->ctx->arena, s->rules, s->rule_count, s->rule_cap) = r;
}

const struct dx_seal_rule *dx_seal_rule(struct dx_seal *s, const char *path, size_t n)
{
    const struct dx_seal_rule *best = NULL;
    for (size_t i = 0; i < s->rule_count; i++) {
        const struct dx_seal_rule *r = &s->rules[i];
        if (best && r->weight <= best->weight) {
            continue;
        }
        enum dx_matched m = dx_pattern_match(r->pattern, s->matcher, path, n);
        s->too_long |= m == DX_MATCHED_TOO_LONG;
        best = m == DX_MATCHED ? r : best;
    }
    return best;
}

/* ---- entries ------------------------------------------------------------------------------- */

static int resources_by_key(const void *a, const void *b)
{
    return dx_str_cmp((*(const struct dext_node *const *)a)->key,
                      (*(const struct dext_node *const *)b)->key);
}

static void sort_entries(struct dx_seal *s, const struct dext_node *files)
{
    s->entries = dx_calloc(&s->in->ctx->arena, files->count + 1, sizeof *s->entries);
    for (const struct dext_node *n = files->child; n; n = n->next) {
        if (!n->overridden) {
            s->entries[s->entry_count++] = n;
        }
    }
    if (s->entry_count) {
        qsort(s->entries, s->entry_count, sizeof *s->entries, resources_by_key);
    }
}

static const struct dext_node *find_entry(const struct dx_seal *s, const char *path)
{
    struct dext_node wanted = {.key = dx_str(path)};
    const struct dext_node *key = &wanted;
    const struct dext_node **found = s->entry_count ? bsearch(&key, s->entries, s->entry_count,
                                                              sizeof *s->entries, resources_by_key)
                                                    : NULL;
    return found ? *found : NULL;
}

/* ---- one sealed thing ---------------------------------------------------------------------- */

struct dext_sign_problem *dx_seal_report(const struct dx_seal *s, const char *shown,
                                         const char *name, const char *text)
{
    const char *file = s->in->report->file;
    s->in->report->file = shown;
    struct dext_sign_problem *p = dx_report(s->in->report, name, "%s", text);
    s->in->report->file = file;
    return p;
}

const char *dx_seal_shown(const struct dx_seal *s, const char *path)
{
    return dx_sprintf(&s->in->ctx->arena, "%s/%s", s->in->files->shown, path);
}

static bool resources_same(const struct dext_node *hash, const unsigned char *digest, size_t n)
{
    return hash->kind == DEXT_DATA && hash->text.n == n && memcmp(hash->text.p, digest, n) == 0;
}

static int resources_digest(const struct dx_seal *s, const struct dx_file *f, unsigned char *sha1,
                            unsigned char *sha256)
{
    if (!s->digest || !s->digest->done) {
        return dx_files_digest(s->in->ctx, f, sha1, sha256);
    }
    if (sha1) {
        memcpy(sha1, s->digest->sha1, 20);
    }
    if (sha256) {
        memcpy(sha256, s->digest->sha256, 32);
    }
    return DEXT_OK;
}

static void resources_check_file(const struct dx_seal *s, const struct dext_node *n,
                                 const struct dx_file *f)
{
    const struct dext_node *one, *two;
    dx_seal_hashes(n, &one, &two);
    unsigned char sha1[20] = {0}, sha256[32] = {0};
    if (f->kind != DX_FILE_REGULAR) {
        (void)dx_seal_report(s, f->shown, "file-modified",
                             "it was a file when it was signed and is none now");
        return;
    }
    if (!one && !two) {
        (void)dx_seal_report(s, f->shown, "resources-malformed",
                             "CodeResources lists it without a hash");
        return;
    }
    dext_ctx_clear(s->in->ctx);
    if (resources_digest(s, f, one ? sha1 : NULL, two ? sha256 : NULL) != DEXT_OK) {
        (void)dx_seal_report(s, f->shown, "file-unreadable",
                             "it cannot be read, so nothing is known of it");
        dext_ctx_clear(s->in->ctx);
    } else if ((one && !resources_same(one, sha1, 20)) ||
               (two && !resources_same(two, sha256, 32))) {
        (void)dx_seal_report(s, f->shown, "file-modified", "it has been modified after signing");
    }
}

static void check_link(struct dx_seal *s, const struct dext_node *target, const struct dx_file *f)
{
    if (f->kind != DX_FILE_LINK) {
        (void)dx_seal_report(s, f->shown, "file-modified",
                             "it was a symbolic link when it was signed and is none now");
    } else if (target->kind != DEXT_STRING || !dx_str_is(target->text, f->target)) {
        (void)dx_seal_report(s, f->shown, "file-modified",
                             "the symbolic link leads elsewhere than when it was signed");
    } else {
        dx_seal_strict_link(s, f);
    }
}

static void resources_check_entry(struct dx_seal *s, const struct dext_node *n)
{
    const char *path = n->key.p;
    const struct dext_node *target = n->kind == DEXT_DICT ? dx_get(n, "symlink") : NULL;
    if (strlen(path) != n->key.n) {
        dx_report(s->in->report, "resources-malformed",
                  "CodeResources lists a path with a NUL in it");
        return;
    }
    if (n->kind == DEXT_DICT && (dx_get(n, "cdhash") || dx_get(n, "requirement"))) {
        dx_seal_nested(s, n, path);
        return;
    }
    const struct dx_file *f = dx_files_find(s->in->files, path);
    if (!f) {
        if (!(n->kind == DEXT_DICT && resources_is_true(n, "optional"))) {
            (void)dx_seal_report(s, dx_seal_shown(s, path), "file-missing",
                                 "it was sealed and is not there");
        }
    } else if (target) {
        check_link(s, target, f);
    } else {
        resources_check_file(s, n, f);
    }
}

/* ---- files that nobody sealed -------------------------------------------------------------- */

/* What no rule speaks of (Security bundlediskrep.cpp adjustResources). */
static bool resources_excluded(const struct dx_seal *s, const char *path, size_t n)
{
    static const char *const names[] = {"_CodeSignature", "CodeResources", "_MASReceipt"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strlen(names[i]) == n && strncmp(path, names[i], n) == 0) {
            return true;
        }
    }
    return strlen(s->in->executable) == n && strncmp(path, s->in->executable, n) == 0;
}

/* On a Mac such files are attributes of others on volumes that have none (csutilities.cpp,
 * pathIsValidXattrFile); on any other volume they are files. */
static bool resources_is_apple_double(struct dext_ctx *ctx, const struct dx_file *f)
{
    const char *slash = strrchr(f->path, '/');
    struct dx_image image;
    unsigned char head[4] = {0};
    if (f->kind != DX_FILE_REGULAR || strncmp(slash ? slash + 1 : f->path, "._", 2) != 0 ||
        !f->disk || dx_image_open(&image, ctx, f) != DEXT_OK) {
        dext_ctx_clear(ctx);
        return false;
    }
    bool good = dx_image_get(&image, 0, head, 4) && memcmp(head, "\0\5\26\7", 4) == 0;
    dx_image_close(&image);
    return good;
}

static void added(const struct dx_seal *s, const struct dx_file *f)
{
    (void)dx_seal_report(
        s, f->shown, "file-added",
        resources_is_apple_double(s->in->ctx, f)
            ? "it was not there when the bundle was signed: attributes of another file, which "
              "unpacking elsewhere than on a Mac has made a file"
            : "it was not there when the bundle was signed");
}

/* What an envelope of version 1 leaves out may be anything; a program there is code that nobody
 * sealed. */
static void resources_unsealed_code(const struct dx_seal *s, const struct dx_file *f)
{
    if (!s->version2 && f->kind == DX_FILE_REGULAR && dx_is_macho_file(s->in->ctx, f)) {
        (void)dx_seal_report(s, f->shown, "code-unsealed",
                             "a program that the bundle's signature does not cover: its "
                             "CodeResources is of version 1");
    }
}

/* A folder in which nested code stands, named like a bundle: one thing, sealed as one. */
static bool in_nested(struct dx_seal *s, const struct dx_file *f, size_t n)
{
    size_t start = n;
    while (start > 0 && f->path[start - 1] != '/') {
        start--;
    }
    const struct dx_seal_rule *r =
        memchr(f->path + start, '.', n - start) ? dx_seal_rule(s, f->path, n) : NULL;
    if (!r || !r->nested) {
        return false;
    }
    const char *path = dx_strndup(&s->in->ctx->arena, f->path, n);
    if (!find_entry(s, path)) {
        (void)dx_seal_report(s, dx_seal_shown(s, path), "file-added",
                             "it was not there when the bundle was signed");
    }
    s->nested = path;
    return true;
}

static bool skip_folder(struct dx_seal *s, const struct dx_file *f)
{
    const char *end = strrchr(f->path, '/');
    size_t n = end ? (size_t)(end - f->path) : 0;
    if (s->folder && s->folder_size == n && strncmp(s->folder, f->path, n) == 0) {
        return s->skip_folder;
    }
    s->skip_folder = false;
    for (size_t i = 0; i <= n && n && !s->skip_folder; i++) {
        if (i == n || f->path[i] == '/') {
            s->skip_folder =
                resources_excluded(s, f->path, i) || (s->version2 && in_nested(s, f, i));
        }
    }
    s->folder = f->path;
    s->folder_size = n;
    return s->skip_folder;
}

/* What the App Store puts into an iOS app when it delivers it. */
static bool resources_of_store(const char *path)
{
    return strncmp(path, "SC_Info/", 8) == 0 || strstr(path, "/SC_Info/");
}

static void check_unsealed(struct dx_seal *s)
{
    for (size_t i = 0; i < s->in->files->count; i++) {
        const struct dx_file *f = &s->in->files->list[i];
        size_t n = strlen(f->path);
        size_t inside = s->nested ? strlen(s->nested) : 0;
        if (f->kind == DX_FILE_FOLDER || (!s->version2 && f->kind == DX_FILE_LINK) ||
            (s->nested && strncmp(f->path, s->nested, inside) == 0 && f->path[inside] == '/') ||
            resources_excluded(s, f->path, n) || skip_folder(s, f) || find_entry(s, f->path) ||
            (s->in->lenient && resources_of_store(f->path))) {
            continue;
        }
        const struct dx_seal_rule *r = dx_seal_rule(s, f->path, n);
        if (f->kind == DX_FILE_LINK && strcmp(dx_path_name(f->path), ".DS_Store") == 0) {
            (void)dx_seal_report(s, f->shown, "file-added", /* resources.cpp, scan */
                                 "it is a link called .DS_Store, which macOS refuses");
        } else if (r && !r->omit) {
            added(s, f);
        } else if (!r) {
            resources_unsealed_code(s, f);
        }
    }
}

/* ---- all of it ----------------------------------------------------------------------------- */

/* macOS reads CodeResources only where the lists of version 1 are there as well (Security
 * StaticCode.cpp, resourceDictionary); those of version 2 count where there are files2
 * (loadResources).
 */
static bool resources_lists(struct dx_seal *s, const struct dext_node **files,
                            const struct dext_node **rules)
{
    const struct dx_resources *in = s->in;
    const struct dext_node *files1 = dx_get_kind(in->root, "files", DEXT_DICT);
    const struct dext_node *rules1 = dx_get_kind(in->root, "rules", DEXT_DICT);
    s->version2 = dx_get(in->root, "files2") != NULL;
    *files = s->version2 ? dx_get_kind(in->root, "files2", DEXT_DICT) : files1;
    *rules = s->version2 ? dx_get_kind(in->root, "rules2", DEXT_DICT) : rules1;
    if (!*files || !*rules) {
        dx_report(in->report, "resources-malformed", "CodeResources lists no files and rules");
    } else if (!files1 || !rules1) {
        dx_report(in->report, "resources-malformed",
                  "CodeResources is without %s, the list of version 1: macOS does not take it",
                  files1 ? "rules" : "files");
    }
    return *files && *rules;
}

static void resources_finish(struct dx_seal *s)
{
    if (s->too_long) {
        dx_report(
            s->in->report, "resources-malformed",
            "CodeResources holds a rule that takes longer to apply than any real one, so that "
            "not all is known of what it covers");
    }
    for (size_t i = 0; i < s->rule_count; i++) {
        dx_pattern_free(s->rules[i].pattern);
    }
    dx_matcher_free(s->matcher);
}

size_t dx_verify_resources(const struct dx_resources *in)
{
    struct dx_seal s = {.in = in};
    const struct dext_node *files, *rules;
    if (!resources_lists(&s, &files, &rules)) {
        return 0;
    }
    s.matcher = dx_matcher_new(in->ctx);
    for (const struct dext_node *n = rules->child; n; n = n->next) {
        add_rule(&s, n);
    }
    dx_seal_strict_rules(&s, rules);
    sort_entries(&s, files);
    dx_seal_digest_all(&s);
    for (size_t i = 0; i < s.entry_count; i++) {
        s.digest = s.digests ? &s.digests[i] : NULL;
        resources_check_entry(&s, s.entries[i]);
    }
    check_unsealed(&s);
    resources_finish(&s);
    return s.entry_count;
}
