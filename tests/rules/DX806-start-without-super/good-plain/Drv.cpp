#include <os/log.h>
#include <DriverKit/DriverKit.h>
#include "Drv.h"

kern_return_t Engine::Start(int x)
{
    return 0;
}
