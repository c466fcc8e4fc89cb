#include "view/topic_view.h"

#include <stdlib.h>
#include <string.h>

#include "app/term.h"
#include "view/page.h"

/* ---- records -------------------------------------------------------------------------------- */

static const struct record_field topic_fields[] = {
    R_TEXT("topic", struct dext_symptom, id, "its name"),
    R_CHOICE("stage", struct dext_symptom, stage,
             "build|sign|embed|activate|approve|stage|match|launch|start|serve|power|update|"
             "deactivate",
             "of a driver's life that it is about"),
    R_TEXT("what", struct dext_symptom, what, "the answer"),
    R_TEXTS("why", struct dext_symptom, why.text, why.count, "what it follows from"),
    R_TEXTS("check", struct dext_symptom, check.text, check.count, "how to see whether it is so"),
    R_TEXTS("fix", struct dext_symptom, fix.text, fix.count, "what to do"),
    R_TEXTS("source", struct dext_symptom, source.text, source.count, "where it is known from"),
};
static const struct record topic = RECORD("topic", struct dext_symptom, topic_fields);
static const struct record_part parts[] = {
    {"topics", RECORD_ITEMS, "topic", &topic, false,
     "in the order of their names, or as asked for"},
};
const struct record_form topic_form = RECORD_FORM("topic", 1, parts);

/* ---- for people ------------------------------------------------------------------------------ */

static void topic_view_bullets(const struct app *app, const char *title,
                               const struct dext_texts *list)
{
    for (size_t i = 0; i < list->count; i++) {
        if (i == 0) {
            (void)fputs("\n  ", app->out);
            term_styled(app->out, app->colour, TERM_BOLD, title);
            (void)fputc('\n', app->out);
        }
        (void)fputs("    -  ", app->out);
        page_wrap(app, 7, 7, list->text[i]);
        (void)fputc('\n', app->out);
    }
}

static void page(const struct app *app, const struct dext_symptom *s)
{
    term_styled(app->out, app->colour, TERM_BOLD, s->id);
    (void)fprintf(app->out, ", about \"%s\"\n  ", s->stage);
    page_wrap(app, 2, 2, s->what);
    (void)fputc('\n', app->out);
    topic_view_bullets(app, "Because", &s->why);
    topic_view_bullets(app, "To check", &s->check);
    topic_view_bullets(app, "What to do", &s->fix);
    topic_view_bullets(app, "Sources", &s->source);
}

/* The first sentence, on lines of its own under the name. */
static void topic_view_entry(const struct app *app, const struct dext_symptom *s)
{
    const char *stop = strstr(s->what, ". ");
    size_t n = stop ? (size_t)(stop - s->what) : strlen(s->what);
    char *first = app_alloc(n + 1);
    memcpy(first, s->what, n);
    first[n] = 0;
    term_styled(app->out, app->colour, TERM_BOLD, s->id);
    (void)fputs("\n    ", app->out);
    page_wrap(app, 4, 4, first);
    (void)fputc('\n', app->out);
    free(first);
}

static void topic_record(const struct app *app, const struct dext_symptom *const *topics,
                         size_t count, bool all)
{
    (void)all;
    struct record_out r;
    record_begin(&r, app, &topic_form);
    record_list(&r, "topics");
    for (size_t i = 0; i < count; i++) {
        record_add(&r, topics[i]);
    }
    record_end(&r);
}

static void topic_pages(const struct app *app, const struct dext_symptom *const *topics,
                        size_t count, bool all)
{
    for (size_t i = 0; i < count; i++) {
        if (all) {
            topic_view_entry(app, topics[i]);
        } else {
            (void)fputs(i ? "\n" : "", app->out);
            page(app, topics[i]);
        }
    }
}

void topic_view(const struct app *app, const struct dext_symptom *const *topics, size_t count,
                bool all)
{
    static void (*const faces[FACE_COUNT])(const struct app *, const struct dext_symptom *const *,
                                           size_t, bool) = {
        [FACE_HUMAN] = topic_pages, [FACE_JSON] = topic_record, [FACE_NDJSON] = topic_record};
    faces[app->face](app, topics, count, all);
}
