/* What log tells as json and ndjson: the members of log(1), in its order (log show --style json and
 * --style ndjson; docs/unified-log.md). */
#include <string.h>

#include "view/log_view.h"

static const char *log_formatted(const void *row)
{
    const char *format = ((const struct log_row *)row)->e.format;
    return format ? format : "";
}

static void log_write_message(struct json *j, const void *member)
{
    struct log_message m;
    memcpy(&m, member, sizeof m);
    json_strn(j, m.text, m.size);
}

static void log_write_none(struct json *j, const void *member)
{
    (void)member;
    json_none(j);
}

/* The last kind has the word of the one before it. */
#define KINDS DEXT_UNIFIED_CLOCK

static const char *log_kind(int kind)
{
    return dext_unified_kind_name((enum dext_unified_kind)kind);
}

static const char *log_kind_plain(int kind)
{
    return kind == DEXT_UNIFIED_SIGNPOST || kind == DEXT_UNIFIED_LOSS ||
                   kind == DEXT_UNIFIED_ACTIVITY
               ? NULL
               : log_kind(kind);
}

static const char *log_kind_signpost(int kind)
{
    return kind == DEXT_UNIFIED_SIGNPOST ? log_kind(kind) : NULL;
}

static const char *log_kind_loss(int kind)
{
    return kind == DEXT_UNIFIED_LOSS ? log_kind(kind) : NULL;
}

static const char *log_kind_activity(int kind)
{
    return kind == DEXT_UNIFIED_ACTIVITY ? log_kind(kind) : NULL;
}

static const struct record_field head_fields[] = {
    R_NUMBER("traceID", struct log_row, e.trace, "of this entry"),
    R_OTHER("eventMessage", struct log_row, message, log_write_message, "string", "rendered"),
};
static const struct record head = RECORD("head", struct log_row, head_fields);

static const struct record_field rest_fields[] = {
    R_OTHER("source", struct log_row, e, log_write_none, "null",
            "the line of the source; no archive has it"),
    R_SAID("formatString", log_formatted, NULL, "`\"\"` where its file or place is missing"),
    R_NUMBER("userID", struct log_row, e.euid, "effective user id of the process"),
    R_NUMBER("activityIdentifier", struct log_row, e.activity, "0: none"),
    R_TEXT("subsystem", struct log_row, e.subsystem, "or `\"\"`"),
    R_TEXT("category", struct log_row, e.category, "or `\"\"`"),
    R_NUMBER("threadID", struct log_row, e.thread, "of the kernel"),
    R_CHARS("senderImageUUID", struct log_row, sender_uuid, "of the image that logged, or `\"\"`"),
    R_CHARS("bootUUID", struct log_row, boot_uuid, "of the start of the system, or `\"\"`"),
    R_TEXT("processImagePath", struct log_row, e.process_path, "or `\"\"`"),
    R_TEXT("senderImagePath", struct log_row, e.sender_path,
           "a library, a kernel extension, or `\"\"`"),
    R_CHARS("timestamp", struct log_row, stamp,
            "`2026-01-15 10:00:00.000000+0100`, the zone where it was written"),
    R_NUMBER("machTimestamp", struct log_row, e.ticks, "continuous time of the kernel"),
    R_CHOICE("messageType", struct log_row, level, "|Default|Info|Debug|Error|Fault",
             "`\"\"` for all but messages"),
    R_CHARS("processImageUUID", struct log_row, process_uuid, "or `\"\"`"),
    R_NUMBER("processID", struct log_row, e.pid, "0: the kernel"),
    R_NUMBER("senderProgramCounter", struct log_row, e.sender_pc, "relative to its image"),
    R_NUMBER("parentActivityIdentifier", struct log_row, e.parent, "0: none"),
    R_TEXT("timezoneName", struct log_row, zone, "always `\"\"`"),
};
static const struct record rest = RECORD("rest", struct log_row, rest_fields);

#define LOG_KIND(name, help) R_WORD("eventType", struct log_row, e.kind, name, KINDS, help)

static const struct record_field entry_fields[] = {
    R_HERE(struct log_row, &head),
    LOG_KIND(log_kind_plain, "what it is"),
    R_HERE(struct log_row, &rest),
};
static const struct record entry = RECORD("entry", struct log_row, entry_fields);

static const struct record_field signpost_fields[] = {
    R_HERE(struct log_row, &head),
    LOG_KIND(log_kind_signpost, "what it is"),
    R_HERE(struct log_row, &rest),
    R_NUMBER("signpostID", struct log_row, e.signpost, "which of that name"),
    R_TEXT("signpostName", struct log_row, e.signpost_name, "of the place in the code"),
    R_TEXT("signpostScope", struct log_row, e.signpost_scope, "where the id counts"),
    R_TEXT("signpostType", struct log_row, e.signpost_type, "`begin`, `end`, `event`"),
};
static const struct record signpost = RECORD("signpost", struct log_row, signpost_fields);

static const struct record_field loss_fields[] = {
    R_HERE(struct log_row, &head),
    LOG_KIND(log_kind_loss, "what it is"),
    R_HERE(struct log_row, &rest),
    R_NUMBER("lossCount", struct log_row, e.lost, "messages"),
};
static const struct record loss = RECORD("loss", struct log_row, loss_fields);

static const struct record_field activity_fields[] = {
    R_HERE(struct log_row, &head),
    LOG_KIND(log_kind_activity, "what it is"),
    R_HERE(struct log_row, &rest),
    R_NUMBER("creatorActivityID", struct log_row, e.creator, "0: none"),
};
static const struct record activity = RECORD("activity", struct log_row, activity_fields);

static const struct record_field end_fields[] = {
    R_NUMBER("count", struct log_end, count, "lines before this one"),
    R_NUMBER("finished", struct log_end, finished, "1"),
};
static const struct record end = RECORD("end", struct log_end, end_fields);

static const struct record_part parts[] = {
    {"entry", RECORD_PART, NULL, &entry, false,
     "a message, a state, a trace, an action of the user, a start of the system, a setting of the "
     "clock"},
    {"signpost", RECORD_PART, NULL, &signpost, false, "a signpost (`--signpost`)"},
    {"loss", RECORD_PART, NULL, &loss, false, "messages that were not kept (`--loss`)"},
    {"activity", RECORD_PART, NULL, &activity, false, "an activity was created"},
    {"end", RECORD_LINE, NULL, &end, false, "the last line"},
};
const struct record_form log_form = RECORD_BARE("log", 1, parts);

const char *log_part(enum dext_unified_kind kind)
{
    return kind == DEXT_UNIFIED_SIGNPOST   ? "signpost"
           : kind == DEXT_UNIFIED_LOSS     ? "loss"
           : kind == DEXT_UNIFIED_ACTIVITY ? "activity"
                                           : "entry";
}
