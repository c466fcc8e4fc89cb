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
mkdir out clean configured
cp "$name" configured/Info.plist
echo '{"ignore": ["DX203"]}' >configured/.dextctl.json
{
    for format in json ndjson sarif gitlab; do
        "$dextctl" lint --preview --format $format . "$name" empty.plist >out/lint.$format
        "$dextctl" lint --format $format clean >out/clean.$format
    done
    "$dextctl" lint --write-baseline out/baseline.json "$name" >out/told # none where something was not read
    for format in json ndjson; do
        (cd configured && "$dextctl" lint --format $format . >../out/configured.$format)
    done
    "$dextctl" error --format json 0xe00002c7 -67062 711 0xe1abc123 nothing kIOReturnNotPermited >out/error.json
    "$dextctl" error --format ndjson 0xe00002c7 'code 0x100000abc' >out/error.ndjson
    for format in json ndjson; do
        "$dextctl" rule --format $format >out/rule.$format
        "$dextctl" help --format $format >out/help.$format
        "$dextctl" error --format $format --list >out/domains.$format
        "$dextctl" error --format $format --list iokit >out/codes.$format
        "$dextctl" sysext --format $format "$here"/../cli/sysext/*/in/list.txt >out/sysext.$format
    done
    "$python" "$here/../cli/signature/macho.py" driver
    for format in json ndjson; do
        "$dextctl" signature --format $format driver empty.plist clean >out/signature.$format
        "$dextctl" signature --format $format --diff driver driver/com.example.driver.dext >out/changes.$format
    done
    files=("$here"/../cli/entitlements/human/in/*)
    "$dextctl" entitlements --format json driver "${files[@]}" >out/entitlements.json
    "$dextctl" entitlements --format ndjson driver "${files[@]}" >out/entitlements.ndjson
    profiles=("$here"/../cli/profile/{kinds,human}/in/*.provisionprofile)
    "$dextctl" profile --format json "${profiles[@]}" >out/profile.json
    "$dextctl" profile --format ndjson "${profiles[@]}" >out/profile.ndjson
    "$dextctl" explain --format json "$here"/../cli/explain/*/in/* >out/explain.json
    "$dextctl" explain --format ndjson "$here"/../cli/explain/*/in/* >out/explain.ndjson
    {
        line='2026-01-15 10:00:00.000000+0000 0x1 Error 0x0 0 kernel: DK: MyDriver-0x100000abc'
        echo "$line: provider entitlements check failed"
        sleep 4
        echo "$line::start(X-0x1) ok"
        sleep 1
    } | "$dextctl" explain --follow --format ndjson >out/follow.ndjson
    "$dextctl" explain --format sarif "$here"/../cli/explain/*/in/* >out/explain.sarif
    "$python" "$here/../cli/panic/machos.py" symbols
    "$dextctl" panic --format json "$here"/../cli/panic/*/in/* >out/panic.json
    "$dextctl" panic --format ndjson "$here"/../cli/panic/*/in/* >out/panic.ndjson
    "$dextctl" panic --format json "$here"/../cli/panic/*/in/* --symbols symbols >out/panic-symbols.json
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
    for format in json ndjson; do
        "$dextctl" log --format $format --level debug --signpost --loss "$here/../cli/log/kinds/in/log.logarchive" >out/log.$format
    done
    # What could not be read: a line, and the document of a command that has nothing to answer from.
    "$dextctl" help --format json | jq -r '.commands[] | select(.form and .name != "log") | .name' | while read -r command; do
        for format in json ndjson; do
            "$dextctl" "$command" --format $format @nowhere >"out/unanswered-$command.$format"
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
import glob, json, os, sys, warnings
warnings.simplefilter("ignore")
import jsonschema

here, out = sys.argv[1:]
bad = 0


def load(name):
    with open(f"{out}/{name}", encoding="utf-8") as f:
        return json.load(f)


def lines(name):
    with open(f"{out}/{name}", encoding="utf-8") as f:
        return [json.loads(line) for line in f]


known = {}
seen = set()  # what was held against which branch of which schema


def schema(name):
    """The generated schema of a document or line that calls itself name."""
    if name not in known:
        path = f"{here}/../../docs/schemas/{name.replace('/', '-')}.schema.json"
        if not os.path.exists(path):
            path = f"{here}/{name.replace('/', '-')}.schema.json"
        with open(path, encoding="utf-8") as f:
            rules = json.load(f)
        known[name] = jsonschema.validators.validator_for(rules)(rules, format_checker=jsonschema.FormatChecker())
    return known[name]


def report(what, errors):
    global bad
    for e in list(errors)[:5]:
        print(f"{what}: {'/'.join(map(str, e.path))}: {e.message[:300]}")
        bad += 1


branches = {}


def against(validator, definition, what, document, name=None):
    """Held against one branch of the schema: its errors are worth more than those of all branches."""
    if definition not in validator.schema["definitions"]:
        report(what, [jsonschema.ValidationError(f"the schema knows no {definition}")])
        return
    key = (name or document["schema"], definition)
    if key not in branches:
        branches[key] = type(validator)({"$ref": f"#/definitions/{definition}",
                                         "definitions": validator.schema["definitions"]},
                                        format_checker=jsonschema.FormatChecker())
    report(what, branches[key].iter_errors(document))


def check(what, document):
    """A document has a schema, a line has a type as well."""
    global bad
    if "schema" not in document:
        print(f"{what}: it has no schema")
        bad += 1
        return
    validator = schema(document["schema"])
    if "document" not in validator.schema["definitions"]:
        report(what, validator.iter_errors(document))
        return
    if what.split()[0].endswith(".ndjson") and "type" not in document:
        print(f"{what}: a line without type")
        bad += 1
        return
    branch = (f"line-{document['type']}" if "type" in document else
              "unanswered" if set(document) == {"schema", "unread"} else "document")
    seen.add((document["schema"], branch))
    against(validator, branch, what, document)


def bare(name, items):
    """What `log` writes: each element against the one kind that its eventType says, and all together."""
    rules = schema("dextctl.log/1")
    kinds = {"signpostEvent": "signpost", "lossEvent": "loss", "activityCreateEvent": "activity", None: "end"}
    for item in items:
        kind = kinds.get(item.get("eventType"), "entry")
        against(rules, kind, name, dict(item), "dextctl.log/1")
        seen.add(("dextctl.log/1", kind))
    if name.endswith(".json"):
        against(rules, "document", name, items, "dextctl.log/1")
        seen.add(("dextctl.log/1", "document"))
    else:
        for item in items:
            against(rules, "line", name, item, "dextctl.log/1")
        seen.add(("dextctl.log/1", "line"))
    wrong = dict(items[-2], eventType="nothing")
    if rules.is_valid(wrong):
        report(name, [jsonschema.ValidationError("the schema takes an unknown kind")])


with open(f"{here}/sarif-schema-2.1.0.json", encoding="utf-8") as f:
    sarif = jsonschema.Draft7Validator(json.load(f))
for name in sorted(os.listdir(out)):
    if not os.path.getsize(f"{out}/{name}"):
        continue
    if name.startswith("log."):  # another tool's form: nothing in it names a schema
        bare(name, load(name) if name.endswith(".json") else lines(name))
        continue
    if name.endswith(".json"):
        check(name, load(name))
    elif name.endswith(".ndjson"):
        for number, line in enumerate(lines(name), 1):
            check(f"{name} {number}", line)
    elif name.endswith(".sarif"):
        report(name, sarif.iter_errors(load(name)))

# The golden cases: every JSON text that begins a line.
golden = 0
for path in sorted(glob.glob(f"{here}/../cli/*/*/out")):
    with open(path, encoding="utf-8", errors="replace") as f:
        text = f.read()
    at = 0
    while (at := text.find("{", at)) >= 0:
        try:
            value, end = json.JSONDecoder().raw_decode(text, at)
        except ValueError:
            at += 1
            continue
        if (at == 0 or text[at - 1] == "\n") and str(value.get("schema", "")).startswith("dextctl."):
            check(path[len(here) + 4:], value)
            golden += 1
        at = end
for name in sorted(os.listdir(f"{here}/../../docs/schemas")):
    with open(f"{here}/../../docs/schemas/{name}", encoding="utf-8") as f:
        rules = json.load(f)
    if name.startswith("dextctl.config"):
        continue  # of what dextctl reads: config.sh
    own = name.removesuffix(".schema.json").replace("-", "/")
    branches_of = [b["$ref"].split("/")[-1] for b in rules["anyOf"]]
    if own == "dextctl.log/1":
        branches_of += ["entry", "signpost", "loss", "activity", "end"]
    for branch in branches_of:
        if (own, branch) not in seen:
            print(f"{own}: nothing was held against {branch}")
            bad += 1
dumps = [f for f in os.listdir(out) if f.startswith("ioreg-") and os.path.getsize(f"{out}/{f}")]

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
    (golden > 60, "too few golden cases hold JSON"),
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
