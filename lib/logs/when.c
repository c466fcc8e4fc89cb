/* When a line of a log was written, where the line says so with its time zone: without one (compact
 * style) lines of two files cannot be ordered. */
#include <string.h>

#include "logs/log.h"

static const char *when_digits(const char *p, const char *end, unsigned n, int *value)
{
    *value = 0;
    for (unsigned i = 0; i < n; i++, p++) {
        if (p == end || *p < '0' || *p > '9') {
            return NULL;
        }
        *value = *value * 10 + (*p - '0');
    }
    return p;
}

/* "9" a number of that many digits, anything else itself: "4-2-2 2:2:2". */
static const char *when_form(const char *p, const char *end, const char *form, int *values)
{
    for (; p && *form; form++) {
        if (*form >= '1' && *form <= '9') {
            p = when_digits(p, end, (unsigned)(*form - '0'), values++);
        } else {
            p = p < end && (*p == *form || (*form == ' ' && *p == 'T')) ? p + 1 : NULL;
        }
    }
    return p;
}

/* Days since 1970-01-01 of a date of the Gregorian calendar. */
static int64_t when_days(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = year / 400, of_era = year - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* "+0100", "Z", " UTC"; *east: seconds. */
static bool when_zone(const char *p, const char *end, int64_t *east)
{
    int hours[2];
    *east = 0;
    if (p < end && (*p == '+' || *p == '-')) {
        const char *sign = p;
        const char *q = when_form(p + 1, end, "22", hours);
        *east = q ? (hours[0] * 60 + hours[1]) * (*sign == '-' ? -60 : 60) : 0;
        return q != NULL;
    }
    if (p < end && *p == ' ') {
        p++;
    }
    return (p < end && *p == 'Z') || (end - p >= 3 && memcmp(p, "UTC", 3) == 0);
}

/* Nanoseconds since 1970, or 0. The number ends in the year 2262. */
static int64_t when_at(const char *p, const char *end)
{
    int v[6];
    int64_t nanoseconds = 0, east;
    p = when_form(p, end, "4-2-2 2:2:2", v);
    if (!p || v[0] < 1970 || v[0] >= 2262 || v[1] < 1 || v[1] > 12 || v[2] < 1 || v[2] > 31) {
        return 0;
    }
    if (p < end && *p == '.') {
        int64_t scale = 100000000;
        for (p++; p < end && *p >= '0' && *p <= '9'; p++, scale /= 10) {
            nanoseconds += (*p - '0') * scale;
        }
    }
    if (!when_zone(p, end, &east)) {
        return 0;
    }
    int64_t of_day = ((int64_t)v[3] * 60 + v[4]) * 60 + v[5];
    int64_t seconds = when_days(v[0], v[1], v[2]) * 86400 + of_day - east;
    return seconds * 1000000000 + nanoseconds;
}

int64_t dx_line_when(struct dx_str line)
{
    static const char key[] = "\"timestamp\"";
    const char *p = line.p, *end = line.p + line.n;
    while (p < end && (*p == ' ' || *p == '\t')) {
        p++;
    }
    if (p < end && (*p == '{' || *p == '[')) { /* ndjson, json: the key may stand anywhere */
        const char *at = memmem(p, (size_t)(end - p), key, sizeof key - 1);
        for (p = at ? at + sizeof key - 1 : end; p < end && (*p == ' ' || *p == ':' || *p == '"');
             p++) {
        }
    }
    return when_at(p, end);
}
