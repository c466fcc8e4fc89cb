/* What to collect: the table is lib/data/evidence.rec. */
#include <string.h>

#include "explain/explain.h"
#include "kb.h"

static const struct dext_collect_item *items_in(struct dx_arena *a, size_t *count)
{
    struct dext_collect_item *items = dx_calloc(a, kb_evidence_count, sizeof *items);
    long long after = -1;
    *count = 0;
    while (*count < kb_evidence_count) { /* sorted by name there, by rank here */
        const struct kb_evidence *next = NULL;
        for (size_t i = 0; i < kb_evidence_count; i++) {
            const struct kb_evidence *e = &kb_evidence_rows[i];
            next = e->rank > after && (!next || e->rank < next->rank) ? e : next;
        }
        if (!next) {
            break; /* two of one rank: a unit test forbids it */
        }
        after = next->rank;
        items[(*count)++] = (struct dext_collect_item){
            .file = kb_s(next->evidence),
            .kind = kb_s(next->kind),
            .command = kb_s(next->command),
            .advice = kb_s(next->advice),
            .why = kb_s(next->why),
            .limit = next->limit ? (unsigned)next->limit : 60,
            .output = next->makes == KB_EVIDENCE_MAKES_OUTPUT,
            .root = next->root == KB_EVIDENCE_ROOT_YES,
            .app = next->needs == KB_EVIDENCE_NEEDS_APP,
            .archive = next->needs == KB_EVIDENCE_NEEDS_ARCHIVE,
        };
    }
    return items;
}

const struct dext_collect_item *dext_collect_items(struct dext_ctx *ctx, size_t *count)
{
    return items_in(&ctx->arena, count);
}

/* A dump is a dump, in either form; a panic is a report, too. */
static bool same_evidence(const char *wanted, enum dext_text_kind given)
{
    return strcmp(wanted, dext_text_kind_name(given)) == 0 ||
           (strcmp(wanted, "ioreg") == 0 && given == DEXT_TEXT_IOREG_ARCHIVE) ||
           (strcmp(wanted, "crash") == 0 && given == DEXT_TEXT_PANIC) ||
           (strcmp(wanted, "list") == 0 && given == DEXT_TEXT_DATABASE);
}

struct dext_texts dx_collect_advice(struct dx_arena *a, const struct dext_explain_input *inputs,
                                    size_t count)
{
    struct dext_texts out = {NULL, 0};
    size_t cap = 0, n;
    const struct dext_collect_item *items = items_in(a, &n);
    for (size_t i = 0; i < n; i++) {
        bool given = false;
        for (size_t k = 0; k < count; k++) {
            given |= same_evidence(items[i].kind, inputs[k].kind);
        }
        if (*items[i].advice && !given) {
            *DX_PUSH(a, out.text, out.count, cap) = items[i].advice;
        }
    }
    return out;
}
