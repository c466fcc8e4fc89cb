"""Writes a universal Mach-O of about SIZE megabytes, two slices, signed ad hoc with SHA-256 pages.

    macho.py FILE SIZE
"""
import hashlib
import os
import struct
import sys

PAGE = 4096


def blob(magic, body):
    return struct.pack(">II", magic, len(body) + 8) + body


def directory(code, entitlements):
    pages = [hashlib.sha256(code[i : i + PAGE]).digest() for i in range(0, len(code), PAGE)]
    special = [bytes(32)] * 5
    special[4] = hashlib.sha256(entitlements).digest()
    name = b"com.example.bench\0"
    head = 44
    offset = head + len(name) + 32 * 5
    body = struct.pack(">IIIIIII4BI", 0x20001, 2, offset, head, 5, len(pages), len(code), 32, 2, 0, 12, 0)
    body += name + b"".join(reversed(special)) + b"".join(pages)
    return blob(0xFADE0C02, body)


def thin(cpu, size):
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

    total = len(superblob(directory(bytes(code), entitlements)))
    code[: len(head)] = head[:-4] + struct.pack("<I", total)
    return bytes(code) + superblob(directory(bytes(code), entitlements))


def main():
    path, size = sys.argv[1], int(float(sys.argv[2]) * (1 << 20) / 2)
    parts = [(0x0100000C, thin(0x0100000C, size)), (0x01000007, thin(0x01000007, size))]
    at = 1 << 14
    table, data = struct.pack(">II", 0xCAFEBABE, 2), b""
    for cpu, part in parts:
        table += struct.pack(">5I", cpu, 0, at, len(part), 14)
        padding = -len(part) % (1 << 14)
        data += part + bytes(padding)
        at += len(part) + padding
    with open(path, "wb") as f:
        f.write(table.ljust(1 << 14, b"\0") + data)


main()
