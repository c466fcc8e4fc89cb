#!/usr/bin/env bash
# Completion as a user meets it: keys are pressed in bash, zsh and fish (in a terminal of tmux), and
# what then stands on the screen is looked at.
#   press.sh DEXTCTL
set -u
dextctl=$(realpath "$1")
command -v tmux >/dev/null || { echo "tmux is not installed: completion not pressed"; exit 77; }
work=$(mktemp -d)
socket=dextctl-$$
servers=0
term() { tmux -L "$socket" -f /dev/null "$@"; }
trap 'term kill-server 2>/dev/null; rm -rf "$work"' EXIT
mkdir -p "$work/bin" "$work/home/.config" "$work/functions" "$work/in/Folder"
ln -s "$dextctl" "$work/bin/dextctl"
touch "$work/in/Driver.plist"
export PATH=$work/bin:$PATH HOME=$work/home XDG_CONFIG_HOME=$work/home/.config LC_ALL=C.UTF-8
unset HISTFILE XDG_DATA_DIRS XDG_DATA_HOME
cd "$work/in" || exit 1
"$dextctl" help --completion bash >"$work/bash" || exit 1
"$dextctl" help --completion zsh >"$work/functions/_dextctl" || exit 1
"$dextctl" help --completion fish >"$work/fish" || exit 1
status=0

wait_for() { # TEXT: whether it comes to stand on the screen
    local i
    for ((i = 0; i < 100; i++)); do
        term capture-pane -p 2>/dev/null | grep -qF -- "$1" && return 0
        term has-session 2>/dev/null || return 1
        sleep 0.1
    done
    return 1
}

# What is typed, then the tabulator twice | what must come to stand on the screen.
cases='dextctl li|dextctl lint
dextctl -f ndj|dextctl -f ndjson
dextctl -qf ndj|dextctl -qf ndjson
dextctl --format=mark|dextctl --format=markdown
dextctl -q --color nev|--color never
dextctl -f json sysex|dextctl -f json sysext
dextctl --format=json --color never sysex|never sysext
dextctl lint --format sar|--format sarif
dextctl lint --fail-on=warn|--fail-on=warning
dextctl lint -|-s
dextctl lint --stdin|--stdin-filename
dextctl lint --select missing-user-cl|--select missing-user-class
dextctl lint --select DX101,missing-user-cl|--select DX101,missing-user-class
dextctl lint --select=DX101,missing-user-cl|--select=DX101,missing-user-class
dextctl lint -s DX101,DX203,missing-user-cl|-s DX101,DX203,missing-user-class
dextctl lint --ignore DX101,DX20|DX204
dextctl lint --ruleset 20|--ruleset 2026.11
dextctl lint Driv|dextctl lint Driver.plist
dextctl lint --baseline Driv|--baseline Driver.plist
dextctl error --domain ioki|--domain iokit
dextctl error -d ioki|-d iokit
dextctl match --family=usb-i|--family=usb-interface
dextctl match --family usb-i|--family usb-interface
dextctl rule missing-user-cl|rule missing-user-class
dextctl help expl|dextctl help explain'

start() { # SHELL COMMAND SETUP: a terminal with the shell at its prompt
    term kill-server 2>/dev/null
    socket=dextctl-$$-$((++servers)) # a server that is ending still holds its socket
    term new-session -d -x 150 -y 50 "$2" || return
    # shellcheck disable=SC2016 # the shell in the terminal expands it
    term send-keys -l "$3; clear; echo rea''dy"
    term send-keys Enter
    wait_for ready
}

type_it() { # SHELL TYPED WANTED: whether the tabulator makes the one of the other
    term send-keys C-l
    term send-keys -l "$2"
    wait_for "$2" || return
    term send-keys Tab Tab
    wait_for "$3" || return
    # An interrupt while bash completes leaves its completion dead for the session (seen in bash
    # 5.2); the others need one to leave their menu.
    [ "$1" = bash ] || term send-keys C-c
    term send-keys C-e C-u
}

# Terminals lose keys on a machine that is busy, and shells their state: a line counts as wrong when it
# is so in three of them.
press() { # SHELL COMMAND SETUP
    command -v "$1" >/dev/null || { echo "$1 is not installed: its completion not pressed"; return; }
    local typed wanted count=0 try
    start "$@" || start "$@" || { echo "$1 does not start"; status=1; return; }
    while IFS='|' read -r typed wanted; do
        for try in 1 2 3; do
            type_it "$1" "$typed" "$wanted" && break
            if [ "$try" = 3 ]; then
                echo "$1: '$typed' and the tabulator show no '$wanted' but:"
                term capture-pane -p | grep .
                status=1
            fi
            start "$@"
        done
        count=$((count + 1))
    done <<<"$cases"
    echo "$1: $count lines pressed"
    term kill-server
}

press bash 'bash --norc --noprofile -i' ". '$work/bash'"
press zsh 'zsh -f -i' "fpath=('$work/functions' \$fpath); autoload -U compinit; compinit -u -D"
press fish 'fish --no-config' "source '$work/fish'"
exit $status
