"""How the work grows: each kind of input once small and once ten times as large; the processor time of
the two gives the exponent. Linear work has 1; what is quadratic has 2 and takes a hundred times as long.
Twenty-five times is the most that is let pass: a busy machine is no fault, a square is.
DEXTCTL_QUICK=1 begins with a quarter, and leaves out the two kinds that take a third of the time.
  growth.py DEXTCTL"""
import io, math, os, resource, subprocess, sys, tempfile, zipfile

dextctl = os.path.realpath(sys.argv[1])
HEAD = ('<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0">\n<dict>\n<key>CFBundlePackageType</key>'
        '<string>DEXT</string>\n<key>CFBundleIdentifier</key><string>com.example.d</string>\n')


def put(path, text):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path, "wb" if isinstance(text, bytes) else "w") as f:
        f.write(text)


def equal_keys(n):
    put("Info.plist", HEAD + "<key>a</key><string>b</string>\n" * n + "</dict></plist>\n")


def keys_twice(n):
    keys = "".join(f"<key>k{i}</key><string>b</string>\n" for i in range(n // 2))
    put("Info.plist", HEAD + keys + keys + "</dict></plist>\n")


def personalities(n):
    one = ('<key>P%d</key><dict><key>CFBundleIdentifier</key><string>com.example.d</string><key>IOClass</key>'
           '<string>IOUserService</string><key>IOProviderClass</key><string>IOUSBHostDevice</string>'
           '<key>IOUserClass</key><string>D</string><key>IOUserServerName</key><string>com.example.d</string>'
           '<key>IOMatchCategory</key><string>com.example.driver</string><key>idVendor</key><integer>%d</integer>'
           '</dict>\n')
    put("Info.plist", HEAD + "<key>IOKitPersonalities</key><dict>\n" +
        "".join(one % (i, i % 65536) for i in range(n)) + "</dict></dict></plist>\n")


def registry(n):
    personalities(5)
    put("ioreg.txt", "+-o Root  <class IORegistryEntry, id 0x100000100, retain 14>\n" + "".join(
        f"  +-o D{i}@{i:x}  <class IOUSBHostDevice, id 0x{0x100000200 + i:x}, registered, matched, active, "
        f'busy 0 (0 ms), retain 5>\n  | {{\n  |   "idVendor" = {i % 65536}\n  | }}\n' for i in range(n)))


def all_fit(n):
    """Personalities and nodes of one class, and every one matches every other."""
    one = ('<key>P%d</key><dict><key>CFBundleIdentifier</key><string>com.example.d</string><key>IOClass</key>'
           '<string>IOUserService</string><key>IOProviderClass</key><string>AcmeNub</string>'
           '<key>IOUserClass</key><string>D</string><key>IOProbeScore</key><integer>%d</integer></dict>\n')
    put("Info.plist", HEAD + "<key>IOKitPersonalities</key><dict>\n" +
        "".join(one % (i, i) for i in range(n)) + "</dict></dict></plist>\n")
    put("ioreg.txt", "+-o Root  <class IORegistryEntry, id 0x100000100, retain 14>\n" + "".join(
        f"  +-o D{i}@{i:x}  <class AcmeNub, id 0x{0x100000200 + i:x}, registered, matched, active, "
        f'busy 0 (0 ms), retain 5>\n  | {{\n  |   "x" = {i}\n  | }}\n' for i in range(5 * n)))


def yaml_targets(n):
    put("project.yml", "name: P\ntargets:\n" + "".join(
        f"  T{i}:\n    type: driver-extension\n    platform: macOS\n    settings:\n      INFOPLIST_FILE: Info.plist\n"
        f"      PRODUCT_BUNDLE_IDENTIFIER: com.example.d{i}\n" for i in range(n)))
    personalities(1)


def yaml_templates(n):
    put("project.yml", "name: P\ntargetTemplates:\n" + "".join(
        f"  M{i}:\n    settings:\n      A{i}: b\n" for i in range(n)) +
        "targets:\n  D:\n    type: driver-extension\n    platform: macOS\n    templates:\n" +
        "".join(f"      - M{i}\n" for i in range(n)) + "    settings:\n      INFOPLIST_FILE: Info.plist\n")
    personalities(1)


def ignored_names(n):
    put("Info.plist", HEAD + "</dict></plist>\n")
    put(".gitignore", "".join(f"*p{i}*t\n" for i in range(60000)))
    for i in range(n):
        put(f"n{i}.plist", "<plist/>")


def config_patterns(n):
    put("Info.plist", HEAD + "</dict></plist>\n")
    put(".dextctl.json", '{"overrides": [{"paths": [' + ", ".join(f'"**/*p{i}*q/**"' for i in range(n)) +
        '], "ignore": ["DX105"]}]}')
    for i in range(30):
        put(f"d{i}/Info.plist", HEAD + "</dict></plist>\n")


def ignore_patterns(n):
    equal_keys(1)
    put(".gitignore", "".join(f"*p{i}*q\n" for i in range(n)))
    for i in range(30):
        os.makedirs(f"d{i}", exist_ok=True)


def members(name, content):
    def write(n):
        inner = io.BytesIO()
        with zipfile.ZipFile(inner, "w") as z:
            for i in range(n):
                z.writestr(name % i, content)
        with zipfile.ZipFile("a.zip", "w", zipfile.ZIP_DEFLATED) as z:
            z.writestr("inner.zip", inner.getvalue())
    return write


def empty_zip():
    b = io.BytesIO()
    zipfile.ZipFile(b, "w").close()
    with zipfile.ZipFile(b, "w") as z:
        z.writestr("a", "")
    return b.getvalue()


LINT = ["lint", "--no-config", "-q", "--fail-on", "never"]
KINDS = [  # name, what writes the input, how many at first, command
    ("equal keys", equal_keys, 5000, LINT + ["Info.plist"]),
    ("keys that stand twice", keys_twice, 5000, LINT + ["Info.plist"]),
    ("personalities", personalities, 1000, LINT + ["Info.plist"]),
    ("personalities, --diff", personalities, 1000, ["lint", "--no-config", "--diff", "Info.plist"]),
    ("personalities, --fix", personalities, 2000, LINT + ["--fix", "Info.plist"]),
    ("personalities, match", personalities, 300, ["match", "Info.plist", "--ioreg", "../ioreg.txt", "-q"]),
    ("nodes, match", registry, 1000, ["match", "Info.plist", "--ioreg", "ioreg.txt", "-q"]),
    ("both, match, all fit", all_fit, 300, ["match", "Info.plist", "--ioreg", "ioreg.txt", "-q"]),
    ("targets, project.yml", yaml_targets, 200, LINT + ["."]),
    ("templates, project.yml", yaml_templates, 1000, LINT + ["."]),
    ("names, 60,000 patterns", ignored_names, 300, LINT + ["--select", "DX102", "."]),
    ("patterns, .dextctl.json", config_patterns, 6000, ["lint", "-q", "--fail-on", "never", "."]),
    ("ignore patterns", ignore_patterns, 10000, LINT + ["--select", "DX102", "."]),
    ("archives in an archive", members("%d.zip", empty_zip()), 2000, LINT + ["--allow-empty", "a.zip"]),
    ("bundles in an archive", members("%d.dext/Info.plist", "<plist/>"), 2000, LINT + ["a.zip"]),
    ("plists in an archive", members("%d/Info.plist", "<plist/>"), 2000, LINT + ["a.zip"]),
]


def seconds(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    p = subprocess.run([dextctl] + command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=300)
    if p.returncode not in (0, 1, 3):
        sys.exit(f"{command}: exit status {p.returncode}")
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before


def main():
    failed = 0
    quick = bool(os.environ.get("DEXTCTL_QUICK"))
    with tempfile.TemporaryDirectory() as top:
        os.chdir(top)
        registry(50)
        for i, (name, write, n, command) in enumerate(KINDS):
            if quick and write in (all_fit, ignored_names):
                continue
            n = n // 4 if quick else n
            times = []
            for size in (n, 10 * n):
                os.makedirs(f"{top}/{i}-{size}")
                os.chdir(f"{top}/{i}-{size}")
                write(size)
                again = 1 if "--fix" in command else 2
                times.append(max(min(seconds(command) for _ in range(again)), 0.004))
                os.chdir(top)
            ratio = times[1] / times[0]
            bad = ratio > 25 and times[1] > 0.5
            failed += bad
            print(f"{name:26}{n:8}: {times[0]:6.3f} s, ten times as many: {times[1]:6.3f} s, exponent "
                  f"{math.log10(ratio):.2f}{'  TOO MUCH' if bad else ''}")
    return 1 if failed else 0


sys.exit(main())
