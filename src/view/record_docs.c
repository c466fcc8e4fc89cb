/* The tables of fields in docs/json.md. */
#include <assert.h>
#include <string.h>

#include "view/record.h"

#define RECORDS 64

struct docs_out {
    FILE *out;
    const struct record *known[RECORDS]; /* each is told once, in the order in which it is met */
    size_t count;
    bool brief; /* what several records share is not told once more */
};

static void docs_note(struct docs_out *d, const struct record *r)
{
    for (size_t i = 0; i < d->count; i++) {
        if (d->known[i] == r) {
            return;
        }
    }
    assert(d->count < RECORDS);
    d->known[d->count++] = r;
}

static void docs_split(FILE *out, const char *list, const char *quote)
{
    for (const char *p = list; *p;) {
        size_t n = strcspn(p, "|");
        (void)fprintf(out, "%s%s%.*s%s", p == list ? "" : ", ", quote, n ? (int)n : 2,
                      n ? p : "\"\"", quote);
        p += n + (p[n] == '|');
    }
}

static void docs_words(FILE *out, const struct record_field *f)
{
    const char *comma = "";
    for (int i = 0; i < f->words; i++) {
        if (f->word(i)) {
            (void)fprintf(out, "%s`%s`", comma, f->word(i));
            comma = ", ";
        }
    }
}

static void docs_kind(struct docs_out *d, const struct record_field *f)
{
    static const char *const kinds[] = {
        [RECORD_TEXT] = "text",    [RECORD_CHARS] = "text",    [RECORD_NUMBER] = "number",
        [RECORD_BOOL] = "boolean", [RECORD_DATE] = "date",     [RECORD_HEX] = "hex",
        [RECORD_TEXTS] = "texts",  [RECORD_MAYBE] = "boolean", [RECORD_CALLED] = "text",
    };
    FILE *out = d->out;
    if (f->kind == RECORD_OTHER) {
        docs_split(out, f->choices, "");
    } else if (f->kind == RECORD_WORD) {
        docs_words(out, f);
    } else if (f->choices) {
        docs_split(out, f->choices, "`");
    } else if (f->kind == RECORD_OBJECT || f->kind == RECORD_LIST) {
        (void)fprintf(out, "%s*%s*", f->kind == RECORD_LIST ? "list of " : "", f->record->name);
        docs_note(d, f->record);
    } else {
        (void)fputs(kinds[f->kind], out);
    }
    (void)fputs(f->flags & (RECORD_NULL | RECORD_HAS) ? ", null" : "", out);
}

static void docs_rows(struct docs_out *d, const struct record *r)
{
    for (size_t i = 0; i < r->count; i++) {
        const struct record_field *f = &r->fields[i];
        if (f->kind == RECORD_INLINE && d->brief) {
            continue;
        }
        if (f->kind == RECORD_INLINE) {
            docs_rows(d, f->record);
            continue;
        }
        (void)fprintf(d->out, "| `%s` | ", f->key);
        docs_kind(d, f);
        (void)fprintf(d->out, " | %s |\n", f->help);
    }
}

static void docs_table(struct docs_out *d, const struct record *r)
{
    (void)fputs("\n| field | | |\n| --- | --- | --- |\n", d->out);
    docs_rows(d, r);
}

static void docs_part(struct docs_out *d, const struct record_part *p)
{
    FILE *out = d->out;
    if (p->place == RECORD_ITEMS) {
        (void)fprintf(out, "| `%s` | list of *%s* | ", p->name, p->record->name);
        docs_note(d, p->record);
    } else if (p->place == RECORD_PART) {
        (void)fprintf(out, "| `%s` | *%s* | ", p->name, p->record->name);
        docs_note(d, p->record);
    } else {
        (void)fprintf(out, "| | *%s* | ", p->record->name);
        docs_note(d, p->record);
    }
    if (p->type) {
        (void)fprintf(out, "`%s`", p->type);
    }
    (void)fprintf(out, " | %s |\n", p->help);
}

/* A kind of element, or of line, of another tool's form. */
static void docs_bare(struct docs_out *d, const struct record_part *p)
{
    (void)fprintf(d->out, "- *%s*%s: %s\n", p->record->name,
                  p->place == RECORD_LINE ? " (ndjson)" : "", p->help);
    docs_note(d, p->record);
}

void record_docs(FILE *out, const struct record_form *form)
{
    struct docs_out d = {.out = out};
    if (!form->bare) {
        (void)fputs("| key of the document | | `type` of the line | |\n| --- | --- | --- | --- |\n",
                    out);
    }
    for (size_t i = 0; form->bare && i < form->count; i++) {
        docs_bare(&d, &form->parts[i]);
    }
    for (size_t i = 0; !form->bare && i < form->count; i++) {
        docs_part(&d, &form->parts[i]);
    }
    if (record_unread(form)) {
        docs_part(&d, record_unread(form));
    }
    for (size_t i = 0; i < d.count; i++) { /* grows as tables are written */
        if (record_unread(form) && d.known[i] == record_unread(form)->record) {
            continue; /* the same everywhere: the page has it once */
        }
        d.brief = form->bare && i > 0;
        (void)fprintf(out, "\n*%s*%s:\n", d.known[i]->name,
                      d.brief && form->parts[i].place != RECORD_LINE ? ", besides what they share"
                                                                     : "");
        docs_table(&d, d.known[i]);
    }
}
