#!/usr/bin/env bash
# The script that collect prints: shellcheck finds nothing in it (where that is installed), every shell
# that is here can read it, and nothing that is passed to collect is ever run by it.
#   collect.sh DEXTCTL
set -u
dextctl=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
status=0
evil="x'; touch pwned; echo '\$(touch pwned)\`touch pwned\`\\"

"$dextctl" collect --print --app My.app --redact --force >plain.sh || status=1
mkdir "$evil"
HOME=$work "$dextctl" collect --print --app "$evil" --output "$evil/out.tar.gz" --last 1m --quiet >evil.sh || status=1
for script in plain.sh evil.sh; do
    for shell in sh dash ksh bash zsh; do
        if command -v "$shell" >/dev/null && ! "$shell" -n "$script"; then
            echo "$shell cannot read $script"
            status=1
        fi
    done
done
if command -v shellcheck >/dev/null && ! shellcheck -s sh plain.sh; then
    status=1
fi
HOME=$work sh evil.sh 2>said || { cat said; status=1; }
if [ -e pwned ] || [ ! -s "$evil/out.tar.gz" ]; then
    echo "a name became a command, or the archive is missing"
    status=1
fi
# Every part failed on a system without Apple's tools, and each failure is taken down.
parts=$(tar -xzOf "$evil/out.tar.gz" dextctl-evidence/collected.tsv | wc -l)
if [ "$parts" -lt 12 ]; then
    echo "only $parts lines in collected.tsv"
    status=1
fi
exit $status
