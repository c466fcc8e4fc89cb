/* Values as the annotations of os_log(5) show them. */
#include <inttypes.h>
#include <string.h>

#include "kb.h"
#include "unified/unified.h"

void dx_put_uuid(struct dx_buf *out, const uint8_t *u)
{
    dx_buf_printf(out, "%02X%02X%02X%02X-%02X%02X-%02X%02X-%02X%02X-%02X%02X%02X%02X%02X%02X", u[0],
                  u[1], u[2], u[3], u[4], u[5], u[6], u[7], u[8], u[9], u[10], u[11], u[12], u[13],
                  u[14], u[15]);
}

void dx_put_base64(struct dx_buf *out, const uint8_t *p, size_t n)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < n; i += 3) {
        uint32_t v = (uint32_t)p[i] << 16 | (i + 1 < n ? (uint32_t)p[i + 1] << 8 : 0) |
                     (i + 2 < n ? p[i + 2] : 0);
        char four[4] = {digits[v >> 18], digits[v >> 12 & 63],
                        i + 1 < n ? digits[v >> 6 & 63] : '=', i + 2 < n ? digits[v & 63] : '='};
        dx_buf_add(out, four, 4);
    }
}

static bool is_int(size_t n)
{
    return n == 1 || n == 2 || n == 4 || n == 8;
}

static int64_t as_signed(const uint8_t *p, size_t n)
{
    uint64_t v = dx_le(p, n);
    return n && n < 8 && v >> (8 * n - 1) ? (int64_t)(v | ~(uint64_t)0 << (8 * n)) : (int64_t)v;
}

/* ---- Darwin ------------------------------------------------------------------------------------
 */

static void put_errno(const uint8_t *p, size_t n, struct dx_buf *out)
{
    int64_t v = as_signed(p, n);
    const char *says = v >= 0 ? dx_errno_text((uint64_t)v) : NULL;
    if (says) {
        dx_buf_printf(out, "[%" PRId64 ": %s]", v, says);
    } else {
        dx_buf_printf(out, "[%" PRId64 ": Unknown error: %" PRId64 "]", v, v);
    }
}

static void put_mach(const uint8_t *p, size_t n, struct dx_buf *out)
{
    uint32_t v = (uint32_t)dx_le(p, n);
    const char *says = "unknown error code";
    for (size_t i = 0; i < kb_mach_text_count; i++) {
        if ((uint32_t)kb_mach_text_rows[i].value == v) {
            says = kb_s(kb_mach_text_rows[i].text);
            break;
        }
    }
    dx_buf_printf(out, "[0x%" PRIx32 ": %s]", v, says);
}

static void put_mode(const uint8_t *p, size_t n, struct dx_buf *out)
{
    static const char kinds[] = "?pc?d?b?-?l?s?w?", bits[] = "rwxrwxrwx";
    uint64_t v = dx_le(p, n);
    char text[11] = "----------";
    unsigned kind = (unsigned)(v >> 12 & 15);
    text[0] = kind == 0 || kinds[kind] == '?' ? '-' : kinds[kind];
    for (unsigned i = 0; i < 9; i++) {
        text[1 + i] = v >> (8 - i) & 1 ? bits[i] : '-';
    }
    if (v & 04000) {
        text[3] = v & 0100 ? 's' : 'S';
    }
    if (v & 02000) {
        text[6] = v & 0010 ? 's' : 'S';
    }
    if (v & 01000) {
        text[9] = v & 0001 ? 't' : 'T';
    }
    dx_buf_puts(out, text);
}

/* Names and texts of Darwin's signals, from 1 on. */
static void put_signal(const uint8_t *p, size_t n, struct dx_buf *out)
{
    static const char *const signals[][2] = {
        {"hup", "Hangup"},
        {"int", "Interrupt"},
        {"quit", "Quit"},
        {"ill", "Illegal instruction"},
        {"trap", "Trace/BPT trap"},
        {"abrt", "Abort trap"},
        {"emt", "EMT trap"},
        {"fpe", "Floating point exception"},
        {"kill", "Killed"},
        {"bus", "Bus error"},
        {"segv", "Segmentation fault"},
        {"sys", "Bad system call"},
        {"pipe", "Broken pipe"},
        {"alrm", "Alarm clock"},
        {"term", "Terminated"},
        {"urg", "Urgent I/O condition"},
        {"stop", "Suspended (signal)"},
        {"tstp", "Suspended"},
        {"cont", "Continued"},
        {"chld", "Child exited"},
        {"ttin", "Stopped (tty input)"},
        {"ttou", "Stopped (tty output)"},
        {"io", "I/O possible"},
        {"xcpu", "Cputime limit exceeded"},
        {"xfsz", "Filesize limit exceeded"},
        {"vtalrm", "Virtual timer expired"},
        {"prof", "Profiling timer expired"},
        {"winch", "Window size changes"},
        {"info", "Information request"},
        {"usr1", "User defined signal 1"},
        {"usr2", "User defined signal 2"},
    };
    int64_t v = as_signed(p, n);
    if (v >= 1 && v <= (int64_t)(sizeof signals / sizeof *signals)) {
        dx_buf_printf(out, "[sig%s: %s]", signals[v - 1][0], signals[v - 1][1]);
    } else {
        dx_buf_printf(out, "[%" PRId64 ": Unknown signal: %" PRId64 "]", v, v);
    }
}

/* "4.72 kB", "4.61 KiB", "123 kbps", "118 Kibps" */
static void put_amount(uint64_t v, unsigned step, const char *const *units, bool places,
                       struct dx_buf *out)
{
    double amount = (double)v;
    size_t unit = 0;
    while (amount >= step && units[unit + 1]) {
        amount /= step;
        unit++;
    }
    dx_buf_printf(out, "%.*f %s", unit && places ? 2 : 0, amount, units[unit]);
}

static void put_size(enum dx_decoder_id as, uint64_t v, struct dx_buf *out)
{
    static const char *const bytes[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB", NULL};
    static const char *const iec_bytes[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", NULL};
    static const char *const bits[] = {"bps", "kbps", "Mbps", "Gbps", "Tbps", "Pbps", "Ebps", NULL};
    static const char *const iec_bits[] = {"bps",   "Kibps", "Mibps", "Gibps",
                                           "Tibps", "Pibps", "Eibps", NULL};
    switch (as) {
    case DX_AS_BYTES:
        put_amount(v, 1000, bytes, true, out);
        break;
    case DX_AS_IEC_BYTES:
        put_amount(v, 1024, iec_bytes, true, out);
        break;
    case DX_AS_BITRATE:
        put_amount(v, 1000, bits, false, out);
        break;
    default:
        put_amount(v, 1024, iec_bits, false, out);
        break;
    }
}

/* ---- time -------------------------------------------------------------------------------------
 */

/* Date and time of UTC; the days come from civil-from-days (Howard Hinnant's chrono algorithms). */
static void put_time(int64_t seconds, struct dx_buf *out)
{
    int64_t days = seconds / 86400, rest = seconds % 86400;
    if (rest < 0) {
        rest += 86400;
        days--;
    }
    if (days < -700000 || days > 3000000) {
        dx_buf_printf(out, "%" PRId64, seconds);
        return;
    }
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097, doe = days - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    int day = (int)(doy - (153 * mp + 2) / 5 + 1), month = (int)(mp < 10 ? mp + 3 : mp - 9);
    int year = (int)(yoe + era * 400 + (month <= 2));
    dx_buf_printf(out, "%04d-%02d-%02d %02d:%02d:%02d", year, month, day, (int)(rest / 3600),
                  (int)(rest / 60 % 60), (int)(rest % 60));
}

static bool put_moment(enum dx_decoder_id as, const uint8_t *p, size_t n, struct dx_buf *out)
{
    if (as == DX_AS_TIME) {
        if (n != 4 && n != 8) {
            return false;
        }
        put_time(as_signed(p, n), out);
        return true;
    }
    if (n != 16) {
        return false;
    }
    put_time((int64_t)dx_le(p, 8), out);
    if (as == DX_AS_TIMEVAL) {
        dx_buf_printf(out, ".%06u", (unsigned)dx_le(p + 8, 4));
    } else {
        dx_buf_printf(out, ".%09u", (unsigned)dx_le(p + 8, 8));
    }
    return true;
}

/* ---- signposts ---------------------------------------------------------------------------------
 */

/* Numbers as many digits as tell them apart, texts as they are. */
static bool put_signpost(const char *group, const char *name, const struct dx_op *op,
                         const uint8_t *p, size_t n, struct dx_buf *out)
{
    size_t from = out->n;
    dx_buf_printf(out, "__##__signpost.%s#____#%s#_##_#", group, name);
    if (strchr("sS@", op->conv)) {
        dx_buf_add(out, (const char *)p, strnlen((const char *)p, n));
    } else if (strchr("aAeEfFgG", op->conv) && (n == 4 || n == 8)) {
        double v;
        float f;
        if (n == 4) {
            memcpy(&f, p, 4);
            v = (double)f;
        } else {
            memcpy(&v, p, 8);
        }
        dx_buf_printf(out, "%.16g", v);
    } else if (is_int(n)) {
        bool is_signed = strchr("dDi", op->conv) != NULL;
        dx_buf_printf(out, is_signed ? "%" PRId64 : "%" PRIu64,
                      is_signed ? (uint64_t)as_signed(p, n) : dx_le(p, n));
    } else {
        out->n = from;
        return false;
    }
    dx_buf_puts(out, "##__##");
    return true;
}

static bool value_signpost(enum dx_decoder_id as, const struct dx_op *op, const uint8_t *p,
                           size_t n, struct dx_buf *out)
{
    static const struct {
        enum dx_decoder_id as;
        const char *group, *name;
    } rows[] = {{DX_AS_SIGNPOST_ATTRIBUTE, "description", "attribute"},
                {DX_AS_SIGNPOST_BEGIN, "description", "begin_time"},
                {DX_AS_SIGNPOST_END, "description", "end_time"},
                {DX_AS_SIGNPOST_NUMBER1, "telemetry", "number1"},
                {DX_AS_SIGNPOST_NUMBER2, "telemetry", "number2"},
                {DX_AS_SIGNPOST_NUMBER3, "telemetry", "number3"},
                {DX_AS_SIGNPOST_STRING1, "telemetry", "string1"},
                {DX_AS_SIGNPOST_STRING2, "telemetry", "string2"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].as == as) {
            return put_signpost(rows[i].group, rows[i].name, op, p, n, out);
        }
    }
    return false;
}

/* ---- all ---------------------------------------------------------------------------------------
 */

static void put_mask(const uint8_t *p, size_t n, struct dx_buf *out)
{
    if (n == 0) {
        dx_buf_puts(out, "<mask.hash: (null)>");
        return;
    }
    dx_buf_puts(out, "<mask.hash: '");
    dx_put_base64(out, p, n);
    dx_buf_puts(out, "'>");
}

/* Numbers of any size. */
static bool value_number(enum dx_decoder_id as, const uint8_t *p, size_t n, struct dx_buf *out)
{
    bool set = dx_le(p, n) != 0;
    switch (as) {
    case DX_AS_BOOL_LOWER:
        dx_buf_puts(out, set ? "true" : "false");
        return true;
    case DX_AS_BOOL_UPPER:
        dx_buf_puts(out, set ? "YES" : "NO");
        return true;
    case DX_AS_ERRNO:
    case DX_AS_ERRNO_SHORT:
        put_errno(p, n, out);
        return true;
    case DX_AS_MACH_ERRNO:
        put_mach(p, n, out);
        return true;
    case DX_AS_MODE:
        put_mode(p, n, out);
        return true;
    case DX_AS_SIGNAL:
        put_signal(p, n, out);
        return true;
    case DX_AS_BYTES:
    case DX_AS_IEC_BYTES:
    case DX_AS_BITRATE:
    case DX_AS_IEC_BITRATE:
        put_size(as, dx_le(p, n), out);
        return true;
    default:
        return false;
    }
}

bool dx_annotated(enum dx_decoder_id as, const struct dx_op *op, const uint8_t *p, size_t n,
                  struct dx_buf *out)
{
    switch (as) {
    case DX_AS_TIME:
    case DX_AS_TIMEVAL:
    case DX_AS_TIMESPEC:
        return put_moment(as, p, n, out);
    case DX_AS_UUID:
        if (n == DX_UUID) {
            dx_put_uuid(out, p);
        } else if (n == 0) {
            dx_buf_puts(out, "(null)");
        }
        return n == DX_UUID || n == 0;
    case DX_AS_MASK:
        put_mask(p, n, out);
        return true;
    default:
        break;
    }
    return (is_int(n) && value_number(as, p, n, out)) || value_signpost(as, op, p, n, out) ||
           dx_value_net(as, p, n, out) || dx_value_place(as, p, n, out) ||
           dx_value_directory(as, p, n, out);
}
