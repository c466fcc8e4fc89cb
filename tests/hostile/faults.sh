#!/usr/bin/env bash
# What may not be read, and operands without end: faults.py. Needs a user who is not root, or nobody.
# DEXTCTL_TORTURE=all: every fault on every file, as the nightly job does.
#   faults.sh DEXTCTL
all=
[ "${DEXTCTL_TORTURE:-}" != all ] || all=--all
exec nice python3 "$(dirname "$0")/faults.py" ${all:+"$all"} "$1" # what else ctest gives is for others
