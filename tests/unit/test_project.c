/* Projects: settings and their levels, .xcconfig, XcodeGen's specifications, the files of a target,
 * the Info.plist that a build makes. Expected values follow swift-build and XcodeGen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "project/effective.h"
#include "project/product.h"
#include "project/yaml.h"

static char folder[64];

static const char *in_folder(const char *name)
{
    static char path[4][256];
    static unsigned i;
    i = (i + 1) % 4;
    (void)snprintf(path[i], sizeof path[i], "%s/%s", folder, name);
    return path[i];
}

static void put(const char *name, const char *text)
{
    for (const char *p = strchr(name, '/'); p; p = strchr(p + 1, '/')) {
        char part[128];
        (void)snprintf(part, sizeof part, "%.*s", (int)(p - name), name);
        (void)mkdir(in_folder(part), 0700);
    }
    FILE *f = fopen(in_folder(name), "w");
    assert_non_null(f);
    (void)fputs(text, f);
    assert_int_equal(fclose(f), 0);
}

static int set_up(void **state)
{
    (void)snprintf(folder, sizeof folder, "/tmp/dextctl-project-XXXXXX");
    assert_non_null(mkdtemp(folder));
    *state = dext_ctx_new(NULL);
    return 0;
}

static int tear_down(void **state)
{
    char command[128];
    dext_ctx_free(*state);
    (void)snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

static struct dx_project *load(struct dext_ctx *ctx, const char *name, bool yaml)
{
    struct dx_source src;
    struct dx_doc *doc = dx_alloc(&ctx->arena, sizeof *doc);
    struct dx_project *p = NULL;
    doc->path = dx_strdup(&ctx->arena, in_folder(name));
    assert_int_equal(dx_source_read(&src, ctx, doc->path), DEXT_OK);
    doc->pl = yaml ? dx_plist_load_by(ctx, &src, dx_yaml_read) : dx_plist_load(ctx, &src);
    assert_int_equal(dx_project_read(&p, ctx, doc), DEXT_OK);
    return p;
}

#define HEAD                                                                                       \
    "{ objects = { P = {isa=PBXProject; mainGroup=G; buildConfigurationList=PL; targets=(T);};"
#define TAIL "}; rootObject = P; }"

static const char *setting(struct dext_ctx *ctx, const struct dx_project *p, size_t target,
                           size_t config, const char *name)
{
    struct dx_str v;
    const struct dx_project_target *t = &p->targets[target];
    return dx_setting_value(ctx, p, t, &t->configs[config], name, &v)
               ? dx_strndup(&ctx->arena, v.p, v.n)
               : NULL;
}

/* The target's own settings come over its .xcconfig, that over the project's. */
static void test_levels(void **state)
{
    struct dext_ctx *ctx = *state;
    put("Base.xcconfig", "#include \"Deep\"\nA = base // comment\nB = $(inherited) base;\n"
                         "D[sdk=driverkit*] = dext\nD[sdk=macosx*] = mac\nE = one \\\n  two\n");
    put("Deep.xcconfig", "A = deep\nF = deep\n#include? \"Nowhere.xcconfig\"\n");
    put("X.xcodeproj/project.pbxproj", HEAD
        "G={isa=PBXGroup;children=(F);sourceTree=\"<group>\";};"
        "F={isa=PBXFileReference;path=Base.xcconfig;sourceTree=\"<group>\";};"
        "T={isa=PBXNativeTarget;name=T;productType=\"com.apple.product-type.driver-extension\";"
        "buildConfigurationList=TL;};"
        "PL={buildConfigurations=(PR);};PR={name=Release;buildSettings={B=project;C=project;};};"
        "TL={buildConfigurations=(TR);};TR={name=Release;baseConfigurationReference=F;"
        "buildSettings={C=\"$(inherited) target\";H=\"$(A:upper)\";};};" TAIL);
    struct dx_project *p = load(ctx, "X.xcodeproj/project.pbxproj", false);
    assert_int_equal(p->target_count, 1);
    assert_string_equal(setting(ctx, p, 0, 0, "A"), "base");
    assert_string_equal(setting(ctx, p, 0, 0, "B"), "project base");
    assert_string_equal(setting(ctx, p, 0, 0, "C"), "project target");
    assert_string_equal(setting(ctx, p, 0, 0, "D"), "dext");
    assert_string_equal(setting(ctx, p, 0, 0, "E"), "one two");
    assert_string_equal(setting(ctx, p, 0, 0, "F"), "deep");
    assert_string_equal(setting(ctx, p, 0, 0, "H"), "BASE");
    struct dx_origin from;
    assert_int_equal(dx_setting_assigned(&p->targets[0].configs[0], "A", &from), DX_ASSIGNED);
    assert_true(dx_str_has_suffix(dx_str(from.doc->path), "/Base.xcconfig"));
    assert_int_equal(from.at.line, 2);
    assert_int_equal(dx_setting_assigned(&p->targets[0].configs[0], "NONE", &from),
                     DX_NOT_ASSIGNED);
}

/* Behind a file that cannot be read nothing is known. */
static void test_lost_file(void **state)
{
    struct dext_ctx *ctx = *state;
    put("X.xcodeproj/project.pbxproj", HEAD
        "G={isa=PBXGroup;children=(F);sourceTree=\"<group>\";};"
        "F={isa=PBXFileReference;path=Lost.xcconfig;sourceTree=\"<group>\";};"
        "T={isa=PBXNativeTarget;name=T;buildConfigurationList=TL;};"
        "PL={buildConfigurations=(PR);};PR={name=Release;buildSettings={A=project;B=project;};};"
        "TL={buildConfigurations=(TR);};TR={name=Release;baseConfigurationReference=F;"
        "buildSettings={B=target;};};" TAIL);
    struct dx_project *p = load(ctx, "X.xcodeproj/project.pbxproj", false);
    struct dx_origin from;
    assert_null(setting(ctx, p, 0, 0, "A"));
    assert_string_equal(setting(ctx, p, 0, 0, "B"), "target");
    assert_int_equal(dx_setting_assigned(&p->targets[0].configs[0], "A", &from),
                     DX_ASSIGNED_UNKNOWN);
}

static bool lists(const struct dx_sources *files, const char *name)
{
    for (size_t i = 0; i < files->count; i++) {
        if (dx_str_has_suffix(dx_str(files->list[i]), name)) {
            return true;
        }
    }
    return false;
}

/* A sources phase, and a folder that Xcode 16 mirrors but for its exceptions. */
static void test_sources(void **state)
{
    struct dext_ctx *ctx = *state;
    put("Mirror/Driver.iig", "");
    put("Mirror/sub/Driver.cpp", "");
    put("Mirror/Info.plist", "");
    put("X.xcodeproj/project.pbxproj",
        HEAD "G={isa=PBXGroup;children=(H,M);sourceTree=\"<group>\";};"
             "H={isa=PBXGroup;path=Listed;children=(F);sourceTree=\"<group>\";};"
             "F={isa=PBXFileReference;path=Other.iig;sourceTree=\"<group>\";};"
             "M={isa=PBXFileSystemSynchronizedRootGroup;path=Mirror;sourceTree=\"<group>\";"
             "exceptions=(E);};"
             "E={isa=PBXFileSystemSynchronizedBuildFileExceptionSet;target=T;"
             "membershipExceptions=(Info.plist);};B={isa=PBXBuildFile;fileRef=F;};"
             "S={isa=PBXSourcesBuildPhase;files=(B);};"
             "T={isa=PBXNativeTarget;name=T;buildPhases=(S);fileSystemSynchronizedGroups=(M);"
             "buildConfigurationList=PL;};PL={buildConfigurations=(PR);};PR={name=Release;};" TAIL);
    struct dx_project *p = load(ctx, "X.xcodeproj/project.pbxproj", false);
    struct dx_sources files;
    dx_project_sources(&files, ctx, p, &p->targets[0]);
    assert_true(files.whole);
    assert_int_equal(files.count, 3);
    assert_true(lists(&files, "/Listed/Other.iig"));
    assert_true(lists(&files, "/Mirror/Driver.iig"));
    assert_true(lists(&files, "/Mirror/sub/Driver.cpp"));
}

/* XcodeGen: presets, templates, groups, configs by part of a name, sources with excludes. */
static void test_specification(void **state)
{
    struct dext_ctx *ctx = *state;
    put("Driver/a.iig", "");
    put("Driver/deep/b.cpp", "");
    put("Driver/deep/notes.md", "");
    put("project.yml",
        "name: N\noptions:\n  bundleIdPrefix: com.acme\n"
        "settingGroups:\n  g:\n    FROM_GROUP: 1.10\n"
        "targetTemplates:\n  t:\n    settings:\n      base:\n        NAME: ${target_name}\n"
        "targets:\n  my_driver:\n    type: driver-extension\n    platform: macOS\n"
        "    templates: [t]\n    sources:\n      - path: Driver\n"
        "        excludes: ['**/*.md']\n    settings:\n      groups: [g]\n"
        "      base:\n        YES_NO: yes\n      configs:\n        deb:\n          ONLY: d\n"
        "  App:\n    type: application\n    platform: macOS\n"
        "    dependencies: [{target: my_driver}]\n");
    struct dx_project *p = load(ctx, "project.yml", true);
    assert_int_equal(p->target_count, 2);
    assert_true(dx_project_is_driver(&p->targets[0]));
    assert_string_equal(p->targets[0].configs[0].name, "Debug");
    assert_string_equal(setting(ctx, p, 0, 0, "FROM_GROUP"), "1.1");
    assert_string_equal(setting(ctx, p, 0, 0, "YES_NO"), "YES");
    assert_string_equal(setting(ctx, p, 0, 0, "NAME"), "my_driver");
    assert_string_equal(setting(ctx, p, 0, 0, "ONLY"), "d");
    assert_null(setting(ctx, p, 0, 1, "ONLY"));
    assert_string_equal(setting(ctx, p, 0, 0, "PRODUCT_BUNDLE_IDENTIFIER"), "com.acme.my-driver");
    assert_string_equal(setting(ctx, p, 0, 0, "WRAPPER_NAME"), "my_driver.dext");
    struct dx_sources files;
    dx_project_sources(&files, ctx, p, &p->targets[0]);
    assert_int_equal(files.count, 2);
    assert_false(lists(&files, "notes.md"));
    struct dx_build_of b = {p, &p->targets[0], &p->targets[0].configs[0]};
    struct dx_carrier carrier;
    assert_true(dx_carrier_of(&carrier, ctx, &b));
    assert_int_equal(carrier.placed, DX_PLACED_RIGHT);
}

static const char *made(struct dext_ctx *ctx, const struct dx_doc *doc, const char *key)
{
    const struct dext_node *n = dx_get(doc->pl->root, key);
    return n ? dx_strndup(&ctx->arena, n->text.p, n->text.n) : NULL;
}

/* GENERATE_INFOPLIST_FILE: settings over literals, then references, then empty values go. */
static void test_effective(void **state)
{
    struct dext_ctx *ctx = *state;
    static const char info[] =
        "<plist><dict><key>CFBundleIdentifier</key><string>literal</string>\n"
        "<key>CFBundleExecutable</key><string>$(NOTHING)</string>\n"
        "<key>Own</key><string>$(CFBundleIdentifier)</string>\n"
        "<key>OSBundleUsageDescription</key><string></string>\n"
        "<key>IOKitPersonalities</key><dict><key>P</key><dict><key>IOUserServerName</key>"
        "<string>$(PRODUCT_BUNDLE_IDENTIFIER)</string></dict></dict></dict></plist>";
    put("X.xcodeproj/project.pbxproj", HEAD
        "G={isa=PBXGroup;sourceTree=\"<group>\";};"
        "T={isa=PBXNativeTarget;name=T;productType=\"com.apple.product-type.driver-extension\";"
        "buildConfigurationList=PL;};PL={buildConfigurations=(PR,PD);};"
        "PR={name=Release;buildSettings={GENERATE_INFOPLIST_FILE=YES;NOTHING=\"\";\n"
        "PRODUCT_BUNDLE_IDENTIFIER=com.acme.x;MARKETING_VERSION=2.0;\n"
        "INFOPLIST_KEY_OSBundleUsageDescription=\"Drives.\";};};"
        "PD={name=Debug;buildSettings={NOTHING=\"\";};};" TAIL);
    struct dx_project *p = load(ctx, "X.xcodeproj/project.pbxproj", false);
    struct dx_source src = dx_source_bytes("Info.plist", info, sizeof info - 1);
    struct dx_doc file = {.path = "Info.plist", .pl = dx_plist_load(ctx, &src)};
    struct dx_build_of b = {p, &p->targets[0], &p->targets[0].configs[0]};
    struct dx_doc *release = dx_effective_info(ctx, &b, &file);
    assert_true(release->whole);
    assert_string_equal(made(ctx, release, "CFBundleIdentifier"), "com.acme.x");
    assert_string_equal(made(ctx, release, "CFBundleExecutable"), "com.acme.x");
    assert_string_equal(made(ctx, release, "CFBundlePackageType"), "DEXT");
    assert_string_equal(made(ctx, release, "CFBundleShortVersionString"), "2.0");
    assert_string_equal(made(ctx, release, "OSBundleUsageDescription"), "Drives.");
    assert_string_equal(made(ctx, release, "Own"), "com.acme.x");
    assert_null(made(ctx, release, "CFBundleVersion"));
    const struct dext_node *server =
        dext_node_at(release->pl->root, "IOKitPersonalities/P/IOUserServerName");
    assert_true(dx_str_is(server->text, "com.acme.x"));
    assert_string_equal(dx_node_path(&ctx->arena, server), "IOKitPersonalities/P/IOUserServerName");
    struct dx_origin from = dx_origin_of(release, dx_get(release->pl->root, "CFBundleIdentifier"));
    assert_ptr_equal(from.doc, p->doc);
    b.config = &p->targets[0].configs[1];
    struct dx_doc *debug = dx_effective_info(ctx, &b, &file);
    assert_string_equal(made(ctx, debug, "CFBundleIdentifier"), "literal");
    assert_null(made(ctx, debug, "CFBundleExecutable"));
    assert_string_equal(made(ctx, debug, "Own"), "literal");
    assert_string_equal(made(ctx, &file, "CFBundleIdentifier"), "literal");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_levels, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_lost_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_sources, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_specification, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_effective, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
