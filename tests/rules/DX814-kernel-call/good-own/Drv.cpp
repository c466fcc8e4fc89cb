#include <os/log.h>
#include <DriverKit/DriverKit.h>
#include "Drv.h"

#define lck_mtx_lock(l) IOLockLock(l)

void Drv::work()
{
    lck_mtx_lock(lock);
}
