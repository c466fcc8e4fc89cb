/* What lib/platform/registry_live.c uses of IOKit, declared anew for builds without Apple's SDK;
 * see CoreFoundation.h. Names and types are those of Apple's open IOKitUser sources. */
#ifndef DEXTCTL_SDK_IOKITLIB_H
#define DEXTCTL_SDK_IOKITLIB_H
#include <CoreFoundation/CoreFoundation.h>
#include <device/device_types.h>
#include <mach/mach.h>
#include <stdint.h>

#define kIOServicePlane "IOService"

typedef mach_port_t io_object_t;
typedef io_object_t io_registry_entry_t;
typedef io_object_t io_service_t;
typedef io_object_t io_iterator_t;
typedef uint32_t IOOptionBits;

kern_return_t IOObjectRelease(io_object_t);
kern_return_t IOObjectGetClass(io_object_t, io_name_t out);
boolean_t IOObjectConformsTo(io_object_t, const io_name_t cls);
uint32_t IOObjectGetKernelRetainCount(io_object_t);
CFStringRef IOObjectCopySuperclassForClass(CFStringRef cls);
io_object_t IOIteratorNext(io_iterator_t);

io_registry_entry_t IORegistryGetRootEntry(mach_port_t main_port);
kern_return_t IORegistryEntryGetNameInPlane(io_registry_entry_t, const io_name_t plane,
                                            io_name_t out);
kern_return_t IORegistryEntryGetLocationInPlane(io_registry_entry_t, const io_name_t plane,
                                                io_name_t out);
kern_return_t IORegistryEntryGetRegistryEntryID(io_registry_entry_t, uint64_t *out);
kern_return_t IORegistryEntryGetChildIterator(io_registry_entry_t, const io_name_t plane,
                                              io_iterator_t *out);
kern_return_t IORegistryEntryCreateCFProperties(io_registry_entry_t, CFMutableDictionaryRef *out,
                                                CFAllocatorRef, IOOptionBits);
#endif
