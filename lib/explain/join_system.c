/* Facts of the system that change what a failure means: version, protection (csrutil), boot
 * arguments (nvram), profiles of device management (profiles show). */
#include <string.h>

#include "explain/join.h"

/* The value of "key" in the text, or "". */
static const char *system_value_of(struct dx_join *j, const struct dx_held *h, const char *key)
{
    struct dx_str rest = h->data, line;
    size_t n = strlen(key);
    while (dx_next_line(&rest, &line)) {
        line = dx_kind_bare(line);
        if (dx_str_has_prefix(line, key)) {
            struct dx_str v = dx_str_trim((struct dx_str){line.p + n, line.n - n});
            return dx_strndup(&j->ctx->arena, v.p, v.n < 200 ? v.n : 200);
        }
    }
    return "";
}

/* Boot arguments that lift checks which other Macs make. dk: xnu iokit/IOKit/IOKitDebug.h,
 * kIODKDisableEntitlementChecking is 0x8000. */
static void system_boot_args(struct dx_join *j, const struct dx_held *h, const char *args)
{
    static const char *const lifting[][2] = {
        {"amfi_get_out_of_my_way", "amfi_get_out_of_my_way lets signatures and entitlements pass"},
        {"dk=", "dk= can switch off the kernel's checks of DriverKit's entitlements"},
        {"-arm64e_preview_abi", "-arm64e_preview_abi lets programs for arm64e of others run"}};
    for (size_t i = 0; i < sizeof lifting / sizeof *lifting; i++) {
        if (strstr(args, lifting[i][0])) {
            dx_join_note(j, h, "%s: what works here may fail on other Macs", lifting[i][1]);
        }
    }
}

/* How many payloads of a type the profiles hold. */
static size_t system_payloads(const struct dx_held *h, const char *type)
{
    struct dx_str rest = h->data, line;
    size_t n = 0;
    while (dx_next_line(&rest, &line)) {
        n += dx_str_contains(line, "] type ") && dx_str_contains(line, type);
    }
    return n;
}

static void system_profiles(struct dx_join *j, const struct dx_held *h)
{
    bool none = dx_str_contains(h->data, "There are no configuration profiles installed");
    bool any = dx_str_contains(h->data, "_computerlevel[");
    if (!none && !any) {
        return;
    }
    size_t extensions = system_payloads(h, "com.apple.system-extension-policy");
    size_t kexts = system_payloads(h, "com.apple.syspolicy.kernel-extension-policy");
    if (none) {
        dx_join_note(j, h, "without profiles, device management forbids no extension here");
    } else if (extensions) {
        dx_join_note(j, h,
                     "a profile decides which system extensions are allowed: the team or the "
                     "identifier has to be in its lists, and an extension that it does not name "
                     "is allowed by the user only where it lets users decide");
    }
    if (kexts) {
        dx_join_note(j, h, "a profile decides which kernel extensions are allowed");
    }
}

void dx_join_system(struct dx_join *j, const struct dx_held *h)
{
    const char *name = system_value_of(j, h, "ProductName:"),
               *version = system_value_of(j, h, "ProductVersion:");
    const char *build = system_value_of(j, h, "BuildVersion:");
    const char *sip = system_value_of(j, h, "System Integrity Protection status:");
    const char *args = system_value_of(j, h, "boot-args");
    struct dx_buf b;
    dx_buf_init(&b, &j->ctx->arena, 1000);
    dx_seen_version(j, version, build);
    if (*version || *build) {
        dx_buf_printf(&b, "%s%s%s%s%s%s", name, *version ? " " : "", version, *build ? " (" : "",
                      build, *build ? ")" : "");
    }
    if (*sip) {
        dx_buf_printf(&b, "%sSystem Integrity Protection %s", b.n ? "; " : "", sip);
    }
    if (*args) {
        dx_buf_printf(&b, "%sboot arguments %s", b.n ? "; " : "", args);
    }
    dx_join_holds(j, h, "%s", b.n ? b.p : "");
    if (strncmp(sip, "disabled", 8) == 0) {
        dx_join_note(j, h,
                     "with System Integrity Protection off, signatures and entitlements pass "
                     "that other Macs refuse");
    }
    system_boot_args(j, h, args);
    system_profiles(j, h);
}
