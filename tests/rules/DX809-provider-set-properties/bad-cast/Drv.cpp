#include <DriverKit/DriverKit.h>
#include "Drv.h"

kern_return_t IMPL(Drv, Start)
{
    kern_return_t ret = Start(provider, SUPERDISPATCH);
    ivars->port = OSDynamicCast(IOUSBHostDevice, provider);
    ivars->note = OSDynamicCast(OSDictionary, values());
    ivars->note->SetProperties(values());
    return ivars->port->SetProperties(values());
}
