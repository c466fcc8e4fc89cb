/* logs/scan.h: a log as a stream of bytes becomes records, and records become symptoms, on as many
 * threads as there are cores.
 *
 * A record is a line with the lines that continue it. The stream is cut into blocks of whole
 * records; a search finds the few places of a block that hold a literal of the knowledge base,
 * and only the records around them are taken apart. What is found is handed over in the order of
 * the lines whatever the number of threads, by the thread that feeds. Memory: a few blocks a
 * thread, whatever the size of the log. */
#ifndef DX_LOGS_SCAN_H
#define DX_LOGS_SCAN_H

#include "dext/log.h"
#include "logs/log.h"

struct dx_scan;

/* line counts from 1; text is the record, its first 1024 bytes; empty when the same symptom of the
 * same driver was just told DEXT_EVIDENCE_MOST times. Borrowed. */
typedef void dx_scan_found(void *user, const struct dx_hit *hit, unsigned long line,
                           struct dx_str text);

#define DX_RECORD_BYTES ((size_t)256 << 10) /* of a record; the rest of it is passed over */

/* jobs: threads at most, 0 as many as there are cores. They are started when the second block of a
 * stream is full, so that small inputs cost none. */
struct dx_scan *dx_scan_new(struct dext_ctx *ctx, unsigned jobs, dx_scan_found *found, void *user);
void dx_scan_free(struct dx_scan *s);
/* Between streams: whom to tell of what is found from now on. */
void dx_scan_tell(struct dx_scan *s, dx_scan_found *found, void *user);

/* A stream: begin, feed any number of chunks, end (which returns the number of its lines). flush
 * hands over what is complete so far; all: also the last record, although more lines may come to
 * continue it. */
void dx_scan_begin(struct dx_scan *s);
void dx_scan_feed(struct dx_scan *s, const char *data, size_t size);
void dx_scan_flush(struct dx_scan *s, bool all);
unsigned long dx_scan_end(struct dx_scan *s);
/* After end: how often patterns were given up on, see dx_patterns_gave_up. */
unsigned long dx_scan_gave_up(const struct dx_scan *s);

#endif
