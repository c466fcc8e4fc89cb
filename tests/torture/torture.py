#!/usr/bin/env python3
"""Fails the n-th call of a kind for every command, on small inputs: its answer is to be the same, or
exit status 3 with a line on stderr. Never a signal, never another answer, never an end without a word.
  torture.py DEXTCTL SHIM [--all] [--kind KIND] [--case TEXT] [--show]
Without --all a sample of the calls is failed: the first ones, then ever wider apart."""
import argparse, concurrent.futures, os, shutil, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
KINDS = ["memory", "read", "short", "readdir", "stat", "open", "write", "thread", "map", "shrink", "close"]


def cases():
    """NAME<TAB>FOLDER<TAB>COMMAND of the file cases; FOLDER is a golden case, its input is copied."""
    with open(os.path.join(HERE, "cases")) as f:
        for line in f:
            if line.strip() and not line.startswith("#"):
                yield tuple(line.rstrip("\n").split("\t"))


def content(root):
    out = {}
    for folder, folders, files in os.walk(root):
        folders.sort()
        for name in files:
            path = os.path.join(folder, name)
            if os.path.islink(path) or not os.path.isfile(path):
                continue
            with open(path, "rb") as f:
                out[os.path.relpath(path, root)] = f.read()
    return out


class Runner:
    def __init__(self, args, work, name):
        self.args, self.work, self.name = args, work, name

    def run(self, case, kind, nth, count=None):
        """Exit status, stdout, stderr and the files afterwards."""
        name, folder, command = case
        at = tempfile.mkdtemp(dir=self.work)
        try:
            here = os.path.join(at, "in")
            source = os.path.join(HERE, "..", "cli", folder, "in")
            if os.path.isfile(source):
                sys.exit(f"{source}: was a link, and is a file")
            shutil.copytree(source, here, symlinks=True) if os.path.isdir(source) else os.mkdir(here)
            env = dict(PATH=os.path.dirname(self.args.dextctl) + ":/usr/bin:/bin", LC_ALL="C", HOME=at,
                       COLUMNS="80", TORTURE_KIND=kind, TORTURE_NTH=str(nth), SHIM=self.args.shim)
            if count:
                env["TORTURE_COUNT"] = count
            # The shell prepares (SETUP ;; COMMAND); only the command is tortured.
            setup, _, real = command.rpartition(";; ")
            script = f'{setup}\nLD_PRELOAD=$SHIM exec {real}'
            try:
                p = subprocess.run(["sh", "-c", script], cwd=here, env=env, stdin=subprocess.DEVNULL,
                                   capture_output=True, timeout=30)
                status = p.returncode, p.stdout, p.stderr
            except subprocess.TimeoutExpired:
                status = -99, b"", b""
            return status + (content(here),)
        finally:
            shutil.rmtree(at, ignore_errors=True)

    def judge(self, kind, plain, got):
        rc, out, err, files = got
        if rc < 0 or rc >= 126:
            return "crashed"
        if (self.name, kind, rc) == ("lsp", "short", 1):
            return "told"  # standard input ended: the client has gone, and LSP's status for that is 1
        if kind == "shrink":  # it is the inputs that change
            return "unchanged" if (rc, out) == plain[:2] else "told" if rc == 3 and err.strip() else "wrong"
        same_files = files == plain[3]
        if rc == plain[0] and out == plain[1] and same_files:
            return "unchanged"
        # What it was to write may be absent, or be there, if need be of what could be read: never a part.
        whole = all(files.get(n) in (plain[3].get(n), self.before.get(n)) or
                    (n not in self.before and files[n][-8:] == plain[3][n][-8:])
                    for n in set(files) | set(self.before) | set(plain[3]) if ".dextctl." not in n)
        if rc == 3 and whole and err.strip() and err != plain[2]:
            return "told"
        return "wrong"


def sample(total, everything):
    if everything:
        return list(range(1, total + 1))
    if os.environ.get("DEXTCTL_QUICK"):  # a run of half a minute: each size of a call once
        return sorted({1, 2, 3, 5, total // 4, total // 2, total} & set(range(1, total + 1)))
    if total <= 12:
        return list(range(1, total + 1))
    ns, n, step = [], 1, 1.0
    while n <= total:
        ns.append(int(n))
        step = step * 1.35 if n > 6 else 1
        n += step
    return sorted(set(ns + [total - 1, total]))


def torture(args, work, case, kind):
    runner = Runner(args, work, case[0])
    runner.before = runner.run((case[0], case[1], "true"), "none", 0)[3] if ";; " not in case[2] else \
        runner.run((case[0], case[1], case[2].rpartition(";; ")[0] + ";; true"), "none", 0)[3]
    plain = runner.run(case, "none", 0)
    if plain[0] not in (0, 1):  # its input is not there: nothing would be tried
        return [(case[0], kind, 0, "wrong", plain, plain)]
    count = os.path.join(work, f"count-{case[0]}-{kind}")
    again = runner.run(case, kind, 0, count)
    if again[:2] != plain[:2]:
        return [(case[0], kind, 0, "wrong", plain, again)]
    with open(count) as f:
        total = int(f.read())
    results = []
    for n in sample(total, args.all):
        got = runner.run(case, kind, n)
        results.append((case[0], kind, n, runner.judge(kind, plain, got), plain, got))
    return results


def main():
    p = argparse.ArgumentParser()
    p.add_argument("dextctl")
    p.add_argument("shim")
    p.add_argument("--all", action="store_true")
    p.add_argument("--kind")
    p.add_argument("--case")
    p.add_argument("--show", action="store_true")
    args = p.parse_args()
    args.dextctl, args.shim = os.path.realpath(args.dextctl), os.path.realpath(args.shim)
    work = tempfile.mkdtemp()
    table, bad = {}, []
    try:
        jobs = [(c, k) for c in cases() for k in KINDS
                if (not args.kind or k == args.kind) and (not args.case or args.case in c[0])]
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for results in pool.map(lambda j: torture(args, work, *j), jobs):
                for name, kind, n, verdict, plain, got in results:
                    row = table.setdefault(kind, dict.fromkeys(
                        ["tried", "unchanged", "told", "wrong", "crashed"], 0))
                    row["tried"] += 1
                    row[verdict] += 1
                    if verdict in ("wrong", "crashed"):
                        bad.append((name, kind, n, verdict, plain[0], got[0], got[2].decode(errors="replace").strip()[-200:]))
    finally:
        shutil.rmtree(work, ignore_errors=True)
    columns = ["tried", "unchanged", "told", "wrong", "crashed"]
    print(f"{'kind':10}" + "".join(f"{c:>11}" for c in columns))
    for kind, row in table.items():
        print(f"{kind:10}" + "".join(f"{row[c]:11}" for c in columns))
    print(f"{'all':10}" + "".join(f"{sum(r[c] for r in table.values()):11}" for c in columns))
    for b in bad if args.show else bad[:40]:
        print("%s: %s %d: %s, exit %d, plainly %d%s" % (b[0], b[1], b[2], b[3], b[5], b[4], ": " + b[6] if b[6] else ""))
    tried = sum(r["tried"] for r in table.values())
    if not tried:
        print("nothing was tried")
    return 1 if bad or not tried else 0


sys.exit(main())
