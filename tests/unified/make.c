/* Writes archives of the unified log, for golden cases, corpora of seeds and measurements.
 *   unified_make story FOLDER       a driver that is refused, then one that is not; two boots
 *   unified_make broken FOLDER      the same, with a damaged chunk set and without some strings
 *   unified_make ties FOLDER        five drivers, lines of which name none; two boots
 *   unified_make kinds FOLDER       entries of every kind, and a trace id of 64 bits
 *   unified_make many FOLDER N      N entries of what systems log, with the story in the middle */
#include "../unit/unified_writer.h"

enum { KERNEL = 0x11, SYSEXTD = 0x22, AMFID = 0x33, DRIVER = 0x44, WIFI = 0x66, CACHE = 0x55 };

static const struct uw_process processes[] = {
    {.first = 1, .second = 1, .pid = 0, .main = KERNEL},
    {.first = 2,
     .second = 2,
     .pid = 310,
     .main = SYSEXTD,
     .cache = CACHE,
     .subsystem = "com.apple.sx",
     .category = "realizer"},
    {.first = 3, .second = 3, .pid = 280, .main = AMFID},
    {.first = 4, .second = 4, .pid = 901, .euid = 270, .main = DRIVER},
    {.first = 5,
     .second = 5,
     .pid = 51,
     .euid = 24,
     .main = WIFI,
     .cache = CACHE,
     .subsystem = "com.apple.WiFiPolicy",
     .category = ""},
};
#define PROCESSES (sizeof processes / sizeof *processes)

static struct uw_image kernel = {KERNEL, "/kernel", {NULL, 0, 0}},
                       sysextd = {SYSEXTD, "/usr/libexec/sysextd", {NULL, 0, 0}},
                       amfid = {AMFID, "/usr/libexec/amfid", {NULL, 0, 0}},
                       driver = {DRIVER,
                                 "/Library/SystemExtensions/9C3A/com.example.disk.dext/"
                                 "com.example.disk",
                                 {NULL, 0, 0}},
                       wifi = {WIFI, "/usr/libexec/wifid", {NULL, 0, 0}};
static struct uw_image cached[1] = {
    {0x77, "/System/Library/Frameworks/CoreFoundation.framework/CoreFoundation", {NULL, 0, 0}}};

static uint64_t now;

static void log_it(struct uw_trace *t, unsigned process, struct uw_image *image, uint8_t type,
                   const char *format, struct uw_args *a)
{
    struct uw_log l = {.ticks = now += 1200000,
                       .thread = 0x100 + process,
                       .type = type,
                       .pc = 0x400,
                       .subsystem = processes[process].subsystem != NULL};
    l.ref = uw_string(image, format);
    uw_log(t, &processes[process], &l, a);
    uw_args_free(a);
}

static void from_cache(struct uw_trace *t, const char *format, struct uw_args *a)
{
    struct uw_log l = {
        .ticks = now += 1200000, .thread = 0x77, .where = UW_SHARED, .pc = UW_TEXT(0) + 0x20};
    l.subsystem = true;
    l.ref = UW_TEXT(0) + uw_string(&cached[0], format);
    uw_log(t, &processes[4], &l, a);
    uw_args_free(a);
}

static void story(struct uw_trace *t)
{
    struct uw_args a = {.count = 0};
    uw_text(&a, 0x22, "com.example.disk");
    uw_text(&a, 0x22, "activated_waiting_for_user");
    log_it(t, 1, &sysextd, 0, "%{public}s: state changed to %{public}s", &a);
    uw_number(&a, 0, 3, 4);
    from_cache(t, "link quality %d", &a);
    uw_text(&a, 0x20, "DiskDext");
    uw_number(&a, 0, 0x1000009e5, 8);
    log_it(t, 0, &kernel, 0, "DK: %s-0x%qx: family entitlements check failed\n", &a);
    uw_text(&a, 0x21, "user@example.com");
    uw_range(&a, 0x41, 0, 0x8000);
    log_it(t, 4, &wifi, 1, "joined %{private}s as %{private}@", &a);
    uw_number(&a, 0x12, 16, 4);
    uw_bytes(&a, 0x32, "\x1d\x1f\xd3\xfb\xe9\xa6\x46\x6a\xb7\x32\x7f\xb6\x98\x61\x02\xb2", 16);
    uw_number(&a, 0, 2, 4);
    log_it(t, 3, &driver, 0x10, "session %{public,uuid_t}.16P ended: %{darwin.errno}d", &a);
    uw_number(&a, 0, 901, 4);
    log_it(t, 2, &amfid, 2, "checked pid %d", &a);
}

static void times(const char *root)
{
    struct uw_buf b = {NULL, 0, 0};
    uw_boot(&b, 7, 125, 3, 1768467600000000000, -60); /* 2026-01-15 09:00:00 UTC */
    uw_boot(&b, 8, 125, 3, 1768471200000000000, -60);
    uw_save(&b, root, "timesync/0000000000000001.timesync");
    uw_free(&b);
}

static void save(const char *root)
{
    uw_uuidtext(&kernel, root);
    uw_uuidtext(&sysextd, root);
    uw_uuidtext(&amfid, root);
    uw_uuidtext(&driver, root);
    uw_uuidtext(&wifi, root);
    uw_cache(CACHE, 2, cached, 1, root);
}

static void write_story(const char *root, bool broken)
{
    struct uw_trace t;
    struct uw_args a = {.count = 0};
    times(root);
    uw_trace_begin(&t, 7, 125, 3, 0, processes, PROCESSES);
    now = 24000000;
    uw_number(&a, 0, 100, 4);
    log_it(&t, 0, &kernel, 0, "woke up: %u%% of battery", &a);
    uw_trace_end(&t, root, "Persist/0000000000000001.tracev3");
    uw_trace_begin(&t, 8, 125, 3, 0, processes, PROCESSES);
    now = 24000000;
    story(&t);
    if (broken) {
        uw_set_end(&t);
        story(&t);
        uw_set_end(&t);
        memset(t.file.p + t.file.n - 200, 0xee, 100); /* in the packed bytes */
    }
    uw_trace_end(&t, root, "Persist/0000000000000002.tracev3");
    save(root);
    if (broken) {
        char path[1024];
        (void)snprintf(path, sizeof path, "%s/66/666666666666666666666666666666", root);
        (void)remove(path);
    }
}

/* A line of the kernel, or of a driver through the kernel (sender: its image). */
static void say(struct uw_trace *t, unsigned process, struct uw_image *image, bool sent,
                const char *message)
{
    struct uw_args a = {.count = 0};
    struct uw_log l = {.ticks = now += 24000000, .thread = 0x100 + process, .pc = 0x400};
    l.where = sent ? UW_BY_UUID : UW_MAIN;
    l.image = sent ? image->number : 0;
    l.ref = uw_string(image, "%{public}s");
    uw_text(&a, 0x22, message);
    uw_log(t, &processes[process], &l, &a);
    uw_args_free(&a);
}

#define STAGED "/Library/SystemExtensions/01234567-89AB-CDEF-0123-456789ABCDEF/"

static void write_ties(const char *root)
{
    struct uw_trace t;
    struct uw_image sender = {0x88, "com.example.serial.dext", {NULL, 0, 0}};
    times(root);
    uw_trace_begin(&t, 7, 125, 3, 0, processes, PROCESSES);
    now = 24000000;
    say(&t, 0, &kernel, false,
        "DK: IOUserServer(com.example.old-0x100000abc)::exit(Something else)");
    uw_trace_end(&t, root, "Persist/0000000000000001.tracev3");
    uw_trace_begin(&t, 8, 125, 3, 0, processes, PROCESSES);
    now = 24000000;
    say(&t, 0, &kernel, false, "DK: com.example.app.pad[812] has team identifier ABCDE12345");
    say(&t, 0, &kernel, false, "entitlements are missing for com.example.app.[812]");
    now += 24000000ULL * 600;
    say(&t, 1, &sysextd, false,
        "access(" STAGED "com.example.net.dext/Net, X_OK) failed with errno 13");
    now += 24000000ULL * 600;
    say(&t, 1, &sysextd, false,
        "failed to fetch " STAGED "Net/_CodeSignature/CodeRequirements-1 error=-10");
    now += 24000000ULL * 600;
    say(&t, 0, &sender, true, "SerialDriver: Open failed: kIOReturnExclusiveAccess");
    now += 24000000ULL * 600;
    say(&t, 3, &driver, false, "Assertion failed: (x), function Y, file uioserver.cpp, line 12");
    struct uw_args a = {.count = 0}; /* a code that only the number is */
    uw_number(&a, 0, 5, 4);
    uw_number(&a, 0, 0xe00002c5, 4);
    log_it(&t, 3, &driver, 0, "Open of pipe %d: %d", &a);
    say(&t, 0, &kernel, false, "Driver com.example.disk has crashed 1 time(s)");
    now += 24000000ULL * 600;
    say(&t, 0, &kernel, false, "Received kext load notification: com.example.camera");
    say(&t, 0, &kernel, false, "Couldn't alloc class \"CameraDriver\"");
    uw_trace_end(&t, root, "Persist/0000000000000002.tracev3");
    uw_uuidtext(&sender, root);
    save(root);
}

static void write_kinds(const char *root)
{
    struct uw_trace t;
    struct uw_log l = {
        .ticks = 25200000, .thread = 5, .type = 0x81, .signpost = 0xfffffffffffffffe};
    times(root);
    uw_trace_begin(&t, 8, 125, 3, 0, processes, PROCESSES);
    now = 24000000;
    say(&t, 0, &kernel, false, "a message");
    l.ref = uw_string(&driver, "");
    l.name = uw_string(&driver, "Start");
    uw_log(&t, &processes[3], &l, NULL);
    uw_activity(&t, &processes[3], 26400000, 1, 0x123, 0x99, uw_string(&driver, "an activity"));
    uw_activity(&t, &processes[3], 27600000, 3, 0, 0, uw_string(&driver, "an action"));
    uw_lost(&t, &processes[3], 28800000, 100, 200, 63);
    uw_trace_end(&t, root, "Persist/0000000000000001.tracev3");
    save(root);
}

/* Of the format of that kind. */
static void arguments(unsigned kind, unsigned long i, struct uw_args *a)
{
    switch (kind) {
    case 0:
        uw_number(a, 0, i, 4);
        uw_text(a, 0x22, "established");
        uw_number(a, 0, i * 7, 8);
        break;
    case 1:
        uw_text(a, 0x22, "com.apple.networkd");
        uw_number(a, 0, i, 4);
        uw_text(a, 0x42, "<NWConcrete_nw_endpoint: example.com:443>");
        uw_number(a, 0, 0, 4);
        break;
    case 2:
        uw_number(a, 0, i, 4);
        break;
    case 3:
        uw_text(a, 0x20, "WiFiManagerUpdate");
        uw_number(a, 0, 512, 4);
        uw_number(a, 0, i * 99991, 8);
        uw_number(a, 0, 0x3ff8000000000000, 8);
        uw_number(a, 0, 60, 4);
        break;
    case 4:
        uw_number(a, 0, i << 4, 8);
        break;
    case 5:
        uw_number(a, 0, i << 4, 8);
        uw_text(a, 0x42, "remote end closed");
        break;
    case 7:
        uw_text(a, 0x42, "<NSURLSessionTask: 0x7f8>{ taskIdentifier: 3 }");
        uw_text(a, 0x41, "https://example.com/");
        uw_number(a, 0, i, 8);
        break;
    default:
        break;
    }
}

/* Formats of every kind, as many as systems have in use at a time; most with arguments. */
static void write_many(const char *root, unsigned long n)
{
    struct uw_trace t;
    struct uw_args a = {.count = 0};
    enum { FORMATS = 2000, SET = 1500, FILE_SETS = 100 };
    static const char *const shapes[] = {
        "[C%u] event: client:connection_%s, took %llu us",
        "%{public}s: request %u for %@ finished with %d",
        "Received configuration update from daemon (initial) %d",
        "%s:%d: entering state %llx with %.3f seconds left of the %u that were asked for",
        "nw_path_evaluator_evaluate: no change %p",
        "TCP Conn %p canceled, reason %{public}@",
        "queue drained",
        "%@ -> %@ (%lld bytes)",
    };
    uint32_t refs[FORMATS];
    unsigned kinds[FORMATS]; /* places in shapes */
    times(root);
    for (unsigned i = 0; i < FORMATS; i++) {
        char text[256];
        kinds[i] = i % 8;
        (void)snprintf(text, sizeof text, "%s #%u", shapes[i % 8], i);
        refs[i] = uw_string(&wifi, text);
    }
    uw_trace_begin(&t, 8, 125, 3, 0, processes, PROCESSES);
    now = 24000000;
    for (unsigned long i = 0; i < n; i++) {
        unsigned k = (unsigned)(i * 2654435761u % FORMATS);
        struct uw_log l = {
            .ticks = now += 24000, .thread = i % 97, .ref = refs[k], .type = (uint8_t)(i % 3)};
        arguments(kinds[k], i, &a);
        uw_log(&t, &processes[4], &l, &a);
        uw_args_free(&a);
        if (i == n / 2) {
            story(&t);
        }
        if (i % SET == SET - 1) {
            uw_set_end(&t);
        }
        if (i % (SET * FILE_SETS) == SET * FILE_SETS - 1) {
            char name[64];
            (void)snprintf(name, sizeof name, "Persist/%016lx.tracev3", i);
            uw_trace_end(&t, root, name);
            uw_trace_begin(&t, 8, 125, 3, 0, processes, PROCESSES);
        }
    }
    uw_trace_end(&t, root, "Persist/ffffffffffffffff.tracev3");
    save(root);
}

int main(int argc, char **argv)
{
    if (argc == 3 && (strcmp(argv[1], "story") == 0 || strcmp(argv[1], "broken") == 0)) {
        write_story(argv[2], argv[1][0] == 'b');
        return 0;
    }
    if (argc == 3 && strcmp(argv[1], "ties") == 0) {
        write_ties(argv[2]);
        return 0;
    }
    if (argc == 3 && strcmp(argv[1], "kinds") == 0) {
        write_kinds(argv[2]);
        return 0;
    }
    if (argc == 4 && strcmp(argv[1], "many") == 0) {
        write_many(argv[2], strtoul(argv[3], NULL, 10));
        return 0;
    }
    (void)fputs("unified_make story|broken|ties|kinds FOLDER, unified_make many FOLDER N\n",
                stderr);
    return 2;
}
