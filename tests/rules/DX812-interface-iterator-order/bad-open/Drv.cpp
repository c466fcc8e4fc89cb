#include <DriverKit/DriverKit.h>
#include "Drv.h"

kern_return_t Drv::interfaces(IOUSBHostDevice *device)
{
    uintptr_t list;
    device->SetConfiguration(1, false);
    device->Open(this, 0, 0);
    return device->CreateInterfaceIterator(&list);
}
