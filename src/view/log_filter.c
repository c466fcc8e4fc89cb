/* Filters of dextctl log: cheap ones first, the message is rendered last if at all. */
#include "view/log_filter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define SECOND 1000000000

/* ---- driver extensions --------------------------------------------------------------------------
 */

/* Who decides about driver extensions, and the account they run as (_driverkit is 270). */
static bool is_concerned(const struct dext_unified_entry *e)
{
    static const char *const daemons[] = {"sysextd",    "kernelmanagerd",   "amfid",
                                          "syspolicyd", "taskgated-helper", "systemextensionsctl"};
    static const char *const subsystems[] = {"com.apple.sx", "com.apple.km", "com.apple.driverkit",
                                             "com.apple.DriverKit"};
    for (size_t i = 0; i < sizeof daemons / sizeof *daemons; i++) {
        if (strcmp(e->process, daemons[i]) == 0) {
            return true;
        }
    }
    for (size_t i = 0; i < sizeof subsystems / sizeof *subsystems; i++) {
        if (strcmp(e->subsystem, subsystems[i]) == 0) {
            return true;
        }
    }
    return e->euid == 270 || strstr(e->process_path, ".dext/") != NULL ||
           strstr(e->process_path, "/SystemExtensions/") != NULL ||
           strstr(e->process_path, "/DriverExtensions/") != NULL;
}

/* The kernel's lines on DriverKit, and launchd's and others' that name a driver extension. */
static bool tells_of_dexts(struct dext_unified *u, const struct dext_unified_entry *e)
{
    static const char *const words[] = {"DK: ",      ".dext",           "IOUserServer",
                                        "driverkit", "SystemExtension", "systemextension",
                                        "DriverKit"};
    const char *message = dext_unified_message(u, e, NULL);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strstr(message, words[i])) {
            return true;
        }
    }
    return false;
}

/* ---- any ---------------------------------------------------------------------------------------
 */

static bool log_filter_is_one_of(const char *const *list, const struct dext_unified_entry *e)
{
    char pid[16];
    (void)snprintf(pid, sizeof pid, "%u", e->pid);
    for (; *list; list++) {
        if (strcmp(*list, e->process) == 0 || strcmp(*list, pid) == 0) {
            return true;
        }
    }
    return false;
}

/* "com.apple.sx" also stands for "com.apple.sx.client". */
static bool has_subsystem(const char *const *list, const struct dext_unified_entry *e)
{
    for (; *list; list++) {
        size_t n = strlen(*list);
        if (strncmp(*list, e->subsystem, n) == 0 &&
            (e->subsystem[n] == 0 || e->subsystem[n] == '.')) {
            return true;
        }
    }
    return false;
}

bool log_filter_holds(const struct log_filter *f, struct dext_unified *u,
                      const struct dext_unified_entry *e)
{
    bool marker = e->kind == DEXT_UNIFIED_BOOT || e->kind == DEXT_UNIFIED_CLOCK;
    bool narrowed = f->processes || f->subsystems || f->dexts || f->predicate;
    if (marker && !(narrowed && e->kind == DEXT_UNIFIED_CLOCK)) {
        /* A start of the system is worth a line among whatever is shown. */
        return !f->predicate || log_predicate_holds(f->predicate, u, e);
    }
    if ((e->kind == DEXT_UNIFIED_SIGNPOST && !f->signposts) ||
        (e->kind == DEXT_UNIFIED_LOSS && !f->losses) || e->level < f->least ||
        (f->processes && !log_filter_is_one_of(f->processes, e)) ||
        (f->subsystems && !has_subsystem(f->subsystems, e))) {
        return false;
    }
    if (f->dexts && !is_concerned(e) && !tells_of_dexts(u, e)) {
        return false;
    }
    return !f->predicate || log_predicate_holds(f->predicate, u, e);
}

/* ---- times -------------------------------------------------------------------------------------
 */

static bool log_filter_digits(const char **s, int n, int *out)
{
    *out = 0;
    for (; n > 0; n--, ++*s) {
        if (**s < '0' || **s > '9') {
            return false;
        }
        *out = *out * 10 + (**s - '0');
    }
    return true;
}

static bool clock_part(const char **s, struct tm *tm, int64_t *fraction)
{
    if (!log_filter_digits(s, 2, &tm->tm_hour) || *(*s)++ != ':' ||
        !log_filter_digits(s, 2, &tm->tm_min)) {
        return false;
    }
    if (**s == ':' && (++*s, !log_filter_digits(s, 2, &tm->tm_sec))) {
        return false;
    }
    if (**s == '.' || **s == ',') {
        int64_t unit = SECOND / 10;
        for (++*s; **s >= '0' && **s <= '9'; ++*s, unit /= 10) {
            *fraction += (**s - '0') * unit;
        }
    }
    return tm->tm_hour < 24 && tm->tm_min < 60 && tm->tm_sec < 61;
}

static bool zone_part(const char **s, int *zone)
{
    int hours, minutes;
    if (**s == 'Z') {
        ++*s;
        *zone = 0;
        return true;
    }
    if (**s != '+' && **s != '-') {
        return true;
    }
    int factor = *(*s)++ == '-' ? -1 : 1;
    if (!log_filter_digits(s, 2, &hours)) {
        return false;
    }
    *s += **s == ':';
    if (!log_filter_digits(s, 2, &minutes)) {
        return false;
    }
    *zone = factor * (hours * 60 + minutes);
    return true;
}

bool log_time_parse(const char *text, int zone, int64_t *out)
{
    struct tm tm = {.tm_isdst = 0};
    const char *s = text;
    int64_t fraction = 0;
    char *end;
    if (*s == '@') {
        long long seconds = strtoll(s + 1, &end, 10);
        if (end == s + 1 || *end || seconds <= 0 || seconds >= INT64_MAX / SECOND) {
            return false;
        }
        *out = seconds * SECOND;
        return true;
    }
    if (!log_filter_digits(&s, 4, &tm.tm_year) || *s++ != '-' ||
        !log_filter_digits(&s, 2, &tm.tm_mon) || *s++ != '-' ||
        !log_filter_digits(&s, 2, &tm.tm_mday)) {
        return false;
    }
    if ((*s == ' ' || *s == 'T') && (s++, !clock_part(&s, &tm, &fraction))) {
        return false;
    }
    if (!zone_part(&s, &zone) || *s || tm.tm_mon < 1 || tm.tm_mon > 12 || tm.tm_mday < 1 ||
        tm.tm_mday > 31 || tm.tm_year < 1970 || tm.tm_year > 2200) {
        return false;
    }
    tm.tm_year -= 1900;
    tm.tm_mon--;
    *out = ((int64_t)timegm(&tm) - (int64_t)zone * 60) * SECOND + fraction;
    return true;
}

bool log_span_parse(const char *text, int64_t *out)
{
    static const struct {
        char unit;
        int64_t seconds;
    } units[] = {{0, 1}, {'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
    char *end;
    long long n = strtoll(text, &end, 10);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (*end == units[i].unit && (*end == 0 || end[1] == 0) && end != text && n > 0 &&
            n < 1000000) {
            *out = n * units[i].seconds * SECOND;
            return true;
        }
    }
    return false;
}
