#!/usr/bin/env bash
# A kext that real tools built, with its dSYM: every address of its code, held against what those tools
# say of it (symbols.py). Needs clang, ld64.lld, dsymutil, llvm-nm, llvm-lipo and llvm-symbolizer.
#   symbols.sh DEXTCTL
set -u
find_tool() {
    for name in "$1" "$1"-{30..14}; do
        command -v "$name" && return
    done
    for folder in /usr/lib/llvm-{30..14}/bin /opt/homebrew/opt/{llvm,lld}/bin; do
        [ -x "$folder/$1" ] && echo "$folder/$1" && return
    done
    echo "no $1: skipped" >&2
    return 1
}
tools=()
for tool in clang ld64.lld dsymutil llvm-nm llvm-lipo llvm-symbolizer; do
    path=$(find_tool $tool) || exit 77
    tools+=("$path")
done
exec python3 "$(dirname "$0")/symbols.py" "$(realpath "$1")" "${tools[@]}"
