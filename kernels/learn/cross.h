/* Sums of products of columns, exactly.
 * Layer 1. */
#ifndef TSR_KERNELS_CROSS_H
#define TSR_KERNELS_CROSS_H

#include "engine/exact.h"

#include <stdint.h>

/* Adds the sum of weight a b over items, exactly; weight, a or b NULL: 1. Items of weight 0 are not there. [items].
 * Thread-safe on different sums, allocates nothing. The rounding error of a product is a double (T. J. Dekker,
 * Numerische Mathematik 18 (1971) 224); where that could underflow, all digits are multiplied out. */
void tsr_cross_add(const double *weight, const double *a, const double *b, int64_t items, tsr_exact *sum);

#endif
