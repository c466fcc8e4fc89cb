/* What inputs say that no line of a log does: each by itself (what it holds), and several together:
 * a personality against a dump, rows of a list against each other, entitlements against the
 * kernel's complaint. */
#include "explain/join.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "dext/sysext.h"

#define MOST_NOTES 8 /* of one input */

void dx_join_say(struct dx_conclusion *f, const char *file, unsigned long line, const char *text)
{
    if (f->evidence_count < DEXT_EVIDENCE_MOST) {
        f->evidence[f->evidence_count++] =
            (struct dext_evidence){.file = file, .line = line, .text = text};
    }
}

/* Words of an input: one line, and no longer than one can read. */
__attribute__((format(printf, 2, 0))) static const char *words(struct dx_join *j, const char *fmt,
                                                               va_list args)
{
    char text[600];
    int n = vsnprintf(text, sizeof text, fmt, args);
    size_t end = n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
    while (end == sizeof text - 1 && end && ((unsigned char)text[end - 1] & 0x80)) {
        end--; /* not inside a character */
    }
    for (size_t i = 0; i < end; i++) {
        text[i] = text[i] == '\n' || text[i] == '\r' || text[i] == '\t' ? ' ' : text[i];
    }
    struct dx_str s = dx_str_trim((struct dx_str){text, end});
    return dx_strndup(&j->ctx->arena, s.p, s.n);
}

void dx_join_holds(struct dx_join *j, const struct dx_held *h, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    const char *text = words(j, fmt, args);
    if (j->holder != h) {
        j->holder = h;
        j->held_before = h->piece ? j->inputs[h->input].holds : "";
    }
    j->inputs[h->input].holds =
        *j->held_before ? dx_sprintf(&j->ctx->arena, "%s; %s", j->held_before, text) : text;
    va_end(args);
}

void dx_join_note(struct dx_join *j, const struct dx_held *h, const char *fmt, ...)
{
    struct dext_texts *notes = &j->inputs[h->input].notes;
    va_list args;
    if (notes->count == MOST_NOTES) {
        return;
    }
    if (notes->count == 0) {
        notes->text = dx_calloc(&j->ctx->arena, MOST_NOTES, sizeof *notes->text);
    }
    va_start(args, fmt);
    notes->text[notes->count++] = words(j, fmt, args);
    va_end(args);
}

/* ---- extension lists ----------------------------------------------------------------------- */

/* Former copies beside one that is enabled: no failure, and people ask about them. */
static void list_leftovers(struct dx_join *j, const struct dx_held *h,
                           const struct dext_sysext *list)
{
    for (size_t i = 0; i < list->extension_count; i++) {
        const struct dext_sysext_extension *e = &list->extensions[i];
        size_t n = 0;
        for (size_t k = 0; k < e->row_count; k++) {
            n += strcmp(e->rows[k]->state, "terminated waiting to uninstall on reboot") == 0;
        }
        if (n && n < e->row_count) {
            dx_join_note(j, h,
                         "%zu former %s of %s %s until the Mac is restarted; %s nothing "
                         "meanwhile",
                         n, n == 1 ? "copy" : "copies", e->id, n == 1 ? "stays" : "stay",
                         n == 1 ? "it does" : "they do");
        }
    }
}

/* "3 extensions, all activated", or the states that are not. */
static void list_holds(struct dx_join *j, const struct dx_held *h, const struct dext_sysext *list)
{
    struct dx_buf b;
    size_t well = 0, drivers = 0;
    dx_buf_init(&b, &j->ctx->arena, 500);
    for (size_t i = 0; i < list->extension_count; i++) {
        const struct dext_sysext_row *r = list->extensions[i].judged;
        well += list->extensions[i].attention == DEXT_ATTENTION_NONE;
        drivers += r && strcmp(r->category, "driver_extension") == 0;
    }
    dx_buf_printf(&b, "%zu %s", list->extension_count,
                  list->extension_count == 1 ? "extension" : "extensions");
    if (drivers && drivers < list->extension_count) {
        dx_buf_printf(&b, ", %zu of %s", drivers, drivers == 1 ? "a driver" : "drivers");
    }
    if (list->extension_count) {
        dx_buf_puts(&b, well == list->extension_count
                            ? (well == 1 ? ", activated" : ", all activated")
                            : "");
    }
    for (size_t i = 0; i < list->extension_count; i++) {
        const struct dext_sysext_extension *e = &list->extensions[i];
        if (e->attention != DEXT_ATTENTION_NONE && e->judged) {
            dx_buf_printf(&b, ", %s [%s]", e->id, e->judged->state);
        }
    }
    dx_join_holds(j, h, "%s", b.n ? b.p : "");
    list_leftovers(j, h, list);
    for (size_t i = 0; i < list->note_count; i++) {
        dx_join_note(j, h, "%s", list->notes[i]);
    }
}

void dx_join_unread(struct dx_join *j, const struct dx_held *h, const char *why)
{
    const char *reason = dx_str_has_prefix(dx_str(why), h->file) ? why + strlen(h->file) : why;
    reason += strspn(reason, ": ");
    if (!h->piece || dx_str_has_suffix(dx_str(h->file), ".plist")) {
        j->inputs[h->input].unread = dx_strdup(&j->ctx->arena, *reason ? reason : "not read");
    }
}

static void list_finding(struct dx_join *j, const struct dx_held *h,
                         const struct dext_sysext_extension *e, bool place, const char *symptom,
                         const char *detail)
{
    struct dx_conclusion f = {symptom, e->id, "", detail, {{0}}, 0};
    for (size_t k = 0; k < e->row_count; k++) {
        const struct dext_sysext_row *r = e->rows[k];
        dx_join_say(
            &f, h->file, place ? r->line : 0,
            dx_sprintf(&j->ctx->arena, "%s (%s/%s) [%s]", r->id, r->version, r->build, r->state));
    }
    dx_timeline_note(j->timeline, &f);
}

void dx_join_list(struct dx_join *j, const struct dx_held *h, bool place)
{
    struct dext_sysext *list;
    if (dext_sysext_parse(&list, j->ctx, h->file, h->data.p, h->data.n) < 0) {
        dext_ctx_clear(j->ctx);
        return;
    }
    list_holds(j, h, list);
    for (size_t i = 0; i < list->extension_count; i++) {
        const struct dext_sysext_row *r = list->extensions[i].judged;
        dx_seen_driver(j, r->id, r->version, r->build);
    }
    for (size_t i = 0; i < list->extension_count; i++) {
        const struct dext_sysext_extension *e = &list->extensions[i];
        static const char *const waiting[] = {"waits-for-user", NULL};
        if (strcmp(e->judged->state, "activated waiting for user") == 0 &&
            !dx_timeline_seen(j->timeline, waiting)) {
            list_finding(j, h, e, place, waiting[0], ""); /* of inventories, whose lines differ */
        } else if (e->judged->stale && e->attention != DEXT_ATTENTION_BUSY &&
                   !strstr(e->judged->state, "via delegate")) {
            list_finding(j, h, e, place, "being-removed", e->judged->state);
        } else if (e->row_count >= 2 && e->note && e->attention != DEXT_ATTENTION_NONE) {
            list_finding(j, h, e, place, "several-copies", e->note);
        }
    }
}

static void join_one(struct dx_join *j, const struct dx_held *h)
{
    static void (*const by_kind[])(struct dx_join *, const struct dx_held *) = {
        [DEXT_TEXT_PANIC] = dx_join_panic,       [DEXT_TEXT_IOREG] = dx_join_registry,
        [DEXT_TEXT_PLIST] = dx_join_plist,       [DEXT_TEXT_BUNDLE] = dx_join_bundle,
        [DEXT_TEXT_PROFILE] = dx_join_profile,   [DEXT_TEXT_IOREG_ARCHIVE] = dx_join_registry,
        [DEXT_TEXT_CRASH] = dx_join_crash,       [DEXT_TEXT_KEXTS] = dx_join_kexts,
        [DEXT_TEXT_PROFILER] = dx_join_profiler, [DEXT_TEXT_HIDUTIL] = dx_join_hidutil,
        [DEXT_TEXT_CODESIGN] = dx_join_codesign, [DEXT_TEXT_SPCTL] = dx_join_spctl,
        [DEXT_TEXT_SYSTEM] = dx_join_system,     [DEXT_TEXT_DATABASE] = dx_join_database,
        [DEXT_TEXT_DEVICES] = dx_join_devices,
    };
    if (h->kind == DEXT_TEXT_LIST) {
        dx_join_list(j, h, true);
    } else if ((size_t)h->kind < sizeof by_kind / sizeof *by_kind && by_kind[h->kind]) {
        by_kind[h->kind](j, h);
    }
}

void dx_join(struct dext_ctx *ctx, struct dx_timeline *t, struct dx_seen *seen,
             const struct dx_held *held, size_t count, struct dext_explain_input *inputs)
{
    struct dx_join j = {
        .ctx = ctx, .timeline = t, .held = held, .count = count, .seen = seen, .inputs = inputs};
    *seen = (struct dx_seen){.shown = {"", "", "", NULL, 0}};
    for (size_t i = 0; i < count; i++) {
        inputs[held[i].input].notes.count = 0;
        inputs[held[i].input].holds = held[i].piece ? "" : inputs[held[i].input].holds;
    }
    for (size_t i = 0; i < count; i++) {
        join_one(&j, &held[i]);
    }
    dx_join_rights(&j);
}
