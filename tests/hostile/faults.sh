#!/usr/bin/env bash
# What may not be read, and operands without end: faults.py. Needs a user who is not root, or nobody.
#   faults.sh DEXTCTL
exec nice python3 "$(dirname "$0")/faults.py" "$1"
