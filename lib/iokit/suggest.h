/* suggest.h: a personality that is being written: suggest.c chooses what it shall be,
 * suggest_write.c writes it and the entitlements that go with it. */
#ifndef DX_IOKIT_SUGGEST_H
#define DX_IOKIT_SUGGEST_H

#include "iokit/match.h"
#include "know/know.h"

struct dx_draft {
    const struct dx_world *w;
    const struct dx_reg_node *nub;
    const struct dx_suggest_wish *wish;
    const struct kb_family *family;
    const struct kb_provider *provider;
    struct dx_buf p, e; /* personality, entitlements */
    int64_t score;      /* IOProbeScore, 0: none */
    bool release;       /* bcdDevice is named, too */
    bool selects;       /* it names the device */
    const char **notes;
    size_t note_count, note_cap;
};

void dx_draft_note(struct dx_draft *d, const char *text);

/* The personality, into d->p; false when the dump lacks a property that its keys need. d->selects
 * says whether it names the device. */
bool dx_draft_personality(struct dx_draft *d);

/* The entitlements as they are approved for a team, or their form for development, which matches
 * any hardware (Apple documentation: com.apple.developer.driverkit.transport.usb, .pci). */
const char *dx_draft_entitlements(struct dx_draft *d, bool development);

#endif
