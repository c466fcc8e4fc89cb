/* ticket.h: a notarization ticket, as stapler(1) puts it into a bundle (Contents/CodeResources,
 * Security notarization.cpp copyStapledTicketInBundle) or behind a package
 * (registerStapledTicketInPackage). Who reads tickets at Apple (syspolicyd) is not published. This
 * form was read in tickets of 2020 to 2026, whose signatures hold and whose hashes are those of the
 * code they came with; all numbers are little endian:
 *
 *     "s8ch", u32 version 1, u32 n bytes of certificates, u32 m bytes of payload
 *     n bytes: SEQUENCE { signer's certificate, its issuer's }
 *     m bytes: "g8tk", u16 version 2, u16 size of a hash (20), u32 count, u32 0, u64 time (UNIX),
 *              count times: u8 kind of hash as in code directories, the hash
 *     an ECDSA signature (P-256, SHA-256) of all that, filled up to a multiple of 8 or not
 *
 * A package's ticket names the checksum of its table of contents beside the cdhashes in it. */
#ifndef DX_SIGN_TICKET_H
#define DX_SIGN_TICKET_H

#include "sign/cms.h"

#define DX_TICKET_HASH 20

struct dx_ticket_hash {
    unsigned type; /* as dx_hash_name */
    unsigned char hash[DX_TICKET_HASH];
};

struct dx_ticket {
    const char *reason; /* why Apple's notary service did not make it, one clause; NULL: it did */
    int64_t time;       /* seconds since 1970 */
    const struct dx_ticket_hash *hashes;
    size_t count;
};

/* false: it is no ticket at all, nothing in out is valid but reason. */
bool dx_ticket_read(struct dx_ticket *out, struct dext_ctx *ctx, struct dx_str data);

bool dx_ticket_names(const struct dx_ticket *t, unsigned type,
                     const unsigned char hash[DX_TICKET_HASH]);

/* The ticket behind a package: trailers of 16 bytes, read from the end ("t8lr", u16 version, u16
 * type, u32 length, 4 bytes unused; type 1 ends them, 2 is a ticket). get reads n bytes at an
 * offset of a file of that size. false: there is none. */
struct dx_trailer {
    uint64_t at, length;
};
bool dx_ticket_trailer(struct dx_trailer *out, uint64_t size,
                       bool (*get)(const void *user, uint64_t at, void *to, size_t n),
                       const void *user);

#endif
