#include <os/log.h>
#include <DriverKit/DriverKit.h>
#include "Drv.h"

kern_return_t Drv::Stop_Impl(IOService *provider)
{
    return super::Stop(provider);
}
