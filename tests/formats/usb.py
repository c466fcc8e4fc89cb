"""What lint says of the keys of a USB personality is what match finds with a device that has all of
them: DX302 is reported for exactly the combinations that match neither a nub whose class is 0xff nor
one whose class is another. Every set of keys is tried, with either class: 636 runs of the matcher.

    usb.py DEXTCTL
"""
import itertools
import json
import os
import subprocess
import sys
import tempfile

KEYS = {
    "IOUSBHostDevice": ["idVendor", "idProduct", "bcdDevice", "bDeviceSubClass", "bDeviceProtocol", "bDeviceClass"],
    "IOUSBHostInterface": ["idVendor", "idProduct", "bcdDevice", "bConfigurationValue", "bInterfaceNumber",
                           "bInterfaceSubClass", "bInterfaceProtocol", "bInterfaceClass"],
}
VALUE = {"idVendor": 4660, "idProduct": 22136}
CLASSES = (255, 3)


def integer(key, value):
    return f"<key>{key}</key><integer>{value}</integer>"


def personalities():
    """Name, provider, keys with values; the class stands last."""
    for provider, keys in KEYS.items():
        for n in range(1, len(keys) + 1):
            for chosen in itertools.combinations(keys, n):
                for value in CLASSES if chosen[-1] == keys[-1] else (None,):
                    values = {k: VALUE.get(k, 1) for k in chosen}
                    if value is not None:
                        values[chosen[-1]] = value
                    yield "+".join(f"{k}={v}" for k, v in values.items()) + f"@{provider}", provider, values


def nodes():
    text = "+-o Root  <class IORegistryEntry, id 0x100000100, retain 10>\n"
    names = {}
    for provider, keys in KEYS.items():
        for value in CLASSES:
            ident = 0x100000101 + len(names)
            names[ident] = (provider, value)
            text += f"  +-o N{value}  <class {provider}, id {ident:#x}, registered, matched, active, busy 0, retain 5>\n    {{\n"
            for key in keys:
                text += f'      "{key}" = {value if key == keys[-1] else VALUE.get(key, 1)}\n'
            text += "    }\n"
    return text, names


def run(dextctl, work, *arguments):
    out = subprocess.run([dextctl, *arguments], cwd=work, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, check=False)
    return json.loads(out.stdout)


def main():
    dextctl = sys.argv[1]
    cases = list(personalities())
    lines = ['<plist version="1.0"><dict><key>CFBundlePackageType</key><string>DEXT</string>'
             "<key>CFBundleIdentifier</key><string>org.example.driver</string><key>IOKitPersonalities</key><dict>"]
    for name, provider, values in cases:
        lines.append(f"<key>{name}</key><dict><key>IOProviderClass</key><string>{provider}</string>"
                     "<key>IOClass</key><string>IOUserService</string><key>IOUserClass</key><string>A</string>"
                     "<key>IOUserServerName</key><string>org.example.driver</string>"
                     + "".join(integer(k, v) for k, v in values.items()) + "</dict>")
    lines.append("</dict></dict></plist>\n")
    text, names = nodes()
    with tempfile.TemporaryDirectory() as work:
        with open(os.path.join(work, "Info.plist"), "w", encoding="utf-8") as f:
            f.write("\n".join(lines))
        with open(os.path.join(work, "ioreg.txt"), "w", encoding="utf-8") as f:
            f.write(text)
        linted = run(dextctl, work, "lint", "--no-config", "--select", "DX302", "--format", "json", "Info.plist")
        matched = run(dextctl, work, "match", "--format", "json", "--ioreg", "ioreg.txt", "Info.plist")
    refused = {cases[f["line"] - 2][0] for f in linted["findings"]}
    taken = {p["name"]: p["matched"] for p in matched["personalities"]}
    bad = tried = 0
    for name, _, values in cases:
        tried += 1 if any(k.endswith("Class") and not k.endswith("SubClass") for k in values) else 2
        if (name in refused) == (taken[name] > 0):
            print(f"{name}: lint {'refuses' if name in refused else 'takes'} it, match finds {taken[name]} nodes")
            bad += 1
    if tried != 636 or not 20 < len(refused) < len(cases) - 20:
        print(f"{tried} combinations, {len(refused)} of {len(cases)} refused: that proves nothing")
        bad += 1
    print(f"{tried} combinations of keys and classes, {len(refused)} of {len(cases)} personalities refused by both")
    sys.exit(bad != 0)


main()
