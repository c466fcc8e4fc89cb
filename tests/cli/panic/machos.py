"""Mach-O files to find symbols in, made here: machos.py FOLDER writes

  Acme.kext               universal, arm64e (__TEXT_EXEC away from __TEXT, as ld makes kexts) and x86_64
  Acme.kext.dSYM          of the same build, with a section for lines
  old/Acme.kext           another build of the same version
  stripped/Acme.kext      the same build as the first, exported symbols and function starts only
  bare/Acme.kext          the same without function starts
  kernel.release.t8101    arm64e, where a Kernel Debug Kit has it
  kernel                  x86_64, with __HIB
  kernelcache             a kernel collection (MH_FILESET) that holds that kernel and the kext

Layout: xnu EXTERNAL_HEADERS/mach-o/loader.h, nlist.h, fat.h."""
import os
import struct
import sys

ARM64E, X86 = (0x0100000C, 0x80000002), (0x01000007, 3)
EXECUTE, DSYM, KEXT, FILESET = 2, 10, 11, 12
CODE = 0x80000400
SECT, EXT = 0x0E, 0x01


def name16(s):
    return s.encode().ljust(16, b"\0")


def uleb(n):
    out = b""
    while True:
        out += bytes([n & 0x7F | (0x80 if n > 0x7F else 0)])
        n >>= 7
        if not n:
            return out


def tables(symbols, starts, base):
    """nlist entries, strings and function starts; symbols: (name, type, section, value)"""
    nlist, strings = b"", b"\0"
    for name, kind, section, value in symbols:
        nlist += struct.pack("<IBBHQ", len(strings) if name else 0, kind, section, 0, value)
        strings += name.encode() + b"\0" if name else b""
    deltas, last = b"", base
    for s in starts:
        deltas += uleb(s - last)
        last = s
    return nlist, strings, (deltas + b"\0") if starts else b""


def macho(cpu, kind, uuid, segments, symbols=(), starts=(), at=0, lines=False):
    """segments: (name, address, size, [(section, address, size, flags)]); no bytes of theirs are in
    the file. at: where it stands in a collection, from whose beginning offsets count."""
    base = next((a for n, a, _, _ in segments if n == "__TEXT"), 0)
    nlist, strings, deltas = tables(symbols, starts, base)
    segments = list(segments)
    if lines:
        segments.append(("__DWARF", 0x100000, 64, [("__debug_line", 0x100000, 64, 0)]))
    commands, count = b"", 0
    for name, address, size, sections in segments:
        commands += struct.pack("<2I16s4Q4I", 0x19, 72 + 80 * len(sections), name16(name), address, size, 0, 0, 7, 5,
                                len(sections), 0)
        for section, where, n, flags in sections:
            commands += struct.pack("<16s16s2Q8I", name16(section), name16(name), where, n, 0, 0, 0, 0, flags, 0, 0, 0)
        count += 1
    commands += struct.pack("<2I", 0x1B, 24) + bytes.fromhex(uuid.replace("-", ""))
    size = 32 + len(commands) + 24 + (16 if deltas else 0)
    commands += struct.pack("<6I", 0x02, 24, at + size, len(symbols), at + size + len(nlist), len(strings))
    if deltas:
        commands += struct.pack("<4I", 0x26, 16, at + size + len(nlist) + len(strings), len(deltas))
    count += 3 if deltas else 2
    head = struct.pack("<8I", 0xFEEDFACF, *cpu, kind, count, len(commands), 0, 0)
    return head + commands + nlist + strings + deltas


def universal(slices):
    at, table, body = 0x1000, b"", b""
    for cpu, data in slices:
        table += struct.pack(">5I", *cpu, at, len(data), 12)
        body = body.ljust(at - 0x1000, b"\0") + data
        at = (at + len(data) + 0xFFF) // 0x1000 * 0x1000
    return (struct.pack(">2I", 0xCAFEBABE, len(slices)) + table).ljust(0x1000, b"\0") + body


def collection(uuid, entries):
    """entries: (id, address, function of the offset that makes the file)"""
    commands = struct.pack("<2I", 0x1B, 24) + bytes.fromhex(uuid.replace("-", ""))
    at, table, body = 0x1000, b"", b""
    for name, address, make in entries:
        data = make(at)
        text = name.encode() + b"\0"
        n = (32 + len(text) + 7) // 8 * 8
        table += struct.pack("<2I2Q2I", 0x80000035, n, address, at, 32, 0) + text.ljust(n - 32, b"\0")
        body = body.ljust(at - 0x1000, b"\0") + data
        at = (at + len(data) + 0xFFF) // 0x1000 * 0x1000
    commands += table
    head = struct.pack("<8I", 0xFEEDFACF, *ARM64E, FILESET, 1 + len(entries), len(commands), 0, 0)
    return (head + commands).ljust(0x1000, b"\0") + body


# ---- a kext: four functions, 0x40 bytes each ------------------------------------------------------
KEXT_UUID = {"arm": "92BABD94-80A4-3F6D-857A-3240E4DA8009", "intel": "92BABD94-80A4-3F6D-857A-3240E4DA8010",
             "old": "11111111-80A4-3F6D-857A-3240E4DA8009", "old intel": "11111111-80A4-3F6D-857A-3240E4DA8010"}
NAMES = ["__ZN10AcmeDriver5crashEPi", "__ZL6helperP10AcmeDriver", "__ZN10AcmeDriver5startEP9IOServicej", "_acme_main"]


def kext_segments(text, code, separate):
    """__TEXT with a header and strings, then the code in __TEXT_EXEC (arm64) or behind the strings"""
    strings = ("__cstring", text + 0x400, 0x3000, 2)
    if separate:
        return [("__TEXT", text, 0x4000, [strings]), ("__TEXT_EXEC", code, 0x4000, [("__text", code, 0x100, CODE)])]
    return [("__TEXT", text, 0x8000, [strings, ("__text", code, 0x100, CODE)])]


def kext_symbols(code, stripped=False):
    out = []
    for i, name in enumerate(NAMES):
        local = "ZL" in name
        if not (stripped and local):
            out.append((name, SECT if local else SECT | EXT, 2, code + 0x40 * i))
    out.append(("_acme_text", SECT | EXT, 1, code - 0x1000))
    return out if stripped else out + [("/build/Acme.o", 0x66, 0, 0)]


def kext(cpu, uuid, text, code, kind=KEXT, stripped=False, starts=True, at=0, lines=False):
    return macho(cpu, kind, uuid, kext_segments(text, code, cpu == ARM64E), kext_symbols(code, stripped),
                 [code + 0x40 * i for i in range(4)] if starts else [], at, lines)


def plist(bundle_id, version, kind="KEXT"):
    return (f'<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0"><dict><key>CFBundleIdentifier</key>'
            f"<string>{bundle_id}</string><key>CFBundlePackageType</key><string>{kind}</string>"
            f"<key>CFBundleVersion</key><string>{version}</string></dict></plist>\n").encode()


# ---- kernels --------------------------------------------------------------------------------------
KERNEL_UUID = {"arm": "F5893147-A9D2-3D60-B5A4-E4AE9BA0A628", "intel": "538F8625-C517-37E1-9122-E63C7D6C446E"}
CACHE_UUID = "2590C860-CDAE-D056-1223-4CD6892DA9A2"


def kernel(uuid, text, code, at=0):
    symbols = [("_panic", SECT | EXT, 2, code + 0x100), ("_handle_debugger_trap", SECT | EXT, 2, code + 0x200),
               ("_thread_continue", SECT, 2, code + 0x300), ("_ppl_enter", SECT, 3, code + 0x800010)]
    return macho(ARM64E, EXECUTE, uuid,
                 [("__TEXT", text, 0x8000, [("__const", text + 0x1000, 0x100, 0)]),
                  ("__TEXT_EXEC", code, 0x400000, [("__text", code, 0x1000, CODE)]),
                  ("__PPLTEXT", code + 0x800000, 0x4000, [("__text", code + 0x800000, 0x1000, CODE)])],
                 symbols, at=at)


def intel_kernel():
    text, hib = 0xFFFFFF8000200000, 0xFFFFFF8000100000
    symbols = [("_panic", SECT | EXT, 2, text + 0x1100), ("_kernel_trap", SECT | EXT, 2, text + 0x1200),
               ("_hib_trap", SECT, 1, hib + 0x1000)]
    return macho(X86, EXECUTE, KERNEL_UUID["intel"],
                 [("__HIB", hib, 0x100000, [("__text", hib + 0x1000, 0x1000, CODE)]),
                  ("__TEXT", text, 0x100000, [("__text", text + 0x1000, 0x10000, CODE)])], symbols)


def write(folder, path, data):
    path = os.path.join(folder, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data)


def bundle(folder, path, data, bundle_id="com.example.Acme", version="1.2.0"):
    write(folder, path + "/Contents/MacOS/Acme", data)
    write(folder, path + "/Contents/Info.plist", plist(bundle_id, version))


def tree(to):
    arm, intel = kext(ARM64E, KEXT_UUID["arm"], 0, 0x8000), kext(X86, KEXT_UUID["intel"], 0, 0x4000)
    both = universal([(X86, intel), (ARM64E, arm)])
    bundle(to, "Acme.kext", both)
    write(to, "Acme.kext.dSYM/Contents/Resources/DWARF/Acme",
          universal([(cpu, kext(cpu, KEXT_UUID[name], 0, code, DSYM, lines=True))
                     for cpu, name, code in ((X86, "intel", 0x4000), (ARM64E, "arm", 0x8000))]))
    write(to, "Acme.kext.dSYM/Contents/Info.plist", plist("com.apple.xcode.dsym.com.example.Acme", "1.2.0", "dSYM"))
    bundle(to, "old/Acme.kext", universal([(ARM64E, kext(ARM64E, KEXT_UUID["old"], 0, 0x8000)),
                                           (X86, kext(X86, KEXT_UUID["old intel"], 0, 0x4000))]))
    bundle(to, "stripped/Acme.kext", kext(ARM64E, KEXT_UUID["arm"], 0, 0x8000, stripped=True))
    bundle(to, "bare/Acme.kext", kext(ARM64E, KEXT_UUID["arm"], 0, 0x8000, stripped=True, starts=False))
    write(to, "kernel.release.t8101", kernel(KERNEL_UUID["arm"], 0xFFFFFE0007004000, 0xFFFFFE00070EC000))
    write(to, "kernel", intel_kernel())
    text, code = 0xFFFFFE0007834000, 0xFFFFFE000791C000
    write(to, "kernelcache", collection(CACHE_UUID, [
        ("com.apple.kernel", text, lambda at: kernel(KERNEL_UUID["arm"], text, code, at)),
        ("com.example.Acme", 0xFFFFFE0007100000,
         lambda at: kext(ARM64E, KEXT_UUID["arm"], 0xFFFFFE0007100000, 0xFFFFFE000815BFD0, at=at))]))


if __name__ == "__main__":
    tree(sys.argv[1])
