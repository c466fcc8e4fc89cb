#include "plist/tree.h"

/* Preprocessor lines and tool placeholders between or inside elements: the file is meant to be
 * expanded before anybody reads it as a property list. */
bool dx_problem_is_template(const struct dx_problem_at *p)
{
    struct dx_str text = dx_str(p->text);
    return p->problem != DX_PROBLEM_SYNTAX &&
           (dx_has_placeholder(text) || dx_str_contains(text, "\"#if") ||
            dx_str_contains(text, "\"#endif") || dx_str_contains(text, "\"#include") ||
            dx_str_contains(text, "\"#define") || dx_str_contains(text, "\"__"));
}

static bool breaks(const struct dx_problem_at *p)
{
    switch (p->problem) {
    case DX_PROBLEM_SYNTAX:
    case DX_PROBLEM_STRUCTURE:
    case DX_PROBLEM_VALUE:
    case DX_PROBLEM_ENTITY:
        return !dx_problem_is_template(p);
    case DX_PROBLEM_ENCODING:
        return true;
    default:
        return false;
    }
}

const struct dx_problem_at *dx_first_break(const struct dext_plist *pl)
{
    const struct dx_problem_at *p = pl->problems;
    while (p && !breaks(p)) {
        p = p->next;
    }
    return p;
}
