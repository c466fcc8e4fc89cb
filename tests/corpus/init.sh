#!/usr/bin/env bash
# init for nodes of real registry dumps: what is written is sound, and its personality wins the node.
#   init.sh DEXTCTL
set -u
dextctl=$(realpath "$1")
if [ ! -d "${DEXTCTL_CORPUS:-}/runtime/ioreg" ]; then
    echo "no registry dumps (DEXTCTL_CORPUS): skipped"
    exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
PYTHONDONTWRITEBYTECODE=1 python3 "$(dirname "$0")/init.py" "$dextctl" "$DEXTCTL_CORPUS/runtime/ioreg" "$work"
