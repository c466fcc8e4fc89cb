/* The tables as one shape of row, for programs that show them. */
#include "dext/know.h"

#include <string.h>

#include "know/know.h"

#define FACT_WORD(list, i)                                                                         \
    ((i) >= 0 && (size_t)(i) < sizeof(list) / sizeof *(list) ? (list)[i] : "")

const char *dext_fact_kind_name(enum dext_fact_kind kind)
{
    static const char *const names[DEXT_FACT_KIND_COUNT] = {"key", "entitlement", "provider class",
                                                            "kernel class", "framework class"};
    return FACT_WORD(names, (int)kind);
}

static struct dext_fact fact_of_key(const struct kb_key *k)
{
    static const char *const scopes[] = {
        "personality", "usb", "pci", "hid", "scsi", "serial", "storage", "info", "usb-entitlement"};
    static const char *const types[] = {"any",
                                        "string",
                                        "integer",
                                        "boolean",
                                        "dictionary",
                                        "array",
                                        "string-or-array",
                                        "dict-or-array",
                                        "integer-or-wildcard"};
    return (struct dext_fact){.name = kb_s(k->key),
                              .place = FACT_WORD(scopes, k->scope),
                              .type = FACT_WORD(types, k->type),
                              .text = kb_s(k->effect),
                              .warning = kb_s(k->wrong_type),
                              .advised = k->forbidden == KB_KEY_FORBIDDEN_NO,
                              .sources_ = kb_first(k->source)};
}

static struct dext_fact fact_of_entitlement(const struct kb_entitlement *e)
{
    static const char *const types[] = {"boolean",       "string",          "array-of-string",
                                        "array-of-dict", "string-or-array", "any"};
    static const char *const carriers[] = {"dext", "app",   "client", "dext-or-app",
                                           "any",  "apple", "none"};
    static const char *const states[] = {"current", "defunct", "bogus", "apple-only"};
    return (struct dext_fact){.name = kb_s(e->entitlement),
                              .place = FACT_WORD(carriers, e->carrier),
                              .type = FACT_WORD(types, e->type),
                              .status = FACT_WORD(states, e->status),
                              .instead = kb_s(e->instead),
                              .text = kb_s(e->summary),
                              .advised = e->status == KB_ENTITLEMENT_STATUS_CURRENT,
                              .sources_ = kb_first(e->source),
                              .related_ = kb_first(e->item_key)};
}

static struct dext_fact fact_of_provider(const struct kb_provider *p)
{
    static const char *const buses[] = {"other",  "usb-device", "usb-interface", "pci",
                                        "hid",    "scsi",       "resources",     "service",
                                        "serial", "storage"};
    static const char *const states[] = {"current", "legacy", "too-broad", "refused"};
    return (struct dext_fact){.name = kb_s(p->provider),
                              .place = FACT_WORD(buses, p->bus),
                              .status = FACT_WORD(states, p->status),
                              .instead = kb_s(p->instead),
                              .super = kb_s(p->superclass),
                              .text = kb_s(p->summary),
                              .advised = p->status == KB_PROVIDER_STATUS_CURRENT,
                              .sources_ = kb_first(p->source)};
}

static struct dext_fact fact_of_ioclass(const struct kb_ioclass *c)
{
    static const char *const states[] = {"driverkit", "user-client", "kernel-only", "nested-only"};
    return (struct dext_fact){.name = kb_s(c->ioclass),
                              .status = FACT_WORD(states, c->status),
                              .text = kb_s(c->note),
                              .advised = c->status != KB_IOCLASS_STATUS_KERNEL_ONLY,
                              .sources_ = kb_first(c->source),
                              .related_ = kb_first(c->kernel_bundle)};
}

static struct dext_fact fact_of_framework_class(const struct kb_framework_class *c)
{
    static const char *const roles[] = {"driver", "client", "nub", "object"};
    return (struct dext_fact){.name = kb_s(c->framework_class),
                              .place = kb_s(c->framework),
                              .status = FACT_WORD(roles, c->role),
                              .super = kb_s(c->superclass),
                              .text = kb_s(c->note),
                              .advised = true,
                              .sources_ = kb_first(c->source),
                              .related_ = kb_first(c->required)};
}

bool dext_fact_at(enum dext_fact_kind kind, size_t i, struct dext_fact *out)
{
    const size_t counts[DEXT_FACT_KIND_COUNT] = {kb_key_count, kb_entitlement_count,
                                                 kb_provider_count, kb_ioclass_count,
                                                 kb_framework_class_count};
    if ((size_t)kind >= DEXT_FACT_KIND_COUNT || i >= counts[kind]) {
        return false;
    }
    struct dext_fact f =
        kind == DEXT_FACT_KEY           ? fact_of_key(&kb_key_rows[i])
        : kind == DEXT_FACT_ENTITLEMENT ? fact_of_entitlement(&kb_entitlement_rows[i])
        : kind == DEXT_FACT_PROVIDER    ? fact_of_provider(&kb_provider_rows[i])
        : kind == DEXT_FACT_IOCLASS     ? fact_of_ioclass(&kb_ioclass_rows[i])
                                        : fact_of_framework_class(&kb_framework_class_rows[i]);
    f.kind = kind;
    const char **texts[] = {&f.place, &f.type,    &f.status,   &f.instead,
                            &f.super, &f.warning, &f.sources_, &f.related_};
    for (size_t n = 0; n < sizeof texts / sizeof *texts; n++) {
        *texts[n] = *texts[n] ? *texts[n] : "";
    }
    *out = f;
    return true;
}

bool dext_fact_find(enum dext_fact_kind kind, const char *name, const char *place,
                    struct dext_fact *out)
{
    for (size_t i = 0; dext_fact_at(kind, i, out); i++) {
        if (strcmp(out->name, name) == 0 && (!place || strcmp(out->place, place) == 0)) {
            return true;
        }
    }
    return false;
}

static const char *fact_nth(const char *list, size_t i)
{
    while (*list && i--) {
        list = kb_next(list);
    }
    return *list ? list : NULL;
}

const char *dext_fact_source(const struct dext_fact *f, size_t i)
{
    return fact_nth(f->sources_, i);
}

const char *dext_fact_related(const struct dext_fact *f, size_t i)
{
    return fact_nth(f->related_, i);
}
