/* For people: what the product can be used for, then for each part of it who signed it, a table
 * with a row for each entitlement, and what is wrong. */
#include <string.h>

#include "app/term.h"
#include "view/entitlements_view.h"
#include "view/node_value.h"
#include "view/page.h"

#define MOST_KEY 64

enum column { FILE_COLUMN, SIGNATURE, DER, PROFILE, COLUMNS };

static const char *const heads[COLUMNS] = {"file", "signature", "DER", "profile"};

struct table {
    bool shown[COLUMNS];
    size_t key_width;
};

static const struct dext_right_cell *entitlements_human_cell(const struct dext_right *r,
                                                             enum column c)
{
    switch (c) {
    case FILE_COLUMN:
        return &r->file;
    case SIGNATURE:
        return &r->signature;
    case DER:
        return &r->der;
    default:
        return &r->profile;
    }
}

static bool is_bool(const struct dext_node *n)
{
    return dext_node_kind(n) == DEXT_BOOL;
}

static const char *entitlements_human_word(const struct dext_right_cell *c)
{
    if (!c->value) {
        return "-";
    }
    switch (c->variant) {
    case DEXT_GRANT_DEVELOPMENT:
        return "development";
    case DEXT_GRANT_APPROVED:
        return "approved";
    case DEXT_GRANT_MIXED:
        return "both";
    default:
        return is_bool(c->value) ? strcmp(dext_node_text(c->value), "true") == 0 ? "yes" : "false"
                                 : "value";
    }
}

/* The DER has a column only where a signature has both forms and they are not the same. */
static void measure(struct table *t, const struct dext_subject *s)
{
    *t = (struct table){0};
    t->shown[FILE_COLUMN] = s->file[0] != 0;
    t->shown[SIGNATURE] = s->code != NULL;
    t->shown[PROFILE] = s->profile && !s->profile->error;
    for (size_t i = 0; i < s->right_count; i++) {
        const struct dext_right *r = &s->rights[i];
        size_t n = strlen(r->key);
        t->key_width = n > t->key_width ? n : t->key_width;
        t->shown[DER] |= s->code && s->code->slice_count && s->code->slices[0].difference_count;
    }
    t->key_width = t->key_width > MOST_KEY ? MOST_KEY : t->key_width < 11 ? 11 : t->key_width;
}

static void entitlements_human_value_line(FILE *out, const char *label, const struct dext_node *n)
{
    if (n) {
        (void)fprintf(out, "      %-10s ", label);
        node_value_print(out, n);
        (void)fputc('\n', out);
    }
}

/* Values are shown where they are the matter. */
static bool shows_values(const struct entitlements_out *v, const struct dext_right *r)
{
    return v->app->verbose || r->state == DEXT_RIGHT_OTHER_VALUE ||
           r->state == DEXT_RIGHT_CHANGED || r->state == DEXT_RIGHT_UNSURE ||
           strstr(r->key, ".transport.usb") || strstr(r->key, ".transport.pci") ||
           strstr(r->key, ".userclient-access");
}

static void entitlements_human_values(const struct entitlements_out *v, const struct table *t,
                                      const struct dext_right *r)
{
    FILE *out = v->app->out;
    for (int i = 0; i < COLUMNS; i++) {
        const struct dext_right_cell *c = entitlements_human_cell(r, (enum column)i);
        if (c->value && !is_bool(c->value) && t->shown[i]) {
            entitlements_human_value_line(out, heads[i], c->value);
        }
    }
}

static void entitlements_human_note(const struct entitlements_out *v, const char *label,
                                    const char *text)
{
    if (text[0]) {
        (void)fprintf(v->app->out, "      %-10s ", label);
        page_wrap(v->app, 17, 17, text);
        (void)fputc('\n', v->app->out);
    }
}

/* Below 80 columns a row is two lines: the name, and what stands where. */
#define NARROW 80

static void entitlements_human_narrow(const struct entitlements_out *v, const struct table *t,
                                      const struct dext_right *r)
{
    char text[512];
    size_t n = 0;
    for (int i = 0; i < COLUMNS; i++) {
        if (t->shown[i]) {
            n += (size_t)snprintf(
                text + n, sizeof text - n, "%s%s %s", n ? ", " : "", heads[i],
                entitlements_human_word(entitlements_human_cell(r, (enum column)i)));
        }
    }
    (void)snprintf(text + n, sizeof text - n, ": %s", dext_right_state_words(r->state));
    (void)fputs("    ", v->app->out);
    term_line(v->app->out, r->key);
    (void)fputc('\n', v->app->out);
    page_block(v->app, 6, text);
}

static void entitlements_human_wide(const struct entitlements_out *v, const struct table *t,
                                    const struct dext_right *r)
{
    FILE *out = v->app->out;
    (void)fputs("    ", out);
    page_cell(v->app, r->key, t->key_width);
    for (int i = 0; i < COLUMNS; i++) {
        if (t->shown[i]) {
            page_cell(v->app, entitlements_human_word(entitlements_human_cell(r, (enum column)i)),
                      11);
        }
    }
    term_styled(out, v->app->colour,
                dext_right_is_fault(r->state)        ? TERM_RED
                : r->state == DEXT_RIGHT_GRANTED     ? TERM_GREEN
                : r->state >= DEXT_RIGHT_NOT_GRANTED ? TERM_YELLOW
                                                     : TERM_DIM,
                dext_right_state_words(r->state));
    (void)fputc('\n', out);
}

static void entitlements_human_row(const struct entitlements_out *v, const struct table *t,
                                   const struct dext_right *r)
{
    bool bad = dext_right_is_fault(r->state);
    (page_width(v->app) < NARROW ? entitlements_human_narrow : entitlements_human_wide)(v, t, r);
    if (shows_values(v, r)) {
        entitlements_human_values(v, t, r);
    }
    if (bad || v->app->verbose) {
        entitlements_human_note(v, "needed by", r->need);
        entitlements_human_note(v, "granted by", r->grantor);
    }
    if (v->app->verbose) {
        entitlements_human_note(v, "meaning", r->summary);
    }
}

static void entitlements_human_heads(const struct entitlements_out *v, const struct table *t)
{
    FILE *out = v->app->out;
    (void)fputs("    ", out);
    term_on(out, v->app->colour, TERM_BOLD);
    page_cell(v->app, "entitlement", t->key_width);
    for (int i = 0; i < COLUMNS; i++) {
        if (t->shown[i]) {
            page_cell(v->app, heads[i], 11);
        }
    }
    (void)fputs("verdict\n", out);
    term_off(out, v->app->colour);
}

static void table(const struct entitlements_out *v, const struct dext_subject *s)
{
    FILE *out = v->app->out;
    struct table t;
    measure(&t, s);
    (void)fputc('\n', out);
    if (page_width(v->app) >= NARROW) {
        entitlements_human_heads(v, &t);
    }
    for (size_t i = 0; i < s->right_count; i++) {
        entitlements_human_row(v, &t, &s->rights[i]);
    }
}

/* ---- around the table ----------------------------------------------------------------------- */

static void entitlements_human_label(FILE *out, const char *name, const char *text)
{
    (void)fprintf(out, "  %-14s", name);
    term_line(out, text);
}

static void entitlements_human_signer(const struct entitlements_out *v,
                                      const struct dext_subject *s)
{
    FILE *out = v->app->out;
    const struct dext_slice *slice = s->code && s->code->slice_count ? s->code->slices : NULL;
    if (!slice) {
        return;
    }
    entitlements_human_label(out, "signed with", dext_signer_words(slice->kind));
    if (slice->team[0]) {
        (void)fputs(", team ", out);
        term_line(out, slice->team);
    }
    (void)fputc('\n', out);
}

static void entitlements_human_profile(const struct entitlements_out *v,
                                       const struct dext_subject *s)
{
    FILE *out = v->app->out;
    const struct dext_profile *p = s->profile;
    if (!p) {
        entitlements_human_label(out, "profile", "none");
        (void)fputc('\n', out);
        return;
    }
    entitlements_human_label(out, "profile", p->error ? p->error : p->kind_words);
    if (!p->error && p->name[0]) {
        (void)fputs(", \"", out);
        term_line(out, p->name);
        (void)fputc('"', out);
    }
    (void)fputc('\n', out);
}

static void entitlements_human_finding(const struct entitlements_out *v,
                                       const struct dext_subject *s, const struct dext_finding *f)
{
    static const enum term_style styles[] = {TERM_RED, TERM_YELLOW, TERM_BLUE};
    FILE *out = v->app->out;
    (void)fputs("  ", out);
    term_styled(out, v->app->colour, styles[f->severity], dext_severity_name(f->severity));
    (void)fputs(": ", out);
    if (f->at.line) {
        term_line(out, f->file);
        (void)fprintf(out, ":%u:%u: ", f->at.line, f->at.column);
    } else if (strcmp(f->file, s->executable) != 0) {
        term_line(out, f->file);
        (void)fputs(": ", out);
    }
    term_line(out, f->message);
    (void)fprintf(out, " [%s %s]\n    ", dext_rule_id(f->rule), dext_rule_name(f->rule));
    term_styled(out, v->app->colour, TERM_BOLD, "fix:");
    (void)fputc(' ', out);
    page_wrap(v->app, 9, 9, f->fix);
    (void)fputc('\n', out);
}

static void findings(const struct entitlements_out *v, const struct dext_subject *s)
{
    bool any = false;
    for (int level = DEXT_ERROR; level <= DEXT_NOTE; level++) {
        for (size_t i = 0; i < s->finding_count; i++) {
            if ((int)s->findings[i].severity == level && (level != DEXT_NOTE || v->app->verbose)) {
                (void)fputs(any ? "" : "\n", v->app->out);
                entitlements_human_finding(v, s, &s->findings[i]);
                any = true;
            }
        }
    }
}

static void entitlements_human_open(struct entitlements_out *v)
{
    (void)v;
}

static void entitlements_human_verdict(const struct entitlements_out *v, bool possible,
                                       const char *verdict)
{
    FILE *out = v->app->out;
    static const char partly[] = "as far as it could be read: ";
    const bool whole = dext_ctx_unread_count(v->app->ctx) == 0;
    (void)fputs("  ", out);
    term_on(out, v->app->colour, !whole ? TERM_YELLOW : possible ? TERM_GREEN : TERM_RED);
    (void)fputs(whole ? "" : partly, out);
    page_wrap(v->app, whole ? 2 : 2 + sizeof partly - 1, 2, verdict);
    term_off(out, v->app->colour);
    (void)fputc('\n', out);
}

/* A subject that is all of its product has had its verdict on the first line. */
static void entitlements_human_subject(struct entitlements_out *v, const struct dext_subject *s,
                                       bool alone)
{
    FILE *out = v->app->out;
    if (!alone) {
        (void)fputc('\n', out);
        term_styled(out, v->app->colour, TERM_BOLD, s->name);
        (void)fprintf(out, " (%s)\n", s->role);
        entitlements_human_verdict(v, s->possible, s->verdict);
    }
    (void)fputc('\n', out);
    entitlements_human_signer(v, s);
    entitlements_human_profile(v, s);
    if (s->file[0] && strcmp(s->file, s->name) != 0) {
        entitlements_human_label(out, "file", s->file);
        (void)fputc('\n', out);
    }
    if (s->info[0] && !s->code && strcmp(s->info, s->name) != 0) {
        entitlements_human_label(out, "Info.plist", s->info);
        (void)fputc('\n', out);
    }
    if (s->right_count) {
        table(v, s);
    }
    findings(v, s);
}

/* All reasons; the verdict has the first few. */
static void entitlements_human_hindrances(const struct entitlements_out *v,
                                          const struct dext_rights_product *p)
{
    FILE *out = v->app->out;
    for (size_t i = 0; i < p->hindrance_count && p->hindrance_count > 3; i++) {
        const struct dext_hindrance *h = &p->hindrances[i];
        (void)fputs(i ? "    " : "\n    ", out);
        if (h->part[0]) {
            term_line(out, h->part);
            (void)fputs(": ", out);
        }
        page_wrap(v->app, 6, 6, h->text);
        (void)fputc('\n', out);
    }
}

static void entitlements_human_product(struct entitlements_out *v,
                                       const struct dext_rights_product *p)
{
    FILE *out = v->app->out;
    if (v->app->quiet) {
        term_line(out, p->name);
        (void)fputs(": ", out);
        term_line(out, p->verdict);
        (void)fputc('\n', out);
        return;
    }
    bool alone = p->subject_count == 1 && strcmp(p->subjects[0]->name, p->name) == 0;
    (void)fputs(v->written++ ? "\n" : "", out);
    term_styled(out, v->app->colour, TERM_BOLD, p->name);
    (void)fputs(alone ? " (" : "", out);
    (void)fputs(alone ? p->subjects[0]->role : "", out);
    (void)fputs(alone ? ")\n" : "\n", out);
    entitlements_human_verdict(v, p->possible, p->verdict);
    entitlements_human_hindrances(v, p);
    for (size_t i = 0; i < p->subject_count; i++) {
        entitlements_human_subject(v, p->subjects[i], alone);
    }
    if (p->unchecked_count) {
        (void)fputs("\n  ", out);
        term_styled(out, v->app->colour, TERM_DIM,
                    "(whether it has changed since it was signed is not checked here: dextctl "
                    "signature does that)");
        (void)fputc('\n', out);
    }
}

static void entitlements_human_all(struct entitlements_out *v, const struct dext_entitlements *all)
{
    for (size_t i = 0; i < all->product_count; i++) {
        entitlements_human_product(v, &all->products[i]);
    }
}

static void entitlements_human_close(struct entitlements_out *v)
{
    (void)v;
}

const struct entitlements_format entitlements_human = {
    entitlements_human_open, entitlements_human_all, entitlements_human_close};

const struct entitlements_format *entitlements_format_for(enum face face)
{
    static const struct entitlements_format *const faces[FACE_COUNT] = {
        [FACE_HUMAN] = &entitlements_human,
        [FACE_JSON] = &entitlements_record,
        [FACE_NDJSON] = &entitlements_record};
    return faces[face];
}
