/* The completion of zsh. */
#include "completion.h"

/* For a word in single quotes: brackets, colons and backslashes split zsh's specifications. */
static void zsh_quoted(FILE *out, const char *s)
{
    for (; s && *s; s++) {
        if (*s == '\'') {
            (void)fputs("'\\''", out);
        } else if (*s == '[' || *s == ']' || *s == ':' || *s == '\\') {
            (void)fprintf(out, "\\%c", *s);
        } else {
            (void)fputc(*s, out);
        }
    }
}

static void zsh_action(FILE *out, struct completion v)
{
    if (v.as == COMPLETE_CHOICES) {
        (void)fputc('(', out);
        completion_choices(out, v.choices);
        (void)fputc(')', out);
    } else if (v.as == COMPLETE_FILES || v.as == COMPLETE_FOLDERS) {
        (void)fputs(v.as == COMPLETE_FILES ? "_files" : "_files -/", out);
    } else if (v.as == COMPLETE_WORDS) {
        (void)fprintf(out, "_dextctl_%s%s", v.kind, v.list ? " -s ," : "");
    } else {
        (void)fputc(' ', out);
    }
}

static void zsh_options(FILE *out, const struct cmd *c, const struct opt *list)
{
    for (const struct opt *o = list; o && o->name; o++) {
        const char *sign = o->arg ? "=" : "";
        (void)fputs("            '*'", out);
        if (o->letter) {
            (void)fprintf(out, "{-%c%s,--%s%s}", o->letter, o->arg ? "+" : "", o->name, sign);
        } else {
            (void)fprintf(out, "--%s%s", o->name, sign);
        }
        (void)fputs("'[", out);
        zsh_quoted(out, o->help);
        (void)fputc(']', out);
        if (o->arg) {
            (void)fprintf(out, ":%s:", o->arg);
            zsh_action(out, completion_value(c, o));
        }
        (void)fputs("' \\\n", out);
    }
}

static void zsh_words(FILE *out)
{
    const struct words *w;
    struct word word;
    (void)fputs("_dextctl_command() {\n    local -a words=(\n", out);
    for (size_t i = 0; cmd_all[i]; i++) {
        (void)fprintf(out, "        '%s:", cmd_all[i]->name);
        zsh_quoted(out, cmd_all[i]->summary);
        (void)fputs("'\n", out);
    }
    (void)fputs("    )\n    _describe command words\n}\n", out);
    for (size_t i = 0; (w = completion_words_at(i)) != NULL; i++) {
        (void)fprintf(out, "_dextctl_%s() { # [-s ,]\n    _values \"$@\" '%s' \\\n", w->kind,
                      w->what);
        for (size_t k = 0; w->at(k, &word); k++) {
            (void)fprintf(out, "%s        '%s[", k ? " \\\n" : "", word.text);
            zsh_quoted(out, word.about ? word.about : w->what);
            (void)fputs("]'", out);
        }
        (void)fputs("\n}\n", out);
    }
}

void completion_zsh(FILE *out)
{
    zsh_words(out);
    (void)fputs("_dextctl() {\n    local curcontext=$curcontext state line\n"
                "    _arguments -C -s -S -A '-*' \\\n",
                out);
    zsh_options(out, NULL, opt_global);
    (void)fputs("            '1:command:_dextctl_command' '*::operand:->rest' && return\n"
                "    [[ $state == rest ]] || return\n"
                "    case $words[1] in\n",
                out);
    for (size_t i = 0; cmd_all[i]; i++) {
        const struct cmd *c = cmd_all[i];
        (void)fprintf(out, "    %s)\n        _arguments -s -S \\\n", c->name);
        zsh_options(out, c, c->options);
        zsh_options(out, c, opt_global);
        (void)fputs("            '", out);
        (void)fputs(c->most == 1 ? "1" : "*", out);
        (void)fputs(":operand:", out);
        zsh_action(out, completion_operand(c));
        (void)fputs("' ;;\n", out);
    }
    /* Loaded by compinit, the file is the function; sourced, it makes itself known. */
    (void)fputs("    esac\n}\n"
                "if [[ $funcstack[1] == _dextctl ]]; then\n    _dextctl \"$@\"\n"
                "else\n    compdef _dextctl dextctl\nfi\n",
                out);
}
