#!/usr/bin/env bash
# A certification authority for the tests: its root stands where Apple's does, below it the kinds of
# certificates that macOS tells apart by Apple's marker extensions (Security, SecPolicy.c; Apple's CPS of
# Worldwide Developer Relations and Developer ID). Only dextctl-test-root believes in it.
#   ca.sh FOLDER    writes NAME.key, NAME.pem, NAME.der and test_root.h; what this very script wrote stays
set -euo pipefail
self=$(realpath "$0")
mkdir -p "$1"
cd "$1"
[ test_root.h -nt "$self" ] && exit 0
: >index
echo unique_subject=no >index.attr
openssl rand -hex 8 >serial
cat >ca.cnf <<'EOF'
[ca]
default_ca = own
[own]
database = index
serial = serial
new_certs_dir = .
default_md = sha256
policy = any
copy_extensions = none
[any]
commonName = supplied
organizationName = optional
organizationalUnitName = optional
[req]
distinguished_name = any_name
prompt = no
[any_name]
EOF

issue() { # NAME SUBJECT ISSUER EXTENSION...: of itself when ISSUER is its own name
    local name=$1 subject=$2 issuer=$3 from=20250101000000Z
    shift 3
    printf '%s\n' "$@" >"$name.ext"
    local kind=(ec -pkeyopt ec_paramgen_curve:P-256)
    [ "$name" != installer ] || kind=(rsa:2048) # packages have a bare RSA signature as well
    openssl req -new -newkey "${kind[@]}" -nodes -keyout "$name.key" -config ca.cnf \
        -subj "$subject" -out "$name.csr" 2>/dev/null
    local by=(-cert "$issuer.pem" -keyfile "$issuer.key")
    [ "$name" != "$issuer" ] || by=(-selfsign -keyfile "$name.key")
    openssl ca -batch -notext -config ca.cnf "${by[@]}" -startdate "$from" -enddate 20450101000000Z \
        -extfile "$name.ext" -in "$name.csr" -out "$name.pem" 2>/dev/null
    openssl x509 -in "$name.pem" -outform DER -out "$name.der"
}

authority=('basicConstraints=critical,CA:TRUE' 'keyUsage=critical,keyCertSign,cRLSign')
leaf=('basicConstraints=critical,CA:FALSE' 'keyUsage=critical,digitalSignature')
code='extendedKeyUsage=critical,codeSigning'
marker() { echo "1.2.840.113635.100.$1=ASN1:NULL"; }
team=/O=Example/OU=ABCDE12345

issue root '/CN=Test Root of dextctl' root "${authority[@]}"
issue wwdr '/CN=Apple Worldwide Developer Relations Certification Authority/O=Apple Inc.' root "${authority[@]}" "$(marker 6.2.1)"
issue developer-id-ca '/CN=Developer ID Certification Authority/O=Apple Inc.' root "${authority[@]}" "$(marker 6.2.6)"
issue iphone-ca '/CN=Apple iPhone Certification Authority/O=Apple Inc.' root "${authority[@]}"
issue system-ca '/CN=Apple System Integration CA 4/O=Apple Inc.' root "${authority[@]}" "$(marker 6.2.17)"
issue timestamp-ca '/CN=Apple Timestamp Certification Authority/O=Apple Inc.' root "${authority[@]}" "$(marker 6.2.9)"

issue development "/CN=Apple Development: Ada (ABCDE12345)$team" wwdr "${leaf[@]}" "$code" "$(marker 6.1.2)" "$(marker 6.1.12)"
issue distribution "/CN=Apple Distribution: Ada (ABCDE12345)$team" wwdr "${leaf[@]}" "$code" "$(marker 6.1.4)" "$(marker 6.1.7)"
issue store '/CN=Apple Mac OS Application Signing/O=Apple Inc.' wwdr "${leaf[@]}" "$code" "$(marker 6.1.9)"
issue developer-id "/CN=Developer ID Application: Ada (ABCDE12345)$team" developer-id-ca "${leaf[@]}" "$code" "$(marker 6.1.13)"
issue other-team "/CN=Developer ID Application: Bob (ZYXWV98765)/O=Other/OU=ZYXWV98765" developer-id-ca "${leaf[@]}" "$code" "$(marker 6.1.13)"
issue installer "/CN=Developer ID Installer: Ada (ABCDE12345)$team" developer-id-ca "${leaf[@]}" \
    'extendedKeyUsage=critical,1.2.840.113635.100.4.13' "$(marker 6.1.14)"
issue profile '/CN=Mac OS X Provisioning Profile Signing/O=Apple Inc.' wwdr "${leaf[@]}" "$(marker 4.11)"
issue profile-ios '/CN=Apple iPhone OS Provisioning Profile Signing/O=Apple Inc.' iphone-ca "${leaf[@]}"
issue profile-der '/CN=WWDR Provisioning Profile Signing/O=Apple Inc.' system-ca "${leaf[@]}" "$(marker 12.19)"
issue purposeless '/CN=Apple Something Signing/O=Apple Inc.' wwdr "${leaf[@]}"
issue store-ios '/CN=Apple iPhone OS Application Signing/O=Apple Inc.' iphone-ca "${leaf[@]}" "$(marker 6.1.3)"
issue testflight '/CN=TestFlight Beta Distribution/O=Apple Inc.' wwdr "${leaf[@]}" "$code" "$(marker 6.1.25.1)"
issue ticket '/CN=Software Ticket Signing/O=Apple Inc.' system-ca "${leaf[@]}" "$(marker 6.1.30)"
issue timestamp '/CN=Timestamp Signer/O=Apple Inc.' timestamp-ca "${leaf[@]}" 'extendedKeyUsage=critical,timeStamping'

rm -f ./*.csr ./*.ext ./*.old index index.attr serial ./????????????????.pem
{
    echo '/* The tests'\'' root certificate, made by tests/signed/ca.sh. */'
    echo 'static const unsigned char test_root[] = {'
    od -An -v -tx1 root.der | sed 's/ \(..\)/0x\1,/g'
    echo '};'
} >test_root.h
