/* The empirical distribution of a column as a settled sketch tells it, with weights or without.
 * Layer 2. Without weights every item has the amount 1. With weights, masses (mass.h) of the weights and of their
 * squares stand beside the counts of every bucket. */
#ifndef TSR_ENGINE_DISTRIBUTION_H
#define TSR_ENGINE_DISTRIBUTION_H

#include "engine/block.h"
#include "engine/tallies/mass.h"
#include "engine/tallies/sketch.h"

#include <stdbool.h>

/* Weights of 2^40 or more are refused; those below 2^-80 are seen, but not how large they are (mass.h). */
enum { TSR_WEIGHT_CLASSES = 3, TSR_WEIGHT_LOWEST = -80 };

/* Pages that a column needs: the sketch, then the masses. */
int64_t tsr_distribution_pages(bool weighted);

/* Adds the weights of a block's items to a column that tsr_sketch_add has counted. values, weights: [block->items], the
 * latter as tsr_columns_weights gives them. TSR_ENUMERIC: a weight of 2^40 or more; TSR_ERUNTIME: no memory. */
tsr_status tsr_distribution_weigh(tsr_state *state, int64_t first, const tsr_block *block, const double *values,
                                  const double *weights);

/* Brings the masses to their canonical form. */
void tsr_distribution_settle(tsr_state *state, int64_t first);

/* Ready to be asked. Borrows the state. */
typedef struct {
    tsr_sketch sketch;
    bool weighted;
    double total;                        /* amount of all numbers */
    double squares;                      /* of the amounts of all */
    double before[TSR_SKETCH_PAGES + 1]; /* with weights: sums over the pages before */
    double squares_before[TSR_SKETCH_PAGES + 1];
} tsr_distribution;

/* Allocates nothing (the struct is 96 KiB). */
void tsr_distribution_read(const tsr_state *state, int64_t first, bool weighted, tsr_distribution *out);

/* A bucket and what its items amount to. */
typedef struct {
    tsr_bucket bucket;
    double before; /* amount of the buckets before */
    double amount; /* its own, > 0 */
    double squares_before;
    double squares;
} tsr_reach;

/* The first bucket with which the amount reaches a place: 0 < place <= total. Without weights a place is a rank. */
tsr_reach tsr_distribution_reach(const tsr_distribution *distribution, double place);

/* The one after a bucket that has an amount; false: there is none. before and squares_before are not told. */
bool tsr_distribution_next(const tsr_distribution *distribution, tsr_reach *reached);

/* Standard error of the share of the amount that lies up to a place, known up to a factor: sum a^2 (1{up to} - p)^2 /
 * total^2, p = place / total. Without weights sqrt(p (1 - p) / n). */
double tsr_distribution_error(const tsr_distribution *distribution, double place);

#endif
