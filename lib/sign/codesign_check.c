/* Code directories that the system would not take, and such as do not agree with each other. */
#include <string.h>

#include "sign/codesign.h"

#define CPU_X86_64 0x01000007U
#define CPU_X86 7U

/* The kernel takes pages of 4 KiB and of its own size, 16 KiB on Apple silicon (xnu ubc_subr.c,
 * cs_validate_codedirectory); one directory that it does not take spoils the signature. */
static void check_page_size(const struct dx_directory *d, const struct dx_slice *m,
                            struct dx_report *r)
{
    if (d->page_bits != 12 && d->page_bits != 14) {
        dx_report(r, "page-size",
                  d->page_bits ? "its pages are of %u bytes: the kernel takes 4096 and 16384"
                               : "all of it is one page: the kernel takes pages of 4096 and 16384 "
                                 "bytes",
                  d->page_bits < 32 ? 1U << d->page_bits : 0);
    } else if (d->page_bits == 14 && (m->cpu == CPU_X86_64 || m->cpu == CPU_X86)) {
        dx_report_warning(r, "page-size",
                          "its pages are of 16384 bytes: the kernel of a Mac with an Intel "
                          "processor takes 4096 alone");
    }
}

/* Systems choose the directory with the hash they know best, so that each system would see other
 * code. Pages are compared by one count and size (Security StaticCode.cpp, validateExecutable). */
static void check_agreement(const struct dx_directory *a, const struct dx_directory *b,
                            struct dx_report *r)
{
    const char *what =
        strcmp(a->identifier, b->identifier) != 0              ? "identifiers"
        : strcmp(a->team, b->team) != 0                        ? "teams"
        : a->flags != b->flags                                 ? "flags"
        : a->limit != b->limit || a->page_bits != b->page_bits ? "covered bytes or page sizes"
        : a->exec_flags != b->exec_flags && a->version >= 0x20400 && b->version >= 0x20400
            ? "flags of the executable segment"
            : NULL;
    if (what) {
        dx_report(r, "directories-disagree",
                  "two code directories, %s and %s, have different %s: which one counts depends on "
                  "the system",
                  dx_hash_name(a->hash_type), dx_hash_name(b->hash_type), what);
    }
}

void dx_check_directories(const struct dx_codesign *cs, const struct dx_slice *m,
                          struct dx_report *r)
{
    for (size_t i = 0; i < cs->directory_count; i++) {
        const struct dx_directory *d = &cs->directories[i];
        if (!d->hashes) {
            continue;
        }
        if (m->arch[0]) { /* of a program; a file of another kind is one page */
            check_page_size(d, m, r);
        }
        if (cs->best && d != cs->best) {
            check_agreement(cs->best, d, r);
        }
    }
    if (cs->best && (cs->best->flags & 2) && cs->has_cms) {
        dx_report(
            r, "adhoc-with-certificate",
            "its flags say ad hoc, so that macOS passes over the certificate's signature that "
            "is there");
    }
}
