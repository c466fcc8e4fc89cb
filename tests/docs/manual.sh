#!/usr/bin/env bash
# Every command has a manual page, every option stands in it, no page names an option that is gone,
# and mandoc finds no fault. Whose json has a schema has its fields in docs/json.md.
#   manual.sh DEXTCTL
set -u
dextctl=$(realpath "$1")
cd "$(dirname "$0")/../../man" || exit 1
status=0
help=$("$dextctl" help --format json)
options() { jq -r "$1 | .name" <<<"$help" | sort -u; }
in_page() { grep -oE '^\.It .*Fl -[a-z-]+' "$1" | grep -oE 'Fl -[a-z-]+' | sed 's/^Fl -//' | sort -u; }

for command in $(jq -r '.commands[].name' <<<"$help"); do
    page=dextctl-$command.1
    if [ ! -f "$page" ]; then
        echo "man/$page is missing"
        status=1
        continue
    fi
    if ! diff <(options ".commands[] | select(.name == \"$command\") | .options[]") <(in_page "$page"); then
        echo "man/$page (>) and the command's options (<) differ"
        status=1
    fi
done
listed() { sed -n "/^The commands are/,/^\.El/s/^\.It Xr dextctl-\(.*\) 1$/\1/p" dextctl.1; }
if ! diff <(jq -r '.commands[].name' <<<"$help") <(listed); then
    echo "man/dextctl.1 (>) and the commands (<) differ, or their order does"
    status=1
fi
formats() { jq -r '.commands[] | select(.name == "lint") | .formats' <<<"$help" | tr '|' '\n'; }
if ! diff <(formats) <(sed -n '/^\.Sh FORMATS/,/^\.El/s/^\.It Cm //p' dextctl-lint.1); then
    echo "man/dextctl-lint.1 (>) and the formats of lint (<) differ"
    status=1
fi
if ! diff <(options '.global[]') <(in_page dextctl.1); then
    echo "man/dextctl.1 (>) and the global options (<) differ"
    status=1
fi
for command in $(jq -r '.commands[] | select(.form) | .name' <<<"$help"); do
    if ! grep -qxF "<!-- fields of $command -->" ../docs/json.md; then
        echo "docs/json.md has no fields of $command (CONTRIBUTING.md, A command)"
        status=1
    fi
done
if command -v mandoc >/dev/null; then
    mandoc -Tlint -Wwarning -- *.1 *.7 || status=1
else
    echo "mandoc is not installed: pages not linted"
fi
exit $status
