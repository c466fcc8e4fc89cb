/* explain/cut.h: any text is cut into what it is made of before anybody judges it: what tools and
 * the system printed, each piece for the reader of its kind, and what is left, a person's words.
 * Quotes, fences, tags of pages and prompts may stand around a piece, and its first lines may be
 * missing.
 *
 * cut.c decides what each line belongs to, cut_line.c what a line by itself looks like. */
#ifndef DX_EXPLAIN_CUT_H
#define DX_EXPLAIN_CUT_H

#include "dext/log.h"
#include "logs/log.h"

enum dx_cut_what {
    DX_CUT_BLANK,
    DX_CUT_PROSE,
    DX_CUT_OTHER,  /* printed by something, but nothing that has a reader of its own */
    DX_CUT_CODE,   /* source code */
    DX_CUT_PROMPT, /* a command, as a shell shows it */
    DX_CUT_OWN,    /* what dextctl printed */
    DX_CUT_LOG,
    DX_CUT_LIST,
    DX_CUT_PANIC,
    DX_CUT_CRASH,
    DX_CUT_IOREG,
    DX_CUT_KEXTS,
    DX_CUT_CODESIGN,
    DX_CUT_SPCTL,
    DX_CUT_PROFILER,
    DX_CUT_HID,
    DX_CUT_SYSTEM,
    DX_CUT_XML,  /* a property list, or part of one */
    DX_CUT_JSON, /* a report (.ips, .panic) */
    DX_CUT_KINDS
};

#define DX_CUT_BIT(what) (1U << (what))

/* What the line after it may look like depends on it. */
struct dx_cut_look {
    enum dx_cut_what what;
    bool sure; /* begins such a piece wherever it stands; else it only goes on with one */
};

/* Line ends are lost at times: then a panic stands within a line of prose. */
struct dx_cut_inline {
    size_t line;     /* from 0 */
    size_t from, to; /* bytes of the line that are the panic */
};

struct dx_cut {
    struct dx_str raw;
    unsigned char *what;         /* of each line: enum dx_cut_what */
    struct dx_cut_inline inside; /* a panic in a line of prose; from == to: none */
    size_t lines;
    size_t count[DX_CUT_KINDS]; /* lines of each */
};

/* text: UTF-8 without NUL. What is returned lives in a. */
void dx_cut_text(struct dx_cut *out, struct dx_str text, struct dx_arena *a);

/* The lines of these kinds (bits), each in its own place, all others empty: places stay lines of
 * the input. Quotation marks are taken off, in pieces that are no XML also tags and entities of
 * pages. NUL-terminated one past its end. */
struct dx_str dx_cut_copy(const struct dx_cut *c, unsigned kinds, struct dx_arena *a);

/* The kind of input that a piece would be by itself; DEXT_TEXT_EMPTY: it has no reader. */
enum dext_text_kind dx_cut_kind(enum dx_cut_what what);

/* ---- cut_line.c ---- */

/* A line without its quotation marks; scratch is for the parts of JSON. */
struct dx_cut_look dx_cut_look(struct dx_str line, struct dx_arena *scratch);
/* Where in a long line of prose a panic stands; false: nowhere. */
bool dx_cut_panic_in(struct dx_str line, size_t *from, size_t *to);
/* A sentence, or a good part of one. */
bool dx_cut_is_sentence(struct dx_str line);
/* Somebody speaks: "I", "please", a question mark at its end. */
bool dx_cut_speaks(struct dx_str line);
/* More marks and digits than words: no line of a person. */
bool dx_cut_is_printed(struct dx_str line);

#endif
