/* date.h: dates on the command line and in output, always UTC. */
#ifndef APP_DATE_H
#define APP_DATE_H

#include <stdbool.h>
#include <stdint.h>

/* "2026-11-24" (its first second) or "2026-11-24T12:00:00Z" to seconds since 1970. */
bool date_parse(const char *text, int64_t *out);

/* "2026-11-24T12:00:00Z"; 10 characters of it are the day. out has room for 40. */
void date_write(int64_t seconds, char *out);

int64_t date_now(void);

#endif
