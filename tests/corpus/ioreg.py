"""The independent side of ioreg.sh: counts nodes and finds driver extensions by its own means."""
import json
import pathlib
import plistlib
import re
import subprocess
import sys

dextctl, folder = sys.argv[1:]
bad = 0
seen = dexts_seen = names_seen = 0

HEADER = re.compile(rb"\+-o (.*?)(?:  <class (?:[^,>]*:)?([^:,>]*)(?:, id 0x([0-9a-f]+))?.*)?$")
NODE = {"IORegistryEntryName", "IOObjectClass", "IORegistryEntryChildren"}
SERVER_NAME = re.compile(rb'^[ |]*"IOUserServerName" = ')


def of_text(data):
    """Nodes, what may be one, ids of services with IOUserServerName, ids of processes."""
    count, services, servers = 0, set(), set()
    cls = ident = None
    for line in data.split(b"\n"):
        header = HEADER.search(line)
        if header:
            count += 1
            cls, ident = header.group(2), header.group(3)
            if cls == b"IOUserServer":
                servers.add(ident.decode())
        elif SERVER_NAME.search(line) and cls not in (b"IOUserServer", b"IOUserUserClient"):
            services.add(ident.decode())
    return count, 0, services, servers


PROPERTY = re.compile(rb'^[ |]*"((?:[^"]|"(?! =))*)" = ')


def names_of_text(data):
    """The names of the properties below each header. A name may stand in a string's further lines;
    such a line is no property of its own, and none of the dumps has one."""
    nodes = []
    for line in data.split(b"\n"):
        if HEADER.search(line):
            nodes.append(set())
        elif nodes and (name := PROPERTY.match(line)):
            nodes[-1].add(name.group(1).decode("utf-8", "replace"))
    return nodes


def of_plist(data):
    try:
        root = plistlib.loads(data)
    except Exception:
        return None
    count, odd, services, servers = 0, 0, set(), set()
    todo = root if isinstance(root, list) else [root]
    todo = [n for n in todo if isinstance(n, dict)]
    if not any(n.keys() & NODE for n in todo):
        return None
    while todo:
        n = todo.pop()
        if not isinstance(n, dict) or not n.keys() & NODE:
            odd += 1  # trimmed by hand: no name and no class; a node, or told to be lost
            continue
        count += 1
        cls, ident = n.get("IOObjectClass"), "%x" % n.get("IORegistryEntryID", 0)
        if cls == "IOUserServer":
            servers.add(ident)
        elif "IOUserServerName" in n and cls != "IOUserUserClient":
            services.add(ident)
        children = n.get("IORegistryEntryChildren", [])
        todo += children if isinstance(children, list) else []
    return count, odd, services, servers


def run(*args):
    return subprocess.run([dextctl, "ioreg", *args], capture_output=True, timeout=60)


def say(path, text):
    global bad
    bad += 1
    print(f"{path.name}: {text}")


def ids(records, key):
    return {r[key]["id"][2:] if r[key]["id"] else "0" for r in records if r[key]}


def check_names(path, want):
    global names_seen
    nodes = json.loads(run("--format", "json", "-l", str(path)).stdout)["nodes"]
    for node, names in zip(nodes, want):
        have = set(node["properties"] or {})
        names_seen += len(names)
        if have != names and not (node["same"] is not None and not names):
            say(path, f"line {node['line']}: properties {sorted(have ^ names)} in one reading only")


def check(path, want):
    global seen, dexts_seen
    count, odd, services, servers = want
    tree = run("--format", "json", str(path))
    document = json.loads(tree.stdout)
    lost = document["dump"]["lost"]
    if tree.returncode != (3 if lost else 0) or lost > odd:
        say(path, f"exit {tree.returncode}: {tree.stderr.decode()}")
    if document["dump"]["nodes"] + lost != count + odd or len(document["nodes"]) + lost != count + odd:
        say(path, f"{document['dump']['nodes']} nodes, python counts {count}")
    count = document["dump"]["nodes"]
    if len(run(str(path)).stdout.splitlines()) != count:
        say(path, "the tree has not a line for each node")
    rows = run("--format", "ndjson", str(path)).stdout.splitlines()
    if sum(json.loads(row)["type"] != "unread" for row in rows) != count:
        say(path, "ndjson has not a record for each node")
    found = json.loads(run("--format", "json", "--dexts", str(path)).stdout)["dexts"]
    # A tree without properties shows services by the tag of their process alone.
    missing = services - ids(found, "service")
    if missing:
        say(path, f"driver extensions that were not found: {sorted(missing)}")
    if ids(found, "server_node") != servers:
        say(path, f"processes {sorted(ids(found, 'server_node'))}, python finds {sorted(servers)}")
    if services and len(found) > len(services) + len(servers):
        say(path, f"{len(found)} driver extensions, python finds {len(services)}")
    same = run("--diff", str(path), str(path))
    if same.returncode != tree.returncode or b"0 added, 0 removed, 0 changed" not in same.stdout:
        say(path, f"differs from itself: {same.stdout.decode()[:300]}")
    for i, node in enumerate(document["nodes"]):
        if i % 50 == 0 and node["id"] and node["same"] is None:
            one = json.loads(run("--format", "json", str(path), "id:" + node["id"]).stdout)
            if [n["index"] for n in one["nodes"] if n["selected"]] != [i]:
                say(path, f"{node['id']} does not select node {i}")
    seen += count
    dexts_seen += len(found)


files = sorted(p for p in pathlib.Path(folder).rglob("*") if p.is_file())
for path in files:
    data = path.read_bytes()
    plist = b"<plist" in data[:4096] or data.startswith(b"bplist")
    want = of_plist(data) if plist else of_text(data)
    if want is None or want[0] == 0:
        answer = run(str(path))
        if answer.returncode != 3 or not answer.stderr.startswith(b"dextctl: "):
            say(path, f"is no dump, but exit {answer.returncode}")
    else:
        check(path, want)
        if not plist:
            check_names(path, names_of_text(data))
if seen < 1000 or dexts_seen < 5:
    print(f"{seen} nodes and {dexts_seen} driver extensions are too few to prove anything")
    bad += 1
print(f"{len(files)} files, {seen} nodes, {names_seen} properties of texts, {dexts_seen} driver extensions")
sys.exit(bad != 0)
