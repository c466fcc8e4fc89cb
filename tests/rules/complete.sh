#!/usr/bin/env bash
# Every rule that the program knows has a fixture folder, and every folder a rule of that name.
#   complete.sh DEXTCTL
set -u
cd "$(dirname "$0")" || exit 1
want=$("$1" rule --format json | jq -r '.rules[] | "\(.rule)-\(.name)"' | sort)
have=$(ls -d DX* | sort)
if [ "$want" != "$have" ]; then
    echo "rules (<) and fixture folders (>) differ:"
    diff <(echo "$want") <(echo "$have")
    exit 1
fi
echo "$(echo "$want" | wc -l) rules have fixtures"
