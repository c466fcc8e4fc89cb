#include "sign/symbols.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define SYMBOL_CHUNK 4096 /* entries read at a time */
#define MOST_NAME 4096
#define MOST_STARTS ((uint64_t)64 << 20) /* bytes; a kernel's list has about 200 KB */

/* n_type (mach-o/nlist.h, stab.h) */
enum { N_EXT = 0x01, N_TYPE = 0x0e, N_SECT = 0x0e, N_STAB = 0xe0, N_OSO = 0x66 };

/* One query, and the best that was seen for it so far. */
struct place {
    struct dx_symbol_query *query;
    const struct dx_section *section; /* of code, that the address is in */
    bool has_symbol, external, has_start;
    uint64_t symbol, name; /* the greatest symbol that is not behind it; offset of its name */
    uint64_t start;        /* the greatest function start that is not behind it */
};

struct finder {
    struct dext_ctx *ctx;
    const struct dx_image *image;
    const struct dx_slice *slice;
    struct dx_symbol_facts *facts;
    const struct dx_section **sections; /* sorted by address */
    struct place *places;               /* sorted by address, those in code only */
    size_t count;
};

/* ---- sections ------------------------------------------------------------------------------ */

static int by_section(const void *a, const void *b)
{
    const struct dx_section *x = *(const struct dx_section *const *)a;
    const struct dx_section *y = *(const struct dx_section *const *)b;
    return (x->address > y->address) - (x->address < y->address);
}

static void sort_sections(struct finder *f)
{
    size_t n = f->slice->section_count;
    f->sections = dx_calloc(&f->ctx->arena, n + 1, sizeof *f->sections);
    for (size_t i = 0; i < n; i++) {
        f->sections[i] = &f->slice->sections[i];
    }
    if (n) {
        qsort(f->sections, n, sizeof *f->sections, by_section);
    }
}

static const struct dx_section *section_of(const struct finder *f, uint64_t address)
{
    size_t from = 0, to = f->slice->section_count;
    while (from < to) {
        size_t mid = from + (to - from) / 2;
        if (f->sections[mid]->address <= address) {
            from = mid + 1;
        } else {
            to = mid;
        }
    }
    /* Empty sections may begin where another one does. */
    for (size_t i = from; i > 0 && from - i < 8; i--) {
        const struct dx_section *x = f->sections[i - 1];
        if (address - x->address < x->size) {
            return x;
        }
    }
    return NULL;
}

static bool symbols_is_code(const struct dx_section *x)
{
    return x && (x->flags & DX_SECTION_CODE) != 0;
}

/* Whether the query can have an answer; if not, why. */
static bool in_code(struct finder *f, struct dx_symbol_query *q, const struct dx_section **section)
{
    const struct dx_section *x = *section = section_of(f, q->address);
    q->name = q->why = NULL;
    q->start = 0;
    if (!x) {
        q->why = "the address is in no section of the file";
    } else if (!symbols_is_code(x)) {
        q->why = dx_sprintf(&f->ctx->arena, "the address is in %s.%s, which holds no code",
                            x->segment, x->name);
    }
    return !q->why;
}

static int by_address(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    return (x->query->address > y->query->address) - (x->query->address < y->query->address);
}

/* The first place whose address is not before value; count: none. */
static size_t first_from(const struct finder *f, uint64_t value)
{
    size_t from = 0, to = f->count;
    while (from < to) {
        size_t mid = from + (to - from) / 2;
        if (f->places[mid].query->address < value) {
            from = mid + 1;
        } else {
            to = mid;
        }
    }
    return from;
}

/* ---- symbols ------------------------------------------------------------------------------- */

/* Of two names for one address the exported one counts, then the one that comes first. */
static void offer(struct finder *f, uint64_t value, bool external, uint64_t name)
{
    size_t i = first_from(f, value);
    struct place *p = i < f->count ? &f->places[i] : NULL;
    if (p &&
        (!p->has_symbol || value > p->symbol || (value == p->symbol && external && !p->external))) {
        p->has_symbol = true;
        p->symbol = value;
        p->external = external;
        p->name = name;
    }
}

static void one_symbol(struct finder *f, const unsigned char *p)
{
    bool big = f->slice->big;
    unsigned type = p[4];
    if (type & N_STAB) {
        f->facts->debug_map = f->facts->debug_map || type == N_OSO;
        return;
    }
    uint64_t value = f->slice->wide ? dx_u64(p + 8, big) : dx_u32(p + 8, big);
    if ((type & N_TYPE) != N_SECT || !symbols_is_code(section_of(f, value))) {
        return;
    }
    bool external = (type & N_EXT) != 0;
    f->facts->functions++;
    f->facts->local = f->facts->local || !external;
    offer(f, value, external, dx_u32(p, big));
}

static void read_symbols(struct finder *f)
{
    const struct dx_symbol_table *t = &f->slice->symbols;
    size_t each = f->slice->wide ? 16 : 12;
    unsigned char *chunk = dx_alloc_raw(&f->ctx->arena, SYMBOL_CHUNK * each);
    for (uint32_t i = 0; i < t->count;) {
        size_t n = t->count - i < SYMBOL_CHUNK ? t->count - i : SYMBOL_CHUNK;
        if (!dx_image_get(f->image, f->slice->offset + t->offset + (uint64_t)i * each, chunk,
                          n * each)) {
            f->facts->fault = "its symbol table cannot be read";
            return;
        }
        for (size_t k = 0; k < n; k++) {
            one_symbol(f, chunk + k * each);
        }
        i += (uint32_t)n;
    }
    f->facts->fault = t->fault;
}

static const char *symbols_name_at(const struct finder *f, uint64_t offset)
{
    const struct dx_symbol_table *t = &f->slice->symbols;
    char text[MOST_NAME];
    if (offset >= t->strings_size) {
        return NULL;
    }
    size_t room =
        t->strings_size - offset < sizeof text ? (size_t)(t->strings_size - offset) : sizeof text;
    if (!dx_image_get(f->image, f->slice->offset + t->strings + offset, text, room)) {
        return NULL;
    }
    size_t n = strnlen(text, room);
    return n ? dx_strndup(&f->ctx->arena, text, n) : NULL;
}

/* ---- function starts ----------------------------------------------------------------------- */

/* Differences in ULEB128, the first from the header's address; a 0 ends the list. */
static void symbols_read_starts(struct finder *f)
{
    const struct dx_slice *s = f->slice;
    const struct dx_segment *text = dx_macho_segment(s, "__TEXT");
    unsigned char chunk[4096];
    if (!text || s->starts_size > MOST_STARTS) {
        return;
    }
    uint64_t address = text->address, delta = 0;
    unsigned shift = 0;
    for (uint64_t at = 0; at < s->starts_size;) {
        size_t n =
            s->starts_size - at < sizeof chunk ? (size_t)(s->starts_size - at) : sizeof chunk;
        if (!dx_image_get(f->image, s->offset + s->starts_offset + at, chunk, n)) {
            return;
        }
        for (size_t i = 0; i < n; i++) {
            delta |= shift < 64 ? (uint64_t)(chunk[i] & 0x7f) << shift : 0;
            shift += 7;
            if (chunk[i] & 0x80) {
                continue;
            }
            if (delta == 0) {
                return;
            }
            address += delta;
            size_t k = first_from(f, address);
            if (k < f->count && (!f->places[k].has_start || address > f->places[k].start)) {
                f->places[k].has_start = true;
                f->places[k].start = address;
            }
            delta = shift = 0;
        }
        at += n;
    }
}

/* ---- answers ------------------------------------------------------------------------------- */

/* What was seen for a place counts for those behind it as well. */
static void carry(struct finder *f)
{
    for (size_t i = 1; i < f->count; i++) {
        struct place *p = &f->places[i];
        const struct place *o = &f->places[i - 1];
        if (o->has_symbol && (!p->has_symbol || o->symbol > p->symbol)) {
            p->has_symbol = true;
            p->symbol = o->symbol;
            p->external = o->external;
            p->name = o->name;
        }
        if (o->has_start && (!p->has_start || o->start > p->start)) {
            p->has_start = true;
            p->start = o->start;
        }
    }
}

static void symbols_answer(const struct finder *f, struct place *p)
{
    struct dx_symbol_query *q = p->query;
    uint64_t from = p->section->address;
    bool symbol = p->has_symbol && p->symbol >= from, start = p->has_start && p->start >= from;
    bool certain = start ? p->symbol >= p->start : f->facts->local ? true : p->symbol == q->address;
    if (symbol && certain) {
        q->name = symbols_name_at(f, p->name);
        q->start = p->symbol;
    }
    if (q->name) {
        return;
    }
    q->start = 0;
    if (start) {
        q->why = dx_sprintf(&f->ctx->arena,
                            "the function that begins at 0x%" PRIx64 " has no name in the file",
                            p->start);
    } else if (!f->facts->functions) {
        q->why = "the file has no symbols of functions";
    } else if (!symbol) {
        q->why = "no symbol stands before the address";
    } else if (!certain) {
        q->why = "the file is stripped: the nearest symbol may be of another function";
    } else {
        q->why = "the symbol's name lies outside of the file";
    }
}

void dx_symbols_find(struct dx_symbol_facts *facts, struct dext_ctx *ctx,
                     const struct dx_image *image, const struct dx_slice *slice,
                     struct dx_symbol_query *queries, size_t count)
{
    struct finder f = {.ctx = ctx, .image = image, .slice = slice, .facts = facts};
    *facts = (struct dx_symbol_facts){0};
    const struct dx_section *lines = dx_macho_section(slice, "__DWARF", "__debug_line");
    facts->dwarf = lines && lines->size > 0;
    sort_sections(&f);
    f.places = dx_calloc(&ctx->arena, count + 1, sizeof *f.places);
    for (size_t i = 0; i < count; i++) {
        struct place p = {.query = &queries[i]};
        if (in_code(&f, &queries[i], &p.section)) {
            f.places[f.count++] = p;
        }
    }
    if (f.count) {
        qsort(f.places, f.count, sizeof *f.places, by_address);
    }
    read_symbols(&f);
    symbols_read_starts(&f);
    carry(&f);
    for (size_t i = 0; i < f.count; i++) {
        symbols_answer(&f, &f.places[i]);
    }
}
