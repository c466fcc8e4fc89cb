/* dext/error.h: what an error code means to the author of a driver extension.
 *
 *     struct dext_errors *errors = dext_errors_new();
 *     struct dext_error_answer a;
 *     dext_errors_ask(errors, &a, "0xe00002c7", 10, NULL);
 *     if (a.count && a.hits[0].match_count) {
 *         show(a.hits[0].matches[0].name);           // kIOReturnUnsupported
 *     }
 *     dext_errors_free(errors);
 *
 * Codes, names and meanings are compiled in from lib/data/errors; nothing is read or built at
 * start. Texts inside a struct dext_error come from there and live as long as the program, except
 * for the arrays and what is noted below. */
#ifndef DEXT_ERROR_H
#define DEXT_ERROR_H

#include <stdbool.h>

#include "dext/ctx.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Several texts; text[0] to text[count - 1]. */
struct dext_error_texts {
    const char *const *text;
    size_t count;
};

/* One meaning of a number. */
struct dext_error {
    const char *name;      /* "kIOReturnUnsupported" */
    uint32_t value;        /* 0xe00002c7; as int32_t: -536870201 */
    const char *written;   /* as the domain writes it: "0xe00002c7", "-67062", "4" */
    const char *domain;    /* "iokit" */
    const char *title;     /* of the domain, for people */
    const char *system;    /* "iokit"; NULL when the number is not divided as a Mach error is */
    const char *subsystem; /* "common"; NULL likewise, and when it has no name */
    int64_t code;          /* 711: the low 14 bits, or the number itself when it is not divided */
    const char *summary;   /* one line, no full stop */
    const char *driverkit; /* what it means to a driver's author, or NULL */
    const char *why;       /* why this domain ranks where it does, one clause */
    bool derived;          /* only the code was given; system and subsystem were supposed */
    struct dext_error_texts aliases, causes, checks, sources; /* causes: likeliest first */
};

/* The parts of a 32-bit Mach error number (osfmk/mach/error.h). Names are NULL when unknown. */
struct dext_error_split {
    unsigned system, subsystem, code;
    const char *system_name, *subsystem_name;
};

enum dext_error_kind {
    DEXT_ERROR_KNOWN,          /* matches holds at least one */
    DEXT_ERROR_UNKNOWN_NUMBER, /* split holds its parts */
    DEXT_ERROR_UNKNOWN_NAME,   /* nearest holds a proposal, or NULL */
    DEXT_ERROR_TOO_WIDE,       /* more than 32 bits: a registry id or address, not a code */
};

/* One code found in what was asked. */
struct dext_error_hit {
    const char *text; /* as it stands in the input, NUL-terminated copy */
    size_t offset;    /* of text in the input, in bytes */
    enum dext_error_kind kind;
    uint32_t value;                   /* valid for KNOWN and UNKNOWN_NUMBER */
    const struct dext_error *matches; /* likeliest for a driver's author first */
    size_t match_count;
    struct dext_error_split split;
    const char *domain; /* unknown number: title of the domain that the text names for it, or NULL;
                           its parts mean nothing then */
    const char *nearest;
};

struct dext_error_answer {
    const struct dext_error_hit *hits; /* in the order of the input, no code twice, 100 at most */
    size_t count;
};

/* A source of codes. */
struct dext_error_domain {
    const char *name;  /* "iokit" */
    const char *title; /* for people */
    size_t count;      /* of codes */
};

struct dext_errors;

/* Owned by the caller: dext_errors_free. One thread at a time. */
DEXT_API struct dext_errors *dext_errors_new(void);
DEXT_API void dext_errors_free(struct dext_errors *e);

/* Finds the codes in text (n bytes, need not be NUL-terminated). One word is taken as a code: hex
 * with or without 0x, signed or unsigned decimal, the low 14 bits alone, a constant's name in any
 * case, with or without its prefix. Anything longer is taken as a line of a log: every code in it
 * is found, numbers that are none (process ids, dates, addresses) are not. domain restricts the
 * meanings (a name that dext_error_domain_known accepts) or is NULL. *out and all it points to is
 * valid until the next call on e or its end. Returns DEXT_OK, or DEXT_E_NOTFOUND when domain is
 * not known. */
DEXT_API int dext_errors_ask(struct dext_errors *e, struct dext_error_answer *out, const char *text,
                             size_t n, const char *domain);

/* All codes of a domain, in order of their numbers; valid like an answer. Returns like ask. */
DEXT_API int dext_errors_list(struct dext_errors *e, const char *domain,
                              const struct dext_error **out, size_t *count);

/* Domain i in order of rank; false past the end. */
DEXT_API bool dext_error_domain_at(size_t i, struct dext_error_domain *out);

/* Whether name is a domain ("iokit"), a group of them ("exit") or a name used in messages
 * ("OSSystemExtensionErrorDomain"), in any case. */
DEXT_API bool dext_error_domain_known(const char *name);

#ifdef __cplusplus
}
#endif

#endif
