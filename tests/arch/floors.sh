#!/usr/bin/env bash
# Holds the includes of cmd, src and lib against the table in tests/arch/floors: no arrow up, none
# sideways, no folder that is not in it. Prints each line that breaks it.
set -u
cd "$(dirname "$0")/../.." || exit 1

# An include names its folder ("view/page.h"), within the tree that its file is in; cmd sees src.
find cmd src lib -name '*.[ch]' ! -path 'lib/data/*' ! -path 'lib/include/*' -print0 |
    xargs -0 grep -HnE '^#include "' /dev/null |
    awk -F: '
        BEGIN {
            while ((getline line < "tests/arch/floors") > 0) {
                n = split(line, w, " ")
                for (i = 2; line !~ /^#/ && i <= n; i++) floor[w[i]] = w[1] + 0
            }
        }
        {
            file = $1
            from = file; sub("/[^/]*$", "", from)
            inc = $3; sub(/^#include "/, "", inc); sub(/".*/, "", inc)
            if (inc ~ /^dext\// || inc ~ /^(kb|kb_rules|html_parts|test_root|schema_[a-z_]*)\.h$/ || inc ~ /\.def$/) next
            if (!(from in floor)) {
                if (!told[from]++) print from ": not in tests/arch/floors"
                bad = 1
                next
            }
            to = inc
            if (!sub("/[^/]*$", "", to)) to = from == "cmd" ? "cmd" : "nowhere"
            else to = (from ~ /^lib/ ? "lib/" : "src/") to
            if (to == from) next
            if (!(to in floor)) {
                print file ":" $2 ": \"" inc "\": no folder of tests/arch/floors"
                bad = 1
            } else if (floor[to] >= floor[from]) {
                print file ":" $2 ": " from " (floor " floor[from] ") includes \"" inc "\" (floor " floor[to] ")"
                bad = 1
            }
        }
        END { exit bad }'
