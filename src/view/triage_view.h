/* triage_view.h: many reports, grouped. */
#ifndef APP_TRIAGE_VIEW_H
#define APP_TRIAGE_VIEW_H

#include "app/app.h"
#include "view/record.h"

enum triage_key {
    TRIAGE_CAUSE,
    TRIAGE_DRIVER,
    TRIAGE_VERSION,
    TRIAGE_MACOS,
    TRIAGE_MODEL,
    TRIAGE_KEYS
};

#define TRIAGE_EXAMPLES 3

/* Reports that have the same values of the keys that are grouped by. Texts are owned. */
struct triage_group {
    char *key[TRIAGE_KEYS]; /* NULL: not grouped by; "": no report says */
    char *stage;            /* of the cause */
    size_t reports;
    size_t earlier;      /* of these: seen only before the last start of the system */
    int64_t first, last; /* of the reports whose time is known; 0 */
    bool fresh;          /* --since: the first one is not older */
    bool dated;          /* every report of it has a time */
    char *examples[TRIAGE_EXAMPLES];
    char *const *shown; /* the same, once the groups are settled */
    size_t example_count;
};

/* Texts, each once: owned, by their hash. */
struct triage_set {
    char **slots; /* cap of them, a power of two */
    size_t count, cap;
};

struct triage {
    struct app *app;
    bool by[TRIAGE_KEYS];
    int64_t since; /* 0: not asked */
    struct triage_group *groups;
    size_t group_count, group_cap;
    size_t *slots; /* hash of groups, 1 + index; */
    size_t slot_count;
    struct triage_set seen;           /* ids of reports */
    size_t reports, doubles, without; /* without: a cause */
    size_t partial;                   /* reports of which not everything was read */
    size_t other;                     /* lines of other types */
    size_t bad;                       /* lines that could not be read: told */
};

extern const struct record_form triage_form;

/* Takes in the rows of a file ("-": standard input). false: some could not be read, told. */
bool triage_read(struct triage *t, const char *path);
/* Orders the groups; the fresh first, then by number of reports. */
void triage_settle(struct triage *t);
void triage_free(struct triage *t);

/* In the format of t->app. */
void triage_write(const struct triage *t);
void triage_record(const struct triage *t);

/* "cause", ... */
const char *triage_key_name(enum triage_key key);

#endif
