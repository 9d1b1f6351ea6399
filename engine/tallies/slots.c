#include "engine/tallies/slots.h"

#include "engine/exact.h"

#include <math.h>
#include <string.h>

enum {
    PAGE_BITS = 11, /* counts */
    PAGE_MASK = TSR_SLOTS_PAGE_WORDS - 1,
    SLOT_WORDS = 1 + 2 * TSR_EXACT_WORDS, /* weights: items, sum, sum of squares */
    PAGE_SLOTS = TSR_SLOTS_PAGE_WORDS / SLOT_WORDS,
    WORD_BITS = 64,
    ALIGNMENT = 64
};

_Static_assert(1 << PAGE_BITS == TSR_SLOTS_PAGE_WORDS, "counts are found by shifting");

/* What a tile has found in a slot. */
typedef struct {
    int64_t items;
    double weight;
    double square;
} heap;

struct tsr_slots_fill {
    tsr_slots slots;
    tsr_state *state;
    int64_t first;
    int64_t **page;    /* counts: [pages], those met so far */
    heap *found;       /* weights: [count], set where touched */
    uint64_t *touched; /* weights: a bit for each slot, since few are met in a small tile */
};

static size_t touched_words(const tsr_slots *slots) { return ((size_t)slots->count + WORD_BITS - 1) / WORD_BITS; }

int64_t tsr_slots_pages(const tsr_slots *slots) {
    const int64_t held = slots->weighted ? PAGE_SLOTS : TSR_SLOTS_PAGE_WORDS;
    return (slots->count + held - 1) / held;
}

int64_t tsr_slots_page_words(const tsr_slots *slots) {
    const int64_t words = slots->count * (slots->weighted ? SLOT_WORDS : 1);
    return words < TSR_SLOTS_PAGE_WORDS ? words : TSR_SLOTS_PAGE_WORDS;
}

size_t tsr_slots_scratch_bytes(const tsr_slots *slots) {
    const size_t counting = (size_t)tsr_slots_pages(slots) * sizeof(int64_t *);
    const size_t weighing = (size_t)slots->count * sizeof(heap) + touched_words(slots) * sizeof(uint64_t);
    const size_t bytes = sizeof(tsr_slots_fill) + (slots->weighted ? weighing : counting);
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

void tsr_slots_begin(const tsr_slots *slots, tsr_state *state, int64_t first, tsr_slots_fill *fill) {
    *fill = (tsr_slots_fill){.slots = *slots, .state = state, .first = first};
    if (slots->weighted) {
        fill->found = (heap *)(fill + 1);
        fill->touched = (uint64_t *)(fill->found + slots->count);
        memset(fill->touched, 0, touched_words(slots) * sizeof(*fill->touched));
    } else {
        fill->page = (int64_t **)(fill + 1);
        memset(fill->page, 0, (size_t)tsr_slots_pages(slots) * sizeof(int64_t *));
    }
}

static tsr_status open_page(tsr_slots_fill *fill, int32_t page) {
    fill->page[page] = tsr_state_page(fill->state, fill->first + page);
    TSR_REQUIRE(fill->page[page] != NULL, TSR_ERUNTIME, "no memory for a page of counts");
    return TSR_OK;
}

/* A single page needs no looking for. */
static tsr_status count_few(tsr_slots_fill *fill, const int32_t *slot, int64_t items) {
    if (fill->page[0] == NULL) TSR_TRY(open_page(fill, 0));
    int64_t *words = fill->page[0];
    for (int64_t i = 0; i < items; i++) words[slot[i]]++;
    return TSR_OK;
}

static tsr_status count_many(tsr_slots_fill *fill, const int32_t *slot, int64_t items) {
    for (int64_t i = 0; i < items; i++) {
        const int32_t page = slot[i] >> PAGE_BITS;
        if (fill->page[page] == NULL) TSR_TRY(open_page(fill, page));
        fill->page[page][slot[i] & PAGE_MASK]++;
    }
    return TSR_OK;
}

static void weigh(tsr_slots_fill *fill, const int32_t *slot, const double *weight, int64_t items) {
    for (int64_t i = 0; i < items; i++) {
        heap *found = &fill->found[slot[i]];
        uint64_t *touched = &fill->touched[slot[i] / WORD_BITS];
        const uint64_t bit = UINT64_C(1) << slot[i] % WORD_BITS;
        if ((*touched & bit) == 0) *found = (heap){0};
        *touched |= bit;
        found->items++;
        found->weight += weight[i];
        found->square = fma(weight[i], weight[i], found->square);
    }
}

tsr_status tsr_slots_add(tsr_slots_fill *fill, const int32_t *slot, const double *weight, int64_t items) {
    if (fill->slots.weighted) {
        weigh(fill, slot, weight, items);
        return TSR_OK;
    }
    return fill->slots.count <= TSR_SLOTS_PAGE_WORDS ? count_few(fill, slot, items) : count_many(fill, slot, items);
}

static tsr_status keep(const tsr_slots_fill *fill, int64_t slot) {
    int64_t *words = tsr_state_page(fill->state, fill->first + slot / PAGE_SLOTS);
    TSR_REQUIRE(words != NULL, TSR_ERUNTIME, "no memory for a page of weights");
    words += slot % PAGE_SLOTS * SLOT_WORDS;
    words[0] += fill->found[slot].items;
    tsr_exact_add((tsr_exact *)(words + 1), fill->found[slot].weight);
    tsr_exact_add((tsr_exact *)(words + 1 + TSR_EXACT_WORDS), fill->found[slot].square);
    return TSR_OK;
}

tsr_status tsr_slots_end(tsr_slots_fill *fill) {
    for (size_t w = 0; fill->slots.weighted && w < touched_words(&fill->slots); w++)
        for (uint64_t left = fill->touched[w]; left != 0; left &= left - 1)
            TSR_TRY(keep(fill, (int64_t)w * WORD_BITS + __builtin_ctzll(left)));
    return TSR_OK;
}

void tsr_slots_settle(const tsr_slots *slots, tsr_state *state, int64_t first) {
    for (int64_t s = 0; slots->weighted && s < slots->count; s++) {
        if (tsr_state_find(state, first + s / PAGE_SLOTS) == NULL) continue;
        int64_t *words = tsr_state_page(state, first + s / PAGE_SLOTS) + s % PAGE_SLOTS * SLOT_WORDS;
        tsr_exact_settle((tsr_exact *)(words + 1));
        tsr_exact_settle((tsr_exact *)(words + 1 + TSR_EXACT_WORDS));
    }
}

void tsr_slots_clear(const tsr_slots *slots, tsr_state *state, int64_t first) {
    const size_t bytes = (size_t)tsr_state_layout(state).page_words * sizeof(int64_t);
    for (int64_t page = first; page < first + tsr_slots_pages(slots); page++)
        if (tsr_state_find(state, page) != NULL) memset(tsr_state_page(state, page), 0, bytes);
}

tsr_slot tsr_slots_read(const tsr_slots *slots, const tsr_state *state, int64_t first, int64_t slot) {
    const int64_t held = slots->weighted ? PAGE_SLOTS : TSR_SLOTS_PAGE_WORDS;
    const int64_t *words = tsr_state_find(state, first + slot / held);
    if (words == NULL) return (tsr_slot){0};
    words += slot % held * (slots->weighted ? SLOT_WORDS : 1);
    const double items = (double)words[0];
    if (!slots->weighted) return (tsr_slot){items, items, items};
    return (tsr_slot){items, tsr_exact_round((const tsr_exact *)(words + 1)),
                      tsr_exact_round((const tsr_exact *)(words + 1 + TSR_EXACT_WORDS))};
}
