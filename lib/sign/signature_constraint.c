/* Launch and library constraints: DER dictionaries {ccat, comp, reqs, vers}, as codesign makes them
 * of the property lists of --launch-constraint-self and its like; reqs is what their author wrote.
 */
#include <string.h>

#include "sign/profile.h"
#include "sign/signature.h"

static const char *const constraint_on[] = {"self", "parent", "responsible", "library"};

static const char *const constraint_words[] = {
    "the system starts this program only where all of this holds for the program itself",
    "the system starts this program only where all of this holds for the program that starts it",
    "the system starts this program only where all of this holds for the program that is "
    "responsible "
    "for the one that starts it",
    "the program loads only libraries for which all of this holds",
};

/* xnu osfmk/kern/cs_blobs.h, CS_VALIDATION_CATEGORY_*. */
static const char *const constraint_category[] = {
    "invalid",      "part of the system", "TestFlight", "development",  "App Store", "in-house",
    "Developer ID", "signed on this Mac", "Rosetta",    "just in time", "nobody's",
};

static const struct dext_node *constraint_facts(struct dext_ctx *ctx, struct dx_str body)
{
    const struct dext_node *all = dx_der_plist(ctx, body);
    const struct dext_node *reqs = dx_get_kind(all, "reqs", DEXT_DICT);
    return reqs ? reqs : all;
}

/* A number that has a name is told by it. */
static const char *constraint_meaning(struct dext_ctx *ctx, size_t which,
                                      const struct dext_node *facts)
{
    const struct dext_node *n = dx_get_kind(facts, "validation-category", DEXT_INTEGER);
    int64_t v;
    bool known = n && dx_int(n, &v) && v >= 0 &&
                 v < (int64_t)(sizeof constraint_category / sizeof *constraint_category);
    return known ? dx_sprintf(&ctx->arena, "%s; validation-category %lld: %s",
                              constraint_words[which], (long long)v, constraint_category[v])
                 : constraint_words[which];
}

void dx_slice_constraints(struct dext_slice *s, struct dext_ctx *ctx, const struct dx_codesign *cs,
                          struct dx_report *r)
{
    struct dext_constraint *list = dx_calloc(&ctx->arena, 4, sizeof *list);
    for (size_t i = 0; i < 4; i++) {
        const struct dx_blob *b = dx_codesign_blob(cs, DX_SLOT_CONSTRAINT + (uint32_t)i);
        if (!b) {
            continue;
        }
        const struct dext_node *facts = constraint_facts(ctx, b->body);
        if (!facts) {
            dx_report_warning(r, "constraint-malformed",
                              "the constraint on %s is not in the form that Apple writes",
                              constraint_on[i]);
        }
        list[s->constraint_count++] =
            (struct dext_constraint){constraint_on[i], facts, constraint_meaning(ctx, i, facts)};
    }
    s->constraints = list;
}
