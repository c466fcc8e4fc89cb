#include <os/log.h>
#include <DriverKit/DriverKit.h>
#include "Drv.h"

void f(Drv *d)
{
    Pool::Create(this, "pool", 1);
    d->Create(this, "pool", 1);
}
