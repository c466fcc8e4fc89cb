#!/usr/bin/env bash
# Hostile and huge inputs of explain, sysext and panic: an end in time, within bounded memory, without
# a crash; what is no text is refused with one line.
#   explain.sh DEXTCTL
set -u
dextctl=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
status=0
limit=200000
(ulimit -v $limit; "$dextctl" --version >/dev/null 2>&1) || limit=unlimited

truncate -s 20G sparse
head -c 3000000 /dev/urandom >random
python3 - <<'PY'
with open("drivers", "w") as f:  # endless drivers
    for i in range(20000):
        f.write(f"DK: C{i}-0x{i:x}: provider entitlements check failed\n")
with open("long", "w") as f:     # one line of 50 MB that literals point at
    f.write("kernel: DK: MyDriver-0x1 waiting for server " + "a." * 25000000)
with open("nested", "w") as f:   # deep JSON with a literal in it
    f.write('{"eventMessage":' + "[" * 200000 + '"user server timeout"' + "\n")
with open("rows", "w") as f:     # a list that does not end
    f.write("9 extension(s)\n")
    for i in range(100000):
        f.write(f"*\t*\tABCDE12345\tcom.example.d{i} (1/1)\tx\t[activated enabled]\n")
with open("panic", "w") as f:
    f.write("panic(cpu 0 caller 0x1): x\nPanicked thread: 0x1\n" + "lr: 0xffffffffffffffff fp: 0x0\n" * 500000 +
            "Kernel Extensions in backtrace:\n" + "a.b(1)[x]@0x5->0x1\n" * 500000)
PY

check() { # WANTED-EXITS COMMAND FILE
    local wanted=$1 rc
    shift
    (ulimit -v "$limit"; timeout 60 "$dextctl" "$@" >out 2>err)
    rc=$?
    case " $wanted " in *" $rc "*) ;; *)
        echo "$*: exit $rc, not one of $wanted: $(head -c 300 err)"
        status=1
        ;;
    esac
    if [ $rc -eq 3 ] && [ "$(grep -c '^dextctl: ' err)" -ne 1 ]; then
        echo "$*: not one line: $(head -c 300 err)"
        status=1
    fi
}
check 3 explain sparse
check 3 explain random
check 1 explain drivers
check "0 1 3" explain long # 3: a search that hit its limits is told
check "0 1" explain nested
check 3 sysext rows
check 3 sysext random
check 1 panic panic # it names kernel extensions
check 3 panic random
(timeout 60 "$dextctl" explain drivers | tail -1 >out)
grep -q 'Note: 18976 findings of further drivers were not kept' out || {
    echo "drivers: $(head -c 200 out)"
    status=1
}
exit $status
