/* A stand-in for the headers of DriverKit's frameworks, so that a compiler can read what `dextctl
 * init` writes where there is no DriverKit SDK: the calls that the projects make and the methods
 * that they override, with the parameters that Apple documents. It says nothing about what they do.
 */
#ifndef STAND_IN_H
#define STAND_IN_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define LOCALONLY
#define LOCAL
#define TYPE(type)
#define IMPL(klass, method) klass::method##_Impl(klass##_##method##_Args)

typedef int kern_return_t;
typedef int IOReturn;
typedef uint32_t IOOptionBits;
typedef const void *OSDispatchMethod;
enum {
    kIOReturnSuccess,
    kIOReturnError,
    kIOReturnBadArgument,
    kIOReturnNoMemory,
    kIOReturnUnsupported,
};
#define SUPERDISPATCH ((OSDispatchMethod)1)
#define OS_LOG_DEFAULT 0
#define os_log(log, ...) stand_in_log(__VA_ARGS__)
void stand_in_log(const char *format, ...) __attribute__((format(printf, 1, 2)));
size_t stand_in_copy(char *to, const char *from, size_t size);
#define strlcpy stand_in_copy
#define IONewZero(type, count) new type[count]()
#define IOSafeDeleteNULL(p, type, count) (delete[](p), (p) = nullptr)
#define OSSafeReleaseNULL(p)                                                                       \
    do {                                                                                           \
        if ((p) != nullptr) {                                                                      \
            (p)->release();                                                                        \
        }                                                                                          \
        (p) = nullptr;                                                                             \
    } while (0)
#define OSDynamicCast(type, object) dynamic_cast<type *>(object)

class OSObject
{
  public:
    virtual ~OSObject();
    virtual bool init();
    virtual void free();
    void retain();
    void release();
};

struct OSNoRetainType {
};
constexpr OSNoRetainType OSNoRetain;
template <class T> struct OSSharedPtr {
    T *p = nullptr;
    OSSharedPtr() = default;
    OSSharedPtr(T *object, OSNoRetainType) : p(object)
    {
    }
    T *get() const
    {
        return p;
    }
    void reset()
    {
        p = nullptr;
    }
    explicit operator bool() const
    {
        return p != nullptr;
    }
    T *operator->() const
    {
        return p;
    }
};

class OSAction : public OSObject
{
};
class OSArray : public OSObject
{
};
class OSString : public OSObject
{
  public:
    static OSString *withCString(const char *text);
};
class OSData : public OSObject
{
  public:
    static OSData *withBytes(const void *bytes, size_t size);
};
class OSDictionary : public OSObject
{
  public:
    static OSDictionary *withCapacity(uint32_t capacity);
    bool setObject(const char *key, OSObject *value);
};
class IOMemoryDescriptor : public OSObject
{
};
class IOBufferMemoryDescriptor : public IOMemoryDescriptor
{
};
class IODispatchQueue : public OSObject
{
  public:
    static kern_return_t Create(const char *name, uint64_t options, uint64_t priority,
                                IODispatchQueue **queue);
};
class IODataQueueDispatchSource : public OSObject
{
  public:
    kern_return_t SetDataAvailableHandler(OSAction *action);
};

/* ---- IOService, IOUserClient: xnu iokit/DriverKit ------------------------------------------ */

#define kIOServiceDefaultQueueName "Default"
class IOUserClient;
class IOService : public OSObject
{
  public:
    kern_return_t Start(IOService *provider, OSDispatchMethod supermethod = nullptr);
    kern_return_t Stop(IOService *provider, OSDispatchMethod supermethod = nullptr);
    kern_return_t NewUserClient(uint32_t type, IOUserClient **userClient,
                                OSDispatchMethod supermethod = nullptr);
    kern_return_t RegisterService();
    kern_return_t Create(IOService *provider, const char *key, IOService **result);
    kern_return_t SetDispatchQueue(const char *name, IODispatchQueue *queue);
    kern_return_t CopyDispatchQueue(const char *name, IODispatchQueue **queue);
};
struct IOUserClientMethodArguments {
    uint64_t *scalarOutput;
};
typedef kern_return_t (*IOUserClientMethodFunction)(OSObject *target, void *reference,
                                                    IOUserClientMethodArguments *arguments);
struct IOUserClientMethodDispatch {
    IOUserClientMethodFunction function;
    uint32_t checkCompletionExists, checkScalarInputCount, checkStructureInputSize;
    uint32_t checkScalarOutputCount, checkStructureOutputSize;
};
class IOUserClient : public IOService
{
  public:
    virtual kern_return_t ExternalMethod(uint64_t selector, IOUserClientMethodArguments *arguments,
                                         const IOUserClientMethodDispatch *dispatch,
                                         OSObject *target, void *reference);
};

/* ---- buses --------------------------------------------------------------------------------- */

class IOUSBHostInterface : public IOService
{
  public:
    kern_return_t Open(IOService *client, IOOptionBits options, uintptr_t argument);
    kern_return_t Close(IOService *client, IOOptionBits options);
};
class IOUSBHostDevice : public IOService
{
  public:
    kern_return_t Open(IOService *client, IOOptionBits options, uintptr_t argument);
    kern_return_t Close(IOService *client, IOOptionBits options);
    kern_return_t SetConfiguration(uint8_t value, bool matchInterfaces);
};
class IOPCIDevice : public IOService
{
  public:
    kern_return_t Open(IOService *client, IOOptionBits options = 0);
    void Close(IOService *client, IOOptionBits options = 0);
    void ConfigurationRead16(uint64_t offset, uint16_t *data);
    void ConfigurationWrite16(uint64_t offset, uint16_t data);
};
enum {
    kIOPCIConfigurationOffsetCommand = 4,
    kIOPCICommandMemorySpace = 2,
    kIOPCICommandBusLead = 4,
};

/* ---- HID, serial ---------------------------------------------------------------------------- */

typedef int IOHIDReportType;
class IOUserHIDDevice : public IOService
{
  public:
    virtual bool handleStart(IOService *provider);
    virtual OSDictionary *newDeviceDescription();
    virtual OSData *newReportDescriptor();
    virtual kern_return_t setReport(IOMemoryDescriptor *report, IOHIDReportType type,
                                    IOOptionBits options, uint32_t timeout, OSAction *action);
    void CompleteReport(OSAction *action, IOReturn status, uint32_t count);
};
class IOUserUSBHostHIDDevice : public IOUserHIDDevice
{
};
class IOUserHIDEventService : public IOService
{
  public:
    virtual void handleReport(uint64_t timestamp, uint8_t *report, uint32_t length,
                              IOHIDReportType type, uint32_t id);
};
class IOUserSerial : public IOService
{
  public:
    kern_return_t HwActivate(OSDispatchMethod supermethod = nullptr);
    kern_return_t HwDeactivate(OSDispatchMethod supermethod = nullptr);
};
class IOUserUSBSerial : public IOUserSerial
{
  public:
    virtual void handleInterruptPacket(const uint8_t *packet, uint32_t size);
    virtual void handleRxPacket(uint8_t *&packet, uint32_t &size);
};

/* ---- network ------------------------------------------------------------------------------- */

struct ether_addr_t {
    uint8_t octet[6];
};
typedef uint32_t MediaWord;
enum { kIOUserNetworkMediaEthernetAuto = 1, PoolFlagMapToDext = 1 };
struct IOUserNetworkPacketBufferPoolOptions {
    uint32_t packetCount, bufferCount, bufferSize, maxBuffersPerPacket, poolFlags;
    struct {
        uint64_t maxAddressBits;
    } dmaSpecification;
};
class IOUserNetworkPacketBufferPool : public OSObject
{
  public:
    static kern_return_t CreateWithOptions(IOService *owner, const char *name,
                                           IOUserNetworkPacketBufferPoolOptions *options,
                                           IOUserNetworkPacketBufferPool **pool);
};
class IOUserNetworkPacketQueue : public OSObject
{
  public:
    kern_return_t setEnable(bool enable);
    kern_return_t CopyDataQueue(IODataQueueDispatchSource **source);
};
#define QUEUE(name)                                                                                \
    class name : public IOUserNetworkPacketQueue                                                   \
    {                                                                                              \
      public:                                                                                      \
        static kern_return_t Create(IOUserNetworkPacketBufferPool *pool, IOService *owner,         \
                                    uint32_t capacity, uint32_t id, IODispatchQueue *queue,        \
                                    name **out);                                                   \
    };
QUEUE(IOUserNetworkTxSubmissionQueue)
QUEUE(IOUserNetworkTxCompletionQueue)
QUEUE(IOUserNetworkRxSubmissionQueue)
QUEUE(IOUserNetworkRxCompletionQueue)
class IOUserNetworkEthernet : public IOService
{
  public:
    kern_return_t RegisterEthernetInterface(ether_addr_t address,
                                            IOUserNetworkPacketBufferPool *pool,
                                            IOUserNetworkPacketQueue **queues, uint32_t count);
    virtual kern_return_t getHardwareAddress(ether_addr_t *address);
    virtual uint32_t getHardwareAssists();
    virtual MediaWord getInitialMedia();
    virtual uint32_t getMaxTransferUnit();
    virtual kern_return_t getSupportedMediaArray(MediaWord *media, uint32_t *count);
    virtual kern_return_t handleChosenMedia(MediaWord media);
    virtual kern_return_t setAllMulticastModeEnable(bool enable);
    virtual kern_return_t setHardwareAddress(ether_addr_t *address);
    virtual kern_return_t setHardwareAssists(uint32_t assists);
    virtual kern_return_t setInterfaceEnable(bool enable);
    virtual kern_return_t setMaxTransferUnit(uint32_t mtu);
    virtual kern_return_t setMulticastAddresses(const ether_addr_t *addresses, uint32_t count);
    virtual kern_return_t setPowerState(unsigned long state, IOService *device);
    virtual kern_return_t setPromiscuousModeEnable(bool enable);
};

/* ---- storage ------------------------------------------------------------------------------- */

typedef uint64_t SCSITargetIdentifier;
struct SCSIUserParallelTask {
    uint64_t fTargetID;
};
enum { kSCSIServiceResponse_FUNCTION_REJECTED = 5, kMaxBundledParallelTasks = 32 };
enum DMAOutputSegmentType { kDMAOutputSegmentHost64 };
class IOUserSCSIParallelInterfaceController : public IOService
{
};
class IOUserSCSIPeripheralDeviceType00 : public IOService
{
};
class IOUserSCSIPeripheralDeviceType05 : public IOService
{
};
class IOUserSCSIPeripheralDeviceType07 : public IOService
{
};
typedef uint32_t IOUserStorageOptions;
struct DeviceString {
    char data[256];
};
struct DeviceParams {
    uint64_t numOfBlocks;
    uint32_t blockSize, maxIOSize, numOfOutstandingIOs, maxNumOfUnmapRegions, minSegmentAlignment;
    uint8_t numOfAddressBits;
    bool isUnmapSupported, isFUASupported;
};
struct BlockRange {
    uint64_t startBlock, numOfBlocks;
};
class IOUserBlockStorageDevice : public IOService
{
  public:
    void Complete(uint32_t id, kern_return_t status);
    void CompleteIO(uint32_t id, uint64_t bytes, kern_return_t status);
    kern_return_t RegisterDext();
    virtual kern_return_t DoAsyncUnmapPriv(uint32_t id, struct BlockRange *ranges, uint32_t count);
};

/* ---- audio, video, MIDI --------------------------------------------------------------------- */

enum {
    kIOUserAudioDriverUserClientType = 1,
    kIOUserMIDIDriverUserClientType,
    kIOUserVideoDriverUserClientType,
};
#define MEDIA(Kind, CREATE)                                                                        \
    namespace Kind##DriverKit                                                                      \
    {                                                                                              \
        typedef uint32_t IOUser##Kind##ObjectID;                                                   \
        enum class IOUser##Kind##StartStopFlags : uint64_t{None};                                  \
        class IOUser##Kind##Driver;                                                                \
        class IOUser##Kind##Device : public OSObject                                               \
        {                                                                                          \
          public:                                                                                  \
            IOUser##Kind##ObjectID GetObjectID();                                                  \
            kern_return_t SetName(OSString *name);                                                 \
            CREATE                                                                                 \
        };                                                                                         \
        class IOUser##Kind##Driver : public IOService                                              \
        {                                                                                          \
          public:                                                                                  \
            kern_return_t AddObject(OSObject *object);                                             \
            kern_return_t RemoveObject(OSObject *object);                                          \
            virtual kern_return_t StartDevice(IOUser##Kind##ObjectID id,                           \
                                              IOUser##Kind##StartStopFlags flags);                 \
            virtual kern_return_t StopDevice(IOUser##Kind##ObjectID id,                            \
                                             IOUser##Kind##StartStopFlags flags);                  \
        };                                                                                         \
    }
MEDIA(Audio, static OSSharedPtr<IOUserAudioDevice> Create(IOUserAudioDriver *driver, bool prewarm,
                                                          OSString *device, OSString *model,
                                                          OSString *maker, uint32_t period);)
MEDIA(Video,
      static OSSharedPtr<IOUserVideoDevice> Create(IOUserVideoDriver *driver, OSString *device,
                                                   OSString *model, OSString *maker);)
class IOUserMIDIDriver;
class IOUserMIDIDevice : public OSObject
{
  public:
    static OSSharedPtr<IOUserMIDIDevice> Create(IOUserMIDIDriver *driver, OSString *device,
                                                OSString *model, OSString *maker);
};
class IOUserMIDIDriver : public IOService
{
  public:
    kern_return_t AddObject(OSObject *object);
    kern_return_t RemoveObject(OSObject *object);
    virtual kern_return_t StartIO(OSArray *devices);
    virtual kern_return_t StopIO();
};

#endif
