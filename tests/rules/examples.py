"""The example "bad" of every rule must make that rule fire, "good" must not.

    examples.py DEXTCTL [RULE...]

What an example is a part of stands in the record's field "inside":
  personality   the keys of one personality of a driver's Info.plist; if it has neither IOUserClass nor
                IOUserServerName, both are added: it is a driver extension's
  info          the keys of a driver's Info.plist; if it has none, CFBundlePackageType DEXT is added,
                and a personality
  entitlements  the keys of a .entitlements file
  plists        several files: a line "NAME:", and below it, indented, the file's keys
  file          a whole Info.plist, byte for byte
  tree          one path a line; after it, KEY=VALUE, separated by two spaces, for an Info.plist
  project       lines KEY = VALUE are build settings of a driver's target; "NAME:" as above
  product       lines "driver KEY = VALUE", "app KEY = VALUE", "info KEY = VALUE" (a string of the Info.plist)
                and "no copy phase": settings of a driver for USB and of the
                app that embeds it
  code          a description of code. Built code (DX5, DX7) nobody can sign without Apple's
                certificates: tests/unit/test_code_rules.c breaks and keeps each of those rules; of
                sources, the rule's fixtures do
"""
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0">\n'
DRIVER = "<key>CFBundlePackageType</key><string>DEXT</string>\n"
SERVED = """<key>IOUserClass</key><string>MyDriver</string>
<key>IOUserServerName</key><string>org.example.driver</string>
"""
PERSONALITIES = f"""<key>IOKitPersonalities</key><dict><key>MyDriver</key><dict>
<key>IOClass</key><string>IOUserService</string>
<key>IOProviderClass</key><string>IOUserResources</string>
{SERVED}</dict></dict>
"""
PROJECT = """// !$*UTF8*$!
{{
    objects = {{
        P = {{ isa = PBXProject; buildConfigurationList = PL; mainGroup = G; targets = (T); }};
        G = {{ isa = PBXGroup; children = (); sourceTree = "<group>"; }};
        T = {{ isa = PBXNativeTarget; name = Driver; buildConfigurationList = TL; buildPhases = ();
              productType = "com.apple.product-type.driver-extension"; }};
        PL = {{ isa = XCConfigurationList; buildConfigurations = (PR); }};
        PR = {{ isa = XCBuildConfiguration; name = Release; buildSettings = {{ }}; }};
        TL = {{ isa = XCConfigurationList; buildConfigurations = (TR); }};
        TR = {{ isa = XCBuildConfiguration; name = Release; buildSettings = {{
            CODE_SIGN_ENTITLEMENTS = Driver.entitlements;
            INFOPLIST_FILE = Info.plist;
            SDKROOT = driverkit;
{settings}
        }}; }};
    }};
    rootObject = P;
}}
"""

PRODUCT = """// !$*UTF8*$!
{{
    objects = {{
        P = {{ isa = PBXProject; buildConfigurationList = PL; mainGroup = G; targets = (A, T); }};
        TD = {{ isa = PBXTargetDependency; target = T; }};
        G = {{ isa = PBXGroup; children = (TP); sourceTree = "<group>"; }};
        TP = {{ isa = PBXFileReference; path = Driver.dext; sourceTree = BUILT_PRODUCTS_DIR; }};
        TF = {{ isa = PBXBuildFile; fileRef = TP; }};
        C = {{ isa = PBXCopyFilesBuildPhase; dstPath = "$(SYSTEM_EXTENSIONS_FOLDER_PATH)";
              dstSubfolderSpec = 16; files = (TF); }};
        A = {{ isa = PBXNativeTarget; name = App; buildConfigurationList = AL; buildPhases = ({phases});
              dependencies = (TD);
              productType = "com.apple.product-type.application"; }};
        T = {{ isa = PBXNativeTarget; name = Driver; buildConfigurationList = TL; buildPhases = ();
              productReference = TP; productType = "com.apple.product-type.driver-extension"; }};
        PL = {{ isa = XCConfigurationList; buildConfigurations = (PR); }};
        PR = {{ isa = XCBuildConfiguration; name = Release; buildSettings = {{
            CODE_SIGN_STYLE = Manual; GENERATE_INFOPLIST_FILE = YES; }}; }};
        AL = {{ isa = XCConfigurationList; buildConfigurations = (AR); }};
        AR = {{ isa = XCBuildConfiguration; name = Release; buildSettings = {{
            PRODUCT_BUNDLE_IDENTIFIER = com.acme.MyApp;
{app}
        }}; }};
        TL = {{ isa = XCConfigurationList; buildConfigurations = (TR); }};
        TR = {{ isa = XCBuildConfiguration; name = Release; buildSettings = {{
            INFOPLIST_FILE = Info.plist;
            SDKROOT = driverkit;
{driver}
        }}; }};
    }};
    rootObject = P;
}}
"""


def records(folder):
    for path in sorted(glob.glob(folder + "/*.rec")):
        for text in re.split(r"\n\n+", re.sub(r"(?m)^#.*\n", "", open(path, encoding="utf-8").read())):
            record, field = {}, None
            for line in text.splitlines():
                if line.startswith(" "):
                    line = line.lstrip(" ")
                    record[field] += "\n" + line[1:] if line.startswith("|") else " " + line
                elif ":" in line:
                    field, value = line.split(":", 1)
                    record[field] = value.strip()
            if "rule" in record:
                yield record


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def plist(keys):
    return HEAD + "<dict>\n" + keys + "\n</dict>\n</plist>\n"


def parts(text):
    """The lines before the first "NAME:", and the files that follow."""
    before, files = [], {}
    into = before
    for line in text.splitlines():
        if re.fullmatch(r"[\w.]+:", line):
            into = files.setdefault(line[:-1], [])
        else:
            into.append(line)
    return "\n".join(before), {name: "\n".join(lines) for name, lines in files.items()}


def build(folder, inside, text):
    text = text.strip("\n")
    if inside == "personality":
        text = text if "<key>IOUserClass<" in text or "<key>IOUserServerName<" in text else SERVED + text
        keys = f"{DRIVER}<key>IOKitPersonalities</key><dict><key>MyDriver</key><dict>\n{text}\n</dict></dict>"
        write(folder + "/Info.plist", plist(keys))
    elif inside == "info":
        text = text if "<key>CFBundlePackageType<" in text else DRIVER + text
        text = text if "<key>IOKitPersonalities<" in text else text + PERSONALITIES
        write(folder + "/Info.plist", plist(text))
    elif inside == "entitlements":
        write(folder + "/Driver.entitlements", plist(text))
    elif inside == "file":
        write(folder + "/Info.plist", text + "\n")
    elif inside in ("plists", "project"):
        settings, files = parts(text)
        for name, keys in files.items():
            write(f"{folder}/{name}", plist(keys))
        if inside == "project":
            lines = "\n".join(line + ";" for line in settings.splitlines())
            if not os.path.exists(folder + "/Info.plist"):
                write(folder + "/Info.plist", plist(DRIVER + PERSONALITIES))
            write(folder + "/My.xcodeproj/project.pbxproj", PROJECT.format(settings=lines))
    elif inside == "product":
        targets, info, phases = {"app": [], "driver": []}, "", "C"
        for line in text.splitlines():
            target, setting = line.strip().split(" ", 1)
            if target == "info":
                info += "<key>{}</key><string>{}</string>".format(*setting.split(" = ", 1))
            elif target == "no":
                phases = ""
            else:
                targets[target].append(setting + ";")
        usb = PERSONALITIES.replace("IOUserResources", "IOUSBHostDevice")
        write(folder + "/Info.plist", plist(DRIVER + info + usb))
        lines = {name: "\n".join(lines) for name, lines in targets.items()}
        lines["phases"] = phases
        write(folder + "/My.xcodeproj/project.pbxproj", PRODUCT.format(**lines))
    elif inside == "tree":
        for line in text.splitlines():
            path, *keys = re.split(r" {2,}", line.strip())
            keys = "".join("<key>{}</key><string>{}</string>".format(*k.split("=", 1)) for k in keys)
            write(f"{folder}/{path}", plist(keys) if path.endswith("Info.plist") else "")
    else:
        raise SystemExit(f"inside: {inside}: nothing is known of that")


def main():
    dextctl, only = sys.argv[1], sys.argv[2:]
    data = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../lib/data/rules")
    bad = ran = 0
    with tempfile.TemporaryDirectory() as work:
        rules = [r for r in records(data) if r.get("status") != "removed" and (not only or r["rule"] in only)]
        for rule in rules:
            for kind in ("bad", "good"):
                if rule.get("inside") != "code":
                    build(f"{work}/{rule['rule']}/{kind}", rule.get("inside"), rule[kind])
        # A file that is no property list is checked when it is named, and overlooked in a folder.
        files = [f"{r['rule']}/{kind}/Info.plist" for r in rules if r["inside"] == "file" for kind in ("bad", "good")]
        out = subprocess.run([dextctl, "lint", "--no-config", "--no-gitignore", "--preview", "--verbose",
                              "--format", "json", "."] + files,
                             cwd=work, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, check=False).stdout
        findings = {}
        for f in json.loads(out)["findings"]:
            findings.setdefault("/".join(os.path.normpath(f["file"]).split("/")[:2]), set()).add(f["rule"])
    for rule in rules:
        ident = rule["rule"]
        if rule["inside"] == "code":
            if not re.match("DX[57]", ident) and not glob.glob(f"{data}/../../../tests/rules/{ident}-*/bad*"):
                print(f"{ident}: inside: code, but neither test_code_rules.c nor a fixture breaks it")
                bad += 1
            continue
        ran += 1
        for kind in ("bad", "good"):
            said = findings.get(f"{ident}/{kind}", set())
            if (ident in said) != (kind == "bad"):
                print(f"{ident} {rule['name']}: the example \"{kind}\" is{' not' * (kind == 'bad')} reported"
                      f" (inside: {rule['inside']}; reported: {' '.join(sorted(said)) or 'nothing'})")
                bad += 1
    print(f"{ran} of {len(rules)} rules have examples that were run; the others are about code")
    sys.exit(bad != 0)


main()
