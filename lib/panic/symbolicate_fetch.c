/* What to get when the file of an image is missing. */
#include <string.h>

#include "panic/symbolicate.h"

#define KITS "https://developer.apple.com/download/all/"

static bool starts_with_any(const char *s, const char *const *names)
{
    for (; *names; names++) {
        if (strncmp(s, *names, strlen(*names)) == 0) {
            return true;
        }
    }
    return false;
}

/* Kits exist for Macs. Kernels of iPhone, iPad and their like are linked for 0xfffffff007004000, a
 * Mac's for 0xfffffe0007004000 (xnu makedefs/MakeInc.def, ARM64_LINK_ADDR), and a slide is smaller
 * than what lies between. Without addresses: names, and chips (T8010, T8012 ...) that no Mac of
 * Apple silicon has. */
static bool is_mobile(const struct dext_panic *p)
{
    static const char *const systems[] = {"iPhone",  "iPad",     "iPod",    "Watch",
                                          "AppleTV", "Apple TV", "Reality", NULL};
    const struct dext_address *base = p->exec_base.known ? &p->exec_base : &p->text_base;
    const char *chip = strstr(p->kernel_version, "ARM64_T");
    if (*p->bridge_build || starts_with_any(p->system, systems) ||
        starts_with_any(p->model, systems)) {
        return true;
    }
    if (base->known) {
        return dx_panic_cpu(p) == DX_CPU_ARM64 && base->value >= UINT64_C(0xfffffff000000000);
    }
    return chip && (strncmp(chip + 7, "80", 2) == 0 || chip[7] == '7');
}

/* ".../RELEASE_ARM64_T8101" is kernel.release.t8101 of a kit, ".../RELEASE_X86_64" is kernel; NULL
 * when the report's words are of another form. */
static const char *kernel_name(struct dx_symbolication *x)
{
    const char *slash = strrchr(x->panic->kernel_version, '/');
    char name[64];
    size_t n = 0;
    if (!slash) {
        return NULL;
    }
    for (const char *s = slash + 1; *s && n < sizeof name - 1; s++) {
        name[n++] = (char)(*s >= 'A' && *s <= 'Z' ? *s - 'A' + 'a' : *s);
    }
    name[n] = 0;
    const char *arm = strstr(name, "_arm64_");
    if (arm && arm[7]) {
        return dx_sprintf(&x->ctx->arena, "kernel.%.*s.%s", (int)(arm - name), name, arm + 7);
    }
    return strcmp(name, "release_x86_64") == 0 ? "kernel" : NULL;
}

const char *dx_image_fetch(struct dx_symbolication *x, const struct dext_panic_image *image)
{
    struct dx_arena *a = &x->ctx->arena;
    const struct dext_panic *p = x->panic;
    const char *number = *p->bridge_build ? p->bridge_build : p->os_build;
    const char *build = *number ? dx_sprintf(a, " %s", number) : "";
    if (image->kext && !image->kext->of_apple) {
        return *image->uuid ? dx_sprintf(a,
                                         "the kext of that build and its dSYM, from whoever "
                                         "built it: dwarfdump --uuid says %s",
                                         image->uuid)
                            : "the kext of that build and its dSYM, from whoever built it";
    }
    if (is_mobile(p)) {
        return dx_sprintf(
            a,
            "the kernelcache of build%s, from its IPSW and decompressed; it names few "
            "functions. There is no Kernel Debug Kit for this system",
            build);
    }
    const char *kernel = image->kext ? NULL : kernel_name(x);
    return dx_sprintf(a, "the Kernel Debug Kit of build%s (" KITS ")%s%s", build,
                      kernel ? "; its file System/Library/Kernels/" : "", kernel ? kernel : "");
}
