#!/usr/bin/env bash
# The recipes of docs/fleet.md, as they stand there, over DEXTCTL_FLEET made reports (40): every tenth is killed at
# its first try, and nothing is lost or there twice. Machines over ssh are this one, by a server of the test's own with
# a key of its own; Slurm is a cluster of this one node. A tool that is not here is named, and its recipe is not run.
#   fleet.sh DEXTCTL BUILD     (node's packages are in BUILD/npm-fleet, or fetched there, or under NODE_PATH)
# shellcheck disable=SC2317 # functions that `twice` calls
set -u
dextctl=$(realpath "$1")
library=$(realpath "${2:-.}")/npm-fleet # its own: two tests that install into one folder undo each other
doc=$(realpath "$(dirname "$0")/../../docs/fleet.md")
count=${DEXTCTL_FLEET:-40}
work=$(mktemp -d)
servers=()
leave() {
    [ ${#servers[@]} -eq 0 ] || kill "${servers[@]}" 2>/dev/null
    [ ${#servers[@]} -eq 0 ] || wait "${servers[@]}" 2>/dev/null
    rm -rf "$work"
}
trap leave EXIT
cd "$work" || exit 1
PATH=$PATH:/usr/sbin # sshd, slurmctld
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
    local what=$1 first start
    shift
    afresh
    start=${EPOCHREALTIME/./}
    "$@" >said 2>&1
    first=$(find rows -name '*.ndjson' | wc -l)
    [ "$first" -lt "$count" ] || wrong "$what: nothing was killed, which proves nothing"
    "$@" >said 2>&1 # 1 is the answer of triage that something was found
    [ $? -le 1 ] || { wrong "$what: failed"; tail -3 said; }
    same "$what"
    echo "$what: $first, then $count, in $(((${EPOCHREALTIME/./} - start) / 1000)) ms"
}
export NODE_PATH=$library/node_modules${NODE_PATH:+:$NODE_PATH}
npm_has() { # PACKAGE VERSION [PART]
    command -v node >/dev/null || return
    node -e "require('$1${3:-}')" 2>/dev/null && return
    mkdir -p "$library"
    (cd "$library" && timeout 120 npm install --silent --no-audit --no-fund "$1@$2" >/dev/null 2>&1)
    node -e "require('$1${3:-}')" 2>/dev/null
}
has() { command -v "$1" >/dev/null || { echo "$1 is not here: its recipe is not run"; skipped=1; false; }; }

block "One machine" 1 >machine
twice "one machine" bash machine
grep -q provider said || wrong "triage says nothing: $(cat said)"

if has parallel; then
    block "GNU parallel" 1 >local
    twice "GNU parallel" bash local
fi

# Waits until COMMAND succeeds, at most ten seconds.
until_it() { # COMMAND...
    local i
    for ((i = 0; i < 100; i++)); do
        if "$@" >/dev/null 2>&1; then return; fi
        sleep 0.1
    done
    return 1
}
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# host1 and host2 are this machine, which begins in another folder then.
ssh_hosts() {
    local port
    port=$(free_port)
    mkdir -p "$work/ssh/home"
    [ "$(id -u)" -ne 0 ] || mkdir -p /run/sshd # where the server of root wants to lock itself in
    ssh-keygen -q -t ed25519 -N '' -f ssh/host && ssh-keygen -q -t ed25519 -N '' -f ssh/key && cp ssh/key.pub ssh/authorized
    cat >ssh/server <<END
ListenAddress 127.0.0.1
Port $port
HostKey $work/ssh/host
AuthorizedKeysFile $work/ssh/authorized
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
SetEnv PATH=$PATH
ForceCommand cd $work/ssh/home && exec sh -c "\$SSH_ORIGINAL_COMMAND"
MaxStartups 100
MaxSessions 100
END
    cat >ssh/client <<END
Host host1 host2
    HostName 127.0.0.1
    Port $port
    User $(id -un)
    IdentityFile $work/ssh/key
    IdentitiesOnly yes
    StrictHostKeyChecking no
    UserKnownHostsFile $work/ssh/known
    LogLevel ERROR
    ControlMaster auto
    ControlPath $work/ssh/%n
    ControlPersist 60
END
    printf '#!/bin/sh\nexec %s -F %s "$@"\n' "$(command -v ssh)" "$work/ssh/client" >bin/ssh
    chmod +x bin/ssh
    "$(command -v sshd)" -D -e -f "$work/ssh/server" >ssh/log 2>&1 &
    servers+=($!)
    until_it ssh host1 true && until_it ssh host2 true
}
if has parallel && has sshd && has rsync; then
    if ssh_hosts; then
        block "GNU parallel" 2 >remote
        twice "GNU parallel over ssh" bash remote
        grep -q 'Accepted publickey' ssh/log || wrong "GNU parallel over ssh: nothing was done on the other machines"
        [ -z "$(find ssh/home -type f)" ] || wrong "GNU parallel over ssh: files stayed on the other machines"
        for host in host1 host2; do ssh -O exit $host 2>/dev/null; done
    else
        wrong "the ssh server of the test does not answer: $(tail -3 ssh/log)"
    fi
fi

# Slurm's script, task by task, as sbatch runs them, and then by sbatch.
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

cluster() {
    local host controller node
    host=$(hostname -s) controller=$(free_port) node=$(free_port)
    mkdir -p slurm/spool slurm/state
    cat >slurm/slurm.conf <<END
ClusterName=fleet
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$controller
SlurmdPort=$node
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
AuthType=auth/none
CredType=cred/none
StateSaveLocation=$work/slurm/state
SlurmdSpoolDir=$work/slurm/spool
SlurmctldPidFile=$work/slurm/slurmctld.pid
SlurmdPidFile=$work/slurm/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/builtin
ReturnToService=2
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=all Nodes=$host Default=YES MaxTime=INFINITE State=UP
END
    export SLURM_CONF=$work/slurm/slurm.conf
    slurmctld -D >slurm/log 2>&1 &
    servers+=($!)
    slurmd -D >>slurm/log 2>&1 &
    servers+=($!)
    until_it sh -c 'sinfo --noheader --format %t | grep -q idle'
}
if has slurmctld && has slurmd && has sbatch; then
    if cluster; then
        # The words of the command line go before those of the script: a task is a second's work for a node alone.
        twice "Slurm" sbatch --wait --output=/dev/null --array=0-9 job
    else
        wrong "the cluster of one node does not start: $(tail -3 slurm/log)"
    fi
fi

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
    if npm_has kubernetes-models 4.5.1 /batch/v1; then
        python3 -c 'import json, sys, yaml; json.dump(yaml.safe_load(open("job.yml", encoding="utf-8")), sys.stdout)' >job.json
        node -e '
            const { Job } = require("kubernetes-models/batch/v1");
            const job = JSON.parse(require("fs").readFileSync("job.json", "utf8"));
            new Job(job).validate();
            for (const [what, spoil] of [["a count", j => { j.spec.completions = "many"; }],
                ["a container without a name", j => { delete j.spec.template.spec.containers[0].name; }]]) {
                const other = structuredClone(job);
                spoil(other);
                let taken = true;
                try { new Job(other).validate(); } catch { taken = false; }
                if (taken) throw new Error("the schema takes " + what);
            }' >said 2>&1 || wrong "the schema of Kubernetes refuses the manifest: $(head -5 said)"
    else
        echo "the schemas of Kubernetes cannot be had (npm kubernetes-models): the manifest is not held against them"
        skipped=1
    fi
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
if npm_has @duckdb/node-api 1.5.6-r.1; then
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
    echo "DuckDB cannot be had (npm @duckdb/node-api): its question is not asked"
    skipped=1
fi
[ -z "$skipped" ] || echo "some recipes were not run"
exit $status
