/* From exact sums to rounded results: integers of any size (GMP), one rounding at the end.
 * Layer 0. The only engine file that speaks GMP besides the solvers that include it. */
#ifndef TSR_ENGINE_RATIONAL_H
#define TSR_ENGINE_RATIONAL_H

#include "engine/exact.h"

#include <gmp.h>

/* The accumulator as an integer in units of 2^-TSR_EXACT_BIAS. out: initialised by the caller.
 * Only the finite part; the caller asks tsr_exact_is_finite first. */
void tsr_exact_to_integer(const tsr_exact *sum, mpz_t out);

/* The double nearest to numerator / denominator * 2^exponent, ties to even, also where subnormal or infinite.
 * denominator > 0. Thread-safe; allocates and frees GMP temporaries. */
double tsr_ratio_round(const mpz_t numerator, const mpz_t denominator, long exponent);

#endif
