#!/usr/bin/env bash
# A .zip is read by its central directory, and members that nobody needs are not read. What is unusual is
# read as a stream, with the same answer; a central directory and a local header that tell different
# things are told, with exit status 3.
#   zip.sh DEXTCTL
set -u
dextctl=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
status=0
python3 - <<'PY'
import random
import struct
import zlib

INFO = b"""<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0">
<dict>
<key>CFBundleIdentifier</key><string>org.example.driver</string>
<key>CFBundlePackageType</key><string>DEXT</string>
</dict>
</plist>
"""
DEXT = "A.app/Contents/Library/SystemExtensions/d.dext/Info.plist"
NOISE = random.Random(1).randbytes(30000)


def member(name, data, method=8, mode=0o100644, local=(), central=(), packed=None, extra=b"", descriptor=False):
    c = zlib.compressobj(6, zlib.DEFLATED, -15)
    if packed is None:
        packed = c.compress(data) + c.flush() if method == 8 else data
    fields = {"name": name.encode(), "flags": 8 if descriptor else 0, "method": method, "crc": zlib.crc32(data),
              "packed": len(packed), "size": len(data), "mode": mode, "at": None}
    absent = {"crc": 0, "packed": 0, "size": 0} if descriptor else {}
    return {**fields, **absent, **dict(local)}, {**fields, **dict(central)}, packed, extra, descriptor


def write(path, members, comment=b"", end=()):
    out, directory = bytearray(), b""
    for local, central, packed, extra, descriptor in members:
        at = len(out) if central["at"] is None else central["at"]
        for f, tag, before, after in ((local, b"PK\3\4", b"\x14\0", b""),
                                      (central, b"PK\1\2", b"\x14\3\x14\0",
                                       struct.pack("<3H2I", 0, 0, 0, central["mode"] << 16, at))):
            record = tag + before + struct.pack("<4H3I2H", f["flags"], f["method"], 0, 0x21, f["crc"], f["packed"],
                                                f["size"], len(f["name"]), len(extra)) + after + f["name"] + extra
            if tag == b"PK\3\4":
                out += record + packed
            else:
                directory += record
        if descriptor:
            out += struct.pack("<4s3I", b"PK\7\x08", central["crc"], central["packed"], central["size"])
    e = {"count": len(members), "size": len(directory), "at": len(out), **dict(end)}
    out += directory + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, e["count"], e["count"], e["size"], e["at"], len(comment))
    with open(path + ".zip", "wb") as f:
        f.write(out + comment)


good = [member("A.app/", b"", 0, 0o40755), member("A.app/Contents/Info.plist", INFO.replace(b"DEXT", b"APPL")),
        member("A.app/Contents/Resources/p", NOISE), member("A.app/Contents/Resources/q", NOISE, 0),
        member("A.app/link", b"Contents/Info.plist", 0, 0o120755), member(DEXT, INFO),
        member("A.app/Contents/MacOS/A", b"\xcf\xfa\xed\xfe" + bytes(4096), mode=0o100755)]
# A field that nobody knows sends the whole archive to the stream.
unusual = [member("A.app/Contents/u", b"text", extra=struct.pack("<HHI", 0x1234, 4, 0))]
plain = [member("A.app/Contents/u", b"text")]
streamed = good + unusual
write("same-plain", good + plain)
write("same-stream", streamed)
write("same-comment", good + plain, comment=b"of the one who packed it")
write("same-descriptor", [member(c["name"].decode(), b"", c["method"], c["mode"], packed=p, descriptor=True,
                                 central=c.items(), local={"method": c["method"]}.items())
                          if c["method"] else m for m in good + plain for _, c, p, _, _ in (m,)])
twice = [member(DEXT, INFO + b"\n")]
for name, base in (("plain", plain), ("stream", unusual)):
    write(f"twice-{name}", good + base + twice)
    write(f"once-{name}", good + base + [member("A.app/Contents/Resources/p", NOISE)])
    write(f"inside-{name}", base + [member("in.zip", open("same-plain.zip", "rb").read(), 0)])
    write(f"link-{name}", good + base + [member("A.app/l2", b"../" * 20, mode=0o120777)])
# What nobody needs is not read: nobody finds it damaged.
write("unread", good + [member("A.app/late", NOISE, local={"crc": 1}.items(), central={"crc": 1}.items())])
# What is needed is.
wrong = {"crc": 1}.items()
write("damaged-crc", [member(DEXT, INFO, local=wrong, central=wrong)])
wrong = {"size": 9}.items()
write("damaged-size", [member(DEXT, INFO, local=wrong, central=wrong)])
write("damaged-short", [member(DEXT, INFO, packed=member(DEXT, INFO)[2][:50])])
write("damaged-garbage", [member(DEXT, INFO, packed=b"\xff" * 90)])
write("damaged-up", good + [member("../u", b"text")])
write("damaged-root", good + [member("/u", b"text")])
write("damaged-locked", [member(DEXT, INFO, local={"flags": 1}.items(), central={"flags": 1}.items())])
write("damaged-outside", good + [member("A.app/u", b"text", central={"at": 0x7FFFFFF0}.items())])
write("damaged-bomb", good + [member(f"A.app/{i}", bytes(48 << 20)) for i in range(3)])
open("damaged-cut.zip", "wb").write(open("same-plain.zip", "rb").read()[:900])
# One thing in the central directory, another one where it stands.
for key, value in (("name", b"A.app/Contents/Info.plist"), ("name", b"A.app/u\0"), ("method", 0), ("crc", 7),
                   ("packed", 2), ("size", 4096), ("flags", 1)):
    lie = member("A.app/u", b"text" * 40, local={key: value}.items())
    write(f"differs-{key}{len(value) if key == 'name' else ''}", good + [lie])
    write(f"differs-{key}{len(value) if key == 'name' else ''}-stream", streamed + [lie])
write("differs-place", good + [member("A.app/u", b"text", central={"at": 0}.items())])
PY
answer() { # ARCHIVE: what lint says of it, under one name
    cp "$1.zip" X.zip
    "$dextctl" lint --no-config --verbose X.zip
    echo "exit status $?"
    "$dextctl" signature X.zip
    echo "exit status $?"
}
fail() {
    echo "$1: $(head -c 300 err)"
    status=1
}
answer same-plain >want 2>err
[ -s err ] && fail same-plain
grep -q 'DX219' want || fail 'same-plain, no finding'
for a in same-stream same-comment same-descriptor once-plain once-stream; do
    answer "$a" >have 2>err
    [ -s err ] && fail "$a"
    diff want have || fail "$a"
done
for a in twice inside link; do
    answer "$a-plain" >want 2>&1
    answer "$a-stream" >have 2>&1
    diff want have || fail "$a"
done
refused() { # ARCHIVE PATTERN
    (ulimit -v 600000; exec timeout 100 "$dextctl" lint --no-config --quiet "$1.zip") >out 2>err
    local rc=$?
    if [ $rc != 3 ] || [ "$(wc -l <err)" != 1 ] || ! grep -q "^dextctl: $1.zip: $2" err; then
        fail "$1: exit status $rc"
    fi
}
(ulimit -v 600000; "$dextctl" --version >/dev/null 2>&1) || ulimit() { :; } # with a sanitizer
rc=0
"$dextctl" lint --no-config --quiet unread.zip >out 2>err || rc=$?
if [ $rc != 1 ] || [ -s err ]; then fail unread; fi
for a in damaged-*.zip; do refused "${a%.zip}" '.'; done
refused damaged-crc 'the archive cannot be read: ZIP bad CRC'
refused damaged-up 'member .* would be unpacked outside'
refused damaged-bomb 'unpacks to more than'
count=0
for a in differs-*.zip; do
    refused "${a%.zip}" "member 'A.app/u' is another one in the central directory than where it stands"
    count=$((count + 1))
done
[ $count = 15 ] || fail "$count archives that differ"
exit $status
