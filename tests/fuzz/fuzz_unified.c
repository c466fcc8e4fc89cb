/* A whole log archive out of lines of text, with catalogs, strings, times and sets that hold: what
 * a mutation of a line changes is the entry. A line: a letter for the kind of entry and a digit for
 * its level, a format (a message, a title), arguments, all with "|" between them: m1|open
 * %{public}s %d: %{darwin.errno}d|22"name|02#5|00$ffffffffffffffff|32=fe80...|21@0,8000 kinds: m
 * main image, s shared cache, l loaded image, u by its UUID, g large offset, o oversize, p
 * signpost, d dynamic; a activity, t trace, x loss; S state, D simple dump; n the next set. All of
 * it is rendered; what begins with "!" is explained as well, and read again as a tar. */
#include <archive.h>
#include <archive_entry.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/unified_writer.h"
#include "dext/unified.h"
#include "explain/explain.h"
#include "tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile size_t sink;

enum { KERNEL = 0x11, DRIVER = 0x22, LIBRARY = 0x33, CACHE = 0x55 };
#define MOST_LINES 200
#define MOST_LINE 1000
#define MOST_ARGS 12

static const struct uw_process processes[] = {
    {0x10, 1, 0, 0, KERNEL, 0, 0x100020000, LIBRARY, "com.example.kernel", "general"},
    {0x20, 2, 280, 270, DRIVER, CACHE, 0, 0, "com.example.driver", "usb"},
};

struct writer {
    struct uw_trace t;
    struct uw_image kernel, driver, library, cached[2];
    uint64_t ticks;
};

/* "32=fe80" and the like; what is no argument is passed over. */
static void add_argument(struct uw_args *a, const char *s)
{
    char *end;
    uint8_t type = (uint8_t)strtoul(s, &end, 16), bytes[MOST_LINE / 2];
    size_t n = 0;
    unsigned long at;
    switch (*end) {
    case '#':
        uw_number(a, type, (uint64_t)strtoll(end + 1, NULL, 10), 4);
        break;
    case '$':
        uw_number(a, type, strtoull(end + 1, NULL, 16), 8);
        break;
    case '"':
        uw_text(a, type, end + 1);
        break;
    case '=':
        for (const char *p = end + 1; n < sizeof bytes && p[0] && p[1]; p += 2) {
            char two[3] = {p[0], p[1], 0};
            bytes[n++] = (uint8_t)strtoul(two, NULL, 16);
        }
        uw_bytes(a, type, bytes, n);
        break;
    case '@':
        at = strtoul(end + 1, &end, 16);
        uw_range(a, type, (unsigned)(at & 0xffff),
                 *end == ',' ? (unsigned)(strtoul(end + 1, NULL, 16) & 0xffff) : 0);
        break;
    default:;
    }
}

/* Where the string of an entry stands, and in which process. */
static const struct uw_process *place_of(struct writer *w, char kind, const char *format,
                                         struct uw_log *l)
{
    const struct uw_process *p = &processes[1];
    switch (kind) {
    case 's':
        l->where = UW_SHARED;
        l->pc = UW_TEXT(1) + 0x10;
        l->ref = UW_TEXT(1) + uw_string(&w->cached[1], format);
        break;
    case 'g':
        l->where = UW_LARGE;
        l->pc = UW_TEXT(0);
        l->ref = UW_TEXT(0) + uw_string(&w->cached[0], format);
        break;
    case 'l':
        l->where = UW_LOADED;
        l->pc = 0x100020020;
        l->ref = uw_string(&w->library, format);
        p = &processes[0];
        break;
    case 'u':
        l->where = UW_BY_UUID;
        l->image = LIBRARY;
        l->ref = uw_string(&w->library, format);
        break;
    case 'd':
        l->ref = 0x80001234u;
        break;
    case 'm':
        l->ref = uw_string(&w->kernel, format);
        p = &processes[0];
        break;
    default:
        l->ref = uw_string(&w->driver, format);
    }
    return p;
}

static void put_log(struct writer *w, char kind, uint8_t type, const char *format,
                    const struct uw_args *a)
{
    struct uw_log l = {.ticks = w->ticks, .type = type, .thread = 5, .subsystem = type & 1};
    const struct uw_process *p = place_of(w, kind, format, &l);
    if (kind == 'p') {
        l.signpost = 0xeeee;
        l.type = (uint8_t)(0x80 | type);
        l.name = uw_string(&w->driver, "Name");
    }
    if (kind == 'o') {
        l.oversize = 0x42 + type;
        uw_oversize(&w->t, p, l.oversize, a);
    }
    uw_log(&w->t, p, &l, kind == 'o' ? NULL : a);
}

/* Entries of the other kinds. */
static void put_other(struct writer *w, char kind, uint8_t type, const char *format,
                      const struct uw_args *a)
{
    const struct uw_process *p = &processes[1];
    struct uw_buf b = {NULL, 0, 0};
    if (kind == 'a') {
        uw_int(&b, 0x99, 8);
        uw_int(&b, 0x40, 4);
        uw_record(&w->t, p, w->ticks, 2, type, UW_MAIN | 1, uw_string(&w->driver, format), 7, &b);
    } else if (kind == 't') {
        uw_int(&b, 0x40, 4);
        uw_put(&b, a->items.p, a->items.n);
        uw_record(&w->t, p, w->ticks, 3, type, UW_MAIN, uw_string(&w->driver, format), 1, &b);
    } else if (kind == 'x') {
        uw_put(&b, a->values.p, a->values.n);
        uw_record(&w->t, p, w->ticks, 7, type, 0, 0, 1, &b);
    } else if (kind == 'S') {
        char title[65];
        (void)snprintf(title, sizeof title, "%s", format);
        uw_state(&w->t, p, w->ticks, type, "location", "_CLClientManagerStateTrackerState", title,
                 a->values.p, a->values.n);
    } else if (kind == 'D') {
        uw_simple(&w->t, p, w->ticks, type, "com.example.simple", format);
    }
    uw_free(&b);
}

static void put_line(struct writer *w, char *line)
{
    static const uint8_t levels[] = {0, 1, 2, 0x10, 0x11};
    char *parts[MOST_ARGS] = {line};
    size_t n = 1;
    struct uw_args a = {.count = 0};
    for (char *p = line; n < MOST_ARGS && (p = strchr(p, '|')) != NULL; n++) {
        *p++ = 0;
        parts[n] = p;
    }
    for (size_t i = 2; i < n; i++) {
        add_argument(&a, parts[i]);
    }
    const char *format = n > 1 ? parts[1] : "";
    uint8_t digit = line[0] ? (uint8_t)line[1] & 15 : 0;
    w->ticks++;
    /* What the writer keeps in one chunk has to fit into it. */
    if (line[0] == 'n' && w->t.any) {
        uw_set_end(&w->t);
        w->t.stored = digit & 1;
    } else if (a.items.n + a.values.n < 2500 && a.secrets.n < 600) {
        if (strchr("atxSD", line[0]) && line[0]) {
            put_other(w, line[0], digit, format, &a);
        } else {
            put_log(w, line[0], levels[digit % sizeof levels], format, &a);
        }
    }
    uw_args_free(&a);
}

static void write_archive(const char *root, const uint8_t *data, size_t size)
{
    static struct writer w;
    struct uw_buf sync = {NULL, 0, 0};
    char line[MOST_LINE];
    size_t lines = 0;
    memset(&w, 0, sizeof w);
    w.kernel = (struct uw_image){KERNEL, "/kernel", {NULL, 0, 0}};
    w.driver = (struct uw_image){DRIVER, "/Library/com.example.driver.dext/driver", {NULL, 0, 0}};
    w.library = (struct uw_image){LIBRARY, "/usr/lib/library", {NULL, 0, 0}};
    w.cached[0] = (struct uw_image){0x77, "/usr/lib/libone.dylib", {NULL, 0, 0}};
    w.cached[1] = (struct uw_image){0x78, "/usr/lib/libtwo.dylib", {NULL, 0, 0}};
    uw_boot(&sync, 1, 125, 3, 1700000000000000000, -60);
    uw_sync(&sync, 24000000, 1700000002000000000, -60);
    uw_save(&sync, root, "timesync/0.timesync");
    uw_free(&sync);
    uw_trace_begin(&w.t, 1, 1, 1, 1700000000, processes, 2);
    for (const uint8_t *p = data, *end = data + size; p < end && lines++ < MOST_LINES;) {
        const uint8_t *eol = memchr(p, '\n', (size_t)(end - p));
        size_t n = (size_t)((eol ? eol : end) - p);
        (void)snprintf(line, sizeof line, "%.*s", (int)(n < MOST_LINE ? n : MOST_LINE),
                       (const char *)p);
        put_line(&w, line);
        p = eol ? eol + 1 : end;
    }
    uw_trace_end(&w.t, root, "Persist/0000000000000001.tracev3");
    uw_uuidtext(&w.kernel, root);
    uw_uuidtext(&w.driver, root);
    uw_uuidtext(&w.library, root);
    uw_cache(CACHE, size & 1 ? 1 : 2, w.cached, 2, root);
    struct uw_image *all[] = {&w.kernel, &w.driver, &w.library, &w.cached[0], &w.cached[1]};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        uw_free(&all[i]->strings);
    }
}

static bool on_entry(void *user, const struct dext_unified_entry *e)
{
    size_t n;
    const char *message = dext_unified_message(user, e, &n);
    if (strlen(message) > n) {
        abort();
    }
    sink += n;
    return true;
}

static void explain(const char *root)
{
    static struct dx_explain_tools *tools;
    tools = tools ? tools : dx_explain_tools_new();
    struct dext_ctx *ctx = dext_ctx_new(NULL);
    struct dext_explain *x = dx_explain_new_with(ctx, tools);
    struct dext_explanation r;
    (void)dext_explain_add_path(x, root);
    dext_explain_result(x, &r);
    sink += r.verdict_count + r.lines;
    dext_explain_free(x);
    dext_ctx_free(ctx);
}

/* The archive as a tar, as collect makes it. */
static void unified_pack(const char *top, const char *root, const char *to)
{
    struct archive *disk = archive_read_disk_new(), *out = archive_write_new();
    struct archive_entry *e = archive_entry_new();
    char block[4096];
    la_ssize_t n;
    (void)archive_write_set_format_ustar(out);
    if (archive_read_disk_open(disk, root) == ARCHIVE_OK &&
        archive_write_open_filename(out, to) == ARCHIVE_OK) {
        while (archive_read_next_header2(disk, e) == ARCHIVE_OK) {
            (void)archive_read_disk_descend(disk);
            archive_entry_copy_pathname(e, archive_entry_pathname(e) + strlen(top) + 1);
            (void)archive_write_header(out, e);
            while ((n = archive_read_data(disk, block, sizeof block)) > 0) {
                (void)archive_write_data(out, block, (size_t)n);
            }
            archive_entry_clear(e);
        }
    }
    archive_entry_free(e);
    (void)archive_read_free(disk);
    (void)archive_write_free(out);
}

static void unified_read(const char *path)
{
    struct dext_ctx *ctx = dext_ctx_new(NULL);
    struct dext_unified *u;
    if (dext_unified_open(&u, ctx, path) == DEXT_OK) {
        (void)dext_unified_each(u, NULL, on_entry, u);
        dext_unified_close(u);
    }
    dext_ctx_free(ctx);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char root[300], packed[300];
    const char *top = tree_make(NULL, 0);
    (void)snprintf(root, sizeof root, "%s/log.logarchive", top);
    (void)snprintf(packed, sizeof packed, "%s/log.tar", top);
    write_archive(root, data, size);
    unified_read(root);
    if (size && data[0] == '!') { /* takes a hundred times as long */
        explain(root);
        unified_pack(top, root, packed);
        unified_read(packed);
        explain(packed);
    }
    return 0;
}
