/* classes.h: the classes that iig generated, as the DriverKit runtime finds them in a slice:
 * section
 * __osclassinfo holds a pointer for each, to load information whose first word points to the
 * description (xnu iokit/DriverKit/IORPC.h, struct OSClassDescription). */
#ifndef DX_SIGN_CLASSES_H
#define DX_SIGN_CLASSES_H

#include "dext/signature.h"
#include "sign/macho.h"

struct dx_classes {
    struct dext_class *list;
    size_t count, cap;
    const char *fault; /* why not all of them could be read; "" */
};

/* Never fails; a slice without the section has none. */
void dx_classes_read(struct dx_classes *out, struct dext_ctx *ctx, const struct dx_image *image,
                     const struct dx_slice *slice);

#endif
