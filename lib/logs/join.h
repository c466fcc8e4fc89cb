/* logs/join.h: inside of the joins of evidence. A join fires only on what the inputs show; what a
 * dump or a build does not show is never a finding. */
#ifndef DX_LOGS_JOIN_H
#define DX_LOGS_JOIN_H

#include "logs/kexts.h"
#include "logs/kind.h"
#include "logs/log.h"

struct dx_join {
    struct dext_ctx *ctx;
    struct dx_timeline *timeline;
    const struct dx_held *held;
    size_t count;
    struct dext_explain_input *inputs; /* of all, by dx_held.input */
};

/* Adds evidence while there is room; line 0: the file as a whole. */
void dx_join_say(struct dx_finding *f, const char *file, unsigned long line, const char *text);

/* What the input holds, in a few words. */
void dx_join_holds(struct dx_join *j, const struct dx_held *h, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* What it says of drivers that is no failure: a sentence without its full stop. */
void dx_join_note(struct dx_join *j, const struct dx_held *h, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* join.c; place: lines of the list are lines of the file. */
void dx_join_list(struct dx_join *j, const struct dx_held *h, bool place);

/* join_registry.c: a dump by itself, and every driver given played against it. */
void dx_join_registry(struct dx_join *j, const struct dx_held *dump);

/* join_rights.c: what builds and profiles lack of what a log complains about. */
void dx_join_rights(struct dx_join *j);

/* join_reports.c, join_kexts.c, join_plain.c: one input each, and what it says beside others. */
void dx_join_panic(struct dx_join *j, const struct dx_held *h);
void dx_join_crash(struct dx_join *j, const struct dx_held *h);
void dx_join_kexts(struct dx_join *j, const struct dx_held *h);
void dx_join_profiler(struct dx_join *j, const struct dx_held *h);
void dx_join_plist(struct dx_join *j, const struct dx_held *h);
void dx_join_hidutil(struct dx_join *j, const struct dx_held *h);
void dx_join_codesign(struct dx_join *j, const struct dx_held *h);
void dx_join_spctl(struct dx_join *j, const struct dx_held *h);
void dx_join_system(struct dx_join *j, const struct dx_held *h);
void dx_join_database(struct dx_join *j, const struct dx_held *h);
void dx_join_bundle(struct dx_join *j, const struct dx_held *h);
void dx_join_profile(struct dx_join *j, const struct dx_held *h);

#endif
