/* The texts that mach_error_string(3) prints for a number. Programs log them in place of the
 * number, so a pasted line may hold nothing else. They are output of the system, kept here only to
 * be recognised (libsyscall/mach/err_*.sub of xnu-11417.101.15); what a code means is said in
 * lib/data/errors in words of its own. Of numbers that share a text the first is kept. */
#include <strings.h>

#include "error/error.h"

struct mach_text {
    uint32_t value;
    const char *text;
};

static const struct mach_text iokit_common[] = {
    {0xe0000001, "invalid - should never be seen"},
    {0xe00002bc, "general error"},
    {0xe00002bd, "can't allocate memory"},
    {0xe00002be, "resource shortage"},
    {0xe00002bf, "error during IPC"},
    {0xe00002c0, "no such device"},
    {0xe00002c1, "privilege violation"},
    {0xe00002c2, "invalid argument"},
    {0xe00002c3, "device read locked"},
    {0xe00002c4, "device write locked"},
    {0xe00002c5, "exclusive access and device already open"},
    {0xe00002c6, "sent/received messages had different msg_id"},
    {0xe00002c7, "unsupported function"},
    {0xe00002c8, "misc. VM failure"},
    {0xe00002c9, "internal error"},
    {0xe00002ca, "General I/O error"},
    {0xe00002cc, "can't acquire lock"},
    {0xe00002cd, "device not open"},
    {0xe00002ce, "read not supported"},
    {0xe00002cf, "write not supported"},
    {0xe00002d0, "alignment error"},
    {0xe00002d1, "Media Error"},
    {0xe00002d2, "device(s) still open"},
    {0xe00002d3, "rld failure"},
    {0xe00002d4, "DMA failure"},
    {0xe00002d5, "Device Busy"},
    {0xe00002d6, "I/O Timeout"},
    {0xe00002d7, "device offline"},
    {0xe00002d8, "not ready"},
    {0xe00002d9, "device not attached"},
    {0xe00002da, "no DMA channels left"},
    {0xe00002db, "no space for data"},
    {0xe00002dd, "port already exists"},
    {0xe00002de, "can't wire down physical memory"},
    {0xe00002df, "no interrupt attached"},
    {0xe00002e0, "no DMA frames enqueued"},
    {0xe00002e1, "oversized msg received on interrupt port"},
    {0xe00002e2, "not permitted"},
    {0xe00002e3, "no power to device"},
    {0xe00002e4, "media not present"},
    {0xe00002e5, "media not formatted"},
    {0xe00002e6, "no such mode"},
    {0xe00002e7, "data underrun"},
    {0xe00002e8, "data overrun"},
    {0xe00002e9, "the device is not working properly!"},
    {0xe00002ea, "a completion routine is required"},
    {0xe00002eb, "operation aborted"},
    {0xe00002ec, "bus bandwidth would be exceeded"},
    {0xe00002ed, "device not responding"},
    {0xe00002ee, "isochronous I/O request for distant past!"},
    {0xe00002ef, "isochronous I/O request for distant future"},
    {0xe00002f0, "data was not found"},
};

static const struct mach_text iokit_usb[] = {
    {0xe0004001, "USB Controller Error: bad CRC received"},
    {0xe0004002, "USB Controller Error:  bitstuffing"},
    {0xe0004003, "USB Controller Error: Bad data toggle"},
    {0xe0004006, "USB Controller Error: PID CRC error"},
    {0xe0004007, "USB Controller Error: Bad or wrong PID"},
    {0xe000400c, "USB Controller: Buffer Overrun"},
    {0xe000400d, "USB Controller: Buffer Underrun"},
    {0xe000400e, "Transaction was not sent on the bus"},
    {0xe0004010, "USB Controller: Link Error"},
    {0xe0004049, "device is not high speed, ehci driver returns error"},
    {0xe000404a, "synchronous usb request on the workloop thread"},
    {0xe000404b, "high speed hub error during split transaction"},
    {0xe000404c, "user land isoch call with unprepared frame-list"},
    {0xe000404d, "user land isoch call with unprepared data buffer"},
    {0xe000404e, "interface ref not recognized"},
    {0xe000404f, "pipe has stalled, error needs to be cleared"},
    {0xe0004050, "transaction has been returned to the caller"},
    {0xe0004051, "transaction timed out"},
    {0xe0004056, "configuration not found"},
    {0xe0004057, "endpoint not found"},
    {0xe000405d, "not enough power for selected configuration"},
    {0xe000405e, "not enough pipes in interface"},
    {0xe000405f, "no async port"},
    {0xe0004060, "too many pipes"},
    {0xe0004061, "pipe ref not recognized"},
};

static const struct mach_text iokit_firewire[] = {
    {0xe0008001, "can't find requested entry in config ROM"},
    {0xe0008002, "command pending (internal)"},
    {0xe0008003, "DCL callback is final callback (internal)"},
    {0xe0008004, "device rom changed, ref is no longer valid"},
    {0xe0008005, "kIOFireWireAlreadyRegistered"},
    {0xe0008006, "kIOFireWireMultipleTalkers"},
    {0xe0008007, "kIOFireWireChannelActive"},
    {0xe0008008, "kIOFireWireNoListenerOrTalker"},
    {0xe0008009, "kIOFireWireNoChannels"},
    {0xe000800a, "requested isoch channel is in use"},
    {0xe000800b, "kIOFireWireSeparateBus"},
    {0xe000800c, "kIOFireWireBadSelfIDs"},
    {0xe000800d, "kIOFireWireLowCableVoltage"},
    {0xe000800e, "kIOFireWireInsufficientPower"},
    {0xe000800f, "all transaction labels are in use"},
    {0xe0008014, "rcode 4, resp_conflict_error"},
    {0xe0008015, "rcode 5, resp_data_error"},
    {0xe0008016, "rcode 6, resp_type_error"},
    {0xe0008017, "rcode 7, resp_address_error"},
    {0xe0008020, "bus reset occurred, generation does not match"},
    {0xe0008101, "DCL program contains an illegal DCL"},
    {0xe0008102, "kIOFireWireTalkingAndListening"},
    {0xe0008103, "system sleep, DCL program stopped"},
    {0xe0008104, "command is actively completing (internal)"},
    {0xe00087d0, "device offline, please close device object"},
    {0xe00087d1, "more power may be available"},
    {0xe00087d2, "IOFireWire plane in registry updated"},
};

static const struct mach_text iokit_bluetooth[] = {
    {0xe0020001, "interrupted operation, hardware reset"},
    {0xe0020002, "connection to device already exists"},
    {0xe0020003, "no HCI controller"},
    {0xe0020004, "changing power states is unsupported"},
};

static const struct mach_text os_kern[] = {
    {0x00000001, "invalid address"},
    {0x00000002, "protection failure"},
    {0x00000003, "no space available"},
    {0x00000004, "invalid argument"},
    {0x00000005, "failure"},
    {0x00000006, "resource shortage"},
    {0x00000007, "not receiver"},
    {0x00000008, "no access"},
    {0x00000009, "memory failure"},
    {0x0000000a, "memory error"},
    {0x0000000b, "already in set"},
    {0x0000000c, "not in set"},
    {0x0000000d, "name exists"},
    {0x0000000e, "aborted"},
    {0x0000000f, "invalid name"},
    {0x00000010, "invalid task"},
    {0x00000011, "invalid right"},
    {0x00000012, "invalid value"},
    {0x00000013, "urefs overflow"},
    {0x00000014, "invalid capability"},
    {0x00000015, "right exists"},
    {0x00000016, "invalid host"},
    {0x00000017, "memory present"},
    {0x00000018, "memory data moved"},
    {0x00000019, "memory restart copy"},
    {0x0000001a, "invalid processor set"},
    {0x0000001b, "policy limit"},
    {0x0000001c, "invalid policy"},
    {0x0000001d, "invalid object"},
    {0x0000001e, "already waiting"},
    {0x0000001f, "default set"},
    {0x00000020, "exception protected"},
    {0x00000021, "invalid ledger"},
    {0x00000022, "invalid memory control"},
    {0x00000023, "invalid security"},
    {0x00000024, "not depressed"},
    {0x00000025, "object terminated"},
    {0x00000026, "lock set destroyed"},
    {0x00000027, "lock unstable"},
    {0x00000028, "lock owned by another"},
    {0x00000029, "lock owned by self"},
    {0x0000002a, "semaphore destroyed"},
    {0x0000002b, "RPC terminated"},
    {0x0000002c, "terminate orphan"},
    {0x0000002d, "let orphan continue"},
    {0x0000002e, "service not supported"},
    {0x0000002f, "remote node down"},
    {0x00000030, "thread not waiting"},
    {0x00000031, "operation timed out"},
    {0x00000032, "code signing error"},
    {0x00000033, "policy is static"},
    {0x00000034, "insufficient input buffer size"},
    {0x00000035, "denied by security policy"},
    {0x00000036, "missing kernel collection"},
    {0x00000037, "invalid kernel collection"},
    {0x00000038, "result not found"},
};

static const struct mach_text ipc_send[] = {
    {0x10000001, "send in progress"},
    {0x10000002, "invalid data"},
    {0x10000003, "invalid destination port"},
    {0x10000004, "timed out"},
    {0x10000005, "invalid voucher"},
    {0x10000007, "interrupted"},
    {0x10000008, "msg too small"},
    {0x10000009, "invalid reply port"},
    {0x1000000a, "invalid port right"},
    {0x1000000b, "invalid notify port"},
    {0x1000000c, "invalid memory"},
    {0x1000000d, "no msg buffer"},
    {0x1000000e, "msg too large"},
    {0x1000000f, "invalid msg-type"},
    {0x10000010, "invalid msg-header"},
    {0x10000011, "invalid msg-trailer"},
    {0x10000012, "invalid context for reply"},
    {0x10000015, "out-of-line buffer too large"},
    {0x10000016, "destination does not accept OOL ports"},
};

static const struct mach_text ipc_rcv[] = {
    {0x10004001, "receive in progress"},
    {0x10004002, "invalid name"},
    {0x10004003, "timed out"},
    {0x10004004, "msg too large"},
    {0x10004005, "interrupted"},
    {0x10004006, "port changed"},
    {0x10004007, "invalid notify port"},
    {0x10004008, "invalid data"},
    {0x10004009, "port died"},
    {0x1000400a, "port in set"},
    {0x1000400b, "header error"},
    {0x1000400c, "body error"},
    {0x1000400d, "invalid scatter list entry"},
    {0x1000400e, "overwrite region too small"},
    {0x1000400f, "invalid msg-trailer"},
};

static const struct mach_text ipc_mig[] = {
    {0xfffffed4, "client type check failure"},
    {0xfffffed3, "wrong reply message ID"},
    {0xfffffed2, "server detected error"},
    {0xfffffed1, "bad request message ID"},
    {0xfffffed0, "server type check failure"},
    {0xfffffecf, "no reply should be sent"},
    {0xfffffece, "server raised exception"},
    {0xfffffecd, "array not large enough"},
    {0xfffffecc, "server died"},
    {0xfffffecb, "unknown trailer format"},
};

static const struct mach_text libkern_common[] = {
    {0xdc000001, "general/unspecified error"},
};

static const struct mach_text libkern_metaclass[] = {
    {0xdc004001, "runtime internal error"},
    {0xdc004002, "class has instances"},
    {0xdc004003, "OSMetaClass::preModLoad() not called, runtime internal error"},
    {0xdc004004, "allocation failure, internal data"},
    {0xdc004005, "allocation failure, class tracking dictionaries"},
    {0xdc004006, "allocation failure, no kext/class set"},
    {0xdc004007, "failed to insert class into class dictionary"},
    {0xdc004008, "can't associate class with its superclass"},
    {0xdc004009, "can't find superclass during instance creation"},
    {0xdc00400a, "duplicate class name encountered"},
    {0xdc00400b, "no kext for metaclass"},
};

static const struct mach_text libkern_kext[] = {
    {0xdc008001, "internal error"},
    {0xdc008002, "allocation failure"},
    {0xdc008003, "resource shortage"},
    {0xdc008004, "not privileged"},
    {0xdc008005, "invalid argument"},
    {0xdc008006, "not found"},
    {0xdc008007, "bad data (mkext/other)"},
    {0xdc008008, "XML (un)serialization error"},
    {0xdc008009, "function/version unsupported"},
    {0xdc00800a, "function disabled"},
    {0xdc00800b, "malformed kext (bundle layout/missing plist)"},
    {0xdc00800c, "validation failure (plist/executable)"},
    {0xdc00800d, "authentication failure (file ownership/permissions)"},
    {0xdc00800e, "dependency resolution failure"},
    {0xdc00800f, "requested architecture/executable not found"},
    {0xdc008010, "cache error"},
    {0xdc008011, "operation deferred (queued to user space)"},
    {0xdc008012, "operation/kext not allowed at current boot level"},
    {0xdc008013, "not loadable (reason unspecified)"},
    {0xdc008014, "different version/uuid already loaded"},
    {0xdc008015, "dependency load failed"},
    {0xdc008016, "link error"},
    {0xdc008017, "kext (kmod) start/stop routine failed"},
    {0xdc008018, "kext is in use or retained (cannot unload)"},
    {0xdc008019, "kext request timed out"},
    {0xdc00801a, "kext is stopping and cannot issue requests"},
    {0xdc00801b, "system policy prevents loading"},
    {0xdc00801c, "loading/mapping of a kext collection failed"},
    {0xdc00801d, "mapping of the SystemKC failed"},
    {0xdc00801e, "loading/mapping of the AuxiliaryKC failed"},
};

static const struct {
    const char *name;
    const struct mach_text *texts;
    size_t count;
} groups[] = {
    {"(iokit/common) ", iokit_common, sizeof iokit_common / sizeof *iokit_common},
    {"(iokit/usb) ", iokit_usb, sizeof iokit_usb / sizeof *iokit_usb},
    {"(iokit/firewire) ", iokit_firewire, sizeof iokit_firewire / sizeof *iokit_firewire},
    {"(iokit/bluetooth) ", iokit_bluetooth, sizeof iokit_bluetooth / sizeof *iokit_bluetooth},
    {"(os/kern) ", os_kern, sizeof os_kern / sizeof *os_kern},
    {"(ipc/send) ", ipc_send, sizeof ipc_send / sizeof *ipc_send},
    {"(ipc/rcv) ", ipc_rcv, sizeof ipc_rcv / sizeof *ipc_rcv},
    {"(ipc/mig) ", ipc_mig, sizeof ipc_mig / sizeof *ipc_mig},
    {"(libkern/common) ", libkern_common, sizeof libkern_common / sizeof *libkern_common},
    {"(libkern/metaclass) ", libkern_metaclass,
     sizeof libkern_metaclass / sizeof *libkern_metaclass},
    {"(libkern/kext) ", libkern_kext, sizeof libkern_kext / sizeof *libkern_kext},
};

size_t dx_mach_text(const char *p, size_t n, uint32_t *value)
{
    struct dx_str in = {p, n};
    size_t best = 0;
    for (size_t g = 0; g < sizeof groups / sizeof *groups; g++) {
        size_t skip = dx_str(groups[g].name).n;
        if (!dx_str_has_prefix(in, groups[g].name)) {
            continue;
        }
        for (size_t i = 0; i < groups[g].count; i++) {
            size_t len = dx_str(groups[g].texts[i].text).n;
            if (skip + len <= n && skip + len > best &&
                strncasecmp(p + skip, groups[g].texts[i].text, len) == 0) {
                best = skip + len;
                *value = groups[g].texts[i].value;
            }
        }
    }
    return best;
}
