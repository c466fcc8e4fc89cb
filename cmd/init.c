#include <stdlib.h>
#include <string.h>

#include "app/path.h"
#include "app/tree.h"
#include "cmd.h"
#include "dump.h"
#include "view/init_view.h"

static const struct opt options[] = {
    {"out", 'o', "DIR", NULL, "the folder to make; it is not there yet, or empty", "dir"},
    {"from", 'i', "DUMP", NULL,
     "a registry that shows the device, as ioreg -l or ioreg -a wrote it", "file"},
    {"family", 0, "FAMILY", NULL, "with --from: the family of driver, such as serial", "family"},
    {"name", 'n', "NAME", NULL, "of project and class; else what DIR is called", NULL},
    {"bundle-id", 'b', "ID", NULL, "of the app; the driver's is ID.driver", NULL},
    {"team", 't', "TEAM", NULL, "the team that signs, ten letters and digits", NULL},
    OPT_END,
};

static int init_check_usage(const struct app *app, const struct args *args)
{
    bool from = opt_flag(args, "from");
    if (!opt_value(args, "out")) {
        return app_usage_error(app, "init needs --out DIR, the folder to make");
    }
    if (!from && opt_flag(args, "family")) {
        return app_usage_error(app,
                               "--family needs --from; without a dump the family is an operand");
    }
    if (!args->operand_count) {
        return app_usage_error(app, from ? "init --from needs a node of the dump"
                                         : "init needs a family, or --from DUMP and a node");
    }
    return APP_CLEAN;
}

/* The operand is a family, or with --from a node. */
static int init_wish(struct app *app, const struct args *args, struct dext_init_wish *wish)
{
    const char *operand = args->operands[0], *why = NULL;
    if (opt_value(args, "from")) {
        wish->node = operand;
        wish->family = opt_value(args, "family");
        return dump_read(app, opt_value(args, "from"), &wish->registry);
    }
    wish->family = dext_init_family(app->ctx, operand, &why);
    return wish->family ? APP_CLEAN : app_usage_error(app, "%s", why);
}

static int init_write(const struct app *app, const char *out, const struct dext_init *p)
{
    struct tree_file *files = app_alloc(p->file_count * sizeof *files);
    for (size_t i = 0; i < p->file_count; i++) {
        files[i] = (struct tree_file){p->files[i].path, p->files[i].text, p->files[i].size};
    }
    char *why = tree_write(out, files, p->file_count);
    if (why) {
        app_error(app, "%s", why);
    }
    free(why);
    free(files);
    return why ? APP_UNREADABLE : APP_CLEAN;
}

static int init_run(struct app *app, const struct args *args)
{
    struct dext_init_wish wish = {.name = opt_value(args, "name"),
                                  .bundle_id = opt_value(args, "bundle-id"),
                                  .team = opt_value(args, "team")};
    const struct dext_init *project;
    int rc = init_check_usage(app, args);
    const char *out = opt_value(args, "out"), *why = rc == APP_CLEAN ? tree_in_the_way(out) : NULL;
    if (why) {
        app_error(app, "%s: %s", out, why);
        return APP_UNREADABLE;
    }
    rc = rc == APP_CLEAN ? init_wish(app, args, &wish) : rc;
    if (rc != APP_CLEAN) {
        return rc;
    }
    char *whole = path_absolute(out);
    wish.name = wish.name ? wish.name : dext_init_name(app->ctx, whole);
    free(whole);
    rc = dump_tell(app, dext_init_make(app->ctx, &wish, &project), APP_USAGE);
    rc = rc == APP_CLEAN ? init_write(app, out, project) : rc;
    if (rc == APP_CLEAN) {
        init_format_for(app->face)(app, &(struct init_out){out, project});
    }
    return rc;
}

static const struct cmd_example examples[] = {
    {"dextctl init --from ioreg.txt AcmeDevice --out AcmeMeter", "a driver for a device"},
    {"dextctl init audio --out Loopback --bundle-id com.acme.loopback", "a driver of a family"},
    {NULL, NULL},
};

const struct cmd cmd_init = {
    .name = "init",
    .summary = "write the project of a driver that matches a device",
    .usage = "init [OPTIONS] --out DIR (--from DUMP NODE | FAMILY)",
    .text =
        "Writes a driver extension's project that builds: Info.plist with a personality that wins "
        "the node of the dump, the entitlements for development and for distribution, a class "
        "with the methods that its family demands, an app that installs and opens the driver, a "
        "project for Xcode and one for XcodeGen, a workflow, and a README with the steps to a "
        "running driver.\n\n"
        "NODE is a name, an id (0x...), a class, name@location, or VENDOR:PRODUCT. FAMILY is one "
        "of those that "
        "--family takes, or the beginning of its name. Nothing is ever overwritten.",
    .formats = "human|json|ndjson",
    .form = &init_form,
    .options = options,
    .examples = examples,
    .exits = "  0  the project was written\n"
             "  1  there is no such node, or no driver of that family would get it\n"
             "  2  wrong usage\n"
             "  3  the dump could not be read, or DIR could not be written\n",
    .operands = "text",
    .most = 1,
    .run = init_run,
};
