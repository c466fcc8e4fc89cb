#include <os/log.h>
#include <DriverKit/DriverKit.h>
#include "Drv.h"

void Drv::work()
{
    IOLog("x");
    dict->getProperty("x");
    other::copyin(1);
    mine_lck();
}
