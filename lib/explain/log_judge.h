/* explain/log_judge.h: which format strings of the unified log can become a line that shows a
 * symptom. A format is judged once, against the literals of the knowledge base: most can never hold
 * one, a few always do, and of the rest only what an argument could complete is looked at. */
#ifndef DX_EXPLAIN_LOG_JUDGE_H
#define DX_EXPLAIN_LOG_JUDGE_H

#include "logs/log.h"
#include "unified/unified.h"

struct dx_judge;
struct dx_judge *dx_judge_new(struct dx_arena *a);

/* What can stand before a message, "kernel: ": its last bytes that could begin a literal; always: a
 * literal stands in it. */
struct dx_lead {
    const struct dx_process *process;
    struct dx_str text, tail;
    bool always;
};
void dx_judge_lead(const struct dx_judge *j, const struct dx_process *p, struct dx_lead *out,
                   struct dx_arena *a);

/* Whether a literal can stand in a message of that format: whatever its arguments are; or only that
 * they tell. The format has its text. */
enum dx_may { DX_MAY_NEVER, DX_MAY_ALWAYS, DX_MAY_ASK };
enum dx_may dx_judge_format(struct dx_judge *j, struct dext_unified *u, struct dx_format *f,
                            const struct dx_lead *lead);

/* Of an entry whose format was judged as one to ask: appends those parts of its message in which a
 * literal could stand, with line ends between parts that belong to different places. */
void dx_judge_arguments(const struct dx_judge *j, const struct dx_entry *e,
                        const struct dx_lead *lead, struct dx_buf *out);

/* Both, of any entry; false: no literal can stand in it. *whole: one does. */
bool dx_judge_entry(struct dx_judge *j, struct dext_unified *u, const struct dx_entry *e,
                    const struct dx_lead *lead, struct dx_buf *out, bool *whole);

#endif
