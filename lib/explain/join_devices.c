/* Lists of devices: what they hold. They show no drivers, so nothing is concluded from them. */
#include <string.h>

#include "dext/registry.h"
#include "explain/join.h"

static void join_devices_add(struct dx_buf *b, size_t count, const char *thing)
{
    if (count) {
        dx_buf_printf(b, "%s%zu %s%s", b->n ? ", " : "", count, thing, count == 1 ? "" : "s");
    }
}

void dx_join_devices(struct dx_join *j, const struct dx_held *h)
{
    struct dext_registry *r;
    const struct dext_reg_node *n;
    size_t devices = 0, interfaces = 0, functions = 0;
    struct dx_buf b;
    if (dext_registry_parse(&r, j->ctx, h->file, h->data.p, h->data.n) < 0) {
        dx_join_holds(j, h, "no USB and no PCI device in it that can be read");
        dext_ctx_clear(j->ctx);
        return;
    }
    for (size_t i = 0; (n = dext_registry_node(r, i)) != NULL; i++) {
        devices += strcmp(n->class_name, "IOUSBHostDevice") == 0;
        interfaces += strcmp(n->class_name, "IOUSBHostInterface") == 0;
        functions += strcmp(n->class_name, "IOPCIDevice") == 0;
    }
    dx_buf_init(&b, &j->ctx->arena, 200);
    join_devices_add(&b, devices, "USB device");
    join_devices_add(&b, interfaces, "USB interface");
    join_devices_add(&b, functions, "PCI function");
    dx_join_holds(j, h, "%s", b.n ? b.p : "");
    dx_join_note(j, h,
                 "it shows no drivers; dextctl match --ioreg compares a driver's keys with it");
}
