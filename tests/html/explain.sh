#!/usr/bin/env bash
# The page of an explanation in a real browser, at three widths, light and dark. With axe-core (npm, in BUILD/npm)
# nothing serious may be found.
#   explain.sh DEXTCTL BUILD
set -u
dextctl=$(realpath "$1")
cd "$(dirname "$0")" || exit 1
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome)
[ -n "$browser" ] || { echo "there is no Chromium here: skipped"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
axe=$2/npm/node_modules/axe-core/axe.min.js
[ -f "$axe" ] || { echo "axe-core is not there: the page is not held against it"; axe=; }
status=0
example=../../docs/example
cat >"$work/log.txt" <<'END'
2026-11-20 10:15:02.204377+0100 0x1f3c     Default     0x0                  0      0    kernel: DK: <img src=x onerror="window.pwned=1">-0x100000abc: provider entitlements check failed
2026-11-20 10:15:02.204378+0100 0x1f3c     Default     0x0                  0      0    kernel: </script><script>window.pwned = 1</script>
END
"$dextctl" explain "$work/log.txt" $example/log.txt $example/ioreg.txt $example/MyDriver/Info.plist --html "$work/page.html"
[ $? -eq 1 ] || { echo "no page"; exit 1; }
cat >"$work/probe.js" <<'END'
(async () => {
  const out = { errors: window.errors, pwned: window.pwned === undefined ? "no" : "yes", ready: document.body.dataset.ready };
  const parts = [...document.querySelectorAll("section")];
  const press = (key) => document.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  press("j"); out.first = document.activeElement === parts[0];
  press("j"); out.second = document.activeElement === parts[1];
  press("k"); out.back = document.activeElement === parts[0];
  press("o"); out.open = [...document.querySelectorAll("details")].every((d) => d.open);
  out.parts = parts.length;
  out.lives = document.querySelectorAll(".life").length;
  out.stages = document.querySelector(".life").children.length;
  out.failed = document.querySelector(".life .failed") !== null;
  out.evidence = document.querySelectorAll("figure mark").length;
  out.trees = document.querySelectorAll(".tree.top").length;
  out.resources = performance.getEntriesByType("resource").length;
  out.images = document.images.length;
  out.wide = document.documentElement.scrollWidth > window.innerWidth;
  out.anchors = [...document.querySelectorAll("nav a")].every((a) => document.querySelector(a.getAttribute("href")));
  const rgb = (c) => c.match(/[\d.]+/g).slice(0, 3).map((v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
  const light = (c) => { const [r, g, b] = rgb(c); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const back = light(getComputedStyle(document.body).backgroundColor);
  out.dark = back < 0.2;
  out.contrast = [...document.querySelectorAll("p, li, h2, .badge, .dim, a, figcaption, pre span")].every((e) => {
    const a = light(getComputedStyle(e).color);
    return (Math.max(a, back) + 0.05) / (Math.min(a, back) + 0.05) >= 4.5;
  });
  if (window.axe) {
    const found = await axe.run();
    out.axe = found.violations.filter((v) => v.impact === "serious" || v.impact === "critical").map((v) => `${v.id}: ${v.nodes[0].html.slice(0, 80)}`);
  } else out.axe = [];
  const pre = document.createElement("pre");
  pre.id = "probe";
  pre.textContent = JSON.stringify(out);
  document.body.append(pre);
})();
END
python3 - "$work" "$axe" <<'END'
import sys
work, axe = sys.argv[1:]
page = open(f"{work}/page.html", encoding="utf-8").read()
ear = '<script>window.errors = []; window.addEventListener("error", (e) => errors.push(String(e.message)));</script>'
page = page.replace("<head>", "<head>" + ear, 1)
script = (open(axe, encoding="utf-8").read().replace("</script", "<\\/script") + "\n" if axe else "") + open(f"{work}/probe.js").read()
at = page.rindex("</body>")
open(f"{work}/probe.html", "w", encoding="utf-8").write(page[:at] + "<script>" + script + "</script>" + page[at:])
END
for width in 500 800 1300; do # a headless window is no narrower than 500
    for scheme in 0 1; do
        said=$(timeout 60 "$browser" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --user-data-dir="$work/profile" \
            --window-size=$width,900 --blink-settings=preferredColorScheme=$scheme --virtual-time-budget=8000 --dump-dom \
            "file://$work/probe.html" 2>/dev/null |
            sed -n 's/.*<pre id="probe">\(.*\)<\/pre>.*/\1/p' | sed 's/&lt;/</g; s/&gt;/>/g; s/&amp;/\&/g')
        for check in '.errors=[]' '.pwned="no"' '.ready="yes"' '.first=true' '.second=true' '.back=true' '.open=true' \
            '.stages=10' '.failed=true' '.resources=0' '.images=0' '.wide=false' '.anchors=true' '.contrast=true' '.axe=[]' \
            ".dark=$([ $scheme = 0 ] && echo true || echo false)"; do
            have=$(jq -c "${check%%=*}" <<<"$said" 2>/dev/null)
            [ "$have" = "${check#*=}" ] || { echo "width $width, scheme $scheme: ${check%%=*} is ${have:-nothing}, not ${check#*=}"; status=1; }
        done
        [ "$(jq -c '.parts >= 4 and .lives >= 3 and .evidence >= 4 and .trees >= 1' <<<"$said" 2>/dev/null)" = true ] ||
            { echo "width $width: parts are missing: $said"; status=1; }
    done
done
[ $status = 0 ] && echo "the page works in $("$browser" --version 2>/dev/null)"
exit $status
