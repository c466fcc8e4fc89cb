# shellcheck shell=bash
# Three reports of two Macs, made here; each is a folder's worth of files given to one explain.
line() { printf '2026-11-%s 10:15:02.204377+0000 0x1f3c     Default     0x0                  0      0    kernel: DK: %s\n' "$1" "$2"; }
list() { printf '1 extension(s)\n--- com.apple.system_extension.driver_extension\nenabled\tactive\tteamID\tbundleID (version)\tname\t[state]\n*\t*\tABCDE12345\tcom.example.MyDriver (%s)\tMyDriver\t[activated enabled]\n' "$1"; }
system() { printf 'ProductName:\t\tmacOS\nProductVersion:\t\t%s\nBuildVersion:\t\t%s\n' "$1" "$2"; }
explain() { dextctl explain --format ndjson "$@" >>rows.ndjson; }
mkdir a b c
{ line 20 'ExampleDisk-0x100000abc waiting for server com.example.MyDriver-0x100000abc'; line 20 'ExampleDisk-0x100000abc: provider entitlements check failed'; } >a/log.txt
list 1.0/1 >a/list.txt
system 15.3 24D60 >a/sw_vers.txt
sed 's/2026-11-20/2026-11-22/; s/0x100000abc/0x100000abd/' a/log.txt >b/log.txt
list 1.1/2 >b/list.txt
system 26.1 25B78 >b/sw_vers.txt
line 28 'DifferentDisk-0x100000def: family entitlements check failed' >c/log.txt
echo 'nothing of drivers' >d.txt
for one in a b c; do explain $one/*; done
explain d.txt
explain a/* # again
