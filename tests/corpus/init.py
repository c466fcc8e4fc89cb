"""init for nodes of real registry dumps: every node that a driver extension can stand on, at most MOST a
provider class and dump. Each project is read and judged as in formats/init.py, and match has to say that the
personality wins, or would when the device is matched afresh."""
import json
import os
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "formats"))
import init  # noqa: E402

MOST = 6
# A provider class, and the families that are tried on it; None: the plain driver.
CLASSES = {
    "IOUSBHostDevice": [None, "audio"],
    "IOUSBHostInterface": [None, "hid-device", "usb-serial"],
    "IOPCIDevice": [None, "networking"],
    "IOHIDInterface": [None],
    "IOSCSIPeripheralDeviceNub": [None],
    "IOUserResources": [None, "midi"],
}


def nodes(dextctl, dump, name):
    r = init.run(dextctl, "ioreg", "--format", "ndjson", dump, "class:" + name)
    seen = []
    for line in r.stdout.splitlines():
        o = json.loads(line)
        if o.get("type") == "node" and o.get("class") == name:
            node = o["id"] or o["name"] + ("@" + o["location"] if o["location"] else "")
            seen += [node] if node not in seen else []
    return seen[:MOST]


def wins(d):
    """It comes first among those that the dump shows, now or when the device is matched afresh."""
    if d["answer"] != "yes":
        return False
    attached = [r for r in d["rivals"] if r["attached"]]
    return d["outcome"] in ("wins", "attached") or \
        (attached and all(r["order"] == "after" for r in attached))


def main(dextctl, corpus, work):
    good, kept, refused, bad = 0, 0, 0, 0
    for at, _, names in sorted(os.walk(corpus)):
        for dump in sorted(os.path.join(at, n) for n in names):
            for name, families in CLASSES.items():
                for node, family in [(n, f) for n in nodes(dextctl, dump, name) for f in families]:
                    folder = os.path.join(work, "Project")
                    which = ["--family", family] if family else []
                    r, made = init.make(dextctl, folder, "--from", dump, node, *which)
                    where = "%s %s %s %s" % (os.path.basename(dump), name, node, family)
                    if not made:
                        refused += 1
                        if os.environ.get("VERBOSE"):
                            print(where, r.stderr.strip())
                        if r.returncode != 1 or r.stderr.count("\n") != 1 or os.path.exists(folder):
                            print("%s: exit status %d: %s" % (where, r.returncode, r.stderr))
                            bad += 1
                        continue
                    try:
                        init.check(dextctl, folder, made)
                        d = init.outcome(dextctl, folder, dump, node)
                        told = any("it keeps the node" in n for n in made["notes"])
                        init.need(wins(d) or told or d["answer"] == "not certain",
                                  "match: %s: %s %s" % (d["answer"], d["text"], d["rivals"]))
                        good += wins(d)
                        kept += not wins(d)
                    except init.Broken as e:
                        print("%s: %s" % (where, e))
                        bad += 1
                    shutil.rmtree(folder)
    print("%d projects win, %d are open or cannot win and say so, %d nodes refused, %d wrong" %
          (good, kept, refused, bad))
    return 1 if bad or good < 30 else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
