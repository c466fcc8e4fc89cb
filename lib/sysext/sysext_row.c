/* One row: enabled, active, team, id (version), name, [state]. Tabs are often lost on the way, so
 * it is read from the right: the state is the last bracket, the id is the word before the first
 * parenthesis that follows something like a bundle id. */
#include "sysext/sysext.h"

#include <string.h>

#include "kb.h"

static bool id_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
}

/* A reverse-DNS name: letters, digits, '-', '_' and at least one '.' that is not at an end. */
static bool is_bundle_id(struct dx_str s)
{
    bool dot = false;
    for (size_t i = 0; i < s.n; i++) {
        if (!id_char(s.p[i])) {
            return false;
        }
        dot |= s.p[i] == '.' && i > 0 && i + 1 < s.n;
    }
    return dot;
}

static bool is_team(struct dx_str s)
{
    if (s.n != 10) {
        return false;
    }
    for (size_t i = 0; i < s.n; i++) {
        if (!((s.p[i] >= 'A' && s.p[i] <= 'Z') || (s.p[i] >= '0' && s.p[i] <= '9'))) {
            return false;
        }
    }
    return true;
}

/* What people put over it: "<...>", "XXXX", "[team]". */
static bool hidden_team(struct dx_str s)
{
    return s.n > 2 && ((s.p[0] == '<' && s.p[s.n - 1] == '>') ||
                       (s.p[0] == '[' && s.p[s.n - 1] == ']') || dx_str_has_prefix(s, "XXX") ||
                       dx_str_has_prefix(s, "xxx") || dx_str_has_prefix(s, "**"));
}

static const struct kb_sysext_state *known_state(const char *state)
{
    for (size_t i = 0; i < kb_sysext_state_count; i++) {
        if (strcmp(kb_s(kb_sysext_state_rows[i].state), state) == 0) {
            return &kb_sysext_state_rows[i];
        }
    }
    return NULL;
}

/* Words of letters only; anything else in brackets at a line's end is something else. */
static bool is_state_text(const char *s)
{
    for (const char *p = s; *p; p++) {
        if (!((*p >= 'a' && *p <= 'z') || *p == ' ')) {
            return false;
        }
    }
    return *s != 0;
}

/* Only drivers have devices to unplug and entries in the registry. */
static bool sysext_row_is_driver(const struct dext_sysext_row *row)
{
    return !*row->category || strcmp(row->category, "driver_extension") == 0;
}

static void sysext_row_set_state(struct dext_sysext_row *out, const char *state)
{
    static const char *const seen[] = {"observed", "documented", "reported"};
    const struct kb_sysext_state *known = known_state(state);
    out->state = state;
    out->attention = DEXT_ATTENTION_UNKNOWN;
    if (known) {
        /* The table's words stand in the order of enum dext_attention. */
        out->attention = (enum dext_attention)known->attention;
        bool other = !sysext_row_is_driver(out);
        const char *meaning = kb_s(known->meaning_other), *next = kb_s(known->next_other);
        out->meaning = other && *meaning ? meaning : kb_s(known->meaning);
        out->next = other && *next ? next : kb_s(known->next);
        out->seen = seen[known->seen];
        out->stale = known->stale == KB_SYSEXT_STATE_STALE_YES;
    } else {
        out->stale = strncmp(state, "terminat", 8) == 0;
    }
}

/* Cuts "[state]" off the end of line. */
static bool take_state(struct dext_sysext_row *out, struct dx_arena *a, struct dx_str *line,
                       bool in_list)
{
    struct dx_str s = dx_str_trim(*line);
    if (s.n < 3 || s.p[s.n - 1] != ']') {
        return false;
    }
    size_t open = s.n - 1;
    while (open && s.p[open] != '[') {
        open--;
    }
    if (s.p[open] != '[') {
        return false;
    }
    char *state = dx_strndup(a, s.p + open + 1, s.n - open - 2);
    for (char *p = state; *p; p++) {
        if (*p == '_') {
            *p = ' ';
        }
    }
    if (!is_state_text(state) || (!in_list && !known_state(state))) {
        return false;
    }
    sysext_row_set_state(out, state);
    *line = (struct dx_str){s.p, open};
    return true;
}

/* "1.0/1": version and build; the build may be missing, the version may hold letters. */
static void set_version(struct dext_sysext_row *out, struct dx_arena *a, struct dx_str v)
{
    const char *slash = memchr(v.p, '/', v.n);
    size_t n = slash ? (size_t)(slash - v.p) : v.n;
    out->version = dx_strndup(a, v.p, n);
    out->build = slash ? dx_strndup(a, slash + 1, v.n - n - 1) : "";
}

/* Finds "id (version)" in line; *before and *after are what stands around it. */
static bool take_id(struct dext_sysext_row *out, struct dx_arena *a, struct dx_str line,
                    struct dx_str *before, struct dx_str *after)
{
    for (size_t i = 0; i + 1 < line.n; i++) {
        if (line.p[i] != '(' || i == 0) {
            continue;
        }
        size_t end = i;
        while (end && (line.p[end - 1] == ' ' || line.p[end - 1] == '\t')) {
            end--;
        }
        size_t start = end;
        while (start && id_char(line.p[start - 1])) {
            start--;
        }
        const char *close = memchr(line.p + i, ')', line.n - i);
        struct dx_str id = {line.p + start, end - start};
        if (close && end < i && is_bundle_id(id)) {
            size_t rest = (size_t)(close - line.p) + 1;
            out->id = dx_strndup(a, id.p, id.n);
            set_version(out, a, (struct dx_str){line.p + i + 1, (size_t)(close - line.p) - i - 1});
            *before = (struct dx_str){line.p, start};
            *after = (struct dx_str){line.p + rest, line.n - rest};
            return true;
        }
    }
    return false;
}

/* People leave the version out when they type a row anew: then the first word like a bundle id. */
static bool take_bare_id(struct dext_sysext_row *out, struct dx_arena *a, struct dx_str line,
                         struct dx_str *before, struct dx_str *after)
{
    for (size_t i = 0; i < line.n;) {
        size_t n = 0;
        while (i + n < line.n && line.p[i + n] != ' ' && line.p[i + n] != '\t') {
            n++;
        }
        if (is_bundle_id((struct dx_str){line.p + i, n})) {
            out->id = dx_strndup(a, line.p + i, n);
            *before = (struct dx_str){line.p, i};
            *after = (struct dx_str){line.p + i + n, line.n - i - n};
            return true;
        }
        i += n + 1;
    }
    return false;
}

/* The flags and the team, "*\t*\tABCDE12345\t". With its tabs the place of a star tells which
 * column it is in; without them two stars or none are still clear, one is not. */
static bool take_flags(struct dext_sysext_row *out, struct dx_arena *a, struct dx_str s,
                       bool in_list)
{
    unsigned column = 0, stars = 0;
    bool tabs = memchr(s.p, '\t', s.n) != NULL, set[2] = {false, false};
    for (size_t i = 0; i < s.n;) {
        size_t n = 0;
        while (i + n < s.n && s.p[i + n] != '\t' && s.p[i + n] != ' ') {
            n++;
        }
        struct dx_str word = {s.p + i, n};
        if (dx_str_is(word, "*")) {
            set[column < 2 ? column : 1] = true;
            stars++;
        } else if (is_team(word) || (in_list && hidden_team(word) && !*out->team)) {
            out->team = dx_strndup(a, word.p, word.n);
        } else if (n && !dx_str_is(word, "-") && !dx_str_is(word, ">")) {
            return false; /* a sentence, not a row */
        }
        i += n;
        column += i < s.n && s.p[i] == '\t';
        i += i < s.n;
    }
    if (!tabs && stars == 1) {
        out->enabled = out->active = DEXT_FLAG_LOST;
    } else {
        out->enabled = (tabs ? set[0] : stars > 1) ? DEXT_FLAG_YES : DEXT_FLAG_NO;
        out->active = (tabs ? set[1] : stars > 1) ? DEXT_FLAG_YES : DEXT_FLAG_NO;
    }
    return true;
}

/* The value behind key in a row of an inventory: identifier="com.example.driver" */
static char *quoted_value(struct dx_arena *a, struct dx_str line, const char *key)
{
    const char *at = memmem(line.p, line.n, key, strlen(key));
    const char *value = at ? at + strlen(key) : NULL, *end = line.p + line.n;
    const char *stop = value ? memchr(value, '"', (size_t)(end - value)) : NULL;
    return stop ? dx_strndup(a, value, (size_t)(stop - value)) : NULL;
}

/* The same of a key that inventories write in one of these ways. */
static char *inventory_value(struct dx_arena *a, struct dx_str line, const char *key)
{
    static const char *const forms[][2] = {
        {"", "=\""}, {"\"", "\":\""}, {"\"", "\": \""}, {"\"", "\" : \""}};
    char *value = NULL;
    for (size_t i = 0; i < sizeof forms / sizeof *forms && !value; i++) {
        value = quoted_value(a, line, dx_sprintf(a, "%s%s%s", forms[i][0], key, forms[i][1]));
    }
    return value;
}

/* What inventories print of the same list: teamID="..." identifier="..." version="..."
 * state="activated_enabled" (cnquery, mql), {"identifier":"...","state":"...","team":"..."}
 * (osquery, table system_extensions). */
static bool inventory_row(struct dext_sysext_row *out, struct dx_arena *a, struct dx_str line)
{
    char *id = inventory_value(a, line, "identifier"), *state = inventory_value(a, line, "state");
    char *team = inventory_value(a, line, "teamID"), *version = inventory_value(a, line, "version");
    team = team ? team : inventory_value(a, line, "team");
    if (!id || !state || !is_bundle_id(dx_str(id))) {
        return false;
    }
    for (char *p = state; *p; p++) {
        *p = *p == '_' ? ' ' : *p;
    }
    if (!is_state_text(state)) {
        return false;
    }
    sysext_row_set_state(out, state);
    out->id = id;
    out->name = "";
    out->team = team ? team : "";
    out->version = version ? version : "";
    out->enabled = out->active = DEXT_FLAG_LOST;
    return true;
}

bool dx_sysext_row(struct dext_sysext_row *out, struct dx_arena *a, struct dx_str line,
                   const char *category, bool in_list)
{
    struct dx_str before, after;
    *out = (struct dext_sysext_row){.category = category, .team = "", .version = "", .build = ""};
    if (inventory_row(out, a, line)) {
        return true;
    }
    if (!take_state(out, a, &line, in_list) ||
        !(take_id(out, a, line, &before, &after) ||
          (in_list && take_bare_id(out, a, line, &before, &after))) ||
        !take_flags(out, a, before, in_list)) {
        return false;
    }
    after = dx_str_trim(after);
    out->name = dx_strndup(a, after.p, after.n);
    return true;
}

/* A row that is quoted in a sentence: "it says `... [activated enabled]` here". */
static struct dx_str sysext_row_quoted(struct dx_str line)
{
    const char *end = line.p + line.n, *from = memchr(line.p, '`', line.n);
    const char *to = from ? memchr(from + 1, '`', (size_t)(end - from) - 1) : NULL;
    return to && to[-1] == ']' ? (struct dx_str){from + 1, (size_t)(to - from) - 1} : line;
}

struct dx_str dx_sysext_unpaste(struct dx_str line, struct dx_arena *a)
{
    line = line.n ? sysext_row_quoted(line) : line;
    while (line.n && (*line.p == '>' || (*line.p == ' ' && line.n > 1 && line.p[1] == '>'))) {
        size_t n = line.n > 1 && line.p[0] == '>' && line.p[1] == ' ' ? 2 : 1;
        line = (struct dx_str){line.p + n, line.n - n};
    }
    bool table = line.n && *line.p == '|';
    if (!table && !dx_str_contains(line, "`") && !dx_str_contains(line, "\\*") &&
        !dx_str_contains(line, "\xc2\xa0") && !dx_str_contains(line, "\xe2\x80\xa2")) {
        return line;
    }
    char *copy = dx_strndup(a, line.p + table, line.n - table);
    size_t n = 0;
    for (struct dx_str s = {line.p + table, line.n - table}; s.n;) {
        size_t used = dx_str_has_prefix(s, "\xe2\x80\xa2")                              ? 3
                      : dx_str_has_prefix(s, "\xc2\xa0") || dx_str_has_prefix(s, "\\*") ? 2
                                                                                        : 1;
        copy[n++] = used == 3 || (used == 2 && *s.p == '\\') ? '*'
                    : used == 2 || *s.p == '`'               ? ' '
                    : table && *s.p == '|'                   ? '\t'
                                                             : *s.p;
        s = (struct dx_str){s.p + used, s.n - used};
    }
    return (struct dx_str){copy, n};
}
