#!/usr/bin/env bash
# The recipes of docs/fleet.md but the one over ssh, as they stand there, over DEXTCTL_FLEET made reports (40):
# every tenth is killed at its first try, and nothing is lost or there twice. A tool that is not here is named, and
# its recipe is not run.
#   fleet.sh DEXTCTL
# shellcheck disable=SC2317 # functions that `twice` calls
set -u
dextctl=$(realpath "$1")
doc=$(realpath "$(dirname "$0")/../../docs/fleet.md")
count=${DEXTCTL_FLEET:-40}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
status=0 skipped=
wrong() { echo "$1"; status=1; }

block() { # HEADING N: the N-th block of code below it
    awk -v heading="## $1" -v n="$2" '
        /^## / { inside = $0 == heading; code = 0; next }
        inside && /^    / { if (!code) at++; code = 1; if (at == n) print substr($0, 5); next }
        inside && !/^$/ { code = 0 }' "$doc"
}

# A try that is killed: the first of every tenth report.
mkdir bin
cat >bin/dextctl <<END
#!/bin/sh
for last; do :; done
mark=$work/tried/\$(basename "\$last")
case \$last in
*0.tar.gz) if [ ! -e "\$mark" ]; then mkdir -p "$work/tried"; : >"\$mark"; kill -KILL \$\$; fi ;;
esac
exec "$dextctl" "\$@"
END
chmod +x bin/dextctl
export PATH=$work/bin:$PATH PARALLEL_HOME=$work/parallel
block "One report" 1 >one
chmod +x one
mkdir reports
python3 - "$count" <<'END'
import io, sys, tarfile
for i in range(1, int(sys.argv[1]) + 1):
    when = f"2026-11-{1 + i % 28:02} 10:15:02.204377+0000 0x1f3c     Default     0x0                  0      0    "
    why = "provider" if i % 3 else "family"
    texts = {
        "log.txt": f"{when}kernel: DK: ExampleDisk-0x{i + 0x100000000:x}: {why} entitlements check failed\n",
        "sw_vers.txt": f"ProductName:\t\tmacOS\nProductVersion:\t\t{15 + i % 2}.3\nBuildVersion:\t\t24D60\n",
    }
    with tarfile.open(f"reports/{i}.tar.gz", "w:gz", compresslevel=1) as tar:
        for name, text in texts.items():
            info = tarfile.TarInfo(f"sysdiagnose_{i}/{name}")
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text.encode()))
END

ls reports/*.tar.gz >list

# What the rows of this recipe are: a report each, all of them, the same as those of the first recipe.
same() { # RECIPE
    jq -r 'select(.type == "report") | .id' rows/*.ndjson | sort >ids
    if [ "$(wc -l <ids)" != "$count" ] || [ "$(sort -u ids | wc -l)" != "$count" ]; then
        wrong "$1: $(wc -l <ids) rows, $(sort -u ids | wc -l) different ones, of $count reports"
    fi
    [ -e wanted ] || cp ids wanted
    cmp -s ids wanted || wrong "$1: other reports than at first"
    [ "$(find rows -type f | wc -l)" = "$count" ] || wrong "$1: other files than a row for each report: $(ls -A rows)"
}
afresh() { rm -rf rows tried jobs.log; mkdir -p rows; }
# Runs the recipe twice: the first time something is killed, which the second one makes good.
twice() { # RECIPE COMMAND...
    local what=$1 first
    shift
    afresh
    "$@" >said 2>&1
    first=$(find rows -name '*.ndjson' | wc -l)
    [ "$first" -lt "$count" ] || wrong "$what: nothing was killed, which proves nothing"
    "$@" >said 2>&1 # 1 is the answer of triage that something was found
    [ $? -le 1 ] || { wrong "$what: failed"; tail -3 said; }
    same "$what"
    echo "$what: $first, then $count"
}
has() { command -v "$1" >/dev/null || { echo "$1 is not here: its recipe is not run"; skipped=1; false; }; }

block "One machine" 1 >machine
twice "one machine" bash machine
grep -q provider said || wrong "triage says nothing: $(cat said)"

if has parallel; then
    block "GNU parallel" 1 >local
    twice "GNU parallel" bash local
fi

# Slurm's script, task by task, as sbatch runs them (a cluster of one node is not set up here).
block Slurm 1 >job
tasks=$(sed -n 's/^#SBATCH --array=0-//p' job)
array() {
    local n bad=0
    for ((n = 0; n <= tasks; n++)); do
        SLURM_ARRAY_TASK_ID=$n SLURM_ARRAY_TASK_COUNT=$((tasks + 1)) sh job || bad=1
    done
    return $bad
}
twice "Slurm's script" array

# The manifest: its words, and its command in a pod's place, index by index.
block Kubernetes 1 >job.yml
if python3 -c 'import yaml' 2>/dev/null; then
    python3 - <<'END' >pod || wrong "the manifest is no Job"
import yaml
with open("job.yml", encoding="utf-8") as f:
    job = yaml.safe_load(f)
spec, pod = job["spec"], job["spec"]["template"]["spec"]
assert (job["apiVersion"], job["kind"], spec["completionMode"]) == ("batch/v1", "Job", "Indexed")
assert set(spec) <= {"completions", "parallelism", "completionMode", "template", "backoffLimit"}
assert pod["restartPolicy"] in ("OnFailure", "Never")
container = pod["containers"][0]
assert set(container) <= {"name", "image", "workingDir", "command", "args", "volumeMounts"}
assert {m["name"] for m in container["volumeMounts"]} == {v["name"] for v in pod["volumes"]}
assert container["command"] == ["sh", "-c"] and len(container["args"]) == 1
assert f"% {spec['completions']} == n" in container["args"][0]
print(container["args"][0])
END
    cp one reports/one
    pods() {
        local n bad=0
        for ((n = 0; n < 100; n++)); do JOB_COMPLETION_INDEX=$n sh -c "$(cat pod)" || bad=1; done
        return $bad
    }
    twice "the command of the pods" pods
else
    echo "python3 has no yaml: the manifest is not read"
    skipped=1
fi

block "Questions that triage does not answer" 2 >ask
bash ask >said || wrong "jq refuses its question"
[ "$(awk '{ n += $1 } END { print n }' said)" = "$count" ] || wrong "jq counts otherwise: $(cat said)"
if node -e 'require("@duckdb/node-api")' 2>/dev/null; then
    block "Questions that triage does not answer" 1 >ask.sql
    node -e '
        const { DuckDBInstance } = require("@duckdb/node-api");
        (async () => {
            const db = await (await DuckDBInstance.create()).connect();
            const rows = (await db.runAndReadAll(require("fs").readFileSync("ask.sql", "utf8"))).getRows();
            console.log(rows.reduce((n, r) => n + Number(r[2]), 0));
        })();' >said 2>&1
    [ "$(cat said)" -ge "$count" ] 2>/dev/null || wrong "DuckDB: $(head -3 said)"
    echo "DuckDB: $(head -1 said) causes"
else
    echo "DuckDB is not here (npm @duckdb/node-api, NODE_PATH): its question is not asked"
    skipped=1
fi
[ -z "$skipped" ] || echo "some recipes were not run"
exit $status
