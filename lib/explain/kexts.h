/* logs/kexts.h: lists of kernel extensions: what is in the kernel (kextstat, kmutil), and what
 * System Information says of the bundles on disk. */
#ifndef DX_EXPLAIN_KEXTS_H
#define DX_EXPLAIN_KEXTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/* A kext. Slices point into the list. */
struct dx_kext {
    struct dx_str id, version;
    unsigned long line;
    bool has_address;
    uint64_t address;
    bool has_loaded, loaded; /* System Information's "Loaded" */
    struct dx_str refused;   /* what it found wrong with the signature; n is 0: nothing */
    unsigned long refused_line;
};

struct dx_kexts {
    struct dx_kext *list;
    size_t count, cap;
};

/* "1 142 0xffffff80 0x90 0x90 com.example.kext (1.2.3) UUID <...>", or "com.example.kext (1.2.3)"
 * with anything behind it. */
bool dx_kext_row(struct dx_str line, struct dx_kext *out);

/* Every kext of a text of kextstat, kmutil, kextutil -v or system_profiler, once each. */
void dx_kexts_read(struct dx_kexts *out, struct dx_arena *a, struct dx_str text);

const struct dx_kext *dx_kexts_find(const struct dx_kexts *list, struct dx_str id);

bool dx_is_apple(struct dx_str id);

#endif
