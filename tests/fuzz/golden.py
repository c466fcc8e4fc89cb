#!/usr/bin/env python3
"""Seeds of the targets that read folders (tree.h), out of the golden cases and the fixtures of the rules.
  golden.py FOLDER           writes FOLDER/*: a command line, and the files that it is about
A line of a case's shell counts when it calls dextctl in plain words."""
import hashlib, os, re, shlex, sys

MOST_FILE, MOST_SEED = 48 << 10, 60 << 10
TESTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")


def files_of(path):
    if os.path.islink(path):
        target = os.readlink(path)
        if not target.startswith("/") and ".." not in target:
            yield path + " -> " + target, b""
    elif os.path.isdir(path):
        names = sorted(os.listdir(path))
        if not names:
            yield path + "/", b""
        for name in names:
            yield from files_of(os.path.join(path, name))
    elif os.path.isfile(path) and os.path.getsize(path) <= MOST_FILE:
        with open(path, "rb") as f:
            yield path, f.read()


def named(words):
    """What the words are about: files, and what holds for them."""
    if "." in words:
        return sorted(os.listdir("."))
    found = [".dextctl.json", ".gitignore"] + [w.split("=", 1)[-1].lstrip("@") for w in words]
    return sorted({os.path.normpath(w) for w in found if w and os.path.lexists(w)})


def seed(words, given=None):
    out = " ".join("'%s'" % w if re.search(r"[ ()]", w) or not w else w for w in words).encode() + b"\n"
    for path in named(words):
        if not path.startswith(("/", "..")) and " " not in path:
            for name, data in files_of(path):
                out += b"@@ " + name.encode() + b"\n" + data + b"\n"
    return out + (b"@@ stdin\n" + given + b"\n" if given else b"")


def put(folder, data):
    if len(data) <= MOST_SEED:
        with open(os.path.join(folder, hashlib.sha1(data).hexdigest()[:16]), "wb") as f:
            f.write(data)


def calls(script):
    """The words behind each dextctl, and the file it reads as standard input."""
    own = {"dextctl": []}  # and functions that pass their words on
    for name, words in re.findall(r"(\w+)\(\) \{[^}]*?\bdextctl ([^\"$|;&<>]*)\"\$@\"", script):
        own[name] = words.split()
    for call in re.split(r"\n|;|\|\|?|&&|\bdo\b|\bthen\b|\$\(|\)", script):
        call = re.sub(r"\s\d?>+(&\d|\s*\S+)", "", " " + call.strip())
        m = re.match(r"\s+(\w+)\s+(.*)", call)
        if not m or m[1] not in own or re.search(r"[$`]", m[2]):
            continue
        given = re.search(r"<\s*([\w./-]+)", m[2])
        try:
            words = own[m[1]] + shlex.split(re.sub(r"<\s*[\w./-]+", "", m[2]))
        except ValueError:
            continue
        if words and not any(re.search(r"[\t\n]", w) for w in words):
            yield words, given and given[1]


def main():
    to = os.path.realpath(sys.argv[1])
    os.makedirs(to, exist_ok=True)
    for command in sorted(os.listdir(os.path.join(TESTS, "cli"))):
        for case in sorted(os.listdir(folder)) if os.path.isdir(folder := os.path.join(TESTS, "cli", command)) else ():
            here = os.path.join(folder, case)
            if command in ("collect", "lsp") or not os.path.isfile(os.path.join(here, "cmd")):
                continue
            with open(os.path.join(here, "cmd"), encoding="utf-8", errors="replace") as f:
                script = f.read()
            os.chdir(os.path.join(here, "in") if os.path.isdir(os.path.join(here, "in")) else here)
            for words, given in calls(script):
                text = None
                if given and os.path.isfile(given) and os.path.getsize(given) <= MOST_FILE:
                    with open(given, "rb") as f:
                        text = f.read()
                put(to, seed(words, text))
    for rule in sorted(os.listdir(os.path.join(TESTS, "rules"))):
        folder = os.path.join(TESTS, "rules", rule)
        if os.path.isdir(folder):
            os.chdir(folder)
            for name in sorted(os.listdir(".")):
                if name.startswith(("bad", "good")):
                    put(to, seed(["lint", name]))


main()
