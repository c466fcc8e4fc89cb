#include "know/usb_keys.h"

#define BIT DX_USB_BIT
#define WHO (BIT(DX_USB_VENDOR) | BIT(DX_USB_PRODUCT))
#define WHERE (BIT(DX_USB_CONFIG) | BIT(DX_USB_NUMBER))
#define VENDOR BIT(DX_USB_VENDOR)
#define PRODUCT BIT(DX_USB_PRODUCT)
#define RELEASE BIT(DX_USB_RELEASE)
#define CLASS BIT(DX_USB_CLASS)
#define SUBCLASS BIT(DX_USB_SUBCLASS)
#define PROTOCOL BIT(DX_USB_PROTOCOL)

static const char *const device_names[DX_USB_KEYS] = {
    "idVendor", "idProduct",    "bcdDevice",       NULL,
    NULL,       "bDeviceClass", "bDeviceSubClass", "bDeviceProtocol",
};
static const char *const interface_names[DX_USB_KEYS] = {
    "idVendor",         "idProduct",       "bcdDevice",          "bConfigurationValue",
    "bInterfaceNumber", "bInterfaceClass", "bInterfaceSubClass", "bInterfaceProtocol",
};

static const struct dx_usb_combination device_table[DX_USB_COMBINATIONS] = {
    {"idVendor + idProduct + bcdDevice", 100000, WHO | RELEASE, 0, DX_USB_ANY_CLASS, true},
    {"idVendor + idProduct", 90000, WHO, 0, DX_USB_ANY_CLASS, false},
    {"idVendor + bDeviceSubClass + bDeviceProtocol", 80000, VENDOR | SUBCLASS | PROTOCOL,
     PRODUCT | RELEASE, DX_USB_VENDOR_CLASS, true},
    {"idVendor + bDeviceSubClass", 70000, VENDOR | SUBCLASS, PROTOCOL | PRODUCT | RELEASE,
     DX_USB_VENDOR_CLASS, false},
    {"bDeviceClass + bDeviceSubClass + bDeviceProtocol", 60000, CLASS | SUBCLASS | PROTOCOL,
     WHO | RELEASE, DX_USB_STANDARD_CLASS, true},
    {"bDeviceClass + bDeviceSubClass", 50000, CLASS | SUBCLASS, PROTOCOL | WHO | RELEASE,
     DX_USB_STANDARD_CLASS, false},
};

static const struct dx_usb_combination interface_table[DX_USB_COMBINATIONS] = {
    {"idVendor + idProduct + bcdDevice + bConfigurationValue + bInterfaceNumber", 100000,
     WHO | RELEASE | WHERE, 0, DX_USB_ANY_CLASS, true},
    {"idVendor + idProduct + bConfigurationValue + bInterfaceNumber", 90000, WHO | WHERE, 0,
     DX_USB_ANY_CLASS, false},
    {"idVendor + bInterfaceSubClass + bInterfaceProtocol", 80000, VENDOR | SUBCLASS | PROTOCOL,
     PRODUCT | RELEASE | WHERE, DX_USB_VENDOR_CLASS, true},
    {"idVendor + bInterfaceSubClass", 70000, VENDOR | SUBCLASS,
     PROTOCOL | PRODUCT | RELEASE | WHERE, DX_USB_VENDOR_CLASS, false},
    {"bInterfaceClass + bInterfaceSubClass + bInterfaceProtocol", 60000,
     CLASS | SUBCLASS | PROTOCOL, WHO | RELEASE | WHERE, DX_USB_STANDARD_CLASS, true},
    {"bInterfaceClass + bInterfaceSubClass", 50000, CLASS | SUBCLASS,
     PROTOCOL | WHO | RELEASE | WHERE, DX_USB_STANDARD_CLASS, false},
};

const struct dx_usb_combination *dx_usb_combinations(bool device)
{
    return device ? device_table : interface_table;
}

const char *const *dx_usb_key_names(bool device)
{
    return device ? device_names : interface_names;
}
