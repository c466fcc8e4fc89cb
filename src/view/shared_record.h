/* shared_record.h: records that several commands tell. */
#ifndef VIEW_SHARED_RECORD_H
#define VIEW_SHARED_RECORD_H

#include "view/record.h"

/* struct dext_certificate; profile says between the two whether it has expired. */
extern const struct record certificate_head, certificate_tail;
/* struct dext_finding, without what lint adds */
extern const struct record finding_record;

/* enum dext_severity, enum dext_signer_kind, enum dext_grant_variant */
const char *severity_word(int v);
const char *signer_word(int v);
const char *variant_word(int v);
#define SEVERITY_WORDS 3
#define SIGNER_WORDS 12
#define VARIANT_WORDS 4

#endif
