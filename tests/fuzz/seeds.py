#!/usr/bin/env python3
"""Writes the seeds of fuzz_macho, fuzz_superblob, fuzz_der and fuzz_symbols: small, whole, made here.
  seeds.py FOLDER        (tests/fuzz/corpus)"""
import hashlib, os, struct, sys

to = sys.argv[1] if __name__ == "__main__" else None


def put(name, data):
    path = os.path.join(to, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data)


def der(tag, body):
    n = len(body)
    return bytes([tag]) + (bytes([n]) if n < 128 else b"\x81" + bytes([n])) + body


def pair(key, value):
    return der(0x30, der(12, key.encode()) + value)


YES, TEXT = der(1, b"\xff"), der(12, b"ABCDE12345.com.example.driver")
USB = der(0x30, der(0xB0, pair("idVendor", der(2, b"\x11\x22"))))
PAIRS = pair("com.apple.application-identifier", TEXT) + pair("com.apple.developer.driverkit", YES)
MODERN = der(0x70, der(2, b"\x01") + der(0xB0, PAIRS + pair("usb", USB)))
OLD = der(0x31, PAIRS)
XML = (b'<?xml version="1.0" encoding="UTF-8"?><plist version="1.0"><dict>'
       b"<key>com.apple.application-identifier</key><string>ABCDE12345.com.example.driver</string>"
       b"<key>com.apple.developer.driverkit</key><true/></dict></plist>")


def blob(magic, body):
    return struct.pack(">2I", magic, 8 + len(body)) + body


def superblob(magic, parts):
    at, index, body = 12 + 8 * len(parts), b"", b""
    for slot, b in parts:
        index += struct.pack(">2I", slot, at + len(body))
        body += b
    return struct.pack(">3I", magic, at + len(body), len(parts)) + index + body


# identifier "a" and anchor apple generic
RULE = blob(0xFADE0C00, struct.pack(">4I", 1, 6, 2, 1) + b"a\0\0\0" + struct.pack(">I", 15))
RULES = superblob(0xFADE0C01, [(3, RULE)])


def directory(code, kind, special):
    name, n = {1: ("sha1", 20), 2: ("sha256", 32)}[kind]
    ident, team = b"com.example.driver\0", b"ABCDE12345\0"
    start = 88 + len(ident) + len(team) + 7 * n
    slots = b"".join(hashlib.new(name, special[i]).digest() if i in special else bytes(n) for i in range(7, 0, -1))
    pages = [code[i:i + 4096] for i in range(0, len(code), 4096)]
    hashes = b"".join(hashlib.new(name, p).digest() for p in pages)
    head = struct.pack(">7I4BI", 0x20400, 2, start, 88, 7, len(pages), len(code), n, kind, 0, 12, 0)
    head += struct.pack(">3I4Q", 0, 88 + len(ident), 0, 0, 0, 4096, 1)
    return blob(0xFADE0C02, head + ident + team + slots + hashes)


def signature(code, both=True):
    xml, bare = blob(0xFADE7171, XML), blob(0xFADE7172, OLD)
    special = {2: RULES, 5: xml, 7: bare}
    parts = [(0, directory(code, 1 if both else 2, special)), (2, RULES), (5, xml), (7, bare)]
    parts += [(0x1000, directory(code, 2, special))] if both else []
    parts += [(0x10000, blob(0xFADE0B01, b""))]
    return superblob(0xFADE0CC0, parts)


def macho(cpu, size=8192, room=2048, both=True):
    segment = struct.pack("<2I16s4Q4I", 0x19, 72, b"__LINKEDIT", 4096, size, 0, size + room, 1, 1, 0, 0)
    version = struct.pack("<6I", 0x32, 24, 10, 19 << 16, 24 << 16, 0)
    unique = struct.pack("<2I", 0x1B, 24) + bytes(range(16))
    where = struct.pack("<4I", 0x1D, 16, size, room)
    commands = segment + version + unique + where
    code = (struct.pack("<8I", 0xFEEDFACF, cpu, 0, 2, 4, len(commands), 0x85, 0) + commands).ljust(size, b"\0")
    return code + signature(code, both).ljust(room, b"\0")


thin = macho(0x0100000C)
other = macho(0x01000007)
table = struct.pack(">2I", 0xCAFEBABE, 2) + struct.pack(">5I", 0x01000007, 0, 4096, len(other), 12)
table += struct.pack(">5I", 0x0100000C, 0, 16384, len(thin), 12)
if __name__ == "__main__":
    put("fuzz_macho/thin", thin)
    put("fuzz_macho/universal", (table.ljust(4096, b"\0") + other).ljust(16384, b"\0") + thin)
    put("fuzz_superblob/signature", signature(thin[:8192]))
    put("fuzz_superblob/requirement", RULE)
    put("fuzz_der/modern", MODERN)
    put("fuzz_der/old", OLD)
    put("fuzz_der/array", USB)

    sys.dont_write_bytecode = True
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../cli/panic"))
    import machos as m
    uuid, text, code = m.KEXT_UUID["arm"], 0xFFFFFE0007834000, 0xFFFFFE000791C000
    put("fuzz_symbols/kext", m.kext(m.ARM64E, uuid, 0, 0x8000))
    put("fuzz_symbols/intel", m.kext(m.X86, uuid, 0, 0x4000))
    put("fuzz_symbols/stripped", m.kext(m.ARM64E, uuid, 0, 0x8000, stripped=True))
    put("fuzz_symbols/dsym", m.kext(m.ARM64E, uuid, 0, 0x8000, m.DSYM, lines=True))
    put("fuzz_symbols/kernel", m.kernel(m.KERNEL_UUID["arm"], 0xFFFFFE0007004000, 0xFFFFFE00070EC000))
    put("fuzz_symbols/collection", m.collection(m.CACHE_UUID, [
        ("com.apple.kernel", text, lambda at: m.kernel(m.KERNEL_UUID["arm"], text, code, at)),
        ("com.example.Acme", text, lambda at: m.kext(m.ARM64E, uuid, text, code, at=at))]))
