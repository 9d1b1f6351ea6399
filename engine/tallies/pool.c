#include "engine/tallies/pool.h"

#include <math.h>

tsr_pool_plan tsr_pool_plan_make(int order, bool weighted) {
    const int first = order < 2 ? 2 : order;
    return (tsr_pool_plan){.order = order, .first = weighted ? first : 0, .second = 2 * order};
}

void tsr_pool_begin(const tsr_pool_block *block, tsr_pool *out) {
    const double centre = block->weight == NULL ? tsr_lanes_centre(block->value, block->items)
                                                : tsr_weight_centre(block->value, block->weight, block->items);
    out->second = (tsr_central_tile){.centre = centre};
    if (block->weight != NULL) out->first = out->second;
}

/* The first sum with the block's; false where their differences have no finite sum. */
static bool has_sum(const tsr_central_tile *into, double first, tsr_pair *out) {
    *out = into->sum[0];
    tsr_pair_add(out, first);
    return isfinite(out->high) && isfinite(out->low);
}

static void add_sums(const double *sum, int powers, tsr_pair first, tsr_central_tile *into) {
    into->sum[0] = first;
    for (int k = 2; k <= powers; k++) tsr_pair_add(&into->sum[k - 1], sum[k - 1]);
}

/* A block whose differences have no finite sum holds a NaN, an infinity, or values near the largest double: its own sum
 * stays exact, higher powers are out of range. */
static void add_each(const tsr_pool_plan *plan, const tsr_pool_block *block, tsr_exact *sum) {
    for (int64_t i = 0; i < block->items; i++) {
        const double factor[] = {block->value[i], block->weight == NULL ? 1 : block->weight[i]};
        if (factor[1] > 0) tsr_exact_add_product(sum, factor, 2);
    }
    for (int k = 1; k < plan->first + plan->second; k++) tsr_exact_add(&sum[k], NAN);
}

static void add_weighted(const tsr_pool_plan *plan, const tsr_pool_block *block, tsr_pool *pool, tsr_exact *sum,
                         tsr_powers *out) {
    tsr_pair first, second;
    tsr_powers_fold_weighted(plan->order, block->value, block->weight, block->items, pool->first.centre, out);
    if (has_sum(&pool->first, out->first[0], &first) && has_sum(&pool->second, out->second[0], &second)) {
        tsr_pair_add(&pool->first.items, block->weights->sum);
        tsr_pair_add(&pool->second.items, block->weights->square);
        add_sums(out->first, plan->first, first, &pool->first);
        add_sums(out->second, plan->second, second, &pool->second);
    } else {
        add_each(plan, block, sum);
    }
}

void tsr_pool_add(const tsr_pool_plan *plan, const tsr_pool_block *block, tsr_pool *pool, tsr_exact *sum,
                  tsr_powers *out) {
    if (block->weight != NULL) {
        add_weighted(plan, block, pool, sum, out);
        return;
    }
    tsr_pair first;
    tsr_powers_fold(plan->order, block->value, block->items, pool->second.centre, out);
    if (has_sum(&pool->second, out->second[0], &first)) {
        pool->second.items.high += (double)block->items;
        add_sums(out->second, plan->second, first, &pool->second);
    } else {
        add_each(plan, block, sum);
    }
}

void tsr_pool_end(const tsr_pool_plan *plan, const tsr_pool *pool, tsr_exact *sum) {
    if (plan->first > 0) tsr_central_add(&pool->first, plan->first, sum);
    tsr_central_add(&pool->second, plan->second, sum + plan->first);
}
