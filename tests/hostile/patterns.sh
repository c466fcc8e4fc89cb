#!/usr/bin/env bash
# No pattern of a symptom may take more than linear time on a line: every literal of the knowledge
# base, behind long runs of what patterns begin with, is searched in time. Patterns that looked at a
# line from each of its places took minutes.
#   patterns.sh DEXTCTL
# DEXTCTL_QUICK=1 makes the runs a tenth as long.
set -u
dextctl=$(realpath "$1")
rec=$(realpath "$(dirname "$0")")/../../lib/data/symptoms
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
sed -n 's/^literal: //p' "$rec"/[1-79]-*.rec >literals
[ "$(wc -l <literals)" -gt 100 ] || { echo "no literals found"; exit 1; }
python3 - "${DEXTCTL_QUICK:+2000}" <<'PY'
import sys
length = int(sys.argv[1] or 20000)
runs = ["a", "/a ", "/a.dext", "com.a: ", "a-0x1 ", "(a) ", "a.b (c) ", " ", "DK: ", "open ",
        "[system/a ", "IOPCIDevice::", "extension a ", "extPath=/a.dext "]
literals = open("literals").read().splitlines()
with open("log", "w") as f:
    for run in runs:
        for literal in literals:
            f.write(f"kernel: {run * (length // len(run))}{literal}\n")
PY
timeout 120 "$dextctl" explain --quiet log >out 2>err
case $? in
0 | 1) ;;
3) grep -q 'searches for patterns hit' err || { echo "explain failed: $(head -1 err)"; exit 1; } ;;
*) echo "explain did not come to an end in time, or failed: $(head -1 err)"; exit 1 ;;
esac
