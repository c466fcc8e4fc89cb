/* DX101, DX102, DX105 (files that are templates), DX106, DX107, DX109, DX110: the property list
 * itself. */
#include <stdlib.h>
#include <string.h>

#include "rules/engine.h"

/* libxml2 reports what follows from one mistake as more mistakes: a few tell the story. */
#define MOST_REPORTED 5

/* White space before the XML declaration is taken out by --fix. */
static void not_strict(struct dx_check *c, const struct dx_problem_at *p)
{
    const struct dx_source *src = &c->doc->pl->src;
    size_t blank = 0;
    while (blank < src->size && strchr(" \t\r\n", src->data[blank])) {
        blank++;
    }
    struct dext_place first = {1, 1, 0, 1};
    dx_find(c, DX_PLIST_NOT_STRICT_XML, dx_at_place(NULL, blank ? first : p->at), "%s", p->text);
    if (blank) {
        dx_edit(c, 0, blank, "");
    } else {
        dx_fix(c, "Remove it.");
    }
}

static void check_problems(struct dx_check *c, const struct dext_plist *pl)
{
    unsigned syntax = 0, loose = 0;
    for (const struct dx_problem_at *p = pl->problems; p; p = p->next) {
        struct dx_target at = dx_at_place(NULL, p->at);
        if (p->problem == DX_PROBLEM_COMMENT) {
            dx_find(c, DX_COMMENT_DOUBLE_HYPHEN, at, "\"--\" inside a comment");
        } else if (p->problem == DX_PROBLEM_LENIENT) {
            if (loose++ == 0) {
                not_strict(c, p);
            }
        } else if (p->problem == DX_PROBLEM_ENCODING) {
            dx_find(c, DX_ENCODING, at, "%s", p->text);
            dx_severity(c, DEXT_ERROR);
        } else if (dx_problem_is_template(p)) {
            dx_find(c, DX_TEMPLATE_PLACEHOLDER, at,
                    "%s: the file is a template, no property list until it is expanded", p->text);
            if (dx_path_template(c->doc->path)) {
                dx_severity(c, DEXT_NOTE); /* its name says so */
                dx_fix(c, "Nothing, if the build expands it; lint what the build makes of it.");
            } else if (strncmp(p->text, "text \"#", 7) == 0) {
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
static bool plist_is_personality(const struct dext_node *n, const struct dext_node *kept)
{
    const struct dext_node *all = n->parent;
    return n->kind == DEXT_DICT && kept && !dx_node_equal(kept, n) && all && all->parent &&
           !all->parent->parent && dx_str_is(all->key, "IOKitPersonalities");
}

/* The entries of a dictionary that count, by key: a file of 120,000 equal keys would be searched
 * through for each of them. */
struct kept_entries {
    const struct dext_node **list;
    size_t count;
};

static int kept_by_key(const void *a, const void *b)
{
    return dx_str_cmp((*(const struct dext_node *const *)a)->key,
                      (*(const struct dext_node *const *)b)->key);
}

static struct kept_entries kept_index(struct dx_arena *a, const struct dext_node *dict)
{
    struct kept_entries k = {0};
    size_t all = 0, overridden = 0;
    for (const struct dext_node *e = dict ? dict->child : NULL; e; e = e->next) {
        all++;
        overridden += e->overridden;
    }
    if (overridden == 0) {
        return k;
    }
    k.list = dx_calloc(a, all - overridden + 1, sizeof(const struct dext_node *));
    for (const struct dext_node *e = dict->child; e; e = e->next) {
        if (!e->overridden) {
            k.list[k.count++] = e;
        }
    }
    qsort(k.list, k.count, sizeof(const struct dext_node *), kept_by_key);
    return k;
}

static const struct dext_node *kept_for(const struct kept_entries *k, const struct dext_node *e)
{
    const struct dext_node **found =
        k->count ? bsearch(&e, k->list, k->count, sizeof(const struct dext_node *), kept_by_key)
                 : NULL;
    return found ? *found : NULL;
}

static void check_duplicates(struct dx_check *c, const struct dext_node *n)
{
    const struct kept_entries k = kept_index(&c->ctx->arena, n);
    for (const struct dext_node *e = n ? n->child : NULL; e; e = e->next) {
        const struct dext_node *kept = e->overridden ? kept_for(&k, e) : NULL;
        if (e->overridden && !plist_is_personality(e, kept)) {
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

static void plist_check_encoding(struct dx_check *c, const struct dext_plist *pl)
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
    plist_check_encoding(c, pl);
    if (pl->format == DEXT_PLIST_OPENSTEP && pl->root) {
        dx_find(c, DX_LEGACY_PLIST_FORMAT, dx_at(pl->root),
                "this is an old-style (OpenStep) property list");
    }
    check_duplicates(c, pl->root);
}
