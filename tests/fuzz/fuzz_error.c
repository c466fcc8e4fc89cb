/* Any bytes as a code, as a line, in a domain; everything that comes back is read. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dext/error.h"

static volatile size_t sink;

static void read_texts(const struct dext_error_texts *t)
{
    for (size_t i = 0; i < t->count; i++) {
        sink += strlen(t->text[i]);
    }
}

static void read_error(const struct dext_error *e)
{
    sink += strlen(e->name) + strlen(e->written) + strlen(e->domain) + strlen(e->title);
    sink += strlen(e->summary) + strlen(e->why) + e->value;
    sink += e->system ? strlen(e->system) : 0;
    sink += e->subsystem ? strlen(e->subsystem) : 0;
    sink += e->driverkit ? strlen(e->driverkit) : 0;
    read_texts(&e->aliases);
    read_texts(&e->causes);
    read_texts(&e->checks);
    read_texts(&e->sources);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const domains[] = {NULL, "iokit", "sysext", "osstatus", "exit", "errno"};
    static struct dext_errors *errors;
    if (!errors) {
        errors = dext_errors_new();
    }
    if (size == 0) {
        return 0;
    }
    /* The first byte chooses the domain; the rest is copied without a NUL, so that a read past the
     * end is seen. */
    const char *domain = domains[data[0] % (sizeof domains / sizeof *domains)];
    char *text = malloc(size > 1 ? size - 1 : 1);
    if (!text) {
        return 0;
    }
    memcpy(text, data + 1, size - 1);
    struct dext_error_answer a;
    if (dext_errors_ask(errors, &a, text, size - 1, domain) != DEXT_OK) {
        abort();
    }
    for (size_t i = 0; i < a.count; i++) {
        const struct dext_error_hit *h = &a.hits[i];
        size_t n = strlen(h->text);
        if (h->offset > size - 1 || n > size - 1 - h->offset ||
            (h->kind == DEXT_ERROR_KNOWN) != (h->match_count != 0)) {
            abort();
        }
        for (size_t k = 0; k < h->match_count; k++) {
            read_error(&h->matches[k]);
        }
        sink += h->nearest ? strlen(h->nearest) : 0;
    }
    free(text);
    return 0;
}
