/* The life of each driver: which stages it passed, at which it failed, and which it must have
 * passed because a later one was reached. */
#include "explain/life.h"

#include <string.h>

const char *const dx_stages[DX_STAGES] = {"build", "sign",   "embed",     "activate", "approve",
                                          "stage", "match",  "launch",    "start",    "serve",
                                          "power", "update", "deactivate"};

const char *dext_stage_at(size_t i)
{
    return i < DX_STAGES ? dx_stages[i] : NULL;
}

/* Up to serve a driver goes through the stages one after the other; power, update and deactivate
 * may come at any time. The kernel matches only what was activated, approved and staged, so what it
 * says from match on proves these, though not the signature, which is judged when the process
 * starts; a Start that succeeded proves all. A failure before match proves nothing of the other
 * stages. */
enum { ACTIVATE = 3, MATCH = 6, START = 8, SERVE = 9 };

struct proof {
    unsigned from, to; /* stages from..to-1 were passed */
};

static void prove(struct proof *p, const struct dx_life_event *e)
{
    /* What is concluded from several inputs was not said by the kernel. */
    bool kernel = e->stage >= MATCH && e->stage <= SERVE && !(e->failed && e->symptom->joined);
    if (!kernel && (e->failed || e->stage > SERVE)) {
        return;
    }
    bool all = e->stage >= START && !(e->failed && e->stage == START);
    unsigned from = all ? 0 : ACTIVATE;
    p->from = from < p->from ? from : p->from;
    p->to = e->stage > p->to ? e->stage : p->to;
}

static void life_fill(struct dx_arena *a, struct dext_life *life,
                      const struct dx_life_event *events, size_t count)
{
    struct dext_stage_seen *seen = dx_calloc(a, DX_STAGES, sizeof *seen);
    struct proof proof = {DX_STAGES, 0};
    for (size_t i = 0; i < count; i++) {
        const struct dx_life_event *e = &events[i];
        if (strcmp(e->subject, life->subject) != 0) {
            continue;
        }
        struct dext_stage_seen *s = &seen[e->stage];
        if (!s->by || (e->failed && s->state != DEXT_STAGE_FAILED)) {
            *s = (struct dext_stage_seen){
                dx_stages[e->stage], e->failed ? DEXT_STAGE_FAILED : DEXT_STAGE_PASSED, e->symptom};
        }
        prove(&proof, e);
        life->node = *life->node ? life->node : e->node;
    }
    size_t n = 0;
    for (unsigned i = 0; i < DX_STAGES; i++) {
        if (!seen[i].by && i >= proof.from && i < proof.to) {
            seen[i] = (struct dext_stage_seen){dx_stages[i], DEXT_STAGE_IMPLIED, NULL};
        }
        if (seen[i].stage) {
            seen[n++] = seen[i];
        }
    }
    life->stages = seen;
    life->stage_count = n;
}

const struct dext_life *dx_lives(struct dx_arena *a, const struct dx_life_event *events,
                                 size_t count, size_t *lives)
{
    struct dext_life *list = dx_calloc(a, count + 1, sizeof *list);
    *lives = 0;
    for (size_t i = 0; i < count; i++) {
        size_t k = 0;
        while (k < *lives && strcmp(list[k].subject, events[i].subject) != 0) {
            k++;
        }
        if (k == *lives) {
            list[k] = (struct dext_life){.subject = events[i].subject, .node = ""};
            life_fill(a, &list[k], events, count);
            (*lives)++;
        }
    }
    return list;
}
