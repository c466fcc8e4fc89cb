"""Signs like codesign, for the tests: Mach-O files, bundles, provisioning profiles, with the certificates
of ca.sh. It writes; lib/ reads. Layouts: xnu osfmk/kern/cs_blobs.h, Security codedirectory.h and
bundlediskrep.cpp; CMS by hand (RFC 5652), so that a test can write what no library would."""
import base64
import datetime
import gzip
import hashlib
import os
import plistlib
import re
import struct
import subprocess
import zlib

CA = os.environ.get("DEXTCTL_TEST_CA", "")

# ---- DER ----------------------------------------------------------------------------------------


def tlv(tag, *parts):
    body = b"".join(parts)
    n = len(body)
    head = bytes([n]) if n < 128 else (lambda b: bytes([0x80 | len(b)]) + b)(n.to_bytes((n.bit_length() + 7) // 8, "big"))
    return bytes([tag]) + head + body


def oid(text):
    first, second, *rest = map(int, text.split("."))
    out = bytes([first * 40 + second])
    for v in rest:
        part = [v & 127]
        while v := v >> 7:
            part.insert(0, v & 127 | 128)
        out += bytes(part)
    return tlv(6, out)


def integer(v):
    return tlv(2, v.to_bytes(v.bit_length() // 8 + 1, "big", signed=True))


def utc(t):
    return tlv(0x17, t.strftime("%y%m%d%H%M%SZ").encode())


def value_der(v):
    """A property list as profiles and entitlements hold it in DER."""
    if isinstance(v, bool):
        return tlv(1, b"\xff" if v else b"\0")
    if isinstance(v, int):
        return integer(v)
    if isinstance(v, str):
        return tlv(0x0C, v.encode())
    if isinstance(v, bytes):
        return tlv(4, v)
    if isinstance(v, datetime.datetime):
        return utc(v)
    if isinstance(v, list):
        return tlv(0x30, *map(value_der, v))
    return tlv(0xB0, pairs_der(v))


def pairs_der(d):
    return b"".join(tlv(0x30, tlv(0x0C, k.encode()), value_der(d[k])) for k in sorted(d))


def entitlements_der(d):
    return tlv(0x70, integer(1), tlv(0xB0, pairs_der(d)))


# ---- CMS ----------------------------------------------------------------------------------------

SHA256 = tlv(0x30, oid("2.16.840.1.101.3.4.2.1"))
ECDSA = tlv(0x30, oid("1.2.840.10045.4.3.2"))
RSA = tlv(0x30, oid("1.2.840.113549.1.1.1"), tlv(5))
NOW = datetime.datetime(2026, 6, 1, 12, 0, 0)
ISSUERS = {"wwdr": ("development", "distribution", "store", "profile", "purposeless", "testflight"),
           "developer-id-ca": ("developer-id", "other-team", "installer"), "iphone-ca": ("profile-ios", "store-ios"),
           "system-ca": ("ticket", "profile-der"), "timestamp-ca": ("timestamp",)}


def read(path):
    with open(path, "rb") as f:
        return f.read()


def cert(name):
    return read(f"{CA}/{name}.der")


def chain(name):
    for issuer, names in ISSUERS.items():
        if name in names:
            return [cert(name), cert(issuer), cert("root")]
    raise KeyError(name)


def element(der, at):
    """Begin of the content and end of the element at."""
    n, head = der[at + 1], 2
    if n & 128:
        head = 2 + (n & 127)
        n = int.from_bytes(der[at + 2:at + head], "big")
    return at + head, at + head + n


def issuer_and_serial(der):
    at = element(der, element(der, 0)[0])[0]
    _, version_end = element(der, at)
    _, serial_end = element(der, version_end)
    _, algorithm_end = element(der, serial_end)
    _, issuer_end = element(der, algorithm_end)
    return tlv(0x30, der[algorithm_end:issuer_end], der[version_end:serial_end])


def signature(name, data):
    return subprocess.run(["openssl", "dgst", "-sha256", "-sign", f"{CA}/{name}.key"], input=data, check=True,
                          stdout=subprocess.PIPE).stdout


def attribute(name, *values):
    return tlv(0x30, oid(name), tlv(0x31, *values))


def cms(name, content, detached=False, attributes=(), when=NOW, stamp=False, kind="1.2.840.113549.1.7.1"):
    """SignedData by one signer; with stamp, an RFC 3161 token of the same time."""
    signed = [attribute("1.2.840.113549.1.9.3", oid(kind)),
              attribute("1.2.840.113549.1.9.4", tlv(4, hashlib.sha256(content).digest())), *attributes]
    if when:
        signed.append(attribute("1.2.840.113549.1.9.5", utc(when)))
    body = b"".join(sorted(signed))
    sig = signature(name, tlv(0x31, body))
    unsigned = tlv(0xA1, attribute("1.2.840.113549.1.9.16.2.14", token(sig, when))) if stamp else b""
    certs = chain(name)
    kind_of_key = RSA if name == "installer" else ECDSA
    info = tlv(0x30, integer(1), issuer_and_serial(certs[0]), SHA256, tlv(0xA0, body), kind_of_key, tlv(4, sig), unsigned)
    inner = tlv(0x30, oid(kind), b"" if detached else tlv(0xA0, tlv(4, content)))
    version = integer(1 if kind.endswith("7.1") else 3)
    return tlv(0x30, oid("1.2.840.113549.1.7.2"),
               tlv(0xA0, tlv(0x30, version, tlv(0x31, SHA256), inner, tlv(0xA0, *certs), tlv(0x31, info))))


def token(sig, when):
    imprint = tlv(0x30, SHA256, tlv(4, hashlib.sha256(sig).digest()))
    info = tlv(0x30, integer(1), oid("1.2.840.113635.100.9.99"), imprint, integer(1),
               tlv(0x18, when.strftime("%Y%m%d%H%M%SZ").encode()))
    return cms("timestamp", info, when=when, kind="1.2.840.113549.1.9.16.1.4")


# ---- code signatures ----------------------------------------------------------------------------

CPU = {"arm64": (0x100000C, 0), "x86_64": (0x1000007, 3)}
PLATFORM = {"macOS": 1, "iOS": 2, "Catalyst": 6, "DriverKit": 10}
RUNTIME, ADHOC, LINKER = 0x10000, 2, 0x20000


def blob(magic, body):
    return struct.pack(">2I", magic, len(body) + 8) + body


def pad4(b):
    return b + bytes(-len(b) % 4)


def requirement(identifier, team):
    """designated => identifier ID [and certificate leaf[subject.OU] = TEAM]"""
    def data(t):
        return struct.pack(">I", len(t)) + pad4(t.encode())
    text = struct.pack(">I", 2) + data(identifier)
    if team:
        text = struct.pack(">I", 6) + text + struct.pack(">2I", 11, 0) + data("subject.OU") + struct.pack(">I", 1) + data(team)
    one = blob(0xFADE0C00, struct.pack(">I", 1) + text)
    return blob(0xFADE0C01, struct.pack(">3I", 1, 3, 20) + one)


def requirement_text(identifier, team):
    return f'identifier "{identifier}"' + (f' and certificate leaf[subject.OU] = {team}' if team else "")


def directory(code, identifier, team, flags, specials):
    count = max(specials, default=0)
    ident = identifier.encode() + b"\0"
    teams = team.encode() + b"\0" if team else b""
    head = 96
    at = head + len(ident) + len(teams)
    hashes = b"".join(hashlib.sha256(specials[n]).digest() if n in specials else bytes(32) for n in range(count, 0, -1))
    pages = [code[i:i + 4096] for i in range(0, len(code), 4096)]
    hashes += b"".join(hashlib.sha256(p).digest() for p in pages)
    body = struct.pack(">7I4B2I", 0x20500, flags, at + count * 32, head, count, len(pages), len(code), 32, 2, 0, 12, 0, 0)
    body += struct.pack(">2I4Q2I", head + len(ident) if team else 0, 0, 0, 0, len(code), 1, 14 << 16, 0)
    return blob(0xFADE0C02, body + ident + teams + hashes)


def superblob(parts):
    at = 12 + 8 * len(parts)
    index = b""
    for slot, b in parts:
        index += struct.pack(">2I", slot, at)
        at += len(b)
    return struct.pack(">3I", 0xFADE0CC0, at, len(parts)) + index + b"".join(b for _, b in parts)


def thin(arch, platform, text, room, size):
    cpu, subtype = CPU[arch]
    build = struct.pack("<6I", 0x32, 24, PLATFORM[platform], 14 << 16, 15 << 16, 0)
    head = struct.pack("<8I", 0xFEEDFACF, cpu, subtype, 2, 2, len(build) + 16, 0x85, 0)
    body = head + build + struct.pack("<4I", 0x1D, 16, size, room)
    return body.ljust(512, b"\0") + text.ljust(size - 512, b"\x42")


class Signer:
    """How a program is signed. Every field can be told otherwise for one slice: slices={"x86_64": {...}}."""

    def __init__(self, **over):
        self.identity = "developer-id"  # None: ad hoc; "none": not at all
        self.identifier = "com.example.app"
        self.team = "ABCDE12345"
        self.flags = RUNTIME
        self.entitlements = None
        self.xml = None         # the blob's body, when it is not the usual one
        self.der = "same"       # or None, or bytes
        self.platform = "macOS"
        self.archs = ("arm64",)
        self.slices = {}
        self.stamp = None       # None: with Developer ID only
        self.size = 6000
        self.constraints = {}   # slot: bytes
        self.requirements = None
        self.__dict__.update(over)

    def slice(self, arch):
        other = Signer(**self.__dict__)
        other.__dict__.update(self.slices.get(arch, {}))
        return other

    def program(self, info=None, resources=None):
        self.cdhashes = []
        parts = [(a, self.slice(a).sign(a, info, resources, self.cdhashes)) for a in self.archs]
        if len(parts) == 1:
            return parts[0][1]
        out = struct.pack(">2I", 0xCAFEBABE, len(parts))
        at, body = 0x4000, b""
        for arch, data in parts:
            out += struct.pack(">5I", *CPU[arch], at + len(body), len(data), 14)
            body += data + bytes(-len(data) % 0x4000)
        return out.ljust(at, b"\0") + body

    def sign(self, arch, info, resources, cdhashes):
        room = 0x6000 + self.size // 4096 * 32 & ~15
        code = thin(arch, self.platform, f"{self.identifier} {arch}".encode(), room, self.size)
        if self.identity == "none":
            return code
        team = self.team if self.identity else ""
        special = {1: info, 3: resources}
        parts = []
        special[2] = self.requirements or (requirement(self.identifier, team) if team else blob(0xFADE0C01, bytes(4)))
        parts.append((2, special[2]))
        if self.entitlements is not None or self.xml is not None:
            special[5] = blob(0xFADE7171, plistlib.dumps(self.entitlements) if self.xml is None else self.xml)
            parts.append((5, special[5]))
            if self.der is not None:
                special[7] = blob(0xFADE7172, entitlements_der(self.entitlements or {}) if self.der == "same" else self.der)
                parts.append((7, special[7]))
        for slot, body in self.constraints.items():
            special[slot] = blob(0xFADE8181, body)
            parts.append((slot, special[slot]))
        flags = self.flags | (0 if self.identity else ADHOC)
        cd = directory(code, self.identifier, team, flags, {k: v for k, v in special.items() if v})
        digest = hashlib.sha256(cd).digest()
        cdhashes.append(digest[:20])
        sig = b""
        if self.identity:
            nine1 = tlv(4, plistlib.dumps({"cdhashes": [digest[:20]]}))
            nine2 = tlv(0x30, oid("2.16.840.1.101.3.4.2.1"), tlv(4, digest))
            stamp = self.identity in ("developer-id", "other-team") if self.stamp is None else self.stamp
            sig = cms(self.identity, cd, True, [attribute("1.2.840.113635.100.9.1", nine1),
                                                attribute("1.2.840.113635.100.9.2", nine2)], stamp=stamp)
        whole = superblob([(0, cd), *parts, (0x10000, blob(0xFADE0B01, sig))])
        assert len(whole) <= room
        return code + whole.ljust(room, b"\0")


# ---- tickets ------------------------------------------------------------------------------------


def ticket(hashes, when=NOW, identity="ticket"):
    """hashes: (kind, 20 bytes), as lib/sign/ticket.h has it."""
    seconds = int(when.replace(tzinfo=datetime.timezone.utc).timestamp())
    payload = struct.pack("<4sHHIIQ", b"g8tk", 2, 20, len(hashes), 0, seconds)
    payload += b"".join(bytes([kind]) + h for kind, h in hashes)
    certs = tlv(0x30, *chain(identity)[:2])
    body = struct.pack("<4s3I", b"s8ch", 1, len(certs), len(payload)) + certs + payload
    sig = signature(identity, body)
    return body + sig + bytes(-len(sig) % 8)


def trailer(data, kind=2):
    """What stands behind a package."""
    end = struct.pack("<4sHHI4s", b"t8lr", 1, 1, 0, b"")
    return end + data + struct.pack("<4sHHI4s", b"t8lr", 1, kind, len(data), b"")


# ---- bundles ------------------------------------------------------------------------------------

NESTED = r"^(Frameworks|SharedFrameworks|PlugIns|Plug-ins|XPCServices|Helpers|MacOS|Library/(Automator|Spotlight|LoginItems))/"
RULES = {"^.*": True, "^Info\\.plist$": {"omit": True, "weight": 20.0}, "^PkgInfo$": {"omit": True, "weight": 20.0},
         "^Resources/": {"weight": 20.0}, "^embedded\\.provisionprofile$": {"weight": 20.0},
         "^(.*/)?\\.DS_Store$": {"omit": True, "weight": 2000.0}}


def write(path, data):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path, "wb") as f:
        f.write(data if isinstance(data, bytes) else plistlib.dumps(data))


def seal(base, executable, nested):
    """CodeResources of what lies in base; nested: path -> (cdhash, requirement)."""
    rules = dict(RULES)
    deep = base.endswith("Contents")
    if deep:
        rules["^[^/]+$"] = {"nested": True, "weight": 10.0}
        rules[NESTED] = {"nested": True, "weight": 10.0}
    files, files2 = {}, {}
    for folder, folders, names in os.walk(base):
        folders.sort()
        for name in sorted(names):
            path = os.path.relpath(os.path.join(folder, name), base)
            if path == executable or path.startswith("_CodeSignature/") or path in ("CodeResources", "PkgInfo"):
                continue
            data = read(os.path.join(folder, name))
            if not (deep and re.match(NESTED, path)):
                files[path] = hashlib.sha1(data).digest()
            inside = next((n for n in nested if path == n or path.startswith(n + "/")), None)
            if inside:
                files2[inside] = {"cdhash": nested[inside][0], "requirement": nested[inside][1]}
            elif path != "Info.plist":
                files2[path] = {"hash2": hashlib.sha256(data).digest()}
    return plistlib.dumps({"files": files, "files2": files2, "rules": {"^.*": True}, "rules2": rules})


def bundle(path, signer, info, profile=None, flat=False, nested=None):
    """Writes what is its own into the folder, which may hold files and signed code already."""
    base = path if flat else path + "/Contents"
    name = info["CFBundleExecutable"]
    executable = name if flat else "MacOS/" + name
    plist = plistlib.dumps(info)
    write(base + "/Info.plist", plist)
    if profile:
        ios = signer.platform == "iOS"
        write(base + ("/embedded.mobileprovision" if ios else "/embedded.provisionprofile"), profile)
    resources = seal(base, executable, nested or {})
    write(base + "/_CodeSignature/CodeResources", resources)
    write(f"{base}/{executable}", signer.program(plist, resources))
    os.chmod(f"{base}/{executable}", 0o755)


# ---- packages, disk images -----------------------------------------------------------------------


def cpio(folder):
    """The files of a folder in the old portable form that Payload has."""
    out = b""
    names = ["."]
    for at, folders, files in os.walk(folder):
        folders.sort()
        names += [os.path.join(at, n) for n in folders + sorted(files)]
    for name in names + ["TRAILER!!!"]:
        path = name if name in (".", "TRAILER!!!") else "./" + os.path.relpath(name, folder)
        data = read(name) if os.path.isfile(name) else b""
        mode = 0 if path == "TRAILER!!!" else 0o100755 if os.path.isfile(name) else 0o40755
        out += b"070707" + b"%06o%06o%06o%06o%06o%06o%06o%011o%06o%011o" % (
            0, 0, mode, 0, 0, 1, 0, 0, len(path) + 1, len(data)) + path.encode() + b"\0" + data
    return out


def xar(members, identity="installer", style="sha1", rsa=True, cms_too=True, stamp=True, edit=None):
    """members: name -> bytes. edit: changes the table of contents after it was signed."""
    size = hashlib.new(style).digest_size
    room_rsa, room_cms = 256, 9216
    at = size + (room_rsa if rsa else 0) + (room_cms if cms_too else 0)
    files, heap = "", b""
    for i, (name, data) in enumerate(members.items()):
        sum_ = hashlib.new(style, data).hexdigest()
        files += (f'<file id="{i + 1}"><data><length>{len(data)}</length><offset>{at + len(heap)}</offset>'
                  f'<size>{len(data)}</size><encoding style="application/octet-stream"/>'
                  f'<extracted-checksum style="{style}">{sum_}</extracted-checksum>'
                  f'<archived-checksum style="{style}">{sum_}</archived-checksum></data>'
                  f'<type>file</type><name>{name}</name></file>')
        heap += data
    keys = ""
    if identity:
        certs = "".join(f"<X509Certificate>{base64.b64encode(c).decode()}</X509Certificate>" for c in chain(identity))
        info = f'<KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data>{certs}</X509Data></KeyInfo>'
        if rsa:
            keys += f'<signature style="RSA"><offset>{size}</offset><size>{room_rsa}</size>{info}</signature>'
        if cms_too:
            keys += (f'<x-signature style="CMS"><offset>{size + (room_rsa if rsa else 0)}</offset>'
                     f'<size>{room_cms}</size>{info}</x-signature>')
    toc = (f'<?xml version="1.0" encoding="UTF-8"?><xar><toc><checksum style="{style}"><offset>0</offset>'
           f'<size>{size}</size></checksum>{keys}{files}</toc></xar>').encode()
    packed = zlib.compress(toc)
    checksum = hashlib.new(style, packed).digest()
    front = checksum
    if identity and rsa:
        sig = subprocess.run(["openssl", "pkeyutl", "-sign", "-inkey", f"{CA}/{identity}.key", "-pkeyopt", f"digest:{style}"],
                             input=checksum, check=True, stdout=subprocess.PIPE).stdout
        front += sig.ljust(room_rsa, b"\0")
    if identity and cms_too:
        front += cms(identity, checksum, True, stamp=stamp).ljust(room_cms, b"\0")
    if edit:
        packed = zlib.compress(edit(toc))
    kind = {"sha1": 1, "sha256": 3, "sha512": 4}[style]
    return struct.pack(">4sHHQQI", b"xar!", 28, 1, len(packed), len(edit(toc) if edit else toc), kind) + packed + front + heap


def package(folder, **how):
    """A component package of what lies in folder, for /Applications; and what a ticket names."""
    info = b'<pkg-info identifier="com.example.pkg" version="1" install-location="/Applications"/>'
    data = xar({"PackageInfo": info, "Payload": gzip.compress(cpio(folder), mtime=0)}, **how)
    size = struct.unpack(">Q", data[8:16])[0]
    style = how.get("style", "sha1")
    return data, ({"sha1": 1, "sha256": 2}[style], data[28 + size:28 + size + 20])


def disk_image(identity="developer-id", identifier="image", team="ABCDE12345", ticket_of=None, size=9000):
    data = (b"not a file system " * (size // 18 + 1))[:size]
    trailer_ = bytearray(512)
    trailer_[:12] = struct.pack(">4sII", b"koly", 4, 512)
    if not identity:
        return data + bytes(trailer_)
    struct.pack_into(">Q", trailer_, 296, len(data))
    reqs = requirement(identifier, team)
    cd = directory(data, identifier, team, 0, {2: reqs, 6: bytes(trailer_)})
    digest = hashlib.sha256(cd).digest()
    nine1 = tlv(4, plistlib.dumps({"cdhashes": [digest[:20]]}))
    nine2 = tlv(0x30, oid("2.16.840.1.101.3.4.2.1"), tlv(4, digest))
    sig = cms(identity, cd, True, [attribute("1.2.840.113635.100.9.1", nine1),
                                   attribute("1.2.840.113635.100.9.2", nine2)], stamp=True)
    parts = [(0, cd), (2, reqs), (0x10000, blob(0xFADE0B01, sig))]
    if ticket_of:
        parts.append((0x10002, blob(0xFADE0B01, ticket_of([(2, digest[:20])]))))
    whole = superblob(parts)
    struct.pack_into(">Q", trailer_, 304, len(whole))
    return data + whole + bytes(trailer_)


# ---- profiles -----------------------------------------------------------------------------------


def profile(identity, app_id, entitlements, platforms=("OSX",), devices=None, team="ABCDE12345", signer=None,
            der=True, change=None, created=datetime.datetime(2026, 1, 1), expires=datetime.datetime(2044, 1, 1), **more):
    """identity: whose certificate it names. devices: a list, None (App Store) or "all". change: what its DER
    copy says otherwise."""
    certificate = cert(identity)
    p = {"AppIDName": "Example", "ApplicationIdentifierPrefix": [team], "CreationDate": created, "ExpirationDate": expires,
         "Platform": list(platforms), "DeveloperCertificates": [certificate], "Name": "Example", "TeamIdentifier": [team],
         "TeamName": "Example", "TimeToLive": 365, "UUID": "00000000-0000-0000-0000-000000000000", "Version": 1}
    key = "com.apple.application-identifier" if "OSX" in platforms else "application-identifier"
    p["Entitlements"] = {key: f"{team}.{app_id}", "com.apple.developer.team-identifier": team,
                         "keychain-access-groups": [team + ".*"], **entitlements}
    if devices == "all":
        p["ProvisionsAllDevices"] = True
    elif devices:
        p["ProvisionedDevices"] = devices
    p.update(more)
    if der:
        d = {**p, **(change or {})}
        d["DeveloperCertificates"] = [hashlib.sha256(c).digest() for c in p["DeveloperCertificates"]]
        parts = [tlv(0x30, tlv(0x0C, k.encode()), entitlements_der(d[k]) if k == "Entitlements" else value_der(d[k])) for k in sorted(d)]
        signed = cms(der if isinstance(der, str) else "profile-der", tlv(0x31, *parts), when=created)
        p["DER-Encoded-Profile"] = signed
    ios = "OSX" not in platforms
    return cms(signer or ("profile-ios" if ios else "profile"), plistlib.dumps(p), when=created)
