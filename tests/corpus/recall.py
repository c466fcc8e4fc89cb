"""What lint finds in the corpus against what its INDEX.tsv says is wrong with each file.

    recall.py INDEX.tsv LINT.json

remarks.tsv maps a remark of the index (a pattern) to the rules that say the same, or to "-" and the
reason why lint keeps silent. beyond.tsv lists what lint says beyond the index, with the reason why it
is right. Prints a line a rule; fails on a remark that nothing maps, on a miss, and on an error or
warning that neither table expects.
"""
import collections
import fnmatch
import json
import os
import re
import sys

here = os.path.dirname(os.path.abspath(__file__))


def rows(name):
    with open(os.path.join(here, name), encoding="utf-8") as f:
        return [line.rstrip("\n").split("\t") for line in f if line.strip() and line[0] != "#"]


remarks = [(re.compile(pattern), rules.split()) for pattern, rules, _ in rows("remarks.tsv")]
beyond = [(path, rules.split()) for path, rules, _ in rows("beyond.tsv")]
with open(sys.argv[2], encoding="utf-8") as f:
    document = json.load(f)
found = collections.defaultdict(set)
loud = collections.Counter()
for finding in document["findings"]:
    found[finding["file"]].add(finding["rule"])
    if finding["severity"] != "note":
        loud[finding["file"], finding["rule"], finding["severity"]] += 1

expected, hit = collections.Counter(), collections.Counter()
allowed = collections.defaultdict(set)
used = set()
bad = files = silent = 0
with open(sys.argv[1], encoding="utf-8") as f:
    index = [line.rstrip("\n").split("\t") for line in f][1:]
for path, _, _, _, kind, _, note in index:
    files += 1
    said = note.partition("FINDINGS: ")[2]
    for remark in (r.strip() for r in said.split(" ;; ")) if said else ():
        for i, (pattern, rules) in enumerate(remarks):
            if pattern.search(f"{path}: {remark}"):
                break
        else:
            print(f"{path}: no row of remarks.tsv for: {remark}")
            bad += 1
            continue
        used.add(i)
        if rules[0] == "-":
            silent += 1
            continue
        allowed[path].update(rules)
        expected[rules[0]] += 1
        if found[path] & set(rules):
            hit[rules[0]] += 1
        else:
            print(f"{path}: missed: {remark}: none of {' '.join(rules)}")
            bad += 1
    if kind == "kext" and any(not r.startswith("DX1") for p, r, _ in loud if p == path):
        print(f"{path}: a kernel extension's, and yet: {sorted(found[path])}")
        bad += 1
unexpected = collections.Counter()
explained = collections.Counter()
for (path, rule, severity), count in sorted(loud.items()):
    if rule in allowed[path]:
        continue
    if any(fnmatch.fnmatch(path, p) and rule in rules for p, rules in beyond):
        explained[rule] += count
    else:
        print(f"{path}: {severity} {rule} is not expected")
        unexpected[rule] += count
        bad += 1
for i, (pattern, _) in enumerate(remarks):
    if i not in used:
        print(f"remarks.tsv: nothing in the index matches {pattern.pattern}")
        bad += 1

print("rule    expected  found  missed  beyond the index  unexpected")
for rule in sorted(set(expected) | set(explained) | set(unexpected)):
    print(f"{rule}  {expected[rule]:8}  {hit[rule]:5}  {expected[rule] - hit[rule]:6}"
          f"  {explained[rule]:16}  {unexpected[rule]:10}")
status = collections.Counter(i["status"] for i in document["inputs"])
print(f"{files} files in the index, {silent} remarks on purpose not reported; inputs: "
      + ", ".join(f"{n} {s}" for s, n in sorted(status.items())))
for i in document["inputs"]:
    if i["status"] != "checked" and not i.get("reason"):
        print(f"{i['file']}: {i['status']} without a reason")
        bad += 1
sys.exit(bad != 0)
