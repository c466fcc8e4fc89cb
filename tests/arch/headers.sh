#!/usr/bin/env bash
# Each public header compiles by itself, as C17 with pedantic warnings and as C++.
set -u
cd "$(dirname "$0")/../../lib/include" || exit 1
status=0
for h in dext/*.h; do
    echo "#include \"$h\"" | ${CC:-cc} -std=c17 -Wall -Wextra -Wpedantic -Werror -I. -fsyntax-only -x c - || status=1
    echo "#include \"$h\"" | ${CXX:-c++} -std=c++17 -Wall -Wextra -Werror -I. -fsyntax-only -x c++ - || status=1
done
exit $status
