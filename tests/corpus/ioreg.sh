#!/usr/bin/env bash
# Every registry dump of a real system: as many nodes as python counts in it, the same driver
# extensions as a search for their properties finds, the dump equal to itself, in every format.
#   ioreg.sh DEXTCTL
set -u
dextctl=$(realpath "$1")
if [ ! -d "${DEXTCTL_CORPUS:-}/runtime/ioreg" ]; then
    echo "no registry dumps (DEXTCTL_CORPUS): skipped"
    exit 77
fi
exec python3 "$(dirname "$0")/ioreg.py" "$dextctl" "$DEXTCTL_CORPUS/runtime/ioreg"
