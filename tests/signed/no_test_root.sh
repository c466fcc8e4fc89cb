#!/usr/bin/env bash
# dextctl does not believe in the tests' root; dextctl-test-root does.
#   no_test_root.sh DEXTCTL BUILD
set -u
dextctl=$1
twin=$2/tests/dextctl-test-root
ca=$2/tests/ca
[ -x "$twin" ] || { echo "built without DEXTCTL_TEST_ROOT"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/plain.plist" <<'EOF'
<plist version="1.0"><dict>
<key>Name</key><string>Example</string>
<key>Entitlements</key><dict/>
</dict></plist>
EOF
openssl cms -sign -binary -nodetach -nosmimecap -md sha256 -signer "$ca/profile.pem" -inkey "$ca/profile.key" \
    -certfile "$ca/wwdr.pem" -outform DER -in "$work/plain.plist" -out "$work/x.provisionprofile" || exit 1
trust() { "$1" profile --format json "$work/x.provisionprofile" | jq -r '.profiles[0].signature.trust'; }
status=0
with=$(trust "$twin") without=$(trust "$dextctl")
[ "$with" = apple ] || { echo "dextctl-test-root says $with"; status=1; }
case $without in
apple | '' | null) echo "dextctl says '$without' of the tests' own root" && status=1 ;;
esac
# Not a byte of it: the name stands in every certificate of a root.
grep -q 'Test Root of dextctl' "$twin" || { echo "dextctl-test-root does not hold the root"; status=1; }
for built in "$dextctl" "$2"/libdext.*; do
    ! grep -q 'Test Root of dextctl' "$built" || { echo "$built holds the tests' root"; status=1; }
done
exit $status
