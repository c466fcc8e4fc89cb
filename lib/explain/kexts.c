#include "explain/kexts.h"

#include <string.h>

#include "explain/kind.h"

#define MOST_KEXTS 10000

static struct dx_str kexts_word(struct dx_str *s)
{
    struct dx_str w;
    *s = dx_str_trim(*s);
    w = (struct dx_str){s->p, 0};
    while (w.n < s->n && s->p[w.n] != ' ' && s->p[w.n] != '\t') {
        w.n++;
    }
    s->p += w.n;
    s->n -= w.n;
    return w;
}

/* Decimal, or hex behind 0x; at most 16 digits. */
static bool kexts_number(struct dx_str w, uint64_t *value)
{
    bool hex = w.n > 2 && w.p[0] == '0' && w.p[1] == 'x';
    size_t i = hex ? 2 : 0;
    uint64_t v = 0;
    if (w.n == i || w.n - i > (hex ? 16 : 19)) {
        return false;
    }
    for (; i < w.n; i++) {
        char c = w.p[i];
        unsigned d = c >= '0' && c <= '9'          ? (unsigned)(c - '0')
                     : hex && c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
                     : hex && c >= 'A' && c <= 'F' ? (unsigned)(c - 'A') + 10
                                                   : 16;
        if (d == 16) {
            return false;
        }
        v = v * (hex ? 16 : 10) + d;
    }
    *value = v;
    return true;
}

/* "com.example.kext": words of letters, digits, - and _ with two dots or more between them. */
static bool kexts_identifier(struct dx_str w)
{
    size_t dots = 0;
    for (size_t i = 0; i < w.n; i++) {
        char c = w.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool other = (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
        if (!letter && (!other || i == 0)) {
            return false;
        }
        dots += c == '.';
    }
    return dots >= 2 && w.n < 256 && w.p[w.n - 1] != '.';
}

/* "(1.2.3)" */
static bool kexts_version(struct dx_str w, struct dx_str *out)
{
    if (w.n < 3 || w.p[0] != '(' || w.p[w.n - 1] != ')' || w.p[1] < '0' || w.p[1] > '9') {
        return false;
    }
    *out = (struct dx_str){w.p + 1, w.n - 2};
    return true;
}

bool dx_kext_row(struct dx_str line, struct dx_kext *out)
{
    struct dx_str rest = line, w = kexts_word(&rest);
    uint64_t value;
    *out = (struct dx_kext){.line = 0};
    /* Index, Refs, Address, Size, Wired; a shell's cut leaves fewer. */
    for (size_t column = 0; column < 5 && kexts_number(w, &value);
         column++, w = kexts_word(&rest)) {
        out->has_address |= column == 2;
        out->address = column == 2 ? value : out->address;
    }
    out->id = w;
    return kexts_identifier(w) && kexts_version(kexts_word(&rest), &out->version);
}

bool dx_is_apple(struct dx_str id)
{
    return dx_str_has_prefix(id, "com.apple.");
}

const struct dx_kext *dx_kexts_find(const struct dx_kexts *list, struct dx_str id)
{
    for (size_t i = 0; i < list->count; i++) {
        if (dx_str_eq(list->list[i].id, id)) {
            return &list->list[i];
        }
    }
    return NULL;
}

/* ---- blocks: kextutil -v, system_profiler -----------------------------------------------------
 */

enum field { AT_NOTHING, AT_ID, AT_VERSION, AT_ADDRESS };

struct reader {
    struct dx_kexts *out;
    struct dx_arena *arena;
    struct dx_kext now; /* of the block that is being read */
    enum field waiting; /* its value is on the next line */
};

static void kexts_keep(struct reader *r, const struct dx_kext *k)
{
    if (r->out->count < MOST_KEXTS) {
        *DX_PUSH(r->arena, r->out->list, r->out->count, r->out->cap) = *k;
    }
}

static void kexts_end_block(struct reader *r)
{
    if (r->now.id.n) {
        kexts_keep(r, &r->now);
    }
    r->now = (struct dx_kext){.line = 0};
    r->waiting = AT_NOTHING;
}

/* What stands behind key and its sign, without quotes and semicolon; false: another line. */
static bool kexts_field(struct dx_str line, const char *key, struct dx_str *value)
{
    if (line.n && *key && *line.p == '"') {
        line = (struct dx_str){line.p + 1, line.n - 1};
    }
    if (!dx_str_has_prefix(line, key)) {
        return false;
    }
    size_t n = strlen(key);
    struct dx_str v = dx_str_trim((struct dx_str){line.p + n, line.n - n});
    while (v.n && (*v.p == '=' || *v.p == ':' || *v.p == '"' || *v.p == ' ')) {
        v = (struct dx_str){v.p + 1, v.n - 1};
    }
    while (v.n && (v.p[v.n - 1] == ';' || v.p[v.n - 1] == '"')) {
        v.n--;
    }
    *value = v;
    return true;
}

static void kexts_set(struct reader *r, enum field what, struct dx_str value, unsigned long line)
{
    uint64_t n;
    r->waiting = value.n ? AT_NOTHING : what;
    if (value.n == 0) {
        return;
    }
    if (what == AT_ID) {
        r->now.id = kexts_identifier(value) ? value : DX_STR("");
        r->now.line = line;
    } else if (what == AT_VERSION) {
        r->now.version = value;
    } else if (kexts_number(value, &n)) {
        r->now.address = n;
        r->now.has_address = true;
    }
}

static bool block_line(struct reader *r, struct dx_str s, unsigned long line)
{
    static const struct {
        const char *key;
        enum field what;
        bool begins; /* a new block */
    } fields[] = {
        {"CFBundleIdentifier", AT_ID, true},        {"CFBundleVersion", AT_VERSION, false},
        {"OSBundleLoadAddress", AT_ADDRESS, false}, {"Bundle ID:", AT_ID, true},
        {"Kext Version:", AT_VERSION, false},       {"Load Address:", AT_ADDRESS, false},
    };
    struct dx_str value;
    if (kexts_field(s, "Signature Validation Errors:", &value)) {
        r->now.refused = value;
        r->now.refused_line = line;
        return true;
    }
    if (kexts_field(s, "Loaded:", &value)) {
        r->now.has_loaded = true;
        r->now.loaded = dx_str_is_nocase(value, "yes");
        return true;
    }
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        if (kexts_field(s, fields[i].key, &value)) {
            if (fields[i].begins && r->now.id.n) {
                kexts_end_block(r);
            }
            kexts_set(r, fields[i].what, value, line);
            return true;
        }
    }
    return false;
}

/* "AcmeKext:" or `"com.example.kext" = {`: the next one's name */
static bool is_start(struct dx_str s)
{
    return (s.n > 1 && s.p[s.n - 1] == ':' && !memchr(s.p, ' ', s.n)) ||
           dx_str_has_suffix(s, "= {");
}

void dx_kexts_read(struct dx_kexts *out, struct dx_arena *a, struct dx_str text)
{
    struct reader r = {.out = out, .arena = a};
    struct dx_str rest = text, line;
    unsigned long number_of = 0;
    while (dx_next_line(&rest, &line)) {
        struct dx_str s = dx_kind_bare(line);
        struct dx_kext k;
        number_of++;
        if (s.n == 0) {
            continue;
        }
        if (r.waiting != AT_NOTHING) {
            struct dx_str value = {NULL, 0};
            (void)kexts_field(s, "", &value);
            kexts_set(&r, r.waiting, value, number_of);
        } else if (dx_kext_row(s, &k)) {
            kexts_end_block(&r);
            k.line = number_of;
            kexts_keep(&r, &k);
        } else if (!block_line(&r, s, number_of) && is_start(s)) {
            kexts_end_block(&r);
        }
    }
    kexts_end_block(&r);
}
