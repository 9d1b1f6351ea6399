/* The spread of replicates about the whole, for every value of a list of results, or of their differences from those of
 * another point of a sweep.
 * Layer 2. Method: sectioning (Asmussen and Glynn, Stochastic Simulation (2007), III.5). Not thread-safe. */
#ifndef TSR_ENGINE_SPREAD_H
#define TSR_ENGINE_SPREAD_H

#include "engine/result.h"

typedef struct {
    const tsr_results *total; /* of all items; borrowed */
    const tsr_results *base;  /* taken away from total, results of the same names; NULL: nothing is. Borrowed */
    int results;
    int replicates;    /* that were added */
    int64_t *first;    /* [results + 1]: place of a result's first value; then how many values there are */
    double *deviation; /* roots of sums of squares, one result after the other */
} tsr_spread;

/* Allocates. TSR_ERUNTIME: no memory. */
tsr_status tsr_spread_create(const tsr_results *total, const tsr_results *base, tsr_spread *out);
void tsr_spread_clear(tsr_spread *spread);

/* How many items a replicate has, and how many there are. */
typedef struct {
    double items;
    double all;
} tsr_share;

/* Adds the results of a replicate with its share of the items, less those of the same replicate of the base: the square
 * of items / all (value_r - value), or of items (value_r / items - value / all) where values grow with the items. A
 * result that is missing, or has another shape than in the total, leaves nothing known. */
void tsr_spread_add(tsr_spread *spread, const tsr_results *part, const tsr_results *base, tsr_share share);

/* The values that the replicates scatter about: out [length of the result]; NaN where the base has no such cells. */
void tsr_spread_values(const tsr_spread *spread, int result, double *out);

/* The error bars of a result, sqrt(R / (R - 1) x what was added) for R replicates; NaN for R < 2 or when they are not
 * known. Call it once for a result: they take the place of the sums. Borrowed until clear. */
const double *tsr_spread_errors(tsr_spread *spread, int result, bool known);

#endif
