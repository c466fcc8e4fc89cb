#!/usr/bin/env bash
# explain --follow speaks while the stream is still open, and says when a failure is over; a file
# that grows is followed too.
#   follow.sh DEXTCTL
set -u
dextctl=$(realpath "$1")
work=$(mktemp -d)
trap 'kill $pids 2>/dev/null; rm -rf "$work"' EXIT
pids=

wait_for() { # TEXT FILE
    for _ in $(seq 600); do
        grep -q "$1" "$2" && return
        sleep 0.1
    done
    echo "not printed while the stream was open: $1"
    cat "$2"
    exit 1
}

mkfifo "$work/pipe"
"$dextctl" explain --follow <"$work/pipe" >"$work/out" 2>"$work/err" &
pids="$pids $!"
follower=$!
exec 3>"$work/pipe"
echo 'DK: AcmeDisk-0x100000abc: provider entitlements check failed' >&3
wait_for 'provider-entitlement-failed' "$work/out"
echo 'DK: AcmeDisk-0x100000abc::start(AcmeNub-0x100000abb) ok' >&3
wait_for '^Over: AcmeDisk' "$work/out"
echo 'DK: AcmeTape-0x100000abd user server timeout' >&3 # an effect: told when its cause does not come
wait_for '^Waiting: AcmeTape.*server-timeout' "$work/out"
grep -q '^[0-9]*\. AcmeTape' "$work/out" && { echo 'told before its cause could come'; cat "$work/out"; exit 1; }
wait_for '^[0-9]*\. AcmeTape' "$work/out"
exec 3>&-
wait "$follower"
rc=$?
[ $rc -eq 1 ] || { echo "exit status $rc"; exit 1; }
[ "$(grep -c 'provider-entitlement-failed' "$work/out")" -eq 2 ] || { echo "told twice"; cat "$work/out"; exit 1; }
[ ! -s "$work/err" ] || { cat "$work/err"; exit 1; }

echo 'Timestamp                       Thread     Type' >"$work/log"
"$dextctl" explain --follow --format ndjson "$work/log" >"$work/out" &
pids="$pids $!"
sleep 0.5
echo 'DK: AcmeDisk-0x100000abc: family entitlements check failed' >>"$work/log"
wait_for '"symptom": "family-entitlement-failed"' "$work/out"
