#!/usr/bin/env python3
"""narrow.py DEXTCTL: every golden case for people in terminals of 50 and 100 columns.

No line is wider, unless it is one word, or something to be copied; and its words are those of the golden
output, in their order: a line that is folded loses nothing. Cases whose text goes through a pipe are left
out, and those of other formats; so are the few whose text depends on the width."""
import concurrent.futures, difflib, fcntl, os, pty, re, shutil, struct, subprocess, sys, tempfile, termios
import unicodedata
from pathlib import Path

WIDTHS = [50, 100]
CASES = Path(__file__).resolve().parent.parent / "cli"
LEAST = 120  # cases; fewer means that they were not found
OTHER = re.compile(r"[|>]|\$\(|--(schema|fields|print|diff|completion|style|format|html)|terminal\.py|COLUMNS|"
                   r" (log|collect|lsp) |-f ?\w|CLICOLOR_FORCE|color always|\b(cat|diff|printf|find)\b", re.M)
QUOTED = re.compile(r"^ *([0-9]+ \| |\| +[\^~]).*\n", re.M)  # lines of a file below a finding: cut to the width
# By their width: tables that become lists.
BY_WIDTH = {"entitlements/alone", "entitlements/bundle", "entitlements/human"}
COPIED = re.compile(r" +(\$ |\(lldb\) |(log|ls|ioreg|kextstat|kmutil|systemextensionsctl|sudo) |dextctl |<!-- )")


def columns(text):
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
               for c in text)


def shown(case, width, env):
    """What a terminal of that width gets of the case."""
    with tempfile.TemporaryDirectory() as at:
        inside = Path(at, "in")
        if (case / "in").is_dir():
            shutil.copytree(case / "in", inside, symlinks=True)
        else:
            inside.mkdir()
        own, its = pty.openpty()
        fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
        child = subprocess.Popen(["bash", str(case / "cmd")], cwd=inside, env=env, stdin=subprocess.DEVNULL,
                                 stdout=its, stderr=subprocess.DEVNULL)
        os.close(its)
        out = b""
        while True:
            try:
                block = os.read(own, 1 << 16)
            except OSError:  # the terminal is gone with its last process
                break
            if not block:
                break
            out += block
        os.close(own)
        child.wait()
    return out.decode("utf-8", "replace").replace("\r\n", "\n")


def faults(case, width, env):
    text = shown(case, width, env)
    wanted = (case / "out").read_text("utf-8", "replace")
    for line in text.split("\n"):
        mark = re.match(r" *(-  |[0-9]+\. )?", line).end()
        if columns(line) > width and " " in line[mark:].strip() and not COPIED.match(line):
            yield f"{columns(line)} columns: {line}"
    ours, theirs = (QUOTED.sub("", t).split() for t in (text, wanted))
    if ours != theirs:
        yield "other words than in the golden output:"
        yield from list(difflib.unified_diff(theirs, ours, "golden", "terminal", lineterm="", n=1))[2:20]


def main():
    with tempfile.TemporaryDirectory() as at:
        os.symlink(sys.argv[1], os.path.join(at, "dextctl"))
        env = {k: v for k, v in os.environ.items()
               if k not in ("COLUMNS", "CLICOLOR_FORCE", "DEXTCTL_CONFIG", "GITHUB_WORKSPACE", "CI_PROJECT_DIR")}
        env.update(PATH=at + ":" + env["PATH"], LC_ALL="C", NO_COLOR="1", TERM="dumb")
        cases = [p.parent for p in sorted(CASES.glob("*/*/cmd"))]
        cases = [c for c in cases if not OTHER.search((c / "cmd").read_text())
                 and f"{c.parent.name}/{c.name}" not in BY_WIDTH]
        jobs = [(c, w) for c in cases for w in WIDTHS]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            found = list(pool.map(lambda j: list(faults(*j, env)), jobs))
    bad = 0
    for (case, width), lines in zip(jobs, found):
        if lines:
            bad += 1
            print(f"{case.parent.name}/{case.name} at {width} columns:", *lines, sep="\n    ")
    print(f"{len(cases)} cases at {len(WIDTHS)} widths, {bad} with faults")
    if len(cases) < LEAST:
        sys.exit(f"only {len(cases)} cases were found")
    sys.exit(bad > 0)


main()
