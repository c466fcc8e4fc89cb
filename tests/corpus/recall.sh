#!/usr/bin/env bash
# lint on the real files of the corpus: recall and false positives a rule. See recall.py.
#   recall.sh DEXTCTL
set -u
dextctl=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
if [ ! -f "${DEXTCTL_CORPUS:-}/static/INDEX.tsv" ]; then
    echo "the corpus is not there (DEXTCTL_CORPUS): skipped"
    exit 77
fi
json=$(mktemp)
trap 'rm -f "$json"' EXIT
cd "$DEXTCTL_CORPUS/static" || exit 1
"$dextctl" lint --no-config --format json --fail-on never entitlements infoplists pbxproj profiles >"$json" 2>/dev/null
status=$?
if [ $status -ne 0 ] && [ $status -ne 3 ]; then
    echo "lint ended with $status"
    exit 1
fi
python3 "$here/recall.py" INDEX.tsv "$json"
