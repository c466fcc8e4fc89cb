#!/usr/bin/env bash
# The names at file level (types, constants, macros, tables) are one folder's own: all its files go
# through the compiler as one, as the release preset compiles them in batches (CMakeLists.txt,
# in_batches). Tables of records are left out, as there.
#   rooms.sh DEXTCTL
set -u
build=$(cd "$(dirname "$1")" && pwd)
cd "$(dirname "$0")/../.." || exit 1
command -v cc >/dev/null || { echo "no compiler: not checked"; exit 77; }
read -r -a libraries < <(pkg-config --cflags libxml-2.0 jansson libcrypto libarchive libpcre2-8)
status=0 count=0
for room in lib/*/ src/*/; do
    files=$(find "$room" -maxdepth 1 -name '*.c' | grep -Ev '^lib/data/|_(record|html|html_data)\.c$' | sort)
    [ -n "$files" ] || continue
    count=$((count + 1))
    # shellcheck disable=SC2001
    if ! sed 's|.*|#include "&"|' <<<"$files" |
        cc -x c -std=c17 -fsyntax-only -Wall -Wextra -Werror -D_GNU_SOURCE -DDEXTCTL_HOMEPAGE='""' \
            -I. -Ilib/include -Ilib -Isrc -I"$build/kb" -I"$build/html" "${libraries[@]}" -; then
        echo "^ two files of $room give one name to different things"
        status=1
    fi
done
if [ "$count" -lt 20 ]; then
    echo "only $count rooms were found"
    status=1
fi
exit $status
