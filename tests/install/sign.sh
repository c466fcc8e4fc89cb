#!/usr/bin/env bash
# packaging/macos/sign.py: what it signs ad hoc is intact to dextctl, for both kinds of Mac, whether it was signed
# before or not; a byte changed afterwards is found. Needs clang and ld64.lld.
#   sign.sh DEXTCTL
set -u
dextctl=$(realpath "$1")
sign=$(realpath "$(dirname "$0")/../../packaging/macos/sign.py")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
PATH=$PATH:$(llvm-config --bindir 2>/dev/null)
for tool in clang ld64.lld; do command -v $tool >/dev/null || { echo "no $tool: skipped"; exit 77; }; done
status=0
wrong() { echo "$1"; status=1; }
echo 'int many[5000] = {1}; int main(void) { return many[7]; }' >a.c
for arch in x86_64 arm64; do
    clang --target=$arch-apple-macos11 -O1 -c a.c -o $arch.o &&
        ld64.lld -arch $arch -platform_version macos 11.0 11.0 -bundle -headerpad 100 -no_adhoc_codesign -o $arch $arch.o || exit 1
    "$dextctl" signature $arch >told 2>&1
    grep -q 'signed ad hoc' told && wrong "$arch: signed before"
    for try in 1 2; do
        python3 "$sign" $arch org.example.Tool || wrong "$arch: sign.py fails ($try)"
        cp $arch once.$try
        "$dextctl" signature $arch >told || wrong "$arch: $(cat told)"
        grep -q 'intact, but nobody vouches for it: signed ad hoc' told || wrong "$arch: $(cat told)"
        grep -q 'identifier    org.example.Tool' told || wrong "$arch: another identifier"
    done
    cmp once.1 once.2 || wrong "$arch: signed again, it is another"
    size=$(wc -c <$arch)
    printf 'X' | dd of=$arch bs=1 seek=$((size / 2)) conv=notrunc status=none
    "$dextctl" signature $arch >told && wrong "$arch: a changed byte is not found: $(cat told)"
done
head -c 100 a.c | python3 "$sign" /dev/stdin x 2>/dev/null && wrong "text is signed"
exit $status
