/* The script is made of three parts: what was asked for, one block a piece of evidence (their table
 * is lib/data/evidence.rec), and the archive. */
#include <stdlib.h>
#include <string.h>

#include "dext/log.h"
#include "dext/redact.h"
#include "mac/collect.h"

#define REPORT_DAYS 7         /* crash reports and panics are looked for this far back */
#define LOG_BYTES (256 << 20) /* the newest part of a log that is kept */

static const char head[] =
    "#!/bin/sh\n"
    "# Collects what dextctl explain needs to say why a driver extension does not work.\n"
    "# Run it on the Mac where it fails, best while it does, and with sudo: some of it is shown\n"
    "# to root only. It changes nothing, sends nothing, and writes one archive: look it over "
    "before\n"
    "# you pass it on. Then, on any machine: dextctl explain ARCHIVE\n"
    "set -u\n"
    "umask 077\n"
    "export COPYFILE_DISABLE=1\n\n";

static const char functions[] =
    "\n"
    "fail() {\n"
    "    printf 'collect: %s\\n' \"$1\" >&2\n"
    "    exit 3\n"
    "}\n"
    "\n"
    "say() {\n"
    "    [ \"$quiet\" = yes ] || printf '%s\\n' \"$1\" >&2\n"
    "}\n"
    "\n"
    "# NAME STATUS: takes down how it went; what is empty is left out.\n"
    "finish() {\n"
    "    have=yes\n"
    "    if [ ! -d \"$1\" ] && [ ! -s \"$1\" ]; then\n"
    "        have=no\n"
    "        rm -f \"$1\"\n"
    "    fi\n"
    "    printf '%s\\t%s\\t%s\\n' \"$1\" \"$2\" \"$have\" >>collected.tsv\n"
    "    [ \"$2\" = 0 ] || say \"  it ended with status $2; the rest goes on\"\n"
    "}\n"
    "\n"
    "# BUNDLE FOLDER: what a bundle says of itself.\n"
    "describe() {\n"
    "    inside=$1\n"
    "    [ -d \"$1/Contents\" ] && inside=$1/Contents\n"
    "    mkdir -p \"$2\" || return\n"
    "    cp \"$inside/Info.plist\" \"$2/Info.plist\"\n"
    "    codesign -d --verbose=4 --entitlements - \"$1\" >\"$2/codesign.txt\" 2>&1\n"
    "    codesign --verify --strict --verbose=4 \"$1\" >\"$2/verify.txt\" 2>&1\n"
    "    if [ -f \"$inside/embedded.provisionprofile\" ]; then\n"
    "        security cms -D -i \"$inside/embedded.provisionprofile\" >\"$2/profile.plist\"\n"
    "    fi\n"
    "    return 0\n"
    "}\n"
    "\n"
    "# PID: ends a process and what it started.\n"
    "end_tree() {\n"
    "    for child in $(pgrep -P \"$1\"); do\n"
    "        end_tree \"$child\"\n"
    "    done\n"
    "    kill \"$1\" 2>/dev/null\n"
    "}\n"
    "\n"
    "# SECONDS: waits for the job that was just started; ends it when it takes longer.\n"
    "watch() {\n"
    "    job=$!\n"
    "    (\n"
    "        left=$1\n"
    "        while [ \"$left\" -gt 0 ]; do\n"
    "            sleep 1\n"
    "            kill -0 \"$job\" 2>/dev/null || exit 0\n"
    "            left=$((left - 1))\n"
    "        done\n"
    "        printf 'ended after %s seconds: %s\\n' \"$1\" \"$2\" >>messages\n"
    "        end_tree \"$job\"\n"
    "    ) >/dev/null 2>&1 &\n"
    "    guard=$!\n"
    "    wait \"$job\"\n"
    "    status=$?\n"
    "    kill \"$guard\" 2>/dev/null\n"
    "    wait \"$guard\" 2>/dev/null\n"
    "    return \"$status\"\n"
    "}\n"
    "\n"
    "# NAME MASK: masks what this machine and its user are called, where it stands by itself.\n"
    "name() {\n"
    "    case $1 in\n"
    "    root | admin | user | test | Shared | driver | kernel | localhost) return ;;\n"
    "    ???*) ;;\n"
    "    *) return ;;\n"
    "    esac\n"
    "    plain=$(printf '%s' \"$1\" | LC_ALL=C sed 's/[^A-Za-z0-9 _-]/./g')\n"
    "    # Twice: neighbours share the character between them.\n"
    "    line=$(printf 's#(^|[^A-Za-z0-9._-])%s([^A-Za-z0-9._-]|[.]?$)#\\\\1%s\\\\2#g' \"$plain\" "
    "\"$2\")\n"
    "    printf '%s\\n%s\\n' \"$line\" \"$line\"\n"
    "}\n"
    "\n"
    "names() {\n"
    "    name \"$(id -un)\" USER\n"
    "    name \"${SUDO_USER:-}\" USER\n"
    "    name \"$(id -F \"${SUDO_USER:-$(id -un)}\" 2>/dev/null)\" NAME\n"
    "    for key in ComputerName LocalHostName HostName; do\n"
    "        name \"$(scutil --get \"$key\" 2>/dev/null)\" HOST\n"
    "    done\n"
    "    name \"$(uname -n)\" HOST\n"
    "}\n"
    "\n"
    "# Masks what names a person or a device, in every file below the current folder.\n"
    "mask() {\n"
    "    cat >\"$work/mask.sed\" <<'END'\n";

static const char masked[] =
    "END\n"
    "    names >>\"$work/mask.sed\"\n"
    "    find . -type f -exec sh -c 'for f do\n"
    "        LC_ALL=C sed -E -f \"$0\" \"$f\" >\"$0.out\" && cat \"$0.out\" >\"$f\" || rm -f "
    "\"$f\"\n"
    "    done' \"$work/mask.sed\" {} +\n"
    "}\n"
    "\n"
    "[ -n \"$output\" ] || output=dextctl-evidence-$(date +%Y%m%d-%H%M%S).tar.gz\n"
    "case $output in\n"
    "- | /*) ;;\n"
    "*) output=$PWD/$output ;;\n"
    "esac\n"
    "case $app in\n"
    "'' | /*) ;;\n"
    "*) app=$PWD/$app ;;\n"
    "esac\n"
    "if [ \"$output\" != - ]; then\n"
    "    [ ! -h \"$output\" ] || fail \"$output is a symbolic link\"\n"
    "    [ ! -e \"$output\" ] || [ -f \"$output\" ] || fail \"$output is no regular file\"\n"
    "    [ ! -e \"$output\" ] || [ \"$force\" = yes ] || fail \"$output exists already\"\n"
    "    [ ! -e \"$output\" ] || [ -w \"$output\" ] || fail \"$output may not be written\"\n"
    "fi\n"
    "work=$(mktemp -d \"${TMPDIR:-/tmp}/dextctl-collect.XXXXXX\") || fail 'no folder to work in'\n"
    "part=\n"
    "trap 'rm -rf \"$work\"; [ -z \"$part\" ] || rm -f \"$part\"' EXIT\n"
    "trap 'exit 3' HUP INT TERM\n"
    "mkdir \"$work/dextctl-evidence\" || fail \"$work: no room\"\n"
    "cd \"$work/dextctl-evidence\" || fail \"$work is gone\"\n"
    "[ \"$(id -u)\" = 0 ] || say 'not root: the log and other parts may be incomplete'\n"
    "printf 'name\\tstatus\\tcollected\\n' >collected.tsv\n";

static const char tail[] =
    "\n"
    "[ \"$redact\" = no ] || mask\n"
    "cd \"$work\" || fail \"$work is gone\"\n"
    "if [ \"$output\" = - ]; then\n"
    "    tar -czf - dextctl-evidence\n"
    "    exit\n"
    "fi\n"
    "part=$(mktemp \"$output.XXXXXX\") || fail \"$output cannot be written\"\n"
    "tar -czf \"$part\" dextctl-evidence || fail \"$output cannot be written\"\n"
    "if [ \"$force\" = yes ]; then\n"
    "    mv -f \"$part\" \"$output\" || fail \"$output cannot be replaced\"\n"
    "elif ! ln \"$part\" \"$output\" 2>/dev/null; then\n"
    "    mv -n \"$part\" \"$output\" || fail \"$output cannot be written\"\n"
    "    [ ! -e \"$part\" ] || fail \"$output exists already\"\n"
    "fi\n"
    "[ -z \"${SUDO_UID:-}\" ] || chown \"$SUDO_UID:${SUDO_GID:-}\" \"$output\"\n"
    "say \"written: $output\"\n";

/* 'text' for the shell, with ' in it as '\'' . */
static void collect_script_quoted(FILE *out, const char *text)
{
    (void)fputc('\'', out);
    for (; *text; text++) {
        (void)fputs(*text == '\'' ? "'\\''" : (char[]){*text, 0}, out);
    }
    (void)fputc('\'', out);
}

static void variable(FILE *out, const char *name, const char *value)
{
    (void)fprintf(out, "%s=", name);
    collect_script_quoted(out, value);
    (void)fputc('\n', out);
}

static const char *yes(bool b)
{
    return b ? "yes" : "no";
}

static void asked(FILE *out, const struct collect_options *o)
{
    variable(out, "last", o->last);
    (void)fprintf(out, "days=%d\nbytes=%d\n", REPORT_DAYS, LOG_BYTES);
    variable(out, "app", o->app ? o->app : "");
    variable(out, "output", o->output ? o->output : "");
    (void)fprintf(out, "redact=%s\nforce=%s\nquiet=%s\n", yes(o->redact), yes(o->force),
                  yes(o->quiet));
    (void)fputs("system= # another root folder, such as a mounted volume\n", out);
}

/* Each runs in a shell of its own: what fails there ends nothing else. */
static void block(FILE *out, const struct dext_collect_item *item)
{
    (void)fputs("\nsay ", out);
    collect_script_quoted(out, item->why);
    (void)fputs("\n(\n", out);
    for (const char *line = item->command; *line;) {
        size_t n = strcspn(line, "\n");
        (void)fprintf(out, "    %.*s\n", (int)n, line);
        line += n + (line[n] == '\n');
    }
    (void)fprintf(out, ") >%s 2>>messages </dev/null &\nwatch %u %s\nfinish %s \"$?\"\n",
                  item->output ? item->file : "/dev/null", item->limit, item->file, item->file);
}

static void substitute(FILE *out, const struct dext_redaction *r)
{
    (void)fprintf(out, "s#%s#\\1%s", r->pattern, r->mask);
    (void)fprintf(out, r->rest ? "\\%u#g\n" : "#g\n", r->rest);
}

/* The forms of lib/data/redactions.rec for sed. A <key> that ends its line is looked at with its
 * value, which may be some lines long. Neighbours share the character between them: each form
 * twice. */
static void masks(FILE *out)
{
    struct dext_redaction r;
    (void)fputs("/<\\/key>[[:space:]]*$/{\n$!N\n:more\n/<data>[^<]*$/{\n$!{\nN\nb more\n}\n}\n",
                out);
    for (size_t i = 0; dext_redaction_at(i, &r); i++) {
        if (r.value) {
            substitute(out, &r);
        }
    }
    (void)fputs("}\n", out);
    for (size_t i = 0; dext_redaction_at(i, &r); i++) {
        substitute(out, &r);
        if (r.rest) {
            substitute(out, &r);
        }
    }
}

char *collect_script(const struct app *app, const struct collect_options *o)
{
    size_t count, size;
    char *text = NULL;
    const struct dext_collect_item *items = dext_collect_items(app->ctx, &count);
    FILE *out = open_memstream(&text, &size);
    if (!out) {
        abort();
    }
    (void)fputs(head, out);
    asked(out, o);
    (void)fputs(functions, out);
    masks(out);
    (void)fputs(masked, out);
    for (size_t i = 0; i < count; i++) {
        if ((!items[i].app || o->app) && (!items[i].archive || o->archive)) {
            block(out, &items[i]);
        }
    }
    (void)fputs(tail, out);
    if (fclose(out) != 0) {
        abort();
    }
    return text;
}

const char *collect_bad_last(const char *last)
{
    size_t n = strspn(last, "0123456789");
    bool unit = last[n] == 0 || (strchr("smhd", last[n]) && last[n + 1] == 0);
    return strcmp(last, "boot") == 0 || (n > 0 && n < 8 && unit)
               ? NULL
               : "a number with s, m, h or d behind it (30m), or boot";
}
