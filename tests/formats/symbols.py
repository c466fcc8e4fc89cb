"""symbols.py DEXTCTL CLANG LD64.LLD DSYMUTIL LLVM-NM LLVM-LIPO LLVM-SYMBOLIZER"""
import bisect
import json
import os
import shutil
import subprocess
import sys
import tempfile

dextctl, clang, ld, dsymutil, nm, lipo, symbolizer = sys.argv[1:]
SOURCE = """
struct AcmeDriver {
    int crash(int *p);
    int start(void *provider, unsigned options);
    template <typename T> T twice(T v) { return v + v; }
};
static inline __attribute__((always_inline)) int peek(int *p)
{
    return *p;
}
__attribute__((noinline)) int AcmeDriver::crash(int *p)
{
    return peek(p) + 1;
}
template __attribute__((noinline)) long AcmeDriver::twice<long>(long);
__attribute__((noinline)) static int helper(AcmeDriver *d, int *p)
{
    int v = d->crash(p);
    return v * 3 + (int)d->twice((long)v);
}
int AcmeDriver::start(void *provider, unsigned options)
{
    int v = helper(this, (int *)provider);
    return v + (int)options;
}
extern "C" int acme_start(AcmeDriver *d) { return d->start(nullptr, 1) + 1; }
extern "C" const char acme_text[] = "buffer has %d retains";
"""
bad = 0


def run(*args, may_fail=False):
    return subprocess.run(args, check=not may_fail, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True).stdout


def complain(text):
    global bad
    bad += 1
    print(text)


def build(arch):
    run(clang, "-target", arch + "-apple-macos11", "-g", "-O1", "-c", "Acme.cpp", "-o", arch + ".o")
    rename = ["-rename_section", "__TEXT", "__text", "__TEXT_EXEC", "__text"] if arch == "arm64" else []
    run(ld, "-arch", arch, "-platform_version", "macos", "11", "11", "-bundle", "-undefined", "dynamic_lookup",
        *rename, "-o", arch, arch + ".o")
    run(dsymutil, arch, "-o", "parts/" + arch)


def functions(arch):
    """sorted (address, symbol) of the code, as llvm-nm has them"""
    out = []
    for line in run(nm, "-n", "-a", arch).splitlines():
        address, kind, name = line.split()[:3]
        if kind in "sStT" and not name.startswith("_acme_text") and not name.endswith("_text"):
            out.append((int(address, 16), name))
    return [f for f in out if f[1].startswith("_")]


def report(arch, uuid, start, end, addresses):
    """a report with these addresses as frames, of a kext that was loaded at start"""
    kext = f"         com.example.Acme(1.0)[{uuid}]@0x{start:016x}->0x{end:016x}\n"
    if arch == "arm64":
        frames = "".join(f"\t\t  lr: 0x{a:016x}  fp: 0xfffffe600c4c2c60\n" for a in addresses)
        text = f"Kernel version: x/RELEASE_ARM64_T8101\nPanicked thread: 0x1, backtrace: 0x2, tid: 1\n{frames}"
    else:
        frames = "".join(f"0xffffff9000000000 : 0x{a:016x} \n" for a in addresses)
        text = f"Kernel version: x/RELEASE_X86_64\nBacktrace (CPU 1), Frame : Return Address\n{frames}"
    return f"panic(cpu 1 caller 0xfffffe0000000001): x\n{text}      Kernel Extensions in backtrace:\n{kext}"


def check(arch, uuid, segment, loaded, base, path, lines):
    """every address of the code; segment: where the report's segment is in the file, base: code in the file"""
    names = functions(arch)
    last = names[-1][0] + 8
    inside = list(range(base + 1, last))
    with open("report.txt", "w") as f:
        f.write(report(arch, uuid, loaded, loaded + 0xFFFF, [loaded + a - segment for a in inside]))
    out = json.loads(run(dextctl, "panic", "--format", "json", "report.txt", *path, may_fail=True))["reports"][0]
    if len(out["frames"]) != len(inside):
        complain(f"{arch}: {len(out['frames'])} frames of {len(inside)}")
    told = json.loads(run(symbolizer, "--obj=" + lines, "--default-arch=" + arch, "--output-style=JSON",
                          *[hex(a - 1) for a in inside])) if lines else []
    starts = [a for a, _ in names]
    for i, (address, frame) in enumerate(zip(inside, out["frames"])):
        frame = frame["found"]
        start, name = names[bisect.bisect_right(starts, address - 1) - 1]
        have = (frame["symbol"], frame["offset"], frame["lookup"])
        want = (name, hex(address - start), hex(address - 1))
        if have != want:
            complain(f"{arch} {address:#x}: have {have}, want {want}")
        if lines:
            want = [(s["FileName"] or None, s["Line"]) for s in told[i]["Symbol"]]
            have = [(s["file"], s["line"]) for s in frame["lines"]]
            if have != want:
                complain(f"{arch} {address:#x}: have {have}, want {want}")
    return len(inside), {f["found"]["function"] for f in out["frames"]}


with tempfile.TemporaryDirectory() as work:
    os.chdir(work)
    with open("Acme.cpp", "w") as f:
        f.write(SOURCE)
    total, seen = 0, set()
    for arch in ("arm64", "x86_64"):
        build(arch)
    dwarf = "Acme.dSYM/Contents/Resources/DWARF/Acme"
    os.makedirs(os.path.dirname(dwarf))
    run(lipo, "-create", "arm64", "x86_64", "-output", "Acme")
    run(lipo, "-create", *["parts/" + arch + "/Contents/Resources/DWARF/" + arch for arch in ("arm64", "x86_64")],
        "-output", dwarf)
    shutil.rmtree("parts")
    for arch in ("arm64", "x86_64"):
        about = json.loads(run(dextctl, "signature", "--show-only", "--format", "json", arch, may_fail=True))
        uuid = about["signatures"][0]["slices"][0]["uuid"]
        base = functions(arch)[0][0]
        segment = base // 0x4000 * 0x4000 if arch == "arm64" else 0
        loaded = 0xFFFFFE001203BFD0 if arch == "arm64" else 0xFFFFFF7F99ABF000
        for path, lines in ((["--symbols", "Acme"], None), (["--symbols", "."], dwarf)):
            n, names = check(arch, uuid, segment, loaded, base, path, lines)
            total += n
            seen |= names
    for name in ("AcmeDriver::crash(int*)", "helper(AcmeDriver*, int*)", "acme_start", "long AcmeDriver::twice<long>(long)"):
        if name not in seen:
            complain(f"{name} was never told: {sorted(map(str, seen))}")
    os.chdir("/")
print(f"{total} addresses held against llvm-nm and llvm-symbolizer")
sys.exit(bad != 0)
