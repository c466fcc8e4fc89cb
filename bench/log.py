"""Writes a log as `log show --style ndjson` does, about 900 bytes a line.

    log.py FILE MEGABYTES          one line in 2,000 is about a driver
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
DRIVER = [
    "DK: ExampleDisk-0x1000%05x waiting for server com.example.disk-1000",
    "DK: ExampleDisk-0x1000%05x user server timeout",
    "DK: ExampleDisk-0x1000%05x::start(ExampleNub-0x100000abc) ok",
]


def line(rng, number):
    driver = number % 2000 == 1999
    path, subsystem, category = PROCESSES[0] if driver else rng.choice(PROCESSES)
    message = rng.choice(DRIVER if driver else MESSAGES) % rng.randrange(1, 90000)
    uuid = "%08X-1B2C-3D4E-9F70-%012X" % (rng.getrandbits(32), rng.getrandbits(48))
    path = path.replace("/", "\\/")
    return (
        '{"traceID":%d,"eventMessage":"%s","eventType":"logEvent","source":null,"formatString":"%%{public}s %%d",'
        '"activityIdentifier":0,"subsystem":"%s","category":"%s","threadID":%d,"senderImageUUID":"%s",'
        '"backtrace":{"frames":[{"imageOffset":%d,"imageUUID":"%s"}]},"bootUUID":"","processImagePath":"%s",'
        '"senderImagePath":"%s","timestamp":"2026-03-%02d %02d:%02d:%02d.%06d+0100","machTimestamp":%d,'
        '"messageType":"Default","processImageUUID":"%s","processID":%d,"senderProgramCounter":%d,'
        '"parentActivityIdentifier":0,"timezoneName":""}\n'
        % (rng.getrandbits(60), message, subsystem, category, rng.randrange(1 << 22), uuid, rng.randrange(1 << 20), uuid,
           path, path, 1 + number // 86400 % 28, number // 3600 % 24, number // 60 % 60, number % 60,
           rng.randrange(1000000), rng.getrandbits(48), uuid, rng.randrange(1000), rng.randrange(1 << 24))
    )


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
    # 32 MB that differ are enough for any cache; the rest repeats them.
    part = []
    have = 0
    while have < min(size, 32_000_000):
        part.append(line(rng, len(part)).encode())
        have += len(part[-1])
    part = b"".join(part)
    with open(sys.argv[1], "wb") as f:
        while size > 0:
            f.write(part)
            size -= len(part)


if __name__ == "__main__":
    main()
