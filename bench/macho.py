"""Writes a universal Mach-O of about SIZE megabytes, two slices, signed ad hoc with SHA-256 pages.

    macho.py FILE SIZE
    macho.py --app NAME.app FILES BYTES     an app around a small one, with so many sealed files
"""
import hashlib
import os
import plistlib
import struct
import sys

PAGE = 4096


def blob(magic, body):
    return struct.pack(">II", magic, len(body) + 8) + body


def directory(code, entitlements, sealed):
    pages = [hashlib.sha256(code[i : i + PAGE]).digest() for i in range(0, len(code), PAGE)]
    special = [bytes(32)] * 5
    for slot, data in sealed.items():
        special[slot - 1] = hashlib.sha256(data).digest()
    special[4] = hashlib.sha256(entitlements).digest()
    name = b"com.example.bench\0"
    head = 44
    offset = head + len(name) + 32 * 5
    body = struct.pack(">IIIIIII4BI", 0x20001, 2, offset, head, 5, len(pages), len(code), 32, 2, 0, 12, 0)
    body += name + b"".join(reversed(special)) + b"".join(pages)
    return blob(0xFADE0C02, body)


def thin(cpu, size, sealed):
    command = struct.pack("<II", 0x1D, 16)
    limit = (size + PAGE - 1) // PAGE * PAGE
    text = struct.pack("<II16s4Q4I", 0x19, 72, b"__TEXT", 1 << 32, limit, 0, limit, 5, 5, 0, 0)
    commands = text + command
    head = struct.pack("<8I", 0xFEEDFACF, cpu, 0, 2, 2, len(commands) + 8, 0, 0) + commands + struct.pack("<II", limit, 0)
    code = bytearray(os.urandom(1 << 16) * (limit // (1 << 16) + 1))[:limit]
    plist = b'<plist version="1.0"><dict><key>com.apple.developer.driverkit</key><true/></dict></plist>'
    entitlements = blob(0xFADE7171, plist)

    def superblob(cd):
        at = 12 + 16
        index = struct.pack(">IIII", 0, at, 5, at + len(cd))
        return blob(0xFADE0CC0, struct.pack(">I", 2) + index + cd + entitlements)

    total = len(superblob(directory(bytes(code), entitlements, sealed)))
    code[: len(head)] = head[:-4] + struct.pack("<I", total)
    return bytes(code) + superblob(directory(bytes(code), entitlements, sealed))


def universal(path, size, sealed):
    parts = [(cpu, thin(cpu, size, sealed)) for cpu in (0x0100000C, 0x01000007)]
    at = 1 << 14
    table, data = struct.pack(">II", 0xCAFEBABE, 2), b""
    for cpu, part in parts:
        table += struct.pack(">5I", cpu, 0, at, len(part), 14)
        padding = -len(part) % (1 << 14)
        data += part + bytes(padding)
        at += len(part) + padding
    with open(path, "wb") as f:
        f.write(table.ljust(1 << 14, b"\0") + data)


def app(top, count, size):
    contents = os.path.join(top, "Contents")
    for folder in ("MacOS", "_CodeSignature", *("Resources/%d" % i for i in range(100))):
        os.makedirs(os.path.join(contents, folder), exist_ok=True)
    info = {"CFBundleIdentifier": "com.example.bench", "CFBundleExecutable": "bench", "CFBundlePackageType": "APPL"}
    info = plistlib.dumps(info)
    one, two = {}, {}
    for i in range(count):
        name, data = "Resources/%d/file%d.dat" % (i % 100, i), os.urandom(64) * (size // 64) + b"%d" % i
        with open(os.path.join(contents, name), "wb") as f:
            f.write(data)
        one[name] = hashlib.sha1(data).digest()
        two[name] = {"hash2": hashlib.sha256(data).digest()}
    rules = {"^Resources/": True, "^version.plist$": True}
    rules2 = {"^Resources/": {"weight": 20.0}, "^Info\\.plist$": {"omit": True, "weight": 20.0}, "^.*": True}
    seal = plistlib.dumps({"files": one, "files2": two, "rules": rules, "rules2": rules2})
    for name, data in (("Info.plist", info), ("_CodeSignature/CodeResources", seal)):
        with open(os.path.join(contents, name), "wb") as f:
            f.write(data)
    universal(os.path.join(contents, "MacOS/bench"), 1 << 16, {1: info, 3: seal})


def main():
    if sys.argv[1] == "--app":
        app(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    else:
        universal(sys.argv[1], int(float(sys.argv[2]) * (1 << 20) / 2), {})


main()
