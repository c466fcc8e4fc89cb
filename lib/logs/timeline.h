/* logs/timeline.h: inside of the timeline. timeline.c collects and judges, subject.c decides whose
 * a line is. */
#ifndef DX_LOGS_TIMELINE_H
#define DX_LOGS_TIMELINE_H

#include "kb.h"
#include "logs/log.h"

#define MOST_ENTRIES 1024 /* symptoms of drivers together; a hostile log names endless drivers */

struct entry {
    struct dext_symptom shown;
    const struct kb_symptom *kb;
    size_t row;
    const char *dext, *klass;  /* as the lines name it, "" when they do not */
    const char *node;          /* entry id, "" */
    const char *subject;       /* decided when all is read */
    unsigned long first, last; /* order of hits */
    unsigned score;            /* of answers to questions */
    const char *file;          /* of the last hit */
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

struct dx_timeline {
    struct dx_arena *arena;
    struct entry *entries;
    size_t count, cap;
    struct alias *aliases;
    size_t alias_count, alias_cap;
    struct node *nodes;
    size_t node_count, node_cap;
    uint32_t node_hash[MOST_ENTRIES]; /* of their ids */
    unsigned long hits, dropped;
};

static inline bool dx_entry_is(const struct entry *e, int role)
{
    return e->kb->role == role;
}

bool dx_entry_is_answer(const struct entry *e);

/* ---- subject.c ---- */
/* Gives every entry its subject: a bundle id, a class, the path of a program, or "". */
void dx_decide_subjects(struct dx_timeline *t);
bool dx_subject_of_apple(const char *subject);
bool dx_subject_is_program(const char *subject);

#endif
