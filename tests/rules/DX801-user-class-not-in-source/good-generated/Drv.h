#include <DriverKit/IOService.h>
#define Drv_Methods
class Drv : public IOService, public DrvInterface
{
};
