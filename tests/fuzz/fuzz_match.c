/* A dump and a property list, with a NUL between them: run, explained for every way to name a node,
 * a personality suggested. Everything that comes back is read. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dext/match.h"

static volatile size_t sink;

static void read_text(const char *s)
{
    sink += s ? strlen(s) : 0;
}

static void read_decision(const struct dext_match_decision *d)
{
    read_text(d->personality->name);
    read_text(d->node->path);
    read_text(d->category);
    read_text(d->outcome_text);
    read_text(d->answer == DEXT_MATCH_NO ? NULL : d->score.text);
    read_text(d->score.combined);
    for (size_t i = 0; i < d->rival_count; i++) {
        read_text(d->rivals[i].name);
        read_text(d->rivals[i].bundle_id);
    }
    for (const char *const *n = d->needs; *n; n++) {
        read_text(*n);
    }
    bool failed = false;
    for (size_t i = 0; i < d->check_count; i++) {
        const struct dext_match_check *c = &d->checks[i];
        read_text(c->code);
        read_text(c->key);
        read_text(c->expected);
        read_text(c->actual);
        read_text(c->text);
        read_text(c->edit);
        failed |= c->answer == DEXT_MATCH_NO && c->phase != DEXT_MATCH_START;
    }
    if (d->check_count && failed != (d->answer == DEXT_MATCH_NO)) {
        abort(); /* what decides has to be among the checks */
    }
}

static void read_result(const struct dext_match_result *r)
{
    for (size_t i = 0; i < r->personality_count; i++) {
        read_text(r->personalities[i]->name);
        read_text(r->personalities[i]->refused);
        read_text(r->personalities[i]->hint);
    }
    for (size_t i = 0; i < r->decision_count; i++) {
        read_decision(&r->decisions[i]);
    }
}

static void ask(struct dext_match *m)
{
    static const char *const names[] = {"A", "A@0", "0x1", "IOUSBHostInterface", "IOService"};
    const struct dext_match_result *r;
    const struct dext_match_suggestion *s;
    if (dext_match_run(m, NULL, &r) == DEXT_OK) {
        read_result(r);
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (dext_match_why(m, names[i], NULL, &r) == DEXT_OK) {
            read_result(r);
        }
        if (dext_match_suggest(m, names[i], NULL, &s) == DEXT_OK) {
            read_text(s->plist);
            read_text(s->entitlements);
            if (s->check) {
                read_decision(s->check);
            }
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dext_limits limits = DEXT_LIMITS_DEFAULT;
    limits.plist_nodes = 20000;
    const uint8_t *cut = size ? memchr(data, 0, size) : NULL;
    size_t dump = cut ? (size_t)(cut - data) : size;
    struct dext_ctx *ctx = dext_ctx_new(&limits);
    struct dext_match *m = dext_match_new(ctx);
    if (cut) {
        (void)dext_match_add_bytes(m, "fuzz.plist", cut + 1, size - dump - 1);
    }
    if (dext_match_parse_dump(m, "fuzz.txt", data, dump) == DEXT_OK) {
        ask(m);
    }
    dext_ctx_free(ctx);
    return 0;
}
