#!/usr/bin/env bash
# What may not be read, and operands without end: faults.py. Needs a user who is not root, or nobody.
# DEXTCTL_TORTURE=all: every fault on every file, as the nightly job does.
#   faults.sh DEXTCTL
[ "${DEXTCTL_TORTURE:-}" = all ] && set -- "$1" --all
exec nice python3 "$(dirname "$0")/faults.py" "$@"
