#include <os/log.h>
#include <DriverKit/DriverKit.h>
#include "Drv.h"

kern_return_t IMPL(Drv, Stop)
{
    return kIOReturnSuccess;
}
