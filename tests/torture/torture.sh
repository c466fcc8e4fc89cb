#!/usr/bin/env bash
# Every command while the n-th call of a kind fails: tests/torture/torture.py. A sample of the calls;
# DEXTCTL_TORTURE=all takes every one.
#   torture.sh DEXTCTL BUILD
set -u
dextctl=$1
shim=$2/tests/libtorture.so
cd "$(dirname "$0")" || exit 1
[ -e "$shim" ] || { echo "no $shim: it is made on Linux with glibc"; exit 77; }
if nm "$dextctl" 2>/dev/null | grep -q __asan_init; then
    echo "a sanitizer has its own allocator: not tried"
    exit 77
fi
[ "${DEXTCTL_TORTURE:-}" = all ] && set -- --all || set --
exec nice python3 torture.py "$dextctl" "$shim" "$@"
