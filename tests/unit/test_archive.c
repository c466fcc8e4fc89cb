/* Archives: limits, names that lead out, what is kept, digests. Archives are made here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <archive.h>
#include <archive_entry.h>

#include "bundle/archive.h"
#include "bundle/bundle.h"

static char path[64];
static struct dext_ctx *ctx;

struct item {
    const char *name, *text;
    size_t zeros; /* instead of text */
    const char *link;
};

/* A .tar.gz of items at path. */
static void make(const struct item *items, size_t count)
{
    static const char zeros[65536];
    struct archive *a = archive_write_new();
    archive_write_add_filter_gzip(a);
    archive_write_set_format_pax_restricted(a);
    assert_int_equal(archive_write_open_filename(a, path), ARCHIVE_OK);
    for (size_t i = 0; i < count; i++) {
        struct archive_entry *e = archive_entry_new();
        size_t size = items[i].zeros ? items[i].zeros : items[i].text ? strlen(items[i].text) : 0;
        archive_entry_set_pathname(e, items[i].name);
        archive_entry_set_perm(e, 0644);
        archive_entry_set_filetype(e, items[i].link ? AE_IFLNK : AE_IFREG);
        if (items[i].link) {
            archive_entry_set_symlink(e, items[i].link);
        }
        archive_entry_set_size(e, (la_int64_t)size);
        assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
        if (items[i].text) {
            (void)archive_write_data(a, items[i].text, size);
        }
        for (size_t left = items[i].text ? 0 : size; left;) {
            size_t n = left < sizeof zeros ? left : sizeof zeros;
            assert_int_equal(archive_write_data(a, zeros, n), n);
            left -= n;
        }
        archive_entry_free(e);
    }
    archive_write_close(a);
    archive_write_free(a);
}
#define MAKE(...)                                                                                  \
    make((struct item[]){__VA_ARGS__}, sizeof((struct item[]){__VA_ARGS__}) / sizeof(struct item))

static void expect_refused(enum dext_status status, const char *words)
{
    struct dx_files *files;
    dext_ctx_clear(ctx);
    assert_int_equal(dx_files_open(&files, ctx, path, DX_KEEP_CODE), status);
    const char *error = dext_ctx_error(ctx);
    if (!error || strncmp(error, path, strlen(path)) != 0 || !strstr(error, words)) {
        fail_msg("error '%s', wanted '%s: ... %s'", error ? error : "", path, words);
    }
}

#define APPLE_DOUBLE "\0\5\26\7\0\2\0\0Mac OS X                "

static void test_content(void **state)
{
    (void)state;
    MAKE({"./My.dext/Info.plist", "abc", 0, NULL}, {"My.dext/main", "\xcf\xfa\xed\xfe", 0, NULL},
         {"My.dext/picture", "png", 0, NULL}, {"My.dext-old/x", "", 0, NULL},
         {"link", NULL, 0, "../../etc/passwd"}, {"My.dext/._main", APPLE_DOUBLE, 32, NULL},
         {"My.dext/._other", "x", 0, NULL}, {"__MACOSX/My.dext/._main", "x", 0, NULL},
         {"My.dext/Info.plist", "new", 0, NULL});
    struct dx_files *files;
    struct dx_source src;
    assert_int_equal(dx_files_open(&files, ctx, path, DX_KEEP_CODE), DEXT_OK);
    assert_int_equal(files->count, 6);
    assert_non_null(dx_files_find(files, "My.dext/._other")); /* a name alone makes no metadata */
    assert_int_equal(files->metadata_count, 2);
    const struct dx_files *dext = dx_files_below(ctx, files, "My.dext");
    assert_int_equal(dext->metadata_count, 1);
    assert_string_equal(dext->metadata[0], "._main");
    const struct dx_file *info = dx_files_find(files, "My.dext/Info.plist");
    assert_non_null(info);
    assert_true(info->kept);
    assert_true(dx_str_is(info->data, "new")); /* the later one of the two */
    assert_int_equal(dx_files_read(&src, ctx, info), DEXT_OK);
    assert_string_equal(src.path + strlen(path), "!/My.dext/Info.plist");
    /* sha256("new") */
    unsigned char sum[32];
    assert_int_equal(dx_files_digest(ctx, info, NULL, sum), DEXT_OK);
    assert_memory_equal(sum, "\x11\x50\x7a\x0e\x2f\x5e\x69\xd5\xdf\xa4\x0a\x62\xa1\xbd\x7b\x6e",
                        16);
    assert_true(dx_files_find(files, "My.dext/main")->kept);
    const struct dx_file *picture = dx_files_find(files, "My.dext/picture");
    assert_false(picture->kept);
    assert_true(picture->digested);
    assert_int_equal(dx_files_read(&src, ctx, picture), DEXT_E_NOTFOUND);
    assert_string_equal(dx_files_find(files, "link")->target, "../../etc/passwd");
    assert_true(dx_files_has_folder(files, "My.dext"));
    assert_false(dx_files_has_folder(files, "My.dex"));
    const struct dx_files *below = dx_files_below(ctx, files, "My.dext");
    assert_int_equal(below->count, 4);
    assert_non_null(dx_files_find(below, "Info.plist"));
    struct dx_file_names names = {0};
    dx_files_bundles(&names, ctx, files, ".dext");
    assert_int_equal(names.count, 1);
    assert_string_equal(names.list[0], "My.dext");
}

static void test_leading_out(void **state)
{
    (void)state;
    static const char *const names[] = {"../x", "a/../../x", "a/..", "/x", "..", "a/b/../c"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_null(dx_member_name(ctx, names[i]));
        MAKE({names[i], "x", 0, NULL});
        expect_refused(DEXT_E_FORMAT, "outside of its folder: refused");
    }
    assert_string_equal(dx_member_name(ctx, "./a//b/./c/"), "a/b/c");
    assert_string_equal(dx_member_name(ctx, "..a/b.."), "..a/b..");
    assert_string_equal(dx_member_name(ctx, "./"), "");
}

static void limited(struct dext_limits limits)
{
    dext_ctx_free(ctx);
    ctx = dext_ctx_new(&limits);
}

static void test_limits(void **state)
{
    (void)state;
    struct dext_limits d = DEXT_LIMITS_DEFAULT;
    /* 200 MB of zeros pack to 200 KB. */
    MAKE({"zeros", NULL, (size_t)200 << 20, NULL});
    expect_refused(DEXT_E_LIMIT, "unpacks to more than 300 times its size");
    struct dext_limits l = d;
    l.archive_bytes = (size_t)1 << 20;
    limited(l);
    expect_refused(DEXT_E_LIMIT, "unpacks to more than 1048576 bytes");
    l = d;
    l.archive_files = 2;
    limited(l);
    MAKE({"a", "", 0, NULL}, {"b", "", 0, NULL}, {"c", "", 0, NULL});
    expect_refused(DEXT_E_LIMIT, "holds more than 2 members");
    l = d;
    l.archive_kept = 10;
    limited(l);
    MAKE({"Info.plist", "12345678901", 0, NULL});
    expect_refused(DEXT_E_LIMIT, "holds more than 10 bytes of driver files");
    l = d;
    l.file_bytes = 10;
    limited(l);
    struct dx_files *files;
    struct dx_source src;
    assert_int_equal(dx_files_open(&files, ctx, path, DX_KEEP_TEXT), DEXT_OK);
    assert_int_equal(dx_files_read(&src, ctx, &files->list[0]), DEXT_E_LIMIT);
}

/* Archives in archives in archives ... */
static void test_depth(void **state)
{
    (void)state;
    static char inner[1 << 20];
    size_t n = 0;
    for (unsigned depth = 0; depth < 7; depth++) {
        struct archive *a = archive_write_new();
        archive_write_set_format_zip(a);
        archive_write_zip_set_compression_store(a);
        static char out[1 << 20];
        size_t used = 0;
        assert_int_equal(archive_write_open_memory(a, out, sizeof out, &used), ARCHIVE_OK);
        struct archive_entry *e = archive_entry_new();
        archive_entry_set_pathname(e, depth ? "in.zip" : "Info.plist");
        archive_entry_set_filetype(e, AE_IFREG);
        archive_entry_set_size(e, (la_int64_t)n);
        archive_write_header(a, e);
        (void)archive_write_data(a, inner, n);
        archive_entry_free(e);
        archive_write_close(a);
        archive_write_free(a);
        memcpy(inner, out, used);
        n = used;
    }
    FILE *f = fopen(path, "wb");
    assert_int_equal(fwrite(inner, 1, n, f), n);
    (void)fclose(f);
    expect_refused(DEXT_E_LIMIT, "nested more than 4 deep");
}

static void test_damaged(void **state)
{
    (void)state;
    MAKE({"Info.plist", NULL, 100000, NULL});
    assert_int_equal(truncate(path, 100), 0);
    expect_refused(DEXT_E_FORMAT, "the archive cannot be read: ");
    assert_int_equal(truncate(path, 0), 0);
    struct dx_files *files;
    dext_ctx_clear(ctx);
    (void)dx_files_open(&files, ctx, path, DX_KEEP_TEXT);
    (void)unlink(path);
    expect_refused(DEXT_E_IO, "No such file");
}

/* ---- packages ------------------------------------------------------------------------------- */

static void add_entry(struct archive *a, const char *name, const void *data, size_t size)
{
    struct archive_entry *e = archive_entry_new();
    archive_entry_set_pathname(e, name);
    archive_entry_set_perm(e, 0644);
    archive_entry_set_filetype(e, AE_IFREG);
    archive_entry_set_size(e, (la_int64_t)size);
    assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
    assert_int_equal(archive_write_data(a, data, size), size);
    archive_entry_free(e);
}

/* A cpio archive with one file, packed by one of libarchive's filters. */
static size_t payload(int (*filter)(struct archive *a), unsigned char *out, size_t room,
                      const char *text)
{
    size_t used = 0;
    struct archive *a = archive_write_new();
    archive_write_set_bytes_in_last_block(a, 1);
    filter(a);
    archive_write_set_format_cpio(a);
    assert_int_equal(archive_write_open_memory(a, out, room, &used), ARCHIVE_OK);
    add_entry(a, "./My.app/Contents/Info.plist", text, strlen(text));
    archive_write_close(a);
    archive_write_free(a);
    return used;
}

static void put64(unsigned char *p, uint64_t v)
{
    for (int i = 7; i >= 0; i--, v >>= 8) {
        p[i] = (unsigned char)v;
    }
}

/* The same in pieces, as newer packages have it: the first packed by xz, the second plain. */
static size_t pbzx(unsigned char *out, size_t room, const char *text)
{
    static unsigned char plain[65536], packed[65536];
    size_t size = payload(archive_write_add_filter_none, plain, sizeof plain, text);
    size_t half = size / 2, used = 0;
    struct archive *a = archive_write_new();
    archive_write_set_bytes_in_last_block(a, 1);
    archive_write_add_filter_xz(a);
    archive_write_set_format_raw(a);
    assert_int_equal(archive_write_open_memory(a, packed, sizeof packed, &used), ARCHIVE_OK);
    add_entry(a, "piece", plain, half);
    archive_write_close(a);
    archive_write_free(a);
    assert_true(12 + 32 + used + size < room);
    memcpy(out, "pbzx", 4);
    put64(out + 4, 1 << 24);
    put64(out + 12, 1 << 24);
    put64(out + 20, used);
    memcpy(out + 28, packed, used);
    put64(out + 28 + used, 0);
    put64(out + 36 + used, size - half);
    memcpy(out + 44 + used, plain + half, size - half);
    return 44 + used + size - half;
}

static void make_package(const unsigned char *data, size_t size)
{
    static const char info[] =
        "<pkg-info identifier=\"com.example\" install-location=\"/Applications\"/>";
    struct archive *a = archive_write_new();
    archive_write_set_format_xar(a);
    assert_int_equal(archive_write_set_options(a, "compression=none"), ARCHIVE_OK);
    assert_int_equal(archive_write_open_filename(a, path), ARCHIVE_OK);
    add_entry(a, "PackageInfo", info, sizeof info - 1);
    add_entry(a, "Payload", data, size);
    assert_int_equal(archive_write_close(a), ARCHIVE_OK);
    archive_write_free(a);
}

static void expect_member(const char *text)
{
    struct dx_files *files;
    struct dx_source src;
    dext_ctx_clear(ctx);
    if (dx_files_open(&files, ctx, path, DX_KEEP_TEXT) != DEXT_OK) {
        fail_msg("%s", dext_ctx_error(ctx));
    }
    const struct dx_file *f = dx_files_find(files, "Applications/My.app/Contents/Info.plist");
    assert_non_null(f);
    assert_int_equal(dx_files_read(&src, ctx, f), DEXT_OK);
    assert_string_equal(src.data, text);
}

static void test_payloads(void **state)
{
    (void)state;
    static unsigned char data[131072];
    static int (*const filters[])(struct archive * a) = {
        archive_write_add_filter_none, archive_write_add_filter_gzip,
        archive_write_add_filter_bzip2, archive_write_add_filter_xz};
    char text[32];
    (void)snprintf(path, sizeof path, "/tmp/test_archive%ld.pkg", (long)getpid());
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
        (void)snprintf(text, sizeof text, "<plist/><!-- %zu -->", i);
        make_package(data, payload(filters[i], data, sizeof data, text));
        expect_member(text);
    }
    size_t size = pbzx(data, sizeof data, "<plist/>");
    make_package(data, size);
    expect_member("<plist/>");
    make_package(data, size - 7);
    expect_refused(DEXT_E_FORMAT, "Payload (pbzx) is damaged");
    put64(data + 20, (uint64_t)1 << 60);
    make_package(data, size);
    expect_refused(DEXT_E_FORMAT, "Payload (pbzx) is damaged");
}

static int setup(void **state)
{
    (void)state;
    (void)snprintf(path, sizeof path, "/tmp/test_archive%ld.tar.gz", (long)getpid());
    ctx = dext_ctx_new(NULL);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    (void)unlink(path);
    dext_ctx_free(ctx);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_content, setup, teardown),
        cmocka_unit_test_setup_teardown(test_leading_out, setup, teardown),
        cmocka_unit_test_setup_teardown(test_limits, setup, teardown),
        cmocka_unit_test_setup_teardown(test_depth, setup, teardown),
        cmocka_unit_test_setup_teardown(test_damaged, setup, teardown),
        cmocka_unit_test_setup_teardown(test_payloads, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
