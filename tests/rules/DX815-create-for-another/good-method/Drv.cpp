#include <os/log.h>
#include <DriverKit/DriverKit.h>
#include "Drv.h"

kern_return_t IMPL(Drv, Start)
{
    IOBufferMemoryDescriptor *buffer = nullptr;
    IOService *self = this, *client = nullptr;
    kern_return_t ret = Start(provider, SUPERDISPATCH);
    ret = IOBufferMemoryDescriptor::Create(kIOMemoryDirectionIn, 64, 0, &buffer);
    return ret ? ret : Create(self, "UserClientProperties", &client);
}
