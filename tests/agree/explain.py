#!/usr/bin/env python3
"""What sysext, panic, ioreg and profile read, explain reads as well: every golden input of theirs is
given to it. It has to know it for what it is; where the other command says that something is wrong,
explain names a cause, and where it says that nothing is, explain names none.

    explain.py DEXTCTL TESTS/CLI
"""
import json
import os
import subprocess
import sys

DEXTCTL, CLI = sys.argv[1], sys.argv[2]
KINDS = {
    "sysext": {"list", "database", "question"},
    "panic": {"panic", "question", "crash"},
    "ioreg": {"ioreg", "ioreg-archive", "question", "profiler", "devices"},
    "profile": {"profile", "bundle", "plist"},  # plist: of an archive its members are read
}
bad = []
checked = 0


def run(*args):
    p = subprocess.run([DEXTCTL, *args], capture_output=True, timeout=120)
    try:
        return p.returncode, json.loads(p.stdout)
    except ValueError:
        return p.returncode, None


def wrong(path, text):
    bad.append(f"{os.path.relpath(path, CLI)}: {text}")


def causes(doc):
    return [c["root"]["symptom"] for c in doc["causes"]]


def sysext(path, doc):
    _, other = run("sysext", "--format", "json", path)
    lists = other["lists"] if other else []
    extensions = [e for one in lists for e in one["extensions"]]
    if extensions and all(e["attention"] == "none" for e in extensions) and causes(doc):
        wrong(path, f"a list without trouble, and the cause {causes(doc)}")
    waits = [e["id"] for e in extensions if e["attention"] == "user"]
    if waits and not causes(doc):
        wrong(path, f"{waits} wait for the user, and no cause")


def panic(path, doc):
    rc, other = run("panic", "--format", "json", path)
    if rc == 1 and not causes(doc):
        named = [r["suspect"] or r["source"] or r["owner"] for r in other["reports"]]
        wrong(path, f"{named} named by the panic, and no cause")


def nothing(_path, _doc):
    pass


for command, kinds in KINDS.items():
    for folder, _, names in sorted(os.walk(os.path.join(CLI, command))):
        if f"{os.sep}in" not in folder:
            continue
        for name in sorted(names):
            path = os.path.join(folder, name)
            rc, doc = run("explain", "--format", "json", path)
            checked += 1
            if rc not in (0, 1, 3) or doc is None:
                wrong(path, f"exit status {rc}")
                continue
            own_rc, own = run(command, "--format", "json", path)
            if own_rc not in (0, 1) or own is None or rc == 3:
                continue  # the command does not read it by itself either
            got = {i["kind"] for i in doc["inputs"]}
            rows = command != "sysext" or any(one["extensions"] for one in own["lists"])
            if rows and not got & kinds:
                wrong(path, f"{command} reads it, explain takes it for {sorted(got)}")
            {"sysext": sysext, "panic": panic}.get(command, nothing)(path, doc)

print(*bad, sep="\n")
print(f"{checked} inputs, {len(bad)} judged otherwise")
sys.exit(bool(bad) or checked < 100)
