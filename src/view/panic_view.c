#include "view/panic_view.h"

#include <inttypes.h>
#include <string.h>

#include "app/term.h"
#include "view/page.h"

static bool only_noticed(const struct dext_panic *p)
{
    return p->sign_count && p->signs[0].noticed;
}

static const char *verdict_of_foreign(const struct dext_panic *p)
{
    if (only_noticed(p)) {
        return "A third-party kext is in the backtrace of whoever noticed. It was at work then, "
               "which "
               "makes it worth a look, but proves nothing.";
    }
    return "A third-party kext is in the backtrace: look there first. The fault is in it, in what "
           "it "
           "called, or in memory that was damaged before.";
}

const char *panic_verdict(const struct dext_panic *p, const struct dext_panic_kext **suspect)
{
    *suspect = p->foreign ? p->foreign->kext : NULL;
    for (size_t i = 0; i < p->kext_count && !*suspect; i++) {
        if (!p->kexts[i].dependency && !p->kexts[i].of_apple) {
            *suspect = &p->kexts[i];
        }
    }
    if (*suspect) {
        return verdict_of_foreign(p);
    }
    if (*p->source || *p->owner) {
        return "The reason's own words name who panicked: code that is not Apple's.";
    }
    if (!p->frame_count && !p->kext_count) {
        return "Without a backtrace nothing can be said of kexts.";
    }
    if (only_noticed(p)) {
        return "The backtrace is that of whoever noticed, not of the cause: what is in it is no "
               "suspect.";
    }
    for (size_t i = 0; i < p->kext_count; i++) {
        if (!p->kexts[i].dependency) {
            return "Only Apple's kexts are in the backtrace. They may have stumbled over what a "
                   "device or another driver did before.";
        }
    }
    for (size_t i = 0; i < p->frame_count; i++) {
        /* Intel: the 2 GB below the kernel are for kexts. */
        if (strcmp(p->arch, "x86_64") == 0 && p->frames[i].address >> 32 == 0xffffff7f) {
            return "A frame is in the memory of kernel extensions (0xffffff7f..., Intel); the "
                   "report "
                   "does not show which one.";
        }
    }
    return !p->frame_count ? "Without a backtrace nothing can be said of kexts."
           : p->cut ? "The report ends with its backtrace: whether a kext is in it is not shown."
                    : "The report lists no kext in the backtrace.";
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

static void panic_bullets(const struct app *app, const char *title, const struct dext_texts *list)
{
    page_bullets(app, title, list->text, list->count, false);
}

static void panic_view_sign(const struct app *app, const struct dext_panic_sign *s)
{
    (void)fprintf(app->out, "\n  [%s]  confidence %s\n", s->id, s->confidence);
    page_paragraph(app, "  ", 2, s->what);
    if (*s->subject) {
        page_paragraph(app, "  Named in the reason: ", 4, s->subject);
    }
    if (!app->quiet) {
        panic_bullets(app, "Likely reasons", &s->why);
        panic_bullets(app, "What would confirm or exclude it", &s->check);
        panic_bullets(app, "How to mend it", &s->fix);
    }
    if (app->verbose) {
        panic_bullets(app, "Sources", &s->source);
    }
}

static void panic_view_kexts(const struct app *app, const struct dext_panic *p)
{
    bool first = true;
    for (size_t i = 0; i < p->kext_count; i++) {
        const struct dext_panic_kext *k = &p->kexts[i];
        if (k->dependency && !app->verbose) {
            continue;
        }
        if (first) {
            page_heading(app, app->verbose ? "Kexts in the backtrace, and what they need"
                                           : "Kexts in the backtrace");
        }
        first = false;
        (void)fputs(k->dependency ? "      needs " : "    ", app->out);
        term_line(app->out, k->id);
        (void)fputs(*k->version ? " " : "", app->out);
        term_line(app->out, k->version);
        (void)fputs(*k->uuid ? "  " : "", app->out);
        term_line(app->out, k->uuid);
        (void)fputc('\n', app->out);
    }
}

static void panic_view_where(const struct app *app, const struct dext_panic_frame *f)
{
    (void)fprintf(app->out, "0x%016" PRIx64 "  ", f->address);
    if (f->kext) {
        term_line(app->out, f->kext->id);
        if (f->kext->start) {
            (void)fprintf(app->out, " + 0x%" PRIx64, f->offset);
        }
    } else if (f->unslid.known) {
        (void)fprintf(app->out, "kernel, unslid 0x%016" PRIx64, f->unslid.value);
    } else {
        /* Programs of 64 bits have nothing below 4 GB: this is of a kernel of 32 bits. */
        (void)fputs(f->address >> 63   ? "kernel"
                    : f->address >> 32 ? "user space"
                                       : "not known where",
                    app->out);
    }
    if (*f->symbol) {
        (void)fputs("  ", app->out);
        term_line(app->out, f->symbol);
    }
    if (f->symbol_offset.known) {
        (void)fprintf(app->out, " + 0x%" PRIx64, f->symbol_offset.value);
    }
    (void)fputs(f->kext && !f->kext->of_apple ? "  (third party)\n" : "\n", app->out);
}

static void frames(const struct app *app, const struct dext_panic *p, const struct panic_names *n)
{
    for (size_t i = 0; i < p->frame_count; i++) {
        const struct dext_panic_frame *f = &p->frames[i];
        if (i == 0) {
            page_heading(app, "Frames, innermost first");
        }
        (void)fprintf(app->out, "    %2zu  ", i);
        panic_view_where(app, f);
        panic_name_write(app, &n->frames[i], &n->symbols->frames[i], n->asked);
    }
}

static void panic_facts(const struct app *app, const struct dext_panic *p,
                        const struct panic_names *n)
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
        panic_view_where(app, p->fault);
        panic_name_write(app, n->fault, n->symbols->fault, n->asked);
    }
    if (p->far.known) {
        (void)fprintf(app->out, "  Address it went for (far): 0x%" PRIx64 "\n", p->far.value);
    }
    /* A T2 chip's file names the chip's system. */
    const char *system = *p->system && !*p->bridge_build ? p->system : p->os_build;
    (void)fputs(*system || *p->arch ? "  System: " : "", app->out);
    const char *const words[] = {system, p->arch, p->model};
    bool any = false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        (void)fputs(any && *words[i] ? ", " : "", app->out);
        term_line(app->out, words[i]);
        any = any || *words[i];
    }
    (void)fputs(any ? "\n" : "", app->out);
    if (*p->bridge_build) {
        (void)fputs("  The report is that of the Mac's T2 chip, system ", app->out);
        term_line(app->out, p->bridge_build);
        (void)fputs("\n", app->out);
    }
}

/* ---- what would tell more -----------------------------------------------------------------------
 */

static bool of_mac(const struct dext_panic *p)
{
    static const char *const others[] = {"iPhone", "iPad", "iPod", "Watch", "AppleTV", "Reality"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (strncmp(p->system, others[i], strlen(others[i])) == 0 ||
            strncmp(p->model, others[i], strlen(others[i])) == 0) {
            return false;
        }
    }
    return *p->bridge_build == 0;
}

/* Only frames that the report leaves without a name need symbols. */
static bool panic_view_has_unnamed(const struct dext_panic *p, const struct dext_panic_kext *in)
{
    for (size_t i = 0; i < p->frame_count; i++) {
        if (p->frames[i].kext == in && !*p->frames[i].symbol && p->frames[i].address >> 63) {
            return true;
        }
    }
    return false;
}

static void symbols(const struct app *app, const struct dext_panic *p,
                    const struct dext_panic_kext *suspect)
{
    char text[400];
    bool kernel = panic_view_has_unnamed(p, NULL) && of_mac(p) && *p->os_build;
    bool kext = suspect && panic_view_has_unnamed(p, suspect);
    if (kernel || kext) {
        page_heading(app, "To put names to the frames");
    }
    if (kext) {
        (void)snprintf(text, sizeof text, "the dSYM of %.100s %.40s%s%.40s", suspect->id,
                       suspect->version, *suspect->uuid ? ", UUID " : "", suspect->uuid);
        page_bullet(app, text);
    }
    if (kernel) {
        (void)snprintf(text, sizeof text,
                       "the Kernel Debug Kit of build %.20s (developer.apple.com, More "
                       "Downloads)%s%.40s",
                       p->os_build, *p->kernel_uuid ? "; its kernel has the UUID " : "",
                       p->kernel_uuid);
        page_bullet(app, text);
    }
    if (kernel || kext) {
        page_bullet(app, "then dextctl panic --symbols PATH, with each of them");
    }
}

static void panic_view_others(const struct app *app, const struct dext_panic *p)
{
    bool first = true;
    for (size_t i = 0; i < p->last_count; i++) {
        if (strncmp(p->last[i].id, "com.apple.", 10) == 0 && !app->verbose) {
            continue;
        }
        if (first) {
            page_heading(app, "Kexts that came or went last; that alone is no evidence");
        }
        first = false;
        (void)fprintf(app->out, "    %-9s ", p->last[i].what);
        term_line(app->out, p->last[i].id);
        (void)fputs(" ", app->out);
        term_line(app->out, p->last[i].version);
        (void)fputs("\n", app->out);
    }
    for (size_t i = 0; i < p->others.count; i++) {
        if (i == 0) {
            page_heading(app, "Third-party kexts that were loaded; that alone is no evidence");
        }
        (void)fputs("    ", app->out);
        term_line(app->out, p->others.text[i]);
        (void)fputc('\n', app->out);
    }
}

/* Firmware puts pages of its log into the reason. */
static void panic_view_reason(const struct app *app, const char *text)
{
    char cut[704];
    if (strlen(text) < sizeof cut || app->verbose) {
        page_paragraph(app, "  ", 2, text);
    } else {
        (void)snprintf(cut, sizeof cut, "%.700s...", text);
        page_paragraph(app, "  ", 2, cut);
    }
}

static void panic_view_human(const struct app *app, const struct dext_panic *p,
                             const struct panic_names *n)
{
    const struct dext_panic_kext *suspect;
    const char *verdict = panic_verdict(p, &suspect);
    term_on(app->out, app->colour, TERM_BOLD);
    term_line(app->out, p->file);
    term_off(app->out, app->colour);
    (void)fputs(": kernel panic\n", app->out);
    panic_view_reason(app, p->reason);
    panic_facts(app, p, n);
    for (size_t i = 0; i < p->sign_count; i++) {
        panic_view_sign(app, &p->signs[i]);
    }
    page_heading(app, "Whose it is");
    page_paragraph(app, "    ", 4, verdict);
    if (suspect) {
        page_paragraph(app, "    ", 4, suspect->id);
    }
    if (*p->source || *p->owner) {
        page_paragraph(app, "    ", 4, *p->source ? p->source : p->owner);
    }
    if (p->foreign) {
        (void)fputs(p->foreign == p->fault ? "    the fault: " : "    its innermost frame: ",
                    app->out);
        panic_view_where(app, p->foreign);
        if (n->asked && p->foreign != p->fault) {
            size_t i = (size_t)(p->foreign - p->frames);
            panic_name_write(app, &n->frames[i], &n->symbols->frames[i], n->asked);
        }
    }
    page_paragraph(app, "    ", 4, panic_dexts(p));
    if (!app->quiet) {
        if (!n->asked) {
            symbols(app, p, suspect);
        }
        panic_view_kexts(app, p);
        frames(app, p, n);
        if (n->asked || app->verbose) {
            panic_images_write(app, p, n);
        }
        panic_view_others(app, p);
    }
    for (size_t i = 0; i < p->notes.count; i++) {
        page_paragraph(app, i ? "  Note: " : "\n  Note: ", 8, p->notes.text[i]);
    }
}

static void panic_human_report(struct panic_out *o, const struct dext_panic *p,
                               const struct panic_names *n)
{
    (void)fputs(o->later ? "\n" : "", o->app->out);
    panic_view_human(o->app, p, n);
}

static void panic_human_nothing(struct panic_out *o)
{
    o->later = false;
}

const struct panic_format *panic_format_for(enum face face)
{
    static const struct panic_format human = {panic_human_nothing, panic_human_report,
                                              panic_human_nothing};
    static const struct panic_format *const faces[FACE_COUNT] = {
        [FACE_HUMAN] = &human, [FACE_JSON] = &panic_record, [FACE_NDJSON] = &panic_record};
    return faces[face];
}
