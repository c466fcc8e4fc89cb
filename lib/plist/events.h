/* events.h: what a property-list reader says while it reads. A reader judges nothing; whoever
 * listens builds a tree (tree.c) or takes what it needs (dump readers).
 *
 * A dictionary is DICT, then KEY and a value for each entry, then END; an array is ARRAY, values,
 * END; everything else is one SCALAR. Readers keep that grammar even for broken input: a value
 * without a key is dropped, a key without a value is dropped, and a PROBLEM tells so. */
#ifndef DX_PLIST_EVENTS_H
#define DX_PLIST_EVENTS_H

#include "base/source.h"
#include "dext/plist.h"

enum dx_event_type {
    DX_EV_DICT,
    DX_EV_ARRAY,
    DX_EV_END,
    DX_EV_KEY,
    DX_EV_SCALAR,
    DX_EV_COMMENT, /* text = inside of the comment */
    DX_EV_PROBLEM, /* text = reason */
};

enum dx_problem {
    DX_PROBLEM_SYNTAX,    /* the file format itself is broken */
    DX_PROBLEM_STRUCTURE, /* well-formed, but not a property list */
    DX_PROBLEM_VALUE,     /* an element's text is no such value: <integer>x</integer> */
    DX_PROBLEM_ENCODING,  /* bytes that are not what the encoding allows */
    DX_PROBLEM_ENTITY,    /* the file declares entities of its own: refused */
    DX_PROBLEM_COMMENT,   /* "--" inside a comment: plutil takes it, others do not */
    DX_PROBLEM_LENIENT,   /* no XML, but CoreFoundation reads it without a word */
    DX_PROBLEM_LIMIT,     /* too deep, too many: reading stopped */
};

struct dx_event {
    enum dx_event_type type;
    enum dext_kind kind;     /* SCALAR */
    enum dx_problem problem; /* PROBLEM */
    struct dx_str text;      /* decoded; numbers and dates as written */
    size_t off, len;         /* raw bytes in the source, len 0 = not known */
    unsigned line, column;   /* used when len is 0; line 0 = not known */
    uint64_t integer;        /* INTEGER, UID: two's complement */
    bool negative;           /* INTEGER: integer is to be read as signed */
    bool boolean;
    bool bad; /* the text is no value of that kind (a PROBLEM was sent) */
    double real;
};

/* Answers false to stop reading. text and the event live until the call returns. */
typedef bool dx_event_fn(void *user, const struct dx_event *ev);

/* A reader: dx_plist_xml and its like. */
typedef int dx_plist_reader(struct dext_ctx *ctx, const struct dx_source *src, dx_event_fn *fn,
                            void *user);

/* Before several threads read: sets up what libxml2 has in common for all. */
void dx_plist_prepare(void);

/* Reads src and sends events. DEXT_OK also for input with problems, as long as they were sent;
 * DEXT_E_FORMAT or DEXT_E_LIMIT (with dx_fail's text) when reading had to stop. */
int dx_plist_xml(struct dext_ctx *ctx, const struct dx_source *src, dx_event_fn *fn, void *user);
/* The same for XML that is written as CoreFoundation writes it, without a fault anywhere. The text
 * of data is told as it stands there, checked but not decoded. feed: src is its source, filled as
 * it goes; or NULL. false: it is not such a file, or the listener wanted no more; what was said so
 * far does not count, and dx_plist_xml has to be asked.
 */
bool dx_plist_xml_plain(struct dext_ctx *ctx, const struct dx_source *src, struct dx_feed *feed,
                        dx_event_fn *fn, void *user);
/* It is XML in UTF-8: dx_plist_xml gives offsets into the source. */
bool dx_plist_xml_exact(const struct dx_source *src);
int dx_plist_binary(struct dext_ctx *ctx, const struct dx_source *src, dx_event_fn *fn, void *user);
int dx_plist_openstep(struct dext_ctx *ctx, const struct dx_source *src, dx_event_fn *fn,
                      void *user);

/* Scalar texts, shared by the readers. false = the text is no such value. out NULL: only told. */
bool dx_parse_integer(struct dx_str text, uint64_t *value, bool *negative);
bool dx_parse_real(struct dx_str text, double *value);
bool dx_parse_date(struct dx_str text);
bool dx_parse_base64(struct dx_str text, struct dx_buf *out);

#endif
