#!/usr/bin/env bash
# explain against the commands for single kinds of evidence. explain.sh DEXTCTL
set -eu
exec python3 "$(dirname "$0")/explain.py" "$(realpath "$1")" "$(realpath "$(dirname "$0")/../cli")"
