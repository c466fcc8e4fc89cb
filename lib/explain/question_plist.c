/* Pieces of property lists that somebody pasted: of a personality, of entitlements. A piece is made
 * whole (what is not closed is closed) and linted; only rules about what stands there are told,
 * never about what is missing, since a piece may leave things out. */
#include <string.h>

#include "dext/lint.h"
#include "explain/explain.h"

#define MOST_PLIST_DEPTH 32
#define MOST_PIECES 16
#define MOST_FINDINGS 8

/* Rules that a key or a value itself breaks. */
static const char *const rules[] = {"wrong-value-type",
                                    "misspelt-info-key",
                                    "misplaced-personality-key",
                                    "kext-only-key",
                                    "entitlement-in-info-plist",
                                    "wrong-kernel-bundle-id",
                                    "match-category-on-hardware",
                                    "ioresources-provider",
                                    "too-broad-provider",
                                    "probe-score-type",
                                    "probe-score-range",
                                    "unknown-io-class",
                                    "unknown-provider-class",
                                    "ioclass-family-mismatch",
                                    "usb-legacy-class",
                                    "pci-match-syntax",
                                    "pci-class-mask",
                                    "pci-match-all",
                                    "resource-match-on-hardware",
                                    "key-of-other-bus",
                                    "match-value-range",
                                    "entitlement-unknown",
                                    "entitlement-type",
                                    "entitlement-vendor-id-type",
                                    "entitlement-wildcard-with-approved",
                                    "entitlement-apple-only",
                                    "entitlement-defunct",
                                    "entitlement-item-key",
                                    "entitlement-item-without-vendor",
                                    "entitlement-pci-syntax",
                                    "entitlement-empty-list",
                                    "userclient-access-element"};

struct piece {
    struct dext_ctx *ctx;
    struct dx_timeline *timeline;
    const char *file;
    const struct dx_prose *prose;
    struct dx_str source; /* in the prose */
    bool closed;          /* one dictionary with its end, and nothing left out by dots */
    size_t told;
};

/* ---- where a piece begins and ends --------------------------------------------------------------
 */

/* Length of an element of a property list at p (with its text, when it has one), or 0. *open: 1 for
 * <dict> and <array>, -1 for their ends; *name is "dict" or "array" then. */
static size_t element_at(const char *p, size_t n, int *open, const char **name)
{
    static const char *const texts[] = {"key", "string", "integer", "real", "data", "date"};
    static const char *const whole[] = {"<true/>",  "<false/>", "<dict/>",
                                        "<array/>", "<true />", "<false />"};
    struct dx_str s = {p, n};
    *open = 0;
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
        if (dx_str_has_prefix(s, whole[i])) {
            return strlen(whole[i]);
        }
    }
    for (size_t i = 0; i < 2; i++) {
        *name = i ? "array" : "dict";
        const char *begin = i ? "<array>" : "<dict>", *end = i ? "</array>" : "</dict>";
        *open = dx_str_has_prefix(s, begin) ? 1 : dx_str_has_prefix(s, end) ? -1 : 0;
        if (*open) {
            return strlen(*open > 0 ? begin : end);
        }
    }
    for (size_t i = 0; n && *p == '<' && i < sizeof texts / sizeof *texts; i++) {
        size_t k = strlen(texts[i]);
        if (n > k + 2 && memcmp(p + 1, texts[i], k) == 0 && p[k + 1] == '>') {
            for (size_t at = k + 2; at + k + 3 <= n; at++) {
                if (p[at] == '<' && p[at + 1] == '/' && memcmp(p + at + 2, texts[i], k) == 0 &&
                    p[at + 2 + k] == '>') {
                    return at + k + 3;
                }
                if (p[at] == '<' && p[at + 1] != '!') {
                    return 0; /* not closed */
                }
            }
        }
    }
    return 0;
}

/* Copies the elements at the front of text, balanced; returns the bytes read. *closed: it was
 * balanced already. */
static size_t read_piece(struct dx_buf *out, struct dx_str text, bool *closed)
{
    bool array[MOST_PLIST_DEPTH] = {false}; /* or a dictionary */
    size_t depth = 0, at = 0, end = 0;
    while (at < text.n) {
        int open = 0;
        const char *name = "";
        size_t n = element_at(text.p + at, text.n - at, &open, &name);
        if (text.p[at] == ' ' || text.p[at] == '\n') {
            n = 1;
        } else if (n == 0 || (open < 0 && (depth == 0 || array[depth - 1] != (*name == 'a'))) ||
                   (open > 0 && depth == MOST_PLIST_DEPTH)) {
            break;
        } else {
            end = at + n;
        }
        if (open > 0) {
            array[depth++] = *name == 'a';
        }
        depth -= open < 0;
        dx_buf_add(out, text.p + at, n);
        at += n;
    }
    *closed = depth == 0;
    while (depth) {
        dx_buf_printf(out, "</%s>", array[--depth] ? "array" : "dict");
    }
    return end;
}

/* ---- what lint says -----------------------------------------------------------------------------
 */

static bool is_told(const struct piece *p, const char *name)
{
    if (p->closed && strcmp(name, "usb-match-incomplete") == 0) {
        return true; /* the personality is there from its beginning to its end */
    }
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        if (strcmp(rules[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* The last part of the key path, where the text has it. */
static struct dx_str question_plist_place_of(const struct piece *p, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *key = slash ? slash + 1 : path;
    size_t n = strlen(key);
    for (size_t i = 0; n && i + n <= p->source.n; i++) {
        if (memcmp(p->source.p + i, key, n) == 0) {
            return (struct dx_str){p->source.p + i, n};
        }
    }
    return (struct dx_str){p->source.p, 0};
}

static void on_finding(void *user, const struct dext_finding *f)
{
    struct piece *p = user;
    if (p->told == MOST_FINDINGS || !is_told(p, dext_rule_name(f->rule))) {
        return;
    }
    struct dx_arena *a = &p->ctx->arena;
    struct dx_str place = question_plist_place_of(p, f->path);
    struct dx_conclusion out = {.symptom = "pasted-key-wrong",
                                .subject = "",
                                .klass = "",
                                .detail = dx_sprintf(a, "%s [%s %s]; %s", f->message,
                                                     dext_rule_id(f->rule), dext_rule_name(f->rule),
                                                     f->fix)};
    out.evidence[0] = (struct dext_evidence){
        .file = p->file,
        .line = dx_prose_line(p->prose, (size_t)(place.p - p->prose->text.p)),
        .text = dx_strndup(a, place.p, place.n ? place.n : (p->source.n < 80 ? p->source.n : 80))};
    out.evidence_count = 1;
    p->told += dx_timeline_note(p->timeline, &out) != NULL;
}

static void on_input(void *user, const struct dext_input *in)
{
    (void)user; /* a piece that does not parse is no finding */
    (void)in;
}

static bool has_key(struct dx_str body, const char *key)
{
    return dx_str_contains(body, key);
}

/* In a context of its own: lint takes back what it allocates, findings stay. */
static void lint(struct piece *p, struct dx_str body)
{
    struct dext_lint_options options = {.size = sizeof options,
                                        .no_ignore = true,
                                        .user = p,
                                        .on_finding = on_finding,
                                        .on_input = on_input};
    bool rights = has_key(body, "<key>com.apple.developer.");
    bool whole = has_key(body, "<key>IOKitPersonalities</key>") || has_key(body, "<key>CFBundle");
    bool personality = has_key(body, "<key>IOProviderClass</key>");
    struct dx_buf text;
    dx_buf_init(&text, &p->ctx->arena, p->ctx->limits.file_bytes);
    if (!rights && !whole && !personality) {
        return;
    }
    bool dict = dx_str_has_prefix(dx_str_trim(body), "<dict>");
    bool nest = personality && !has_key(body, "<key>IOKitPersonalities</key>") && !rights;
    dx_buf_puts(&text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\">");
    dx_buf_puts(&text, nest ? "<dict><key>IOKitPersonalities</key><dict><key>Pasted</key>" : "");
    dx_buf_puts(&text, dict ? "" : "<dict>");
    dx_buf_add(&text, body.p, body.n);
    dx_buf_puts(&text, dict ? "" : "</dict>");
    dx_buf_puts(&text, nest ? "</dict></dict></plist>\n" : "</plist>\n");
    struct dext_ctx *apart = dext_ctx_new(NULL);
    struct dext_lint *l = dext_lint_new(apart, &options);
    if (!text.toobig) {
        dext_lint_add_bytes(l, rights ? "pasted.entitlements" : "Info.plist", text.p, text.n);
        (void)dext_lint_run(l);
    }
    dext_lint_free(l);
    dext_ctx_free(apart);
}

void dx_question_plists(struct dext_ctx *ctx, struct dx_timeline *t, const char *file,
                        const struct dx_prose *prose)
{
    struct piece p = {.ctx = ctx, .timeline = t, .file = file, .prose = prose};
    struct dx_str text = prose->text;
    size_t pieces = 0;
    for (size_t i = 0; i < text.n && pieces < MOST_PIECES; i++) {
        struct dx_str rest = {text.p + i, text.n - i};
        if (*rest.p != '<' ||
            (!dx_str_has_prefix(rest, "<dict>") && !dx_str_has_prefix(rest, "<key>"))) {
            continue;
        }
        struct dx_buf body;
        dx_buf_init(&body, &ctx->arena, ctx->limits.file_bytes);
        bool balanced = false;
        size_t n = read_piece(&body, rest, &balanced);
        p.source = (struct dx_str){rest.p, n};
        p.closed =
            dx_str_has_prefix(rest, "<dict>") && balanced && !dx_str_contains(p.source, "...");
        if (n && !body.toobig) {
            lint(&p, dx_buf_str(&body));
            pieces++;
        }
        i += n ? n - 1 : 0;
    }
}
