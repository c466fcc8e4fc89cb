#!/usr/bin/env bash
# Checks one folder of rule fixtures: DXnnn-name/{bad*,good*,expect}.
# "expect" has a line PATH:LINE:COLUMN for each place where the rule must be reported in bad*;
# good* must not report it at all.
#   run.sh DEXTCTL FOLDER
set -u
dextctl=$(realpath "$1")
folder=$2
rule=$(basename "$folder" | cut -d- -f1)
cd "$folder" || exit 1
status=0

places() {
    "$dextctl" lint --no-config --no-gitignore --preview --select "$rule" --format json "$@" 2>/dev/null |
        jq -r '.findings[] | "\(.file):\(.line):\(.column)"' | sort
}

if ! ls -d bad* good* >/dev/null 2>&1 || [ ! -s expect ]; then
    echo "$folder: needs bad*, good* and expect"
    exit 1
fi
for bad in bad*; do
    want=$(grep "^${bad}[:/]" expect | sort)
    have=$(places "$bad")
    if [ -z "$want" ] || [ "$want" != "$have" ]; then
        printf '%s: %s\n--- expected\n%s\n--- reported\n%s\n' "$folder" "$bad" "$want" "$have"
        status=1
    fi
done
for good in good*; do
    have=$(places "$good")
    if [ -n "$have" ]; then
        printf '%s: %s must be clean, reported:\n%s\n' "$folder" "$good" "$have"
        status=1
    fi
done
exit $status
