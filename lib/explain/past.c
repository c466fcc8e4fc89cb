/* What shows that an earlier failure was overcome. */
#include <string.h>

#include "explain/explain.h"
#include "kb.h"

#define MOST_CHECKS 4 /* that follow each other */

/* What a success proves. Start: everything up to it. Being enabled: everything up to the approval,
 * except that the process may be executed: a refusal of that is printed before, beside and after.
 */
bool dx_symptom_disproves(const struct kb_symptom *success, const struct kb_symptom *failure)
{
    if (success->stage == KB_SYMPTOM_STAGE_START) {
        return failure->stage <= KB_SYMPTOM_STAGE_START;
    }
    return success->stage == KB_SYMPTOM_STAGE_APPROVE &&
           failure->stage <= KB_SYMPTOM_STAGE_APPROVE &&
           (failure->stage != KB_SYMPTOM_STAGE_SIGN || failure->weight == KB_SYMPTOM_WEIGHT_CODE);
}

static bool is_past(const struct kb_symptom *met, const struct kb_symptom *failure, unsigned depth)
{
    for (const char *id = kb_first(met->past); depth && *id; id = kb_next(id)) {
        for (size_t i = 0; i < kb_symptom_count; i++) {
            const struct kb_symptom *row = &kb_symptom_rows[i];
            if (strcmp(kb_s(row->symptom), id) == 0 &&
                (row == failure || is_past(row, failure, depth - 1))) {
                return true;
            }
        }
    }
    return false;
}

bool dx_symptom_is_past(const struct kb_symptom *met, const struct kb_symptom *failure)
{
    return is_past(met, failure, MOST_CHECKS);
}
