#include <IOKit/network/IOEthernetController.h>
#include <IOKit/IOUserClient.h>

#define Gadget com_example_Gadget

class Gadget : public IOEthernetController
{
    OSDeclareDefaultStructors(Gadget)
public:
    bool start(IOService *provider) override;
};

class GadgetClient : public IOUserClient
{
    OSDeclareDefaultStructors(GadgetClient)
};
