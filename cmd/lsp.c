#include <unistd.h>

#include "cmd.h"
#include "lsp/server.h"

static int cmd_lsp_run(struct app *app, const struct args *args)
{
    (void)args;
    return lsp_serve(app, STDIN_FILENO);
}

static const struct opt options[] = {
    {"stdio", 0, NULL, NULL, "speak on standard input and output: what it does anyway", NULL},
    OPT_END,
};

static const struct cmd_example examples[] = {
    {"dextctl lsp", "what an editor starts (see packaging/editors)"},
    {NULL, NULL},
};

const struct cmd cmd_lsp = {
    .name = "lsp",
    .summary = "serve an editor: findings while typing, completion, mends",
    .usage = "lsp [--stdio]",
    .text =
        "A language server (LSP 3.17) for .plist, .entitlements, .iig and project.yml. It "
        "checks the folders that are open in the editor, with the text as it is on the screen, "
        "says of keys, entitlements, classes and error codes what is known of them, proposes "
        "keys and values, mends findings, and leads from IOUserClass to the class in the "
        ".iig.\n\n"
        "A .dextctl.json holds as it does for dextctl lint. Settings of the editor under "
        "\"dextctl\": select, ignore, ruleset, preview, config, and dump, a registry dump whose "
        "devices are proposed (without it: a file ioreg*.txt in the folders).",
    .formats = "human",
    .options = options,
    .examples = examples,
    .exits = "  0  the editor shut it down\n"
             "  1  it ended without that\n"
             "  3  standard input was no stream of messages\n",
    .run = cmd_lsp_run,
};
