#include "panic_view.h"

#include <inttypes.h>
#include <string.h>

#include "term.h"

#define WIDTH 80

const char *panic_verdict(const struct dext_panic *p, const struct dext_panic_kext **suspect)
{
    *suspect = NULL;
    for (size_t i = 0; i < p->kext_count && !*suspect; i++) {
        if (!p->kexts[i].dependency && !p->kexts[i].of_apple) {
            *suspect = &p->kexts[i];
        }
    }
    if (*suspect) {
        return "A third-party kext is in the backtrace: the fault is in it or in what it called.";
    }
    if (p->kext_count) {
        return "Only Apple's kexts are in the backtrace. They may have stumbled over what a device "
               "or another driver did before.";
    }
    return p->frame_count ? "No kext is in the backtrace, only the kernel itself."
                          : "Without a backtrace nothing can be said of kexts.";
}

const char *panic_dexts(const struct dext_panic *p)
{
    for (size_t i = 0; i < p->sign_count; i++) {
        if (strcmp(p->signs[i].blames, "dext") == 0) {
            return "The reason is about a driver extension.";
        }
    }
    for (size_t i = 0; i < p->sign_count; i++) {
        if (strcmp(p->signs[i].blames, "driver") == 0) {
            return "The reason is about a driver; it may be an extension. An extension runs "
                   "outside "
                   "the kernel and is never in a kernel's backtrace.";
        }
    }
    return "A driver extension runs outside the kernel and is never in a kernel's backtrace; "
           "nothing in the reason points at one.";
}

static void paragraph(FILE *out, const char *lead, size_t indent, const char *text)
{
    (void)fputs(lead, out);
    term_wrap(out, text, indent, WIDTH);
    (void)fputc('\n', out);
}

static void heading(const struct app *app, const char *text)
{
    (void)fputs("\n  ", app->out);
    term_styled(app->out, app->colour, TERM_BOLD, text);
    (void)fputc('\n', app->out);
}

static void bullets(const struct app *app, const char *title, const struct dext_texts *list)
{
    for (size_t i = 0; i < list->count; i++) {
        if (i == 0) {
            heading(app, title);
        }
        paragraph(app->out, "    -  ", 7, list->text[i]);
    }
}

static void sign(const struct app *app, const struct dext_panic_sign *s)
{
    (void)fprintf(app->out, "\n  [%s]  confidence %s\n", s->id, s->confidence);
    paragraph(app->out, "  ", 2, s->what);
    if (*s->subject) {
        paragraph(app->out, "  Named in the reason: ", 4, s->subject);
    }
    if (!app->quiet) {
        bullets(app, "Likely reasons", &s->why);
        bullets(app, "What would confirm or exclude it", &s->check);
        bullets(app, "How to mend it", &s->fix);
    }
    if (app->verbose) {
        bullets(app, "Sources", &s->source);
    }
}

static void kexts(const struct app *app, const struct dext_panic *p)
{
    bool first = true;
    for (size_t i = 0; i < p->kext_count; i++) {
        const struct dext_panic_kext *k = &p->kexts[i];
        if (k->dependency && !app->verbose) {
            continue;
        }
        if (first) {
            heading(app, app->verbose ? "Kexts in the backtrace, and what they need"
                                      : "Kexts in the backtrace");
        }
        first = false;
        (void)fputs(k->dependency ? "      needs " : "    ", app->out);
        term_line(app->out, k->id);
        (void)fputs(" ", app->out);
        term_line(app->out, k->version);
        (void)fputs(*k->uuid ? "  " : "", app->out);
        term_line(app->out, k->uuid);
        (void)fputc('\n', app->out);
    }
}

static void where(const struct app *app, const struct dext_panic_frame *f)
{
    (void)fprintf(app->out, "0x%016" PRIx64 "  ", f->address);
    if (f->kext) {
        term_line(app->out, f->kext->id);
        (void)fprintf(app->out, " + 0x%" PRIx64 "\n", f->offset);
    } else if (f->unslid.known) {
        (void)fprintf(app->out, "kernel, unslid 0x%016" PRIx64 "\n", f->unslid.value);
    } else {
        (void)fputs(f->address >> 63 ? "kernel\n" : "user space\n", app->out);
    }
}

static void frames(const struct app *app, const struct dext_panic *p)
{
    for (size_t i = 0; i < p->frame_count; i++) {
        const struct dext_panic_frame *f = &p->frames[i];
        if (i == 0) {
            heading(app, "Frames, innermost first");
        }
        (void)fprintf(app->out, "    %2zu  ", i);
        where(app, f);
    }
}

static void facts(const struct app *app, const struct dext_panic *p)
{
    if (*p->task) {
        (void)fputs("  Running then: ", app->out);
        term_line(app->out, p->task);
        if (p->task_pid >= 0) {
            (void)fprintf(app->out, " (pid %ld)", p->task_pid);
        }
        (void)fputs(", often only the victim\n", app->out);
    }
    if (p->fault) {
        (void)fputs("  Fault at: ", app->out);
        where(app, p->fault);
    }
    if (p->far.known) {
        (void)fprintf(app->out, "  Address it went for (far): 0x%" PRIx64 "\n", p->far.value);
    }
    (void)fputs(*p->os_build ? "  System: " : "", app->out);
    term_line(app->out, p->os_build);
    (void)fputs(*p->os_build ? " " : "", app->out);
    term_line(app->out, p->arch);
    (void)fputs(*p->os_build || *p->arch ? "\n" : "", app->out);
}

static void others(const struct app *app, const struct dext_panic *p)
{
    for (size_t i = 0; i < p->others.count; i++) {
        if (i == 0) {
            heading(app, "Third-party kexts that were loaded; that alone is no evidence");
        }
        (void)fputs("    ", app->out);
        term_line(app->out, p->others.text[i]);
        (void)fputc('\n', app->out);
    }
}

static void human(const struct app *app, const struct dext_panic *p)
{
    const struct dext_panic_kext *suspect;
    const char *verdict = panic_verdict(p, &suspect);
    term_on(app->out, app->colour, TERM_BOLD);
    term_line(app->out, p->file);
    term_off(app->out, app->colour);
    (void)fputs(": kernel panic\n", app->out);
    paragraph(app->out, "  ", 2, p->reason);
    facts(app, p);
    for (size_t i = 0; i < p->sign_count; i++) {
        sign(app, &p->signs[i]);
    }
    heading(app, "Whose it is");
    paragraph(app->out, "    ", 4, verdict);
    if (suspect) {
        paragraph(app->out, "    ", 4, suspect->id);
    }
    paragraph(app->out, "    ", 4, panic_dexts(p));
    if (!app->quiet) {
        kexts(app, p);
        frames(app, p);
        others(app, p);
    }
    for (size_t i = 0; i < p->notes.count; i++) {
        paragraph(app->out, i ? "  Note: " : "\n  Note: ", 8, p->notes.text[i]);
    }
}

static void nothing(const struct app *app)
{
    (void)app;
}

const struct panic_view *panic_view_named(const char *format)
{
    static const struct panic_view view = {"human", nothing, human, nothing};
    return strcmp(format, "json") == 0 ? &panic_json : &view;
}
