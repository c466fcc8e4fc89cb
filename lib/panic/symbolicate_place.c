/* Address arithmetic: from an address of the report to one in the image's file.
 *
 * What the report gives of an image is where one of its segments was loaded, and only that segment
 * may be computed from it: segments of kexts on Apple silicon, and those of the kernel in a kernel
 * collection, are moved apart when the collection is built (dyld cache-builder/AppCacheBuilder.cpp
 * packs all executable segments into one region). Sources:
 *
 *  kext, arm64   the range is the segment __TEXT_EXEC, or __TEXT when there is none (xnu
 *                libkern/c++/OSKext.cpp, printSummary and updateLoadedKextSummary)
 *  kext, x86_64  the range begins at kmod_info.address, the Mach-O header, which is the beginning
 * of
 *                __TEXT (the same functions)
 *  kernel, arm64 "Kernel text exec base" is segTEXTEXECB, the beginning of __TEXT_EXEC.
 *                "Kernel text exec slide" is no slide: it is that minus the address for which the
 *                collection was linked (xnu osfmk/kern/debug.c, panic_display_kernel_aslr)
 *  kernel, x86   "Kernel text base" is vm_kernel_stext, the beginning of __TEXT; "__HIB  text base"
 *                that of __HIB, whose slide is another one (the same file)
 *
 * A kernel collection as a file needs no such care: its pieces stand where they were linked, and
 * its one slide is "KernelCache slide". */
#include <string.h>

#include "panic/symbolicate.h"

static const struct dx_segment *symbolicate_place_text_of(const struct dx_slice *slice, bool exec,
                                                          bool *fell_back)
{
    const struct dx_segment *g = exec ? dx_macho_segment(slice, "__TEXT_EXEC") : NULL;
    *fell_back = exec && !g;
    return g ? g : dx_macho_segment(slice, "__TEXT");
}

static bool is_arm(const struct dx_symbolication *x, const struct dx_slice *slice)
{
    uint32_t cpu = dx_panic_cpu(x->panic);
    return (cpu ? cpu : slice ? slice->cpu : 0) == DX_CPU_ARM64;
}

static const char *why_kext(bool arm, bool fell_back)
{
    return fell_back ? "the file has no segment __TEXT_EXEC; the kernel then prints the range of "
                       "__TEXT, so the address in the report is that of __TEXT"
           : arm ? "on Apple silicon the range in the report is that of the segment __TEXT_EXEC "
                   "as loaded, not of the file: the collection holds the segments of a kext "
                   "far apart"
                 : "on Intel the range in the report begins at the Mach-O header, which is the "
                   "beginning of __TEXT";
}

static void place_kext(const struct dx_symbolication *x, struct dext_panic_image *image,
                       const struct dx_slice *slice)
{
    bool arm = is_arm(x, slice), fell_back = false;
    const struct dx_segment *g = slice ? symbolicate_place_text_of(slice, arm, &fell_back) : NULL;
    image->segment = arm && !fell_back ? "__TEXT_EXEC" : "__TEXT";
    image->reported = (struct dext_address){image->kext->start != 0, image->kext->start};
    image->linked = (struct dext_address){g != NULL, g ? g->address : 0};
    image->why = image->reported.known ? why_kext(arm, fell_back)
                                       : "the report does not say where the kext was loaded";
}

static void place_kernel(const struct dx_symbolication *x, struct dext_panic_image *image,
                         const struct dx_slice *slice)
{
    const struct dext_panic *p = x->panic;
    bool arm = is_arm(x, slice), fell_back = false;
    bool exec = arm && p->exec_base.known;
    const struct dx_segment *g = slice ? symbolicate_place_text_of(slice, exec, &fell_back) : NULL;
    image->segment = exec ? "__TEXT_EXEC" : "__TEXT";
    image->reported = exec ? p->exec_base : p->text_base;
    image->linked = (struct dext_address){g && !fell_back, g ? g->address : 0};
    image->why = exec  ? "'Kernel text exec base' is where the kernel's segment __TEXT_EXEC was "
                         "loaded; the slides in the report are those of the collection, not of the "
                         "kernel's file"
                 : arm ? "the report has no 'Kernel text exec base': a report from before kernel "
                         "collections, where 'Kernel text base' is that of __TEXT and the kernel "
                         "has one slide"
                       : "'Kernel text base' is where the kernel's segment __TEXT was loaded";
    if (!image->reported.known) {
        image->why = "the report does not say where the kernel was loaded";
    } else if (arm && !exec &&
               p->cache_slide.known) { /* in a collection, __TEXT says nothing of code */
        image->linked.known = false;
        image->why = "the report has no 'Kernel text exec base', and __TEXT alone does not tell "
                     "where the kernel's code was";
    } else if (fell_back) {
        image->why = "the file has no segment __TEXT_EXEC, of which the report gives the address";
    }
}

void dx_image_place(struct dx_symbolication *x, struct dext_panic_image *image,
                    const struct dx_slice *slice)
{
    const struct dx_segment *text = slice ? dx_macho_segment(slice, "__TEXT") : NULL;
    (image->kext ? place_kext : place_kernel)(x, image, slice);
    if (image->reported.known && image->linked.known && text && !image->collection) {
        image->load = (struct dext_address){true, image->reported.value - image->linked.value +
                                                      text->address};
    }
}

static bool within(const struct dx_slice *slice, const char *name, uint64_t from, uint64_t to,
                   uint64_t address, uint64_t *in_file)
{
    const struct dx_segment *g = dx_macho_segment(slice, name);
    uint64_t at = address - from + to;
    if (!g || at < g->address || at - g->address >= g->memory_size) {
        return false;
    }
    *in_file = at;
    return true;
}

static bool in_any(const struct dx_slice *slice, uint64_t at, uint64_t *in_file)
{
    for (size_t i = 0; i < slice->segment_count; i++) {
        const struct dx_segment *g = &slice->segments[i];
        if (at >= g->address && at - g->address < g->memory_size) {
            *in_file = at;
            return true;
        }
    }
    return false;
}

bool dx_image_address(const struct dx_symbolication *x, const struct dext_panic_image *image,
                      const struct dx_slice *slice, uint64_t address, uint64_t *in_file)
{
    const struct dext_panic *p = x->panic;
    if (image->reported.known && image->linked.known) {
        const struct dx_segment *g = dx_macho_segment(slice, image->segment);
        if (g &&
            within(slice, g->name, image->reported.value, image->linked.value, address, in_file)) {
            return true;
        }
    }
    if (image->kext) {
        return false;
    }
    if (image->collection && p->cache_slide.known) {
        return in_any(slice, address - p->cache_slide.value, in_file);
    }
    const struct dx_segment *hib = dx_macho_segment(slice, "__HIB");
    return hib && p->hib_base.known &&
           within(slice, "__HIB", p->hib_base.value, hib->address, address, in_file);
}
