"""The products that the golden cases judge: products.py NAME... writes each below a folder of its name.
Each is the good one with something changed; what and why stands beside it."""
import datetime
import os
import shutil
import sys
import warnings
import zipfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from sign import *  # noqa: E402,F403

TEAM = "ABCDE12345"
APP, DEXT = "com.example.app", "com.example.app.driver"
DRIVERKIT = {"com.apple.developer.driverkit": True, "com.apple.developer.driverkit.family.serial": True}
USB = "com.apple.developer.driverkit.transport.usb"
INSTALL = {"com.apple.developer.system-extension.install": True}
DEVICES = ["00008103-000A00000000001E"]


class Product:
    """A Mac app with a driver in it, as Developer ID distributes it."""

    def __init__(self, kind="developer-id", platform="macOS"):
        self.kind, self.platform = kind, platform
        ios = platform == "iOS"
        self.flat = ios
        self.ids = "application-identifier" if ios else "com.apple.application-identifier"
        debug = {"get-task-allow" if ios else "com.apple.security.get-task-allow": True}
        more = debug if kind == "development" else {}
        self.app_claims = {self.ids: f"{TEAM}.{APP}", "com.apple.developer.team-identifier": TEAM, **more,
                           **({"com.apple.developer.driverkit.communicates-with-drivers": True} if ios else INSTALL)}
        self.dext_claims = {self.ids: f"{TEAM}.{DEXT}", "com.apple.developer.team-identifier": TEAM, **DRIVERKIT,
                            USB: [{"idVendor": "*" if kind == "development" else 4660}], **more}
        identity = {"ad-hoc": "distribution", "in-house": "distribution", "app-store": "distribution"}.get(kind, kind)
        flags = RUNTIME if kind == "developer-id" else 0
        self.app = Signer(identity=identity, identifier=APP, entitlements=self.app_claims, platform=platform, flags=flags)
        self.dext = Signer(identity=identity, identifier=DEXT, entitlements=self.dext_claims, platform="DriverKit", flags=flags)
        self.devices = {"developer-id": "all", "in-house": "all", "app-store": None}.get(kind, DEVICES)
        self.app_profile = self.profile(identity, APP, self.app_claims)
        self.dext_profile = self.profile(identity, DEXT, self.dext_claims)
        self.personality = {"CFBundleIdentifierKernel": "com.apple.driver.driverkit.serial", "IOClass": "IOUserSerial",
                            "IOProviderClass": "IOUSBHostInterface", "IOUserClass": "Port", "IOUserServerName": DEXT,
                            "idVendor": 4660, "idProduct": 1, "bInterfaceNumber": 0, "bConfigurationValue": 1}
        self.ticket = None  # of the hashes of all code
        self.extra = {}  # path below the base -> bytes or Signer
        self.dext_id = DEXT

    def profile(self, identity, app_id, claims, **more):
        grants = {k: v for k, v in claims.items() if k.startswith("com.apple.developer.") or k.endswith("get-task-allow")}
        more.setdefault("devices", self.devices)
        more.setdefault("platforms", ["iOS"] if self.platform == "iOS" else ["OSX"])
        return profile(identity, app_id, grants, **more)

    def claim(self, **more):
        self.dext_claims.update({k.replace("__", "."): v for k, v in more.items()})

    def write(self, folder):
        shutil.rmtree(folder, ignore_errors=True)
        base = f"{folder}/MyApp.app" + ("" if self.flat else "/Contents")
        dexts = base + ("/SystemExtensions" if self.flat else "/Library/SystemExtensions")
        bundle(f"{dexts}/{self.dext_id}.dext", self.dext, {
            "CFBundleExecutable": self.dext_id, "CFBundleIdentifier": self.dext_id, "CFBundlePackageType": "DEXT",
            "CFBundleVersion": "1", "CFBundleShortVersionString": "1.0", "OSBundleUsageDescription": "A port.",
            "IOKitPersonalities": {"Port": self.personality}}, self.dext_profile, flat=True)
        nested = {}
        for path, what in self.extra.items():
            data = what.program() if isinstance(what, Signer) else what
            write(f"{base}/{path}", data)
            if isinstance(what, Signer):
                os.chmod(f"{base}/{path}", 0o755)
                team = what.team if what.identity else ""
                nested[path] = ((what.cdhashes or [bytes(20)])[0], requirement_text(what.identifier, team))
        bundle(f"{folder}/MyApp.app", self.app, {
            "CFBundleExecutable": "MyApp", "CFBundleIdentifier": APP, "CFBundlePackageType": "APPL",
            "CFBundleVersion": "1", "CFBundleShortVersionString": "1.0"}, self.app_profile, flat=self.flat, nested=nested)
        self.hashes = [(2, h) for s in (self.app, self.dext) for h in s.cdhashes]
        if self.ticket:
            write(f"{base}/CodeResources", self.ticket(self.hashes))


CASES = {}
warnings.filterwarnings("ignore", "Duplicate name", UserWarning)


def case(f):
    CASES[f.__name__.replace("_", "-")] = f
    return f


@case
def developer_id():
    return Product()


@case
def development():
    return Product("development")


@case
def app_store():
    return Product("app-store")


@case
def ipad_development():
    return Product("development", "iOS")


@case
def ipad_ad_hoc():
    return Product("ad-hoc", "iOS")


@case
def ipad_in_house():
    return Product("in-house", "iOS")


@case
def ipad_app_store():
    return Product("app-store", "iOS")


@case
def driver_for_development():
    """A Developer ID app around a driver that was signed for development."""
    p, d = Product(), Product("development")
    p.dext, p.dext_profile = d.dext, d.dext_profile
    return p


@case
def slice_ad_hoc():
    """The slice that Intel Macs run is signed ad hoc."""
    p = Product()
    p.app.archs = ("arm64", "x86_64")
    p.app.slices = {"x86_64": {"identity": None}}
    return p


@case
def slice_ad_hoc_first():
    p = slice_ad_hoc()
    p.app.archs = ("x86_64", "arm64")
    return p


@case
def slice_claims_more():
    """One slice of the driver claims what the profile does not grant."""
    p = Product()
    p.dext.archs = ("arm64", "x86_64")
    p.dext.slices = {"x86_64": {"entitlements": {**p.dext_claims, "com.apple.developer.driverkit.transport.hid": True}}}
    return p


@case
def helper_ad_hoc():
    """A tool in the app is signed ad hoc."""
    p = Product()
    p.extra["MacOS/helper"] = Signer(identity=None, identifier="helper")
    return p


@case
def helper_signed():
    p = Product()
    p.extra["MacOS/helper"] = Signer(identifier="helper")
    return p


@case
def helper_restricted():
    """A tool claims what only a profile grants, and a tool has none."""
    p = Product()
    p.extra["MacOS/helper"] = Signer(identifier="helper", entitlements={"com.apple.vm.networking": True})
    return p


@case
def private_claim():
    p = Product()
    p.app_claims["com.apple.private.tcc.allow"] = ["kTCCServiceAll"]
    return p


@case
def vm_networking():
    """Restricted, though it does not begin with com.apple.developer."""
    p = Product()
    p.app_claims["com.apple.vm.networking"] = True
    return p


@case
def sandbox_claims():
    """Free on a Mac."""
    p = Product()
    p.app_claims.update({"com.apple.security.app-sandbox": True, "com.apple.security.network.client": True,
                         "com.apple.security.application-groups": ["ABCDE12345.group"], "com.example.own": True})
    return p


@case
def ipad_groups_not_granted():
    """On iPadOS nothing is free."""
    p = Product("app-store", "iOS")
    p.app_claims["com.apple.security.application-groups"] = ["group.example"]
    return p


@case
def debuggable():
    """get-task-allow in what is to be distributed."""
    p = Product()
    p.app_claims["com.apple.security.get-task-allow"] = True
    return p


@case
def usb_narrower():
    """The profile grants the vendor, the driver claims one product: nobody has measured that."""
    p = Product()
    p.dext_claims[USB] = [{"idVendor": 4660, "idProduct": 1}]
    return p


@case
def usb_empty():
    p = Product()
    p.dext_claims[USB] = []
    return p


@case
def usb_other_vendor():
    p = Product()
    p.dext_claims[USB] = [{"idVendor": 4661}]
    return p


@case
def no_driverkit():
    """A family, without com.apple.developer.driverkit."""
    p = Product()
    del p.dext_claims["com.apple.developer.driverkit"]
    return p


@case
def ipad_other_prefix():
    """The driver's id does not begin with the app's."""
    p = Product("ad-hoc", "iOS")
    p.dext_id = "com.example.driver"
    p.dext.identifier = p.dext_id
    p.dext_claims[p.ids] = f"{TEAM}.{p.dext_id}"
    p.dext_profile = p.profile("distribution", p.dext_id, p.dext_claims)
    return p


@case
def mac_other_prefix():
    """A Mac does not mind."""
    p = Product()
    p.dext_id = "com.example.driver"
    p.dext.identifier = p.dext_id
    p.dext_claims[p.ids] = f"{TEAM}.{p.dext_id}"
    p.dext_profile = p.profile("developer-id", p.dext_id, p.dext_claims)
    p.personality["IOUserServerName"] = p.dext_id
    return p


@case
def mac_with_ipad_key():
    """What only iPadOS knows, in a Mac app, and granted nowhere."""
    p = Product()
    p.app_claims["com.apple.developer.driverkit.communicates-with-drivers"] = True
    return p


@case
def other_team():
    p = Product()
    p.dext.identity, p.dext.team = "other-team", "ZYXWV98765"
    return p


@case
def no_runtime():
    p = Product()
    p.app.flags = 0
    return p


@case
def profile_purposeless():
    """A profile that somebody signed whose certificate is Apple's, but not one for profiles."""
    p = Product()
    p.dext_profile = p.profile("developer-id", DEXT, p.dext_claims, signer="development")
    return p


@case
def profile_purposeless_other():
    p = Product()
    p.dext_profile = p.profile("developer-id", DEXT, p.dext_claims, signer="purposeless")
    return p


@case
def profile_der_decides():
    """The property list grants the family, the DER copy, which the system reads, does not."""
    p = Product()
    fewer = {k: v for k, v in p.dext_claims.items() if "family" not in k}
    p.dext_profile = p.profile("developer-id", DEXT, p.dext_claims, change={"Entitlements": fewer})
    return p


@case
def profile_der_forged():
    """The DER copy is signed by somebody else than Apple's portal."""
    p = Product()
    p.dext_profile = p.profile("developer-id", DEXT, p.dext_claims, der="development")
    return p


@case
def profile_without_der():
    p = Product()
    p.dext_profile = p.profile("developer-id", DEXT, p.dext_claims, der=False)
    return p


@case
def profile_not_yet():
    p = Product()
    p.dext_profile = p.profile("developer-id", DEXT, p.dext_claims, created=datetime.datetime(2027, 1, 1))
    return p


@case
def profile_expired():
    p = Product()
    p.dext_profile = p.profile("developer-id", DEXT, p.dext_claims, expires=datetime.datetime(2026, 2, 1))
    return p


@case
def app_id_of_another():
    """The claimed app id is one that the profile's wildcard covers, and not this driver's."""
    p = Product()
    p.dext_profile = p.profile("developer-id", "com.example.*", p.dext_claims)
    p.dext_claims[p.ids] = f"{TEAM}.com.example.somebody"
    return p


def stapled(make):
    p = Product()
    p.ticket = make
    return p


def changed(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]


CASES.update({
    "ticket": lambda: stapled(ticket),
    "ticket-of-driver-alone": lambda: stapled(lambda h: ticket(h[1:])),
    "ticket-of-app-alone": lambda: stapled(lambda h: ticket(h[:1])),
    "ticket-other-kind": lambda: stapled(lambda h: ticket([(1, x) for _, x in h])),
    "ticket-payload": lambda: stapled(lambda h: changed(ticket(h), -100)),
    "ticket-signature": lambda: stapled(lambda h: changed(ticket(h), -20)),
    "ticket-cut": lambda: stapled(lambda h: ticket(h)[:400]),
    "ticket-longer": lambda: stapled(lambda h: ticket(h) + bytes(8)),
    "ticket-developers": lambda: stapled(lambda h: ticket(h, identity="development")),
    "ticket-profiles": lambda: stapled(lambda h: ticket(h, identity="profile-der")),
    "ticket-before": lambda: stapled(lambda h: ticket(h, datetime.datetime(2024, 1, 1))),
    "ticket-text": lambda: stapled(lambda h: b"no ticket at all\n"),
})


def constrained(constraints):
    p = Product()
    p.app.constraints = {slot: value_der(c) if isinstance(c, bytes) else entitlements_der(c) for slot, c in constraints.items()}
    return p


def lwcr(facts):
    return {"ccat": 0, "comp": 1, "reqs": facts, "vers": 1}


CASES.update({
    "constraints": lambda: constrained({
        8: lwcr({"on-system-volume": False}), 9: lwcr({"signing-identifier": "com.example.app", "team-identifier": TEAM}),
        10: lwcr({"$or": {"validation-category": 6, "is-init-proc": True}}), 11: lwcr({"validation-category": 6})}),
    "constraints-malformed": lambda: constrained({8: b"nothing of the kind"}),
})


def form(change, der="same"):
    """The driver's entitlements in another form than codesign writes."""
    p = Product()
    p.dext.xml = change(plistlib.dumps(p.dext_claims))
    p.dext.der = der
    return p


def openstep(d):
    return b"{ " + b" ".join(b'"%s" = YES;' % k.encode() for k in d) + b" }"


CASES.update({
    "form-plain": lambda: form(lambda x: x, None),
    "form-binary": lambda: form(lambda x: plistlib.dumps(plistlib.loads(x), fmt=plistlib.FMT_BINARY)),
    "form-openstep": lambda: form(lambda x: openstep(plistlib.loads(x))),
    "form-mark": lambda: form(lambda x: b"\xef\xbb\xbf" + x),
    "form-two-roots": lambda: form(lambda x: x.replace(b"</plist>", b"<dict/></plist>")),
    "form-trailing": lambda: form(lambda x: x + b"and more"),
    "form-comment": lambda: form(lambda x: x.replace(b"<dict>", b"<dict><!--- a -- b --->", 1)),
    "form-plain-comment": lambda: form(lambda x: x.replace(b"<dict>", b"<dict><!-- a - b -->", 1)),
    "form-nul": lambda: form(lambda x: x.replace(b"<key>", b"<key>\0", 1)),
    "form-nul-binary": lambda: form(lambda x: plistlib.dumps({"\0" + k: v for k, v in plistlib.loads(x).items()},
                                                            fmt=plistlib.FMT_BINARY), None),
    "form-lines": lambda: form(lambda x: x.replace(b"\n", b"\r\n"), None),
    "form-lines-der": lambda: form(lambda x: x.replace(b"\n", b"\r\n")),
    "form-entity": lambda: form(lambda x: x.replace(b"ABCDE12345", b"&#65;BCDE12345"), None),
})

def pkg(make=Product, stapled=None, damage=None, **how):
    """Writes NAME.pkg beside the folder NAME, with its app in it."""
    def write_it(name):
        p = make()
        p.write(name)
        data, own = package(name, **how)
        data = damage(data) if damage else data
        write(name + ".pkg", data + (trailer(stapled([own, *p.hashes])) if stapled else b""))
    return write_it


def zipped(twice=None):
    """NAME.zip; twice: path below the app -> content of a second member of that name."""
    def write_it(name):
        Product().write(name)
        with zipfile.ZipFile(name + ".zip", "w") as z:
            for folder, _, files in sorted(os.walk(name + "/MyApp.app")):
                for file in sorted(files):
                    path = os.path.join(folder, file)
                    z.write(path, os.path.relpath(path, name))
            for path, data in (twice or {}).items():
                first = read(f"{name}/MyApp.app/{path}")
                z.writestr("MyApp.app/" + path, first if data is None else data)
                if data is not None:
                    z.writestr("MyApp.app/" + path, first)
    return write_it


def at_end(data):
    return changed(data, -3)


PACKAGES = {
    "pkg": pkg(stapled=ticket),
    "pkg-not-stapled": pkg(),
    "pkg-ticket-of-app-alone": pkg(stapled=lambda h: ticket(h[1:])),
    "pkg-ticket-forged": pkg(stapled=lambda h: ticket(h, identity="development")),
    "pkg-unsigned": pkg(identity=None, rsa=False, cms_too=False),
    "pkg-rsa-alone": pkg(cms_too=False),
    "pkg-cms-alone": pkg(rsa=False),
    "pkg-sha256": pkg(style="sha256", stapled=ticket),
    "pkg-application-certificate": pkg(identity="developer-id", rsa=False),
    "pkg-member-changed": pkg(damage=at_end),
    "pkg-table-changed": pkg(edit=lambda t: t.replace(b"Payload", b"Payloaf")),
    "pkg-cms-changed": pkg(damage=lambda d: changed(d, d.index(b": Ada (", struct.unpack(">Q", d[8:16])[0] + 28 + 20 + 256) + 3)),
    "pkg-of-development": pkg(make=CASES["development"]),
}


def image(damage=None, **how):
    def write_it(name):
        data = disk_image(**how)
        write(name + ".dmg", damage(data) if damage else data)
    return write_it


PACKAGES.update({
    "zip": zipped(),
    "zip-twice": zipped({"Contents/MacOS/MyApp": b"another program"}),
    "zip-twice-the-same": zipped({"Contents/MacOS/MyApp": None}),
    "dmg": image(),
    "dmg-stapled": image(ticket_of=ticket),
    "dmg-ticket-other": image(ticket_of=lambda h: ticket([(2, bytes(20))])),
    "dmg-unsigned": image(identity=None),
    "dmg-data-changed": image(lambda d: changed(d, 100)),
    "dmg-trailer-changed": image(lambda d: changed(d, -400)),
    "dmg-longer": image(lambda d: d[:-512] + bytes(16) + d[-512:]),
})

if __name__ == "__main__":
    for name in sys.argv[1:]:
        if name in PACKAGES:
            PACKAGES[name](name)
        else:
            CASES[name]().write(name)
