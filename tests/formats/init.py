"""What `dextctl init` writes, held against readers that are not its own: plistlib, a YAML reader, and a
reader of Xcode's property lists written here. Used by formats/init.sh and corpus/init.sh."""
import json
import os
import plistlib
import re
import subprocess
import sys

import yaml

import init_cxx


class Broken(Exception):
    pass


def need(condition, what):
    if not condition:
        raise Broken(what)


class OpenStep:
    """The property-list form of .pbxproj: dictionaries, arrays, strings; comments are passed over."""

    PLAIN = re.compile(r"[A-Za-z0-9_$/:.-]+")
    GAP = re.compile(r"(?:\s+|/\*.*?\*/|//[^\n]*)*", re.S)

    def __init__(self, text):
        need(text.startswith("// !$*UTF8*$!\n"), "the first line of a .pbxproj")
        self.text, self.at = text, 0

    def gap(self):
        self.at = self.GAP.match(self.text, self.at).end()

    def take(self, mark):
        self.gap()
        need(self.text.startswith(mark, self.at), "'%s' at byte %d" % (mark, self.at))
        self.at += len(mark)

    def next(self):
        self.gap()
        return self.text[self.at]

    def string(self):
        if self.next() == '"':
            m = re.compile(r'"((?:[^"\\]|\\.)*)"', re.S).match(self.text, self.at)
            need(m, "an open string at byte %d" % self.at)
            self.at = m.end()
            return re.sub(r"\\(.)", r"\1", m.group(1))
        m = self.PLAIN.match(self.text, self.at)
        need(m, "a byte that has to stand in quotation marks: %d" % self.at)
        self.at = m.end()
        return m.group(0)

    def value(self):
        if self.next() == "{":
            return self.dictionary()
        return self.array() if self.next() == "(" else self.string()

    def dictionary(self):
        out = {}
        self.take("{")
        while self.next() != "}":
            key = self.string()
            need(key not in out, "the key %s twice" % key)
            self.take("=")
            out[key] = self.value()
            self.take(";")
        self.take("}")
        return out

    def array(self):
        out = []
        self.take("(")
        while self.next() != ")":
            out.append(self.value())
            self.take(",")
        self.take(")")
        return out

    def read(self):
        value = self.value()
        self.gap()
        need(self.at == len(self.text), "text behind the end")
        return value


# What points to an object, by the kind of object.
REFERENCES = {
    "PBXBuildFile": ["fileRef"],
    "PBXContainerItemProxy": ["containerPortal", "remoteGlobalIDString"],
    "PBXTargetDependency": ["target", "targetProxy"],
    "PBXGroup": ["children"],
    "PBXNativeTarget": ["buildConfigurationList", "buildPhases", "dependencies", "productReference"],
    "PBXProject": ["buildConfigurationList", "mainGroup", "productRefGroup", "targets"],
    "PBXSourcesBuildPhase": ["files"],
    "PBXFrameworksBuildPhase": ["files"],
    "PBXCopyFilesBuildPhase": ["files"],
    "XCConfigurationList": ["buildConfigurations"],
    "PBXFileReference": [],
    "XCBuildConfiguration": [],
}


class Project:
    def __init__(self, folder, name):
        with open(os.path.join(folder, name + ".xcodeproj", "project.pbxproj"), encoding="utf-8") as f:
            root = OpenStep(f.read()).read()
        self.folder, self.objects = folder, root["objects"]
        self.root = self.objects[root["rootObject"]]
        need(self.root["isa"] == "PBXProject", "the root object is no project")
        self.reached = {root["rootObject"]}
        self.follow(self.root)
        unused = set(self.objects) - self.reached
        need(not unused, "objects that nothing names: %s" % sorted(unused))
        self.targets = {self.objects[t]["name"]: self.objects[t] for t in self.root["targets"]}

    def follow(self, o):
        need(o["isa"] in REFERENCES, "an object of unknown kind %s" % o["isa"])
        for key in REFERENCES[o["isa"]]:
            for ref in o[key] if isinstance(o[key], list) else [o[key]]:
                need(ref in self.objects, "%s of a %s names nothing" % (key, o["isa"]))
                if ref not in self.reached:
                    self.reached.add(ref)
                    self.follow(self.objects[ref])

    def paths(self, group=None, at=""):
        """Path of each file of the groups, by its id."""
        group = group or self.root["mainGroup"]
        out = {}
        for ref in self.objects[group]["children"]:
            o = self.objects[ref]
            if o["isa"] == "PBXGroup":
                out.update(self.paths(ref, os.path.join(at, o.get("path", ""))))
            elif o["sourceTree"] == "<group>":
                out[ref] = os.path.join(at, o["path"])
        return out

    def phase(self, target, kind):
        for ref in self.targets[target]["buildPhases"]:
            if self.objects[ref]["isa"] == kind:
                return [self.objects[f]["fileRef"] for f in self.objects[ref]["files"]], self.objects[ref]
        raise Broken("%s has no %s" % (target, kind))

    def settings(self, target, configuration):
        out = {}
        for holder in (self.root, self.targets[target]):
            for ref in self.objects[holder["buildConfigurationList"]]["buildConfigurations"]:
                if self.objects[ref]["name"] == configuration:
                    out.update(self.objects[ref]["buildSettings"])
        return out


def read_plist(folder, path):
    with open(os.path.join(folder, path), "rb") as f:
        return plistlib.load(f)


def check_text(folder, path):
    with open(os.path.join(folder, path), "rb") as f:
        data = f.read()
    text = data.decode("utf-8")
    need(text.endswith("\n") and not text.endswith("\n\n"), "%s: its end" % path)
    need(not re.search(r"@[A-Z0-9_]+@|^@(if|else|end)", text, re.M), "%s: a placeholder is left" % path)
    need(not re.search(r"[ \t]+$", text, re.M), "%s: white space ends a line" % path)
    return len(data)


def check_project(folder, made):
    name = made["project"]["name"]
    p = Project(folder, name)
    need(set(p.targets) == {name, name + "App"}, "targets %s" % sorted(p.targets))
    paths = p.paths()
    for path in paths.values():
        need(os.path.isfile(os.path.join(folder, path)), "the project names %s, which is not there" % path)
    here = {f["path"] for f in made["files"] if f["path"].startswith(("Driver/", "App/", "Shared/"))}
    need(set(paths.values()) == here, "not in the project: %s" % sorted(here ^ set(paths.values())))
    sources, _ = p.phase(name, "PBXSourcesBuildPhase")
    want = {f for f in here if f.startswith("Driver/") and f.endswith((".iig", ".cpp"))}
    need({paths[s] for s in sources} == want, "the driver's sources")
    sources, _ = p.phase(name + "App", "PBXSourcesBuildPhase")
    need({paths[s] for s in sources} == {f for f in here if f.endswith(".swift")}, "the app's sources")
    embedded, phase = p.phase(name + "App", "PBXCopyFilesBuildPhase")
    need(embedded == [p.targets[name]["productReference"]] and phase["dstSubfolderSpec"] == "16" and
         phase["dstPath"] == "$(SYSTEM_EXTENSIONS_FOLDER_PATH)", "the driver is not put into the app")
    need(p.targets[name]["productType"] == "com.apple.product-type.driver-extension", "the driver's type")
    spec = yaml.safe_load(open(os.path.join(folder, "project.yml"), encoding="utf-8"))
    for configuration, entitlements in (("Debug", "Development"), ("Release", "Distribution")):
        s = p.settings(name, configuration)
        need(s["SDKROOT"] == "driverkit" and s["PRODUCT_NAME"] == "$(inherited)", "the driver's settings")
        need(s["PRODUCT_BUNDLE_IDENTIFIER"] == made["project"]["driver"], "the driver's identifier")
        need(s["CODE_SIGN_ENTITLEMENTS"] == "Driver/%s.entitlements" % entitlements, "its entitlements")
        a = p.settings(name + "App", configuration)
        need(a["PRODUCT_BUNDLE_IDENTIFIER"] == made["project"]["app"], "the app's identifier")
        for target, want in ((name, s), (name + "App", a)):
            both = dict(spec["settings"]["base"], **spec["targets"][target]["settings"]["base"])
            both.update(spec["targets"][target]["settings"]["configs"][configuration])
            for key in ("PRODUCT_BUNDLE_IDENTIFIER", "CODE_SIGN_ENTITLEMENTS", "CODE_SIGN_STYLE",
                        "DEVELOPMENT_TEAM", "CURRENT_PROJECT_VERSION", "MARKETING_VERSION"):
                need(str(both[key]) == want[key], "%s of %s: project.yml and .xcodeproj differ" % (key, target))
    need(str(spec["targets"][name]["settings"]["base"]["DRIVERKIT_DEPLOYMENT_TARGET"]) ==
         s["DRIVERKIT_DEPLOYMENT_TARGET"], "DRIVERKIT_DEPLOYMENT_TARGET")
    frameworks, _ = p.phase(name, "PBXFrameworksBuildPhase")
    linked = {p.objects[f]["path"] for f in frameworks}
    need({d["sdk"] for d in spec["targets"][name]["dependencies"]} == linked, "frameworks differ")


def check_plists(folder, made):
    info = read_plist(folder, "Driver/Info.plist")
    name = made["project"]["name"]
    personality = info["IOKitPersonalities"][name]
    need(list(info["IOKitPersonalities"]) == [name] and personality["IOUserClass"] == name, "the personality")
    need(plistlib.loads(b"<plist>" + made["project"]["suggestion"]["personality"].encode() + b"</plist>") ==
         personality, "the personality is not the one that is told")
    for who in ("Driver", "App"):
        for kind in ("Development", "Distribution"):
            need(read_plist(folder, "%s/%s.entitlements" % (who, kind)), "no entitlements")
    need(read_plist(folder, "Driver/Development.entitlements")["com.apple.developer.driverkit"] is True, "base")
    need("com.apple.developer.system-extension.install" in read_plist(folder, "App/Distribution.entitlements"),
         "the app cannot install")
    steps = open(os.path.join(folder, "README.md"), encoding="utf-8").read()
    need([int(n) for n in re.findall(r"^(\d+)\. ", steps, re.M)] == list(range(1, 11)), "ten steps")


def run(*args):
    return subprocess.run(args, capture_output=True, text=True)


def check_lint(dextctl, folder):
    r = run(dextctl, "lint", "--format", "json", folder)
    said = json.loads(r.stdout)
    need(r.returncode == 0 and not r.stderr and not said["findings"],
         "lint: %s %s" % (r.stderr, [(f["rule"], f["message"]) for f in said["findings"]]))
    need(len(said["products"]) >= 1, "lint sees no product")
    for p in said["products"]:
        need(p["verdict"] == "loads", "lint: product: %s" % p)


def check(dextctl, folder, made):
    """All of a project that was written to folder, and told as made."""
    there = {}
    for at, _, names in os.walk(folder):
        for n in names:
            path = os.path.relpath(os.path.join(at, n), folder)
            there[path] = check_text(folder, path)
    need(there == {f["path"]: f["size"] for f in made["files"]}, "files told and files written differ")
    check_plists(folder, made)
    check_project(folder, made)
    jobs = yaml.safe_load(open(os.path.join(folder, ".github/workflows/dextctl.yml"), encoding="utf-8"))["jobs"]
    need(any("dextctl lint" in str(s.get("run")) for s in jobs["lint"]["steps"]), "the workflow lints nothing")
    check_lint(dextctl, folder)


def outcome(dextctl, folder, dump, node):
    """What match says of the written personality on that node; the score of who is attached there."""
    r = run(dextctl, "match", os.path.join(folder, "Driver/Info.plist"), "--ioreg", dump, "--why", node,
            "--format", "json")
    return json.loads(r.stdout)["decisions"][0]


def make(dextctl, folder, *args):
    r = run(dextctl, "init", "--format", "json", "--out", folder, *args)
    return r, json.loads(r.stdout) if r.returncode == 0 else None


def rec(path):
    """The records of a .rec file, as lists of (field, value)."""
    record, out = [], []
    with open(path, encoding="utf-8") as f:
        for line in f.read().split("\n") + [""]:
            if line.startswith("#"):
                continue
            if not line:
                out += [record] if record else []
                record = []
            elif line.startswith(" |"):
                record[-1] = (record[-1][0], record[-1][1] + ("\n" if record[-1][1] else "") + line[2:])
            elif line.startswith(" "):
                record[-1] = (record[-1][0], record[-1][1] + " " + line.strip())
            else:
                key, value = line.split(":", 1)
                record.append((key, value.strip()))
    return out


def main(dextctl, data, work):
    families = [dict(r)["family"] for r in rec(os.path.join(data, "init/families.rec"))]
    known = [dict(r)["family"] for r in rec(os.path.join(data, "families.rec"))]
    examples = {dict(r)["example"]: dict(r) for r in rec(os.path.join(data, "init/examples.rec"))}
    bad = 0
    if sorted(families) != sorted(known):
        print("init does not know the same families: %s" % sorted(set(families) ^ set(known)))
        bad += 1
    for row in rec(os.path.join(data, "init/families.rec")):
        row = dict(row)
        family, example = row["family"], examples[row["example"]]
        folder, dump = os.path.join(work, family), os.path.join(work, family + ".txt")
        with open(dump, "w", encoding="utf-8") as f:
            f.write(example["text"] + "\n")
        try:
            r, made = make(dextctl, folder, family)
            need(made, "exit status %d: %s" % (r.returncode, r.stderr))
            check(dextctl, folder, made)
            said = init_cxx.check(folder, os.path.join(work, "compiled"))
            need(not said, "the compiler: " + said)
            d = outcome(dextctl, folder, dump, example["node"])
            need(d["answer"] == "yes" and d["outcome"] == "wins", "match: %s" % d["text"])
        except Broken as e:
            print("%s: %s" % (family, e))
            bad += 1
    print("%d families" % len(families))
    return 1 if bad or len(families) < 19 else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
