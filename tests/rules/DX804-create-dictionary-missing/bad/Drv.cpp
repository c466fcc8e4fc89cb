#include <os/log.h>
#include <DriverKit/DriverKit.h>
#include "Drv.h"

kern_return_t IMPL(Drv, NewUserClient)
{
    IOService *client = nullptr;
    return Create(this, "UserClient", &client);
}
