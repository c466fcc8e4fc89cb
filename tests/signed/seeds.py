"""Writes the seeds of fuzz_ticket and fuzz_package, signed with the tests' own certificates.
  DEXTCTL_TEST_CA=... seeds.py FOLDER      (tests/fuzz/corpus)"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from sign import *  # noqa: E402,F403

to = sys.argv[1]
hashes = [(1, bytes(range(20))), (2, bytes(range(20, 40)))]
one = ticket(hashes)
write(f"{to}/fuzz_ticket/ticket", one)
write(f"{to}/fuzz_ticket/empty", ticket([]))
write(f"{to}/fuzz_ticket/trailer", b"xar!" + trailer(one))
write(f"{to}/fuzz_ticket/unknown-trailer", trailer(one) + trailer(b"more", 7)[16:])
write(f"{to}/fuzz_ticket/entitlements", plistlib.dumps({"a": True, "b": ["c & d", 1], "e": {"f": b"g"}}))
write(f"{to}/fuzz_ticket/comment", b"<!-- a --><plist><dict><key>a</key><!-- - --><true/></dict></plist>")
members = {"PackageInfo": b"<pkg-info/>", "Payload": b"nothing"}
write(f"{to}/fuzz_package/package", xar(members, stamp=False))
write(f"{to}/fuzz_package/cms", xar(members, rsa=False))
write(f"{to}/fuzz_package/rsa", xar(members, cms_too=False, style="sha256"))
write(f"{to}/fuzz_package/unsigned", xar(members, identity=None, rsa=False, cms_too=False, style="sha512"))
write(f"{to}/fuzz_package/ticket", xar(members, cms_too=False) + trailer(one))
write(f"{to}/fuzz_package/image", disk_image(size=600, ticket_of=ticket))
write(f"{to}/fuzz_package/image-unsigned", disk_image(None, size=100))
