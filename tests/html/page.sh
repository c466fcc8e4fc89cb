#!/usr/bin/env bash
# The page of a registry in a real browser: headless Chromium, the network cut off by the page itself.
#   page.sh DEXTCTL
set -u
dextctl=$(realpath "$1")
cd "$(dirname "$0")" || exit 1
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome)
if [ -z "$browser" ]; then
    echo "there is no Chromium here: skipped"
    exit 77
fi
work=$(mktemp -d)
width=1200
trap 'rm -rf "$work"' EXIT
status=0

# A page with an ear for errors before its script and the probe behind it.
probe() { # PAGE SCHEME(0 dark, 1 light)
    python3 - "$1" "$work/probe.html" <<'END'
import sys
page = open(sys.argv[1], encoding="utf-8").read()
ear = '<script>window.errors = []; window.addEventListener("error", (e) => errors.push(String(e.message)));</script>'
page = page.replace("<head>", "<head>" + ear, 1)
at = page.rindex("</body>")
open(sys.argv[2], "w", encoding="utf-8").write(page[:at] + "<script>" + open("probe.js").read() + "</script>" + page[at:])
END
    timeout 60 "$browser" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --user-data-dir="$work/profile" \
        --window-size="$width",800 --blink-settings=preferredColorScheme="$2" --virtual-time-budget=5000 --dump-dom \
        "file://$work/probe.html${hash:-}" 2>/dev/null |
        sed -n 's/.*<pre id="probe">\(.*\)<\/pre>.*/\1/p' | sed 's/&lt;/</g; s/&gt;/>/g; s/&amp;/\&/g'
}

expect() { # WHAT JSON FILTER VALUE
    local have
    have=$(jq -c "$3" <<<"$2" 2>/dev/null)
    if [ "$have" != "$4" ]; then
        echo "$1: $3 is ${have:-nothing}, not $4"
        status=1
    fi
}

example=../../docs/example
"$dextctl" match $example/MyDriver/Info.plist --ioreg $example/ioreg.txt --html "$work/page.html"
[ $? -le 1 ] || exit 1
for scheme in 0 1; do
    said=$(probe "$work/page.html" $scheme)
    for check in '.ready="yes"' '.errors=[]' '.pwned="no"' '.resources=0' '.images=0' '.first="Root"' '.roles=true' \
        '.matrix=2' '.home="Root"' '.down="J1AP"' '.active=true' '.contrast=true' '.found[-1]="Acme Keys@1"' \
        '.none="No node fits the search and the filters."' '.list=3'; do
        expect "scheme $scheme" "$said" "${check%%=*}" "${check#*=}"
    done
    expect "scheme $scheme" "$said" '.rows > 8 and .closed < .rows and .opened > .closed and .dexts >= 2' true
    expect "scheme $scheme" "$said" '.search == "1 of 14 nodes" and .details == .up and .end != .up and (.jumped | length > 0)' true
    for check in '.decimal=["AcmeDevice@14100000","Acme Data@0","Acme Keys@1"]' '.hex=["AcmeDevice@14100000","Acme Data@0","Acme Keys@1"]' \
        '.ids=["AcmeDevice@14100000","Acme Data@0","Acme Keys@1"]' '.pci=["pci-card@0"]' '.text=0' '.two=["AcmeDevice@14100000"]' \
        '.hash="#0x100000100"' '.stays="Root"' '.fits=true' '.heads=true' '.changes=0' '.unusual="0 of 14 nodes"'; do
        expect "scheme $scheme" "$said" "${check%%=*}" "${check#*=}"
    done
    expect "scheme $scheme" "$said" '.keys > 4' true
    expect "scheme $scheme" "$said" .dark "$([ $scheme = 0 ] && echo true || echo false)"
done

# What two dumps differ in; a node that the address names; a window as narrow as a browser lets it be.
"$dextctl" ioreg --diff ../cli/ioreg/diff/in/ioreg.txt ../cli/ioreg/diff/in/after.txt --html "$work/diff.html"
[ $? -le 1 ] || exit 1
width=500
said=$(probe "$work/diff.html" 1)
expect diff "$said" '.ready == "yes" and .errors == [] and .changes == 6 and .fits' true
said=$(hash='#0x1000004a1' probe "$work/page.html" 1)
expect address "$said" '.errors == [] and .up != null and .start == "AcmeDevice@14100000"' true
width=1200

# Names that want to be markup stay text.
cat >"$work/hostile.txt" <<'END'
+-o Root  <class IORegistryEntry, id 0x100000100, retain 14>
  | {
  |   "a" = "</script><script>window.pwned = 1</script>"
  | }
  +-o <img src=x onerror="window.pwned=1">  <class IOService, id 0x100000101, registered, matched, active, busy 0 (0 ms), retain 5>
  +-o </script><script>window.pwned = 1</script>  <class IOService, id 0x100000102, registered, matched, active, busy 0 (0 ms), retain 5>
END
"$dextctl" ioreg "$work/hostile.txt" --html "$work/hostile.html" || exit 1
said=$(probe "$work/hostile.html" 1)
for check in '.ready="yes"' '.errors=[]' '.pwned="no"' '.images=0' '.rows=3'; do
    expect hostile "$said" "${check%%=*}" "${check#*=}"
done

# 20,000 nodes: the document holds what is in view.
python3 ../../bench/registry.py "$work/large.plist" 20000
"$dextctl" ioreg "$work/large.plist" --html "$work/large.html" || exit 1
said=$(probe "$work/large.html" 1)
expect large "$said" '.ready == "yes" and .errors == [] and .rows < 100' true
[ $status = 0 ] && echo "the page works in $("$browser" --version 2>/dev/null)"
exit $status
