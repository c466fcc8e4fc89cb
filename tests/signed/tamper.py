"""Signed things in two states, side by side: NAME.good, which macOS takes, and NAME.bad, which leaves every
signed byte alone and which macOS refuses. tamper.py NAME...; tamper.py --list. What each is about, and where
Apple's code says so, stands beside it and in docs/signatures.md."""
import os
import shutil
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import sign  # noqa: E402
from sign import *  # noqa: E402,F403

ID, TEAM = "com.example.app", "ABCDE12345"
INFO = {"CFBundleExecutable": "MyApp", "CFBundleIdentifier": ID, "CFBundlePackageType": "APPL", "CFBundleVersion": "1"}
CASES = {}


def case(f):
    CASES[f.__name__.replace("_", "-")] = f
    return f


def app(path, signer=None, nested=None, rules2=None, **info):
    """An app in path/MyApp.app around what lies there already."""
    target = f"{path}/MyApp.app"
    write(f"{target}/Contents/Resources/Notes.txt", b"notes\n")
    bundle(target, signer or Signer(), {**INFO, **info}, nested=nested)
    return target


def copy(path, name="bad"):
    """The good one again, to be changed."""
    shutil.copytree(f"{path}.good", f"{path}.{name}", symlinks=True)
    return f"{path}.{name}/MyApp.app/Contents"


def words(*numbers):
    return struct.pack(f">{len(numbers)}I", *(n & 0xFFFFFFFF for n in numbers))


def datum(b):
    b = b.encode() if isinstance(b, str) else b
    return words(len(b)) + pad4(b)


def designated(expression):
    one = blob(0xFADE0C00, words(1) + expression)
    return blob(0xFADE0C01, words(1, 3, 20) + one)


def value(o):
    """The bytes of an object identifier, as requirements hold it."""
    return oid(o)[2:]


def of_developer_id(identifier=ID, team=TEAM):
    """What codesign writes for Developer ID."""
    return (words(6, 6, 6, 6, 2) + datum(identifier) + words(15) + words(14, 1) + datum(value("1.2.840.113635.100.6.2.6")) + words(0) +
            words(14, 0) + datum(value("1.2.840.113635.100.6.1.13")) + words(0) + words(11, 0) + datum("subject.OU") + words(1) + datum(team))


TEXT = ('identifier "{0}" and anchor apple generic and certificate 1[field.1.2.840.113635.100.6.2.6] /* exists */ and '
        'certificate leaf[field.1.2.840.113635.100.6.1.13] /* exists */ and certificate leaf[subject.OU] = {1}')


def helper(identifier="helper", **over):
    return Signer(identifier=identifier, requirements=designated(of_developer_id(identifier)), **over)


def with_service(path, service):
    """An app with an XPC service, sealed for one of Developer ID; service is what stands there."""
    inner = f"{path}/MyApp.app/Contents/XPCServices/Help.xpc"
    bundle(inner, service, {**INFO, "CFBundleExecutable": "Help", "CFBundleIdentifier": "helper", "CFBundlePackageType": "XPC!"})
    app(path, nested={"XPCServices/Help.xpc": ((service.cdhashes or [bytes(20)])[0], TEXT.format("helper", TEAM))})


# ---- requirements -------------------------------------------------------------------------------


@case
def own_requirement(path):
    """The designated requirement holds for the code itself (reqinterp.cpp)."""
    app(f"{path}.good", Signer(requirements=designated(of_developer_id())))
    app(f"{path}.bad", Signer(requirements=designated(of_developer_id("com.example.other"))))


@case
def own_requirement_ad_hoc(path):
    """Signed ad hoc, with the requirement of Developer ID copied from elsewhere."""
    app(f"{path}.good", Signer(identity=None))
    app(f"{path}.bad", Signer(identity=None, requirements=designated(of_developer_id())))


@case
def nested_ad_hoc(path):
    """An XPC service replaced by one signed ad hoc, with the requirement of the other one in it."""
    with_service(f"{path}.good", helper())
    with_service(f"{path}.bad", helper(identity=None))


@case
def nested_other_team(path):
    """Replaced by one of another team."""
    with_service(f"{path}.good", helper(flags=RUNTIME | 0x2000))
    with_service(f"{path}.bad", helper(identity="other-team", team="ZYXWV98765"))


@case
def nested_other_kind(path):
    """Replaced by one signed for development: not the kind of certificate that was sealed."""
    with_service(f"{path}.good", helper())
    with_service(f"{path}.bad", helper(identity="development"))


@case
def requirement_opcode(path):
    """An opcode that nobody knows: with a size and the flag to pass over it, and without (reqinterp.cpp)."""
    app(f"{path}.good", Signer(requirements=designated(words(0x40000063, 4, 0) + words(2) + datum(ID))))
    app(f"{path}.bad", Signer(requirements=designated(words(0x80000063, 4, 0))))


# ---- slices -------------------------------------------------------------------------------------

BOTH = ("arm64", "x86_64")


@case
def slice_ad_hoc(path):
    """One slice signed ad hoc (StaticCode.cpp, handleOtherArchitectures)."""
    app(f"{path}.good", Signer(archs=BOTH))
    app(f"{path}.bad", Signer(archs=BOTH, slices={"x86_64": {"identity": None}}))


@case
def slice_ad_hoc_first(path):
    """The same, with the ad hoc slice first."""
    app(f"{path}.good", Signer(archs=BOTH[::-1]))
    app(f"{path}.bad", Signer(archs=BOTH[::-1], slices={"x86_64": {"identity": None}}))


@case
def slice_other_team(path):
    app(f"{path}.good", Signer(archs=BOTH))
    app(f"{path}.bad", Signer(archs=BOTH, slices={"x86_64": {"identity": "other-team", "team": "ZYXWV98765"}}))


@case
def wide_table(path):
    """A table of 64-bit offsets on a program (xnu kern_exec.c, exec_fat_imgact)."""
    app(f"{path}.good", Signer(archs=BOTH))
    base = copy(path)
    data = bytearray(read(base + "/MacOS/MyApp"))
    entries = [struct.unpack(">5I", data[8 + 20 * i:28 + 20 * i]) for i in range(2)]
    head = struct.pack(">2I", 0xCAFEBABF, 2) + b"".join(struct.pack(">2I2Q2I", *e, 0) for e in entries)
    data[:len(head)] = head
    write(base + "/MacOS/MyApp", bytes(data))


# ---- the envelope -------------------------------------------------------------------------------


@case
def no_envelope(path):
    """The linker signed the program, nobody the bundle (StaticCode.cpp, loadResources)."""
    app(f"{path}.good", Signer(identity=None))
    target = f"{path}.bad/MyApp.app/Contents"
    write(target + "/Resources/Notes.txt", b"notes\n")
    write(target + "/Info.plist", INFO)
    write(target + "/MacOS/MyApp", Signer(identity=None, flags=LINKER).program())
    os.chmod(target + "/MacOS/MyApp", 0o755)


@case
def beside_contents(path):
    """A file beside Contents (bundlediskrep.cpp, setup); the Finder's may stand there."""
    write(f"{path}.good/MyApp.app/.DS_Store", b"finder")
    app(f"{path}.good")
    write(copy(path) + "/../run.sh", b"#!/bin/sh\n")


@case
def stray_in_signature(path):
    """A file in _CodeSignature that is no part of the signature (bundlediskrep.cpp, validateMetaDirectory)."""
    app(f"{path}.good")
    write(copy(path) + "/_CodeSignature/payload", b"anything")


def with_rules(path, rules, drop=()):
    """Signed with other rules than codesign's."""
    before, sign.RULES = sign.RULES, rules
    nested = sign.NESTED
    seal_as = sign.seal

    def seal(base, executable, inner):
        d = plistlib.loads(seal_as(base, executable, inner))
        d["rules2"] = rules
        d["files2"] = {k: v for k, v in d["files2"].items() if k not in drop}
        return plistlib.dumps(d)
    sign.seal = seal
    try:
        app(path)
    finally:
        sign.RULES, sign.NESTED, sign.seal = before, nested, seal_as


@case
def rules_empty(path):
    """No rule at all, so that any file may come (StaticCode.cpp, hasWeakResourceRules)."""
    with_rules(f"{path}.good", {"^.*": True, "^Info\\.plist$": {"omit": True, "weight": 20.0}})
    with_rules(f"{path}.bad", {}, drop=("Resources/Notes.txt",))


@case
def rules_omit(path):
    """A rule that leaves out all resources."""
    with_rules(f"{path}.good", {"^.*": True, "^PkgInfo$": {"omit": True, "weight": 20.0}, "^Info\\.plist$": {"omit": True, "weight": 20.0}})
    with_rules(f"{path}.bad", {"^.*": True, "^Info\\.plist$": {"omit": True, "weight": 20.0}, "^Resources/": {"omit": True, "weight": 30.0}},
               drop=("Resources/Notes.txt",))
    write(f"{path}.bad/MyApp.app/Contents/Resources/added.txt", b"added later")


@case
def rules_posix(path):
    """Patterns are POSIX extended expressions (resources.cpp, Rule): what only other languages have is no rule."""
    rules = {"^.*": True, "^Info\\.plist$": {"omit": True, "weight": 20.0}, "^Resources/(a|b)[.][a-z]{3}$": {"weight": 30.0}}
    with_rules(f"{path}.good", rules)
    with_rules(f"{path}.bad", {**rules, "^Resources/(?:x)": True})


@case
def version_one_alone(path):
    """Without the lists of version 1 there is no CodeResources for macOS (StaticCode.cpp, resourceDictionary)."""
    app(f"{path}.good")
    seal_as = sign.seal
    sign.seal = lambda *a: plistlib.dumps({k: v for k, v in plistlib.loads(seal_as(*a)).items() if k.endswith("2")})
    try:
        app(f"{path}.bad")
    finally:
        sign.seal = seal_as


@case
def version_one_code(path):
    """An envelope of version 1 alone, as before OS X 10.9: Gatekeeper refuses it; a program that it leaves out."""
    seal_as = sign.seal

    def seal(*a):
        d = plistlib.loads(seal_as(*a))
        return plistlib.dumps({"files": {k: v for k, v in d["files"].items() if k.startswith("Resources/")}, "rules": {"^Resources/": True}})
    sign.seal = seal
    try:
        app(f"{path}.good")
    finally:
        sign.seal = seal_as
    write(copy(path) + "/MacOS/helper", Signer(identity=None, identifier="helper").program())


def with_link(path, target):
    """Resources/link is sealed as a link to target."""
    os.makedirs(f"{path}/MyApp.app/Contents/Resources")
    os.symlink(target, f"{path}/MyApp.app/Contents/Resources/link")
    seal_as = sign.seal

    def seal(base, executable, inner):
        os.unlink(base + "/Resources/link")
        d = plistlib.loads(seal_as(base, executable, inner))
        os.symlink(target, base + "/Resources/link")
        d["files2"]["Resources/link"] = {"symlink": target}
        return plistlib.dumps(d)
    sign.seal = seal
    try:
        app(path)
    finally:
        sign.seal = seal_as


@case
def link_outside(path):
    """A sealed link that leads out of the bundle (StaticCode.cpp, validateSymlinkResource)."""
    with_link(f"{path}.good", "../Resources/./Notes.txt")
    with_link(f"{path}.bad", "../../../elsewhere")


@case
def link_absolute(path):
    """To a fixed place: of the system's alone."""
    with_link(f"{path}.good", "/System/Library/Frameworks")
    with_link(f"{path}.bad", "/tmp/elsewhere")


@case
def attributes_file(path):
    """._X on disk is a file (csutilities.cpp, pathIsValidXattrFile)."""
    app(f"{path}.good")
    write(copy(path) + "/Resources/._Notes.txt", struct.pack(">2I", 0x51607, 0x20000) + b"Mac OS X        ".ljust(60, b"\0"))


# ---- code directories ---------------------------------------------------------------------------


def with_directory(path, change, **over):
    """The code directory is changed before it is signed."""
    directory_as = sign.directory
    sign.directory = lambda *a: change(directory_as(*a))
    try:
        app(path, Signer(**over))
    finally:
        sign.directory = directory_as


def patched(b, at, new):
    return b[:at] + new + b[at + len(new):]


@case
def page_size(path):
    """Pages of a size that no kernel takes (xnu ubc_subr.c, cs_validate_codedirectory)."""
    app(f"{path}.good")

    directory_as = sign.directory

    def directory(code, identifier, team, flags, specials):
        cd = directory_as(code, identifier, team, flags, specials)
        start, = struct.unpack(">I", cd[16:20])
        pages = b"".join(hashlib.sha256(code[i:i + 8192]).digest() for i in range(0, len(code), 8192))
        cd = cd[:start] + pages
        cd = patched(patched(patched(cd, 39, b"\x0d"), 28, words((len(code) + 8191) // 8192)), 4, words(len(cd)))
        return cd
    sign.directory = directory
    try:
        app(f"{path}.bad")
    finally:
        sign.directory = directory_as


@case
def slot_without_content(path):
    """A special slot with a hash, whose content is not there (StaticCode.cpp, validateNonResourceComponents)."""
    app(f"{path}.good", Signer(constraints={8: entitlements_der({"reqs": {}})}))
    directory_as = sign.directory
    sign.directory = lambda code, i, t, f, special: directory_as(code, i, t, f, {**special, 6: b"nothing"})
    try:
        app(f"{path}.bad", Signer(constraints={8: entitlements_der({"reqs": {}})}))
    finally:
        sign.directory = directory_as


@case
def team_of_another(path):
    """The team is not the certificate's (StaticCode.cpp, verifySignature)."""
    app(f"{path}.good", Signer(requirements=designated(words(2) + datum(ID))))
    app(f"{path}.bad", Signer(team="ZYXWV98765", requirements=designated(words(2) + datum(ID))))


@case
def adhoc_flag(path):
    """The flag adhoc beside a certificate's signature, which is not looked at then (StaticCode.cpp, verifySignature)."""
    app(f"{path}.good")
    app(f"{path}.bad", Signer(flags=RUNTIME | ADHOC))


@case
def directories_disagree(path):
    """Two code directories with different identifiers."""
    def two(path, other):
        superblob_as, cms_as = sign.superblob, sign.cms
        store = {}

        def cms(name, content, detached=False, attributes=(), **more):
            if not detached:
                return cms_as(name, content, detached, attributes, **more)
            second = store["second"] = store["make"](content)
            digests = [hashlib.sha256(content).digest(), hashlib.sha384(second).digest()]
            nine1 = tlv(4, plistlib.dumps({"cdhashes": [d[:20] for d in digests]}))
            nine2 = [tlv(0x30, oid("2.16.840.1.101.3.4.2.1"), tlv(4, digests[0])), tlv(0x30, oid("2.16.840.1.101.3.4.2.2"), tlv(4, digests[1]))]
            return cms_as(name, content, True, [attribute("1.2.840.113635.100.9.1", nine1), attribute("1.2.840.113635.100.9.2", *nine2)], **more)

        def superblob(parts):
            return superblob_as([parts[0], *parts[1:-1], (0x1000, store["second"]), parts[-1]])
        directory_as = sign.directory

        def directory(code, identifier, team, flags, specials):
            store["make"] = lambda content: directory_384(code, other or identifier, team, flags, specials)
            return directory_as(code, identifier, team, flags, specials)
        sign.superblob, sign.cms, sign.directory = superblob, cms, directory
        try:
            app(path, Signer(requirements=designated(words(11, 0) + datum("subject.OU") + words(1) + datum(TEAM))))
        finally:
            sign.superblob, sign.cms, sign.directory = superblob_as, cms_as, directory_as
    two(f"{path}.good", None)
    two(f"{path}.bad", "com.example.other")


def directory_384(code, identifier, team, flags, specials):
    count = max(specials, default=0)
    ident, teams = identifier.encode() + b"\0", team.encode() + b"\0"
    at = 96 + len(ident) + len(teams)
    hashes = b"".join(hashlib.sha384(specials[n]).digest() if n in specials else bytes(48) for n in range(count, 0, -1))
    pages = [code[i:i + 4096] for i in range(0, len(code), 4096)]
    hashes += b"".join(hashlib.sha384(p).digest() for p in pages)
    body = struct.pack(">7I4B2I", 0x20500, flags, at + count * 48, 96, count, len(pages), len(code), 48, 4, 0, 12, 0, 0)
    body += struct.pack(">2I4Q2I", 96 + len(ident), 0, 0, 0, len(code), 1, 14 << 16, 0)
    return blob(0xFADE0C02, body + ident + teams + hashes)


# ---- the CMS ------------------------------------------------------------------------------------


@case
def attributes_unsorted(path):
    """Signed attributes count as they were received (cmssiginfo.c, SecCmsSignerInfoVerify); one flipped bit."""
    def unsorted(path, flip):
        sorted_as = sign.sorted if hasattr(sign, "sorted") else None
        sign.sorted = lambda x, **k: list(reversed(__builtins__.sorted(x, **k))) if x and isinstance(x, list) and isinstance(x[0], bytes) else __builtins__.sorted(x, **k)
        signature_as = sign.signature
        if flip:
            sign.signature = lambda name, data: signature_as(name, data[:-1] + bytes([data[-1] ^ 1]))
        try:
            app(path, Signer(stamp=False))
        finally:
            sign.signature = signature_as
            del sign.sorted
            if sorted_as:
                sign.sorted = sorted_as
    unsorted(f"{path}.good", False)
    unsorted(f"{path}.bad", True)


@case
def codeless(path):
    """A kext without a program: its signature lies in files (bundlediskrep.cpp, component), over Info.plist."""
    info = {"CFBundleIdentifier": "com.example.codeless", "CFBundlePackageType": "KEXT", "CFBundleVersion": "1",
            "IOKitPersonalities": {"Name": {"IOClass": "IOService"}}}
    base = f"{path}.good/Codeless.kext/Contents"
    plist = plistlib.dumps(info)
    write(base + "/Info.plist", plist)
    resources = seal(base, "Info.plist", {})
    write(base + "/_CodeSignature/CodeResources", resources)
    requirements = designated(of_developer_id("com.example.codeless"))
    cd = directory(plist, "com.example.codeless", TEAM, 0, {1: plist, 2: requirements, 3: resources})
    start, = struct.unpack(">I", cd[16:20])
    cd = cd[:start] + hashlib.sha256(plist).digest()
    cd = patched(patched(patched(cd, 39, b"\0"), 28, words(1)), 4, words(len(cd)))
    write(base + "/_CodeSignature/CodeDirectory", cd)
    write(base + "/_CodeSignature/CodeRequirements", requirements)
    digest = hashlib.sha256(cd).digest()
    write(base + "/_CodeSignature/CodeSignature", cms("developer-id", cd, True, [
        attribute("1.2.840.113635.100.9.1", tlv(4, plistlib.dumps({"cdhashes": [digest[:20]]}))),
        attribute("1.2.840.113635.100.9.2", tlv(0x30, oid("2.16.840.1.101.3.4.2.1"), tlv(4, digest)))], stamp=True))
    shutil.copytree(f"{path}.good", f"{path}.bad")
    write(f"{path}.bad/Codeless.kext/Contents/Info.plist", plist.replace(b"IOService", b"IOServicf"))


@case
def delivered(path):
    """What the App Store and TestFlight deliver, by their leaf markers (SecPolicy.c); a kind of Apple's that signs no
    code."""
    for name, identity in (("store", "store-ios"), ("beta", "testflight")):
        app(f"{path}.good/{name}", Signer(identity=identity, platform="iOS", flags=0, requirements=designated(words(2) + datum(ID))))
    app(f"{path}.bad", Signer(identity="purposeless", platform="iOS", flags=0, requirements=designated(words(2) + datum(ID))))


@case
def nested_script(path):
    """A script sealed as nested code keeps its signature in extended attributes: unknown; and one that is gone."""
    target = f"{path}.good/MyApp.app/Contents/MacOS/run.sh"
    write(target, b"#!/bin/sh\n")
    app(f"{path}.good", nested={"MacOS/run.sh": (bytes(20), TEXT.format("run", TEAM))})
    os.remove(copy(path) + "/MacOS/run.sh")


def main():
    if sys.argv[1:] == ["--list"]:
        print("\n".join(CASES))
        return
    for name in sys.argv[1:]:
        CASES[name](name)


main()
