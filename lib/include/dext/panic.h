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
    struct dext_address unslid;         /* address in the kernel's file, for kernel frames */
    const char *image, *symbol;         /* as the report names them (keepsyms=1), else "" */
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
    struct dext_address cache_slide, cache_base, kernel_slide, text_base, exec_slide, exec_base;
    const struct dext_panic_frame *frames;
    size_t frame_count;
    const struct dext_panic_frame *fault;   /* where pc was; NULL when the report has none */
    const struct dext_panic_frame *foreign; /* the innermost frame (or the fault) that is in a
                                             * third-party kext; NULL: none is */
    const struct dext_panic_kext *kexts;    /* in the backtrace, then what they depend on */
    size_t kext_count;
    const struct dext_panic_last *last; /* at most one of each kind */
    size_t last_count;
    struct dext_texts others; /* third-party kexts that were loaded; that alone is no evidence */
    const struct dext_panic_sign *signs; /* best first */
    size_t sign_count;
    struct dext_texts notes; /* what is odd about the report */
};

/* DEXT_E_FORMAT: no panic in it. */
DEXT_API int dext_panic_parse(struct dext_panic **out, struct dext_ctx *ctx, const char *name,
                              const char *data, size_t size);
DEXT_API int dext_panic_read(struct dext_panic **out, struct dext_ctx *ctx, const char *path);

#endif
