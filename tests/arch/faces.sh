#!/usr/bin/env bash
# A face is a command in one format. Each has a golden case that shows it as it is written: dextctl runs
# with that --format (human: without one), and what reads its output shortens texts at most (sed, an
# edit by jq), but picks nothing out.
#   faces.sh DEXTCTL
set -u
dextctl=$(realpath "$1")
cd "$(dirname "$0")/../cli" || exit 1

shown() { # COMMAND FORMAT: some case shows the face
    local options='([^|;&]* )?' end="[^|;&]*(\\| (sed|jq) .*)?\$"
    if [ "$2" = human ]; then
        cat */*/cmd | grep -E "dextctl $options$1\b$end" | grep -qvE -- '(--format|-f)\b'
    else
        cat */*/cmd | grep -E "dextctl $options$1\b$end" | grep -v "jq -" | grep -qE -- "(--format[= ]|-f ?|-[a-z]f )$2\b"
    fi
}

status=0 count=0
while read -r command formats; do
    for format in ${formats//|/ }; do
        count=$((count + 1))
        if ! shown "$command" "$format"; then
            echo "no golden case shows $command --format $format (tests/cli/$command)"
            status=1
        fi
    done
done < <("$dextctl" help --format json | jq -r '.commands[] | "\(.name) \(.formats // "human")"')
if [ "$count" -lt 30 ]; then
    echo "only $count faces were found"
    status=1
fi
exit $status
