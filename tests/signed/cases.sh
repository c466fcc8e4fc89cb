#!/usr/bin/env bash
# The golden cases of products signed up to a root that counts as Apple's: cases/NAME, as cli/run.sh has
# them, with $SIGNED (this folder) to make them: python3 $SIGNED/products.py NAME...
#   [UPDATE=1] cases.sh DEXTCTL BUILD [CASE...]
set -u
twin=$2/tests/dextctl-test-root
here=$(dirname "$(realpath "$0")")
[ -x "$twin" ] || { echo "built without DEXTCTL_TEST_ROOT"; exit 77; }
DEXTCTL_TEST_CA=$(realpath "$2")/tests/ca
export DEXTCTL_TEST_CA SIGNED=$here PYTHONDONTWRITEBYTECODE=1
shift 2
[ $# -gt 0 ] || set -- "$here/cases"
exec bash "$here/../cli/run.sh" "$twin" "$@"
