#!/usr/bin/env python3
"""Counts frames, kexts of the backtrace and foreign loaded kexts of a panic report a second way, from
its lines, and compares them with what dextctl says.
   panic.py DEXTCTL REPORT..."""
import json
import re
import subprocess
import sys


def text_of(raw):
    """The report in a JSON wrapping, or the bytes as they are."""
    decoder = json.JSONDecoder()
    at = 0
    while at < len(raw) and raw[at] in "{ \n":
        try:
            obj, end = decoder.raw_decode(raw, at)
        except ValueError:
            break
        for key in ("macOSPanicString", "panicString", "string"):
            if "panic(" in str(obj.get(key, "")):
                return obj[key]
        at = end + len(raw[end:]) - len(raw[end:].lstrip())
    return raw


def count(text):
    text = text.replace("com.apple.driver.0x", ">0x").replace("com.apple.0x", "@0x")
    head, sep, tail = text.partition("Kernel Extensions in backtrace:")
    intel = re.search(r"Backtrace \(CPU[^\n]*Return Address", head)
    if intel:
        frames = re.findall(r"0x[0-9a-f]{8,16} : 0x[0-9a-f]{8,16}", head[intel.end():])
    else:
        frames = re.findall(r"lr: 0x[0-9a-f]{16}\s+fp: 0x", head)
    entry = r"(dependency:\s*)?[\w.>|$@!-]+\([^)\s]*\)(?:\[[0-9A-F-]+\])?@0x"
    kexts = [m for m in re.finditer(entry, tail) if not m.group(1)] if sep else []
    lines = re.search(r"(?<!un)loaded kexts:\n((?:\S+[\t ]\S+\n)*)", text)
    foreign = [l for l in (lines.group(1).splitlines() if lines else [])
               if not re.match(r"com\.apple\.|[>|$@]", l)]
    return len(frames), len(kexts), len(foreign)


def main():
    status = 0
    for path in sys.argv[2:]:
        with open(path, encoding="utf-8", errors="replace") as f:
            want = count(text_of(f.read()))
        out = subprocess.run([sys.argv[1], "panic", "--format", "json", path],
                             capture_output=True, check=False)
        p = json.loads(out.stdout)["reports"][0]
        have = (len(p["frames"]), len([k for k in p["kexts"] if not k["dependency"]]),
                len(p["other_kexts"]))
        if have != want:
            print(f"{path}: have {have}, counted {want}")
            status = 1
    sys.exit(status)


main()
