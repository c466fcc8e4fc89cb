#!/usr/bin/env bash
# How far the fuzz targets reach: executions, features and executions a second of processor time of each,
# then the line coverage of lib by all of them together, room by room, and the files least reached.
#   coverage.sh                  seeds alone (tests/fuzz/corpus, what golden.py makes of the golden cases for
#                                fuzz_command, and what earlier runs found: build/fuzz/corpus)
#   coverage.sh SECONDS          searches on for so long first
#   coverage.sh SECONDS TARGET...
# Wants clang, llvm-profdata and llvm-cov of one version.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-0}
[ $# -gt 0 ] && shift
clang=${CLANG:-clang}
version=$("$clang" -dumpversion)
tool() { command -v "$1-${version%%.*}" || command -v "$1"; }
profdata=$(tool llvm-profdata) cov=$(tool llvm-cov)

build() { # NAME CMAKE-ARGUMENTS...
    local name=$1
    shift
    cmake -S . -B "build/$name" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_C_COMPILER="$clang" "$@" >/dev/null
    ninja -C "build/$name" --quiet "${targets[@]}"
}

targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
    for t in tests/fuzz/fuzz_*.c; do
        t=${t##*/}
        targets+=("${t%.c}")
    done
fi
build fuzz -DDEXTCTL_FUZZ=ON
build reach -DCMAKE_C_FLAGS='-fprofile-instr-generate -fcoverage-mapping'

rm -rf build/fuzz/golden
python3 tests/fuzz/golden.py build/fuzz/golden
rm -rf build/reach/raw
mkdir -p build/reach/raw
number() { grep -a "stat::$1" "build/reach/log" | tr -dc '0-9'; }
printf '%-20s %12s %10s %8s %8s\n' target executions features '1/s' inputs
for t in "${targets[@]}"; do
    found=build/fuzz/corpus/$t
    mkdir -p "$found" "tests/fuzz/corpus/$t"
    seeds=("$found" "tests/fuzz/corpus/$t")
    [ "$t" != fuzz_command ] || seeds+=(build/fuzz/golden)
    how=(-runs=0)
    [ "$seconds" = 0 ] || how=("-max_total_time=$seconds")
    TIMEFORMAT='%U'
    if ! used=$({ time "build/fuzz/tests/$t" "${how[@]}" -rss_limit_mb=2048 -timeout=10 -print_final_stats=1 \
        -artifact_prefix="build/fuzz/$t-" "${seeds[@]}" >build/reach/log 2>&1; } 2>&1); then
        tail -30 build/reach/log
        echo "$t: failed; the input is build/fuzz/$t-*"
    fi
    runs=$(number number_of_executed_units || echo 0)
    features=$(grep -ao ' ft: [0-9]*' build/reach/log | tail -1 | tr -dc '0-9')
    printf '%-20s %12s %10s %8s %8s\n' "$t" "$runs" "${features:-0}" \
        "$(awk -v n="${runs:-0}" -v s="$used" 'BEGIN { printf "%d", s > 0 ? n / s : 0 }')" \
        "$(find "${seeds[@]}" -type f | wc -l)"
    LLVM_PROFILE_FILE="build/reach/raw/$t.profraw" "build/reach/tests/$t" "${seeds[@]}" >/dev/null ||
        echo "$t: does not get through its seeds"
done

"$profdata" merge -sparse -o build/reach/all.profdata build/reach/raw/*.profraw
objects=("build/reach/tests/${targets[0]}")
for t in "${targets[@]:1}"; do
    objects+=(-object "build/reach/tests/$t")
done
"$cov" export -summary-only -instr-profile=build/reach/all.profdata "${objects[@]}" 2>/dev/null | python3 -c '
import json, os, sys
rooms, files = {}, []
for f in json.load(sys.stdin)["data"][0]["files"]:
    path, lines = os.path.relpath(f["filename"]), f["summary"]["lines"]
    if path.startswith("lib/") and lines["count"]:
        room = rooms.setdefault(path.split("/")[1], [0, 0])
        room[0] += lines["covered"]
        room[1] += lines["count"]
        files.append((lines["count"] - lines["covered"], lines["count"], path))
rooms["all of lib"] = [sum(r[i] for r in rooms.values()) for i in (0, 1)]
print("\n%-20s %8s %8s %7s" % ("room", "reached", "lines", "%"))
for name, (have, every) in rooms.items():
    print("%-20s %8d %8d %7.1f" % (name, have, every, 100 * have / max(every, 1)))
print("\nleast reached:")
for missed, every, path in sorted(files, reverse=True)[:25]:
    print("  %-36s %5d of %5d lines not" % (path, missed, every))
'
