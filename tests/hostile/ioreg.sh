#!/usr/bin/env bash
# Hostile and huge registry dumps: bounded time and memory, an answer or one clear line, never a crash.
#   ioreg.sh DEXTCTL
# DEXTCTL_QUICK=1 makes them a tenth as large and tries half as much with each.
set -u
dextctl=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
status=0
limit=1500000 # KiB of address space
# A sanitizer reserves terabytes of it.
if nm "$dextctl" 2>/dev/null | grep -q __asan_init; then limit=unlimited; fi
part=${DEXTCTL_QUICK:+10}
part=${part:-1}

python3 - $part <<'PY'
import sys
part = int(sys.argv[1])
def many(n): return n // part
def node(depth, name, ident, rest="", cls="IOService"):
    return "  " * depth + f"+-o {name}  <class {cls}, id {ident:#x}, registered, matched, active, busy 0, retain 1>\n" + rest
def block(depth, **props):
    pad = "  " * (depth + 1)
    return pad + "{\n" + "".join(f'{pad}  "{k}" = {v}\n' for k, v in props.items()) + pad + "}\n"
def write(name, *parts):
    with open(name, "w") as f:
        f.write(node(0, "Root", 1))
        f.writelines(parts)
wide = [node(1, "A", 100 + i, block(1, IOUserServerName='"a"', IOMatchCategory='"c"', IODEXTMatchCount="3")) for i in range(many(40000))]
write("wide.txt", *wide)
write("deep.txt", *[node(i, "A", 100 + i) for i in range(1, 3000)])
write("same-id.txt", *[node(1, "A", 7, block(1, IOUserServerName='"a"')) for _ in range(many(40000))])
write("servers.txt", *wide[:many(20000)], *[node(1, f"IOUserServer(a-0x{i:x})", 900000 + i, cls="IOUserServer") for i in range(many(20000))])
write("hosted.txt", node(1, "IOUserServer(a-0x1)", 2, block(1, IOAssociatedServices="(" + ",".join(["3"] * many(200000)) + ")"), "IOUserServer"))
write("properties.txt", node(1, "A", 2, "    {\n" + "".join(f'      "k{i % many(70000)}" = {i}\n' for i in range(many(150000))) + "    }\n"))
write("value.txt", node(1, "A", 2, block(1, k="(" * many(100000) + ")" * many(100000), d='{"a"=' * many(50000), e="(])", f="({)", g="[)]")))
write("rematch.txt", node(1, "A", 2, block(1, IORematchPersonality="{" + ",".join(f'"k{i}"={i}' for i in range(many(30000))) + "}")))
write("line.txt", node(1, "x" * many(5000000), 2))
write("paths.txt", *[node(1 + i % 400, "n" * 500, 100 + i) for i in range(many(8000))])
children = "<dict><key>IOObjectClass</key><string>A</string></dict>" * many(50000)
open("flat.plist", "w").write(f'<plist><dict><key>IORegistryEntryName</key><string>Root</string><key>IORegistryEntryChildren</key><array>{children}</array></dict></plist>')
open("nested.plist", "w").write("<plist>" + "<dict><key>IORegistryEntryChildren</key><array>" * 20000)
PY
head -c $((3000000 / part)) /dev/urandom >random.txt
{ echo '+-o Root  <class IORegistryEntry, id 0x1, retain 1>'; head -c $((3000000 / part)) /dev/zero; } >zeros.txt

try() { # ARGUMENT...
    local rc
    (ulimit -v "$limit"; timeout 30 "$dextctl" ioreg "$@" >out 2>err)
    rc=$?
    if [ $rc -gt 3 ] || { [ $rc -eq 3 ] && ! grep -q '^dextctl: ' err; }; then
        printf 'ioreg %s: exit %d\n%s\n' "$*" $rc "$(head -c 600 err)"
        status=1
    fi
}

for dump in *.txt *.plist; do
    if [ $part = 1 ]; then
        try "$dump"
        try "$dump" -l IOService
        try "$dump" --dexts
        try --diff "$dump" wide.txt
    fi
    try --format json -l "$dump"
    try --format json --dexts "$dump"
    try --diff "$dump" "$dump"
    if [ -s out ] && ! grep -q '^0 added, 0 removed, 0 changed' out; then
        echo "$dump differs from itself"
        status=1
    fi
done
exit $status
