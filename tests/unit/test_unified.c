/* The unified log: archives that are written here, read back. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "unified_writer.h"

#include "dext/unified.h"

#define SECOND ((int64_t)1000000000)

enum { KERNEL = 0x11, DRIVER = 0x22, LIBRARY = 0x33, FRAMEWORK = 0x44, CACHE = 0x55 };

static const struct uw_process processes[] = {
    {.first = 1, .second = 10, .pid = 0, .main = KERNEL, .load = 0x100020000, .loaded = LIBRARY},
    {.first = 2,
     .second = 20,
     .pid = 321,
     .euid = 270,
     .main = DRIVER,
     .cache = CACHE,
     .subsystem = "com.example.driver",
     .category = "start"},
};
#define IN_KERNEL (&processes[0])
#define IN_DRIVER (&processes[1])

/* ---- reading back ------------------------------------------------------------------------------
 */

struct got {
    struct dext_unified *u;
    char *lines[4096];
    size_t count;
    struct dext_unified_told told;
    bool raw; /* without times */
};

static bool on_entry(void *user, const struct dext_unified_entry *e)
{
    struct got *g = user;
    char *line = NULL;
    size_t n;
    FILE *f = open_memstream(&line, &n);
    const char *message = dext_unified_message(g->u, e, NULL);
    if (!g->raw) {
        (void)fprintf(f, "%" PRId64 ".%03d %+d %s[%u] ", e->time / SECOND,
                      (int)(e->time % SECOND / 1000000), e->zone, e->process, e->pid);
    }
    (void)fputs(message, f);
    (void)fclose(f);
    assert_true(g->count < sizeof g->lines / sizeof *g->lines);
    g->lines[g->count++] = line;
    return true;
}

static void read_path(struct got *g, const char *path, const struct dext_unified_range *range)
{
    struct dext_ctx *ctx = dext_ctx_new(NULL);
    int status = dext_unified_open(&g->u, ctx, path);
    if (status != DEXT_OK) {
        print_error("%s\n", dext_ctx_error(ctx));
    }
    assert_int_equal(status, DEXT_OK);
    assert_int_equal(dext_unified_each(g->u, range, on_entry, g), DEXT_OK);
    dext_unified_told(g->u, &g->told);
    g->told.notes = NULL; /* they go with the archive */
    dext_unified_close(g->u);
    dext_ctx_free(ctx);
}

static void forget(struct got *g)
{
    for (size_t i = 0; i < g->count; i++) {
        free(g->lines[i]);
    }
    *g = (struct got){.count = 0};
}

static char root[256];

static int in_a_folder(void **state)
{
    (void)state;
    char made[] = "/tmp/dextctl-unified-XXXXXX";
    assert_non_null(mkdtemp(made));
    (void)snprintf(root, sizeof root, "%s/test.logarchive", made);
    return 0;
}

static int without_it(void **state)
{
    (void)state;
    char command[300];
    *strrchr(root, '/') = 0;
    (void)snprintf(command, sizeof command, "rm -rf '%s'", root);
    return system(command);
}

/* ---- formats ------------------------------------------------------------------------------------
 */

struct format_case {
    const char *format;
    void (*fill)(struct uw_args *a);
    const char *message;
};

static void two(struct uw_args *a)
{
    uw_text(a, 0x22, "one");
    uw_number(a, 0, (uint32_t)-2, 4);
}

static void none(struct uw_args *a)
{
    (void)a;
}

#define FILL(name, ...)                                                                            \
    static void name(struct uw_args *a)                                                            \
    {                                                                                              \
        __VA_ARGS__;                                                                               \
    }
FILL(n255, uw_number(a, 0, 255, 4))
FILL(n0, uw_number(a, 0, 0, 4))
FILL(n1, uw_number(a, 2, 1, 4))
FILL(n2, uw_number(a, 0, 2, 4))
FILL(n13, uw_number(a, 0, 13, 4))
FILL(n4719, uw_number(a, 0, 4720, 8))
FILL(minus1, uw_number(a, 0, UINT64_MAX, 8))
FILL(byte200, uw_number(a, 0, 200, 4))
FILL(pi, double d = 3.14159265; uint64_t v; memcpy(&v, &d, 8); uw_number(a, 0, v, 8))
FILL(quarter, float d = 0.25f; uint32_t v; memcpy(&v, &d, 4); uw_number(a, 0, v, 4))
FILL(mode, uw_number(a, 0, 040755, 4))
FILL(time2023, uw_number(a, 0, 1684642680, 4))
FILL(kern5, uw_number(a, 0, 5, 4))
FILL(text, uw_text(a, 0x20, "text"))
FILL(object, uw_text(a, 0x42, "<NSObject>"))
FILL(null_object, uw_range(a, 0x40, 0, 0))
FILL(null_text, uw_range(a, 0x20, 0, 0))
FILL(secret, uw_text(a, 0x21, "secret"))
FILL(secret_object, uw_text(a, 0x41, "{secret}"))
FILL(gone, uw_range(a, 0x21, 0, 0))
FILL(gone_object, uw_range(a, 0x41, 0, 0x8000))
FILL(private_number, uw_range(a, 0x01, 0, 0x8000))
FILL(private_kept, uint32_t v = 77; uw_bytes(a, 0x01, &v, 4))
FILL(sensitive, uw_range(a, 0x45, 0, 4))
FILL(sensitive_number, uw_range(a, 0x05, 0, 4))
FILL(bad_range, uw_range(a, 0x22, 9, 900))
FILL(counted, uw_number(a, 0x12, 3, 4); uw_bytes(a, 0x22, "abcdef", 6))
FILL(wide_star, uw_number(a, 0, 6, 4); uw_number(a, 0, 42, 4))
FILL(uuid, uw_number(a, 0x12, 16, 4);
     uw_bytes(a, 0x32, "\x1d\x1f\xd3\xfb\xe9\xa6\x46\x6a\xb7\x32\x7f\xb6\x98\x61\x02\xb2", 16))
FILL(hash, uw_number(a, 0x72, 0x68736168, 8);
     uw_bytes(a, 0xf2, "\x1d\x1f\xd3\xfb\xe9\xa6\x46\x6a\xb7\x32\x7f\xb6\x98\x61\x02\xb2", 16))
FILL(no_hash, uw_range(a, 0xf2, 0, 0))
FILL(ip4, uw_number(a, 0, 0x62cca8c0, 4))
FILL(ip6, uw_bytes(a, 0x32, "\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 16))
FILL(socket4, uw_bytes(a, 0x32, "\x10\x02\0\0\x17\x32\x62\x82\0\0\0\0\0\0\0\0", 16))
FILL(socket6, uw_bytes(a, 0x32, "\x1c\x1e\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 28))
FILL(no_socket, uw_range(a, 0x32, 0, 0))
FILL(wide, uw_bytes(a, 0x52, "a\0\0\0\xac\x20\0\0\0\0\0\0", 12))
FILL(dns, uw_bytes(a, 0x32, "\0\0\x81\x80\0\1\0\0\0\0\0\0", 12))
FILL(dns_counts, uw_bytes(a, 0x32, "\0\0\0\0\0\0\1\0", 8))
FILL(dns_flags, uw_bytes(a, 0x32, "\0\1\xe9\x62\0\0\0\0", 8))
FILL(member, uw_bytes(a, 0x32, "\x23\x58\0\0\0/Local/Default", 20))
FILL(group, uw_bytes(a, 0x32, "\x44wheel\0/Local/Default", 22))
FILL(sid,
     uw_bytes(a, 0x32, "\1\5\0\0\0\0\0\5\x15\0\0\0\x16\0\0\0\x17\0\0\0\x18\0\0\0\x19\0\0\0", 28))
FILL(path, uw_text(a, 0x22, "NSBundle </System/TimeZone.bundle>"))
FILL(three, uw_number(a, 0, 1, 4); uw_number(a, 0, 2, 4); uw_number(a, 0, 3, 4))
FILL(begin, uw_number(a, 0, 1005536557983, 8))
FILL(number588, uw_number(a, 0, 0x40bc6000, 4))

/* The first group is printf's, the second Apple's annotations with the values of dtformats' tests,
 * the third what is missing or private. */
static const struct format_case cases[] = {
    {"plain", none, "plain"},
    {"100%% of it", none, "100% of it"},
    {"%s: %d", two, "one: -2"},
    {"[%5d]", n255, "[  255]"},
    {"[%-5d]", n255, "[255  ]"},
    {"[%05d]", n255, "[00255]"},
    {"[%+d]", n255, "[+255]"},
    {"[%6.6d]", n255, "[000255]"},
    {"%x", n255, "ff"},
    {"%#x", n255, "0xff"},
    {"%#x", n0, "0"},
    {"%02X", n255, "FF"},
    {"%o", n255, "377"},
    {"%p", n255, "0xff"},
    {"%c", n255, "\xc3\xbf"},
    {"%hhd", byte200, "-56"},
    {"%lld", minus1, "-1"},
    {"%llu", minus1, "18446744073709551615"},
    {"%f", pi, "3.141593"},
    {"%.2f", pi, "3.14"},
    {"%g", quarter, "0.25"},
    {"[%10s]", text, "[      text]"},
    {"[%-10s]", text, "[text      ]"},
    {"[%.2s]", text, "[te]"},
    {"[%.0s]", text, "[text]"},
    {"%@", object, "<NSObject>"},
    {"%@", null_object, "(null)"},
    {"%s", null_text, "(null)"},
    {"%.*s", counted, "abc"},
    {"[%*d]", wide_star, "[    42]"},
    {"%S", wide, "a\xe2\x82\xac"},
    {"%m", n2, "No such file or directory"},
    {"%{public}%@", object, "{public}<NSObject>"},
    {"%y and %", none, "y and"},
    {"%{open", none, "{open"},

    {"%{bool}d", n1, "true"},
    {"%{BOOL}d", n0, "NO"},
    {"%{public, bool}d", n0, "false"},
    {"%{darwin.errno}d", n2, "[2: No such file or directory]"},
    {"%{errno}d", n13, "[13: Permission denied]"},
    {"%{mach.errno}d", kern5, "[0x5: (os/kern) failure]"},
    {"%{darwin.mode}d", mode, "drwxr-xr-x"},
    {"%{darwin.signal}d", n13, "[sigpipe: Broken pipe]"},
    {"%{bytes}llu", n4719, "4.72 kB"},
    {"%{iec-bytes}llu", n4719, "4.61 KiB"},
    {"%{time_t}d", time2023, "2023-05-21 04:18:00"},
    {"%{public,uuid_t}.16P", uuid, "1D1FD3FB-E9A6-466A-B732-7FB6986102B2"},
    {"%{private, mask.hash}s", hash, "<mask.hash: 'HR/T++mmRmq3Mn+2mGECsg=='>"},
    {"%{mask.hash}s", no_hash, "<mask.hash: (null)>"},
    {"%{network:in_addr}d", ip4, "192.168.204.98"},
    {"%{network:in6_addr}.16P", ip6, "fe80::1"},
    {"%{network:sockaddr}.*P", socket4, "23.50.98.130"},
    {"%{sockaddr}.*P", socket6, "::"},
    {"%{sockaddr}.*P", no_socket, "<NULL>"},
    {"%{mdns:dnshdr}.12P", dns,
     "id: 0x0000 (0), flags: 0x8180 (R/Query, RD, RA, NoError), counts: 1/0/0/0"},
    {"%{mdns:dns.counts}.8P", dns_counts, "1/0/0/0"},
    {"%{mdns:dns.idflags}.8P", dns_flags,
     "id: 0x62E9 (25321), flags: 0x0100 (Q/Query, RD, NoError)"},
    {"%{mdns:protocol}d", n1, "UDP"},
    {"%{mdns:rrtype}d", n1, "A"},
    {"%{mdns:addrmv}d", n1, "add"},
    {"%{location:CLClientAuthorizationStatus}d", n2, "\"Denied\""},
    {"%{location:SqliteResult}d", n0, "\"SQLITE_OK\""},
    {"%{location:escape_only}s", path, "\"NSBundle <\\/System\\/TimeZone.bundle>\""},
    {"%{odtypes:ODError}d", n0, "ODNoError"},
    {"%{odtypes:mbr_details}.*P", member, "user: 88@/Local/Default"},
    {"%{odtypes:mbr_details}.*P", group, "group: wheel@/Local/Default"},
    {"%{odtypes:nt_sid_t}.*P", sid, "S-1-5-21-22-23-24-25"},
    {"%{signpost.description:begin_time}llu", begin,
     "__##__signpost.description#____#begin_time#_##_#1005536557983##__##"},
    {"%{signpost.telemetry:number1}f", number588,
     "__##__signpost.telemetry#____#number1#_##_#5.88671875##__##"},
    {"%{signpost.telemetry:string1,name=x}s", text,
     "__##__signpost.telemetry#____#string1#_##_#text##__##"},
    {"%{xcode:size-in-bytes}d", n255, "255"},

    {"%{private}s", secret, "secret"},
    {"%{private}@", secret_object, "{secret}"},
    {"a %{private}s b", gone, "a <private> b"},
    {"a %@ b", gone_object, "a <private> b"},
    {"0x%x", private_number, "0x<private>"},
    {"%{private}d", private_kept, "77"},
    {"%{sensitive}@", sensitive, "<private>"},
    {"%{sensitive}d", sensitive_number, "<private>"},
    {"%s and %s", text, "text and <decode: missing data>"},
    {"%s", bad_range, "<decode: bad range for [%s]>"},
    {"%d", text, "<decode: mismatch for [%d]>"},
    {"%d", three, "1"},
};
#define CASES (sizeof cases / sizeof *cases)

static void every_format(void **state)
{
    (void)state;
    struct uw_image kernel = {KERNEL, "/kernel", {NULL, 0, 0}};
    struct uw_trace t;
    uw_trace_begin(&t, 1, 1, 1, 1700000000, processes, 2);
    for (size_t i = 0; i < CASES; i++) {
        struct uw_args a = {.count = 0};
        cases[i].fill(&a);
        struct uw_log l = {.ticks = 1000 + i, .ref = uw_string(&kernel, cases[i].format)};
        uw_log(&t, IN_KERNEL, &l, &a);
        uw_args_free(&a);
    }
    uw_trace_end(&t, root, "Persist/0000000000000001.tracev3");
    uw_uuidtext(&kernel, root);
    uw_free(&kernel.strings);
    struct got g = {.raw = true};
    read_path(&g, root, NULL);
    assert_int_equal(g.count, CASES);
    size_t wrong = 0;
    for (size_t i = 0; i < CASES; i++) {
        if (strcmp(g.lines[i], cases[i].message) != 0) {
            print_error("%s: want |%s|, got |%s|\n", cases[i].format, cases[i].message, g.lines[i]);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
    forget(&g);
}

/* ---- kinds of entries ---------------------------------------------------------------------------
 */

struct strings {
    struct uw_image kernel, driver, library, cached[2];
};

static void save_strings(struct strings *s)
{
    uw_uuidtext(&s->kernel, root);
    uw_uuidtext(&s->driver, root);
    uw_uuidtext(&s->library, root);
    uw_cache(CACHE, 2, s->cached, 2, root);
    uw_free(&s->kernel.strings);
    uw_free(&s->driver.strings);
    uw_free(&s->library.strings);
    uw_free(&s->cached[0].strings);
    uw_free(&s->cached[1].strings);
}

static struct strings new_strings(void)
{
    return (struct strings){{KERNEL, "/kernel", {NULL, 0, 0}},
                            {DRIVER, "/Library/SystemExtensions/X/driver", {NULL, 0, 0}},
                            {LIBRARY, "/usr/lib/libx.dylib", {NULL, 0, 0}},
                            {{FRAMEWORK, "/System/Library/F.framework/F", {NULL, 0, 0}},
                             {FRAMEWORK + 1, "/System/Library/G.framework/G", {NULL, 0, 0}}}};
}

struct seen {
    struct dext_unified *u;
    size_t count;
    struct dext_unified_entry list[64];
    char message[64][256], sender[64][64], subsystem[64][64], name[64][64];
};

static bool on_seen(void *user, const struct dext_unified_entry *e)
{
    struct seen *s = user;
    size_t i = s->count++;
    assert_true(i < 64);
    s->list[i] = *e;
    (void)snprintf(s->message[i], 256, "%s", dext_unified_message(s->u, e, NULL));
    (void)snprintf(s->sender[i], 64, "%s", e->sender_path);
    (void)snprintf(s->subsystem[i], 64, "%s:%s", e->subsystem, e->category);
    (void)snprintf(s->name[i], 64, "%s %s %s", e->signpost_name, e->signpost_scope,
                   e->signpost_type);
    return true;
}

static struct dext_unified_told see(struct seen *s, const char *path,
                                    const struct dext_unified_range *range)
{
    struct dext_ctx *ctx = dext_ctx_new(NULL);
    struct dext_unified_told told;
    *s = (struct seen){.count = 0};
    assert_int_equal(dext_unified_open(&s->u, ctx, path), DEXT_OK);
    assert_int_equal(dext_unified_each(s->u, range, on_seen, s), DEXT_OK);
    dext_unified_told(s->u, &told);
    dext_unified_close(s->u);
    dext_ctx_free(ctx);
    told.notes = NULL;
    return told;
}

/* One entry of each kind, and one for each place where a string can be. */
static void every_kind(void **state)
{
    (void)state;
    struct strings s = new_strings();
    struct uw_trace t;
    struct uw_args a = {.count = 0};
    struct uw_buf b = {NULL, 0, 0};
    uw_trace_begin(&t, 1, 1, 1, 1700000000, processes, 2);
    uw_text(&a, 0x22, "X");
    struct uw_log l = {.ticks = 1, .thread = 5, .activity = 9, .type = 0x11, .subsystem = true};
    l.ref = uw_string(&s.driver, "main %s");
    uw_log(&t, IN_DRIVER, &l, &a); /* 0 */
    l = (struct uw_log){.ticks = 2, .type = 2, .where = UW_SHARED, .pc = UW_TEXT(1) + 0x10};
    l.ref = UW_TEXT(1) + uw_string(&s.cached[1], "cached %s");
    uw_log(&t, IN_DRIVER, &l, &a); /* 1 */
    l = (struct uw_log){.ticks = 3, .type = 1, .where = UW_LOADED, .pc = 0x100020020};
    l.ref = uw_string(&s.library, "loaded %s");
    uw_log(&t, IN_KERNEL, &l, &a); /* 2 */
    l = (struct uw_log){.ticks = 4, .where = UW_BY_UUID, .image = LIBRARY};
    l.ref = uw_string(&s.library, "named %s");
    uw_log(&t, IN_KERNEL, &l, &a); /* 3 */
    l = (struct uw_log){.ticks = 5, .where = UW_LARGE, .large = 0, .pc = UW_TEXT(0)};
    l.ref = UW_TEXT(0) + uw_string(&s.cached[0], "large %s");
    uw_log(&t, IN_DRIVER, &l, &a); /* 4 */
    l = (struct uw_log){.ticks = 6, .ref = 0x80000000u | 0x1234};
    uw_log(&t, IN_DRIVER, &l, &a); /* 5: dynamic, the message is the argument */
    uw_oversize(&t, IN_DRIVER, 0x42, &a);
    l = (struct uw_log){.ticks = 7, .oversize = 0x42, .ref = uw_string(&s.driver, "over %s")};
    uw_log(&t, IN_DRIVER, &l, NULL); /* 6 */
    l = (struct uw_log){.ticks = 8, .oversize = 0x43, .ref = l.ref};
    uw_log(&t, IN_DRIVER, &l, NULL); /* 7: its arguments are not there */
    l = (struct uw_log){
        .ticks = 9, .type = 0x81, .signpost = 0xeeee, .ref = uw_string(&s.driver, "")};
    l.name = uw_string(&s.driver, "Start");
    uw_log(&t, IN_DRIVER, &l, NULL); /* 8 */
    uw_activity(&t, IN_DRIVER, 10, 1, 0x123, 0x99, uw_string(&s.driver, "activity"));
    uw_activity(&t, IN_DRIVER, 11, 3, 0, 0, uw_string(&s.driver, "user action"));
    uw_int(&b, 0x40, 4);
    uw_int(&b, 4711, 8);
    uw_int(&b, 8, 1);
    uw_int(&b, 1, 1);
    uw_record(&t, IN_DRIVER, 12, 3, 0, UW_MAIN, uw_string(&s.driver, "trace %llu"), 1, &b);
    uw_lost(&t, IN_DRIVER, 13, 100, 200, 63);
    uw_state(&t, IN_DRIVER, 14, 3, "location", "_CLClientManagerStateTrackerState", "Title",
             "\0\0\0\0\0\0\0\0", 8);
    uw_simple(&t, IN_DRIVER, 15, 0x10, "com.example.simple", "simple message");
    l = (struct uw_log){.ticks = 16, .ref = 0x9999}; /* 15: not in the file */
    uw_log(&t, IN_DRIVER, &l, &a);
    l = (struct uw_log){.ticks = 17, .where = UW_BY_UUID, .image = 0x66}; /* 16: no such file */
    uw_log(&t, IN_DRIVER, &l, &a);
    uw_trace_end(&t, root, "Special/0000000000000001.tracev3");
    uw_args_free(&a);
    uw_free(&b);
    save_strings(&s);

    static const struct {
        enum dext_unified_kind kind;
        enum dext_unified_level level;
        const char *message, *sender;
    } want[] = {
        {DEXT_UNIFIED_LOG, DEXT_UNIFIED_FAULT, "main X", "/Library/SystemExtensions/X/driver"},
        {DEXT_UNIFIED_LOG, DEXT_UNIFIED_DEBUG, "cached X", "/System/Library/G.framework/G"},
        {DEXT_UNIFIED_LOG, DEXT_UNIFIED_INFO, "loaded X", "/usr/lib/libx.dylib"},
        {DEXT_UNIFIED_LOG, DEXT_UNIFIED_DEFAULT, "named X", "/usr/lib/libx.dylib"},
        {DEXT_UNIFIED_LOG, DEXT_UNIFIED_DEFAULT, "large X", "/System/Library/F.framework/F"},
        {DEXT_UNIFIED_LOG, DEXT_UNIFIED_DEFAULT, "X", "/Library/SystemExtensions/X/driver"},
        {DEXT_UNIFIED_LOG, DEXT_UNIFIED_DEFAULT, "over X", "/Library/SystemExtensions/X/driver"},
        {DEXT_UNIFIED_LOG, DEXT_UNIFIED_DEFAULT, "over <decode: missing data>",
         "/Library/SystemExtensions/X/driver"},
        {DEXT_UNIFIED_SIGNPOST, DEXT_UNIFIED_DEFAULT, "", "/Library/SystemExtensions/X/driver"},
        {DEXT_UNIFIED_ACTIVITY, DEXT_UNIFIED_DEFAULT, "activity",
         "/Library/SystemExtensions/X/driver"},
        {DEXT_UNIFIED_ACTION, DEXT_UNIFIED_DEFAULT, "user action",
         "/Library/SystemExtensions/X/driver"},
        {DEXT_UNIFIED_TRACE, DEXT_UNIFIED_DEFAULT, "trace 4711",
         "/Library/SystemExtensions/X/driver"},
        {DEXT_UNIFIED_LOSS, DEXT_UNIFIED_DEFAULT,
         "lost >=63 unreliable messages from 100-200 (Mach continuous exact start-approx. end)",
         ""},
        {DEXT_UNIFIED_STATE, DEXT_UNIFIED_DEFAULT,
         "Title\n{\"locationRestricted\":false,\"locationServicesEnabledStatus\":0}",
         "/Library/SystemExtensions/X/driver"},
        {DEXT_UNIFIED_LOG, DEXT_UNIFIED_ERROR, "simple message",
         "/Library/SystemExtensions/X/driver"},
        {DEXT_UNIFIED_LOG, DEXT_UNIFIED_DEFAULT,
         "<compose failure [22222222-2222-2222-2222-222222222222]>",
         "/Library/SystemExtensions/X/driver"},
        {DEXT_UNIFIED_LOG, DEXT_UNIFIED_DEFAULT,
         "<compose failure [66666666-6666-6666-6666-666666666666]>", ""},
    };
    static struct seen seen;
    struct dext_unified_told told = see(&seen, root, NULL);
    assert_int_equal(seen.count, sizeof want / sizeof *want);
    for (size_t i = 0; i < seen.count; i++) {
        assert_string_equal(seen.message[i], want[i].message);
        assert_string_equal(seen.sender[i], want[i].sender);
        assert_int_equal(seen.list[i].kind, want[i].kind);
        assert_int_equal(seen.list[i].level, want[i].level);
        assert_int_equal(seen.list[i].ticks, i + 1);
        assert_int_equal(seen.list[i].time, 1700000000 * SECOND + (int64_t)i + 1);
        assert_int_equal(seen.list[i].partial, i == 7 || i > 14);
    }
    assert_string_equal(seen.subsystem[0], "com.example.driver:start");
    assert_string_equal(seen.subsystem[14], "com.example.simple:");
    assert_int_equal(seen.list[0].activity, 9);
    assert_int_equal(seen.list[0].thread, 5);
    assert_int_equal(seen.list[0].ttl, 14);
    assert_int_equal(seen.list[0].pid, 321);
    assert_int_equal(seen.list[0].euid, 270);
    assert_int_equal(seen.list[1].sender_pc, 0x10);
    assert_int_equal(seen.list[2].sender_pc, 0x20);
    assert_int_equal(seen.list[8].signpost, 0xeeee);
    assert_string_equal(seen.name[8], "Start process begin");
    assert_int_equal(seen.list[9].activity, 0x123);
    assert_int_equal(seen.list[9].parent, 0x99);
    assert_int_equal(told.counts.unrendered, 2);
    assert_int_equal(told.counts.bad_references, 1);
    assert_int_equal(told.counts.oversize_missing, 1);
    assert_int_equal(told.counts.strings_missing, 1);
    assert_int_equal(told.counts.damaged_entries, 0);
}

/* Both versions of shared-cache strings give the same. */
static void old_shared_cache(void **state)
{
    (void)state;
    struct strings s = new_strings();
    struct uw_trace t;
    uw_trace_begin(&t, 1, 1, 1, 1700000000, processes, 2);
    t.stored = true;
    struct uw_log l = {.ticks = 2, .where = UW_SHARED, .pc = UW_TEXT(1) + 0x10};
    l.ref = UW_TEXT(1) + uw_string(&s.cached[1], "cached");
    uw_log(&t, IN_DRIVER, &l, NULL);
    uw_trace_end(&t, root, "Persist/1.tracev3");
    uw_cache(CACHE, 1, s.cached, 2, root);
    uw_free(&s.cached[1].strings);
    static struct seen seen;
    (void)see(&seen, root, NULL);
    assert_int_equal(seen.count, 1);
    assert_string_equal(seen.message[0], "cached");
    assert_string_equal(seen.sender[0], "/System/Library/G.framework/G");
}

/* ---- times --------------------------------------------------------------------------------------
 */

static void say(struct uw_trace *t, struct uw_image *i, uint64_t ticks, const char *text)
{
    struct uw_log l = {.ticks = ticks, .ref = uw_string(i, text)};
    uw_log(t, IN_KERNEL, &l, NULL);
}

/* Two boots in three files whose sets overlap, a clock that is set back, another time zone, and a
 * timebase of Apple silicon: the order is that of what happened. */
static void times(void **state)
{
    (void)state;
    struct uw_image kernel = {KERNEL, "/kernel", {NULL, 0, 0}};
    struct uw_buf sync = {NULL, 0, 0};
    struct uw_trace t;
    int64_t wall = 1700000000 * SECOND;
    uw_boot(&sync, 7, 125, 3, wall, -60);
    uw_sync(&sync, 24000000 * 10, wall + 20 * SECOND, -60); /* set on by ten seconds */
    uw_sync(&sync, 24000000 * 30, wall, 300);               /* and back by forty */
    uw_boot(&sync, 8, 125, 3, wall - 1000 * SECOND, 0);     /* the clock was wrong at that boot */
    uw_save(&sync, root, "timesync/0000000000000001.timesync");
    uw_free(&sync);
    uw_trace_begin(&t, 8, 125, 3, 0, processes, 2);
    say(&t, &kernel, 24000000, "second boot");
    uw_trace_end(&t, root, "Persist/0000000000000001.tracev3");
    uw_trace_begin(&t, 7, 125, 3, 0, processes, 2);
    say(&t, &kernel, 24000000 * 5, "five");
    say(&t, &kernel, 24000000 * 15, "fifteen");
    uw_set_end(&t);
    say(&t, &kernel, 24000000 * 12, "twelve");
    say(&t, &kernel, 24000000 * 31, "thirty-one");
    uw_trace_end(&t, root, "Persist/0000000000000002.tracev3");
    uw_trace_begin(&t, 7, 125, 3, 0, processes, 2);
    say(&t, &kernel, 24000000 * 13, "thirteen");
    uw_trace_end(&t, root, "Special/0000000000000003.tracev3");
    uw_uuidtext(&kernel, root);
    uw_free(&kernel.strings);
    static const char *const want[] = {
        "1700000000.000 +60 [0] === system boot: 07070707-0707-0707-0707-070707070707",
        "1700000005.000 +60 kernel[0] five",
        "1700000020.000 +60 [0] === system wallclock time adjusted",
        "1700000022.000 +60 kernel[0] twelve",
        "1700000023.000 +60 kernel[0] thirteen",
        "1700000025.000 +60 kernel[0] fifteen",
        "1700000000.000 -300 [0] === system wallclock time adjusted",
        "1700000001.000 -300 kernel[0] thirty-one",
        "1699999000.000 +0 [0] === system boot: 08080808-0808-0808-0808-080808080808",
        "1699999001.000 +0 kernel[0] second boot",
    };
    struct got g = {.raw = false};
    read_path(&g, root, NULL);
    assert_int_equal(g.count, sizeof want / sizeof *want);
    for (size_t i = 0; i < g.count; i++) {
        assert_string_equal(g.lines[i], want[i]);
    }
    assert_int_equal(g.told.boots, 2);
    assert_int_equal(g.told.counts.unordered, 0);
    forget(&g);
    struct dext_unified_range last = {.last_boot = true};
    read_path(&g, root, &last);
    assert_int_equal(g.count, 2);
    assert_string_equal(g.lines[1], want[9]);
    forget(&g);
    struct dext_unified_range some = {.from = wall + 22 * SECOND, .to = wall + 23 * SECOND};
    read_path(&g, root, &some);
    assert_int_equal(g.count, 2);
    assert_string_equal(g.lines[0], want[3]);
    forget(&g);
    struct dext_ctx *ctx = dext_ctx_new(NULL);
    int64_t from = 0, to = 0;
    int zone = 0;
    assert_int_equal(dext_unified_open(&g.u, ctx, root), DEXT_OK);
    assert_true(dext_unified_extent(g.u, &from, &to, &zone));
    assert_int_equal(from, wall - 999 * SECOND);
    assert_true(to > wall + 39 * SECOND && to < wall + 40 * SECOND); /* before the clock was set */
    assert_int_equal(zone, -300);
    dext_unified_close(g.u);
    dext_ctx_free(ctx);
    /* One file of it, with its neighbours. */
    char path[300];
    (void)snprintf(path, sizeof path, "%s/Special/0000000000000003.tracev3", root);
    read_path(&g, path, NULL);
    assert_string_equal(g.lines[g.count - 1], want[4]);
    forget(&g);
}

/* ---- damage -------------------------------------------------------------------------------------
 */

static void one_file(struct uw_buf *out)
{
    struct uw_image kernel = {KERNEL, "/kernel", {NULL, 0, 0}};
    struct uw_trace t;
    uw_trace_begin(&t, 1, 1, 1, 1700000000, processes, 2);
    for (unsigned i = 0; i < 3; i++) {
        say(&t, &kernel, i * 10, "first");
        say(&t, &kernel, i * 10 + 1, "second");
        uw_set_end(&t);
    }
    *out = t.file;
    uw_free(&t.set);
    uw_free(&t.public);
    uw_uuidtext(&kernel, root);
    uw_free(&kernel.strings);
}

/* Cut at any byte, or with any byte changed, a file is read as far as it goes, and never hurts. */
static void damage(void **state)
{
    (void)state;
    struct uw_buf whole;
    one_file(&whole);
    char path[300];
    (void)snprintf(path, sizeof path, "%s/Persist/1.tracev3", root);
    size_t least = 6;
    for (size_t cut = whole.n; cut > 240; cut -= 7) {
        struct uw_buf part = {whole.p, cut, 0};
        uw_save(&part, root, "Persist/1.tracev3");
        struct got g = {.raw = true};
        read_path(&g, path, NULL);
        assert_true(g.count <= least);
        least = g.count;
        if (cut < whole.n) {
            assert_true(g.told.note_count > 0 || g.count == 0 || g.count % 2 == 0);
        }
        forget(&g);
    }
    for (size_t at = 240; at < whole.n; at += 3) {
        whole.p[at] ^= 0xff;
        uw_save(&whole, root, "Persist/1.tracev3");
        struct got g = {.raw = true};
        read_path(&g, path, NULL);
        forget(&g);
        whole.p[at] ^= 0xff;
    }
    uw_free(&whole);
}

static int open_status(const char *path)
{
    struct dext_ctx *ctx = dext_ctx_new(NULL);
    struct dext_unified *u = NULL;
    int status = dext_unified_open(&u, ctx, path);
    assert_true(status == DEXT_OK || dext_ctx_error(ctx) != NULL);
    dext_unified_close(u);
    dext_ctx_free(ctx);
    return status;
}

static void not_a_log(void **state)
{
    (void)state;
    char path[300];
    struct uw_buf b = {NULL, 0, 0};
    assert_int_equal(open_status("/nowhere/at.all"), DEXT_E_IO);
    uw_put(&b, "no tracev3", 10);
    uw_save(&b, root, "Persist/1.tracev3");
    (void)snprintf(path, sizeof path, "%s/Persist/1.tracev3", root);
    assert_int_equal(open_status(path), DEXT_E_FORMAT);
    assert_int_equal(open_status(root), DEXT_E_FORMAT);
    (void)snprintf(path, sizeof path, "%s/Persist", root);
    assert_int_equal(open_status("/usr/include/linux/byteorder"), DEXT_E_FORMAT);
    uw_free(&b);
}

/* A block that claims to unpack to more than LZ4 can, or than anybody can use. */
static void bombs(void **state)
{
    (void)state;
    struct uw_trace t;
    struct uw_buf b = {NULL, 0, 0};
    uw_trace_begin(&t, 1, 1, 1, 1700000000, processes, 2);
    uw_put(&b, "bv41", 4);
    uw_int(&b, 0xffffffff, 4);
    uw_int(&b, 16, 4);
    uw_zero(&b, 16);
    uw_put(&b, "bv4$", 4);
    uw_chunk(&t.file, 0x600d, &b);
    b.n = 0;
    size_t size = (size_t)4 << 20;
    char *zeros = calloc(1, size);
    int most = LZ4_compressBound((int)size);
    char *packed = malloc((size_t)most);
    assert_true(zeros && packed);
    int n = LZ4_compress_default(zeros, packed, (int)size, most);
    for (int i = 0; i < 40; i++) { /* 160 MB in 40 blocks */
        uw_put(&b, "bv41", 4);
        uw_int(&b, size, 4);
        uw_int(&b, (uint64_t)n, 4);
        uw_put(&b, packed, (size_t)n);
    }
    uw_put(&b, "bv4$", 4);
    uw_chunk(&t.file, 0x600d, &b);
    free(zeros);
    free(packed);
    uw_free(&b);
    uw_trace_end(&t, root, "Persist/1.tracev3");
    static struct seen seen;
    struct dext_unified_told told = see(&seen, root, NULL);
    assert_int_equal(seen.count, 0);
    assert_true(told.note_count >= 2);
}

/* Catalogs of a few bytes that claim 65535 processes and chunk sets each: were room made for what
 * they claim, no memory would be enough. Chunk sets without bytes. */
static void claims(void **state)
{
    (void)state;
    struct uw_trace t;
    struct uw_buf b = {NULL, 0, 0}, empty = {NULL, 0, 0};
    uw_trace_begin(&t, 1, 1, 1, 1700000000, processes, 2);
    uw_int(&b, 0, 2);
    uw_int(&b, 0, 2);
    uw_int(&b, 0xffff, 2); /* processes */
    uw_int(&b, 0, 2);
    uw_int(&b, 0xffff, 2); /* chunk sets */
    uw_zero(&b, 14);
    for (int i = 0; i < 20000; i++) {
        uw_chunk(&t.file, 0x600b, &b);
        uw_chunk(&t.file, 0x600d, &empty);
    }
    uw_free(&b);
    uw_trace_end(&t, root, "Persist/1.tracev3");
    static struct seen seen;
    struct dext_unified_told told = see(&seen, root, NULL);
    assert_int_equal(seen.count, 0);
    assert_int_equal(told.sets, 0);
    assert_int_equal(told.counts.damaged_chunks, 40000);
}

static bool count(void *user, const struct dext_unified_entry *e)
{
    (void)e;
    ++*(size_t *)user;
    return true;
}

/* Many entries, many sets: all of them, in order. */
static void a_million(void **state)
{
    (void)state;
    struct uw_image kernel = {KERNEL, "/kernel", {NULL, 0, 0}};
    struct uw_trace t;
    struct uw_args a = {.count = 0};
    uint32_t ref = uw_string(&kernel, "line %d");
    uw_trace_begin(&t, 1, 1, 1, 1700000000, processes, 2);
    uw_number(&a, 0, 7, 4);
    for (unsigned i = 0; i < 1000000; i++) {
        struct uw_log l = {.ticks = i, .ref = ref};
        uw_log(&t, IN_KERNEL, &l, &a);
        if (i % 2000 == 1999) {
            uw_set_end(&t);
        }
    }
    uw_trace_end(&t, root, "Persist/1.tracev3");
    uw_uuidtext(&kernel, root);
    uw_free(&kernel.strings);
    uw_args_free(&a);
    struct dext_ctx *ctx = dext_ctx_new(NULL);
    struct dext_unified *u;
    size_t seen = 0;
    assert_int_equal(dext_unified_open(&u, ctx, root), DEXT_OK);
    assert_int_equal(dext_unified_each(u, NULL, count, &seen), DEXT_OK);
    assert_int_equal(seen, 1000000);
    struct dext_unified_told told;
    dext_unified_told(u, &told);
    assert_int_equal(told.counts.unordered, 0);
    dext_unified_close(u);
    dext_ctx_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_format, in_a_folder, without_it),
        cmocka_unit_test_setup_teardown(every_kind, in_a_folder, without_it),
        cmocka_unit_test_setup_teardown(old_shared_cache, in_a_folder, without_it),
        cmocka_unit_test_setup_teardown(times, in_a_folder, without_it),
        cmocka_unit_test_setup_teardown(damage, in_a_folder, without_it),
        cmocka_unit_test_setup_teardown(not_a_log, in_a_folder, without_it),
        cmocka_unit_test_setup_teardown(bombs, in_a_folder, without_it),
        cmocka_unit_test_setup_teardown(claims, in_a_folder, without_it),
        cmocka_unit_test_setup_teardown(a_million, in_a_folder, without_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
