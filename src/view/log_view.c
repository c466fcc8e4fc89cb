/* The styles of log(1). Their columns are those that it prints; see docs/unified-log.md. */
#include "view/log_view.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "app/term.h"

#define SECOND 1000000000

/* "2022-05-30 00:38:21.053672-0400"; digits after the point: 3 or 6. */
static void when(const struct dext_unified_entry *e, int digits, char *out, size_t size)
{
    int64_t local = e->time / SECOND + (int64_t)e->zone * 60, rest = e->time % SECOND;
    if (rest < 0) {
        rest += SECOND;
        local--;
    }
    time_t seconds = (time_t)local;
    struct tm tm = {.tm_year = 70};
    char date[32];
    (void)gmtime_r(&seconds, &tm);
    (void)strftime(date, sizeof date, "%Y-%m-%d %H:%M:%S", &tm);
    unsigned minutes = (unsigned)(e->zone < 0 ? -e->zone : e->zone);
    if (digits == 3) {
        (void)snprintf(out, size, "%s.%03d", date, (int)(rest / 1000000));
    } else {
        (void)snprintf(out, size, "%s.%06d%c%02u%02u", date, (int)(rest / 1000),
                       e->zone < 0 ? '-' : '+', minutes / 60, minutes % 60);
    }
}

const char *log_level_name(const struct dext_unified_entry *e)
{
    static const char *const levels[] = {"Debug", "Info", "Default", "Error", "Fault"};
    switch (e->kind) {
    case DEXT_UNIFIED_ACTIVITY:
        return "Activity";
    case DEXT_UNIFIED_ACTION:
        return "UserAction";
    case DEXT_UNIFIED_TRACE:
        return "Trace";
    case DEXT_UNIFIED_SIGNPOST:
        return "Signpost";
    case DEXT_UNIFIED_LOSS:
        return "Loss";
    case DEXT_UNIFIED_STATE:
        return "State";
    case DEXT_UNIFIED_BOOT:
    case DEXT_UNIFIED_CLOCK:
        return "Timesync";
    default:
        return levels[e->level];
    }
}

static const char *log_view_last_component(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* "(Library) [subsystem:category] message", or of a signpost its name and so on before it. */
static void rest(const struct log_out *o, const struct dext_unified_entry *e)
{
    FILE *f = o->app->out;
    const char *sender = log_view_last_component(e->sender_path);
    size_t n;
    if (sender[0] && strcmp(sender, e->process) != 0) {
        (void)fputs("(", f);
        term_line(f, sender);
        (void)fputs(") ", f);
    }
    if (e->subsystem[0]) {
        (void)fputs("[", f);
        term_line(f, e->subsystem);
        (void)fputs(":", f);
        term_line(f, e->category);
        (void)fputs("] ", f);
    }
    if (e->kind == DEXT_UNIFIED_SIGNPOST) {
        (void)fprintf(f, "[spid 0x%" PRIx64 ", %s, %s] ", e->signpost, e->signpost_scope,
                      e->signpost_type);
        term_line(f, e->signpost_name);
        (void)fputs(" ", f);
    }
    const char *message = dext_unified_message(o->u, e, &n);
    term_put(f, message, n);
    (void)fputs("\n", f);
}

static void log_view_nothing(struct log_out *o)
{
    (void)o;
}

/* ---- default -----------------------------------------------------------------------------------
 */

static void default_begin(struct log_out *o)
{
    (void)fputs(
        "Timestamp                       Thread     Type        Activity             PID    "
        "TTL  \n",
        o->app->out);
}

static void default_entry(struct log_out *o, const struct dext_unified_entry *e)
{
    FILE *f = o->app->out;
    char time[64], thread[32], activity[32];
    when(e, 6, time, sizeof time);
    (void)snprintf(thread, sizeof thread, "0x%" PRIx64, e->thread);
    (void)snprintf(activity, sizeof activity, "0x%" PRIx64, e->activity);
    (void)fprintf(f, "%-31s %-10s %-11s %-20s %-6" PRIu32 " %-4u ", time, thread, log_level_name(e),
                  activity, e->pid, e->ttl);
    if (e->process[0]) {
        term_line(f, e->process);
        (void)fputs(": ", f);
    }
    rest(o, e);
}

/* ---- syslog ------------------------------------------------------------------------------------
 */

static void syslog_begin(struct log_out *o)
{
    (void)fputs("Timestamp                       (process)[PID]    \n", o->app->out);
}

static void syslog_entry(struct log_out *o, const struct dext_unified_entry *e)
{
    FILE *f = o->app->out;
    char time[64];
    when(e, 6, time, sizeof time);
    (void)fprintf(f, "%-31s  localhost ", time);
    term_line(f, e->process);
    (void)fprintf(f, "[%" PRIu32 "]: ", e->pid);
    rest(o, e);
}

/* ---- compact -----------------------------------------------------------------------------------
 */

static void compact_begin(struct log_out *o)
{
    (void)fputs("Timestamp               Ty Process[PID:TID]\n", o->app->out);
}

static void compact_entry(struct log_out *o, const struct dext_unified_entry *e)
{
    static const char levels[][3] = {"Db", "I ", "Df", "E ", "F "};
    static const char kinds[][3] = {"", "A ", "Ua", "Tr", "Sp", "L ", "St", "Ts", "Ts"};
    FILE *f = o->app->out;
    char time[64];
    when(e, 3, time, sizeof time);
    (void)fprintf(f, "%s %s ", time,
                  e->kind == DEXT_UNIFIED_LOG ? levels[e->level] : kinds[e->kind]);
    term_line(f, e->process);
    (void)fprintf(f, "[%" PRIu32 ":%" PRIx64 "] ", e->pid, e->thread);
    rest(o, e);
}

/* ---- JSON --------------------------------------------------------------------------------------
 */

/* out has room for 40. */
static void uuid_text(const uint8_t *u, char *out)
{
    static const uint8_t none[16];
    out[0] = 0;
    if (memcmp(u, none, 16) == 0) {
        return;
    }
    for (int i = 0, at = 0; i < 16; i++) {
        static const char hex[] = "0123456789ABCDEF";
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            out[at++] = '-';
        }
        out[at++] = hex[u[i] >> 4];
        out[at++] = hex[u[i] & 15];
        out[at] = 0;
    }
}

static void log_view_record(struct log_out *o, const struct dext_unified_entry *e)
{
    struct log_row row = {.e = *e, .zone = ""};
    row.message.text = dext_unified_message(o->u, e, &row.message.size);
    row.level = e->kind == DEXT_UNIFIED_LOG ? log_level_name(e) : "";
    uuid_text(e->sender_uuid, row.sender_uuid);
    uuid_text(e->boot_uuid, row.boot_uuid);
    uuid_text(e->process_uuid, row.process_uuid);
    when(e, 6, row.stamp, sizeof row.stamp);
    record_put(&o->record, log_part(e->kind), &row);
}

static void ndjson_begin(struct log_out *o)
{
    record_begin_as(&o->record, o->app, &log_form, true);
}

static void ndjson_end(struct log_out *o)
{
    const struct log_end end = {.count = o->count, .finished = 1};
    record_put(&o->record, "end", &end);
    record_end(&o->record);
}

static void json_array_begin(struct log_out *o)
{
    record_begin_as(&o->record, o->app, &log_form, false);
}

static void json_array_end(struct log_out *o)
{
    record_end(&o->record);
}

static const struct log_style styles[] = {
    {"default", default_begin, default_entry, log_view_nothing},
    {"syslog", syslog_begin, syslog_entry, log_view_nothing},
    {"compact", compact_begin, compact_entry, log_view_nothing},
    {"ndjson", ndjson_begin, log_view_record, ndjson_end},
    {"json", json_array_begin, log_view_record, json_array_end},
};

int log_told(const struct log_out *o)
{
    struct dext_unified_told t;
    dext_unified_told(o->u, &t);
    for (size_t i = 0; i < t.note_count; i++) {
        app_unread_line(o->app, "", t.notes[i]);
    }
    if (t.counts.unrendered && !o->app->quiet) {
        app_error(o->app,
                  "%zu message%s could not be rendered: %zu file%s with format strings missing",
                  t.counts.unrendered, t.counts.unrendered == 1 ? "" : "s",
                  t.counts.strings_missing, t.counts.strings_missing == 1 ? " is" : "s are");
    }
    bool damaged = t.note_count || t.counts.damaged_chunks || t.counts.damaged_entries;
    return damaged ? APP_UNREADABLE : o->found ? APP_CLEAN : APP_FINDINGS;
}

const struct log_style *log_style_find(const struct app *app, const char *name)
{
    static const char *const faces[FACE_COUNT] = {
        [FACE_HUMAN] = "default", [FACE_JSON] = "json", [FACE_NDJSON] = "ndjson"};
    const char *want = name ? name : faces[app->face];
    for (size_t i = 0; i < sizeof styles / sizeof *styles; i++) {
        if (strcmp(styles[i].name, want) == 0) {
            return &styles[i];
        }
    }
    return NULL;
}
