#!/usr/bin/env bash
# Real signed bundles and packages, kept outside the project: what `signature` says of them against
# an independent computation (Python and the openssl command), and bytes flipped at random.
#   signed.sh DEXTCTL          DEXTCTL_SIGNED: a folder of .pkg files and bundles
#                              DEXTCTL_FLIPS, DEXTCTL_SEED: flips for each bundle (20), and the seed
set -u
if [ ! -d "${DEXTCTL_SIGNED:-}" ]; then
    echo "DEXTCTL_SIGNED names no folder of signed bundles: skipped"
    exit 77
fi
exec python3 "$(dirname "$0")/signed.py" "$(realpath "$1")" "$DEXTCTL_SIGNED"
