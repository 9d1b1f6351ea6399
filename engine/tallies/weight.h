/* The weights of a tally's items, and what is told of all of them: how many items count.
 * Layer 2. */
#ifndef TSR_ENGINE_WEIGHT_H
#define TSR_ENGINE_WEIGHT_H

#include "engine/exact.h"
#include "engine/tallies/columns.h"
#include "engine/tallies/lanes.h"

#include <stdint.h>

/* Of a block. */
typedef struct {
    double sum;
    double square;    /* sum of squares */
    int64_t positive; /* how many are above 0 */
} tsr_weights;

/* Of a tile on its way. Zeroed memory has none. */
typedef struct {
    tsr_pair sum;
    tsr_pair square;
    int64_t positive;
} tsr_weight_tile;

/* Words of a state: the number of positive weights, then the exact sums of them and of their squares. */
enum { TSR_WEIGHT_WORDS = 1 + 2 * TSR_EXACT_WORDS };

/* Adds the block's column of weights to a tile and offers the greatest to the record. Thread-safe, allocates nothing.
 * TSR_ENUMERIC: a weight is NaN, infinite or negative (names column and item). */
tsr_status tsr_weight_add(const tsr_columns *columns, const tsr_block *block, tsr_weight_tile *tile,
                          tsr_record *greatest, tsr_weights *out);

/* As tsr_lanes_centre, of the items of positive weight and near their weighted mean. */
double tsr_weight_centre(const double *value, const double *weight, int64_t items);

/* Adds a tile to the words of a state; brings these to their canonical form. */
void tsr_weight_end(const tsr_weight_tile *tile, int64_t *words);
void tsr_weight_settle(int64_t *words);

/* The exact sums of weights and of their squares, [2]. */
const tsr_exact *tsr_weight_sums(const int64_t *words);

/* Adds the effective number of items, W^2 / V, as result `name`; a warning stands in its long name where few items
 * dominate. words NULL: no items. TSR_ERUNTIME, TSR_EUSAGE as tsr_results_add. */
tsr_status tsr_weight_tell_effective(const char *name, const int64_t *words, const tsr_record *greatest,
                                     tsr_results *results);

/* Adds weight_sum and largest_weight_share with its item. Likewise. */
tsr_status tsr_weight_tell_sums(const int64_t *words, const tsr_record *greatest, tsr_results *results);

#endif
