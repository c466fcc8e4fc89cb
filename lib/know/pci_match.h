/* pci_match.h: the value of IOPCIMatch and its relatives, read as the kernel reads it: tokens
 * "value[&mask]" with white space between, hexadecimal with or without 0x; reading stops at the
 * first token that is none. Source: IOPCIFamily-726.0.5, IOPCIBridge.cpp, matchKeys. */
#ifndef DX_KNOW_PCI_MATCH_H
#define DX_KNOW_PCI_MATCH_H

#include <stdint.h>

#include "base/str.h"

struct dx_pci_term {
    uint32_t value, mask;
    size_t at, length; /* place of the token in the text */
    bool has_mask;
    bool bad_mask; /* no number after '&': the kernel's mask is 0, so everything matches */
    bool wide;     /* more than 32 bits were written; the upper ones are dropped here */
};

#define DX_PCI_TERMS 64

struct dx_pci_terms {
    struct dx_pci_term term[DX_PCI_TERMS];
    size_t count;   /* at most DX_PCI_TERMS; what stands after is not looked at */
    bool stopped;   /* a token that is none: the kernel reads no further */
    size_t stop_at; /* where */
};

/* default_mask: 0xffffffff, for IOPCIClassMatch 0xffffff00. */
void dx_pci_parse(struct dx_pci_terms *out, struct dx_str text, uint32_t default_mask);

/* The default mask of a key: IOPCIClassMatch leaves the revision out. */
uint32_t dx_pci_default_mask(struct dx_str key);

#endif
