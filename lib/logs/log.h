/* logs/log.h: inside of the log reader. scan.c cuts a stream into records (see scan.h), line.c
 * takes a line apart, search.c finds where to look, symptom.c holds the patterns. */
#ifndef DX_LOGS_LOG_H
#define DX_LOGS_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ctx.h"
#include "base/str.h"

/* ---- line.c ---- */
enum dx_line_form {
    DX_LINE_BARE,    /* no prefix that is known: a message by itself, or a continuation */
    DX_LINE_SYSLOG,  /* log show --style syslog, also the default style */
    DX_LINE_COMPACT, /* --style compact */
    DX_LINE_JSON,    /* a line of --style ndjson */
    DX_LINE_CONSOLE, /* copied from Console.app */
    DX_LINE_BSD,     /* system.log up to 10.11 */
    DX_LINE_NAMED,   /* no prefix, but the name of a daemon that logs about drivers */
    DX_LINE_HEADER,  /* "Timestamp Thread Type ...", "Filtering the log data using ..." */
};

struct dx_line {
    enum dx_line_form form;
    struct dx_str message; /* from the process on, "kernel: DK: ..." */
};

/* Slices point into text (or, for JSON, into the arena). */
struct dx_line dx_line_parse(struct dx_str text, struct dx_arena *a);

/* ---- when.c ---- */
/* When the line was written, in nanoseconds since 1970; 0: it does not say, or not in which zone.
 */
int64_t dx_line_when(struct dx_str line);

/* ---- logger.c ---- */
#define DX_TIME_BYTES 40

/* Who logged a line and when, as far as it says so. Slices point into the line or the arena, or
 * live where the hit does. */
struct dx_logger {
    struct dx_str process, path, image, subsystem, category; /* path: of the process */
    int64_t pid;                                             /* -1: not known */
    uint64_t thread;                                         /* 0: not known */
    char time[DX_TIME_BYTES]; /* as RFC 3339 has it; no zone where the line has none; or "" */
};

/* line: its text as it stands in the log, in any style. */
void dx_line_logger(struct dx_str line, struct dx_arena *a, struct dx_logger *out);
/* A copy with everything it points to. */
struct dx_logger *dx_logger_copy(struct dx_arena *a, const struct dx_logger *by);
/* Writes a time; zone: minutes east of UTC. */
void dx_logger_time(struct dx_logger *out, int64_t nanoseconds, int zone);
/* The UUID of the folder of /Library/SystemExtensions that the text names, or "". */
struct dx_str dx_staging_in(struct dx_str text);

/* ---- search.c: where the literals of the symptoms occur, ASCII case ignored ---- */
struct dx_search; /* once ready, it serves several threads */
struct dx_search *dx_search_new(struct dx_arena *a);
/* Sets the bits of those rows of kb_symptom_rows a literal of which occurs, clears the others
 * (rows: (kb_symptom_count + 63) / 64 words, or NULL); false: none does. */
bool dx_search_rows(const struct dx_search *s, struct dx_str text, uint64_t *rows);
/* Of a text that has not been taken apart. Sets bit i / DX_GRAIN of marks where a literal may
 * stand: i is a byte of each that does. */
#define DX_GRAIN 64
void dx_search_mark(const struct dx_search *s, struct dx_str text, uint64_t *marks);

/* ---- literal.c: which of many texts occur in another, ASCII case ignored ---- */
struct dx_literals;
struct dx_literals *dx_literals_new(struct dx_arena *a, size_t rows);
/* Text n belongs to row (below rows). */
void dx_literals_add(struct dx_literals *l, const char *text, size_t row);
void dx_literals_ready(struct dx_literals *l);
/* Sets bits of hit (one a row, (rows + 63) / 64 words); false: none occurs. */
bool dx_literals_scan(const struct dx_literals *l, struct dx_str text, uint64_t *hit);

/* ---- symptom.c ---- */
struct dx_patterns;

#define DX_SPANS 3

/* How it was seen: the system's own words, a code that a call returned, a code behind its domain;
 * or no more than a code's name, which may as well be talked about. */
enum dx_seen_as { DX_SEEN_WORDS, DX_SEEN_CALL, DX_SEEN_CODE, DX_SEEN_NAME };

/* What a line shows. Slices point into the line. */
struct dx_hit {
    enum dx_seen_as seen;
    size_t row; /* of kb_symptom_rows */
    struct dx_str dext, klass, node, what;
    struct dx_str pid, staging;   /* of the driver's process; UUID of the folder it was copied to */
    const struct dx_logger *by;   /* NULL: not known, or the same as of the hit before */
    struct dx_str boot;           /* UUID of the start of the system, "" when not known */
    struct dx_str span[DX_SPANS]; /* what matched: the pattern, then the first of "all" */
    size_t span_count;
    int64_t when; /* when it was logged, where that is no part of the line's text; or 0 */
    size_t more;  /* how often it was seen again right after that */
    size_t times; /* prose: how often the patterns are in the text, 4 at most */
};

/* Whether both say the same of the same driver; by process, where they name none. */
bool dx_hit_same(const struct dx_hit *a, const struct dx_hit *b);
/* A copy that shares the names with the last one, which says the same, or NULL. */
void dx_hit_keep(struct dx_arena *a, struct dx_hit *to, const struct dx_hit *hit,
                 const struct dx_hit *last);

/* Compiles patterns when they are first needed. Freed with dx_patterns_free. */
struct dx_patterns *dx_patterns_new(struct dext_ctx *ctx);
void dx_patterns_free(struct dx_patterns *p);
/* Calls back for each symptom of logs whose pattern is in text. */
void dx_patterns_match(struct dx_patterns *p, struct dx_str text,
                       void (*on_hit)(void *user, const struct dx_hit *hit), void *user);
/* The same for the symptoms of prose. around: all that stands with it, code and pasted pieces too:
 * what else must be named ("all") may be named there. */
void dx_patterns_ask(struct dx_patterns *p, struct dx_str text, struct dx_str around,
                     void (*on_hit)(void *user, const struct dx_hit *hit), void *user);
/* What it searches logs for. */
const struct dx_search *dx_patterns_search(const struct dx_patterns *p);
/* How often a pattern was given up on, for its limits or for memory: what it would have found is
 * not known. */
unsigned long dx_patterns_gave_up(const struct dx_patterns *p);

/* A pattern as it stands in the knowledge base; those for prose may call (?&ask) and its like, see
 * symptom.c. A pcre2_code, or NULL with an offset in *at. */
void *dx_pattern_compile(const char *pattern, bool prose, size_t *at);

#endif
