#!/usr/bin/env bash
# What is generated and committed is what the program would write today.
#   fresh.sh DEXTCTL
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
bash "$root/docs/generate.sh" "$1" "$out" || exit 1
status=0
for path in docs/rules docs/schemas docs/json.md docs/life-cycle.md completions man/dextctl-rules.7; do
    if ! diff -r "$root/$path" "$out/$path"; then
        echo "$path is stale: run docs/generate.sh DEXTCTL"
        status=1
    fi
done
exit $status
