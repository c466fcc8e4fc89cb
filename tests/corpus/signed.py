"""What `dextctl signature` says of real signed code, computed again from the bytes: cdhashes, page
hashes, team, identifier, entitlements (XML and DER), special slots and the CMS signature (openssl).
Then one byte at a time is flipped in what the signature covers; every flip has to be found.
  signed.py DEXTCTL FOLDER"""
import gzip, hashlib, json, os, plistlib, random, shutil, struct, subprocess, sys, tempfile, zlib
import xml.etree.ElementTree as ET

dextctl, folder = sys.argv[1:3]
FLIPS = int(os.environ.get("DEXTCTL_FLIPS", "20"))
SEED = int(os.environ.get("DEXTCTL_SEED", random.randrange(1 << 30)))
HASHES = {1: ("sha1", 20), 2: ("sha256", 32), 3: ("sha256", 20), 4: ("sha384", 48)}
bad = []


def cpio(data, to):
    """The old portable form (odc), which pkgbuild writes."""
    at = 0
    while data[at:at + 6] == b"070707":
        mode, names, size = (int(data[at + a:at + b], 8) for a, b in ((18, 24), (59, 65), (65, 76)))
        name = data[at + 76:at + 76 + names - 1].decode()
        body = data[at + 76 + names:at + 76 + names + size]
        at += 76 + names + size
        path = os.path.normpath(os.path.join(to, name))
        if name == "TRAILER!!!" or not path.startswith(to):
            continue
        if mode >> 12 == 4:
            os.makedirs(path, exist_ok=True)
            continue
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if mode >> 12 == 10:
            os.symlink(body.decode(), path)
        else:
            with open(path, "wb") as f:
                f.write(body)


def unpack(pkg, to):
    """A package's payloads, each in its place."""
    data = open(pkg, "rb").read()
    head, _, size = struct.unpack(">HHQ", data[4:16])
    toc = ET.fromstring(zlib.decompress(data[head:head + size]))

    def walk(node, where):
        for f in node.findall("file"):
            name, d = os.path.join(where, f.findtext("name")), f.find("data")
            if f.findtext("name") == "Payload" and d is not None:
                start = head + size + int(d.findtext("offset"))
                body = data[start:start + int(d.findtext("length"))]
                if "gzip" in d.find("encoding").get("style"):
                    body = zlib.decompress(body)
                cpio(gzip.decompress(body), os.path.join(to, where) if where else to)
            walk(f, name)
    walk(toc.find("toc"), "")


def macho_slices(data):
    if data[:4] == b"\xca\xfe\xba\xbe":
        for i in range(struct.unpack(">I", data[4:8])[0]):
            _, _, offset, size, _ = struct.unpack(">5I", data[8 + 20 * i:28 + 20 * i])
            yield offset, data[offset:offset + size]
    else:
        yield 0, data


def superblob(slice_):
    """Where the superblob of a slice is, and its blobs as slot -> (offset in the slice, bytes)."""
    wide = slice_[:4] == b"\xcf\xfa\xed\xfe"
    at = 32 if wide else 28
    for _ in range(struct.unpack("<I", slice_[16:20])[0]):
        command, size = struct.unpack("<2I", slice_[at:at + 8])
        if command == 0x1D:
            start = struct.unpack("<I", slice_[at + 8:at + 12])[0]
            blobs = {}
            for i in range(struct.unpack(">I", slice_[start + 8:start + 12])[0]):
                slot, off = struct.unpack(">2I", slice_[start + 12 + 8 * i:start + 20 + 8 * i])
                n = struct.unpack(">I", slice_[start + off + 4:start + off + 8])[0]
                blobs[slot] = (start + off, slice_[start + off:start + off + n])
            return blobs
        at += size
    return {}


def tlv(b, at):
    n, at = b[at + 1], at + 2
    if n & 128:
        k = n & 127
        n, at = int.from_bytes(b[at:at + k], "big"), at + k
    return at, at + n


def der(b, at=0):
    """A value of entitlements in DER, and where it ends."""
    tag, (p, end) = b[at], tlv(b, at)
    if tag == 1:
        return b[p] != 0, end
    if tag == 2:
        return int.from_bytes(b[p:end], "big", signed=True), end
    if tag == 12:
        return b[p:end].decode(), end
    if tag == 4:
        return b[p:end], end
    items = []
    while p < end:
        item, p = der(b, p)
        items.append(item)
    return (dict(items) if tag in (0x31, 0xB0) and all(isinstance(i, list) and len(i) == 2 for i in items)
            else items), end


def der_entitlements(blob):
    if blob[0] == 0x70:  # [APPLICATION 16] { version, [CONTEXT 16] { pairs } }
        p, _ = tlv(blob, 0)
        _, p = der(blob, p)
        return der(blob, p)[0]
    return der(blob)[0]


def text(blob, at):
    return blob[at:blob.index(b"\0", at)].decode() if at else ""


def root_of(executable):
    """The bundle's folder that holds Info.plist, or None."""
    up = os.path.dirname(executable)
    for where in (up, os.path.dirname(up)):
        if os.path.exists(os.path.join(where, "Info.plist")):
            return where
    return None


def computed(executable):
    out = []
    for offset, s in macho_slices(open(executable, "rb").read()):
        blobs, r = superblob(s), {"offset": offset, "directories": [], "faults": []}
        xml = blobs[5][1][8:] if 5 in blobs else None
        r["entitlements"] = plistlib.loads(xml) if xml else None
        if 7 in blobs and der_entitlements(blobs[7][1][8:]) != r["entitlements"]:
            r["faults"].append("DER and XML entitlements differ")
        base = root_of(executable)
        parts = {1: os.path.join(base or "", "Info.plist"),
                 3: os.path.join(base or "", "_CodeSignature/CodeResources")}
        for slot in sorted(k for k in blobs if k == 0 or 0x1000 <= k < 0x1006):
            cd = blobs[slot][1]
            (hashes, ident, special, pages, limit) = struct.unpack(">5I", cd[16:36])
            size, kind, page = cd[36], cd[37], 1 << cd[39]
            version = struct.unpack(">I", cd[8:12])[0]
            team = struct.unpack(">I", cd[48:52])[0] if version >= 0x20200 else 0
            r["flags"], r["identifier"], r["team"] = struct.unpack(">I", cd[12:16])[0], text(cd, ident), text(cd, team)
            name, n = HASHES[kind]
            digest = lambda b: hashlib.new(name, b).digest()[:n]
            r["directories"].append({"cdhash": digest(cd)[:20].hex(), "pages": pages})
            for i in range(pages):
                if cd[hashes + i * size:][:size] != digest(s[i * page:min((i + 1) * page, limit)]):
                    r["faults"].append(f"page {i}")
            for i in range(1, special + 1):
                want = cd[hashes - i * size:][:size]
                have = blobs[i][1] if i in blobs else b""
                if i in parts and base and os.path.exists(parts[i]):
                    have = open(parts[i], "rb").read()
                if any(want) and want != digest(have):
                    r["faults"].append(f"special slot {i}")
        if len(blobs.get(0x10000, (0, b""))[1]) > 8:
            with tempfile.TemporaryDirectory() as t:
                open(t + "/cms", "wb").write(blobs[0x10000][1][8:])
                open(t + "/cd", "wb").write(blobs[0][1])
                run = subprocess.run(["openssl", "cms", "-verify", "-noverify", "-binary", "-inform", "DER", "-in", t + "/cms",
                                      "-content", t + "/cd", "-out", "/dev/null"], capture_output=True, text=True)
                if run.returncode:
                    r["faults"].append("openssl: " + run.stderr.strip()[:80])
        out.append(r)
    return out


def signature(path):
    run = subprocess.run([dextctl, "signature", "--format", "json", path], capture_output=True, text=True)
    if run.returncode not in (0, 1, 3) or (run.returncode == 3 and not run.stderr.strip()):
        bad.append(f"{path}: exit {run.returncode}: {run.stderr[:300]}")
    try:
        return run.returncode, json.loads(run.stdout)["signatures"], run.stderr
    except (ValueError, KeyError):
        return run.returncode, [], run.stderr


def compare(label, codes, root, prefix):
    for c in codes:
        if not c["executable"] or not c["slices"]:
            continue
        relative = os.path.relpath(c["executable"], root) if not prefix else c["executable"].split("!/", 1)[1]
        path = os.path.join(root, relative)
        want, wrong = computed(path), []
        for a, b in zip(c["slices"], want):
            b["directories"].sort(key=lambda d: d["cdhash"])  # dextctl shows the system's choice first
            have = {"offset": a["offset"], "team": a["team"], "identifier": a["identifier"], "flags": a["flags"],
                    "entitlements": a["entitlements"] or None,
                    "directories": [{"cdhash": d["cdhash"], "pages": d["pages"]} for d in sorted(a["directories"], key=lambda d: d["cdhash"])]}
            wrong += [f"{k}: dextctl {have[k]}, computed {b.get(k)}" for k in have if have[k] != (b.get(k) or have[k].__class__())]
            if a["cdhash"] not in [d["cdhash"] for d in b["directories"]]:
                wrong.append("cdhash is of no code directory")
            if b["faults"] and c["verdict"] == "valid":
                wrong.append("valid, but computed: " + ", ".join(b["faults"][:3]))
        if len(want) != len(c["slices"]):
            wrong.append(f"{len(c['slices'])} slices, computed {len(want)}")
        print("\t".join([label, os.path.basename(c["name"]), c["verdict"], c["slices"][0]["signer"], c["slices"][0]["team"],
                         "DIFFERENT" if wrong else "equal",
                         " ".join(f"{s['arch']}({len(s['classes'])})" for s in c["slices"])]))
        bad.extend(f"{label} {c['name']}: {w}" for w in wrong)


def targets(bundle):
    """(kind, file, first, size) of what one signature covers. Between slices nothing counts."""
    out = []
    for where, folders, files in os.walk(bundle):
        for f in files:
            path = os.path.join(where, f)
            if os.path.islink(path) or f == "CodeResources" and not where.endswith("_CodeSignature"):
                continue  # Contents/CodeResources is the notary's ticket
            if f in ("PkgInfo", ".DS_Store"):
                continue  # codesign's own rules leave them out of the seal
            data = open(path, "rb").read()
            kind = {"Info.plist": "Info.plist", "CodeResources": "CodeResources",
                    "embedded.provisionprofile": "profile"}.get(f, "sealed file")
            if data[:4] in (b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe"):
                for offset, s in macho_slices(data):
                    blobs = superblob(s)
                    if 0 in blobs:
                        limit = struct.unpack(">I", blobs[0][1][32:36])[0]
                        out.append(("page", path, offset, limit))
                    for slot, (at, b) in blobs.items():
                        cms = slot == 0x10000
                        out.append(("CMS" if cms else "blob", path, offset + at + (8 if cms else 0), len(b) - (8 if cms else 0)))
            elif data and not f.startswith("._"):
                out.append((kind, path, 0, len(data)))
    return out


def named(kind, path, codes, errors):
    file = os.path.basename(path)
    said = errors + " ".join(f"{p['file']} {p['text']}" for c in codes for p in c["problems"]) + \
        " ".join(s["fault"] for c in codes for s in c["slices"])
    return file in said or kind in ("CMS", "blob", "page") and bool(said.strip())


def flips(label, bundle, ad_hoc):
    pick, found, total, by = random.Random(f"{SEED}{label}{os.path.basename(bundle)}"), 0, 0, {}
    for t in targets(bundle):
        if t[3] and not (ad_hoc and t[0] in ("blob", "CMS")):  # nobody vouches for an ad hoc one's
            by.setdefault(t[0], []).append(t)
    for i in range(FLIPS if by else 0):
        kind = sorted(by)[i % len(by)]
        _, path, first, size = pick.choice(by[kind])
        at, mask = first + pick.randrange(size), 1 << pick.randrange(8)
        with open(path, "r+b") as f:
            f.seek(at)
            was = f.read(1)
            f.seek(at)
            f.write(bytes([was[0] ^ mask]))
        status, codes, errors = signature(bundle)
        with open(path, "r+b") as f:
            f.seek(at)
            f.write(was)
        total += 1
        good = status in (1, 3) and named(kind, path, codes, errors)
        found += good
        if not good:
            bad.append(f"{label} {bundle}: flip {kind} {path}:{at} mask {mask:#x} from byte {first}: exit {status}: "
                       f"{'not named' if status else 'not found'}")
    return found, total


def check(path, work):
    label, root, prefix = os.path.basename(path), path, False
    if path.endswith(".pkg"):
        root = os.path.join(work, label)
        unpack(path, root)
        prefix = True
        _, codes, _ = signature(path)
        compare(label, codes, root, True)
    status, codes, errors = signature(root)
    if not prefix:
        compare(label, codes, root, False)
    if errors:
        print(f"{label}: {errors.strip()}")
    for c in codes:
        if c["bundle"] and c["verdict"] in ("valid", "ad-hoc"):
            spare = os.path.join(work, "flip", os.path.basename(c["file"]))
            shutil.rmtree(os.path.join(work, "flip"), ignore_errors=True)
            shutil.copytree(c["file"], spare, symlinks=True)
            found, total = flips(label, spare, c["verdict"] == "ad-hoc")
            print(f"{label}\t{os.path.basename(spare)}\tflips found {found} of {total}", flush=True)
    return len(codes)


print(f"seed {SEED}, {FLIPS} flips a bundle")
count = 0
with tempfile.TemporaryDirectory() as work:
    for entry in sorted(os.listdir(folder)):
        path = os.path.join(folder, entry)
        if entry.endswith(".pkg") or os.path.isdir(path):
            count += check(path, os.path.realpath(work))
print(f"{count} things that are signed")
for line in bad:
    print(line)
sys.exit(1 if bad or not count else 0)
