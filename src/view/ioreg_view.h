/* ioreg_view.h: registry nodes, driver extensions and differences, written in one format. The
 * command picks what is shown and calls the functions of the format that was chosen. */
#ifndef APP_IOREG_OUT_H
#define APP_IOREG_OUT_H

#include "app/app.h"
#include "dext/registry.h"
#include "view/record.h"

/* How a node is shown. */
enum ioreg_mark {
    IOREG_HIDDEN,
    IOREG_CONTEXT,  /* only because something below it is shown */
    IOREG_BELOW,    /* below something selected: one line */
    IOREG_SELECTED, /* with its state, drivers and clients */
};

struct ioreg_pick {
    unsigned char *marks; /* enum ioreg_mark, by number */
    size_t count;         /* nodes of the registry */
    size_t selected;
    bool all; /* nothing was asked for: every node on one line */
};

struct ioreg_out {
    const struct app *app;
    struct record_out record;
    struct dext_registry *r;
    bool properties; /* of selected nodes */
};

struct ioreg_format {
    void (*tree)(struct ioreg_out *o, const struct ioreg_pick *p);
    void (*dexts)(struct ioreg_out *o, const struct dext_reg_dexts *d, const struct ioreg_pick *p);
    void (*diff)(struct ioreg_out *o, struct dext_registry *after, const struct dext_reg_diff *d);
};

const struct ioreg_format *ioreg_format_for(enum face face);

extern const struct record_form ioreg_form;
extern const struct ioreg_format ioreg_human, ioreg_record;

/* ioreg_pick.c: nothing is picked yet; then what a selector names; then ancestors, and depth levels
 * of what is below. Errors as of dext_registry_select. */
void ioreg_pick_open(struct ioreg_pick *p, struct dext_registry *r);
int ioreg_pick_add(struct ioreg_pick *p, struct dext_registry *r, const char *selector);
void ioreg_pick_close(struct ioreg_pick *p, struct dext_registry *r, size_t depth);
void ioreg_pick_free(struct ioreg_pick *p);

/* The driver extension, or a node of it, was picked. */
bool ioreg_pick_has(const struct ioreg_pick *p, const struct dext_reg_dext *d);
bool ioreg_pick_has_node(const struct ioreg_pick *p, const struct dext_reg_node *n);

/* ioreg_diff_human.c, ioreg_dexts_human.c: parts of ioreg_human. */
void ioreg_human_diff(struct ioreg_out *o, struct dext_registry *after,
                      const struct dext_reg_diff *d);
void ioreg_human_dexts(struct ioreg_out *o, const struct dext_reg_dexts *d,
                       const struct ioreg_pick *p);
void ioreg_human_name(const struct ioreg_out *o, const struct dext_reg_node *n);
void ioreg_human_class(const struct ioreg_out *o, const struct dext_reg_node *n);
void ioreg_human_driver(const struct ioreg_out *o, const struct dext_reg_driver *d);
void ioreg_human_client(const struct ioreg_out *o, const struct dext_reg_client *c);

/* ioreg_value.c: a property's value; data is {"data": "0a0b"}, what nests too deep null. */
void ioreg_json_value(struct json *j, const struct dext_node *n);

/* Properties are keys of their own making; they are read when they are written. */
struct ioreg_properties {
    const struct dext_reg_property *list; /* NULL: not asked for */
    size_t count;
};

/* For records: the member is a "Base:Derived" text; a struct ioreg_properties. */
void ioreg_json_ancestry(struct json *j, const void *member);
void ioreg_json_properties(struct json *j, const void *member);

#endif
