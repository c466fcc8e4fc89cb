"""Signed bundles that nobody here made, against an independent computation, then damaged.

    signed.py DEXTCTL FLIPS BUNDLE...

For every slice of every program the cdhashes that dextctl gives are computed again from the bytes of
the code directories (hashlib, and openssl where it is there), and every page hash from the pages. Then
one bit at a time is flipped at a random place of a random file of a copy, FLIPS times: each has to be
found and named. Prints a line a bundle; exit status 1 when something differs or was missed.
"""
import hashlib
import json
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile

HASHES = {1: ("sha1", 20), 2: ("sha256", 32), 3: ("sha256", 20), 4: ("sha384", 48)}


def slices(data):
    if data[:4] == b"\xca\xfe\xba\xbe":
        for i in range(struct.unpack(">I", data[4:8])[0]):
            _, _, at, size, _ = struct.unpack(">5I", data[8 + 20 * i : 28 + 20 * i])
            yield data[at : at + size]
    else:
        yield data


def signature(part):
    little = part[0] in (0xCE, 0xCF)
    order = "<" if little else ">"
    wide = 0xCF in (part[0], part[3])
    at = 32 if wide else 28
    for _ in range(struct.unpack(order + "I", part[16:20])[0]):
        command, size = struct.unpack(order + "II", part[at : at + 8])
        if command == 0x1D:
            start, length = struct.unpack(order + "II", part[at + 8 : at + 16])
            return part[start : start + length]
        at += size
    return b""


def directories(blob):
    if len(blob) < 12:
        return
    for i in range(struct.unpack(">I", blob[8:12])[0]):
        kind, at = struct.unpack(">II", blob[12 + 8 * i : 20 + 8 * i])
        if kind == 0 or 0x1000 <= kind < 0x1005:
            yield blob[at : at + struct.unpack(">I", blob[at + 4 : at + 8])[0]]


def digest(name, data):
    mine = hashlib.new(name, data).hexdigest()
    tool = shutil.which("openssl")
    if tool:
        out = subprocess.run([tool, "dgst", "-" + name, "-r"], input=data, capture_output=True, check=True).stdout
        assert out.decode().split()[0] == mine
    return mine


def pages_hold(directory, part):
    offset, _, _, count, limit = struct.unpack(">5I", directory[16:36])
    size, kind, bits = directory[36], directory[37], directory[39]
    page = 1 << bits if bits else limit
    for i in range(count):
        data = part[i * page : min((i + 1) * page, limit)]
        if hashlib.new(HASHES[kind][0], data).digest()[:size] != directory[offset + i * size : offset + (i + 1) * size]:
            return False
    return True


def run(dextctl, path):
    out = subprocess.run([dextctl, "signature", "--format", "json", path], capture_output=True, text=True)
    return out.returncode, json.loads(out.stdout)["signatures"] if out.stdout else []


def compare(code):
    """Number of directories, of those that differ, and whether all pages hold."""
    with open(code["executable"], "rb") as f:
        data = f.read()
    total = wrong = 0
    hold = True
    for part, shown in zip(slices(data), code["slices"]):
        found = list(directories(signature(part)))
        mine = sorted(digest(HASHES[d[37]][0], d)[:40] for d in found)
        theirs = sorted(d["cdhash"] for d in shown["directories"])
        total += len(mine)
        wrong += mine != theirs
        hold = hold and all(pages_hold(d, part) for d in found)
    return total, wrong, hold


def flip(dextctl, bundle, count, draw):
    """Flips in a copy: (tried, missed, named otherwise)."""
    with tempfile.TemporaryDirectory() as folder:
        copy = os.path.join(folder, os.path.basename(bundle.rstrip("/")))
        shutil.copytree(bundle, copy, symlinks=True)
        files = []
        for root, _, names in os.walk(copy):
            for name in names:
                path = os.path.join(root, name)
                # What no seal covers: PkgInfo and .DS_Store (left out by its rules), AppleDouble files, the
                # stapled ticket (which is Apple's own signature of the cdhashes).
                ticket = path.endswith("/Contents/CodeResources")
                left_out = ticket or name in ("PkgInfo", ".DS_Store") or name.startswith("._")
                if not os.path.islink(path) and os.path.getsize(path) and not left_out:
                    files.append(path)
        before = run(dextctl, copy)
        missed = otherwise = 0
        for _ in range(count):
            path = draw.choice(files)
            size = os.path.getsize(path)
            at = size - 1 - draw.randrange(min(size, 40000)) if draw.random() < 0.5 else draw.randrange(size)
            with open(path, "r+b") as f:
                f.seek(at)
                byte = f.read(1)[0]
                bit = 1 << draw.randrange(8)
                f.seek(at)
                f.write(bytes([byte ^ bit]))
                f.flush()
                after = run(dextctl, copy)
                f.seek(at)
                f.write(bytes([byte]))
            old = {(p["file"], p["name"], p["text"]) for c in before[1] for p in c["problems"]}
            new = {(p["file"], p["name"], p["text"]) for c in after[1] for p in c["problems"]} - old
            if after[0] == 3:
                continue  # unreadable, and said so
            if not new:
                missed += 1
                print(f"  missed: {path[len(copy):]} at {at}, bit {bit:#x}")
            elif not any(p[0] == path for p in new):
                otherwise += 1
        return count, missed, otherwise


def main():
    dextctl, count, bundles = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
    seed = int(os.environ.get("DEXTCTL_SEED", random.randrange(1 << 30)))
    print(f"DEXTCTL_SEED={seed}")
    bad = 0
    for bundle in bundles:
        draw = random.Random(seed)
        _, codes = run(dextctl, bundle)
        for code in codes:
            parts = [f"{s['arch']}: {len(s['classes'])} classes, DER {s['der']['status']}" for s in code["slices"]]
            total, wrong, hold = compare(code) if code["executable"] else (0, 0, True)
            bad += wrong
            # pages that do not hold must be a finding, pages that hold must not
            told = any(p["name"] == "page-modified" for p in code["problems"])
            bad += told == hold
            teams = sorted({s["team"] for s in code["slices"]})
            print(f"{code['file']}: {code['verdict']}, {code['signer']}, {'/'.join(teams)}, {total} cdhashes, {wrong} differ; " + "; ".join(parts))
        if os.path.isdir(bundle) and count:
            tried, missed, otherwise = flip(dextctl, bundle, count, draw)
            print(f"  {tried} flips, {missed} missed, {otherwise} named at another file")
            bad += missed
    return 1 if bad or not bundles else 0


sys.exit(main())
