#!/usr/bin/env bash
# init for every family: the project that is written is read by readers that are not ours, lint says nothing
# about it, and match says that its personality wins.
#   init.sh DEXTCTL
set -u
dextctl=$(realpath "$1")
here=$(realpath "$(dirname "$0")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
PYTHONDONTWRITEBYTECODE=1 python3 "$here/init.py" "$dextctl" "$here/../../lib/data" "$work"
