#!/usr/bin/env bash
# The language server with Neovim's own client, headless. Needs nvim (Debian: neovim); without it the test
# is skipped.
#   neovim.sh DEXTCTL
set -u
command -v nvim >/dev/null || { echo "nvim is not there: skipped"; exit 77; }
dextctl=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/project/Driver" "$work/home"
work=$(realpath "$work")
cp "$here/../../docs/example/MyDriver/Info.plist" "$work/project/Driver/Info.plist"
cat >"$work/project/Driver/ExampleDisk.iig" <<'END'
#include <DriverKit/IOService.iig>

class ExampleDisk : public IOService
{
public:
    virtual kern_return_t Start(IOService *provider) override;
};
END
HOME=$work/home XDG_STATE_HOME=$work/home XDG_DATA_HOME=$work/home XDG_CONFIG_HOME=$work/home \
    DEXTCTL=$dextctl PROJECT=$work/project \
    timeout 60 nvim --headless --clean -i NONE -c "luafile $here/neovim.lua" -c 'cquit 9' >"$work/said" 2>&1
rc=$?
cat "$work/said"
echo
exit $rc
