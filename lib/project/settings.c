/* Levels of build settings, and which of their conditions hold. */
#include <stdlib.h>
#include <string.h>

#include "project/read.h"

bool dx_afford(struct dx_reading *r, size_t work)
{
    r->work = work < DX_MOST_WORK - r->work ? r->work + work + 1 : DX_MOST_WORK;
    return r->work < DX_MOST_WORK;
}

/* ---- levels ------------------------------------------------------------------------------- */

void dx_level_add(struct dx_reading *r, struct dx_level *l, struct dx_str key, struct dx_str value,
                  struct dx_origin from)
{
    if (key.n == 0 || !dx_afford(r, 1)) {
        return;
    }
    const char *bracket = memchr(key.p, '[', key.n);
    size_t len = bracket ? (size_t)(bracket - key.p) : key.n;
    *DX_PUSH(&r->ctx->arena, l->list, l->count, l->cap) =
        (struct dx_assignment){.key = key,
                               .name = dx_str_trim((struct dx_str){key.p, len}),
                               .conditions = {key.p + len, key.n - len},
                               .value = value,
                               .from = from};
}

void dx_level_unknown(struct dx_reading *r, struct dx_level *l)
{
    *DX_PUSH(&r->ctx->arena, l->list, l->count, l->cap) = (struct dx_assignment){0};
}

static int by_full_key(const void *a, const void *b)
{
    return dx_str_cmp(((const struct dx_assignment *)a)->key,
                      ((const struct dx_assignment *)b)->key);
}

void dx_level_sort(struct dx_level *l)
{
    if (l->count) {
        qsort(l->list, l->count, sizeof *l->list, by_full_key);
    }
}

static int config_of_levels(const void *name, const void *levels)
{
    return strcmp(name, ((const struct dx_config_levels *)levels)->config);
}

const struct dx_config_levels *dx_levels_of(const struct dx_reading *r, const char *config)
{
    return r->level_count
               ? bsearch(config, r->levels, r->level_count, sizeof *r->levels, config_of_levels)
               : NULL;
}

/* ---- conditions --------------------------------------------------------------------------- */

enum answer { NO, YES, MAYBE };

/* What a build of a target is for, as far as conditions ask. */
struct build {
    const char *config;
    struct dx_str platform; /* "driverkit"; empty: not known */
};

/* Whether SDK names that begin with the platform's (driverkit24.0) match the pattern. */
static enum answer platform_matches(struct dx_str pattern, struct dx_str platform)
{
    size_t literal = 0;
    while (literal < pattern.n && !strchr("*?[", pattern.p[literal])) {
        literal++;
    }
    size_t common = literal < platform.n ? literal : platform.n;
    if (common && memcmp(pattern.p, platform.p, common) != 0) {
        return NO;
    }
    bool star = literal + 1 == pattern.n && pattern.p[literal] == '*';
    return star && literal <= platform.n ? YES : MAYBE;
}

/* "sdk=driverkit*". Whatever is not bound while settings of a whole target are asked (arch,
 * variant) matches "*" only (swift-build, MacroCondition.evaluate). */
static enum answer condition_holds(struct dx_str condition, const struct build *b)
{
    const char *equals = memchr(condition.p, '=', condition.n);
    if (!equals) {
        return NO;
    }
    struct dx_str name = dx_str_trim((struct dx_str){condition.p, (size_t)(equals - condition.p)});
    struct dx_str pattern =
        dx_str_trim((struct dx_str){equals + 1, condition.n - (size_t)(equals + 1 - condition.p)});
    if (dx_str_is(pattern, "*")) {
        return YES;
    }
    if (dx_str_is(name, "sdk")) {
        return platform_matches(pattern, b->platform);
    }
    if (dx_str_is(name, "config")) {
        bool glob = pattern.n && (memchr(pattern.p, '*', pattern.n) != NULL ||
                                  memchr(pattern.p, '?', pattern.n) != NULL);
        return glob ? MAYBE : dx_str_is(pattern, b->config) ? YES : NO;
    }
    return NO;
}

/* "[sdk=driverkit*][arch=*]", also "[sdk=driverkit*,arch=*]". */
static enum answer conditions_hold(struct dx_str all, const struct build *b)
{
    enum answer answer = YES;
    for (size_t i = 0, n; i < all.n && answer != NO; i += n + 1) {
        n = 0;
        while (i + n < all.n && !strchr("[],", all.p[i + n])) {
            n++;
        }
        struct dx_str one = dx_str_trim((struct dx_str){all.p + i, n});
        enum answer holds = one.n ? condition_holds(one, b) : YES;
        answer = holds == YES ? answer : holds;
    }
    return answer;
}

/* ---- configurations ----------------------------------------------------------------------- */

/* The last unconditional assignment; false: none, or not known. */
static bool settings_plain(const struct dx_level *l, const char *name, struct dx_str *value,
                           bool *ended)
{
    for (size_t i = l->count; i-- > 0;) {
        if (!l->list[i].name.p) {
            *ended = true;
            return false;
        }
        if (dx_str_is(l->list[i].key, name)) {
            *value = l->list[i].value;
            return true;
        }
    }
    return false;
}

/* A driver extension is built for DriverKit whatever SDKROOT says (DarwinProductTypes.xcspec). */
static struct dx_str platform_of(const struct dx_project_target *t,
                                 const struct dx_level *const levels[4])
{
    struct dx_str root = {0};
    bool ended = false;
    if (dx_project_is_driver(t)) {
        return DX_STR("driverkit");
    }
    for (size_t i = 4; i-- > 0 && !ended;) {
        ended = (levels[i] && settings_plain(levels[i], "SDKROOT", &root, &ended)) || ended;
    }
    size_t n = 0;
    while (n < root.n && root.p[n] >= 'a' && root.p[n] <= 'z') {
        n++;
    }
    root.n = dx_str_is((struct dx_str){root.p, n}, "auto") ? 0 : n;
    return root;
}

static void add_level(struct dx_config *c, const struct dx_level *l, const struct build *b)
{
    for (size_t i = 0; i < l->count; i++) {
        const struct dx_assignment *a = &l->list[i];
        enum answer holds = a->name.p ? conditions_hold(a->conditions, b) : YES;
        if (holds != NO) {
            c->settings[c->count++] =
                (struct dx_setting){a->name, holds == YES ? a->value : (struct dx_str){0}, a->from};
        }
    }
}

void dx_config_fill(struct dx_reading *r, struct dx_project_target *t, const char *config,
                    const struct dx_config_levels *own)
{
    const struct dx_config_levels *above = dx_levels_of(r, config);
    above = above ? above : r->fallback;
    const struct dx_level *levels[4] = {above ? &above->file : NULL, above ? &above->own : NULL,
                                        &own->file, &own->own};
    size_t most = 0;
    for (size_t i = 0; i < 4; i++) {
        most += levels[i] ? levels[i]->count : 0;
    }
    if (!dx_afford(r, most)) {
        return;
    }
    struct build b = {config, platform_of(t, levels)};
    struct dx_config *c = &t->configs[t->config_count++];
    c->name = config;
    c->settings = dx_calloc(&r->ctx->arena, most, sizeof *c->settings);
    for (size_t i = 0; i < 4; i++) {
        if (levels[i]) {
            add_level(c, levels[i], &b);
        }
    }
}
