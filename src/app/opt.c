#include "app/opt.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "app/file.h"
#include "app/nearest.h"
#include "app/output.h"
#include "app/words.h"

const struct opt opt_global[] = {
    {"format", 'f', "FMT", NULL, "choose the output format", NULL},
    {"color", 0, "WHEN", "auto|always|never", "colour the output (NO_COLOR is honoured)", NULL},
    {"quiet", 'q', NULL, NULL, "print results only: no progress, no summary", NULL},
    {"verbose", 'v', NULL, NULL, "say more: notes, skipped inputs, reasons", NULL},
    {"help", 'h', NULL, NULL, "print this help", NULL},
    {"version", 0, NULL, NULL, "print the version", NULL},
    OPT_END,
};

static const struct opt *opt_find_long(const struct opt *list, const char *name, size_t n)
{
    for (; list && list->name; list++) {
        if (strlen(list->name) == n && strncmp(list->name, name, n) == 0) {
            return list;
        }
    }
    return NULL;
}

static const struct opt *opt_find_letter(const struct opt *list, char letter)
{
    for (; list && list->name; list++) {
        if (list->letter == letter) {
            return list;
        }
    }
    return NULL;
}

/* The parts of a list that are not empty; one piece of memory, NULL-terminated. */
static char **opt_divide(const char *list, char separator)
{
    size_t count = 1;
    for (const char *p = list; *p; p++) {
        count += *p == separator;
    }
    size_t n = strlen(list) + 1;
    char **out = app_alloc((count + 1) * sizeof *out + n);
    char *text = (char *)(out + count + 1);
    memcpy(text, list, n);
    size_t k = 0;
    for (char *p = text; p;) {
        char *end = strchr(p, separator);
        if (end) {
            *end++ = 0;
        }
        if (*p) {
            out[k++] = p;
        }
        p = end;
    }
    return out;
}

bool opt_is_choice(const char *choices, const char *value)
{
    size_t len = strlen(value);
    for (const char *p = choices; *p;) {
        size_t n = strcspn(p, "|");
        if (n == len && strncmp(p, value, n) == 0) {
            return true;
        }
        p += n + (p[n] == '|');
    }
    return false;
}

const char *opt_near_choice(const char *choices, const char *value, char near[64])
{
    char **list = opt_divide(choices, '|');
    size_t count = 0;
    while (list[count]) {
        count++;
    }
    const char *found = nearest(value, (const char *const *)list, count);
    (void)snprintf(near, 64, "%s", found ? found : "");
    free(list);
    return *near ? near : NULL;
}

/* name: behind "--"; NULL: the option was a letter. */
static int opt_unknown(const struct app *app, const struct args *args, opt_home *home,
                       const char *name, char letter)
{
    const char *command = home ? home(args->argv + args->next, name, letter) : NULL;
    char typed[64];
    if (name) {
        (void)snprintf(typed, sizeof typed, "--%.*s", (int)strcspn(name, "="), name);
    } else {
        (void)snprintf(typed, sizeof typed, "-%c", letter);
    }
    if (command) {
        return app_usage_error(app, "%s is an option of '%s' and stands after it: dextctl %s %s",
                               typed, command, command, typed);
    }
    const char *names[64];
    size_t count = 0;
    for (const struct opt *o = args->options; o && o->name && count < 50; o++) {
        names[count++] = o->name;
    }
    for (const struct opt *o = opt_global; o->name; o++) {
        names[count++] = o->name;
    }
    const char *near = name ? nearest(typed + 2, names, count) : NULL;
    return app_usage_error(app, "there is no option %s%s%s%s", typed,
                           near ? "; did you mean --" : "", near ? near : "", near ? "?" : "");
}

/* A value that cannot be is told with what can. */
static int opt_check(const struct app *app, const struct opt *o, const char *value)
{
    char near[64];
    if (o->choices && value && !opt_is_choice(o->choices, value)) {
        bool hint = opt_near_choice(o->choices, value, near) != NULL;
        return app_usage_error(app, "--%s takes one of %s, not '%s'%s%s%s", o->name, o->choices,
                               value, hint ? "; did you mean '" : "", hint ? near : "",
                               hint ? "'?" : "");
    }
    const struct words *words = words_find(o->values);
    return words && value ? words_check(app, words, o->name, value) : APP_CLEAN;
}

static int opt_store(struct app *app, struct args *args, const struct opt *o, const char *value)
{
    int rc = opt_check(app, o, value);
    if (rc) {
        return rc;
    }
    if (strcmp(o->name, "format") == 0) {
        app->format = value;
    } else if (strcmp(o->name, "color") == 0) {
        app_set_colour(app, value);
    } else if (strcmp(o->name, "quiet") == 0) {
        app->quiet = true;
    } else if (strcmp(o->name, "verbose") == 0) {
        app->verbose = true;
    }
    if (args->given_count == args->given_cap) {
        args->given_cap = args->given_cap ? args->given_cap * 2 : 8;
        args->given = app_grow(args->given, args->given_cap * sizeof *args->given);
    }
    args->given[args->given_count++] = (struct opt_given){o, value};
    return APP_CLEAN;
}

static void opt_add_operand(struct args *args, const char *text)
{
    if (args->operand_count + 1 >= args->operand_cap) {
        args->operand_cap = args->operand_cap ? args->operand_cap * 2 : 16;
        args->operands = app_grow(args->operands, args->operand_cap * sizeof *args->operands);
    }
    args->operands[args->operand_count++] = text;
    args->operands[args->operand_count] = NULL;
}

/* The word after the option is its value; NULL at the end of the line. */
static const char *opt_next_word(struct args *args)
{
    return args->next < args->argc ? args->argv[args->next++] : NULL;
}

static int opt_parse_long(struct app *app, struct args *args, opt_home *home, const char *name)
{
    size_t n = strcspn(name, "=");
    const struct opt *o = opt_find_long(args->options, name, n);
    o = o ? o : opt_find_long(opt_global, name, n);
    if (!o) {
        return opt_unknown(app, args, home, name, 0);
    }
    const char *value = name[n] == '=' ? name + n + 1 : NULL;
    if (!o->arg && value) {
        return app_usage_error(app, "--%s takes no value", o->name);
    }
    if (o->arg && !value) {
        value = opt_next_word(args);
        if (!value) {
            return app_usage_error(app, "--%s needs a value: --%s %s", o->name, o->name, o->arg);
        }
    }
    return opt_store(app, args, o, value);
}

static int opt_parse_letters(struct app *app, struct args *args, opt_home *home,
                             const char *letters)
{
    for (const char *p = letters; *p; p++) {
        const struct opt *o = opt_find_letter(args->options, *p);
        o = o ? o : opt_find_letter(opt_global, *p);
        if (!o) {
            return opt_unknown(app, args, home, NULL, *p);
        }
        const char *value = NULL;
        if (o->arg) {
            value = p[1] ? p + 1 : opt_next_word(args);
            if (!value) {
                return app_usage_error(app, "-%c needs a value: -%c %s", *p, *p, o->arg);
            }
        }
        int rc = opt_store(app, args, o, value);
        if (rc || o->arg) {
            return rc;
        }
    }
    return APP_CLEAN;
}

/* A number such as -536870201 is an operand, not a bundle of letters. */
static bool opt_is_number(const char *s)
{
    bool hex = s[0] == '-' && s[1] == '0' && (s[2] == 'x' || s[2] == 'X') && s[3];
    return hex || (s[0] == '-' && s[1] && strspn(s + 1, "0123456789") == strlen(s + 1));
}

static void opt_add_owned(struct args *args, const char *text)
{
    args->owned = app_grow(args->owned, (args->owned_count + 1) * sizeof *args->owned);
    args->owned[args->owned_count] = app_strdup(text);
    opt_add_operand(args, args->owned[args->owned_count++]);
}

#define LIST_LIMIT ((size_t)64 << 20) /* bytes */

/* "@FILE": one operand a line, as a response file. */
static int opt_operands_from(struct app *app, struct args *args, const char *path)
{
    char *data;
    size_t size;
    const char *why = file_read_list(path, LIST_LIMIT, &data, &size);
    if (why) {
        char *list = app_alloc(strlen(path) + 2);
        (void)snprintf(list, strlen(path) + 2, "@%s", path);
        app_unread(app, list, "%s", why);
        free(list);
        return APP_UNREADABLE; /* which operands there are is not known */
    }
    output_never(path);
    for (char *line = data, *end = data + size; line < end;) {
        char *stop = memchr(line, '\n', (size_t)(end - line));
        stop = stop ? stop : end;
        char *after = stop + 1;
        while (stop > line && stop[-1] == '\r') {
            stop--;
        }
        *stop = 0;
        if (*line) {
            opt_add_owned(args, line);
        }
        line = after;
    }
    free(data);
    return APP_CLEAN;
}

void opt_open(struct args *args, int argc, char **argv)
{
    *args = (struct args){.argc = argc, .argv = argv, .next = 1, .operand_cap = 16};
    args->operands = app_alloc(args->operand_cap * sizeof *args->operands);
}

/* Reads options up to the next operand: *operand, NULL at the end. */
static int opt_parse_options(struct app *app, struct args *args, opt_home *home,
                             const char **operand)
{
    int rc = APP_CLEAN;
    *operand = NULL;
    while (rc == APP_CLEAN && args->next < args->argc) {
        const char *a = args->argv[args->next++];
        if (args->only_operands || a[0] != '-' || a[1] == 0 || opt_is_number(a)) {
            *operand = a;
            return APP_CLEAN;
        }
        if (strcmp(a, "--") == 0) {
            args->only_operands = true;
        } else if (a[1] == '-') {
            rc = opt_parse_long(app, args, home, a + 2);
        } else {
            rc = opt_parse_letters(app, args, home, a + 1);
        }
    }
    return rc;
}

int opt_parse_global(struct app *app, struct args *args, opt_home *home, const char **command)
{
    int rc = opt_parse_options(app, args, home, command);
    args->only_operands = false;
    return rc;
}

int opt_parse(struct app *app, const struct opt *options, struct args *args)
{
    const char *operand;
    args->options = options;
    int rc = opt_parse_options(app, args, NULL, &operand);
    while (rc == APP_CLEAN && operand) {
        if (!args->only_operands && operand[0] == '@' && operand[1]) {
            rc = opt_operands_from(app, args, operand + 1);
        } else {
            opt_add_operand(args, operand);
        }
        rc = rc ? rc : opt_parse_options(app, args, NULL, &operand);
    }
    return rc;
}

void opt_free(struct args *args)
{
    for (size_t i = 0; i < args->owned_count; i++) {
        free(args->owned[i]);
    }
    free(args->owned);
    free(args->operands);
    free(args->given);
    *args = (struct args){0};
}

const char *opt_nth(const struct args *args, const char *name, size_t i)
{
    for (size_t k = 0; k < args->given_count; k++) {
        if (strcmp(args->given[k].opt->name, name) == 0 && i-- == 0) {
            return args->given[k].value ? args->given[k].value : "";
        }
    }
    return NULL;
}

const char *opt_value(const struct args *args, const char *name)
{
    const char *last = NULL;
    for (size_t i = 0;; i++) {
        const char *v = opt_nth(args, name, i);
        if (!v) {
            return last;
        }
        last = v;
    }
}

bool opt_flag(const struct args *args, const char *name)
{
    return opt_nth(args, name, 0) != NULL;
}

char **opt_split(const char *list)
{
    return opt_divide(list, ',');
}
