/* match_classes.h: inside of the simulator: the classes of a dump's nodes. Which personalities are
 * candidates depends on a node's class alone, so that is found out once a class. */
#ifndef DX_IOKIT_MATCH_CLASSES_H
#define DX_IOKIT_MATCH_CLASSES_H

#include "iokit/match_session.h"

struct dx_candidate {
    uint32_t mp;
    int matcher;
    bool unsure;     /* class ancestry not known */
    bool has_vendor; /* without that vendor no combination of keys can match */
    int64_t vendor;
};

struct dx_node_class {
    struct dx_str name, chain;
    bool service;
    struct dx_candidate *list;
    size_t count, cap;
    uint32_t *by_vendor; /* places in list: those that need a vendor, by vendor and place */
    size_t vendors;      /* how many these are */
    uint32_t *others;    /* the rest, by place */
    uint32_t *near;      /* personalities that nodes of the class are still compared with */
    size_t near_count;
    bool near_listed;
    size_t nodes;               /* of that class */
    struct dx_node_class *next; /* same bucket */
};

#define DX_CLASS_BUCKETS 1024

struct dx_node_classes {
    const struct dext_match *m;
    struct dx_node_class *bucket[DX_CLASS_BUCKETS];
};

/* The class of a node, with its candidates; made when it is met first. */
struct dx_node_class *dx_node_class_of(struct dx_node_classes *all, const struct dx_reg_node *n);

/* How many nodes are of each personality's provider class. */
void dx_node_classes_count(const struct dx_node_classes *all);

/* The first of by_vendor whose vendor is not below. */
size_t dx_node_class_vendor(const struct dx_node_class *c, int64_t vendor);

#endif
