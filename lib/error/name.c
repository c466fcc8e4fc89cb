/* Constants by name: as written, by another name, without prefix, misspelt. */
#include <string.h>
#include <strings.h>

#include "error/error.h"

/* What the names of a kind of constant start with; longer ones before those they contain. */
static const char *const prefixes[] = {
    "kIOReturn",
    "kIOMessage",
    "kIOUSBMessage",
    "kIOUSB",
    "kIOFireWire",
    "kIOBluetooth",
    "kUSBHostReturn",
    "kUSBHostMessage",
    "kOSKextReturn",
    "kOSMetaClass",
    "kOSReturn",
    "OSSystemExtensionError",
    "errSecCS",
    "errSec",
    "KERN_",
    "MACH_SEND_",
    "MACH_RCV_",
    "MACH_",
    "MIG_",
    "CODESIGNING_EXIT_REASON_",
    "EXEC_EXIT_REASON_",
    "OS_REASON_",
    "kSCSITaskStatus_",
    "kSENSE_KEY_",
    "kBluetoothHCIError",
    "BOOTSTRAP_",
    "NSXPCConnection",
    "kAudioHardware",
    "kAudioDevice",
    "EX_",
};

/* Starts of names that only return codes have; such a word in a log is worth a complaint when it is
 * not known. */
static const char *const marks[] = {
    "kIOReturn", "errSec",         "KERN_",         "MACH_SEND_",   "MACH_RCV_",
    "MIG_",      "kUSBHostReturn", "kOSKextReturn", "kOSMetaClass", "OSSystemExtensionError",
};

static size_t prefix_length(const char *name)
{
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        const char *p = prefixes[i];
        if (name[0] != p[0] || name[1] != p[1]) {
            continue;
        }
        size_t n = strlen(p);
        if (strncmp(name, p, n) == 0 && name[n]) {
            return n;
        }
    }
    return 0;
}

bool dx_looks_like_name(struct dx_str word)
{
    if (dx_str_has_suffix(word, "Domain")) {
        return false;
    }
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        size_t n = strlen(marks[i]);
        if (word.n > n && strncmp(word.p, marks[i], n) == 0) {
            return true;
        }
    }
    return false;
}

static bool has_alias(const char *aliases, struct dx_str name)
{
    for (const char *p = aliases; *p;) {
        size_t n = strcspn(p, ",");
        if (n && n == name.n && strncasecmp(p, name.p, n) == 0) {
            return true;
        }
        p += n + (p[n] == ',');
    }
    return false;
}

static bool called(const struct kb_error *row, struct dx_str name, bool whole)
{
    const char *full = kb_s(row->name);
    if (dx_str_is_nocase(name, full) || has_alias(kb_s(row->aliases), name)) {
        return true;
    }
    size_t skip = whole ? 0 : prefix_length(full);
    if (skip && dx_str_is_nocase(name, full + skip)) {
        return true;
    }
    /* "IOReturnUnsupported": only the k is missing. */
    return !whole && full[0] == 'k' && dx_str_is_nocase(name, full + 1);
}

void dx_refs_by_name(struct dx_refs *out, struct dx_str name, dx_scope scope, bool whole)
{
    for (size_t i = 0; name.n && i < kb_error_count; i++) {
        if (called(&kb_error_rows[i], name, whole) && dx_scope_has(scope, &kb_error_rows[i])) {
            dx_refs_add(out, i, false);
        }
    }
    size_t skip = name.n;
    while (skip && name.p[skip - 1] != '.') {
        skip--;
    }
    if (out->count == 0 && skip && !whole) {
        dx_refs_by_name(out, (struct dx_str){name.p + skip, name.n - skip}, scope, false);
    }
}

/* Words of three letters are too short to be a slip of anything in particular. */
#define SHORTEST 4
#define LONGEST 80

/* The row whose name, without prefix when stripped, differs least, within *limit; limit shrinks. */
static const char *nearest_name(struct dx_str typed, bool stripped, size_t *limit)
{
    const char *best = NULL;
    for (size_t i = 0; i < kb_error_count && *limit; i++) {
        const char *full = kb_s(kb_error_rows[i].name);
        size_t skip = stripped ? prefix_length(full) : 0;
        if (stripped && !skip) {
            continue;
        }
        size_t d = dx_str_distance(typed, dx_str(full + skip), *limit - 1);
        if (d < *limit) {
            best = full;
            *limit = d;
        }
    }
    return best;
}

const char *dx_error_nearest(struct dx_str typed)
{
    if (typed.n < SHORTEST || typed.n > LONGEST) {
        return NULL;
    }
    /* The measure of dx_str_nearest: a third of the letters may differ, four at most. */
    size_t limit = (typed.n / 3 > 4 ? 4 : typed.n / 3) + 1;
    const char *whole = nearest_name(typed, false, &limit);
    const char *part = nearest_name(typed, true, &limit);
    return part ? part : whole;
}
