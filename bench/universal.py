"""Writes a universal binary of two slices, signed ad hoc: SHA-256 of pages of 4096 bytes.
  universal.py FILE MEGABYTES"""
import os, struct, sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tests/fuzz"))
import seeds

size = int(sys.argv[2]) << 19
room = (size // 128 + 8191) & ~4095
slices = [(cpu, sub, seeds.macho(cpu, size, room, both=False)) for cpu, sub in ((0x01000007, 0), (0x0100000C, 0))]
data = struct.pack(">2I", 0xCAFEBABE, 2)
at = 16384
for cpu, sub, code in slices:
    data += struct.pack(">5I", cpu, sub, at, len(code), 14)
    at += (len(code) + 16383) & ~16383
for _, _, code in slices:
    data = data.ljust((len(data) + 16383) & ~16383, b"\0") + code
with open(sys.argv[1], "wb") as f:
    f.write(data)
