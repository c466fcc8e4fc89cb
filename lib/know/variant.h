/* variant.h: which variant of an entitlement a value is. Apple hands out most entitlements of
 * DriverKit twice: a development variant that every paid team has, for builds that are signed for
 * development, and the approved one, for distribution. For most keys both are <true/>;
 * transport.usb and transport.pci tell them apart by their value (field "variants" of
 * lib/data/entitlements.rec). Source: Apple developer forums, thread 809202. */
#ifndef DX_KNOW_VARIANT_H
#define DX_KNOW_VARIANT_H

#include "plist/tree.h"

enum dx_variant {
    DX_VARIANT_EITHER,      /* the value does not tell */
    DX_VARIANT_DEVELOPMENT, /* covers all hardware. Not proof: Developer ID profiles that grant
                               idVendor "*" exist */
    DX_VARIANT_APPROVED,    /* names hardware */
    DX_VARIANT_MIXED,
};

/* Of an entitlement's value; of one element of its array; of all entitlements in a dictionary.
 * NULL is EITHER, and so is what holds a placeholder. */
enum dx_variant dx_variant_of(struct dx_str key, const struct dext_node *value);
enum dx_variant dx_variant_of_element(struct dx_str key, const struct dext_node *element);
enum dx_variant dx_variant_of_all(const struct dext_node *entitlements);

#endif
