/* What a line looks like by itself. The words are those that the tools print, as met in real files;
 * what a person could as well write is never sure. */
#include <string.h>

#include "explain/cut.h"
#include "explain/explain.h"
#include "explain/kexts.h"
#include "logs/text.h"

static bool any_in(struct dx_str s, const char *const *list)
{
    while (*list && !dx_str_contains(s, *list)) {
        list++;
    }
    return *list != NULL;
}

static bool cut_line_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool cut_line_hex(char c)
{
    return cut_line_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The number at the front, in characters. */
static size_t cut_line_number(struct dx_str s)
{
    size_t n = 0;
    while (n < s.n && cut_line_digit(s.p[n])) {
        n++;
    }
    return n;
}

static struct dx_str from(struct dx_str s, size_t n)
{
    return n < s.n ? (struct dx_str){s.p + n, s.n - n} : (struct dx_str){s.p + s.n, 0};
}

/* ---- words ------------------------------------------------------------------------------------
 */

static bool cut_line_is_one_of(struct dx_str word, const char *const *list)
{
    for (; word.n && *list; list++) {
        bool may = ((*word.p ^ **list) & ~0x20) == 0; /* each word of a text comes by here */
        if (may && dx_str_is_nocase(word, *list)) {
            return true;
        }
    }
    return false;
}

static const char *const common[] = {
    "the",   "a",     "an",   "is",   "are",   "was",   "to",     "of",    "in",      "it",
    "and",   "or",    "that", "this", "with",  "for",   "on",     "but",   "not",     "have",
    "has",   "be",    "as",   "you",  "does",  "do",    "did",    "if",    "any",     "from",
    "there", "by",    "at",   "when", "which", "would", "should", "so",    "all",     "then",
    "than",  "after", "use",  "my",   "i",     "we",    "can",    "how",   "what",    "why",
    "where", "your",  "our",  "its",  "it's",  "i'm",   "i've",   "don't", "doesn't", "can't",
    "isn't", "get",   "been", "no",   "up",    "also",  NULL};
static const char *const persons[] = {"I",     "I'm", "I've", "I'd",    "my",     "we",    "we're",
                                      "we've", "our", "me",   "anyone", "please", "thank", "thanks",
                                      "hello", "hi",  "hey",  "sorry",  "myself", NULL};

struct words {
    size_t all, plain, common, persons;
    bool asks;
};

static struct words cut_line_count(struct dx_str line)
{
    struct words c = {0};
    for (size_t i = 0; i < line.n;) {
        size_t n = 0;
        while (i + n < line.n && line.p[i + n] != ' ' && line.p[i + n] != '\t') {
            n++;
        }
        struct dx_str word = {line.p + i, n};
        i += n + 1;
        c.asks = n > 1 && word.p[n - 1] == '?';
        while (word.n && strchr(".,;:?!\"()'*`_", word.p[word.n - 1])) {
            word.n--;
        }
        while (word.n && strchr("\"('*`_", *word.p)) {
            word.p++;
            word.n--;
        }
        bool letters = word.n != 0;
        for (size_t k = 0; k < word.n; k++) {
            letters &= letter(word.p[k]) || word.p[k] == '\'' || word.p[k] == '-' ||
                       ((unsigned char)word.p[k] & 0x80);
        }
        c.all += word.n != 0;
        c.plain += letters;
        c.common += cut_line_is_one_of(word, common);
        c.persons += cut_line_is_one_of(word, persons);
    }
    return c;
}

bool dx_cut_is_sentence(struct dx_str line)
{
    struct words c = cut_line_count(line);
    return (c.all >= 5 && c.plain * 10 >= c.all * 6 && c.common * 6 >= c.all) ||
           (c.all >= 3 && c.asks) || (c.all >= 2 && c.persons && c.plain * 10 >= c.all * 6);
}

bool dx_cut_speaks(struct dx_str line)
{
    struct words c = cut_line_count(line);
    return c.persons || (c.asks && c.all >= 3);
}

bool dx_cut_is_printed(struct dx_str s)
{
    static const char *const leads[] = {
        "Error Domain=", "UserInfo=", "error:", "warning:", "/Library/", "/System/", "/usr/", NULL};
    size_t words = 0;
    for (size_t i = 0; i < s.n; i++) {
        words += letter(s.p[i]) || s.p[i] == ' ' || ((unsigned char)s.p[i] & 0x80);
    }
    return dx_begins_with_any(s, leads) || (s.n > 3 && words * 10 < s.n * 6);
}

/* ---- a panic in a line -------------------------------------------------------------------------
 */

#define LONG_LINE 400
#define LONG_LEAD 60
#define LONG_REASON 300

/* The end of the last address or UUID: after it nothing of a panic comes that matters. */
static size_t last_address(struct dx_str s)
{
    size_t end = 0;
    for (size_t i = 0; i + 2 < s.n; i++) {
        size_t n = 0;
        while (s.p[i] == '0' && s.p[i + 1] == 'x' && i + 2 + n < s.n &&
               cut_line_hex(s.p[i + 2 + n])) {
            n++;
        }
        end = n >= 8 ? i + 2 + n : end;
        i += n;
    }
    return end;
}

bool dx_cut_panic_in(struct dx_str s, size_t *start, size_t *stop)
{
    const char *at = s.n > LONG_LINE ? memmem(s.p, s.n, "panic(cpu ", 10) : NULL;
    if (!at) {
        return false;
    }
    size_t lead = (size_t)(at - s.p), end = lead + last_address(from(s, lead));
    if (end - lead <
        LONG_REASON) { /* no more than the reason: it goes on to the end of a sentence */
        const char *dot = memmem(s.p + end, s.n - end, ". ", 2);
        end = dot ? (size_t)(dot - s.p) + 1 : s.n;
    }
    bool before = lead > LONG_LEAD && dx_cut_is_sentence((struct dx_str){s.p, lead});
    bool after = s.n - end > LONG_LEAD && dx_cut_is_sentence(from(s, end));
    if (!before && !after) {
        return false;
    }
    *start = lead;
    *stop = after ? end : s.n;
    return true;
}

/* ---- one kind after the other ------------------------------------------------------------------
 */

static bool is_ioreg(struct dx_str s)
{
    while (s.n && (*s.p == '|' || *s.p == ' ' || *s.p == '\t')) {
        s = from(s, 1);
    }
    if (dx_str_has_prefix(s, "+-o ")) {
        return dx_str_contains(s, "<class ") || s.p[s.n - 1] == '$';
    }
    const char *close = s.n > 5 && *s.p == '"' ? memchr(s.p + 1, '"', s.n - 1) : NULL;
    return close && dx_str_has_prefix(from(s, (size_t)(close - s.p)), "\" = ");
}

static bool is_list(struct dx_str s)
{
    static const char *const states[] = {"[activated ", "[terminat",  "[activated_", "[validating",
                                         "[staging",    "[uninstall", NULL};
    size_t n = cut_line_number(s);
    bool header = dx_str_has_prefix(s, "enabled") && dx_str_contains(s, "teamID") &&
                  dx_str_contains(s, "bundleID");
    if ((n && dx_str_has_prefix(from(s, n), " extension(s)")) || header ||
        dx_str_has_prefix(s, "--- com.apple.system_extension.")) {
        return true;
    }
    bool row = (dx_str_contains(s, "identifier=\"") && dx_str_contains(s, "state=\"")) ||
               (dx_str_contains(s, "\"identifier\":") && dx_str_contains(s, "\"state\":"));
    return row || (s.n > 12 && s.p[s.n - 1] == ']' && any_in(s, states) && !dx_cut_is_sentence(s));
}

static bool is_frame(struct dx_str s)
{
    size_t n = cut_line_number(s);
    if (n == 0 || n > 3 || n >= s.n || (s.p[n] != ' ' && s.p[n] != '\t')) {
        return false;
    }
    const char *address = memmem(s.p + n, s.n - n, "0x", 2);
    size_t digits = 0, left = address ? (size_t)(s.p + s.n - address) - 2 : 0;
    while (digits < left && cut_line_hex(address[2 + digits])) {
        digits++;
    }
    return address && digits >= 8 && address > s.p + n + 2 && digits < left &&
           address[2 + digits] == ' ';
}

/* "Key:   value", the value set off by several spaces or a tab, as reports print it. */
static bool is_set_off(struct dx_str s)
{
    const char *colon = memchr(s.p, ':', s.n);
    size_t n = colon ? (size_t)(colon - s.p) : 0;
    return n && n < 40 && n + 2 < s.n &&
           (s.p[n + 1] == '\t' || (s.p[n + 1] == ' ' && s.p[n + 2] == ' '));
}

static struct dx_cut_look crash(struct dx_str s)
{
    static const char *const sure[] = {
        "Exception Type:",      "Exception Codes:",     "Exception Subtype:",
        "Termination Reason:",  "Termination Signal:",  "Crashed Thread:",
        "Triggered by Thread:", "Incident Identifier:", "CrashReporter Key:",
        "Parent Process:",      "Exception Note:",      "Terminating Process:",
        "Code Type:",           "Responsible Process:", "Binary Images:",
        "VM Region Info:",      "Thread State:",        NULL};
    static const char *const weak[] = {"Path:",
                                       "Identifier:",
                                       "Version:",
                                       "Build Info:",
                                       "Responsible:",
                                       "User ID:",
                                       "Date/Time:",
                                       "OS Version:",
                                       "Report Version:",
                                       "Anonymous UUID:",
                                       "Time Awake Since Boot:",
                                       "System Integrity Protection:",
                                       "Launch Time:",
                                       "Hardware Model:",
                                       "Role:",
                                       "Coalition:",
                                       "Application Specific",
                                       "External Modification Summary:",
                                       "VM Region Summary:",
                                       "Bridge OS Version:",
                                       "Time Since Wake:",
                                       "Sleep/Wake UUID:",
                                       "Notes:",
                                       NULL};
    bool thread =
        dx_str_has_prefix(s, "Thread ") && cut_line_number(from(s, 7)) &&
        (dx_str_has_suffix(s, ":") || dx_str_contains(s, "Crashed") || dx_str_contains(s, ":: "));
    bool process = dx_str_has_prefix(s, "Process:") && s.p[s.n - 1] == ']' && is_set_off(s);
    if (dx_begins_with_any(s, sure) || thread || process) {
        return (struct dx_cut_look){DX_CUT_CRASH, true};
    }
    bool goes_on = is_frame(s) || (dx_begins_with_any(s, weak) && is_set_off(s));
    return (struct dx_cut_look){goes_on ? DX_CUT_CRASH : DX_CUT_PROSE, false};
}

/* "4 as.vit9696.AppleALC  0xffffff7f85065049": a frame in the kernel's half of memory, numbered. */
static bool is_kernel_frame(struct dx_str s)
{
    size_t n = cut_line_number(s);
    const char *address = n && n < 4 ? memmem(s.p + n, s.n - n, " 0xffffff", 9) : NULL;
    size_t words = 0;
    bool named = false;
    for (const char *p = s.p + n; address && p < address; p++) {
        bool begins = *p != ' ' && *p != '\t' && (p[-1] == ' ' || p[-1] == '\t');
        words += begins;
        named |= begins && letter(*p);
    }
    return address && words == 1 && named;
}

/* "0xffffff81224100b0 : 0xffffff7f8e55f05d" and "lr: 0xfffffe00148e2af8  fp: 0x..." */
static bool is_panic_frame(struct dx_str s)
{
    static const char *const leads[] = {"lr: 0x", "x0: 0x", "x4: ", "CR0: 0x", "RAX: 0x", NULL};
    if (dx_begins_with_any(s, leads) || is_kernel_frame(s)) {
        return true;
    }
    size_t n = 2;
    if (s.n < 24 || s.p[0] != '0' || s.p[1] != 'x') {
        return false;
    }
    while (n < s.n && cut_line_hex(s.p[n])) {
        n++;
    }
    return n >= 10 && dx_str_has_prefix(from(s, n), " : 0x");
}

static bool is_panic_start(struct dx_str s)
{
    const char *at = memmem(s.p, s.n, "panic(", 6);
    return at && (size_t)(s.p + s.n - at) > 12 &&
           (strncmp(at + 6, "cpu ", 4) == 0 || (at == s.p && !dx_cut_speaks(s)));
}

static const char *const panic_sure[] = {"*** Panic Report ***",
                                         "Stackshot Reason: ",
                                         "Panicked task 0x",
                                         "Panicked thread:",
                                         "Kernel Extensions in backtrace:",
                                         "Backtrace (CPU ",
                                         "Backtrace, Format - ",
                                         "last started kext at",
                                         "last loaded kext at",
                                         "last stopped kext at",
                                         "last unloaded kext at",
                                         "Kernel slide:",
                                         "KernelCache slide:",
                                         "Kernel text base:",
                                         "Kernel text exec ",
                                         "Debugger message: ",
                                         "BSD process name corresponding to",
                                         "Process name corresponding to current thread",
                                         "Fault CR2: 0x",
                                         "Fileset Kernelcache UUID:",
                                         "Paniclog version:",
                                         NULL};
static const char *const panic_weak[] = {"loaded kexts:",
                                         "OS version:",
                                         "Mac OS version:",
                                         "Kernel version:",
                                         "Kernel UUID:",
                                         "System model name:",
                                         "System uptime in nanoseconds:",
                                         "Memory ID:",
                                         "iBoot version:",
                                         "secure boot?:",
                                         "roots installed:",
                                         "CORE ",
                                         "dependency: ",
                                         "Boot args:",
                                         "Not yet set",
                                         "** Stackshot",
                                         "** System Stack",
                                         "Attempting to forcibly",
                                         "Debugger synchronization timed out",
                                         "__HIB",
                                         "Darwin Kernel Version",
                                         "Anonymous UUID:",
                                         "Zone info:",
                                         "TPIDRx_ELy",
                                         "HID",
                                         "Epoch Time:",
                                         "Boot    :",
                                         "Sleep   :",
                                         "Wake    :",
                                         "Calendar:",
                                         "Compressor Info:",
                                         "System shutdown begun:",
                                         "Hibernation exit count:",
                                         "!UEFI!",
                                         "Model: ",
                                         "Probabilistic GZAlloc",
                                         NULL};

static struct dx_cut_look panic(struct dx_str s)
{
    bool json = dx_str_contains(s, "\"panicString\"") || dx_str_contains(s, "\"macOSPanicString\"");
    if (is_panic_start(s) || dx_begins_with_any(s, panic_sure) || is_panic_frame(s) || json) {
        return (struct dx_cut_look){DX_CUT_PANIC, true};
    }
    return (struct dx_cut_look){dx_begins_with_any(s, panic_weak) ? DX_CUT_PANIC : DX_CUT_PROSE,
                                false};
}

static struct dx_cut_look cut_line_kexts(struct dx_str s)
{
    static const char *const sure[] = {
        "Loaded kext info", "No variant specified, falling back to release",
        "Executing: /usr/bin/kmutil showloaded", "Executing /usr/bin/kmutil showloaded", NULL};
    struct dx_kext k;
    bool head = dx_str_has_prefix(s, "Index Refs") && dx_str_contains(s, "Name (Version)");
    if (head || dx_begins_with_any(s, sure)) {
        return (struct dx_cut_look){DX_CUT_KEXTS, true};
    }
    bool row = s.n && (cut_line_digit(*s.p) || letter(*s.p)) && dx_kext_row(s, &k);
    return (struct dx_cut_look){row ? DX_CUT_KEXTS : DX_CUT_PROSE, row};
}

static struct dx_cut_look signing(struct dx_str s)
{
    static const char *const fields[] = {
        "Executable=/",     "CodeDirectory v=", "TeamIdentifier=",     "Signature size=",
        "Authority=",       "Signature=adhoc",  "Sealed Resources",    "Internal requirements",
        "Runtime Version=", "Timestamp=",       "Identifier=",         "Format=",
        "Hash type=",       "CDHash=",          "Info.plist entries=", "Info.plist=not bound",
        "designated => ",   "Page size=",       "VersionPlatform=",    NULL};
    static const char *const sources[] = {"source=", "origin=", "override=", NULL};
    bool valid = dx_str_has_suffix(s, ": valid on disk") ||
                 dx_str_has_suffix(s, ": satisfies its Designated Requirement");
    bool rights = dx_str_is(s, "[Dict]") || dx_str_has_prefix(s, "[Key] ") ||
                  dx_str_has_prefix(s, "[Value]") || dx_str_has_prefix(s, "[Array]") ||
                  dx_str_has_prefix(s, "[Bool] ") || dx_str_has_prefix(s, "[String] ");
    if (dx_begins_with_any(s, fields) || valid || rights) {
        return (struct dx_cut_look){DX_CUT_CODESIGN, true};
    }
    bool verdict =
        *s.p == '/' && (dx_str_has_suffix(s, ": accepted") || dx_str_has_suffix(s, ": rejected") ||
                        dx_str_contains(s, ": rejected ("));
    return (struct dx_cut_look){
        verdict || dx_begins_with_any(s, sources) ? DX_CUT_SPCTL : DX_CUT_PROSE, verdict};
}

static struct dx_cut_look system_facts(struct dx_str s)
{
    static const char *const facts[] = {"ProductName:",
                                        "ProductVersion:",
                                        "BuildVersion:",
                                        "System Integrity Protection status:",
                                        "Authenticated Root status:",
                                        "boot-args\t",
                                        "boot-args ",
                                        "_computerlevel[",
                                        "There are no configuration profiles installed",
                                        NULL};
    static const char *const profiler[] = {
        "Bundle ID: ",     "Load Address: ",          "Loadable: ",
        "Kext Version: ",  "Get Info String: ",       "Product ID: 0x",
        "Vendor ID: 0x",   "USB Product ID: 0x",      "USB Vendor ID: 0x",
        "Location ID: 0x", "Current Available (mA):", NULL};
    if (dx_begins_with_any(s, facts)) {
        return (struct dx_cut_look){DX_CUT_SYSTEM, true};
    }
    if (dx_str_has_prefix(s, "VendorID ProductID LocationID UsagePage")) {
        return (struct dx_cut_look){DX_CUT_HID, true};
    }
    bool row = dx_begins_with_any(s, profiler);
    return (struct dx_cut_look){row ? DX_CUT_PROFILER : DX_CUT_PROSE, row};
}

static bool is_xml(struct dx_str s)
{
    static const char *const tags[] = {
        "<?xml ",    "<!DOCTYPE plist", "<plist",   "</plist", "<dict>",    "</dict>", "<dict/>",
        "<array>",   "</array>",        "<array/>", "<key>",   "<string>",  "<true/>", "<false/>",
        "<integer>", "<data>",          "</data>",  "<real>",  "<string/>", "<date>",  NULL};
    return dx_begins_with_any(s, tags);
}

/* "$ make", "user@host ~ %", "~ >>", "% csrutil status". */
static bool is_prompt(struct dx_str s)
{
    if (s.n > 2 && (s.p[0] == '$' || s.p[0] == '%' || s.p[0] == '#') && s.p[1] == ' ' &&
        s.p[2] >= 'a' && s.p[2] <= 'z') {
        return s.p[0] != '#';
    }
    const char *mark = memmem(s.p, s.n, " % ", 3);
    mark = mark ? mark : memmem(s.p, s.n, "$ ", 2);
    const char *at = memchr(s.p, '@', s.n);
    const char *colon = memchr(s.p, ':', s.n);
    return mark && ((at && at < mark) || (colon && colon < mark && colon - s.p < 40)) &&
           mark - s.p < 80 && !dx_cut_is_sentence((struct dx_str){s.p, (size_t)(mark - s.p)});
}

static bool cut_line_is_code(struct dx_str s)
{
    static const char *const leads[] = {
        "#include", "#import", "#define",    "//",    "kern_return_t ", "OSDefineMeta", "class ",
        "struct ",  "return ", "if (",       "IMPL(", "static ",        "@interface",   "func ",
        "let ",     "guard ",  "namespace ", "auto ", "void ",          "import ",      NULL};
    char last = s.p[s.n - 1];
    if (s.n > LONG_LINE || dx_cut_is_sentence(s)) {
        return false;
    }
    bool ends =
        last == ';' || last == '{' || last == '}' || (last == ')' && dx_str_contains(s, "("));
    return (ends && (dx_begins_with_any(s, leads) || last == ';' || s.n < 3 ||
                     dx_str_contains(s, "::") || dx_str_contains(s, "->") || last == '{')) ||
           dx_str_has_prefix(s, "#include") || dx_str_has_prefix(s, "#import");
}

/* What dextctl prints, by the marks that nothing else has. */
static bool cut_line_is_own(struct dx_str s)
{
    static const char *const words[] = {"\"schema\": \"dextctl.",
                                        "\"schema\":\"dextctl.",
                                        "Nothing in what was read shows a failure of a driver",
                                        "[more: dextctl ",
                                        "\"name\": \"dextctl\"",
                                        "[dextctl ",
                                        NULL};
    if (any_in(s, words) || dx_str_has_suffix(s, ": kernel panic")) {
        return true;
    }
    const char *open = dx_memrchr(s.p, '[', s.n);
    if (s.p[s.n - 1] != ']' || !open) {
        return false;
    }
    struct dx_str tag = {open + 1, (size_t)(s.p + s.n - open) - 2};
    bool rule = tag.n > 5 && tag.p[0] == 'D' && tag.p[1] == 'X' && cut_line_digit(tag.p[2]) &&
                cut_line_digit(tag.p[3]) && cut_line_digit(tag.p[4]);
    return rule || (dx_str_contains(s, "(confidence ") && cut_line_number(s) &&
                    s.p[cut_line_number(s)] == '.');
}

/* ---- all of them -------------------------------------------------------------------------------
 */

static bool is_report_json(struct dx_str s)
{
    return *s.p == '{' &&
           (dx_str_contains(s, "\"bug_type\"") || dx_str_contains(s, "\"app_name\"") ||
            dx_str_contains(s, "\"macOSPanicString\"")) &&
           !dx_str_contains(s, "\"eventMessage\"");
}

static struct dx_cut_look first_sure(struct dx_str s)
{
    struct dx_cut_look (*const looks[])(struct dx_str) = {panic, crash, cut_line_kexts, signing,
                                                          system_facts};
    struct dx_cut_look weak = {DX_CUT_PROSE, false};
    for (size_t i = 0; i < sizeof looks / sizeof *looks; i++) {
        struct dx_cut_look l = looks[i](s);
        if (l.sure) {
            return l;
        }
        weak = weak.what == DX_CUT_PROSE ? l : weak;
    }
    return weak;
}

struct dx_cut_look dx_cut_look(struct dx_str line, struct dx_arena *scratch)
{
    struct dx_str s = dx_str_trim(line);
    if (s.n == 0) {
        return (struct dx_cut_look){DX_CUT_BLANK, false};
    }
    if (cut_line_is_own(s)) {
        return (struct dx_cut_look){DX_CUT_OWN, true};
    }
    if (is_report_json(s)) {
        return (struct dx_cut_look){DX_CUT_JSON, true};
    }
    struct dx_mark mark = dx_arena_mark(scratch);
    enum dx_line_form form = dx_line_parse(s, scratch).form;
    dx_arena_rewind(scratch, mark);
    if (form != DX_LINE_BARE) {
        return (struct dx_cut_look){DX_CUT_LOG, true};
    }
    if (is_xml(s)) {
        return (struct dx_cut_look){DX_CUT_XML, true};
    }
    if (is_list(s)) {
        return (struct dx_cut_look){DX_CUT_LIST, true};
    }
    if (is_ioreg(s)) {
        return (struct dx_cut_look){DX_CUT_IOREG, true};
    }
    if (is_prompt(s)) {
        return (struct dx_cut_look){DX_CUT_PROMPT, true};
    }
    struct dx_cut_look look = first_sure(s);
    if (look.what == DX_CUT_PROSE && cut_line_is_code(s)) {
        return (struct dx_cut_look){DX_CUT_CODE, true};
    }
    return look;
}
