/* Whose a line is: bundles, classes and programs that lines name in different ways. */
#include <string.h>

#include "explain/ties.h"

/* com.example.app.UsbDriver is, as a rule, the bundle of the class UsbDriver. */
static bool named_after(const char *dext, const char *klass)
{
    const char *dot = strrchr(dext, '.');
    return dot && strcmp(dot + 1, klass) == 0;
}

const char *dx_bundle_of(const struct dx_timeline *t, const char *klass)
{
    for (size_t i = 0; *klass && i < t->alias_count; i++) {
        if (strcmp(t->aliases[i].klass, klass) == 0) {
            return t->aliases[i].dext;
        }
    }
    for (size_t i = 0; *klass && i < t->count; i++) {
        if (named_after(t->entries[i].dext, klass)) {
            return t->entries[i].dext;
        }
    }
    return klass;
}

bool dx_subject_of_apple(const char *subject)
{
    return strncmp(subject, "com.apple.", 10) == 0 || strncmp(subject, "Apple", 5) == 0 ||
           strncmp(subject, "IOUser", 6) == 0 || strcmp(subject, "the kernel") == 0;
}

/* One bundle and one class, neither of Apple, and no line that names both: they are one driver. */
static void join_names(struct dx_timeline *t)
{
    const char *dext = NULL, *klass = NULL;
    for (size_t i = 0; i < t->count; i++) {
        struct entry *e = &t->entries[i];
        const char **seen = e->subject == e->dext ? &dext : e->subject == e->klass ? &klass : NULL;
        if (!seen || !*e->subject || *e->subject == '/' || dx_subject_of_apple(e->subject) ||
            dx_entry_is(e, KB_SYMPTOM_ROLE_NOISE) || dx_entry_is_answer(e)) {
            continue;
        }
        if (*seen && strcmp(*seen, e->subject) != 0) {
            return;
        }
        *seen = e->subject;
    }
    for (size_t i = 0; dext && klass && i < t->count; i++) {
        if (strcmp(t->entries[i].subject, klass) == 0) {
            t->entries[i].subject = dext;
        }
    }
}

/* Lines of amfid name a program by its path. */
bool dx_subject_is_program(const char *subject)
{
    return *subject == '/';
}

/* com.example.MyApp is, as a rule, the identifier of /Applications/MyApp.app/Contents/MacOS/MyApp.
 */
static void name_program(struct dx_timeline *t, struct entry *e)
{
    const char *slash = strrchr(e->subject, '/');
    for (size_t i = 0; slash && i < t->count; i++) {
        if (named_after(t->entries[i].dext, slash + 1)) {
            e->subject = t->entries[i].dext;
            return;
        }
    }
}

/* The only subject of a kind (0: drivers, 1: programs, 2: Apple's), NULL when there is none, ""
 * when there are several. */
static const char *only_one(const struct dx_timeline *t, int kind)
{
    const char *only = NULL;
    for (size_t i = 0; i < t->count; i++) {
        const struct entry *e = &t->entries[i];
        int is_kind = dx_subject_of_apple(e->subject) ? 2 : dx_subject_is_program(e->subject);
        if (!*e->subject || dx_entry_is(e, KB_SYMPTOM_ROLE_NOISE) || dx_entry_is_answer(e) ||
            is_kind != kind) {
            continue;
        }
        if (only && strcmp(only, e->subject) != 0) {
            return "";
        }
        only = e->subject;
    }
    return only;
}

/* A line that tells a failure, whose words may name the bundle; what inputs tell together names
 * others as well. */
static bool subject_is_told(const struct entry *e)
{
    return e->kb->in == KB_SYMPTOM_IN_LOG && e->kb->role <= KB_SYMPTOM_ROLE_EFFECT;
}

/* No line says whose it is: the one bundle that the lines speak of in their words, "" when there is
 * none or several. */
static const char *spoken_of(const struct dx_timeline *t)
{
    const char *only = "";
    for (size_t i = 0; i < t->count; i++) {
        const struct entry *e = &t->entries[i];
        for (size_t k = 0; subject_is_told(e) && k < e->shown.evidence_count; k++) {
            const char *name = dx_subject_named(t->arena, e->shown.evidence[k].text);
            if (*name && *only && strcmp(name, only) != 0) {
                return "";
            }
            only = *name ? name : only;
        }
    }
    return only;
}

/* A line that names nobody belongs to the one driver that the log is about, if it is one. */
void dx_decide_subjects(struct dx_timeline *t)
{
    for (size_t i = 0; i < t->count; i++) {
        struct entry *e = &t->entries[i];
        e->subject = *e->dext ? e->dext : dx_bundle_of(t, e->klass);
        if (dx_subject_is_program(e->subject)) {
            name_program(t, e);
        }
    }
    join_names(t);
    dx_tie_subjects(t, false);
    const char *only = only_one(t, 0);
    only = only ? only : only_one(t, 1);
    only = only ? only : only_one(t, 2);
    const char *spoken = only ? "" : spoken_of(t);
    only = *spoken ? spoken : only;
    for (size_t i = 0; only && i < t->count; i++) {
        struct entry *e = &t->entries[i];
        if (!*e->subject && !dx_entry_is_answer(e) && (!*spoken || subject_is_told(e))) {
            e->subject = only;
        }
        e->shown.whose = strcmp(e->subject, only) == 0 ? NULL : e->shown.whose; /* who else */
    }
    if (only && !*only) {
        dx_tie_subjects(t, true);
    }
}
