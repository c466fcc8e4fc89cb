#!/usr/bin/env python3
"""Each command of tests/torture/cases while one thing of its input is not as it should be: its answer is
to be the same, or exit status 3 with a line on stderr, `unread` in json, and no word that judges what was
not read. Never another answer, never a signal, never an end without a word.
  faults.py DEXTCTL [--all] [--case TEXT] [--fault TEXT] [--show]
Without --all nothing takes the place of a file that is no file. Where another answer is right then, BY_DESIGN
says why, and it counts as expected.
As root the commands run as nobody: root reads what it may not."""
import argparse, concurrent.futures, json, os, pwd, re, shutil, stat, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
# What is said of something that was read. Where a fault brings such a word, it judges what was not.
JUDGES = ["not valid", "holds no", "has been modified", "is missing", "not in the", "nothing shows", "no match",
          '"broken"', '"possible": false', "cannot be used", "is not there", "no Info.plist"]
LINKS = "endless device|dangling link|link to itself|name too long"
# Another answer that is right: case, fault and what it befell (each as a whole), and the reason.
BY_DESIGN = [
    ("lint-(config|ignore|xcodegen)", LINKS, r".*Info\.plist",
     "a walk leaves links to property lists alone, and counts them: where they lead it comes by itself"),
    ("lint-bundle|signature-(intact|broken|diff)", "fifo|" + LINKS, r".*\.dext/.*",
     "a seal says of each entry whether it is a file or a link: another kind in its place is a change"),
    ("explain-folder", "fifo|" + LINKS, ".*", "a folder's evidence is its regular files"),
    ("migrate", LINKS, "Gadget/.*", "a walk leaves links alone"),
    ("migrate", "fifo", r"Gadget/Gadget\.(cpp|h)", "a folder's sources are its regular files"),
    ("log", "dangling link", r"log\.logarchive/(..|dsc)/[0-9]+",
     "strings that are missing are told as missing, as those that were never collected"),
]
# A FIFO that is given by its name is waited for, as cat does.
WAITS = {"explain", "explain-html", "explain-log", "explain-profile", "explain-stdin", "explain-zip", "lsp", "triage"}
LIMIT = 300  # seconds: what takes longer hangs


def cases():
    with open(os.path.join(HERE, "..", "torture", "cases")) as f:
        for line in f:
            if line.strip() and not line.startswith("#"):
                name, folder, command = line.rstrip("\n").split("\t")
                setup, _, real = command.rpartition(";; ")
                yield name, folder, setup, real


def files_below(top):
    for folder, folders, files in os.walk(top):
        folders.sort()
        yield from (os.path.join(folder, f) for f in sorted(files))


def folders_below(top):
    for folder, folders, _ in os.walk(top):
        folders.sort()
        yield from (os.path.join(folder, f) for f in folders)


# ---- faults: each makes one path another thing ---------------------------------------------------

def unreadable(path):
    os.chmod(path, 0)


def unsearchable(path):
    os.chmod(path, 0o444)


def unlisted(path):
    os.chmod(path, 0o111)


def fifo(path):
    os.remove(path)
    os.mkfifo(path, 0o644)


def zero(path):
    os.remove(path)
    os.symlink("/dev/zero", path)


def dangling(path):
    os.remove(path)
    os.symlink("nowhere/at/all", path)


def loop(path):
    os.remove(path)
    os.symlink(os.path.basename(path), path)


def too_long(path):
    os.remove(path)
    os.symlink("n" * 300, path)  # ENAMETOOLONG


FILE_FAULTS = {"mode 000": unreadable, "fifo": fifo, "endless device": zero, "dangling link": dangling,
               "link to itself": loop, "name too long": too_long}
FOLDER_FAULTS = {"folder 444": unsearchable, "folder 111": unlisted}
# Not of the input but around it.
OPENSSL = "openssl_conf = a\n[a]\nalg_section = b\n[b]\ndefault_properties = fips=yes\n"
OPERANDS = {"@/dev/zero": "@/dev/zero", "@fifo": "@../fifo", "operand too long": "n" * 5000,
            "--files-from /dev/zero": "--files-from=/dev/zero"}


class Runner:
    def __init__(self, args, work):
        self.args, self.work = args, work
        self.user = None
        if os.geteuid() == 0:
            self.user = pwd.getpwnam("nobody").pw_uid

    def drop(self):
        if self.user is not None:
            os.setgroups([])
            os.setuid(self.user)

    def run(self, case, breaks=None, environment=None, operand=""):
        """Exit status, stdout, stderr. breaks is given the input's folder."""
        name, folder, setup, command = case
        at = tempfile.mkdtemp(dir=self.work)
        os.chmod(at, 0o755)
        here = os.path.join(at, "in")
        source = os.path.join(HERE, "..", "cli", folder, "in")
        if os.path.isfile(source):
            sys.exit(f"{source}: was a link, and is a file")
        shutil.copytree(source, here, symlinks=True) if os.path.isdir(source) else os.mkdir(here)
        env = dict(PATH=os.path.dirname(self.args.dextctl) + ":/usr/bin:/bin", LC_ALL="C", HOME=at, COLUMNS="80")
        try:
            subprocess.run(["sh", "-c", setup or "true"], cwd=here, env=env, check=True)
            if environment:
                with open(os.path.join(at, "openssl.cnf"), "w") as f:
                    f.write(environment)
                env["OPENSSL_CONF"] = os.path.join(at, "openssl.cnf")
            if "fifo" in operand:
                os.mkfifo(os.path.join(at, "fifo"), 0o666)
            if self.user is not None:  # what is mended belongs to who mends it
                for top, folders, files in os.walk(here):
                    for f in ["."] + folders + files:
                        os.lchown(os.path.join(top, f), self.user, -1)
            if breaks:
                breaks(here)
            p = subprocess.run(["sh", "-c", f"exec {command} {operand}"], cwd=here, env=env, stdin=subprocess.DEVNULL,
                               capture_output=True, timeout=LIMIT, preexec_fn=self.drop)
            return p.returncode, p.stdout.decode(errors="replace"), p.stderr.decode(errors="replace")
        except subprocess.TimeoutExpired:
            return -99, "", "it hangs"
        finally:
            subprocess.run(["chmod", "-R", "u+rwX", at], stderr=subprocess.DEVNULL)
            shutil.rmtree(at, ignore_errors=True)

    def prepared(self, case):
        """Files and folders of the input as the command finds it."""
        name, folder, setup, _ = case
        with tempfile.TemporaryDirectory(dir=self.work) as at:
            here = os.path.join(at, "in")
            source = os.path.join(HERE, "..", "cli", folder, "in")
            shutil.copytree(source, here, symlinks=True) if os.path.isdir(source) else os.mkdir(here)
            env = dict(PATH=os.path.dirname(self.args.dextctl) + ":/usr/bin:/bin", LC_ALL="C", HOME=at)
            subprocess.run(["sh", "-c", setup or "true"], cwd=here, env=env, check=True)
            return ([os.path.relpath(f, here) for f in files_below(here) if not os.path.islink(f)],
                    [os.path.relpath(f, here) for f in folders_below(here)])

    def tries(self, case):
        """FAULT, WHAT, and the arguments of run for each."""
        files, folders = self.prepared(case)
        for fault, breaks in FILE_FAULTS.items():
            if fault != "mode 000" and not self.args.all:
                continue
            for f in files:
                if fault == "fifo" and case[0] in WAITS:
                    continue
                yield fault, f, dict(breaks=lambda here, f=f, b=breaks:
                                     b(os.path.join(here, f)) if os.path.exists(os.path.join(here, f)) else None)
        for fault, breaks in FOLDER_FAULTS.items():
            for f in folders:
                yield fault, f, dict(breaks=lambda here, f=f, b=breaks: b(os.path.join(here, f)))
        yield "no SHA-1, OpenSSL", "", dict(environment=OPENSSL)
        for fault, operand in OPERANDS.items():
            if fault.startswith("--") and " lint " not in case[3] or \
                    "operand" in fault and case[0].startswith(("ioreg", "error")):  # no file there
                continue
            if not os.environ.get("DEXTCTL_QUICK") or case[0] in ("lint-json", "match", "explain"):
                yield fault, "", dict(operand=operand)


def expected(case, fault, what):
    return any(re.fullmatch(c, case) and re.fullmatch(f, fault) and re.fullmatch(w, what) for c, f, w, _ in BY_DESIGN)


COLUMNS = ["tried", "unchanged", "told", "expected", "wrong", "crashed"]


def judge(plain, got):
    rc, out, err = got
    if rc < 0 or rc >= 126:
        return "crashed"
    if (rc, out) == plain[:2]:
        return "unchanged"
    if rc == 2 and not out:
        return "told"  # the command does not take what was added: nothing was read
    if rc != 3 or not err.strip() or err == plain[2]:
        return "wrong"
    if any(w in out and w not in plain[1] for w in JUDGES):
        return "wrong"
    if out.startswith("{") and '"schema"' in out:
        try:
            return "told" if json.loads(out)["unread"] else "wrong"
        except (ValueError, KeyError):
            return "wrong"
    return "told"


def main():
    p = argparse.ArgumentParser()
    p.add_argument("dextctl")
    p.add_argument("--all", action="store_true")
    p.add_argument("--case", default="")
    p.add_argument("--fault", default="")
    p.add_argument("--show", action="store_true")
    args = p.parse_args()
    work = tempfile.mkdtemp()
    os.chmod(work, 0o755)
    shutil.copy(os.path.realpath(args.dextctl), work)  # where nobody may go
    args.dextctl = os.path.join(work, os.path.basename(args.dextctl))
    runner = Runner(args, work)
    table, bad = {}, []
    try:
        jobs = []
        for case in cases():
            if args.case in case[0]:
                jobs += [(case, fault, what, how) for fault, what, how in runner.tries(case) if args.fault in fault]
        named = {j[0][0]: j[0] for j in jobs}
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            plain = dict(zip(named, pool.map(runner.run, named.values())))
            for name, (rc, _, err) in plain.items():
                if rc not in (0, 1):  # its input is not there: no fault would change a thing
                    bad.append((name, "no fault", "", "wrong", plain[name], plain[name]))
            for (case, fault, what, _), got in zip(jobs, pool.map(lambda j: runner.run(j[0], **j[3]), jobs)):
                verdict = judge(plain[case[0]], got)
                if verdict == "wrong" and expected(case[0], fault, what):
                    verdict = "expected"
                row = table.setdefault(fault, dict.fromkeys(COLUMNS, 0))
                row["tried"] += 1
                row[verdict] += 1
                if verdict in ("wrong", "crashed"):
                    bad.append((case[0], fault, what, verdict, plain[case[0]], got))
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(f"{'fault':24}" + "".join(f"{c:>11}" for c in COLUMNS))
    for fault, row in table.items():
        print(f"{fault:24}" + "".join(f"{row[c]:11}" for c in COLUMNS))
    print(f"{'all':24}" + "".join(f"{sum(r[c] for r in table.values()):11}" for c in COLUMNS))
    for name, fault, what, verdict, before, after in bad:
        print(f"{name}: {fault} {what}: {verdict}, exit {after[0]}, plainly {before[0]}: {after[2].strip()[-300:]}")
        if args.show:
            print("    | " + after[1].replace("\n", "\n    | "))
    if not table:
        print("nothing was tried")
    return 1 if bad or not table else 0


sys.exit(main())
