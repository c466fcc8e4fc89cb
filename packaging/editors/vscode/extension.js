// dextctl in Visual Studio Code: starts `dextctl lsp` and passes on what it says. A client of its own, so that
// the extension needs nothing from a registry: JSON-RPC with a Content-Length before each message.
"use strict";
const vscode = require("vscode");
const { spawn } = require("child_process");
const { Connection } = require("./connection");

const LANGUAGES = ["plist-driver", "iig", "xml", "yaml"];
const SELECTOR = [
  { scheme: "file", pattern: "**/*.{plist,entitlements,iig}" },
  { scheme: "file", pattern: "**/project.yml" },
];
const ours = (document) => document.uri.scheme === "file" && SELECTOR.some((s) => vscode.languages.match(s, document) > 0);
const range = (r) => new vscode.Range(r.start.line, r.start.character, r.end.line, r.end.character);
const where = (document, position) => ({ textDocument: { uri: document.uri.toString() }, position: { line: position.line, character: position.character } });
const settings = () => vscode.workspace.getConfiguration("dextctl");

class Server {
  constructor(context) {
    this.context = context;
    this.diagnostics = vscode.languages.createDiagnosticCollection("dextctl");
    this.raw = new Map(); // diagnostics as they came: the server knows them again by their data
    this.falls = [];
  }

  async start() {
    const program = settings().get("path") || "dextctl";
    const child = (this.child = spawn(program, ["lsp"], { stdio: ["pipe", "pipe", "pipe"] }));
    child.on("error", () => vscode.window.showErrorMessage(`dextctl: "${program}" cannot be started; see the setting dextctl.path.`));
    child.on("exit", () => this.fell(child));
    child.stdin.on("error", () => {});
    const connection = (this.connection = new Connection(child.stdout, child.stdin));
    connection.on("textDocument/publishDiagnostics", (p) => this.tell(p));
    connection.on("workspace/configuration", ({ items }) => items.map(() => this.configuration()));
    connection.on("client/registerCapability", () => null);
    const folders = (vscode.workspace.workspaceFolders || []).map((f) => ({ uri: f.uri.toString(), name: f.name }));
    await connection.ask("initialize", {
      processId: process.pid,
      rootUri: folders.length ? folders[0].uri : null,
      workspaceFolders: folders.length ? folders : null,
      capabilities: {
        workspace: { configuration: true, workspaceEdit: { documentChanges: false } },
        textDocument: { completion: { completionItem: { snippetSupport: true } } },
      },
      initializationOptions: this.configuration(),
    });
    connection.tell("initialized", {});
    vscode.workspace.textDocuments.forEach((d) => this.open(d));
  }

  // Started again when it fell, but not for ever.
  fell(child) {
    if (this.child !== child || this.stopping) return;
    const now = Date.now();
    this.falls = this.falls.filter((t) => now - t < 180000).concat(now);
    this.diagnostics.clear();
    if (this.falls.length < 5) this.start().catch(() => {});
    else vscode.window.showErrorMessage("dextctl lsp ended five times in three minutes and is not started again.");
  }

  async stop() {
    this.stopping = true;
    const child = this.child;
    if (child && child.exitCode === null) {
      await Promise.race([this.connection.ask("shutdown", null), new Promise((r) => setTimeout(r, 2000))]).catch(() => {});
      this.connection.tell("exit");
      setTimeout(() => child.kill(), 2000).unref();
    }
    this.stopping = false;
    this.child = null;
  }

  configuration() {
    const s = settings();
    const one = {};
    for (const key of ["select", "ignore", "ruleset", "preview", "config", "dump"]) one[key] = s.get(key);
    return one;
  }

  open(document) {
    if (ours(document)) {
      this.connection.tell("textDocument/didOpen", {
        textDocument: { uri: document.uri.toString(), languageId: document.languageId, version: document.version, text: document.getText() },
      });
    }
  }

  change(event) {
    if (ours(event.document) && event.contentChanges.length) {
      this.connection.tell("textDocument/didChange", {
        textDocument: { uri: event.document.uri.toString(), version: event.document.version },
        contentChanges: event.contentChanges.map((c) => ({ range: { start: c.range.start, end: c.range.end }, text: c.text })),
      });
    }
  }

  tell({ uri, diagnostics }) {
    const at = vscode.Uri.parse(uri);
    this.raw.set(at.toString(), diagnostics);
    this.diagnostics.set(at, diagnostics.map((d) => {
      const one = new vscode.Diagnostic(range(d.range), d.message, d.severity - 1);
      one.source = d.source;
      one.code = d.codeDescription ? { value: d.code, target: vscode.Uri.parse(d.codeDescription.href) } : d.code;
      return one;
    }));
  }

  async hover(document, position, token) {
    const answer = await this.connection.ask("textDocument/hover", where(document, position), token);
    return answer && new vscode.Hover(new vscode.MarkdownString(answer.contents.value), range(answer.range));
  }

  async define(document, position, token) {
    const answer = await this.connection.ask("textDocument/definition", where(document, position), token);
    return answer && new vscode.Location(vscode.Uri.parse(answer.uri), range(answer.range));
  }

  async complete(document, position, token) {
    const answer = await this.connection.ask("textDocument/completion", where(document, position), token);
    return answer && new vscode.CompletionList(answer.items.map((i) => {
      const one = new vscode.CompletionItem(i.label, i.kind - 1);
      one.detail = i.detail;
      one.documentation = i.documentation && new vscode.MarkdownString(i.documentation.value);
      one.sortText = i.sortText;
      one.range = range(i.textEdit.range);
      one.filterText = document.getText(one.range).startsWith("<") ? i.textEdit.newText : i.filterText;
      one.insertText = i.insertTextFormat === 2 ? new vscode.SnippetString(i.textEdit.newText) : i.textEdit.newText;
      return one;
    }), answer.isIncomplete);
  }

  async actions(document, selected, context, token) {
    const known = (this.raw.get(document.uri.toString()) || []).filter((d) => selected.intersection(range(d.range)));
    const answer = await this.connection.ask("textDocument/codeAction", {
      textDocument: { uri: document.uri.toString() },
      range: { start: selected.start, end: selected.end },
      context: { diagnostics: known, only: context.only ? [context.only.value] : undefined },
    }, token);
    return (answer || []).map((a) => {
      const one = new vscode.CodeAction(a.title, a.kind.startsWith("source") ? vscode.CodeActionKind.SourceFixAll.append("dextctl") : vscode.CodeActionKind.QuickFix);
      one.isPreferred = a.isPreferred;
      one.edit = new vscode.WorkspaceEdit();
      for (const [uri, edits] of Object.entries(a.edit.changes)) {
        one.edit.set(vscode.Uri.parse(uri), edits.map((e) => new vscode.TextEdit(range(e.range), e.newText)));
      }
      return one;
    });
  }
}

let server;

async function activate(context) {
  server = new Server(context);
  const watch = vscode.workspace.createFileSystemWatcher("**/{*.plist,*.entitlements,*.iig,*.h,*.cpp,*.yml,*.xcconfig,project.pbxproj,.dextctl.json}");
  const changed = (uri) => server.connection.tell("workspace/didChangeWatchedFiles", { changes: [{ uri: uri.toString(), type: 2 }] });
  context.subscriptions.push(
    server.diagnostics,
    watch, watch.onDidCreate(changed), watch.onDidChange(changed), watch.onDidDelete(changed),
    vscode.workspace.onDidOpenTextDocument((d) => server.open(d)),
    vscode.workspace.onDidChangeTextDocument((e) => server.change(e)),
    vscode.workspace.onDidCloseTextDocument((d) => ours(d) && server.connection.tell("textDocument/didClose", { textDocument: { uri: d.uri.toString() } })),
    vscode.workspace.onDidChangeConfiguration((e) => e.affectsConfiguration("dextctl") && server.connection.tell("workspace/didChangeConfiguration", { settings: { dextctl: server.configuration() } })),
    vscode.workspace.onDidChangeWorkspaceFolders((e) => server.connection.tell("workspace/didChangeWorkspaceFolders", {
      event: { added: e.added.map((f) => ({ uri: f.uri.toString(), name: f.name })), removed: e.removed.map((f) => ({ uri: f.uri.toString(), name: f.name })) },
    })),
    vscode.commands.registerCommand("dextctl.restart", async () => { await server.stop(); await server.start(); }),
    vscode.languages.registerHoverProvider(SELECTOR, { provideHover: (d, p, t) => server.hover(d, p, t) }),
    vscode.languages.registerDefinitionProvider(SELECTOR, { provideDefinition: (d, p, t) => server.define(d, p, t) }),
    vscode.languages.registerCompletionItemProvider(SELECTOR, { provideCompletionItems: (d, p, t) => server.complete(d, p, t) }, "<", ">", ".", ":", " "),
    vscode.languages.registerCodeActionsProvider(SELECTOR, { provideCodeActions: (d, r, c, t) => server.actions(d, r, c, t) },
      { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix, vscode.CodeActionKind.SourceFixAll.append("dextctl")] }),
  );
  await server.start();
}

async function deactivate() {
  if (server) await server.stop();
}

module.exports = { activate, deactivate, LANGUAGES };
