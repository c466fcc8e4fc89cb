/* dext/panic.h: a kernel panic report.
 *
 *     struct dext_panic *p;
 *     if (dext_panic_read(&p, ctx, "Kernel_2026.panic") == DEXT_OK) show(p->reason);
 *
 * Reads plain text, .panic and .ips files (JSON), pastes on one line and quoted mail, of Intel
 * Macs, Apple silicon, iPhone and iPad. Everything is borrowed from the context. */
#ifndef DEXT_PANIC_H
#define DEXT_PANIC_H

#include <stdbool.h>

#include "dext/log.h"

#ifdef __cplusplus
extern "C" {
#endif

/* An address that the report may lack. */
struct dext_address {
    bool known;
    uint64_t value;
};

struct dext_panic_kext {
    const char *id;      /* expanded: "com.apple.driver.AppleUSBCommon" */
    const char *written; /* as in the report, when it was compact: ">usb.!UCommon"; else NULL */
    const char *version;
    const char *uuid;    /* "" in old reports */
    uint64_t start, end; /* of its code, end included; 0: the report does not give it */
    bool dependency;     /* of one in the backtrace; by itself not in it */
    bool of_apple;
};

struct dext_panic_frame {
    uint64_t address; /* of return; pointer authentication bits removed */
    bool signed_pointer;
    const struct dext_panic_kext *kext; /* NULL: the kernel itself */
    uint64_t offset;                    /* from the kext's start */
    /* Kernel frames: the address before the slide. Intel: in the kernel's file. Apple silicon: in
     * the kernel collection (kernelcache), whose pieces all have one slide. */
    struct dext_address unslid;
    const char *image, *symbol; /* as the report names them (keepsyms=1), else "" */
    struct dext_address symbol_offset;
};

/* The kext that was started or stopped last. That alone is no evidence. */
struct dext_panic_last {
    const char *what; /* "started", "stopped", "loaded", "unloaded": as the report calls it */
    const char *id, *version;
    uint64_t at; /* Mach absolute time */
};

/* What the reason's own words say. */
struct dext_panic_sign {
    const char *id;     /* "pcie-request-above-32-bits" */
    const char *blames; /* "driver", "dext", "process", "user", "kernel", "hardware" */
    const char *confidence;
    bool noticed; /* the backtrace is that of whoever noticed, and says nothing of the cause */
    const char *what;
    const char *subject; /* class, service or driver that the reason names; "" when none */
    struct dext_texts why, check, fix, source;
};

struct dext_panic {
    const char *file;
    const char *form;   /* "text", "panic", "ips" */
    const char *system; /* "macOS 15.1 (24B83)", of an .ips file; else "" */
    const char *reason; /* what stands behind "panic(cpu N caller 0x...):" */
    long cpu;           /* -1: not known */
    struct dext_address caller, pc, far;
    const char *arch; /* "arm64", "x86_64" or "" */
    const char *os_build, *kernel_version, *model, *task;
    const char *bridge_build; /* of the T2 chip's system, when the report is the chip's; else "" */
    const char *kernel_uuid, *cache_uuid; /* of the kernel, of the kernel cache; "" when missing */
    long task_pid;                        /* -1: not known */
    struct dext_address thread;           /* that panicked */
    /* exec_slide is no slide of __TEXT_EXEC: XNU (osfmk/kern/debug.c, panic_display_kernel_aslr)
     * prints the distance of __TEXT_EXEC from the address for which the collection was linked. */
    struct dext_address cache_slide, cache_base, kernel_slide, text_base, exec_slide, exec_base;
    struct dext_address hib_base; /* Intel: where segment __HIB is */
    const struct dext_panic_frame *frames;
    size_t frame_count;
    const struct dext_panic_frame *fault;   /* where pc was; NULL when the report has none */
    const struct dext_panic_frame *foreign; /* the innermost frame (or the fault) that is in a
                                             * third-party kext; NULL: none is */
    const struct dext_panic_kext *kexts;    /* in the backtrace, then what they depend on */
    size_t kext_count;
    const struct dext_panic_last *last; /* at most one of each kind */
    size_t last_count;
    /* Who panicked by the reason's own words: the source file of the line that did, when it is none
     * of Apple's ("/Users/me/MyKext/MyKext.cpp:12"), and the third-party kext that was loaded whose
     * name the reason begins with ("fuse: ..."); "" when there is none. */
    const char *source, *owner;
    bool cut; /* the report ends with its backtrace: that no kext is listed in it proves nothing */
    struct dext_texts others; /* third-party kexts that were loaded; that alone is no evidence */
    const struct dext_panic_sign *signs; /* best first */
    size_t sign_count;
    struct dext_texts notes; /* what is odd about the report */
    size_t offset;           /* where in the input this report begins; 0: the first one */
    struct dext_panic *next; /* the report that follows in the same text; NULL: none */
};

/* All reports of a text, in its order. DEXT_E_FORMAT: no panic in it. */
DEXT_API int dext_panic_parse(struct dext_panic **out, struct dext_ctx *ctx, const char *name,
                              const char *data, size_t size);
DEXT_API int dext_panic_read(struct dext_panic **out, struct dext_ctx *ctx, const char *path);

/* ---- function names ------------------------------------------------------------------------- */

/* Files to find symbols in. */
struct dext_symbols;

DEXT_API struct dext_symbols *dext_symbols_new(struct dext_ctx *ctx);

/* A Mach-O file (thin or universal, a kext's, a dSYM's, a kernel, a kernel collection) or a folder
 * with such files: a kext, a dSYM, a Kernel Debug Kit. Links in folders are not followed. Errors:
 * DEXT_E_IO, DEXT_E_FORMAT (no such file in it, or one without a UUID), DEXT_E_LIMIT. */
DEXT_API int dext_symbols_add(struct dext_symbols *s, const char *path);

enum dext_image_state {
    DEXT_IMAGE_MATCHED,   /* a file with the report's UUID */
    DEXT_IMAGE_UNCERTAIN, /* no UUID in the report: a file of the same id and version */
    DEXT_IMAGE_OTHER,     /* only files of the same id with another UUID: not used */
    DEXT_IMAGE_MISSING,   /* none */
};

struct dext_image_other {
    const char *file, *uuid;
};

/* The kernel or a kext that has a frame in the backtrace. An address A of it is at
 * A - reported + linked in the file. */
struct dext_panic_image {
    const struct dext_panic_kext *kext; /* NULL: the kernel */
    enum dext_image_state state;
    const char *file;    /* that was used; NULL */
    const char *arch;    /* of its slice, "arm64e"; else what the report says */
    const char *uuid;    /* of the file, else of the report; "" */
    const char *segment; /* whose address the report gives: "__TEXT_EXEC", "__TEXT" */
    struct dext_address reported, linked; /* of that segment: as loaded; in the file */
    struct dext_address load; /* of the file as a whole, as if loaded in one piece: for atos -l. Not
                                 of collections */
    const char *why;          /* this arithmetic, or why there is none */
    const char *note;         /* what else to know; NULL */
    const char *fetch;        /* what to get when there is no file; NULL */
    bool collection;          /* the file is a kernel collection, of which this is an entry */
    bool dwarf;               /* the file holds line numbers */
    size_t frames;
    const struct dext_image_other *others; /* of the same id, another UUID; at most 8, then NULLs */
    size_t other_count;                    /* how many there are */
};

/* A frame, looked up. */
struct dext_panic_spot {
    const struct dext_panic_image *image; /* NULL: user space */
    /* What was looked up in the file: of the call, one byte before the return address; of the
     * instruction itself where the report gives that. */
    struct dext_address lookup;
    bool exact;         /* no return address */
    const char *symbol; /* as in the file: "__ZN8MyDriver5crashEv"; NULL */
    uint64_t offset;    /* of the report's address, from the symbol */
    const char *why;    /* no symbol: the reason; NULL */
};

struct dext_panic_symbols {
    const struct dext_panic_image *images; /* the kernel first */
    size_t image_count;
    const struct dext_panic_spot *frames; /* as many as the report has */
    const struct dext_panic_spot *fault;  /* NULL when the report has none */
};

/* Never fails; without files (NULL, or none added) it says what is missing. */
DEXT_API void dext_panic_symbolicate(const struct dext_panic_symbols **out, struct dext_ctx *ctx,
                                     const struct dext_panic *p, struct dext_symbols *s);

#ifdef __cplusplus
}
#endif

#endif
