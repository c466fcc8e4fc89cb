/* DX101, DX102, DX105 (files that are templates), DX106, DX107, DX109: the property list itself. */
#include <string.h>

#include "rules/engine.h"

/* Preprocessor lines and tool placeholders between or inside elements: the file is meant to be
 * expanded before anybody reads it as a property list. */
static bool is_template(const struct dx_problem_at *p)
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
        return !is_template(p);
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

/* libxml2 reports what follows from one mistake as more mistakes: a few tell the story. */
#define MOST_REPORTED 5

static void check_problems(struct dx_check *c, const struct dext_plist *pl)
{
    unsigned syntax = 0;
    for (const struct dx_problem_at *p = pl->problems; p; p = p->next) {
        struct dx_target at = dx_at_place(NULL, p->at);
        if (p->problem == DX_PROBLEM_COMMENT) {
            dx_find(c, DX_COMMENT_DOUBLE_HYPHEN, at, "\"--\" inside a comment");
        } else if (p->problem == DX_PROBLEM_ENCODING) {
            dx_find(c, DX_ENCODING, at, "%s", p->text);
            dx_severity(c, DEXT_ERROR);
        } else if (is_template(p)) {
            dx_find(c, DX_TEMPLATE_PLACEHOLDER, at,
                    "%s: the file is a template, no property list until it is expanded", p->text);
            if (strncmp(p->text, "text \"#", 7) == 0) {
                dx_severity(c, DEXT_NOTE); /* a common way to build, Apple's kexts have it */
                dx_fix(c,
                       "Nothing, if Xcode's INFOPLIST_PREPROCESS expands it; lint the built file.");
            }
        } else if (p->problem != DX_PROBLEM_SYNTAX || syntax++ < MOST_REPORTED) {
            dx_find(c, DX_PLIST_MALFORMED, at, "%s", p->text);
        }
    }
    bool told = dx_first_break(pl) != NULL;
    if (pl->stopped && !told) {
        /* "PATH:LINE:COL: reason": the place is the finding's own. */
        const char *reason = strstr(pl->reason, ": ");
        dx_find(c, DX_PLIST_MALFORMED, dx_at(NULL), "%s", reason ? reason + 2 : pl->reason);
    }
}

/* Two personalities of one name: personality-name-collision says it better. */
static bool is_personality(const struct dext_node *n, const struct dext_node *kept)
{
    const struct dext_node *all = n->parent;
    return n->kind == DEXT_DICT && kept && !dx_node_equal(kept, n) && all && all->parent &&
           !all->parent->parent && dx_str_is(all->key, "IOKitPersonalities");
}

static void check_duplicates(struct dx_check *c, const struct dext_node *n)
{
    for (const struct dext_node *e = n ? n->child : NULL; e; e = e->next) {
        const struct dext_node *kept = e->overridden ? dx_get(n, e->key.p) : NULL;
        if (e->overridden && !is_personality(e, kept)) {
            if (kept && dx_node_equal(kept, e)) {
                dx_find(c, DX_PLIST_DUPLICATE_KEY, dx_at_key(e),
                        "%s stands twice here, with the same value", e->key.p);
                dx_severity(c, DEXT_NOTE);
            } else {
                dx_find(c, DX_PLIST_DUPLICATE_KEY, dx_at_key(e),
                        "%s stands twice here; the system drops this one and keeps the last",
                        e->key.p);
            }
            if (kept && kept->key_at.line) {
                dx_fix(c, "Keep one of the two entries; the other one is on line %u.",
                       kept->key_at.line);
            }
        }
        if (e->child) {
            check_duplicates(c, e);
        }
    }
}

static void check_encoding(struct dx_check *c, const struct dext_plist *pl)
{
    const struct dx_source *src = &pl->src;
    const unsigned char *p = (const unsigned char *)src->data;
    struct dext_place at = {1, 1, 0, 1};
    if (pl->format != DEXT_PLIST_XML) {
        return;
    }
    if (src->size >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
        dx_find(c, DX_ENCODING, dx_at_place(NULL, at), "the file begins with a byte order mark");
        dx_edit(c, 0, 3, "");
    } else if (src->size >= 2 && (p[0] >= 0xfe || p[0] == 0 || p[1] == 0)) {
        dx_find(c, DX_ENCODING, dx_at_place(NULL, at), "the file is in UTF-16 or UTF-32");
    }
}

void dx_check_plist_doc(struct dx_check *c, const struct dx_doc *doc)
{
    const struct dext_plist *pl = doc->pl;
    check_problems(c, pl);
    check_encoding(c, pl);
    if (pl->format == DEXT_PLIST_OPENSTEP && pl->root) {
        dx_find(c, DX_LEGACY_PLIST_FORMAT, dx_at(pl->root),
                "this is an old-style (OpenStep) property list");
    }
    check_duplicates(c, pl->root);
}
