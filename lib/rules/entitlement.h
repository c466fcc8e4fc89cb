/* entitlement.h: what the rules about entitlements share: how a .entitlements file is read. */
#ifndef DX_RULES_ENTITLEMENT_H
#define DX_RULES_ENTITLEMENT_H

#include "rules/rule.h"

/* A .entitlements file. Who is signed with it is not written in it: its keys tell. */
struct dx_ent {
    const struct dext_node *root;                    /* a dictionary */
    const struct dext_node *driver_key, *client_key; /* the plainest sign of either, or NULL */
    bool driver;                                     /* a driver extension's */
    bool client;                                     /* an app's, or another client's */
    bool apple; /* of one of Apple's own drivers: it has driverkit.builtin */
    bool whole; /* what is not there is not in the file either */
};

/* false: the file's root is no dictionary. */
bool dx_ent_read(struct dx_ent *e, const struct dx_doc *doc);

/* The entitlement that an unknown or invented key is meant for, or NULL. */
const struct kb_entitlement *dx_ent_meant(struct dx_str key);

/* The file has the entitlement, or a key that is meant for it. */
bool dx_ent_tries(const struct dext_node *root, const char *name);

/* entitlement_value.c: types and values of the known keys. */
void dx_check_ent_values(struct dx_check *c, const struct dx_ent *e);

#endif
