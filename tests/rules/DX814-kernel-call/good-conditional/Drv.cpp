#include <os/log.h>
#include <DriverKit/DriverKit.h>
#include "Drv.h"

void Drv::work()
{
#if TARGET_KEXT
    lck_mtx_lock(lock);
#endif
}
