/* Central moments from exact sums of powers: solved in integers, rounded once, so that nothing cancels.
 * Layer 1. Formulas and bounds: docs/numerics.md. */
#ifndef TSR_ENGINE_CENTRAL_H
#define TSR_ENGINE_CENTRAL_H

#include "engine/exact.h"
#include "engine/tallies/lanes.h"

#include <gmp.h>
#include <stdbool.h>
#include <stdint.h>

enum { TSR_POWERS_MAX = 4 };

/* Variances below are not told, unless they are exactly 0: squares of such differences have lost digits. */
#define TSR_VARIANCE_MIN 0x1p-1000

/* What the items of one tile are known by: how many, and the sums of (x - centre)^k for k = 1 .. TSR_POWERS_MAX. */
typedef struct {
    double centre; /* finite */
    int64_t items; /* below 2^53 */
    tsr_pair sum[TSR_POWERS_MAX];
} tsr_central_tile;

/* Statistics of one column; NaN where undefined, not finite, or beyond the range of a double. */
typedef struct {
    double mean;
    double mean_error;
    double variance; /* of the sample: divided by items - 1 */
    double variance_error;
    double sd;
    double sd_error;
    double skewness; /* g1 */
    double kurtosis; /* g2, excess */
} tsr_central;

/* Adds a tile's sums of x^1 .. x^order to power [order], exactly. Thread-safe on different sums; allocates nothing. */
void tsr_central_add(const tsr_central_tile *tile, int order, tsr_exact *power);

/* items^2 times the central cross moment of columns a and b in units of 2^(-2 TSR_EXACT_BIAS), from the sums of a b,
 * of a and of b, which must be finite. out: initialised by the caller. Thread-safe; allocates GMP temporaries. */
void tsr_central_cross(int64_t items, const tsr_exact *product, const tsr_exact *a, const tsr_exact *b, mpz_t out);

/* The sample covariance of such a cross moment, correctly rounded. items > 1. Thread-safe; allocates likewise. */
double tsr_central_covariance(int64_t items, const mpz_t cross);

/* From power [order], sums of x^1 .. x^order, order 2 .. TSR_POWERS_MAX. constant: all values are known to be equal.
 * Thread-safe; allocates likewise. */
void tsr_central_solve(int64_t items, const tsr_exact *power, int order, bool constant, tsr_central *out);

#endif
