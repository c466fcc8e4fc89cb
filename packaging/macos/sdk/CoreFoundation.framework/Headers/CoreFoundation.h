/* What lib/platform/registry_live.c uses of CoreFoundation, declared anew for builds without
 * Apple's SDK (packaging/macos/build). Names, types and values are those of Apple's open CF
 * sources; a build on a Mac never sees this file, and CoreFoundation.tbd beside it names the same
 * functions to the linker. */
#ifndef DEXTCTL_SDK_COREFOUNDATION_H
#define DEXTCTL_SDK_COREFOUNDATION_H
#include <stdint.h>

typedef unsigned char Boolean;
typedef long CFIndex;
typedef unsigned long CFTypeID;
typedef uint32_t CFStringEncoding;
typedef CFIndex CFNumberType;
typedef struct {
    CFIndex location;
    CFIndex length;
} CFRange;
typedef const void *CFTypeRef;
typedef const struct __CFAllocator *CFAllocatorRef;
typedef const struct __CFString *CFStringRef;
typedef const struct __CFNumber *CFNumberRef;
typedef const struct __CFBoolean *CFBooleanRef;
typedef const struct __CFData *CFDataRef;
typedef const struct __CFArray *CFArrayRef;
typedef const struct __CFSet *CFSetRef;
typedef const struct __CFDictionary *CFDictionaryRef;
typedef struct __CFDictionary *CFMutableDictionaryRef;

enum { kCFStringEncodingUTF8 = 0x08000100 };
enum { kCFNumberSInt64Type = 4, kCFNumberDoubleType = 13 };

#define CFSTR(text) ((CFStringRef)__builtin___CFStringMakeConstantString("" text ""))

static inline CFRange CFRangeMake(CFIndex location, CFIndex length)
{
    return (CFRange){location, length};
}

void CFRelease(CFTypeRef value);
Boolean CFEqual(CFTypeRef a, CFTypeRef b);
CFTypeID CFGetTypeID(CFTypeRef value);

CFTypeID CFStringGetTypeID(void);
CFStringRef CFStringCreateWithCString(CFAllocatorRef, const char *text, CFStringEncoding);
CFIndex CFStringGetLength(CFStringRef);
CFIndex CFStringGetMaximumSizeForEncoding(CFIndex length, CFStringEncoding);
Boolean CFStringGetCString(CFStringRef, char *out, CFIndex size, CFStringEncoding);

CFTypeID CFBooleanGetTypeID(void);
Boolean CFBooleanGetValue(CFBooleanRef);
CFTypeID CFNumberGetTypeID(void);
Boolean CFNumberIsFloatType(CFNumberRef);
Boolean CFNumberGetValue(CFNumberRef, CFNumberType, void *out);
CFTypeID CFDataGetTypeID(void);
CFIndex CFDataGetLength(CFDataRef);
const uint8_t *CFDataGetBytePtr(CFDataRef);

CFTypeID CFArrayGetTypeID(void);
CFIndex CFArrayGetCount(CFArrayRef);
void CFArrayApplyFunction(CFArrayRef, CFRange, void (*each)(const void *value, void *user),
                          void *user);
CFTypeID CFSetGetTypeID(void);
void CFSetApplyFunction(CFSetRef, void (*each)(const void *value, void *user), void *user);
CFTypeID CFDictionaryGetTypeID(void);
void CFDictionaryApplyFunction(CFDictionaryRef,
                               void (*each)(const void *key, const void *value, void *user),
                               void *user);
#endif
