/* What moments and covariances have in common: how many items a sample has, and errors as roots of mean squares.
 * Layer 1. Formulas: docs/numerics.md. */
#ifndef TSR_ENGINE_SAMPLE_H
#define TSR_ENGINE_SAMPLE_H

#include <gmp.h>
#include <stdbool.h>

/* W = sum of w, V = sum of w^2, D = W^2 - V; the effective number of items is W^2 / V = 1 + D / V. Without weights W
 * and V are the number of items. As integers in units of u, u^2 and u^2 of some u. */
typedef struct {
    mpz_t total;
    mpz_t square;
    mpz_t freedom;
} tsr_sample;

/* All functions are thread-safe and allocate GMP temporaries. */

void tsr_sample_init(const mpz_t total, const mpz_t square, tsr_sample *out);
void tsr_sample_clear(tsr_sample *sample);

/* True if there are more than 1 + 2^-20 effective items, so that they can be seen to differ. */
bool tsr_sample_has_spread(const tsr_sample *sample);

/* True where sums of scale x (x - mean)^power keep their digits; scale: the mean of w or of w^2, 1 without weights.
 * Powers of differences lose digits to underflow where scale x sd^power comes near the smallest double, 2^-1074, and
 * raw sums of powers where it comes near the lowest bit of an accumulator: nothing is told below 2^-1000. */
bool tsr_sample_is_told(int power, double variance, double scale);

/* sqrt(numerator / denominator), NaN beyond the range of a double. A numerator below 0 counts as 0: a sum of fourth
 * powers rounded per block may be a grain less than its lower bound. */
double tsr_sample_root(const mpz_t numerator, const mpz_t denominator);

/* Cross moments of two columns a, b about their means: sums of w and of w^2 times (W a)^i (W b)^j. */
typedef struct {
    mpz_srcptr first_11, first_20, first_02;
    mpz_srcptr second_11, second_22;
} tsr_cross;

/* The standard error of a covariance, or of a variance where a is b. */
double tsr_sample_cross_error(const tsr_sample *sample, const tsr_cross *cross);

#endif
