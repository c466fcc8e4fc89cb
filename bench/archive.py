"""Writes an app as an archive: MEMBERS members of BYTES bytes, and a driver.

    archive.py FILE.zip MEMBERS BYTES       they do not compress
    archive.py FILE.pkg MEMBERS BYTES       an installer's package, not signed; they compress to seven eighths
"""
import gzip
import hashlib
import random
import struct
import sys
import zipfile
import zlib

INFO = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
\t<key>CFBundleIdentifier</key>
\t<string>com.example.bench%s</string>
\t<key>CFBundlePackageType</key>
\t<string>%s</string>
</dict>
</plist>
"""


def members(count, content):
    yield "Bench.app/Contents/Info.plist", (INFO % ("", "APPL")).encode()
    for i in range(count):
        yield "Bench.app/Contents/Resources/%d/file%d.dat" % (i % 50, i), content(i)
    yield ("Bench.app/Contents/Library/SystemExtensions/com.example.bench.driver.dext/Info.plist",
           (INFO % (".driver", "DEXT")).encode())


def cpio(f, all_members):
    """The old portable format (odc), as Payload is."""
    seen = set()

    def entry(name, mode, data):
        n = len(name) + 1
        f.write(b"070707" + b"%06o%06o%06o%06o%06o%06o%06o%011o%06o%011o" %
                (1, len(seen) % 0o777777, mode, 0, 0, 1, 0, 0, n, len(data)) + name.encode() + b"\0" + data)

    for name, data in all_members:
        parts = name.split("/")
        for i in range(len(parts)):
            folder = "./" + "/".join(parts[:i]) if i else "."
            if folder not in seen:
                seen.add(folder)
                entry(folder, 0o40755, b"")
        seen.add(name)
        entry("./" + name, 0o100644, data)
    entry("TRAILER!!!", 0, b"")


def pkg(path, count, size):
    noise = random.Random(1)
    some = b"".join(bytes([b]) * 2 for b in noise.randbytes(size // 2 + 1))[:size]
    with open(path + ".payload", "w+b") as p:
        with gzip.GzipFile(fileobj=p, mode="wb", compresslevel=1, mtime=0) as z:
            cpio(z, members(count, lambda i: some[i % 997:] + some[:i % 997]))
        p.seek(0)
        payload = p.read()
    info = b'<?xml version="1.0"?><pkg-info identifier="com.example.bench" version="1" install-location="/Applications"/>'
    at, files = 20, ""
    for i, (name, data) in enumerate((("PackageInfo", info), ("Payload", payload))):
        digest = hashlib.sha1(data).hexdigest()
        files += (f'<file id="{i + 1}"><data><length>{len(data)}</length><offset>{at}</offset><size>{len(data)}</size>'
                  f'<encoding style="application/octet-stream"/><archived-checksum style="sha1">{digest}</archived-checksum>'
                  f'<extracted-checksum style="sha1">{digest}</extracted-checksum></data><type>file</type>'
                  f"<name>{name}</name></file>")
        at += len(data)
    toc = (f'<?xml version="1.0" encoding="UTF-8"?><xar><toc><checksum style="sha1"><offset>0</offset><size>20</size>'
           f"</checksum>{files}</toc></xar>").encode()
    packed = zlib.compress(toc)
    with open(path, "wb") as f:
        f.write(struct.pack(">4sHHQQI", b"xar!", 28, 1, len(packed), len(toc), 1) + packed + hashlib.sha1(packed).digest())
        f.write(info + payload)


def main():
    path, count, size = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    if path.endswith(".pkg"):
        return pkg(path, count, size)
    noise = random.Random(1)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as z:
        for name, data in members(count, lambda i: noise.randbytes(size)):
            z.writestr(name, data)


main()
