/* Whose a line is that names no driver (lib/data/log-ties.rec), and which start of the system it
 * belongs to. */
#include "explain/ties.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND ((int64_t)1000000000)
#define MOST_BOOTS 256

/* ---- starts of the system --------------------------------------------------------------------
 */

void dx_timeline_boot(struct dx_timeline *t, struct dx_str uuid, int64_t when)
{
    size_t i = 0;
    while (i < t->boot_count && !dx_str_is_nocase(uuid, t->boots[i].uuid)) {
        i++;
    }
    if (i == t->boot_count) {
        if (uuid.n == 0 || t->boot_count == MOST_BOOTS) {
            return;
        }
        *DX_PUSH(t->arena, t->boots, t->boot_count, t->boot_cap) =
            (struct boot){dx_strndup(t->arena, uuid.p, uuid.n), 0};
    }
    t->boots[i].when = when ? when : t->boots[i].when;
    t->boot = i + 1;
}

size_t dx_timeline_boot_of(struct dx_timeline *t, const struct dx_hit *hit, const char *file)
{
    if (t->boot_file != file) {
        t->boot_file = file;
        t->boot = 0;
    }
    if (hit->boot.n) {
        dx_timeline_boot(t, hit->boot, 0);
    }
    return t->boot;
}

/* The last one, from 1; 0: none is known. Where times are not known, that which was met last. */
static size_t ties_last_boot(const struct dx_timeline *t)
{
    size_t last = 0;
    for (size_t i = 0; i < t->boot_count; i++) {
        const struct boot *b = &t->boots[i], *l = last ? &t->boots[last - 1] : NULL;
        last = !l || !b->when || !l->when || b->when >= l->when ? i + 1 : last;
    }
    return last;
}

void dx_mark_earlier(struct dx_timeline *t)
{
    size_t last = ties_last_boot(t);
    for (size_t i = 0; last && i < t->count; i++) {
        struct entry *e = &t->entries[i];
        int64_t start = t->boots[last - 1].when;
        e->shown.earlier = e->boot ? e->boot != last : e->when && start && e->when < start;
    }
}

/* ---- what a line tells beside its message ----------------------------------------------------
 */

static bool ties_is_bundle_id(struct dx_str s)
{
    size_t dots = 0;
    for (size_t i = 0; i < s.n; i++) {
        dots += s.p[i] == '.';
    }
    return dots >= 2 && !dx_str_has_prefix(s, "com.apple.");
}

/* "/.../com.example.disk.dext/com.example.disk": the driver that the program is of. */
static struct dx_str ties_dext_of(struct dx_str path)
{
    static const char end[] = ".dext/";
    const char *at = path.n ? memmem(path.p, path.n, end, sizeof end - 1) : NULL;
    const char *slash = at ? dx_memrchr(path.p, '/', (size_t)(at - path.p)) : NULL;
    return slash ? (struct dx_str){slash + 1, (size_t)(at - slash) - 1} : DX_STR("");
}

struct keys dx_keys_of(const struct dx_hit *hit)
{
    struct keys k = {.pid = -1, .staging = hit->staging};
    const struct dx_logger *by = hit->by;
    if (by && dx_str_has_suffix(by->image, ".dext")) {
        k.image = (struct dx_str){by->image.p, by->image.n - strlen(".dext")};
    }
    if (by) {
        struct dx_str dext = ties_dext_of(by->path);
        k.of_driver = dext.n != 0;
        k.process = dext.n ? dext : ties_is_bundle_id(by->process) ? by->process : k.process;
        k.pid = k.process.n ? by->pid : -1;
    }
    if (hit->pid.n && hit->pid.n < 10) {
        k.pid = 0;
        for (size_t i = 0; i < hit->pid.n; i++) {
            k.pid = k.pid * 10 + (hit->pid.p[i] - '0');
        }
    }
    return k;
}

bool dx_entry_keys_are(const struct entry *e, const struct keys *k)
{
    return e->pid == k->pid && dx_str_is(k->image, e->image) && dx_str_is(k->process, e->process) &&
           dx_str_is(k->staging, e->staging);
}

void dx_entry_keep_keys(struct dx_arena *a, struct entry *e, const struct keys *k)
{
    e->pid = k->pid;
    e->image = dx_strndup(a, k->image.p, k->image.n);
    e->process = dx_strndup(a, k->process.p, k->process.n);
    e->staging = dx_strndup(a, k->staging.p, k->staging.n);
    e->of_driver = k->of_driver;
}

/* ---- what lines with names teach -------------------------------------------------------------
 */

static void ties_learn(struct dx_timeline *t, const struct known *k)
{
    for (size_t i = t->known_count; i-- > 0;) { /* most often it was just learned */
        struct known *o = &t->known[i];
        if (o->by == k->by && o->boot == k->boot && o->pid == k->pid &&
            strcmp(o->staging, k->staging) == 0 && strcmp(o->dext, k->dext) == 0 &&
            strcmp(o->klass, k->klass) == 0) {
            o->first = k->first && k->first < o->first ? k->first : o->first;
            o->last = k->last > o->last ? k->last : o->last;
            return;
        }
    }
    if (t->known_count < MOST_ENTRIES) {
        *DX_PUSH(t->arena, t->known, t->known_count, t->known_cap) = *k;
    }
}

void dx_ties_learn(struct dx_timeline *t, const struct dx_hit *hit, const struct entry *e,
                   const struct keys *keys, size_t boot, int64_t when)
{
    bool named = *e->dext || *e->klass;
    bool own = keys->of_driver || (keys->process.n && dx_str_is(keys->process, e->dext));
    struct known k = {.boot = boot,
                      .pid = -1,
                      .staging = "",
                      .file = e->file,
                      .first = when,
                      .last = when,
                      .dext = named ? e->dext : e->process,
                      .klass = named ? e->klass : ""};
    if (!named && !keys->of_driver) {
        return;
    }
    if (keys->staging.n) {
        k.by = KB_TIE_BY_STAGING;
        k.staging = dx_str_is(keys->staging, e->staging)
                        ? e->staging
                        : dx_strndup(t->arena, keys->staging.p, keys->staging.n);
        ties_learn(t, &k);
        k.staging = "";
    }
    if (keys->pid >= 0 && (hit->pid.n || own)) {
        k.by = KB_TIE_BY_PID;
        k.pid = keys->pid;
        ties_learn(t, &k);
    }
}

/* ---- whose it is -----------------------------------------------------------------------------
 */

/* Subjects that fit: none, one, or several, which is as good as none. */
struct fit {
    const char *subject;
    bool several;
    int64_t away;
};

static void ties_fits(struct fit *f, const char *subject)
{
    if (*subject) {
        f->several |= f->subject && strcmp(f->subject, subject) != 0;
        f->subject = subject;
    }
}

static bool ties_names(const struct dx_timeline *t, const char *dext)
{
    for (size_t i = 0; i < t->count; i++) {
        if (strcmp(t->entries[i].dext, dext) == 0) {
            return true;
        }
    }
    return false;
}

static void ties_by_names(const struct dx_timeline *t, const struct entry *e, int by, struct fit *f)
{
    if (by == KB_TIE_BY_IMAGE) {
        ties_fits(f, e->image);
    } else if (e->of_driver || (*e->process && ties_names(t, e->process))) {
        ties_fits(f, e->process);
    }
}

static void ties_by_known(const struct dx_timeline *t, const struct entry *e, int by, struct fit *f)
{
    for (size_t i = 0; i < t->known_count; i++) {
        const struct known *k = &t->known[i];
        bool same = by == KB_TIE_BY_PID ? e->pid >= 0 && k->pid == e->pid && k->boot == e->boot &&
                                              (e->boot || k->file == e->file)
                                        : *e->staging && strcmp(k->staging, e->staging) == 0;
        if (k->by != by || !same) {
            continue;
        }
        /* Ids of processes are used again: the last one that had it before the line counts. */
        bool later = by == KB_TIE_BY_PID && e->when && k->first > e->when;
        int64_t away = by == KB_TIE_BY_PID && e->when && k->first ? e->when - k->first : 0;
        if (later || (f->subject && away > f->away)) {
            continue;
        }
        if (away < f->away) {
            *f = (struct fit){NULL, false, away};
        }
        f->away = away;
        ties_fits(f, *k->dext ? k->dext : dx_bundle_of(t, k->klass));
    }
}

static int64_t ties_distance(const struct entry *a, const struct entry *b)
{
    int64_t x = llabs(a->first_when - b->first_when), y = llabs(a->first_when - b->when);
    int64_t z = llabs(a->when - b->first_when), w = llabs(a->when - b->when);
    int64_t u = x < y ? x : y, v = z < w ? z : w;
    bool within = a->when >= b->first_when && a->first_when <= b->when;
    return within ? 0 : u < v ? u : v; /* of what was seen in between, no times are kept */
}

static void ties_by_time(const struct dx_timeline *t, const struct entry *e,
                         const struct kb_tie *tie, struct fit *f)
{
    bool launch = tie->stage == KB_TIE_STAGE_LAUNCH;
    if (!e->when || (launch && e->kb->stage != KB_SYMPTOM_STAGE_LAUNCH)) {
        return;
    }
    for (size_t i = 0; i < t->count; i++) {
        const struct entry *n = &t->entries[i];
        bool speaks = n != e && n->when && !n->tied && *n->subject &&
                      !dx_entry_is(n, KB_SYMPTOM_ROLE_NOISE) && !dx_entry_is_answer(n) &&
                      !dx_subject_of_apple(n->subject) && !dx_subject_is_program(n->subject);
        if (speaks && n->boot == e->boot && (!launch || n->kb->stage == KB_SYMPTOM_STAGE_LAUNCH) &&
            ties_distance(n, e) <= tie->within * SECOND) {
            ties_fits(f, n->subject);
        }
    }
}

static const char *ties_try(const struct dx_timeline *t, const struct entry *e,
                            const struct kb_tie *tie)
{
    struct fit f = {NULL, false, INT64_MAX};
    switch (tie->by) {
    case KB_TIE_BY_IMAGE:
    case KB_TIE_BY_PROCESS:
        ties_by_names(t, e, tie->by, &f);
        break;
    case KB_TIE_BY_TIME:
        ties_by_time(t, e, tie, &f);
        break;
    default:
        ties_by_known(t, e, tie->by, &f);
        break;
    }
    return f.several ? NULL : f.subject;
}

static void ties_take(struct entry *e, const struct kb_tie *tie, const char *subject)
{
    static const char *const words[] = {"high", "medium", "low"};
    int now = *e->shown.confidence == 'h' ? 0 : *e->shown.confidence == 'm' ? 1 : 2;
    e->subject = subject;
    e->tied = true;
    e->shown.whose = kb_s(tie->what);
    e->shown.confidence = words[(int)tie->confidence > now ? (int)tie->confidence : now];
}

static const struct kb_tie *ties_next(const struct kb_tie *after)
{
    const struct kb_tie *next = NULL;
    for (size_t i = 0; i < kb_tie_count; i++) {
        const struct kb_tie *t = &kb_tie_rows[i];
        if ((!after || t->rank > after->rank) && (!next || t->rank < next->rank)) {
            next = t;
        }
    }
    return next;
}

void dx_tie_subjects(struct dx_timeline *t, bool by_time)
{
    for (const struct kb_tie *tie = ties_next(NULL); tie; tie = ties_next(tie)) {
        for (size_t i = 0; i < t->count && by_time == (tie->by == KB_TIE_BY_TIME); i++) {
            struct entry *e = &t->entries[i];
            const char *subject = *e->subject || dx_entry_is_answer(e) || e->shown.joined
                                      ? NULL
                                      : ties_try(t, e, tie);
            if (subject) {
                ties_take(e, tie, subject);
            }
        }
    }
}
