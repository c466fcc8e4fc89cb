#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sign/resources.h"

#define MOST_RULES 500
#define LONGEST_PATTERN 1000
#define MATCH_STEPS 20000 /* Apple's patterns take a few dozen */

struct rule {
    pcre2_code *code;
    double weight;
    bool omit, optional, nested;
};

struct seal {
    const struct dx_resources *in;
    struct rule *rules;
    size_t rule_count, rule_cap;
    pcre2_match_data *match;
    pcre2_match_context *limits;
    const struct dext_node **entries; /* sorted by key */
    size_t entry_count;
    bool version2;
    const char *folder; /* the last one asked about, and the answer */
    size_t folder_size;
    bool skip_folder;
    const char *nested; /* the bundle that the last files were in: they are its business */
};

/* ---- rules --------------------------------------------------------------------------------- */

static double weight(const struct dext_node *n)
{
    return n->kind == DEXT_REAL      ? n->real
           : n->kind == DEXT_INTEGER ? (double)(int64_t)n->integer
                                     : 1;
}

static bool is_true(const struct dext_node *n, const char *key)
{
    const struct dext_node *v = dx_get_kind(n, key, DEXT_BOOL);
    return v && v->boolean;
}

/* true, a weight, or {weight, omit, optional, nested}; false: no rule. */
static void add_rule(struct seal *s, const struct dext_node *n)
{
    struct rule r = {.weight = weight(n)};
    int error;
    PCRE2_SIZE at;
    if (n->overridden || (n->kind == DEXT_BOOL && !n->boolean)) {
        return;
    }
    if (n->kind == DEXT_DICT) {
        const struct dext_node *w = dx_get(n, "weight");
        r.weight = w ? weight(w) : 1;
        r.omit = is_true(n, "omit");
        r.optional = is_true(n, "optional");
        r.nested = is_true(n, "nested");
    }
    r.code = n->key.n <= LONGEST_PATTERN && s->rule_count < MOST_RULES
                 ? pcre2_compile((PCRE2_SPTR)n->key.p, n->key.n, PCRE2_NO_AUTO_CAPTURE, &error, &at,
                                 NULL)
                 : NULL;
    if (!r.code) {
        dx_report(s->in->report, "resources-malformed",
                  "CodeResources holds a rule that is no rule");
        return;
    }
    *DX_PUSH(&s->in->ctx->arena, s->rules, s->rule_count, s->rule_cap) = r;
}

static const struct rule *find_rule(const struct seal *s, const char *path, size_t n)
{
    const struct rule *best = NULL;
    for (size_t i = 0; i < s->rule_count; i++) {
        const struct rule *r = &s->rules[i];
        if ((!best || r->weight > best->weight) &&
            pcre2_match(r->code, (PCRE2_SPTR)path, n, 0, 0, s->match, s->limits) >= 0) {
            best = r;
        }
    }
    return best;
}

/* ---- entries ------------------------------------------------------------------------------- */

static int by_key(const void *a, const void *b)
{
    return dx_str_cmp((*(const struct dext_node *const *)a)->key,
                      (*(const struct dext_node *const *)b)->key);
}

static void sort_entries(struct seal *s, const struct dext_node *files)
{
    s->entries = dx_calloc(&s->in->ctx->arena, files->count + 1, sizeof *s->entries);
    for (const struct dext_node *n = files->child; n; n = n->next) {
        if (!n->overridden) {
            s->entries[s->entry_count++] = n;
        }
    }
    if (s->entry_count) {
        qsort(s->entries, s->entry_count, sizeof *s->entries, by_key);
    }
}

static const struct dext_node *find_entry(const struct seal *s, const char *path)
{
    struct dext_node wanted = {.key = dx_str(path)};
    const struct dext_node *key = &wanted;
    const struct dext_node **found =
        s->entry_count ? bsearch(&key, s->entries, s->entry_count, sizeof *s->entries, by_key)
                       : NULL;
    return found ? *found : NULL;
}

/* ---- one sealed thing ---------------------------------------------------------------------- */

static void report_file(const struct seal *s, const char *shown, const char *name, const char *text)
{
    const char *file = s->in->report->file;
    s->in->report->file = shown;
    dx_report(s->in->report, name, "%s", text);
    s->in->report->file = file;
}

static const char *shown(const struct seal *s, const char *path)
{
    return dx_sprintf(&s->in->ctx->arena, "%s/%s", s->in->files->shown, path);
}

static bool same(const struct dext_node *hash, const unsigned char *digest, size_t n)
{
    return hash->kind == DEXT_DATA && hash->text.n == n && memcmp(hash->text.p, digest, n) == 0;
}

/* hash is SHA-1, hash2 SHA-256; version 1 writes the SHA-1 bare. */
static void check_file(const struct seal *s, const struct dext_node *n, const struct dx_file *f)
{
    bool dict = n->kind == DEXT_DICT;
    const struct dext_node *one = dict ? dx_get(n, "hash") : n;
    const struct dext_node *two = dict ? dx_get(n, "hash2") : NULL;
    unsigned char sha1[20] = {0}, sha256[32] = {0};
    if (f->kind != DX_FILE_REGULAR) {
        report_file(s, f->shown, "file-modified",
                    "it was a file when it was signed and is none now");
        return;
    }
    if (!one && !two) {
        report_file(s, f->shown, "resources-malformed", "CodeResources lists it without a hash");
        return;
    }
    dext_ctx_clear(s->in->ctx);
    if (dx_files_digest(s->in->ctx, f, one ? sha1 : NULL, two ? sha256 : NULL) != DEXT_OK) {
        report_file(s, f->shown, "file-unreadable", "it cannot be read, so nothing is known of it");
        dext_ctx_clear(s->in->ctx);
    } else if ((one && !same(one, sha1, 20)) || (two && !same(two, sha256, 32))) {
        report_file(s, f->shown, "file-modified", "it has been modified after signing");
    }
}

static void check_link(const struct seal *s, const struct dext_node *target,
                       const struct dx_file *f)
{
    if (f->kind != DX_FILE_LINK) {
        report_file(s, f->shown, "file-modified",
                    "it was a symbolic link when it was signed and is none now");
    } else if (target->kind != DEXT_STRING || !dx_str_is(target->text, f->target)) {
        report_file(s, f->shown, "file-modified",
                    "the symbolic link leads elsewhere than when it was signed");
    }
}

static bool has_cdhash(const struct dext_code *code, struct dx_str hash)
{
    char hex[41] = "";
    for (size_t i = 0; i < hash.n && i < 20; i++) {
        (void)snprintf(hex + i * 2, 3, "%02x", (unsigned)(unsigned char)hash.p[i]);
    }
    for (size_t i = 0; i < code->slice_count; i++) {
        for (size_t k = 0; k < code->slices[i].directory_count; k++) {
            if (strcmp(code->slices[i].directories[k].cdhash, hex) == 0) {
                return true;
            }
        }
    }
    return false;
}

static const char *designated(const struct dext_code *code)
{
    for (size_t i = 0; i < code->slice_count; i++) {
        for (size_t k = 0; k < code->slices[i].requirement_count; k++) {
            if (strcmp(code->slices[i].requirements[k].kind, "designated") == 0) {
                return code->slices[i].requirements[k].text;
            }
        }
    }
    return "";
}

static bool same_words(struct dx_str a, const char *b)
{
    size_t i = 0;
    for (;;) {
        while (i < a.n && (a.p[i] == ' ' || a.p[i] == '\n')) {
            i++;
        }
        while (*b == ' ' || *b == '\n') {
            b++;
        }
        if (i == a.n || !*b) {
            return i == a.n && !*b;
        }
        if (a.p[i++] != *b++) {
            return false;
        }
    }
}

/* Nested code may be replaced by what satisfies the requirement that was sealed. That requirement
 * is the designated one of what stood there, so code that has the same one satisfies it, provided
 * that it is valid, which is said of it itself. */
static void check_nested(const struct seal *s, const struct dext_node *n, const char *path)
{
    const struct dext_code *code = s->in->nested(s->in->user, path);
    const struct dext_node *hash = dx_get_kind(n, "cdhash", DEXT_DATA);
    const struct dext_node *want = dx_get_kind(n, "requirement", DEXT_STRING);
    if (!code) {
        report_file(s, shown(s, path), "nested-missing",
                    "there was nested code here when it was signed and is none now");
    } else if (!(hash && has_cdhash(code, hash->text)) &&
               !(want && same_words(want->text, designated(code)))) {
        report_file(s, code->path, "nested-modified",
                    "it is not the nested code that was here when the bundle was signed, nor one "
                    "with the same designated requirement");
    }
}

static void check_entry(const struct seal *s, const struct dext_node *n)
{
    const char *path = n->key.p;
    const struct dext_node *target = n->kind == DEXT_DICT ? dx_get(n, "symlink") : NULL;
    if (strlen(path) != n->key.n) {
        dx_report(s->in->report, "resources-malformed",
                  "CodeResources lists a path with a NUL in it");
        return;
    }
    if (n->kind == DEXT_DICT && (dx_get(n, "cdhash") || dx_get(n, "requirement"))) {
        check_nested(s, n, path);
        return;
    }
    const struct dx_file *f = dx_files_find(s->in->files, path);
    if (!f) {
        if (!(n->kind == DEXT_DICT && is_true(n, "optional"))) {
            report_file(s, shown(s, path), "file-missing", "it was sealed and is not there");
        }
    } else if (target) {
        check_link(s, target, f);
    } else {
        check_file(s, n, f);
    }
}

/* ---- files that nobody sealed -------------------------------------------------------------- */

/* What no rule speaks of (Security bundlediskrep.cpp adjustResources). */
static bool excluded(const struct seal *s, const char *path, size_t n)
{
    static const char *const names[] = {"_CodeSignature", "CodeResources", "_MASReceipt"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strlen(names[i]) == n && strncmp(path, names[i], n) == 0) {
            return true;
        }
    }
    return strlen(s->in->executable) == n && strncmp(path, s->in->executable, n) == 0;
}

static void added(const struct seal *s, const struct dx_file *f)
{
    report_file(s, f->shown, "file-added", "it was not there when the bundle was signed");
}

/* A folder in which nested code stands, named like a bundle: one thing, sealed as one. */
static bool in_nested(struct seal *s, const struct dx_file *f, size_t n)
{
    size_t start = n;
    while (start > 0 && f->path[start - 1] != '/') {
        start--;
    }
    const struct rule *r =
        memchr(f->path + start, '.', n - start) ? find_rule(s, f->path, n) : NULL;
    if (!r || !r->nested) {
        return false;
    }
    const char *path = dx_strndup(&s->in->ctx->arena, f->path, n);
    if (!find_entry(s, path)) {
        report_file(s, shown(s, path), "file-added", "it was not there when the bundle was signed");
    }
    s->nested = path;
    return true;
}

static bool skip_folder(struct seal *s, const struct dx_file *f)
{
    const char *end = strrchr(f->path, '/');
    size_t n = end ? (size_t)(end - f->path) : 0;
    if (s->folder && s->folder_size == n && strncmp(s->folder, f->path, n) == 0) {
        return s->skip_folder;
    }
    s->skip_folder = false;
    for (size_t i = 0; i <= n && n && !s->skip_folder; i++) {
        if (i == n || f->path[i] == '/') {
            s->skip_folder = excluded(s, f->path, i) || (s->version2 && in_nested(s, f, i));
        }
    }
    s->folder = f->path;
    s->folder_size = n;
    return s->skip_folder;
}

static void check_unsealed(struct seal *s)
{
    for (size_t i = 0; i < s->in->files->count; i++) {
        const struct dx_file *f = &s->in->files->list[i];
        size_t n = strlen(f->path);
        size_t inside = s->nested ? strlen(s->nested) : 0;
        if (f->kind == DX_FILE_FOLDER || (!s->version2 && f->kind == DX_FILE_LINK) ||
            (s->nested && strncmp(f->path, s->nested, inside) == 0 && f->path[inside] == '/') ||
            excluded(s, f->path, n) || skip_folder(s, f) || find_entry(s, f->path) ||
            dx_is_apple_double(s->in->files, f)) {
            continue;
        }
        const struct rule *r = find_rule(s, f->path, n);
        if (r && !r->omit) {
            added(s, f);
        }
    }
}

bool dx_is_apple_double(const struct dx_files *files, const struct dx_file *file)
{
    const char *slash = strrchr(file->path, '/');
    size_t folder = slash ? (size_t)(slash + 1 - file->path) : 0;
    const char *name = file->path + folder;
    if (file->kind != DX_FILE_REGULAR || strncmp(name, "._", 2) != 0 || strlen(name) > 1000 ||
        folder > 4000) {
        return false;
    }
    char of[6000];
    (void)snprintf(of, sizeof of, "%.*s%s", (int)folder, file->path, name + 2);
    return dx_files_find(files, of) || dx_files_has_folder(files, of);
}

/* ---- all of it ----------------------------------------------------------------------------- */

size_t dx_verify_resources(const struct dx_resources *in)
{
    struct seal s = {.in = in};
    const struct dext_node *files = dx_get_kind(in->root, "files2", DEXT_DICT);
    const struct dext_node *rules = dx_get_kind(in->root, "rules2", DEXT_DICT);
    s.version2 = files && rules;
    if (!s.version2) {
        files = dx_get_kind(in->root, "files", DEXT_DICT);
        rules = dx_get_kind(in->root, "rules", DEXT_DICT);
    }
    if (!files || !rules) {
        dx_report(in->report, "resources-malformed", "CodeResources lists no files and rules");
        return 0;
    }
    s.match = pcre2_match_data_create(1, NULL);
    s.limits = pcre2_match_context_create(NULL);
    pcre2_set_match_limit(s.limits, MATCH_STEPS);
    for (const struct dext_node *n = rules->child; n; n = n->next) {
        add_rule(&s, n);
    }
    sort_entries(&s, files);
    for (size_t i = 0; i < s.entry_count; i++) {
        check_entry(&s, s.entries[i]);
    }
    check_unsealed(&s);
    for (size_t i = 0; i < s.rule_count; i++) {
        pcre2_code_free(s.rules[i].code);
    }
    pcre2_match_context_free(s.limits);
    pcre2_match_data_free(s.match);
    return s.entry_count;
}
