/* Codes in a text, and calls of kernel extensions. */
#include <string.h>

#include "dext/error.h"
#include "explain/question.h"
#include "know/know.h"

#define DOMAIN_BYTES 100 /* how far before a small number its domain may stand */
#define MOST_TOLD 64     /* codes, calls */

/* A constant in source code is what a program may return, not what happened. */
static bool is_source_code(struct dx_str text, size_t at, size_t n)
{
    size_t before = at, after = at + n;
    while (before && text.p[before - 1] == ' ') {
        before--;
    }
    while (after < text.n && strchr(" )", text.p[after])) {
        after++;
    }
    char c = before ? text.p[before - 1] : 0;
    bool returned = before >= 6 && strncmp(text.p + before - 6, "return", 6) == 0;
    bool ends = after < text.n && strchr(";{&|,}", text.p[after]);
    return ends && (returned || (c && strchr("=?:,|", c)));
}

/* "error 8" says nothing without the domain: errno, a system extension's, an exit status. */
static bool is_small_without_domain(const struct dx_reading *r, const struct dext_error_hit *h)
{
    static const char *const domains[] = {
        "ossystemext", "systemext", "errno",     "posix",   "nsposix", "amfi", "osstatus",
        "ioreturn",    "domain",    "namespace", "kmerror", "sysext",  NULL};
    int32_t v = (int32_t)h->value;
    bool number = (*h->text >= '0' && *h->text <= '9') || *h->text == '-';
    size_t from = h->offset > DOMAIN_BYTES ? h->offset - DOMAIN_BYTES : 0;
    if (h->match_count && strcmp(h->matches->domain, "sysext") == 0) {
        /* A code is told where it stands first; its domain may be named later. */
        return number && !dx_prose_mentions(r->prose.text, domains);
    }
    return number && v > -1000 && v < 1000 &&
           !dx_prose_mentions((struct dx_str){r->prose.text.p + from, h->offset - from}, domains);
}

/* In "-536870212 (0xe00002bc) kIOReturnUnsupported" all should be one code. */
static const char *contradiction(const struct dx_reading *r, const struct dext_error_answer *answer,
                                 size_t i)
{
    const struct dext_error_hit *h = &answer->hits[i];
    if (i + 1 == answer->count || h->match_count == 0 || h[1].match_count == 0 ||
        h->value == h[1].value || h[1].offset < h->offset + strlen(h->text)) {
        return "";
    }
    struct dx_str gap = {r->prose.text.p + h->offset + strlen(h->text),
                         h[1].offset - h->offset - strlen(h->text)};
    for (size_t k = 0; k < gap.n; k++) {
        if (!strchr(" ()=:", gap.p[k])) {
            return "";
        }
    }
    bool equated = gap.n <= 4 && (memchr(gap.p, '(', gap.n) || memchr(gap.p, ')', gap.n) ||
                                  memchr(gap.p, '=', gap.n));
    return equated ? dx_sprintf(&r->q->ctx->arena,
                                "the text equates it with %s, which is another code (%s)",
                                h[1].text, h[1].matches->name)
                   : "";
}

static void question_named_add_code(struct dx_reading *r, const struct dext_error_answer *answer,
                                    size_t i)
{
    struct dx_question *q = r->q;
    const struct dext_error_hit *h = &answer->hits[i];
    const struct dext_error *m = h->matches;
    bool name = !(*h->text >= '0' && *h->text <= '9') && *h->text != '-';
    bool iokit = h->kind == DEXT_ERROR_KNOWN && h->value >> 26 == 0x38;
    if (h->kind != DEXT_ERROR_KNOWN || h->match_count == 0 || q->code_count == MOST_TOLD ||
        m->value == 0 || m->derived || (!r->drivers && !iokit) || is_small_without_domain(r, h) ||
        (name && is_source_code(r->prose.text, h->offset, strlen(h->text)))) {
        return;
    }
    for (size_t k = 0; k < q->code_count; k++) {
        if (strcmp(q->codes[k].name, m->name) == 0) {
            return;
        }
    }
    struct dx_arena *a = &q->ctx->arena;
    *DX_PUSH(a, q->notes, q->note_count, q->note_cap) =
        (struct dx_code_note){.plain = m->summary, .quiet = r->log};
    *DX_PUSH(a, q->codes, q->code_count, q->code_cap) = (struct dext_code_named){
        .text = dx_strdup(a, h->text),
        .name = dx_strdup(a, m->name),
        .written = dx_strdup(a, m->written),
        .domain = m->title,
        .meaning = m->driverkit ? m->driverkit : m->summary,
        .note = contradiction(r, answer, i),
        .evidence =
            dx_reading_quote(r, (struct dx_str){r->prose.text.p + h->offset, strlen(h->text)})};
}

void dx_reading_codes(struct dx_reading *r)
{
    struct dext_errors *errors = dext_errors_new();
    struct dext_error_answer answer;
    if (errors &&
        dext_errors_ask(errors, &answer, r->prose.text.p, r->prose.text.n, NULL) == DEXT_OK) {
        for (size_t i = 0; i < answer.count; i++) {
            question_named_add_code(r, &answer, i);
        }
    }
    dext_errors_free(errors);
}

/* ---- calls of kernel extensions ---------------------------------------------------------------
 */

/* Whether the word is in the table, told or not. */
static bool add_call(struct dx_reading *r, struct dx_str word)
{
    static const char *const statuses[] = {"same", "other", "none", "none",
                                           "other"}; /* away: elsewhere; a tool: another one */
    struct dx_question *q = r->q;
    const struct kb_kext_call *kb = dx_kb_kext_call(word);
    if (!kb || q->call_count == MOST_TOLD || !r->drivers ||
        ((kb->status == KB_KEXT_CALL_STATUS_SAME || kb->status == KB_KEXT_CALL_STATUS_TOOL) &&
         !r->migrating)) {
        return kb != NULL;
    }
    for (size_t i = 0; i < q->call_count; i++) {
        if (strcmp(q->calls[i].name, kb_s(kb->call)) == 0) {
            return true;
        }
    }
    *DX_PUSH(&q->ctx->arena, q->calls, q->call_count, q->call_cap) =
        (struct dext_call_named){.name = kb_s(kb->call),
                                 .status = statuses[kb->status],
                                 .counterpart = kb_s(kb->counterpart),
                                 .header = kb_s(kb->header),
                                 .note = kb_s(kb->note),
                                 .source = kb_s(kb->source),
                                 .evidence = dx_reading_quote(r, word)};
    return true;
}

/* Words, and pairs of them that "::" joins. */
void dx_reading_calls(struct dx_reading *r)
{
    struct dx_str text = r->prose.text;
    for (size_t i = 0; i < text.n;) {
        size_t n = 0, scope = 0;
        while (i + n < text.n &&
               (dx_is_word_char(text.p[i + n]) ||
                (n && text.p[i + n] == ':' && i + n + 2 < text.n && text.p[i + n + 1] == ':' &&
                 dx_is_word_char(text.p[i + n + 2])))) {
            if (text.p[i + n] == ':') {
                scope = n;
                n++;
            }
            n++;
        }
        bool known = n && add_call(r, (struct dx_str){text.p + i, n});
        if (scope && !known) {
            (void)add_call(r, (struct dx_str){text.p + i, scope});
            (void)add_call(r, (struct dx_str){text.p + i + scope + 2, n - scope - 2});
        }
        i += n + 1;
    }
}
