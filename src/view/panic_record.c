/* What `dextctl panic` tells. */
#include <stdlib.h>

#include "view/panic_view.h"

/* A frame, and what was found of it. */
struct panic_frame_row {
    const struct dext_panic_frame *frame;
    const struct panic_name *name;
    const struct dext_panic_spot *spot;
    bool in_kext;
    uint64_t offset;
    int64_t image; /* -1: none */
    const char *why_not;
};

struct panic_image_row {
    const struct dext_panic_image *image;
    const struct dext_image_other *others;
    size_t other_count; /* that are named */
    char **commands;
    size_t command_count;
};

struct panic_row {
    const struct dext_panic *p;
    const struct panic_names *names;
    const char *verdict, *dexts;
    const struct dext_panic_kext *suspect;
    struct panic_frame_row *frames, *fault, *foreign;
    size_t frame_count;
    struct panic_image_row *images;
    size_t image_count;
};

static const char *kext_id(const void *kext)
{
    return kext ? ((const struct dext_panic_kext *)kext)->id : NULL;
}

static const char *kext_version(const void *kext)
{
    return kext ? ((const struct dext_panic_kext *)kext)->version : NULL;
}

/* ---- frames --------------------------------------------------------------------------------- */

static const struct record_field line_fields[] = {
    R_TEXT("function", struct source_line, function, "in source form, or `\"\"`"),
    R_FILLED("file", struct source_line, file, "as in the DWARF"),
    R_NUMBER("line", struct source_line, line, "0: not known"),
    R_BOOL("inlined", struct source_line, inlined, "into the next one"),
};
static const struct record line = RECORD("line", struct source_line, line_fields);

static const struct record_field spot_fields[] = {
    R_HEX_IF("lookup", struct dext_panic_spot, lookup.value, lookup.known,
             "the address in the image's file that was looked up: of the call, one before the "
             "return address, unless `exact`"),
    R_BOOL("exact", struct dext_panic_spot, exact, "it is no return address"),
    R_TEXT_OR_NULL("symbol", struct dext_panic_spot, symbol, "as in the file"),
};
static const struct record spot = RECORD("spot", struct dext_panic_spot, spot_fields);

static const struct record_field name_fields[] = {
    R_TEXT_OR_NULL("function", struct panic_name, function, "as in the source"),
    R_HEX_IF("offset", struct panic_name, offset, has_offset,
             "of the report's address from its beginning"),
};
static const struct record name = RECORD("name", struct panic_name, name_fields);

static const struct record_field lines_fields[] = {
    R_LIST("lines", struct panic_name, lines.list, lines.count, &line, "innermost first"),
};
static const struct record lines = RECORD("lines", struct panic_name, lines_fields);

static const struct record_field found_fields[] = {
    R_COUNTED("image", struct panic_frame_row, image,
              "index in `images`; `null` outside of the kernel"),
    R_INLINE_REF(struct panic_frame_row, spot, &spot),
    R_INLINE_REF(struct panic_frame_row, name, &name),
    R_TEXT_OR_NULL("why_not", struct panic_frame_row, why_not, "why there is no symbol"),
    R_INLINE_REF(struct panic_frame_row, name, &lines),
};
static const struct record found = RECORD("found", struct panic_frame_row, found_fields);

static const struct record_field head_fields[] = {
    R_HEX("address", struct dext_panic_frame, address, "of return"),
    R_BOOL("signed", struct dext_panic_frame, signed_pointer, "authentication bits were taken off"),
    R_CALLED_OR_NULL("kext", struct dext_panic_frame, kext, kext_id, NULL,
                     "it is in; `null`: the kernel itself"),
};
static const struct record head = RECORD("head", struct dext_panic_frame, head_fields);

static const struct record_field tail_fields[] = {
    R_HEX_IF("unslid", struct dext_panic_frame, unslid.value, unslid.known,
             "the address in the kernel's file (Intel) or in the kernel collection (Apple "
             "silicon)"),
    R_FILLED("image", struct dext_panic_frame, image, "where the report names it"),
    R_FILLED("symbol", struct dext_panic_frame, symbol, "where the report names it"),
    R_HEX_IF("symbol_offset", struct dext_panic_frame, symbol_offset.value, symbol_offset.known,
             "likewise"),
};
static const struct record tail = RECORD("tail", struct dext_panic_frame, tail_fields);

static const struct record_field frame_fields[] = {
    R_INLINE_REF(struct panic_frame_row, frame, &head),
    R_HEX_IF("offset", struct panic_frame_row, offset, in_kext, "from the kext's `start`"),
    R_INLINE_REF(struct panic_frame_row, frame, &tail),
    R_SELF("found", struct panic_frame_row, &found, "what `--symbols` gave"),
};
static const struct record frame = RECORD("frame", struct panic_frame_row, frame_fields);

/* ---- images --------------------------------------------------------------------------------- */

static const char *image_state_word(int v)
{
    static const char *const states[] = {
        [DEXT_IMAGE_MATCHED] = "matched",
        [DEXT_IMAGE_UNCERTAIN] = "uncertain",
        [DEXT_IMAGE_OTHER] = "other-build",
        [DEXT_IMAGE_MISSING] = "missing",
    };
    return states[v];
}

static const struct record_field other_fields[] = {
    R_TEXT("file", struct dext_image_other, file, ""),
    R_TEXT("uuid", struct dext_image_other, uuid, ""),
};
static const struct record other = RECORD("other", struct dext_image_other, other_fields);

static const struct record_field file_fields[] = {
    R_CALLED_OR_NULL("kext", struct dext_panic_image, kext, kext_id, NULL, "`null` for the kernel"),
    R_CALLED_OR_NULL("version", struct dext_panic_image, kext, kext_version, NULL, "of the kext"),
    R_TEXT("uuid", struct dext_panic_image, uuid, "of the file, else of the report; `\"\"`"),
    R_WORD("state", struct dext_panic_image, state, image_state_word, DEXT_IMAGE_MISSING + 1,
           "`matched` by UUID; `uncertain`: by identifier and version, the report has no UUID; "
           "`other-build`: only files with another UUID, not used"),
    R_TEXT_OR_NULL("file", struct dext_panic_image, file, "that was used"),
    R_TEXT("arch", struct dext_panic_image, arch, "of its slice, else what the report says"),
    R_TEXT_OR_NULL("segment", struct dext_panic_image, segment, "whose address the report gives"),
    R_HEX_IF("reported", struct dext_panic_image, reported.value, reported.known,
             "where that segment was; the address A is at A - `reported` + `linked` in the file"),
    R_HEX_IF("linked", struct dext_panic_image, linked.value, linked.known,
             "where it is in the file"),
    R_HEX_IF("load", struct dext_panic_image, load.value, load.known,
             "where the whole file would be: for `atos -l`"),
    R_TEXT("why", struct dext_panic_image, why, "this arithmetic, or why there is none"),
    R_TEXT_OR_NULL("note", struct dext_panic_image, note, "what else to know"),
    R_TEXT_OR_NULL("fetch", struct dext_panic_image, fetch, "what to get when there is no file"),
    R_BOOL("collection", struct dext_panic_image, collection, "the file is a kernel collection"),
    R_BOOL("dwarf", struct dext_panic_image, dwarf, "it holds line numbers"),
    R_NUMBER("frames", struct dext_panic_image, frames, "how many there are"),
    R_NUMBER("other_builds", struct dext_panic_image, other_count,
             "how many files of that identifier have another UUID"),
};
static const struct record file = RECORD("file", struct dext_panic_image, file_fields);

static const struct record_field image_fields[] = {
    R_INLINE_REF(struct panic_image_row, image, &file),
    R_LIST("others", struct panic_image_row, others, other_count, &other, "up to 8 of these"),
    R_TEXTS("commands", struct panic_image_row, commands, command_count,
            "for a Mac: one for a shell, which begins with `atos`, and lines for lldb"),
};
static const struct record image = RECORD("image", struct panic_image_row, image_fields);

/* ---- the report ----------------------------------------------------------------------------- */

static const char *notice_word(int v)
{
    return v ? "notice" : "cause";
}

static const struct record_field sign_fields[] = {
    R_TEXT("sign", struct dext_panic_sign, id, "its name in the knowledge base"),
    R_CHOICE("blames", struct dext_panic_sign, blames, "driver|dext|process|user|kernel|hardware",
             "whose fault it is"),
    R_CHOICE("confidence", struct dext_panic_sign, confidence, "high|medium|low", "in that"),
    R_WORD("backtrace", struct dext_panic_sign, noticed, notice_word, 2,
           "`notice`: it is that of whoever noticed, and says nothing of the cause"),
    R_TEXT("what", struct dext_panic_sign, what, "what happened"),
    R_TEXT("subject", struct dext_panic_sign, subject, "what the reason names, or `\"\"`"),
    R_TEXTS("why", struct dext_panic_sign, why.text, why.count, "likely reasons"),
    R_TEXTS("check", struct dext_panic_sign, check.text, check.count, "what to look at"),
    R_TEXTS("fix", struct dext_panic_sign, fix.text, fix.count, "how to mend it"),
    R_TEXTS("source", struct dext_panic_sign, source.text, source.count, "where it is known from"),
};
static const struct record sign = RECORD("sign", struct dext_panic_sign, sign_fields);

static const struct record_field kext_fields[] = {
    R_TEXT("id", struct dext_panic_kext, id, "CFBundleIdentifier"),
    R_TEXT_OR_NULL("written", struct dext_panic_kext, written, "shortened, as in the report"),
    R_TEXT("version", struct dext_panic_kext, version, "as in the report"),
    R_TEXT("uuid", struct dext_panic_kext, uuid, "`\"\"` in old reports"),
    R_HEX_OR_NULL("start", struct dext_panic_kext, start, "of its code"),
    R_HEX_OR_NULL("end", struct dext_panic_kext, end, "of its code, included"),
    R_BOOL("dependency", struct dext_panic_kext, dependency,
           "of one in the backtrace; by itself not in it"),
    R_BOOL("apple", struct dext_panic_kext, of_apple, "it is Apple's"),
};
static const struct record kext = RECORD("kext", struct dext_panic_kext, kext_fields);

static const struct record_field last_fields[] = {
    R_CHOICE("what", struct dext_panic_last, what, "started|stopped|loaded|unloaded",
             "as the report calls it"),
    R_TEXT("id", struct dext_panic_last, id, "of the kext"),
    R_TEXT("version", struct dext_panic_last, version, "of the kext"),
};
static const struct record last = RECORD("last", struct dext_panic_last, last_fields);

static const struct record_field form_fields[] = {
    R_TEXT("file", struct dext_panic, file, "that was read"),
    R_CHOICE("form", struct dext_panic, form, "text|panic|ips", "`panic`: JSON of .panic files"),
    R_TEXT("reason", struct dext_panic, reason, "what stands behind `panic(...)`:"),
};
static const struct record form = RECORD("form", struct dext_panic, form_fields);

#define ADDRESS(key, member, help)                                                                 \
    R_HEX_IF(key, struct dext_panic, member.value, member.known, help)

static const struct record_field fact_fields[] = {
    R_COUNTED("cpu", struct dext_panic, cpu, "that panicked"),
    ADDRESS("caller", caller, "of the panic"),
    ADDRESS("pc", pc, "of the fault, if it was one"),
    ADDRESS("far", far, "the address that the fault was about"),
    R_TEXT("arch", struct dext_panic, arch, "`arm64`, `x86_64` or `\"\"`"),
    R_TEXT("system", struct dext_panic, system, "by name, of an .ips file; `\"\"`"),
    R_TEXT("os_build", struct dext_panic, os_build, "`\"\"` when missing"),
    R_TEXT("bridge_build", struct dext_panic, bridge_build,
           "the build of a T2 chip's own system, when the report is the chip's; `os_build` is "
           "then that of macOS"),
    R_TEXT("kernel_version", struct dext_panic, kernel_version, "`\"\"` when missing"),
    R_TEXT("kernel_uuid", struct dext_panic, kernel_uuid,
           "to find the symbols that fit; `\"\"` when missing"),
    R_TEXT("kernelcache_uuid", struct dext_panic, cache_uuid, "likewise"),
    R_TEXT("model", struct dext_panic, model, "of the Mac; `\"\"` when missing"),
    R_TEXT("source", struct dext_panic, source,
           "source file and line that panicked, when the reason names one that is not Apple's"),
    R_TEXT("owner", struct dext_panic, owner,
           "third-party kext that was loaded and whose name the reason begins with"),
    R_TEXT("task", struct dext_panic, task, "the process that ran then, often only the victim"),
    R_COUNTED("task_pid", struct dext_panic, task_pid, "its number"),
    ADDRESS("thread", thread, "that panicked"),
    ADDRESS("kernelcache_slide", cache_slide, "as in the report"),
    ADDRESS("kernelcache_base", cache_base, "as in the report"),
    ADDRESS("kernel_slide", kernel_slide, "as in the report"),
    ADDRESS("kernel_text_base", text_base, "as in the report"),
    ADDRESS("kernel_text_exec_slide", exec_slide, "as in the report"),
    ADDRESS("kernel_text_exec_base", exec_base, "as in the report"),
    ADDRESS("hib_text_base", hib_base, "as in the report"),
    R_LIST("signs", struct dext_panic, signs, sign_count, &sign,
           "what the words of the reason say, best first"),
    R_LIST("kexts", struct dext_panic, kexts, kext_count, &kext,
           "of the backtrace, then what they depend on"),
};
static const struct record facts = RECORD("facts", struct dext_panic, fact_fields);

static const struct record_field last_list_fields[] = {
    R_LIST("last_kexts", struct dext_panic, last, last_count, &last,
           "what was started or stopped last; no evidence either"),
};
static const struct record last_list = RECORD("last_list", struct dext_panic, last_list_fields);

static const struct record_field notes_fields[] = {
    R_TEXTS("other_kexts", struct dext_panic, others.text, others.count,
            "third-party kexts that were loaded; that alone is no evidence"),
    R_TEXTS("notes", struct dext_panic, notes.text, notes.count, "what is odd about the report"),
};
static const struct record notes = RECORD("notes", struct dext_panic, notes_fields);

static const struct record_field symbol_fields[] = {
    R_TEXTS("symbol_notes", struct panic_names, notes, note_count,
            "why names or lines are missing that could be there"),
};
static const struct record symbol_notes = RECORD("symbol_notes", struct panic_names, symbol_fields);

static const struct record_field report_fields[] = {
    R_INLINE_REF(struct panic_row, p, &form),
    R_TEXT("verdict", struct panic_row, verdict, "whose it is, in words"),
    R_CALLED_OR_NULL("suspect", struct panic_row, suspect, kext_id, NULL,
                     "the third-party kext that is in the backtrace"),
    R_TEXT("dexts", struct panic_row, dexts, "what can be said of driver extensions"),
    R_INLINE_REF(struct panic_row, p, &facts),
    R_LIST("frames", struct panic_row, frames, frame_count, &frame, "innermost first"),
    R_REF("fault", struct panic_row, fault, &frame, "the frame of `pc`"),
    R_REF("third_party_frame", struct panic_row, foreign, &frame,
          "the fault, else the innermost frame, that is in a third-party kext"),
    R_INLINE_REF(struct panic_row, p, &last_list),
    R_LIST("images", struct panic_row, images, image_count, &image,
           "kernel and kexts that have frames"),
    R_INLINE_REF(struct panic_row, names, &symbol_notes),
    R_INLINE_REF(struct panic_row, p, &notes),
};
static const struct record report = RECORD("report", struct panic_row, report_fields);

static const struct record_part parts[] = {
    {"reports", RECORD_ITEMS, "report", &report, false, "one for each report"},
};
const struct record_form panic_form = RECORD_FORM("panic", 1, parts);

/* ---- the face ------------------------------------------------------------------------------- */

static struct panic_frame_row frame_row(const struct dext_panic_frame *f,
                                        const struct panic_names *n, const struct panic_name *nm,
                                        const struct dext_panic_spot *s)
{
    return (struct panic_frame_row){
        .frame = f,
        .name = nm,
        .spot = s,
        .in_kext = f->kext != NULL,
        .offset = f->offset,
        .image = s->image ? s->image - n->symbols->images : -1,
        .why_not = s->symbol ? NULL : s->why,
    };
}

static struct panic_image_row image_row(const struct dext_panic *p, const struct panic_names *n,
                                        const struct dext_panic_image *i)
{
    struct panic_image_row row = {.image = i, .others = i->others};
    while (row.other_count < i->other_count && i->others[row.other_count].file) {
        row.other_count++;
    }
    for (size_t k = 0;; k++) {
        char *text = panic_image_command(p, n, i, k);
        if (*text) {
            row.commands = app_grow(row.commands, (row.command_count + 1) * sizeof(char *));
            row.commands[row.command_count++] = text;
            continue;
        }
        free(text);
        if (k > 0) {
            return row;
        }
    }
}

/* The frames, and behind them the fault's. */
static void panic_frames(struct panic_row *row, const struct dext_panic *p,
                         const struct panic_names *n)
{
    row->frame_count = p->frame_count;
    row->frames = app_alloc((p->frame_count + 1) * sizeof *row->frames);
    for (size_t i = 0; i < p->frame_count; i++) {
        row->frames[i] = frame_row(&p->frames[i], n, &n->frames[i], &n->symbols->frames[i]);
    }
    if (p->fault) {
        row->fault = &row->frames[p->frame_count];
        *row->fault = frame_row(p->fault, n, n->fault, n->symbols->fault);
    }
    row->foreign = !p->foreign              ? NULL
                   : p->foreign == p->fault ? row->fault
                                            : &row->frames[p->foreign - p->frames];
}

static void panic_record_report(struct panic_out *o, const struct dext_panic *p,
                                const struct panic_names *n)
{
    struct panic_row row = {.p = p, .names = n, .dexts = panic_dexts(p)};
    row.verdict = panic_verdict(p, &row.suspect);
    panic_frames(&row, p, n);
    row.image_count = n->symbols->image_count;
    row.images = app_alloc((row.image_count + 1) * sizeof *row.images);
    for (size_t i = 0; i < row.image_count; i++) {
        row.images[i] = image_row(p, n, &n->symbols->images[i]);
    }
    record_add(&o->record, &row);
    for (size_t i = 0; i < row.image_count; i++) {
        for (size_t k = 0; k < row.images[i].command_count; k++) {
            free(row.images[i].commands[k]);
        }
        free(row.images[i].commands);
    }
    free(row.images);
    free(row.frames);
}

static void panic_record_open(struct panic_out *o)
{
    record_begin(&o->record, o->app, &panic_form);
    record_list(&o->record, "reports");
}

static void panic_record_close(struct panic_out *o)
{
    record_end(&o->record);
}

const struct panic_format panic_record = {panic_record_open, panic_record_report,
                                          panic_record_close};
