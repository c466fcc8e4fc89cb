#!/usr/bin/env bash
# What CI jobs run: fetch.sh takes a release with the right digest and none with a wrong one; the steps of
# action.yml do what they should in the environment of a runner.
#   ci.sh DEXTCTL
set -u
dextctl=$(realpath "$1")
top=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
work=$(realpath "$work")
status=0
wrong() { echo "$1"; status=1; }
[ "$(uname -s)" = Linux ] || { echo "releases are for Linux: skipped"; exit 77; }
system=linux-$(uname -m)
version=$(sed -n 's/^project(dextctl VERSION \([0-9.]*\).*/\1/p' "$top/CMakeLists.txt")
name=dextctl-$version-$system
mkdir -p "$work/release/$name/bin" "$work/checkout" "$work/tmp"
ln -s "$dextctl" "$work/release/$name/bin/dextctl"
(cd "$work/release" && tar -czf "$name.tar.gz" "$name" && sha256sum "$name.tar.gz" >SHA256SUMS)
cp -R "$top/docs/example/MyDriver" "$work/checkout/Driver"
fetch() { sh "$top/packaging/ci/fetch.sh" "file://$work/release" "$version" "$work/got" "$@" 2>"$work/said"; }

bin=$(fetch) || wrong "a right release is refused: $(cat "$work/said")"
"$bin/dextctl" --version >/dev/null || wrong "what was fetched does not run"
fetch "$(cut -d ' ' -f 1 "$work/release/SHA256SUMS")" >/dev/null || wrong "a pinned digest is refused"
fetch 0000 >/dev/null && wrong "another pinned digest is taken"
grep -q 'not 0000' "$work/said" || wrong "and it does not say so: $(cat "$work/said")"
: >"$work/release/SHA256SUMS"
fetch >/dev/null && wrong "a release that SHA256SUMS does not name is taken"
(cd "$work/release" && sha256sum "$name.tar.gz" >SHA256SUMS)

# The shell of the action's steps, as a runner gives it its variables.
step() { awk -v id="- id: $1" 'index($0, id) { in_step = 1 } in_step && /run: \|/ { on = 1; next } on && /^    - / { exit } on && in_step { sub(/^        /, ""); print }' "$top/action.yml"; }
export RUNNER_TEMP=$work/tmp GITHUB_PATH=$work/path GITHUB_OUTPUT=$work/output GITHUB_WORKSPACE=$work/checkout
: >"$work/path"
: >"$work/output"
step fetch >"$work/fetch.sh"
step lint >"$work/lint.sh"
cd "$work/checkout" || exit 1
VERSION='' SHA256='' BASE=file://$work/release SERVER=x REPOSITORY=y HERE=$top bash -e "$work/fetch.sh" || wrong "the step fetch fails"
PATH=$(cat "$work/path"):$PATH
export PATH
PATHS=Driver FAIL_ON=error ARGS='--select DX103' bash -e "$work/lint.sh" >"$work/told"
[ $? -eq 1 ] || wrong "the step lint does not fail on an error"
grep -q '^::error file=Driver/Info.plist,line=26,' "$work/told" || wrong "no annotation: $(cat "$work/told")"
PATHS=Driver FAIL_ON=never ARGS='' bash -e "$work/lint.sh" >/dev/null || wrong "fail-on never fails"
file=$(sed -n 's/^sarif-file=//p' "$work/output" | tail -1)
jq -e '.runs[0].results | length > 1' "$file" >/dev/null || wrong "no SARIF"

# The hooks: each entry with a file that is named.
sed -n 's/^  entry: //p' "$top/.pre-commit-hooks.yaml" >"$work/entries"
[ "$(wc -l <"$work/entries")" -eq 2 ] || wrong "two hooks"
while read -r entry; do
    cp "$top/docs/example/MyDriver/Info.plist" Driver/Info.plist
    $entry Driver/Info.plist >"$work/told"
    [ $? -le 1 ] || wrong "$entry: cannot be run"
done <"$work/entries"
grep -q '<integer>4660</integer>' Driver/Info.plist || wrong "the second hook mends nothing"
if python3 -c 'import yaml' 2>/dev/null; then
    python3 -c 'import sys, yaml; [yaml.safe_load(open(f)) for f in sys.argv[1:]]' "$top/action.yml" \
        "$top/.pre-commit-hooks.yaml" "$top/packaging/ci/gitlab.yml" || wrong "no YAML"
fi
exit $status
