#include <os/log.h>
#include <DriverKit/DriverKit.h>
#include "Drv.h"

#define Log(fmt, ...) os_log(OS_LOG_DEFAULT, "Drv: " fmt, ##__VA_ARGS__)

void Drv::say(const char *name)
{
    os_log(OS_LOG_DEFAULT, "%d%% of " "%s", 5, name);
}
