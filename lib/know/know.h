/* know.h: look-ups over the generated tables (lib/data, kb.h), and the names that several rooms
 * share. Rows are constant and live as long as the program. */
#ifndef DX_KNOW_KNOW_H
#define DX_KNOW_KNOW_H

#include "base/str.h"
#include "kb.h"

/* ---- look-ups; NULL when there is no such row ---- */
const struct kb_symptom *dx_kb_symptom(struct dx_str id);
const struct kb_told_word *dx_kb_told_word(struct dx_str word);
const struct kb_entitlement *dx_kb_entitlement(struct dx_str key);
const struct kb_provider *dx_kb_provider(struct dx_str name);
const struct kb_ioclass *dx_kb_ioclass(struct dx_str name);
/* A class of DriverKit's frameworks, and what it derives from there. */
const struct kb_framework_class *dx_kb_framework_class(struct dx_str name);
const struct kb_framework_class *dx_kb_framework_super(const struct kb_framework_class *k);
const struct kb_family *dx_kb_family(const char *id);
/* The first row of that key, whatever its scope; kb_key_count: there is none. */
size_t dx_kb_key_first(struct dx_str key);
const struct kb_key *dx_kb_key(struct dx_str key, int scope);
const struct kb_driverkit *dx_kb_driverkit(const char *version);
/* A call, class or constant of kernel extensions; what a kext derives from or stands on. */
const struct kb_kext_call *dx_kb_kext_call(struct dx_str name);
const struct kb_kext_base *dx_kb_kext_base(struct dx_str name);
/* The framework that drives devices of the provider's bus, and the entitlement for it (NULL: not
 * asked); "" when it is none of USB, PCI, HID. */
const char *dx_kb_transport(const struct kb_provider *provider, const char **entitlement);
bool dx_kb_list_has(struct kb_list list, struct dx_str value);

/* ---- the entitlements that decide about drivers ---- */
#define DX_ENT_BASE "com.apple.developer.driverkit"
#define DX_ENT_FAMILY DX_ENT_BASE ".family."
#define DX_ENT_TRANSPORT DX_ENT_BASE ".transport."
#define DX_ENT_USB DX_ENT_TRANSPORT "usb"
#define DX_ENT_PCI DX_ENT_TRANSPORT "pci"
#define DX_ENT_HID DX_ENT_TRANSPORT "hid"
#define DX_ENT_BUILTIN DX_ENT_BASE ".builtin"
#define DX_ENT_ALLOW_ANY DX_ENT_BASE ".allow-any-userclient-access"
#define DX_ENT_CLIENT DX_ENT_BASE ".userclient-access"
#define DX_ENT_COMMUNICATES DX_ENT_BASE ".communicates-with-drivers"
#define DX_ENT_INSTALL "com.apple.developer.system-extension.install"
#define DX_ENT_SANDBOX "com.apple.security.app-sandbox"
#define DX_ENT_VIRTUAL_HID "com.apple.developer.hid.virtual.device"

#define DX_ENT_PCI_KEYS 4
extern const char *const dx_ent_pci_keys[DX_ENT_PCI_KEYS];

#endif
