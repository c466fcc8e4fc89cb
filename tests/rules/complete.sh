#!/usr/bin/env bash
# Every rule that the program knows has a fixture folder, and every folder a rule of that name. Rules
# about signed code (DX5, DX7) are held by unit/test_code_rules.c instead, which itself sees to it that
# each is both broken and kept: what they look at cannot be made without Apple's certificates.
#   complete.sh DEXTCTL
set -u
dextctl=$(realpath "$1")
cd "$(dirname "$0")" || exit 1
want=$("$dextctl" rule --format json | jq -r '.rules[] | "\(.rule)-\(.name)"' |
    grep -Ev '^DX(5|7)' | sort)
have=$(printf '%s\n' DX* | grep -Ev '^DX(5|7)' | sort)
if [ "$want" != "$have" ]; then
    echo "rules (<) and fixture folders (>) differ:"
    diff <(echo "$want") <(echo "$have")
    exit 1
fi
echo "$(echo "$want" | wc -l) rules have fixtures"
