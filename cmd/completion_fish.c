/* The completion of fish. */
#include "completion.h"

static void fish_quoted(FILE *out, const char *s)
{
    (void)fputc('\'', out);
    for (; s && *s; s++) {
        if (*s == '\'' || *s == '\\') {
            (void)fputc('\\', out);
        }
        (void)fputc(*s, out);
    }
    (void)fputc('\'', out);
}

/* What completes it, as options of `complete`. */
static void fish_action(FILE *out, struct completion v)
{
    if (v.as == COMPLETE_CHOICES) {
        (void)fputs(" -x -a '", out);
        completion_choices(out, v.choices);
        (void)fputs("'", out);
    } else if (v.as == COMPLETE_WORDS) {
        (void)fprintf(out, " -x -a '(__dextctl_%s %s)'", v.list ? "list" : "words", v.kind);
    } else if (v.as == COMPLETE_FOLDERS) {
        (void)fputs(" -x -a '(__fish_complete_directories)'", out);
    } else {
        (void)fputs(v.as == COMPLETE_FILES ? " -r -F" : " -x", out);
    }
}

static void fish_options(FILE *out, const struct cmd *c, const struct opt *list)
{
    for (const struct opt *o = list; o && o->name; o++) {
        (void)fprintf(out, "complete -c dextctl -n '%s%s' -l %s",
                      c ? "__dextctl_is " : "not __dextctl_command >/dev/null", c ? c->name : "",
                      o->name);
        if (o->letter) {
            (void)fprintf(out, " -s %c", o->letter);
        }
        if (o->arg) {
            fish_action(out, completion_value(c, o));
        }
        (void)fputs(" -d ", out);
        fish_quoted(out, o->help);
        (void)fputc('\n', out);
    }
}

static void fish_words(FILE *out)
{
    const struct words *w;
    struct word word;
    (void)fputs("function __dextctl_words # KIND: word, tab, what it is\n    switch $argv[1]\n",
                out);
    (void)fputs("        case command\n            printf '%s\\t%s\\n'", out);
    for (size_t i = 0; cmd_all[i]; i++) {
        (void)fprintf(out, " \\\n                %s ", cmd_all[i]->name);
        fish_quoted(out, cmd_all[i]->summary);
    }
    (void)fputc('\n', out);
    for (size_t i = 0; (w = completion_words_at(i)) != NULL; i++) {
        (void)fprintf(out, "        case %s\n            printf '%%s\\t%%s\\n'", w->kind);
        for (size_t k = 0; w->at(k, &word); k++) {
            (void)fprintf(out, " \\\n                %s ", word.text);
            fish_quoted(out, word.about ? word.about : w->what);
        }
        (void)fputc('\n', out);
    }
    (void)fputs("    end\nend\n", out);
}

/* The command on the line: what is neither an option nor the value of one. */
static void fish_reading(FILE *out)
{
    (void)fputs(
        "function __dextctl_list # KIND: likewise, behind what stands before the last comma\n"
        "    set -l token (commandline -ct | string replace -r '^(--[^=]*=|-[A-Za-z])' '')\n"
        "    set -l before (string replace -r '[^,]*$' '' -- \"$token\")\n"
        "    for word in (__dextctl_words $argv[1])\n"
        "        echo \"$before$word\"\n"
        "    end\n"
        "end\n"
        "function __dextctl_command # prints the command; fails when there is none yet\n"
        "    set -l words (commandline -opc)[2..-1]\n"
        "    while set -q words[1]\n"
        "        if string match -qr '^(-[",
        out);
    for (const struct opt *o = opt_global; o->name; o++) {
        (void)fprintf(out, "%.1s", o->letter && !o->arg ? &o->letter : "");
    }
    (void)fputs("]*[", out);
    for (const struct opt *o = opt_global; o->name; o++) {
        (void)fprintf(out, "%.1s", o->letter && o->arg ? &o->letter : "");
    }
    (void)fputs("]", out);
    for (const struct opt *o = opt_global; o->name; o++) {
        (void)fprintf(out, "%s%s", o->arg ? "|--" : "", o->arg ? o->name : "");
    }
    (void)fputs(")$' -- $words[1]\n"
                "            set -e words[1]\n"
                "        else if not string match -q -- '-?*' $words[1]\n"
                "            echo $words[1]\n"
                "            return 0\n"
                "        end\n"
                "        set -e words[1]\n"
                "    end\n"
                "    return 1\n"
                "end\n"
                "function __dextctl_is # COMMAND\n"
                "    test (__dextctl_command; or echo -) = $argv[1]\n"
                "end\n",
                out);
}

void completion_fish(FILE *out)
{
    fish_words(out);
    fish_reading(out);
    (void)fputs("complete -c dextctl -n 'not __dextctl_command >/dev/null' -f -a "
                "'(__dextctl_words command)'\n",
                out);
    fish_options(out, NULL, opt_global);
    for (size_t i = 0; cmd_all[i]; i++) {
        const struct cmd *c = cmd_all[i];
        struct completion v = completion_operand(c);
        if (v.as != COMPLETE_FILES) {
            (void)fprintf(out, "complete -c dextctl -n '__dextctl_is %s' -f", c->name);
            if (v.as == COMPLETE_WORDS) {
                (void)fprintf(out, " -a '(__dextctl_words %s)'", v.kind);
            }
            (void)fputc('\n', out);
        }
        fish_options(out, c, c->options);
        fish_options(out, c, opt_global);
    }
}
