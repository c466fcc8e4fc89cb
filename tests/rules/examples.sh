#!/usr/bin/env bash
# The examples of the rules (lib/data/rules, shown by `dextctl rule`) are run: examples.py.
#   examples.sh DEXTCTL [RULE...]
set -u
exec python3 "$(dirname "$0")/examples.py" "$(realpath "$1")" "${@:2}"
