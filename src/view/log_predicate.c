/* NSPredicate as people write it for log show: comparisons of fields with texts, numbers and words,
 * joined by AND, OR, NOT and brackets. */
#include "view/log_predicate.h"

#include <ctype.h>
#include <inttypes.h>
#include <regex.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "app/app.h"
#include "view/log_view.h"

#define MOST_DEPTH 64
#define MOST_WORD 4096

enum field {
    F_MESSAGE,
    F_PROCESS,
    F_PROCESS_PATH,
    F_PID,
    F_SENDER,
    F_SENDER_PATH,
    F_SUBSYSTEM,
    F_CATEGORY,
    F_LEVEL,
    F_KIND,
    F_THREAD,
    F_ACTIVITY,
    F_PARENT,
    F_USER,
    F_FORMAT,
    F_SIGNPOST_NAME,
    F_SIGNPOST_TYPE,
    F_SIGNPOST_ID,
    F_NONE,
};

/* log(1)'s names, and those it also takes. */
static const struct {
    const char *name;
    enum field field;
} fields[] = {
    {"eventMessage", F_MESSAGE},
    {"composedMessage", F_MESSAGE},
    {"process", F_PROCESS},
    {"processImagePath", F_PROCESS_PATH},
    {"processID", F_PID},
    {"processIdentifier", F_PID},
    {"pid", F_PID},
    {"sender", F_SENDER},
    {"library", F_SENDER},
    {"senderImagePath", F_SENDER_PATH},
    {"subsystem", F_SUBSYSTEM},
    {"category", F_CATEGORY},
    {"messageType", F_LEVEL},
    {"logType", F_LEVEL},
    {"eventType", F_KIND},
    {"type", F_KIND},
    {"threadID", F_THREAD},
    {"threadIdentifier", F_THREAD},
    {"activityIdentifier", F_ACTIVITY},
    {"parentActivityIdentifier", F_PARENT},
    {"userID", F_USER},
    {"userIdentifier", F_USER},
    {"formatString", F_FORMAT},
    {"signpostName", F_SIGNPOST_NAME},
    {"signpostType", F_SIGNPOST_TYPE},
    {"signpostID", F_SIGNPOST_ID},
};

enum what { W_AND, W_OR, W_NOT, W_TRUE, W_FALSE, W_COMPARE };
enum how {
    H_EQ,
    H_NE,
    H_LT,
    H_GT,
    H_LE,
    H_GE,
    H_CONTAINS,
    H_BEGINS,
    H_ENDS,
    H_LIKE,
    H_MATCHES,
    H_IN
};

struct log_predicate {
    enum what what;
    struct log_predicate *left, *right;
    enum field field;
    enum how how;
    bool nocase;
    char **values; /* NULL-ended: one, of IN several */
    regex_t regex;
    bool compiled;
};

struct parser {
    const char *text, *at;
    char *why;
    size_t why_size;
    bool failed;
    unsigned depth;
};

static void log_predicate_fail(struct parser *p, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
static void log_predicate_fail(struct parser *p, const char *fmt, ...)
{
    va_list args;
    if (p->failed) {
        return;
    }
    p->failed = true;
    va_start(args, fmt);
    int n = vsnprintf(p->why, p->why_size, fmt, args);
    va_end(args);
    if (n >= 0 && (size_t)n < p->why_size) {
        (void)snprintf(p->why + n, p->why_size - (size_t)n, " at character %zu",
                       (size_t)(p->at - p->text) + 1);
    }
}

/* ---- words --------------------------------------------------------------------------------------
 */

static void log_predicate_skip(struct parser *p)
{
    while (isspace((unsigned char)*p->at)) {
        p->at++;
    }
}

static bool log_predicate_sign(struct parser *p, const char *s)
{
    log_predicate_skip(p);
    size_t n = strlen(s);
    if (strncmp(p->at, s, n) != 0) {
        return false;
    }
    p->at += n;
    return true;
}

/* A word in any case, not the beginning of a longer one. */
static bool log_predicate_word(struct parser *p, const char *s)
{
    log_predicate_skip(p);
    size_t n = strlen(s);
    if (strncasecmp(p->at, s, n) != 0 || isalnum((unsigned char)p->at[n]) || p->at[n] == '_') {
        return false;
    }
    p->at += n;
    return true;
}

static size_t name_length(const char *s)
{
    size_t n = 0;
    while (isalnum((unsigned char)s[n]) || s[n] == '_' || s[n] == '.' || s[n] == '-') {
        n++;
    }
    return n;
}

/* A text in quotes, a number, or a bare word such as error. malloc'd; NULL after failing. */
static char *log_predicate_value(struct parser *p)
{
    log_predicate_skip(p);
    char quote = *p->at == '"' || *p->at == '\'' ? *p->at : 0;
    char *out = app_alloc(MOST_WORD);
    size_t n = 0;
    if (!quote) {
        n = name_length(p->at);
        n = n < MOST_WORD - 1 ? n : MOST_WORD - 1;
        memcpy(out, p->at, n);
        p->at += n;
        if (n == 0) {
            log_predicate_fail(p, "a value is missing");
        }
    } else {
        for (p->at++; *p->at && *p->at != quote; p->at++) {
            p->at += *p->at == '\\' && p->at[1];
            if (n < MOST_WORD - 1) {
                out[n++] = *p->at;
            }
        }
        if (!*p->at) {
            log_predicate_fail(p, "a text has no end");
        }
        p->at += *p->at != 0;
    }
    if (p->failed) {
        free(out);
        return NULL;
    }
    return out;
}

/* ---- grammar ------------------------------------------------------------------------------------
 */

static struct log_predicate *log_predicate_any(struct parser *p);

static struct log_predicate *log_predicate_node(enum what what, struct log_predicate *left,
                                                struct log_predicate *right)
{
    struct log_predicate *n = app_alloc(sizeof *n);
    n->what = what;
    n->left = left;
    n->right = right;
    return n;
}

static enum field log_predicate_field(struct parser *p)
{
    log_predicate_skip(p);
    size_t n = name_length(p->at);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        if (strlen(fields[i].name) == n && strncasecmp(p->at, fields[i].name, n) == 0) {
            p->at += n;
            return fields[i].field;
        }
    }
    log_predicate_fail(p, "unknown field '%.*s'", (int)(n < 40 ? n : 40), p->at);
    return F_NONE;
}

static enum how how(struct parser *p)
{
    static const struct {
        const char *sign;
        enum how how;
    } signs[] = {{"==", H_EQ}, {"!=", H_NE}, {"<>", H_NE}, {"<=", H_LE}, {"=<", H_LE},
                 {">=", H_GE}, {"=>", H_GE}, {"=", H_EQ},  {"<", H_LT},  {">", H_GT}};
    static const struct {
        const char *word;
        enum how how;
    } words[] = {{"CONTAINS", H_CONTAINS}, {"BEGINSWITH", H_BEGINS}, {"ENDSWITH", H_ENDS},
                 {"LIKE", H_LIKE},         {"MATCHES", H_MATCHES},   {"IN", H_IN}};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        if (log_predicate_sign(p, signs[i].sign)) {
            return signs[i].how;
        }
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (log_predicate_word(p, words[i].word)) {
            return words[i].how;
        }
    }
    log_predicate_fail(p, "a comparison is missing");
    return H_EQ;
}

static void log_predicate_list(struct parser *p, struct log_predicate *c)
{
    size_t n = 0;
    if (!log_predicate_sign(p, "{")) {
        log_predicate_fail(p, "IN wants a list in braces");
        return;
    }
    do {
        c->values = app_grow(c->values, (n + 2) * sizeof *c->values);
        c->values[n] = log_predicate_value(p);
        c->values[++n] = NULL;
    } while (!p->failed && log_predicate_sign(p, ","));
    if (!p->failed && !log_predicate_sign(p, "}")) {
        log_predicate_fail(p, "the list has no end");
    }
}

static struct log_predicate *comparison(struct parser *p)
{
    struct log_predicate *c = log_predicate_node(W_COMPARE, NULL, NULL);
    c->field = log_predicate_field(p);
    c->how = p->failed ? H_EQ : how(p);
    if (!p->failed && log_predicate_sign(p, "[")) {
        for (; *p->at && *p->at != ']'; p->at++) {
            c->nocase |= *p->at == 'c';
        }
        p->at += *p->at == ']';
    }
    if (!p->failed && c->how == H_IN) {
        log_predicate_list(p, c);
    } else if (!p->failed) {
        c->values = app_alloc(2 * sizeof *c->values);
        c->values[0] = log_predicate_value(p);
    }
    if (!p->failed && c->how == H_MATCHES) {
        char *whole = app_alloc(strlen(c->values[0]) + 8);
        (void)snprintf(whole, strlen(c->values[0]) + 8, "^(%s)$", c->values[0]);
        c->compiled =
            regcomp(&c->regex, whole, REG_EXTENDED | REG_NOSUB | (c->nocase ? REG_ICASE : 0)) == 0;
        free(whole);
        if (!c->compiled) {
            log_predicate_fail(p, "not a regular expression");
        }
    }
    return c;
}

static struct log_predicate *single(struct parser *p)
{
    struct log_predicate *n;
    if (++p->depth > MOST_DEPTH) {
        log_predicate_fail(p, "it is nested too deep");
        return NULL;
    }
    if (log_predicate_word(p, "NOT") ||
        (log_predicate_skip(p), *p->at == '!' && p->at[1] != '=' && log_predicate_sign(p, "!"))) {
        n = log_predicate_node(W_NOT, single(p), NULL);
    } else if (log_predicate_sign(p, "(")) {
        n = log_predicate_any(p);
        if (!p->failed && !log_predicate_sign(p, ")")) {
            log_predicate_fail(p, "a bracket is not closed");
        }
    } else if (log_predicate_word(p, "TRUEPREDICATE")) {
        n = log_predicate_node(W_TRUE, NULL, NULL);
    } else if (log_predicate_word(p, "FALSEPREDICATE")) {
        n = log_predicate_node(W_FALSE, NULL, NULL);
    } else {
        n = comparison(p);
    }
    p->depth--;
    return n;
}

static struct log_predicate *all(struct parser *p)
{
    struct log_predicate *n = single(p);
    while (!p->failed && (log_predicate_word(p, "AND") || log_predicate_sign(p, "&&"))) {
        n = log_predicate_node(W_AND, n, single(p));
    }
    return n;
}

static struct log_predicate *log_predicate_any(struct parser *p)
{
    struct log_predicate *n = all(p);
    while (!p->failed && (log_predicate_word(p, "OR") || log_predicate_sign(p, "||"))) {
        n = log_predicate_node(W_OR, n, all(p));
    }
    return n;
}

void log_predicate_free(struct log_predicate *p)
{
    if (!p) {
        return;
    }
    log_predicate_free(p->left);
    log_predicate_free(p->right);
    for (char **v = p->values; v && *v; v++) {
        free(*v);
    }
    free(p->values);
    if (p->compiled) {
        regfree(&p->regex);
    }
    free(p);
}

/* NOLINTNEXTLINE(readability-non-const-parameter): fail() writes there */
struct log_predicate *log_predicate_parse(const char *text, char *why, size_t size)
{
    struct parser p = {.text = text, .at = text, .why = why, .why_size = size};
    struct log_predicate *n = log_predicate_any(&p);
    log_predicate_skip(&p);
    if (!p.failed && *p.at) {
        log_predicate_fail(&p, "'%.20s' is too much", p.at);
    }
    if (p.failed) {
        log_predicate_free(n);
        return NULL;
    }
    return n;
}

/* ---- asking ------------------------------------------------------------------------------------
 */

static const char *log_predicate_last_component(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool log_predicate_number(enum field f, const struct dext_unified_entry *e, uint64_t *out)
{
    switch (f) {
    case F_PID:
        *out = e->pid;
        return true;
    case F_USER:
        *out = e->euid;
        return true;
    case F_THREAD:
        *out = e->thread;
        return true;
    case F_ACTIVITY:
        *out = e->activity;
        return true;
    case F_PARENT:
        *out = e->parent;
        return true;
    case F_SIGNPOST_ID:
        *out = e->signpost;
        return true;
    default:
        return false;
    }
}

static const char *log_predicate_text(enum field f, struct dext_unified *u,
                                      const struct dext_unified_entry *e)
{
    switch (f) {
    case F_MESSAGE:
        return dext_unified_message(u, e, NULL);
    case F_PROCESS:
        return e->process;
    case F_PROCESS_PATH:
        return e->process_path;
    case F_SENDER:
        return log_predicate_last_component(e->sender_path);
    case F_SENDER_PATH:
        return e->sender_path;
    case F_SUBSYSTEM:
        return e->subsystem;
    case F_CATEGORY:
        return e->category;
    case F_LEVEL:
        return log_level_name(e);
    case F_KIND:
        return dext_unified_kind_name(e->kind);
    case F_FORMAT:
        return e->format ? e->format : "";
    case F_SIGNPOST_NAME:
        return e->signpost_name;
    case F_SIGNPOST_TYPE:
        return e->signpost_type;
    default:
        return "";
    }
}

/* '*' stands for any text, '?' for any character. */
static bool log_predicate_like(const char *s, const char *pattern, bool nocase)
{
    const char *star = NULL, *back = NULL;
    while (*s) {
        int a = nocase ? tolower((unsigned char)*s) : (unsigned char)*s;
        int b = nocase ? tolower((unsigned char)*pattern) : (unsigned char)*pattern;
        if (*pattern == '*') {
            star = pattern++;
            back = s;
        } else if (*pattern == '?' || a == b) {
            pattern++;
            s++;
        } else if (star) {
            pattern = star + 1;
            s = ++back;
        } else {
            return false;
        }
    }
    while (*pattern == '*') {
        pattern++;
    }
    return *pattern == 0;
}

static bool compare_text(const struct log_predicate *c, const char *s, const char *v)
{
    /* Levels and kinds are words; nobody means their case. */
    bool nocase = c->nocase || c->field == F_LEVEL || c->field == F_KIND;
    size_t n = strlen(s), m = strlen(v);
    int order = nocase ? strcasecmp(s, v) : strcmp(s, v);
    switch (c->how) {
    case H_EQ:
    case H_IN:
        return order == 0;
    case H_NE:
        return order != 0;
    case H_LT:
        return order < 0;
    case H_GT:
        return order > 0;
    case H_LE:
        return order <= 0;
    case H_GE:
        return order >= 0;
    case H_CONTAINS:
        return (nocase ? strcasestr(s, v) : strstr(s, v)) != NULL;
    case H_BEGINS:
        return (nocase ? strncasecmp(s, v, m) : strncmp(s, v, m)) == 0;
    case H_ENDS:
        return m <= n && (nocase ? strcasecmp(s + n - m, v) : strcmp(s + n - m, v)) == 0;
    case H_LIKE:
        return log_predicate_like(s, v, nocase);
    default:
        return regexec(&c->regex, s, 0, NULL, 0) == 0;
    }
}

static bool compare_number(const struct log_predicate *c, uint64_t n, const char *v)
{
    char *end;
    uint64_t m = strtoull(v, &end, 0);
    if (*end || end == v) {
        return c->how == H_NE;
    }
    switch (c->how) {
    case H_EQ:
    case H_IN:
        return n == m;
    case H_NE:
        return n != m;
    case H_LT:
        return n < m;
    case H_GT:
        return n > m;
    case H_LE:
        return n <= m;
    case H_GE:
        return n >= m;
    default:
        return false;
    }
}

static bool log_predicate_compare(const struct log_predicate *c, struct dext_unified *u,
                                  const struct dext_unified_entry *e)
{
    uint64_t n = 0;
    bool numeric = log_predicate_number(c->field, e, &n);
    const char *s = numeric ? "" : log_predicate_text(c->field, u, e);
    for (char **v = c->values; *v; v++) {
        if (numeric ? compare_number(c, n, *v) : compare_text(c, s, *v)) {
            return true;
        }
    }
    return false;
}

bool log_predicate_holds(const struct log_predicate *p, struct dext_unified *u,
                         const struct dext_unified_entry *e)
{
    switch (p->what) {
    case W_AND:
        return log_predicate_holds(p->left, u, e) && log_predicate_holds(p->right, u, e);
    case W_OR:
        return log_predicate_holds(p->left, u, e) || log_predicate_holds(p->right, u, e);
    case W_NOT:
        return !log_predicate_holds(p->left, u, e);
    case W_TRUE:
        return true;
    case W_FALSE:
        return false;
    default:
        return log_predicate_compare(p, u, e);
    }
}
