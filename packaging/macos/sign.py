#!/usr/bin/env python3
"""Signs a program for one architecture ad hoc, as codesign -s - does: each page has its digest, nobody vouches for it.
Apple silicon runs nothing without; zig signs for it alone. A signature that is there already is replaced.
    sign.py FILE IDENTIFIER
Layouts: Apple's mach-o/loader.h, and xnu's osfmk/kern/cs_blobs.h."""
import hashlib
import struct
import sys

SEGMENT, SIGNATURE = 0x19, 0x1D
PAGE = 4096


def blob(magic, body):
    return struct.pack(">2I", magic, 8 + len(body)) + body


def commands(data):
    at = 32
    for _ in range(struct.unpack_from("<I", data, 16)[0]):
        kind, size = struct.unpack_from("<2I", data, at)
        yield kind, at, size
        at += size


def sign(data, identifier):
    if struct.unpack_from("<I", data)[0] != 0xFEEDFACF:
        sys.exit("sign.py: not a 64-bit Mach-O file of one architecture")
    segments, command, first = {}, None, len(data)
    for kind, at, _ in commands(data):
        if kind == SEGMENT:
            name = bytes(data[at + 8:at + 24]).rstrip(b"\0")
            segments[name] = at
            for i in range(struct.unpack_from("<I", data, at + 64)[0]):
                place = struct.unpack_from("<I", data, at + 72 + 80 * i + 48)[0]
                first = min(first, place or first)
        elif kind == SIGNATURE:
            command = at
    link = segments[b"__LINKEDIT"]
    start, size = struct.unpack_from("<2Q", data, link + 40)
    if command is not None:
        end = struct.unpack_from("<I", data, command + 8)[0]
    else:
        count, length = struct.unpack_from("<2I", data, 16)
        command = 32 + length
        if command + 16 > first or any(data[command:command + 16]):
            sys.exit("sign.py: no room for another load command")
        struct.pack_into("<2I", data, 16, count + 1, length + 16)
        end = start + size
    del data[end:]
    data += bytes(-len(data) % 16)
    limit = len(data)

    name = identifier.encode() + b"\0"
    pages = (limit + PAGE - 1) // PAGE
    head, special = 88, 2
    length = 8 + head - 8 + len(name) + 32 * (special + pages)
    requirements, cms = blob(0xFADE0C01, bytes(4)), blob(0xFADE0B01, b"")
    room = 12 + 3 * 8 + length + len(requirements) + len(cms)
    room += -room % 16
    struct.pack_into("<4I", data, command, SIGNATURE, 16, limit, room)
    whole = limit + room - start
    unit = 0x4000 if struct.unpack_from("<I", data, 4)[0] == 0x0100000C else 0x1000
    struct.pack_into("<4Q", data, link + 24, *struct.unpack_from("<Q", data, link + 24), whole + -whole % unit, start, whole)

    text = struct.unpack_from("<2Q", data, segments[b"__TEXT"] + 40)
    hashes = hashlib.sha256(requirements).digest() + bytes(32)
    hashes += b"".join(hashlib.sha256(data[i:min(i + PAGE, limit)]).digest() for i in range(0, limit, PAGE))
    body = struct.pack(">7I4B4I4Q", 0x20400, 2, head + len(name) + 32 * special, head, special, pages, limit,
                       32, 2, 0, 12, 0, 0, 0, 0, 0, *text, 1)
    parts = [(0, blob(0xFADE0C02, body + name + hashes)), (2, requirements), (0x10000, cms)]
    at, index = 12 + 8 * len(parts), b""
    for slot, part in parts:
        index += struct.pack(">2I", slot, at)
        at += len(part)
    signature = struct.pack(">3I", 0xFADE0CC0, at, len(parts)) + index + b"".join(part for _, part in parts)
    data += signature.ljust(room, b"\0")


def main():
    with open(sys.argv[1], "r+b") as f:
        data = bytearray(f.read())
        sign(data, sys.argv[2])
        f.seek(0)
        f.truncate()
        f.write(data)


main()
