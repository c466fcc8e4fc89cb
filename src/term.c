#include "term.h"

#include <string.h>

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

/* C0, DEL, and U+0080-U+009F (some terminals obey them) and the bidirectional overrides, which can
 * make a line read as something else. */
static bool dangerous(const char *s, size_t len)
{
    const unsigned char *p = (const unsigned char *)s;
    if (len == 1) {
        return (p[0] < 0x20 && p[0] != '\n' && p[0] != '\t') || p[0] == 0x7f;
    }
    if (len == 2) {
        return p[0] == 0xc2 && p[1] < 0xa0;
    }
    return len == 3 && p[0] == 0xe2 &&
           ((p[1] == 0x80 && p[2] >= 0xaa && p[2] <= 0xae) ||
            (p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9));
}

static void escape(FILE *out, const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        (void)fprintf(out, "\\x%02x", (unsigned char)s[i]);
    }
}

void term_put(FILE *out, const char *s, size_t n)
{
    size_t safe = 0; /* bytes that can go out as they are */
    while (safe < n) {
        size_t len = term_utf8(s + safe, n - safe);
        if (len && !dangerous(s + safe, len)) {
            safe += len;
            continue;
        }
        len = len ? len : 1;
        (void)fwrite(s, 1, safe, out);
        escape(out, s + safe, len);
        s += safe + len;
        n -= safe + len;
        safe = 0;
    }
    if (safe) {
        (void)fwrite(s, 1, safe, out);
    }
}

void term_line(FILE *out, const char *s)
{
    while (*s) {
        size_t n = strcspn(s, "\n\t");
        term_put(out, s, n);
        s += n;
        if (*s) {
            escape(out, s++, 1);
        }
    }
}

size_t term_width(const char *s, size_t n)
{
    return term_utf8(s, n) && !dangerous(s, n) ? n : 4 * n;
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

void term_wrap(FILE *out, const char *text, size_t indent, size_t width)
{
    size_t column = indent;
    bool first = true;
    while (*text) {
        size_t n = strcspn(text, " \n");
        if (!first && column + 1 + n > width && n) {
            (void)fprintf(out, "\n%*s", (int)indent, "");
            column = indent;
        } else if (!first && column > indent) {
            (void)fputc(' ', out);
            column++;
        }
        term_put(out, text, n);
        column += n;
        text += n;
        first = false;
        if (*text == '\n') {
            (void)fprintf(out, "\n%*s", (int)indent, "");
            column = indent;
            first = true;
        }
        text += *text != 0;
    }
}
