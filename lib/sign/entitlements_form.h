/* entitlements_form.h: whether a signature's entitlements are written in the one form that all of
 * Apple's readers take alike. codesign writes no other; other signers put in what they were given.
 */
#ifndef DX_SIGN_ENTITLEMENTS_FORM_H
#define DX_SIGN_ENTITLEMENTS_FORM_H

#include "base/str.h"

struct dx_form_fault {
    const char *text; /* one clause; NULL: nothing is wrong */
    size_t at;        /* byte of the blob */
    bool certain;     /* no reader takes it, or two take it for different things; otherwise only the
                         kernel's own reader of XML stops there, which counts without a DER copy */
};

/* blob: the property list without the blob's header. The kernel's reader: xnu
 * libkern/c++/OSUnserializeXML.y, getTag and yylex. */
struct dx_form_fault dx_entitlements_form(struct dx_str blob);

#endif
