#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/words.h"
#include "cmd.h"
#include "view/error_view.h"

static const struct opt options[] = {
    {"domain", 'd', "DOMAIN", NULL, "consider only this source of codes, such as iokit or sysext",
     "domain"},
    {"list", 'l', NULL, NULL, "list the codes of the domains given, or the domains", NULL},
    OPT_END,
};

struct session {
    struct app *app;
    struct dext_errors *errors;
    const char *domain;
    const struct error_format *format;
    struct error_out out;
    bool unknown; /* something asked for is no known code */
    size_t found;
};

/* loose: lines of a log may well hold no code; that is not worth a word each. */
static void error_ask(struct session *s, const char *text, size_t n, bool loose)
{
    struct dext_error_answer a;
    (void)dext_errors_ask(s->errors, &a, text, n, s->domain);
    for (size_t i = 0; i < a.count; i++) {
        s->format->result(&s->out, text, &a.hits[i], i == 0);
        s->unknown |= a.hits[i].kind != DEXT_ERROR_KNOWN;
    }
    s->found += a.count;
    if (a.count == 0 && !loose) {
        s->format->result(&s->out, text, NULL, true);
        s->unknown = true;
    }
}

/* Longest line of standard input that is looked at; what follows up to its end is not. */
#define LINE_BYTES 65536

static void ask_line(struct session *s, char *line, size_t n, bool cut)
{
    while (n && (line[n - 1] == '\r' || line[n - 1] == ' ')) {
        n--;
    }
    line[n] = 0;
    for (char *nul; (nul = memchr(line, 0, n)) != NULL;) {
        *nul = ' ';
    }
    if (n) {
        error_ask(s, line, n, strchr(line, ' ') != NULL);
    }
    if (cut) {
        app_error(s->app, "-: a line is longer than %d bytes; its rest was not read", LINE_BYTES);
    }
}

/* A code or a line of a log each line, as they come: a log may be long and may still be growing. */
static int ask_stdin(struct session *s)
{
    char chunk[4096];
    char *line = app_alloc(LINE_BYTES + 1);
    size_t n = 0, before = s->found;
    bool cut = false;
    ssize_t got = 0;
    /* ferror: nobody reads the results any more, so the rest of an endless input is left alone. */
    while (!ferror(s->app->out) && (got = read(STDIN_FILENO, chunk, sizeof chunk)) != 0) {
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            app_unread(s->app, "-", "cannot be read: %s", strerror(errno));
            free(line);
            return APP_UNREADABLE;
        }
        for (ssize_t i = 0; i < got; i++) {
            if (chunk[i] == '\n') {
                ask_line(s, line, n, cut);
                n = 0;
                cut = false;
            } else if (n < LINE_BYTES) {
                line[n++] = chunk[i];
            } else {
                cut = true;
            }
        }
        (void)fflush(s->app->out); /* a log that still grows is answered as it comes */
    }
    ask_line(s, line, n, cut);
    free(line);
    if (s->found == before && !s->unknown) {
        app_error(s->app, "-: no error code in it");
        s->unknown = true;
    }
    return APP_CLEAN;
}

static int error_list(struct session *s, const struct args *args)
{
    struct dext_error_domain d;
    for (size_t i = 0; i < args->operand_count; i++) {
        int rc = words_check(s->app, words_find("domain"), NULL, args->operands[i]);
        if (rc) {
            return rc;
        }
    }
    s->format->open(&s->out, args->operand_count ? "codes" : "domains");
    for (size_t i = 0; args->operand_count == 0 && dext_error_domain_at(i, &d); i++) {
        s->format->domain(&s->out, &d);
    }
    for (size_t i = 0; i < args->operand_count; i++) {
        const struct dext_error *rows;
        size_t count;
        (void)dext_errors_list(s->errors, args->operands[i], &rows, &count);
        for (size_t k = 0; k < count; k++) {
            s->format->row(&s->out, &rows[k]);
        }
    }
    s->format->close(&s->out);
    return APP_CLEAN;
}

static int error_explain(struct session *s, const struct args *args)
{
    int rc = APP_CLEAN;
    s->format->open(&s->out, "results");
    for (size_t i = 0; i < args->operand_count; i++) {
        if (strcmp(args->operands[i], "-") == 0) {
            int one = ask_stdin(s);
            rc = one ? one : rc;
        } else {
            error_ask(s, args->operands[i], strlen(args->operands[i]), false);
        }
    }
    s->format->close(&s->out);
    return rc ? rc : s->unknown ? APP_FINDINGS : APP_CLEAN;
}

static int error_run(struct app *app, const struct args *args)
{
    struct session s = {.app = app,
                        .errors = dext_errors_new(),
                        .domain = opt_value(args, "domain"),
                        .format = error_format_for(app->face),
                        .out = {.app = app}};
    int rc = opt_flag(args, "list") ? error_list(&s, args) : error_explain(&s, args);
    dext_errors_free(s.errors);
    return rc;
}

static const struct cmd_example examples[] = {
    {"dextctl error 0xe00002c7 -536870201 711", "three ways to write the same code"},
    {"dextctl error kIOReturnNotPermitted", "what it means to a driver, and what to check"},
    {"dextctl error 'OSSystemExtensionErrorDomain error 9'", "a pasted line: every code in it"},
    {"dextctl error --list iokit", "all codes of a domain"},
    {NULL, NULL},
};

const struct cmd cmd_error = {
    .name = "error",
    .summary = "explain an error code or the codes in a line of a log",
    .usage = "error [OPTIONS] CODE|NAME|LINE...",
    .text =
        "Takes a number in hex (with or without 0x) or decimal (signed or not), the low 14 bits "
        "alone, a constant's name in any case with or without its prefix, or a whole line of a "
        "log. Several meanings of one number are ranked: first the one that a driver's author "
        "most likely has met.\n\n"
        "The operand - reads codes or lines from standard input.",
    .formats = "human|json|ndjson",
    .form = &error_form,
    .options = options,
    .examples = examples,
    .exits = "  0  every code is known\n"
             "  1  a code is not known, or there was none\n"
             "  2  wrong usage\n"
             "  3  standard input could not be read\n",
    .operands = "text",
    .needs = "a code, a name or a line of a log",
    .instead = "list",
    .run = error_run,
};
