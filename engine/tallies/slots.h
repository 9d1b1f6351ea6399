/* Slots: how many items fell into each of many places, and what these items weigh.
 * Layer 2. Pages of the state that no item touches take no memory.
 *
 * A count is a single word. With weights, a slot has its items, and the exact sums of weights and of their squares:
 * within a tile, doubles add up in the order of the items; what a tile found is then added exactly. */
#ifndef TSR_ENGINE_SLOTS_H
#define TSR_ENGINE_SLOTS_H

#include "engine/state.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    TSR_SLOTS_PAGE_WORDS = 2048,   /* of a page of the state, at most */
    TSR_SLOTS_WEIGHTED_MAX = 10000 /* of a tally: each takes more than a kilobyte in each thread */
};

/* A value type. */
typedef struct {
    int64_t count;
    bool weighted;
} tsr_slots;

/* Pages they take, and words of a page: fewer than TSR_SLOTS_PAGE_WORDS where one smaller page holds them all. */
int64_t tsr_slots_pages(const tsr_slots *slots);
int64_t tsr_slots_page_words(const tsr_slots *slots);

/* Where a tile's items are added: the beginning of scratch of so many bytes, a multiple of 64. */
typedef struct tsr_slots_fill tsr_slots_fill;
size_t tsr_slots_scratch_bytes(const tsr_slots *slots);

/* Begins a tile. first: page of the state where the slots begin. The state is borrowed until the tile ends. */
void tsr_slots_begin(const tsr_slots *slots, tsr_state *state, int64_t first, tsr_slots_fill *fill);

/* Adds item i to slot[i]. weight: [items], finite and not negative, or NULL without weights. TSR_ERUNTIME: no memory
 * for a page. */
tsr_status tsr_slots_add(tsr_slots_fill *fill, const int32_t *slot, const double *weight, int64_t items);

/* Ends a tile. TSR_ERUNTIME: no memory for a page. */
tsr_status tsr_slots_end(tsr_slots_fill *fill);

/* Brings them to canonical form; empties them. */
void tsr_slots_settle(const tsr_slots *slots, tsr_state *state, int64_t first);
void tsr_slots_clear(const tsr_slots *slots, tsr_state *state, int64_t first);

/* What was found in a slot, each sum rounded once. Without weights, all three are the count. */
typedef struct {
    double items;
    double weight;
    double square; /* sum of squared weights */
} tsr_slot;

tsr_slot tsr_slots_read(const tsr_slots *slots, const tsr_state *state, int64_t first, int64_t slot);

#endif
