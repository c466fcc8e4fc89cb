/* dext/log.h: from logs and questions to causes.
 *
 *     struct dext_explain *x = dext_explain_new(ctx);
 *     dext_explain_begin(x, "system.log");
 *     while ((n = read(...)) > 0) dext_explain_feed(x, chunk, n);
 *     dext_explain_end(x);
 *     dext_explain_result(x, &result);
 *     dext_explain_free(x);
 *
 * A log of any size is read in constant memory: of each symptom the first lines and the number are
 * kept. Results are borrowed from the session. One session serves one thread; inside, it may start
 * others. */
#ifndef DEXT_LOG_H
#define DEXT_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "dext/ctx.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What an input was taken for. */
enum dext_text_kind {
    DEXT_TEXT_EMPTY,
    DEXT_TEXT_LOG,           /* lines of a log, in any of the styles, or bare messages */
    DEXT_TEXT_LIST,          /* systemextensionsctl list */
    DEXT_TEXT_QUESTION,      /* prose */
    DEXT_TEXT_PANIC,         /* for dextctl panic */
    DEXT_TEXT_IOREG,         /* ioreg, as text: for dextctl ioreg and match */
    DEXT_TEXT_PLIST,         /* Info.plist, entitlements and the like: for dextctl lint */
    DEXT_TEXT_BINARY,        /* nothing that can be read here */
    DEXT_TEXT_ARCHIVE,       /* of the unified log (.logarchive): log show makes it readable */
    DEXT_TEXT_BUNDLE,        /* .dext, .app, .pkg: taken as evidence beside logs */
    DEXT_TEXT_PROFILE,       /* provisioning profile; likewise */
    DEXT_TEXT_IOREG_ARCHIVE, /* ioreg -a, XML or binary: for dextctl ioreg and match */
    DEXT_TEXT_CRASH,         /* report of a process that crashed or was killed */
    DEXT_TEXT_KEXTS,         /* kextstat, kmutil showloaded, kextutil -v */
    DEXT_TEXT_PROFILER,      /* system_profiler: text, -xml, -json */
    DEXT_TEXT_HIDUTIL,       /* hidutil dump, hidutil list */
    DEXT_TEXT_CODESIGN,      /* codesign -d */
    DEXT_TEXT_SPCTL,         /* spctl -a */
    DEXT_TEXT_SYSTEM,        /* sw_vers, csrutil status */
    DEXT_TEXT_DATABASE,      /* db.plist of /Library/SystemExtensions */
    DEXT_TEXT_OWN,           /* what dextctl printed */
    DEXT_TEXT_DEVICES,       /* lsusb, lspci: for dextctl match */
    DEXT_TEXT_KINDS          /* how many there are */
};

struct dext_texts {
    const char **text;
    size_t count;
};

/* An input that was read: named by the user, or found in a folder or archive he named. */
struct dext_explain_input {
    const char *file; /* "sysdiagnose.tar.gz!/sysdiagnose/ioreg/IOService.txt" */
    enum dext_text_kind kind;
    const char *what;        /* the kind in words: "registry dump (ioreg -a)" */
    const char *holds;       /* "618 nodes, 1 third-party driver extension running"; "" */
    const char *unread;      /* why a part of it was not read; "": all was */
    struct dext_texts notes; /* what it says of drivers that is no failure, in sentences */
    bool aside;              /* found, not named, and it does not tell of drivers */
};

struct dext_explain_inputs {
    const struct dext_explain_input *list;
    size_t count;
    size_t passed_over; /* files of folders and archives that are none of explain's */
};

/* Who logged a line and when, as far as it says so; texts are "" where it does not. */
struct dext_logged {
    const char *time; /* RFC 3339, without a zone where the line has none */
    const char *process, *image, *subsystem, *category;
    uint64_t thread; /* 0: not known */
    int64_t pid;     /* -1: not known */
};

/* A line that shows something. */
struct dext_evidence {
    const char *file;
    unsigned long line;
    const char *text;                 /* the message, cut at 400 bytes */
    const struct dext_logged *logged; /* NULL: it says nothing of that */
};

#define DEXT_EVIDENCE_MOST 3

/* One symptom of one driver. */
struct dext_symptom {
    const char *id;         /* "driverkit-too-new" */
    const char *stage;      /* "build", "sign", ... */
    const char *role;       /* "cause", "effect", "step", "noise" */
    const char *confidence; /* "high", "medium", "low" */
    bool question;          /* the answer to a question in prose */
    bool joined;            /* no line says it, but several inputs together do */
    const char *what;
    const char *detail; /* what the line names, such as a class or version; "" when nothing */
    struct dext_texts why, check, fix, source;
    struct dext_evidence evidence[DEXT_EVIDENCE_MOST];
    size_t evidence_count;
    size_t times; /* how often it was seen */
    int64_t when; /* the last time, seconds since 1970; 0: no line says */
    /* Where no line names a driver: what tells whose it is, a sentence without its full stop. NULL:
     * a line does, or the inputs speak of one driver alone. */
    const char *whose;
    bool earlier; /* seen only before the last start of the system */
};

/* What happened to one driver: the cause and what followed from it. */
struct dext_verdict {
    const char *subject;             /* bundle id, class name, or "" when no line names one */
    const struct dext_symptom *root; /* first stage that failed */
    const struct dext_symptom **consequences; /* what follows from it */
    size_t consequence_count;
    const struct dext_symptom **further; /* failures of their own that came later or behind it */
    size_t further_count;
    const char *reached; /* last stage that a step of success shows, or "" */
};

/* A return code in a question, with its likeliest meaning. */
struct dext_code_named {
    const char *text;                    /* as it stands there */
    const char *name, *written, *domain; /* "kIOReturnUnsupported", "0xe00002c7", title of domain */
    const char *meaning;           /* to a driver's author; plain where a verdict explains it */
    const char *note;              /* what the text has wrong about it; "" */
    struct dext_evidence evidence; /* where it stands first */
};

/* A call, class or constant of kernel extensions in a question. */
struct dext_call_named {
    const char *name;
    const char *status;        /* "same", "other", "none" */
    const char *counterpart;   /* in DriverKit; of "none": the way that exists */
    const char *header, *note; /* "" when there is nothing to say */
    const char *source;
    struct dext_evidence evidence;
};

/* What the input shows of a stage of a driver's life. */
enum dext_stage_state {
    DEXT_STAGE_PASSED,  /* a line says so */
    DEXT_STAGE_IMPLIED, /* a later stage was reached, which is not possible without it */
    DEXT_STAGE_FAILED,
};

struct dext_stage_seen {
    const char *stage;
    enum dext_stage_state state;
    const struct dext_symptom *by; /* what shows it; NULL when implied */
};

/* Stage i of a driver's life; NULL past the last. Up to "serve" it goes through them one after the
 * other; those behind may come at any time. */
DEXT_API const char *dext_stage_at(size_t i);

/* One driver, its stages in the order of a life; stages of which nothing is known are left out. */
struct dext_life {
    const char *subject; /* as in dext_verdict */
    const char *node;    /* entry id of the node, hexadecimal; "" when no line gives it */
    const struct dext_stage_seen *stages;
    size_t stage_count;
};

/* A version of an extension that a list of the system names. */
struct dext_driver_seen {
    const char *id, *version, *build; /* bundle id, "1.2.0", "42" */
};

/* What the inputs say of the system they come from. Texts are "" where none does; the first input
 * that says something counts. */
struct dext_system_seen {
    const char *version, *build; /* "15.3", "24D60": of sw_vers, a panic or a crash report */
    const char *model;           /* "Mac14,2": of system_profiler or a report */
    const struct dext_driver_seen *drivers;
    size_t driver_count;
};

struct dext_explanation {
    struct dext_system_seen system;
    const struct dext_verdict *verdicts; /* best founded first */
    size_t verdict_count;
    const struct dext_symptom *
        *answers; /* to what is asked, the one that fits best first; 3 at most */
    size_t answer_count;
    bool asked;               /* somebody asks, or tells of trouble, in prose */
    const char *told_version; /* "10.14", "15.6": the only macOS that prose names, or "" */
    const char *told_chip;    /* "arm64", "x86_64", or "", likewise */
    const struct dext_code_named *codes; /* of questions, in their order */
    size_t code_count;
    const struct dext_call_named *calls;
    size_t call_count;
    const struct dext_symptom **noise; /* known red herrings that are in the input */
    size_t noise_count;
    const struct dext_life *lives; /* of every driver that was seen, whether it failed or not */
    size_t life_count;
    const struct dext_symptom **steps; /* progress that was seen */
    size_t step_count;
    struct dext_texts collect; /* commands for the evidence that was not given; none when there is
                                * a verdict */
    unsigned long lines;       /* read in all */
    unsigned long dropped;     /* findings not kept: more than 1024 symptoms of drivers */
    unsigned long gave_up; /* how often the search for a pattern hit its limits: what it would have
                            * found is not known */
};

/* What a driver extension can and cannot do, and how: all that questions are answered from, in the
 * order of their names. The texts live as long as the context. */
DEXT_API const struct dext_symptom *dext_topics(struct dext_ctx *ctx, size_t *count);
/* By its name, "topic-" and "question-" may be left out. NULL: none is called so. */
DEXT_API const struct dext_symptom *dext_topic_find(struct dext_ctx *ctx, const char *name);
DEXT_API bool dext_topic_known(const char *name);
/* The i-th, in no particular order; false past the last. */
DEXT_API bool dext_topic_at(size_t i, const char **name, const char **what);

struct dext_explain;

DEXT_API struct dext_explain *dext_explain_new(struct dext_ctx *ctx);
DEXT_API void dext_explain_free(struct dext_explain *x);

/* Threads that look through logs, before the first input; 0, the default: as many as there are
 * cores, up to 8. The result is the same. */
DEXT_API void dext_explain_jobs(struct dext_explain *x, unsigned jobs);

/* An input: begin, any number of chunks, end. feed is false when the rest of the input is not
 * needed, because it is nothing that is read here. end returns what the input was taken for. */
DEXT_API void dext_explain_begin(struct dext_explain *x, const char *name);
DEXT_API bool dext_explain_feed(struct dext_explain *x, const char *data, size_t size);
DEXT_API enum dext_text_kind dext_explain_end(struct dext_explain *x);

/* After begin: the input is a log that is being written; nobody waits for its end. flush takes note
 * of all lines that are complete; all: also of the last record, which later lines could continue.
 */
DEXT_API void dext_explain_follow(struct dext_explain *x);
DEXT_API void dext_explain_flush(struct dext_explain *x, bool all);

/* A file, bundle, folder or archive (.tar.gz, .zip) by its path, without begin and end. Of a folder
 * or archive those members are read that can tell of drivers; archives are read as a stream and
 * nothing is unpacked to disk. Errors: DEXT_E_IO; DEXT_E_FORMAT: nothing that is read here, damage,
 * a member that would lead out; DEXT_E_LIMIT. What was read before the error counts. */
DEXT_API int dext_explain_add_path(struct dext_explain *x, const char *path);

/* All inputs so far, in the order they were read; after dext_explain_result with what they hold. */
DEXT_API void dext_explain_inputs(const struct dext_explain *x, struct dext_explain_inputs *out);

/* Everything fed so far, judged together; valid until the next call. */
DEXT_API void dext_explain_result(struct dext_explain *x, struct dext_explanation *out);

DEXT_API const char *dext_text_kind_name(enum dext_text_kind kind); /* "log", "list", ... */

/* ---- collecting ------------------------------------------------------------------------------ */

/* A piece of evidence, and the command that writes it on a Mac. */
struct dext_collect_item {
    const char *file;    /* its name in the archive: "log.ndjson" */
    const char *kind;    /* of input that it is, as dext_text_kind_name says; "" */
    const char *command; /* for sh; writes to standard output, or into the current folder */
    const char *advice;  /* the same to type by hand, or "" */
    const char *why;
    unsigned limit; /* seconds that it may take */
    bool output;    /* standard output is the file; else the command makes files below FILE/ */
    bool root;      /* shows more, or works only, as root */
    bool app;       /* only with an app */
    bool archive;   /* only when the log itself was asked for */
};

/* All of them, in the order in which they are collected. */
DEXT_API const struct dext_collect_item *dext_collect_items(struct dext_ctx *ctx, size_t *count);

#ifdef __cplusplus
}
#endif

#endif
