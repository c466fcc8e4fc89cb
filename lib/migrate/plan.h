/* plan.h: inside of migrate: what was read of a kext, and what it becomes. */
#ifndef DX_MIGRATE_PLAN_H
#define DX_MIGRATE_PLAN_H

#include "bundle/bundle.h"
#include "dext/migrate.h"
#include "know/know.h"
#include "source/model.h"

struct dx_plan {
    struct dext_ctx *ctx;
    struct dext_migrate *out;
    struct dx_cxx *code;
    const struct dx_doc **infos; /* of kexts */
    size_t info_count, info_cap;
    size_t call_cap, class_cap, personality_cap, framework_cap, entitlement_cap, unread_cap;
    const char *client;   /* the kext's IOUserClient, or NULL */
    const char *obstacle; /* the first reason why it cannot be a driver extension, or NULL */
    const char *library;  /* a kext of somebody else that it links against, or NULL */
    const struct kb_kext_base *patcher; /* a library that nothing can be moved with, or NULL */
    const struct kb_family *family;     /* of the class that a personality starts, or NULL */
};

/* calls.c: the calls of the sources. */
void dx_plan_calls(struct dx_plan *p);

/* classes.c: the classes that derive from the kernel's; fills client. */
void dx_plan_classes(struct dx_plan *p);
/* The class that an Info.plist names. */
const struct dx_cxx_class *dx_plan_class(const struct dx_plan *p, struct dx_str name);
/* The kernel class that a class of the kext derives from; empty when it is no class of the kext. */
struct dx_str dx_plan_base(const struct dx_plan *p, struct dx_str klass);

/* personality.c: the personalities as a driver extension's; fills frameworks, entitlements. */
void dx_plan_personalities(struct dx_plan *p);

/* Adds a text once. */
void dx_plan_framework(struct dx_plan *p, const char *name);
void dx_plan_entitlement(struct dx_plan *p, const char *name);

/* verdict.c */
void dx_plan_verdict(struct dx_plan *p);

#endif
