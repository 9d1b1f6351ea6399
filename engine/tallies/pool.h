/* One column of a tile on its way into exact sums of powers.
 * Layer 2. */
#ifndef TSR_ENGINE_POOL_H
#define TSR_ENGINE_POOL_H

#include "engine/tallies/powers.h"
#include "engine/tallies/weight.h"

#include <stdbool.h>

/* How many exact sums a column has: with weights `first` ones of w x^k, then `second` ones of w^2 x^k (engine/tallies/
 * central.h); without weights only the latter. */
typedef struct {
    int order; /* 1 .. TSR_ORDER_MAX */
    int first;
    int second;
} tsr_pool_plan;

/* Without weights only second is in use. */
typedef struct {
    tsr_central_tile first;
    tsr_central_tile second;
} tsr_pool;

/* A block of a column. weight, weights: NULL without weights. */
typedef struct {
    const double *value;
    const double *weight;
    const tsr_weights *weights;
    int64_t items;
} tsr_pool_block;

/* All functions are thread-safe and allocate nothing. sum: the column's exact sums, [first + second]. */

tsr_pool_plan tsr_pool_plan_make(int order, bool weighted);

/* Chooses the centre, by the first block that has an item of positive weight. */
void tsr_pool_begin(const tsr_pool_block *block, tsr_pool *out);

/* out: what the block holds, for its extremes. */
void tsr_pool_add(const tsr_pool_plan *plan, const tsr_pool_block *block, tsr_pool *pool, tsr_exact *sum,
                  tsr_powers *out);

void tsr_pool_end(const tsr_pool_plan *plan, const tsr_pool *pool, tsr_exact *sum);

#endif
