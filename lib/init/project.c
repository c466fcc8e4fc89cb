/* A project: the personality of lib/iokit/suggest.c, the family's part of lib/data/init, and the
 * templates there filled with both. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "init/init.h"
#include "iokit/match_session.h"

#define CLIENT_KEY "UserClientProperties"
/* What a project is for when its family asks for nothing newer: templates of present Xcodes build
 * for it, and SwiftUI's app needs macOS 11. */
#define DRIVERKIT_FLOOR "22.0"
#define MACOS_FLOOR "13.0"

struct project {
    struct dext_ctx *ctx;
    const struct dext_init_wish *wish;
    struct dext_init *out;
    const struct kb_init_family *own;
    const struct kb_family *family;
    const struct kb_provider *provider;
    struct dx_template t;
    const char **notes;
    size_t note_count, note_cap;
};

static void project_note(struct project *p, const char *text)
{
    *DX_PUSH(&p->ctx->arena, p->notes, p->note_count, p->note_cap) = text;
}

static const struct kb_init_family *init_family_row(const char *family)
{
    for (size_t i = 0; i < kb_init_family_count; i++) {
        if (strcmp(kb_s(kb_init_family_rows[i].family), family) == 0) {
            return &kb_init_family_rows[i];
        }
    }
    return NULL;
}

/* ---- the personality ------------------------------------------------------------------------ */

static const struct kb_init_example *example_row(const char *name)
{
    for (size_t i = 0; i < kb_init_example_count; i++) {
        if (strcmp(kb_s(kb_init_example_rows[i].example), name) == 0) {
            return &kb_init_example_rows[i];
        }
    }
    return NULL;
}

/* A user client has no provider: the service around it is what a personality starts. */
static const char *matched_family(const char *family)
{
    return strcmp(family, "user-client") == 0 ? "control-service" : family;
}

static int select_nub(struct project *p, struct dext_match *m, const struct dx_reg_node **nub)
{
    const char *node = p->wish->node;
    if (p->wish->registry) {
        dext_match_use(m, p->wish->registry);
    } else {
        const struct kb_init_example *e = example_row(kb_s(p->own->example));
        const char *text = kb_s(e->text);
        int rc = dext_match_parse_dump(m, "the example", text, strlen(text));
        if (rc != DEXT_OK) {
            return rc;
        }
        node = kb_s(e->node);
    }
    *nub = dx_select_for(m, node, p->wish->family ? matched_family(p->wish->family) : NULL);
    return *nub ? DEXT_OK : dx_no_node(m, node);
}

/* "KEY IOCLASS IOUSERCLASS" */
static size_t nested_of(struct project *p, struct dx_suggest_nested *list)
{
    const char *text = kb_s(p->own->nested), *part[3] = {NULL};
    size_t count = 0;
    const char *client = dx_sprintf(&p->ctx->arena, "%sUserClient", p->out->name);
    list[count++] = (struct dx_suggest_nested){CLIENT_KEY, "IOUserUserClient", client};
    text = *text ? dx_template_fill(&p->t, "families.rec", text) : NULL;
    for (size_t i = 0; text && i < 3; i++) {
        size_t n = strcspn(text, " \n");
        part[i] = dx_strndup(&p->ctx->arena, text, n);
        text += n + (text[n] != 0);
    }
    if (part[2]) {
        list[count++] = (struct dx_suggest_nested){part[0], part[1], part[2]};
    }
    return count;
}

static int project_suggest(struct project *p, const struct dx_world *w,
                           const struct dx_reg_node *nub)
{
    /* Who may open it: in development everybody, as the app's right to is given by Apple alone. */
    static const char *const development[] = {DX_ENT_ALLOW_ANY, DX_ENT_SANDBOX, NULL};
    static const char *const distribution[] = {DX_ENT_SANDBOX, NULL};
    struct dx_suggest_nested nested[2];
    struct dext_match_suggestion *s = dx_alloc(&p->ctx->arena, sizeof *s);
    struct dx_suggest_wish wish = {
        .family = p->wish->family ? matched_family(p->wish->family) : NULL,
        .user_class = p->out->name,
        .named = true,
        .category = p->out->driver_id, /* as text: match can tell who else has it */
        .nested = nested,
        .development = development,
        .distribution = distribution,
    };
    if (!p->own) { /* which family it is shows once one was chosen; its class is not asked for yet
                    */
        int rc = dx_suggest(w, nub, &wish, s);
        if (rc != DEXT_OK) {
            return rc;
        }
        p->own = init_family_row(s->family);
    }
    wish.nested_count = nested_of(p, nested);
    int rc = dx_suggest(w, nub, &wish, s);
    p->out->suggestion = s;
    return rc;
}

static int project_matches(struct project *p)
{
    const struct dext_match_suggestion *s = p->out->suggestion;
    const struct dext_match_check *no = s->check ? s->check->first_no : NULL;
    if (!s->selects) {
        return dx_fail(p->ctx, DEXT_E_NOTFOUND,
                       "%s (%s): the dump does not show what tells it from other devices; take it "
                       "with ioreg -l -w0",
                       s->node->name, s->node->class_name);
    }
    if (s->check && s->check->answer != DEXT_MATCH_NO) {
        return DEXT_OK;
    }
    return dx_fail(p->ctx, DEXT_E_NOTFOUND, "%s (%s): no driver would be matched with it%s%s%s%s",
                   s->node->name, s->node->class_name, no ? ": " : "", no ? no->text : "",
                   no && no->edit ? "; " : "", no && no->edit ? no->edit : "");
}

/* ---- values --------------------------------------------------------------------------------- */

static const char *project_newer(const char *a, const char *b)
{
    unsigned long x[3] = {0}, y[3] = {0};
    for (size_t i = 0; i < 2; i++) {
        unsigned long *v = i ? y : x;
        char *p = (char *)(i ? b : a);
        for (size_t k = 0; k < 3 && *p; k++) {
            v[k] = strtoul(p, &p, 10);
            p += *p == '.';
        }
    }
    for (size_t k = 0; k < 3; k++) {
        if (x[k] != y[k]) {
            return x[k] > y[k] ? a : b;
        }
    }
    return a;
}

/* The beginning of the family's summary: what the driver is. */
static const char *project_kind(struct project *p)
{
    const struct kb_family *f = dx_kb_family(matched_family(p->out->family));
    const char *summary = kb_s(f->summary);
    return dx_strndup(&p->ctx->arena, summary, strcspn(summary, ";.,:"));
}

#define LONGEST_CELL 200

/* A text from a dump, as a cell of a table in Markdown. */
static const char *plain(struct project *p, const char *text)
{
    size_t n = strlen(text);
    char *copy = n > LONGEST_CELL ? dx_sprintf(&p->ctx->arena, "%.*s...", LONGEST_CELL, text)
                                  : dx_strdup(&p->ctx->arena, text);
    for (char *c = copy; *c; c++) {
        unsigned char u = (unsigned char)*c;
        *c = u < 0x20 || u == 0x7f || u == '`' || u == '|' ? '?' : *c;
    }
    return copy;
}

static void value_code(struct project *p, const char *name, const char *word, struct kb_text text)
{
    const char *filled = *kb_s(text) ? dx_template_fill(&p->t, "families.rec", kb_s(text)) : "";
    dx_template_set(&p->t, name, filled ? filled : "");
    if (word && filled && *filled) {
        dx_template_word(&p->t, word);
    }
}

static bool on_usb(const struct kb_provider *p)
{
    return p->bus == KB_PROVIDER_BUS_USB_DEVICE || p->bus == KB_PROVIDER_BUS_USB_INTERFACE;
}

static void words_of(struct project *p)
{
    struct dx_template *t = &p->t;
    const char *framework = kb_s(p->family->framework);
    const char *transport = dx_kb_transport(p->provider, NULL);
    bool usb = on_usb(p->provider), pci = p->provider->bus == KB_PROVIDER_BUS_PCI;
    bool opens = (usb || pci) && dx_kb_list_has(p->own->word, DX_STR("open-provider"));
    bool resources = p->provider->bus == KB_PROVIDER_BUS_RESOURCES;
    const struct {
        const char *word;
        bool is;
    } words[] = {
        {"usb", usb},
        {"pci", pci},
        {"resources", resources},
        {"opens", opens},
        {"provider-class", opens},
        {"framework", *framework && strcmp(framework, "DriverKit") != 0},
        {"transport-framework", *transport && strcmp(framework, transport) != 0},
        {"family-class", strcmp(p->out->superclass, "IOService") != 0},
        {"no-members", !opens && !*kb_s(p->own->members)},
        {"device", p->wish->registry != NULL},
        {"example-keys", p->out->example},
        {"team", *p->out->team != 0},
        {"hints", *kb_first(p->own->hint) != 0},
        {"any-client", dx_kb_list_has(p->family->entitlement, DX_STR(DX_ENT_ALLOW_ANY))},
    };
    dx_template_word(t, p->out->family);
    for (const char *w = kb_first(p->own->word); *w; w = kb_next(w)) {
        dx_template_word(t, w);
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (words[i].is) {
            dx_template_word(t, words[i].word);
        }
    }
}

static const char *hints_of(struct project *p)
{
    struct dx_buf b;
    dx_buf_init(&b, &p->ctx->arena, 1 << 16);
    for (const char *h = kb_first(p->own->hint); *h; h = kb_next(h)) {
        const char *text = dx_template_fill(&p->t, "families.rec", h);
        dx_buf_printf(&b, "%s* %s", b.n ? "\n" : "", text ? text : "");
        b.n -= b.p[b.n - 1] == '\n';
        b.p[b.n] = 0;
    }
    return b.n ? b.p : "";
}

static void values_of(struct project *p)
{
    struct dx_template *t = &p->t;
    const struct dext_init *o = p->out;
    const struct dext_match_suggestion *s = o->suggestion;
    const char *kind = project_kind(p), *dot = strrchr(o->app_id, '.');
    dx_template_set(t, "FAMILY", o->family);
    dx_template_set(t, "SUPER", o->superclass);
    dx_template_set(t, "FRAMEWORK", kb_s(p->family->framework));
    dx_template_set(t, "TRANSPORT_FRAMEWORK", dx_kb_transport(p->provider, NULL));
    dx_template_set(t, "PROVIDER", o->provider);
    dx_template_set(t, "KIND", kind);
    dx_template_set(t, "USAGE",
                    p->provider->hardware == KB_PROVIDER_HARDWARE_YES
                        ? "drives the device that it was made for"
                        : "adds a service to this Mac");
    dx_template_set(t, "DRIVERKIT", o->driverkit);
    dx_template_set(t, "MACOS", o->macos);
    dx_template_set(t, "TEAM", o->team);
    dx_template_set(t, "ID_PREFIX",
                    dx_strndup(&p->ctx->arena, o->app_id, (size_t)(dot - o->app_id)));
    dx_template_set(t, "PERSONALITY", s->plist);
    dx_template_set(t, "DRIVER_DEVELOPMENT", s->development);
    dx_template_set(t, "DRIVER_DISTRIBUTION", s->entitlements);
    dx_template_set(t, "SYSTEM_CLIENT", kb_first(p->family->nested));
    dx_template_set(t, "NODE",
                    plain(p, dx_sprintf(&p->ctx->arena, "%s%s%s (%s)", s->node->name,
                                        *s->node->location ? "@" : "", s->node->location,
                                        s->node->class_name)));
    value_code(p, "MEMBERS", NULL, p->own->members);
    value_code(p, "BEFORE", NULL, p->own->before);
    value_code(p, "START", "start-code", p->own->start);
    value_code(p, "STOP", "stop-code", p->own->stop);
    dx_template_set(t, "HINTS", hints_of(p));
}

/* ---- files ---------------------------------------------------------------------------------- */

static int file_by_path(const void *a, const void *b)
{
    return strcmp(((const struct dext_init_file *)a)->path,
                  ((const struct dext_init_file *)b)->path);
}

static int project_files(struct project *p)
{
    struct dext_init_file *files = dx_calloc(&p->ctx->arena, kb_init_file_count, sizeof *files);
    size_t count = 0;
    for (size_t i = 0; i < kb_init_file_count; i++) {
        const struct kb_init_file *row = &kb_init_file_rows[i];
        const char *id = kb_s(row->file);
        if (!dx_template_holds(&p->t, kb_s(row->when))) {
            continue;
        }
        const char *path = dx_template_fill(&p->t, id, id);
        const char *text = dx_template_fill(&p->t, id, kb_s(row->text));
        if (!path || !text) {
            return DEXT_E_FORMAT;
        }
        files[count++] =
            (struct dext_init_file){dx_strndup(&p->ctx->arena, path, strcspn(path, "\n")),
                                    kb_s(row->what), text, strlen(text)};
    }
    qsort(files, count, sizeof *files, file_by_path);
    p->out->files = files;
    p->out->file_count = count;
    return DEXT_OK;
}

static void notes_of(struct project *p)
{
    for (const char *const *n = p->out->suggestion->notes; *n; n++) {
        project_note(p, *n);
    }
    if (p->out->example) {
        project_note(p, "the numbers that name the device are examples: put in those of yours, or "
                        "begin with --from, a dump that shows it");
    }
    if (!p->wish->bundle_id) {
        project_note(p, "com.example is nobody's: --bundle-id says what the app is called");
    }
    project_note(p, NULL);
    p->out->notes = p->notes;
}

/* ---- all ------------------------------------------------------------------------------------ */

static int project_names(struct project *p)
{
    const struct dext_init_wish *w = p->wish;
    struct dx_arena *a = &p->ctx->arena;
    int rc = dx_init_check_name(p->ctx, w->name);
    p->out->name = w->name;
    p->out->team = w->team ? w->team : "";
    if (rc == DEXT_OK && w->team) {
        rc = dx_init_check_team(p->ctx, w->team);
    }
    if (rc != DEXT_OK) {
        return rc;
    }
    p->out->app_id = w->bundle_id
                         ? w->bundle_id
                         : dx_sprintf(a, "com.example.%s", dx_init_id_part(p->ctx, w->name));
    p->out->driver_id = dx_sprintf(a, "%s.driver", p->out->app_id);
    dx_template_set(&p->t, "CLASS", p->out->name);
    dx_template_set(&p->t, "APP_ID", p->out->app_id);
    dx_template_set(&p->t, "DRIVER_ID", p->out->driver_id);
    return dx_init_check_bundle_id(p->ctx, p->out->app_id);
}

static void project_settle(struct project *p)
{
    struct dext_init *o = p->out;
    const char *asked = p->wish->family;
    o->family = asked ? asked : o->suggestion->family;
    p->own = init_family_row(o->family);
    p->family = dx_kb_family(o->family);
    o->provider = o->suggestion->provider;
    p->provider = dx_kb_provider(dx_str(o->provider));
    o->superclass = on_usb(p->provider) && *kb_s(p->own->usb_class) ? kb_s(p->own->usb_class)
                                                                    : kb_s(p->own->class);
    o->driverkit = project_newer(DRIVERKIT_FLOOR, kb_s(p->family->driverkit));
    o->macos = project_newer(MACOS_FLOOR, kb_s(p->family->macos));
    o->example = !p->wish->registry && p->provider->hardware == KB_PROVIDER_HARDWARE_YES;
}

int dext_init_make(struct dext_ctx *ctx, const struct dext_init_wish *wish,
                   const struct dext_init **out)
{
    struct project p = {.ctx = ctx, .wish = wish, .t = {.ctx = ctx}};
    struct dext_match *m = dext_match_new(ctx);
    const struct dx_reg_node *nub;
    p.out = dx_alloc(&ctx->arena, sizeof *p.out);
    p.own = wish->family ? init_family_row(wish->family) : NULL;
    if (wish->family && !p.own) {
        return dx_fail(ctx, DEXT_E_NOTFOUND, "there is no family '%s'", wish->family);
    }
    int rc = project_names(&p);
    rc = rc == DEXT_OK ? select_nub(&p, m, &nub) : rc;
    rc = rc == DEXT_OK ? project_suggest(&p, &m->world, nub) : rc;
    rc = rc == DEXT_OK ? project_matches(&p) : rc;
    if (rc != DEXT_OK) {
        return rc;
    }
    project_settle(&p);
    words_of(&p);
    values_of(&p);
    rc = dx_init_methods(&p.t, p.out->family);
    rc = rc == DEXT_OK ? project_files(&p) : rc;
    notes_of(&p);
    *out = p.out;
    return rc;
}
