/* explain/question.h: inside of the reader of questions. question.c finds answers, question_lines.c
 * lines of logs wherever they stand, question_named.c codes and calls. */
#ifndef DX_EXPLAIN_QUESTION_H
#define DX_EXPLAIN_QUESTION_H

#include "explain/cut.h"
#include "explain/explain.h"
#include "explain/phrases.h"
#include "kb.h"

#define DX_QUOTE_BYTES 240 /* of a sentence that is shown */
#define DX_BROKEN_LINES 3  /* a line of a log may be broken into that many */

struct dx_code_note {
    const char *plain; /* what its definition says */
    bool quiet;        /* of a log: told when nothing else is */
};

struct dx_question {
    struct dext_ctx *ctx;
    struct dx_patterns *patterns;
    struct dx_timeline *timeline;
    struct dext_code_named *codes;
    size_t code_count, code_cap;
    struct dx_code_note *notes; /* of each code */
    size_t note_count, note_cap;
    struct dext_call_named *calls;
    size_t call_count, call_cap;
    bool told;                  /* something was found in the last text beside lines of logs */
    bool asked;                 /* somebody asked in one of the texts */
    struct dx_phrases *phrases; /* NULL: not needed so far */
    const char *version, *chip; /* the ones that people name: "10.14", "arm64"; "": none */
};

struct dx_answer {
    bool special; /* names a failure or a call, not what is possible at all */
    bool approve; /* it is about what the user has to allow */
    unsigned score;
    struct dx_conclusion finding;
};

/* What follows from what somebody tells in his own words (told.c). */
struct dx_told_cause {
    bool told;
    bool approve; /* it is about what the user has to allow */
    const char *confidence;
    struct kb_list instead; /* answers to other things that have the same words */
    struct dx_conclusion finding;
};

/* The text that is being read. */
struct dx_reading {
    struct dx_question *q;
    const char *file;
    struct dx_prose prose;  /* what is being looked at: offsets are of this */
    struct dx_prose around; /* all that stands in the text but reports and dumps */
    size_t title;           /* bytes of the title, 0 when the text begins without one */
    bool enabled;   /* a list of extensions with one row stands in it, and that one is enabled */
    bool asks;      /* somebody asks, or tells of trouble of his own; a manual does neither */
    bool drivers;   /* the text is about drivers or extensions of Apple's systems */
    bool migrating; /* from a kernel extension; or one is spoken of */
    struct dx_told *told; /* of each row of kb_told_word_rows */
    struct dx_told_cause cause;
    struct dx_answer *answers;
    size_t answer_count, given; /* given: of those, and of what was found otherwise */
    bool sure;                  /* an answer was given that is more than a mention */
    bool line_found;            /* a line of a log that tells a cause */
    bool log;                   /* nobody says anything: what a program printed */
    bool *seen;                 /* rows of kb_symptom_rows of which a line was found */
    struct dx_str piece;
    size_t cut[DX_BROKEN_LINES]; /* places in the text that a hit must lie across; 0: anywhere */
    size_t cuts;
};

size_t dx_reading_offset(const struct dx_reading *r, struct dx_str s);
struct dext_evidence dx_reading_quote(const struct dx_reading *r, struct dx_str span);
bool dx_is_word_char(char c);

void dx_reading_lines(struct dx_reading *r);
void dx_reading_codes(struct dx_reading *r);
void dx_reading_calls(struct dx_reading *r);
void dx_reading_system(struct dx_reading *r); /* question_system.c */

/* told.c: what is told, and what follows from it. A text in which nobody has trouble does not ask.
 */
void dx_reading_told(struct dx_reading *r);

#endif
