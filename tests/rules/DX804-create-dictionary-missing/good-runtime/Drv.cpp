#include <os/log.h>
#include <DriverKit/DriverKit.h>
#include "Drv.h"

void add(OSDictionary *d) { d->setObject("Made", client()); }

kern_return_t IMPL(Drv, NewUserClient)
{
    IOService *client = nullptr;
    return Create(this, "Made", &client);
}
