/* The completion of bash; it runs in 3.2, which macOS has. */
#include "completion.h"

static void bash_kind(FILE *out, struct completion v)
{
    if (v.as == COMPLETE_CHOICES) {
        (void)fputs("kind='", out);
        completion_choices(out, v.choices);
        (void)fputs("'", out);
    } else {
        (void)fprintf(out, "kind=@%s%s", v.list ? "list:" : "",
                      v.as == COMPLETE_FILES     ? "file"
                      : v.as == COMPLETE_FOLDERS ? "dir"
                      : v.as == COMPLETE_WORDS   ? v.kind
                                                 : "text");
    }
    (void)fputs(" ;;\n", out);
}

/* c: NULL before a command is named. */
static void bash_values(FILE *out, const struct cmd *c, const struct opt *list)
{
    const char *name = c ? c->name : "";
    for (; list && list->name; list++) {
        if (list->arg) {
            (void)fprintf(out, "    %s:--%s", name, list->name);
            if (list->letter) {
                (void)fprintf(out, " | %s:-%c", name, list->letter);
            }
            (void)fputs(") ", out);
            bash_kind(out, completion_value(c, list));
        }
    }
}

static void bash_names(FILE *out, const struct opt *list)
{
    for (; list && list->name; list++) {
        if (list->letter) {
            (void)fprintf(out, " -%c", list->letter);
        }
        (void)fprintf(out, " --%s", list->name);
    }
}

static void bash_words(FILE *out)
{
    const struct words *w;
    struct word word;
    (void)fputs(
        "_dextctl_words() { # KIND: its words, one a line\n    case $1 in\n    command) echo '",
        out);
    for (size_t i = 0; cmd_all[i]; i++) {
        (void)fprintf(out, "%s%s", i ? "\n" : "", cmd_all[i]->name);
    }
    (void)fputs("' ;;\n", out);
    for (size_t i = 0; (w = completion_words_at(i)) != NULL; i++) {
        (void)fprintf(out, "    %s) echo '", w->kind);
        for (size_t k = 0; w->at(k, &word); k++) {
            (void)fprintf(out, "%s%s", k ? "\n" : "", word.text);
        }
        (void)fputs("' ;;\n", out);
    }
    (void)fputs("    esac\n}\n", out);
}

static void bash_tables(FILE *out)
{
    (void)fputs(
        "_dextctl_kind() { # COMMAND OPTION: sets kind, to nothing for a flag; COMMAND: of its "
        "operands\n    case $1:$2 in\n",
        out);
    bash_values(out, NULL, opt_global);
    (void)fputs("    :) kind=@command ;;\n", out);
    for (size_t i = 0; cmd_all[i]; i++) {
        bash_values(out, cmd_all[i], cmd_all[i]->options);
        bash_values(out, cmd_all[i], opt_global);
        (void)fprintf(out, "    %s:) ", cmd_all[i]->name);
        bash_kind(out, completion_operand(cmd_all[i]));
    }
    (void)fputs("    *) kind= ;;\n    esac\n}\n_dextctl_options() { # COMMAND\n    case $1 in\n",
                out);
    for (size_t i = 0; cmd_all[i]; i++) {
        (void)fprintf(out, "    %s) echo", cmd_all[i]->name);
        bash_names(out, cmd_all[i]->options);
        bash_names(out, opt_global);
        (void)fputs(" ;;\n", out);
    }
    (void)fputs("    *) echo", out);
    bash_names(out, opt_global);
    (void)fputs(" ;;\n    esac\n}\n", out);
}

static const char bash_reading[] =
    "# COMMAND WORD: an option. Sets kind, what its value is, and left, what of the value stands "
    "in\n"
    "# WORD itself; kind is empty when it takes none.\n"
    "_dextctl_option() {\n"
    "    local word=$2 i\n"
    "    kind='' left='' have=''\n"
    "    if [[ $word == --*=* ]]; then\n"
    "        _dextctl_kind \"$1\" \"${word%%=*}\"\n"
    "        left=${word#*=} have=1\n"
    "    elif [[ $word == --* ]]; then\n"
    "        _dextctl_kind \"$1\" \"$word\"\n"
    "    else\n"
    "        for ((i = 1; i < ${#word}; i++)); do\n"
    "            _dextctl_kind \"$1\" \"-${word:i:1}\"\n"
    "            [[ $kind ]] && break\n"
    "        done\n"
    "        left=${word:i+1}\n"
    "        [[ $left ]] && have=1\n"
    "    fi\n"
    "}\n"
    "# CUR BEFORE: completes CUR as a word of kind; BEFORE is what stands before it in its word.\n"
    "_dextctl_complete() {\n"
    "    local cur=$1 before=$2 words='' given='' IFS=$'\\n'\n"
    "    case $kind in\n"
    "    @text) return ;;\n"
    "    @file | @dir)\n"
    "        local action=-f\n"
    "        [[ $kind == @dir ]] && action=-d\n"
    "        # shellcheck disable=SC2207 # bash 3.2 has no mapfile\n"
    "        COMPREPLY=($(compgen -P \"$before\" $action -- \"$cur\"))\n"
    "        [[ $before ]] || compopt -o filenames 2>/dev/null\n"
    "        return ;;\n"
    "    @list:*)\n"
    "        words=$(_dextctl_words \"${kind#@list:}\")\n"
    "        if [[ $cur == *,* ]]; then\n"
    "            given=${cur%,*},\n"
    "            cur=${cur##*,}\n"
    "        fi ;;\n"
    "    @*) words=$(_dextctl_words \"${kind#@}\") ;;\n"
    "    *) words=${kind// /$'\\n'} ;;\n"
    "    esac\n"
    "    # shellcheck disable=SC2207\n"
    "    COMPREPLY=($(compgen -P \"$before$given\" -W \"$words\" -- \"$cur\"))\n"
    "}\n";

static const char bash_main[] =
    "_dextctl() {\n"
    "    local command='' kind='' left='' have='' ended='' before='' glue='' i word\n"
    "    local -a line=()\n"
    "    COMPREPLY=()\n"
    "    # Where = breaks words, --format=json comes as three.\n"
    "    for ((i = 1; i <= COMP_CWORD; i++)); do\n"
    "        word=${COMP_WORDS[i]}\n"
    "        if [[ $glue || ( $word == = && ${#line[@]} -gt 0 && ${line[${#line[@]} - 1]} == --* ) "
    "]]; "
    "then\n"
    "            line[${#line[@]} - 1]+=$word\n"
    "            glue=\n"
    "            [[ $word == = ]] && glue=1\n"
    "        else\n"
    "            line+=(\"$word\")\n"
    "        fi\n"
    "    done\n"
    "    local last=$((${#line[@]} - 1))\n"
    "    for ((i = 0; i < last; i++)); do\n"
    "        word=${line[i]}\n"
    "        if [[ $kind ]]; then\n"
    "            kind= # it was the value of the option before\n"
    "        elif [[ $word == -- ]]; then\n"
    "            [[ $command ]] && ended=1\n"
    "        elif [[ $word == -?* && -z $ended ]]; then\n"
    "            _dextctl_option \"$command\" \"$word\"\n"
    "            [[ $have ]] && kind=\n"
    "        elif [[ -z $command ]]; then\n"
    "            command=$word\n"
    "        fi\n"
    "    done\n"
    "    word=${line[last]}\n"
    "    if [[ $kind ]]; then\n"
    "        _dextctl_complete \"$word\" ''\n"
    "        return\n"
    "    fi\n"
    "    if [[ $word == -* && -z $ended ]]; then\n"
    "        _dextctl_option \"$command\" \"$word\"\n"
    "        if [[ $have && $kind ]]; then\n"
    "            before=${word%\"$left\"}\n"
    "            [[ $word == --* && $COMP_WORDBREAKS == *=* ]] && before=\n"
    "            _dextctl_complete \"$left\" \"$before\"\n"
    "        elif [[ -z $have ]]; then\n"
    "            kind=$(_dextctl_options \"$command\")\n"
    "            _dextctl_complete \"$word\" ''\n"
    "        fi\n"
    "        return\n"
    "    fi\n"
    "    _dextctl_kind \"$command\" ''\n"
    "    _dextctl_complete \"$word\" ''\n"
    "}\n"
    "complete -F _dextctl dextctl\n";

void completion_bash(FILE *out)
{
    bash_words(out);
    bash_tables(out);
    (void)fputs(bash_reading, out);
    (void)fputs(bash_main, out);
}
