#!/usr/bin/env bash
# More drivers and property lists in an archive than anybody ships: the archive is refused, or what is
# not read is told, in one line and with exit status 3; memory stays bounded.
#   members.sh DEXTCTL
set -u
dextctl=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
status=0
python3 - <<'PY'
import zipfile

def members(name, form, count):
    with zipfile.ZipFile(name, "w") as z:
        for i in range(count):
            z.writestr(zipfile.ZipInfo(form % i), "<plist/>")

members("plists.zip", "d%d/Info.plist", 40001)
members("drivers.zip", "d%d.dext/Info.plist", 15001)
members("fits.zip", "d%d.dext/Info.plist", 3)
PY
refused() { # ARCHIVE LINE
    local rc=0
    (ulimit -v 600000 && timeout 300 "$dextctl" lint --no-config --quiet "$1" >out 2>err) || rc=$?
    if [ "$rc" -ne 3 ] || [ "$(cat err)" != "dextctl: $2" ]; then
        echo "$1: exit status $rc: $(head -c 300 err)"
        status=1
    fi
}
(ulimit -v 600000; "$dextctl" --version >/dev/null 2>&1) || ulimit() { :; } # with a sanitizer
refused plists.zip 'plists.zip: holds more than 40000 property lists and programs'
refused drivers.zip 'drivers.zip!: holds 15001 driver extensions; 15000 of them are read'
"$dextctl" lint --no-config --quiet fits.zip >out 2>err
grep -q 'are read\|holds more' err && { echo "fits.zip: $(cat err)"; status=1; }
exit $status
