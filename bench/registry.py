"""Writes a registry archive as `ioreg -l -a` does: NODES nodes, about 850 bytes each.

    registry.py FILE NODES
    registry.py --text FILE NODES               the same registry as `ioreg -l -w0` prints it
    registry.py --personalities FILE COUNT      an Info.plist with as many personalities
"""
import sys

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
"""
KINDS = [
    ("IOUSBHostDevice", [("idVendor", "integer"), ("idProduct", "integer"), ("bDeviceClass", "integer"), ("USB Product Name", "string")]),
    ("IOUSBHostInterface", [("idVendor", "integer"), ("idProduct", "integer"), ("bInterfaceNumber", "integer"), ("bConfigurationValue", "integer"), ("bInterfaceClass", "integer")]),
    ("IOPCIDevice", [("IOName", "string"), ("vendor-id", "data"), ("device-id", "data"), ("class-code", "data")]),
    ("AppleUSBHostHIDDevice", [("VendorID", "integer"), ("ProductID", "integer"), ("PrimaryUsage", "integer"), ("PrimaryUsagePage", "integer"), ("Transport", "string")]),
    ("IOUserService", [("IOUserServerName", "string"), ("IOUserClass", "string"), ("CFBundleIdentifier", "string")]),
]


def value(kind, name, i):
    if kind == "integer":
        return f"<integer>{(i * 7 + len(name)) % 65536}</integer>"
    if kind == "data":
        return f"<data>\n\tAAA{i % 10}AA==\n\t</data>"
    return f"<string>{name} {i % 977}</string>"


def node(out, i, count, depth):
    """Writes node i and the nodes below it; the number of the next one."""
    cls, keys = KINDS[i % len(KINDS)]
    own = i
    out.write("<dict>\n\t<key>IOObjectClass</key>\n\t<string>%s</string>\n" % cls)
    out.write("\t<key>IOObjectRetainCount</key>\n\t<integer>%d</integer>\n" % (5 + i % 9))
    out.write("\t<key>IORegistryEntryID</key>\n\t<integer>%d</integer>\n" % (4294967296 + i))
    i += 1
    below = 0 if depth > 12 else 6 if own == 0 else (own * 2654435761 >> 7) % 5
    if below or own == 0:
        out.write("\t<key>IORegistryEntryChildren</key>\n\t<array>\n")
        while i < count and (below > 0 or own == 0):
            i = node(out, i, count, depth + 1)
            below -= 1
        out.write("\t</array>\n")
    out.write("\t<key>IORegistryEntryName</key>\n\t<string>%s</string>\n" % ("Root" if own == 0 else cls))
    out.write("\t<key>IOServiceBusyState</key>\n\t<integer>0</integer>\n\t<key>IOServiceState</key>\n\t<integer>30</integer>\n")
    for name, kind in keys:
        out.write("\t<key>%s</key>\n\t%s\n" % (name, value(kind, name, own)))
    out.write("\t<key>IOPowerManagement</key>\n\t<dict>\n\t\t<key>CapabilityFlags</key>\n\t\t<integer>32768</integer>\n\t\t<key>CurrentPowerState</key>\n\t\t<integer>2</integer>\n\t</dict>\n")
    out.write("\t<key>IOMatchCategory</key>\n\t<string>IODefaultMatchCategory</string>\n\t<key>IOProbeScore</key>\n\t<integer>%d</integer>\n" % (own % 90000))
    out.write("</dict>\n")
    return i


def text_value(kind, name, i):
    if kind == "integer":
        return str((i * 7 + len(name)) % 65536)
    return "<00003b00>" if kind == "data" else f'"{name} {i % 977}"'


def text_node(out, i, count, depth):
    """node as text."""
    cls, keys = KINDS[i % len(KINDS)]
    own = i
    bars = "  " + "| " * (depth - 1) if depth else ""
    out.write('%s+-o %s  <class %s, id 0x%x, registered, matched, active, busy 0 (0 ms), retain %d>\n'
              % (bars, "Root" if own == 0 else cls, cls, 4294967296 + own, 5 + own % 9))
    i += 1
    below = 0 if depth > 12 else 6 if own == 0 else (own * 2654435761 >> 7) % 5
    bars = "  " + "| " * depth
    out.write(bars + "{\n")
    for name, kind in keys:
        out.write('%s  "%s" = %s\n' % (bars, name, text_value(kind, name, own)))
    out.write(bars + '  "IOPowerManagement" = {"CapabilityFlags"=32768,"CurrentPowerState"=2}\n')
    out.write(bars + '  "IOMatchCategory" = "IODefaultMatchCategory"\n')
    out.write(bars + '  "IOProbeScore" = %d\n' % (own % 90000))
    out.write(bars + "}\n" + bars + "\n")
    while i < count and (below > 0 or own == 0):
        i = text_node(out, i, count, depth + 1)
        below -= 1
    return i


def personalities(path, count):
    with open(path, "w") as out:
        out.write(HEAD + "<dict>\n<key>CFBundleIdentifier</key>\n<string>com.example.bench</string>\n")
        out.write("<key>CFBundlePackageType</key>\n<string>DEXT</string>\n<key>IOKitPersonalities</key>\n<dict>\n")
        for i in range(count):
            out.write("<key>P%d</key>\n<dict>\n<key>IOClass</key>\n<string>IOUserService</string>\n<key>IOUserClass</key>\n<string>C%d</string>\n" % (i, i))
            out.write("<key>IOUserServerName</key>\n<string>com.example.bench</string>\n<key>CFBundleIdentifierKernel</key>\n<string>com.apple.kpi.iokit</string>\n")
            out.write("<key>IOProviderClass</key>\n<string>%s</string>\n" % ("IOUSBHostInterface" if i % 2 else "IOUSBHostDevice"))
            out.write("<key>idVendor</key>\n<integer>%d</integer>\n<key>idProduct</key>\n<integer>%d</integer>\n" % (i * 7 + 8, i * 7 + 9))
            if i % 2:
                out.write("<key>bInterfaceNumber</key>\n<integer>0</integer>\n<key>bConfigurationValue</key>\n<integer>1</integer>\n")
            out.write("</dict>\n")
        out.write("</dict>\n</dict>\n</plist>\n")


def main():
    if sys.argv[1] == "--personalities":
        personalities(sys.argv[2], int(sys.argv[3]))
        return
    text = sys.argv[1] == "--text"
    path, count = sys.argv[-2], int(sys.argv[-1])
    with open(path, "w", buffering=1 << 20) as out:
        if text:
            text_node(out, 0, count, 0)
            return
        out.write(HEAD)
        node(out, 0, count, 0)
        out.write("</plist>\n")


main()
