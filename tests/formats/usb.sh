#!/usr/bin/env bash
# lint and match agree about every combination of USB keys (usb.py).
#   usb.sh DEXTCTL
set -u
exec python3 "$(dirname "$0")/usb.py" "$(realpath "$1")"
