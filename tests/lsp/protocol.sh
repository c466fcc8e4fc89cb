#!/usr/bin/env bash
# The language server with a client that frames messages by hand (client.py).
#   protocol.sh DEXTCTL
set -u
exec python3 "$(dirname "$0")/client.py" "$1"
