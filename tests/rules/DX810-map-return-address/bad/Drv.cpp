#include <os/log.h>
#include <DriverKit/DriverKit.h>
#include "Drv.h"

void Drv::map(IOBufferMemoryDescriptor *buffer)
{
    uint64_t address, length;
    buffer->Map(0, 0, size(1, 2), 0, nullptr, &address);
}
