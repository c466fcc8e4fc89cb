"""Lays out the fixtures: each file as it is, and each NAME.edit as the file NAME that it describes.
  spread.py TO FOLDER...
An edit's first line names its base, a file beside it or in bases/. Then come hunks, parted by lines "@@",
of lines as `diff` marks them: " " stays, "-" goes, "+" comes. What stays and goes must stand in the base
in one place and no other. Without a hunk the file is its base."""
import os, shutil, sys


def spread_edit(path):
    with open(path, "rb") as f:
        base, *lines = f.read().splitlines()
    with open(os.path.join(os.path.dirname(path), base.decode()), "rb") as f:
        text = f.read()
    hunks = [[]]
    for line in lines:
        hunks.append([]) if line == b"@@" else hunks[-1].append(line)
    for hunk in filter(None, hunks):
        if bad := [line for line in hunk if line[:1] not in (b" ", b"-", b"+")]:
            sys.exit(f"{path}: {bad[0]!r} begins with none of ' ', '-', '+'")
        old, new = (b"".join(line[1:] + b"\n" for line in hunk if line[:1] in marks) for marks in (b" -", b" +"))
        at = [i for i in range(len(text)) if text.startswith(old, i) and (i == 0 or text[i - 1:i] == b"\n")]
        if not old or len(at) != 1:
            sys.exit(f"{path}: what a hunk takes away stands in {base.decode()} {len(at)} times, not once")
        text = text[:at[0]] + new + text[at[0] + len(old):]
    return text


def main():
    to, *folders = sys.argv[1:]
    for folder in folders:
        out = os.path.join(to, os.path.basename(folder.rstrip("/")))
        shutil.copytree(folder, out, symlinks=True)
        for at, _, names in os.walk(folder):
            for name in names:
                if name.endswith(".edit"):
                    there = os.path.join(out, os.path.relpath(at, folder), name)
                    os.unlink(there)
                    if os.path.lexists(there[:-5]):
                        sys.exit(f"{os.path.join(at, name)}: and a whole {name[:-5]} beside it")
                    with open(there[:-5], "wb") as f:
                        f.write(spread_edit(os.path.join(at, name)))


main()
