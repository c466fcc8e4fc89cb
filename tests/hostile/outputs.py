#!/usr/bin/env python3
"""What is written where it cannot be, or where something stands. Three tables, each row with the exit status
that is expected and what is to stand there afterwards; whatever a command read is as it was before, always.
  sinks     every command of tests/torture/cases x a standard stream that is full, closed, limited or unread
  results   every option that names a file to write x what stands there already, without and with --force
  mends     lint --fix x what is special about the file
  outputs.py DEXTCTL [--show] [TEXT...]     TEXT: rows whose name holds it
With DEXTCTL_QUICK each third row.
As root the commands run as nobody: root writes where it may not."""
import argparse, concurrent.futures, os, pwd, re, resource, shutil, signal, stat, subprocess, sys, tempfile, time, zlib

HERE = os.path.dirname(os.path.abspath(__file__))
CLEAN, FINDINGS, USAGE, UNREAD = 0, 1, 2, 3
LIMIT = 60  # seconds


# ---- where a command runs --------------------------------------------------------------------------

class Place:
    """A folder with the input of a golden case, for one run."""

    def __init__(self, args, work, folder, setup=""):
        self.args = args
        self.at = tempfile.mkdtemp(dir=work)
        self.here = os.path.join(self.at, "in")
        source = os.path.join(HERE, "..", "cli", folder, "in")
        if os.path.isfile(source):
            sys.exit(f"{source}: was a link, and is a file")
        shutil.copytree(source, self.here, symlinks=True) if os.path.isdir(source) else os.mkdir(self.here)
        os.mkdir(os.path.join(self.at, "tmp"))
        self.env = dict(PATH=os.path.dirname(args.dextctl) + ":/usr/bin:/bin", LC_ALL="C", HOME=self.at,
                        TMPDIR=os.path.join(self.at, "tmp"), COLUMNS="80")
        subprocess.run(["sh", "-c", setup or "true"], cwd=self.here, env=self.env, check=True)

    def path(self, *names):
        return os.path.join(self.here, *names)

    def put(self, name, data):
        with open(self.path(name), "wb") as f:
            f.write(data)

    def get(self, name):
        with open(self.path(name), "rb") as f:
            return f.read()

    def given(self):
        """To whoever the commands run as."""
        if self.args.user is not None:
            for folder, folders, files in os.walk(self.at):
                for name in [folder] + [os.path.join(folder, n) for n in files]:
                    os.chown(name, self.args.user, -1, follow_symlinks=False)

    def state(self):
        """Every entry: what it is, its mode, its inode, its time and its bytes."""
        out = {}
        for folder, folders, files in os.walk(self.here):
            folders.sort()
            for name in folders + files:
                path = os.path.join(folder, name)
                st = os.lstat(path)
                data = None
                if stat.S_ISREG(st.st_mode) and os.access(path, os.R_OK):
                    with open(path, "rb") as f:
                        data = f.read()
                elif stat.S_ISLNK(st.st_mode):
                    data = os.readlink(path)
                whole = st.st_mode, st.st_ino, st.st_mtime_ns if stat.S_ISREG(st.st_mode) else 0, data
                out[os.path.relpath(path, self.here)] = whole
        return out

    def drop(self, closed=(), limit=None):
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        if self.args.user is not None:
            os.setgroups([])
            os.setuid(self.args.user)
        for fd in closed:
            os.close(fd)

    def start(self, command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, closed=(),
              limit=None):
        return subprocess.Popen(["sh", "-c", f"exec {command}"], cwd=self.here, env=self.env, stdin=stdin,
                                stdout=stdout, stderr=stderr, preexec_fn=lambda: self.drop(closed, limit))

    def run(self, command, **how):
        """Exit status (negative: a signal, or -99: it hangs), stdout and stderr."""
        p = self.start(command, **how)
        try:
            out, err = p.communicate(timeout=LIMIT)
            return p.returncode, out or b"", err or b""
        except subprocess.TimeoutExpired:
            p.kill()
            p.communicate()
            return -99, b"", b"it hangs"

    def close(self):
        subprocess.run(["chmod", "-R", "u+rwX", self.at], stderr=subprocess.DEVNULL)
        shutil.rmtree(self.at, ignore_errors=True)


class Row:
    """What was found wrong with one row."""

    def __init__(self, name):
        self.name, self.wrong = name, []

    def want(self, true, text):
        if not true:
            self.wrong.append(text)

    def want_status(self, got, status, err=b""):
        self.want(got == status, f"exit {got}, expected {status}: {err.decode(errors='replace').strip()[-200:]}")


# ---- sinks: standard streams -------------------------------------------------------------------------

def cases():
    with open(os.path.join(HERE, "..", "torture", "cases")) as f:
        for line in f:
            if line.strip() and not line.startswith("#"):
                name, folder, command = line.rstrip("\n").split("\t")
                setup, _, real = command.rpartition(";; ")
                yield name, folder, setup, real


TOLD = "cannot write the result"
# Name, and what is expected: TOLD: exit status 3 and that line, if there was anything to write; SAME: the status
# that it has plainly (and its output, where that can be seen).
SINKS = {
    "stdout full": TOLD,
    "stdout closed": TOLD,
    "stdout limited to nothing": TOLD,
    "stdout limited to half": TOLD,
    "stdout unread": "SAME",
    "stdin closed": "SAME",
    "stderr full": "SAME",
    "stderr closed": "SAME",
    "stdin and stderr closed": "SAME",
    "all closed": TOLD,
}
# What these write is their answer to standard input: closed, it is another question.
READ_STDIN = {"explain-stdin", "lsp"}
# What a command itself changes.
CHANGES = {"lint-fix": "Info.plist", "lint-baseline": "base.json", "match-page": "page.html",
           "explain-html": "page.html", "init": "Card"}


def sink(place, name, command, plain):
    """Status, stdout where it can be seen, stderr where it can be."""
    full = open("/dev/full", "wb") if "full" in name else None
    closed = [n for n, word in enumerate(("stdin", "stdout", "stderr")) if word in name and "closed" in name]
    closed = [0, 1, 2] if name.startswith("all") else closed
    how = dict(closed=closed)
    try:
        if name == "stdout full":
            how["stdout"] = full
        elif name == "stderr full":
            how["stderr"] = full
        elif "limited" in name:
            how["limit"] = 0 if "nothing" in name else len(plain[1]) // 2
            with open(os.path.join(place.at, "out"), "wb") as out:
                return place.run(command, stdout=out, **how)
        elif name == "stdout unread":
            reader, writer = os.pipe()
            os.close(reader)
            try:
                return place.run(command, stdout=writer, **how)
            finally:
                os.close(writer)
        return place.run(command, **how)
    finally:
        if full:
            full.close()


def tried_sink(args, work, case, name, plain):
    row = Row(f"{case[0]}: {name}")
    place = Place(args, work, case[1], case[2])
    place.given()
    try:
        row.want(plain[0] in (CLEAN, FINDINGS), f"plainly it ends with {plain[0]}: {plain[2]!r}")
        before = place.state()
        rc, out, err = sink(place, name, case[3], plain)
        after = place.state()
        limited = "limited" in name and case[0] in CHANGES  # the limit is one for what it writes there, too
        if SINKS[name] == TOLD and plain[1] or limited and rc != plain[0]:
            row.want_status(rc, UNREAD, err)
            if name != "all closed":
                row.want(TOLD.encode() in err or limited and b"cannot be written" in err or
                         limited and b"File too large" in err, f"not told: {err[-200:]!r}")
        else:
            row.want_status(rc, plain[0], err)
            row.want(name == "stdout unread" or not plain[1] or out == plain[1], "stdout is another one")
            row.want("closed" in name or "full" in name and "stderr" in name or TOLD.encode() not in err,
                     f"told of what nobody misses: {err[-200:]!r}")
        for path, was in before.items():
            if path != CHANGES.get(case[0]):
                row.want(after.get(path) == was, f"{path} was changed")
        for path in set(after) - set(before):
            row.want(path.split("/")[0] == CHANGES.get(case[0]), f"{path} was left")
    finally:
        place.close()
    return row


def plainly(args, work, case):
    place = Place(args, work, case[1], case[2])
    place.given()
    try:
        return place.run(case[3])
    finally:
        place.close()


# ---- results: files that an option names ---------------------------------------------------------------

# Name, golden case, preparation, command ({out}: the result, {force}: nothing or --force), its exit status when it
# may write, and what it reads of that folder.
WRITERS = [
    ("match --html", "match/human", "", "dextctl match Info.plist --ioreg ioreg.txt --html {out}{force}", CLEAN,
     ["Info.plist", "ioreg.txt"]),
    ("ioreg --html", "match/human", "", "dextctl ioreg ioreg.txt --html {out}{force}", CLEAN, ["ioreg.txt"]),
    ("ioreg - --html", "match/human", "", "dextctl ioreg - --html {out}{force} <ioreg.txt", CLEAN, ["ioreg.txt"]),
    ("explain --html", "explain/two-drivers", "", "dextctl explain log.txt --html {out}{force}", FINDINGS,
     ["log.txt"]),
    ("explain - --html", "explain/two-drivers", "", "dextctl explain - --html {out}{force} <log.txt", FINDINGS,
     ["log.txt"]),
    ("explain FOLDER --html", "explain/two-drivers", "mkdir d; mv log.txt d", "dextctl explain d --html {out}{force}",
     FINDINGS, ["d/log.txt"]),
    ("explain ZIP --html", "explain/two-drivers", "python3 -m zipfile -c e.zip log.txt",
     "dextctl explain e.zip --html {out}{force}", FINDINGS, ["e.zip"]),
    ("explain @LIST --html", "explain/two-drivers", "echo log.txt >list", "dextctl explain @list --html {out}{force}",
     FINDINGS, ["log.txt", "list"]),
    ("lint --write-baseline", "lint/human", "", "dextctl lint Info.plist --write-baseline {out}{force}", CLEAN,
     ["Info.plist"]),
    ("lint - --write-baseline", "lint/human", "",
     "dextctl lint --stdin-filename Info.plist - --write-baseline {out}{force} <Info.plist", CLEAN, ["Info.plist"]),
    ("lint PROJECT --write-baseline", "lint/project", "echo '{\"ignore\": [\"match-category-on-hardware\"]}' >.dextctl.json; echo y >.gitignore",
     "dextctl lint . --write-baseline {out}{force}", CLEAN, ["*.plist", "*.pbxproj", "*.xcconfig", "*.entitlements",
                                                             ".dextctl.json", ".gitignore"]),
    ("lint SOURCES --write-baseline", "lint/human", "dextctl init usb-interface --name P --out P >/dev/null",
     "dextctl lint P --write-baseline {out}{force}", CLEAN, ["P/Driver/Info.plist", "*.cpp", "*.iig", "*.pbxproj"]),
    ("lint BUNDLE --write-baseline", "signature/intact", "",
     "dextctl lint intact --fail-on never --write-baseline {out}{force}", CLEAN,
     ["intact/*/Info.plist", "intact/*/CodeResources", "intact/*/com.example.driver"]),
    ("lint ZIP --write-baseline", "lint/human",
     "mkdir -p D.dext; cp Info.plist D.dext; python3 -m zipfile -c d.zip D.dext; rm -r D.dext",
     "dextctl lint d.zip --write-baseline {out}{force}", CLEAN, ["d.zip"]),
    ("lint @LIST --write-baseline", "lint/human", "echo Info.plist >list",
     "dextctl lint @list --write-baseline {out}{force}", CLEAN, ["Info.plist", "list"]),
    ("lint --files-from --write-baseline", "lint/human", "printf 'Info.plist\\0' >list",
     "dextctl lint --files-from list --write-baseline {out}{force}", CLEAN, ["Info.plist", "list"]),
    ("lint --config --write-baseline", "lint/human", "echo '{}' >c.json",
     "dextctl lint --config c.json Info.plist --write-baseline {out}{force}", CLEAN, ["Info.plist", "c.json"]),
    ("collect --print", "collect/run", "",
     "sh -c 'dextctl collect --print --quiet --output {out}{force} | sed \"s|^system=.*|system=$PWD/root|\" >script; "
     "PATH=\"$PWD/bin:$PATH\" exec sh script'", CLEAN, []),
]

OTHERS = b"a letter that nobody may lose\n" * 40
# Name, what makes it, with --force or not -> WRITTEN or REFUSED. "input" ones are made for each file that is read.
WRITTEN, REFUSED = "written", "refused"


def earlier(place, writer, mode=0o640):
    """A result of the same command stands there."""
    rc, _, err = place.run(writer[3].format(out="out", force=""))
    if rc != writer[4]:
        raise RuntimeError(f"no earlier result: exit {rc}: {err!r}")
    os.chmod(place.path("out"), mode)


STANDS = {
    # name: (makes it, without --force, with --force)
    "nothing": (lambda p, w: None, WRITTEN, WRITTEN),
    "a file of others": (lambda p, w: p.put("out", OTHERS), REFUSED, WRITTEN),
    "an empty file": (lambda p, w: p.put("out", b""), REFUSED, WRITTEN),
    "a file of others that may not be written":
        (lambda p, w: (p.put("out", OTHERS), os.chmod(p.path("out"), 0o444)), REFUSED, REFUSED),
    "an earlier result": (earlier, WRITTEN, WRITTEN),
    "an earlier result that may not be written": (lambda p, w: earlier(p, w, 0o440), REFUSED, REFUSED),
    "a link to a file of others":
        (lambda p, w: (p.put("other", OTHERS), os.symlink("other", p.path("out"))), REFUSED, REFUSED),
    "a link to nothing": (lambda p, w: os.symlink("nowhere", p.path("out")), REFUSED, REFUSED),
    "a link to itself": (lambda p, w: os.symlink("out", p.path("out")), REFUSED, REFUSED),
    "a folder": (lambda p, w: os.mkdir(p.path("out")), REFUSED, REFUSED),
    "a FIFO": (lambda p, w: os.mkfifo(p.path("out")), REFUSED, REFUSED),
    "no folder": (lambda p, w: None, REFUSED, REFUSED),
    "a folder that may not be written": (lambda p, w: os.mkdir(p.path("closed"), 0o555), REFUSED, REFUSED),
    "room for nothing": (lambda p, w: None, REFUSED, REFUSED),
    "room for 10 bytes": (lambda p, w: p.put("out", OTHERS), REFUSED, REFUSED),
    "what a killed run left": (lambda p, w: p.put("out.dextctl.Abc123", b"half"), WRITTEN, WRITTEN),
}
ELSEWHERE = {"no folder": "no/such/out", "a folder that may not be written": "closed/out"}
ROOM = {"room for nothing": 0, "room for 10 bytes": 10}
# An archive of evidence is of another moment: never replaced unasked. The script has no leftovers to look for.
COLLECT = {"an earlier result": (REFUSED, WRITTEN), "what a killed run left": None,
           "room for nothing": None, "room for 10 bytes": None}  # the limit is one for all that it collects


def named(place, patterns):
    """The files of the folder that the patterns name, each at least one."""
    import fnmatch
    every = [os.path.relpath(os.path.join(folder, f), place.here)
             for folder, _, files in os.walk(place.here) for f in sorted(files)]
    for pattern in patterns:
        fit = [f for f in every if f == pattern or fnmatch.fnmatch("/" + f, "/" + pattern) or
               fnmatch.fnmatch(os.path.basename(f), pattern)]
        if not fit:
            raise RuntimeError(f"no {pattern} in {every}")
        yield from sorted(fit)


INPUTS = {
    "an input": lambda place, f: f,
    "an input by another path": lambda place, f: os.path.join("..", "in", f),
    "a hard link to an input": lambda place, f: os.link(place.path(f), place.path("out")) or "out",
    "a link to an input": lambda place, f: os.symlink(f, place.path("out")) or "out",
}


def results():
    """ROW, WRITER, STANDS, FILE OR NONE, FORCE, EXPECTED."""
    for writer in WRITERS:
        for force in ("", " --force"):
            for name, (_, plain, forced) in STANDS.items():
                expected = (plain, forced)
                if writer[0].startswith("collect"):
                    expected = COLLECT.get(name, expected)
                if expected:
                    yield f"{writer[0]}{force}: {name}", writer, name, force, expected[bool(force)]
            for name in INPUTS if writer[5] else ():
                yield f"{writer[0]}{force}: {name}", writer, name, force, REFUSED


def tried_result(args, work, name, writer, stands, force, expected):
    row = Row(name)
    try:
        try_result(args, work, row, writer, stands, force, expected)
    except RuntimeError as e:
        row.want(False, str(e))
    return row


def try_result(args, work, row, writer, stands, force, expected):
    files = [None]
    if stands in INPUTS:
        place = Place(args, work, writer[1], writer[2])
        files = list(named(place, writer[5]))
        place.close()
    for f in files:
        place = Place(args, work, writer[1], writer[2])
        try:
            place.given()
            out = INPUTS[stands](place, f) if f else ELSEWHERE.get(stands, "out")
            if not f:
                STANDS[stands][0](place, writer)
            place.given()
            before = place.state()
            rc, _, err = place.run(writer[3].format(out=out, force=force), limit=ROOM.get(stands))
            after = place.state()
            where = f"{f}: " if f else ""
            row.want(rc == (writer[4] if expected == WRITTEN else UNREAD),
                     f"{where}exit {rc}, {expected} was expected: {err.decode(errors='replace').strip()[-200:]}")
            row.want(expected == WRITTEN or err.strip(), f"{where}nothing was said")
            made = {"script"} if writer[0].startswith("collect") else set()
            if expected == WRITTEN:
                made.add("out")
                row.want("out" in after and stat.S_ISREG(after["out"][0]) and after["out"][3] and
                         OTHERS not in after["out"][3], "no result stands there")
                if "out" in before and not made - {"out"}:
                    row.want(after["out"][0] == before["out"][0], "the mode of what stood there was not kept")
            gone = {"out.dextctl.Abc123"} if stands == "what a killed run left" else set()
            row.want(not gone & set(after), "what a killed run left was not swept")
            for path, was in before.items():
                if path not in made | gone:
                    row.want(after.get(path) == was, f"{where}{path} was changed")
            row.want(set(after) <= set(before) | made, f"{where}left: {sorted(set(after) - set(before) - made)}")
            row.want(not os.listdir(os.path.join(place.at, "tmp")), f"{where}something was left in TMPDIR")
        finally:
            place.close()


# ---- init: a folder, whole or not at all ------------------------------------------------------------

INIT = "dextctl init --from ioreg.txt pci-card --family networking --out {out} --bundle-id com.acme.card"
FOLDERS = {
    # name: (makes it, --out, expected)
    "nothing": (lambda p: None, "Card", WRITTEN),
    "an empty folder": (lambda p: os.mkdir(p.path("Card")), "Card", WRITTEN),
    "a folder with a file": (lambda p: (os.mkdir(p.path("Card")), p.put("Card/x", OTHERS)), "Card", REFUSED),
    "the dump": (lambda p: None, "ioreg.txt", REFUSED),
    "the folder of the dump": (lambda p: None, ".", REFUSED),
    "a link to the dump": (lambda p: os.symlink("ioreg.txt", p.path("Card")), "Card", REFUSED),
    "a link to nothing": (lambda p: os.symlink("nowhere", p.path("Card")), "Card", REFUSED),
    "a file of others": (lambda p: p.put("Card", OTHERS), "Card", REFUSED),
    "no folder": (lambda p: None, "no/such/Card", REFUSED),
    "a folder that may not be written": (lambda p: os.mkdir(p.path("closed"), 0o555), "closed/Card", REFUSED),
    "an empty folder that may not be written": (lambda p: os.mkdir(p.path("Card"), 0o555), "Card", REFUSED),
    "room for 10 bytes": (lambda p: None, "Card", REFUSED),
    "an empty folder, room for 10 bytes": (lambda p: os.mkdir(p.path("Card")), "Card", REFUSED),
}


def tried_folder(args, work, stands):
    makes, out, expected = FOLDERS[stands]
    row = Row(f"init --out: {stands}")
    place = Place(args, work, "init/json")
    try:
        makes(place)
        place.given()
        before = place.state()
        rc, _, err = place.run(INIT.format(out=out), limit=10 if "10 bytes" in stands else None)
        after = place.state()
        row.want_status(rc, CLEAN if expected == WRITTEN else UNREAD, err)
        row.want(expected == WRITTEN or err.strip(), "nothing was said")
        for path, was in before.items():
            row.want(after.get(path) == was, f"{path} was changed")
        new = sorted(set(after) - set(before))
        row.want(all(n.startswith("Card") for n in new) and bool(new) == (expected == WRITTEN) and
                 ".dextctl." not in "".join(new), f"there now: {new}")
        row.want(expected != WRITTEN or os.path.isfile(place.path(out, "README.md")), "no project stands there")
    finally:
        place.close()
    return row


# ---- mends -------------------------------------------------------------------------------------------

FIX = "dextctl lint --fix --select match-category-on-hardware {}"


def mended(data):
    return b"IOMatchCategory" not in data


def attribute(place):
    try:
        os.setxattr(place.path("Info.plist"), "user.note", b"kept")
    except OSError:
        return "no extended attributes here"
    return None


def later_than(place):
    os.utime(place.path("Info.plist"), (1, 1))


# name: (makes it, operand, expected status, whether it is mended, what else is to hold)
MENDS = {
    "a file": (lambda p: None, "Info.plist", CLEAN, True, None),
    "its mode": (lambda p: os.chmod(p.path("Info.plist"), 0o640), "Info.plist", CLEAN, True,
                 lambda p, err: os.stat(p.path("Info.plist")).st_mode & 0o7777 == 0o640),
    "its extended attributes": (attribute, "Info.plist", CLEAN, True,
                                lambda p, err: os.getxattr(p.path("Info.plist"), "user.note") == b"kept"),
    "a hard link": (lambda p: os.link(p.path("Info.plist"), p.path("same")), "Info.plist", CLEAN, True,
                    lambda p, err: b"hard link" in err and not mended(p.get("same"))),
    "two hard links": (lambda p: [os.link(p.path("Info.plist"), p.path(n)) for n in ("a", "b")] and None,
                       "Info.plist", CLEAN, True, lambda p, err: b"hard link" in err and not mended(p.get("a"))),
    "a link": (lambda p: os.symlink("Info.plist", p.path("link.plist")), "link.plist", CLEAN, True,
               lambda p, err: os.readlink(p.path("link.plist")) == "Info.plist"),
    "a link and the file": (lambda p: os.symlink("Info.plist", p.path("link.plist")), "link.plist Info.plist", CLEAN,
                            True, lambda p, err: os.path.islink(p.path("link.plist"))),
    "the file twice": (lambda p: None, "Info.plist ./Info.plist", CLEAN, True, None),
    "what a killed run left": (lambda p: p.put("Info.plist.dextctl.Abc123", b"half"), "Info.plist", CLEAN, True,
                               lambda p, err: not os.path.exists(p.path("Info.plist.dextctl.Abc123"))),
    "what another has of such a name": (lambda p: p.put("Other.plist.dextctl.Abc123", b"half"), "Info.plist", CLEAN,
                                        True, lambda p, err: os.path.exists(p.path("Other.plist.dextctl.Abc123"))),
    "may not be written": (lambda p: os.chmod(p.path("Info.plist"), 0o444), "Info.plist", UNREAD, False, None),
    "folder may not be written": (lambda p: os.chmod(p.here, 0o555), "Info.plist", UNREAD, False, None),
    "room for nothing": (lambda p: None, "Info.plist", UNREAD, False, None),
    "room for 10 bytes": (lambda p: None, "Info.plist", UNREAD, False, None),
    "standard input": (lambda p: None, "- <Info.plist", USAGE, False, None),
    "a member of an archive": (
        lambda p: subprocess.run(["sh", "-c", "mkdir D.dext; cp Info.plist D.dext; python3 -m zipfile -c d.zip D.dext;"
                                  "rm -r D.dext"], cwd=p.here, check=True) and None, "d.zip", CLEAN, False,
        None),  # its finding, a warning, is told
}


def tried_mend(args, work, stands):
    makes, operand, expected, mends, holds = MENDS[stands]
    row = Row(f"lint --fix: {stands}")
    place = Place(args, work, "lint/fix-link")
    try:
        why = makes(place)
        if why:
            row.name += f" (not tried: {why})"
            return row
        place.given()
        before = place.state()
        rc, out, err = place.run(FIX.format(operand), limit=ROOM.get(stands))
        after = place.state()
        row.want_status(rc, expected, err)
        row.want(mended(place.get("Info.plist")) == mends, "mended" if not mends else "not mended")
        row.want(mends or err.strip() or out.strip(), "nothing was said")
        row.want(holds is None or holds(place, err), f"not kept, or not told: {err[-200:]!r}")
        for path, was in before.items():
            if not (path == "Info.plist" and mends) and path in after:
                row.want(after[path] == was, f"{path} was changed")
        row.want(set(after) <= set(before), f"left: {sorted(set(after) - set(before))}")
    finally:
        place.close()
    return row


def tried_kills(args, work):
    """Killed at any moment, --fix leaves the old file or the new one; the next run sweeps."""
    row = Row("lint --fix: killed")
    place = Place(args, work, "lint/fix-link")
    try:
        old = place.get("Info.plist")
        started = time.monotonic()
        place.given()
        place.run(FIX.format("Info.plist"))
        took, new = time.monotonic() - started, place.get("Info.plist")
        tries = 24
        for i in range(tries):
            place.put("Info.plist", old)
            place.given()
            p = place.start(FIX.format("Info.plist"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(took * i / tries)
            p.send_signal(signal.SIGKILL)
            p.wait()
            row.want(place.get("Info.plist") in (old, new), f"killed after {took * i / tries:.4f} s: it is torn")
        place.put("Info.plist", old)
        place.given()
        place.run(FIX.format("Info.plist"))
        row.want(os.listdir(place.here) == ["Info.plist"], f"not swept: {os.listdir(place.here)}")
    finally:
        place.close()
    return row


# ---- all -----------------------------------------------------------------------------------------------

def main():
    p = argparse.ArgumentParser()
    p.add_argument("dextctl")
    p.add_argument("names", nargs="*")
    p.add_argument("--show", action="store_true", help="every row")
    args = p.parse_args()
    work = tempfile.mkdtemp()
    os.chmod(work, 0o755)
    shutil.copy(os.path.realpath(args.dextctl), work)  # where nobody may go
    args.dextctl = os.path.join(work, os.path.basename(args.dextctl))
    args.user = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None
    os.umask(0o022)

    every = 3 if os.environ.get("DEXTCTL_QUICK") else 1  # a run of a minute: each third row

    def chosen(name):
        return any(n in name for n in args.names) if args.names else zlib.crc32(name.encode()) % every == 0

    tables = {"sinks": [], "results": [], "mends": []}
    bad = []
    try:
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            tried = [(c, s) for c in cases() for s in SINKS
                     if chosen(f"{c[0]}: {s}") and not (c[0] in READ_STDIN and "stdin" in s)]
            named_cases = {c[0]: c for c, _ in tried}
            plain = dict(zip(named_cases, pool.map(lambda c: plainly(args, work, c), named_cases.values())))
            tables["sinks"] = [pool.submit(tried_sink, args, work, c, s, plain[c[0]]) for c, s in tried]
            tables["results"] = [pool.submit(tried_result, args, work, *r) for r in results() if chosen(r[0])]
            tables["results"] += [pool.submit(tried_folder, args, work, f) for f in FOLDERS if chosen(f"init --out: {f}")]
            tables["mends"] = [pool.submit(tried_mend, args, work, m) for m in MENDS if chosen(f"lint --fix: {m}")]
            if chosen("lint --fix: killed"):
                tables["mends"].append(pool.submit(tried_kills, args, work))
            tables = {name: [f.result() for f in rows] for name, rows in tables.items()}
    finally:
        shutil.rmtree(work, ignore_errors=True)
    for name, rows in tables.items():
        bad += [r for r in rows if r.wrong]
        print(f"{name:10}{len(rows):6} rows, {sum(bool(r.wrong) for r in rows)} not as expected")
        for r in rows if args.show else ():
            print(f"  {'NOT ' if r.wrong else '    '}{r.name}")
    for r in bad:
        for text in r.wrong:
            print(f"{r.name}: {text}")
    if not any(tables.values()):
        print("nothing was tried")
        return 1
    return 1 if bad else 0


sys.exit(main())
