#include "Gadget.h"

OSDefineMetaClassAndStructors(Gadget, IOEthernetController)

// IOCommandGate in a comment is no use of it
bool Gadget::start(IOService *provider)
{
    IOTimerEventSource *timer = IOTimerEventSource::timerEventSource(this, fired);
    timer->setTimeoutMS(10);
    IOLog("Gadget: copyin is a word in a text");
    copyin(where, buffer, sizeof buffer);
#ifdef KERNEL
    copyin(where, buffer, 1);
#endif
    return true;
}
OSDefineMetaClassAndStructors(GadgetClient, IOUserClient)
