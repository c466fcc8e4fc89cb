#!/usr/bin/env bash
# The extension of Visual Studio Code: it works against the server, and packages. Needs node; without it the
# test is skipped. Packaging is tried when vsce is there (npm: @vscode/vsce, in BUILD/npm or on the PATH).
#   extension.sh DEXTCTL BUILD
set -u
dextctl=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
command -v node >/dev/null || { echo "node is not there: skipped"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
work=$(realpath "$work")
mkdir -p "$work/project" "$work/packaging/editors" "$work/docs/schemas"
cp -R "$here/../../docs/example/MyDriver" "$work/project/Driver"
timeout 60 node "$here/extension.js" "$dextctl" "$here/../../packaging/editors/vscode/extension.js" "$work/project" || exit 1
vsce=$(PATH=$2/npm/node_modules/.bin:$PATH command -v vsce)
[ -n "$vsce" ] || { echo "vsce is not there: not packaged"; exit 0; }
cp -R "$here/../../packaging/editors/vscode" "$work/packaging/editors/vscode"
cp "$here/../../LICENSE" "$work"
cp "$here/../../docs/schemas/dextctl.config-1.schema.json" "$work/docs/schemas"
cd "$work/packaging/editors/vscode" || exit 1
"$vsce" package --no-dependencies -o "$work/dextctl.vsix" >"$work/said" 2>&1 </dev/null || { cat "$work/said"; exit 1; }
status=0
python3 -m zipfile -l "$work/dextctl.vsix" >"$work/list"
for name in extension.js connection.js package.json LICENSE.txt dextctl.config-1.schema.json iig.tmLanguage.json; do
    grep -q "extension/$name " "$work/list" || { echo "$name is not packaged"; status=1; }
done
exit $status
