#!/usr/bin/env bash
# A static function carries its subject: no two files define one of the same name, so that a profile,
# a backtrace and a search name one place.
set -eu
cd "$(dirname "$0")/../.."
names=$(grep -HoP '^static [^=;{}"(]*?\b\w+(?=\()' -r cmd src lib --include='*.c' |
    sed -E 's/:.*[ *]([A-Za-z_0-9]+)$/ \1/' | sort -u)
[ "$(wc -l <<<"$names")" -gt 2000 ] || { echo "static functions were not found"; exit 1; }
shared=$(awk '{ print $2 }' <<<"$names" | sort | uniq -d)
[ -z "$shared" ] && exit 0
for name in $shared; do
    echo "$name is a static function of more than one file: $(awk -v n="$name" '$2 == n { print $1 }' <<<"$names" | tr '\n' ' ')"
done
exit 1
