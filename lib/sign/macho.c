#include "sign/macho.h"

#include <stdio.h>
#include <string.h>

/* Real load commands stay below 100 KB. */
#define MOST_COMMAND_BYTES ((uint32_t)4 << 20)
#define MOST_SLICES 30 /* a Java class has the same magic and its version, 45 or more, there */

struct macho_reader {
    struct dext_ctx *ctx;
    const struct dx_image *image;
    struct dx_slice *slice;
    size_t segment_cap, section_cap, entry_cap;
};

static const char *arch_name(struct dext_ctx *ctx, uint32_t cpu, uint32_t subtype)
{
    static const struct {
        uint32_t cpu, subtype; /* subtype ~0: any other */
        const char *name;
    } names[] = {
        {0x01000007, 8, "x86_64h"}, {0x01000007, ~0U, "x86_64"},
        {7, ~0U, "i386"},           {0x0100000c, 2, "arm64e"},
        {0x0100000c, ~0U, "arm64"}, {0x0200000c, ~0U, "arm64_32"},
        {12, 6, "armv6"},           {12, 9, "armv7"},
        {12, 11, "armv7s"},         {12, 12, "armv7k"},
        {12, ~0U, "arm"},           {18, ~0U, "ppc"},
        {0x01000012, ~0U, "ppc64"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (names[i].cpu == cpu &&
            (names[i].subtype == ~0U || names[i].subtype == (subtype & 0xffffff))) {
            return names[i].name;
        }
    }
    return dx_sprintf(&ctx->arena, "cpu 0x%x/0x%x", cpu, subtype);
}

static const char *platform_name(struct dext_ctx *ctx, uint32_t platform)
{
    static const char *const names[] = {
        "",
        "macOS",
        "iOS",
        "tvOS",
        "watchOS",
        "bridgeOS",
        "Mac Catalyst",
        "iOS Simulator",
        "tvOS Simulator",
        "watchOS Simulator",
        "DriverKit",
        "visionOS",
        "visionOS Simulator",
    };
    return platform < sizeof names / sizeof *names
               ? names[platform]
               : dx_sprintf(&ctx->arena, "platform %u", platform);
}

/* X.Y.Z in the parts 16, 8, 8 bits; a last 0 is left out. */
static const char *version_text(struct dext_ctx *ctx, uint32_t v)
{
    return v & 0xff ? dx_sprintf(&ctx->arena, "%u.%u.%u", v >> 16, v >> 8 & 0xff, v & 0xff)
                    : dx_sprintf(&ctx->arena, "%u.%u", v >> 16, v >> 8 & 0xff);
}

static void copy_name(char to[17], const unsigned char *from)
{
    memcpy(to, from, 16);
    to[16] = 0;
}

/* ---- load commands ------------------------------------------------------------------------- */

static const char *read_sections(struct macho_reader *r, const unsigned char *p, size_t n,
                                 uint32_t count)
{
    struct dx_slice *s = r->slice;
    size_t each = s->wide ? 80 : 68;
    if (count > n / each) {
        return "a segment claims more sections than its command holds";
    }
    for (uint32_t i = 0; i < count; i++, p += each) {
        struct dx_section *x =
            DX_PUSH(&r->ctx->arena, s->sections, s->section_count, r->section_cap);
        copy_name(x->name, p);
        copy_name(x->segment, p + 16);
        x->address = s->wide ? dx_u64(p + 32, s->big) : dx_u32(p + 32, s->big);
        x->size = s->wide ? dx_u64(p + 40, s->big) : dx_u32(p + 36, s->big);
        x->offset = dx_u32(p + (s->wide ? 48 : 40), s->big);
        x->flags = dx_u32(p + (s->wide ? 64 : 56), s->big);
    }
    return NULL;
}

static const char *read_segment(struct macho_reader *r, const unsigned char *p, size_t n, bool wide)
{
    struct dx_slice *s = r->slice;
    size_t head = wide ? 72 : 56;
    if (wide != s->wide) {
        return "a segment is of the other word size";
    }
    if (n < head) {
        return "a segment command is too short";
    }
    struct dx_segment *g = DX_PUSH(&r->ctx->arena, s->segments, s->segment_count, r->segment_cap);
    copy_name(g->name, p + 8);
    g->address = wide ? dx_u64(p + 24, s->big) : dx_u32(p + 24, s->big);
    g->memory_size = wide ? dx_u64(p + 32, s->big) : dx_u32(p + 28, s->big);
    g->offset = wide ? dx_u64(p + 40, s->big) : dx_u32(p + 32, s->big);
    g->file_size = wide ? dx_u64(p + 48, s->big) : dx_u32(p + 36, s->big);
    if (g->offset > s->size || g->file_size > s->size - g->offset) {
        return "a segment lies outside of the file: it has been cut off";
    }
    return read_sections(r, p + head, n - head, dx_u32(p + (wide ? 64 : 48), s->big));
}

static const char *read_linkedit(struct macho_reader *r, const unsigned char *p, size_t n,
                                 uint64_t *offset, uint64_t *size)
{
    struct dx_slice *s = r->slice;
    if (n < 16) {
        return "a load command is too short";
    }
    *offset = dx_u32(p + 8, s->big);
    *size = dx_u32(p + 12, s->big);
    if (*offset > s->size || *size > s->size - *offset) {
        *size = 0;
        return "a load command points outside of the file: it has been cut off";
    }
    return NULL;
}

static const char *read_signature_command(struct macho_reader *r, const unsigned char *p, size_t n)
{
    struct dx_slice *s = r->slice;
    if (s->has_signature) {
        return "it has two code signatures";
    }
    s->has_signature = true;
    return read_linkedit(r, p, n, &s->signature_offset, &s->signature_size);
}

static const char *read_uuid(struct macho_reader *r, const unsigned char *p, size_t n)
{
    struct dx_slice *s = r->slice;
    if (n < 24) {
        return "a load command is too short";
    }
    s->has_uuid = true;
    char *to = s->uuid;
    for (size_t i = 0; i < 16; i++) {
        to += snprintf(to, 4, "%s%02X", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
                       (unsigned)p[8 + i]);
    }
    return NULL;
}

static const char *read_platform(struct macho_reader *r, const unsigned char *p, size_t n,
                                 uint32_t platform, size_t at)
{
    struct dx_slice *s = r->slice;
    if (n < at + 8) {
        return "a load command is too short";
    }
    if (s->platform_number ==
        0) { /* of two (zippered for Mac Catalyst) the first is the main one */
        s->platform_number = platform ? platform : dx_u32(p + 8, s->big);
        s->platform = platform_name(r->ctx, s->platform_number);
        s->minimum = version_text(r->ctx, dx_u32(p + at, s->big));
        s->sdk = version_text(r->ctx, dx_u32(p + at + 4, s->big));
    }
    return NULL;
}

static const char *read_symtab(struct macho_reader *r, const unsigned char *p, size_t n)
{
    struct dx_slice *s = r->slice;
    struct dx_symbol_table t = {0};
    if (n < 24) {
        return "a load command is too short";
    }
    t.offset = dx_u32(p + 8, s->big);
    t.count = dx_u32(p + 12, s->big);
    t.strings = dx_u32(p + 16, s->big);
    t.strings_size = dx_u32(p + 20, s->big);
    uint64_t bytes = (uint64_t)t.count * (s->wide ? 16 : 12);
    if (t.offset > s->size || bytes > s->size - t.offset || t.strings > s->size ||
        t.strings_size > s->size - t.strings) {
        t = (struct dx_symbol_table){.fault = "its symbol table lies outside of the file"};
    }
    s->symbols = t;
    return NULL;
}

static const char *macho_read_starts(struct macho_reader *r, const unsigned char *p, size_t n)
{
    struct dx_slice *s = r->slice;
    uint64_t offset = n >= 16 ? dx_u32(p + 8, s->big) : 0;
    uint64_t size = n >= 16 ? dx_u32(p + 12, s->big) : 0;
    if (offset <= s->size && size <= s->size - offset) { /* else: it is of no use to us */
        s->starts_offset = offset;
        s->starts_size = size;
    }
    return NULL;
}

static const char *macho_read_entry(struct macho_reader *r, const unsigned char *p, size_t n)
{
    struct dx_slice *s = r->slice;
    uint32_t name = n >= 32 ? dx_u32(p + 24, s->big) : 0;
    if (name < 32 || name >= n) {
        return "a load command is too short";
    }
    struct dx_entry *e = DX_PUSH(&r->ctx->arena, s->entries, s->entry_count, r->entry_cap);
    e->address = dx_u64(p + 8, s->big);
    e->offset = dx_u64(p + 16, s->big);
    e->id = dx_strndup(&r->ctx->arena, (const char *)p + name,
                       strnlen((const char *)p + name, n - name));
    return NULL;
}

static const char *read_command(struct macho_reader *r, const unsigned char *p, size_t n)
{
    struct dx_slice *s = r->slice;
    switch (dx_u32(p, s->big)) {
    case 0x01:
        return read_segment(r, p, n, false);
    case 0x02:
        return read_symtab(r, p, n);
    case 0x19:
        return read_segment(r, p, n, true);
    case 0x1b:
        return read_uuid(r, p, n);
    case 0x1d:
        return read_signature_command(r, p, n);
    case 0x24:
        return read_platform(r, p, n, 1, 8);
    case 0x25:
        return read_platform(r, p, n, 2, 8);
    case 0x26:
        return macho_read_starts(r, p, n);
    case 0x2f:
        return read_platform(r, p, n, 3, 8);
    case 0x30:
        return read_platform(r, p, n, 4, 8);
    case 0x32:
        return read_platform(r, p, n, 0, 12);
    case 0x80000034:
        return read_linkedit(r, p, n, &s->fixups_offset, &s->fixups_size);
    case 0x80000035:
        return macho_read_entry(r, p, n);
    default:
        return NULL;
    }
}

static const char *read_commands(struct macho_reader *r, uint64_t head, uint32_t count,
                                 uint32_t bytes)
{
    struct dx_slice *s = r->slice;
    if (bytes > MOST_COMMAND_BYTES) {
        return "its load commands are larger than 4 MiB";
    }
    const unsigned char *p = dx_slice_span(r->image, r->ctx, s, head, bytes);
    if (!p && count) {
        return "its load commands reach beyond the end: it has been cut off";
    }
    for (size_t at = 0, i = 0; i < count; i++) {
        uint32_t n = bytes - at >= 8 ? dx_u32(p + at + 4, s->big) : 0;
        if (n < 8 || n > bytes - at) {
            return "a load command is larger than the space for it";
        }
        const char *why = read_command(r, p + at, n);
        if (why) {
            return why;
        }
        at += n;
    }
    return NULL;
}

/* start: of the header, in the slice; not 0 for an entry of a kernel collection. */
static void macho_read_slice(struct dext_ctx *ctx, const struct dx_image *image, struct dx_slice *s,
                             uint64_t start)
{
    struct macho_reader r = {.ctx = ctx, .image = image, .slice = s};
    s->platform = s->minimum = s->sdk = s->fault = "";
    s->arch = s->arch ? s->arch : "unknown";
    const unsigned char *h = dx_slice_span(image, ctx, s, start, 28);
    uint32_t magic = h ? dx_u32(h, false) : 0;
    if (magic != 0xfeedface && magic != 0xfeedfacf && magic != 0xcefaedfe && magic != 0xcffaedfe) {
        s->fault = "it does not begin like a Mach-O file";
        return;
    }
    s->big = (magic & 0xff) == 0xfe;
    s->wide = magic == 0xfeedfacf || magic == 0xcffaedfe;
    s->cpu = dx_u32(h + 4, s->big);
    s->subtype = dx_u32(h + 8, s->big);
    s->arch = arch_name(ctx, s->cpu, s->subtype);
    s->file_type = dx_u32(h + 12, s->big);
    s->flags = dx_u32(h + 24, s->big);
    const char *why = read_commands(&r, start + (s->wide ? 32 : 28), dx_u32(h + 16, s->big),
                                    dx_u32(h + 20, s->big));
    s->fault = why ? why : "";
}

/* ---- universal files ----------------------------------------------------------------------- */

/* What the table says of a slice, held against the slice and the one before it. No signature covers
 * the table, so this is all that can be said of it. */
static const char *macho_check_entry(const struct dx_macho *m, size_t i, uint32_t cpu,
                                     uint32_t subtype, uint32_t align)
{
    const struct dx_slice *s = &m->slices[i];
    for (size_t k = 0; k < i; k++) {
        const struct dx_slice *o = &m->slices[k];
        if (s->offset < o->offset + o->size && o->offset < s->offset + s->size) {
            return "two slices of the universal file overlap";
        }
        if (s->cpu == o->cpu && s->subtype == o->subtype) {
            return "the universal file has two slices of one architecture";
        }
    }
    if (!s->fault[0] && (cpu != s->cpu || subtype != s->subtype)) {
        return "the table of the universal file gives a slice another architecture than the slice "
               "itself";
    }
    return align > 30 || s->offset % ((uint64_t)1 << align) != 0
               ? "a slice of the universal file is not aligned as its table says"
               : NULL;
}

static int read_fat(struct dx_macho *m, struct dext_ctx *ctx, const struct dx_image *image,
                    bool wide, uint32_t count)
{
    size_t each = wide ? 32 : 20;
    const unsigned char *p = dx_image_span(image, ctx, 8, count * each);
    if (!p) {
        return dx_fail(ctx, DEXT_E_FORMAT, "%s: ends within the table of its slices", image->path);
    }
    m->fat = true;
    m->wide_table = wide;
    m->slices = dx_calloc(&ctx->arena, count, sizeof *m->slices);
    for (uint32_t i = 0; i < count; i++, p += each) {
        struct dx_slice *s = &m->slices[i];
        s->offset = wide ? dx_u64(p + 8, true) : dx_u32(p + 8, true);
        s->size = wide ? dx_u64(p + 16, true) : dx_u32(p + 12, true);
        uint32_t cpu = dx_u32(p, true), subtype = dx_u32(p + 4, true);
        s->arch = arch_name(ctx, cpu, subtype);
        if (s->offset > image->size || s->size > image->size - s->offset) {
            *s = (struct dx_slice){
                .arch = s->arch, .offset = s->offset, .platform = "", .minimum = ""};
            s->sdk = "";
            s->fault = "a slice lies outside of the file: it has been cut off";
        } else {
            macho_read_slice(ctx, image, s, 0);
        }
        m->count = i + 1;
        const char *why = macho_check_entry(m, i, cpu, subtype, dx_u32(p + (wide ? 24 : 16), true));
        m->fault = why && !m->fault[0] ? why : m->fault;
    }
    return DEXT_OK;
}

bool dx_is_macho(const unsigned char *head, size_t n)
{
    if (n < 8) {
        return false;
    }
    uint32_t magic = dx_u32(head, true);
    if (magic == 0xcafebabe || magic == 0xcafebabf) {
        uint32_t count = dx_u32(head + 4, true);
        return count > 0 && count <= MOST_SLICES;
    }
    return magic == 0xfeedface || magic == 0xfeedfacf || magic == 0xcefaedfe || magic == 0xcffaedfe;
}

bool dx_is_macho_file(struct dext_ctx *ctx, const struct dx_file *f)
{
    struct dx_image image;
    unsigned char head[8];
    dext_ctx_clear(ctx);
    bool good = (f->disk || f->kept) && dx_image_open(&image, ctx, f) == DEXT_OK;
    if (good) {
        good = dx_image_get(&image, 0, head, sizeof head) && dx_is_macho(head, sizeof head);
        dx_image_close(&image);
    }
    dext_ctx_clear(ctx);
    return good;
}

int dx_macho_read(struct dx_macho **out, struct dext_ctx *ctx, const struct dx_image *image)
{
    unsigned char head[8];
    if (!dx_image_get(image, 0, head, sizeof head) || !dx_is_macho(head, sizeof head)) {
        return dx_fail(ctx, DEXT_E_FORMAT, "%s: not a Mach-O file", image->path);
    }
    struct dx_macho *m = *out = dx_alloc(&ctx->arena, sizeof *m);
    m->fault = "";
    uint32_t magic = dx_u32(head, true);
    if (magic == 0xcafebabe || magic == 0xcafebabf) {
        return read_fat(m, ctx, image, magic == 0xcafebabf, dx_u32(head + 4, true));
    }
    m->slices = dx_alloc(&ctx->arena, sizeof *m->slices);
    m->count = 1;
    m->slices[0].size = image->size;
    macho_read_slice(ctx, image, m->slices, 0);
    return DEXT_OK;
}

void dx_macho_entry(struct dx_slice *out, struct dext_ctx *ctx, const struct dx_image *image,
                    const struct dx_slice *collection, const struct dx_entry *entry)
{
    *out = (struct dx_slice){.offset = collection->offset, .size = collection->size};
    macho_read_slice(ctx, image, out, entry->offset);
}

const struct dx_segment *dx_macho_segment(const struct dx_slice *slice, const char *name)
{
    for (size_t i = 0; i < slice->segment_count; i++) {
        if (strcmp(slice->segments[i].name, name) == 0) {
            return &slice->segments[i];
        }
    }
    return NULL;
}

const struct dx_section *dx_macho_section(const struct dx_slice *slice, const char *segment,
                                          const char *name)
{
    for (size_t i = 0; i < slice->section_count; i++) {
        const struct dx_section *s = &slice->sections[i];
        if (strcmp(s->name, name) == 0 && (!segment || strcmp(s->segment, segment) == 0)) {
            return s;
        }
    }
    return NULL;
}

const unsigned char *dx_slice_span(const struct dx_image *image, struct dext_ctx *ctx,
                                   const struct dx_slice *slice, uint64_t offset, size_t n)
{
    if (offset > slice->size || n > slice->size - offset) {
        return NULL;
    }
    return dx_image_span(image, ctx, slice->offset + offset, n);
}
