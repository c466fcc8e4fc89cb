#include <os/log.h>
#include <DriverKit/DriverKit.h>
#include "Drv.h"

kern_return_t IMPL(Drv, Stop)
{
    return finish(provider);
}

kern_return_t Drv::finish(IOService *provider)
{
    return Stop(provider, SUPERDISPATCH);
}
