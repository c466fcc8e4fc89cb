#include <os/log.h>
#include <DriverKit/DriverKit.h>
#include "Drv.h"

kern_return_t Drv::interfaces(IOUSBHostDevice *device)
{
    uintptr_t list;
    device->CreateInterfaceIterator(&list);
    device->SetConfiguration(1, false);
    return kIOReturnSuccess;
}
