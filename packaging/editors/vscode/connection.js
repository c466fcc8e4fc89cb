// JSON-RPC 2.0 with a Content-Length before each message, over two streams.
"use strict";

class Connection {
  constructor(input, output) {
    this.output = output;
    this.handlers = new Map();
    this.waiting = new Map();
    this.last = 0;
    this.bytes = Buffer.alloc(0);
    input.on("data", (data) => this.take(data));
    input.on("end", () => this.end());
    input.on("error", () => this.end());
  }

  on(method, handler) {
    this.handlers.set(method, handler);
  }

  send(message) {
    const body = Buffer.from(JSON.stringify({ jsonrpc: "2.0", ...message }));
    if (this.output.writable) this.output.write(Buffer.concat([Buffer.from(`Content-Length: ${body.length}\r\n\r\n`), body]));
  }

  tell(method, params) {
    this.send({ method, params });
  }

  // The answer; an error, a cancelled request and the end of the server are null.
  ask(method, params, token) {
    const id = ++this.last;
    this.send({ id, method, params });
    if (token) token.onCancellationRequested(() => this.waiting.has(id) && this.tell("$/cancelRequest", { id }));
    return new Promise((resolve) => this.waiting.set(id, resolve));
  }

  end() {
    this.waiting.forEach((resolve) => resolve(null));
    this.waiting.clear();
  }

  take(data) {
    this.bytes = Buffer.concat([this.bytes, data]);
    for (;;) {
      const head = this.bytes.indexOf("\r\n\r\n");
      const length = head < 0 ? null : /Content-Length: (\d+)/i.exec(this.bytes.toString("latin1", 0, head));
      if (!length || this.bytes.length < head + 4 + Number(length[1])) return;
      const end = head + 4 + Number(length[1]);
      const message = JSON.parse(this.bytes.toString("utf8", head + 4, end));
      this.bytes = this.bytes.subarray(end);
      this.handle(message);
    }
  }

  handle(message) {
    if (message.method === undefined) {
      const resolve = this.waiting.get(message.id);
      this.waiting.delete(message.id);
      if (resolve) resolve(message.error ? null : message.result);
      return;
    }
    const handler = this.handlers.get(message.method);
    const result = handler ? handler(message.params) : null;
    if (message.id !== undefined) this.send({ id: message.id, result: result === undefined ? null : result });
  }
}

module.exports = { Connection };
