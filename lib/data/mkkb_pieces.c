/* Which piece of each literal logs are searched for (lib/logs/search.c): as long as that search
 * wants, and as rare as can be told beforehand. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mkkb.h"

#define PIECE 8 /* bytes; shorter literals are a piece as they are */
#define WINDOW 4

/* What stands in every second line of some log: the keys of log(1)'s JSON (as they stand in
 * bench/log.py), paths, columns, and the words of daemons. */
static const char everyday[] =
    "{\"traceID\":,\"eventMessage\":\"\",\"eventType\":\"logEvent\",\"source\":null,"
    "\"formatString\":\"%{public}s\",\"activityIdentifier\":0,\"subsystem\":\"com.apple.\","
    "\"category\":\"default\",\"threadID\":,\"senderImageUUID\":\"\",\"backtrace\":{\"frames\":["
    "{\"imageOffset\":0,\"imageUUID\":\"\"}]},\"bootUUID\":\"\",\"processImagePath\":\"\","
    "\"senderImagePath\":\"\",\"timestamp\":\"2026-03-15 00:00:00.000000+0100\","
    "\"machTimestamp\":,\"messageType\":\"default\",\"processImageUUID\":\"\",\"processID\":,"
    "\"senderProgramCounter\":,\"parentActivityIdentifier\":0,\"timezoneName\":\"\"} "
    "system library privateframeworks .framework versions resources extensions libexec contents "
    "macos coreservices .app applications error info debug 0x0 0x00000000 kernel: sandbox deny "
    "applemobilefileintegrity amfid sysextd systemextensions driverkit .dext (null) request "
    "connection configuration received update bundle process client failed cannot could not from "
    "with for the was is in of to ing matching activating state notification property default "
    "manager service user server";

/* By the hash of a window; a collision makes a piece look commoner than it is. */
#define HASHES (1u << 16)
static bool is_everyday[HASHES], is_searched[HASHES];

static unsigned char pieces_lower(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

static uint32_t pieces_hash(const char *window)
{
    uint32_t h = 0;
    for (size_t i = 0; i < WINDOW; i++) {
        h = (h ^ pieces_lower(window[i])) * 0x9e3779b1U;
    }
    return h >> 16;
}

/* How common a character is in logs, of 26: letters as in English, digits and spaces like "a". */
static unsigned commonness(unsigned char c)
{
    static const char letters[] = "zqjxkvbpygfwmucldrhsnioate";
    const char *at = c ? strchr(letters, c) : NULL;
    return at                                   ? (unsigned)(at - letters) + 1
           : c == ' ' || (c >= '0' && c <= '9') ? 24
           : strchr(":._-", c)                  ? 14
                                                : 1;
}

/* What it costs to look closer wherever the window stands. One that is searched for already costs
 * no more. */
static unsigned long window_cost(const char *window)
{
    unsigned long cost = 1;
    uint32_t h = pieces_hash(window);
    for (size_t i = 0; i < WINDOW; i++) {
        cost *= commonness(pieces_lower(window[i]));
    }
    return is_searched[h] ? 0 : cost + (is_everyday[h] ? 2000000 : 0);
}

static size_t rarest_piece(const char *s, size_t n)
{
    unsigned long least = 0;
    size_t best = 0;
    for (size_t i = 0; i + PIECE <= n && i < UINT8_MAX; i++) {
        unsigned long cost = 0;
        for (size_t k = 0; k + WINDOW <= PIECE; k++) {
            cost += window_cost(s + i + k);
        }
        if (i == 0 || cost < least) {
            least = cost;
            best = i;
        }
    }
    for (size_t k = 0; n >= PIECE && k + WINDOW <= PIECE; k++) {
        is_searched[pieces_hash(s + best + k)] = true;
    }
    return best;
}

struct chosen {
    const char *text;
    size_t n, order, at;
};

/* The short ones have no choice: they come first, and the others may share what they need. */
static int pieces_by_length(const void *x, const void *y)
{
    const struct chosen *a = x, *b = y;
    return a->n != b->n           ? (a->n < b->n ? -1 : 1)
           : a->order != b->order ? (a->order < b->order ? -1 : 1)
                                  : 0;
}

static int pieces_by_order(const void *x, const void *y)
{
    const struct chosen *a = x, *b = y;
    return a->order < b->order ? -1 : a->order > b->order;
}

static struct chosen *pieces_collect(size_t *count)
{
    size_t t = 0, cap = 0;
    struct chosen *list = NULL;
    while (strcmp(tables[t].name, "symptom") != 0) {
        t++;
    }
    int literal = field_index(&tables[t], "literal");
    for (size_t i = 0; i < all[t].count; i++) {
        const char *value = all[t].row[i].value[literal];
        for (const char *p = value ? value : ""; *p;) {
            size_t n = strcspn(p, "\x01");
            if (*count == cap) {
                cap = cap ? cap * 2 : 256;
                list = need(realloc(list, cap * sizeof *list));
            }
            list[*count] = (struct chosen){p, n, *count, 0};
            *count += 1;
            p += n + (p[n] == '\x01');
        }
    }
    return list;
}

void write_pieces(FILE *c)
{
    size_t count = 0;
    struct chosen *list = pieces_collect(&count);
    for (size_t i = 0; i + WINDOW < sizeof everyday; i++) {
        is_everyday[pieces_hash(everyday + i)] = true;
    }
    qsort(list, count, sizeof *list, pieces_by_length);
    for (size_t i = 0; i < count; i++) {
        list[i].at = rarest_piece(list[i].text, list[i].n);
    }
    qsort(list, count, sizeof *list, pieces_by_order);
    (void)fprintf(c, "const uint8_t kb_symptom_pieces[] = {");
    for (size_t i = 0; i < count; i++) {
        (void)fprintf(c, "%s%zu,", i % 20 ? "" : "\n    ", list[i].at);
    }
    (void)fprintf(c, "0};\n\n");
    free(list);
}
