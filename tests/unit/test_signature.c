/* Signatures: bundles made and signed here (signer.h), intact, then broken in every way that has a
 * name, then with single bits flipped at random. With DEXTCTL_WRITE_FIXTURES=FOLDER the bundles of
 * the golden cases are written there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "signer.h"

#include "dext/signature.h"
#include "sign/requirement.h"

static struct dext_ctx *ctx;
static char folder[64];

static const struct test_class driver_classes[] = {
    {"MyDriver", "IOUserHIDDevice", "handleStart\0newReportDescriptor\0"},
    {"MyDriverUserClient", "IOUserClient", "ExternalMethod\0"},
};

static const char info_plist[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\">\n<dict>\n"
    "\t<key>CFBundleExecutable</key>\n\t<string>com.example.driver</string>\n"
    "\t<key>CFBundleIdentifier</key>\n\t<string>com.example.driver</string>\n"
    "\t<key>CFBundlePackageType</key>\n\t<string>DEXT</string>\n</dict>\n</plist>\n";

/* ---- files --------------------------------------------------------------------------------- */

static const char *in(const char *path)
{
    static char out[4][512];
    static unsigned next;
    char *p = out[next++ % 4];
    (void)snprintf(p, 512, "%s/%s", folder, path);
    return p;
}

static void write_file(const char *path, const void *data, size_t n)
{
    char full[512];
    (void)snprintf(full, sizeof full, "%s", in(path));
    for (char *p = full + strlen(folder) + 1; (p = strchr(p, '/')) != NULL; *p++ = '/') {
        *p = 0;
        (void)mkdir(full, 0755);
    }
    FILE *f = fopen(full, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

static void write_text(const char *path, const char *text)
{
    write_file(path, text, strlen(text));
}

static void flip(const char *path, long at, unsigned char mask)
{
    FILE *f = fopen(in(path), "r+b");
    assert_non_null(f);
    assert_int_equal(fseek(f, at, SEEK_SET), 0);
    int c = fgetc(f);
    assert_int_not_equal(c, EOF);
    assert_int_equal(fseek(f, at, SEEK_SET), 0);
    (void)fputc(c ^ mask, f);
    assert_int_equal(fclose(f), 0);
}

/* ---- asking -------------------------------------------------------------------------------- */

static struct dext_signatures all;

static void forget(void)
{
    dext_ctx_free(ctx);
    ctx = dext_ctx_new(NULL);
}

static const struct dext_code *look(const char *path)
{
    forget();
    int status = dext_signatures_read(&all, ctx, in(path), NULL);
    if (status != DEXT_OK) {
        print_message("%s\n", dext_ctx_error(ctx));
    }
    assert_int_equal(status, DEXT_OK);
    return all.list[0];
}

static const struct dext_sign_problem *has(const struct dext_code *c, const char *name)
{
    for (size_t i = 0; i < c->problem_count; i++) {
        if (strcmp(c->problems[i].name, name) == 0) {
            return &c->problems[i];
        }
    }
    return NULL;
}

static void expect_none(const struct dext_code *c)
{
    for (size_t i = 0; i < c->problem_count; i++) {
        print_message("%s: %s: %s\n", c->problems[i].name, c->problems[i].file,
                      c->problems[i].text);
    }
    assert_int_equal(c->problem_count, 0);
    assert_false(c->broken);
}

static void expect_only(const struct dext_code *c, const char *name)
{
    for (size_t i = 0; i < c->problem_count; i++) {
        if (strcmp(c->problems[i].name, name) != 0) {
            print_message("%s: %s: %s\n", c->problems[i].name, c->problems[i].file,
                          c->problems[i].text);
            fail();
        }
    }
    if (c->problem_count == 0) {
        print_message("no %s\n", name);
    }
    assert_true(c->problem_count > 0);
}

/* ---- what is signed ------------------------------------------------------------------------ */

static struct test_identity root, leaf, stranger;
static X509 *chain[2], *other_chain[2];

static struct test_slice plain(void)
{
    return (struct test_slice){
        .cpu = 0x0100000c,
        .classes = driver_classes,
        .class_count = 2,
        .identifier = "com.example.driver",
        .flags = 2,
        .hashes = {2},
        .requirements = no_requirements(),
        .xml = entitlements_xml(42),
        .der = entitlements_der(42),
    };
}

static struct test_slice by_authority(void)
{
    struct test_slice s = plain();
    s.flags = 0x10000;
    s.team = "ABCDE12345";
    s.requirements = requirements("com.example.driver", "ABCDE12345");
    s.signer = &leaf;
    s.chain = chain;
    s.chain_count = 2;
    return s;
}

static void write_slice(const char *path, const struct test_slice *s)
{
    struct bytes b = signed_slice(s);
    write_file(path, b.p, b.n);
    bytes_free(b.p);
}

/* CodeResources with the rules that codesign writes for a flat bundle. */
struct sealed {
    const char *path, *content;
    const char *extra; /* further keys of the entry */
};

static struct bytes code_resources(const struct sealed *files, size_t count, bool version1)
{
    static const char rules2[] = "<key>rules2</key><dict>"
                                 "<key>^(.*/)?\\.DS_Store$</key><dict><key>omit</key><true/"
                                 "><key>weight</key><real>2000</real>"
                                 "</dict><key>^.*</key><true/>"
                                 "<key>^.*\\.lproj/</key><dict><key>optional</key><true/"
                                 "><key>weight</key><real>1000</real></dict>"
                                 "<key>^(Frameworks|PlugIns)/</key><dict><key>nested</key><true/"
                                 "><key>weight</key><real>10</real>"
                                 "</dict><key>^Info\\.plist$</key><dict><key>omit</key><true/"
                                 "><key>weight</key><real>20</real>"
                                 "</dict></dict>";
    static const char rules1[] = "<key>rules</key><dict><key>^.*</key><true/>"
                                 "<key>^Info.plist$</key><dict><key>omit</key><true/>"
                                 "<key>weight</key><integer>9</integer></dict></dict>";
    struct bytes b = {0};
    bytes_text(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\"><dict>");
    bytes_text(&b, version1 ? "<key>files</key><dict>" : "<key>files2</key><dict>");
    for (size_t i = 0; i < count; i++) {
        const struct sealed *f = &files[i];
        unsigned char digest[48];
        bytes_text(&b, "<key>");
        bytes_text(&b, f->path);
        bytes_text(&b, version1 ? "</key><data>" : "</key><dict>");
        if (f->content) {
            hash_into(version1 ? 1 : 2, f->content, strlen(f->content), digest);
            bytes_text(&b, version1 ? "" : "<key>hash2</key><data>");
            base64(&b, digest, version1 ? 20 : 32);
            bytes_text(&b, version1 ? "" : "</data>");
        }
        bytes_text(&b, f->extra ? f->extra : "");
        bytes_text(&b, version1 ? "</data>" : "</dict>");
    }
    bytes_text(&b, "</dict>");
    bytes_text(&b, version1 ? rules1 : rules2);
    if (!version1) { /* macOS wants to see lists of version 1 as well */
        bytes_text(&b, "<key>files</key><dict/>");
        bytes_text(&b, rules1);
    }
    bytes_text(&b, "</dict></plist>\n");
    return b;
}

static const struct sealed two_files[] = {
    {"Notes.txt", "what was sealed\n", NULL},
    {"en.lproj/Text.strings", "\"a\" = \"b\";\n", "<key>optional</key><true/>"},
};

/* A flat bundle D.dext of these slices. */
static void write_bundle_of(const char *name, struct test_slice *slices, size_t count,
                            const struct sealed *files, size_t file_count, bool version1)
{
    char path[256];
    struct bytes info = {0}, resources = code_resources(files, file_count, version1);
    bytes_text(&info, info_plist);
    for (size_t i = 0; i < count; i++) {
        slices[i].info = info;
        slices[i].resources = resources;
    }
    struct bytes exe = count == 1 ? signed_slice(slices) : universal(slices, count);
    (void)snprintf(path, sizeof path, "%s/Info.plist", name);
    write_text(path, info_plist);
    (void)snprintf(path, sizeof path, "%s/com.example.driver", name);
    write_file(path, exe.p, exe.n);
    (void)snprintf(path, sizeof path, "%s/_CodeSignature/CodeResources", name);
    write_file(path, resources.p, resources.n);
    for (size_t i = 0; i < file_count; i++) {
        if (files[i].content) {
            (void)snprintf(path, sizeof path, "%s/%s", name, files[i].path);
            write_text(path, files[i].content);
        }
    }
    bytes_free(exe.p);
    bytes_free(info.p);
    bytes_free(resources.p);
}

static void write_bundle(const char *name, struct test_slice s)
{
    write_bundle_of(name, &s, 1, two_files, 2, false);
}

/* ---- tests --------------------------------------------------------------------------------- */

static void test_ad_hoc(void **state)
{
    (void)state;
    struct test_slice s = plain();
    write_slice("plain", &s);
    const struct dext_code *c = look("plain");
    expect_none(c);
    assert_int_equal(c->slice_count, 1);
    const struct dext_slice *x = c->slices;
    assert_int_equal(x->kind, DEXT_SIGNER_AD_HOC);
    assert_string_equal(x->arch, "arm64");
    assert_string_equal(x->platform, "DriverKit");
    assert_string_equal(x->minimum, "19.0");
    assert_string_equal(x->sdk, "24.4");
    assert_string_equal(x->uuid, "01234567-89AB-CDEF-0123-456789ABCDEF");
    assert_string_equal(x->identifier, "com.example.driver");
    assert_string_equal(x->team, "");
    assert_string_equal(x->flag_names[0], "adhoc");
    assert_int_equal(x->flag_count, 1);
    assert_string_equal(x->exec_flag_names[0], "main-binary");
    assert_string_equal(x->runtime, "19.0.0");
    assert_int_equal(x->der, DEXT_ENTITLEMENTS_SAME);
    assert_string_equal(
        dext_node_text(dext_node_at(x->entitlements,
                                    "com.apple.developer.driverkit.transport.usb/0/idVendor")),
        "42");
    assert_int_equal(x->requirement_count, 0);
    assert_int_equal(c->pages, 3);
    assert_int_equal(x->class_count, 2);
    assert_string_equal(x->classes[1].name, "MyDriverUserClient");
    assert_string_equal(x->classes[1].super, "IOUserClient");
    assert_int_equal(x->classes[0].method_count, 2);
    assert_string_equal(x->classes[0].methods[1], "newReportDescriptor");
}

static void test_linker_and_unsigned(void **state)
{
    (void)state;
    struct test_slice s = plain();
    s.flags = 0x20002;
    write_slice("linker", &s);
    const struct dext_code *c = look("linker");
    expect_none(c);
    assert_int_equal(c->slices->kind, DEXT_SIGNER_LINKER);
    s.hashes[0] = 0;
    write_slice("unsigned", &s);
    c = look("unsigned");
    expect_only(c, "unsigned");
    assert_int_equal(c->slices->kind, DEXT_SIGNER_NONE);
    assert_int_equal(c->slices->class_count, 2);
    struct test_slice both[] = {plain(), s};
    both[1].cpu = 0x01000007;
    struct bytes b = universal(both, 2);
    write_file("half", b.p, b.n);
    bytes_free(b.p);
    c = look("half");
    expect_only(c, "unsigned");
    assert_string_equal(c->problems[0].arch, "x86_64");
}

static void test_hashes(void **state)
{
    (void)state;
    static const unsigned kinds[][3] = {{1}, {2}, {3}, {4}, {1, 2}, {1, 2, 4}};
    static const char *const best[] = {"sha1",   "sha256", "sha256-truncated",
                                       "sha384", "sha256", "sha384"};
    for (size_t i = 0; i < sizeof best / sizeof *best; i++) {
        struct test_slice s = plain();
        memcpy(s.hashes, kinds[i], sizeof s.hashes);
        s.page_bits = i % 2 ? 14 : 12;
        write_slice("hashes", &s);
        const struct dext_code *c = look("hashes");
        expect_none(c);
        assert_string_equal(c->slices->directories[0].hash, best[i]);
        flip("hashes", 0x1234, 0x40);
        c = look("hashes");
        expect_only(c, "page-modified");
        assert_int_equal(c->problem_count, 1);
        assert_int_equal(c->problems[0].page, i % 2 ? 0 : 1);
    }
}

static void test_pages(void **state)
{
    (void)state;
    struct test_slice two[] = {plain(), plain()};
    two[1].cpu = 0x01000007;
    struct bytes b = universal(two, 2);
    write_file("fat", b.p, b.n);
    bytes_free(b.p);
    const struct dext_code *c = look("fat");
    expect_none(c);
    assert_int_equal(c->slice_count, 2);
    int64_t second = c->slices[1].offset;
    assert_int_equal(c->slices[0].offset, 0x1000);
    flip("fat", (long)second + 0x1800, 1);
    flip("fat", (long)second + 0x2001, 1);
    c = look("fat");
    expect_only(c, "page-modified");
    assert_int_equal(c->problem_count, 1);
    assert_string_equal(c->problems[0].arch, "x86_64");
    assert_int_equal(c->problems[0].page, 1);
    assert_int_equal(c->problems[0].pages, 2);
    assert_int_equal(c->problems[0].offset, second + 0x1000);
    assert_string_equal(c->problems[0].text, "pages 1 to 2 have been modified after signing");
    flip("fat", 0x300, 1);
    const struct dext_sign_problem *p = has(look("fat"), "bytes-between");
    assert_non_null(p);
    assert_int_equal(p->offset, 48);
}

static void test_coverage(void **state)
{
    (void)state;
    struct test_slice s = plain();
    s.limit_less = 64;
    write_slice("short", &s);
    expect_only(look("short"), "not-covered");
    s.limit_less = 0;
    struct bytes b = signed_slice(&s);
    bytes_text(&b, "tail");
    write_file("tail", b.p, b.n);
    expect_only(look("tail"), "bytes-behind");
    for (size_t n = 0; n < b.n - 4; n += 211) {
        write_file("cut", b.p, n);
        forget();
        if (dext_signatures_read(&all, ctx, in("cut"), NULL) == DEXT_OK) {
            assert_true(all.list[0]->broken);
        } else {
            assert_non_null(strstr(dext_ctx_error(ctx), "cut: "));
        }
    }
    bytes_free(b.p);
}

static void test_authority(void **state)
{
    (void)state;
    write_bundle("D.dext", by_authority());
    const struct dext_code *c = look("D.dext");
    expect_only(c, "chain-foreign");
    assert_int_equal(c->problem_count, 1);
    const struct dext_slice *s = c->slices;
    assert_int_equal(s->kind, DEXT_SIGNER_FOREIGN);
    assert_string_equal(s->team, "ABCDE12345");
    assert_int_equal(s->chain_count, 2);
    assert_string_equal(s->chain[0].common_name, "Developer ID Application: Ada (ABCDE12345)");
    assert_string_equal(s->requirements[0].text,
                        "identifier \"com.example.driver\" and certificate leaf[subject.OU] = "
                        "ABCDE12345");
    assert_string_equal(c->bundle_type, "DEXT");
    assert_int_equal(c->sealed_files, 2);
    struct test_slice old = by_authority();
    old.hashes[0] = 1;
    old.hashes[1] = 2;
    write_bundle("Old.dext", old);
    expect_only(look("Old.dext"), "chain-foreign");
}

static void test_cms(void **state)
{
    (void)state;
    struct test_slice s = by_authority();
    s.other_cdhash = true;
    write_slice("other", &s);
    assert_non_null(has(look("other"), "cms-other-code"));
    s = by_authority();
    s.hashes[0] = 1;
    s.hashes[1] = 2;
    s.no_attributes = true;
    write_slice("loose", &s);
    assert_non_null(has(look("loose"), "cms-other-code"));
    s = plain();
    s.flags = 0;
    write_slice("gone", &s);
    expect_only(look("gone"), "cms-missing");
    s = by_authority();
    s.chain_count = 1;
    write_slice("rootless", &s);
    expect_only(look("rootless"), "chain-incomplete");
    assert_int_equal(all.list[0]->slices->kind, DEXT_SIGNER_UNKNOWN);
}

static void test_entitlements(void **state)
{
    (void)state;
    struct test_slice s = plain();
    s.der = entitlements_der(43);
    write_slice("differ", &s);
    const struct dext_code *c = look("differ");
    expect_only(c, "entitlements-differ");
    assert_int_equal(c->slices->difference_count, 1);
    assert_string_equal(c->slices->differences[0], "com.apple.developer.driverkit.transport.usb");
    s.der = (struct bytes){0};
    write_slice("no-der", &s);
    c = look("no-der");
    expect_none(c);
    assert_int_equal(c->slices->der, DEXT_ENTITLEMENTS_NO_DER);
    s.der = entitlements_der(42);
    s.der.p[3] ^= 0x10;
    write_slice("bad-der", &s);
    expect_only(look("bad-der"), "entitlements-malformed");
}

static void test_special(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        const char *problem;
    } cases[] = {
        {"D.dext/Info.plist", "info-plist-modified"},
        {"D.dext/_CodeSignature/CodeResources", "resources-modified"},
        {"D.dext/Notes.txt", "file-modified"},
        {"D.dext/en.lproj/Text.strings", "file-modified"},
    };
    write_bundle("D.dext", plain());
    expect_none(look("D.dext"));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        flip(cases[i].file, 3, 1);
        const struct dext_sign_problem *p = has(look("D.dext"), cases[i].problem);
        assert_non_null(p);
        assert_string_equal(p->file, in(cases[i].file));
        flip(cases[i].file, 3, 1);
    }
    assert_int_equal(unlink(in("D.dext/Info.plist")), 0);
    expect_only(look("D.dext"), "info-plist-missing");
    write_text("D.dext/Info.plist", "<plist version=\"1.0\"><dict><key>CFBundleExecutable</key>"
                                    "<string>com.example.drover</string></dict></plist>");
    const struct dext_code *c = look("D.dext");
    assert_non_null(has(c, "info-plist-modified"));
    assert_string_equal(has(c, "executable-missing")->file, in("D.dext/Info.plist"));
    write_text("D.dext/Info.plist", info_plist);
    assert_int_equal(unlink(in("D.dext/_CodeSignature/CodeResources")), 0);
    expect_only(look("D.dext"), "resources-missing");
}

static void test_sealed(void **state)
{
    (void)state;
    write_bundle("S.dext", plain());
    assert_int_equal(unlink(in("S.dext/en.lproj/Text.strings")), 0); /* optional */
    write_text("S.dext/.DS_Store", "omitted");
    expect_none(look("S.dext"));
    write_text("S.dext/._Notes.txt", "no attributes");
    expect_only(look("S.dext"), "file-added");
    assert_null(strstr(look("S.dext")->problems[0].text, "attributes"));
    write_file("S.dext/._Notes.txt", "\0\5\26\7\0\2\0\0........................", 32);
    expect_only(look("S.dext"), "file-added");
    assert_non_null(strstr(look("S.dext")->problems[0].text, "attributes of another file"));
    assert_int_equal(unlink(in("S.dext/._Notes.txt")), 0);
    write_text("S.dext/More/Added.txt", "new");
    const struct dext_code *c = look("S.dext");
    expect_only(c, "file-added");
    assert_string_equal(c->problems[0].file, in("S.dext/More/Added.txt"));
    assert_int_equal(unlink(in("S.dext/More/Added.txt")), 0);
    assert_int_equal(unlink(in("S.dext/Notes.txt")), 0);
    c = look("S.dext");
    expect_only(c, "file-missing");
    assert_string_equal(c->problems[0].file, in("S.dext/Notes.txt"));
    assert_int_equal(symlink("/etc/passwd", in("S.dext/Notes.txt")), 0);
    expect_only(look("S.dext"), "file-modified");
}

/* So many that several threads hash them. */
static void test_many_sealed(void **state)
{
    enum { COUNT = 200 };
    (void)state;
    static struct sealed files[COUNT];
    static char names[COUNT][24], texts[COUNT][24];
    for (size_t i = 0; i < COUNT; i++) {
        (void)snprintf(names[i], sizeof names[i], "d%zu/f%zu.txt", i % 7, i);
        (void)snprintf(texts[i], sizeof texts[i], "text %zu\n", i);
        files[i] = (struct sealed){names[i], texts[i], NULL};
    }
    struct test_slice s = plain();
    write_bundle_of("Many.dext", &s, 1, files, COUNT, false);
    expect_none(look("Many.dext"));
    flip("Many.dext/d0/f7.txt", 2, 1);
    const struct dext_code *c = look("Many.dext");
    expect_only(c, "file-modified");
    assert_string_equal(c->problems[0].file, in("Many.dext/d0/f7.txt"));
    flip("Many.dext/d0/f7.txt", 2, 1);
    assert_int_equal(unlink(in("Many.dext/d3/f3.txt")), 0);
    expect_only(look("Many.dext"), "file-missing");
    assert_int_equal(mkdir(in("Many.dext/d3/f3.txt"), 0700), 0);
    expect_only(look("Many.dext"), "file-modified");
}

static void test_version1(void **state)
{
    (void)state;
    static const struct sealed one[] = {{"Notes.txt", "what was sealed\n", NULL}};
    struct test_slice s = plain();
    write_bundle_of("V1.dext", &s, 1, one, 1, true);
    const struct dext_code *c = look("V1.dext");
    expect_only(c,
                "envelope-old"); /* Gatekeeper refuses it; kexts of that time load all the same */
    assert_false(c->broken);
    flip("V1.dext/Notes.txt", 0, 1);
    assert_non_null(has(look("V1.dext"), "file-modified"));
    flip("V1.dext/Notes.txt", 0, 1);
    write_text("V1.dext/Other.txt", "");
    assert_non_null(has(look("V1.dext"), "file-added"));
}

static void test_links(void **state)
{
    (void)state;
    static const struct sealed link[] = {
        {"Notes.txt", "what was sealed\n", NULL},
        {"Link", NULL, "<key>symlink</key><string>Notes.txt</string>"}};
    struct test_slice s = plain();
    write_bundle_of("L.dext", &s, 1, link, 2, false);
    assert_int_equal(symlink("Notes.txt", in("L.dext/Link")), 0);
    expect_none(look("L.dext"));
    assert_int_equal(unlink(in("L.dext/Link")), 0);
    assert_int_equal(symlink("com.example.driver", in("L.dext/Link")), 0);
    expect_only(look("L.dext"), "file-modified");
    assert_int_equal(unlink(in("L.dext/Link")), 0);
    write_text("L.dext/Link", "no link");
    expect_only(look("L.dext"), "file-modified");
}

static void test_nested(void **state)
{
    (void)state;
    char extra[600];
    unsigned char cdhash[20];
    struct bytes data = {0};
    struct test_slice inner = by_authority(), outer = plain();
    inner.identifier = "libinner";
    inner.requirements = requirements("libinner", "ABCDE12345");
    write_slice("N.dext/Frameworks/libinner.dylib", &inner);
    const struct dext_code *c = look("N.dext/Frameworks/libinner.dylib");
    for (size_t i = 0; i < 20; i++) {
        unsigned byte;
        assert_int_equal(sscanf(c->slices->cdhash + i * 2, "%2x", &byte), 1);
        cdhash[i] = (unsigned char)byte;
    }
    base64(&data, cdhash, 20);
    (void)snprintf(extra, sizeof extra,
                   "<key>cdhash</key><data>%.*s</data><key>requirement</key><string>identifier "
                   "libinner and certificate leaf[subject.OU] = ABCDE12345</string>",
                   (int)data.n, (const char *)data.p);
    bytes_free(data.p);
    const struct sealed list[] = {{"Frameworks/libinner.dylib", NULL, extra}};
    write_bundle_of("N.dext", &outer, 1, list, 1, false);
    c = look("N.dext");
    expect_none(c);
    assert_int_equal(all.count, 2);
    assert_string_equal(all.list[1]->name, "Frameworks/libinner.dylib");
    inner.flags = 0x12000; /* signed anew by the same team: still what the requirement wants */
    write_slice("N.dext/Frameworks/libinner.dylib", &inner);
    expect_none(look("N.dext"));
    inner.requirements = requirements("libother", "ABCDE12345");
    write_slice("N.dext/Frameworks/libinner.dylib", &inner); /* what it asks of itself is its own */
    expect_none(look("N.dext"));
    assert_non_null(has(all.list[1], "requirement-failed"));
    inner.requirements = requirements("libinner", "ABCDE12345");
    inner.identifier = "libother";
    write_slice("N.dext/Frameworks/libinner.dylib", &inner);
    expect_only(look("N.dext"), "nested-modified");
    inner.identifier = "libinner"; /* ad hoc, with a copy of the requirement */
    inner.signer = NULL;
    inner.flags = 2;
    write_slice("N.dext/Frameworks/libinner.dylib", &inner);
    expect_only(look("N.dext"), "nested-modified");
    assert_non_null(has(all.list[1], "requirement-failed"));
    inner = by_authority(); /* of another program of the same name */
    inner.identifier = "libinner";
    inner.requirements = requirements("libinner", "ABCDE12345");
    inner.signer = &stranger;
    inner.chain = other_chain;
    inner.team = "ZYXWV98765";
    write_slice("N.dext/Frameworks/libinner.dylib", &inner);
    expect_only(look("N.dext"), "nested-modified");
    assert_int_equal(unlink(in("N.dext/Frameworks/libinner.dylib")), 0);
    expect_only(look("N.dext"), "nested-missing");
    write_slice("N.dext/Frameworks/libadded.dylib", &inner);
    assert_non_null(has(look("N.dext"), "file-added"));
}

static void test_embedded_info(void **state)
{
    (void)state;
    struct test_slice s = plain();
    s.embedded_info = "<plist version=\"1.0\"><dict/></plist>";
    bytes_text(&s.info, s.embedded_info);
    write_slice("tool", &s);
    expect_none(look("tool"));
    s.info.p[4] ^= 1;
    write_slice("tool", &s);
    expect_only(look("tool"), "info-plist-modified");
}

static void test_classes(void **state)
{
    (void)state;
    static const enum test_pointers formats[] = {POINTERS_PLAIN, POINTERS_64, POINTERS_64_OFFSET,
                                                 POINTERS_ARM64E};
    for (size_t i = 0; i < 4; i++) {
        struct test_slice s = plain();
        s.pointers = formats[i];
        s.subtype = formats[i] == POINTERS_ARM64E ? 0x80000002 : 0;
        write_slice("classes", &s);
        const struct dext_code *c = look("classes");
        expect_none(c);
        assert_int_equal(c->slices->class_count, 2);
        assert_string_equal(c->slices->classes[0].name, "MyDriver");
        assert_string_equal(c->slices->classes[0].super, "IOUserHIDDevice");
        assert_string_equal(c->slices->arch, i == 3 ? "arm64e" : "arm64");
    }
}

static void test_compare(void **state)
{
    (void)state;
    struct dext_signatures left, right;
    struct dext_changes changes;
    struct test_slice a = plain(), b = plain();
    b.xml = entitlements_xml(7);
    b.der = entitlements_der(7);
    b.class_count = 1;
    write_bundle("a/X.dext", a);
    write_bundle("b/X.dext", b);
    forget();
    assert_int_equal(dext_signatures_read(&left, ctx, in("a/X.dext"), NULL), DEXT_OK);
    assert_int_equal(dext_signatures_read(&right, ctx, in("b/X.dext"), NULL), DEXT_OK);
    dext_signatures_compare(&changes, ctx, &left, &left);
    assert_int_equal(changes.count, 0);
    dext_signatures_compare(&changes, ctx, &left, &right);
    assert_int_equal(changes.count, 3);
    assert_string_equal(changes.list[0].what, "cdhash");
    assert_string_equal(changes.list[1].what, "entitlement");
    assert_string_equal(changes.list[1].left, "[{idVendor: 42}]");
    assert_string_equal(changes.list[1].right, "[{idVendor: 7}]");
    assert_string_equal(changes.list[2].what, "class");
    assert_string_equal(changes.list[2].key, "MyDriverUserClient");
    assert_null(changes.list[2].right);
    write_text(
        "a/X.dext/Info.plist",
        "<plist><dict><key>IOKitPersonalities</key><dict><key>One</key><dict><key>IOClass</key>"
        "<string>IOUserService</string><key>idVendor</key><integer>1</integer></dict>"
        "<key>Two</key><dict/></dict></dict></plist>");
    write_text(
        "b/X.dext/Info.plist",
        "<plist><dict><key>IOKitPersonalities</key><dict><key>One</key><dict><key>IOClass</key>"
        "<string>IOUserService</string><key>idVendor</key><integer>2</integer></dict>"
        "<key>Three</key><dict/></dict></dict></plist>");
    forget();
    assert_int_equal(dext_signatures_read(&left, ctx, in("a/X.dext"), NULL), DEXT_OK);
    assert_int_equal(dext_signatures_read(&right, ctx, in("b/X.dext"), NULL), DEXT_OK);
    dext_signatures_compare(&changes, ctx, &left, &right);
    size_t seen = 0;
    static const char *const keys[] = {"One/idVendor", "Two", "Three"};
    for (size_t i = 0; i < changes.count; i++) {
        if (strcmp(changes.list[i].what, "personality") == 0) {
            assert_true(seen < 3);
            assert_string_equal(changes.list[i].key, keys[seen++]);
        }
    }
    assert_int_equal(seen, 3);
}

/* ---- requirements -------------------------------------------------------------------------- */

static void expect_requirement(const char *want, struct bytes body)
{
    struct bytes kind = {0};
    bytes_be32(&kind, 1);
    bytes_add(&kind, body.p, body.n);
    struct bytes b = blob(0xfade0c00, kind);
    const char *got = dx_requirement_text(ctx, (struct dx_str){(const char *)b.p, b.n});
    if (want) {
        assert_non_null(got);
        assert_string_equal(got, want);
    } else {
        assert_null(got);
    }
    bytes_free(kind.p);
    bytes_free(b.p);
    bytes_free(body.p);
}

static struct bytes ops(const uint32_t *list, size_t count)
{
    struct bytes b = {0};
    for (size_t i = 0; i < count; i++) {
        bytes_be32(&b, list[i]);
    }
    return b;
}
#define OPS(...)                                                                                   \
    ops((const uint32_t[]){__VA_ARGS__}, sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t))

/* The opcodes before, a datum, those behind. */
static struct bytes with(struct bytes before, const char *datum, struct bytes after)
{
    requirement_data(&before, datum);
    bytes_add(&before, after.p, after.n);
    bytes_free(after.p);
    return before;
}

static void test_requirements(void **state)
{
    (void)state;
    /* OID 1.2.840.113635.100.6.1.9 */
    static const char oid[] = "\x2a\x86\x48\x86\xf7\x63\x64\x06\x01\x09";
    expect_requirement("never", OPS(0));
    expect_requirement("anchor apple generic", OPS(15));
    expect_requirement("anchor apple and anchor trusted or always", OPS(7, 6, 3, 13, 1));
    expect_requirement("anchor apple and (anchor trusted or always)", OPS(6, 3, 7, 13, 1));
    expect_requirement("! (anchor apple or notarized)", OPS(9, 7, 3, 21));
    expect_requirement("identifier tool", with(OPS(2), "tool", OPS()));
    expect_requirement("identifier \"1tool\"", with(OPS(2), "1tool", OPS()));
    expect_requirement("identifier \"a \\\"b\\\"\"", with(OPS(2), "a \"b\"", OPS()));
    expect_requirement("identifier 0x0102", with(OPS(2), "\1\2", OPS()));
    expect_requirement("cdhash H\"6162\"", with(OPS(8), "ab", OPS()));
    expect_requirement("certificate root = H\"6162\"", with(OPS(4, 0xffffffff), "ab", OPS()));
    expect_requirement("certificate 2 trusted", OPS(12, 2));
    expect_requirement("certificate leaf[field.1.2.840.113635.100.6.1.9] /* exists */",
                       with(OPS(14, 0), oid, OPS(0)));
    expect_requirement("certificate 1[policy.1.2.840.113635.100.6.1.9] /* exists */",
                       with(OPS(17, 1), oid, OPS(0)));
    expect_requirement("certificate leaf[timestamp.1.2.840.113635.100.6.1.9] >= timestamp "
                       "\"2001-01-01 00:00:10Z\"",
                       with(OPS(22, 0), oid, OPS(13, 0, 10)));
    expect_requirement("certificate leaf[subject.CN] = Ada*",
                       with(with(OPS(11, 0), "subject.CN", OPS(3)), "Ada", OPS()));
    expect_requirement("info[CFBundleVersion] >= \"1.0\"",
                       with(with(OPS(10), "CFBundleVersion", OPS(8)), "1.0", OPS()));
    expect_requirement("entitlement[a.b] absent", with(OPS(16), "a.b", OPS(14)));
    expect_requirement("platform = 14", OPS(20, 14));
    expect_requirement("legacy", OPS(23));
    expect_requirement("never /* opcode 99 */", with(OPS(0x80000063), "abcd", OPS()));
    expect_requirement(NULL, OPS(99));
    expect_requirement(NULL, OPS(6, 3));
    expect_requirement(NULL, OPS(3, 3));
    expect_requirement(NULL, OPS(2, 400));
    struct bytes deep = {0};
    for (int i = 0; i < 100000; i++) {
        bytes_be32(&deep, 9);
    }
    expect_requirement(NULL, deep);
}

/* ---- flipped bits -------------------------------------------------------------------------- */

struct area {
    const char *file;
    size_t from, to; /* to 0: its end */
};

static size_t file_size(const char *path)
{
    struct stat st;
    assert_int_equal(stat(in(path), &st), 0);
    return (size_t)st.st_size;
}

/* Found: a problem beside the one that the intact bundle has, since its root is our own; or it
 * cannot be read any more. */
static bool found(const char *bundle)
{
    forget();
    if (dext_signatures_read(&all, ctx, in(bundle), NULL) != DEXT_OK) {
        return true;
    }
    for (size_t i = 0; i < all.count; i++) {
        const struct dext_code *c = all.list[i];
        if (c->error) {
            return true;
        }
        for (size_t k = 0; k < c->problem_count; k++) {
            const struct dext_sign_problem *p = &c->problems[k];
            bool told = strcmp(p->name, "signature-padding") == 0; /* nobody signed those bytes */
            if (told ||
                (p->level == DEXT_PROBLEM_BROKEN && strcmp(p->name, "chain-foreign") != 0)) {
                return true;
            }
        }
    }
    return false;
}

static void test_flips(void **state)
{
    (void)state;
    static const struct area areas[] = {
        {"F.dext/com.example.driver", 0, 0},           {"F.dext/com.example.driver", 0, 0},
        {"F.dext/com.example.driver", 0x3000, 0},      {"F.dext/Info.plist", 0, 0},
        {"F.dext/_CodeSignature/CodeResources", 0, 0}, {"F.dext/Notes.txt", 0, 0},
        {"F.dext/en.lproj/Text.strings", 0, 0},
    };
    const char *given = getenv("DEXTCTL_SEED"), *more = getenv("DEXTCTL_FLIPS");
    unsigned seed = given ? (unsigned)strtoul(given, NULL, 10) : (unsigned)time(NULL);
    unsigned count = more ? (unsigned)strtoul(more, NULL, 10) : 400, missed = 0;
    struct test_slice s = by_authority();
    s.hashes[0] = 1;
    s.hashes[1] = 2;
    write_bundle("F.dext", s);
    assert_false(found("F.dext"));
    print_message("flips: DEXTCTL_SEED=%u\n", seed);
    srandom(seed);
    for (unsigned i = 0; i < count; i++) {
        const struct area *a = &areas[(size_t)random() % (sizeof areas / sizeof *areas)];
        size_t to = a->to ? a->to : file_size(a->file);
        long at = (long)(a->from + (size_t)random() % (to - a->from));
        unsigned char mask = (unsigned char)(1 << random() % 8);
        flip(a->file, at, mask);
        if (!found("F.dext")) {
            print_message("not found: %s at %ld, mask 0x%02x\n", a->file, at, mask);
            missed++;
        }
        flip(a->file, at, mask);
    }
    assert_false(found("F.dext"));
    assert_int_equal(missed, 0);
}

/* ---- fixtures of the golden cases ---------------------------------------------------------- */

static void write_fixtures(const char *to)
{
    struct test_slice two[] = {plain(), plain()}, changed[2], signer = by_authority();
    (void)snprintf(folder, sizeof folder, "%s", to);
    two[1].cpu = 0x01000007;
    memcpy(changed, two, sizeof two);
    for (size_t i = 0; i < 2; i++) {
        changed[i].xml = entitlements_xml(7);
        changed[i].der = entitlements_der(7);
        changed[i].class_count = 1;
    }
    write_bundle_of("intact/com.example.driver.dext", two, 2, two_files, 2, false);
    write_bundle_of("changed/com.example.driver.dext", changed, 2, two_files, 2, false);
    write_bundle("foreign/com.example.driver.dext", signer);
    write_bundle_of("broken/com.example.driver.dext", two, 2, two_files, 2, false);
    flip("broken/com.example.driver.dext/com.example.driver", 0x2801, 1);
    flip("broken/com.example.driver.dext/Info.plist", 60, 1);
    flip("broken/com.example.driver.dext/Notes.txt", 2, 1);
    write_text("broken/com.example.driver.dext/added.txt", "added\n");
    struct test_slice bare = plain();
    bare.hashes[0] = 0;
    write_slice("unsigned/tool", &bare);
    write_text("unsigned/text", "this is no program, and it has no signature\n");
}

int main(void)
{
    const char *fixtures = getenv("DEXTCTL_WRITE_FIXTURES");
    root = identity("Own Root", NULL, true, NULL);
    leaf = identity("Developer ID Application: Ada (ABCDE12345)", "ABCDE12345", false, &root);
    stranger = identity("Developer ID Application: Bob (ZYXWV98765)", "ZYXWV98765", false, &root);
    chain[0] = leaf.x;
    chain[1] = root.x;
    other_chain[0] = stranger.x;
    other_chain[1] = root.x;
    if (fixtures) {
        write_fixtures(fixtures);
        return 0;
    }
    (void)snprintf(folder, sizeof folder, "/tmp/dextctl-signature-XXXXXX");
    if (!mkdtemp(folder)) {
        return 1;
    }
    ctx = dext_ctx_new(NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ad_hoc),       cmocka_unit_test(test_linker_and_unsigned),
        cmocka_unit_test(test_hashes),       cmocka_unit_test(test_pages),
        cmocka_unit_test(test_coverage),     cmocka_unit_test(test_authority),
        cmocka_unit_test(test_cms),          cmocka_unit_test(test_entitlements),
        cmocka_unit_test(test_special),      cmocka_unit_test(test_sealed),
        cmocka_unit_test(test_version1),     cmocka_unit_test(test_links),
        cmocka_unit_test(test_nested),       cmocka_unit_test(test_embedded_info),
        cmocka_unit_test(test_classes),      cmocka_unit_test(test_compare),
        cmocka_unit_test(test_requirements), cmocka_unit_test(test_flips),
        cmocka_unit_test(test_many_sealed),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    char command[128];
    (void)snprintf(command, sizeof command, "rm -rf '%s'", folder);
    dext_ctx_free(ctx);
    bytes_free_all();
    return system(command) != 0 || failed;
}
