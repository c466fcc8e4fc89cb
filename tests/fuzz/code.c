/* Signed code out of a few words. See code.h. Layout: <mach-o/loader.h>, <mach-o/fat.h>;
 * signature: xnu osfmk/kern/cs_blobs.h; entitlements in DER: as codesign(1) writes them. */
#include "code.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dext/dext.h"

#define CODE_BYTES 4096u
#define MOST_FILE ((size_t)1 << 20)

void bytes_add(struct bytes *b, const void *p, size_t n)
{
    if (b->n + n > b->cap) {
        b->cap = (b->n + n) * 2;
        b->p = realloc(b->p, b->cap);
        if (!b->p) {
            abort();
        }
    }
    if (n) {
        memcpy(b->p + b->n, p, n);
        b->n += n;
    }
}

void bytes_zero(struct bytes *b, size_t n)
{
    static const uint8_t zero[64];
    for (; n > sizeof zero; n -= sizeof zero) {
        bytes_add(b, zero, sizeof zero);
    }
    bytes_add(b, zero, n);
}

int bytes_read(struct bytes *b, const char *path)
{
    char chunk[4096];
    FILE *in = path ? fopen(path, "rb") : NULL;
    if (!in) {
        return 0;
    }
    for (size_t n; b->n < MOST_FILE && (n = fread(chunk, 1, sizeof chunk, in)) > 0;) {
        bytes_add(b, chunk, n);
    }
    (void)fclose(in);
    return 1;
}

void bytes_free(struct bytes *b)
{
    free(b->p);
    *b = (struct bytes){0};
}

static void big(struct bytes *b, uint64_t v, unsigned n)
{
    for (; n > 0; n--) {
        uint8_t c = (uint8_t)(v >> (8 * (n - 1)));
        bytes_add(b, &c, 1);
    }
}

static void little(struct bytes *b, uint64_t v, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        uint8_t c = (uint8_t)(v >> (8 * i));
        bytes_add(b, &c, 1);
    }
}

static void append(struct bytes *b, struct bytes *part)
{
    bytes_add(b, part->p, part->n);
    bytes_free(part);
}

size_t code_hash(int which, const void *p, size_t n, uint8_t *out)
{
    unsigned length = 0;
    if (EVP_Digest(n ? p : "", n, out, &length, which == 1 ? EVP_sha1() : EVP_sha256(), NULL) !=
        1) {
        abort();
    }
    return length;
}

/* ---- words --------------------------------------------------------------------------------- */

/* The value behind "key=", or the word itself when key has none; NULL: not said. */
static const char *word(const char *words, const char *key, size_t *n)
{
    size_t k = strlen(key);
    for (const char *p = words; *p;) {
        size_t w = strcspn(p, " \t");
        if (w >= k && memcmp(p, key, k) == 0 && (key[k - 1] == '=' || w == k)) {
            *n = w - k;
            return p + k;
        }
        p += w;
        p += strspn(p, " \t");
    }
    return NULL;
}

static int said(const char *words, const char *key)
{
    size_t n;
    return word(words, key, &n) != NULL;
}

static unsigned long number(const char *words, const char *key, unsigned long otherwise, int base)
{
    size_t n;
    const char *p = word(words, key, &n);
    return p && n ? strtoul(p, NULL, base) : otherwise;
}

static void text(struct bytes *b, const char *words, const char *key, const char *otherwise)
{
    size_t n = 0;
    const char *p = word(words, key, &n);
    bytes_add(b, p ? p : otherwise, p ? n : strlen(otherwise));
    bytes_zero(b, 1);
}

/* ---- entitlements in DER ------------------------------------------------------------------- */

static void der(struct bytes *b, uint8_t tag, struct bytes *body)
{
    bytes_add(b, &tag, 1);
    if (body->n < 128) {
        big(b, body->n, 1);
    } else {
        big(b, 0x83, 1);
        big(b, body->n, 3);
    }
    append(b, body);
}

static void der_text(struct bytes *b, const char *s)
{
    struct bytes body = {0};
    bytes_add(&body, s, strlen(s));
    der(b, 12, &body);
}

static void der_value(struct bytes *b, const struct dext_node *n)
{
    struct bytes body = {0}, pair;
    switch (dext_node_kind(n)) {
    case DEXT_BOOL:
        big(&body, dext_node_bool(n) ? 0xff : 0, 1);
        der(b, 1, &body);
        break;
    case DEXT_INTEGER:
        big(&body, (uint64_t)dext_node_integer(n), 8);
        der(b, 2, &body);
        break;
    case DEXT_DICT:
        for (const struct dext_node *c = dext_node_child(n); c; c = dext_node_next(c)) {
            pair = (struct bytes){0};
            der_text(&pair, dext_node_key(c));
            der_value(&pair, c);
            der(&body, 0x30, &pair);
        }
        der(b, 0xb0, &body);
        break;
    case DEXT_ARRAY:
        for (const struct dext_node *c = dext_node_child(n); c; c = dext_node_next(c)) {
            der_value(&body, c);
        }
        der(b, 0x30, &body);
        break;
    default:
        der_text(b, dext_node_text(n));
    }
}

static void der_entitlements(struct bytes *out, const uint8_t *xml, size_t size)
{
    struct dext_limits limits = {.size = sizeof limits, .plist_depth = 32, .plist_nodes = 1000};
    struct dext_ctx *ctx = dext_ctx_new(&limits);
    struct dext_plist *pl;
    struct bytes body = {0};
    if (dext_plist_parse(&pl, ctx, "entitlements", (const char *)xml, size) == DEXT_OK &&
        dext_plist_root(pl) && dext_node_kind(dext_plist_root(pl)) == DEXT_DICT) {
        big(&body, 0x020101, 3);
        der_value(&body, dext_plist_root(pl));
        der(out, 0x70, &body);
    }
    dext_ctx_free(ctx);
}

/* ---- signature ----------------------------------------------------------------------------- */

#define SLOTS 8 /* 1 Info.plist, 2 requirements, 3 CodeResources, 5 and 7 entitlements */

static void blob(struct bytes *out, uint32_t magic, const void *p, size_t n)
{
    big(out, magic, 4);
    big(out, n + 8, 4);
    bytes_add(out, p, n);
}

static void code_directory(struct bytes *out, const char *words, const struct bytes *code,
                           const struct bytes *slot, int which)
{
    uint8_t digest[64], none[64] = {0};
    size_t hash = which == 1 ? 20 : 32;
    struct bytes id = {0}, team = {0}, body = {0};
    size_t pages = (code->n + CODE_BYTES - 1) / CODE_BYTES;
    text(&id, words, "id=", "com.example.driver");
    text(&team, words, "team=", "");
    size_t start = 88 + id.n + (team.n > 1 ? team.n : 0);
    big(&body, 0x20400, 4);
    big(&body, number(words, "flags=", 2, 16), 4);
    big(&body, start + (SLOTS - 1) * hash, 4);
    big(&body, 88, 4);
    big(&body, SLOTS - 1, 4);
    big(&body, pages, 4);
    big(&body, code->n, 4);
    big(&body, hash << 24 | (uint32_t)(which == 1 ? 1 : 2) << 16 | 12, 4);
    bytes_zero(&body, 8); /* spare, no scatter */
    big(&body, team.n > 1 ? 88 + id.n : 0, 4);
    bytes_zero(&body, 4 + 8 + 8); /* spare, no larger limit, start of the segment */
    big(&body, CODE_BYTES, 8);
    big(&body, number(words, "exec=", 1, 16), 8);
    append(&body, &id);
    if (team.n > 1) {
        append(&body, &team);
    }
    bytes_free(&team);
    for (unsigned i = SLOTS - 1; i > 0; i--) {
        if (slot[i].n) {
            code_hash(which, slot[i].p, slot[i].n, digest);
        }
        bytes_add(&body, slot[i].n ? digest : none, hash);
    }
    for (size_t i = 0; i < pages; i++) {
        size_t n = code->n - i * CODE_BYTES;
        code_hash(which, code->p + i * CODE_BYTES, n < CODE_BYTES ? n : CODE_BYTES, digest);
        bytes_add(&body, digest, hash);
    }
    blob(out, 0xfade0c02, body.p, body.n);
    bytes_free(&body);
}

/* identifier "com.example.driver" and anchor apple generic, as the designated requirement */
static void requirements(struct bytes *out, const char *words)
{
    struct bytes one = {0}, all = {0};
    if (said(words, "requirement")) {
        static const char id[] = "com.example.driver\0";
        big(&one, 1, 4);
        big(&one, 6, 4);
        big(&one, 2, 4);
        big(&one, 18, 4);
        bytes_add(&one, id, 20);
        big(&one, 15, 4);
    }
    big(&all, one.n != 0, 4);
    if (one.n) {
        big(&all, 3, 4);
        big(&all, 20, 4);
        blob(&all, 0xfade0c00, one.p, one.n);
    }
    blob(out, 0xfade0c01, all.p, all.n);
    bytes_free(&one);
    bytes_free(&all);
}

static void superblob(struct bytes *out, const struct bytes *parts, const uint32_t *types, size_t n)
{
    size_t at = 12 + 8 * n, all = at;
    for (size_t i = 0; i < n; i++) {
        all += parts[i].n;
    }
    big(out, 0xfade0cc0, 4);
    big(out, all, 4);
    big(out, n, 4);
    for (size_t i = 0; i < n; i++) {
        big(out, types[i], 4);
        big(out, at, 4);
        at += parts[i].n;
    }
    for (size_t i = 0; i < n; i++) {
        bytes_add(out, parts[i].p, parts[i].n);
    }
}

static void add_part(struct bytes *parts, uint32_t *types, size_t *n, uint32_t type,
                     const struct bytes *b)
{
    if (b->n) {
        types[*n] = type;
        parts[(*n)++] = *b;
    }
}

static void sign(struct bytes *out, const char *words, const struct bytes *code,
                 struct bytes slot[SLOTS], uint8_t cdhash[20])
{
    struct bytes first = {0}, second = {0}, parts[6];
    uint32_t types[6];
    size_t n = 0;
    uint8_t digest[64];
    int both = said(words, "sha1");
    code_directory(&first, words, code, slot, both ? 1 : 0);
    if (both) {
        code_directory(&second, words, code, slot, 0);
    }
    add_part(parts, types, &n, 0, &first);
    add_part(parts, types, &n, 2, &slot[2]);
    add_part(parts, types, &n, 5, &slot[5]);
    add_part(parts, types, &n, 7, &slot[7]);
    add_part(parts, types, &n, 0x1000, &second);
    superblob(out, parts, types, n);
    code_hash(0, both ? second.p : first.p, both ? second.n : first.n, digest);
    memcpy(cdhash, digest, 20);
    bytes_free(&first);
    bytes_free(&second);
}

/* ---- file ---------------------------------------------------------------------------------- */

static void segment(struct bytes *b, const char *name, uint64_t at, uint64_t size)
{
    char full[16] = {0};
    memcpy(full, name, strlen(name));
    little(b, 0x19, 4);
    little(b, 72, 4);
    bytes_add(b, full, 16);
    little(b, 0x100000000 + at, 8);
    little(b, (size + 0x3fff) & ~(uint64_t)0x3fff, 8);
    little(b, at, 8);
    little(b, size, 8);
    little(b, 0x100000001, 8);
    bytes_zero(b, 8);
}

static void commands(struct bytes *b, const char *words, size_t room)
{
    segment(b, "__TEXT", 0, CODE_BYTES);
    segment(b, "__LINKEDIT", CODE_BYTES, room);
    little(b, 0x32, 4);
    little(b, 24, 4);
    little(b, number(words, "platform=", 10, 10), 4);
    little(b, number(words, "minimum=", 19, 10) << 16, 4);
    little(b, 24 << 16, 4);
    bytes_zero(b, 4);
    little(b, 0x1b, 4);
    little(b, 24, 4);
    bytes_add(b, "fuzz-code-uuid-0", 16);
    if (room) {
        little(b, 0x1d, 4);
        little(b, 16, 4);
        little(b, CODE_BYTES, 4);
        little(b, room, 4);
    }
}

struct cpu {
    const char *name;
    uint32_t type, sub;
};

static void slice(struct bytes *out, const char *words, const struct cpu *cpu,
                  struct bytes slot[SLOTS], uint8_t cdhash[20])
{
    struct bytes code = {0}, list = {0}, signature = {0};
    /* As large as the signature of other code of the same length: no hash in it changes that. */
    bytes_zero(&code, CODE_BYTES);
    if (!said(words, "nosign")) {
        sign(&signature, words, &code, slot, cdhash);
    }
    size_t room = signature.n;
    bytes_free(&signature);
    bytes_free(&code);
    commands(&list, words, room);
    little(&code, 0xfeedfacf, 4);
    little(&code, cpu->type, 4);
    little(&code, cpu->sub, 4);
    little(&code, 2, 4);
    little(&code, room ? 5 : 4, 4);
    little(&code, list.n, 4);
    little(&code, 0x85, 8);
    append(&code, &list);
    bytes_zero(&code, CODE_BYTES - code.n);
    if (room) {
        sign(&signature, words, &code, slot, cdhash);
    }
    append(&code, &signature);
    append(out, &code);
}

static void in_blob(struct bytes *slot, uint32_t magic, const uint8_t *p, size_t n)
{
    if (n) {
        blob(slot, magic, p, n);
    }
}

void code_make(struct bytes *out, const char *words, const uint8_t *entitlements, size_t size,
               const char *info, const char *seal, uint8_t cdhash[20])
{
    static const struct cpu cpus[] = {
        {"x86_64", 0x01000007, 3}, {"arm64", 0x0100000c, 0}, {"arm64e", 0x0100000c, 0x80000002}};
    struct bytes slot[SLOTS] = {{0}}, made[3] = {{0}}, bare = {0};
    const struct cpu *of[3];
    size_t n = 0, at = CODE_BYTES;
    (void)bytes_read(&slot[1], info);
    requirements(&slot[2], words);
    (void)bytes_read(&slot[3], seal);
    in_blob(&slot[5], 0xfade7171, entitlements, size);
    if (size && !said(words, "noder")) {
        der_entitlements(&bare, entitlements, size);
        in_blob(&slot[7], 0xfade7172, bare.p, bare.n);
        bytes_free(&bare);
    }
    for (size_t i = 0; i < 3; i++) {
        if (said(words, cpus[i].name) || (i == 2 && n == 0)) {
            of[n] = &cpus[i];
            slice(&made[n++], words, &cpus[i], slot, cdhash);
        }
    }
    if (n > 1) {
        big(out, 0xcafebabe, 4);
        big(out, n, 4);
        for (size_t i = 0; i < n; i++) {
            big(out, of[i]->type, 4);
            big(out, of[i]->sub, 4);
            big(out, at, 4);
            big(out, made[i].n, 4);
            big(out, 12, 4);
            at = (at + made[i].n + CODE_BYTES - 1) / CODE_BYTES * CODE_BYTES;
        }
    }
    for (size_t i = 0; i < n; i++) {
        bytes_zero(out, (CODE_BYTES - out->n % CODE_BYTES) % CODE_BYTES);
        append(out, &made[i]);
    }
    for (size_t i = 0; i < SLOTS; i++) {
        bytes_free(&slot[i]);
    }
}

/* ---- CodeResources ------------------------------------------------------------------------- */

static void add_text(struct bytes *b, const char *s)
{
    bytes_add(b, s, strlen(s));
}

static void add_escaped(struct bytes *b, const char *s)
{
    for (; *s; s++) {
        if (*s == '<' || *s == '&') {
            add_text(b, *s == '<' ? "&lt;" : "&amp;");
        } else {
            bytes_add(b, s, 1);
        }
    }
}

static void add_data(struct bytes *b, const char *key, const uint8_t *p, size_t n)
{
    uint8_t coded[64];
    (void)EVP_EncodeBlock(coded, p, (int)n);
    add_text(b, "<key>");
    add_text(b, key);
    add_text(b, "</key><data>");
    add_text(b, (const char *)coded);
    add_text(b, "</data>");
}

void code_seal(struct bytes *out, const struct sealed *list, size_t count)
{
    add_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\"><dict>"
                  "<key>files</key><dict/>\n<key>files2</key><dict>\n");
    for (size_t i = 0; i < count; i++) {
        add_text(out, "<key>");
        add_escaped(out, list[i].path);
        add_text(out, "</key><dict>");
        if (list[i].link) {
            add_text(out, "<key>symlink</key><string>");
            add_escaped(out, list[i].link);
            add_text(out, "</string>");
        } else if (list[i].cdhash) {
            add_data(out, "cdhash", list[i].cdhash, 20);
            add_text(out, "<key>requirement</key><string>cdhash H\"00\"</string>");
        } else {
            add_data(out, "hash2", list[i].sha256, 32);
        }
        add_text(out, "</dict>\n");
    }
    add_text(out, "</dict>\n<key>rules2</key><dict><key>^.*</key><true/>"
                  "<key>^Info\\.plist$</key><dict><key>omit</key><true/><key>weight</key>"
                  "<real>20</real></dict><key>^PkgInfo$</key><dict><key>omit</key><true/>"
                  "<key>weight</key><real>20</real></dict></dict></dict></plist>\n");
}
