/* Covariance and correlation of two columns with their errors, from exact sums of products of powers: solved in
 * integers, rounded once. Layer 1. Formulas and bounds: docs/numerics.md. */
#ifndef TSR_ENGINE_COUPLE_H
#define TSR_ENGINE_COUPLE_H

#include "engine/exact.h"

#include <stdbool.h>
#include <stdint.h>

/* What all items of two columns are known by: the exact sums of w a^i b^j and w^2 a^i b^j. [0][0] is the sum of w or
 * w^2; NULL: there are no weights, all sums are the same, and `items` takes its place. */
typedef struct {
    int64_t items;                 /* of positive weight */
    bool errors;                   /* are wanted */
    const tsr_exact *first[3][3];  /* i + j <= 2 */
    const tsr_exact *second[5][5]; /* i + j <= 4; without errors only [0][0] */
} tsr_couple_sums;

/* NaN where undefined, not finite, or beyond the range of a double, and errors where they are not wanted. */
typedef struct {
    double covariance; /* of the sample: divided by items - 1 */
    double covariance_error;
    double correlation;
    double correlation_error;
} tsr_couple;

/* Thread-safe; allocates GMP temporaries. */
void tsr_couple_solve(const tsr_couple_sums *sums, tsr_couple *out);

#endif
