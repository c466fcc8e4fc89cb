/* Many literals at once (Aho and Corasick, 1975), ASCII case folded. Bytes that no literal holds
 * share one class, which keeps the table small enough for the second-level cache. */
#include <string.h>

#include "logs/log.h"

#define NONE UINT16_MAX
#define MOST_BYTES 16 /* of a literal that are searched: more would tell little and cost cache */
#define ENDS UINT32_C(0x80000000)

struct literal {
    const char *text;
    size_t n;
    size_t row;
    uint16_t next; /* literal that ends in the same state */
};

struct dx_literals {
    struct dx_arena *arena;
    struct literal *list;
    size_t count, cap, rows;
    unsigned char class_of[256];
    unsigned classes;
    /* [state * classes + class]: a state while it is built; then the state times classes, with ENDS
     * when a literal ends in it, so that the search needs one look-up a byte. */
    uint32_t *next;
    uint16_t *ends;  /* first literal that ends in a state, or NONE */
    uint16_t *above; /* nearest shorter suffix in which one ends, or 0 */
    uint16_t states;
};

struct dx_literals *dx_literals_new(struct dx_arena *a, size_t rows)
{
    struct dx_literals *l = dx_alloc(a, sizeof *l);
    l->arena = a;
    l->rows = rows;
    return l;
}

void dx_literals_add(struct dx_literals *l, const char *text, size_t row)
{
    *DX_PUSH(l->arena, l->list, l->count, l->cap) =
        (struct literal){text, strnlen(text, MOST_BYTES), row, NONE};
}

static unsigned char literal_fold(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : c;
}

static size_t make_classes(struct dx_literals *l)
{
    size_t bytes = 1;
    l->classes = 1;
    for (size_t i = 0; i < l->count; i++) {
        bytes += l->list[i].n;
        for (size_t k = 0; k < l->list[i].n; k++) {
            unsigned char c = literal_fold((unsigned char)l->list[i].text[k]);
            if (!l->class_of[c]) {
                l->class_of[c] = (unsigned char)l->classes++;
            }
        }
    }
    for (int c = 'A'; c <= 'Z'; c++) {
        l->class_of[c] = l->class_of[literal_fold((unsigned char)c)];
    }
    return bytes;
}

static void insert(struct dx_literals *l, uint16_t index)
{
    uint16_t state = 0;
    for (size_t k = 0; k < l->list[index].n; k++) {
        unsigned char c = (unsigned char)l->list[index].text[k];
        uint32_t *to = &l->next[(size_t)state * l->classes + l->class_of[c]];
        if (!*to) {
            *to = l->states++;
        }
        state = (uint16_t)*to;
    }
    l->list[index].next = l->ends[state];
    l->ends[state] = index;
}

/* Breadth first: a missing step goes where the longest proper suffix goes. */
static void link_states(struct dx_literals *l, size_t most)
{
    uint16_t *queue = dx_calloc(l->arena, most, sizeof *queue);
    uint16_t *suffix = dx_calloc(l->arena, most, sizeof *suffix);
    size_t head = 0, tail = 0;
    for (unsigned c = 0; c < l->classes; c++) {
        if (l->next[c]) {
            queue[tail++] = (uint16_t)l->next[c];
        }
    }
    while (head < tail) {
        uint16_t state = queue[head++], back = suffix[state];
        l->above[state] = l->ends[back] != NONE ? back : l->above[back];
        for (unsigned c = 0; c < l->classes; c++) {
            uint32_t *to = &l->next[(size_t)state * l->classes + c];
            uint32_t other = l->next[(size_t)back * l->classes + c];
            if (*to) {
                suffix[*to] = (uint16_t)other;
                queue[tail++] = (uint16_t)*to;
            } else {
                *to = other;
            }
        }
    }
}

/* The knowledge files hold some 5000 bytes of literals; 65534 states are the table's limit. */
void dx_literals_ready(struct dx_literals *l)
{
    size_t most = make_classes(l);
    while (most >= NONE && l->count) {
        most -= l->list[--l->count].n;
    }
    l->next = dx_calloc(l->arena, most * l->classes, sizeof *l->next);
    l->ends = dx_calloc(l->arena, most, sizeof *l->ends);
    l->above = dx_calloc(l->arena, most, sizeof *l->above);
    memset(l->ends, 0xff, most * sizeof *l->ends);
    l->states = 1;
    for (size_t i = 0; i < l->count; i++) {
        insert(l, (uint16_t)i);
    }
    link_states(l, most);
    for (size_t i = 0; i < (size_t)l->states * l->classes; i++) {
        uint32_t to = l->next[i];
        bool ends = l->ends[to] != NONE || l->above[to];
        l->next[i] = to * l->classes | (ends ? ENDS : 0);
    }
}

static void literal_take(const struct dx_literals *l, uint16_t state, uint64_t *hit)
{
    for (; state; state = l->above[state]) {
        for (uint16_t i = l->ends[state]; i != NONE; i = l->list[i].next) {
            hit[l->list[i].row / 64] |= UINT64_C(1) << l->list[i].row % 64;
        }
    }
}

bool dx_literals_scan(const struct dx_literals *l, struct dx_str text, uint64_t *hit)
{
    bool found = false;
    const uint32_t *next = l->next;
    const unsigned char *class_of = l->class_of;
    uint32_t at = 0;
    for (size_t i = 0; i < text.n; i++) {
        at = next[(at & ~ENDS) + class_of[(unsigned char)text.p[i]]];
        if (at & ENDS) {
            if (!found) {
                memset(hit, 0, (l->rows + 63) / 64 * sizeof *hit);
            }
            found = true;
            literal_take(l, (uint16_t)((at & ~ENDS) / l->classes), hit);
        }
    }
    return found;
}
