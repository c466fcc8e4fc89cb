#include "app/term.h"

#include <string.h>
#include <sys/ioctl.h>

size_t term_utf8(const char *s, size_t n)
{
    const unsigned char *p = (const unsigned char *)s;
    if (n == 0) {
        return 0;
    }
    if (p[0] < 0x80) {
        return 1;
    }
    size_t len = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    if (p[0] < 0xc2 || p[0] > 0xf4 || len > n) {
        return 0;
    }
    for (size_t i = 1; i < len; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    bool overlong = (p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xf0 && p[1] < 0x90);
    bool outside = (p[0] == 0xed && p[1] >= 0xa0) || (p[0] == 0xf4 && p[1] >= 0x90);
    return overlong || outside ? 0 : len;
}

static unsigned long term_code(const char *s, size_t n)
{
    static const unsigned char masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    unsigned long c = (unsigned char)s[0] & masks[n];
    for (size_t i = 1; i < n; i++) {
        c = c << 6 | ((unsigned char)s[i] & 0x3f);
    }
    return c;
}

struct term_range {
    unsigned long from, to;
};

static bool term_within(const struct term_range *list, size_t count, unsigned long c)
{
    for (size_t i = 0; i < count; i++) {
        if (c >= list[i].from && c <= list[i].to) {
            return true;
        }
    }
    return false;
}

/* What is not seen and changes what is: C1 (some terminals obey them), soft hyphen, marks and
 * overrides of direction, zero-width characters, line separators, byte order marks, tags (Unicode's
 * general categories Cc, Cf, Zl, Zp, as far as they occur in names). */
static const struct term_range unseen[] = {
    {0x80, 0x9f},     {0xad, 0xad},     {0x61c, 0x61c},   {0x180e, 0x180e}, {0x200b, 0x200f},
    {0x2028, 0x202e}, {0x2060, 0x206f}, {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe007f},
};

bool term_unseen(const char *s, size_t len)
{
    return len > 1 && term_within(unseen, sizeof unseen / sizeof *unseen, term_code(s, len));
}

static bool term_dangerous(const char *s, size_t len)
{
    const unsigned char c = (unsigned char)s[0];
    return len == 1 ? (c < 0x20 && c != '\n' && c != '\t') || c == 0x7f : term_unseen(s, len);
}

static void term_escape(FILE *out, const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        (void)fprintf(out, "\\x%02x", (unsigned char)s[i]);
    }
}

/* Runners take a line of a job's output that begins with "::", blanks aside, or holds "##[" or
 * "##vso[" for a command of their own (actions/runner, ActionCommand.cs; azure-pipelines-agent,
 * CommandParser): no file may give one. Whether one begins at i of a text of n bytes. */
static bool term_is_command(const char *s, size_t n, size_t i)
{
    if (s[i] == '#') {
        return (n - i >= 3 && memcmp(s + i, "##[", 3) == 0) ||
               (n - i >= 6 && memcmp(s + i, "##vso[", 6) == 0);
    }
    if (s[i] != ':' || n - i < 3 || s[i + 1] != ':' || s[i + 2] < 'a' || s[i + 2] > 'z') {
        return false;
    }
    while (i && (s[i - 1] == ' ' || s[i - 1] == '\t')) {
        i--;
    }
    return i == 0 || s[i - 1] == '\n';
}

/* Length of what is at i, and whether it goes out as an escape. */
static size_t term_unit(const char *s, size_t n, size_t i, bool *escaped)
{
    size_t len = term_utf8(s + i, n - i);
    *escaped = !len || term_dangerous(s + i, len) || term_is_command(s, n, i);
    return len ? len : 1;
}

void term_put(FILE *out, const char *s, size_t n)
{
    size_t from = 0; /* bytes from here to i can go out as they are */
    for (size_t i = 0, len; i < n; i += len) {
        bool escaped;
        len = term_unit(s, n, i, &escaped);
        if (escaped) {
            (void)fwrite(s + from, 1, i - from, out);
            term_escape(out, s + i, len);
            from = i + len;
        }
    }
    if (from < n) {
        (void)fwrite(s + from, 1, n - from, out);
    }
}

void term_line(FILE *out, const char *s)
{
    while (*s) {
        size_t n = strcspn(s, "\n\t");
        term_put(out, s, n);
        s += n;
        if (*s) {
            term_escape(out, s++, 1);
        }
    }
}

/* Coarse on purpose: what takes two columns in practice, and what takes none. Unassigned code
 * points in between follow their neighbours. */
static const struct term_range wide[] = {
    {0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0xa4cf},   {0xac00, 0xd7a3},
    {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},   {0xffe0, 0xffe6},
    {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd},
};
static const struct term_range narrow[] = {
    {0x300, 0x36f},   {0x483, 0x489},   {0x591, 0x5bd},   {0x610, 0x61a},   {0x64b, 0x65f},
    {0x200b, 0x200f}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f},
};

/* Columns of one valid sequence. */
static size_t term_glyph(const char *s, size_t n)
{
    const unsigned long c = term_code(s, n);
    if (term_within(narrow, sizeof narrow / sizeof *narrow, c)) {
        return 0;
    }
    return term_within(wide, sizeof wide / sizeof *wide, c) ? 2 : 1;
}

size_t term_columns(const char *s, size_t n)
{
    size_t columns = 0;
    for (size_t i = 0; i < n;) {
        bool escaped;
        size_t len = term_unit(s, n, i, &escaped);
        columns += escaped ? 4 * len : term_glyph(s + i, len);
        i += len;
    }
    return columns;
}

size_t term_window(int fd)
{
    struct winsize w;
    return ioctl(fd, TIOCGWINSZ, &w) == 0 ? w.ws_col : 0;
}

void term_puts(FILE *out, const char *s)
{
    term_put(out, s, strlen(s));
}

void term_on(FILE *out, bool colour, enum term_style style)
{
    static const char *const codes[] = {"1", "1;31", "1;33", "1;34", "32", "2"};
    if (colour) {
        (void)fprintf(out, "\033[%sm", codes[style]);
    }
}

void term_off(FILE *out, bool colour)
{
    if (colour) {
        (void)fputs("\033[0m", out);
    }
}

void term_styled(FILE *out, bool colour, enum term_style style, const char *s)
{
    term_on(out, colour, style);
    term_puts(out, s);
    term_off(out, colour);
}

void term_wrap(FILE *out, const char *text, size_t column, size_t indent, size_t width)
{
    bool fresh = true, lead = column > indent; /* nothing of the text is on the line yet */
    while (*text) {
        const size_t n = strcspn(text, " \n"), columns = term_columns(text, n);
        const bool breaks = !fresh || (lead && indent + columns <= width);
        if (n && breaks && column + !fresh + columns > width) {
            (void)fprintf(out, "\n%*s", (int)indent, "");
            column = indent;
        } else if (!fresh) {
            (void)fputc(' ', out);
            column++;
        }
        term_put(out, text, n);
        column += columns;
        text += n;
        fresh = fresh && n == 0;
        lead = lead && n == 0;
        if (*text == '\n') {
            (void)fprintf(out, "\n%*s", (int)indent, "");
            column = indent;
            fresh = true;
        }
        text += *text != 0;
    }
}
