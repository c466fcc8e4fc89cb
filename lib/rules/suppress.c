/* Comments in XML property lists that silence a finding:
 *     <!-- dextctl: ignore DX203 DX204 reason in words -->
 * on a line of its own above the key or value, or above another such comment. */
#include <ctype.h>
#include <string.h>

#include "rules/engine.h"

/* The next rule named in an ignore comment: "DX" and digits, or a rule's name. */
static bool next_word(struct dx_str *rest, struct dx_str *word)
{
    *rest = dx_str_trim(*rest);
    while (rest->n && *rest->p == ',') {
        rest->p++;
        rest->n--;
        *rest = dx_str_trim(*rest);
    }
    size_t n = 0;
    while (n < rest->n && !isspace((unsigned char)rest->p[n]) && rest->p[n] != ',' &&
           rest->p[n] != ':') {
        n++;
    }
    *word = (struct dx_str){rest->p, n};
    rest->p += n;
    rest->n -= n;
    return n != 0;
}

static bool suppress_looks_like_id(struct dx_str w)
{
    return w.n > 2 && (w.p[0] == 'D' || w.p[0] == 'd') && (w.p[1] == 'X' || w.p[1] == 'x') &&
           isdigit((unsigned char)w.p[2]);
}

static const struct dext_rule *rule_named(struct dx_str w)
{
    char name[64];
    if (w.n >= sizeof name) {
        return NULL;
    }
    memcpy(name, w.p, w.n);
    name[w.n] = 0;
    return dext_rule_find(name);
}

static bool ignore_list(struct dx_str text, struct dx_str *list)
{
    text = dx_str_trim(text);
    if (!dx_str_has_prefix(text, "dextctl:") && !dx_str_has_prefix(text, "dextctl-")) {
        return false;
    }
    text.p += 8;
    text.n -= 8;
    text = dx_str_trim(text);
    if (!dx_str_has_prefix(text, "ignore")) {
        return false;
    }
    list->p = text.p + 6;
    list->n = text.n - 6;
    return true;
}

static bool suppress_names(const struct dx_comment *comment, const struct dext_rule *rule)
{
    struct dx_str list, word;
    if (!ignore_list(comment->text, &list)) {
        return false;
    }
    while (next_word(&list, &word)) {
        const struct dext_rule *named = rule_named(word);
        if (named == rule) {
            return true;
        }
        if (!named && !suppress_looks_like_id(word)) {
            return false; /* the reason has begun */
        }
    }
    return false;
}

bool dx_suppressed(const struct dx_finding *f)
{
    if (!f->doc || !f->pub.at.line) {
        return false;
    }
    /* Comments come in file order. A block of comments on consecutive lines counts as one: walk
     * back from the one right above the line. */
    const struct dx_comment *block = NULL;
    unsigned block_end = 0;
    for (const struct dx_comment *c = f->doc->pl->comments; c; c = c->next) {
        if (!block || c->at.line > block_end + 1) {
            block = c;
        }
        block_end = c->end_line;
        bool above = block_end + 1 == f->pub.at.line || block_end + 1 == f->key_line;
        bool beside = c->at.line == f->pub.at.line || c->at.line == f->key_line;
        for (const struct dx_comment *b = block; (above || beside) && b; b = b->next) {
            if (suppress_names(b, f->pub.rule)) {
                return true;
            }
            if (b == c) {
                break;
            }
        }
    }
    return false;
}

void dx_check_comments(struct dx_check *c, const struct dx_doc *doc)
{
    for (const struct dx_comment *at = doc->pl->comments; at; at = at->next) {
        struct dx_str list, word;
        if (!ignore_list(at->text, &list)) {
            continue;
        }
        while (next_word(&list, &word)) {
            if (rule_named(word)) {
                continue;
            }
            if (suppress_looks_like_id(word)) {
                dx_find(c, DX_UNKNOWN_RULE_IN_COMMENT, dx_at_place(NULL, at->at),
                        "the comment ignores %.*s, which is no rule", (int)word.n, word.p);
            }
            break;
        }
    }
}
