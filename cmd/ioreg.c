#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "dump.h"
#include "view/ioreg_view.h"
#include "view/registry_html.h"

static const struct opt options[] = {
    {"dexts", 'D', NULL, NULL, "show every driver extension and its state", NULL},
    {"diff", 0, NULL, NULL, "compare two dumps: FILE as it was before, then as it is after", NULL},
    {"properties", 'l', NULL, NULL, "show the properties of selected nodes", NULL},
    {"depth", 'd', "LEVELS", NULL, "show so many levels below selected nodes", NULL},
    {"html", 0, "PAGE", NULL, "write one page with everything, to be read in a browser", "file"},
    DUMP_FORCE,
    CMD_REDACT,
    OPT_END,
};

struct session {
    struct app *app;
    const struct args *args;
    struct ioreg_out out;
    const struct ioreg_format *format;
    size_t depth;
    struct output page; /* path NULL: none is asked for */
};

static int read_one(const struct session *s, const char *path, struct dext_registry **out)
{
    int rc = dump_read(s->app, path, out);
    if (rc == APP_CLEAN) {
        dump_warn(s->app, dext_registry_info(*out));
    }
    return rc;
}

static int ioreg_write_page(const struct session *s, const struct ioreg_pick *pick)
{
    size_t *picked = app_alloc((pick->count + 1) * sizeof *picked), count = 0;
    for (size_t i = 0; !pick->all && i < pick->count; i++) {
        if (pick->marks[i] == IOREG_SELECTED) {
            picked[count++] = i;
        }
    }
    struct registry_html what = {.r = s->out.r, .picked = picked, .picked_count = count};
    int rc = registry_html_write(s->app, &s->page, &what);
    free(picked);
    return rc;
}

static int ioreg_show(struct session *s, const struct ioreg_pick *pick)
{
    if (opt_value(s->args, "html")) {
        return ioreg_write_page(s, pick);
    }
    if (!opt_flag(s->args, "dexts")) {
        s->format->tree(&s->out, pick);
        return APP_CLEAN;
    }
    const struct dext_reg_dexts *d = dext_registry_dexts(s->out.r);
    s->format->dexts(&s->out, d, pick);
    for (size_t i = 0; i < d->count; i++) {
        if (ioreg_pick_has(pick, &d->list[i])) {
            return APP_CLEAN;
        }
    }
    return APP_FINDINGS;
}

static int query(struct session *s)
{
    struct ioreg_pick pick;
    size_t wanted = s->args->operand_count > 1 ? s->args->operand_count - 1 : 0;
    int rc = dump_page(s->app, s->args, NULL, &s->page), found = APP_CLEAN;
    rc = rc ? rc : read_one(s, s->args->operands[0], &s->out.r);
    if (rc != APP_CLEAN) {
        return rc;
    }
    ioreg_pick_open(&pick, s->out.r);
    for (size_t i = 0; i < wanted; i++) {
        const char *selector = s->args->operands[i + 1];
        found = dump_worse(found,
                           dump_tell(s->app, ioreg_pick_add(&pick, s->out.r, selector), APP_USAGE));
    }
    if (found != APP_USAGE && (wanted == 0 || pick.selected)) {
        ioreg_pick_close(&pick, s->out.r, s->depth);
        found = dump_worse(found, ioreg_show(s, &pick));
    }
    ioreg_pick_free(&pick);
    return dext_registry_info(s->out.r)->lost ? APP_UNREADABLE : found;
}

static int ioreg_compare(struct session *s)
{
    struct dext_registry *after;
    int rc = dump_page(s->app, s->args, NULL, &s->page);
    rc = rc ? rc : read_one(s, s->args->operands[0], &s->out.r);
    rc = rc ? rc : read_one(s, s->args->operands[1], &after);
    if (rc != APP_CLEAN) {
        return rc;
    }
    const struct dext_reg_diff *d = dext_registry_diff(s->out.r, after);
    if (s->page.path) {
        struct registry_html what = {
            .r = after, .diff = d, .before = dext_registry_info(s->out.r)->path};
        rc = registry_html_write(s->app, &s->page, &what);
    } else {
        s->format->diff(&s->out, after, d);
    }
    bool lost = dext_registry_info(s->out.r)->lost || dext_registry_info(after)->lost;
    return dump_worse(rc, lost ? APP_UNREADABLE : d->count ? APP_FINDINGS : APP_CLEAN);
}

static int ioreg_check_usage(struct session *s)
{
    const char *depth = opt_value(s->args, "depth");
    const size_t count = s->args->operand_count;
    const bool diff = opt_flag(s->args, "diff");
    if (depth) {
        char *end;
        unsigned long levels = strtoul(depth, &end, 10);
        if (*depth < '0' || *depth > '9' || *end) {
            return app_usage_error(s->app, "--depth needs a number, not '%s'", depth);
        }
        s->depth = levels > 512 ? 512 : levels;
    }
    bool shows = opt_flag(s->args, "dexts") || opt_flag(s->args, "properties") || depth;
    bool html = opt_value(s->args, "html") != NULL;
    if (diff && shows) {
        return app_usage_error(s->app, "--diff excludes --dexts, --properties and --depth");
    }
    if (html && shows) {
        return app_usage_error(s->app,
                               "--html shows everything: no --dexts, --properties, --depth");
    }
    if (diff && count != 2) {
        return app_usage_error(s->app, "--diff needs two dumps: before and after");
    }
    if (diff && strcmp(s->args->operands[0], "-") == 0 && strcmp(s->args->operands[1], "-") == 0) {
        return app_usage_error(s->app, "standard input can be read once only");
    }
    if (count == 0 && !dext_registry_has_live()) {
        return app_usage_error(s->app, "ioreg needs a FILE here, what ioreg -lw0 or ioreg -al "
                                       "wrote: only on a Mac there is a live registry");
    }
    return APP_CLEAN;
}

static int ioreg_run(struct app *app, const struct args *args)
{
    mask_when(app, opt_flag(args, "redact"));
    struct session s = {.app = app,
                        .args = args,
                        .out = {.app = app, .properties = opt_flag(args, "properties")},
                        .format = ioreg_format_for(app->face)};
    int rc = ioreg_check_usage(&s);
    rc = rc ? rc : opt_flag(args, "diff") ? ioreg_compare(&s) : query(&s);
    dump_page_free(&s.page);
    return rc;
}

static const struct cmd_example examples[] = {
    {"dextctl ioreg ioreg.txt IOUSBHostInterface", "its nodes, their drivers, who opened them"},
    {"dextctl ioreg ioreg.txt idVendor=0x1234 --properties", "a vendor's devices in full"},
    {"dextctl ioreg ioreg.txt --dexts", "every driver extension and its state"},
    {"dextctl ioreg ioreg.txt --html page.html", "a page to search and click through"},
    {"dextctl ioreg --diff before.txt after.txt", "what plugging in or installing changed"},
    {NULL, NULL},
};

const struct cmd cmd_ioreg = {
    .name = "ioreg",
    .summary = "query a registry dump: nodes, their drivers, every driver extension",
    .usage = "ioreg [OPTIONS] [FILE [SELECTOR...]]",
    .text =
        "Reads what `ioreg -lw0` or `ioreg -al` wrote, a save of IORegistryExplorer, a .zip or "
        "sysdiagnose with one (-: standard input; no FILE: a Mac's live registry), or devices that "
        "lsusb -v, lspci -nnvv or system_profiler list, and shows the nodes that a selector names: "
        "state, drivers, who opened it. Without a selector: the whole tree, a node a line.\n\n"
        "A selector is an entry id (0x1000004a1), a name, NAME@LOCATION, a class (of the kernel or "
        "of a driver extension), a bundle, KEY=VALUE for a property, or VENDOR:PRODUCT. name: "
        "class: bundle: id: at: has: vendor: product: before a word say which of them is meant. "
        "Several selectors add up.",
    .formats = "human|json|ndjson",
    .form = &ioreg_form,
    .options = options,
    .examples = examples,
    .exits = "  0  done; with --diff: nothing differs\n"
             "  1  a selector names no node; no driver extension (--dexts); differences (--diff)\n"
             "  2  wrong usage\n"
             "  3  a dump could not be read, or only in part\n",
    .operands = "file",
    .run = ioreg_run,
};
