/* The log says that an entitlement is missing; a build or profile that was given says which. */
#include <string.h>

#include "dext/entitlements.h"
#include "explain/join.h"

#define ACCESS "com.apple.developer.driverkit.userclient-access"

/* The kernel checks what the driver's signature claims, amfid whether a profile grants it. */
static const char *const claims[] = {"provider-entitlement-failed",
                                     "family-entitlement-failed",
                                     "no-entitlements-at-all",
                                     "driverkit-entitlement-missing",
                                     "ended-for-entitlements",
                                     "install-entitlement-missing",
                                     NULL};
static const char *const grants[] = {"no-matching-profile",      "no-eligible-profile-noise",
                                     "unsatisfied-entitlements", "entitlement-value-differs",
                                     "killed-for-signature",     "exec-refused-signature",
                                     "adhoc-with-entitlements",  "code-signature-invalid",
                                     "security-policy-refused",  NULL};
static const char *const opens[] = {"uc-no-access", "uc-entitlements-failed", "open-not-permitted",
                                    NULL};

static bool is_claim(enum dext_right_state s)
{
    return s == DEXT_RIGHT_NEEDED || s == DEXT_RIGHT_UNSIGNED;
}

static bool is_grant(enum dext_right_state s)
{
    return s == DEXT_RIGHT_NOT_GRANTED || s == DEXT_RIGHT_OTHER_VALUE || s == DEXT_RIGHT_NO_PROFILE;
}

static const char *join_rights_place_of(const struct dext_subject *s, const struct dext_right *r,
                                        unsigned long *line)
{
    if (r && r->file.value && s->file[0]) {
        *line = dext_node_key_place(r->file.value).line;
        return s->file;
    }
    *line = 0;
    return s->file[0] ? s->file : s->executable[0] ? s->executable : s->name;
}

static void log_lines(struct dx_conclusion *f, const struct dext_symptom *seen)
{
    for (size_t i = 0; i < seen->evidence_count; i++) {
        dx_join_say(f, seen->evidence[i].file, seen->evidence[i].line, seen->evidence[i].text);
    }
}

static const char *join_rights_identifier(const struct dext_subject *s)
{
    return s->code && !s->code->error ? s->code->bundle_id : "";
}

static void tell_right(struct dx_join *j, const struct dext_subject *s, const struct dext_right *r,
                       const char *symptom, const struct dext_symptom *seen)
{
    const char *words = dext_right_state_words(r->state);
    struct dx_conclusion f = {symptom,
                              join_rights_identifier(s),
                              "",
                              dx_sprintf(&j->ctx->arena, "%s: %s%s%s", r->key, words,
                                         r->need[0] ? ", needed by " : "", r->need),
                              {{0}},
                              0};
    unsigned long line;
    const char *file = join_rights_place_of(s, r, &line);
    dx_join_say(&f, file, line, f.detail);
    log_lines(&f, seen);
    dx_timeline_note(j->timeline, &f);
}

/* A place that could claim entitlements was read: a signature, or a file of them. An Info.plist by
 * itself claims nothing, and lacks nothing. */
static bool could_claim(const struct dext_subject *s)
{
    return s->file[0] || s->code;
}

static void rights_of(struct dx_join *j, const struct dext_subject *s)
{
    const struct dext_symptom *claim = dx_timeline_seen(j->timeline, claims);
    const struct dext_symptom *grant = dx_timeline_seen(j->timeline, grants);
    for (size_t i = 0; i < s->right_count; i++) {
        const struct dext_right *r = &s->rights[i];
        if (claim && is_claim(r->state) && could_claim(s)) {
            tell_right(j, s, r, "build-lacks-entitlement", claim);
        } else if (grant && is_grant(r->state)) {
            tell_right(j, s, r, "profile-lacks-entitlement", grant);
        }
    }
}

/* ---- the app's side ---------------------------------------------------------------------------
 */

static const struct dext_right *right(const struct dext_subject *s, const char *key)
{
    for (size_t i = 0; i < s->right_count; i++) {
        if (strcmp(s->rights[i].key, key) == 0) {
            return &s->rights[i];
        }
    }
    return NULL;
}

static const struct dext_node *join_rights_claimed(const struct dext_subject *s, const char *key)
{
    const struct dext_right *r = right(s, key);
    return !r ? NULL : r->signature.value ? r->signature.value : r->file.value;
}

static bool join_rights_lists(const struct dext_node *array, const char *id)
{
    for (const struct dext_node *n = dext_node_child(array); n; n = dext_node_next(n)) {
        if (strcmp(dext_node_text(n), id) == 0) {
            return true;
        }
    }
    return false;
}

static bool join_rights_is_driver(const struct dext_subject *s)
{
    return strcmp(s->role, "driver") == 0 ||
           join_rights_claimed(s, "com.apple.developer.driverkit") != NULL;
}

/* Nothing to compare with (no entitlements at all were read) is no finding. */
static void app_against(struct dx_join *j, const struct dext_subject *app,
                        const struct dext_subject *driver)
{
    const struct dext_symptom *seen = dx_timeline_seen(j->timeline, opens);
    const struct dext_node *access = join_rights_claimed(app, ACCESS);
    const char *id = driver ? join_rights_identifier(driver) : "";
    struct dx_arena *a = &j->ctx->arena;
    const char *detail = !access && (app->file[0] || app->code)
                             ? dx_sprintf(a, "%s is not in the app's entitlements", ACCESS)
                         : access && id[0] && !join_rights_lists(access, id)
                             ? dx_sprintf(a, "%s does not list %s", ACCESS, id)
                             : NULL;
    if (!seen || !detail) {
        return;
    }
    unsigned long line;
    struct dx_conclusion f = {"app-lacks-driver-access", id, "", detail, {{0}}, 0};
    const char *file = join_rights_place_of(app, right(app, ACCESS), &line);
    dx_join_say(&f, file, line, detail);
    log_lines(&f, seen);
    dx_timeline_note(j->timeline, &f);
}

static void apps(struct dx_join *j, const struct dext_entitlements *all)
{
    const struct dext_subject *driver = NULL;
    for (size_t i = 0; i < all->count; i++) {
        driver = join_rights_is_driver(all->list[i]) ? all->list[i] : driver;
    }
    /* The driver may let everybody in. */
    if (driver &&
        join_rights_claimed(driver, "com.apple.developer.driverkit.allow-any-userclient-access")) {
        return;
    }
    for (size_t i = 0; i < all->count; i++) {
        if (!join_rights_is_driver(all->list[i])) {
            app_against(j, all->list[i], driver);
        }
    }
}

void dx_join_rights(struct dx_join *j)
{
    struct dx_arena *a = &j->ctx->arena;
    const char **paths = dx_calloc(a, j->count + 1, sizeof *paths);
    size_t n = 0;
    for (size_t i = 0; i < j->count; i++) {
        enum dext_text_kind kind = j->held[i].kind;
        if (j->held[i].disk &&
            (kind == DEXT_TEXT_BUNDLE || kind == DEXT_TEXT_PROFILE || kind == DEXT_TEXT_PLIST)) {
            paths[n++] = j->held[i].disk;
        }
    }
    bool wanted = dx_timeline_seen(j->timeline, claims) || dx_timeline_seen(j->timeline, grants) ||
                  dx_timeline_seen(j->timeline, opens);
    if (n == 0 || !wanted) {
        return;
    }
    struct dext_entitlements all;
    dext_entitlements_read(&all, j->ctx, paths, n, NULL);
    dext_ctx_clear(j->ctx);
    for (size_t i = 0; i < all.count; i++) {
        rights_of(j, all.list[i]);
    }
    apps(j, &all);
}
