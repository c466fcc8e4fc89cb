/* place.h: what stands at the cursor of a property list or project specification that is being
 * written. It need not be whole: only what stands before the cursor counts, and the element or word
 * that the cursor is in. libxml2 and libyaml want whole files, so this reads by itself, and less:
 * no entities but the five, no anchors. */
#ifndef LSP_PLACE_H
#define LSP_PLACE_H

#include <stdbool.h>
#include <stddef.h>

#define LSP_DEEPEST 32
#define LSP_LONGEST_KEY 256

enum lsp_place_kind {
    LSP_PLACE_NONE,  /* a comment, a tag, outside of everything */
    LSP_PLACE_KEY,   /* in a key */
    LSP_PLACE_VALUE, /* in the text of a value */
    LSP_PLACE_OPEN,  /* between elements: a key or value may begin here */
};

struct lsp_place {
    enum lsp_place_kind kind;
    /* The keys that lead here, outermost first; "" stands for an element of an array. Of a value
     * the last one is its own key. */
    char keys[LSP_DEEPEST][LSP_LONGEST_KEY];
    size_t depth;
    bool wants_key;   /* LSP_PLACE_OPEN: a key; else a value */
    bool yaml;        /* written in YAML */
    bool closed;      /* the element has its end tag */
    char element[16]; /* "string", "integer"; "" in YAML */
    size_t from, to;  /* the text of the key or value, in bytes */
};

void lsp_place_in_plist(struct lsp_place *out, const char *text, size_t size, size_t offset);
void lsp_place_in_yaml(struct lsp_place *out, const char *text, size_t size, size_t offset);

/* The word at offset: letters, digits, '_', '.', '-' and '$', where a class, code or entitlement
 * may stand. false: none. */
bool lsp_word_at(const char *text, size_t size, size_t offset, size_t *from, size_t *to);

#endif
