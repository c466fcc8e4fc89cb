#!/usr/bin/env bash
# The examples in README.md, --help and the manual pages are run. In README.md, a block that begins
# with "    $ dextctl ..." must show exactly what that line prints.
#   examples.sh DEXTCTL
set -u
dextctl=$(realpath "$1")
cd "$(dirname "$0")/../.." || exit 1
bin=$(mktemp -d)
trap 'rm -rf "$bin"' EXIT
ln -s "$dextctl" "$bin/dextctl"
PATH=$bin:$PATH
printf '#!/bin/sh\necho "DK: MyDriver-0x100000abc waiting for server com.example.driver-100000abc"\n' >"$bin/log" # the Mac's
chmod +x "$bin/log"
status=0

# Blocks of README.md: command and expected output.
awk -v dir="$bin" '
    /^    \$ dextctl / { n++; file = dir "/block" n; print substr($0, 7) > (file ".cmd"); printf "" > (file ".want"); inside = 1; next }
    inside && /^    / { print substr($0, 5) > (file ".want"); next }
    inside && /^$/ { held = held "\n"; print "" > (file ".want"); next }
    { inside = 0 }' README.md
ran=0
for cmd in "$bin"/block*.cmd; do
    [ -f "$cmd" ] || { echo "README.md has no example that can be run"; exit 1; }
    want=$(cat "${cmd%.cmd}.want")
    have=$(bash "$cmd" 2>&1)
    ran=$((ran + 1))
    if [ "$want" != "$have" ]; then
        printf 'README.md: %s\n' "$(cat "$cmd")"
        diff <(echo "$want") <(echo "$have")
        status=1
    fi
done

# Example lines of --help and the manual: they must be accepted (no usage error). Names of files in
# them are made up, so they run in a folder that has such files.
mkdir -p "$bin/work/MyDriver" && cp docs/example/MyDriver/Info.plist "$bin/work/MyDriver/Info.plist"
cp tests/cli/profile/json/in/same.provisionprofile "$bin/work/embedded.provisionprofile"
cp -R tests/cli/profile/bundle/in/My.app "$bin/work/MyApp.app" && cp tests/cli/profile/bundle/in/My.pkg "$bin/work/MyApp.pkg"
for f in Release.entitlements=Driver.entitlements Info.plist=Info.plist team.provisionprofile=dev.provisionprofile; do
    cp "tests/cli/entitlements/human/in/${f%=*}" "$bin/work/${f#*=}"
done
cp -RL tests/cli/migrate/human/in/Gadget "$bin/work/MyKext"
for dump in ioreg before after; do cp docs/example/ioreg.txt "$bin/work/$dump.txt"; done
mkdir -p "$bin/work/MyApp.app/Contents/MacOS" "$bin"/work/{old,new}
python3 tests/cli/signature/macho.py "$bin/work/MyApp.app/Contents/MacOS/MyApp"
cp -R "$bin/work/MyApp.app" "$bin/work/old/" && cp -R "$bin/work/MyApp.app" "$bin/work/new/"
python3 tests/cli/panic/machos.py "$bin/work/KDK_12.2_21D49.kdk"
for bundle in kext kext.dSYM; do cp -R "$bin/work/KDK_12.2_21D49.kdk/Acme.$bundle" "$bin/work/MyKext.$bundle"; done
cp tests/cli/panic/ips/in/report.ips "$bin/work/report.ips"
cp -R tests/cli/log/styles/in/log.logarchive "$bin/work/system_logs.logarchive"
tar czf "$bin/work/sysdiagnose.tar.gz" -C "$bin/work" system_logs.logarchive
lines=$("$dextctl" help --format json | jq -r '.commands[].examples[]'
    sed -n '/^\.Bd -literal/,/^\.Ed/p' man/*.1 | grep '^dextctl ' | sed 's/\\e/\\/g; s/\\-/-/g')
while IFS= read -r line; do
    (cd "$bin/work" && bash -c "$line" >/dev/null 2>"$bin/err" </dev/null)
    rc=$?
    ran=$((ran + 1))
    if [ $rc -ge 2 ]; then
        printf 'exit %d: %s\n%s\n' $rc "$line" "$(cat "$bin/err")"
        status=1
    fi
done <<<"$lines"
echo "$ran examples run"
exit $status
