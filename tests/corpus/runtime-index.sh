#!/usr/bin/env bash
# Every row of the corpus' runtime/INDEX.tsv: explain knows what kind of file it is; a confirmed
# cause comes first; nothing is explained where nothing failed.
#   runtime-index.sh DEXTCTL
set -u
dextctl=$(realpath "$1")
corpus=${DEXTCTL_CORPUS:-none}/runtime
if [ ! -f "$corpus/INDEX.tsv" ]; then
    echo "no corpus: skipped"
    exit 77
fi

kinds_of() { # PATH: what explain may call it
    case $1 in
    *hidutil*) echo "hidutil" ;;
    ioreg/plist/*) echo "ioreg-archive plist" ;; # trimmed ones have lost what tells an archive
    ioreg/text/*) echo "ioreg" ;;
    sysext/*) echo "list question" ;; # in a README, with sentences around: cut out of it
    *profilerOutput*) echo "profiler" ;;
    kext/*) echo "kexts" ;;
    panics/macos12*) echo "panic question" ;; # with its author's words above
    panics/*) echo "panic" ;;
    logs/*) echo "log" ;;
    *) echo "a kind that this script does not know" ;;
    esac
}

causes_of() { # PATH: what may come first; "" nothing
    case $1 in
    *virtualcontroller_code9*) echo "driverkit-too-new" ;;
    *apciec_oneline*) echo "question-dma-32-bit panic-of-driver panic-in-kext" ;;
    panics/*) echo "panic-elsewhere" ;; # something failed, but no driver of others
    esac
}

status=0
rows=0
causes=0
lines=0
while IFS=$'\t' read -r path _ _ _ found; do
    file=$corpus/$path
    [ "$path" = path ] && continue
    [ -f "$file" ] || continue
    rows=$((rows + 1))
    have=$("$dextctl" explain --format json "$file")
    kind=$(jq -r '.inputs[0].kind' <<<"$have")
    first=$(jq -r '.causes[0].root.symptom // ""' <<<"$have")
    may=$(causes_of "$path")
    if [[ " $(kinds_of "$path") " != *" $kind "* ]]; then
        echo "$path: read as $kind, not as $(kinds_of "$path")"
        status=1
    fi
    if [[ $found == *CONFIRMED* && -z $may ]]; then
        echo "$path: has a confirmed cause, and this script does not name its symptom: $found"
        status=1
    fi
    if [ -n "$may" ]; then
        causes=$((causes + 1))
        if [ -z "$first" ] || [[ " $may " != *" $first "* ]]; then
            echo "$path: '$first' comes first, not $may"
            status=1
        fi
    elif [ -n "$first" ]; then
        echo "$path: nothing failed, but $first is explained"
        status=1
    else
        lines=$((lines + $(wc -l <"$file")))
    fi
done <"$corpus/INDEX.tsv"
echo "$rows rows, $causes confirmed causes, $lines healthy lines"
[ "$rows" -gt 0 ] || status=1
exit $status
