#!/usr/bin/env bash
# Real logs with a confirmed cause: it must come first. Questions of real users: each gets its answer
# first, with a source. Healthy artefacts: no explanation at all. Prints hits/total.
#   explain.sh DEXTCTL
set -u
dextctl=$(realpath "$1")
corpus=${DEXTCTL_CORPUS:-none}
if [ ! -d "$corpus/runtime" ]; then
    echo "no corpus: skipped"
    exit 77
fi
status=0
total=0
first=0
cause() { # FILE SYMPTOM
    local have
    have=$("$dextctl" explain --format json "$1" | jq -r '.causes[0].root | select(.source | length > 0) | .symptom')
    total=$((total + 1))
    if [ "$have" = "$2" ]; then
        first=$((first + 1))
    else
        echo "${1##*/}: '$have' comes first, not $2"
        status=1
    fi
}

cause "$corpus/runtime/logs/sysextd_virtualcontroller_code9_consoleapp.txt" driverkit-too-new
while read -r number symptom; do
    cause "$(echo "$corpus"/threads/"$number"-*)" "$symptom"
done <<'END'
01 question-signing-variants
02 question-matching-and-loading
03 question-dma-32-bit
04 question-ipad-settings
05 question-symbolicate-panic
06 question-block-devices
07 question-provider-setproperties
08 question-hid-digitizer
09 question-iphone
10 question-map-and-restart
11 question-pointer-acceleration
12 question-interface-iterator
13 question-scsi-target
14 question-kext-loaded-not-listed
15 question-charging
16 question-kext-delay
17 question-coreaudio-name
END
# The log of the last one shows no cause, only a red herring: it must be said to be one.
have=$("$dextctl" explain --format json "$corpus"/threads/18-* |
    jq -r '"\(.causes | length) \(.noise[0].symptom) \(.collect | length > 0)"')
total=$((total + 1))
if [ "$have" = "0 load-report-noise true" ]; then first=$((first + 1)); else
    echo "18: $have"
    status=1
fi

# Healthy: nothing is explained.
lines=0
for file in "$corpus"/runtime/sysext/* "$corpus"/runtime/kext/*.txt; do
    count=$("$dextctl" explain --format json "$file" | jq '.causes | length')
    lines=$((lines + $(wc -l <"$file")))
    if [ "$count" != 0 ]; then
        echo "${file##*/}: $count explanations of a healthy artefact"
        status=1
    fi
done
echo "cause first: $first of $total; healthy lines without an explanation: $lines"
exit $status
