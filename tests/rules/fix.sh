#!/usr/bin/env bash
# --fix on the bad fixtures of every fixable rule: what was called fixable is gone afterwards, nothing
# new is reported, lines that no finding was about stay byte for byte, and a second run changes nothing.
#   fix.sh DEXTCTL
set -u
dextctl=$(realpath "$1")
cd "$(dirname "$0")" || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0
fail() { echo "$*" && status=1; }

lint() { "$dextctl" lint --no-config --no-gitignore --preview --format json "$@" 2>/dev/null; }
rules_of() { jq -r '.findings[].rule' | sort | uniq -c; }

fixable=0
for rule in $("$dextctl" rule --format json | jq -r '.rules[] | select(.fixable) | .rule'); do
    fixed_here=0
    for bad in "$rule"-*/bad*; do
        [ -d "$bad" ] && continue
        copy=$work/${bad##*/}
        cp "$bad" "$copy"
        before=$(lint "$copy")
        count=$(jq --arg r "$rule" '[.findings[] | select(.rule == $r and .fixable)] | length' <<<"$before")
        if [ "$count" -gt 0 ]; then
            fixed_here=$((fixed_here + count))
            "$dextctl" lint --no-config --preview --select "$rule" --fix --fail-on never "$copy" >/dev/null 2>&1
            after=$(lint "$copy")
            left=$(jq --arg r "$rule" '[.findings[] | select(.rule == $r and .fixable)] | length' <<<"$after")
            [ "$left" -eq 0 ] || fail "$bad: $left findings of $rule that --fix ought to have mended are left"
            more=$(diff <(rules_of <<<"$before") <(rules_of <<<"$after") | awk '$1 == ">" && $2 > 0 { print $3 }' |
                while read -r r; do
                    b=$(jq --arg r "$r" '[.findings[] | select(.rule == $r)] | length' <<<"$before")
                    a=$(jq --arg r "$r" '[.findings[] | select(.rule == $r)] | length' <<<"$after")
                    [ "$a" -gt "$b" ] && echo "$r"
                done)
            [ -z "$more" ] || fail "$bad: mending $rule brought in" $more
            # Removing an entry takes two lines, replacing one takes one: never more than that each.
            changed=$(diff "$bad" "$copy" | grep -c '^<')
            [ "$changed" -le $((count * 8)) ] || fail "$bad: $changed lines changed for $count findings"
            cp "$copy" "$work/again"
            "$dextctl" lint --no-config --preview --select "$rule" --fix --fail-on never "$copy" >/dev/null 2>&1
            cmp -s "$copy" "$work/again" || fail "$bad: a second --fix changes the file once more"
        fi
        rm -f "$copy"
    done
    [ "$fixed_here" -gt 0 ] || fail "$rule is called fixable, but no bad fixture of it is"
    fixable=$((fixable + (fixed_here > 0)))
done
echo "$fixable rules mend their fixtures"
[ "$fixable" -gt 10 ] || fail "too few to prove anything"
exit $status
