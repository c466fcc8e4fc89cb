#!/usr/bin/env bash
# Real output against the schemas in this folder. Needs python3 with jsonschema (Debian:
# python3-jsonschema); without it the test is skipped.
#   validate.sh DEXTCTL
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
if [ -z "$python" ]; then
    echo "python3 with jsonschema is not there: skipped"
    exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -R "$here/../rules" "$work/rules"
name=$'odd\xff\x01 %:,&<>"\xe6\x97\xa5.plist'
cp "$here/../cli/lint/human/in/Info.plist" "$work/$name"
: >"$work/empty.plist"
printf '<plist><dict>' >"$work/cut.plist"
cd "$work" || exit 1
mkdir out clean
{
    for format in json ndjson sarif gitlab; do
        "$dextctl" lint --preview --format $format . "$name" empty.plist >out/lint.$format
        "$dextctl" lint --format $format clean >out/clean.$format
    done
    "$dextctl" lint --write-baseline out/baseline.json . >out/told
    "$dextctl" error --format json 0xe00002c7 -67062 711 0xe1abc123 nothing kIOReturnNotPermited >out/error.json
    "$dextctl" error --format ndjson 0xe00002c7 'code 0x100000abc' >out/error.ndjson
    "$dextctl" error --format json --list >out/domains.json
    "$dextctl" error --format json --list iokit >out/codes.json
    "$dextctl" rule --format json >out/rule.json
    "$python" "$here/../cli/signature/macho.py" driver
    "$dextctl" signature --format json driver empty.plist clean >out/signature.json
    files=("$here"/../cli/entitlements/human/in/*)
    "$dextctl" entitlements --format json driver "${files[@]}" >out/entitlements.json
    "$dextctl" entitlements --format ndjson driver "${files[@]}" >out/entitlements.ndjson
    profiles=("$here"/../cli/profile/{kinds,human}/in/*.provisionprofile)
    "$dextctl" profile --format json "${profiles[@]}" >out/profile.json
    "$dextctl" profile --format ndjson "${profiles[@]}" >out/profile.ndjson
    "$dextctl" explain --format json "$here"/../cli/explain/*/in/* >out/explain.json
    "$dextctl" explain --format ndjson "$here"/../cli/explain/*/in/* >out/explain.ndjson
    "$dextctl" explain --format sarif "$here"/../cli/explain/*/in/* >out/explain.sarif
    "$python" "$here/../cli/panic/machos.py" symbols
    "$dextctl" panic --format json "$here"/../cli/panic/*/in/* >out/panic.json
    "$dextctl" panic --format json "$here"/../cli/panic/*/in/* --symbols symbols >out/panic-symbols.json
    "$dextctl" sysext --format json "$here"/../cli/sysext/*/in/list.txt >out/sysext.json
    for folder in "$here"/../cli/ioreg/*/in; do
        for dump in "$folder"/*; do
            name=$(basename "$(dirname "$folder")")-$(basename "$dump")
            for format in json ndjson; do
                "$dextctl" ioreg --format $format -l "$dump" >"out/ioreg-$name.$format"
                "$dextctl" ioreg --format $format --dexts "$dump" >"out/ioreg-$name-dexts.$format"
                "$dextctl" ioreg --format $format --diff "$folder/../../diff/in/ioreg.txt" "$dump" >"out/ioreg-$name-diff.$format"
            done
        done
    done
    for what in run why suggest; do
        case $what in
        run) set -- "$here/../cli/match/human/in/Info.plist" ;;
        why) set -- "$here/../cli/match/human/in/Info.plist" --why IOUSBHostInterface ;;
        suggest) set -- --suggest 'Meter Data' ;;
        esac
        for format in json ndjson; do
            "$dextctl" match --format $format --ioreg "$here/../cli/match/human/in/ioreg.txt" "$@" >out/match-$what.$format
        done
    done
} 2>/dev/null
"$python" - "$here" "$work/out" <<'END'
import json, os, sys, warnings
warnings.simplefilter("ignore")
import jsonschema

here, out = sys.argv[1:]
bad = 0


def schema(name):
    with open(f"{here}/{name}") as f:
        return json.load(f)


def check(what, document, rules):
    global bad
    validator = jsonschema.validators.validator_for(rules)(rules, format_checker=jsonschema.FormatChecker())
    for e in list(validator.iter_errors(document))[:5]:
        print(f"{what}: {'/'.join(map(str, e.path))}: {e.message[:300]}")
        bad += 1


def load(name):
    with open(f"{out}/{name}", encoding="utf-8") as f:
        return json.load(f)


def lines(name):
    with open(f"{out}/{name}", encoding="utf-8") as f:
        return [json.loads(line) for line in f]


lint = schema("dextctl.lint-1.schema.json")
error = schema("dextctl.error-1.schema.json")
sarif = schema("sarif-schema-2.1.0.json")
for name in ("lint.json", "clean.json"):
    check(name, load(name), lint)
for name in ("lint.sarif", "clean.sarif", "explain.sarif"):
    check(name, load(name), sarif)
for name in ("error.json", "domains.json", "codes.json"):
    check(name, load(name), error)
rights = schema("dextctl.entitlements-1.schema.json")
check("entitlements.json", load("entitlements.json"), rights)
for record in lines("entitlements.ndjson"):
    check("entitlements.ndjson", record, {**rights["definitions"]["subject"], "definitions": rights["definitions"]})
profile = schema("dextctl.profile-1.schema.json")
check("profile.json", load("profile.json"), profile)
for record in lines("profile.ndjson"):
    check("profile.ndjson", record, {**profile["definitions"]["profile"], "definitions": profile["definitions"]})
check("signature.json", load("signature.json"), schema("dextctl.signature-1.schema.json"))
check("rule.json", load("rule.json"), schema("dextctl.rule-1.schema.json"))
explain = schema("dextctl.explain-1.schema.json")
check("explain.json", load("explain.json"), explain)
for record in lines("explain.ndjson"):
    check("explain.ndjson", record, {**explain["definitions"]["record"], "definitions": explain["definitions"]})
for name in ("panic.json", "panic-symbols.json"):
    check(name, load(name), schema("dextctl.panic-1.schema.json"))
check("sysext.json", load("sysext.json"), schema("dextctl.sysext-1.schema.json"))
check("baseline.json", load("baseline.json"), schema("dextctl.baseline-1.schema.json"))

# A record of ndjson is one of the document, with its type before it.
for record in lines("lint.ndjson") + lines("clean.ndjson"):
    kind = record.pop("type")
    check(f"ndjson {kind}", record, {**lint["definitions"][kind], "definitions": lint["definitions"]})
for record in lines("error.ndjson"):
    record.pop("schema")
    check("error.ndjson", record, {**error["definitions"]["result"], "definitions": error["definitions"]})

match = schema("dextctl.match-1.schema.json")
for name in ("run", "why", "suggest"):
    check(f"match-{name}.json", load(f"match-{name}.json"), match)
    for record in lines(f"match-{name}.ndjson"):
        record.pop("schema")
        kind = record.pop("type")
        check(f"match-{name} {kind}", record, {**match["definitions"][kind], "definitions": match["definitions"]})

ioreg = schema("dextctl.ioreg-1.schema.json")
dumps = sorted(f for f in os.listdir(out) if f.startswith("ioreg-") and os.path.getsize(f"{out}/{f}"))
for name in dumps:
    if name.endswith(".json"):
        check(name, load(name), ioreg)
        continue
    for record in lines(name):
        record.pop("schema")
        kind = record.pop("type")
        check(f"{name} {kind}", record, {**ioreg["definitions"][kind], "definitions": ioreg["definitions"]})

# What no schema says.
document, log = load("lint.json"), load("lint.sarif")
results, rules = log["runs"][0]["results"], log["runs"][0]["tool"]["driver"]["rules"]
count = len(document["findings"])
unreadable = [i for i in document["inputs"] if i["status"] == "unreadable"]
told = log["runs"][0]["invocations"][0]["toolExecutionNotifications"]
quality = load("lint.gitlab")
for ok, what in (
    (count > 50, "too few findings to prove anything"),
    (len(unreadable) >= 2, "the unreadable inputs are missing"),
    (any(f["fixable"] for f in document["findings"]), "nothing is fixable"),
    (len(results) == count, "sarif and json disagree about the number of findings"),
    (len(told) == len(unreadable), "sarif does not tell of every unreadable input"),
    (all(rules[r["ruleIndex"]]["id"] == r["ruleId"] for r in results), "a ruleIndex is wrong"),
    (len({r["ruleId"] for r in results}) == len(rules), "sarif holds rules that nothing broke"),
    (any("fixes" in r for r in results), "no sarif result has a fix"),
    (all("fixes" in r or not f["fixable"] for r, f in zip(results, document["findings"])),
     "a fixable finding has no fix in sarif"),
    (all(not l["physicalLocation"]["artifactLocation"]["uri"].startswith(("/", "./", "file:"))
         for r in results for l in r["locations"]), "a sarif uri is not relative"),
    (len(load("profile.json")["profiles"]) == 10, "not every profile was read"),
    (sum(f["found"]["function"] is not None for r in load("panic-symbols.json")["reports"] for f in r["frames"]) > 20,
     "too few frames were symbolicated to prove anything"),
    (len(dumps) > 150, "too few registry dumps"),
    (len(quality) == count + len(unreadable), "gitlab leaves something out"),
    (len({q["fingerprint"] for q in quality}) == len(quality), "a gitlab fingerprint is not unique"),
    (all(set(q) == {"description", "check_name", "fingerprint", "severity", "location"}
         and q["severity"] in ("info", "minor", "major", "critical", "blocker")
         and q["location"]["lines"]["begin"] >= 1 for q in quality), "a gitlab entry is misshapen"),
):
    if not ok:
        print(what)
        bad += 1
print(f"{count} findings held against the schemas")
sys.exit(bad != 0)
END
