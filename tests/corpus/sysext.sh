#!/usr/bin/env bash
# Real lists of system extensions are read without loss: as many rows as the list says, every row with
# its id, team and a known state.
#   sysext.sh DEXTCTL
set -u
dextctl=$(realpath "$1")
lists=${DEXTCTL_CORPUS:-none}/runtime/sysext
if [ ! -d "$lists" ]; then
    echo "no corpus: skipped"
    exit 77
fi
status=0
count=0
rows=0
for file in "$lists"/*; do
    count=$((count + 1))
    if ! json=$("$dextctl" sysext --format json "$file") && [ $? -ge 2 ]; then
        echo "$file: not read"
        status=1
        continue
    fi
    rows=$((rows + $(jq '[.lists[].extensions[].rows[]] | length' <<<"$json")))
    lost=$(jq -r '.lists[] | select(.declared != ([.extensions[].rows[]] | length)) | .file' <<<"$json")
    bad=$(jq -r '.lists[].extensions[] | .id as $id | .rows[]
        | select(.meaning == null or .version == "" or .name == "" or .category == "") | $id' <<<"$json")
    if [ -n "$lost$bad" ]; then
        printf '%s: rows lost or not understood: %s %s\n' "$file" "$lost" "$bad"
        status=1
    fi
done
echo "$count lists, $rows rows"
[ "$rows" -gt 0 ] || status=1
exit $status
