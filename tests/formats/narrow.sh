#!/usr/bin/env bash
# What people read fits their terminal, and loses nothing by it (narrow.py).
#   narrow.sh DEXTCTL
set -u
python3 "$(dirname "$0")/narrow.py" "$(realpath "$1")"
