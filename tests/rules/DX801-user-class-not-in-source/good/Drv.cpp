#include <os/log.h>
#include <DriverKit/DriverKit.h>
#include "Drv.h"

kern_return_t IMPL(Drv, Start)
{
    return Start(provider, SUPERDISPATCH);
}
