"""Writes N driver Info.plists below FOLDER, 100 a folder: bench/plists.py FOLDER N
bench/plists.py --tree FOLDER N: N empty files that lint has nothing to say of, 65 a folder
"""
import os
import sys

PERSONALITY = """\t\t<key>Driver{i}</key>
\t\t<dict>
\t\t\t<key>CFBundleIdentifier</key>
\t\t\t<string>org.bench.driver{n}</string>
\t\t\t<key>CFBundleIdentifierKernel</key>
\t\t\t<string>com.apple.kpi.iokit</string>
\t\t\t<key>IOClass</key>
\t\t\t<string>IOUserService</string>
\t\t\t<key>IOProviderClass</key>
\t\t\t<string>IOUSBHostInterface</string>
\t\t\t<key>IOUserClass</key>
\t\t\t<string>Driver{i}</string>
\t\t\t<key>IOUserServerName</key>
\t\t\t<string>org.bench.driver{n}</string>
\t\t\t<key>idVendor</key>
\t\t\t<integer>{vendor}</integer>
\t\t\t<key>idProduct</key>
\t\t\t<integer>{product}</integer>
\t\t\t<key>bConfigurationValue</key>
\t\t\t<integer>1</integer>
\t\t\t<key>bInterfaceNumber</key>
\t\t\t<integer>{i}</integer>
\t\t\t<key>UserClientProperties</key>
\t\t\t<dict>
\t\t\t\t<key>IOClass</key>
\t\t\t\t<string>IOUserUserClient</string>
\t\t\t\t<key>IOUserClass</key>
\t\t\t\t<string>Client{i}</string>
\t\t\t</dict>
\t\t</dict>
"""

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
\t<key>CFBundleIdentifier</key>
\t<string>org.bench.driver{n}</string>
\t<key>CFBundlePackageType</key>
\t<string>DEXT</string>
\t<key>CFBundleVersion</key>
\t<string>1</string>
\t<key>OSBundleUsageDescription</key>
\t<string>Drives a device for measurements.</string>
\t<key>IOKitPersonalities</key>
\t<dict>
"""

if sys.argv[1] == "--tree":
    for n in range(int(sys.argv[3])):
        where = os.path.join(sys.argv[2], f"d{n // 1300}", f"s{n // 65}")
        if n % 65 == 0:
            os.makedirs(where)
        open(os.path.join(where, f"file{n}.{('c', 'h', 'o', 'txt', 'cpp')[n % 5]}"), "w").close()
    sys.exit()
folder, count = sys.argv[1], int(sys.argv[2])
for n in range(count):
    where = os.path.join(folder, str(n // 100))
    os.makedirs(where, exist_ok=True)
    with open(os.path.join(where, f"Info-{n}.plist"), "w") as out:
        out.write(HEAD.format(n=n))
        for i in range(3):
            out.write(PERSONALITY.format(i=i, n=n, vendor=1000 + n % 60000, product=n % 65536))
        out.write("\t</dict>\n</dict>\n</plist>\n")
