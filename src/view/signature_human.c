#include <inttypes.h>
#include <string.h>

#include "app/date.h"
#include "app/term.h"
#include "view/node_value.h"
#include "view/page.h"
#include "view/signature_view.h"

static void signature_heading(const struct signature_out *v, const char *title, const char *arch)
{
    char text[64];
    (void)snprintf(text, sizeof text, arch[0] ? "%s (%s)" : "%s", title, arch);
    page_heading(v->app, text);
}

static void signature_human_moment(const struct signature_out *v, int64_t t)
{
    char text[40];
    date_write(t, text);
    (void)fprintf(v->app->out, "%.10s %.8s UTC", text, text + 11);
}

static void signature_human_day(const struct signature_out *v, int64_t t)
{
    char text[40];
    date_write(t, text);
    (void)fprintf(v->app->out, "%.10s", text);
}

static void signature_human_list(const struct signature_out *v, const char *name,
                                 const char *const *words, size_t count)
{
    if (count) {
        page_label(v->app, name);
        for (size_t i = 0; i < count; i++) {
            (void)fprintf(v->app->out, "%s%s", i ? ", " : "", words[i]);
        }
        (void)fputc('\n', v->app->out);
    }
}

/* ---- verdict ------------------------------------------------------------------------------- */

static void signature_human_verdict(const struct signature_out *v, const struct signature_row *row)
{
    static const char *const words[SIGNATURE_VERDICT_COUNT] = {
        [SIGNATURE_VALID] = "valid up to Apple's root: ",
        [SIGNATURE_AD_HOC] = "intact, but nobody vouches for it: signed ",
        [SIGNATURE_BROKEN] = "not valid; signed with: ",
        [SIGNATURE_UNSIGNED] = "not signed",
        [SIGNATURE_NOT_VERIFIED] = "not verified; signed with: ",
        [SIGNATURE_UNKNOWN] = "could not be told, for not all of it was read",
    };
    FILE *out = v->app->out;
    bool good = row->verdict == SIGNATURE_VALID;
    term_on(out, v->app->colour, row->code->broken ? TERM_RED : good ? TERM_GREEN : TERM_YELLOW);
    (void)fprintf(
        out, "%s%s%s", words[row->verdict],
        row->verdict == SIGNATURE_UNKNOWN && row->kind != DEXT_SIGNER_NONE ? "; signed with: " : "",
        row->kind == DEXT_SIGNER_NONE ? "" : dext_signer_words(row->kind));
    term_off(out, v->app->colour);
}

static void signature_human_problem(const struct signature_out *v,
                                    const struct dext_sign_problem *p)
{
    FILE *out = v->app->out;
    static const char *const words[] = {"warning", "error", "not known"};
    bool broken = p->level == DEXT_PROBLEM_BROKEN;
    (void)fputs("  ", out);
    term_styled(out, v->app->colour, broken ? TERM_RED : TERM_YELLOW, words[p->level]);
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

static void signature_human_signer(const struct signature_out *v, const struct dext_slice *s)
{
    FILE *out = v->app->out;
    for (size_t i = 0; i < s->chain_count && (i == 0 || v->app->verbose); i++) {
        page_label(v->app, i ? "" : "signer");
        term_line(out, s->chain[i].common_name);
        (void)fputs(", ", out);
        signature_human_day(v, s->chain[i].not_before);
        (void)fputs(" to ", out);
        signature_human_day(v, s->chain[i].not_after);
        (void)fputc('\n', out);
    }
    if (s->chain_count) {
        page_line(v->app, "chain", s->trust);
    }
    if (s->timestamp) {
        page_label(v->app, "signed");
        signature_human_moment(v, s->timestamp);
        (void)fputs(", timestamped by Apple\n", out);
    } else if (s->signed_at) {
        page_label(v->app, "signed");
        signature_human_moment(v, s->signed_at);
        (void)fputs(" by the signer's clock, no timestamp\n", out);
    }
}

static void requirements(const struct signature_out *v, const struct dext_slice *s)
{
    for (size_t i = 0; i < s->requirement_count; i++) {
        const struct dext_requirement *r = &s->requirements[i];
        if (v->app->verbose || strcmp(r->kind, "designated") == 0) {
            page_line(v->app, strcmp(r->kind, "designated") == 0 ? "requirement" : r->kind,
                      r->text);
        }
    }
}

static void signature_human_ticket(const struct signature_out *v, const struct dext_code *c)
{
    static const char *const words[] = {
        [DEXT_TICKET_NONE] = "",
        [DEXT_TICKET_NO_TICKET] = "what stands in its place: ",
        [DEXT_TICKET_BROKEN] = "stapled, and not to be trusted: ",
        [DEXT_TICKET_OTHER] = "stapled, for other code than this: of ",
        [DEXT_TICKET_GOOD] = "notarized, this very code: ",
    };
    if (c->ticket == DEXT_TICKET_NONE) {
        return;
    }
    page_label(v->app, "ticket");
    (void)fputs(words[c->ticket], v->app->out);
    if (c->notarized) {
        signature_human_moment(v, c->notarized);
    } else {
        term_line(v->app->out, c->ticket_reason);
    }
    (void)fputc('\n', v->app->out);
}

static void signature_human_summary(const struct signature_out *v, const struct dext_code *c,
                                    const struct dext_slice *s)
{
    FILE *out = v->app->out;
    page_line(v->app, "identifier", s->identifier);
    if (c->bundle_id[0] && strcmp(c->bundle_id, s->identifier) != 0) {
        page_line(v->app, "bundle id", c->bundle_id);
    }
    page_line(v->app, "team", s->team);
    signature_human_signer(v, s);
    signature_human_list(v, "flags", s->flag_names, s->flag_count);
    signature_human_list(v, "executable", s->exec_flag_names,
                         v->app->verbose ? s->exec_flag_count : 0);
    page_line(v->app, "runtime", s->runtime);
    requirements(v, s);
    if (c->profile) {
        page_label(v->app, "profile");
        term_line(out, c->profile->name);
        (void)fprintf(out, " (%s)\n", c->profile->kind_words);
    }
    signature_human_ticket(v, c);
    if (c->form == DEXT_FORM_PACKAGE && c->verified && s->kind != DEXT_SIGNER_NONE) {
        page_label(v->app, "verified");
        (void)fprintf(out, "table of contents, %zu member%s\n", c->sealed_files,
                      c->sealed_files == 1 ? "" : "s");
    } else if (c->verified && s->kind != DEXT_SIGNER_NONE) {
        page_label(v->app, "verified");
        (void)fprintf(out, "%" PRId64 " page%s", c->pages, c->pages == 1 ? "" : "s");
        if (c->sealed) {
            (void)fprintf(out, ", %zu sealed file%s", c->sealed_files,
                          c->sealed_files == 1 ? "" : "s");
        }
        if (c->metadata_files) {
            (void)fprintf(out, "; %zu file%s of attributes (._NAME) not looked at",
                          c->metadata_files, c->metadata_files == 1 ? "" : "s");
        }
        (void)fputc('\n', out);
    }
}

/* ---- slices -------------------------------------------------------------------------------- */

static void differs(const struct signature_out *v, const char *name, const char *mine,
                    const char *first)
{
    if (strcmp(mine, first) != 0) {
        (void)fprintf(v->app->out, "    %-*s", PAGE_LABEL - 4, name);
        term_line(v->app->out, mine[0] ? mine : "none");
        (void)fputc('\n', v->app->out);
    }
}

static void slice(const struct signature_out *v, const struct dext_slice *s,
                  const struct dext_slice *first)
{
    FILE *out = v->app->out;
    (void)fputs("    ", out);
    term_line(out,
              s->arch[0] ? s->arch : "no program: the signature lies in files of _CodeSignature");
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

static void signature_human_entitlements(const struct signature_out *v, const struct dext_slice *s,
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
    signature_heading(v, "entitlements", arch);
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

static void signature_human_constraints(const struct signature_out *v, const struct dext_slice *s,
                                        const char *arch)
{
    FILE *out = v->app->out;
    if (!s->constraint_count) {
        return;
    }
    signature_heading(v, "constraints", arch);
    for (size_t i = 0; i < s->constraint_count; i++) {
        const struct dext_constraint *c = &s->constraints[i];
        (void)fprintf(out, "    %s: ", c->on);
        if (c->facts) {
            node_value_print(out, c->facts);
        }
        (void)fputs("\n      ", out);
        page_wrap(v->app, 6, 6, c->meaning);
        (void)fputc('\n', out);
    }
}

static void signature_human_classes(const struct signature_out *v, const struct dext_slice *s,
                                    const char *arch)
{
    FILE *out = v->app->out;
    if (!s->class_count) {
        return;
    }
    signature_heading(v, "classes", arch);
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

static void signature_human_slices(const struct signature_out *v, const struct dext_code *c,
                                   const struct dext_slice *first)
{
    bool differ = slices_differ(c);
    if (c->form == DEXT_FORM_PACKAGE) {
        return;
    }
    if (c->form == DEXT_FORM_IMAGE) {
        for (size_t i = 0; i < first->directory_count; i++) {
            page_line(v->app, i ? "" : "cdhash", first->directories[i].cdhash);
        }
        page_line(v->app, "content",
                  "not read: unpack the image (7z x) or, on a Mac, mount it (hdiutil attach), and "
                  "name the folder");
        return;
    }
    signature_heading(v, c->slice_count == 1 ? "slice" : "slices", "");
    for (size_t i = 0; i < c->slice_count; i++) {
        slice(v, &c->slices[i], first);
    }
    for (size_t i = 0; i < c->slice_count; i++) {
        const struct dext_slice *s = &c->slices[i];
        if (s == first || differ) {
            signature_human_entitlements(v, s, differ ? s->arch : "");
            signature_human_constraints(v, s, differ ? s->arch : "");
        }
    }
    for (size_t i = 0; i < c->slice_count; i++) {
        const struct dext_slice *s = &c->slices[i];
        bool same = same_classes(s, first);
        if (s == first || !same) {
            signature_human_classes(v, s, same ? "" : s->arch);
        }
    }
}

/* The answer to --requirement. */
static void signature_human_asked(const struct signature_out *v, const struct dext_code *c)
{
    static const char *const words[] = {
        [DEXT_NO] = "not satisfied", [DEXT_YES] = "satisfied", [DEXT_UNKNOWN] = "cannot be told"};
    FILE *out = v->app->out;
    if (!c->asked) {
        return;
    }
    (void)fputs("  requirement ", out);
    term_styled(out, v->app->colour, c->satisfies == DEXT_YES ? TERM_GREEN : TERM_RED,
                words[c->satisfies]);
    if (c->why[0]) {
        (void)fputs(": ", out);
        term_line(out, c->why);
    }
    (void)fputc('\n', out);
}

static void signature_human_code(struct signature_out *v, const struct signature_row *row)
{
    const struct dext_code *c = row->code;
    FILE *out = v->app->out;
    (void)fputs(v->written++ && !v->app->quiet ? "\n" : "", out);
    term_line(out, c->path);
    (void)fputs(v->app->quiet ? ": " : "\n  ", out);
    signature_human_verdict(v, row);
    (void)fputc('\n', out);
    signature_human_asked(v, c);
    bool told = row->kind == DEXT_SIGNER_NONE; /* that it is not signed */
    for (size_t i = 0; i < c->problem_count; i++) {
        if (!told || strcmp(c->problems[i].name, "unsigned") != 0) {
            signature_human_problem(v, &c->problems[i]);
        }
    }
    const struct dext_slice *s = row->main;
    if (v->app->quiet || !s) {
        return;
    }
    if (s->kind != DEXT_SIGNER_NONE || c->bundle_id[0]) {
        (void)fputc('\n', out);
        signature_human_summary(v, c, s);
    }
    signature_human_slices(v, c, s);
}

/* ---- two builds ---------------------------------------------------------------------------- */

static void signature_human_change(struct signature_out *v, const struct dext_change *c)
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

/* Said of what changed: the same build is the same program. */
static void signature_human_update(const struct signature_out *v, const struct dext_update *u)
{
    static const char *const words[] = {
        [DEXT_NO] = ("no update: the system takes it for another program, and asks again for "
                     "keychain items and privacy permissions: it does not satisfy the first one's "
                     "designated requirement"),
        [DEXT_YES] = ("an update: it satisfies the first one's designated requirement, so that the "
                      "system takes it for the same program"),
        [DEXT_UNKNOWN] = "whether it is an update cannot be told",
    };
    FILE *out = v->app->out;
    if (u->name[0]) {
        term_line(out, u->name);
        (void)fputs(": ", out);
    }
    (void)fputs(words[u->satisfies], out);
    if (u->why[0]) {
        (void)fputs(": ", out);
        term_line(out, u->why);
    }
    (void)fputc('\n', out);
}

static void signature_human_compare(struct signature_out *v, const struct dext_updates *updates,
                                    const struct dext_changes *changes)
{
    v->compared = true;
    for (size_t i = 0; i < changes->count; i++) {
        signature_human_change(v, &changes->list[i]);
    }
    for (size_t i = 0; i < updates->count && changes->count; i++) {
        (void)fputs(i ? "" : "\n", v->app->out);
        signature_human_update(v, &updates->list[i]);
    }
}

static void signature_human_nothing(struct signature_out *v)
{
    v->written = 0;
}

static void signature_human_end(struct signature_out *v)
{
    if (v->compared && v->written == 0 && !v->app->quiet) {
        (void)fputs("the signatures say the same\n", v->app->out);
    }
}

const struct signature_format signature_human = {signature_human_nothing, signature_human_code,
                                                 signature_human_compare, signature_human_end};
