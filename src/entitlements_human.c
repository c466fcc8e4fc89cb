/* For people: who, a table with a row for each entitlement, what is wrong, and what the build can
 * be used for. */
#include <string.h>

#include "entitlements_view.h"
#include "node_value.h"
#include "term.h"

#define WIDTH 96
#define MOST_KEY 64

enum column { FILE_COLUMN, SIGNATURE, DER, PROFILE, COLUMNS };

static const char *const heads[COLUMNS] = {"file", "signature", "DER", "profile"};

struct table {
    bool shown[COLUMNS];
    size_t key_width;
};

static const struct dext_right_cell *cell(const struct dext_right *r, enum column c)
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

static const char *word(const struct dext_right_cell *c)
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

static void padded(FILE *out, const char *text, size_t width)
{
    size_t n = strlen(text);
    term_line(out, text);
    (void)fprintf(out, "%*s", (int)(n < width ? width - n : 0) + 2, "");
}

static void value_line(FILE *out, const char *label, const struct dext_node *n)
{
    if (n) {
        (void)fprintf(out, "      %-10s ", label);
        node_value_print(out, n);
        (void)fputc('\n', out);
    }
}

/* Values are shown where they are the matter. */
static bool shows_values(const struct entitlements_view *v, const struct dext_right *r)
{
    return v->app->verbose || r->state == DEXT_RIGHT_OTHER_VALUE ||
           r->state == DEXT_RIGHT_CHANGED || r->state == DEXT_RIGHT_UNSURE ||
           strstr(r->key, ".transport.usb") || strstr(r->key, ".transport.pci") ||
           strstr(r->key, ".userclient-access");
}

static void values(const struct entitlements_view *v, const struct table *t,
                   const struct dext_right *r)
{
    FILE *out = v->app->out;
    for (int i = 0; i < COLUMNS; i++) {
        const struct dext_right_cell *c = cell(r, (enum column)i);
        if (c->value && !is_bool(c->value) && t->shown[i]) {
            value_line(out, heads[i], c->value);
        }
    }
}

static void note(FILE *out, const char *label, const char *text)
{
    if (text[0]) {
        (void)fprintf(out, "      %-10s ", label);
        term_wrap(out, text, 17, WIDTH);
        (void)fputc('\n', out);
    }
}

static void row(const struct entitlements_view *v, const struct table *t,
                const struct dext_right *r)
{
    FILE *out = v->app->out;
    bool bad = dext_right_is_fault(r->state);
    (void)fputs("    ", out);
    padded(out, r->key, t->key_width);
    for (int i = 0; i < COLUMNS; i++) {
        if (t->shown[i]) {
            padded(out, word(cell(r, (enum column)i)), 11);
        }
    }
    term_styled(out, v->app->colour,
                bad                                  ? TERM_RED
                : r->state == DEXT_RIGHT_GRANTED     ? TERM_GREEN
                : r->state >= DEXT_RIGHT_NOT_GRANTED ? TERM_YELLOW
                                                     : TERM_DIM,
                dext_right_state_words(r->state));
    (void)fputc('\n', out);
    if (shows_values(v, r)) {
        values(v, t, r);
    }
    if (bad || v->app->verbose) {
        note(out, "needed by", r->need);
        note(out, "granted by", r->grantor);
    }
    if (v->app->verbose) {
        note(out, "meaning", r->summary);
    }
}

static void table(const struct entitlements_view *v, const struct dext_subject *s)
{
    FILE *out = v->app->out;
    struct table t;
    measure(&t, s);
    (void)fputs("\n    ", out);
    term_on(out, v->app->colour, TERM_BOLD);
    padded(out, "entitlement", t.key_width);
    for (int i = 0; i < COLUMNS; i++) {
        if (t.shown[i]) {
            padded(out, heads[i], 11);
        }
    }
    (void)fputs("verdict\n", out);
    term_off(out, v->app->colour);
    for (size_t i = 0; i < s->right_count; i++) {
        row(v, &t, &s->rights[i]);
    }
}

/* ---- around the table ----------------------------------------------------------------------- */

static void label(FILE *out, const char *name, const char *text)
{
    (void)fprintf(out, "  %-14s", name);
    term_line(out, text);
}

static void signer(const struct entitlements_view *v, const struct dext_subject *s)
{
    FILE *out = v->app->out;
    const struct dext_slice *slice = s->code && s->code->slice_count ? s->code->slices : NULL;
    if (!slice) {
        return;
    }
    label(out, "signed with", dext_signer_words(slice->kind));
    if (slice->team[0]) {
        (void)fputs(", team ", out);
        term_line(out, slice->team);
    }
    (void)fputc('\n', out);
}

static void profile(const struct entitlements_view *v, const struct dext_subject *s)
{
    FILE *out = v->app->out;
    const struct dext_profile *p = s->profile;
    if (!p) {
        label(out, "profile", "none");
        (void)fputc('\n', out);
        return;
    }
    label(out, "profile", p->error ? p->error : p->kind_words);
    if (!p->error && p->name[0]) {
        (void)fputs(", \"", out);
        term_line(out, p->name);
        (void)fputc('"', out);
    }
    (void)fputc('\n', out);
}

static void finding(const struct entitlements_view *v, const struct dext_subject *s,
                    const struct dext_finding *f)
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
    term_wrap(out, f->fix, 9, WIDTH);
    (void)fputc('\n', out);
}

static void findings(const struct entitlements_view *v, const struct dext_subject *s)
{
    bool any = false;
    for (int level = DEXT_ERROR; level <= DEXT_NOTE; level++) {
        for (size_t i = 0; i < s->finding_count; i++) {
            if ((int)s->findings[i].severity == level && (level != DEXT_NOTE || v->app->verbose)) {
                (void)fputs(any ? "" : "\n", v->app->out);
                finding(v, s, &s->findings[i]);
                any = true;
            }
        }
    }
}

static void open(struct entitlements_view *v)
{
    (void)v;
}

static void subject(struct entitlements_view *v, const struct dext_subject *s)
{
    FILE *out = v->app->out;
    if (v->app->quiet) {
        term_line(out, s->name);
        (void)fputs(": ", out);
        term_line(out, s->verdict);
        (void)fputc('\n', out);
        return;
    }
    (void)fputs(v->written++ ? "\n" : "", out);
    term_styled(out, v->app->colour, TERM_BOLD, s->name);
    (void)fprintf(out, " (%s)\n", s->role);
    signer(v, s);
    profile(v, s);
    if (s->file[0] && strcmp(s->file, s->name) != 0) {
        label(out, "file", s->file);
        (void)fputc('\n', out);
    }
    if (s->info[0] && !s->code && strcmp(s->info, s->name) != 0) {
        label(out, "Info.plist", s->info);
        (void)fputc('\n', out);
    }
    if (s->right_count) {
        table(v, s);
    }
    findings(v, s);
    (void)fputs("\n  ", out);
    term_on(out, v->app->colour, s->possible ? TERM_GREEN : TERM_RED);
    term_wrap(out, s->verdict, 2, WIDTH);
    term_off(out, v->app->colour);
    (void)fputc('\n', out);
}

static void close(struct entitlements_view *v)
{
    (void)v;
}

const struct entitlements_format entitlements_human = {"human", open, subject, close};

const struct entitlements_format *entitlements_format_named(const char *name)
{
    static const struct entitlements_format *const all[] = {&entitlements_human, &entitlements_json,
                                                            &entitlements_ndjson};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (strcmp(all[i]->name, name) == 0) {
            return all[i];
        }
    }
    return NULL;
}
