/* unified/unified.h: inside of the reader of Apple's unified log.
 *
 * archive.c finds the files of an archive, trace.c lists the chunks of a tracev3 file, catalog.c
 * reads what a catalog says of processes, chunks.c unpacks a chunk set and lists its entries,
 * entry.c takes one entry apart, glance.c only as far as most need it, strings.c finds its format
 * string, format.c and render.c make the message, value.c and its neighbours show annotated values,
 * clock.c turns the kernel's time into wall-clock time, order.c brings all of it into the order of
 * time.
 *
 * The structures are those of libyal's "Apple Unified Logging and Activity Tracing formats"
 * (github.com/libyal/dtformats, documentation); what the kinds of arguments mean is in clang's
 * OSLog.h, whose compiler built-in writes them. docs/unified-log.md says more.
 *
 * An open archive does not change, but for the tables of string files and formats, which are behind
 * a lock: several threads may decode chunk sets of it. */
#ifndef DX_UNIFIED_H
#define DX_UNIFIED_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/ctx.h"
#include "dext/unified.h"
#include "unified/bytes.h"

#define DX_UUID 16

/* ---- clock.c: timesync ------------------------------------------------------------------------
 */

struct dx_sync {
    uint64_t ticks; /* continuous time of the kernel since boot */
    int64_t wall;   /* nanoseconds since 1970 */
    int zone;       /* minutes east of UTC, summer time included */
};

struct dx_boot {
    uint8_t uuid[DX_UUID];
    uint32_t numer, denom; /* nanoseconds of a tick */
    int64_t wall;          /* at boot */
    int zone;
    bool synced; /* from a timesync file; else made up from a tracev3 file's header */
    bool used;   /* there are entries of it */
    struct dx_sync *syncs;
    size_t count, cap;
    unsigned rank; /* place among the boots, in the order of time */
};

/* Reads a timesync file into the table of boots; what is damaged is told and left out. */
void dx_clock_read(struct dext_unified *u, const char *shown, const uint8_t *p, size_t n);
struct dx_boot *dx_clock_boot(struct dext_unified *u, const uint8_t *uuid);
void dx_clock_ready(struct dext_unified *u);
int64_t dx_clock_wall(const struct dx_boot *b, uint64_t ticks, int *zone);
/* The earliest and latest wall time within; the clock may be set in between. */
void dx_clock_span(const struct dx_boot *b, uint64_t from, uint64_t to, int64_t *first,
                   int64_t *last);

/* ---- format.c ---------------------------------------------------------------------------------
 */

enum dx_decoder_id {
#define DECODER(id, name) DX_AS_##id,
#include "unified/decoders.def"
#undef DECODER
    DX_AS_COUNT
};

#define DX_STAR (-2) /* width or precision is an argument */

/* One conversion, and the literal text before it. */
struct dx_op {
    struct dx_str before;
    struct dx_str spec; /* as written, for complaints */
    uint8_t as;         /* enum dx_decoder_id */
    char conv;          /* d i u x X o c C s S @ P m p f e g a n ... */
    char size;          /* H: char, h: short, others 0: the argument's own */
    bool minus, plus, space, zero, alt, sensitive;
    int width, precision; /* -1: none */
};

struct dx_sender {
    const uint8_t *uuid; /* NULL: not known */
    const char *path;    /* "": not known */
    uint64_t base;       /* of the text, which the program counter is relative to */
};

/* A format string with its image. Lives as long as the archive. */
struct dx_format {
    struct dx_str text;           /* p is NULL: not found */
    _Atomic(const void *) judged; /* whoever matches formats keeps its verdict here */
    struct dx_sender image;
    const struct dx_op *ops;
    size_t count;
    struct dx_str after; /* literal text behind the last conversion */
    bool bounds;         /* image is there, the string is not */
};

void dx_format_parse(struct dx_arena *a, struct dx_format *f);

/* ---- strings.c: uuidtext and shared-cache strings -----------------------------------------------
 */

struct dx_range {
    uint64_t start, size; /* of references */
    size_t at;            /* in the file */
    uint32_t image;
};

struct dx_strings {
    struct dx_strings *next; /* in the hash table */
    uint8_t uuid[DX_UUID];
    bool shared, missing; /* shared: a shared cache */
    const uint8_t *data;
    size_t size;
    bool mapped;
    struct dx_range *ranges; /* sorted by start */
    size_t range_count;
    struct dx_range *texts; /* of a shared cache: the images' text, sorted */
    struct dx_sender *images;
    size_t image_count;
    struct dx_format *none; /* for whoever asks when there are too many */
};

/* The string file of that name; never NULL, but perhaps missing. */
struct dx_strings *dx_strings_find(struct dext_unified *u, const uint8_t *uuid, bool shared);
/* Fills s from s->data; false: told. */
bool dx_strings_parse(struct dext_unified *u, struct dx_strings *s, const char *shown);
/* The format at a reference of a string file; never NULL. */
struct dx_format *dx_strings_format(struct dext_unified *u, struct dx_strings *s, uint64_t ref,
                                    bool dynamic);

/* ---- catalog.c --------------------------------------------------------------------------------
 */

struct dx_load {
    uint64_t start, size;
    const uint8_t *uuid;
};

struct dx_subsystem {
    uint16_t id;
    const char *name, *category;
};

struct dx_process {
    uint64_t first;
    uint32_t second, pid, euid;
    struct dx_strings *main, *cache; /* NULL: none */
    struct dx_load *loads;
    size_t load_count;
    struct dx_subsystem *subsystems; /* sorted by id */
    size_t subsystem_count;
    const char *name; /* last component of the path, or "" */
};

struct dx_catalog {
    struct dx_process *processes; /* sorted by first, second */
    size_t count;
};

/* A chunk set that the catalog announces: its times. */
struct dx_span {
    uint64_t from, to;
};

struct dx_catalog *dx_catalog_read(struct dext_unified *u, const char *shown, const uint8_t *p,
                                   size_t n, struct dx_span **spans, size_t *span_count);
const struct dx_process *dx_catalog_find(const struct dx_catalog *c, uint64_t first,
                                         uint32_t second);
const struct dx_subsystem *dx_process_subsystem(const struct dx_process *p, uint16_t id);

/* ---- trace.c: a tracev3 file --------------------------------------------------------------------
 */

struct dx_trace {
    const char *shown;
    const uint8_t *data; /* of the file; NULL when it comes as a stream */
    size_t size;
    size_t given_back; /* of what is mapped, so many bytes were looked through */
    bool mapped;
    struct dx_boot *boot;
    const char *zone; /* "Europe/Berlin", or "" */
};

struct dx_set {
    struct dx_trace *trace;
    const struct dx_catalog *catalog;
    const uint8_t *data; /* the packed bytes */
    size_t size, offset; /* of the file, for messages */
    uint64_t from, to;   /* ticks */
};

/* The header; false: it is none, told. */
bool dx_trace_header(struct dext_unified *u, struct dx_trace *t, const uint8_t *p, size_t n);
/* The bytes of a set that was looked through may leave memory. */
void dx_set_done(const struct dx_set *set);
/* Lists the chunk sets of a whole file. */
void dx_trace_list(struct dext_unified *u, struct dx_trace *t);

/* A tracev3 file that comes in pieces: each chunk set is handed over when its catalog and bytes are
 * there; they are gone when the call returns. */
struct dx_stream;
struct dx_stream *dx_stream_new(struct dext_unified *u, const char *shown,
                                void (*on_set)(void *user, const struct dx_set *set), void *user);
void dx_stream_feed(struct dx_stream *s, const uint8_t *p, size_t n);
void dx_stream_end(struct dx_stream *s);

/* ---- chunks.c: a chunk set ----------------------------------------------------------------------
 */

/* An entry where it stands, before it is taken apart. */
struct dx_raw {
    uint64_t ticks;
    uint32_t chunk; /* offset of its chunk in the unpacked set */
    uint32_t at;    /* of a firehose entry: offset in the set; 0: the chunk is the entry */
};

struct dx_oversize {
    struct dx_oversize *next; /* in the archive's table */
    const struct dx_boot *boot;
    uint64_t first;
    uint32_t second, ref;
    uint32_t chunk; /* offset in the set, or 0 */
    const uint8_t *copy;
    size_t size;
};

/* Formats that one thread asked for, so that it need not lock for each entry. */
struct dx_near {
    const struct dx_strings *strings;
    uint64_t key; /* the reference, and whether it is dynamic */
    struct dx_format *format;
};

struct dx_seen; /* glance.c: string files that were found for addresses and UUIDs */

/* An unpacked chunk set. Zero it first; the same can be used again and again. */
struct dx_unpacked {
    const struct dx_set *set;
    uint8_t *data;
    size_t size, cap;
    struct dx_raw *raw;
    size_t count, raw_cap;
    struct dx_oversize *over;
    size_t over_count, over_cap;
    const struct dx_process *process; /* of the last entry that was taken apart */
    struct dx_near *near;             /* formats that were looked up: near_n slots */
    size_t near_n;                    /* 0, or a power of 2 */
    struct dx_seen *seen;
    uint64_t first;
    uint32_t second;
};

/* Unpacks and lists entries as they stand; what cannot be read is told and counted. */
void dx_unpack_set(struct dext_unified *u, const struct dx_set *set, struct dx_unpacked *out);
/* By time; at the same time as they stand. */
void dx_raws_sort(struct dx_raw *raw, size_t count);
void dx_unpacked_free(struct dx_unpacked *x);
/* The body of an oversize chunk of the same set, or of another one of the archive. */
bool dx_oversize_find(struct dext_unified *u, const struct dx_unpacked *x, uint64_t first,
                      uint32_t second, uint32_t ref, struct dx_cur *out);
/* Keeps those of a set for others, up to a limit. */
void dx_oversize_keep(struct dext_unified *u, const struct dx_unpacked *x);

#define DX_CHUNK_HEADER 0x1000u
#define DX_CHUNK_FIREHOSE 0x6001u
#define DX_CHUNK_OVERSIZE 0x6002u
#define DX_CHUNK_STATE 0x6003u
#define DX_CHUNK_SIMPLE 0x6004u
#define DX_CHUNK_CATALOG 0x600bu
#define DX_CHUNK_SET 0x600du
#define DX_SET_BYTES ((size_t)64 << 20)   /* a set unpacks to at most; real ones stay below 1 MB */
#define DX_FILE_BYTES ((size_t)512 << 20) /* of a tracev3 file that is read into memory */

/* ---- entry.c ----------------------------------------------------------------------------------
 */

/* Flags of an entry. */
enum {
    DX_HAS_ACTIVITY = 0x0001,
    DX_STRINGS = 0x000e, /* where the format string is */
    DX_HAS_PID = 0x0010,
    DX_HAS_LARGE = 0x0020,
    DX_HAS_PRIVATE = 0x0100,
    DX_HAS_SUBSYSTEM = 0x0200, /* of an activity: the other activity */
    DX_HAS_RULES = 0x0400,
    DX_HAS_OVERSIZE = 0x0800,
    DX_HAS_NAME = 0x8000,
};

enum {
    DX_IN_MAIN = 0x0002,   /* of the process's executable */
    DX_IN_CACHE = 0x0004,  /* in the shared cache */
    DX_IN_LOADED = 0x0008, /* of the image that was loaded at the address */
    DX_IN_UUID = 0x000a,   /* of the image whose UUID is in the entry */
    DX_IN_LARGE_CACHE = 0x000c,
};

enum {
    DX_REC_ACTIVITY = 2,
    DX_REC_TRACE = 3,
    DX_REC_LOG = 4,
    DX_REC_SIGNPOST = 6,
    DX_REC_LOSS = 7,
};

/* Where an entry says its string and code are. */
struct dx_place {
    uint32_t low;
    uint16_t large, high, cache;
    const uint8_t *uuid;
};

/* An entry taken apart, nothing rendered. Pointers lead into the unpacked set and the archive. */
struct dx_entry {
    const struct dx_unpacked *from;
    const struct dx_process *process; /* NULL: the catalog does not know it */
    uint8_t kind;                     /* enum dext_unified_kind */
    uint8_t type;                     /* log type, as stored */
    uint8_t ttl;
    uint16_t flags;
    uint32_t reference; /* as stored */
    uint64_t ticks, thread;
    uint64_t activity, parent, creator, signpost;
    uint64_t pc;
    const char *subsystem, *category; /* "" */
    struct dx_format *format;         /* NULL: state, simple dump, loss */
    struct dx_format *name;           /* of a signpost */
    struct dx_sender image;
    uint64_t lost, lost_from, lost_to;
    /* arguments */
    const uint8_t *items; /* count of them, up to items_end */
    const uint8_t *items_end;
    unsigned count;
    struct dx_str values, secrets; /* public, private data */
    bool incomplete;               /* its arguments are in an oversize chunk that is not there */
    bool trace;                    /* arguments as the kind trace stores them */
    /* simple dump and state */
    struct dx_str text;
    unsigned state_kind; /* 1 property list, 2 protocol buffer, 3 custom */
    const char *state_library, *state_type, *state_title;
};

/* false: damaged, told. a: for the strings of dumps. */
bool dx_entry_read(struct dext_unified *u, struct dx_unpacked *x, const struct dx_raw *raw,
                   struct dx_entry *out, struct dx_arena *a);

/* Parts of that, for glance.c. The string file an entry refers to, or NULL; base: of the image that
 * was loaded there. */
struct dx_strings *dx_entry_strings(struct dext_unified *u, const struct dx_process *p,
                                    uint16_t flags, const struct dx_place *at, uint64_t *base);
const struct dx_process *dx_entry_process(struct dx_unpacked *x, const struct dx_raw *raw);
void dx_entry_items(struct dx_cur *in, struct dx_entry *e);
void dx_entry_private(const struct dx_unpacked *x, const struct dx_raw *raw, uint16_t offset,
                      uint16_t n, struct dx_entry *e);

/* ---- glance.c ---------------------------------------------------------------------------------
 */

enum dx_glance {
    DX_GLANCE_READ, /* by dx_entry_read: it is of another kind, or something is wrong with it */
    DX_GLANCE_PASS, /* not a message, and not damaged */
    DX_GLANCE_LOOK, /* a message */
};

/* Of a message sets process, format, secrets and where arguments are, nothing else: what e was
 * before stays, and is to be zero at first. */
enum dx_glance dx_entry_glance(struct dext_unified *u, struct dx_unpacked *x,
                               const struct dx_raw *raw, struct dx_entry *e);
/* Takes its arguments apart; false: damaged, it has to be read by dx_entry_read. */
bool dx_glance_arguments(struct dx_entry *e);

/* The format of a reference. The highest bit of it says that there is no string: the message is the
 * argument. What does not fit into 31 bits stands elsewhere in the entry. NULL: s is. */
struct dx_format *dx_entry_format(struct dext_unified *u, struct dx_unpacked *x,
                                  struct dx_strings *s, uint32_t stored, uint64_t large);

/* ---- render.c ---------------------------------------------------------------------------------
 */

#define DX_MESSAGE_BYTES ((size_t)1 << 20)

/* An argument as it is stored. */
struct dx_arg {
    uint8_t kind; /* upper four bits: 0 number, 1 count, 2 text, 3 bytes, 4 object, 5 wide text, 6
                   * errno, 7 name of a mask, 15 masked */
    uint8_t privacy; /* lower four: 1 private, 2 public, 5 sensitive */
    const uint8_t *p;
    size_t n;
    bool hidden, damaged;
};

/* Takes the next argument off; false: none is left. */
struct dx_args {
    struct dx_cur in;
    const struct dx_entry *entry;
    unsigned left;
    size_t trace_size_at, trace_at;
};
void dx_args_begin(struct dx_args *i, const struct dx_entry *e);
bool dx_args_next(struct dx_args *i, struct dx_arg *out);

/* The next argument that is a value for op; widths and precisions stand before it. */
bool dx_args_value(struct dx_args *i, const struct dx_op *op, int *width, int *precision,
                   struct dx_arg *item);

/* Appends the message of an entry. */
void dx_render(struct dext_unified *u, const struct dx_entry *e, struct dx_buf *out);
/* One argument through one conversion. */
void dx_render_value(const struct dx_op *op, int width, int precision, const struct dx_arg *item,
                     struct dx_buf *out);
/* The message of a state dump; what a property list holds. */
void dx_render_plist(const uint8_t *p, size_t n, struct dx_buf *out);
void dx_render_state(const struct dx_entry *e, struct dx_buf *out);

/* ---- value.c, value_errno.c, value_net.c, value_location.c --------------------------------------
 */

/* Shows n bytes as the annotation says; false: they cannot be (size), and nothing was added. text:
 * the argument is text. */
bool dx_annotated(enum dx_decoder_id as, const struct dx_op *op, const uint8_t *p, size_t n,
                  struct dx_buf *out);
bool dx_value_net(enum dx_decoder_id as, const uint8_t *p, size_t n, struct dx_buf *out);
bool dx_value_place(enum dx_decoder_id as, const uint8_t *p, size_t n, struct dx_buf *out);
bool dx_value_directory(enum dx_decoder_id as, const uint8_t *p, size_t n, struct dx_buf *out);
const char *dx_errno_text(uint64_t number); /* as Darwin's strerror(3) says it, or NULL */
void dx_put_uuid(struct dx_buf *out, const uint8_t *uuid);
void dx_put_base64(struct dx_buf *out, const uint8_t *p, size_t n);

/* ---- archive.c ----------------------------------------------------------------------------------
 */

/* A string file whose bytes were read from an archive. */
struct dx_kept {
    struct dx_kept *next;
    uint8_t uuid[DX_UUID];
    bool shared;
    const char *shown;
    const uint8_t *data;
    size_t size;
};

#define DX_TABLE 4096
#define DX_FORMATS 16384

struct dx_format_slot {
    struct dx_format_slot *next;
    const struct dx_strings *strings;
    uint64_t ref;
    bool dynamic;
    struct dx_format format;
};

struct dext_unified {
    struct dext_ctx *ctx;
    const char *path;
    struct dx_arena arena; /* of what lives as long as the archive */
    pthread_mutex_t lock;  /* of arena, strings, formats, notes, oversize */
    const char *roots[4];  /* folders with uuidtext files */
    size_t root_count;
    struct dx_kept *kept;
    struct dx_strings *strings[DX_TABLE];
    size_t string_count;
    struct dx_format_slot *formats[DX_FORMATS];
    size_t format_count;
    struct dx_boot **boots; /* in the order of time once dx_clock_ready was called */
    size_t boot_count, boot_cap;
    struct dx_trace **traces;
    size_t trace_count, trace_cap;
    struct dx_set *sets;
    size_t set_count, set_cap;
    bool over_listed; /* oversize chunks of all sets are in over */
    struct dx_oversize *over[DX_TABLE];
    size_t over_bytes;
    struct dext_unified_counts counts;
    const char **notes;
    size_t note_count, note_cap;
    struct dx_buf scratch; /* the message that was rendered last */
    int64_t first, last;   /* times of entries that were handed out */
    bool told_any;
};

void dx_note(struct dext_unified *u, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Adds to a counter from any thread. */
#define DX_COUNT(u, field, n) __atomic_fetch_add(&(u)->counts.field, (n), __ATOMIC_RELAXED)

/* What a file of an archive is, by its path; uuid of those with strings. */
enum dx_part_kind {
    DX_PART_NONE,
    DX_PART_TRACE,
    DX_PART_CLOCK,
    DX_PART_STRINGS,
    DX_PART_CACHE,
};
enum dx_part_kind dx_part_of(const char *path, uint8_t *uuid);

struct dext_unified *dx_unified_new(struct dext_ctx *ctx, const char *path);

/* Maps a file; false: told, unless it is not there. */
bool dx_map(struct dext_unified *u, const char *path, size_t most, const uint8_t **data,
            size_t *size, bool *mapped);
void dx_unmap(const uint8_t *data, size_t size, bool mapped);

void dx_public(struct dext_unified *u, const struct dx_entry *e, struct dext_unified_entry *out);

#endif
