#!/usr/bin/env bash
# Real signed bundles against an independent computation, and damaged (signed.py). They are other
# people's programs and in no repository: DEXTCTL_SIGNED names a folder that has some.
#   signed.sh DEXTCTL
set -u
if [ -z "${DEXTCTL_SIGNED:-}" ] || [ ! -d "$DEXTCTL_SIGNED" ]; then
    echo "DEXTCTL_SIGNED names no folder of signed bundles: skipped"
    exit 77
fi
dextctl=$(realpath "$1")
mapfile -t bundles < <(find "$DEXTCTL_SIGNED" \( -name '*.app' -o -name '*.dext' -o -name '*.kext' \) -prune -print | sort)
python3 "$(dirname "$0")/signed.py" "$dextctl" "${DEXTCTL_FLIPS:-200}" "${bundles[@]}"
