"""Writes an app as an archive: MEMBERS members of BYTES bytes that do not compress, and a driver.

    archive.py FILE.zip MEMBERS BYTES
"""
import random
import sys
import zipfile

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
path, count, size = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
noise = random.Random(1)
with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as z:
    z.writestr("Bench.app/Contents/Info.plist", INFO % ("", "APPL"))
    for i in range(count):
        z.writestr("Bench.app/Contents/Resources/%d/file%d.dat" % (i % 50, i), noise.randbytes(size))
    z.writestr("Bench.app/Contents/Library/SystemExtensions/com.example.bench.driver.dext/Info.plist",
               INFO % (".driver", "DEXT"))
