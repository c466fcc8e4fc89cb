#!/usr/bin/env bash
# Folders and archives given to explain: bombs, members that lead out, links, cycles, damage. Nothing
# is written, nothing outside is read, memory and time stay bounded, a refusal is one line.
#   gather.sh DEXTCTL
set -u
dextctl=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/in"
cd "$work/in" || exit 1
status=0
printf 'kernel: DK: Trap-0x100000abc: provider entitlements check failed\n' >"$work/outside.log"
python3 - "$work/outside.log" <<'PY'
import io, sys, tarfile, zlib, os
outside = sys.argv[1]
line = open(outside, "rb").read()

def tar(name, members, mode="w:gz"):
    with tarfile.open(name, mode) as t:
        for path, kind, value in members:
            i = tarfile.TarInfo(path)
            if kind == "file":
                i.size = len(value)
                t.addfile(i, io.BytesIO(value))
            else:
                i.type, i.linkname = kind, value
                t.addfile(i)

tar("up.tar.gz", [("d/../../escape.log", "file", line)])
tar("root.tar.gz", [("/etc/escape.log", "file", line)])
tar("links.tar.gz", [("d/a.log", tarfile.SYMTYPE, outside), ("d/b.log", tarfile.LNKTYPE, outside),
                     ("d/c.log", tarfile.CHRTYPE, ""), ("d/f.log", tarfile.FIFOTYPE, ""),
                     ("d/good.log", "file", b"nothing here\n")])
tar("cut.tar.gz", [("d/good.log", "file", b"nothing here\n" * 100000)])
data = open("cut.tar.gz", "rb").read()
open("cut.tar.gz", "wb").write(data[:len(data) // 2])
tar("empty.tar.gz", [])
tar("none.tar.gz", [("a/photo.jpg", "file", b"x")])
open("noise.tar.gz", "wb").write(os.urandom(100000))
tar("many.tar.gz", [("d/%d.x" % i, "file", b"") for i in range(20000)] + [("d/a.log", "file", b"x\n")])

def bomb(name, member, size):  # a tar of one member of zeros, gzipped
    i = tarfile.TarInfo(member)
    i.size = size
    c = zlib.compressobj(9, zlib.DEFLATED, 31)
    with open(name, "wb") as f:
        f.write(c.compress(i.tobuf()))
        zeros = bytes(1 << 20)
        for _ in range(size >> 20):
            f.write(c.compress(zeros))
        f.write(c.flush())

bomb("bomb-read.tar.gz", "sysdiagnose/x.ips", 8 << 30 >> 4)
bomb("bomb-skipped.tar.gz", "sysdiagnose/x.bin", 8 << 30 >> 4)
os.makedirs("tree/logs")
os.symlink("..", "tree/logs/cycle")
os.symlink(outside, "tree/logs/link.log")
os.mkfifo("tree/logs/fifo.log")
open("tree/logs/good.log", "w").write("nothing here\n")
PY

check() { # WANTED-EXIT FILE
    (ulimit -v 600000; timeout 60 "$dextctl" explain "$2" >../out 2>../err)
    local rc=$?
    if [ $rc -ne "$1" ]; then
        echo "$2: exit $rc, not $1: $(head -c 300 ../err)"
        status=1
    fi
    if [ $rc -eq 3 ] && [ "$(grep -c '^dextctl: ' ../err)" -ne 1 ]; then
        echo "$2: not one line: $(head -c 300 ../err)"
        status=1
    fi
    if grep -q provider-entitlement ../out; then
        echo "$2: read what is outside"
        status=1
    fi
}
if "$dextctl" explain ../outside.log | grep -q provider-entitlement; then :; else
    echo "the trap does not work"
    status=1
fi
(ulimit -v 600000; "$dextctl" --version >/dev/null 2>&1) || ulimit() { :; } # with a sanitizer
for f in up root cut empty none noise bomb-read bomb-skipped; do
    check 3 $f.tar.gz
done
check 0 links.tar.gz
check 0 many.tar.gz
check 0 tree
if [ -n "$(find .. -name 'escape*')" ]; then
    echo "something was unpacked"
    status=1
fi
exit $status
