#!/usr/bin/env bash
# Checks folders of rule fixtures: DXnnn-name/{bad*,good*,expect}; without FOLDER all of them. A
# NAME.edit among them is a base and what is changed in it: spread.py.
# "expect" has a line PATH:LINE:COLUMN for each place where the rule must be reported in bad*;
# good* must not report it at all.
#   run.sh DEXTCTL [FOLDER...]
# Fixtures must not see one another, and a process for each would take minutes: the first of every
# folder are checked in one run of dextctl, then the second of every folder, and so on.
set -u
dextctl=$(realpath "$1")
shift
[ $# -gt 0 ] || set -- "$(dirname "$0")"/DX*
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0
rounds=0
mkdir -p "$work/all/.git" # no project above is looked for
python3 "$(dirname "$0")/spread.py" "$work/all" "$@" || exit 1
cd "$work/all" || exit 1
for folder; do
    name=${folder%/}
    name=${name##*/}
    bad=$(echo "$name"/bad*)
    good=$(echo "$name"/good*)
    if [ ! -s "$name/expect" ] || [ "$bad" = "$name/bad*" ] || [ "$good" = "$name/good*" ]; then
        echo "$name: needs bad*, good* and expect"
        exit 1
    fi
    round=0
    for fixture in "$name"/bad* "$name"/good*; do
        printf '%s\0' "$fixture" >>"$work/round-$round"
        round=$((round + 1))
        case $fixture in "$name"/bad*) echo "$fixture" >>"$work/bad" ;; esac
    done
    # DXnnn FOLDER/PATH:LINE:COLUMN
    while IFS= read -r place || [ -n "$place" ]; do
        [ -z "$place" ] || echo "${name%%-*} $name/$place"
    done <"$name/expect" >>"$work/expected"
done
for round in "$work"/round-*; do
    rounds=$((rounds + 1))
    "$dextctl" lint --no-config --no-gitignore --preview --verbose --format json --files-from "$round" 2>/dev/null
done >"$work/json"
sort "$work/expected" >"$work/want"
jq -r '.findings[] | .rule as $r | select(.file | startswith($r + "-")) | "\(.rule) \(.file):\(.line):\(.column)"' \
    "$work/json" | sort >"$work/have"
if ! diff "$work/want" "$work/have" >"$work/difference"; then
    echo "places that are expected (<) and reported (>) differ:"
    cat "$work/difference"
    status=1
fi
# A bad fixture without a place would prove nothing.
while IFS= read -r bad; do
    case $(<"$work/want") in *" $bad:"* | *" $bad/"*) ;; *) echo "$bad: no place in expect"; status=1 ;; esac
done <"$work/bad"
echo "$# folders, $(wc -l <"$work/want") places, $rounds runs"
exit $status
