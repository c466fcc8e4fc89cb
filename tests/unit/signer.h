/* signer.h: makes what the signature tests need: Mach-O files with DriverKit classes, signed ad hoc
 * or by a certification authority of our own. Independent of lib/: it writes, lib/ reads. */
#ifndef TEST_SIGNER_H
#define TEST_SIGNER_H

#include <openssl/cms.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- bytes --------------------------------------------------------------------------------- */

struct bytes {
    unsigned char *p;
    size_t n;
};

/* Every block that is not freed yet: what the tests build is freed at their end, by bytes_free_all.
 */
static struct {
    void **list;
    size_t count, cap;
} bytes_live;

static inline void *bytes_grow(void *old, size_t n)
{
    size_t i = bytes_live.count;
    while (old && bytes_live.list[i - 1] != old) {
        i--;
    }
    if (!old) {
        if (bytes_live.count == bytes_live.cap) {
            bytes_live.cap = bytes_live.cap * 2 + 64;
            bytes_live.list = realloc(bytes_live.list, bytes_live.cap * sizeof *bytes_live.list);
        }
        i = ++bytes_live.count;
    }
    return bytes_live.list[i - 1] = realloc(old, n);
}

static inline void bytes_free(void *p)
{
    for (size_t i = bytes_live.count; p && i-- > 0;) {
        if (bytes_live.list[i] == p) {
            bytes_live.list[i] = bytes_live.list[--bytes_live.count];
            free(p);
            return;
        }
    }
}

static inline void bytes_free_all(void)
{
    while (bytes_live.count) {
        free(bytes_live.list[--bytes_live.count]);
    }
    free(bytes_live.list);
    memset(&bytes_live, 0, sizeof bytes_live);
}

static inline size_t bytes_add(struct bytes *b, const void *data, size_t n)
{
    b->p = bytes_grow(b->p, b->n + n + 1);
    if (data) {
        memcpy(b->p + b->n, data, n);
    } else {
        memset(b->p + b->n, 0, n);
    }
    b->n += n;
    return b->n - n;
}

static inline size_t bytes_text(struct bytes *b, const char *s)
{
    return bytes_add(b, s, strlen(s));
}

static inline void bytes_pad(struct bytes *b, size_t to)
{
    if (b->n < to) {
        bytes_add(b, NULL, to - b->n);
    }
}

static inline void put_be32(unsigned char *p, uint32_t v)
{
    p[0] = (unsigned char)(v >> 24);
    p[1] = (unsigned char)(v >> 16);
    p[2] = (unsigned char)(v >> 8);
    p[3] = (unsigned char)v;
}

static inline void put_le32(unsigned char *p, uint32_t v)
{
    p[3] = (unsigned char)(v >> 24);
    p[2] = (unsigned char)(v >> 16);
    p[1] = (unsigned char)(v >> 8);
    p[0] = (unsigned char)v;
}

static inline void put_le64(unsigned char *p, uint64_t v)
{
    put_le32(p, (uint32_t)v);
    put_le32(p + 4, (uint32_t)(v >> 32));
}

static inline void bytes_be32(struct bytes *b, uint32_t v)
{
    size_t at = bytes_add(b, NULL, 4);
    put_be32(b->p + at, v);
}

static inline void bytes_le32(struct bytes *b, uint32_t v)
{
    size_t at = bytes_add(b, NULL, 4);
    put_le32(b->p + at, v);
}

static inline void bytes_le64(struct bytes *b, uint64_t v)
{
    size_t at = bytes_add(b, NULL, 8);
    put_le64(b->p + at, v);
}

/* ---- Mach-O -------------------------------------------------------------------------------- */

struct test_class {
    const char *name, *super;
    const char *methods; /* names, each ended by NUL, the last by two */
};

enum test_pointers {
    POINTERS_PLAIN = 0,
    POINTERS_64 = 2,
    POINTERS_64_OFFSET = 6,
    POINTERS_ARM64E = 1
};

struct test_slice {
    uint32_t cpu, subtype;
    enum test_pointers pointers;
    const struct test_class *classes;
    size_t class_count;
    const char *embedded_info; /* section __TEXT,__info_plist, or NULL */
    /* signature */
    const char *identifier, *team;
    uint32_t flags;
    unsigned hashes[3]; /* kinds, the first is the primary one; 0 ends; all 0: not signed */
    unsigned page_bits; /* 0: 12 */
    struct bytes xml, der, requirements; /* n 0: none */
    struct bytes info, resources;        /* what slots 1 and 3 cover; n 0: nothing */
    const struct test_identity *signer;  /* NULL: ad hoc */
    X509 *const *chain;                  /* to put into the CMS */
    size_t chain_count;
    /* damage */
    bool no_attributes;  /* leaves the cdhash attributes out */
    bool other_cdhash;   /* attributes of another directory */
    uint32_t limit_less; /* code limit that much too small */
};

#define TEXT_SIZE 0x1000U
#define BASE 0x100000000ULL
#define SIGNATURE_ROOM 0x2000U

/* A stored pointer to the address, in that format. */
static inline uint64_t pointer(enum test_pointers format, uint64_t address)
{
    switch (format) {
    case POINTERS_64_OFFSET:
        return address - BASE;
    case POINTERS_ARM64E: /* authenticated: an offset, a diversity, and the bit */
        return 1ULL << 63 | 0x1234ULL << 32 | (address - BASE);
    default:
        return address;
    }
}

/* The data segment: pointers, load information, descriptions. */
static inline struct bytes class_data(const struct test_slice *s)
{
    struct bytes b = {0};
    uint64_t address = BASE + TEXT_SIZE;
    size_t count = s->class_count;
    bytes_add(&b, NULL, count * 16);
    for (size_t i = 0; i < count; i++) {
        const struct test_class *c = &s->classes[i];
        size_t methods = 0;
        while (c->methods && c->methods[methods]) {
            methods += strlen(c->methods + methods) + 1;
        }
        size_t at = bytes_add(&b, NULL, 320), names = bytes_add(&b, c->methods, methods);
        bytes_pad(&b, (b.n + 7) & ~(size_t)7);
        unsigned char *d = b.p + at;
        put_le32(d, (uint32_t)(b.n - at));
        memcpy(d + 4, c->name, strlen(c->name));
        memcpy(d + 100, c->super, strlen(c->super));
        put_le32(d + 220, (uint32_t)methods);
        put_le32(d + 224, (uint32_t)(names - at));
        put_le64(b.p + i * 8, pointer(s->pointers, address + count * 8 + i * 8));
        put_le64(b.p + count * 8 + i * 8, pointer(s->pointers, address + at));
    }
    return b;
}

static inline void add_name(struct bytes *b, const char *name)
{
    char room[16] = "";
    memcpy(room, name, strlen(name) < 16 ? strlen(name) : 16);
    bytes_add(b, room, 16);
}

static inline void segment(struct bytes *b, const char *name, uint64_t address, uint64_t offset,
                           uint64_t size, uint32_t sections)
{
    bytes_le32(b, 0x19);
    bytes_le32(b, 72 + sections * 80);
    add_name(b, name);
    bytes_le64(b, address);
    bytes_le64(b, (size + 0xfff) & ~0xfffULL);
    bytes_le64(b, offset);
    bytes_le64(b, size);
    bytes_le32(b, 1);
    bytes_le32(b, 1);
    bytes_le32(b, sections);
    bytes_le32(b, 0);
}

static inline void section(struct bytes *b, const char *name, const char *segment_name,
                           uint64_t address, uint64_t size, uint32_t offset)
{
    add_name(b, name);
    add_name(b, segment_name);
    bytes_le64(b, address);
    bytes_le64(b, size);
    bytes_le32(b, offset);
    bytes_add(b, NULL, 28);
}

static inline void linkedit(struct bytes *b, uint32_t command, uint32_t offset, uint32_t size)
{
    bytes_le32(b, command);
    bytes_le32(b, 16);
    bytes_le32(b, offset);
    bytes_le32(b, size);
}

/* Chained fixups with one segment that says the format; enough for a reader of pointers. */
static inline struct bytes fixups(const struct test_slice *s)
{
    struct bytes b = {0};
    if (s->pointers == POINTERS_PLAIN) {
        return b;
    }
    bytes_le32(&b, 0);
    bytes_le32(&b, 28); /* starts */
    bytes_add(&b, NULL, 20);
    bytes_le32(&b, 3); /* segments */
    bytes_le32(&b, 0);
    bytes_le32(&b, 16); /* the second one */
    bytes_le32(&b, 0);
    bytes_le32(&b, 24);
    bytes_le32(&b, 0x1000 | (uint32_t)s->pointers << 16);
    bytes_le64(&b, TEXT_SIZE);
    bytes_le32(&b, 0);
    bytes_le32(&b, 1);
    return b;
}

/* Without signature, but with room for one; *signature is where. */
static inline struct bytes macho(const struct test_slice *s, size_t *signature)
{
    struct bytes data = class_data(s), fix = fixups(s), commands = {0}, out = {0};
    uint32_t data_size = (uint32_t)((data.n + 0xfff) & ~(size_t)0xfff);
    uint32_t link = TEXT_SIZE + data_size, room = s->hashes[0] ? SIGNATURE_ROOM : 0;
    uint32_t at = (link + (uint32_t)fix.n + 64 + 15) & ~15U;
    uint32_t info = s->embedded_info ? (uint32_t)strlen(s->embedded_info) : 0;
    segment(&commands, "__TEXT", BASE, 0, TEXT_SIZE, 1 + (info > 0));
    section(&commands, "__text", "__TEXT", BASE + 0x800, 0x100, 0x800);
    if (info) {
        section(&commands, "__info_plist", "__TEXT", BASE + 0xa00, info, 0xa00);
    }
    segment(&commands, "__DATA_CONST", BASE + TEXT_SIZE, TEXT_SIZE, data_size, 1);
    section(&commands, "__osclassinfo", "__DATA_CONST", BASE + TEXT_SIZE, s->class_count * 8,
            TEXT_SIZE);
    segment(&commands, "__LINKEDIT", BASE + link, link, at - link + room, 0);
    bytes_le32(&commands, 0x1b); /* UUID */
    bytes_le32(&commands, 24);
    bytes_add(&commands, "\x01\x23\x45\x67\x89\xab\xcd\xef\x01\x23\x45\x67\x89\xab\xcd\xef", 16);
    bytes_le32(&commands, 0x32); /* build version */
    bytes_le32(&commands, 24);
    bytes_le32(&commands, 10);
    bytes_le32(&commands, 19 << 16);
    bytes_le32(&commands, 24 << 16 | 4 << 8);
    bytes_le32(&commands, 0);
    uint32_t count = 5;
    if (fix.n) {
        linkedit(&commands, 0x80000034, link, (uint32_t)fix.n);
        count++;
    }
    if (room) {
        linkedit(&commands, 0x1d, at, room);
        count++;
    }
    bytes_le32(&out, 0xfeedfacf);
    bytes_le32(&out, s->cpu);
    bytes_le32(&out, s->subtype);
    bytes_le32(&out, 2);
    bytes_le32(&out, count);
    bytes_le32(&out, (uint32_t)commands.n);
    bytes_le32(&out, 0x200085);
    bytes_le32(&out, 0);
    bytes_add(&out, commands.p, commands.n);
    bytes_pad(&out, 0x800);
    for (unsigned i = 0; i < 0x100; i++) {
        bytes_add(&out, &(unsigned char){(unsigned char)(i * 7)}, 1);
    }
    bytes_pad(&out, 0xa00);
    bytes_add(&out, s->embedded_info, info);
    bytes_pad(&out, TEXT_SIZE);
    bytes_add(&out, data.p, data.n);
    bytes_pad(&out, link);
    bytes_add(&out, fix.p, fix.n);
    bytes_pad(&out, at);
    *signature = at;
    bytes_free(data.p);
    bytes_free(fix.p);
    bytes_free(commands.p);
    return out;
}

/* ---- certificates -------------------------------------------------------------------------- */

struct test_identity {
    X509 *x;
    EVP_PKEY *key;
};

static inline void extension(X509 *x, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX v3;
    X509V3_set_ctx(&v3, issuer, x, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &v3, nid, value);
    X509_add_ext(x, e, -1);
    X509_EXTENSION_free(e);
}

static inline struct test_identity identity(const char *name, const char *unit, bool ca,
                                            const struct test_identity *issuer)
{
    static long serial = 1;
    struct test_identity id = {X509_new(), EVP_EC_gen("P-256")};
    const struct test_identity *by = issuer ? issuer : &id;
    X509_set_version(id.x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(id.x), serial++);
    X509_NAME *n = X509_get_subject_name(id.x);
    X509_NAME_add_entry_by_txt(n, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1, 0);
    if (unit) {
        X509_NAME_add_entry_by_txt(n, "OU", MBSTRING_UTF8, (const unsigned char *)unit, -1, -1, 0);
    }
    X509_set_issuer_name(id.x, X509_get_subject_name(by->x));
    ASN1_TIME_set_string_X509(X509_getm_notBefore(id.x), "20250101000000Z");
    ASN1_TIME_set_string_X509(X509_getm_notAfter(id.x), "20450101000000Z");
    X509_set_pubkey(id.x, id.key);
    extension(id.x, by->x, NID_basic_constraints, ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
    extension(id.x, by->x, NID_key_usage,
              ca ? "critical,keyCertSign" : "critical,digitalSignature");
    if (!ca) {
        extension(id.x, by->x, NID_ext_key_usage, "critical,codeSigning");
    }
    X509_sign(id.x, by->key, EVP_sha256());
    return id;
}

/* ---- code signature ------------------------------------------------------------------------ */

static inline const EVP_MD *hash_of(unsigned type)
{
    return type == 1 ? EVP_sha1() : type == 4 ? EVP_sha384() : EVP_sha256();
}

static inline size_t hash_room(unsigned type)
{
    return type == 2 ? 32 : type == 4 ? 48 : 20;
}

static inline void hash_into(unsigned type, const void *data, size_t n, unsigned char *to)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size;
    EVP_Digest(data, n, digest, &size, hash_of(type), NULL);
    memcpy(to, digest, hash_room(type));
}

static inline struct bytes blob(uint32_t magic, struct bytes body)
{
    struct bytes b = {0};
    bytes_be32(&b, magic);
    bytes_be32(&b, (uint32_t)body.n + 8);
    bytes_add(&b, body.p, body.n);
    return b;
}

static inline void special(const struct test_slice *s, unsigned type, unsigned char *hashes,
                           uint32_t slot, struct bytes content)
{
    (void)s;
    if (content.n) {
        hash_into(type, content.p, content.n, hashes - slot * hash_room(type));
    }
}

static inline struct bytes directory(const struct test_slice *s, unsigned type, struct bytes code,
                                     const struct bytes parts[3])
{
    struct bytes b = {0};
    unsigned bits = s->page_bits ? s->page_bits : 12;
    size_t page = (size_t)1 << bits, limit = code.n - s->limit_less;
    size_t pages = (limit + page - 1) / page, size = hash_room(type), specials = 7;
    bytes_add(&b, NULL, 96);
    size_t ident = bytes_add(&b, s->identifier, strlen(s->identifier) + 1);
    size_t team = s->team ? bytes_add(&b, s->team, strlen(s->team) + 1) : 0;
    bytes_add(&b, NULL, specials * size);
    size_t hashes = bytes_add(&b, NULL, pages * size);
    for (size_t i = 0; i < pages; i++) {
        size_t n = limit - i * page < page ? limit - i * page : page;
        hash_into(type, code.p + i * page, n, b.p + hashes + i * size);
    }
    special(s, type, b.p + hashes, 1, s->info);
    special(s, type, b.p + hashes, 2, parts[0]);
    special(s, type, b.p + hashes, 3, s->resources);
    special(s, type, b.p + hashes, 5, parts[1]);
    special(s, type, b.p + hashes, 7, parts[2]);
    put_be32(b.p, 0xfade0c02);
    put_be32(b.p + 4, (uint32_t)b.n);
    put_be32(b.p + 8, 0x20500);
    put_be32(b.p + 12, s->flags);
    put_be32(b.p + 16, (uint32_t)hashes);
    put_be32(b.p + 20, (uint32_t)ident);
    put_be32(b.p + 24, (uint32_t)specials);
    put_be32(b.p + 28, (uint32_t)pages);
    put_be32(b.p + 32, (uint32_t)limit);
    b.p[36] = (unsigned char)size;
    b.p[37] = (unsigned char)type;
    b.p[39] = (unsigned char)bits;
    put_be32(b.p + 48, (uint32_t)team);
    put_be32(b.p + 76, TEXT_SIZE); /* low half of execSegLimit */
    put_be32(b.p + 84, 1);         /* main binary */
    put_be32(b.p + 88, 19 << 16);
    return b;
}

static inline void base64(struct bytes *b, const unsigned char *p, size_t n)
{
    unsigned char text[128];
    EVP_EncodeBlock(text, p, (int)n);
    bytes_text(b, (const char *)text);
}

/* Both attributes that name the code directories. */
static inline void add_attributes(CMS_SignerInfo *si, const struct test_slice *s,
                                  const struct bytes *cds, size_t count)
{
    struct bytes plist = {0};
    X509_ATTRIBUTE *digests = NULL; /* one attribute, a value for each directory */
    bytes_text(&plist, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\"><dict>"
                       "<key>cdhashes</key><array>");
    for (size_t i = 0; i < count; i++) {
        unsigned char digest[EVP_MAX_MD_SIZE], der[80];
        unsigned size;
        EVP_Digest(cds[i].p, cds[i].n, digest, &size, hash_of(s->hashes[i]), NULL);
        digest[0] ^= s->other_cdhash ? 1 : 0;
        bytes_text(&plist, "<data>");
        base64(&plist, digest, 20);
        bytes_text(&plist, "</data>");
        ASN1_OBJECT *o = OBJ_nid2obj(EVP_MD_get_type(hash_of(s->hashes[i])));
        unsigned char *at = der + 2;
        i2d_ASN1_OBJECT(o, &at);
        *at++ = 0x04;
        *at++ = (unsigned char)size;
        memcpy(at, digest, size);
        at += size;
        der[0] = 0x30;
        der[1] = (unsigned char)(at - der - 2);
        if (digests) {
            X509_ATTRIBUTE_set1_data(digests, V_ASN1_SEQUENCE, der, (int)(at - der));
        } else {
            digests = X509_ATTRIBUTE_create_by_txt(NULL, "1.2.840.113635.100.9.2", V_ASN1_SEQUENCE,
                                                   der, (int)(at - der));
        }
    }
    CMS_signed_add1_attr(si, digests);
    X509_ATTRIBUTE_free(digests);
    bytes_text(&plist, "</array></dict></plist>\n");
    CMS_signed_add1_attr_by_txt(si, "1.2.840.113635.100.9.1", V_ASN1_OCTET_STRING, plist.p,
                                (int)plist.n);
    bytes_free(plist.p);
}

static inline struct bytes cms(const struct test_slice *s, const struct bytes *cds, size_t count)
{
    struct bytes out = {0};
    unsigned flags = CMS_BINARY | CMS_DETACHED | CMS_PARTIAL | CMS_NOSMIMECAP;
    CMS_ContentInfo *c = CMS_sign(NULL, NULL, NULL, NULL, flags);
    for (size_t i = 0; i < s->chain_count; i++) {
        CMS_add1_cert(c, s->chain[i]);
    }
    CMS_SignerInfo *si =
        CMS_add1_signer(c, s->signer->x, s->signer->key, EVP_sha256(), flags | CMS_NOCERTS);
    if (!s->no_attributes) {
        add_attributes(si, s, cds, count);
    }
    BIO *in = BIO_new_mem_buf(cds[0].p, (int)cds[0].n);
    CMS_final(c, in, NULL, flags);
    BIO_free(in);
    unsigned char *der = NULL;
    int size = i2d_CMS_ContentInfo(c, &der);
    bytes_add(&out, der, (size_t)size);
    OPENSSL_free(der);
    CMS_ContentInfo_free(c);
    return out;
}

struct blobs {
    uint32_t slot[12];
    struct bytes blob[12];
    size_t count;
};

static inline void add_blob(struct blobs *b, uint32_t slot, struct bytes x)
{
    b->slot[b->count] = slot;
    b->blob[b->count++] = x;
}

static inline struct bytes superblob(const struct blobs *all)
{
    struct bytes b = {0};
    bytes_add(&b, NULL, 12 + all->count * 8);
    for (size_t i = 0; i < all->count; i++) {
        size_t at = bytes_add(&b, all->blob[i].p, all->blob[i].n);
        put_be32(b.p + 12 + i * 8, all->slot[i]);
        put_be32(b.p + 16 + i * 8, (uint32_t)at);
    }
    put_be32(b.p, 0xfade0cc0);
    put_be32(b.p + 4, (uint32_t)b.n);
    put_be32(b.p + 8, (uint32_t)all->count);
    return b;
}

static inline struct bytes sign(const struct test_slice *s, struct bytes code)
{
    static const uint32_t magic[] = {0, 0xfade7171, 0xfade7172};
    struct bytes parts[3] = {{0}}, cds[3];
    struct blobs all = {.count = 0};
    size_t count = 0;
    bytes_add(&parts[0], s->requirements.p, s->requirements.n);
    parts[1] = s->xml.n ? blob(magic[1], s->xml) : parts[1];
    parts[2] = s->der.n ? blob(magic[2], s->der) : parts[2];
    for (; count < 3 && s->hashes[count]; count++) {
        cds[count] = directory(s, s->hashes[count], code, parts);
        add_blob(&all, count ? 0x1000 + (uint32_t)count - 1 : 0, cds[count]);
    }
    static const uint32_t slots[] = {2, 5, 7};
    for (size_t i = 0; i < 3; i++) {
        if (parts[i].n) {
            add_blob(&all, slots[i], parts[i]);
        }
    }
    struct bytes c = s->signer ? cms(s, cds, count) : (struct bytes){0};
    add_blob(&all, 0x10000, blob(0xfade0b01, c));
    struct bytes out = superblob(&all);
    for (size_t i = 0; i < all.count; i++) {
        bytes_free(all.blob[i].p);
    }
    bytes_free(c.p);
    return out;
}

/* A slice with its signature. */
static inline struct bytes signed_slice(const struct test_slice *s)
{
    size_t at;
    struct bytes out = macho(s, &at);
    if (s->hashes[0]) {
        struct bytes signature = sign(s, out);
        bytes_add(&out, signature.p, signature.n);
        bytes_free(signature.p);
        bytes_pad(&out, at + SIGNATURE_ROOM);
    }
    return out;
}

static inline struct bytes universal(const struct test_slice *s, size_t count)
{
    struct bytes out = {0};
    bytes_be32(&out, 0xcafebabe);
    bytes_be32(&out, (uint32_t)count);
    bytes_add(&out, NULL, count * 20);
    for (size_t i = 0; i < count; i++) {
        struct bytes one = signed_slice(&s[i]);
        bytes_pad(&out, (out.n + 0xfff) & ~(size_t)0xfff);
        size_t at = bytes_add(&out, one.p, one.n);
        unsigned char *e = out.p + 8 + i * 20;
        put_be32(e, s[i].cpu);
        put_be32(e + 4, s[i].subtype);
        put_be32(e + 8, (uint32_t)at);
        put_be32(e + 12, (uint32_t)one.n);
        put_be32(e + 16, 12);
        bytes_free(one.p);
    }
    return out;
}

/* ---- requirements, entitlements ------------------------------------------------------------ */

static inline void requirement_data(struct bytes *b, const char *text)
{
    bytes_be32(b, (uint32_t)strlen(text));
    bytes_text(b, text);
    bytes_pad(b, (b->n + 3) & ~(size_t)3);
}

/* designated => identifier ID and certificate leaf[subject.OU] = TEAM */
static inline struct bytes requirements(const char *id, const char *team)
{
    struct bytes b = {0}, r = {0}, body = {0};
    bytes_be32(&b, 1);
    bytes_be32(&b, 6);
    bytes_be32(&b, 2);
    requirement_data(&b, id);
    bytes_be32(&b, 11);
    bytes_be32(&b, 0);
    requirement_data(&b, "subject.OU");
    bytes_be32(&b, 1);
    requirement_data(&b, team);
    r = blob(0xfade0c00, b);
    bytes_be32(&body, 1);
    bytes_be32(&body, 3);
    bytes_be32(&body, 20);
    bytes_add(&body, r.p, r.n);
    struct bytes out = blob(0xfade0c01, body);
    bytes_free(b.p);
    bytes_free(r.p);
    bytes_free(body.p);
    return out;
}

static inline struct bytes no_requirements(void)
{
    struct bytes zero = {0};
    bytes_be32(&zero, 0);
    struct bytes out = blob(0xfade0c01, zero);
    bytes_free(zero.p);
    return out;
}

static inline struct bytes tlv(unsigned char tag, struct bytes body)
{
    struct bytes b = {0};
    unsigned char head[3] = {tag, (unsigned char)body.n, 0};
    if (body.n > 127) {
        head[1] = 0x81;
        head[2] = (unsigned char)body.n;
    }
    bytes_add(&b, head, body.n > 127 ? 3 : 2);
    bytes_add(&b, body.p, body.n);
    return b;
}

/* {com.apple.developer.driverkit: true, com.apple.developer.driverkit.transport.usb:
 * [{idVendor: vendor}]} as XML, and as DER. Vendor below 128. */
static inline struct bytes entitlements_xml(unsigned vendor)
{
    char text[600];
    struct bytes b = {0};
    (void)snprintf(
        text, sizeof text,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\">\n<dict>\n"
        "\t<key>com.apple.developer.driverkit</key>\n\t<true/>\n"
        "\t<key>com.apple.developer.driverkit.transport.usb</key>\n\t<array>\n\t\t<dict>\n"
        "\t\t\t<key>idVendor</key>\n\t\t\t<integer>%u</integer>\n\t\t</dict>\n\t</array>\n"
        "</dict>\n</plist>\n",
        vendor);
    bytes_text(&b, text);
    return b;
}

static inline struct bytes pair(const char *key, struct bytes value)
{
    struct bytes k = {(unsigned char *)(uintptr_t)key, strlen(key)}, both = {0};
    struct bytes kt = tlv(0x0c, k);
    bytes_add(&both, kt.p, kt.n);
    bytes_add(&both, value.p, value.n);
    struct bytes out = tlv(0x30, both);
    bytes_free(kt.p);
    bytes_free(both.p);
    bytes_free(value.p);
    return out;
}

static inline struct bytes wrap(unsigned char tag, struct bytes inner)
{
    struct bytes out = tlv(tag, inner);
    bytes_free(inner.p);
    return out;
}

static inline struct bytes entitlements_der(unsigned vendor)
{
    unsigned char number[] = {(unsigned char)vendor}, yes[] = {0xff}, one[] = {1};
    struct bytes usb =
        wrap(0x30, wrap(0xb0, pair("idVendor", tlv(0x02, (struct bytes){number, 1}))));
    struct bytes first = pair("com.apple.developer.driverkit", tlv(0x01, (struct bytes){yes, 1}));
    struct bytes second = pair("com.apple.developer.driverkit.transport.usb", usb);
    struct bytes dict = {0}, all = {0}, version = tlv(0x02, (struct bytes){one, 1});
    bytes_add(&dict, first.p, first.n);
    bytes_add(&dict, second.p, second.n);
    struct bytes body = wrap(0xb0, dict);
    bytes_add(&all, version.p, version.n);
    bytes_add(&all, body.p, body.n);
    bytes_free(first.p);
    bytes_free(second.p);
    bytes_free(version.p);
    bytes_free(body.p);
    return wrap(0x70, all);
}

#endif
