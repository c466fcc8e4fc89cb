#include <os/log.h>
#include <DriverKit/DriverKit.h>
#include "Drv.h"

kern_return_t IMPL(Drv, Start)
{
    kern_return_t ret = Start(provider, SUPERDISPATCH);
    ret = SetProperties(values());
    return ret;
}
