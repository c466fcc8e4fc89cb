#!/usr/bin/env bash
# Hostile inputs: one clear line on stderr that begins with "dextctl: PATH", exit status 3, bounded
# memory and time, and an input after them is still checked.
#   inputs.sh DEXTCTL
set -u
dextctl=$(realpath "$1")
work=$(mktemp -d)
trap 'chmod -R u+rwx "$work"; rm -rf "$work"' EXIT
cd "$work" || exit 1
status=0

plist() { printf '<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0">%s</plist>\n' "$1"; }

: >empty.plist
truncate -s 10G sparse.plist
head -c 1000000 /dev/zero >zeros.plist
head -c 100000 /dev/urandom >random.plist
{ printf '<plist>'; for _ in $(seq 100000); do printf '<dict><key>a</key>'; done; } >deep.plist
{
    printf '<?xml version="1.0"?>\n<!DOCTYPE plist [<!ENTITY a "ha">'
    last=a
    for name in b c d e f g h i; do
        printf '<!ENTITY %s "' $name
        for _ in $(seq 20); do printf '&%s;' "$last"; done
        printf '">'
        last=$name
    done
    printf ']><plist><string>&i;</string></plist>'
} >laughs.plist
printf '<!DOCTYPE plist [<!ENTITY x SYSTEM "file:///etc/hostname">]><plist><string>&x;</string></plist>' >external.plist
plist "<dict><key>CFBundlePackageType</key><string>$(printf '\xff\xfe\xfa')</string></dict>" >utf8.plist
# An array that contains itself, and arrays that double at each step (2^40 values).
python3 - <<'PY'
import struct
def write(name, objects, top=0):
    body = b"bplist00"
    offsets = []
    for o in objects:
        offsets.append(len(body))
        body += o
    table = len(body)
    body += b"".join(struct.pack(">H", o) for o in offsets)
    body += b"\0" * 6 + struct.pack(">BBQQQ", 2, 1, len(objects), top, table)
    open(name, "wb").write(body)
write("cycle.plist", [bytes([0xa1, 0])])
write("double.plist", [bytes([0xa2, i + 1, i + 1]) for i in range(40)] + [b"\x09"])
write("short.plist", [bytes([0xaf, 0x13]) + b"\xff" * 8])
PY
head -c 20 cycle.plist >cut.plist
mkfifo fifo.plist
mkdir folder.plist noentry
ln -s loop.plist loop.plist
printf '{ a = "unterminated' >open.pbxproj
plist '<dict><key>IOKitPersonalities</key><dict/><key>CFBundlePackageType</key><string>DEXT</string></dict>' >fine.plist

check() { # PATH
    local out err rc
    err=$( (ulimit -v "$limit"; timeout 20 "$dextctl" lint --no-config --format json "$1" fine.plist >out.json) 2>&1)
    rc=$?
    if [ $rc -ne 3 ] || [ "$(grep -c "^dextctl: $1:" <<<"$err")" -ne 1 ] || [ "$(wc -l <<<"$err")" -ne 1 ]; then
        printf '%s: exit %d, stderr:\n%s\n' "$1" $rc "$err"
        status=1
    fi
    if [ "$(jq -r '.inputs[] | select(.file == "fine.plist") | .status' out.json)" != checked ]; then
        echo "$1: the input after it was not checked"
        status=1
    fi
    out=$(jq -r --arg f "$1" '.inputs[] | select(.file == $f) | .status' out.json)
    if [ "$out" != unreadable ]; then
        echo "$1: status '$out', not unreadable"
        status=1
    fi
}

# Sanitizers reserve terabytes of address space: no limit for those builds.
limit=600000
(ulimit -v $limit; "$dextctl" --version >/dev/null 2>&1) || limit=unlimited
for path in empty.plist sparse.plist zeros.plist random.plist deep.plist laughs.plist external.plist \
    utf8.plist cycle.plist double.plist short.plist cut.plist fifo.plist loop.plist open.pbxproj missing.plist \
    /dev/null /dev/zero; do
    check "$path"
done
if [ "$(id -u)" -ne 0 ]; then
    chmod 000 noentry
    check noentry
fi
exit $status
