/* Finds the codes in a word or in a line of a log.
 *
 * A word is taken at its word: whatever it could mean is looked up. A line holds mostly numbers
 * that are no codes (process ids, dates, addresses, registry ids), so there a number must earn it:
 * by its magnitude and being known, by the word before it ("error", "Code="), or by a domain named
 * before it ("OSSystemExtensionErrorDomain"). */
#include <string.h>
#include <strings.h>

#include "error/error.h"

struct line {
    struct dx_finds *out;
    const char *p;
    size_t n;
    dx_scope asked;     /* what the caller restricts to */
    struct dx_str word; /* last word before the current place */
    size_t exit_end;    /* where a word "exit" ended last, 0: nowhere */
    dx_scope named;     /* domain named last, 0: none */
    size_t named_at;    /* where its name ends */
    size_t foreign_at;  /* where the name of a domain that is not known ends, 0: nowhere */
};

static bool scan_is_word_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool scan_is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool scan_one_of(char c, const char *set)
{
    return c && strchr(set, c) != NULL;
}

static bool scan_same(const struct dx_finds *out, const struct dx_found *a,
                      const struct dx_found *b)
{
    if (a->refs.count && b->refs.count) {
        return a->refs.row[0] == b->refs.row[0];
    }
    if (a->kind == DEXT_ERROR_UNKNOWN_NAME || b->kind == DEXT_ERROR_UNKNOWN_NAME) {
        return a->kind == b->kind && a->n == b->n &&
               memcmp(out->text + a->offset, out->text + b->offset, a->n) == 0;
    }
    return a->kind == b->kind && a->refs.count == b->refs.count && a->value == b->value;
}

/* A line seldom names more; a hostile one must not make the answer grow without end. */
#define MOST_FINDS 100

static void scan_add(struct dx_finds *out, const struct dx_found *f)
{
    for (size_t i = 0; i < out->count; i++) {
        if (scan_same(out, &out->list[i], f)) {
            return;
        }
    }
    if (out->count < MOST_FINDS) {
        *DX_PUSH(out->arena, out->list, out->count, out->cap) = *f;
    }
}

/* ---- one word --------------------------------------------------------------------------- */

static void scan_look_up(struct dx_refs *refs, uint32_t value, bool hex, dx_scope scope)
{
    dx_refs_by_value(refs, value, scope);
    if (value <= 0x3fff) {
        dx_refs_by_code(refs, value, scope);
    }
    dx_refs_rank(refs, hex);
}

static bool word_is_number(struct dx_finds *out, const char *text, size_t n, dx_scope scope)
{
    struct dx_number d = dx_number_at(text, n, true);
    if (d.form == DX_NONE || d.n != n) {
        return false;
    }
    struct dx_found f = {.n = n, .kind = DEXT_ERROR_KNOWN, .value = d.value};
    if (!d.wide) {
        scan_look_up(&f.refs, d.value, d.form == DX_HEX, scope);
    }
    /* "10000003" is a hexadecimal code without its 0x when that is known and the decimal is not. */
    if (f.refs.count == 0 && d.form == DX_DECIMAL && !d.negative && n == 8) {
        char hex[10] = "0x";
        memcpy(hex + 2, text, n);
        struct dx_number h = dx_number_at(hex, sizeof hex, false);
        dx_refs_by_value(&f.refs, h.value, scope);
        dx_refs_rank(&f.refs, true);
        f.value = f.refs.count ? h.value : d.value;
    }
    if (f.refs.count == 0) {
        f.kind = d.wide ? DEXT_ERROR_TOO_WIDE : DEXT_ERROR_UNKNOWN_NUMBER;
    }
    scan_add(out, &f);
    return true;
}

/* 0: there is no macro at p. */
static size_t macro_at(struct dx_finds *out, const char *p, size_t n, dx_scope scope)
{
    struct dx_found f = {.offset = (size_t)(p - out->text), .kind = DEXT_ERROR_KNOWN};
    f.n = dx_error_macro(p, n, &f.value);
    if (f.n) {
        dx_refs_by_value(&f.refs, f.value, scope);
        dx_refs_rank(&f.refs, true);
        f.kind = f.refs.count ? DEXT_ERROR_KNOWN : DEXT_ERROR_UNKNOWN_NUMBER;
        scan_add(out, &f);
    }
    return f.n;
}

void dx_scan_word(struct dx_finds *out, const char *text, size_t n, dx_scope scope)
{
    struct dx_found f = {.n = n, .kind = DEXT_ERROR_KNOWN};
    if (macro_at(out, text, n, scope) == n && n) {
        return;
    }
    /* No name starts with a digit or a minus: spare the look through all of them. */
    if (n && (scan_is_word_char(*text) || *text == '.') && !(*text >= '0' && *text <= '9')) {
        dx_refs_by_name(&f.refs, (struct dx_str){text, n}, scope, false);
        dx_refs_rank(&f.refs, false);
    }
    if (f.refs.count) {
        f.value = (uint32_t)kb_error_rows[f.refs.row[0]].value;
        scan_add(out, &f);
    } else if (!word_is_number(out, text, n, scope)) {
        dx_scan_line(out, text, n, scope);
        if (out->count == 0 && n) {
            f.kind = DEXT_ERROR_UNKNOWN_NAME;
            scan_add(out, &f);
        }
    }
}

/* ---- a line ----------------------------------------------------------------------------- */

/* Words after which a number is a code. Ends of longer words count as well: "errorCode", "ioErr".
 */
static bool announces(struct dx_str word)
{
    static const char *const ends[] = {
        "error",   "err",    "errno", "code",    "status", "ret", "result",   "returned", "return",
        "returns", "failed", "fail",  "failure", "kr",     "rc",  "osstatus", "ioreturn"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t k = strlen(ends[i]);
        if (word.n >= k && strncasecmp(word.p + word.n - k, ends[i], k) == 0) {
            return word.n == k || k >= 3; /* "kr" or "rc" at the end of a word mean nothing */
        }
    }
    return false;
}

/* After these even a small positive number is a code: "Code=4", "errno 8". */
static bool announces_small(struct dx_str word)
{
    return dx_str_is_nocase(word, "code") || dx_str_is_nocase(word, "error") ||
           dx_str_is_nocase(word, "errno");
}

/* Only punctuation of the kind that joins a word to its value stands between the last word and at.
 */
static bool adjoins(const struct line *l, struct dx_str word, size_t at)
{
    if (!word.p) {
        return false;
    }
    const char *end = word.p + word.n;
    size_t gap = (size_t)(l->p + at - end);
    for (size_t i = 0; i < gap; i++) {
        if (!scan_one_of(end[i], " \t=:(#'\"[<,")) {
            return false;
        }
    }
    return gap <= 4;
}

#define NEAR_DOMAIN                                                                                \
    60 /* "Domain=X Code=9", "X error 4": how far the number may be from the name                  \
        */
#define WORDS_OF_DOMAIN 30
#define NEAR_EXIT 20 /* "exited with code 1": the status of a process is no error code */

/* "OSSystemExtensionErrorDomain of a value of 9", "the domain ... and the code is 4" */
static bool words_join(struct dx_str between)
{
    static const char *const nouns[] = {"code", "value", "error", "number", NULL};
    bool noun = false;
    for (size_t i = 0; i < between.n; i++) {
        char ch = between.p[i];
        if (strchr(".;?!\n", ch) || (ch >= '0' && ch <= '9')) {
            return false;
        }
        for (const char *const *w = nouns; *w && !noun; w++) {
            size_t n = strlen(*w);
            noun = i + n <= between.n && strncasecmp(between.p + i, *w, n) == 0;
        }
    }
    return noun && between.n <= WORDS_OF_DOMAIN;
}

struct context {
    dx_scope scope;
    bool announced, small, named;
    bool exited; /* the status of a process */
};

static struct context context_at(const struct line *l, size_t at)
{
    bool exited = l->exit_end && at - l->exit_end <= NEAR_EXIT;
    struct context c = {.scope = l->asked, .exited = exited};
    if (exited) {
        c.scope &= dx_scope_of(DX_STR("exit.shell")) | dx_scope_of(DX_STR("sysexits"));
        return c;
    }
    bool foreign = l->foreign_at && at - l->foreign_at <= NEAR_DOMAIN;
    bool next = adjoins(l, l->word, at);
    c.announced = next && announces(l->word);
    c.small = next && announces_small(l->word) && !foreign;
    if (l->named && at - l->named_at <= NEAR_DOMAIN) {
        struct dx_str between = {l->p + l->named_at, at - l->named_at};
        c.named = (l->named_at == (size_t)(l->word.p + l->word.n - l->p) && next) || c.announced ||
                  words_join(between);
        c.scope = c.named ? l->asked & l->named : c.scope;
    }
    return c;
}

static bool is_iokit_or_libkern(uint32_t v)
{
    return v >> 26 == 0x38 || v >> 26 == 0x37;
}

/* Whether a number in a line is a code. known: some meaning of it is in the tables. */
static bool counts(const struct line *l, const struct dx_number *d, size_t at, bool known,
                   const struct context *c)
{
    bool joined = at && scan_one_of(l->p[at - 1], "-@+"); /* NAME-0x10000abc, +0x40, @0x1c */
    int32_t v = (int32_t)d->value;
    if (c->exited) {
        return known && !joined;
    }
    if (d->value == 0 || (c->named && !joined)) {
        return d->value != 0;
    }
    if (d->form == DX_HEX) {
        if (is_iokit_or_libkern(d->value)) {
            return known || c->announced;
        }
        return known && !joined &&
               (c->announced || (d->value >= 0x10000000 && v < -1000) ||
                (d->value >= 0x10000000 && v > 0));
    }
    if (d->form == DX_BARE_HEX) {
        return known && d->n == 8 && is_iokit_or_libkern(d->value);
    }
    if (d->negative) {
        return known ? v <= -1000 || c->announced : is_iokit_or_libkern(d->value);
    }
    return known && ((is_iokit_or_libkern(d->value) && v < 0) || c->small);
}

/* Returns the bytes taken. */
static size_t number_at(struct line *l, size_t at)
{
    const char *p = l->p + at;
    size_t left = l->n - at;
    bool sign = *p == '-' && left > 1 && p[1] >= '0' && p[1] <= '9';
    /* A minus after a word or a closing bracket is a dash: dates, ranges, NAME-123. */
    if (sign && at && (scan_is_word_char(p[-1]) || scan_one_of(p[-1], ".)]"))) {
        return 1;
    }
    struct dx_number d = dx_number_at(p, left, true);
    if (d.form == DX_NONE) {
        return 0;
    }
    /* A date, a version, a UUID; a time of day. */
    bool more = left > d.n + 1 && ((scan_one_of(p[d.n], "-.") && scan_is_word_char(p[d.n + 1])) ||
                                   (p[d.n] == ':' && p[d.n + 1] >= '0' && p[d.n + 1] <= '9'));
    struct context c = context_at(l, at);
    struct dx_found f = {.offset = at,
                         .n = d.n,
                         .kind = DEXT_ERROR_KNOWN,
                         .named = c.named,
                         .domain = c.named ? l->named : 0,
                         .value = d.value};
    if (!d.wide && !more) {
        dx_refs_by_value(&f.refs, d.value, c.scope);
        if (d.form == DX_HEX && d.value <= 0x3fff && c.announced) {
            dx_refs_by_code(&f.refs, d.value, c.scope);
        }
        dx_refs_rank(&f.refs, d.form == DX_HEX);
        if (counts(l, &d, at, f.refs.count != 0, &c)) {
            f.kind = f.refs.count ? DEXT_ERROR_KNOWN : DEXT_ERROR_UNKNOWN_NUMBER;
            scan_add(l->out, &f);
            return d.n;
        }
    }
    return d.form == DX_BARE_HEX ? 0 : d.n; /* "face", "EBADF": rather a word */
}

/* errno names are ordinary capitals; in a line they must be written exactly. */
static bool is_errno_name(struct dx_str w)
{
    for (size_t i = 0; i < w.n; i++) {
        if (!((w.p[i] >= 'A' && w.p[i] <= 'Z') || (i && w.p[i] >= '0' && w.p[i] <= '9'))) {
            return false;
        }
    }
    return w.n >= 3 && w.p[0] == 'E';
}

static void name_in_line(struct line *l, struct dx_str w)
{
    static const char *const starts[] = {"kIO",
                                         "kUSB",
                                         "kOS",
                                         "kSCSI",
                                         "kSENSE",
                                         "kFW",
                                         "kBluetooth",
                                         "NSXPC",
                                         "BOOTSTRAP_",
                                         "CODESIGNING_",
                                         "EXEC_EXIT_",
                                         "OS_REASON_",
                                         "ES_NEW_CLIENT_RESULT_ERR_"};
    bool looks = dx_looks_like_name(w);
    bool candidate = looks || is_errno_name(w);
    for (size_t i = 0; !candidate && i < sizeof starts / sizeof *starts; i++) {
        candidate = dx_str_has_prefix(w, starts[i]);
    }
    if (!candidate) {
        return;
    }
    struct dx_found f = {
        .offset = (size_t)(w.p - l->p), .n = w.n, .kind = DEXT_ERROR_KNOWN, .named = true};
    dx_refs_by_name(&f.refs, w, l->asked, true);
    dx_refs_rank(&f.refs, false);
    if (f.refs.count) {
        f.value = (uint32_t)kb_error_rows[f.refs.row[0]].value;
        if (f.value || !l->out->count) {
            scan_add(l->out, &f);
        }
    } else if (looks) {
        f.kind = DEXT_ERROR_UNKNOWN_NAME;
        scan_add(l->out, &f);
    }
}

/* A domain's name as messages write it. Short words such as "usb" or "mach" are too common in logs
 * to say anything, and CODESIGNING and EXEC count only after "Namespace". */
static dx_scope domain_in_line(const struct line *l, struct dx_str w)
{
    bool space = dx_str_is_nocase(l->word, "namespace");
    bool amfi = dx_str_is(w, "AMFI") || dx_str_is(w, "errno") || dx_str_is(w, "POSIX") ||
                dx_str_is(w, "es_new_client");
    bool domain = dx_str_contains(w, "Error") || dx_str_contains(w, "errordomain") ||
                  dx_str_is(w, "OSStatus") || dx_str_is(w, "IOReturn");
    return space || amfi || domain ? dx_scope_of(w) : 0;
}

/* Swift: "OSSystemExtensionError.validationFailed", "OSSystemExtensionError.Code.unknown". Returns
 * the bytes of all of it, or 0. */
static size_t member_at(struct line *l, size_t at, size_t n)
{
    static const char type[] = "OSSystemExtensionError", code[] = ".Code";
    size_t from = at + n;
    if (n != sizeof type - 1 || strncmp(l->p + at, type, n) != 0) {
        return 0;
    }
    if (l->n - from > sizeof code && strncmp(l->p + from, code, sizeof code - 1) == 0) {
        from += sizeof code - 1;
    }
    size_t end = from + 1;
    while (from < l->n && l->p[from] == '.' && end < l->n && scan_is_word_char(l->p[end])) {
        end++;
    }
    if (end <= from + 1) {
        return 0;
    }
    struct dx_found f = {.offset = at, .n = end - at, .kind = DEXT_ERROR_KNOWN, .named = true};
    dx_refs_by_name(&f.refs, (struct dx_str){l->p + from + 1, end - from - 1},
                    l->asked & dx_scope_of(DX_STR("sysext")), false);
    if (f.refs.count) {
        f.value = (uint32_t)kb_error_rows[f.refs.row[0]].value;
        scan_add(l->out, &f);
    }
    return f.refs.count ? end - at : 0;
}

static size_t word_at(struct line *l, size_t at)
{
    size_t n = 0;
    while (at + n < l->n && scan_is_word_char(l->p[at + n])) {
        n++;
    }
    struct dx_str w = {l->p + at, n};
    size_t macro = macro_at(l->out, l->p + at, l->n - at, l->asked);
    if (macro) {
        return macro;
    }
    size_t member = member_at(l, at, n);
    if (member) {
        return member;
    }
    dx_scope domain = domain_in_line(l, w);
    if (domain) {
        l->named = domain;
        l->named_at = at + n;
        l->foreign_at = 0;
    } else if ((n > 6 && dx_str_has_suffix(w, "Domain")) || dx_str_is(l->word, "Namespace")) {
        l->named = 0; /* what was named before no longer holds */
        l->foreign_at = at + n;
    }
    name_in_line(l, w);
    if (dx_str_is_nocase(w, "exit") || dx_str_is_nocase(w, "exited")) {
        l->exit_end = at + n;
    }
    l->word = w;
    return n;
}

static size_t scan_text_at(struct line *l, size_t at)
{
    uint32_t value = 0;
    struct dx_found f = {.offset = at, .kind = DEXT_ERROR_KNOWN};
    f.n = dx_mach_text(l->p + at, l->n - at, &value);
    if (f.n) {
        f.value = value;
        /* The small numbers of (os/kern) mean other things elsewhere; here the text says whose. */
        bool kernel = strncasecmp(l->p + at, "(os/kern)", strlen("(os/kern)")) == 0;
        dx_refs_by_value(&f.refs, value,
                         kernel ? l->asked & dx_scope_of(DX_STR("mach")) : l->asked);
        dx_refs_rank(&f.refs, false);
        if (f.refs.count) {
            scan_add(l->out, &f);
        }
    }
    return f.n;
}

/* "Words: 9": so few places of a text look like it that the rest is spared the look-up. */
static bool may_be_signal(const char *p, size_t n)
{
    size_t i = 1;
    while (i < n && i < 30 &&
           ((p[i] >= 'a' && p[i] <= 'z') || scan_is_upper(p[i]) || p[i] == ' ' || p[i] == '/')) {
        i++;
    }
    return i + 2 < n && p[i] == ':' && p[i + 1] == ' ' && p[i + 2] >= '0' && p[i + 2] <= '9';
}

/* "Killed: 9", as a shell says it. */
static size_t signal_at(struct line *l, size_t at)
{
    size_t row;
    struct dx_found f = {.offset = at, .kind = DEXT_ERROR_KNOWN, .named = true};
    bool may = may_be_signal(l->p + at, l->n - at);
    f.n = may ? dx_signal_text(l->p + at, l->n - at, &row) : 0;
    if (f.n && dx_scope_has(l->asked, &kb_error_rows[row])) {
        dx_refs_add(&f.refs, row, false);
        f.value = (uint32_t)kb_error_rows[row].value;
        scan_add(l->out, &f);
    }
    return f.n;
}

void dx_scan_line(struct dx_finds *out, const char *text, size_t n, dx_scope scope)
{
    struct line l = {.out = out, .p = text, .n = n, .asked = scope};
    for (size_t i = 0; i < n;) {
        size_t taken = 0;
        bool start = i == 0 || !scan_is_word_char(text[i - 1]);
        if (text[i] == '(') {
            taken = scan_text_at(&l, i);
        } else if (start) {
            taken = number_at(&l, i);
        }
        if (taken == 0 && start && scan_is_upper(text[i])) {
            taken = signal_at(&l, i);
        }
        if (taken == 0 && start && scan_is_word_char(text[i])) {
            taken = word_at(&l, i);
        }
        i += taken ? taken : 1;
    }
}
