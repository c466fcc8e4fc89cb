#!/usr/bin/env bash
# What the schema of .dextctl.json takes, dextctl takes, and the other way round. Needs python3 with
# jsonschema; without it the test is skipped.
#   config.sh DEXTCTL
set -u
dextctl=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
python=
for candidate in python3 /usr/bin/python3; do
    if "$candidate" -c 'import jsonschema' 2>/dev/null; then
        python=$candidate
        break
    fi
done
[ -n "$python" ] || { echo "python3 with jsonschema is not there: skipped"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
"$dextctl" help --schema config >schema.json || exit 1
cp "$here/../cli/lint/human/in/Info.plist" .
"$python" - "$dextctl" <<'END'
import json, subprocess, sys
import jsonschema

with open("schema.json", encoding="utf-8") as f:
    schema = json.load(f)
jsonschema.Draft7Validator.check_schema(schema)
validator = jsonschema.Draft7Validator(schema)
good = [
    {}, {"$schema": "x"}, {"ignore": []}, {"ignore": ["DX203", "missing-user-class", "DX2", "dx30"]},
    {"severity": {"DX1": "warning", "plist-duplicate-key": "error"}}, {"fail-on": "never"},
    {"ruleset": "2026.11"}, {"exclude": ["a/", "!b"]},
    {"overrides": [{"paths": ["x/**"], "ignore": ["DX105"], "severity": {"DX2": "note"}}]},
]
bad = [
    [], {"ignored": []}, {"ignore": "DX203"}, {"ignore": ["DX999"]}, {"ignore": [1]}, {"ignore": [""]},
    {"severity": {"DX203": "fatal"}}, {"severity": {"nothing": "error"}}, {"severity": []},
    {"fail-on": "always"}, {"fail-on": 1}, {"ruleset": "1999.01"}, {"exclude": "a"}, {"exclude": [""]},
    {"overrides": {}}, {"overrides": [{"ignore": ["DX105"]}]}, {"overrides": [{"paths": [""]}]},
    {"overrides": [{"paths": ["a"], "fail-on": "note"}]},
]
failed = 0
for want, cases in ((True, good), (False, bad)):
    for case in cases:
        with open(".dextctl.json", "w", encoding="utf-8") as f:
            json.dump(case, f)
        run = subprocess.run([sys.argv[1], "lint", "--fail-on", "never", "Info.plist"], capture_output=True)
        by_schema, by_program = validator.is_valid(case), run.returncode == 0
        # --fail-on is given, so that findings do not count; 2 is a configuration that is refused.
        if by_schema != want or by_program != want:
            print(f"{json.dumps(case)}: schema {by_schema}, dextctl {by_program} ({run.returncode}), wanted {want}")
            failed += 1
print(f"{len(good) + len(bad)} configurations")
sys.exit(failed != 0)
END
