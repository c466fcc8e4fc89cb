#!/usr/bin/env bash
# How the work grows with the input, kind by kind: growth.py.
#   growth.sh DEXTCTL
exec nice python3 "$(dirname "$0")/growth.py" "$1"
