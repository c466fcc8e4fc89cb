#!/usr/bin/env bash
# The language server with the client library of VS Code (npm: vscode-languageserver-protocol), which checks
# what a message must look like. Needs node and a registry, or the library under NODE_PATH; without them
# the test is skipped.
#   vscode.sh DEXTCTL BUILD
set -u
dextctl=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
library=$2/npm
command -v node >/dev/null || { echo "node is not there: skipped"; exit 77; }
find_it() { NODE_PATH=$library/node_modules${NODE_PATH:+:$NODE_PATH} node -e 'require("vscode-languageserver-protocol/node")' 2>/dev/null; }
if ! find_it; then
    mkdir -p "$library"
    (cd "$library" && timeout 60 npm install --silent --no-audit --no-fund vscode-languageserver-protocol@3.17 >/dev/null 2>&1)
    find_it || { echo "vscode-languageserver-protocol cannot be had: skipped"; exit 77; }
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
work=$(realpath "$work")
cp -R "$here/../../docs/example/MyDriver" "$work/Driver"
NODE_PATH=$library/node_modules${NODE_PATH:+:$NODE_PATH} timeout 60 node "$here/vscode.js" "$dextctl" "$work"
