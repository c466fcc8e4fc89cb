/* Tickets held against code: a ticket counts for what it is stapled to and all code in that. */
#include <string.h>

#include "sign/signature.h"

const char *dext_ticket_name(enum dext_ticket ticket)
{
    static const char *const names[] = {
        [DEXT_TICKET_NONE] = "none",      [DEXT_TICKET_NO_TICKET] = "no-ticket",
        [DEXT_TICKET_BROKEN] = "broken",  [DEXT_TICKET_OTHER] = "other-code",
        [DEXT_TICKET_GOOD] = "notarized",
    };
    return names[ticket];
}

static bool ticket_hex(unsigned char out[DX_TICKET_HASH], const char *cdhash)
{
    for (size_t i = 0; i < DX_TICKET_HASH; i++) {
        unsigned v = 0;
        for (size_t k = 0; k < 2; k++) {
            char c = cdhash[i * 2 + k];
            if (!c) {
                return false;
            }
            v = v << 4 | (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
        }
        out[i] = (unsigned char)v;
    }
    return true;
}

/* "sha256" as code directories number it; their own digest is cut off as well in tickets. */
static unsigned ticket_type(const char *hash)
{
    for (unsigned i = 1; i < 5; i++) {
        if (strcmp(dx_hash_name(i), hash) == 0) {
            return i;
        }
    }
    return 0;
}

/* The directory that the system uses is the one that the notary service names. */
static bool ticket_has_slice(const struct dx_ticket *t, const struct dext_slice *s)
{
    unsigned char hash[DX_TICKET_HASH];
    return s->directory_count && ticket_hex(hash, s->directories[0].cdhash) &&
           dx_ticket_names(t, ticket_type(s->directories[0].hash), hash);
}

void dx_code_ticket(struct dx_code *code, struct dext_ctx *ctx, const struct dx_ticket *ticket,
                    bool is_one)
{
    struct dext_code *pub = &code->pub;
    size_t named = 0;
    if (!is_one || ticket->reason) {
        pub->ticket = is_one ? DEXT_TICKET_BROKEN : DEXT_TICKET_NO_TICKET;
        pub->ticket_reason = dx_strdup(&ctx->arena, ticket->reason);
        return;
    }
    for (size_t i = 0; i < pub->slice_count; i++) {
        named += ticket_has_slice(ticket, &pub->slices[i]);
    }
    pub->ticket = named && named == pub->slice_count ? DEXT_TICKET_GOOD : DEXT_TICKET_OTHER;
    pub->notarized = ticket->time;
}
