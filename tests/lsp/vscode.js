// The server through VS Code's own JSON-RPC and protocol types. Run by vscode.sh.
const { spawn } = require("child_process");
const fs = require("fs");
const path = require("path");
const { pathToFileURL } = require("url");
const p = require("vscode-languageserver-protocol/node");

const [dextctl, folder] = process.argv.slice(2);
const file = path.join(folder, "Driver", "Info.plist");
const uri = pathToFileURL(file).href;
const text = fs.readFileSync(file, "utf8");
let failed = 0;
const check = (ok, what, have) => {
  if (!ok) {
    failed++;
    console.log(`not so: ${what}${have === undefined ? "" : ": " + JSON.stringify(have).slice(0, 500)}`);
  }
};
const position = (mark, after = 0) => {
  const before = text.slice(0, text.indexOf(mark) + after).split("\n");
  return { line: before.length - 1, character: before[before.length - 1].length };
};
const isRange = (r) => p.Range.is(r) && (r.start.line < r.end.line || (r.start.line === r.end.line && r.start.character <= r.end.character));

async function main() {
  const child = spawn(dextctl, ["lsp"]);
  child.stderr.on("data", (d) => check(false, "nothing on stderr", String(d)));
  const ended = new Promise((resolve) => child.on("exit", (code) => resolve(code)));
  const connection = p.createProtocolConnection(new p.StreamMessageReader(child.stdout), new p.StreamMessageWriter(child.stdin));
  connection.onError((e) => check(false, "the stream is well-formed", String(e)));
  const waiting = [];
  connection.onNotification(p.PublishDiagnosticsNotification.type, (told) => {
    check(told.diagnostics.every((d) => p.Diagnostic.is(d) && isRange(d.range)), "diagnostics are well-formed", told);
    waiting.splice(0).forEach((w) => w(told));
  });
  connection.onRequest(p.ConfigurationRequest.type, ({ items }) => items.map(() => ({ ignore: ["DX302"] })));
  connection.onRequest(p.RegistrationRequest.type, () => undefined);
  connection.listen();
  const next = async (test) => {
    for (;;) {
      const told = await new Promise((resolve) => waiting.push(resolve));
      if (told.uri === uri && test(told.diagnostics.map((d) => d.code), told)) return told;
    }
  };
  const hello = await connection.sendRequest(p.InitializeRequest.type, {
    processId: process.pid,
    rootUri: pathToFileURL(folder).href,
    workspaceFolders: [{ uri: pathToFileURL(folder).href, name: "work" }],
    capabilities: {
      workspace: { configuration: true, workspaceEdit: { documentChanges: true }, didChangeWatchedFiles: { dynamicRegistration: true } },
      textDocument: { completion: { completionItem: { snippetSupport: true } } },
    },
  });
  check(hello.capabilities.positionEncoding === p.PositionEncodingKind.UTF16, "UTF-16", hello);
  await connection.sendNotification(p.InitializedNotification.type, {});
  await connection.sendNotification(p.DidOpenTextDocumentNotification.type, { textDocument: { uri, languageId: "xml", version: 1, text } });
  const told = await next((codes) => codes.includes("DX103") && !codes.includes("DX302"));
  check(told.version === 1, "the version is told", told);

  const textDocument = { uri };
  const hover = await connection.sendRequest(p.HoverRequest.type, { textDocument, position: position("IOProviderClass", 1) });
  check(p.Hover.is(hover) && isRange(hover.range), "hover is well-formed", hover);
  const list = await connection.sendRequest(p.CompletionRequest.type, { textDocument, position: position("\t\t\t<key>IOProviderClass", 3) });
  check(Array.isArray(list.items) && list.items.length > 20, "completion is well-formed", list);
  check(list.items.every((i) => typeof i.label === "string" && p.TextEdit.is(i.textEdit) && (!i.documentation || p.MarkupContent.is(i.documentation))), "each item is", list.items[0]);
  const broken = told.diagnostics.filter((d) => d.code === "DX103");
  const actions = await connection.sendRequest(p.CodeActionRequest.type, { textDocument, range: broken[0].range, context: { diagnostics: broken } });
  check(actions.length >= 2 && actions.every((a) => p.CodeAction.is(a)), "actions are well-formed", actions);
  const edit = actions.find((a) => a.isPreferred).edit;
  check(p.WorkspaceEdit.is(edit) && edit.documentChanges[0].textDocument.version === 1, "the edit names the version", edit);
  const fixed = { range: edit.documentChanges[0].edits[0].range, text: edit.documentChanges[0].edits[0].newText };
  await connection.sendNotification(p.DidChangeTextDocumentNotification.type, { textDocument: { uri, version: 2 }, contentChanges: [fixed] });
  await next((codes, t) => t.version === 2 && !codes.includes("DX103"));

  // A request that is withdrawn at once is answered with an answer or with RequestCancelled, never left.
  const source = new p.CancellationTokenSource();
  const asked = connection.sendRequest(p.HoverRequest.type, { textDocument, position: { line: 0, character: 0 } }, source.token);
  source.cancel();
  const answer = await asked.then(() => "answered", (e) => e.code);
  check(answer === "answered" || answer === p.LSPErrorCodes.RequestCancelled, "cancelled", answer);
  const unknown = await connection.sendRequest("no/such/request", {}).then(() => 0, (e) => e.code);
  check(unknown === p.ErrorCodes.MethodNotFound, "an unknown request", unknown);

  await connection.sendRequest(p.ShutdownRequest.type);
  await connection.sendNotification(p.ExitNotification.type);
  check((await ended) === 0, "exit status");
  console.log(failed ? `${failed} failed` : "vscode: all well");
  process.exit(failed ? 1 : 0);
}
main().catch((e) => {
  console.log(String(e.stack || e));
  process.exit(1);
});
