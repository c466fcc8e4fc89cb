/* explain_follow.h: an explanation that speaks while the log is still being written. */
#ifndef APP_EXPLAIN_FOLLOW_H
#define APP_EXPLAIN_FOLLOW_H

#include "view/explain_view.h"

/* Reads path ("-": standard input) until it ends; a file never does, it is waited for. A cause is
 * printed as soon as the lines that are there show it, a mere effect when its cause did not come
 * within seconds. o->result is filled with what is known at the end. Returns false when path
 * cannot be read, after telling; *told is the number of causes printed. */
bool explain_follow(struct dext_explain *x, struct explain_out *o, struct dext_explanation *result,
                    const char *path, size_t *told);

#endif
