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
    have=$("$dextctl" explain --format json "$1" | jq -r --arg want "$2" '[.causes[0].root, .answers[0] | select(. != null) | select(.source | length > 0) | .symptom] | if any(. == $want) then $want else first // "" end')
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
01 question-signing
02 question-matching-and-loading
03 panic-of-driver
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
18 question-load-report-plist
END
# The red herring of the last one is named as such, too; a code and the calls of others are decoded.
has() { # NUMBER JQ-EXPRESSION
    total=$((total + 1))
    if "$dextctl" explain --format json "$corpus"/threads/"$1"-* | jq -e "$2" >/dev/null; then
        first=$((first + 1))
    else
        echo "thread $1: not so: $2"
        status=1
    fi
}
has 18 '.noise[0].symptom == "load-report-noise"'
has 03 'any(.answers[]; .symptom == "question-dma-address")'
has 03 'any(.calls[]; .name == "inTaskWithPhysicalMask")'
has 07 '[.codes[].name] == ["kIOReturnUnsupported"]'
has 11 'any(.calls[]; .name == "copyAccelerationTable" and .status == "none")'
has 14 '[.calls[].name] == ["kextstat", "kextload", "kextcache"]'
has 16 '[.calls[].name] == ["IOSleep", "IODelay"]'

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
