"use strict";
// The page of a registry dump. Only rows in view are in the document: dumps have tens of thousands of
// nodes. Texts from the dump are put in as text, never as markup. What the tree shows of the nodes is
// read at once; their properties stand in blocks that are read when somebody looks at one of them.
const data = JSON.parse(document.getElementById("data").textContent);
const F = { unregistered: 1, unmatched: 2, inactive: 4, busy: 8, repeated: 16, clipped: 32, dext: 64, server: 128, rivals: 256, picked: 512, opened: 1024, unserved: 2048, added: 4096, changed: 8192 };
const BLOCK = 256, HEIGHT = 24, MORE = 12;
const nodes = [];
for (const e of document.querySelectorAll("script.index")) {
  for (const [n, l, c, i, p, f] of JSON.parse(e.textContent)) nodes.push({ n, l, c, i, p: p < 0 ? null : p, f });
  e.remove();
}
const blocks = [...document.querySelectorAll("script.part")], parts = [];

// State, ancestry, properties and holders of a node.
function part(i) {
  const b = Math.floor(i / BLOCK);
  parts[b] ??= JSON.parse(blocks[b].textContent);
  return parts[b][i % BLOCK];
}
const children = nodes.map(() => []);
const roots = [];
nodes.forEach((n, i) => (n.p === null ? roots : children[n.p]).push(i));
const open = new Set(), hits = new Set();
let shown = null; // nodes that the filters leave, with the nodes above them; null: all
let rows = [], current = -1;
const $ = (id) => document.getElementById(id);
const tree = $("tree"), space = $("space"), side = $("side"), search = $("search"), only = $("only"), status = $("status");

function make(tag, text, cls) {
  const e = document.createElement(tag);
  if (text !== undefined) e.textContent = text;
  if (cls) e.className = cls;
  return e;
}

function label(i) {
  const n = nodes[i];
  return (n.n || "(no name)") + (n.l ? "@" + n.l : "");
}

function depthOf(i) {
  let d = 1;
  for (let p = nodes[i].p; p !== null; p = nodes[p].p) d++;
  return d;
}

// ---- rows

function flatten() {
  rows = [];
  const todo = roots.slice().reverse().map((i) => [i, 1]);
  while (todo.length) {
    const [i, depth] = todo.pop();
    if (shown && !shown.has(i)) continue;
    rows.push([i, depth]);
    if (open.has(i)) for (let k = children[i].length - 1; k >= 0; k--) todo.push([children[i][k], depth + 1]);
  }
  space.style.height = rows.length * HEIGHT + "px";
  draw();
}

function badge(row, text, cls) {
  row.append(make("span", text, "badge " + cls));
}

function drawRow(at) {
  const [i, depth] = rows[at], n = nodes[i];
  const row = make("div", undefined, "row" + (hits.has(i) ? " hit" : ""));
  row.id = "r" + i;
  row.style.top = at * HEIGHT + "px";
  row.style.paddingLeft = 6 + (depth - 1) * 16 + "px";
  row.setAttribute("role", "treeitem");
  row.setAttribute("aria-level", depth);
  row.setAttribute("aria-posinset", at + 1);
  row.setAttribute("aria-setsize", rows.length);
  row.setAttribute("aria-selected", i === current ? "true" : "false");
  if (children[i].length) row.setAttribute("aria-expanded", open.has(i) ? "true" : "false");
  const twist = make("span", children[i].length ? (open.has(i) ? "\u25be" : "\u25b8") : "", "twist");
  twist.addEventListener("click", (e) => { e.stopPropagation(); toggle(i); });
  row.append(twist, make("span", label(i)), make("span", n.c, "class"));
  if (n.f & F.dext) badge(row, "DEXT", "dext");
  if (n.f & F.server) badge(row, "DEXT process", "dext");
  if (n.f & F.rivals) badge(row, "competition", "rival");
  if (n.f & F.inactive) badge(row, "inactive", "state");
  if (n.f & F.unmatched) badge(row, "not matched", "state");
  if (n.f & F.busy) badge(row, "busy", "state");
  if (n.f & F.unserved) badge(row, "matched, no driver", "rival");
  if (n.f & F.added) badge(row, "added", "dext");
  if (n.f & F.changed) badge(row, "changed", "rival");
  row.addEventListener("click", () => select(i));
  row.addEventListener("dblclick", () => toggle(i));
  return row;
}

function draw() {
  const from = Math.max(0, Math.floor(tree.scrollTop / HEIGHT) - MORE);
  const to = Math.min(rows.length, Math.ceil((tree.scrollTop + tree.clientHeight) / HEIGHT) + MORE);
  space.replaceChildren(...Array.from({ length: Math.max(0, to - from) }, (_, k) => drawRow(from + k)));
  if (!rows.length) space.replaceChildren(make("div", "No node fits the search and the filters.", "empty"));
}

function toggle(i, want) {
  if (!children[i].length) return;
  if (want === undefined ? open.has(i) : !want) open.delete(i); else open.add(i);
  flatten();
}

function reveal(i) {
  for (let p = nodes[i].p; p !== null; p = nodes[p].p) open.add(p);
}

function select(i, scroll) {
  current = i;
  tree.setAttribute("aria-activedescendant", "r" + i);
  if (scroll) {
    reveal(i);
    if (shown && !shown.has(i)) { search.value = ""; only.value = ""; filter(); }
    flatten();
  }
  const at = rows.findIndex((r) => r[0] === i);
  if (at * HEIGHT < tree.scrollTop || (at + 1) * HEIGHT > tree.scrollTop + tree.clientHeight) {
    tree.scrollTop = Math.max(0, scroll ? at * HEIGHT - tree.clientHeight / 3 : at * HEIGHT < tree.scrollTop ? at * HEIGHT : (at + 1) * HEIGHT - tree.clientHeight);
  }
  draw();
  details(i);
  remember(i, scroll);
}

// ---- a node's address: "#0x1000004a1", or its number where the dump shows no ids

function hashOf(i) {
  return "#" + (nodes[i].i || "n" + i);
}

function remember(i, jump) {
  if (location.hash === hashOf(i)) return;
  try {
    if (jump) history.pushState(null, "", hashOf(i)); else history.replaceState(null, "", hashOf(i));
  } catch { /* a browser may refuse that to files, or when it comes too often */ }
}

function atHash() {
  const h = decodeURIComponent(location.hash.slice(1));
  if (!h) return -1;
  return /^n[0-9]+$/.test(h) ? (nodes[+h.slice(1)] ? +h.slice(1) : -1) : nodes.findIndex((n) => n.i === h);
}

function goToHash() {
  const i = atHash();
  if (i >= 0 && i !== current) select(i, true);
}

// ---- details

function link(i) {
  const b = make("button", label(i), "link");
  b.title = nodes[i].c;
  b.type = "button";
  b.addEventListener("click", () => { select(i, true); tree.focus(); });
  return b;
}

function tableOf(pairs) {
  const t = make("table");
  for (const [k, v] of pairs) {
    const row = make("tr"), head = make("th", k), cell = make("td", undefined, "value");
    head.scope = "row";
    cell.append(v);
    row.append(head, cell);
    t.append(row);
  }
  return t;
}

function details(i) {
  const n = nodes[i], more = part(i);
  side.replaceChildren(make("h2", label(i)));
  const facts = [["class", n.c || "not shown"], ["entry id", n.i || "not shown"], ["state", more.s || "not shown"]];
  if (more.g) facts.push(["ancestry", more.g.split(":").join(" : ")]);
  if (more.r) facts.push(["line of the dump", String(more.r)]);
  side.append(tableOf(facts));
  if (more.m) side.append(make("p", more.m));
  if (n.f & F.unserved) side.append(make("p", "A driver extension matched it (IODEXTMatchCount), and none stands on it."));
  if (n.f & F.repeated) side.append(make("p", "This object is shown more than once; here it stands below another parent."));
  list("Drivers on it", more.d);
  list("Opened by", more.u);
  for (const m of (data.match || []).filter((m) => m.n === i)) side.append(matchLine(m));
  for (const c of (data.changes || []).filter((c) => c.n === i)) side.append(make("h2", "Since " + data.before), changeLine(c));
  side.append(make("h2", "Properties"));
  side.append(more.a.length ? tableOf(pairsOf(more.a)) : make("p", "none shown", "dim"));
}

function pairsOf(a) {
  const out = [];
  for (let k = 0; k < a.length; k += 2) out.push([a[k], a[k + 1] === null ? "(cut off or not understood)" : a[k + 1]]);
  return out;
}

function list(title, texts) {
  if (!texts || !texts.length) return;
  const ul = make("ul");
  for (const t of texts) ul.append(make("li", t));
  side.append(make("h2", title), ul);
}

function matchLine(m) {
  const p = make("p");
  p.append(make("strong", m.p + ": "), make("span", m.a, m.a === "yes" ? "yes" : m.a === "no" ? "no" : "unsure"), " " + m.t);
  return p;
}

// ---- lists: driver extensions, matching

// heads: on narrow screens a cell says what it is.
function cells(tag, texts, heads) {
  const row = make("tr");
  texts.forEach((t, k) => {
    const c = make(tag);
    c.append(t);
    if (heads) c.dataset.head = heads[k];
    row.append(c);
  });
  return row;
}

function listTable(heads) {
  const t = make("table", undefined, "list");
  t.append(cells("th", heads));
  return t;
}

function showDexts() {
  side.replaceChildren(make("h2", "Driver extensions"));
  if (!data.dexts.length) {
    side.append(make("p", "The dump shows none.", "dim"));
    return;
  }
  const heads = ["driver", "attached", "provider", "category", "process"], t = listTable(heads);
  for (const d of data.dexts) {
    const name = d.service === null ? d.name : link(d.service);
    const attached = make("span", d.attached, d.attached === "yes" ? "yes" : d.attached === "no" ? "no" : "unsure");
    attached.title = d.text || "";
    t.append(cells("td", [name, attached, d.provider === null ? "not shown" : link(d.provider), d.category || "", d.process || "none shown"], heads));
    for (const note of d.notes) {
      const row = make("tr"), c = make("td", note, "dim");
      c.colSpan = 5;
      row.append(c);
      t.append(row);
    }
  }
  side.append(t);
}

function showMatch() {
  side.replaceChildren(make("h2", "Matching"));
  const heads = ["personality", "node", "matches", "score", "why"], t = listTable(heads);
  t.id = "matrix";
  for (const m of data.match) {
    const answer = make("span", m.a, m.a === "yes" ? "yes" : m.a === "no" ? "no" : "unsure");
    const why = make("span", m.t);
    if (m.e) why.append(make("br"), make("span", "to mend: " + m.e, "dim"));
    t.append(cells("td", [m.p, m.n === null ? m.w || "none" : link(m.n), answer, m.s === null ? "" : String(m.s), why], heads));
  }
  side.append(t);
}

function changeLine(c) {
  const p = make("p");
  p.append(c.k + (c.d.length ? ": " : ""));
  c.d.forEach(([what, before, after], k) => p.append((k ? "; " : "") + what + ": " + (before ?? "not there") + " \u2192 " + (after ?? "not there")));
  return p;
}

function showChanges() {
  side.replaceChildren(make("h2", "Changes since " + data.before), make("p", data.pairing, "dim"));
  if (!data.changes.length) {
    side.append(make("p", "Nothing differs."));
    return;
  }
  const heads = ["change", "what", "node", "from, to"], t = listTable(heads);
  t.id = "delta";
  for (const c of data.changes) {
    const name = (c.w || "(no name)") + (c.l ? "@" + c.l : "");
    const node = make("span");
    node.append(c.n === null ? name : link(c.n), " ", make("span", c.c, "dim"));
    node.title = c.at;
    const kind = make("span", c.k, c.k === "added" ? "yes" : c.k === "removed" ? "no" : "unsure");
    t.append(cells("td", [kind, c.r, node, c.d.length ? changeLine({ k: "", d: c.d }).textContent.replace(/^: /, "") : c.in ? "with what it hangs on" : ""], heads));
  }
  side.append(t);
}

// ---- search and filters

const filters = {
  "": () => true,
  dext: (n) => n.f & (F.dext | F.server),
  rivals: (n) => n.f & F.rivals,
  state: (n) => n.f & (F.inactive | F.unmatched | F.busy | F.unserved),
  open: (n) => n.f & F.opened,
  changed: (n) => n.f & (F.added | F.changed),
};

function value(i, key) {
  const a = part(i).a;
  for (let k = a.length - 2; k >= 0; k -= 2) if (a[k].toLowerCase() === key) return a[k + 1];
  return undefined;
}

// A property's number: of "1234 (0x4d2)", or of four bytes, the lowest first, as PCI has them.
function numberAt(i, key) {
  const v = value(i, key), data = /^<([0-9a-f]{2})([0-9a-f]{2})0000>$/.exec(v ?? "");
  return data ? parseInt(data[2] + data[1], 16) : /^-?[0-9]+/.test(v ?? "") ? parseInt(v, 10) : NaN;
}

// A word of the search: KEY=VALUE, VENDOR:PRODUCT in hexadecimal digits, or a text that stands anywhere.
function wordTest(word) {
  const is = /^([^=]+)=(.+)$/.exec(word), ids = /^([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(word);
  if (is) {
    const want = is[2].replace(/^"|"$/g, ""), number = /^(0x[0-9a-f]+|[0-9]+)$/.test(want) ? Number(want) : NaN;
    return (n, i) => {
      const v = value(i, is[1])?.toLowerCase();
      return v !== undefined && (v.replace(/^"|"$/g, "") === want || (!isNaN(number) && parseInt(v, 10) === number));
    };
  }
  if (ids) {
    const [vendor, product] = [parseInt(ids[1], 16), parseInt(ids[2], 16)];
    return (n, i) => (numberAt(i, "idvendor") === vendor && numberAt(i, "idproduct") === product) || (numberAt(i, "vendor-id") === vendor && numberAt(i, "device-id") === product);
  }
  return (n, i) => {
    n.t ??= (n.n + "@" + n.l + " " + n.c + " " + n.i).toLowerCase();
    return n.t.includes(word) || part(i).a.some((t) => t !== null && t.toLowerCase().includes(word));
  };
}

function filter() {
  const tests = (search.value.toLowerCase().match(/[^\s"=]+="[^"]*"?|\S+/g) || []).map(wordTest);
  hits.clear();
  shown = null;
  if (tests.length || only.value) {
    shown = new Set();
    nodes.forEach((n, i) => {
      if (!filters[only.value](n) || !tests.every((t) => t(n, i))) return;
      hits.add(i);
      for (let p = i; p !== null && !shown.has(p); p = nodes[p].p) {
        shown.add(p);
        if (p !== i) open.add(p);
      }
    });
  }
  status.textContent = shown ? hits.size + " of " + nodes.length + " nodes" : nodes.length + " nodes";
  tree.scrollTop = 0;
  flatten();
}

function next(by) {
  const found = [...hits].sort((a, b) => a - b);
  if (!found.length) return;
  const at = by > 0 ? found.findIndex((i) => i > current) : found.filter((i) => i < current).length - 1;
  select(found[at < 0 ? (by > 0 ? 0 : found.length - 1) : at], true);
}

// ---- keyboard

function move(to) {
  if (rows.length) select(rows[Math.max(0, Math.min(rows.length - 1, to))][0]);
}

function key(e) {
  const at = rows.findIndex((r) => r[0] === current);
  const page = Math.max(1, Math.floor(tree.clientHeight / HEIGHT) - 1);
  const acts = {
    ArrowDown: () => move(at + 1), ArrowUp: () => move(Math.max(0, at - 1)), Home: () => move(0), End: () => move(rows.length - 1),
    PageDown: () => move(at + page), PageUp: () => move(at - page),
    ArrowRight: () => (open.has(current) ? move(at + 1) : toggle(current, true)),
    ArrowLeft: () => (open.has(current) && children[current].length ? toggle(current, false) : nodes[current].p !== null && select(nodes[current].p)),
    Enter: () => toggle(current), " ": () => toggle(current),
  };
  if (current < 0 && rows.length) current = rows[0][0];
  if (acts[e.key] && !e.ctrlKey && !e.metaKey && !e.altKey) {
    e.preventDefault();
    acts[e.key]();
  }
}

document.addEventListener("keydown", (e) => {
  if (e.key === "/" && document.activeElement !== search) {
    e.preventDefault();
    search.focus();
  }
});
tree.addEventListener("keydown", key);
tree.addEventListener("scroll", draw);
window.addEventListener("resize", draw);
search.addEventListener("input", filter);
search.addEventListener("keydown", (e) => { if (e.key === "Enter") next(e.shiftKey ? -1 : 1); });
only.addEventListener("change", filter);
window.addEventListener("hashchange", goToHash);
window.addEventListener("popstate", goToHash);
$("dexts").addEventListener("click", showDexts);
if (data.changes) {
  $("changes").hidden = false;
  only.querySelector("[value=changed]").hidden = false;
  $("changes").addEventListener("click", showChanges);
}
if (data.match) {
  $("match").hidden = false;
  $("match").addEventListener("click", showMatch);
}

nodes.forEach((n, i) => {
  if (depthOf(i) < 3) open.add(i);
  if (n.f & (F.dext | F.picked | F.added | F.changed)) reveal(i);
});
filter();
const first = nodes.findIndex((n) => n.f & F.picked), there = atHash();
if (there >= 0) select(there, true);
else if (data.changes) showChanges();
else if (data.match) showMatch();
else if (first >= 0) select(first, true);
else showDexts();
document.body.dataset.ready = "yes";
