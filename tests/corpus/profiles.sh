#!/usr/bin/env bash
# Every real profile: signed by Apple, and read as INDEX.tsv describes it.
#   profiles.sh DEXTCTL
set -u
dextctl=$(realpath "$1")
corpus=${DEXTCTL_CORPUS:-}/static
if [ ! -f "$corpus/INDEX.tsv" ]; then
    echo "no corpus: skipped"
    exit 77
fi
status=0
count=0
while IFS=$'\t' read -r path _ _ _ kind family note; do
    [ "$kind" = profile ] || continue
    count=$((count + 1))
    have=$("$dextctl" profile --at 2026-11-23 --format json "$corpus/$path" | jq -r '.profiles[0] |
        "Name=\u0027\(.name)\u0027 AppID=\(.app_id) Team=[\u0027\(.team)\u0027] " +
        "Platform=[\u0027\(.platforms | join("\u0027, \u0027"))\u0027] " +
        "created=\(.created | sub("T"; " ") | rtrimstr("Z")) expires=\(.expires | sub("T"; " ") | rtrimstr("Z")) " +
        (if .expired then "EXPIRED(2026-11-23)" else "valid" end) +
        " allDevices=\(if .all_devices then "True" else "None" end) devices=\(.devices | length) certs=\(.certificates | length) " +
        "DER=\(if .der.status == "absent" then "False" else "True" end)"')
    want=${note%% xcodeManaged=*}
    if [ "$have" != "$want" ]; then
        printf '%s\n  index: %s\n  read:  %s\n' "$path" "$want" "$have"
        status=1
    fi
    more=$("$dextctl" profile --at 2026-11-23 --format json "$corpus/$path" | jq -r '.profiles[0] |
        "\(.signature.trust) \(.der.status) \(.kind) " +
        (if any(.entitlements[]; .key | startswith("com.apple.developer.driverkit")) then "driverkit" else "not-driverkit" end)')
    read -r trust der kind driverkit <<<"$more"
    # What the kind has to be follows from the devices and the platform of the index.
    case $note in
    *"Platform=['OSX']"*"allDevices=True"*) is=developer-id ;;
    *"Platform=['iOS']"*"allDevices=True"*) is=in-house ;;
    *"allDevices=None devices=0"*) is=app-store ;;
    *) is=development ;;
    esac
    if [ "$trust" != apple ] || [ "$kind" != "$is" ] || [ "$driverkit" != "$family" ] ||
        { [ "$der" != same ] && [ "$der" != absent ]; }; then
        printf '%s: %s, wanted apple, same or absent, %s, %s\n' "$path" "$more" "$is" "$family"
        status=1
    fi
done <"$corpus/INDEX.tsv"
echo "$count profiles"
[ "$count" -gt 0 ] && exit $status
exit 1
