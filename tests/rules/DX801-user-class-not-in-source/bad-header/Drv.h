#include <DriverKit/IOService.h>

class Drv : public IOService
{
};
