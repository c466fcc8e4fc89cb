/* tree.h: the located tree inside of dext/plist.h. Nodes live in the context's arena and are
 * read-only once dx_plist_load returns. */
#ifndef DX_PLIST_TREE_H
#define DX_PLIST_TREE_H

#include "plist/events.h"

struct dext_node {
    enum dext_kind kind;
    bool in_dict;
    bool overridden; /* an entry of the same key follows: the system never sees this one */
    bool bad;        /* the text is no value of its kind */
    bool negative, boolean;
    unsigned count; /* children */
    struct dx_str key;
    struct dx_str text; /* decoded, NUL-terminated; data: the bytes */
    uint64_t integer;
    double real;
    struct dext_place key_at, at;
    struct dext_node *parent, *child, *last, *next;
};

struct dx_comment {
    struct dx_str text;
    struct dext_place at;
    unsigned end_line;
    struct dx_comment *next;
};

struct dx_problem_at {
    enum dx_problem problem;
    const char *text;
    struct dext_place at;
    struct dx_problem_at *next;
};

struct dext_plist {
    struct dx_source src;
    enum dext_plist_format format;
    struct dx_lines lines;  /* count 0 for binary */
    struct dext_node *root; /* NULL when nothing could be read */
    struct dx_comment *comments;
    struct dx_problem_at *problems;
    size_t nodes;
    bool broken;        /* the form itself is: texts may be less than what stands in the file */
    bool stopped;       /* reading ended early: what is missing may only be unread */
    const char *reason; /* why, when stopped: "PATH:LINE:COL: reason" */
};

/* Guesses the format from the first bytes. */
enum dext_plist_format dx_plist_detect(const struct dx_source *src);

/* Reads src into a tree. Never fails: when reading stopped, ->stopped and ->reason say so and
 * the tree holds what came before. An empty source gives root NULL. */
struct dext_plist *dx_plist_load(struct dext_ctx *ctx, const struct dx_source *src);

/* The same for text of another grammar, by its reader; edits of it are not offered. */
struct dext_plist *dx_plist_load_by(struct dext_ctx *ctx, const struct dx_source *src,
                                    dx_plist_reader *read);

/* The entry of a dictionary that counts (the last of its name), or NULL. n may be NULL. */
const struct dext_node *dx_get(const struct dext_node *n, const char *key);

/* The same, NULL also when it is of another kind. */
const struct dext_node *dx_get_kind(const struct dext_node *n, const char *key,
                                    enum dext_kind kind);

/* Key path of a node from the root, "IOKitPersonalities/My Driver/IOClass", in the arena. */
const char *dx_node_path(struct dx_arena *a, const struct dext_node *n);

/* Structural equality as CoreFoundation and libkern see it (order of keys does not count). */
bool dx_node_equal(const struct dext_node *a, const struct dext_node *b);

/* A placeholder that a build fills in: $(X), ${X}, @X@, {{X}}, %X% is none. */
bool dx_has_placeholder(struct dx_str text);

/* n is a string that is literal: no placeholder in it. n may be NULL. */
bool dx_is_literal(const struct dext_node *n);

/* The integer, when n is one that is not bad. n may be NULL. */
bool dx_int(const struct dext_node *n, int64_t *value);

/* break.c: the first problem that makes a file no property list (a template that still has to be
 * expanded is none), or NULL. */
const struct dx_problem_at *dx_first_break(const struct dext_plist *pl);
/* Preprocessor lines and tool placeholders between or inside elements: the file is meant to be
 * expanded before anybody reads it as a property list. */
bool dx_problem_is_template(const struct dx_problem_at *p);

#endif
