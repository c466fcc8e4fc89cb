#!/usr/bin/env bash
# Real panic reports: form, build, number of frames and of kexts, and what is known of the cause. Every
# report that INDEX.tsv lists has a row here; the numbers are counted a second way by panic.py.
#   panic.sh DEXTCTL
set -u
dextctl=$(realpath "$1")
reports=${DEXTCTL_CORPUS:-none}/runtime/panics
if [ ! -d "$reports" ]; then
    echo "no corpus: skipped"
    exit 77
fi
status=0
count=0
expect() { # FILE FORM ARCH BUILD FRAMES IN_BACKTRACE ALL_KEXTS SIGN SUSPECT TASK FAULT
    local file=$1 have
    shift
    count=$((count + 1))
    have=$("$dextctl" panic --format json "$reports/$file" | jq -r '.reports[0] |
        "\(.form) \(.arch) \(.os_build) \(.frames | length) \([.kexts[] | select(.dependency | not)] | length)" +
        " \([.kexts[] | select(.start and .uuid != "")] | length) \(.signs[0].sign) \(.suspect)" +
        " \(.task)/\(.task_pid) \(.fault.unslid)"')
    if [ "$have" != "$*" ]; then
        printf '%s: have %s\n%*s want %s\n' "$file" "$have" ${#file} '' "$*"
        status=1
    fi
}
expect ios26_iphone12_ips_json.ips ips arm64 23B85 21 1 8 use-after-free null Test/956 null
expect macos12_m1_usb_appleusbcommon.txt text arm64 21D49 24 2 5 data-abort null kernel_task/0 0xfffffe0007a9caec
expect macos14_amdradeon_corrupt_expansion.txt text x86_64 21H1015 21 2 7 gpu null WindowServer/146 null
expect seed3_m1_bigsur_apciec_oneline.txt text arm64 20C69 14 2 12 pcie-request-above-32-bits null kernel_task/0 null
listed=$(cut -f1 "$DEXTCTL_CORPUS/runtime/INDEX.tsv" | grep -c '^panics/')
if [ "$count" != "$listed" ]; then
    echo "INDEX.tsv lists $listed panics, $count were looked at"
    status=1
fi
python3 "$(dirname "$0")/panic.py" "$dextctl" "$reports"/* || status=1
echo "$count panics"
exit $status
