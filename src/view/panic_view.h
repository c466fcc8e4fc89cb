/* panic_view.h: a panic report in words, and as JSON. */
#ifndef APP_PANIC_VIEW_H
#define APP_PANIC_VIEW_H

#include "app/app.h"
#include "dext/panic.h"
#include "view/panic_names.h"
#include "view/record.h"

struct panic_out {
    const struct app *app;
    struct record_out record;
    bool later; /* it is not the first operand */
};

struct panic_format {
    void (*open)(struct panic_out *o);
    void (*report)(struct panic_out *o, const struct dext_panic *p, const struct panic_names *n);
    void (*close)(struct panic_out *o);
};

const struct panic_format *panic_format_for(enum face face);

extern const struct record_form panic_form;
extern const struct panic_format panic_record;

/* What the report says when no sign of the knowledge base is in its reason; whether a third-party
 * kext is in the backtrace (*suspect, or NULL). */
const char *panic_verdict(const struct dext_panic *p, const struct dext_panic_kext **suspect);

/* What can be said of driver extensions. */
const char *panic_dexts(const struct dext_panic *p);

/* In words: the function and lines of a frame, below it; the images, what was done with them, and
 * what lldb and atos want to be told (panic_symbols_human.c). */
void panic_name_write(const struct app *app, const struct panic_name *name,
                      const struct dext_panic_spot *spot, bool asked);
void panic_images_write(const struct app *app, const struct dext_panic *p,
                        const struct panic_names *n);

/* One command for each i, "" past the end: what to type on a Mac to look up the frames of image.
 * malloc'd. (panic_symbols_commands.c) */
char *panic_image_command(const struct dext_panic *p, const struct panic_names *n,
                          const struct dext_panic_image *image, size_t i);

#endif
