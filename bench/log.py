"""Writes a log as `log show` does; in ndjson about 900 bytes a line.

    log.py FILE MEGABYTES [STYLE [EVERY]]   STYLE: ndjson, json, default, syslog or compact; one line
                                            in EVERY (2,000) is about a driver, and kernel, amfid and
                                            sysextd talk about everything else as they do in life
    log.py --literals FILE RECORDS...   what to look for: the literals of these symptom records
"""
import random
import sys

PROCESSES = [
    ("/kernel", "", ""),
    ("/usr/libexec/runningboardd", "com.apple.runningboard", "process"),
    ("/System/Library/PrivateFrameworks/SkyLight.framework/Resources/WindowServer", "com.apple.SkyLight", "default"),
    ("/usr/sbin/bluetoothd", "com.apple.bluetooth", "Server.LE.Scan"),
    ("/usr/libexec/locationd", "com.apple.locationd.Position", "GeneralPosition"),
    ("/usr/sbin/mDNSResponder", "com.apple.mDNSResponder", "Default"),
    ("/System/Library/CoreServices/loginwindow.app/Contents/MacOS/loginwindow", "com.apple.loginwindow.logging", "Standard"),
    ("/usr/libexec/trustd", "com.apple.securityd", "trust"),
    ("/Applications/Safari.app/Contents/MacOS/Safari", "com.apple.WebKit", "Loading"),
]
MESSAGES = [
    "[app<application.com.example.Editor.1152921500311920873(501)>:%d] Ignoring jetsam update because this process is not memory-managed",
    "Acquiring assertion targeting [xpcservice<com.example.helper>:%d] from originator with description ReportCrash",
    "WiFi join context: channel %d, rssi -61, beacon interval 100, listen 3",
    "QueryRecord: start for <private> type AAAA, interface %d, client port 51820",
    "Received configuration update from daemon (%d keys); nothing changed since the last one",
    "power assertion %d released after 12.250 s by the client that took it, level now 0",
    "0x600003%08x: request finished, status 200, 18,432 bytes in 0.087 s over h2",
    "display 1 swapped at %d, present time 16.6 ms, no frame dropped",
]
# What they say all day, of things that are no driver's.
CHATTY = [
    ("/usr/libexec/amfid", "com.apple.MobileFileIntegrity", "amfid", "Entering OSX path for /Applications/Tool%d.app/Contents/MacOS/Tool"),
    ("/usr/libexec/amfid", "com.apple.securityd", "SecTrustEval", "cert[%d]: AnchorTrusted =(leaf)[force]> 0"),
    ("/usr/libexec/sysextd", "com.apple.xpc", "connection", "[0x14d%06x] activating connection: mach=false listener=false peer=true"),
    ("/usr/libexec/sysextd", "com.apple.defaults", "User Defaults", "found no value for key delayed_%d in CFPrefsPlistSource"),
    ("/kernel", "", "", "AppleUSBHostPort::reportDevice: port %d at full speed"),
    ("/kernel", "com.apple.apfs", "apfs", "apfs_vfsop_mount:%d: disk3s5: mounted volume: Data"),
    ("/kernel", "", "", "(Sandbox) Sandbox: mdworker_shared(%d) deny(1) file-read-data /private/var/db"),
    ("/kernel", "", "", "(AppleMobileFileIntegrity) AMFI: Denying core dump for pid %d (helper)"),
]
DRIVER = [
    "DK: ExampleDisk-0x1000%05x waiting for server com.example.disk-1000",
    "DK: ExampleDisk-0x1000%05x user server timeout",
    "DK: ExampleDisk-0x1000%05x::start(ExampleNub-0x100000abc) ok",
]


def line(rng, number, style, every):
    driver = number % every == every - 1
    path, subsystem, category = PROCESSES[0] if driver else rng.choice(PROCESSES)
    message = rng.choice(DRIVER if driver else MESSAGES)
    if not driver and number % 4 == 0:
        path, subsystem, category, message = rng.choice(CHATTY)
    message %= rng.randrange(1, 90000)
    day = "2026-03-%02d" % (1 + number // 86400 % 28)
    time = "%02d:%02d:%02d.%06d" % (number // 3600 % 24, number // 60 % 60, number % 60, rng.randrange(1000000))
    process, pid, thread = path.rsplit("/", 1)[1], rng.randrange(1000), rng.randrange(1 << 22)
    source = "[%s:%s] " % (subsystem, category) if subsystem else ""
    if style == "default":
        return "%s %s+0100 0x%-8x Default     0x0                  %-6d 0    %s: %s%s\n" % (
            day, time, thread, pid, process, source, message)
    if style == "syslog":
        return "%s %s+0100  localhost %s[%d]: %s%s\n" % (day, time, process, pid, source, message)
    if style == "compact":
        return "%s %s Df %s[%d:%x] %s%s\n" % (day, time[:12], process, pid, thread, source, message)
    uuid = "%08X-1B2C-3D4E-9F70-%012X" % (rng.getrandbits(32), rng.getrandbits(48))
    path = path.replace("/", "\\/")
    fields = (
        '"traceID":%d,"eventMessage":"%s","eventType":"logEvent","source":null,"formatString":"%%{public}s %%d",'
        '"activityIdentifier":0,"subsystem":"%s","category":"%s","threadID":%d,"senderImageUUID":"%s",'
        '"backtrace":{"frames":[{"imageOffset":%d,"imageUUID":"%s"}]},"bootUUID":"","processImagePath":"%s",'
        '"senderImagePath":"%s","timestamp":"%s %s+0100","machTimestamp":%d,'
        '"messageType":"Default","processImageUUID":"%s","processID":%d,"senderProgramCounter":%d,'
        '"parentActivityIdentifier":0,"timezoneName":""'
        % (rng.getrandbits(60), message.replace("/", "\\/"), subsystem, category, thread, uuid, rng.randrange(1 << 20),
           uuid, path, path, day, time, rng.getrandbits(48), uuid, pid, rng.randrange(1 << 24))
    )
    if style == "json":
        rows = fields.replace(',"', ',\n  "').replace('":', '" : ')
        return ("[{\n  %s\n}" if number == 0 else ",{\n  %s\n}") % rows
    return "{%s}\n" % fields


def literals(path, records):
    seen = {}
    for record in records:
        with open(record, encoding="utf-8") as f:
            prose = False
            for text in f.read().split("\n\n"):
                prose = "\nin: prose" in text or "\nin: join" in text
                for row in text.split("\n"):
                    if row.startswith("literal: ") and not prose:
                        seen[row[9:]] = True
    with open(path, "w", encoding="utf-8") as f:
        f.write("".join(one + "\n" for one in seen))


def main():
    if sys.argv[1] == "--literals":
        return literals(sys.argv[2], sys.argv[3:])
    rng = random.Random(2026)
    size = int(float(sys.argv[2]) * 1e6)
    style = sys.argv[3] if len(sys.argv) > 3 else "ndjson"
    every = int(sys.argv[4]) if len(sys.argv) > 4 else 2000
    # 32 MB that differ are enough for any cache; the rest repeats them.
    part = []
    have = 0
    while have < min(size, 32_000_000):
        part.append(line(rng, len(part), style, every).encode())
        have += len(part[-1])
    part = b"".join(part)
    with open(sys.argv[1], "wb") as f:
        while size > 0:
            f.write(part)
            size -= len(part)


if __name__ == "__main__":
    main()
