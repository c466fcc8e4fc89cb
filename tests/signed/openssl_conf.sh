#!/usr/bin/env bash
# Neither a configuration of OpenSSL nor its modules change what a signature comes to.
#   openssl_conf.sh DEXTCTL BUILD
set -u
build=$(realpath "$2")
twin=$build/tests/dextctl-test-root
here=$(dirname "$(realpath "$0")")
[ -x "$twin" ] || { echo "built without DEXTCTL_TEST_ROOT"; exit 77; }
DEXTCTL_TEST_CA=$build/tests/ca
export DEXTCTL_TEST_CA PYTHONDONTWRITEBYTECODE=1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
python3 "$here/products.py" developer-id || exit 1
# Only a provider that computes nothing, and properties that the built-in one does not have.
cat >null.cnf <<'CNF'
openssl_conf = init
[init]
providers = providers
alg_section = algorithms
[providers]
null = null
[null]
activate = 1
[algorithms]
default_properties = fips=yes
CNF
status=0
same() { # NAME ENVIRONMENT...
    local name=$1
    shift
    for run in 'signature --format json developer-id' 'profile --at 2026-11-24 --format json developer-id' 'entitlements --at 2026-11-24 --format json developer-id/MyApp.app'; do
        # shellcheck disable=SC2086
        "$twin" $run >plain.out 2>plain.err
        # shellcheck disable=SC2086
        env "$@" "$twin" $run >other.out 2>other.err
        cmp -s plain.out other.out && cmp -s plain.err other.err || { echo "$name: $run is told otherwise"; status=1; }
    done
}
grep -q developer-id <("$twin" signature --format json developer-id) || { echo "nothing was signed"; exit 1; }
OPENSSL_CONF=$work/null.cnf openssl dgst -sha256 null.cnf >/dev/null 2>&1 && { echo "the configuration changes nothing"; exit 77; }
same 'a configuration without digests' OPENSSL_CONF="$work/null.cnf"
same 'a folder without modules' OPENSSL_MODULES="$work"
same 'both' OPENSSL_CONF="$work/null.cnf" OPENSSL_MODULES=/nowhere
echo broken >broken.cnf
same 'a configuration that is none' OPENSSL_CONF="$work/broken.cnf"
exit $status
