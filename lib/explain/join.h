/* logs/join.h: inside of the joins of evidence. A join fires only on what the inputs show; what a
 * dump or a build does not show is never a finding. */
#ifndef DX_EXPLAIN_JOIN_H
#define DX_EXPLAIN_JOIN_H

#include "explain/explain.h"
#include "explain/kexts.h"
#include "explain/kind.h"

struct dx_join {
    struct dext_ctx *ctx;
    struct dx_timeline *timeline;
    const struct dx_held *held;
    size_t count;
    struct dx_seen *seen;
    struct dext_explain_input *inputs; /* of all, by dx_held.input */
    const struct dx_held *holder;      /* whose words are being collected */
    const char *held_before;           /* what other pieces of its input hold */
};

/* join_seen.c: system, model and versions, for who compares reports. text: "macOS 15.3 (24D60)". */
void dx_seen_system(struct dx_join *j, const char *text);
void dx_seen_version(struct dx_join *j, const char *version, const char *build);
/* The value behind a key such as "Model Identifier:" or "\"modelCode\"" in a text. */
void dx_seen_model(struct dx_join *j, struct dx_str text);
void dx_seen_driver(struct dx_join *j, const char *id, const char *version, const char *build);

/* Adds evidence while there is room; line 0: the file as a whole. */
void dx_join_say(struct dx_conclusion *f, const char *file, unsigned long line, const char *text);

/* What the input holds, in a few words. */
void dx_join_holds(struct dx_join *j, const struct dx_held *h, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* A file of this kind that could not be read, or not to its end: told, and no clean answer is given
 * (exit status 3). A piece of a text is quoted as people quote it: nothing is said of it, unless
 * the text is a .plist. */
void dx_join_unread(struct dx_join *j, const struct dx_held *h, const char *why);
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
void dx_join_devices(struct dx_join *j, const struct dx_held *h);
void dx_join_plist(struct dx_join *j, const struct dx_held *h);
void dx_join_hidutil(struct dx_join *j, const struct dx_held *h);
void dx_join_codesign(struct dx_join *j, const struct dx_held *h);
void dx_join_spctl(struct dx_join *j, const struct dx_held *h);
void dx_join_system(struct dx_join *j, const struct dx_held *h);
void dx_join_database(struct dx_join *j, const struct dx_held *h);
void dx_join_bundle(struct dx_join *j, const struct dx_held *h);
void dx_join_profile(struct dx_join *j, const struct dx_held *h);

#endif
