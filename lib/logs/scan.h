/* logs/scan.h: a log as a stream of bytes becomes records, and records become symptoms, on as many
 * threads as there are cores.
 *
 * A record is a line with the lines that continue it. The stream is cut into blocks of whole
 * records; a prefilter finds the few places of a block that hold a literal of the knowledge base,
 * and only the records around them are taken apart. What is found is handed over in the order of
 * the lines whatever the number of threads, by the thread that feeds. Memory: a few blocks a
 * thread, whatever the size of the log. */
#ifndef DX_LOGS_SCAN_H
#define DX_LOGS_SCAN_H

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

/* A stream: begin, feed any number of chunks, end (which returns the number of its lines). flush
 * hands over what is complete so far; all: also the last record, although more lines may come to
 * continue it. */
void dx_scan_begin(struct dx_scan *s);
void dx_scan_feed(struct dx_scan *s, const char *data, size_t size);
void dx_scan_flush(struct dx_scan *s, bool all);
unsigned long dx_scan_end(struct dx_scan *s);

/* ---- prefilter.c: where in a block any literal of the patterns for logs stands -------------- */
struct dx_prefilter;

/* large: for much text, worth the time that Vectorscan takes to get ready; where the program was
 * built without it, and for small inputs, an automaton of our own does the same. One prefilter
 * serves several threads. */
struct dx_prefilter *dx_prefilter_new(struct dx_arena *a, bool large);
void dx_prefilter_free(struct dx_prefilter *f);

/* What a thread needs besides. */
struct dx_prefilter_scratch;
struct dx_prefilter_scratch *dx_prefilter_scratch_new(const struct dx_prefilter *f);
void dx_prefilter_scratch_free(struct dx_prefilter_scratch *s);

/* Sets bit i / DX_GRAIN of marks for the last byte i of each literal that occurs. */
#define DX_GRAIN 64
void dx_prefilter_mark(const struct dx_prefilter *f, struct dx_prefilter_scratch *s,
                       struct dx_str block, uint64_t *marks);

#endif
