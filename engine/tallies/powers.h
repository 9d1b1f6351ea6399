/* Sums of powers of one block of a column about a centre, and its extremes.
 * Layer 1. */
#ifndef TSR_ENGINE_POWERS_H
#define TSR_ENGINE_POWERS_H

#include "engine/tallies/central.h"

#include <stdint.h>

typedef struct {
    double first[TSR_ORDER_MAX];   /* sums of w d^k for k = 1 .. max(order, 2), d = x - centre; only with weights */
    double second[TSR_POWERS_MAX]; /* sums of w^2 d^k for k = 1 .. 2 order; without weights w is 1 */
    double least;                  /* INFINITY, -INFINITY: nothing but NaN, or no item of positive weight */
    double greatest;
} tsr_powers;

/* Neither allocates nor fails; both are thread-safe. value, weight: [items]. Weights are finite and not negative; an
 * item of weight 0 counts as not there, whatever its value. order: 1 .. TSR_ORDER_MAX. */
void tsr_powers_fold(int order, const double *value, int64_t items, double centre, tsr_powers *out);
void tsr_powers_fold_weighted(int order, const double *value, const double *weight, int64_t items, double centre,
                              tsr_powers *out);

#endif
