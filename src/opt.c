#include "opt.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "nearest.h"

const struct opt opt_global[] = {
    {"format", 'f', "FMT", NULL, "choose the output format", NULL},
    {"color", 0, "WHEN", "auto|always|never", "colour the output (NO_COLOR is honoured)", NULL},
    {"quiet", 'q', NULL, NULL, "print results only: no progress, no summary", NULL},
    {"verbose", 'v', NULL, NULL, "say more: notes, skipped inputs, reasons", NULL},
    {"help", 'h', NULL, NULL, "print this help", NULL},
    {"version", 0, NULL, NULL, "print the version", NULL},
    OPT_END,
};

static const struct opt *find_long(const struct opt *list, const char *name, size_t n)
{
    for (; list && list->name; list++) {
        if (strlen(list->name) == n && strncmp(list->name, name, n) == 0) {
            return list;
        }
    }
    return NULL;
}

static const struct opt *find_letter(const struct opt *list, char letter)
{
    for (; list && list->name; list++) {
        if (list->letter == letter) {
            return list;
        }
    }
    return NULL;
}

static bool is_choice(const char *choices, const char *value)
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

static int unknown_option(const struct app *app, const struct args *args, const char *name,
                          size_t n)
{
    const char *names[64];
    size_t count = 0;
    for (const struct opt *o = args->options; o && o->name && count < 50; o++) {
        names[count++] = o->name;
    }
    for (const struct opt *o = opt_global; o->name; o++) {
        names[count++] = o->name;
    }
    char typed[64];
    (void)snprintf(typed, sizeof typed, "%.*s", (int)n, name);
    const char *near = nearest(typed, names, count);
    return app_usage_error(app, "there is no option --%s%s%s%s", typed,
                           near ? "; did you mean --" : "", near ? near : "", near ? "?" : "");
}

static int store(struct app *app, struct args *args, const struct opt *o, const char *value)
{
    if (o->choices && value && !is_choice(o->choices, value)) {
        return app_usage_error(app, "--%s takes one of %s, not '%s'", o->name, o->choices, value);
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

static void add_operand(struct args *args, const char *text)
{
    if (args->operand_count + 1 >= args->operand_cap) {
        args->operand_cap = args->operand_cap ? args->operand_cap * 2 : 16;
        args->operands = app_grow(args->operands, args->operand_cap * sizeof *args->operands);
    }
    args->operands[args->operand_count++] = text;
    args->operands[args->operand_count] = NULL;
}

static int parse_long(struct app *app, struct args *args, char **argv, int argc, int *i)
{
    const char *name = argv[*i] + 2;
    size_t n = strcspn(name, "=");
    const struct opt *o = find_long(args->options, name, n);
    o = o ? o : find_long(opt_global, name, n);
    if (!o) {
        return unknown_option(app, args, name, n);
    }
    const char *value = name[n] == '=' ? name + n + 1 : NULL;
    if (!o->arg && value) {
        return app_usage_error(app, "--%s takes no value", o->name);
    }
    if (o->arg && !value) {
        if (*i + 1 >= argc) {
            return app_usage_error(app, "--%s needs a value: --%s %s", o->name, o->name, o->arg);
        }
        value = argv[++*i];
    }
    return store(app, args, o, value);
}

static int parse_letters(struct app *app, struct args *args, char **argv, int argc, int *i)
{
    for (const char *p = argv[*i] + 1; *p; p++) {
        const struct opt *o = find_letter(args->options, *p);
        o = o ? o : find_letter(opt_global, *p);
        if (!o) {
            return app_usage_error(app, "there is no option -%c", *p);
        }
        const char *value = NULL;
        if (o->arg) {
            value = p[1] ? p + 1 : *i + 1 < argc ? argv[++*i] : NULL;
            if (!value) {
                return app_usage_error(app, "-%c needs a value: -%c %s", *p, *p, o->arg);
            }
        }
        int rc = store(app, args, o, value);
        if (rc || o->arg) {
            return rc;
        }
    }
    return APP_CLEAN;
}

/* A number such as -536870201 is an operand, not a bundle of letters. */
static bool is_number(const char *s)
{
    return s[0] == '-' && s[1] && strspn(s + 1, "0123456789") == strlen(s + 1);
}

static void add_owned(struct args *args, const char *text)
{
    args->owned = app_grow(args->owned, (args->owned_count + 1) * sizeof *args->owned);
    args->owned[args->owned_count] = app_strdup(text);
    add_operand(args, args->owned[args->owned_count++]);
}

/* "@FILE": one operand a line, as a response file. */
static int operands_from(struct app *app, struct args *args, const char *path)
{
    FILE *in = fopen(path, "r");
    if (!in) {
        return app_usage_error(app, "@%s: %s", path, strerror(errno));
    }
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;
    while ((n = getline(&line, &cap, in)) > 0) {
        while (n && (line[n - 1] == '\n' || line[n - 1] == '\r')) {
            line[--n] = 0;
        }
        if (n) {
            add_owned(args, line);
        }
    }
    bool failed = ferror(in) != 0;
    int reason = errno;
    free(line);
    (void)fclose(in);
    return failed ? app_usage_error(app, "@%s: %s", path, strerror(reason)) : APP_CLEAN;
}

int opt_parse(struct app *app, const char *command, const struct opt *options, int argc,
              char **argv, struct args *args, bool *help)
{
    (void)command;
    *args = (struct args){.options = options};
    args->operand_cap = 16;
    args->operands = app_alloc(args->operand_cap * sizeof *args->operands);
    bool only_operands = false;
    for (int i = 1; i < argc; i++) {
        const char *a = argv[i];
        int rc = APP_CLEAN;
        if (only_operands || a[0] != '-' || a[1] == 0 || is_number(a)) {
            if (!only_operands && a[0] == '@' && a[1]) {
                rc = operands_from(app, args, a + 1);
            } else {
                add_operand(args, a);
            }
        } else if (strcmp(a, "--") == 0) {
            only_operands = true;
        } else if (a[1] == '-') {
            rc = parse_long(app, args, argv, argc, &i);
        } else {
            rc = parse_letters(app, args, argv, argc, &i);
        }
        if (rc) {
            return rc;
        }
    }
    *help = opt_flag(args, "help");
    return APP_CLEAN;
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
    size_t count = 1;
    for (const char *p = list; *p; p++) {
        count += *p == ',';
    }
    size_t n = strlen(list) + 1;
    char **out = app_alloc((count + 1) * sizeof *out + n);
    char *text = (char *)(out + count + 1);
    memcpy(text, list, n);
    size_t k = 0;
    for (char *p = text; p;) {
        char *comma = strchr(p, ',');
        if (comma) {
            *comma++ = 0;
        }
        if (*p) {
            out[k++] = p;
        }
        p = comma;
    }
    return out;
}
