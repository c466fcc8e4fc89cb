#!/usr/bin/env bash
# Runs one golden case: FOLDER/cmd is a shell line (dextctl is on PATH), run with FOLDER/in as the
# current folder if it is there; compared with FOLDER/out, FOLDER/err (empty when absent), FOLDER/rc.
# UPDATE=1 rewrites them: look at the difference before you commit it.
#   run.sh DEXTCTL FOLDER
set -u
dextctl=$(realpath "$1")
folder=$(realpath "$2")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin" "$work/in"
ln -s "$dextctl" "$work/bin/dextctl"
[ -d "$folder/in" ] && cp -R "$folder/in/." "$work/in/"
cd "$work/in" || exit 1
unset NO_COLOR CLICOLOR_FORCE DEXTCTL_CONFIG
LC_ALL=C PATH="$work/bin:$PATH" bash "$folder/cmd" >"$work/out" 2>"$work/err" </dev/null
echo $? >"$work/rc"
if [ "${UPDATE:-}" = 1 ]; then
    cp "$work/out" "$folder/out"
    cp "$work/rc" "$folder/rc"
    if [ -s "$work/err" ]; then cp "$work/err" "$folder/err"; else rm -f "$folder/err"; fi
    exit 0
fi
status=0
[ -f "$folder/err" ] || : >"$work/none"
diff -u "$folder/out" "$work/out" || status=1
diff -u "$([ -f "$folder/err" ] && echo "$folder/err" || echo "$work/none")" "$work/err" || status=1
diff -u "$folder/rc" "$work/rc" || status=1
exit $status
