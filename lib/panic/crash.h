/* logs/crash.h: a report of a process that crashed or was killed, .ips (JSON) or text. */
#ifndef DX_PANIC_CRASH_H
#define DX_PANIC_CRASH_H

#include "base/ctx.h"
#include "base/str.h"

#define DX_CRASH_FRAMES 5

/* Texts are "" where the report has none. */
struct dx_crash {
    const char *type;    /* "309"; "" for text */
    const char *process; /* "com.example.driver" */
    const char *path, *bundle_id, *version, *os, *when;
    const char *exception;    /* "EXC_BAD_ACCESS (SIGSEGV), KERN_INVALID_ADDRESS at 0x0" */
    const char *space, *code; /* termination: "CODESIGNING", "1" */
    const char *reason;       /* "Taskgated Invalid Signature" */
    const char *frames[DX_CRASH_FRAMES]; /* of the faulting thread, "MyDriver Start_Impl + 72" */
    size_t frame_count;
    bool crash; /* it tells of an exception or a termination */
    bool dext;  /* a driver extension: its path, or the DriverKit runtime among its images */
    /* 0: not known; thread_line: of a report in text, where the faulting thread begins */
    unsigned long exception_line, termination_line, process_line, thread_line;
};

/* DEXT_E_FORMAT: no such report. The faulting thread alone, as people paste it, is one without a
 * process. */
int dx_crash_read(struct dx_crash *out, struct dext_ctx *ctx, const char *name, struct dx_str data);

/* The system ended it because of its signature or entitlements. */
bool dx_crash_is_signing(const struct dx_crash *c);

#endif
