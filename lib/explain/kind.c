#include "explain/kind.h"

#include <string.h>

#include "explain/kexts.h"

/* How often something was seen in the lines of the head. */
struct count {
    size_t bare, form[DX_LINE_HEADER + 1], logs;
    size_t nodes, properties; /* ioreg */
    size_t escaped;           /* nodes as the source of a page has them */
    size_t list_marks, rows;  /* systemextensionsctl list */
    size_t kexts, kext_marks; /* kextstat, kmutil */
    size_t profiler, profiler_kext, profiler_usb;
    size_t codesign, rights; /* codesign -d, its entitlements */
    size_t spctl_verdict, spctl;
    size_t panic, crash, system;
    size_t hid_list;
    size_t devices; /* lsusb, lspci */
    size_t xml;     /* a property list begins */
};

static bool kind_digits(struct dx_str s)
{
    size_t n = 0;
    while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9') {
        n++;
    }
    return n && n == s.n;
}

static bool ends(struct dx_str s, const char *end)
{
    return dx_str_has_suffix(s, end);
}

/* ---- the kinds, a line at a time --------------------------------------------------------------
 */

/* "| |   +-o NAME  <class X, ...>" and `| |   "key" = value` */
static void count_ioreg(struct count *c, struct dx_str s)
{
    while (s.n && (*s.p == '|' || *s.p == ' ' || *s.p == '\t')) {
        s = (struct dx_str){s.p + 1, s.n - 1};
    }
    bool node = dx_str_contains(s, "+-o ");
    c->nodes += node && dx_str_has_prefix(s, "+-o ") && dx_str_contains(s, "<class ");
    c->escaped += node && dx_str_contains(s, "&lt;class ");
    c->properties += s.n > 5 && *s.p == '"' && dx_str_contains(s, "\" = ");
}

static void count_list(struct count *c, struct dx_str s)
{
    size_t n = 0;
    while (n < s.n && s.p[n] != ' ') {
        n++;
    }
    bool number = kind_digits((struct dx_str){s.p, n});
    bool counted = number && dx_str_is((struct dx_str){s.p + n, s.n - n}, " extension(s)");
    bool header = dx_str_has_prefix(s, "enabled") && dx_str_contains(s, "teamID") &&
                  dx_str_contains(s, "bundleID");
    bool inventory = dx_str_contains(s, "\"identifier\"") && dx_str_contains(s, "\"state\"") &&
                     (dx_str_contains(s, "activated_") || dx_str_contains(s, "terminat"));
    c->list_marks +=
        counted || header || inventory || dx_str_has_prefix(s, "--- com.apple.system_extension.");
    c->rows += s.n > 12 && ends(s, "]") &&
               (dx_str_contains(s, "[activated ") || dx_str_contains(s, "[terminat"));
}

static void count_kext(struct count *c, struct dx_str s)
{
    c->kext_marks += (dx_str_has_prefix(s, "Index Refs") && dx_str_contains(s, "Name (Version)")) ||
                     dx_str_has_prefix(s, "Loaded kext info") ||
                     dx_str_has_prefix(s, "No variant specified, falling back to release") ||
                     dx_str_has_prefix(s, "Executing: /usr/bin/kmutil showloaded");
    struct dx_kext k;
    c->kexts += dx_kext_row(s, &k);
}

static void count_profiler(struct count *c, struct dx_str s)
{
    static const char *const kext[] = {
        "Bundle ID: ",    "Loaded: ",    "Load Address: ",    "Loadable: ", "Kext Version: ",
        "Dependencies: ", "Signed by: ", "Get Info String: ", NULL};
    static const char *const usb[] = {"Product ID: 0x",    "Vendor ID: 0x",   "USB Product ID: 0x",
                                      "USB Vendor ID: 0x", "Location ID: 0x", NULL};
    c->profiler_kext += dx_begins_with_any(s, kext);
    c->profiler_usb += dx_begins_with_any(s, usb);
}

static void count_signing(struct count *c, struct dx_str s)
{
    static const char *const fields[] = {"Executable=/",
                                         "Identifier=",
                                         "CodeDirectory v=",
                                         "TeamIdentifier=",
                                         "Format=",
                                         "Signature size=",
                                         "Authority=",
                                         "Signature=adhoc",
                                         "Sealed Resources",
                                         "Internal requirements",
                                         NULL};
    static const char *const sources[] = {"source=", "origin=", "override=", NULL};
    c->codesign += dx_begins_with_any(s, fields);
    c->codesign +=
        ends(s, ": valid on disk") || ends(s, ": satisfies its Designated Requirement") ? 3 : 0;
    c->rights += dx_str_is(s, "[Dict]") || dx_str_has_prefix(s, "[Key] ");
    c->spctl_verdict += *s.p == '/' && (ends(s, ": accepted") || ends(s, ": rejected") ||
                                        dx_str_contains(s, ": rejected ("));
    c->spctl += dx_begins_with_any(s, sources);
}

static void count_reports(struct count *c, struct dx_str s)
{
    static const char *const crash[] = {"Exception Type: ",  "Termination Reason: ",
                                        "Crashed Thread: ",  "Triggered by Thread: ",
                                        "Code Type: ",       "Process: ",
                                        "Exception Codes: ", NULL};
    static const char *const system[] = {"ProductName:",
                                         "ProductVersion:",
                                         "BuildVersion:",
                                         "System Integrity Protection status:",
                                         "Authenticated Root status:",
                                         "boot-args\t",
                                         "_computerlevel[",
                                         "There are no configuration profiles installed",
                                         NULL};
    c->panic += dx_str_has_prefix(s, "panic(") || dx_str_has_prefix(s, "Stackshot Reason: ");
    c->crash += dx_begins_with_any(s, crash);
    c->system += dx_begins_with_any(s, system);
    c->hid_list += dx_str_has_prefix(s, "VendorID ProductID LocationID UsagePage");
    c->xml += dx_str_has_prefix(s, "<?xml ") || dx_str_has_prefix(s, "<plist");
}

/* "Bus 001 Device 009: ID 1fc9:0090 NXP", "0a:00.0 Ethernet controller [0200]: Realtek" */
static bool is_device_line(struct dx_str s)
{
    bool usb = dx_str_is(s, "Device Descriptor:") ||
               (dx_str_has_prefix(s, "Bus ") && dx_str_contains(s, ": ID "));
    const char *space = memchr(s.p, ' ', s.n);
    size_t n = space ? (size_t)(space - s.p) : 0;
    bool pci = n >= 7 && s.p[n - 2] == '.' && s.p[n - 5] == ':' &&
               (dx_str_contains(s, "]: ") || dx_str_contains(s, " controller: "));
    return usb || pci;
}

static void kind_count_line(struct count *c, struct dx_str raw, struct dx_arena *scratch)
{
    struct dx_str s = dx_kind_bare(raw);
    if (s.n == 0 || dx_str_has_prefix(s, "```") || dx_str_has_prefix(s, "~~~")) {
        return;
    }
    struct dx_mark mark = dx_arena_mark(scratch);
    enum dx_line_form form = dx_line_parse(raw, scratch).form;
    dx_arena_rewind(scratch, mark);
    c->form[form]++;
    count_ioreg(c, s);
    count_list(c, s);
    if (form != DX_LINE_BARE) {
        c->logs++;
        return;
    }
    c->bare++;
    count_kext(c, s);
    count_profiler(c, s);
    count_signing(c, s);
    count_reports(c, s);
    c->devices += is_device_line(s);
}

/* ---- deciding ---------------------------------------------------------------------------------
 */

static const char *log_words(const struct count *c)
{
    static const char *const words[] = {
        "plain text",
        "log (log show, default or syslog style)",
        "log (log show --style compact)",
        "log (log show --style ndjson or json)",
        "log (copied from Console)",
        "log (system.log)",
        "log (lines without time)",
        "log (only the header of log show)",
    };
    size_t best = DX_LINE_BARE;
    for (size_t i = DX_LINE_SYSLOG; i <= DX_LINE_HEADER; i++) {
        best = c->form[i] > (best == DX_LINE_BARE ? 0 : c->form[best]) ? i : best;
    }
    return words[best];
}

static struct dx_kind kind_is(enum dext_text_kind kind, const char *what)
{
    return (struct dx_kind){.kind = kind, .what = what};
}

/* A property list, XML or binary, by the keys that only its writer uses. */
/* The head of a keyed archive is its table of references; what it holds stands far behind. Of such
 * files only what IORegistryExplorer saves comes this way, and its reader looks closer. */
static bool is_keyed_archive(struct dx_str s)
{
    struct dx_str head = {s.p, s.n < 256 ? s.n : 256};
    return dx_str_has_prefix(head, "bplist") && dx_str_contains(head, "$archiver") &&
           dx_str_contains(head, "$objects");
}

static struct dx_kind plist_kind(struct dx_str s)
{
    if (is_keyed_archive(s)) {
        return kind_is(DEXT_TEXT_IOREG_ARCHIVE, "registry dump (saved by IORegistryExplorer)");
    }
    if (dx_str_contains(s, "ClientRecords") && dx_str_contains(s, "Services")) {
        return kind_is(DEXT_TEXT_HIDUTIL, "HID services and their clients (hidutil dump)");
    }
    if (dx_str_contains(s, "_dataType") && dx_str_contains(s, "DataType")) {
        return kind_is(DEXT_TEXT_PROFILER, "system_profiler -xml");
    }
    if (dx_str_contains(s, "extensionPolicies") && dx_str_contains(s, "extensions")) {
        return kind_is(DEXT_TEXT_DATABASE, "the system's own record of extensions (db.plist)");
    }
    bool driver = dx_str_contains(s, "IOKitPersonalities");
    if (!driver &&
        (dx_str_contains(s, "IORegistryEntryChildren") || dx_str_contains(s, "IORegistryEntryID") ||
         dx_str_contains(s, "IOObjectClass"))) {
        return kind_is(DEXT_TEXT_IOREG_ARCHIVE, "registry dump (ioreg -a)");
    }
    return kind_is(DEXT_TEXT_PLIST, "property list");
}

/* A report (.ips) has a line of JSON before its body; .panic and what collectors make of reports
 * are one object. Lines of a log are objects, too. */
static bool json_kind(struct dx_str s, struct dx_kind *out)
{
    struct dx_str rest = s, line;
    if (s.n == 0 || *s.p != '{' || !dx_next_line(&rest, &line) ||
        dx_str_contains(line, "\"eventMessage\"")) {
        return false;
    }
    struct dx_str type = dx_json_value(line, "\"bug_type\"");
    if (dx_str_is(type, "210") || dx_str_is(type, "151") || dx_str_contains(s, "\"panicString\"") ||
        dx_str_contains(s, "\"macOSPanicString\"")) {
        *out = kind_is(DEXT_TEXT_PANIC, type.n ? "panic report (.ips)" : "panic report (.panic)");
        return true;
    }
    if (type.n || (dx_str_contains(s, "\"procName\"") && (dx_str_contains(s, "\"termination\"") ||
                                                          dx_str_contains(s, "\"exception\"")))) {
        *out = kind_is(DEXT_TEXT_CRASH, "report of a process (.ips)");
        return true;
    }
    if (dx_str_contains(s, "\"SP") && dx_str_contains(s, "DataType\"") &&
        dx_str_contains(s, "\"_name\"")) {
        *out = kind_is(DEXT_TEXT_PROFILER, "system_profiler -json");
        return true;
    }
    return false;
}

/* Where a report begins that stands below something else: its line of JSON; n is 0 without one. */
static struct dx_str report_in(struct dx_str s)
{
    struct dx_str rest = s, line;
    while (dx_next_line(&rest, &line)) {
        struct dx_str bare = dx_kind_bare(line);
        if (dx_str_has_prefix(bare, "{") && dx_str_contains(bare, "\"bug_type\"") &&
            !dx_str_contains(bare, "\"eventMessage\"")) {
            return (struct dx_str){bare.p, (size_t)(s.p + s.n - bare.p)};
        }
    }
    return (struct dx_str){s.p + s.n, 0};
}

/* What stands in text; the rarer the form of its lines, the surer it is. */
static struct dx_kind text_kind(const struct count *c, bool ioreg_head)
{
    bool log = c->logs > c->bare / 2;
    if (c->panic && !(log && c->logs > 20)) {
        return kind_is(DEXT_TEXT_PANIC, "panic report (text)");
    }
    if (c->crash >= 3 && !log) {
        return kind_is(DEXT_TEXT_CRASH, "crash report (text)");
    }
    if (!c->nodes && c->escaped) {
        return kind_is(DEXT_TEXT_IOREG, DX_KIND_PAGE);
    }
    if (ioreg_head || c->nodes) {
        return kind_is(DEXT_TEXT_IOREG, "registry dump (ioreg)");
    }
    if (c->list_marks) {
        return kind_is(DEXT_TEXT_LIST, "system extensions (systemextensionsctl list)");
    }
    if (!log && (c->kexts >= 3 || (c->kext_marks && c->kexts)) &&
        c->kexts + c->kext_marks > c->rows) {
        return kind_is(DEXT_TEXT_KEXTS, "kernel extensions (kextstat, kmutil)");
    }
    if (!log && c->kext_marks) {
        return kind_is(DEXT_TEXT_KEXTS, "kernel extensions (kextutil -v, kmutil)");
    }
    if (!log && c->properties >= 3 && c->properties * 2 > c->bare) {
        return kind_is(DEXT_TEXT_IOREG, "part of a registry dump (ioreg -l)");
    }
    if (!log && (c->profiler_kext >= 4 || c->profiler_usb >= 3)) {
        return kind_is(DEXT_TEXT_PROFILER, "system_profiler");
    }
    if (!log && c->devices) {
        return kind_is(DEXT_TEXT_DEVICES, "list of devices (lsusb, lspci)");
    }
    if (!log && c->hid_list) {
        return kind_is(DEXT_TEXT_HIDUTIL, "HID services and devices (hidutil list)");
    }
    if (!log && (c->codesign >= 3 || c->rights >= 2)) {
        return kind_is(DEXT_TEXT_CODESIGN, "signature (codesign)");
    }
    if (!log && c->spctl_verdict && c->spctl) {
        return kind_is(DEXT_TEXT_SPCTL, "assessment (spctl)");
    }
    if (!log && c->system && c->system * 2 >= c->bare) {
        return kind_is(DEXT_TEXT_SYSTEM, "version and protection of the system");
    }
    return kind_is(DEXT_TEXT_LOG, log_words(c));
}

/* A property list that begins on its own line, somewhere in text that is no log. */
static bool embedded_plist(const struct count *c)
{
    return c->xml && c->logs == 0 && c->nodes == 0 && c->list_marks == 0 && c->panic == 0;
}

/* What stands in text, whatever is around it. */
static struct dx_kind pasted_kind(struct dx_arena *scratch, struct dx_str head)
{
    struct dx_str report = report_in(head), rest = head, line;
    struct count c = {0};
    struct dx_kind out;
    rest.n = (size_t)(report.p - rest.p);
    while (dx_next_line(&rest, &line)) {
        kind_count_line(&c, line, scratch);
    }
    if (c.logs == 0 && json_kind(report, &out)) {
        return out;
    }
    for (rest = report; dx_next_line(&rest, &line);) {
        kind_count_line(&c, line, scratch);
    }
    return embedded_plist(&c) ? plist_kind(head) : text_kind(&c, dx_str_has_prefix(head, "+-o "));
}

/* What begins like a report of the system (spindump, hang, crash) is none of a person. */
static bool is_report(struct dx_str head)
{
    struct dx_str top = {head.p, head.n < 1024 ? head.n : 1024};
    return (dx_str_has_prefix(top, "Date/Time:") || dx_str_has_prefix(top, "Process:")) &&
           dx_str_contains(top, "OS Version:");
}

/* JSON of dextctl names its schema at the beginning. */
static bool kind_is_own(struct dx_str head)
{
    struct dx_str top = {head.p, head.n < 400 ? head.n : 400};
    return head.n && *head.p == '{' &&
           (dx_str_contains(top, "\"schema\": \"dextctl.") ||
            dx_str_contains(top, "\"schema\":\"dextctl."));
}

struct dx_kind dx_kind_of(struct dx_arena *scratch, struct dx_str all)
{
    struct dx_str head = dx_str_trim(all), rest = head, line;
    struct dx_kind out;
    if (head.n == 0) {
        return kind_is(DEXT_TEXT_EMPTY, "nothing");
    }
    if (dx_str_has_prefix(head, "bplist")) {
        return plist_kind(head);
    }
    if (memchr(all.p, 0, all.n)) {
        return kind_is(DEXT_TEXT_BINARY, "no text");
    }
    if (dx_str_has_prefix(head, "<?xml") || dx_str_has_prefix(head, "<plist") ||
        dx_str_has_prefix(head, "<!DOCTYPE plist")) {
        return plist_kind(head);
    }
    if (kind_is_own(head)) {
        return kind_is(DEXT_TEXT_OWN, dx_text_kind_words(DEXT_TEXT_OWN));
    }
    if (json_kind(head, &out)) {
        return out;
    }
    out = pasted_kind(scratch, head);
    bool devices = out.kind == DEXT_TEXT_DEVICES && dx_next_line(&rest, &line) &&
                   is_device_line(dx_kind_bare(line));
    devices |= strcmp(out.what, DX_KIND_PAGE) == 0;
    if (!dx_str_has_prefix(head, "+-o ") && !is_report(head) && !devices &&
        dx_question_is(head, all.n < DX_KIND_BYTES, scratch)) {
        enum dext_text_kind pasted = dx_kind_is_whole(out.kind) ? out.kind : DEXT_TEXT_EMPTY;
        out = (struct dx_kind){DEXT_TEXT_QUESTION, "question", pasted, out.what};
    }
    return out;
}

bool dx_kind_has_lines(enum dext_text_kind kind)
{
    return kind == DEXT_TEXT_LOG || kind == DEXT_TEXT_LIST || kind == DEXT_TEXT_KEXTS ||
           kind == DEXT_TEXT_CODESIGN || kind == DEXT_TEXT_SPCTL;
}

bool dx_kind_is_whole(enum dext_text_kind kind)
{
    return kind != DEXT_TEXT_EMPTY && kind != DEXT_TEXT_LOG && kind != DEXT_TEXT_QUESTION &&
           kind != DEXT_TEXT_BINARY && kind != DEXT_TEXT_ARCHIVE && kind != DEXT_TEXT_BUNDLE &&
           kind != DEXT_TEXT_PROFILE;
}

static void kind_blank(char *from, const char *to)
{
    for (; from < to; from++) {
        *from = *from == '\n' ? '\n' : ' ';
    }
}

static void unquote(char *data, const char *from, size_t n)
{
    struct dx_str rest = {from, (size_t)(data + n - from)}, line;
    while (dx_next_line(&rest, &line)) {
        kind_blank(data + (line.p - data), dx_kind_bare(line).p);
    }
}

static void bare_report(char *data, size_t n)
{
    struct dx_str head = dx_str_trim((struct dx_str){data, n}), report = report_in(head);
    if (report.n && report.p != head.p) {
        char *start = data + (report.p - data);
        kind_blank(data, start);
        unquote(data, start, n);
    }
}

static void bare_plist(char *data, size_t n)
{
    char *start = memmem(data, n, "<plist", 6);
    char *doctype = memmem(data, n, "<!DOCTYPE plist", 15);
    struct dx_str head = dx_str_trim((struct dx_str){data, n});
    start = doctype && start && doctype < start ? doctype : start;
    if (!start || dx_str_has_prefix(head, "<") || dx_str_has_prefix(head, "bplist")) {
        return;
    }
    kind_blank(data, start);
    char *stop = NULL;
    for (char *at = start; (at = memmem(at, (size_t)(data + n - at), "</plist>", 8)); at += 8) {
        stop = at + 8;
    }
    if (stop) {
        kind_blank(stop, data + n);
    }
    unquote(data, data, n);
}

void dx_kind_strip(enum dext_text_kind kind, char *data, size_t n)
{
    if (kind == DEXT_TEXT_PLIST || kind == DEXT_TEXT_PROFILER || kind == DEXT_TEXT_HIDUTIL ||
        kind == DEXT_TEXT_DATABASE) {
        bare_plist(data, n);
    } else if (kind == DEXT_TEXT_PANIC || kind == DEXT_TEXT_CRASH) {
        bare_report(data, n);
    }
}

const char *dx_text_kind_words(enum dext_text_kind kind)
{
    static const char *const words[] = {
        [DEXT_TEXT_LOG] = "log",
        [DEXT_TEXT_LIST] = "system extensions (systemextensionsctl list)",
        [DEXT_TEXT_PANIC] = "panic report",
        [DEXT_TEXT_IOREG] = "registry dump (ioreg)",
        [DEXT_TEXT_PLIST] = "property list",
        [DEXT_TEXT_IOREG_ARCHIVE] = "registry dump (ioreg -a)",
        [DEXT_TEXT_CRASH] = "crash report",
        [DEXT_TEXT_KEXTS] = "kernel extensions (kextstat, kmutil)",
        [DEXT_TEXT_PROFILER] = "system_profiler",
        [DEXT_TEXT_HIDUTIL] = "HID services and devices (hidutil)",
        [DEXT_TEXT_CODESIGN] = "signature (codesign)",
        [DEXT_TEXT_SPCTL] = "assessment (spctl)",
        [DEXT_TEXT_SYSTEM] = "version and protection of the system",
        [DEXT_TEXT_DATABASE] = "the system's own record of extensions (db.plist)",
        [DEXT_TEXT_DEVICES] = "list of devices (lsusb, lspci)",
        [DEXT_TEXT_OWN] = "output of dextctl, which is not judged again",
    };
    const char *text = (size_t)kind < sizeof words / sizeof *words ? words[kind] : NULL;
    return text ? text : "text";
}

const char *dext_text_kind_name(enum dext_text_kind kind)
{
    static const char *const names[] = {
        "empty",  "log",      "list",       "question", "panic",    "ioreg",
        "plist",  "binary",   "logarchive", "bundle",   "profile",  "ioreg-archive",
        "crash",  "kexts",    "profiler",   "hidutil",  "codesign", "spctl",
        "system", "database", "dextctl",    "devices"};
    return names[kind];
}
