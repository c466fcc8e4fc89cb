#!/usr/bin/env bash
# Runs golden cases: FOLDER/cmd is a shell line (dextctl is on PATH), run in a copy of FOLDER/in if that
# is there; compared with FOLDER/out, FOLDER/err (empty when absent), FOLDER/rc. A FOLDER without cmd
# stands for the cases in it. UPDATE=1 rewrites them: look at the difference before you commit it.
#   run.sh DEXTCTL FOLDER...
# Few processes a case, for they are what the time goes into.
set -u
dextctl=$(realpath "$1")
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
ln -s "$dextctl" "$work/bin/dextctl"
unset NO_COLOR CLICOLOR_FORCE DEXTCTL_CONFIG GITHUB_WORKSPACE CI_PROJECT_DIR
export LC_ALL=C COLUMNS=80
PATH=$work/bin:$PATH
here=$PWD

content() { # FILE: its bytes are in $text (a NUL becomes \1), nothing when it is not there
    local part=
    text=
    [ -e "$1" ] || return
    while IFS= read -r -d '' part; do text+=$part$'\1'; done <"$1"
    text+=$part
}

same() { # WANT HAVE
    local want
    content "$1"
    want=$text
    content "$2"
    [ "$want" = "$text" ]
}

run_case() { # FOLDER
    local folder=$1 at=$work/$((++count)) rc want=
    mkdir "$at" "$at/in"
    [ ! -d "$folder/in" ] || cp -R "$folder/in/." "$at/in" # may be a link to another case's
    cd "$at/in" || exit 1
    bash "$folder/cmd" >"$at/out" 2>"$at/err" </dev/null
    rc=$?
    cd "$here" || exit 1
    if [ "${UPDATE:-}" = 1 ]; then
        cp "$at/out" "$folder/out"
        echo $rc >"$folder/rc"
        if [ -s "$at/err" ]; then cp "$at/err" "$folder/err"; else rm -f "$folder/err"; fi
        return
    fi
    [ -e "$folder/rc" ] && read -r want <"$folder/rc"
    if ! same "$folder/out" "$at/out" || ! same "$folder/err" "$at/err" || [ "$want" != $rc ]; then
        echo "$folder: differs"
        diff -u "$folder/out" "$at/out"
        [ -e "$folder/err" ] || : >"$at/none"
        diff -u "$([ -e "$folder/err" ] && echo "$folder/err" || echo "$at/none")" "$at/err"
        [ "$want" = $rc ] || echo "exit status $rc, not ${want:-told}"
        status=1
    fi
}

status=0
count=0
for folder; do
    case $folder in /*) ;; *) folder=$here/${folder%/} ;; esac
    if [ -e "$folder/cmd" ]; then
        run_case "$folder"
    else
        for inside in "$folder"/*/cmd; do
            [ -e "$inside" ] && run_case "${inside%/cmd}"
        done
    fi
done
echo "$count cases"
[ "$count" -gt 0 ] || { echo "no case in $*"; exit 1; }
exit $status
