/* A folder of bundles with code whose signatures hold (tree.h, code.h): checked, asked for rights
 * and signatures, compared with itself. The first line may say "lint", "rights", "sign", "match",
 * "migrate": only that. */
#include <stdbool.h>

#include "dext/entitlements.h"
#include "dext/match.h"
#include "dext/migrate.h"
#include "tree.h"
#include "walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MOST_PATHS 64

static void read_text(const char *s)
{
    sink += s ? strlen(s) : 0;
}

static void on_finding(void *user, const struct dext_finding *f)
{
    (void)user;
    read_text(f->message);
    read_text(f->why);
    read_text(f->fix);
    read_text(f->path);
    read_text(f->line);
    if (!f->message[0] || !f->file[0]) {
        abort();
    }
}

static void on_input(void *user, const struct dext_input *in)
{
    (void)user;
    if (in->status != DEXT_CHECKED && !in->reason[0]) {
        abort();
    }
}

static void on_product(void *user, const struct dext_product *p)
{
    (void)user;
    read_text(p->driver);
    read_text(p->verdict == DEXT_LOADS ? "" : p->folder);
    for (size_t i = 0; i < p->match_count; i++) {
        read_text(p->matches[i]);
    }
    for (size_t i = 0; i < p->reason_count; i++) {
        read_text(p->reasons[i]);
    }
}

static void lint(struct dext_ctx *ctx, const char *root)
{
    struct dext_lint_options options = {.size = sizeof options,
                                        .on_finding = on_finding,
                                        .on_input = on_input,
                                        .on_product = on_product,
                                        .now = 1764500000};
    struct dext_lint *l = dext_lint_new(ctx, &options);
    dext_lint_add_path(l, root);
    sink += (size_t)dext_lint_run(l);
    dext_lint_free(l);
}

static void rights(struct dext_ctx *ctx, const char *const *paths, size_t count)
{
    struct dext_entitlements out;
    struct dext_entitlements_options options = {.size = sizeof options, .now = 1764500000};
    dext_entitlements_read(&out, ctx, paths, count, &options);
    for (size_t i = 0; i < out.count; i++) {
        const struct dext_subject *s = out.list[i];
        read_text(s->verdict);
        for (size_t k = 0; k < s->right_count; k++) {
            read_text(s->rights[k].key);
            read_text(s->rights[k].need);
            read_text(dext_right_state_words(s->rights[k].state));
        }
    }
    for (size_t i = 0; i < out.product_count; i++) {
        read_text(out.products[i].verdict);
        for (size_t k = 0; k < out.products[i].hindrance_count; k++) {
            read_text(out.products[i].hindrances[k].text);
        }
    }
    for (size_t i = 0; i < out.error_count; i++) {
        read_text(out.errors[i]);
    }
}

static void signatures(struct dext_ctx *ctx, const char *root)
{
    struct dext_signatures all;
    struct dext_changes changes;
    struct dext_updates updates;
    struct dext_compiled rule;
    struct dext_signature_options options = {.size = sizeof options};
    if (dext_requirement_compile(&rule, ctx, "fuzz", "identifier \"com.example.driver\"") ==
        DEXT_OK) {
        options.requirement = &rule;
    }
    if (dext_signatures_read(&all, ctx, root, &options) != DEXT_OK) {
        return;
    }
    for (size_t i = 0; i < all.count; i++) {
        const struct dext_code *c = all.list[i];
        for (size_t k = 0; k < c->problem_count; k++) {
            read_text(c->problems[k].text);
            read_text(c->problems[k].file);
        }
        for (size_t k = 0; k < c->slice_count; k++) {
            if (c->slices[k].kind >= DEXT_SIGNER_DEVELOPMENT) {
                abort(); /* nothing that a fuzzer makes is signed by Apple */
            }
        }
        read_text(c->why);
    }
    dext_signatures_compare(&changes, ctx, &all, &all);
    dext_signatures_update(&updates, ctx, &all, &all);
    if (changes.count) {
        abort();
    }
}

static void match(struct dext_ctx *ctx, const char *root)
{
    static const char dump[] =
        "+-o Root  <class IORegistryEntry, id 0x100000100>\n"
        "  +-o A@01100000  <class IOUSBHostInterface, id 0x100000300, registered, matched, "
        "active>\n"
        "      {\n        \"idVendor\" = 4660\n        \"idProduct\" = 22136\n"
        "        \"bConfigurationValue\" = 1\n        \"bInterfaceNumber\" = 0\n      }\n"
        "  +-o P@1,0  <class IOPCIDevice, id 0x100000301, registered, matched, active>\n"
        "      {\n        \"IOName\" = \"pci1234,5678\"\n        \"vendor-id\" = <34120000>\n"
        "        \"device-id\" = <78560000>\n        \"class-code\" = <00000206>\n      }\n";
    struct dext_match *m = dext_match_new(ctx);
    const struct dext_match_result *r;
    if (dext_match_parse_dump(m, "dump", dump, sizeof dump - 1) != DEXT_OK) {
        abort();
    }
    if (dext_match_add_path(m, root) == DEXT_OK && dext_match_run(m, NULL, &r) == DEXT_OK) {
        for (size_t i = 0; i < r->decision_count; i++) {
            read_text(r->decisions[i].outcome_text);
        }
    }
}

static void migrate(struct dext_ctx *ctx, const char *root)
{
    struct dext_migrate *m;
    if (dext_migrate_read(&m, ctx, root) == DEXT_OK) {
        read_text(m->verdict_words);
        for (size_t i = 0; i < m->call_count; i++) {
            read_text(m->calls[i].counterpart);
        }
        for (size_t i = 0; i < m->personality_count; i++) {
            read_text(m->personalities[i].plist);
        }
    }
}

static bool wants(const char *word)
{
    return tree_head()[0] == 0 || tree_wants(word);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *root = tree_make(data, size), *paths[MOST_PATHS];
    struct dext_limits limits = DEXT_LIMITS_DEFAULT;
    size_t count = 0;
    limits.plist_nodes = 20000;
    limits.archive_bytes = (size_t)16 << 20;
    limits.archive_kept = (size_t)4 << 20;
    struct dext_ctx *ctx = dext_ctx_new(&limits);
    for (const char *p; count < MOST_PATHS && (p = tree_path(count)) != NULL; count++) {
        paths[count] = p;
    }
    if (wants("lint")) {
        lint(ctx, root);
    }
    if (wants("rights") && count) {
        rights(ctx, tree_wants("loose") ? paths : &root, tree_wants("loose") ? count : 1);
    }
    if (wants("sign")) {
        signatures(ctx, root);
    }
    if (wants("match")) {
        match(ctx, root);
    }
    if (wants("migrate")) {
        migrate(ctx, root);
    }
    dext_ctx_free(ctx);
    return 0;
}
