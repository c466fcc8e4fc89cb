#!/usr/bin/env bash
# Text and archives of one registry read as one tree (ioreg.py).
#   ioreg.sh DEXTCTL
set -u
python3 "$(dirname "$0")/ioreg.py" "$(realpath "$1")"
