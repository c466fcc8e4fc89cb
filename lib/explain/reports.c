/* Where in a text a second report begins. */
#include "explain/reports.h"

#include <string.h>

#include "logs/text.h"

/* known: what a report has shown of itself so far; only then the beginning of one is that of
 * another.
 *
 * A panic within a panic comes before the kernel has told its version, and belongs to it. */
static bool panic_begins(bool *known, struct dx_str line)
{
    bool begins = *known && dx_str_contains(line, "panic(cpu ");
    *known |= dx_str_contains(line, "ernel version:");
    return begins;
}

/* "Process:   MyApp [123]" begins the text form; a fragment may stand before it. */
static bool crash_begins(bool *known, struct dx_str line)
{
    bool process = dx_str_has_prefix(line, "Process:") && line.p[line.n - 1] == ']';
    bool begins = process && *known;
    *known |= process || dx_str_has_prefix(line, "Exception Type:") ||
              (dx_str_has_prefix(line, "Thread ") && dx_str_contains(line, " Crashed:"));
    return begins;
}

/* The line of JSON before the body of an .ips file. */
static bool ips_begins(bool *known, struct dx_str line)
{
    bool head = line.n && *line.p == '{' && dx_str_contains(line, "\"bug_type\"");
    bool begins = head && *known;
    *known |= head;
    return begins;
}

size_t dx_report_end(enum dext_text_kind kind, struct dx_str text)
{
    bool known = false;
    struct dx_str rest = text, line, trimmed = dx_str_trim(text);
    bool json = trimmed.n && *trimmed.p == '{';
    if (kind != DEXT_TEXT_PANIC && kind != DEXT_TEXT_CRASH) {
        return text.n;
    }
    for (size_t at = 0; dx_next_line(&rest, &line); at = text.n - rest.n) {
        line = dx_str_trim(line);
        if (json                      ? ips_begins(&known, line)
            : kind == DEXT_TEXT_PANIC ? panic_begins(&known, line)
                                      : crash_begins(&known, line)) {
            return at;
        }
    }
    return text.n;
}

struct dx_str dx_report_copy(struct dx_arena *a, struct dx_str text, size_t from, size_t n)
{
    size_t lines = 0;
    for (size_t i = 0; i < from; i++) {
        lines += text.p[i] == '\n';
    }
    char *copy = dx_alloc(a, lines + n + 1);
    memset(copy, '\n', lines);
    memcpy(copy + lines, text.p + from, n);
    copy[lines + n] = 0;
    return (struct dx_str){copy, lines + n};
}
