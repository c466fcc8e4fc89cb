/* logs/log.h: inside of the log reader. scan.c cuts a stream into records (see scan.h), line.c
 * takes a line apart, prefilter.c and literal.c find where to look, symptom.c holds the patterns,
 * timeline.c collects and ranks, explain.c puts it together. */
#ifndef DX_LOGS_LOG_H
#define DX_LOGS_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ctx.h"
#include "base/str.h"
#include "dext/log.h"

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

/* ---- literal.c: which of many texts occur in a line, ASCII case ignored ---- */
struct dx_literals;
struct dx_literals *dx_literals_new(struct dx_arena *a, size_t rows);
/* Text n belongs to row (below rows). */
void dx_literals_add(struct dx_literals *l, const char *text, size_t row);
void dx_literals_ready(struct dx_literals *l);
/* Sets bits of hit (one a row, (rows + 63) / 64 words); false: none occurs. */
bool dx_literals_scan(const struct dx_literals *l, struct dx_str text, uint64_t *hit);
/* Calls back for each place where a text ends (of a long one, where its 16th byte is). */
void dx_literals_each(const struct dx_literals *l, struct dx_str text,
                      void (*on_end)(void *user, size_t end), void *user);

/* ---- symptom.c ---- */
struct dx_patterns;

#define DX_SPANS 3

/* What a line shows. Slices point into the line. */
struct dx_hit {
    size_t row; /* of kb_symptom_rows */
    struct dx_str dext, klass, node, what;
    struct dx_str span[DX_SPANS]; /* what matched: the pattern, then the first of "all" */
    size_t span_count;
    size_t times; /* prose: how often the patterns are in the text, 4 at most */
};

/* Compiles patterns when they are first needed. Freed with dx_patterns_free. */
struct dx_patterns *dx_patterns_new(struct dext_ctx *ctx);
void dx_patterns_free(struct dx_patterns *p);
/* Calls back for each symptom whose pattern is in text; prose: rows for prose, else those for logs.
 */
void dx_patterns_match(struct dx_patterns *p, struct dx_str text, bool prose,
                       void (*on_hit)(void *user, const struct dx_hit *hit), void *user);

/* A pattern as it stands in the knowledge base; those for prose may call (?&ask) and its like, see
 * symptom.c. A pcre2_code, or NULL with an offset in *at. */
void *dx_pattern_compile(const char *pattern, bool prose, size_t *at);

/* ---- past.c: what shows that an earlier failure was overcome ---- */
struct kb_symptom;
bool dx_symptom_disproves(const struct kb_symptom *success, const struct kb_symptom *failure);
/* Whether who meets the failure `met` has got past the other one: the kernel makes its checks one
 * after the other, and the later ones only for a process that runs. */
bool dx_symptom_is_past(const struct kb_symptom *met, const struct kb_symptom *failure);

/* ---- timeline.c ---- */
struct dx_timeline;
struct dx_timeline *dx_timeline_new(struct dext_ctx *ctx);
void dx_timeline_add(struct dx_timeline *t, const struct dx_hit *hit, const char *file,
                     unsigned long line, struct dx_str text);
/* Something that no line says, but several inputs together; row is of kb_symptom_rows. A line of 0
 * means the file as a whole. */
struct dx_finding {
    const char *symptom; /* id */
    const char *subject; /* bundle id or class, "" when not known */
    const char *klass;   /* class of the driver, so that lines naming it go with the rest; "" */
    const char *detail;
    struct dext_evidence evidence[DEXT_EVIDENCE_MOST];
    size_t evidence_count;
};
struct dext_symptom *dx_timeline_note(struct dx_timeline *t, const struct dx_finding *f);
/* The answer to a question; score: how well the text fits, more is better. */
void dx_timeline_answer(struct dx_timeline *t, const struct dx_finding *f, unsigned score);
/* Whether any of these symptoms (NULL-ended ids) was seen; its record (a cause before an effect,
 * and that before noise), or NULL. */
const struct dext_symptom *dx_timeline_seen(const struct dx_timeline *t, const char *const *ids);
/* Ranks what was collected so far; the result lives in a. */
void dx_timeline_judge(const struct dx_timeline *t, struct dx_arena *a,
                       struct dext_explanation *out);

/* ---- question.c, question_text.c, question_plist.c: prose ---- */
struct dx_question;
struct dx_question *dx_question_new(struct dext_ctx *ctx, struct dx_patterns *p,
                                    struct dx_timeline *t);
/* Whether somebody asks or tells something in text, beside the log lines in it. whole: text is all
 * of the input, so that it need not be mostly prose. */
bool dx_question_is(struct dx_str text, bool whole, struct dx_arena *scratch);
/* Finds answers, codes, calls of kernel extensions and lines of logs; returns the number of lines.
 */
unsigned long dx_question_read(struct dx_question *q, const char *file, struct dx_str text);
/* Whether the last text that was read got an answer, or names codes or calls. */
bool dx_question_told(const struct dx_question *q);
void dx_question_result(const struct dx_question *q, struct dext_explanation *out);
/* Whether a verdict of out names the code in what it says, and so tells what it means there. */
bool dx_code_is_explained(const struct dext_explanation *out, const struct dext_code_named *c);

/* A text as patterns for prose want it: one space for a line end, one line end between paragraphs,
 * without marks of quotations, carriage returns, HTML and typographic quotation marks. */
struct dx_prose {
    struct dx_str text;
    size_t *line; /* where each line of the original begins in text */
    size_t lines;
};
void dx_prose_read(struct dx_prose *out, struct dx_str raw, struct dx_arena *a);
/* The line, from 1, that offset at is in. */
unsigned long dx_prose_line(const struct dx_prose *p, size_t at);
/* The sentence around span, about most bytes of it, with dots where it was cut. */
const char *dx_prose_sentence(const struct dx_prose *p, struct dx_str span, size_t most,
                              struct dx_arena *a);

/* Whether any of the texts (NULL-ended; lower case) begins a word of text; is a word of it, in any
 * case. */
bool dx_prose_mentions(struct dx_str text, const char *const *list);
bool dx_prose_has_word(struct dx_str text, const char *const *list);

/* Pieces of property lists in a text: what lint says of the keys and values that are there. */
void dx_question_plists(struct dext_ctx *ctx, struct dx_timeline *t, const char *file,
                        const struct dx_prose *prose);

/* ---- explain.c, gather.c, join.c ---- */

/* An input that is evidence as a whole: a dump, a list, a property list, a panic, a bundle. */
struct dx_held {
    const char *file;
    enum dext_text_kind kind;
    struct dx_str data;       /* NUL-terminated one past n; p is NULL when only the path counts */
    const char *disk;         /* where it can be opened, or NULL */
    const char *what, *holds; /* see struct dext_explain_input; NULL: not known yet */
    bool found;               /* in a folder or archive, not named by the user */
    size_t input;             /* its number among the inputs: set by dx_explain_hold */
};

struct dext_ctx *dx_explain_ctx(struct dext_explain *x);
/* The input that is being read is this file on disk (or NULL); found: the user did not name it. */
void dx_explain_on_disk(struct dext_explain *x, const char *disk, bool found);
/* Takes note of an input; evidence: the joins look at it. */
void dx_explain_hold(struct dext_explain *x, const struct dx_held *held, bool evidence);
void dx_explain_pass_over(struct dext_explain *x);

/* What the inputs say, each by itself (holds and notes of inputs) and together. */
void dx_join(struct dext_ctx *ctx, struct dx_timeline *t, const struct dx_held *held, size_t count,
             struct dext_explain_input *inputs);

/* collect.c: commands for the kinds of evidence that are not among the inputs; the list lives in a.
 */
struct dext_texts dx_collect_advice(struct dx_arena *a, const struct dext_explain_input *inputs,
                                    size_t count);

#endif
