/* The short way through plain XML against libxml2: the same events, the same registry, whatever the
 * file is; and what is plain. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <dirent.h>
#include <unistd.h>

#include "plist/events.h"
#include "same_registry.h"

/* ---- events ---------------------------------------------------------------------------------- */

struct record {
    struct dx_buf text;
    bool decode; /* data come as they are written */
};

static bool note(void *user, const struct dx_event *ev)
{
    struct record *r = user;
    struct dx_buf data;
    struct dx_str s = ev->text;
    if (r->decode && ev->type == DX_EV_SCALAR && ev->kind == DEXT_DATA) {
        dx_buf_init(&data, r->text.arena, SIZE_MAX);
        assert_true(dx_parse_base64(s, &data));
        s = dx_buf_str(&data);
    }
    dx_buf_printf(&r->text, "%d %d %d @%zu+%zu %u:%u %llu %d%d%d %.17g %zu ", ev->type, ev->kind,
                  ev->problem, ev->off, ev->len, ev->line, ev->column,
                  (unsigned long long)ev->integer, ev->negative, ev->boolean, ev->bad, ev->real,
                  s.n);
    dx_buf_add(&r->text, s.p, s.n);
    dx_buf_puts(&r->text, "\n");
    return true;
}

/* Whether it is plain; when it is, both readers have to say the same. */
static bool plain(const char *data, size_t size)
{
    struct dext_ctx *ctx = dext_ctx_new(NULL);
    struct dx_source src = dx_source_bytes("x", data, size);
    struct record a = {.decode = true}, b = {.decode = false};
    dx_buf_init(&a.text, &ctx->arena, SIZE_MAX);
    dx_buf_init(&b.text, &ctx->arena, SIZE_MAX);
    bool is = dx_plist_xml_plain(ctx, &src, NULL, note, &a);
    if (is) {
        assert_int_equal(dx_plist_xml(ctx, &src, note, &b), DEXT_OK);
        if (a.text.n != b.text.n || memcmp(a.text.p, b.text.p, a.text.n) != 0) {
            print_message("%.*s\n---- plain\n%s\n---- libxml2\n%s\n", (int)size, data, a.text.p,
                          b.text.p);
            fail();
        }
    }
    dext_ctx_free(ctx);
    return is;
}

static void dialect(void **state)
{
    static const struct {
        bool plain;
        const char *text;
    } cases[] = {
        {true, "<plist version=\"1.0\"><dict/></plist>"},
        {true, "<plist version=\"1.0\">\n<dict>\n</dict>\n</plist>\n\n"},
        {true, "<?xml version=\"1.0\" encoding=\"UTF-8\"?> \t\n<plist version=\"1.0\"><array>\n"
               "<string></string><string> \n </string><string>\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80 "
               "\x7f \xc2\x80 \xed\x9f\xbf \xee\x80\x80 \xef\xbf\xbd \xf4\x8f\xbf\xbf</string>"
               "<string>&amp;&lt;a&gt;&quot; b &apos;</string><string>]] ' \"</string>"
               "<string>&#65;&#x42;&#x1F600;&#x1f600;x&#13;&#10;&#9;&#32;</string>"
               "<integer>1</integer><integer> -0x7f</integer><integer>18446744073709551615"
               "</integer><integer>&#49;</integer><real>1.5</real><real> -1e300 </real>"
               "<date>2020-01-02T03:04:05Z</date><data>\n\tAAEC\n\tAw==\n\t</data><data></data>"
               "<true/><false/><array/><dict/><array></array><array><array><dict></dict></array>"
               "</array></array></plist>"},
        {false, "<dict><key/><true/></dict>"},
        {true, "<dict><key></key><true/><key>b</key>\n<string>c</string><key>b</key><array><dict>"
               "<key>d</key><dict/></dict></array></dict>"},
        {true, "<string>x</string>"},
        {false, ""},
        {false, " "},
        {false, "\xef\xbb\xbf<plist version=\"1.0\"><true/></plist>"},
        {false, "<plist version=\"1.0\"><string>a\r\nb</string></plist>"},
        {false, "<plist version=\"1.0\">\r\n<string>ab</string></plist>"},
        {false, "<plist version=\"1.0\"><string>a>b</string></plist>"},
        {false, "<plist version=\"1.0\"><string>a]]>b</string></plist>"},
        {false, "<plist version=\"1.0\"><string>a<![CDATA[b]]></string></plist>"},
        {false, "<plist version=\"1.0\"><string>a<!-- b --></string></plist>"},
        {true, "<plist version=\"1.0\"><!-- b --><string>a</string></plist>"},
        {true, "<?xml version=\"1.0\" encoding=\"UTF-8\"?><!---->\n<!-- a -->"
               "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" "
               "\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n<!-- - -> <a> & \xc3\xa4 -->"
               "<plist version=\"1.0\">\n\t<!--a\n\t-b-->\n<dict>\n<!-- <key>x</key> -->\n"
               "<key>a</key>\n<true/><!--&#0;--><key>b</key><array><!-- c --><true/>"
               "<!-- d --></array><!-- e --></dict><!-- f --> </plist>"},
        {false, "<plist version=\"1.0\"><dict><key>a</key><!-- b --><true/></dict></plist>"},
        {false, "<plist version=\"1.0\"><!-- a -- b --><true/></plist>"},
        {false, "<plist version=\"1.0\"><!-- a ---><true/></plist>"},
        {false, "<plist version=\"1.0\"><!-- a \x01 --><true/></plist>"},
        {false, "<plist version=\"1.0\"><!-- a \r\n --><true/></plist>"},
        {false, "<plist version=\"1.0\"><!-- \xc3 --><true/></plist>"},
        {false, "<plist version=\"1.0\"><!-- a <true/></plist>"},
        {false, "<plist version=\"1.0\"><!-- a <true/></plist>-"},
        {false, "<plist version=\"1.0\"><true/></plist><!-- a -->"},
        {false, "<plist version=\"1.0\"><?a b?><string>a</string></plist>"},
        {false, "<plist version=\"1.0\"><string>a<?b c?></string></plist>"},
        {false, "<plist version=\"1.0\"><string ID=\"1\">a</string></plist>"},
        {false, "<plist version=\"1.0\"><string IDREF=\"1\"/></plist>"},
        {false, "<plist version=\"1.0\"><string/></plist>"},
        {false, "<plist version=\"1.0\"><true></true></plist>"},
        {false, "<plist version=\"1.0\"><true/><true/></plist>"},
        {false, "<plist version=\"1.0\"></plist>"},
        {false, "<plist version=\"1.0\"/>"},
        {false, "<plist version=\"1.0\"><true/></plist>x"},
        {false, "<plist version=\"1.0\"><true/></plist><true/>"},
        {false, "<plist version=\"1.0\"><true/>x</plist>"},
        {false, "<plist version=\"1.0\"><array>x</array></plist>"},
        {false, "<plist version=\"1.0\"><array>&#32;</array></plist>"},
        {false, "<plist version=\"1.0\"><array></dict></plist>"},
        {false, "<plist version=\"1.0\"><array></array ></plist>"},
        {false, "<plist version=\"1.0\"><dict><true/></dict></plist>"},
        {false, "<plist version=\"1.0\"><dict><key>a</key></dict></plist>"},
        {false, "<plist version=\"1.0\"><dict><key>a</key><key>b</key><true/></dict></plist>"},
        {false, "<plist version=\"1.0\"><array><key>a</key></array></plist>"},
        {false, "<plist version=\"1.0\"><string><true/></string></plist>"},
        {false, "<plist version=\"1.0\"><thing/></plist>"},
        {false, "<plist version=\"1.0\"><integer>1 </integer></plist>"},
        {false, "<plist version=\"1.0\"><integer>x</integer></plist>"},
        {false, "<plist version=\"1.0\"><integer></integer></plist>"},
        {false, "<plist version=\"1.0\"><integer>18446744073709551616</integer></plist>"},
        {false, "<plist version=\"1.0\"><real>x</real></plist>"},
        {false, "<plist version=\"1.0\"><date>2020</date></plist>"},
        {false, "<plist version=\"1.0\"><data>A</data></plist>"},
        {false, "<plist version=\"1.0\"><data>AA=A</data></plist>"},
        {false, "<plist version=\"1.0\"><string>&nbsp;</string></plist>"},
        {false, "<plist version=\"1.0\"><string>&amp</string></plist>"},
        {false, "<plist version=\"1.0\"><string>&#0;</string></plist>"},
        {false, "<plist version=\"1.0\"><string>&#xd800;</string></plist>"},
        {false, "<plist version=\"1.0\"><string>&#xFFFE;</string></plist>"},
        {false, "<plist version=\"1.0\"><string>&#x110000;</string></plist>"},
        {false, "<plist version=\"1.0\"><string>&#x100000041;</string></plist>"},
        {false, "<plist version=\"1.0\"><string>&#X41;</string></plist>"},
        {false, "<plist version=\"1.0\"><string>&#4A;</string></plist>"},
        {false, "<plist version=\"1.0\"><string>&#;</string></plist>"},
        {false, "<plist version=\"1.0\"><string>&#x;</string></plist>"},
        {false, "<plist version=\"1.0\"><string>a\x01</string></plist>"},
        {false, "<plist version=\"1.0\"><string>a\x0b</string></plist>"},
        {false, "<plist version=\"1.0\"><string>\xc0\x80</string></plist>"},
        {false, "<plist version=\"1.0\"><string>\xc1\xbf</string></plist>"},
        {false, "<plist version=\"1.0\"><string>\x80</string></plist>"},
        {false, "<plist version=\"1.0\"><string>\xc3</string></plist>"},
        {false, "<plist version=\"1.0\"><string>\xe0\x9f\xbf</string></plist>"},
        {false, "<plist version=\"1.0\"><string>\xed\xa0\x80</string></plist>"},
        {false, "<plist version=\"1.0\"><string>\xef\xbf\xbe</string></plist>"},
        {false, "<plist version=\"1.0\"><string>\xf0\x8f\xbf\xbf</string></plist>"},
        {false, "<plist version=\"1.0\"><string>\xf4\x90\x80\x80</string></plist>"},
        {false, "<plist version=\"1.0\"><string>\xf8\x88\x80\x80\x80</string></plist>"},
        {false, "<!DOCTYPE plist [<!ENTITY a \"b\">]><plist version=\"1.0\"><true/></plist>"},
        {false, "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><plist version=\"1.0\"><true/>"
                "</plist>"},
        {false, "<plist version=\"1.0\"><dict>"},
        {false, "<plist version=\"1.0\"><dict></plist>"},
        {false, "<dict>"},
        {false, "<dict></dict"},
        {false, "<array><string>"},
        {false, "bplist00"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (plain(cases[i].text, strlen(cases[i].text)) != cases[i].plain) {
            print_message("%s: %s\n", cases[i].text, cases[i].plain ? "is plain" : "is not plain");
            fail();
        }
    }
    assert_false(plain("<array>\0</array>", 16));
}

/* As deep as property lists may be: one level more is for libxml2's reader to refuse. */
static void depth(void **state)
{
    (void)state;
    for (size_t n = 500; n < 520; n++) {
        char *text = calloc(n, 16);
        assert_non_null(text);
        for (size_t i = 0; i < n; i++) {
            memcpy(text + 7 * i, "<array>", 7);
            memcpy(text + 7 * n + 8 * i, "</array>", 8);
        }
        bool is = plain(text, strlen(text));
        assert_true(n < 508 ? is : n > 511 ? !is : true);
        assert_null(difference(text, strlen(text), NULL));
        free(text);
    }
}

/* ---- registries ------------------------------------------------------------------------------ */

static uint32_t seed;

static uint32_t any(uint32_t below)
{
    seed = seed * 1664525U + 1013904223U;
    return (seed >> 8) % below;
}

struct style {
    const char *newline, *indent;
    bool odd; /* now and then something that is not plain */
};

static void add_text(struct dx_buf *b)
{
    static const char *const bits[] = {
        "a",
        "IOService",
        " ",
        "0x1f",
        "&amp;",
        "&lt;",
        "&gt;",
        "&#65;",
        "&#x20AC;",
        "\xc3\xa4",
        "\t",
        "\xe2\x82\xac",
        "\xf0\x9f\x98\x80",
        "&quot;",
        "&apos;",
        "]]",
        "\n",
        "a name",
        "&#13;",
        "com.example",
    };
    for (uint32_t n = any(5); n > 0; n--) {
        dx_buf_puts(b, bits[any(sizeof bits / sizeof *bits)]);
    }
}

static void add_odd(struct dx_buf *b, const struct style *s)
{
    static const char *const odd[] = {
        "<!-- c -->",
        "<?p i?>",
        "x",
        "<string/>",
        "<key>k</key>",
        "</array>",
        "</dict>",
        "<dict>",
        "&#32;",
        "<integer>x</integer>",
        "\xff",
        "<![CDATA[a]]>",
        "<a b='c'/>",
        "<true>",
        "\x01",
        "<string ID='3'>a</string>",
    };
    if (s->odd && any(200) == 0) {
        dx_buf_puts(b, odd[any(sizeof odd / sizeof *odd)]);
    }
}

static void add_line(struct dx_buf *b, const struct style *s, unsigned level)
{
    dx_buf_puts(b, s->newline);
    for (unsigned i = 0; i < level; i++) {
        dx_buf_puts(b, s->indent);
    }
    add_odd(b, s);
}

static void add_value(struct dx_buf *b, const struct style *s, unsigned level)
{
    static const char *const values[] = {
        "<true/>",
        "<false/>",
        "<dict/>",
        "<array/>",
        "<array></array>",
        "<dict></dict>",
        "<integer>17</integer>",
        "<integer>0xffffffffffffffff</integer>",
        "<integer> -5</integer>",
        "<real>0.5</real>",
        "<date>2020-01-02T03:04:05Z</date>",
        "<data>\n\tAAECAw==\n\t</data>",
        "<data>AQ</data>",
        "<data></data>",
        "<string></string>",
    };
    uint32_t what = any(8);
    if (what < 3) {
        dx_buf_puts(b, values[any(sizeof values / sizeof *values)]);
    } else if (what < 6 || level > 6) {
        dx_buf_puts(b, "<string>");
        add_text(b);
        dx_buf_puts(b, "</string>");
    } else {
        bool dict = what == 6;
        dx_buf_puts(b, dict ? "<dict>" : "<array>");
        for (uint32_t n = any(4); n > 0; n--) {
            add_line(b, s, level + 1);
            if (dict) {
                dx_buf_puts(b, "<key>");
                add_text(b);
                dx_buf_puts(b, "</key>");
                add_line(b, s, level + 1);
            }
            add_value(b, s, level + 1);
        }
        add_line(b, s, level);
        dx_buf_puts(b, dict ? "</dict>" : "</array>");
    }
}

static void add_node(struct dx_buf *b, const struct style *s, unsigned level)
{
    static const char *const own[] = {
        "<key>IORegistryEntryName</key><string>Root</string>",
        "<key>IORegistryEntryName</key><string>a&amp;b</string>",
        "<key>IORegistryEntryName</key><integer>5</integer>",
        "<key>IORegistryEntryLocation</key><string>14,2</string>",
        "<key>IOObjectClass</key><string>IOUSBHostDevice</string>",
        "<key>IORegistryEntryID</key><integer>4294967297</integer>",
        "<key>IORegistryEntryID</key><string>7</string>",
        "<key>IOServiceBusyState</key><integer>3</integer>",
        "<key>IOServiceState</key><integer>30</integer>",
        "<key>IOObjectRetainCount</key><integer>9</integer>",
        "<key>IOServiceBusyTime</key><integer>9</integer>",
        "<key>IORegistryEntryChildren</key><dict><key>a</key><true/></dict>",
        "<key>IOPowerManagement</key><dict><key>CurrentPowerState</key><integer>2</integer></dict>",
        "<key>vendor-id</key><data>hoAAAA==</data>",
    };
    dx_buf_puts(b, "<dict>");
    for (uint32_t n = any(10); n > 0; n--) {
        add_line(b, s, level + 1);
        uint32_t what = any(8);
        if (what < 5) {
            dx_buf_puts(b, own[any(sizeof own / sizeof *own)]);
            continue;
        }
        dx_buf_puts(b, what == 7 ? "<key>IORegistryEntryChildren</key>" : "<key>x</key>");
        add_line(b, s, level + 1);
        if (what != 7 || level > 8) {
            add_value(b, s, 1);
            continue;
        }
        dx_buf_puts(b, "<array>");
        for (uint32_t k = any(4); k > 0; k--) {
            add_line(b, s, level + 2);
            add_node(b, s, level + 2);
        }
        dx_buf_puts(b, "</array>");
    }
    add_line(b, s, level);
    dx_buf_puts(b, "</dict>");
}

static void add_file(struct dx_buf *b, const struct style *s)
{
    static const char *const heads[] = {
        ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST "
         "1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n"),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", ""};
    dx_buf_puts(b, heads[any(3)]);
    dx_buf_puts(b, "<plist version=\"1.0\">");
    uint32_t what = any(4);
    if (what < 2) {
        add_node(b, s, 0);
    } else {
        dx_buf_puts(b, what == 2 ? "<array>" : "<dict>");
        for (uint32_t n = any(4); n > 0; n--) {
            dx_buf_puts(b, what == 2 ? "" : "<key>usb</key>");
            add_node(b, s, 1);
        }
        dx_buf_puts(b, what == 2 ? "</array>" : "</dict>");
    }
    dx_buf_puts(b, "</plist>\n");
}

static void check(const char *data, size_t size)
{
    const struct dext_limits few = {.size = sizeof few, .plist_depth = 7, .plist_nodes = 5};
    const char *what = difference(data, size, NULL);
    what = what ? what : difference(data, size, &few);
    if (what) {
        print_message("%.*s\n%s differs\n", (int)size, data, what);
        fail();
    }
}

static const struct style styles[] = {
    {"\n", "\t", false},   {"", "", false},    {"\n", "  ", false}, {" \n\n", " \t", false},
    {"\r\n", "\t", false}, {"\n", "\t", true}, {"\r", "", true},
};

/* Files a test tries: DEXTCTL_QUICK a seventh, so that each style still has its turn. */
static uint32_t how_many(uint32_t all)
{
    return getenv("DEXTCTL_QUICK") ? all / 7 : all;
}

static void generated(void **state)
{
    (void)state;
    size_t is_plain = 0, files = 0;
    for (uint32_t i = 1; i <= how_many(1400); i++) {
        struct dext_ctx *ctx = dext_ctx_new(NULL);
        const struct style *s = &styles[i % 7];
        struct dx_buf b;
        seed = i;
        dx_buf_init(&b, &ctx->arena, SIZE_MAX);
        add_file(&b, s);
        bool is = plain(b.p, b.n);
        assert_true(is || s->odd || strchr(s->newline, '\r'));
        is_plain += is;
        files++;
        check(b.p, b.n);
        dext_ctx_free(ctx);
    }
    assert_true(is_plain > files / 2 && is_plain < files);
}

/* Several documents in one file, some of them not plain: what was read before stays. */
static void collected(void **state)
{
    (void)state;
    for (uint32_t i = 1; i <= how_many(200); i++) {
        struct dext_ctx *ctx = dext_ctx_new(NULL);
        struct dx_buf b;
        seed = i;
        dx_buf_init(&b, &ctx->arena, SIZE_MAX);
        for (uint32_t n = 1 + any(5); n > 0; n--) {
            dx_buf_puts(&b, any(2) ? "=== a title\n" : "");
            add_file(&b, &styles[any(7)]);
        }
        check(b.p, b.n);
        dext_ctx_free(ctx);
    }
}

/* ---- a file that is never in memory as a whole ------------------------------------------------
 */

static char file[] = "/tmp/dextctl-test-XXXXXX";

/* Reads data from a file, block bytes at a time, and from memory. Whether the short way through it
 * went to the end is told by what of the file is left in memory. */
static bool check_file(const char *data, size_t size, size_t block)
{
    struct dext_ctx *x = dext_ctx_new(NULL), *y = dext_ctx_new(NULL);
    struct dx_source src = dx_source_bytes(file, data, size);
    struct dx_registry *a, *b;
    struct dx_feed feed;
    FILE *f = fopen(file, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, size, f), size);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(dx_feed_open(&feed, x, file, SIZE_MAX), DEXT_OK);
    feed.block = block;
    int rc = dx_registry_read_feed(&a, x, &feed);
    dx_feed_close(&feed);
    int other = dx_registry_read_by(&b, y, &src, false);
    const char *what = differs(a, x, rc, b, y, other);
    if (what) {
        print_message("%.*s\n%s differs\n", size > 100000 ? 0 : (int)size, data, what);
        fail();
    }
    bool fed = a->src.size == 0;
    dext_ctx_free(x);
    dext_ctx_free(y);
    return fed;
}

static int choose_file(void **state)
{
    (void)state;
    memset(file + sizeof file - 7, 'X', 6);
    int fd = mkstemp(file);
    return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
    (void)state;
    return remove(file);
}

/* One document of at least size bytes. */
static void add_large(struct dx_buf *b, const struct style *s, size_t size)
{
    dx_buf_puts(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\">\n");
    bool array = any(2);
    dx_buf_puts(b, array ? "<array>"
                         : "<dict><key>IOObjectClass</key><string>A</string>"
                           "<key>IORegistryEntryChildren</key><array>");
    while (b->n < size) {
        add_node(b, s, 1);
    }
    dx_buf_puts(b, array ? "</array></plist>\n" : "</array></dict></plist>\n");
}

static void fed(void **state)
{
    (void)state;
    size_t whole = 0, files = 0;
    for (uint32_t i = 1; i <= how_many(150); i++) {
        struct dext_ctx *ctx = dext_ctx_new(NULL);
        struct dx_buf b;
        seed = i;
        dx_buf_init(&b, &ctx->arena, SIZE_MAX);
        add_large(&b, &styles[i % 4], 10000 + any(20000));
        bool is = check_file(b.p, b.n, 200 + any(2000));
        whole += is;
        files++;
        (void)check_file(b.p, b.n - any((uint32_t)b.n), 300);
        static const char *const marks[] = {"\n===",    "\n<?xml", "\n=== a\n<dict>",
                                            "<!-- -->", ">",       "\r"};
        const char *m = marks[any(6)];
        size_t at = 5000 + any(4000);
        memcpy(b.p + at, m, strlen(m));
        (void)check_file(b.p, b.n, 300);
        dext_ctx_free(ctx);
    }
    assert_true(whole > files / 2);
}

/* What makes several documents of a file does so wherever it stands, and a collector's dictionary
 * is not one dump. */
static void fed_collected(void **state)
{
    static const struct {
        const char *text;
        bool one;
    } marks[] = {{"\n==", true}, {"\n===", false}, {" ===", true}, {"\n?xml", true}};
    static const size_t fillers[] = {0, 1, 5, 100, 5000};
    (void)state;
    for (size_t i = 0; i < 4 * 5 * 5; i++) {
        struct dext_ctx *ctx = dext_ctx_new(NULL);
        size_t before = fillers[i / 4 % 5], after = fillers[i / 20];
        struct dx_buf b;
        dx_buf_init(&b, &ctx->arena, SIZE_MAX);
        dx_buf_puts(&b, "<plist version=\"1.0\"><array>");
        for (size_t k = 0; k <= before + after; k++) {
            dx_buf_printf(&b,
                          "<dict><key>IOObjectClass</key><string>%s</string><key>n</key><integer>"
                          "%zu</integer></dict>\n",
                          k == before ? marks[i % 4].text : "A", k);
        }
        dx_buf_puts(&b, "</array></plist>\n");
        size_t block = before + after > 1000 ? DX_FEED_BLOCK / 16 : 200;
        assert_int_equal(check_file(b.p, b.n, block), marks[i % 4].one);
        dext_ctx_free(ctx);
    }
    static const char wrapped[] =
        "<plist version=\"1.0\"><dict><key>usb</key><dict>"
        "<key>IOObjectClass</key><string>A</string></dict></dict></plist>";
    assert_false(check_file(wrapped, strlen(wrapped), 200));
}

/* So large that memory is given back. */
static void large(void **state)
{
    (void)state;
    struct dext_ctx *ctx = dext_ctx_new(NULL);
    struct dx_buf b;
    seed = 1;
    dx_buf_init(&b, &ctx->arena, SIZE_MAX);
    add_large(&b, &styles[0], (size_t)7 << 20);
    assert_true(check_file(b.p, b.n, DX_FEED_BLOCK));
    b.p[b.n - 100] = '>';
    assert_false(check_file(b.p, b.n, DX_FEED_BLOCK));
    dext_ctx_free(ctx);
}

/* Documents are told apart by titles and by declarations, and lines are those of the file. */
static void places(void **state)
{
    static const char node[] = "<dict><key>IOObjectClass</key><string>==?A\n?\n=</string></dict>";
    struct dext_ctx *ctx = dext_ctx_new(NULL);
    struct dx_registry *r;
    struct dx_buf b;
    (void)state;
    dx_buf_init(&b, &ctx->arena, SIZE_MAX);
    dx_buf_puts(&b, "=== one\n<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\">");
    for (int i = 0; i < 700; i++) {
        dx_buf_puts(&b, "\n");
    }
    dx_buf_printf(&b,
                  "%s</plist>\n<?xml version=\"1.0\" encoding=\"UTF-8\"?><plist version=\"1.0\">"
                  "<array>\n%s\n\n%s</array></plist>\n===\n\n%s\n=== four\n=== five\n",
                  node, node, node, node);
    struct dx_source src = dx_source_bytes("x", b.p, b.n);
    assert_int_equal(dx_registry_read(&r, ctx, &src), DEXT_OK);
    assert_int_equal(r->count, 4);
    assert_int_equal(r->lost, 0);
    const unsigned lines[] = {703, 707, 711, 716};
    for (size_t i = 0; i < r->count; i++) {
        assert_int_equal(r->nodes[i]->line, lines[i]);
    }
    check(b.p, b.n);
    dext_ctx_free(ctx);
}

/* Cut, and with bytes changed, dropped or doubled. */
static void damage(const char *data, size_t size, unsigned times)
{
    /* The copy is as long as the data, so that a read past the end is seen. */
    for (unsigned i = 0; size && i < times; i++) {
        size_t n = i % 2 ? size : any((uint32_t)size + 1);
        char *copy = malloc(n + 1);
        assert_non_null(copy);
        memcpy(copy, data, n);
        copy[n] = 0;
        for (uint32_t k = n ? any(4) : 0; k > 0; k--) {
            static const char often[] = "<>/&;\"= \n\r!-[]#x\xc3\x80\xff";
            size_t at = any((uint32_t)n);
            unsigned char flipped = (unsigned char)((unsigned char)copy[at] ^ 1U << any(8));
            copy[at] = any(2) ? often[any(sizeof often)] : (char)flipped;
        }
        if (copy[0]) {
            check(copy, n);
            (void)plain(copy, n);
        }
        free(copy);
    }
}

static void damaged(void **state)
{
    (void)state;
    for (uint32_t i = 1; i <= how_many(150); i++) {
        struct dext_ctx *ctx = dext_ctx_new(NULL);
        struct dx_buf b;
        seed = i;
        dx_buf_init(&b, &ctx->arena, SIZE_MAX);
        add_file(&b, &styles[i % 4]);
        damage(b.p, b.n, 60);
        dext_ctx_free(ctx);
    }
}

static void corpus(void **state)
{
    (void)state;
    const char *root = getenv("DEXTCTL_CORPUS");
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/runtime/ioreg/plist", root ? root : "");
    DIR *d = opendir(path);
    if (!d) {
        print_message("no registry archives (DEXTCTL_CORPUS)\n");
        skip();
    }
    size_t is_plain = 0;
    for (struct dirent *e; (e = readdir(d));) {
        char one[2048];
        struct dext_ctx *ctx = dext_ctx_new(NULL);
        struct dx_source src;
        (void)snprintf(one, sizeof one, "%s/%s", path, e->d_name);
        if (dx_source_read(&src, ctx, one) == DEXT_OK) {
            is_plain += plain(src.data, src.size);
            check(src.data, src.size);
            seed = (uint32_t)src.size;
            damage(src.data, src.size, src.size > 100000 ? 60 : 500);
        }
        dext_ctx_free(ctx);
    }
    (void)closedir(d);
    assert_true(is_plain > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dialect),
        cmocka_unit_test(depth),
        cmocka_unit_test(generated),
        cmocka_unit_test(collected),
        cmocka_unit_test(places),
        cmocka_unit_test(damaged),
        cmocka_unit_test(corpus),
        cmocka_unit_test_setup_teardown(fed, choose_file, remove_file),
        cmocka_unit_test_setup_teardown(fed_collected, choose_file, remove_file),
        cmocka_unit_test_setup_teardown(large, choose_file, remove_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
