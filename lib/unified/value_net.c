/* Addresses, and what mDNSResponder logs of DNS. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "unified/unified.h"

static void put_address(int family, const uint8_t *p, struct dx_buf *out)
{
    char text[INET6_ADDRSTRLEN];
    if (inet_ntop(family, p, text, sizeof text)) {
        dx_buf_puts(out, text);
    }
}

/* Darwin's structures: a byte for the length, one for the family (IPv6 is 30 there), the port. */
static bool put_socket(const uint8_t *p, size_t n, struct dx_buf *out)
{
    if (n == 0) {
        dx_buf_puts(out, "<NULL>");
        return true;
    }
    if (n >= 8 && p[1] == 2) {
        put_address(AF_INET, p + 4, out);
        unsigned port = (unsigned)p[2] << 8 | p[3];
        if (port) {
            dx_buf_printf(out, ":%u", port);
        }
        return true;
    }
    if (n >= 24 && p[1] == 30) {
        put_address(AF_INET6, p + 8, out);
        unsigned port = (unsigned)p[2] << 8 | p[3];
        if (port) {
            dx_buf_printf(out, ".%u", port);
        }
        return true;
    }
    return false;
}

/* ---- DNS --------------------------------------------------------------------------------------
 */

static void put_flags(unsigned v, struct dx_buf *out)
{
    static const char *const operations[] = {"Query",  "IQuery", "Status", "Unassigned",
                                             "Notify", "Update", "DSO"};
    static const char *const answers[] = {"NoError", "FormErr", "ServFail", "NXDomain",
                                          "NotImp",  "Refused", "YXDomain", "YXRRSet",
                                          "NXRRSet", "NotAuth", "NotZone",  "DSOTypeNI"};
    static const struct {
        unsigned bit;
        char name[3];
    } names[] = {{0x0400, "AA"}, {0x0200, "TC"}, {0x0100, "RD"},
                 {0x0080, "RA"}, {0x0020, "AD"}, {0x0010, "CD"}};
    unsigned operation = v >> 11 & 15, answer = v & 15;
    dx_buf_printf(out, "%c/%s", v & 0x8000 ? 'R' : 'Q',
                  operation < 7 ? operations[operation] : "?");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (v & names[i].bit) {
            dx_buf_printf(out, ", %s", names[i].name);
        }
    }
    dx_buf_printf(out, ", %s", answer < 12 ? answers[answer] : "?");
}

static unsigned big(const uint8_t *p)
{
    return (unsigned)p[0] << 8 | p[1];
}

static bool put_header(const uint8_t *p, size_t n, struct dx_buf *out)
{
    if (n != 12) {
        return false;
    }
    dx_buf_printf(out, "id: 0x%04X (%u), flags: 0x%04X (", big(p), big(p), big(p + 2));
    put_flags(big(p + 2), out);
    dx_buf_printf(out, "), counts: %u/%u/%u/%u", big(p + 4), big(p + 6), big(p + 8), big(p + 10));
    return true;
}

/* These two are numbers of 64 bits, whose parts are counted from the top. */
static bool put_parts(enum dx_decoder_id as, const uint8_t *p, size_t n, struct dx_buf *out)
{
    if (n != 8) {
        return false;
    }
    unsigned part[4];
    for (size_t i = 0; i < 4; i++) {
        part[i] = (unsigned)dx_le(p + 2 * i, 2);
    }
    if (as == DX_AS_MDNS_COUNTS) {
        dx_buf_printf(out, "%u/%u/%u/%u", part[3], part[2], part[1], part[0]);
    } else {
        dx_buf_printf(out, "id: 0x%04X (%u), flags: 0x%04X (", part[1], part[1], part[0]);
        put_flags(part[0], out);
        dx_buf_puts(out, ")");
    }
    return true;
}

struct name {
    unsigned value;
    const char *name;
};

static bool value_net_put_name(const struct name *list, uint64_t v, struct dx_buf *out)
{
    while (list->name && list->value != v) {
        list++;
    }
    if (list->name) {
        dx_buf_puts(out, list->name);
    }
    return list->name != NULL;
}

static const struct name protocols[] = {{1, "UDP"}, {2, "TCP"}, {4, "HTTPS"}, {0, NULL}};
static const struct name reasons[] = {{1, "no-data"},          {2, "nxdomain"},
                                      {3, "query-suppressed"}, {4, "no-dns-service"},
                                      {5, "server error"},     {0, NULL}};
static const struct name types[] = {
    {1, "A"},       {2, "NS"},      {5, "CNAME"},     {6, "SOA"},         {12, "PTR"},
    {13, "HINFO"},  {15, "MX"},     {16, "TXT"},      {17, "RP"},         {18, "AFSDB"},
    {24, "SIG"},    {25, "KEY"},    {28, "AAAA"},     {29, "LOC"},        {33, "SRV"},
    {35, "NAPTR"},  {36, "KX"},     {37, "CERT"},     {39, "DNAME"},      {42, "APL"},
    {43, "DS"},     {44, "SSHFP"},  {45, "IPSECKEY"}, {46, "RRSIG"},      {47, "NSEC"},
    {48, "DNSKEY"}, {49, "DHCID"},  {50, "NSEC3"},    {51, "NSEC3PARAM"}, {52, "TLSA"},
    {53, "SMIMEA"}, {55, "HIP"},    {59, "CDS"},      {60, "CDNSKEY"},    {61, "OPENPGPKEY"},
    {62, "CSYNC"},  {63, "ZONEMD"}, {64, "SVCB"},     {65, "HTTPS"},      {108, "EUI48"},
    {109, "EUI64"}, {249, "TKEY"},  {250, "TSIG"},    {256, "URI"},       {257, "CAA"},
    {32768, "TA"},  {32769, "DLV"}, {0, NULL}};

bool dx_value_net(enum dx_decoder_id as, const uint8_t *p, size_t n, struct dx_buf *out)
{
    bool number = n == 1 || n == 2 || n == 4 || n == 8;
    bool set = number && dx_le(p, n) != 0;
    switch (as) {
    case DX_AS_IN_ADDR:
    case DX_AS_NET_IN_ADDR:
        if (n == 4) {
            put_address(AF_INET, p, out);
        }
        return n == 4;
    case DX_AS_IN6_ADDR:
    case DX_AS_NET_IN6_ADDR:
        if (n == 16) {
            put_address(AF_INET6, p, out);
        }
        return n == 16;
    case DX_AS_SOCKADDR:
    case DX_AS_NET_SOCKADDR:
        return put_socket(p, n, out);
    case DX_AS_MDNS_ACCEPTABLE:
        dx_buf_puts(out, !number ? "" : set ? "acceptable" : "unacceptable");
        return number;
    case DX_AS_MDNS_ADDRMV:
        dx_buf_puts(out, !number ? "" : set ? "add" : "rmv");
        return number;
    case DX_AS_MDNS_YESNO:
        dx_buf_puts(out, !number ? "" : set ? "yes" : "no");
        return number;
    case DX_AS_MDNS_COUNTS:
    case DX_AS_MDNS_IDFLAGS:
        return put_parts(as, p, n, out);
    case DX_AS_MDNS_HEADER:
        return put_header(p, n, out);
    case DX_AS_MDNS_PROTOCOL:
        return number && value_net_put_name(protocols, dx_le(p, n), out);
    case DX_AS_MDNS_REASON:
        return number && value_net_put_name(reasons, dx_le(p, n), out);
    case DX_AS_MDNS_RRTYPE:
        return number && value_net_put_name(types, dx_le(p, n), out);
    default:
        return false;
    }
}
