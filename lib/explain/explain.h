/* explain/explain.h: from what inputs show to causes. kind.c says what an input is, question.c
 * reads prose, the joins (join.h) look at evidence as a whole, timeline.c collects and ranks,
 * explain.c puts it together. */
#ifndef DX_EXPLAIN_EXPLAIN_H
#define DX_EXPLAIN_EXPLAIN_H

#include "dext/log.h"
#include "logs/log.h"

/* ---- past.c: what shows that an earlier failure was overcome ---- */
struct kb_symptom;
bool dx_symptom_disproves(const struct kb_symptom *success, const struct kb_symptom *failure);
/* Whether who meets the failure `met` has got past the other one: the kernel makes its checks one
 * after the other, and the later ones only for a process that runs. */
bool dx_symptom_is_past(const struct kb_symptom *met, const struct kb_symptom *failure);

/* ---- timeline.c ---- */
struct dx_timeline;
/* What dext_explanation.system is made of. */
struct dx_seen {
    struct dext_system_seen shown;
    struct dext_driver_seen *drivers;
    size_t cap;
};

struct dx_timeline *dx_timeline_new(struct dext_ctx *ctx);
void dx_timeline_add(struct dx_timeline *t, const struct dx_hit *hit, const char *file,
                     unsigned long line, struct dx_str text);
/* The system started; what the same file holds behind is of that start. uuid: any case; when: 0:
 * not known. */
void dx_timeline_boot(struct dx_timeline *t, struct dx_str uuid, int64_t when);
/* Something that no line says, but several inputs together; row is of kb_symptom_rows. A line of 0
 * means the file as a whole. */
struct dx_conclusion {
    const char *symptom; /* id */
    const char *subject; /* bundle id or class, "" when not known */
    const char *klass;   /* class of the driver, so that lines naming it go with the rest; "" */
    const char *detail;
    struct dext_evidence evidence[DEXT_EVIDENCE_MOST];
    size_t evidence_count;
};
struct dext_symptom *dx_timeline_note(struct dx_timeline *t, const struct dx_conclusion *f);
/* The answer to a question; score: how well the text fits, more is better. */
void dx_timeline_answer(struct dx_timeline *t, const struct dx_conclusion *f, unsigned score,
                        const char *confidence);
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
 * elsewhere: pieces (bits of enum dx_cut_what) whose lines somebody else compares with the
 * symptoms.
 */
struct dx_cut;
unsigned long dx_question_read(struct dx_question *q, const char *file, const struct dx_cut *cut,
                               unsigned elsewhere);
/* Whether the last text that was read got an answer, or names codes or calls. */
bool dx_question_told(const struct dx_question *q);
/* Codes in a log; they are told when nothing else is. */
void dx_question_log(struct dx_question *q, const char *file, struct dx_str text);
/* Codes that are told live in a. */
void dx_question_result(const struct dx_question *q, struct dx_arena *a,
                        struct dext_explanation *out);
/* Whether a verdict of out names the code in what it says, and so tells what it means there. */
bool dx_code_is_explained(const struct dext_explanation *out, const struct dext_code_named *c);

/* A text as patterns for prose want it: one space for a line end, one line end between paragraphs,
 * without marks of quotations, carriage returns, HTML and typographic quotation marks. */
struct dx_prose {
    struct dx_str text;
    size_t *line; /* where each line of the original begins in text */
    size_t lines;
};
/* A line without tags and entities of pages and typographic marks, into to, which is never longer;
 * returns its length. */
size_t dx_prose_clean(char *to, struct dx_str line);
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

/* What sessions make of the knowledge base, which takes longer than a small input to read: made
 * once and lent to sessions, one after the other. Their results are the same. */
struct dx_explain_tools;
struct dx_explain_tools *dx_explain_tools_new(void);
void dx_explain_tools_free(struct dx_explain_tools *tools);
/* dext_explain_new with these, which outlive it; it looks through logs with one thread. */
struct dext_explain *dx_explain_new_with(struct dext_ctx *ctx, struct dx_explain_tools *tools);

/* An input that is evidence as a whole: a dump, a list, a property list, a panic, a bundle. */
struct dx_held {
    const char *file;
    enum dext_text_kind kind;
    struct dx_str data;       /* NUL-terminated one past n; p is NULL when only the path counts */
    const char *disk;         /* where it can be opened, or NULL */
    const char *what, *holds; /* see struct dext_explain_input; NULL: not known yet */
    const char *unread;       /* why a part was not read; NULL or "": all was */
    bool found;               /* in a folder or archive, not named by the user */
    bool piece;               /* one of several in one input */
    size_t input;             /* its number among the inputs: set by dx_explain_hold */
};

struct dext_ctx *dx_explain_ctx(struct dext_explain *x);
/* The input that is being read is this file on disk (or NULL); found: the user did not name it. */
void dx_explain_on_disk(struct dext_explain *x, const char *disk, bool found);
/* Takes note of an input; evidence: the joins look at it. */
void dx_explain_hold(struct dext_explain *x, const struct dx_held *held, bool evidence);
void dx_explain_pass_over(struct dext_explain *x);

/* ---- gather_log.c: the unified log. Entries and findings go to: ---- */
void dx_explain_found(struct dext_explain *x, const struct dx_hit *hit, const char *file,
                      struct dx_str text);
void dx_explain_boot(struct dext_explain *x, struct dx_str uuid, int64_t when);
void dx_explain_count(struct dext_explain *x, unsigned long entries);
unsigned dx_explain_threads(const struct dext_explain *x);

/* A .logarchive or tracev3 file on disk. Errors as dext_explain_add_path. */
int dx_gather_log(struct dext_explain *x, const char *disk);

/* The log in a packed archive: in a first pass over its members strings and times are kept, in a
 * second one tracev3 files are looked through as they come. */
struct dx_packed_log;
struct archive;
struct dx_unpack;
/* First pass: whether the member belongs to a log; *read: it was read. *log is made when needed. */
bool dx_packed_log_member(struct dx_packed_log **log, struct dext_explain *x, struct dx_unpack *u,
                          struct archive *a, const char *path, bool *read, int *status);
/* Second pass, and the end; log may be NULL. */
int dx_packed_log_end(struct dx_packed_log *log, int status);

/* What the inputs say, each by itself (holds and notes of inputs) and together. */
void dx_join(struct dext_ctx *ctx, struct dx_timeline *t, struct dx_seen *seen,
             const struct dx_held *held, size_t count, struct dext_explain_input *inputs);

/* collect.c: commands for the kinds of evidence that are not among the inputs; the list lives in a.
 */
struct dext_texts dx_collect_advice(struct dx_arena *a, const struct dext_explain_input *inputs,
                                    size_t count);

#endif
