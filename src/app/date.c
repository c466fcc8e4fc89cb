#include "app/date.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

bool date_parse(const char *text, int64_t *out)
{
    static const char *const forms[] = {"%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct tm tm;
        memset(&tm, 0, sizeof tm);
        const char *end = strptime(text, forms[i], &tm);
        if (end && *end == 0) {
            *out = (int64_t)timegm(&tm);
            return true;
        }
    }
    return false;
}

void date_write(int64_t seconds, char *out)
{
    struct tm tm;
    time_t t = (time_t)seconds;
    if (!gmtime_r(&t, &tm) || strftime(out, 40, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0) {
        (void)snprintf(out, 40, "unknown");
    }
}

int64_t date_now(void)
{
    return (int64_t)time(NULL);
}
