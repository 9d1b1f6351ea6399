/* Batches: exact counts, sums and sums of products of a few columns, apart for each of 32 groups of items. Item i
 * belongs to batch i mod 32, which is the lane it has in loops anyway. The sum over the batches is that of all items;
 * without one batch it is a subtraction of integers.
 * Layer 2. Hides the layout of the state and of a tile on its way. What to make of it: engine/tallies/group.h. */
#ifndef TSR_ENGINE_BATCHES_H
#define TSR_ENGINE_BATCHES_H

#include "engine/exact.h"

#include <stddef.h>
#include <stdint.h>

enum { TSR_BATCHES = 32, TSR_BATCH_COLUMNS_MAX = 16 };

/* Sums a batch keeps: of each column, then of the products of columns a <= b. */
static inline int tsr_batch_sums(int columns) { return columns + columns * (columns + 1) / 2; }

/* Place of the product of a <= b among them. */
static inline int tsr_batch_product(int columns, int a, int b) {
    return columns + a * columns - a * (a - 1) / 2 + b - a;
}

/* Words of one batch, its number of items first, then its sums; batch b begins at b times as many. */
static inline int64_t tsr_batch_words(int columns) { return 1 + (int64_t)tsr_batch_sums(columns) * TSR_EXACT_WORDS; }

/* Words of all batches in a tally's state. Zeroed memory: no items. */
static inline int64_t tsr_batches_words(int columns) { return TSR_BATCHES * tsr_batch_words(columns); }

/* ---- one tile: begin, blocks in ascending order, end. None allocates or fails; thread-safe on different memory. */

/* Of scratch, 64-byte aligned: 3.4 kB for one column, 213 kB for 16. */
size_t tsr_batches_scratch_bytes(int columns);

void tsr_batches_begin(int columns, void *scratch);

/* Items item .. item + items - 1, at most TSR_BLOCK_ITEMS_MAX; column[c]: [items]. */
void tsr_batches_add(int columns, const double *const *column, int64_t item, int64_t items, void *scratch);

/* Adds the tile to the words of all batches, exactly. */
void tsr_batches_end(int columns, const void *scratch, int64_t *words);

/* Brings all words to canonical form. */
void tsr_batches_settle(int columns, int64_t *words);

#endif
