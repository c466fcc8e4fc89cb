#include <inttypes.h>
#include <string.h>

#include "date.h"
#include "node_value.h"
#include "signature_view.h"
#include "term.h"

#define LABEL 14

static void label(const struct signature_view *v, const char *text)
{
    (void)fprintf(v->app->out, "  %-*s", LABEL, text);
}

static void line(const struct signature_view *v, const char *name, const char *text)
{
    if (text[0]) {
        label(v, name);
        term_line(v->app->out, text);
        (void)fputc('\n', v->app->out);
    }
}

static void heading(const struct signature_view *v, const char *title, const char *arch)
{
    (void)fputs("\n  ", v->app->out);
    term_on(v->app->out, v->app->colour, TERM_BOLD);
    (void)fprintf(v->app->out, arch[0] ? "%s (%s)" : "%s", title, arch);
    term_off(v->app->out, v->app->colour);
    (void)fputc('\n', v->app->out);
}

static void moment(const struct signature_view *v, int64_t t)
{
    char text[40];
    date_write(t, text);
    (void)fprintf(v->app->out, "%.10s %.8s UTC", text, text + 11);
}

static void day(const struct signature_view *v, int64_t t)
{
    char text[40];
    date_write(t, text);
    (void)fprintf(v->app->out, "%.10s", text);
}

static void list(const struct signature_view *v, const char *name, const char *const *words,
                 size_t count)
{
    if (count) {
        label(v, name);
        for (size_t i = 0; i < count; i++) {
            (void)fprintf(v->app->out, "%s%s", i ? ", " : "", words[i]);
        }
        (void)fputc('\n', v->app->out);
    }
}

/* ---- verdict ------------------------------------------------------------------------------- */

static void verdict(const struct signature_view *v, const struct dext_code *c)
{
    FILE *out = v->app->out;
    enum dext_signer_kind kind = signature_kind(c);
    const char *what = signature_verdict(c);
    bool good = strcmp(what, "valid") == 0, bad = c->broken;
    term_on(out, v->app->colour, bad ? TERM_RED : good ? TERM_GREEN : TERM_YELLOW);
    if (kind == DEXT_SIGNER_NONE) {
        (void)fputs("not signed", out);
    } else if (bad) {
        (void)fprintf(out, "not valid; signed with: %s", dext_signer_words(kind));
    } else if (!c->verified) {
        (void)fprintf(out, "not verified; signed with: %s", dext_signer_words(kind));
    } else if (kind == DEXT_SIGNER_AD_HOC || kind == DEXT_SIGNER_LINKER) {
        (void)fprintf(out, "intact, but nobody vouches for it: signed %s", dext_signer_words(kind));
    } else {
        (void)fprintf(out, "valid up to Apple's root: %s", dext_signer_words(kind));
    }
    term_off(out, v->app->colour);
}

static void problem(const struct signature_view *v, const struct dext_sign_problem *p)
{
    FILE *out = v->app->out;
    bool broken = p->level == DEXT_PROBLEM_BROKEN;
    (void)fputs("  ", out);
    term_styled(out, v->app->colour, broken ? TERM_RED : TERM_YELLOW, broken ? "error" : "warning");
    (void)fputs(": ", out);
    term_line(out, p->file);
    if (p->arch[0] || p->offset >= 0) {
        (void)fprintf(out, " (%s", p->arch);
        if (p->offset >= 0) {
            (void)fprintf(out, "%sat 0x%" PRIx64, p->arch[0] ? ", " : "", (uint64_t)p->offset);
        }
        (void)fputc(')', out);
    }
    (void)fputs(": ", out);
    term_line(out, p->text);
    (void)fputc('\n', out);
}

/* ---- who ----------------------------------------------------------------------------------- */

static void signer(const struct signature_view *v, const struct dext_slice *s)
{
    FILE *out = v->app->out;
    for (size_t i = 0; i < s->chain_count && (i == 0 || v->app->verbose); i++) {
        label(v, i ? "" : "signer");
        term_line(out, s->chain[i].common_name);
        (void)fputs(", ", out);
        day(v, s->chain[i].not_before);
        (void)fputs(" to ", out);
        day(v, s->chain[i].not_after);
        (void)fputc('\n', out);
    }
    if (s->chain_count) {
        line(v, "chain", s->trust);
    }
    if (s->timestamp) {
        label(v, "signed");
        moment(v, s->timestamp);
        (void)fputs(", timestamped by Apple\n", out);
    } else if (s->signed_at) {
        label(v, "signed");
        moment(v, s->signed_at);
        (void)fputs(" by the signer's clock, no timestamp\n", out);
    }
}

static void requirements(const struct signature_view *v, const struct dext_slice *s)
{
    for (size_t i = 0; i < s->requirement_count; i++) {
        const struct dext_requirement *r = &s->requirements[i];
        if (v->app->verbose || strcmp(r->kind, "designated") == 0) {
            line(v, strcmp(r->kind, "designated") == 0 ? "requirement" : r->kind, r->text);
        }
    }
}

static void summary(const struct signature_view *v, const struct dext_code *c,
                    const struct dext_slice *s)
{
    FILE *out = v->app->out;
    line(v, "identifier", s->identifier);
    if (c->bundle_id[0] && strcmp(c->bundle_id, s->identifier) != 0) {
        line(v, "bundle id", c->bundle_id);
    }
    line(v, "team", s->team);
    signer(v, s);
    list(v, "flags", s->flag_names, s->flag_count);
    list(v, "executable", s->exec_flag_names, v->app->verbose ? s->exec_flag_count : 0);
    line(v, "runtime", s->runtime);
    requirements(v, s);
    if (c->profile) {
        label(v, "profile");
        term_line(out, c->profile->name);
        (void)fprintf(out, " (%s)\n", c->profile->kind_words);
    }
    if (c->ticket) {
        line(v, "ticket", "stapled");
    }
    if (c->verified && s->kind != DEXT_SIGNER_NONE) {
        label(v, "verified");
        (void)fprintf(out, "%" PRId64 " page%s", c->pages, c->pages == 1 ? "" : "s");
        if (c->sealed) {
            (void)fprintf(out, ", %zu sealed file%s", c->sealed_files,
                          c->sealed_files == 1 ? "" : "s");
        }
        (void)fputc('\n', out);
    }
}

/* ---- slices -------------------------------------------------------------------------------- */

static void differs(const struct signature_view *v, const char *name, const char *mine,
                    const char *first)
{
    if (strcmp(mine, first) != 0) {
        (void)fprintf(v->app->out, "    %-*s", LABEL - 2, name);
        term_line(v->app->out, mine[0] ? mine : "none");
        (void)fputc('\n', v->app->out);
    }
}

static void slice(const struct signature_view *v, const struct dext_slice *s,
                  const struct dext_slice *first)
{
    FILE *out = v->app->out;
    (void)fputs("    ", out);
    term_line(out, s->arch);
    if (s->platform[0]) {
        (void)fprintf(out, ", %s %s, SDK %s", s->platform, s->minimum, s->sdk);
    }
    if (s->kind == DEXT_SIGNER_NONE) {
        (void)fputs(", not signed", out);
    }
    (void)fputc('\n', out);
    for (size_t i = 0; i < s->directory_count; i++) {
        const struct dext_directory *d = &s->directories[i];
        (void)fprintf(out, "      cdhash %s", d->cdhash);
        (void)fprintf(out, " (%s, %" PRId64 " pages)\n", d->hash, d->page_count);
    }
    if (s->kind != DEXT_SIGNER_NONE) {
        differs(v, "  identifier", s->identifier, first->identifier);
        differs(v, "  team", s->team, first->team);
        differs(v, "  signer", dext_signer_words(s->kind), dext_signer_words(first->kind));
    }
    if (v->app->verbose && s->uuid[0]) {
        (void)fprintf(out, "      UUID %s\n", s->uuid);
    }
}

static void entitlements(const struct signature_view *v, const struct dext_slice *s,
                         const char *arch)
{
    static const char *const der[] = {
        "no DER copy, which today's systems read: sign again with a current codesign", "", "",
        "the DER copy cannot be read"};
    FILE *out = v->app->out;
    const struct dext_node *n = s->entitlements ? dext_node_child(s->entitlements) : NULL;
    if (!s->entitlements) {
        return;
    }
    heading(v, "entitlements", arch);
    (void)fputs(n ? "" : "    none in it\n", out);
    for (; n; n = dext_node_next(n)) {
        (void)fputs("    ", out);
        term_line(out, dext_node_key(n));
        (void)fputs(" = ", out);
        node_value_print(out, n);
        (void)fputc('\n', out);
    }
    if (der[s->der][0]) {
        (void)fprintf(out, "    (%s)\n", der[s->der]);
    }
}

static void classes(const struct signature_view *v, const struct dext_slice *s, const char *arch)
{
    FILE *out = v->app->out;
    if (!s->class_count) {
        return;
    }
    heading(v, "classes", arch);
    for (size_t i = 0; i < s->class_count; i++) {
        const struct dext_class *c = &s->classes[i];
        (void)fputs("    ", out);
        term_line(out, c->name);
        (void)fputs(" : ", out);
        term_line(out, c->super);
        for (size_t k = 0; v->app->verbose && k < c->method_count; k++) {
            (void)fputs("\n      ", out);
            term_line(out, c->methods[k]);
        }
        (void)fputc('\n', out);
    }
}

static bool same_classes(const struct dext_slice *a, const struct dext_slice *b)
{
    bool same = a->class_count == b->class_count;
    for (size_t i = 0; same && i < a->class_count; i++) {
        same = strcmp(a->classes[i].name, b->classes[i].name) == 0 &&
               strcmp(a->classes[i].super, b->classes[i].super) == 0 &&
               a->classes[i].method_count == b->classes[i].method_count;
    }
    return same;
}

/* A problem of the code says that entitlements differ between slices; here both are shown. */
static bool slices_differ(const struct dext_code *c)
{
    for (size_t i = 0; i < c->problem_count; i++) {
        if (strcmp(c->problems[i].name, "slices-differ") == 0) {
            return true;
        }
    }
    return false;
}

static void slices(const struct signature_view *v, const struct dext_code *c)
{
    const struct dext_slice *first = signature_main_slice(c);
    bool differ = slices_differ(c);
    heading(v, c->slice_count == 1 ? "slice" : "slices", "");
    for (size_t i = 0; i < c->slice_count; i++) {
        slice(v, &c->slices[i], first);
    }
    for (size_t i = 0; i < c->slice_count; i++) {
        const struct dext_slice *s = &c->slices[i];
        if (s == first || differ) {
            entitlements(v, s, differ ? s->arch : "");
        }
    }
    for (size_t i = 0; i < c->slice_count; i++) {
        const struct dext_slice *s = &c->slices[i];
        bool same = same_classes(s, first);
        if (s == first || !same) {
            classes(v, s, same ? "" : s->arch);
        }
    }
}

static void code(struct signature_view *v, const struct dext_code *c)
{
    FILE *out = v->app->out;
    (void)fputs(v->written++ && !v->app->quiet ? "\n" : "", out);
    term_line(out, c->path);
    (void)fputs(v->app->quiet ? ": " : "\n  ", out);
    verdict(v, c);
    (void)fputc('\n', out);
    bool told = signature_kind(c) == DEXT_SIGNER_NONE; /* that it is not signed */
    for (size_t i = 0; i < c->problem_count; i++) {
        if (!told || strcmp(c->problems[i].name, "unsigned") != 0) {
            problem(v, &c->problems[i]);
        }
    }
    const struct dext_slice *s = signature_main_slice(c);
    if (v->app->quiet || !s) {
        return;
    }
    if (s->kind != DEXT_SIGNER_NONE || c->bundle_id[0]) {
        (void)fputc('\n', out);
        summary(v, c, s);
    }
    slices(v, c);
}

/* ---- two builds ---------------------------------------------------------------------------- */

static void change(struct signature_view *v, const struct dext_change *c)
{
    FILE *out = v->app->out;
    v->written++;
    if (c->name[0]) {
        term_line(out, c->name);
        (void)fputs(": ", out);
    }
    (void)fputs(c->what, out);
    if (c->key[0]) {
        (void)fputc(' ', out);
        term_line(out, c->key);
    }
    if (c->arch[0]) {
        (void)fprintf(out, " (%s)", c->arch);
    }
    (void)fputs("\n  - ", out);
    term_line(out, c->left ? c->left : "(none)");
    (void)fputs("\n  + ", out);
    term_line(out, c->right ? c->right : "(none)");
    (void)fputc('\n', out);
}

static void nothing(struct signature_view *v)
{
    v->json.out = v->app->out;
}

static void end(struct signature_view *v)
{
    if (v->left && v->written == 0 && !v->app->quiet) {
        (void)fputs("the signatures say the same\n", v->app->out);
    }
}

const struct signature_format signature_human = {"human", nothing, code, change, end};
