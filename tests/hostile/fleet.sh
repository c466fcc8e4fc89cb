#!/usr/bin/env bash
# Many reports, explained by several processes of which some are killed, and again: nothing is lost, nothing
# counts twice. 60 reports with DEXTCTL_QUICK=1, else 2,000.
#   fleet.sh DEXTCTL
set -u
dextctl=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
export dextctl
many=$([ "${DEXTCTL_QUICK:-}" = 1 ] && echo 60 || echo 2000)
mkdir reports rows
texts=('provider entitlements check failed' 'family entitlements check failed' 'nothing of note')
for ((i = 0; i < many; i++)); do
    printf '2026-11-%02d 10:15:%02d.%06d+0000 0x1f3c     Default     0x0                  0      0    kernel: DK: Disk%d-0x100000abc: %s\n' \
        $((i % 28 + 1)) $((i % 60)) "$i" $((i % 5)) "${texts[i % 3]}" >"reports/$i.txt"
done
cat >one <<'END'
#!/bin/bash
# A report: its row comes into place whole or not at all. DIE: one in so many is killed before.
name=$(basename "$1")
[ -e "rows/$name.ndjson" ] && exit
if [ "${DIE:-0}" -gt 0 ] && [ $((RANDOM % DIE)) -eq 0 ]; then
    "$dextctl" explain -j 1 --format ndjson "$1" >"rows/$name.part" 2>/dev/null &
    kill -9 $!
    exit 1
fi
"$dextctl" explain -j 1 --format ndjson "$1" >"rows/$name.part" 2>/dev/null
[ $? -le 1 ] && mv "rows/$name.part" "rows/$name.ndjson"
END
chmod +x one
begin=$(date +%s)
printf '%s\0' reports/*.txt | DIE=5 xargs -0 -P "$(nproc)" -n 1 ./one 2>/dev/null
first=$(find rows -name '*.ndjson' | wc -l)
printf '%s\0' reports/*.txt | xargs -0 -P "$(nproc)" -n 1 ./one
printf '%s\0' reports/1*.txt | xargs -0 -n 50 sh -c 'for f; do "$dextctl" explain --format ndjson "$f"; done' _ >again.ndjson
status=0
"$dextctl" triage --format json rows/*.ndjson again.ndjson >table.json
have=$(jq -c '[.reports, .without, .bad, ([.groups[].reports] | add)]' table.json)
want="[$many,$((many / 3)),0,$((many - many / 3))]"
[ "$have" = "$want" ] || { echo "counted $have, not $want"; status=1; }
[ "$(jq .doubles table.json)" -gt 0 ] || { echo "no row was there twice"; status=1; }
[ "$first" -lt "$many" ] || { echo "no job was killed"; status=1; }
echo "$many reports in $(($(date +%s) - begin)) s, $first of them in the first run"
exit $status
