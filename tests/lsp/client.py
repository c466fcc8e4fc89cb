#!/usr/bin/env python3
"""A client of the language server that frames messages by hand, and what it must be told.
   client.py DEXTCTL"""
import json, os, re, select, shutil, signal, subprocess, sys, tempfile, time
from urllib.parse import quote

dextctl = os.path.abspath(sys.argv[1])
failed = checked = 0
INFO = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
\t<key>CFBundleIdentifier</key>
\t<string>$(PRODUCT_BUNDLE_IDENTIFIER)</string>
\t<key>CFBundlePackageType</key>
\t<string>DEXT</string>
\t<key>OSBundleUsageDescription</key>
\t<string>\U0001d11e m\u00fcsic</string>
\t<key>IOKitPersonalities</key>
\t<dict>
\t\t<key>Acme</key>
\t\t<dict>
\t\t\t<key>CFBundleIdentifierKernel</key>
\t\t\t<string>com.apple.kpi.iokit</string>
\t\t\t<key>IOClass</key>
\t\t\t<string>IOUserService</string>
\t\t\t<key>IOProviderClass</key>
\t\t\t<string>IOUSBHostDevice</string>
\t\t\t<key>IOUserClass</key>
\t\t\t<string>AcmeDriver</string>
\t\t\t<key>IOUserServerName</key>
\t\t\t<string>$(PRODUCT_BUNDLE_IDENTIFIER)</string>
\t\t\t<key>idProduct</key>
\t\t\t<integer>1</integer>
\t\t\t<key>idVendor</key>
\t\t\t<integer>4660</integer>
\t\t</dict>
\t</dict>
</dict>
</plist>
"""
IIG = """#ifndef AcmeDriver_h
#define AcmeDriver_h
#include <DriverKit/IOService.iig>

class AcmeDriver : public IOService
{
public:
    virtual kern_return_t Start(IOService *provider) override;
};

#endif
"""
CPP = """#include <DriverKit/IOLib.h>
#include "AcmeDriver.h"

kern_return_t IMPL(AcmeDriver, Start)
{
    return Start(provider, SUPERDISPATCH);
}
"""
DUMP = """+-o Root  <class IORegistryEntry, id 0x100000100, retain 20>
  +-o Acme Meter@14100000  <class IOUSBHostDevice, id 0x1000004a1, registered, matched, active, busy 0 (0 ms), retain 20>
      {
        "idProduct" = 22136
        "idVendor" = 4660
      }
"""
PROJECT = """name: Acme
targets:
  AcmeDriver:
    type: driver-extension
    platform: macOS
    info:
      path: Driver/Info.plist
      properties:
        IOKitPersonalities:
          Acme:
            IOProviderClass: IOUSBHostDevice
            IOUserClass: AcmeDriver
"""


def check(ok, what, have=None):
    global failed, checked
    checked += 1
    if not ok:
        failed += 1
        print(f"not so: {what}" + ("" if have is None else f": {json.dumps(have)[:600]}"))


class Client:
    def __init__(self, root, capabilities=None, options=None, start=True, raw=False):
        self.p = subprocess.Popen([dextctl, "lsp", "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE)
        self.buffer, self.id, self.told, self.asked, self.root = b"", 0, {}, [], root
        if start:
            self.hello = self.ask("initialize", {
                "processId": os.getpid(), "rootUri": root and uri(root), "capabilities": capabilities or {},
                "initializationOptions": options,
                "workspaceFolders": root and [{"uri": uri(root), "name": "w"}]})
            self.tell("initialized", {})

    def raw(self, data):
        self.p.stdin.write(data)
        self.p.stdin.flush()

    def send(self, message):
        text = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.raw(b"Content-Length: %d\r\n\r\n" % len(text) + text)

    def tell(self, method, params):
        self.send({"method": method, "params": params})

    def receive(self, seconds=20):
        """The next message, or None at the end or when time is over."""
        until = time.time() + seconds
        while True:
            head = self.buffer.find(b"\r\n\r\n")
            if head >= 0:
                size = int(re.search(rb"Content-Length: (\d+)", self.buffer[:head]).group(1))
                if len(self.buffer) >= head + 4 + size:
                    body = self.buffer[head + 4:head + 4 + size]
                    self.buffer = self.buffer[head + 4 + size:]
                    return json.loads(body)
            if not select.select([self.p.stdout], [], [], max(0, until - time.time()))[0]:
                return None
            more = os.read(self.p.stdout.fileno(), 1 << 16)
            if not more:
                return None
            self.buffer += more

    def take(self, message):
        if message and message.get("method") == "textDocument/publishDiagnostics":
            self.told[message["params"]["uri"]] = message["params"]
        elif message and "method" in message and "id" in message:
            self.asked.append(message)

    def begin(self, method, params):
        self.id += 1
        self.send({"id": self.id, "method": method, "params": params})
        return self.id

    def answer(self, number, whole=False):
        while True:
            message = self.receive()
            if message is None:
                return "no answer"
            if message.get("id") == number and "method" not in message:
                return message if whole else message.get("result", message.get("error"))
            self.take(message)

    def ask(self, method, params, whole=False):
        return self.answer(self.begin(method, params), whole)

    def wait(self, path, test, seconds=20):
        """Diagnostics of a file, once they are as the test wants them."""
        until = time.time() + seconds
        while time.time() < until:
            have = self.told.get(uri(path))
            if have and test(have):
                return have["diagnostics"]
            message = self.receive(max(0.01, until - time.time()))
            if message is None:
                break
            self.take(message)
        return None

    def open(self, path, text, version=1):
        self.tell("textDocument/didOpen", {"textDocument": {"uri": uri(path), "languageId": "xml",
                                                            "version": version, "text": text}})

    def change(self, path, version, *changes):
        self.tell("textDocument/didChange", {"textDocument": {"uri": uri(path), "version": version},
                                             "contentChanges": list(changes)})

    def at(self, path, text, mark, after=0):
        line, character = spot(text, mark, after)
        return {"textDocument": {"uri": uri(path)}, "position": {"line": line, "character": character}}

    def end(self):
        self.ask("shutdown", None)
        self.tell("exit", None)
        return self.p.wait(20)


def uri(path):
    return "file://" + quote(path)


def spot(text, mark, after=0):
    """Line and UTF-16 column of mark in text."""
    offset = text.index(mark) + after
    before = text[:offset]
    line = before.count("\n")
    return line, len(before[before.rfind("\n") + 1:].encode("utf-16-le")) // 2


def cut(text, position):
    lines = text.split("\n")
    head = sum(len(x) + 1 for x in lines[:position["line"]])
    return head + len(lines[position["line"]].encode("utf-16-le")[:2 * position["character"]].decode("utf-16-le"))


def applied(text, edits):
    for e in sorted(edits, key=lambda e: -cut(text, e["range"]["start"])):
        text = text[:cut(text, e["range"]["start"])] + e["newText"] + text[cut(text, e["range"]["end"]):]
    return text


def codes(diagnostics):
    return sorted(d["code"] for d in diagnostics or [])


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def labels(answer):
    return [i["label"] for i in answer["items"]]


work = os.path.realpath(tempfile.mkdtemp())
root = work + "/a b \u00fc"
info, iig, spec = root + "/Driver/Info.plist", root + "/Driver/AcmeDriver.iig", root + "/project.yml"
write(info, INFO)
write(iig, IIG)
write(root + "/Driver/AcmeDriver.cpp", CPP)
write(root + "/ioreg.txt", DUMP)
write(root + "/Driver/Driver.entitlements", INFO.split("<dict>")[0] + "<dict>\n\t\n</dict>\n</plist>\n")


def scenario_typing():
    c = Client(root, {"textDocument": {"completion": {"completionItem": {"snippetSupport": True}}},
                      "workspace": {"workspaceEdit": {"documentChanges": True}}})
    check(c.hello["serverInfo"]["name"] == "dextctl", "serverInfo", c.hello)
    check(c.hello["capabilities"]["textDocumentSync"]["change"] == 2, "incremental sync", c.hello)
    c.open(info, INFO)
    first = c.wait(info, lambda p: p.get("version") == 1)
    check(first is not None, "the open file is told of")
    check(not any(d["severity"] == 1 for d in first or []), "the file as it is has no error", first)
    # A class that no source declares, typed over the name: nothing is saved.
    line, column = spot(INFO, "AcmeDriver</string>")
    c.change(info, 2, {"range": {"start": {"line": line, "character": column},
                                 "end": {"line": line, "character": column + 10}}, "text": "AcmeDrivr"})
    told = c.wait(info, lambda p: p.get("version") == 2 and "DX801" in codes(p["diagnostics"]))
    check(told is not None, "DX801 while typing", c.told.get(uri(info)))
    found = [d for d in told or [] if d["code"] == "DX801"]
    check(found and found[0]["range"] == {"start": {"line": line, "character": column - 8},
                                          "end": {"line": line, "character": column + 18}}, "its range", found)
    check(found and found[0]["codeDescription"]["href"].endswith("/docs/rules/DX801.md"), "its page", found)
    # The class is renamed in the open .iig: the same text is right now.
    c.open(iig, IIG.replace("AcmeDriver :", "AcmeDrivr :"))
    told = c.wait(info, lambda p: "DX801" not in codes(p["diagnostics"]))
    check(told is not None, "an open .iig counts as it is on the screen")
    c.tell("textDocument/didClose", {"textDocument": {"uri": uri(iig)}})
    check(c.wait(info, lambda p: "DX801" in codes(p["diagnostics"])) is not None, "closed, the file on disk counts")
    # A key goes; UTF-16: the line has a character of two units before the change.
    line, column = spot(INFO, "\U0001d11e m", 3)
    c.change(info, 3, {"text": INFO}, {"range": {"start": {"line": line, "character": column},
                                                 "end": {"line": line, "character": column + 1}}, "text": "U"})
    hover = c.ask("textDocument/hover", c.at(info, INFO, "IOProviderClass", 3))
    check("provider" in hover["contents"]["value"].lower() or "nub" in hover["contents"]["value"], "hover of a key", hover)
    line2, column2 = spot(INFO, "IOProviderClass")
    check(hover["range"]["start"] == {"line": line2, "character": column2}, "hover's range", hover)
    for mark, words in (("IOUSBHostDevice", "USB device"), ("idVendor", "value: integer"),
                        ("IOUserService", "kernel class"), ("AcmeDriver<", "line 5"),
                        ("CFBundlePackageType", "key (info)")):
        have = c.ask("textDocument/hover", c.at(info, INFO, mark, 2))
        check(have and words in have["contents"]["value"], f"hover of {mark}", have)
    check(c.ask("textDocument/hover", c.at(info, INFO, "<plist version", 0)) is None, "nothing is known of a tag")
    where = c.ask("textDocument/definition", c.at(info, INFO, "AcmeDriver<", 2))
    check(where and where["uri"] == uri(iig) and where["range"]["start"] == {"line": 4, "character": 6},
          "the class in the .iig", where)
    check(c.end() == 0, "exit after shutdown is 0")


def scenario_completion():
    c = Client(root, {"textDocument": {"completion": {"completionItem": {"snippetSupport": True}}}})
    def at(text, mark, after=0, path=info):
        c.open(path, text)
        return c.ask("textDocument/completion", c.at(path, text, mark, after))
    broken = INFO.replace("\t\t\t<key>idProduct</key>", "\t\t\t<key>IOPro\n\t\t\t<key>idProduct</key>")
    have = at(broken, "<key>IOPro\n", 10)
    check("IOProbeScore" in labels(have), "keys of a personality, in a file that is not whole", labels(have))
    check("CFBundlePackageType" not in labels(have), "no key of the Info.plist there", labels(have))
    item = next(i for i in have["items"] if i["label"] == "IOProbeScore")
    check(item["textEdit"]["newText"] == "IOProbeScore</key>", "an open key is closed", item)
    check(applied(broken, [item["textEdit"]]).count("<key>IOProbeScore</key>\n") == 1, "what the edit makes", item)
    check("IOPCIMatch" not in labels(have) and "bDeviceClass" in labels(have), "the bus's keys alone", labels(have))
    have = at(INFO, "\t\t\t<key>idProduct</key>", 3)
    check("idProductMask" in labels(have) and "IOClass" not in labels(have), "keys that are not there yet", labels(have))
    item = next(i for i in have["items"] if i["label"] == "IOProbeScore")
    check(item["insertTextFormat"] == 2 and "<integer>$1</integer>" in item["textEdit"]["newText"], "a snippet", item)
    have = at(INFO, "\t<key>CFBundlePackageType", 1)
    check("CFBundleVersion" in labels(have) and "IOClass" not in labels(have), "keys of an Info.plist", labels(have))
    for mark, words, key in (("IOUSBHostDevice", ["IOUSBHostInterface", "IOPCIDevice"], "providers"),
                             ("IOUserService<", ["IOUserService", "IOUserSerial"], "kernel classes"),
                             ("AcmeDriver<", ["AcmeDriver"], "the project's classes"),
                             ("com.apple.kpi.iokit", ["com.apple.kpi.iokit"], "kernel bundles"),
                             ("1</integer>", ["22136"], "products of the dump"),
                             ("4660</integer>", ["4660"], "vendors of the dump")):
        have = at(INFO, mark, 1)
        check(all(w in labels(have) for w in words), f"values: {key}", labels(have))
    entitlements = root + "/Driver/Driver.entitlements"
    with open(entitlements, encoding="utf-8") as f:
        text = f.read()
    have = at(text, "<dict>\n\t", 8, entitlements)
    check("com.apple.developer.driverkit.transport.usb" in labels(have), "entitlements", labels(have)[:20])
    item = next(i for i in have["items"] if i["label"] == "com.apple.developer.driverkit")
    check("<true/>" in item["textEdit"]["newText"], "an entitlement with its value", item)
    have = at(PROJECT, "IOUSBHostDevice", 15, spec)
    check("IOUSBHostInterface" in labels(have), "values in project.yml", labels(have))
    have = at(PROJECT, "IOUserClass", 11, spec)
    check("IOProbeScore" in labels(have), "keys in project.yml", labels(have))
    have = at(PROJECT, "platform", 4, spec)
    check(labels(have) == [], "no key of ours at the top of project.yml", labels(have))
    have = at(IIG, ": public IOSer", 14, iig)
    check("IOService" in labels(have), "framework classes in an .iig", labels(have)[:10])
    check(c.end() == 0, "end")


def scenario_mends():
    c = Client(root)
    wrong = INFO.replace("<integer>4660</integer>", "<string>4660</string>")
    c.open(info, wrong, 7)
    told = c.wait(info, lambda p: p.get("version") == 7 and "DX103" in codes(p["diagnostics"]))
    found = [d for d in told or [] if d["code"] == "DX103"]
    check(bool(found), "DX103", told)
    ask = {"textDocument": {"uri": uri(info)}, "range": found[0]["range"], "context": {"diagnostics": found}}
    actions = c.ask("textDocument/codeAction", ask)
    fix = [a for a in actions if a["kind"] == "quickfix" and a.get("isPreferred")]
    check(len(fix) == 1 and fix[0]["diagnostics"] == found, "one preferred mend, of that finding", actions)
    after = applied(wrong, fix[0]["edit"]["changes"][uri(info)])
    check("<integer>4660</integer>" in after and after == INFO, "what it makes", after)
    silence = [a for a in actions if a["title"].startswith("Ignore DX103")]
    after = applied(wrong, silence[0]["edit"]["changes"][uri(info)])
    check("<!-- dextctl: ignore DX103 -->" in after, "a comment that silences", after)
    c.change(info, 8, {"text": after})
    check(c.wait(info, lambda p: p.get("version") == 8 and "DX103" not in codes(p["diagnostics"])) is not None,
          "and it does")
    c.change(info, 9, {"text": wrong})
    every = c.ask("textDocument/codeAction", {**ask, "context": {"diagnostics": [], "only": ["source.fixAll"]}})
    check([a["kind"] for a in every] == ["source.fixAll.dextctl"], "only fix-all, at once after a change", every)
    check(applied(wrong, every[0]["edit"]["changes"][uri(info)]) == INFO, "all of the file", every)
    check(c.ask("textDocument/codeAction", {**ask, "context": {"diagnostics": [], "only": ["refactor"]}}) == [],
          "no refactoring")
    check(c.end() == 0, "end")


def scenario_settings():
    wrong = INFO.replace("<integer>4660</integer>", "<string>4660</string>")
    c = Client(root, {"workspace": {"configuration": True, "didChangeWatchedFiles": {"dynamicRegistration": True}}},
               {"ignore": ["DX103", "DX999"]})
    c.open(info, wrong, 1)
    told = c.wait(info, lambda p: p.get("version") == 1)
    check("DX103" not in codes(told), "initializationOptions: ignore", told)
    pulled = [m for m in c.asked if m["method"] == "workspace/configuration"]
    check(pulled and pulled[0]["params"]["items"] == [{"section": "dextctl"}], "it asks for the configuration", c.asked)
    check(any(m["method"] == "client/registerCapability" for m in c.asked), "it watches files", c.asked)
    c.send({"id": pulled[0]["id"], "result": [{"select": ["DX103"]}]})
    check(c.wait(info, lambda p: codes(p["diagnostics"]) == ["DX103"]) is not None, "the answer counts",
          c.told.get(uri(info)))
    c.tell("workspace/didChangeConfiguration", {"settings": {"dextctl": {"ignore": ["DX1"]}}})
    check(c.wait(info, lambda p: "DX103" not in codes(p["diagnostics"])) is not None, "a change counts")
    config = root + "/.dextctl.json"
    write(config, '{"ignore": ["DX103"],\n "ignored": 1}')
    c.tell("workspace/didChangeConfiguration", {"settings": {"dextctl": {}}})
    told = c.wait(config, lambda p: p["diagnostics"])
    check(told and told[0]["range"]["start"] == {"line": 1, "character": 1}, "a mistake in .dextctl.json", told)
    write(config, '{"ignore": ["DX103"]}')
    c.tell("workspace/didChangeWatchedFiles", {"changes": [{"uri": uri(config), "type": 2}]})
    check(c.wait(config, lambda p: not p["diagnostics"]) is not None, "mended")
    check(c.wait(info, lambda p: "DX103" not in codes(p["diagnostics"])) is not None, "and it holds")
    os.remove(config)
    check(c.end() == 0, "end")


def scenario_protocol():
    c = Client(root, start=False)
    check(c.ask("textDocument/hover", {})["code"] == -32002, "nothing before initialize")
    c.send({"method": "exit"})
    check(c.p.wait(20) == 1, "exit without shutdown is 1")
    c = Client(root)
    check(c.ask("no/such", {})["code"] == -32601, "unknown request")
    check(c.ask("initialize", {})["code"] == -32600, "initialize twice")
    c.tell("$/unknown", {})
    c.raw(b"Content-Length: 7\r\n\r\n{\"id\": ")
    message = c.receive()
    while message and message.get("method"):
        message = c.receive()
    check(message and message["error"]["code"] == -32700, "no JSON", message)
    # Two messages in one write; the second cancels the first, which waits behind a check.
    body = [json.dumps({"jsonrpc": "2.0", "id": 77, "method": "textDocument/hover",
                        "params": c.at(info, INFO, "IOClass", 1)}),
            json.dumps({"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": 77}})]
    c.raw("".join(f"Content-Length: {len(b)}\r\n\r\n{b}" for b in body).encode())
    check(c.answer(77).get("code") == -32800, "cancelled")
    # A message that comes a byte at a time, and one with other headers.
    body = json.dumps({"jsonrpc": "2.0", "id": 78, "method": "shutdown"})
    for byte in f"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\ncontent-length:{len(body)}\r\n\r\n{body}".encode():
        c.raw(bytes([byte]))
    check(c.answer(78) is None, "in pieces")
    check(c.ask("textDocument/hover", {})["code"] == -32600, "nothing after shutdown")
    c.p.stdin.close()
    check(c.p.wait(20) == 0, "the end of input after shutdown")
    for junk in (b"hello\r\n\r\n", b"Content-Length: x\r\n\r\n", b"Content-Length: 99999999999\r\n\r\n", b"\0" * 70000):
        c = Client(root, start=False)
        try:
            c.raw(junk)
        except BrokenPipeError:
            pass
        check(c.p.wait(20) == 3, f"{junk[:30]!r} is no stream of messages")
        check(c.p.stderr.read().startswith(b"dextctl: standard input: "), "and it says so")


def scenario_restart():
    """Killed in the middle of work, the next one starts from nothing and says the same."""
    c = Client(root)
    c.open(info, INFO.replace("IOUserClass</key>", "IOUserClas</key>"))
    c.p.send_signal(signal.SIGKILL)
    c.p.wait()
    c = Client(root)
    c.open(info, INFO)
    check(c.wait(info, lambda p: p.get("version") == 1) is not None, "after a kill")
    check(sorted(os.listdir(root + "/Driver")) == ["AcmeDriver.cpp", "AcmeDriver.iig", "Driver.entitlements", "Info.plist"],
          "nothing was left behind")
    check(c.end() == 0, "end")


def scenario_loose():
    """No folder is open; a file that is not on disk; one outside of the folders."""
    c = Client(None)
    new = work + "/elsewhere/Info.plist"
    c.open(new, INFO.replace("<integer>4660</integer>", "<string>4660</string>"))
    told = c.wait(new, lambda p: p["diagnostics"])
    check(told and "DX103" in codes(told), "a file that was never saved", told)
    c.tell("textDocument/didOpen", {"textDocument": {"uri": "untitled:1", "languageId": "xml", "version": 1, "text": "x"}})
    check(c.ask("textDocument/hover", {"textDocument": {"uri": "untitled:1"}, "position": {"line": 9, "character": 9}}) is None,
          "a document without a path")
    c.tell("textDocument/didClose", {"textDocument": {"uri": uri(new)}})
    check(c.wait(new, lambda p: not p["diagnostics"]) is not None, "closed, it has no findings")
    check(c.end() == 0, "end")


def scenario_folder():
    """What is wrong in files that nobody opened."""
    folder = work + "/whole"
    write(folder + "/A/Info.plist", INFO.replace("<integer>4660</integer>", "<string>4660</string>"))
    c = Client(folder)
    check(c.wait(folder + "/A/Info.plist", lambda p: "DX103" in codes(p["diagnostics"])) is not None, "the whole folder")
    write(folder + "/A/Info.plist", INFO)
    c.tell("workspace/didChangeWatchedFiles", {"changes": []})
    check(c.wait(folder + "/A/Info.plist", lambda p: "DX103" not in codes(p["diagnostics"])) is not None, "changed on disk")
    os.remove(folder + "/A/Info.plist")
    c.tell("workspace/didChangeWorkspaceFolders", {"event": {"added": [{"uri": uri(root), "name": "r"}],
                                                             "removed": [{"uri": uri(folder), "name": "w"}]}})
    check(c.wait(folder + "/A/Info.plist", lambda p: not p["diagnostics"]) is not None, "a folder that is closed")
    check(c.end() == 0, "end")


try:
    for name, scenario in sorted(globals().copy().items()):
        if name.startswith("scenario_"):
            scenario()
finally:
    shutil.rmtree(work, ignore_errors=True)
print(f"{checked} checks, {failed} failed")
sys.exit(failed != 0 or checked < 60)
