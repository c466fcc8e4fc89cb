"""One registry in every form that `ioreg` and its friends give, which must all read as one tree.

    ioreg.py DEXTCTL

Makes random trees (printed seed), writes each as text (plain, -i, other tree characters, indented by a
paste) and as archives (XML, binary, a dictionary or an array at the top, below a title, UTF-16) and compares
what `dextctl ioreg --format json` says of them, lines, file names and spellings of one value aside.
"""
import json
import os
import plistlib
import random
import subprocess
import sys
import tempfile

CLASSES = ["IOUSBHostDevice", "IOUSBHostInterface", "IOPCIDevice", "IOHIDInterface", "IOUserService", "AcmeThing"]
CHAINS = {c: f"IORegistryEntry:IOService:{c}" for c in CLASSES}
CHAINS["Root"] = "IORegistryEntry"


def value(draw, depth=0):
    kind = draw.randrange(8 if depth < 3 else 5)
    if kind == 0:
        return draw.choice([0, 1, 4660, 2**31, 2**63, draw.randrange(2**32)])
    if kind == 1:
        return draw.choice(["", "Acme", "a b <c> & d", 'quote ', "MÜLLER", "x" * 200])
    if kind == 2:
        return draw.random() < 0.5
    if kind == 3:
        return bytes(draw.randrange(256) for _ in range(draw.randrange(12)))
    if kind == 4:
        return draw.randrange(100)
    if kind == 5:
        return [value(draw, depth + 1) for _ in range(draw.randrange(4))]
    return {f"K{i}": value(draw, depth + 1) for i in range(draw.randrange(4))}


def tree(draw, count):
    made = 0

    def node(depth):
        nonlocal made
        made += 1
        first = made == 1
        n = {
            "name": "Root" if first else draw.choice(["Acme Meter", "XHC1", "thing", "Müller"]),
            "location": "" if first or draw.random() < 0.5 else f"{draw.randrange(1 << 28):x}",
            "class": "IORegistryEntry" if first else draw.choice(CLASSES),
            "id": 0x100000100 + made,
            "retain": draw.randrange(1, 40),
            "service": not first,
            "registered": draw.random() < 0.8,
            "matched": draw.random() < 0.8,
            "busy": 0 if draw.random() < 0.9 else 2,
            "properties": {f"Key {i}" if i else "idVendor": value(draw) for i in range(draw.randrange(5))},
            "children": [],
        }
        while made < count and (first or (depth < 8 and draw.random() < 0.55)):
            n["children"].append(node(depth + 1))
        return n

    return node(0)


def as_plist(n):
    d = {"IORegistryEntryName": n["name"], "IOObjectClass": n["class"], "IORegistryEntryID": n["id"], "IOObjectRetainCount": n["retain"]}
    if n["location"]:
        d["IORegistryEntryLocation"] = n["location"]
    if n["service"]:
        d["IOServiceState"] = 2 * n["registered"] + 4 * n["matched"] + 24
        d["IOServiceBusyState"] = n["busy"]
    d.update(n["properties"])
    if n["children"]:
        d["IORegistryEntryChildren"] = [as_plist(c) for c in n["children"]]
    return d


def shown(v):
    if isinstance(v, bool):
        return "Yes" if v else "No"
    if isinstance(v, int):
        return str(v)
    if isinstance(v, str):
        return f'"{v}"'
    if isinstance(v, bytes):
        return f"<{v.hex()}>"
    if isinstance(v, list):
        return "(" + ",".join(shown(x) for x in v) + ")"
    return "{" + ",".join(f'"{k}"={shown(x)}' for k, x in v.items()) + "}"


def as_text(root, chains):
    lines = []

    def write(n, before, last):
        cls = f"class {n['class']}"
        if chains:
            cls = "class " + CHAINS.get(n["class"], n["class"])
        at = f"@{n['location']}" if n["location"] else ""
        state = ""
        if n["service"]:
            state = f", {'' if n['registered'] else '!'}registered, {'' if n['matched'] else '!'}matched, active, busy {n['busy']} (0 ms)"
        lines.append(f"{before}+-o {n['name']}{at}  <{cls}, id {n['id']:#x}{state}, retain {n['retain']}>")
        inner = before if n is root else before + ("  " if last else "| ")
        bar = inner + ("  | " if n["children"] else "    ")
        lines.append(bar + "{")
        lines.extend(f'{bar}  "{k}" = {shown(v)}' for k, v in n["properties"].items())
        lines.append(bar + "}")
        lines.append(bar)
        for i, c in enumerate(n["children"]):
            write(c, inner + "  ", i == len(n["children"]) - 1)

    write(root, "", True)
    return "\n".join(lines) + "\n"


def plain(v):
    """A value, however the form spells it: binary data, numbers below zero."""
    if isinstance(v, dict):
        return {k: plain(x) for k, x in v.items()}
    if isinstance(v, list):
        return [plain(x) for x in v]
    return v


def read(dextctl, path):
    out = subprocess.run([dextctl, "ioreg", "--properties", "--format", "json", path], capture_output=True)
    if out.returncode:
        raise SystemExit(f"{path}: exit {out.returncode}: {out.stderr.decode()}")
    nodes = json.loads(out.stdout)["nodes"]
    for n in nodes:
        for key in ("line", "ancestry", "text", "meaning", "drivers", "clients", "children_known"):
            n.pop(key, None)
        n["properties"] = plain(n["properties"])
    if not any(n["properties"] for n in nodes) and len(nodes) > 30:
        raise SystemExit(f"{path}: no properties")
    return nodes


def main():
    dextctl = sys.argv[1]
    seed = int(os.environ.get("DEXTCTL_SEED", random.randrange(1 << 30)))
    print(f"DEXTCTL_SEED={seed}")
    draw = random.Random(seed)
    bad = forms = 0
    with tempfile.TemporaryDirectory() as folder:
        for size in (1, 2, 7, 40, 200):
            root = tree(draw, size)
            text, archive = as_text(root, False), plistlib.dumps(as_plist(root), sort_keys=False)
            written = {
                "plain.txt": text.encode(),
                "chains.txt": as_text(root, True).encode(),
                "pasted.txt": "".join("    > " + line + "\n" for line in text.split("\n")[:-1]).encode(),
                "crlf.txt": text.replace("\n", "\r\n").encode(),
                "xml.plist": archive,
                "sorted.plist": plistlib.dumps(as_plist(root)),
                "array.plist": plistlib.dumps([as_plist(root)], sort_keys=False),
                "titled.txt": b"=== registry ===\n" + archive,
                "binary.plist": plistlib.dumps(as_plist(root), fmt=plistlib.FMT_BINARY),
                "utf16.plist": archive.decode().replace("UTF-8", "UTF-16").encode("utf-16"),
            }
            first = None
            for name, data in written.items():
                path = os.path.join(folder, name)
                with open(path, "wb") as f:
                    f.write(data)
                nodes = read(dextctl, path)
                forms += 1
                first = first or nodes
                if len(nodes) != len(first):
                    print(f"{name}: {len(nodes)} nodes, {len(first)} in the first form (size {size})")
                    bad += 1
                    continue
                for a, b in zip(first, nodes):
                    for key in a:
                        if a[key] != b[key]:
                            print(f"{name}: node {a['index']}, {key}: {json.dumps(b[key])[:200]}, first form: {json.dumps(a[key])[:200]}")
                            bad += 1
    print(f"{forms} forms read, {bad} differences")
    return 1 if bad else 0


sys.exit(main())
