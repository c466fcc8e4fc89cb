// Put behind the page's own script by page.sh: uses the page as a person would, and writes down what
// happened, as JSON in an element that --dump-dom prints.
(() => {
  const out = { errors: window.errors, pwned: window.pwned === undefined ? "no" : "yes" };
  const $ = (id) => document.getElementById(id);
  const rows = () => [...document.querySelectorAll("[role=treeitem]")];
  const names = () => rows().map((r) => r.children[1].textContent);
  const press = (k) => $("tree").dispatchEvent(new KeyboardEvent("keydown", { key: k, bubbles: true }));
  const current = () => document.querySelector("[aria-selected=true]")?.children[1].textContent;
  const type = (text) => { $("search").value = text; $("search").dispatchEvent(new Event("input")); };

  out.start = current();
  out.ready = document.body.dataset.ready;
  out.resources = performance.getEntriesByType("resource").length;
  out.rows = rows().length;
  out.matrix = $("matrix") ? $("matrix").rows.length - 1 : 0;
  out.first = names()[0];
  out.roles = rows().every((r) => r.getAttribute("aria-level") && r.getAttribute("aria-selected"));
  // keyboard
  $("tree").focus();
  press("Home"); out.home = current();
  press("ArrowDown"); out.down = current();
  press("ArrowLeft"); out.closed = rows().length;
  press("ArrowRight"); out.opened = rows().length;
  press("End"); out.end = current();
  press("ArrowUp"); out.up = current();
  out.active = $("tree").getAttribute("aria-activedescendant") === document.querySelector("[aria-selected=true]").id;
  out.details = $("side").querySelector("h2").textContent;
  // search and filters
  type("acme keys"); out.search = $("status").textContent; out.found = names();
  type("nothing of that name"); out.none = $("space").textContent;
  const finds = (text) => { type(text); return rows().filter((r) => r.classList.contains("hit")).map((r) => r.children[1].textContent); };
  out.decimal = finds("idVendor=4660"); out.hex = finds("idvendor=0x1234"); out.ids = finds("1234:5678"); out.pci = finds("8086:1234");
  out.text = finds('IOTTYBaseName="nothing"').length; out.two = finds("idVendor=4660 acmedevice");
  // an address a node
  type(""); press("Home"); out.hash = location.hash;
  location.hash = "#nothing"; window.dispatchEvent(new Event("hashchange")); out.stays = current();
  out.keys = document.querySelectorAll(".keys kbd").length;
  out.fits = document.documentElement.scrollWidth <= innerWidth && $("side").scrollWidth <= $("side").clientWidth;
  out.heads = [...document.querySelectorAll("table.list th")].every((h) => getComputedStyle(h).whiteSpace === "nowrap");
  out.changes = $("changes").hidden ? 0 : data.changes.length;
  $("only").value = "state"; $("only").dispatchEvent(new Event("change"));
  out.unusual = $("status").textContent;
  type("");
  $("only").value = "dext"; $("only").dispatchEvent(new Event("change"));
  out.dexts = document.querySelectorAll(".badge.dext").length;
  $("only").value = ""; $("only").dispatchEvent(new Event("change"));
  $("dexts").click(); out.list = $("side").querySelectorAll("tr").length;
  const link = $("side").querySelector("button.link");
  if (link) { link.click(); out.jumped = current(); }
  out.images = document.images.length;
  // contrast, WCAG 2.1
  const rgb = (c) => c.match(/[\d.]+/g).slice(0, 3).map((v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
  const light = (c) => { const [r, g, b] = rgb(c); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const back = getComputedStyle(document.body).backgroundColor;
  const ratio = (e) => { const a = light(getComputedStyle(e).color), b = light(back); return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05); };
  out.dark = light(back) < 0.2;
  out.contrast = [document.body, ...document.querySelectorAll(".dim, .class, .badge, .link, .yes, .no")].every((e) => ratio(e) >= 4.5);
  const pre = document.createElement("pre");
  pre.id = "probe";
  pre.textContent = JSON.stringify(out);
  document.body.append(pre);
})();
