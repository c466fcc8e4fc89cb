/* dext/dext.h: all of libdext. */
#ifndef DEXT_DEXT_H
#define DEXT_DEXT_H

#include "dext/ctx.h"
#include "dext/entitlements.h"
#include "dext/error.h"
#include "dext/init.h"
#include "dext/know.h"
#include "dext/lint.h"
#include "dext/log.h"
#include "dext/match.h"
#include "dext/panic.h"
#include "dext/plist.h"
#include "dext/profile.h"
#include "dext/redact.h"
#include "dext/registry.h"
#include "dext/rule.h"
#include "dext/signature.h"
#include "dext/source.h"
#include "dext/sysext.h"
#include "dext/text.h"

#endif
