/* Texts that stand for a number. The texts that mach_error_string(3) prints for a number. Programs
 * log them in place of the number, so a pasted line may hold nothing else. */
#include <string.h>
#include <strings.h>

#include "error/error.h"

size_t dx_mach_text(const char *p, size_t n, uint32_t *value)
{
    size_t best = 0;
    if (n == 0 || *p != '(') {
        return 0; /* all of them begin with their subsystem, "(iokit/common) " */
    }
    for (size_t i = 0; i < kb_mach_text_count; i++) {
        const struct kb_mach_text *row = &kb_mach_text_rows[i];
        const char *text = kb_s(row->text);
        size_t len = strlen(text);
        if (len <= n && len > best && strncasecmp(p, text, len) == 0) {
            best = len;
            *value = (uint32_t)row->value;
        }
    }
    return best;
}

static bool is_signal(const struct kb_error *row)
{
    return strcmp(kb_s(row->domain), "signal") == 0;
}

size_t dx_signal_text(const char *p, size_t n, size_t *row)
{
    for (size_t i = 0; i < kb_error_count; i++) {
        const char *text = is_signal(&kb_error_rows[i]) ? kb_s(kb_error_rows[i].aliases) : "";
        size_t len = strlen(text);
        if (len && len <= n && strncmp(p, text, len) == 0 &&
            (len == n || !(p[len] >= '0' && p[len] <= '9'))) {
            *row = i;
            return len;
        }
    }
    return 0;
}
