/* Format strings: a uuidtext file holds those of one image, a shared-cache file those of all images
 * of the shared cache. A reference is an offset in the image's text, not in the file; ranges lead
 * from the one to the other. */
#include <stdlib.h>
#include <string.h>

#include "unified/unified.h"

#define UUIDTEXT_MAGIC 0x66778899u
#define CACHE_MAGIC 0x64736368u /* "hcsd" */
#define STRING_MOST ((size_t)64 << 10)
#define MOST_FILES 65536     /* named by entries; an archive has some thousands */
#define MOST_FORMATS 1000000 /* likewise; real ones some 100,000 */

static int strings_by_start(const void *x, const void *y)
{
    const struct dx_range *a = x, *b = y;
    return a->start < b->start ? -1 : a->start > b->start;
}

/* The text at an offset of the file, if it ends there. */
static struct dx_str strings_text_at(const struct dx_strings *s, size_t at)
{
    if (at >= s->size) {
        return (struct dx_str){NULL, 0};
    }
    size_t most = s->size - at < STRING_MOST ? s->size - at : STRING_MOST;
    const char *p = (const char *)s->data + at;
    const char *end = memchr(p, 0, most);
    return end ? (struct dx_str){p, (size_t)(end - p)} : (struct dx_str){NULL, 0};
}

static const char *path_at(const struct dx_strings *s, size_t at)
{
    struct dx_str t = strings_text_at(s, at);
    return t.p ? t.p : "";
}

/* ---- reading the files ----------------------------------------------------------------------- */

static bool parse_uuidtext(struct dext_unified *u, struct dx_strings *s)
{
    struct dx_cur in = dx_cur(s->data, s->size);
    uint32_t magic = dx_get32(&in), major = dx_get32(&in);
    (void)dx_get32(&in);
    size_t n = dx_get32(&in);
    if (in.bad || magic != UUIDTEXT_MAGIC || major != 2 || n > dx_left(&in) / 8) {
        return false;
    }
    s->ranges = dx_calloc(&u->arena, n + 1, sizeof *s->ranges);
    size_t at = 16 + n * 8;
    for (size_t i = 0; i < n; i++) {
        struct dx_range *r = &s->ranges[i];
        r->start = dx_get32(&in);
        r->size = dx_get32(&in);
        r->at = at;
        at += r->size;
    }
    s->range_count = n;
    qsort(s->ranges, n, sizeof *s->ranges, strings_by_start);
    s->images = dx_calloc(&u->arena, 1, sizeof *s->images);
    s->images[0] = (struct dx_sender){s->uuid, path_at(s, at), 0};
    s->image_count = 1;
    return true;
}

/* Version 1 (up to macOS 11) has references of 32 bits, version 2 of 64. */
static bool parse_cache(struct dext_unified *u, struct dx_strings *s)
{
    struct dx_cur in = dx_cur(s->data, s->size);
    uint32_t magic = dx_get32(&in), major = dx_get16(&in);
    (void)dx_get16(&in);
    size_t ranges = dx_get32(&in), images = dx_get32(&in);
    bool two = major == 2;
    if (in.bad || magic != CACHE_MAGIC || (major != 1 && !two) ||
        ranges > dx_left(&in) / (two ? 24 : 16) || images > dx_left(&in) / (two ? 32 : 28)) {
        return false;
    }
    s->ranges = dx_calloc(&u->arena, ranges + 1, sizeof *s->ranges);
    s->texts = dx_calloc(&u->arena, images + 1, sizeof *s->texts);
    s->images = dx_calloc(&u->arena, images + 1, sizeof *s->images);
    for (size_t i = 0; i < ranges; i++) {
        struct dx_range *r = &s->ranges[i];
        r->image = two ? 0 : dx_get32(&in);
        r->start = dx_getn(&in, two ? 8 : 4);
        r->at = dx_get32(&in);
        r->size = dx_get32(&in);
        r->image = two ? (uint32_t)dx_get64(&in) : r->image;
    }
    for (size_t i = 0; i < images; i++) {
        s->texts[i].start = dx_getn(&in, two ? 8 : 4);
        s->texts[i].size = dx_get32(&in);
        s->texts[i].image = (uint32_t)i;
        s->images[i].base = s->texts[i].start;
        s->images[i].uuid = dx_take(&in, DX_UUID);
        s->images[i].path = path_at(s, dx_get32(&in));
    }
    s->range_count = ranges;
    s->image_count = images;
    qsort(s->ranges, ranges, sizeof *s->ranges, strings_by_start);
    qsort(s->texts, images, sizeof *s->texts, strings_by_start);
    return !in.bad;
}

bool dx_strings_parse(struct dext_unified *u, struct dx_strings *s, const char *shown)
{
    if (s->shared ? parse_cache(u, s) : parse_uuidtext(u, s)) {
        return true;
    }
    dx_note(u, "%s: not a file of format strings that is known", shown);
    s->range_count = s->image_count = 0;
    s->missing = true;
    return false;
}

/* ---- the files of an archive ------------------------------------------------------------------
 */

static void strings_name_of(const uint8_t *uuid, char *out)
{
    for (size_t i = 0; i < DX_UUID; i++) {
        static const char hex[] = "0123456789ABCDEF";
        out[2 * i] = hex[uuid[i] >> 4];
        out[2 * i + 1] = hex[uuid[i] & 15];
    }
    out[(size_t)2 * DX_UUID] = 0;
}

static bool open_kept(struct dext_unified *u, struct dx_strings *s)
{
    struct dx_kept *k = u->kept;
    while (k && (k->shared != s->shared || memcmp(k->uuid, s->uuid, DX_UUID) != 0)) {
        k = k->next;
    }
    if (k) {
        s->data = k->data;
        s->size = k->size;
    }
    return k && dx_strings_parse(u, s, k->shown);
}

static bool open_file(struct dext_unified *u, struct dx_strings *s)
{
    char name[2 * DX_UUID + 1];
    strings_name_of(s->uuid, name);
    for (size_t i = 0; i < u->root_count; i++) {
        const char *path = s->shared
                               ? dx_sprintf(&u->arena, "%s/dsc/%s", u->roots[i], name)
                               : dx_sprintf(&u->arena, "%s/%.2s/%s", u->roots[i], name, name + 2);
        if (dx_map(u, path, (size_t)2 << 30, &s->data, &s->size, &s->mapped)) {
            return dx_strings_parse(u, s, path);
        }
    }
    return false;
}

static size_t strings_hash(const uint8_t *uuid, bool shared)
{
    return (size_t)((dx_le(uuid, 8) ^ dx_le(uuid + 8, 8) ^ shared) * 0x9e3779b97f4a7c15u >> 52);
}

struct dx_strings *dx_strings_find(struct dext_unified *u, const uint8_t *uuid, bool shared)
{
    struct dx_strings **slot = &u->strings[strings_hash(uuid, shared)], *s;
    pthread_mutex_lock(&u->lock);
    for (s = *slot; s && (s->shared != shared || memcmp(s->uuid, uuid, DX_UUID) != 0);) {
        s = s->next;
    }
    if (!s) {
        s = dx_alloc(&u->arena, sizeof *s);
        memcpy(s->uuid, uuid, DX_UUID);
        s->shared = shared;
        s->next = *slot;
        *slot = s;
        s->missing = u->string_count++ >= MOST_FILES || (!open_kept(u, s) && !open_file(u, s));
        u->counts.strings_missing += s->missing;
    }
    pthread_mutex_unlock(&u->lock);
    return s;
}

/* ---- references -------------------------------------------------------------------------------
 */

static const struct dx_range *range_at(const struct dx_range *list, size_t n, uint64_t ref)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (list[mid].start <= ref) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low && ref - list[low - 1].start < list[low - 1].size ? &list[low - 1] : NULL;
}

/* A dynamic reference has no string, the message is its only argument; what it names is a place in
 * the image's text. */
static void strings_look_up(const struct dx_strings *s, uint64_t ref, bool dynamic,
                            struct dx_format *f)
{
    const struct dx_range *r = NULL;
    if (dynamic && s->shared) {
        r = range_at(s->texts, s->image_count, ref);
    } else if (!dynamic) {
        r = range_at(s->ranges, s->range_count, ref);
    }
    if (r && r->image < s->image_count) {
        f->image = s->images[r->image];
    }
    if (dynamic && !s->missing) {
        f->text = DX_STR("%s");
    } else if (r) {
        f->text = strings_text_at(s, r->at + (size_t)(ref - r->start));
    }
    f->bounds = !s->missing && !f->text.p;
}

static struct dx_format *strings_make(struct dext_unified *u, const struct dx_strings *s,
                                      uint64_t ref, bool dynamic, struct dx_format_slot **at)
{
    struct dx_format_slot *f = dx_alloc(&u->arena, sizeof *f);
    f->strings = s;
    f->ref = ref;
    f->dynamic = dynamic;
    f->format.image.uuid = s->uuid;
    f->format.image.path = !s->shared && s->image_count ? s->images[0].path : "";
    strings_look_up(s, ref, dynamic, &f->format);
    dx_format_parse(&u->arena, &f->format);
    f->next = *at;
    *at = f;
    u->format_count++;
    return &f->format;
}

struct dx_format *dx_strings_format(struct dext_unified *u, struct dx_strings *s, uint64_t ref,
                                    bool dynamic)
{
    uint64_t h = ((uint64_t)(uintptr_t)s >> 4 ^ ref ^ dynamic) * 0x9e3779b97f4a7c15u;
    struct dx_format_slot **slot = &u->formats[h >> 50], *f;
    struct dx_format *found;
    pthread_mutex_lock(&u->lock);
    for (f = *slot; f && (f->strings != s || f->ref != ref || f->dynamic != dynamic);) {
        f = f->next;
    }
    if (f) {
        found = &f->format;
    } else if (u->format_count < MOST_FORMATS) {
        found = strings_make(u, s, ref, dynamic, slot);
    } else {
        s->none = s->none ? s->none : dx_alloc(&u->arena, sizeof *s->none);
        s->none->image = (struct dx_sender){s->uuid, "", 0};
        found = s->none;
    }
    pthread_mutex_unlock(&u->lock);
    return found;
}
