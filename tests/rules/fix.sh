#!/usr/bin/env bash
# --fix on the bad fixtures of every fixable rule: what was called fixable is gone afterwards, nothing
# new is reported, lines that no finding was about stay byte for byte, and a second run changes nothing.
#   fix.sh DEXTCTL
set -u
dextctl=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/all"
python3 "$(dirname "$0")/spread.py" "$work/all" "$(dirname "$0")"/DX* || exit 1
cd "$work/all" || exit 1
status=0
fail() { echo "$*" && status=1; }

# Each fixture in a folder of its own, so that all can be looked at in one run: RULE/NUMBER/NAME.
mapfile -t rules < <("$dextctl" rule --format json | jq -r '.rules[] | select(.fixable) | .rule')
for rule in "${rules[@]}"; do
    n=0
    for bad in "$rule"-*/bad*; do
        [ -f "$bad" ] || continue
        mkdir -p "$work/before/$rule/$((++n))"
        cp "$bad" "$work/before/$rule/$n"
    done
done
cd "$work" || exit 1

lint() { (cd "$1" && printf '%s\0' */*/* | "$dextctl" lint --no-config --no-gitignore --preview --format json --files-from - 2>/dev/null); }
mend() { # FOLDER
    for rule in "${rules[@]}"; do
        (cd "$1/$rule" && "$dextctl" lint --no-config --preview --select "$rule" --fix --fail-on never -- */*) >/dev/null 2>&1
    done
}
lint before >before.json
cp -R before after
mend after
lint after >after.json
cp -R after again
mend again
diff -rq after again >/dev/null || fail "a second --fix changes files once more:" "$(diff -r after again)"

# Of each file: how often each rule is reported, and how many findings of its own rule can be mended.
jq -r -n --slurpfile before before.json --slurpfile after after.json '
    def own: split("/")[0];
    def count(by): reduce .[0].findings[] as $f ({}; .[$f | by] += 1);
    def fixable: [.[0].findings[] | select(.fixable and .rule == (.file | own))] | [{findings: .}] | count(.file);
    ($before | fixable) as $could | ($after | fixable) as $left |
    ($before | count(.file + " " + .rule)) as $was |
    ($could | to_entries[] | "could \(.key) \(.value)"),
    ($left | to_entries[] | "left \(.key) \(.value)"),
    ($after | count(.file + " " + .rule) | to_entries[] | select(.value > ($was[.key] // 0)) |
     select($could[.key | split(" ")[0]]) | "more \(.key)")' >told
fixable=" "
while read -r what file value; do
    case $what in
    could) # removing an entry takes two lines, replacing one takes one: never more than that each
        changed=$(diff "before/$file" "after/$file" | grep -c '^<')
        [ "$changed" -le $((value * 8)) ] || fail "$file: $changed lines changed for $value findings"
        case $fixable in *" ${file%%/*} "*) ;; *) fixable+="${file%%/*} " ;; esac
        ;;
    left) fail "$file: $value findings that --fix ought to have mended are left" ;;
    more) fail "$file: mending brought in $value" ;;
    esac
done <told
for rule in "${rules[@]}"; do
    case $fixable in *" $rule "*) ;; *) fail "$rule is called fixable, but no bad fixture of it is" ;; esac
done
# shellcheck disable=SC2086
set -- $fixable
echo "$# rules mend their fixtures"
[ $# -gt 10 ] || fail "too few to prove anything"
exit $status
