#include "lint/config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "app/path.h"
#include "lint/config_file.h"
#include "lint/filter.h"

#define NAME ".dextctl.json"

/* A folder that was looked at, and the configuration that holds in it. */
struct folder {
    char *path; /* absolute */
    struct config_file *file;
};

/* A folder that is walked. */
struct root {
    char *path; /* absolute */
    struct config_file *config;
};

struct config {
    struct app *app;
    struct config_file *only; /* --config */
    struct folder *folders;   /* open addressing; cap is a power of 2 */
    size_t count, cap;
    struct config_file **files; /* each once, to free them */
    size_t file_count;
    char *last; /* findings come file by file: the last one asked for, and its answer */
    struct config_file *last_file;
    char *last_full;
    bool any_exclude;
    struct root *roots; /* ends with an empty one; NULL until somebody asks */
    int status;
};

static struct folder *config_slot(const struct config *c, const char *path)
{
    size_t h = 14695981039346656037U;
    for (const char *p = path; *p; p++) {
        h = (h ^ (unsigned char)*p) * 1099511628211U;
    }
    for (size_t i = h & (c->cap - 1);; i = (i + 1) & (c->cap - 1)) {
        if (!c->folders[i].path || strcmp(c->folders[i].path, path) == 0) {
            return &c->folders[i];
        }
    }
}

static void remember(struct config *c, const char *path, struct config_file *file)
{
    if (c->count * 2 >= c->cap) {
        struct folder *old = c->folders;
        size_t n = c->cap;
        c->cap = n ? n * 2 : 64;
        c->folders = app_alloc(c->cap * sizeof *c->folders);
        for (size_t i = 0; i < n; i++) {
            if (old[i].path) {
                *config_slot(c, old[i].path) = old[i];
            }
        }
        free(old);
    }
    *config_slot(c, path) = (struct folder){app_strdup(path), file};
    c->count++;
}

static struct config_file *read_at(struct config *c, const char *folder)
{
    size_t n = strlen(folder) + sizeof NAME + 1;
    char *path = app_alloc(n);
    (void)snprintf(path, n, "%s/%s", strcmp(folder, "/") == 0 ? "" : folder, NAME);
    struct config_file *file;
    int status = config_file_read(c->app, path, &file);
    c->status = status ? status : c->status;
    free(path);
    if (file) {
        c->files = app_grow(c->files, (c->file_count + 1) * sizeof *c->files);
        c->files[c->file_count++] = file;
    }
    c->any_exclude = c->any_exclude || (file && file->exclude);
    return file;
}

/* Whether something is there. What the system will not say decides which settings hold: told. */
static bool config_stat(struct config *c, const char *path, struct stat *st)
{
    if (stat(path, st) == 0) {
        return true;
    }
    if (errno != ENOENT && errno != ENOTDIR && errno != ENAMETOOLONG && errno != EACCES) {
        app_unread(c->app, path, "cannot be looked at: %s", strerror(errno));
        c->status = APP_UNREADABLE;
    }
    return false;
}

/* What lies above a repository is no part of the project. */
static bool config_ends_at(struct config *c, const char *path)
{
    struct stat st;
    size_t n = strlen(path) + sizeof "/.git";
    char *git = app_alloc(n);
    (void)snprintf(git, n, "%s/.git", path);
    bool ends = strcmp(path, "/") == 0 || config_stat(c, git, &st);
    free(git);
    return ends;
}

/* Above a folder that is the user's may lie one that others write to, such as /tmp. What is no
 * folder (a member of an archive is in none) belongs to what is around it. */
static bool config_same_owner(struct config *c, const char *folder, const char *above)
{
    struct stat own, up;
    return !config_stat(c, folder, &own) || !config_stat(c, above, &up) || own.st_uid == up.st_uid;
}

/* The configuration that holds in a folder: its own, or that of the nearest one above. Each folder
 * is looked at once. */
static struct config_file *of_folder(struct config *c, const char *path)
{
    if (c->cap) {
        const struct folder *known = config_slot(c, path);
        if (known->path) {
            return known->file;
        }
    }
    struct config_file *file = read_at(c, path);
    if (!file && !config_ends_at(c, path)) {
        char *above = path_parent(path);
        file = config_same_owner(c, path, above) ? of_folder(c, above) : NULL;
        free(above);
    }
    remember(c, path, file);
    return file;
}

static bool config_is_folder(struct config *c, const char *path)
{
    struct stat st;
    return config_stat(c, path, &st) && S_ISDIR(st.st_mode);
}

/* The configuration for a file; c->last_full is its absolute path then. */
static struct config_file *config_of_file(struct config *c, const char *file)
{
    if (c->last && strcmp(c->last, file) == 0) {
        return c->last_file;
    }
    free(c->last);
    free(c->last_full);
    c->last = app_strdup(file);
    c->last_full = path_absolute(file);
    c->last_file = c->only;
    if (!c->only) {
        char *folder = path_parent(c->last_full);
        c->last_file = of_folder(c, folder);
        free(folder);
    }
    if (c->last_file) {
        c->last_file->used = true;
    }
    return c->last_file;
}

/* Of an operand: what is in a folder is meant, not the folder as a part of the one above. */
static struct config_file *of_operand(struct config *c, const char *operand)
{
    if (c->only || !config_is_folder(c, operand)) {
        return config_of_file(c, operand);
    }
    char *full = path_absolute(operand);
    struct config_file *file = of_folder(c, full);
    free(full);
    return file;
}

struct config *config_open(struct app *app, const char *path, int *status)
{
    struct config *c = app_alloc(sizeof *c);
    c->app = app;
    *status = APP_CLEAN;
    if (path) {
        *status = config_file_read(app, path, &c->only);
        if (*status == APP_CLEAN && !c->only) {
            app_error(app, "%s: there is no such configuration", path);
            *status = APP_USAGE;
        }
        c->files = app_alloc(sizeof *c->files);
        c->files[c->file_count++] = c->only;
        c->any_exclude = c->only && c->only->exclude;
    }
    if (*status) {
        config_free(c);
        return NULL;
    }
    return c;
}

void config_free(struct config *c)
{
    if (!c) {
        return;
    }
    for (size_t i = 0; i < c->file_count; i++) {
        config_file_free(c->files[i]);
    }
    for (size_t i = 0; i < c->cap; i++) {
        free(c->folders[i].path);
    }
    for (struct root *r = c->roots; r && r->path; r++) {
        free(r->path);
    }
    free(c->roots);
    free(c->files);
    free(c->folders);
    free(c->last);
    free(c->last_full);
    free(c);
}

int config_prepare(struct config *c, const char *file)
{
    (void)of_operand(c, file);
    return c->status;
}

static bool config_listed(const char **list, const struct dext_rule *rule)
{
    for (; list && *list; list++) {
        if (dext_rule_fits(rule, *list)) {
            return true;
        }
    }
    return false;
}

static bool config_holds(const struct config_part *part, const char *path)
{
    bool matches = !part->paths;
    for (const char **p = part->paths; path && p && *p && !matches; p++) {
        matches = path_matches(*p, path, 0);
    }
    return matches;
}

bool config_admits(struct config *c, struct report_finding *f)
{
    const struct config_file *file = config_of_file(c, f->f.file);
    if (!file) {
        return true;
    }
    const char *below = path_below(file->folder, c->last_full);
    for (size_t i = 0; i < file->part_count; i++) {
        const struct config_part *part = &file->parts[i];
        if (!config_holds(part, below)) {
            continue;
        }
        if (config_listed(part->ignore, f->f.rule)) {
            c->last_file->silenced++;
            return false;
        }
        /* A group's level first, so that the level of a rule in it may differ. */
        for (int exact = 0; exact < 2; exact++) {
            for (size_t k = 0; k < part->severity_count; k++) {
                const struct config_severity *s = &part->severity[k];
                if (dext_rule_fits(f->f.rule, s->rule) &&
                    (dext_rule_find(s->rule) == f->f.rule) == (exact == 1)) {
                    f->f.severity = s->severity;
                }
            }
        }
    }
    return true;
}

const char *config_fail_on(struct config *c, const char *file)
{
    const struct config_file *f = config_of_file(c, file);
    return f ? f->fail_on : NULL;
}

const char *config_ruleset(struct config *c, const char *file)
{
    const struct config_file *f = config_of_file(c, file);
    return f ? f->ruleset : NULL;
}

/* Of several patterns the last one that matches decides; "!" takes back. */
static bool config_excluded(const struct config_file *f, const char *full, size_t operand_length)
{
    const char *below = f ? path_below(f->folder, full) : NULL;
    if (!below) {
        return false;
    }
    size_t above = (size_t)(below - full);
    size_t skip = operand_length > above ? operand_length - above : 0;
    bool out = false;
    for (const char **p = f->exclude; p && *p; p++) {
        bool back = **p == '!';
        if (out == back && path_matches(*p + back, below, skip)) {
            out = !back;
        }
    }
    return out;
}

/* The operands that were walked: folders. Worked out when the first "exclude" wants to know. */
static void config_find_roots(struct config *c, const char *const *operands)
{
    if (c->roots) {
        return;
    }
    size_t count = 0;
    c->roots = app_alloc(sizeof *c->roots);
    for (; *operands; operands++) {
        if (config_is_folder(c, *operands)) {
            c->roots = app_grow(c->roots, (count + 2) * sizeof *c->roots);
            c->roots[count++] = (struct root){path_absolute(*operands), of_operand(c, *operands)};
            c->roots[count] = (struct root){0};
        }
    }
}

static bool is_operand(const char *const *operands, const char *full)
{
    bool found = false;
    for (; *operands && !found; operands++) {
        char *top = path_absolute(*operands);
        found = strcmp(top, full) == 0;
        free(top);
    }
    return found;
}

bool config_excludes(struct config *c, const char *const *operands, const char *file)
{
    struct config_file *near = config_of_file(c, file);
    struct config_file *by = NULL;
    if (!c->any_exclude) {
        return false;
    }
    config_find_roots(c, operands);
    char *full = path_absolute(file);
    bool out = false;
    for (const struct root *r = c->roots; r->path; r++) {
        size_t n = strlen(r->path);
        if (path_below(r->path, full)) {
            by = config_excluded(near, full, n)        ? near
                 : config_excluded(r->config, full, n) ? r->config
                                                       : NULL;
            out = by != NULL;
            if (!out) {
                break; /* another walk, which does not exclude it, came by it, too */
            }
        }
    }
    out = out && !is_operand(operands, full);
    if (out) {
        by->excluded++;
    }
    free(full);
    return out;
}

/* A pattern without a slash means the same wherever a walk begins; one with a slash only where it
 * begins in the configuration's own folder. */
static bool fits_every_walk(const char **exclude, bool from_own_folder)
{
    for (; exclude && *exclude; exclude++) {
        const char *slash = strchr(*exclude, '/');
        if (!from_own_folder && slash && slash[1]) {
            return false;
        }
    }
    return true;
}

const char *const *config_walk_excludes(struct config *c, const char *const *operands)
{
    const struct config_file *file = operands[0] ? of_operand(c, operands[0]) : NULL;
    bool own = true;
    for (size_t i = 0; file && operands[i]; i++) {
        char *full = path_absolute(operands[i]);
        own = own && strcmp(full, file->folder) == 0;
        file = of_operand(c, operands[i]) == file ? file : NULL;
        free(full);
    }
    return file && fits_every_walk(file->exclude, own) ? file->exclude : NULL;
}

const struct config_file *config_used(const struct config *c, size_t i)
{
    for (size_t k = 0; c && k < c->file_count; k++) {
        if (c->files[k] && c->files[k]->used && i-- == 0) {
            return c->files[k];
        }
    }
    return NULL;
}

void config_rewind(struct config *c)
{
    for (size_t i = 0; c && i < c->file_count; i++) {
        if (c->files[i]) {
            c->files[i]->silenced = c->files[i]->excluded = 0;
        }
    }
}
