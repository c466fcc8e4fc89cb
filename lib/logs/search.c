/* The literals of all symptoms at once, ASCII case ignored, at several bytes a step.
 *
 * A piece of PIECE bytes stands for each literal (mkkb chooses it). Wherever it stands in a text,
 * one of STRIDE places in a row lies WINDOW bytes or more before its end, so it is enough to look
 * at every STRIDEth place of the text: a bit says whether the WINDOW bytes there can be part of a
 * piece, and only then the places where that piece would begin are compared. Of a piece that is
 * shorter, some windows hold bytes that are not its own: those may be any.
 *
 * Bytes are folded with a bit that makes letters small; what else that makes alike is parted
 * where literals are compared as a whole. */
#include <string.h>

#include "kb.h"
#include "logs/log.h"

#define PIECE 8
#define WINDOW 4
#define STRIDE (PIECE - WINDOW + 1)
#define WINDOW_BITS 18 /* of the hash of a window: 32 KiB */
#define PIECE_BITS 15  /* of the hash of a piece: 4 KiB, which stay near the processor */
#define FOLD UINT64_C(0x2020202020202020)
#define NO_ENTRY UINT16_MAX

struct search_entry {
    const char *literal;
    uint16_t row, next; /* next: literal with the same piece */
    uint8_t at;         /* where the piece begins in the literal */
};

struct search_slot {
    uint64_t piece; /* folded; 0: free */
    uint16_t first; /* entry */
};

struct dx_search {
    uint64_t windows[(1 << WINDOW_BITS) / 64];
    uint64_t pieces[(1 << PIECE_BITS) / 64];        /* of PIECE bytes */
    uint64_t short_windows[(1 << PIECE_BITS) / 64]; /* of pieces with less */
    struct search_slot *slots;
    size_t slot_count; /* a power of 2 */
    struct search_entry *entries;
    size_t count, cap;
    bool has[PIECE]; /* pieces of that length */
};

/* ---- bytes as numbers -------------------------------------------------------------------------
 */

static uint32_t search_hash(uint32_t window)
{
    return (window * UINT32_C(0x9e3779b1)) >> (32 - WINDOW_BITS);
}

static uint32_t search_piece_hash(uint64_t piece)
{
    return (uint32_t)((piece * UINT64_C(0x9e3779b97f4a7c15)) >> (64 - PIECE_BITS));
}

static void search_set_bit(uint64_t *bits, uint32_t i)
{
    bits[i / 64] |= UINT64_C(1) << i % 64;
}

static bool search_bit(const uint64_t *bits, uint32_t i)
{
    return bits[i / 64] >> i % 64 & 1;
}

static uint32_t search_window(const char *p)
{
    uint32_t w;
    memcpy(&w, p, sizeof w);
    return w | (uint32_t)FOLD;
}

/* The first n bytes, the rest is 0. */
static uint64_t search_first(uint64_t eight, size_t n)
{
    uint64_t mask = 0;
    memset(&mask, 0xff, n);
    return eight & mask;
}

/* PIECE bytes from there on; what lies outside of the text is blank. */
static uint64_t search_eight(struct dx_str text, ptrdiff_t at)
{
    char bytes[PIECE];
    uint64_t eight;
    if (at >= 0 && text.n >= PIECE && (size_t)at <= text.n - PIECE) {
        memcpy(bytes, text.p + at, PIECE);
    } else {
        for (ptrdiff_t i = 0; i < PIECE; i++) {
            bytes[i] = at + i >= 0 && (size_t)(at + i) < text.n ? text.p[at + i] : ' ';
        }
    }
    memcpy(&eight, bytes, PIECE);
    return eight | FOLD;
}

static size_t search_slot_of(const struct dx_search *s, uint64_t piece)
{
    size_t i = search_piece_hash(piece) & (s->slot_count - 1);
    while (s->slots[i].piece && s->slots[i].piece != piece) {
        i = (i + 1) & (s->slot_count - 1);
    }
    return i;
}

/* ---- getting ready ----------------------------------------------------------------------------
 */

/* Of STRIDE windows in a row, the first begins so much before a piece of n bytes. */
static ptrdiff_t search_lead(size_t n)
{
    return (ptrdiff_t)(PIECE - n) / 2;
}

/* Sets the bits of a window, from its byte i on whatever may stand there. */
static void search_add_window(struct dx_search *s, char *window, const bool *own, size_t i,
                              bool is_short)
{
    while (i < WINDOW && own[i]) {
        i++;
    }
    if (i == WINDOW) {
        uint32_t h = search_hash(search_window(window));
        search_set_bit(s->windows, h);
        if (is_short) {
            search_set_bit(s->short_windows, h >> (WINDOW_BITS - PIECE_BITS));
        }
        return;
    }
    for (int c = 0; c < 256; c++) {
        if (c & 0x20) {
            window[i] = (char)c;
            search_add_window(s, window, own, i + 1, is_short);
        }
    }
}

static void search_add_windows(struct dx_search *s, const char *piece, size_t n)
{
    for (ptrdiff_t k = 0; k < STRIDE; k++) {
        char window[WINDOW] = {0};
        bool own[WINDOW];
        for (ptrdiff_t i = 0; i < WINDOW; i++) {
            ptrdiff_t at = k - search_lead(n) + i;
            own[i] = at >= 0 && at < (ptrdiff_t)n;
            window[i] = own[i] ? piece[at] : 0;
        }
        search_add_window(s, window, own, 0, n < PIECE);
    }
}

static void search_add(struct dx_search *s, uint16_t index)
{
    const struct search_entry *e = &s->entries[index];
    struct dx_str piece = {e->literal + e->at, strnlen(e->literal + e->at, PIECE)};
    size_t slot = search_slot_of(s, search_first(search_eight(piece, 0), piece.n));
    if (!s->slots[slot].piece) {
        s->slots[slot] =
            (struct search_slot){search_first(search_eight(piece, 0), piece.n), NO_ENTRY};
        if (piece.n < PIECE) {
            s->has[piece.n] = true;
        } else {
            search_set_bit(s->pieces, search_piece_hash(s->slots[slot].piece));
        }
        search_add_windows(s, piece.p, piece.n);
    }
    s->entries[index].next = s->slots[slot].first;
    s->slots[slot].first = index;
}

struct dx_search *dx_search_new(struct dx_arena *a)
{
    struct dx_search *s = dx_alloc(a, sizeof *s);
    const uint8_t *at = kb_symptom_pieces;
    for (size_t i = 0; i < kb_symptom_count; i++) {
        for (const char *l = kb_first(kb_symptom_rows[i].literal); *l; l = kb_next(l)) {
            struct search_entry e = {.literal = l, .row = (uint16_t)i, .at = *at};
            *DX_PUSH(a, s->entries, s->count, s->cap) = e;
            at++;
        }
    }
    for (s->slot_count = 64; s->slot_count < s->count * 2;) {
        s->slot_count *= 2;
    }
    s->slots = dx_calloc(a, s->slot_count, sizeof *s->slots);
    for (size_t i = 0; i < s->count; i++) {
        search_add(s, (uint16_t)i);
    }
    return s;
}

/* ---- searching --------------------------------------------------------------------------------
 */

struct searching {
    const struct dx_search *search;
    struct dx_str text;
    uint64_t *rows;  /* bit set of rows whose literals occur, or NULL */
    uint64_t *marks; /* bit set of grains in which pieces end, or NULL */
    bool found;
};

static char search_lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

/* Whether the literal stands in the text where its piece does. */
static bool search_holds(struct dx_str text, const struct search_entry *e, size_t piece)
{
    if (piece < e->at) {
        return false;
    }
    size_t i = piece - e->at;
    const char *l = e->literal;
    while (*l && i < text.n && search_lower(*l) == search_lower(text.p[i])) {
        l++;
        i++;
    }
    return *l == 0;
}

static void search_piece(struct searching *g, const struct search_slot *slot, size_t at, size_t n)
{
    if (g->marks) {
        size_t grain = (at + n - 1) / DX_GRAIN;
        g->marks[grain / 64] |= UINT64_C(1) << grain % 64;
        return;
    }
    for (uint16_t i = slot->first; i != NO_ENTRY; i = g->search->entries[i].next) {
        const struct search_entry *e = &g->search->entries[i];
        if (search_holds(g->text, e, at)) {
            g->found = true;
            if (g->rows) {
                g->rows[e->row / 64] |= UINT64_C(1) << e->row % 64;
            }
        }
    }
}

/* Pieces of n bytes one of whose windows can stand at that place. */
static void search_look_for(struct searching *g, size_t at, size_t n)
{
    for (ptrdiff_t k = 0; k < STRIDE; k++) {
        ptrdiff_t begin = (ptrdiff_t)at + search_lead(n) - k;
        uint64_t piece = search_first(search_eight(g->text, begin), n);
        const struct search_slot *slot = &g->search->slots[search_slot_of(g->search, piece)];
        if (slot->piece && begin >= 0 && (size_t)begin + n <= g->text.n) {
            search_piece(g, slot, (size_t)begin, n);
        }
    }
}

static bool search_has_piece(const struct dx_search *s, const char *p)
{
    uint64_t eight;
    memcpy(&eight, p, sizeof eight);
    return search_bit(s->pieces, search_piece_hash(eight | FOLD));
}

/* Most windows are those of other words. */
static bool search_is_worth(const struct searching *g, size_t at)
{
    const char *p = g->text.p + at;
    bool any = false;
    if (at < PIECE || g->text.n - at < PIECE) {
        return true;
    }
    for (ptrdiff_t k = 0; k < STRIDE; k++) {
        any |= search_has_piece(g->search, p - k);
    }
    return any;
}

/* The window at that place is one of some piece: of which? */
static void search_look(struct searching *g, size_t at, uint32_t hash)
{
    if (search_is_worth(g, at)) {
        search_look_for(g, at, PIECE);
    }
    if (search_bit(g->search->short_windows, hash >> (WINDOW_BITS - PIECE_BITS))) {
        for (size_t n = 1; n < PIECE; n++) {
            if (g->search->has[n]) {
                search_look_for(g, at, n);
            }
        }
    }
}

static void search_run(struct searching *g)
{
    const uint64_t *windows = g->search->windows;
    struct dx_str t = g->text;
    size_t at = 0;
    for (; at + WINDOW <= t.n; at += STRIDE) {
        uint32_t h = search_hash(search_window(t.p + at));
        if (search_bit(windows, h)) {
            search_look(g, at, h);
        }
    }
    if (at < t.n) { /* a window that reaches over the end: of a short piece */
        uint64_t eight = search_eight(t, (ptrdiff_t)at);
        uint32_t window;
        memcpy(&window, &eight, sizeof window);
        search_look(g, at, search_hash(window));
    }
}

bool dx_search_rows(const struct dx_search *s, struct dx_str text, uint64_t *rows)
{
    struct searching g = {.search = s, .text = text, .rows = rows};
    if (rows) {
        memset(rows, 0, (kb_symptom_count + 63) / 64 * sizeof *rows);
    }
    search_run(&g);
    return g.found;
}

void dx_search_mark(const struct dx_search *s, struct dx_str text, uint64_t *marks)
{
    struct searching g = {.search = s, .text = text};
    g.marks = marks;
    search_run(&g);
}
