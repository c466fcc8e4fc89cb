#include <IOKit/IOService.h>

class AcmeService : public IOService
{
    OSDeclareDefaultStructors(AcmeService)
public:
    bool start(IOService* provider) override;
};

OSDefineMetaClassAndStructors(AcmeService, IOService)

bool AcmeService::start(IOService* provider)
{
    IOLog("here\n");
    return IOService::start(provider);
}
