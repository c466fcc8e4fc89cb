/* logs/timeline.h: inside of the timeline. timeline.c collects and judges, subject.c decides whose
 * a line is. */
#ifndef DX_EXPLAIN_TIMELINE_H
#define DX_EXPLAIN_TIMELINE_H

#include "explain/explain.h"
#include "kb.h"

#define MOST_ENTRIES 1024 /* symptoms of drivers together; a hostile log names endless drivers */

struct entry {
    struct dext_symptom shown;
    const struct kb_symptom *kb;
    size_t row;
    const char *dext, *klass;              /* as the lines name it, "" when they do not */
    const char *node;                      /* entry id, "" */
    const char *subject;                   /* decided when all is read */
    unsigned long first, last;             /* order of hits */
    enum dx_seen_as seen;                  /* the best of its hits */
    unsigned score;                        /* of answers to questions */
    const char *file;                      /* of the last hit */
    int64_t first_when, when;              /* of the first and last hit; 0: not known */
    const char *image, *process, *staging; /* see struct keys of ties.h */
    int64_t pid;
    bool of_driver, tied; /* tied: its subject is that of another line */
    size_t boot;          /* of the last hit: 1 + index of boots; 0: not known */
    size_t into; /* 1 + index of the earlier one of the same symptom and driver it is merged into */
};

struct alias {
    const char *klass, *dext;
};

/* A service, and the server that was launched for it: the kernel tags a server with the entry id of
 * that service (xnu iokit/Kernel/IOService.cpp, startCandidate), so that lines about either are
 * about one driver. */
struct node {
    const char *id, *klass, *dext; /* "" as long as no line tells */
};

/* A start of the system. */
struct boot {
    const char *uuid;
    int64_t when; /* 0: not known */
};

/* A process or folder of a driver, as a line says that names the driver. */
struct known {
    int by; /* KB_TIE_BY_PID, KB_TIE_BY_STAGING */
    size_t boot;
    int64_t pid;
    const char *staging, *file;
    int64_t first, last; /* when it was said; 0: not known */
    const char *dext, *klass;
};

struct dx_timeline {
    struct dx_arena *arena;
    struct entry *entries;
    size_t count, cap;
    struct alias *aliases;
    size_t alias_count, alias_cap;
    struct node *nodes;
    size_t node_count, node_cap;
    uint32_t node_hash[MOST_ENTRIES]; /* of their ids */
    struct boot *boots;               /* in the order in which they were met */
    size_t boot_count, boot_cap;
    size_t boot; /* of the line that is read in boot_file: 1 + index */
    const char *boot_file;
    struct known *known;
    size_t known_count, known_cap;
    unsigned long hits, dropped;
};

static inline bool dx_entry_is(const struct entry *e, int role)
{
    return e->kb->role == role;
}

/* What the knowledge base says of it; evidence is the caller's. */
/* Whether the row answers a question, and is no failure that was seen. */
bool dx_symptom_is_answer(const struct kb_symptom *kb);
void dx_symptom_describe(struct dx_arena *a, struct dext_symptom *s, const struct kb_symptom *kb);

bool dx_entry_is_answer(const struct entry *e);

/* ---- subject.c ---- */
/* Gives every entry its subject: a bundle id, a class, the path of a program, or "". */
void dx_decide_subjects(struct dx_timeline *t);
/* subject_named.c: the only bundle identifier, other than Apple's, in a text; "": none or several.
 */
const char *dx_subject_named(struct dx_arena *a, const char *text);
const char *dx_bundle_of(const struct dx_timeline *t, const char *klass);
bool dx_subject_of_apple(const char *subject);
bool dx_subject_is_program(const char *subject);

#endif
