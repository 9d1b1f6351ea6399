/* Least squares from exact sums of products: the normal equations are solved in integers and each result is rounded
 * once, so that how ill they are conditioned does not matter.
 * Layer 2. */
#ifndef TSR_KERNELS_LEAST_SQUARES_H
#define TSR_KERNELS_LEAST_SQUARES_H

#include "engine/exact.h"
#include "engine/status.h"

#include <stdbool.h>
#include <stdint.h>

enum { TSR_TERMS_MAX = 33 };

/* What is known of the items. Column `terms` is the one to be explained; with an intercept, term 0 is the constant 1.
 * sum: of w a b, the pairs a <= b row by row, [(terms + 1) (terms + 2) / 2]. */
typedef struct {
    int terms; /* 1 .. TSR_TERMS_MAX */
    bool intercept;
    int64_t items; /* of positive weight */
    const tsr_exact *sum;
} tsr_least_squares_sums;

/* Every number is the double nearest to the exact solution for these sums, and roots are rounded once more. NaN where
 * something is undefined, or a sum is not finite. */
typedef struct {
    int used;                          /* terms that are no linear function of those before them */
    double coefficient[TSR_TERMS_MAX]; /* NaN: not used */
    double error[TSR_TERMS_MAX];
    int64_t freedom;      /* items - used */
    double square;        /* residual sum of squares */
    double residual_sd;   /* square root of square / freedom */
    double determination; /* R^2: about the mean with an intercept, about 0 without */
    double ratio;         /* F: the mean square that is explained over the one that is not */
} tsr_least_squares;

/* The place of a pair a <= b among the sums of so many columns. */
static inline int tsr_least_squares_pair(int columns, int a, int b) { return a * columns - a * (a - 1) / 2 + b - a; }

/* Thread-safe; allocates. Fraction-free elimination: E. H. Bareiss, Mathematics of Computation 22 (1968) 565.
 * TSR_ERUNTIME: no memory. */
tsr_status tsr_least_squares_solve(const tsr_least_squares_sums *sums, tsr_least_squares *out);

#endif
