/* The generated tables: by number, by code, by domain. All look-ups are binary searches over
 * constant rows; nothing is prepared at start. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "error/error.h"

/* Domains under the names that messages use for them. */
static const struct {
    const char *word;
    const char *domains; /* one or several, separated by '|' */
} spoken[] = {
    {"AMFI", "amfi"},
    {"AppleMobileFileIntegrityError", "amfi"},
    {"AppleMobileFileIntegrityErrorDomain", "amfi"},
    {"CODESIGNING", "exit.codesigning"},
    {"EXEC", "exit.exec"},
    {"es_new_client", "endpointsecurity"},
    {"IOReturn", "iokit|usb|firewire|bluetooth"},
    {"KMError", "kernelmanagement"},
    {"KMErrorDomain", "kernelmanagement"},
    {"kern_return_t", "mach|iokit|usb|mach_msg|mig|libkern.kext"},
    {"NSCocoaErrorDomain", "cocoa"},
    {"NSMachErrorDomain", "mach|iokit|usb|mach_msg|mig|libkern|libkern.kext"},
    {"NSOSStatusErrorDomain", "codesign|security|coreaudio|iokit|usb"},
    {"NSPOSIXErrorDomain", "errno|launchd"},
    {"OSStatus", "codesign|security|coreaudio|iokit|usb"},
    {"OSSystemExtensionError", "sysext"},
    {"OSSystemExtensionErrorDomain", "sysext"},
    {"POSIX", "errno|launchd"},
};

static const char *domain_name(size_t i)
{
    return kb_s(kb_error_domain_rows[i].domain);
}

static dx_scope scope_named(struct dx_str name)
{
    dx_scope exact = 0, group = 0;
    for (size_t i = 0; i < kb_error_domain_count; i++) {
        struct dx_str d = dx_str(domain_name(i));
        if (d.n < name.n || strncasecmp(d.p, name.p, name.n) != 0) {
            continue;
        }
        exact |= d.n == name.n ? (dx_scope)1 << i : 0;
        group |= d.p[name.n] == '.' ? (dx_scope)1 << i : 0;
    }
    return exact ? exact : group;
}

dx_scope dx_scope_of(struct dx_str word)
{
    for (size_t i = 0; i < sizeof spoken / sizeof *spoken; i++) {
        if (!dx_str_is_nocase(word, spoken[i].word)) {
            continue;
        }
        dx_scope scope = 0;
        for (const char *p = spoken[i].domains; *p;) {
            size_t n = strcspn(p, "|");
            scope |= scope_named((struct dx_str){p, n});
            p += n + (p[n] == '|');
        }
        return scope;
    }
    return word.n ? scope_named(word) : 0;
}

static int by_domain(const void *key, const void *row)
{
    return strcmp(key, kb_s(((const struct kb_error_domain *)row)->domain));
}

size_t dx_domain_of(const struct kb_error *row)
{
    const struct kb_error_domain *d =
        bsearch(kb_s(row->domain), kb_error_domain_rows, kb_error_domain_count,
                sizeof *kb_error_domain_rows, by_domain);
    return d ? (size_t)(d - kb_error_domain_rows) : 0;
}

bool dx_scope_has(dx_scope scope, const struct kb_error *row)
{
    return scope == DX_SCOPE_ALL || (scope >> dx_domain_of(row) & 1);
}

void dx_refs_add(struct dx_refs *out, size_t row, bool derived)
{
    for (size_t i = 0; i < out->count; i++) {
        if (out->row[i] == row) {
            return;
        }
    }
    if (out->count < DX_ERROR_REFS) {
        out->row[out->count] = row;
        out->derived[out->count++] = derived;
    }
}

/* First position in the index whose value is not below v. */
static size_t table_lower_bound(int64_t v)
{
    size_t lo = 0, hi = kb_error_count;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (kb_error_rows[kb_error_by_value[mid]].value < v) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    return lo;
}

static void add_equal(struct dx_refs *out, int64_t v, dx_scope scope)
{
    for (size_t i = table_lower_bound(v); i < kb_error_count; i++) {
        size_t row = kb_error_by_value[i];
        if (kb_error_rows[row].value != v) {
            break;
        }
        if (dx_scope_has(scope, &kb_error_rows[row])) {
            dx_refs_add(out, row, false);
        }
    }
}

#define UNIX_ERR 0xc000U /* unix_err() of osfmk/mach/error.h: system 0, subsystem 3 */

void dx_refs_by_value(struct dx_refs *out, uint32_t value, dx_scope scope)
{
    /* The data writes a number as its domain does, so the same 32 bits may stand signed or not. */
    add_equal(out, (int64_t)value, scope);
    if (value > INT32_MAX) {
        add_equal(out, (int64_t)value - (INT64_C(1) << 32), scope);
    }
    if (out->count == 0 && value > UNIX_ERR && value < UNIX_ERR + 0x100) {
        add_equal(out, value - UNIX_ERR, scope & dx_scope_of(DX_STR("errno")));
    }
}

#define IOKIT_COMMON 0xe0000000U /* sys_iokit | sub_iokit_common */

void dx_refs_by_code(struct dx_refs *out, uint32_t code, dx_scope scope)
{
    if (code == 0 || code > 0x3fff) {
        return;
    }
    if (scope == DX_SCOPE_ALL) {
        struct dx_refs iokit = {.count = 0};
        dx_refs_by_value(&iokit, IOKIT_COMMON | code, dx_scope_of(DX_STR("iokit")));
        for (size_t i = 0; i < iokit.count; i++) {
            dx_refs_add(out, iokit.row[i], true);
        }
        return;
    }
    for (size_t i = 0; i < kb_error_count; i++) {
        const struct kb_error *e = &kb_error_rows[i];
        if (((uint32_t)e->value & 0x3fff) == code && dx_scope_has(scope, e) && dx_is_divided(e) &&
            (uint32_t)e->value != code) {
            dx_refs_add(out, i, true);
        }
    }
}

static bool ranks_before(const struct dx_refs *r, size_t a, size_t b, bool hex)
{
    if (r->derived[a] != r->derived[b]) {
        return r->derived[b];
    }
    const struct kb_error *x = &kb_error_rows[r->row[a]], *y = &kb_error_rows[r->row[b]];
    if (hex && dx_is_divided(x) != dx_is_divided(y)) {
        return dx_is_divided(x);
    }
    int64_t p = kb_error_domain_rows[dx_domain_of(x)].rank;
    int64_t q = kb_error_domain_rows[dx_domain_of(y)].rank;
    /* Within a domain the name that has a meaning for drivers goes first. */
    bool m = dx_meaning_of(kb_s(x->name)) != NULL, n = dx_meaning_of(kb_s(y->name)) != NULL;
    return p != q ? p < q : m != n ? m : r->row[a] < r->row[b];
}

void dx_refs_rank(struct dx_refs *r, bool hex)
{
    for (size_t i = 1; i < r->count; i++) {
        for (size_t k = i; k && ranks_before(r, k, k - 1, hex); k--) {
            size_t row = r->row[k];
            bool derived = r->derived[k];
            r->row[k] = r->row[k - 1];
            r->derived[k] = r->derived[k - 1];
            r->row[k - 1] = row;
            r->derived[k - 1] = derived;
        }
    }
}

bool dx_is_divided(const struct kb_error *row)
{
    return kb_error_domain_rows[dx_domain_of(row)].form == KB_ERROR_DOMAIN_FORM_HEX32;
}

static int table_by_code_name(const void *key, const void *row)
{
    return strcmp(key, kb_s(((const struct kb_error_meaning *)row)->code));
}

const struct kb_error_meaning *dx_meaning_of(const char *name)
{
    return bsearch(name, kb_error_meaning_rows, kb_error_meaning_count,
                   sizeof *kb_error_meaning_rows, table_by_code_name);
}

struct dext_error_split dx_split(uint32_t value)
{
    struct dext_error_split s = {value >> 26, value >> 14 & 0xfff, value & 0x3fff, NULL, NULL};
    for (size_t i = 0; i < kb_error_system_count; i++) {
        const struct kb_error_system *row = &kb_error_system_rows[i];
        const char *sub = kb_s(row->subsystem);
        if (row->system != (int64_t)s.system) {
            continue;
        }
        if (strcmp(sub, "*") == 0) {
            s.system_name = kb_s(row->name);
        } else if (strtoul(sub, NULL, 0) == s.subsystem) {
            s.subsystem_name = kb_s(row->name);
        }
    }
    return s;
}
