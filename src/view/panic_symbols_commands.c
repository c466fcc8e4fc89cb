/* What to type on a Mac. lldb is told where one segment was loaded ("target modules load"), which
 * needs no arithmetic and no file at hand (https://lldb.llvm.org/use/symbolication.html); atos
 * wants the address of the whole file, which only the file can tell on Apple silicon. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/app.h"
#include "view/panic_view.h"

#define BINARY "BINARY"

/* Whoever pastes a line into a shell or lldb must not run what a file's name says. */
static bool harmless(const char *path)
{
    for (const char *s = path; *s; s++) {
        bool plain = (*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') ||
                     (*s >= '0' && *s <= '9') || strchr("._/+@:-", *s);
        if (!plain) {
            return false;
        }
    }
    return *path && *path != '-';
}

static bool is_dsym(const char *path)
{
    return strstr(path, ".dSYM/") != NULL;
}

/* The file to name in a command. Neither tool looks into a kernel collection. */
static const char *panic_symbols_commands_shown(const struct dext_panic_image *image)
{
    return image->file && !image->collection && harmless(image->file) ? image->file : BINARY;
}

static const char *arch_of(const struct dext_panic *p, const struct dext_panic_image *image)
{
    /* Kernels and kexts of Apple silicon are arm64e; "arm64" is what the report's words say. */
    return image->file ? image->arch : strcmp(p->arch, "arm64") == 0 ? "arm64e" : p->arch;
}

static char *panic_symbols_commands_format(const char *text, ...)
    __attribute__((format(printf, 1, 2)));

static char *panic_symbols_commands_format(const char *text, ...)
{
    va_list args;
    va_start(args, text);
    int n = vsnprintf(NULL, 0, text, args);
    va_end(args);
    char *out = app_alloc((size_t)(n < 0 ? 0 : n) + 1);
    va_start(args, text);
    (void)vsnprintf(out, (size_t)(n < 0 ? 0 : n) + 1, text, args);
    va_end(args);
    return out;
}

static char *create(const struct dext_panic *p, const struct dext_panic_image *image)
{
    const char *file = panic_symbols_commands_shown(image);
    return panic_symbols_commands_format("target create --no-dependents --arch %s %s",
                                         arch_of(p, image), is_dsym(file) ? BINARY : file);
}

static char *panic_symbols_commands_load(const struct dext_panic_image *image)
{
    const char *file = panic_symbols_commands_shown(image), *slash = strrchr(file, '/');
    return panic_symbols_commands_format("target modules load --file %s %s 0x%" PRIx64,
                                         is_dsym(file) ? BINARY
                                         : slash       ? slash + 1
                                                       : file,
                                         image->segment, image->reported.value);
}

/* The i-th different address of the image: of the call, where the report has a return address. The
 * fault's comes first. false: there is none. */
static bool nth_address(const struct dext_panic *p, const struct panic_names *n,
                        const struct dext_panic_image *image, size_t i, uint64_t *address)
{
    uint64_t seen[64];
    size_t count = 0;
    for (size_t k = 0; k < n->count && count < 64; k++) {
        bool fault = p->fault && k == 0;
        size_t frame = k - (p->fault != NULL);
        const struct dext_panic_spot *s = fault ? n->symbols->fault : &n->symbols->frames[frame];
        uint64_t value = (fault ? p->fault : &p->frames[frame])->address - !s->exact;
        /* What the file could not place, these tools cannot either. */
        bool again = s->image != image || (image->file && !s->lookup.known);
        for (size_t m = 0; m < count && !again; m++) {
            again = seen[m] == value;
        }
        if (!again && count == i) {
            *address = value;
            return true;
        }
        if (!again) {
            seen[count++] = value;
        }
    }
    return false;
}

static char *atos(const struct dext_panic *p, const struct panic_names *n,
                  const struct dext_panic_image *image)
{
    bool intel = strcmp(p->arch, "x86_64") == 0;
    struct dext_address at = intel && !image->file ? image->reported : image->load;
    if (!at.known) {
        return app_strdup("");
    }
    char *line =
        panic_symbols_commands_format("atos -arch %s -o %s -l 0x%" PRIx64, arch_of(p, image),
                                      panic_symbols_commands_shown(image), at.value);
    uint64_t address;
    for (size_t i = 0; nth_address(p, n, image, i, &address); i++) {
        char *longer = panic_symbols_commands_format("%s 0x%" PRIx64, line, address);
        free(line);
        line = longer;
    }
    return line;
}

char *panic_image_command(const struct dext_panic *p, const struct panic_names *n,
                          const struct dext_panic_image *image, size_t i)
{
    uint64_t address;
    bool dsym = image->file && is_dsym(image->file);
    if (!image->reported.known || !nth_address(p, n, image, 0, &address)) {
        return app_strdup("");
    }
    if (i == 0) {
        return atos(p, n, image);
    }
    if (i == 1) {
        return create(p, image);
    }
    if (dsym && i == 2) {
        return panic_symbols_commands_format("target symbols add %s",
                                             panic_symbols_commands_shown(image));
    }
    i -= dsym;
    if (i == 2) {
        return panic_symbols_commands_load(image);
    }
    return nth_address(p, n, image, i - 3, &address)
               ? panic_symbols_commands_format("image lookup --verbose --address 0x%" PRIx64,
                                               address)
               : app_strdup("");
}
