/* Central moments and their errors from exact sums of powers: solved in integers, rounded once, so that nothing
 * cancels. Layer 1. Formulas and bounds: docs/numerics.md. */
#ifndef TSR_ENGINE_CENTRAL_H
#define TSR_ENGINE_CENTRAL_H

#include "engine/exact.h"
#include "engine/tallies/lanes.h"

#include <gmp.h>
#include <stdbool.h>
#include <stdint.h>

/* The highest moment that is told, and the powers that it takes with its error. */
enum { TSR_ORDER_MAX = 4, TSR_POWERS_MAX = 2 * TSR_ORDER_MAX };

/* Variances below are not told, unless they are exactly 0: squares of such differences have lost digits. */
#define TSR_VARIANCE_MIN 0x1p-1000

/* What the items of one tile are known by: how many they are, or the sum of their weights w, and the sums of
 * (x - centre)^k, or of w (x - centre)^k, for k = 1 .. TSR_POWERS_MAX. */
typedef struct {
    double centre;  /* finite */
    tsr_pair items; /* below 2^53, if they are counted */
    tsr_pair sum[TSR_POWERS_MAX];
} tsr_central_tile;

/* What all items of one column are known by: the exact sums of w x^k and of w^2 x^k. Without weights w is 1, both are
 * the same sums, and `items` takes the place of the sums for k = 0. */
typedef struct {
    int order;               /* 1 .. TSR_ORDER_MAX */
    int64_t items;           /* of positive weight */
    const tsr_exact *weight; /* [2]: sums of w and of w^2; NULL: no weights */
    const tsr_exact *first;  /* [max(order, 2)]: k = 1, 2, ... */
    const tsr_exact *second; /* [2 order]: k = 1, 2, ... */
    double least;            /* value of an item; equal to the greatest: all values are equal */
    double greatest;
} tsr_central_sums;

/* Statistics of one column with their standard errors; NaN where undefined, not finite, or beyond the range of a
 * double. */
typedef struct {
    double mean;
    double mean_error;
    double variance; /* of the sample: divided by items - 1 */
    double variance_error;
    double sd;
    double sd_error;
    double skewness; /* g1 */
    double skewness_error;
    double kurtosis; /* g2, excess */
    double kurtosis_error;
    double dominance[TSR_ORDER_MAX]; /* [k - 1]: which part the item farthest from the mean has in the sum of 2k-th
                                        powers that the error of the k-th moment rests on; NaN with weights */
} tsr_central;

/* Adds a tile's sums of w x^1 .. w x^powers to sum [powers], exactly. Thread-safe on different sums; allocates
 * nothing. */
void tsr_central_add(const tsr_central_tile *tile, int powers, tsr_exact *sum);

/* items^2 times the central cross moment of columns a and b in units of 2^(-2 TSR_EXACT_BIAS), from the sums of a b,
 * of a and of b, which must be finite. out: initialised by the caller. Thread-safe; allocates GMP temporaries. */
void tsr_central_cross(int64_t items, const tsr_exact *product, const tsr_exact *a, const tsr_exact *b, mpz_t out);

/* The sample covariance of such a cross moment, correctly rounded. items > 1. Thread-safe; allocates likewise. */
double tsr_central_covariance(int64_t items, const mpz_t cross);

/* Thread-safe; allocates likewise. */
void tsr_central_solve(const tsr_central_sums *sums, tsr_central *out);

#endif
