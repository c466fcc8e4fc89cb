// The extension of Visual Studio Code against the real server, in a stand-in for the editor that has what the
// extension calls. Run by extension.sh.
const Module = require("module");
const fs = require("fs");
const path = require("path");
const { pathToFileURL, fileURLToPath } = require("url");

const [dextctl, extension, folder] = process.argv.slice(2);
const file = path.join(folder, "Driver", "Info.plist");
let text = fs.readFileSync(file, "utf8");
let failed = 0;
const check = (ok, what, have) => {
  if (!ok) {
    failed++;
    console.log(`not so: ${what}${have === undefined ? "" : ": " + JSON.stringify(have).slice(0, 400)}`);
  }
};

// ---- the stand-in
const events = {};
const providers = {};
const event = (name) => (handler) => ((events[name] = handler), { dispose() {} });
class Position { constructor(line, character) { Object.assign(this, { line, character }); } }
class Range {
  constructor(a, b, c, d) { this.start = new Position(a, b); this.end = new Position(c, d); }
  intersection(o) { return this.end.line < o.start.line || o.end.line < this.start.line ? undefined : o; }
}
class Uri {
  constructor(s) { this.s = s; this.scheme = s.split(":")[0]; }
  toString() { return this.s; }
  static parse(s) { return new Uri(s); }
}
class Kind { constructor(value) { this.value = value; } append(part) { return new Kind(`${this.value}.${part}`); } }
const plain = (...names) => class { constructor(...values) { names.forEach((n, i) => (this[n] = values[i])); } };
const shown = new Map();
const errors = [];
const document = {
  uri: new Uri(pathToFileURL(file).href), languageId: "plist-driver", version: 1,
  getText: (r) => (r ? text.split("\n")[r.start.line].slice(r.start.character, r.end.character) : text),
};
const vscode = {
  Range, Uri, Position,
  Diagnostic: plain("range", "message", "severity"), Hover: plain("contents", "range"), MarkdownString: plain("value"),
  Location: plain("uri", "range"), CompletionList: plain("items", "isIncomplete"), CompletionItem: plain("label", "kind"),
  SnippetString: plain("value"), CodeAction: plain("title", "kind"), TextEdit: plain("range", "newText"),
  CodeActionKind: { QuickFix: new Kind("quickfix"), SourceFixAll: new Kind("source.fixAll") },
  WorkspaceEdit: class { constructor() { this.all = []; } set(uri, edits) { this.all.push([uri.toString(), edits]); } },
  window: { showErrorMessage: (m) => errors.push(m) },
  commands: { registerCommand: (name, run) => ((events[name] = run), { dispose() {} }) },
  languages: {
    match: (s, d) => (s.pattern.includes("plist") && d.uri.toString().endsWith(".plist") ? 10 : 0),
    createDiagnosticCollection: () => ({ set: (u, l) => shown.set(u.toString(), l), clear: () => shown.clear(), dispose() {} }),
    registerHoverProvider: (s, p) => ((providers.hover = p), { dispose() {} }),
    registerDefinitionProvider: (s, p) => ((providers.define = p), { dispose() {} }),
    registerCompletionItemProvider: (s, p) => ((providers.complete = p), { dispose() {} }),
    registerCodeActionsProvider: (s, p) => ((providers.actions = p), { dispose() {} }),
  },
  workspace: {
    workspaceFolders: [{ uri: new Uri(pathToFileURL(folder).href), name: "w" }], textDocuments: [document],
    getConfiguration: () => ({ get: (k) => ({ path: dextctl, select: [], ignore: ["DX302"], preview: false })[k] }),
    createFileSystemWatcher: () => ({ onDidCreate: event("created"), onDidChange: event("changed"), onDidDelete: event("deleted"), dispose() {} }),
    onDidOpenTextDocument: event("open"), onDidChangeTextDocument: event("edit"), onDidCloseTextDocument: event("close"),
    onDidChangeConfiguration: event("settings"), onDidChangeWorkspaceFolders: event("folders"),
  },
};
const load = Module._load;
Module._load = (name, ...rest) => (name === "vscode" ? vscode : load(name, ...rest));

const until = async (test, what) => {
  for (let i = 0; i < 1000; i++) {
    if (test()) return;
    await new Promise((r) => setTimeout(r, 20));
  }
  check(false, what, [...shown]);
};
const found = (code) => (shown.get(document.uri.toString()) || []).find((d) => (d.code.value || d.code) === code);
const position = (mark, after = 0) => {
  const before = text.slice(0, text.indexOf(mark) + after).split("\n");
  return new Position(before.length - 1, before[before.length - 1].length);
};

async function main() {
  const ours = require(extension);
  const context = { subscriptions: [] };
  await ours.activate(context);
  check(context.subscriptions.length > 10, "what it registers is given back", context.subscriptions.length);
  await until(() => found("DX103"), "the finding is shown");
  check(found("DX103").severity >= 0 && found("DX103").source === "dextctl" && !found("DX302"), "as it should be", found("DX103"));
  const hover = await providers.hover.provideHover(document, position("IOProviderClass", 2));
  check(hover.contents.value.includes("nub"), "hover", hover);
  const list = await providers.complete.provideCompletionItems(document, position("IOUSBHostInterface", 2));
  check(list.items.some((i) => i.label === "IOPCIDevice"), "completion", list.items.length);
  const keys = await providers.complete.provideCompletionItems(document, position("\t\t\t<key>IOProviderClass", 3));
  check(keys.items.some((i) => i.label === "IOProbeScore" && i.insertText.value.includes("<integer>$1")), "a snippet");
  const at = found("DX103").range;
  const actions = await providers.actions.provideCodeActions(document, at, {});
  const mend = actions.find((a) => a.isPreferred);
  check(mend && mend.edit.all[0][0] === document.uri.toString(), "a mend", actions);
  const e = mend.edit.all[0][1][0];
  const lines = text.split("\n");
  lines[e.range.start.line] = lines[e.range.start.line].slice(0, e.range.start.character) + e.newText + lines[e.range.end.line].slice(e.range.end.character);
  text = lines.join("\n");
  document.version = 2;
  events.edit({ document, contentChanges: [{ range: e.range, text: e.newText }] });
  await until(() => !found("DX103"), "mended, it goes");
  // It falls, and stands up again.
  shown.clear();
  const before = require("child_process").execSync(`pgrep -P ${process.pid} -f 'lsp$' || true`).toString().trim().split("\n");
  process.kill(Number(before[0]), "SIGKILL");
  await until(() => shown.has(document.uri.toString()), "after a fall it is there again");
  await events["dextctl.restart"]();
  await ours.deactivate();
  check(errors.length === 0, "no error message", errors);
  console.log(failed ? `${failed} failed` : "extension: all well");
  process.exit(failed ? 1 : 0);
}
main().catch((e) => {
  console.log(String(e.stack || e));
  process.exit(1);
});
