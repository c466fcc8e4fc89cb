/* personality.h: what the rules about personalities share between their files. */
#ifndef DX_RULES_PERSONALITY_H
#define DX_RULES_PERSONALITY_H

#include "rules/rule.h"

/* An empty string, or one of white space. A value of another type is wrong-value-type's business.
 */
bool dx_is_blank(const struct dext_node *n);

/* The key is not in the dictionary, and it is no slip of the file's author either: nothing beside
 * it looks like it, and the file was read to its end. */
bool dx_is_absent(const struct dx_check *c, const struct dext_node *dict, const char *key);

/* The node is surely the bundle's own CFBundleIdentifier, as text or when its placeholders are
 * filled in. */
bool dx_names_itself(const struct dx_check *c, const struct dext_node *n);

/* ioclass.c: the kernel class is one that calls into a process, so there ought to be one. */
bool dx_calls_a_process(const struct dx_personality *p);

/* ioclass.c: a personality without IOUserServerName and IOUserClass that can only be meant for a
 * driver: its IOClass is one that calls into a process, or none that the kernel can have. */
bool dx_meant_for_driver(const struct dx_personality *p);

/* ioclass.c: IOClass and IOProviderClass are classes of the kernel, and the bundle named beside
 * them is the one that has IOClass. */
void dx_check_kernel_classes(struct dx_check *c, const struct dx_personality *p);

/* IOProviderClass and IOClass, which every personality needs, a kernel extension's as well. */
void dx_check_required(struct dx_check *c, const struct dx_personality *p);

/* category.c: the match category on IOResources and IOUserResources. */
void dx_check_resources_category(struct dx_check *c, const struct dx_personality *p);

/* IOUserClass of a personality or of a dictionary in it. */
void dx_check_user_class(struct dx_check *c, const struct dext_node *n);

/* client.c: the dictionaries in a personality from which a driver makes its user clients. */
void dx_check_clients(struct dx_check *c, const struct dx_personality *p);

/* client.c: such dictionaries where nobody finds them. all is IOKitPersonalities or NULL. */
void dx_check_stray_clients(struct dx_check *c, const struct dext_node *root,
                            const struct dext_node *all);

/* A user client's dictionary that was put beside the personalities instead of into one. */
bool dx_is_stray_client(const struct dext_node *n);

#endif
