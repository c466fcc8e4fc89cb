#include <os/log.h>
#include <DriverKit/DriverKit.h>
#include "Drv.h"

kern_return_t Engine::Stop(int x)
{
    return 0;
}
