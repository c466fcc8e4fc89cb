/* Reports of the system: panics and crashes. What blames a driver is a finding; what blames
 * something else is said plainly, and is none. */
#include <string.h>

#include "dext/panic.h"
#include "explain/join.h"
#include "panic/crash.h"

/* ---- panics --------------------------------------------------------------------------------- */

static unsigned long join_reports_line_of(struct dx_str text, const char *const *words)
{
    struct dx_str line;
    for (unsigned long n = 1; dx_next_line(&text, &line); n++) {
        for (const char *const *w = words; *w; w++) {
            if (dx_str_contains(line, *w)) {
                return n;
            }
        }
    }
    return 1;
}

/* The line of the input that holds one of the words, at or below the report's beginning. */
static unsigned long join_reports_line_in(const struct dx_held *h, const struct dext_panic *p,
                                          const char *const *words)
{
    unsigned long above = 0;
    for (size_t i = 0; i < p->offset; i++) {
        above += h->data.p[i] == '\n';
    }
    return above + join_reports_line_of(
                       (struct dx_str){h->data.p + p->offset, h->data.n - p->offset}, words);
}

static bool blames_driver(const struct dext_panic_sign *s)
{
    return strcmp(s->blames, "driver") == 0 || strcmp(s->blames, "dext") == 0;
}

static const char *const panic_words[] = {"panic(cpu", "macOSPanicString", "panicString",
                                          "Stackshot Reason:", NULL};
static const char *const backtrace_words[] = {"Kernel Extensions in backtrace", "0xffffff", NULL};

/* Kexts that were only loaded are no evidence; one among the calls of the panicked thread is. */
static bool kext_in_panic(struct dx_join *j, const struct dx_held *h, const struct dext_panic *p)
{
    for (size_t i = 0; i < p->kext_count; i++) {
        const struct dext_panic_kext *k = &p->kexts[i];
        if (k->of_apple || k->dependency) {
            continue;
        }
        struct dx_conclusion f = {"panic-in-kext", k->id, "", "", {{0}}, 0};
        f.detail = *k->version ? dx_sprintf(&j->ctx->arena, "%s (%s)", k->id, k->version) : k->id;
        if (*p->reason) {
            dx_join_say(&f, h->file, join_reports_line_in(h, p, panic_words), p->reason);
        } else {
            dx_join_say(&f, h->file, join_reports_line_in(h, p, backtrace_words), f.detail);
        }
        dx_timeline_note(j->timeline, &f);
        return true;
    }
    return false;
}

/* Kexts stand in the backtrace, and all of them are Apple's: it clears the others that were loaded,
 * of which people think first. */
static bool apple_in_panic(struct dx_join *j, const struct dx_held *h, const struct dext_panic *p)
{
    struct dx_conclusion f = {"panic-in-apple-kext", "", "", "", {{0}}, 0};
    struct dx_buf b;
    dx_buf_init(&b, &j->ctx->arena, 4000);
    for (size_t i = 0; i < p->kext_count; i++) {
        if (!p->kexts[i].dependency) {
            dx_buf_printf(&b, "%s%s", b.n ? ", " : "", p->kexts[i].id);
            f.subject = *f.subject ? f.subject : p->kexts[i].id;
        }
    }
    if (!b.n) {
        return false;
    }
    f.detail = dx_sprintf(&j->ctx->arena, "in the backtrace: %s", b.p);
    dx_join_say(&f, h->file, join_reports_line_in(h, p, backtrace_words), b.p);
    dx_timeline_note(j->timeline, &f);
    return true;
}

/* The reason names the source of a third-party kext, or the kext. */
static bool owner_in_panic(struct dx_join *j, const struct dx_held *h, const struct dext_panic *p)
{
    struct dx_conclusion f = {"panic-in-kext", p->owner, "", "", {{0}}, 0};
    if (!*p->source && !*p->owner) {
        return false;
    }
    f.detail =
        *p->source ? dx_sprintf(&j->ctx->arena, "the line that panicked: %s", p->source) : p->owner;
    dx_join_say(&f, h->file, join_reports_line_in(h, p, panic_words), p->reason);
    struct dext_symptom *shown = dx_timeline_note(j->timeline, &f);
    if (shown && *p->source) {
        shown->confidence = "high";
    }
    return true;
}

/* An address of the panicked thread in what Intel's kernel keeps for kexts (the 2 GB below
 * 0xffffff8000000000), of which no kext is named; 0: none. */
static uint64_t in_unnamed_kext(const struct dext_panic *p)
{
    if (strcmp(p->arch, "x86_64") != 0) {
        return 0;
    }
    if (p->fault && !p->fault->kext && p->fault->address >> 32 == 0xffffff7f) {
        return p->fault->address;
    }
    for (size_t i = 0; i < p->frame_count; i++) {
        const struct dext_panic_frame *f = &p->frames[i];
        if (!f->kext && f->address >> 32 == 0xffffff7f) {
            return f->address;
        }
    }
    return 0;
}

static void join_reports_tell(struct dx_join *j, const struct dx_held *h,
                              const struct dext_panic *p, const struct dext_panic_sign *s,
                              const char *symptom, const char *subject)
{
    uint64_t at = in_unnamed_kext(p);
    struct dx_conclusion f = {symptom, subject, "", s->what, {{0}}, 0};
    if (at) {
        f.detail = dx_sprintf(&j->ctx->arena,
                              "%s. 0x%llx is in the memory of kernel extensions (Intel: "
                              "0xffffff7f...); which one is not shown",
                              s->what, (unsigned long long)at);
    }
    dx_join_say(&f, h->file, join_reports_line_in(h, p, panic_words), p->reason);
    struct dext_symptom *shown = dx_timeline_note(j->timeline, &f);
    if (shown) {
        shown->why = s->why.count ? s->why : shown->why;
        shown->check = s->check.count ? s->check : shown->check;
        shown->fix = s->fix.count ? s->fix : shown->fix;
        shown->source = s->source.count ? s->source : shown->source;
        shown->confidence = s->confidence;
    }
}

#define MOST_NAMED 8

/* Of a report that shows no more than which kexts were loaded. */
static void loaded_beside(struct dx_join *j, const struct dx_held *h, const struct dext_panic *p)
{
    struct dx_buf b;
    if (!p->others.count) {
        return;
    }
    dx_buf_init(&b, &j->ctx->arena, 4000);
    for (size_t i = 0; i < p->others.count && i < MOST_NAMED; i++) {
        dx_buf_printf(&b, "%s%s", i ? ", " : "", p->others.text[i]);
    }
    dx_join_note(j, h,
                 "kexts of other makers than Apple were loaded: %s%s. That alone is no evidence; "
                 "the backtrace above it would tell which one was at work",
                 b.p, p->others.count > MOST_NAMED ? " and more" : "");
}

/* Whom it blames instead. */
static void other_blame(struct dx_join *j, const struct dx_held *h, const struct dext_panic *p)
{
    static const struct {
        const char *blames, *words;
    } whom[] = {{"kernel", "the kernel's own code"},
                {"process", "a process of the system"},
                {"user", "the user, who forced the restart"}};
    const char *who = "something else";
    for (size_t i = 0; p->sign_count && i < sizeof whom / sizeof *whom; i++) {
        who = strcmp(whom[i].blames, p->signs[0].blames) == 0 ? whom[i].words : who;
    }
    if (!*p->reason) {
        dx_join_note(j, h, "the part of the report with its reason is missing");
        loaded_beside(j, h, p);
    } else if (p->sign_count) {
        dx_join_note(j, h, "the reason speaks of %s, not of a driver: %s", who, p->signs[0].what);
    } else {
        dx_join_note(j, h, "its reason is none that dextctl knows, and names no driver");
    }
}

/* "macOS 14.4 (23E214)" of the line of JSON before a report, or what the kernel's version says:
 * Darwin's is that of macOS plus 9 up to 15, and minus 1 from 26 on. */
static const char *system_of(struct dx_join *j, const struct dx_held *h, const struct dext_panic *p)
{
    static const char lead[] = "Darwin Kernel Version ";
    struct dx_arena *a = &j->ctx->arena;
    struct dx_str rest = dx_str_trim(h->data), line;
    if (rest.n && *rest.p == '{' && dx_next_line(&rest, &line)) {
        struct dx_str os = dx_json_value(line, "\"os_version\"");
        struct dx_str when = dx_json_value(line, "\"timestamp\"");
        if (os.n) {
            return dx_sprintf(a, "%.*s%s%.*s", (int)(os.n < 80 ? os.n : 80), os.p,
                              when.n ? ", " : "", (int)(when.n < 40 ? when.n : 40), when.p);
        }
    }
    const char *at = strstr(p->kernel_version, lead);
    unsigned n = 0;
    for (at = at ? at + sizeof lead - 1 : ""; *at >= '0' && *at <= '9' && n < 1000; at++) {
        n = n * 10 + (unsigned)(*at - '0');
    }
    bool phone = dx_str_contains(h->data, "iPhone") || dx_str_contains(h->data, "iPad");
    unsigned macos = n >= 25 ? n + 1 : n >= 20 ? n - 9 : 0;
    return macos && !phone ? dx_sprintf(a, "macOS %u (%s)", macos, p->os_build)
           : *p->os_build  ? dx_sprintf(a, "system %s", p->os_build)
                           : "system not shown";
}

static void join_reports_panic(struct dx_join *j, const struct dx_held *h,
                               const struct dext_panic *p)
{
    for (size_t i = 0; i < p->sign_count; i++) {
        if (blames_driver(&p->signs[i])) {
            join_reports_tell(j, h, p, &p->signs[i], "panic-of-driver", p->signs[i].subject);
            return; /* the best one */
        }
    }
    bool blamed = kext_in_panic(j, h, p) || owner_in_panic(j, h, p);
    if (!blamed && p->sign_count && strcmp(p->signs[0].blames, "user") != 0) {
        join_reports_tell(j, h, p, &p->signs[0], "panic-elsewhere", "the kernel");
    } else if (blamed || p->sign_count || !apple_in_panic(j, h, p)) {
        other_blame(j, h, p);
    }
}

void dx_join_panic(struct dx_join *j, const struct dx_held *h)
{
    struct dext_panic *p;
    size_t more = 0;
    if (dext_panic_parse(&p, j->ctx, h->file, h->data.p, h->data.n) < 0) {
        dext_ctx_clear(j->ctx);
        dx_join_holds(j, h, "no reason in it that can be read");
        return;
    }
    for (const struct dext_panic *q = p->next; q; q = q->next) {
        more++;
    }
    dx_seen_system(j, system_of(j, h, p));
    dx_seen_model(j, h->data);
    dx_join_holds(j, h, "%s%s%s, %zu %s%s%s%s", system_of(j, h, p), *p->arch ? ", " : "", p->arch,
                  p->frame_count, p->frame_count == 1 ? "frame" : "frames",
                  *p->task ? ", while running " : "", p->task,
                  more ? dx_sprintf(&j->ctx->arena, ", and %zu more report%s below", more,
                                    more == 1 ? "" : "s")
                       : "");
    for (const struct dext_panic *q = p; q; q = q->next) {
        join_reports_panic(j, h, q);
    }
}

/* ---- crashes -------------------------------------------------------------------------------- */

static const char *detail(struct dx_join *j, const struct dx_crash *c)
{
    struct dx_buf b;
    dx_buf_init(&b, &j->ctx->arena, 4000);
    dx_buf_printf(&b, "%s%s", c->exception, *c->exception && c->frame_count ? "; " : "");
    for (size_t i = 0; i < c->frame_count; i++) {
        dx_buf_printf(&b, "%s%s", i ? " < " : "in ", c->frames[i]);
    }
    return b.n ? b.p : "";
}

static const char *ending(struct dx_join *j, const struct dx_crash *c)
{
    return dx_sprintf(&j->ctx->arena, "terminated: %s%s%s%s%s", c->space, *c->code ? " " : "",
                      c->code, *c->space && *c->reason ? ", " : "", c->reason);
}

static bool in_start(const struct dx_crash *c)
{
    for (size_t i = 0; i < c->frame_count; i++) {
        if (strstr(c->frames[i], "::Start") || strstr(c->frames[i], "Start_Impl") ||
            strstr(c->frames[i], "::init(")) {
            return true;
        }
    }
    return false;
}

/* The image of a frame when it goes by a bundle identifier of somebody else than Apple; "": none.
 */
static const char *foreign_image(struct dx_join *j, const char *frame)
{
    struct dx_str image = {frame, strcspn(frame, " ")};
    size_t dots = 0;
    for (size_t i = 0; i < image.n; i++) {
        dots += image.p[i] == '.';
    }
    return dots >= 2 && !dx_is_apple(image) && !dx_str_has_suffix(image, ".dylib")
               ? dx_strndup(&j->ctx->arena, image.p, image.n)
               : "";
}

/* A program of the system, or one that is not shown, crashed with somebody's plug-in among its
 * calls: an audio, camera or printer driver that is no driver extension. */
static bool plugin_in_crash(struct dx_join *j, const struct dx_held *h, const struct dx_crash *c)
{
    const char *image = "";
    for (size_t i = 0; i < c->frame_count && !*image; i++) {
        image = foreign_image(j, c->frames[i]);
    }
    /* Where the process is not shown, the image may be the program itself. */
    bool shown = *c->process || *c->bundle_id;
    if (!*image || strcmp(image, c->process) == 0 || strcmp(image, c->bundle_id) == 0 ||
        (!shown && !strcasestr(image, "driver") && !strcasestr(image, "plugin"))) {
        return false;
    }
    struct dx_conclusion f = {"crashed-in-plugin", image, "", detail(j, c), {{0}}, 0};
    if (*c->exception) {
        dx_join_say(&f, h->file, c->exception_line, c->exception);
    }
    dx_join_say(
        &f, h->file, c->thread_line,
        dx_sprintf(&j->ctx->arena, "%s is among the calls of the thread that crashed", image));
    dx_timeline_note(j->timeline, &f);
    return true;
}

static void tell_crash(struct dx_join *j, const struct dx_held *h, const struct dx_crash *c)
{
    bool signing = dx_crash_is_signing(c);
    const char *symptom = signing       ? "killed-for-signature"
                          : in_start(c) ? "crashed-in-start"
                                        : "crash-report";
    struct dx_conclusion f = {symptom, *c->bundle_id ? c->bundle_id : c->process, "", "", {{0}}, 0};
    f.detail = signing ? ending(j, c) : detail(j, c);
    if (*c->exception) {
        dx_join_say(&f, h->file, c->exception_line, c->exception);
    }
    if (*c->space || *c->reason) {
        dx_join_say(&f, h->file, c->termination_line, ending(j, c));
    }
    if (f.evidence_count == 0) {
        dx_join_say(&f, h->file, c->process_line, c->process);
    }
    dx_timeline_note(j->timeline, &f);
}

/* A driver; or an extension of another kind or an app that the system did not let start: it may be
 * the one that brings the driver. */
static bool concerns_extensions(const struct dx_crash *c)
{
    return c->dext || strstr(c->path, "/Library/SystemExtensions/") ||
           (dx_crash_is_signing(c) &&
            (strstr(c->path, ".systemextension/") || strstr(c->path, ".app/Contents/MacOS/")));
}

void dx_join_crash(struct dx_join *j, const struct dx_held *h)
{
    struct dx_crash c = {.type = ""};
    if (dx_crash_read(&c, j->ctx, h->file, h->data) < 0) {
        dext_ctx_clear(j->ctx);
        dx_join_holds(j, h, "it cannot be read to its end");
        return;
    }
    const char *id = *c.bundle_id ? c.bundle_id : c.process;
    if (!c.crash) {
        dx_join_holds(j, h, "of %s, type %s: no crash", *id ? id : "no process", c.type);
        j->inputs[h->input].aside = h->found;
        return;
    }
    dx_seen_system(j, c.os);
    dx_seen_model(j, h->data);
    if (c.dext) {
        dx_seen_driver(j, c.bundle_id, c.version, "");
    }
    bool apple = dx_is_apple(dx_str(id)) || strstr(c.path, "/System/Library/") == c.path;
    if (!*id && !*c.path && !*c.exception && !*c.space && !c.dext) {
        dx_join_holds(j, h, "the thread that crashed, of a process that is not shown");
        (void)plugin_in_crash(j, h, &c);
        return;
    }
    dx_join_holds(j, h, "%s%s%s, a %s: %s%s%s%s%s", *id ? id : "a process without a name",
                  *c.version ? " " : "", c.version,
                  c.dext                              ? "driver extension"
                  : strstr(c.path, "SystemExtension") ? "system extension"
                                                      : "program, no driver extension",
                  *c.exception ? c.exception : ending(j, &c), *c.when ? ", " : "", c.when,
                  *c.os ? ", " : "", c.os);
    if (concerns_extensions(&c) && !apple) {
        tell_crash(j, h, &c);
    } else if ((*id && !apple) || !plugin_in_crash(j, h, &c)) {
        j->inputs[h->input].aside = h->found;
        dx_join_note(j, h,
                     c.dext ? "it is one of Apple's own driver extensions"
                            : "it is no driver extension, and says nothing of one");
    }
}
