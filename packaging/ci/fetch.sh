#!/bin/sh
# Fetches a released dextctl, checks its digest, and prints the folder that holds the program. For CI jobs;
# needs sh, tar, curl or wget, and sha256sum or shasum.
#   fetch.sh BASE VERSION FOLDER [SHA256]
# BASE/dextctl-VERSION-SYSTEM.tar.gz and BASE/SHA256SUMS are read, as packaging/release writes them. The digest is
# that of SHA256SUMS, or the one given, which nobody can change together with the release.
set -eu
base=$1 version=$2 folder=$3 want=${4:-}
case $(uname -s) in
Darwin)
    echo "dextctl: no program for macOS is released yet: build the source, or use Homebrew's formula" >&2
    exit 1
    ;;
*) system=linux-$(uname -m | sed 's/^arm64$/aarch64/') ;;
esac
name=dextctl-$version-$system
get() {
    if command -v curl >/dev/null; then
        curl --fail --silent --show-error --location --retry 3 --output "$2" "$1"
    else
        wget -q -O "$2" "$1"
    fi
}
mkdir -p "$folder"
get "$base/$name.tar.gz" "$folder/$name.tar.gz"
if [ -z "$want" ]; then
    get "$base/SHA256SUMS" "$folder/SHA256SUMS"
    want=$(awk -v n="$name.tar.gz" '$2 == n || $2 == "*" n { print $1; exit }' "$folder/SHA256SUMS")
fi
have=$(if command -v sha256sum >/dev/null; then sha256sum "$folder/$name.tar.gz"; else shasum -a 256 "$folder/$name.tar.gz"; fi | cut -d ' ' -f 1)
if [ -z "$want" ] || [ "$have" != "$want" ]; then
    rm -f "$folder/$name.tar.gz"
    echo "dextctl: $name.tar.gz has the digest $have, not ${want:-one that SHA256SUMS names}" >&2
    exit 1
fi
tar -xzf "$folder/$name.tar.gz" -C "$folder"
echo "$folder/$name/bin"
