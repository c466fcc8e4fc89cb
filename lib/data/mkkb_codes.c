/* A symptom names a code once; the texts that every spelling of it holds are made here, so that
 * lines are found by them. What a line then says is read by lib/error. */
#include <stdlib.h>
#include <string.h>

#include "mkkb.h"

static size_t table_of(const char *name)
{
    size_t i = 0;
    while (strcmp(tables[i].name, name) != 0) {
        i++;
    }
    return i;
}

static void literal_add(struct row *r, int field, const char *text)
{
    const char *have = r->value[field] ? r->value[field] : "";
    size_t n = strlen(have), m = strlen(text);
    for (const char *p = have; *p;) {
        size_t k = strcspn(p, "\x01");
        if (k == m && strncmp(p, text, k) == 0) {
            return;
        }
        p += k + (p[k] == '\x01');
    }
    char *joined = need(malloc(n + m + 2));
    (void)snprintf(joined, n + m + 2, "%s%s%s", have, n ? "\x01" : "", text);
    free(r->value[field]);
    r->value[field] = joined;
}

/* The longest piece of the text that JSON leaves as it is. */
static void literal_add_piece(struct row *r, int field, const char *text)
{
    char piece[256] = "";
    for (const char *p = text; *p;) {
        size_t n = strcspn(p, "\"/\\");
        if (n > strlen(piece) && n < sizeof piece) {
            (void)snprintf(piece, sizeof piece, "%.*s", (int)n, p);
        }
        p += n + (p[n] != 0);
    }
    literal_add(r, field, piece);
}

/* What mach_error_string(3) prints for the number. */
static void add_mach_texts(struct row *r, int field, unsigned value)
{
    size_t t = table_of("mach_text");
    for (size_t i = 0; i < all[t].count; i++) {
        if ((unsigned)strtoll(all[t].row[i].value[1], NULL, 0) == value) {
            literal_add_piece(r, field, all[t].row[i].value[0]);
        }
    }
}

/* Numbers of these domains are small: what finds them is the name of the domain. */
static const char *const domain_marks[][2] = {
    {"sysext", "OSSystemExtensionError"},      {"kernelmanagement", "KMError"},
    {"amfi", "AppleMobileFileIntegrityError"}, {"cocoa", "NSCocoaErrorDomain"},
    {"errno", "NSPOSIXErrorDomain"},           {"endpointsecurity", "es_new_client"}};

static const char *domain_mark(const char *domain)
{
    for (size_t i = 0; i < COUNT(domain_marks); i++) {
        if (strcmp(domain_marks[i][0], domain) == 0) {
            return domain_marks[i][1];
        }
    }
    return NULL;
}

bool is_domain_mark(const char *text, size_t n)
{
    for (size_t i = 0; i < COUNT(domain_marks); i++) {
        if (strlen(domain_marks[i][1]) == n && strncmp(domain_marks[i][1], text, n) == 0) {
            return true;
        }
    }
    return false;
}

/* A number that is long enough to be searched for. */
static bool is_long_number(const struct row *error)
{
    long long v = strtoll(error->value[1], NULL, 0);
    return v > 0xffff || v < -0xffff;
}

static void add_spellings(struct row *r, int field, const struct row *error)
{
    const char *domain = error->value[0];
    long long v = strtoll(error->value[1], NULL, 0);
    char text[32];
    literal_add(r, field, error->value[2]);
    if (domain_mark(domain)) {
        literal_add(r, field, domain_mark(domain));
    } else if (is_long_number(error)) {
        (void)snprintf(text, sizeof text, "%08x", (unsigned)v);
        literal_add(r, field, text);
        (void)snprintf(text, sizeof text, "%d", (int)(unsigned)v);
        literal_add(r, field, text);
        (void)snprintf(text, sizeof text, "%u", (unsigned)v);
        literal_add(r, field, text);
        add_mach_texts(r, field, (unsigned)v);
    } else {
        complain(r->file, r->line, "%s is too small a number to be found without a domain's name",
                 error->value[2]);
    }
}

static const struct row *error_named(const char *name, size_t n, size_t *from)
{
    const struct rows *errors = &all[table_of("error")];
    while (*from < errors->count) {
        const struct row *e = &errors->row[(*from)++];
        if (e->value[2] && strlen(e->value[2]) == n && strncmp(e->value[2], name, n) == 0) {
            return e;
        }
    }
    return NULL;
}

static void add_of_code(struct row *r, int field, const char *name, size_t n)
{
    size_t at = 0;
    for (const struct row *e; (e = error_named(name, n, &at)) != NULL;) {
        add_spellings(r, field, e);
    }
}

/* All codes of the list have spellings of their own to be found by. */
static bool all_found_by_code(const char *list)
{
    bool found = true;
    for (const char *p = list; *p && found;) {
        size_t n = strcspn(p, "\x01"), at = 0;
        for (const struct row *e; found && (e = error_named(p, n, &at)) != NULL;) {
            found = domain_mark(e->value[0]) || is_long_number(e);
        }
        p += n + (p[n] == '\x01');
    }
    return found;
}

/* A line shows a code, and with it the call that returned it: the code is what is rare in logs, so
 * the call ("Create", "Start") is searched for only where a code is a number of few digits. */
void spell_codes(void)
{
    size_t t = table_of("symptom");
    int code = field_index(&tables[t], "code"), call = field_index(&tables[t], "call");
    int literal = field_index(&tables[t], "literal");
    for (size_t i = 0; i < all[t].count; i++) {
        struct row *r = &all[t].row[i];
        bool by_call = r->value[call] && r->value[code] && !all_found_by_code(r->value[code]);
        const char *list = by_call ? r->value[call] : r->value[code];
        for (const char *p = list ? list : ""; *p;) {
            size_t n = strcspn(p, "\x01");
            if (by_call) {
                char *word = need(strndup(p, n));
                literal_add(r, literal, word);
                free(word);
            } else {
                add_of_code(r, literal, p, n);
            }
            p += n + (p[n] == '\x01');
        }
    }
}
