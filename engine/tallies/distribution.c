#include "engine/tallies/distribution.h"

#include <math.h>
#include <stddef.h>

enum { BUCKETS = TSR_SKETCH_PAGES * TSR_SKETCH_CELLS, SQUARE_CLASSES = 2 * TSR_WEIGHT_CLASSES };

static const double WEIGHT_LIMIT = 0x1p40;

_Static_assert((int)TSR_MASS_CELLS == (int)TSR_SKETCH_CELLS, "masses and counts share the numbers of their cells");

static tsr_masses weights_at(int64_t first) {
    return (tsr_masses){.first = first + TSR_SKETCH_PAGES,
                        .stride = TSR_SKETCH_PAGES,
                        .classes = TSR_WEIGHT_CLASSES,
                        .lowest = TSR_WEIGHT_LOWEST};
}

static tsr_masses squares_at(int64_t first) {
    return (tsr_masses){.first = first + (1 + TSR_WEIGHT_CLASSES) * (int64_t)TSR_SKETCH_PAGES,
                        .stride = TSR_SKETCH_PAGES,
                        .classes = SQUARE_CLASSES,
                        .lowest = 2 * TSR_WEIGHT_LOWEST};
}

int64_t tsr_distribution_pages(bool weighted) {
    return (weighted ? 1 + TSR_WEIGHT_CLASSES + SQUARE_CLASSES : 1) * (int64_t)TSR_SKETCH_PAGES;
}

tsr_status tsr_distribution_weigh(tsr_state *state, int64_t first, const tsr_block *block, const double *values,
                                  const double *weights) {
    const tsr_masses sums = weights_at(first), squares = squares_at(first);
    uint64_t keys[TSR_BLOCK_ITEMS_MAX];
    tsr_keys_from_doubles(values, block->items, keys);
    for (int64_t i = 0; i < block->items; i++) {
        if (weights[i] >= WEIGHT_LIMIT)
            return TSR_FAIL(TSR_ENUMERIC,
                            "item %lld has the weight %g; quantiles take weights below 1e12, divide all "
                            "weights by a constant",
                            (long long)tsr_block_item(block, i), weights[i]);
        if (keys[i] == 0) continue;
        const int64_t bucket = (int64_t)(keys[i] >> (64 - TSR_SKETCH_KEY_BITS));
        TSR_TRY(tsr_masses_add(&sums, state, bucket, weights[i]));
        TSR_TRY(tsr_masses_add(&squares, state, bucket, weights[i] * weights[i]));
    }
    return TSR_OK;
}

void tsr_distribution_settle(tsr_state *state, int64_t first) {
    const tsr_masses sums = weights_at(first), squares = squares_at(first);
    tsr_masses_settle(&sums, state, BUCKETS);
    tsr_masses_settle(&squares, state, BUCKETS);
}

static bool has_page(const tsr_distribution *distribution, int64_t page) {
    return tsr_state_find(distribution->sketch.state, distribution->sketch.first + page) != NULL;
}

/* The amounts of one bucket; NaNs, in the first one, have none. */
static tsr_reach amounts_of(const tsr_distribution *distribution, int64_t index) {
    const tsr_sketch *sketch = &distribution->sketch;
    const tsr_masses sums = weights_at(sketch->first), squares = squares_at(sketch->first);
    return (tsr_reach){.amount = tsr_masses_get(&sums, sketch->state, index),
                       .squares = tsr_masses_get(&squares, sketch->state, index)};
}

/* Sums run bucket by bucket, here as in reach, so that both have the same bits. */
static void read_amounts(tsr_distribution *out) {
    const tsr_masses sum_masses = weights_at(out->sketch.first), square_masses = squares_at(out->sketch.first);
    double before = 0.0, squares_before = 0.0;
    double sums[TSR_MASS_CELLS], squares[TSR_MASS_CELLS];
    for (int64_t page = 0; page < TSR_SKETCH_PAGES; page++) {
        out->before[page] = before;
        out->squares_before[page] = squares_before;
        if (!has_page(out, page)) continue;
        tsr_masses_get_page(&sum_masses, out->sketch.state, page * TSR_MASS_CELLS, sums);
        tsr_masses_get_page(&square_masses, out->sketch.state, page * TSR_MASS_CELLS, squares);
        for (int i = 0; i < TSR_MASS_CELLS; i++) {
            before += sums[i];
            squares_before += squares[i];
        }
    }
    out->before[TSR_SKETCH_PAGES] = out->total = before;
    out->squares_before[TSR_SKETCH_PAGES] = out->squares = squares_before;
}

void tsr_distribution_read(const tsr_state *state, int64_t first, bool weighted, tsr_distribution *out) {
    tsr_sketch_read(state, first, &out->sketch);
    out->weighted = weighted;
    out->total = out->squares = (double)out->sketch.numbers;
    if (weighted) read_amounts(out);
}

static tsr_reach reach_rank(const tsr_sketch *sketch, int64_t rank) {
    const tsr_bucket bucket = tsr_sketch_find(sketch, rank);
    const double before = (double)bucket.below, amount = (double)bucket.cell.count;
    return (tsr_reach){bucket, before, amount, before, amount};
}

tsr_reach tsr_distribution_reach(const tsr_distribution *distribution, double place) {
    if (!distribution->weighted) return reach_rank(&distribution->sketch, (int64_t)place);
    int64_t low = 0, high = TSR_SKETCH_PAGES; /* before[low] < place <= before[high] */
    while (high - low > 1) {
        const int64_t middle = low + (high - low) / 2;
        if (distribution->before[middle] < place)
            low = middle;
        else
            high = middle;
    }
    double before = distribution->before[low], squares = distribution->squares_before[low];
    int64_t index = low * TSR_SKETCH_CELLS;
    tsr_reach reached = amounts_of(distribution, index);
    while (before + reached.amount < place) {
        before += reached.amount;
        squares += reached.squares;
        reached = amounts_of(distribution, ++index);
    }
    reached.bucket = tsr_sketch_bucket(&distribution->sketch, index);
    reached.before = before;
    reached.squares_before = squares;
    return reached;
}

bool tsr_distribution_next(const tsr_distribution *distribution, tsr_reach *reached) {
    for (int64_t index = reached->bucket.index + 1; index < BUCKETS; index++) {
        if (!has_page(distribution, index / TSR_SKETCH_CELLS)) {
            index += TSR_SKETCH_CELLS - 1 - index % TSR_SKETCH_CELLS;
            continue;
        }
        *reached = amounts_of(distribution, index);
        reached->bucket = tsr_sketch_bucket(&distribution->sketch, index);
        if (reached->amount > 0.0) return true;
    }
    return false;
}

double tsr_distribution_error(const tsr_distribution *distribution, double place) {
    const double p = place / distribution->total;
    const tsr_reach at = tsr_distribution_reach(distribution, place);
    const double below = at.squares_before + at.squares * fmin(1.0, (place - at.before) / at.amount);
    const double above = fmax(0.0, distribution->squares - below);
    return sqrt((1.0 - p) * (1.0 - p) * below + p * p * above) / distribution->total;
}
