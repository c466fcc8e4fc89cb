"""A Mach-O file for arm64 with an ad hoc signature: macho.py FILE [OFFSET], which flips a byte there."""
import hashlib
import struct
import sys

IDENT = b"com.example.driver\0"
code = struct.pack("<8I", 0xFEEDFACF, 0x100000C, 0, 2, 1, 16, 0, 0)
limit = 6000
pages = (limit + 4095) // 4096
special = 2
requirements = struct.pack(">3I", 0xFADE0C01, 12, 0)
header = 88
hashes = header + len(IDENT) + special * 32
length = hashes + pages * 32
size = 12 + 16 + length + len(requirements)
code += struct.pack("<4I", 0x1D, 16, limit, size)
code = code.ljust(limit, b"\x42")
slots = hashlib.sha256(requirements).digest() + bytes(32)
slots += b"".join(hashlib.sha256(code[i:i + 4096]).digest() for i in range(0, limit, 4096))
directory = struct.pack(">9I4B3IIQQQQ", 0xFADE0C02, length, 0x20400, 2, hashes, header, special, pages, limit,
                        32, 2, 0, 12, 0, 0, 0, 0, 0, 0, limit, 1) + IDENT + slots
blob = struct.pack(">3I4I", 0xFADE0CC0, size, 2, 0, 28, 2, 28 + length) + directory + requirements
data = bytearray(code + blob)
if len(sys.argv) > 2:
    data[int(sys.argv[2])] ^= 1
with open(sys.argv[1], "wb") as f:
    f.write(data)
