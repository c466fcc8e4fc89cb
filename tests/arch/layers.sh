#!/usr/bin/env bash
# The house rules that a compiler does not check. Prints each line that breaks one.
set -u
cd "$(dirname "$0")/../.." || exit 1
status=0

forbid() { # WHAT PATTERN FILES...
    local what=$1 pattern=$2
    shift 2
    if grep -nE "$pattern" "$@" /dev/null; then
        echo "^ $what"
        status=1
    fi
}

mapfile -t all < <(find cmd src lib -name '*.[ch]')
lib=$(find lib -name '*.[ch]' ! -name 'mkkb*')
# shellcheck disable=SC2086
{
    forbid "lib never prints, exits or reads the environment" \
        '\b(printf|puts|putchar|perror|exit|_exit|getenv) ?\(' $lib
    forbid "lib never writes to a stream" '\b(fprintf|fputs|fputc|fwrite) ?\(' $lib
    forbid "lib does not know src or cmd" '#include "((app|view|lint|lsp|mac)/|cmd\.h)' $lib
}
forbid "src does not know cmd" '#include "cmd\.h"' src/*/*.[ch]
forbid "src and cmd use the public headers of lib only" \
    '#include "(base|plist|bundle|know|project|source|unified|rules|rights|error|sign|iokit|logs|panic|sysext|explain|platform|kb)[/.]' src/*/*.[ch] cmd/*.[ch]
forbid "banned: unbounded or locale-bound string functions" \
    '\b(strcpy|strcat|sprintf|vsprintf|strtok|atoi|atol|gets|alloca|localtime|gmtime) ?\(' \
    "${all[@]}"
mapfile -t house < <(printf '%s\n' "${all[@]}" | grep -E '^(cmd|src)/')
mapfile -t faceless < <(printf '%s\n' "${house[@]}" | grep -v '^src/app/face\.c$')
forbid "names of formats are compared in src/app/face.c alone" \
    'cmp ?\([^;]*"(human|json|ndjson|sarif|markdown|github|junit|gitlab|gcc)"|format\[0\]|[!=]= ?&[a-z_]+_(human|json|ndjson|record|sarif|markdown)\b' \
    "${faceless[@]}"
mapfile -t faceless < <(printf '%s\n' "${faceless[@]}" | grep -v '^src/view/record\.c$')
forbid "what a format does is looked up in a table by enum face, not asked" '(==|!=) ?FACE_' \
    "${faceless[@]}"
forbid "a document that is being written is no global" '^static struct (json|record_out) ' "${house[@]}"
# By hand only what is nobody's record: values of unknown shape, and formats of others.
mapfile -t records < <(printf '%s\n' "${house[@]}" | grep -vE \
    '^src/(app/json|view/(record|record_schema|node_value|ioreg_value|log_record|registry_html_data|sarif|explain_sarif|error_sarif)|lint/report_(sarif|gitlab))\.c$')
mapfile -t records < <(printf '%s\n' "${records[@]}" | grep '\.c$')
forbid "json is written from records (src/view/record.h)" '\bjson_(k?begin|key|kstr|kint|kbool) ?\(' \
    "${records[@]}"

# Size budgets: a file or function past them is split by theme.
for f in "${all[@]}"; do
    n=$(wc -l <"$f")
    limit=600
    case $f in cmd/*) limit=200 ;; esac
    if [ "$n" -gt "$limit" ]; then
        echo "$f has $n lines, more than $limit"
        status=1
    fi
done
awk '
    FNR == 1 { start = 0 }
    /^[a-z].*\)$/ || /^ .*\)$/ { head = FNR }
    /^\{$/ { start = FNR }
    /^\}$/ { if (start && FNR - start > 61) { print FILENAME ":" start ": function of " FNR - start " lines"; bad = 1 } start = 0 }
    END { exit bad }' "${all[@]}" || status=1
exit $status
