/* What identifies a person or a machine in a line of a log is masked before the line is published.
 */
#include <stdlib.h>
#include <string.h>

#include "explain_view.h"

static bool hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Length of "8-4-4-4-12" hex digits, or of a provisioning UDID (8-16, or 40), at s; 0 for none. */
static size_t uuid(const char *s)
{
    static const unsigned char parts[][6] = {{8, 4, 4, 4, 12, 0}, {8, 16, 0}, {40, 0}};
    for (size_t k = 0; k < sizeof parts / sizeof *parts; k++) {
        size_t n = 0;
        bool fits = true;
        for (const unsigned char *part = parts[k]; *part && fits; part++) {
            for (unsigned i = 0; i < *part && fits; i++) {
                fits = hex(s[n++]);
            }
            fits = fits && (!part[1] || s[n++] == '-');
        }
        if (fits && !alnum(s[n])) {
            return n;
        }
    }
    return 0;
}

/* "01:23:45:67:89:ab" */
static size_t hardware_address(const char *s)
{
    for (size_t i = 0; i < 17; i++) {
        if (i % 3 == 2 ? s[i] != ':' && s[i] != '-' : !hex(s[i])) {
            return 0;
        }
    }
    return alnum(s[17]) || s[17] == ':' ? 0 : 17;
}

static size_t mail(const char *s)
{
    size_t n = 0;
    while (alnum(s[n]) || (s[n] && strchr("._+-", s[n]))) {
        n++;
    }
    if (n == 0 || s[n] != '@' || !alnum(s[n + 1])) {
        return 0;
    }
    size_t at = n++;
    while (alnum(s[n]) || s[n] == '.' || s[n] == '-') {
        n++;
    }
    return memchr(s + at, '.', n - at) ? n : 0;
}

/* A value after a word that says that it is a serial number or a unit's name; *lead bytes stay. */
static size_t labelled(const char *s, size_t *lead)
{
    static const char *const labels[] = {"/Users/",       "/home/",       "SerialNumber",
                                         "Serial Number", "serialNumber", "serial-number"};
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
        size_t n = strlen(labels[i]);
        if (strncmp(s, labels[i], n) != 0) {
            continue;
        }
        bool path = labels[i][0] == '/';
        n += path ? 0 : strspn(s + n, "\"' =:<");
        *lead = n;
        return strcspn(s + n, path ? "/ \t\n\"'" : " ,;\t\n\"'>");
    }
    return 0;
}

char *explain_redact(const char *text)
{
    char *out = app_alloc(3 * strlen(text) + 8);
    size_t n = 0;
    for (const char *s = text; *s;) {
        bool start = s == text || !alnum(s[-1]);
        size_t lead = 0, cut = 0;
        const char *mask = "";
        if ((cut = start ? uuid(s) : 0) != 0) {
            mask = "UUID";
        } else if ((cut = start ? hardware_address(s) : 0) != 0) {
            mask = "ADDRESS";
        } else if ((cut = start ? mail(s) : 0) != 0) {
            mask = "MAIL";
        } else if ((cut = labelled(s, &lead)) != 0) {
            mask = *s == '/' ? "USER" : "SERIAL";
        }
        size_t keep = cut ? lead : 1;
        memcpy(out + n, s, keep);
        n += keep;
        memcpy(out + n, mask, strlen(mask));
        n += strlen(mask);
        s += keep + cut;
    }
    out[n] = 0;
    return out;
}
