#include <os/log.h>
#include <DriverKit/DriverKit.h>
#include "Drv.h"

void Drv::work()
{
    auto *m = IOMemoryDescriptor::withAddressRange(1, 2, 3, 4);
    lck_mtx_lock(lock);
}
