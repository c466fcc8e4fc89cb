#!/usr/bin/env bash
# cmake --install puts everything in its place, and a program builds against the installed library.
#   tree.sh DEXTCTL BUILD
set -eu
build=$2
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
cmake --install "$build" --prefix "$root" >/dev/null
cd "$root"
for file in bin/dextctl include/dext-0/dext/dext.h share/man/man1/dextctl.1 share/man/man1/dextctl-lint.1 \
    share/man/man7/dextctl-rules.7 share/bash-completion/completions/dextctl \
    share/zsh/site-functions/_dextctl share/fish/vendor_completions.d/dextctl.fish \
    share/dextctl/schemas/dextctl.lint-1.schema.json share/dextctl/schemas/dextctl.config-1.schema.json; do
    [ -f $file ] || { echo "$file is not installed"; exit 1; }
done
PKG_CONFIG_PATH=$(dirname "$(find . -name libdext-0.pc)")
export PKG_CONFIG_PATH
cat >use.c <<'C'
#include <dext/dext.h>
int main(void)
{
    struct dext_ctx *ctx = dext_ctx_new(NULL);
    struct dext_plist *pl;
    static const char text[] = "<plist><dict><key>A</key><integer>7</integer></dict></plist>";
    int rc = dext_plist_parse(&pl, ctx, "x", text, sizeof text - 1);
    int ok = rc == DEXT_OK && dext_node_integer(dext_node_at(dext_plist_root(pl), "A")) == 7 &&
             dext_rule_count() > 0;
    dext_ctx_free(ctx);
    return !ok;
}
C
# The .pc file says where the tree is now, not where it was to be; C and C++ link against it.
cp use.c use.cc
for build in "${CC:-cc} use.c" "${CXX:-c++} use.cc"; do
    # shellcheck disable=SC2046,SC2086
    $build $(pkg-config --cflags --libs libdext-0) -o use
    LD_LIBRARY_PATH=$(dirname "$PKG_CONFIG_PATH") ./use
done
# What a static link needs is named whole.
for need in libxml-2.0 jansson libcrypto libarchive libpcre2-8 zlib liblz4 yaml-0.1; do
    pkg-config --print-requires-private libdext-0 | grep -qx "$need" || { echo "$need is not in Requires.private"; exit 1; }
done
./bin/dextctl --version
bash -n share/bash-completion/completions/dextctl
if command -v zsh >/dev/null; then zsh -n share/zsh/site-functions/_dextctl; fi
if command -v fish >/dev/null; then fish --no-execute share/fish/vendor_completions.d/dextctl.fish; fi
