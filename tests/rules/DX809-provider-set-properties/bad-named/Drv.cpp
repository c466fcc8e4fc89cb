#include <os/log.h>
#include <DriverKit/DriverKit.h>
#include "Drv.h"

kern_return_t Drv::Start_Impl(IOService *nub)
{
    kern_return_t ret = Start(nub, SUPERDISPATCH);
    ret = nub->SetProperties(values());
    return ret;
}
