/* personality.h: a dictionary of IOKitPersonalities as the rules, the table of rights and the
 * simulator see it: its keys, and the rows of the knowledge tables that they name. */
#ifndef DX_BUNDLE_PERSONALITY_H
#define DX_BUNDLE_PERSONALITY_H

#include "know/know.h"
#include "plist/tree.h"

/* One dictionary of IOKitPersonalities. Nodes are NULL when the key is absent. */
struct dx_personality {
    const struct dext_node *dict;
    const char *name;
    const struct dext_node *ioclass, *provider, *user_class, *server_name, *category, *bundle_id,
        *kernel_bundle;
    bool is_dext;                    /* IOUserServerName or IOUserClass is there */
    const struct kb_provider *bus;   /* row of a literal IOProviderClass, or NULL */
    const struct kb_ioclass *kernel; /* row of a literal IOClass, or NULL */
    const struct kb_family *family;  /* the family IOClass, provider and keys point to, or NULL */
};

/* The personalities of an Info.plist, in its order; returns how many. The list lives in ctx's
 * arena.
 */
size_t dx_personalities(struct dext_ctx *ctx, const struct dext_node *root,
                        const struct dx_personality **out);

/* The driver family a personality is written for, from IOClass, IOUserClass, nested
 * dictionaries, provider and keys; NULL when these do not tell. */
const struct kb_family *dx_family_of(const struct dx_personality *p);

/* The family whose classes (IOUserClass, or a class of the DriverKit frameworks) name is one of;
 * NULL for the bases of all drivers and clients, and for names that no family has. */
const struct kb_family *dx_family_of_class(struct dx_str name);

/* What bus and keys alone point to (SCSI device types, IOTTY keys), or NULL. */
const struct kb_family *dx_family_of_keys(const struct dx_personality *p);

/* IOClass is the class for services of no family, IOUserService. */
bool dx_is_generic_class(const struct dext_node *ioclass);

#endif
