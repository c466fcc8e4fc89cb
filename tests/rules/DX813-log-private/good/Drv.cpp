#include <os/log.h>
#include <DriverKit/DriverKit.h>
#include "Drv.h"

#define Log(fmt, ...) os_log(OS_LOG_DEFAULT, "Drv: " fmt, ##__VA_ARGS__)

void Drv::say(const char *name)
{
    os_log(OS_LOG_DEFAULT, "%{public}s %u", name, 1);
    Log("%-*d %s", 1, 2, __FUNCTION__);
    Log("%s", "constant");
    printf("%s", name);
    IOLog("%s", name);
}
