/* What locationd logs and tells of its state. Structures and wording as libyal documents them. */
#include <inttypes.h>
#include <string.h>

#include "unified/unified.h"

struct member {
    const char *name;
    uint8_t at, size; /* size 1: a truth value; 0: a double; 8, 4: integers */
    uint8_t since;    /* only in structures of at least this size */
};

/* In the order in which they are shown; the misspelt names are Apple's. */
static const struct member manager[] = {
    {"previousAuthorizationStatusValid", 35, 1, 0},
    {"paused", 60, 1, 0},
    {"requestingLocation", 17, 1, 0},
    {"updatingVehicleSpeed", 65, 1, 72},
    {"desiredAccuracy", 8, 0, 0},
    {"allowsBackgroundLocationUpdates", 61, 1, 0},
    {"dynamicAccuracyReductionEnabled", 34, 1, 0},
    {"distanceFilter", 0, 0, 0},
    {"allowsLocationPrompts", 32, 1, 0},
    {"activityType", 48, 8, 0},
    {"groundAltitudeEnabled", 68, 1, 72},
    {"pausesLocationUpdatesAutomatially", 56, 4, 0},
    {"fusionInfoEnabled", 69, 1, 72},
    {"isAuthorizedForWidgetUpdates", 71, 1, 72},
    {"updatingVehicleHeading", 66, 1, 72},
    {"batchingLocation", 64, 1, 72},
    {"showsBackgroundLocationIndicator", 62, 1, 0},
    {"updatingLocation", 16, 1, 0},
    {"requestingRanging", 18, 1, 0},
    {"updatingHeading", 20, 1, 0},
    {"previousAuthorizationStatus", 36, 4, 0},
    {"allowsMapCorrection", 63, 1, 0},
    {"matchInfoEnabled", 67, 1, 72},
    {"allowsAlteredAccessoryLoctions", 33, 1, 0},
    {"updatingRanging", 19, 1, 0},
    {"limitsPrecision", 40, 1, 0},
    {"courtesyPromptNeeded", 70, 1, 72},
    {"headingFilter", 24, 0, 0},
};
static const struct member client[] = {
    {"locationRestricted", 4, 1, 0},
    {"locationServicesEnabledStatus", 0, 4, 0},
};

static void put_member(const struct member *m, const uint8_t *p, struct dx_buf *out)
{
    double d;
    dx_buf_printf(out, "\"%s\":", m->name);
    switch (m->size) {
    case 0:
        memcpy(&d, p + m->at, sizeof d);
        dx_buf_printf(out, "%.0f", d);
        break;
    case 1:
        dx_buf_puts(out, p[m->at] ? "true" : "false");
        break;
    case 4:
        dx_buf_printf(out, "%" PRId32, (int32_t)dx_le(p + m->at, 4));
        break;
    default:
        dx_buf_printf(out, "%" PRId64, (int64_t)dx_le(p + m->at, 8));
        break;
    }
}

static void put_structure(const struct member *list, size_t count, const uint8_t *p, size_t n,
                          struct dx_buf *out)
{
    const char *between = "{";
    for (size_t i = 0; i < count; i++) {
        if (list[i].since <= n) {
            dx_buf_puts(out, between);
            put_member(&list[i], p, out);
            between = ",";
        }
    }
    dx_buf_puts(out, "}");
}

static void put_escaped(const uint8_t *p, size_t n, struct dx_buf *out)
{
    dx_buf_puts(out, "\"");
    for (size_t i = 0; i < n && p[i]; i++) {
        dx_buf_puts(out, p[i] == '/' ? "\\" : "");
        dx_buf_add(out, (const char *)p + i, 1);
    }
    dx_buf_puts(out, "\"");
}

static bool put_quoted(const char *name, struct dx_buf *out)
{
    if (name) {
        dx_buf_printf(out, "\"%s\"", name);
    }
    return name != NULL;
}

static const char *sqlite(uint64_t v)
{
    static const char *const names[] = {
        "SQLITE_OK",       "SQLITE_ERROR",     "SQLITE_INTERNAL", "SQLITE_PERM",
        "SQLITE_ABORT",    "SQLITE_BUSY",      "SQLITE_LOCKED",   "SQLITE_NOMEM",
        "SQLITE_READONLY", "SQLITE_INTERRUPT", "SQLITE_IOERR",    "SQLITE_CORRUPT",
        "SQLITE_NOTFOUND", "SQLITE_FULL",      "SQLITE_CANTOPEN", "SQLITE_PROTOCOL",
        "SQLITE_EMPTY",    "SQLITE_SCHEMA",    "SQLITE_TOOBIG",   "SQLITE_CONSTRAINT",
        "SQLITE_MISMATCH", "SQLITE_MISUSE",    "SQLITE_NOLFS",    "SQLITE_AUTH",
        "SQLITE_FORMAT",   "SQLITE_RANGE",     "SQLITE_NOTADB",   "SQLITE_NOTICE",
        "SQLITE_WARNING"};
    if (v < sizeof names / sizeof *names) {
        return names[v];
    }
    return v == 100   ? "SQLITE_ROW"
           : v == 101 ? "SQLITE_DONE"
           : v == 266 ? "SQLITE IO ERR READ"
                      : NULL;
}

/* Messages of the kernel's IOMessage.h: 0xe0000000 and a number. */
static const char *io_message(uint64_t v)
{
    static const struct {
        uint32_t value;
        const char *name;
    } names[] = {{0xe0000010, "ServiceIsTerminated"},     {0xe0000020, "ServiceIsSuspended"},
                 {0xe0000030, "ServiceIsResumed"},        {0xe0000100, "ServiceIsRequestingClose"},
                 {0xe0000101, "ServiceIsAttemptingOpen"}, {0xe0000110, "ServiceWasClosed"},
                 {0xe0000120, "ServiceBusyStateChange"},  {0xe0000128, "ConsoleSecurityChange"},
                 {0xe0000130, "ServicePropertyChange"},   {0xe0000200, "CanDevicePowerOff"},
                 {0xe0000210, "DeviceWillPowerOff"},      {0xe0000220, "DeviceWillNotPowerOff"},
                 {0xe0000230, "DeviceHasPoweredOn"},      {0xe0000250, "SystemWillPowerOff"},
                 {0xe0000255, "SystemPagingOff"},         {0xe0000270, "CanSystemSleep"},
                 {0xe0000280, "SystemWillSleep"},         {0xe0000290, "SystemWillNotSleep"},
                 {0xe0000300, "SystemHasPoweredOn"},      {0xe0000310, "SystemWillRestart"},
                 {0xe0000320, "SystemWillPowerOn"},       {0xe0000330, "CopyClientID"},
                 {0xe0000340, "SystemCapabilityChange"},  {0xe0000350, "DeviceSignaledWakeup"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (names[i].value == v) {
            return names[i].name;
        }
    }
    return NULL;
}

bool dx_value_place(enum dx_decoder_id as, const uint8_t *p, size_t n, struct dx_buf *out)
{
    static const char *const authorizations[] = {"Not Determined", "Restricted", "Denied",
                                                 "Authorized Always", "Authorized When In Use"};
    bool number = n == 1 || n == 2 || n == 4 || n == 8;
    uint64_t v = number ? dx_le(p, n) : UINT64_MAX;
    switch (as) {
    case DX_AS_LOC_AUTHORIZATION:
        return put_quoted(v < 5 ? authorizations[v] : NULL, out);
    case DX_AS_LOC_CLIENT:
        if (n == 8) {
            put_structure(client, sizeof client / sizeof *client, p, n, out);
        }
        return n == 8;
    case DX_AS_LOC_MANAGER:
        if (n == 64 || n == 72) {
            put_structure(manager, sizeof manager / sizeof *manager, p, n, out);
        }
        return n == 64 || n == 72;
    case DX_AS_LOC_ESCAPE:
        put_escaped(p, n, out);
        return true;
    case DX_AS_LOC_SQLITE:
        return put_quoted(sqlite(v), out);
    case DX_AS_LOC_IOMESSAGE:
        return put_quoted(io_message(v), out);
    default:
        return false;
    }
}

/* ---- state dumps --------------------------------------------------------------------------------
 */

void dx_render_state(const struct dx_entry *e, struct dx_buf *out)
{
    const uint8_t *p = (const uint8_t *)e->text.p;
    dx_buf_puts(out, e->state_title);
    dx_buf_puts(out, "\n");
    if (e->state_kind == 1) {
        dx_render_plist(p, e->text.n, out);
    } else if (e->state_kind == 3) {
        enum dx_decoder_id as =
            strcmp(e->state_library, "location") != 0                           ? DX_AS_PLAIN
            : strcmp(e->state_type, "_CLClientManagerStateTrackerState") == 0   ? DX_AS_LOC_CLIENT
            : strcmp(e->state_type, "_CLLocationManagerStateTrackerState") == 0 ? DX_AS_LOC_MANAGER
                                                                                : DX_AS_PLAIN;
        if (!dx_value_place(as, p, e->text.n, out)) {
            dx_buf_printf(out, "<decode: unsupported decoder: %s:%s>", e->state_library,
                          e->state_type);
        }
    } else {
        dx_buf_printf(out, "<%zu bytes of %s>", e->text.n,
                      e->state_kind == 2 ? "a protocol buffer" : "an unknown kind");
    }
}
